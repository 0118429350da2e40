/* SPDX-License-Identifier: Apache-2.0 */
/* `process` of config.json, and the document of `exec --process`.  uid, gid and ioPriority.priority
 * are optional here: the schema lets them be absent, the prose does not, so the validator asks for
 * them. */
#include "libocispec/process.h"

static const char *const schedpol_names[] = {
    [OCI_SCHEDPOL_OTHER] = "SCHED_OTHER",
    [OCI_SCHEDPOL_FIFO] = "SCHED_FIFO",
    [OCI_SCHEDPOL_RR] = "SCHED_RR",
    [OCI_SCHEDPOL_BATCH] = "SCHED_BATCH",
    [OCI_SCHEDPOL_ISO] = "SCHED_ISO",
    [OCI_SCHEDPOL_IDLE] = "SCHED_IDLE",
    [OCI_SCHEDPOL_DEADLINE] = "SCHED_DEADLINE",
};
const struct oci_enum oci_schedpol_names = OCI_ENUM(schedpol_names);

static const char *const schedflag_names[] = {
    [OCI_SCHEDFLAG_RESET_ON_FORK] = "SCHED_FLAG_RESET_ON_FORK",
    [OCI_SCHEDFLAG_RECLAIM] = "SCHED_FLAG_RECLAIM",
    [OCI_SCHEDFLAG_DL_OVERRUN] = "SCHED_FLAG_DL_OVERRUN",
    [OCI_SCHEDFLAG_KEEP_POLICY] = "SCHED_FLAG_KEEP_POLICY",
    [OCI_SCHEDFLAG_KEEP_PARAMS] = "SCHED_FLAG_KEEP_PARAMS",
    [OCI_SCHEDFLAG_UTIL_CLAMP_MIN] = "SCHED_FLAG_UTIL_CLAMP_MIN",
    [OCI_SCHEDFLAG_UTIL_CLAMP_MAX] = "SCHED_FLAG_UTIL_CLAMP_MAX",
};
const struct oci_enum oci_schedflag_names = OCI_ENUM(schedflag_names);

static const char *const ioclass_names[] = {
    [OCI_IOCLASS_RT] = "IOPRIO_CLASS_RT",
    [OCI_IOCLASS_BE] = "IOPRIO_CLASS_BE",
    [OCI_IOCLASS_IDLE] = "IOPRIO_CLASS_IDLE",
};
const struct oci_enum oci_ioclass_names = OCI_ENUM(ioclass_names);

static const struct oci_field console_size_fields[] = {
    OCI_FIELD(oci_console_size, height, "height", U64, REQ),
    OCI_FIELD(oci_console_size, width, "width", U64, REQ),
};
static const struct oci_schema oci_console_size_schema =
    OCI_SCHEMA(oci_console_size, console_size_fields);

static const struct oci_field user_fields[] = {
    OCI_FIELD(oci_user, uid, "uid", U32, LIN),
    OCI_FIELD(oci_user, gid, "gid", U32, LIN),
    OCI_FIELD(oci_user, umask, "umask", U32, OPT),
    OCI_FIELD(oci_user, additional_gids, "additionalGids", U32S, OPT),
    OCI_FIELD(oci_user, username, "username", STR, OPT),
};
const struct oci_schema oci_user_schema = OCI_SCHEMA(oci_user, user_fields);

static const struct oci_field capabilities_fields[] = {
    OCI_FIELD(oci_capabilities, effective, "effective", STRS, OPT),
    OCI_FIELD(oci_capabilities, bounding, "bounding", STRS, OPT),
    OCI_FIELD(oci_capabilities, inheritable, "inheritable", STRS, OPT),
    OCI_FIELD(oci_capabilities, permitted, "permitted", STRS, OPT),
    OCI_FIELD(oci_capabilities, ambient, "ambient", STRS, OPT),
};
const struct oci_schema oci_capabilities_schema = OCI_SCHEMA(oci_capabilities, capabilities_fields);

static const struct oci_field rlimit_fields[] = {
    OCI_FIELD(oci_rlimit, type, "type", STR, REQ),
    OCI_FIELD(oci_rlimit, soft, "soft", U64, REQ),
    OCI_FIELD(oci_rlimit, hard, "hard", U64, REQ),
};
const struct oci_schema oci_rlimit_schema = OCI_SCHEMA(oci_rlimit, rlimit_fields);

static const struct oci_field scheduler_fields[] = {
    OCI_FIELD_OF(oci_scheduler, policy, "policy", ENUM, oci_schedpol, REQ),
    OCI_FIELD(oci_scheduler, nice, "nice", I32, OPT),
    OCI_FIELD(oci_scheduler, priority, "priority", I32, OPT),
    OCI_FIELD_OF(oci_scheduler, flags, "flags", ENUMS, oci_schedflag, OPT),
    OCI_FIELD(oci_scheduler, runtime, "runtime", U64, OPT),
    OCI_FIELD(oci_scheduler, deadline, "deadline", U64, OPT),
    OCI_FIELD(oci_scheduler, period, "period", U64, OPT),
};
static const struct oci_schema oci_scheduler_schema = OCI_SCHEMA(oci_scheduler, scheduler_fields);

static const struct oci_field io_priority_fields[] = {
    OCI_FIELD_OF(oci_io_priority, class_, "class", ENUM, oci_ioclass, REQ),
    OCI_FIELD(oci_io_priority, priority, "priority", I32, LIN),
};
static const struct oci_schema oci_io_priority_schema =
    OCI_SCHEMA(oci_io_priority, io_priority_fields);

static const struct oci_field cpu_affinity_fields[] = {
    OCI_FIELD(oci_cpu_affinity, initial, "initial", STR, OPT),
    OCI_FIELD(oci_cpu_affinity, final_, "final", STR, OPT),
};
static const struct oci_schema oci_cpu_affinity_schema =
    OCI_SCHEMA(oci_cpu_affinity, cpu_affinity_fields);

static const struct oci_field process_fields[] = {
    OCI_FIELD(oci_process, terminal, "terminal", BOOL, OPT),
    OCI_FIELD_OF(oci_process, console_size, "consoleSize", OBJ, oci_console_size, OPT),
    OCI_FIELD_OF(oci_process, user, "user", OBJ, oci_user, OPT),
    OCI_FIELD(oci_process, args, "args", STRS, OPT),
    OCI_FIELD(oci_process, command_line, "commandLine", STR, OPT),
    OCI_FIELD(oci_process, env, "env", STRS, OPT),
    OCI_FIELD(oci_process, cwd, "cwd", STR, REQ),
    OCI_FIELD_OF(oci_process, capabilities, "capabilities", OBJ, oci_capabilities, OPT),
    OCI_FIELD_OF(oci_process, rlimits, "rlimits", ARR, oci_rlimit, OPT),
    OCI_FIELD(oci_process, no_new_privileges, "noNewPrivileges", BOOL, OPT),
    OCI_FIELD(oci_process, apparmor_profile, "apparmorProfile", STR, OPT),
    OCI_FIELD(oci_process, oom_score_adj, "oomScoreAdj", I32, OPT),
    OCI_FIELD_OF(oci_process, scheduler, "scheduler", OBJ, oci_scheduler, OPT),
    OCI_FIELD(oci_process, selinux_label, "selinuxLabel", STR, OPT),
    OCI_FIELD_OF(oci_process, io_priority, "ioPriority", OBJ, oci_io_priority, OPT),
    OCI_FIELD_OF(oci_process, exec_cpu_affinity, "execCPUAffinity", OBJ, oci_cpu_affinity, OPT),
};
const struct oci_schema oci_process_schema = OCI_SCHEMA(oci_process, process_fields);
