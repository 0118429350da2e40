/* SPDX-License-Identifier: Apache-2.0 */
/* Birth: linux.namespaces and linux.cgroupsPath come true in one clone3(2), then the sealed init
 * program takes over.  Between clone and exec the child only makes system calls.
 *
 * What is killed for want of memory takes all with it that share its memory.  The child shares ours
 * until its exec, which saves the time of a copy: so long the kernel does not choose it.  It is a
 * copy where it waits for us, and in a cgroup that may be killed as a whole (memory.oom.group), as
 * one that was there before.  (One of the cgroups above may be as well.)
 *
 * Where namespaces are joined, the child is the bridge (bridge_inside.c), which then bears init.
 *
 * Where the kernel, or a filter, refuses clone3 or CLONE_INTO_CGROUP, or carries it out by halves,
 * a plain clone(2) follows, and we write the pid to cgroup.procs.  For that, and for the maps of a
 * new user namespace, the child waits for one byte.  It comes over the channel, whose other end the
 * child has closed: should we die, it reads end-of-file and exits.
 *
 * A new user namespace belongs to our user: where that is root, others of it could trace the child,
 * which still has the root and the files of the host.  It is hidden from them (os/dumpable.h), and
 * stays so behind its exec, since it cannot read the program (os/sealed_self.h).
 *
 * The child still has our mapping of the arena, and leaves a mark there that it was alive: it costs
 * no system call, and tells one killed by the kernel at birth from one killed later. */

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "launch/bridge.h"
#include "launch/host.h"
#include "launch/inside.h"
#include "launch/reasons.h"
#include "os/clone.h"
#include "os/dumpable.h"
#include "os/fd.h"
#include "os/fd_batch.h"
#include "os/memory.h"
#include "os/namespace_kinds.h"
#include "os/pidfd.h"
#include "os/sealed_self.h"
#include "os/self.h"
#include "os/syscalls.h"

enum { EXIT_ORPHAN = 95, EXIT_NO_INIT = 96, TRIALS = 3, END_MILLISECONDS = 10000 };

struct birth {
    struct launch *launch;
    bool waits;          /* for its release */
    int self;            /* the init program */
    int mine, theirs;    /* the ends of the channel */
    uint64_t namespaces; /* that the child is born in */
    char numbers[INIT_ARGUMENTS][24];
    char *argv[INIT_ARGUMENTS + 1];
};

static void name_numbers(struct birth *birth)
{
    const struct host *host = birth->launch->host;
    const unsigned long long numbers[INIT_ARGUMENTS] = {
        [INIT_ADDRESS] = (unsigned long long) host->arena->base,
        [INIT_SIZE] = host->arena->size,
        [INIT_ARENA] = (unsigned long long) host->arena_fd,
        [INIT_PLAN] = (unsigned long long) birth->launch->plan,
        [INIT_CHANNEL] = (unsigned long long) birth->theirs,
        [INIT_SELF] = (unsigned long long) birth->self,
        [INIT_TRIALS] = TRIALS,
    };

    text_format(birth->numbers[0], sizeof(birth->numbers[0]), "tare-init");
    for (int i = 1; i < INIT_ARGUMENTS; i++)
        text_format(birth->numbers[i], sizeof(birth->numbers[i]), "%llu", numbers[i]);
    for (int i = 0; i < INIT_ARGUMENTS; i++)
        birth->argv[i] = birth->numbers[i];
}

/* What init finds open besides 0 to 2 and the preserved ones, by the numbers in its plan. */
static fallible inherit(const struct birth *birth)
{
    const struct plan *plan = birth->launch->plan;
    const int fds[] = {
        birth->self,
        birth->theirs,
        birth->launch->host->arena_fd,
        plan->rootfs.tree,
        plan->listener,
        plan->masked_paths.null,
        plan->terminal.socket,
        plan->hooks.output.out ? plan->hooks.output.out : -1,
        plan->hooks.output.errors ? plan->hooks.output.errors : -1,
        plan->enter.is_wanted ? plan->enter.init : -1,
        plan->enter.is_wanted ? plan->enter.root : -1,
        plan->enter.is_wanted ? plan->enter.mounts : -1,
    };

    for (size_t i = 0; i < LENGTH(fds); i++)
        if (fds[i] >= 0)
            try(fd_inherit(fds[i]));
    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (plan->mounts.v[i].tree >= 0)
            try(fd_inherit(plan->mounts.v[i].tree));
    for (uint32_t i = 0; i < plan->namespaces.joined_count; i++)
        try(fd_inherit(plan->namespaces.joined[i].fd));
    for (uint32_t i = 0; i < plan->hooks.create_container.n; i++)
        try(fd_inherit(plan->hooks.create_container.v[i].file));
    for (uint32_t i = 0; i < plan->devices.n; i++)
        if (plan->devices.v[i].tree >= 0)
            try(fd_inherit(plan->devices.v[i].tree));
    return OK;
}

static fallible become_init(struct birth *birth)
{
    const struct user_ns_plan *user_ns = &birth->launch->plan->user_ns;
    char *no_environment[] = { NULL };

    try(inherit(birth));
    if (birth->namespaces & CLONE_NEWUSER) {
        if (birth->launch->plan->prefers_inside)
            plan_take_early(birth->launch->plan);
        try(error_field(user_ns_become(user_ns, user_ns->has_no_root), "linux.uidMappings"));
        try(dumpable_hide());
    }
    syscall(SYS_execveat, birth->self, "", birth->argv, no_environment, AT_EMPTY_PATH);
    return error_system("execute the init program");
}

/* The attribute is of the type for every compiler; _Noreturn is not. */
static __attribute__((noreturn)) void live(void *context)
{
    struct birth *birth = context;

    *birth->launch->host->has_lived = true;
    if (birth->waits) {
        close(birth->mine); /* or its end could not be seen */
        if (!channel_await_release(birth->theirs))
            _exit(EXIT_ORPHAN);
    }
    error_forget(channel_send_error(birth->theirs, become_init(birth)));
    _exit(EXIT_NO_INIT);
}

static pid_t clone_into_cgroup(struct birth *birth)
{
    struct host *host = birth->launch->host;
    struct clone_args arguments = {
        .flags = birth->namespaces | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        .pidfd = (uint64_t) &host->pidfd,
        .exit_signal = SIGCHLD,
    };

    if (host->cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t) host->cgroup;
    }
    return clone_bear(&arguments, host->may_share && !birth->waits, live, birth);
}

/* The errors by which a kernel, or a filter in the way, says that it does not know this call. */
static bool is_refused(int number)
{
    return number == ENOSYS || number == EINVAL || number == EPERM || number == EOPNOTSUPP ||
           number == E2BIG;
}

/* The child waits: it gets its maps, then its release. */
static fallible release(struct birth *birth)
{
    const struct host *host = birth->launch->host;

    if (birth->namespaces & CLONE_NEWUSER)
        try(user_ns_map(&birth->launch->plan->user_ns, host->pid, host->arena));
    return channel_release(birth->mine);
}

/* A time namespace has no flag that clone(2) could take: the bridge makes it by unshare(2).  A
 * cgroup namespace has as its root where its maker is: init makes it once it is there; the bridge
 * is in any case. */
static void defer_namespaces(struct birth *birth)
{
    struct plan *plan = birth->launch->plan;

    if (birth->namespaces & CLONE_NEWTIME) {
        plan->has_bridge = true;
        birth->namespaces = 0;
    }
    plan->has_late_cgroup_namespace =
        birth->launch->host->cgroup >= 0 && birth->namespaces & CLONE_NEWCGROUP;
    if (plan->has_late_cgroup_namespace)
        birth->namespaces &= ~(uint64_t) CLONE_NEWCGROUP;
}

static fallible bear_outside(struct birth *birth)
{
    struct host *host = birth->launch->host;

    defer_namespaces(birth);
    birth->waits = true;
    pid_t pid = clone_fork(birth->namespaces, &host->pidfd);
    if (pid < 0)
        return namespace_kinds_refused("clone", CALL_CLONE, birth->namespaces);
    if (pid == 0)
        live(birth);
    host->pid = pid;
    struct error *error = host->cgroup >= 0 ? scope_add_process(host, pid) : OK;
    if (error) {
        /* systemd does not say of what kind it is. */
        host->has_no_room = error->number == EBUSY || (!error->number && host->record.scope);
        return error;
    }
    return release(birth);
}

/* Before Linux 6.3 a child born into a cgroup has its parent's CPUs and nodes of memory, whatever
 * the cgroup's cpuset says (cpuset_fork() of kernel/cgroup/cpuset.c); one that is moved there
 * obeys. */
static bool forgets_cpuset(const struct host *host)
{
    return memory_is_before_6_3() && host->cgroup >= 0 &&
           !faccessat(host->cgroup, "cpuset.cpus.effective", F_OK, 0);
}

static fallible bear_anyhow(struct birth *birth)
{
    struct host *host = birth->launch->host;

    if (host->is_born_outside || forgets_cpuset(host))
        return bear_outside(birth);
    birth->waits = birth->namespaces & CLONE_NEWUSER;
    pid_t pid = clone_into_cgroup(birth);
    if (pid > 0) {
        host->pid = pid;
        return birth->waits ? release(birth) : OK;
    }
    struct error *error = namespace_kinds_refused("clone3", CALL_CLONE, birth->namespaces);
    host->has_no_room = error->number == EBUSY;
    bool may_be_moved = error->number == EACCES && host->record.scope;
    if (!is_refused(error->number) && !may_be_moved)
        return error;
    error_forget(error);
    return bear_outside(birth);
}

static fallible bear(struct birth *birth)
{
    bool was_shown;

    if (!(birth->namespaces & CLONE_NEWUSER))
        return bear_anyhow(birth);
    try(dumpable_hide_child(&was_shown));
    struct error *error = bear_anyhow(birth);
    dumpable_restore(was_shown);
    return error;
}

fallible birth_give(struct launch *launch)
{
    struct birth birth = { .launch = launch };
    auto_close int self = -1, mine = -1, theirs = -1;
    bool *has_lived;

    try_new(has_lived, launch->host->arena, 1);
    launch->host->has_lived = has_lived;
    birth.namespaces = has_bridge(launch->plan) ? 0 : launch->plan->namespaces.created;
    try(sealed_self_open(birth.namespaces & CLONE_NEWUSER && !self_user(), &self));
    try(channel_open(&mine, &theirs));
    birth.self = self, birth.mine = mine, birth.theirs = theirs;
    name_numbers(&birth);

    struct error *error = bear(&birth);

    launch->channel = take_fd(&mine);
    close_fd(&theirs); /* so that a death is heard as end-of-file */
    if (!error && has_bridge(launch->plan))
        error = bridge_await(launch);
    fd_batch_take(&launch->host->given, &self);
    if (error)
        birth_undo(launch);
    return error;
}

/* One that sleeps in the kernel, or whose pid namespace has a zombie that nobody reaps, does not
 * end by SIGKILL either. */
static fallible reap(struct host *host)
{
    struct error *error = pidfd_wait_end(host->pidfd, END_MILLISECONDS);

    host->is_init_left = error;
    return error ? error : pidfd_reap(host->pidfd, &host->status);
}

/* Where it has no pid namespace of its own its children live on. */
void birth_end(const struct host *host)
{
    const struct record *record = &host->record;

    if (host->pidfd < 0)
        return;
    error_forget(pidfd_send(host->pidfd, SIGKILL));
    if (record->cgroup_path)
        error_forget(
            cgroup_kill(record->cgroup_mount, record->cgroup_path, record->cgroup_kept.value));
    error_forget(pidfd_wait_end(host->pidfd, END_MILLISECONDS));
}

void birth_undo(struct launch *launch)
{
    struct host *host = launch->host;

    close_fd(&launch->channel);
    fd_batch_close(&host->given);
    if (host->pidfd < 0)
        return;
    error_forget(pidfd_send(host->pidfd, SIGKILL));
    struct error *error = reap(host);
    host->was_reaped = !error;
    if (host->is_init_left)
        log_warning("process %d: %s; it stays, for delete --force", host->pid, error_line(error));
    error_forget(error);
    close_fd(&host->pidfd);
}
