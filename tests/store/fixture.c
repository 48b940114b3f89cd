#include "fixture.h"

#include "store/open.h"
#include "test.h"

#include <math.h>
#include <stdio.h>

void fixture_open(struct fixture *fixture, const char *path, enum store_claims claims) {
    static const struct data_source source = {.name = "made-up"};
    static const double classes[] = {0, 1};
    static const char *const class_names[] = {"0", "1"};
    struct error err = {0};
    *fixture = (struct fixture){.dataset = {.name = "made-up",
                                            .inputs = 3,
                                            .classes = 2,
                                            .class_values = classes,
                                            .class_names = class_names,
                                            .digest = "0123456789abcdef"}};
    for (size_t i = 0; i < FIXTURE_TRIALS; i++) {
        struct trial *trial = &fixture->trials[i];
        *trial = trial_default();
        trial->dataset = &source;
        trial->seed = i + 1;
        trial_resolve(trial);
        fixture->work[i] =
            (struct work){.trial = trial,
                          .dataset = &fixture->dataset,
                          .id = trial_fingerprint(trial, fixture->dataset.digest,
                                                  dataset_outputs(&fixture->dataset)),
                          .label = ""};
    }
    struct session_info info = {.command = "test", .experiment = "made-up", .text = "text"};
    assert_ok(store_open(path, &info, &fixture->store, &err), err);
    assert_ok(store_trials(fixture->store, fixture->work, FIXTURE_TRIALS, &err), err);
    struct store_members members = {.experiment = "made-up",
                                    .file = "made-up.yaml",
                                    .work = fixture->work,
                                    .count = FIXTURE_TRIALS,
                                    .is_whole_file = true};
    assert_ok(store_add_members(fixture->store, &members, &fixture->arena, &err), err);
    assert_ok(
        store_start(fixture->store, fixture->work, FIXTURE_TRIALS, claims, &fixture->stop, &err),
        err);
    fixture->writer = store_observer(fixture->store);
}

bool fixture_claim(struct fixture *fixture, size_t trial, struct checkpoint *checkpoint) {
    bool granted = true;
    struct checkpoint own = {0};
    fixture->writer.claim(fixture->writer.context, &trial, 1, &granted,
                          checkpoint ? checkpoint : &own, &fixture->arena);
    return granted;
}

void fixture_epochs(struct fixture *fixture, size_t trial, uint64_t epochs) {
    for (uint64_t e = 1; e <= epochs; e++) {
        struct epoch_record record = {.epoch = e, .updates = 10 * e};
        record.val_loss = 1.0 / (double)e;
        record.test_loss = (double)NAN;
        fixture->writer.epoch(fixture->writer.context, trial, &record);
    }
}

void fixture_finish(struct fixture *fixture, size_t trial, enum trial_state state, uint64_t epochs,
                    const char *digest) {
    static const float weights[] = {1, 2, 3};
    static const struct confusion confusion[] = {{0, 0, 4}, {0, 1, 1}, {1, 1, 5}};
    const struct choice loss = choice_default(&monitors, "val_loss");
    struct overfitting overfitting = overfitting_measure(NULL, 0, &loss);
    struct outcome outcome = {.state = state,
                              .epochs_done = epochs,
                              .best_epoch = 1,
                              .best = {weights, 3},
                              .last = {weights, 3},
                              .confusion = confusion,
                              .confusion_count = 3,
                              .error = state == TRIAL_FAILED ? "for a reason" : NULL};
    snprintf(outcome.weights_digest, sizeof outcome.weights_digest, "%s", digest);
    fixture->writer.finish(fixture->writer.context, trial, &outcome, &overfitting);
}

void fixture_close(struct fixture *fixture) {
    struct error err = {0};
    assert_ok(store_close(fixture->store, &err), err);
    arena_close(&fixture->arena);
}

const char *database_answer(const char *path, const char *sql) {
    static char texts[4][256];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    struct database database;
    struct error err = {0};
    assert_ok(database_open(path, NULL, &database, &err), err);
    sqlite3_stmt *row = database_prepare(&database, sql, NULL, 0, &err);
    if (!row)
        fail_msg("%s", err.first->text);
    *text = '\0';
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0))
        snprintf(text, sizeof texts[0], "%s", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    database_close(&database);
    return text;
}
