#include "nn/schedule.h"

#include "nn/math.h"

static double constant_rate(const double *arguments, double base, uint64_t warmup,
                            const struct schedule_time *time,
                            const struct schedule_memory *memory) {
    (void)arguments;
    (void)warmup;
    (void)time;
    (void)memory;
    return base;
}

enum step_argument { STEP_EVERY, STEP_FACTOR };

static double step_rate(const double *arguments, double base, uint64_t warmup,
                        const struct schedule_time *time, const struct schedule_memory *memory) {
    (void)warmup;
    (void)memory;
    return base * math_power(arguments[STEP_FACTOR], time->epoch / (uint64_t)arguments[STEP_EVERY]);
}

static double exponential_rate(const double *arguments, double base, uint64_t warmup,
                               const struct schedule_time *time,
                               const struct schedule_memory *memory) {
    (void)warmup;
    (void)memory;
    return base * math_power(arguments[0], time->epoch);
}

/* How far through the steps after the warm-up: 0 at the first, below 1 at the last. */
static double progress(uint64_t warmup, const struct schedule_time *time) {
    if (time->step <= warmup + 1 || time->steps <= warmup)
        return 0;
    return (double)(time->step - 1 - warmup) / (double)(time->steps - warmup);
}

static double cosine_rate(const double *arguments, double base, uint64_t warmup,
                          const struct schedule_time *time, const struct schedule_memory *memory) {
    (void)memory;
    float sine, cosine; /* of half the angle: (1 + cos x) / 2 = cos(x / 2)^2 has no cancellation */
    math_sincos((float)(progress(warmup, time) / 4), &sine, &cosine);
    return arguments[0] + (base - arguments[0]) * (double)cosine * (double)cosine;
}

static double linear_rate(const double *arguments, double base, uint64_t warmup,
                          const struct schedule_time *time, const struct schedule_memory *memory) {
    (void)memory;
    return base + (arguments[0] - base) * progress(warmup, time);
}

enum plateau_argument { PLATEAU_PATIENCE, PLATEAU_FACTOR, PLATEAU_MIN_DELTA };

static double plateau_rate(const double *arguments, double base, uint64_t warmup,
                           const struct schedule_time *time, const struct schedule_memory *memory) {
    (void)warmup;
    (void)time;
    return base * math_power(arguments[PLATEAU_FACTOR], memory->reductions);
}

static void plateau_observe(const double *arguments, double monitored,
                            struct schedule_memory *memory) {
    if (!memory->epochs++ || monitored < memory->best - arguments[PLATEAU_MIN_DELTA]) {
        memory->best = monitored;
        memory->waited = 0;
    } else if (++memory->waited >= (uint64_t)arguments[PLATEAU_PATIENCE]) {
        memory->reductions++;
        memory->waited = 0;
    }
}

#define WARMUP                                                                                     \
    { "warmup", "steps of linear growth at the start", ARGUMENT_WHOLE, 0, 1e9, 0, 0 }
#define FINAL                                                                                      \
    { "final", "the rate at the end", ARGUMENT_NUMBER, 0, 1e6, 0, 0 }

static const struct schedule rows[] = {
    {{"constant", "the same for all steps", {WARMUP}}, constant_rate, NULL},
    {{"step",
      "times factor after every so many epochs",
      {{"every", "epochs between two reductions", ARGUMENT_WHOLE, 1, 1e6, 10, 0},
       {"factor", "what a reduction multiplies by", ARGUMENT_NUMBER, 0, 1, 0.1, 0},
       WARMUP}},
     step_rate,
     NULL},
    {{"exponential",
      "times rate after each epoch",
      {{"rate", "what an epoch multiplies by", ARGUMENT_NUMBER, 0, 1, 0.95, 0}, WARMUP}},
     exponential_rate,
     NULL},
    {{"cosine", "half a cosine down to final", {FINAL, WARMUP}}, cosine_rate, NULL},
    {{"linear", "a line down to final", {FINAL, WARMUP}}, linear_rate, NULL},
    {{"plateau",
      "times factor when the monitored metric stands still",
      {{"patience", "epochs without improvement", ARGUMENT_WHOLE, 1, 1e6, 5, 0},
       {"factor", "what a reduction multiplies by", ARGUMENT_NUMBER, 0, 1, 0.5, 0},
       {"min_delta", "what counts as an improvement", ARGUMENT_NUMBER, 0, 1e6, 0, 0},
       WARMUP}},
     plateau_rate,
     plateau_observe},
};

const struct registry schedules = REGISTRY("schedule", rows);

static const struct schedule *schedule_of(const struct choice *choice) {
    return (const struct schedule *)(const void *)choice->entry;
}

bool schedule_observes(const struct choice *choice) {
    return schedule_of(choice)->observe != NULL;
}

static uint64_t warmup_of(const struct choice *choice) {
    size_t last = 0;
    while (last + 1 < ARGUMENTS_MAX && choice->entry->arguments[last + 1].name)
        last++;
    return (uint64_t)choice->arguments[last];
}

double schedule_rate(const struct choice *choice, double base, const struct schedule_time *time,
                     const struct schedule_memory *memory) {
    uint64_t warmup = warmup_of(choice);
    double rate = schedule_of(choice)->rate(choice->arguments, base, warmup, time, memory);
    return time->step < warmup ? rate * (double)time->step / (double)warmup : rate;
}

void schedule_observe(const struct choice *choice, double monitored,
                      struct schedule_memory *memory) {
    if (schedule_of(choice)->observe)
        schedule_of(choice)->observe(choice->arguments, monitored, memory);
}
