/* A team: one thread leads, others help it with the pieces of one job after another.
 *
 * A job is a function and a number of pieces, which any member may compute, in any order and at the
 * same time. Each member takes its own share of them first, the same for each job of so many pieces
 * and members: so it finds in its cache what it has worked on before. Helpers come and go while the
 * leader works; without one it computes all pieces itself. Who waits spins, then sleeps. */
#ifndef MLPSWEEP_BASE_TEAM_H
#define MLPSWEEP_BASE_TEAM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Members of a team at most, the leader included. */
enum { TEAM_MAX = 64 };

/** Computes one piece of a job. member is below the team's size, and no two threads that work at
 * the same time have the same: the leader has 0. */
typedef void team_work(void *context, size_t piece, size_t member);

/** A job of so many pieces. */
struct team_job {
    team_work *work;
    void *context;
    size_t pieces;
};

/** The pieces that one member takes first. */
struct team_slot {
    _Alignas(64) atomic_uint_fast64_t turn; /* which jobs, and how many pieces are left */
};

/** Owned by the thread that leads it. Its members are for team.c alone. */
struct team {
    struct team_slot slot[TEAM_MAX];
    _Alignas(64) _Atomic(const struct team_job *) jobs;
    atomic_size_t count, slots;      /* of jobs; of slots that have pieces of them */
    _Atomic(uint32_t) number;        /* of the jobs */
    size_t pieces;                   /* of all of them */
    _Alignas(64) atomic_size_t done; /* pieces that are computed */
    _Alignas(64) atomic_size_t helpers;
    atomic_size_t sleepers;
    atomic_bool is_open;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t size;          /* the largest number of members */
    bool taken[TEAM_MAX]; /* numbers of the members */
};

/** Makes a team that nobody can join yet. */
void team_create(struct team *team);

/** Needs: no thread uses the team. */
void team_destroy(struct team *team);

/** Lets helpers join until the team has `size` members, or TEAM_MAX. */
void team_open(struct team *team, size_t size);

/** Sends the helpers away and waits until they are gone. */
void team_close(struct team *team);

/** Whether a helper could join. It may not be true any more when one tries. */
bool team_has_room(struct team *team);

/** Helps until the team is closed. False: it is closed, or has all its members. */
bool team_help(struct team *team);

/** The members that the team was opened for. 1 for NULL, a thread of its own. */
size_t team_size(const struct team *team);

/** Members at this moment, the leader included. 1 for NULL, a thread of its own. */
size_t team_members(const struct team *team);

/** Computes pieces 0 to `pieces` - 1 of a job and returns when all are done. Called by the leader
 * alone; team NULL: by itself. */
void team_run(struct team *team, size_t pieces, team_work *work, void *context);

/** Several jobs as one: no piece waits for another. Pieces are begun in the order of the jobs, so
 * the smallest should come last. */
void team_run_all(struct team *team, const struct team_job *jobs, size_t count);

#endif
