/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "cgroup/cgroup.h"
#include "cgroup/device_rules.h"
#include "cgroup/intel_rdt.h"
#include "cgroup/limits.h"
#include "cgroup/oom.h"
#include "launch/launch.h"
#include "launch/plan.h"
#include "launch/step.h"
#include "namespace/net_devices.h"
#include "os/channel.h"
#include "os/fd_batch.h"
#include "os/keeper.h"
#include "state/record.h"
#include "state/store.h"

struct checkpoint_request;
struct criu_work;
struct mount_maps;
struct scope;

/* What the host holds of its own during a launch. */
struct host {
    const struct launch_request *request;
    struct arena *arena;
    int arena_fd;
    struct cgroup_plan cgroup_plan;
    struct device_rules_plan device_rules;
    struct limits_plan limits;
    struct net_devices_plan net_devices;
    struct net_devices_sockets net_sockets; /* -1 without devices */
    struct mount_maps *mount_maps; /* one for each mount, if some are idmapped (idmaps.h) */
    struct intel_rdt_plan intel_rdt;
    struct intel_rdt_made intel_rdt_made;
    struct entry entry;
    struct record record;
    struct hook_state hook_state; /* for the hooks of create, once they begin */
    bool owes_poststop;           /* the container was there, or its hooks had begun: LC3 */
    int pid_file;                 /* -1 without one */
    const char *pid_name;         /* its name, while it is written, then its own */
    int cgroup;                   /* its directory, or -1 */
    struct keeper keeper;         /* in whose place init comes into the scope; or -1 */
    int agent;                    /* the connection to the seccomp agent, or -1 */
    int receiver;                 /* the connection to --pidfd-socket, or -1 */
    int console;                  /* to --console-socket, or our end of the pair; or -1 */
    int notify;                   /* on which it says that it is ready, or -1 */
    int terminal;                 /* the container's, when `run` holds it; or -1 */
    struct fd_batch given;        /* what init has, and we need no more */
    bool may_share;               /* our memory with the child, until its exec (birth.c) */
    bool has_lent_oom_score;      /* then our own was: */
    int own_oom_score;
    pid_t pid;
    int pidfd;
    struct criu_work *criu;                      /* of checkpoint and restore (criu.h), or NULL */
    const struct checkpoint_request *checkpoint; /* likewise */
    struct oom oom;                              /* what ran out in a start that failed */
    int status; /* init's wait status, once it was reaped by birth_undo() */
    bool was_reaped;
    bool is_init_left;        /* it does not end: its cgroup and its name stay, for delete */
    volatile bool *has_lived; /* in the arena: set by the first thing that the child does */
    bool has_no_room;         /* its cgroup takes no process (EBUSY) */
    bool is_beside_init;      /* exec: in the cgroup of the container's init */
    bool is_born_outside;     /* put into its cgroup after birth, as where clone3(2) is refused */
    uint32_t init_span_count;
    struct channel_span init_spans[CHANNEL_SPANS];
};

/* Plans every feature, without making anything: fills the plan and the host's own part. */
fallible launch_plan(struct host *host, struct plan *plan);

/* The same for a process that comes into a container which is there (exec). */
fallible exec_plan(struct host *host, struct plan *plan);

/* And for who changes its mounts. */
fallible live_plan(struct host *host, struct plan *plan);

/* What the last two have in common: which container is entered; and who one is in its user
 * namespace, once the user of the plan is known. */
fallible plan_entry(struct host *host, struct plan *plan);
fallible plan_entered_user_ns(struct host *host, struct plan *plan);

/* Rows of both: opens the container's cgroup, to be born in; sees that all of /proc that was opened
 * by its pid was its. */
fallible exec_open_cgroup(struct launch *launch);
void exec_close_cgroup(struct launch *launch);
fallible exec_see_init(struct launch *launch);
fallible exec_hear_end(struct launch *launch);

/* Rows of create and restore: the name of the container is taken, and given back; its cgroup is
 * made, and removed, and gets its device rules; the record says who its process is; nobody comes in
 * before the container is whole, though that has a pid. */
fallible host_claim_name(struct launch *launch);
void host_forget_name(struct launch *launch);
fallible host_make_cgroup(struct launch *launch);
fallible host_filter_devices(struct launch *launch);
fallible host_note_pid(struct launch *launch);
fallible host_keep_out(struct launch *launch);
fallible host_let_in(struct launch *launch);

/* After all that is undone: the poststop hooks, if they are due. */
void host_run_poststop(struct host *host);

/* Rows of those who mount: what the config names is opened, and closed. */
fallible host_open_mount_sources(struct launch *launch);
void host_close_mount_sources(struct launch *launch);

/* Whether the container has ended, or does so within MILLISECONDS, before its new process is there.
 */
bool exec_has_lost(const struct launch_target *target, int milliseconds);

/* What both are made of: the labels; who the process is, once its namespaces are known; what is
 * executed. */
fallible plan_labels(struct host *host, struct plan *plan);
fallible plan_process(struct host *host, struct plan *plan);
fallible plan_execution(struct host *host, struct plan *plan);

/* Gives birth to init: one clone3(2) in all new namespaces and in its cgroup, then the exec of the
 * sealed init program.  Fills pid, pidfd and the launch's channel. */
fallible birth_give(struct launch *launch);

/* Kills init, if it was born, and all that is in its cgroup, and waits for its end; birth_undo()
 * says of one that does not end in time. */
void birth_end(const struct host *host);

/* Kills and reaps init, if it was born; one that does not end in time is left. */
void birth_undo(struct launch *launch);

/* linux.resources: plans the device rules and the limits, which need the cgroup's plan; hands the
 * controllers down to the cgroup; limits what is in it; and lists the writes as JSON, NULL when the
 * arena is full. */
fallible resources_plan(struct host *host, struct plan *plan);
fallible resources_hand_down(struct launch *launch);
fallible resources_limit(struct launch *launch);
fallible resources_delegate(struct launch *launch);
fallible resources_find_owner(const struct launch *launch, uint32_t *owner);
bool resources_are_delegated(const struct host *host, const struct plan *plan);
const char *resources_describe(const struct host *host);

/* linux.cgroupsPath: plans the cgroup, as the command line has it (scope.c); removes it, and what
 * else is in it. */
fallible scope_plan_cgroup(struct host *host, struct plan *plan);
void host_remove_cgroup(struct launch *launch);

/* With the systemd driver: makes the scope, and the cgroup in it; ends it; lets its first process
 * go, when init is there; sets limits as properties. */
fallible scope_begin(struct launch *launch);
void scope_end(struct launch *launch);
fallible scope_let_keeper_go(struct launch *launch);
fallible scope_limit(struct launch *launch);

/* Moves PID to the cgroup of the launch; with the help of systemd where we may not. */
fallible scope_add_process(const struct host *host, pid_t pid);

/* As text, for the dry run; NULL when the arena is full. */
const char *scope_describe(const struct host *host);

/* linux.intelRdt: plans it, with a look at the groups that are there; notes the container's own in
 * the record; makes and removes them; puts the process into them, also that of exec. */
fallible resctrl_plan(struct host *host, struct plan *plan);
void resctrl_note(struct host *host);
fallible resctrl_make(struct launch *launch);
void resctrl_unmake(struct launch *launch);
fallible resctrl_enter(struct launch *launch);

/* run.oci.delegate-cgroup: plans it; makes a cgroup below the container's, puts the process there
 * and gives it to its user.  What exec brings goes where init is. */
fallible delegated_cgroup_plan(struct host *host, struct plan *plan);
void delegated_cgroup_plan_exec(struct host *host);
fallible delegated_cgroup_enter(struct launch *launch);

/* Memory that runs out: notes what a cgroup has counted before it is the container's, and what
 * came to that when a start has failed; the cgroup still has to be there. */
fallible resources_note(struct host *host);
void resources_see_end(struct host *host);

/* The plan is the process's alone from here on: the host goes on with a copy.  What the process was
 * born with is no longer the host's either: host_let_go() closes its descriptors. */
fallible host_copy_plan(struct launch *launch);
fallible host_let_go(struct launch *launch);

/* The loopback of a new network namespace. */
fallible network_bring_up_loopback(struct launch *launch);

/* linux.netDevices: finds them; moves them to the container, or takes them back; closes the sockets
 * that this takes. */
fallible network_find_devices(struct launch *launch);
fallible network_move_devices(struct launch *launch);
void network_take_back(struct launch *launch);
void network_close(struct launch *launch);

/* Where it has to be inherited: the oom score becomes our own for the birth; behind it, and where
 * that fails, it is ours no longer. */
fallible process_lend_oom_score(struct launch *launch);
fallible process_take_back_oom_score(struct launch *launch);
void process_forget_oom_score(struct launch *launch);

/* process.execCPUAffinity.initial: moves the caller, whose child inherits it. */
fallible process_take_initial_cpus(struct launch *launch);

/* What is done to the process from outside: oomScoreAdj, rlimits, scheduler, ioPriority. */
fallible process_set_oom_score(struct launch *launch);
fallible process_raise_rlimits(struct launch *launch);
fallible process_set_scheduler(struct launch *launch);
fallible process_set_io_priority(struct launch *launch);

/* A child that is thrown away joins those namespaces of the process (the host's pidfd) that are the
 * plan's own and of the WANTED kinds (CLONE_NEW*), and becomes its user namespace's root. */
fallible launch_join(const struct launch *launch, uint64_t wanted);

/* linux.sysctl, from outside, by such a child: joins those that have settings.  All that the plan
 * has as its own must be the process's. */
fallible sysctls_write_inside(const struct launch *launch);

/* --pid-file (has_pid_file()): opens a file beside it, before anything is made; closes and
 * removes that; writes the pid and gives it the name that was asked for. */
fallible pid_file_open(struct launch *launch);
void pid_file_close(struct launch *launch);
fallible pid_file_write(struct launch *launch);

/* --pidfd-socket, or an annotation that says the same: NULL without either.  Connects to it before
 * anything is made, and then sends it the process. */
fallible pidfd_socket_find(const struct launch_request *request, const char **path);
fallible pidfd_socket_connect(struct launch *launch);
fallible pidfd_socket_send(struct launch *launch);

/* The seccomp filter's agent: where it listens, also where an annotation or
 * RUN_OCI_SECCOMP_RECEIVER says so (crun(1)), NULL if nothing does; connects to it before anything
 * is made; hangs up; sends it the listener that comes from init.  And the proof, from outside, that
 * init is filtered. */
fallible filter_find_agent(const struct oci_config *config, const char **path);
fallible filter_connect(struct launch *launch);
void filter_disconnect(struct launch *launch);
fallible filter_hand_over(struct launch *launch);
fallible filter_verify(struct launch *launch);

/* process.terminal: opens the socket to which init sends the terminal, an engine's or one of a pair
 * of our own; closes our copy of init's end of a pair; takes the terminal from the pair. */
fallible console_socket_connect(struct launch *launch);
fallible console_socket_pair(struct launch *launch);
void console_socket_close_pair(struct launch *launch);
void console_socket_let_go(struct plan *plan);
fallible console_socket_take(struct launch *launch);
void console_socket_put_back(struct launch *launch);

/* The storyboards that are played: of create, or of exec. */
const struct step *launch_host_steps(const struct host *host);
const struct step *launch_inside_steps(const struct host *host);

/* Opens the file for the timeline, before anything is made; then writes the spans of both actors to
 * it as Chrome trace events. */
fallible trace_open(const char *path, int *fd);
fallible trace_write(int fd, const struct launch *launch);
