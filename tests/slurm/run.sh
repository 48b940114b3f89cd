#!/bin/sh
# `mlpsweep slurm` on a real Slurm of three nodes with accounting, started here, on loopback, and stopped at the end:
#
#   run.sh MLPSWEEP
#
# Skipped with status 77 where Slurm's programs are missing or the user is not root.
set -u
mlpsweep=$1
for program in slurmctld slurmd slurmdbd mariadbd munged sbatch; do
    PATH=$PATH:/usr/sbin command -v $program >/dev/null || {
        echo "SKIPPED: no $program (scripts/deps test)"
        exit 77
    }
done
[ "$(id -u)" = 0 ] || {
    echo "SKIPPED: slurmd runs as root"
    exit 77
}
PATH=$PATH:/usr/sbin
D=$(mktemp -d)
work="$D/a folder with 'quotes' and 100%"
failures=0
database= # its process

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

stop_cluster() {
    scancel --user=root 2>/dev/null
    scontrol shutdown 2>/dev/null
    accounting CONT 2>/dev/null
    for pid in "$D"/*.pid; do
        [ -e "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
    done
    [ -z "$database" ] || kill "$database"
    munged --stop --socket="$D/munge.sock" >/dev/null 2>&1
    [ -z "$database" ] || wait "$database"
    sleep 1
    rm -rf "$D"
}
trap stop_cluster EXIT
trap 'exit 1' INT TERM HUP

# The database of the accounting: without grants, in a folder that nobody else can enter; it never waits for the disk.
start_database() {
    mkdir -m 700 "$D/mariadb"
    mariadbd --no-defaults --user=root --skip-grant-tables --skip-networking --datadir="$D/mariadb" \
        --socket="$D/mariadb/socket" --innodb-log-file-size=4M \
        --innodb-buffer-pool-size=32M --innodb-doublewrite=0 --innodb-flush-method=nosync \
        --innodb-flush-log-at-trx-commit=0 --debug-no-sync --sync-frm=0 >"$D/log/mariadbd.log" 2>&1 &
    database=$!
}

start_accounting() {
    cat >"$D/slurmdbd.conf" <<END
AuthInfo=socket=$D/munge.sock
DbdHost=localhost
DbdPort=17018
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=accounting
PidFile=$D/slurmdbd.pid
LogFile=$D/log/slurmdbd.log
END
    chmod 600 "$D/slurmdbd.conf"
    wait_for 20 test -S "$D/mariadb/socket" || return 1
    MYSQL_UNIX_PORT=$D/mariadb/socket slurmdbd && wait_for 20 sacctmgr -n list cluster
}

# accounting SIGNAL: to slurmdbd.
accounting() {
    kill -"$1" "$(cat "$D/slurmdbd.pid")"
}

start_cluster() {
    mkdir -p "$D/state" "$D/log" "$D/spool.n1" "$D/spool.n2" "$D/spool.n3"
    chmod 755 "$D"
    start_database
    head -c 1024 /dev/urandom >"$D/munge.key"
    chmod 600 "$D/munge.key"
    munged --force --key-file="$D/munge.key" --socket="$D/munge.sock" --pid-file="$D/munged.pid" \
        --log-file="$D/log/munged.log" --seed-file="$D/munge.seed" || return 1
    cat >"$D/slurm.conf" <<END
ClusterName=t
SlurmctldHost=localhost
SlurmctldPort=17017
SlurmUser=root
AuthInfo=socket=$D/munge.sock,cred_expire=5
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool.%n
SlurmctldPidFile=$D/slurmctld.pid
SlurmdPidFile=$D/slurmd.%n.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
MailProg=/bin/true
ReturnToService=2
KillWait=5
MinJobAge=10
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=17018
AccountingStoragePass=$D/munge.sock
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=16921 CPUs=2 RealMemory=4000
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=16922 CPUs=2 RealMemory=4000
NodeName=n3 NodeHostname=localhost NodeAddr=127.0.0.1 Port=16923 CPUs=4 RealMemory=4000
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=2
PartitionName=urgent Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=10
PartitionName=aside Nodes=n3 MaxTime=INFINITE State=UP
END
    SLURM_CONF=$D/slurm.conf
    export SLURM_CONF
    start_accounting && slurmctld -f "$SLURM_CONF" && start_node n1 && start_node n2 && start_node n3 &&
        timeout 60 srun -N2 -n2 true
}

start_node() {
    slurmd -N "$1" -f "$SLURM_CONF"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    seconds=$1
    shift
    for _ in $(seq $((seconds * 5))); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.2
    done
    fail "after $seconds s not yet: $*"
    squeue -h -t all -o '%i %j %T %R'
    return 1
}

# plan NAME EPOCHS SEEDS TOPOLOGIES: a cohort for each seed.
plan() {
    cat >"$1.yaml" <<END
name: $1
datasets:
  points: {format: csv, train: points.csv, target: y}
base: {dataset: points, epochs: $2, batch_size: 10}
sweep: {topology: [$4]}
repeats: $3
END
}

# Epochs that take one task about so many seconds of a core, whatever else the machine does meanwhile.
epochs_of() {
    plan speed 500 1 '[40]'
    { "$mlpsweep" run speed.yaml --db speed.db -j 1 --progress none 2>/dev/null; times; } |
        awk -v seconds="$1" 'END { split($1, user, /[ms]/); printf "%d\n", 500 * seconds / (60 * user[1] + user[2]) }'
    rm -f speed.db*
}

digests() {
    sqlite3 "$1" "SELECT trial, state, epochs_done, weights_digest FROM trials ORDER BY trial"
}

# plan_again NAME OTHER: the plan and the results of another one.
plan_again() {
    sed "s/^name: $2/name: $1/" "$2.yaml" >"$1.yaml"
    cp "alone-$2.db" "alone-$1.db"
}

# What one run makes of the plan.
train_alone() {
    "$mlpsweep" run "$1.yaml" --db "alone-$1.db" -j 2 --progress none 2>/dev/null ||
        fail "$1: the run alone"
}

same_as_alone() {
    digests "alone-$1.db" >"$D/expected"
    digests "$1.db" >"$D/actual"
    diff "$D/expected" "$D/actual" >"$D/diff" || {
        fail "$1: another result than that of one run"
        head -5 "$D/diff"
    }
    echo "$1: $(wc -l <"$D/actual") trials as in one run; $(tail -n 1 "$D/actual")"
}

slurm() {
    name=$1
    shift
    MLPSWEEP_DB=$name.db "$mlpsweep" slurm "$name.yaml" "$@"
}

status() {
    MLPSWEEP_DB=$1.db "$mlpsweep" status "$1.yaml"
}

# running NAME COUNT: so many tasks train.
running() {
    [ "$(squeue -h -r -n "$1" -t RUNNING | wc -l)" -ge "$2" ]
}

# tells NAME TEXT: status says so.
tells() {
    status "$1" >"$D/status" && grep -q "$2" "$D/status"
}

# forgotten NAME: squeue knows none of its tasks, or not this one.
forgotten() {
    ! squeue -h -r -t all -n "$1" -o '%K' | grep -q "${2:-[0-9]}"
}

# has_checkpoints NAME: each of its two shards.
has_checkpoints() {
    for i in 1 2; do
        rows=$(sqlite3 "shards/$1-$i-of-2.db" 'SELECT count(*) FROM checkpoint_rows')
        [ "${rows:-0}" -gt 0 ] || return 1
    done
}

# kill_all PATTERN FILE: what has it in this file of /proc, if it belongs to this cluster.
kill_all() {
    for pid in $(grep -l "$D/slurm.conf" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3); do
        grep -q "$1" "/proc/$pid/$2" 2>/dev/null && kill -9 "$pid" 2>/dev/null
    done
}

# has_epochs NAME: its only shard.
has_epochs() {
    rows=$(sqlite3 "shards/$1-1-of-1.db" 'SELECT count(*) FROM epoch_rows')
    [ "${rows:-0}" -gt 0 ]
}

# trainer_of NAME [TASK]: the processes that train its shards, or this one.
trainer_of() {
    for pid in $(grep -l "$D/slurm.conf" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3); do
        grep -q -e --shard "/proc/$pid/cmdline" 2>/dev/null && grep -q "$1.yaml" "/proc/$pid/cmdline" &&
            grep -q -z "^SLURM_ARRAY_TASK_ID=${2:-}" "/proc/$pid/environ" && echo "$pid"
    done
}

# has_signal PID: sent to it while it stands still.
has_signal() {
    grep -q '^ShdPnd:.*[1-9a-f]' "/proc/$1/status"
}

# asked_to_end PID: by a signal that is still to come, or it has ended by one.
asked_to_end() {
    ! kill -0 "$1" || has_signal "$1"
}

array_job() {
    head -n 1 "slurm/$1.jobs" | cut -d ' ' -f 1
}

ended() {
    [ -z "$(squeue -h -n "$1,$1-merge" -t PENDING,RUNNING,COMPLETING)" ]
}

start_cluster || {
    cat "$D"/log/*.log
    echo "FAILED: the cluster does not start"
    exit 1
}
mkdir "$work"
cd "$work" || exit 1
awk 'BEGIN { srand(7); print "a,b,c,y"
             for (i = 0; i < 2000; i++) { x = rand(); y = rand(); z = rand()
                 print x "," y "," z "," (x * y > z * z) } }' >points.csv

echo "-- beside all that follows: a task that fails, one that is cancelled and one that is timed out"
plan failing 3 2 '[30, 20], [40]'
mkdir -p shards/failing-2-of-2.db
slurm failing --array 2 --sbatch-args "--partition=aside" || fail "failing: not submitted"
plan held 1000000 2 '[40]'
slurm held --array 2 --sbatch-args "--partition=aside --time=1 --signal=B:URG@1" || fail "held: not submitted"
wait_for 60 running held 2 && wait_for 60 eval '[ "$(trainer_of held | wc -l)" = 2 ]'
kill -STOP $(trainer_of held)
scancel "$(array_job held)_1"

echo "-- an array of shards, merged, is one run"
plan first 3 2 '[30, 20], [40]'
train_alone first
slurm first --array 3 --wait --sbatch-args "--comment='two words' --cpus-per-task=2" || fail "first: status $?"
same_as_alone first
status first >"$D/status"
grep -q '^slurm: array' "$D/status" || fail "first: status does not tell of the jobs"
grep slurm: "$D/status"
slurm first --array 3 2>&1 | grep -q 'nothing to submit' || fail "first: done, and submitted again"

echo "-- several files are one array, and status tells of it for each of them, merged or not"
plan left 3 2 '[30, 20]'
plan right 3 2 '[40]'
train_alone left
train_alone right
MLPSWEEP_DB=left.db "$mlpsweep" slurm left.yaml right.yaml --array 2 --sbatch-args "--hold" ||
    fail "left and right: status $?"
for file in left right; do
    MLPSWEEP_DB=left.db "$mlpsweep" status $file.yaml >"$D/status" || fail "$file: status $?"
    grep -q '^slurm left+right: array .* 2 PENDING' "$D/status" ||
        fail "$file: status does not tell of the jobs before they are merged"
done
scontrol release "$(array_job left+right)" && wait_for 10 squeue -h -n left+right-merge
scontrol release "$(head -n 1 slurm/left+right.jobs | cut -d ' ' -f 2)"
wait_for 60 ended left+right
for file in left right; do
    MLPSWEEP_DB=left.db "$mlpsweep" status $file.yaml | grep '^slurm left+right: array' ||
        fail "$file: status does not tell of the jobs"
done
"$mlpsweep" merge alone-both.db alone-left.db alone-right.db 2>/dev/null
mv alone-both.db alone-left.db
same_as_alone left

echo "-- a task that fails leaves the others' results merged, and submitting again does what is missing"
plan broken 3 2 '[30, 20], [40]'
train_alone broken
mkdir -p shards/broken-2-of-2.db
slurm broken --array 2 --wait && fail "broken: status 0"
status broken >"$D/status"
grep -q 'task 2 ended with status 1' "$D/status" || fail "broken: status does not tell of the task"
[ "$(digests broken.db | grep -c done)" = 2 ] || fail "broken: the other shard is not merged"
rmdir shards/broken-2-of-2.db
slurm broken --array 2 --wait || fail "broken: status $? when submitted again"
same_as_alone broken

# went_on NAME COUNT: its two tasks have gone on from a checkpoint so often.
went_on() {
    [ "$(cat "slurm/$1-1.log" "slurm/$1-2.log" | grep -c 'on at epoch')" -ge "$2" ]
}

echo "-- squeue has forgotten a task that ended while another runs: accounting knows it"
wait_for 60 forgotten held 1
tells held 'array [0-9]*: 1 RUNNING, 1 CANCELLED; merge [0-9]*: 1 PENDING' || fail "held: $(cat "$D/status")"

# A checkpoint comes every 4 s. Once it is there the training stands still until Slurm sends it a signal: it is then
# not at its end, however fast this machine is and however long Slurm takes.
echo "-- requeued by the administrator, then preempted by what is more urgent: it goes on"
plan again "$(epochs_of 9)" 2 '[40]'
train_alone again
slurm again --array 2 --sbatch-args "--cpus-per-task=2" || fail "again: not submitted"
wait_for 60 running again 2 && wait_for 60 has_checkpoints again
first=$(trainer_of again 1)
second=$(trainer_of again 2)
kill -STOP "$first" "$second"
scontrol requeue "$(array_job again)_1" || fail "again: scontrol requeue"
wait_for 60 asked_to_end "$first"
kill -CONT "$first" 2>/dev/null
wait_for 60 went_on again 1
first=$(trainer_of again 1)
kill -STOP "$first"
sbatch --parsable -p urgent -N 2 --exclusive -J urgent -o /dev/null --wrap 'sleep 1' >/dev/null
wait_for 60 asked_to_end "$first" && wait_for 60 asked_to_end "$second"
kill -CONT "$first" "$second" 2>/dev/null
wait_for 60 went_on again 3
wait_for 180 ended again
echo "$(cat slurm/again-?.log | grep -c 'on at epoch') times gone on"
sacct -n -X --name=urgent -o state%20 | grep -q COMPLETED || fail "again: nothing preempted it"
same_as_alone again

# Slurm looks at time limits every 30 s, so the training stands still until it does.
echo "-- a task that meets its time limit is queued again and goes on"
plan long "$(epochs_of 8)" 1 '[40]'
slurm long --array 1 --sbatch-args "--time=1 --signal=B:USR1@60" || fail "long: not submitted"
wait_for 60 running long 1 && wait_for 60 has_epochs long
trainer=$(trainer_of long)
kill -STOP "$trainer"
train_alone long
wait_for 60 has_signal "$trainer"
kill -CONT "$trainer"
wait_for 120 ended long
echo "$(grep -c 'on at epoch' slurm/long-1.log) times queued again"
grep -q 'on at epoch' slurm/long-1.log || fail "long: nothing went on"
same_as_alone long

echo "-- a node that dies: its task goes on elsewhere"
plan_again node again
slurm node --array 2 --sbatch-args "--cpus-per-task=2" || fail "node: not submitted"
wait_for 60 running node 2 && wait_for 60 has_checkpoints node
victim=$(squeue -h -r -n node -t RUNNING -w n2 -o %A)
kill -9 "$(cat "$D/slurmd.n2.pid")"
kill_all "slurmstepd: .$victim\\." cmdline # which would report the end
kill_all "SLURM_JOB_ID=$victim" environ
scontrol update nodename=n2 state=DOWN reason=test
wait_for 120 ended node
start_node n2
scontrol update nodename=n2 state=RESUME 2>/dev/null
grep -q 'on at epoch' slurm/node-1.log slurm/node-2.log || fail "node: it began anew"
same_as_alone node

echo "-- cancelled and submitted again"
plan_again gone again
slurm gone --array 2 || fail "gone: not submitted"
wait_for 60 running gone 2 && wait_for 60 has_checkpoints gone
scancel "$(array_job gone)"
wait_for 60 ended gone
[ "$(digests gone.db | grep -c done)" -lt 2 ] || fail "gone: it was too fast"
slurm gone --array 2 --wait || fail "gone: status $? when submitted again"
grep -q 'on at epoch' slurm/gone-1.log slurm/gone-2.log || fail "gone: it began anew"
same_as_alone gone

echo "-- what squeue has forgotten, status knows from the accounting"
wait_for 60 ended held
for name in first failing held; do
    wait_for 60 forgotten $name
done
while read -r name states; do
    wait_for 10 tells "$name" "^slurm: array $states\$" || cat "$D/status"
    grep '^slurm: array' "$D/status" | sed "s/^/$name: /"
done <<END
first [0-9]*: 3 COMPLETED; merge [0-9]*: 1 COMPLETED
failing [0-9]*: 1 COMPLETED, 1 FAILED; merge [0-9]*: 1 FAILED
held [0-9]*: 1 CANCELLED, 1 TIMEOUT; merge [0-9]*: 1 FAILED
gone [0-9]*: 2 COMPLETED; merge [0-9]*: 1 COMPLETED
END
sacct -n -X -P --delimiter=' ' -S now-1hour -o 'jobid,jobname,state,exitcode' | sort -V | sed 's/^/job /'

echo "-- accounting that does not answer: no error and no wait where squeue knows all; else squeue's word"
slurm failing --array 2 --sbatch-args "--hold" || fail "failing: not submitted again"
accounting STOP
timeout 5 "$mlpsweep" status failing.yaml --db failing.db >"$D/status" 2>&1 || fail "failing: status $?"
grep -q 'array [0-9]*: 2 PENDING; merge [0-9]*: 1 PENDING$' "$D/status" || fail "failing: $(cat "$D/status")"
timeout 10 "$mlpsweep" status first.yaml --db first.db >"$D/status" 2>&1 || fail "first: status $?"
grep -q 'array [0-9]*: 3 ended; merge [0-9]*: 1 ended$' "$D/status" || fail "first: $(cat "$D/status")"
accounting CONT

echo "-- a controller that does not answer: what accounting knows, and that it does not answer where it knows nothing"
scancel --name=failing,failing-merge
kill "$(cat "$D/slurmctld.pid")"
{ cat "$D/slurm.conf" && echo MessageTimeout=2; } >"$D/impatient.conf"
SLURM_CONF=$D/impatient.conf
tells first 'array [0-9]*: 3 COMPLETED; merge [0-9]*: 1 COMPLETED$' || fail "first: $(cat "$D/status")"
accounting TERM
tells first 'array [0-9]*: 3 unknown; merge [0-9]*: 1 unknown (squeue does not answer)$' || fail "first: $(cat "$D/status")"

echo "$failures failures"
[ "$failures" = 0 ]
