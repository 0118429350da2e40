/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each field of config.json is honoured.  Every one stands in exactly one of three lists:
 * bound to a source file (which then speaks of it), refused (container/refusals.c, itself or what
 * it is in), or without effect by a rule.  A new field fails here until somebody has said which.
 */
#include "tests/unit/container/config.h"

#include <ctype.h>

#include "container/refusals.h"

enum { FIELDS = 202 };

struct place {
    const char *path;
    const char *where;
};

// clang-format off
static const struct place bound[] = {
    { "ociVersion", "container/validate.c" },
    { "root", "rootfs/rootfs.c" },
    { "root.path", "launch/host.c" },
    { "root.readonly", "rootfs/rootfs.c" },
    { "mounts", "launch/plan.c" },
    { "mounts[].destination", "rootfs/mounts.c" },
    { "mounts[].type", "rootfs/mounts.c" },
    { "mounts[].source", "rootfs/mounts.c" },
    { "mounts[].options", "rootfs/mounts.c" },
    { "mounts[].uidMappings", "rootfs/mount_idmap.c" },
    { "mounts[].uidMappings[].containerID", "namespace/id_map.c" },
    { "mounts[].uidMappings[].hostID", "namespace/id_map.c" },
    { "mounts[].uidMappings[].size", "namespace/id_map.c" },
    { "mounts[].gidMappings", "rootfs/mount_idmap.c" },
    { "process", "launch/plan_process.c" },
    { "process.terminal", "process/terminal.c" },
    { "process.consoleSize", "process/terminal.c" },
    { "process.consoleSize.height", "process/terminal.c" },
    { "process.consoleSize.width", "process/terminal.c" },
    { "process.user", "process/user.c" },
    { "process.user.uid", "process/user.c" },
    { "process.user.gid", "process/user.c" },
    { "process.user.umask", "process/user.c" },
    { "process.user.additionalGids", "process/user.c" },
    { "process.args", "launch/plan_process.c" },
    { "process.env", "launch/plan_process.c" },
    { "process.cwd", "process/cwd.c" },
    { "process.capabilities", "security/capabilities.c" },
    { "process.capabilities.effective", "security/capabilities.c" },
    { "process.capabilities.bounding", "security/capabilities.c" },
    { "process.capabilities.inheritable", "security/capabilities.c" },
    { "process.capabilities.permitted", "security/capabilities.c" },
    { "process.capabilities.ambient", "security/capabilities.c" },
    { "process.rlimits", "process/rlimits.c" },
    { "process.rlimits[].type", "process/rlimits.c" },
    { "process.rlimits[].soft", "process/rlimits.c" },
    { "process.rlimits[].hard", "process/rlimits.c" },
    { "process.noNewPrivileges", "launch/plan_process.c" },
    { "process.oomScoreAdj", "process/oom_score.c" },
    { "process.apparmorProfile", "security/apparmor.c" },
    { "process.selinuxLabel", "security/selinux.c" },
    { "process.scheduler", "launch/plan_process.c" },
    { "process.scheduler.policy", "process/scheduler.c" },
    { "process.scheduler.nice", "process/scheduler.c" },
    { "process.scheduler.priority", "process/scheduler.c" },
    { "process.scheduler.flags", "process/scheduler.c" },
    { "process.scheduler.runtime", "process/scheduler.c" },
    { "process.scheduler.deadline", "process/scheduler.c" },
    { "process.scheduler.period", "process/scheduler.c" },
    { "process.ioPriority", "launch/plan_process.c" },
    { "process.ioPriority.class", "process/io_priority.c" },
    { "process.ioPriority.priority", "process/io_priority.c" },
    { "process.execCPUAffinity", "process/cpu_affinity.c" },
    { "process.execCPUAffinity.initial", "process/cpu_affinity.c" },
    { "process.execCPUAffinity.final", "process/cpu_affinity.c" },
    { "hooks", "launch/plan.c" },
    { "hooks.prestart", "launch/hooks.c" },
    { "hooks.prestart[].path", "launch/hooks.c" },
    { "hooks.prestart[].args", "launch/hooks.c" },
    { "hooks.prestart[].env", "launch/hooks.c" },
    { "hooks.prestart[].timeout", "launch/hooks.c" },
    { "hooks.createRuntime", "launch/hooks.c" },
    { "hooks.createContainer", "launch/hooks_inside.c" },
    { "hooks.startContainer", "launch/hooks_inside.c" },
    { "hooks.poststart", "launch/hooks.c" },
    { "hooks.poststop", "launch/hooks.c" },
    { "hostname", "namespace/hostname.c" },
    { "domainname", "namespace/hostname.c" },
    { "annotations", "launch/plan.c" },
    { "linux", "launch/plan.c" },
    { "linux.devices", "rootfs/devices.c" },
    { "linux.devices[].type", "rootfs/devices.c" },
    { "linux.devices[].path", "rootfs/devices.c" },
    { "linux.devices[].major", "rootfs/devices.c" },
    { "linux.devices[].minor", "rootfs/devices.c" },
    { "linux.devices[].fileMode", "rootfs/devices.c" },
    { "linux.devices[].uid", "rootfs/devices.c" },
    { "linux.devices[].gid", "rootfs/devices.c" },
    { "linux.namespaces", "namespace/namespaces.c" },
    { "linux.namespaces[].type", "namespace/namespaces.c" },
    { "linux.namespaces[].path", "namespace/namespaces.c" },
    { "linux.uidMappings", "namespace/user_ns.c" },
    { "linux.gidMappings", "namespace/user_ns.c" },
    { "linux.timeOffsets", "namespace/time_ns.c" },
    { "linux.timeOffsets[].secs", "namespace/time_ns.c" },
    { "linux.timeOffsets[].nanosecs", "namespace/time_ns.c" },
    { "linux.resources", "cgroup/device_rules.c" },
    { "linux.resources.devices", "cgroup/device_rules.c" },
    { "linux.resources.devices[].allow", "cgroup/device_rules.c" },
    { "linux.resources.devices[].type", "cgroup/device_rules.c" },
    { "linux.resources.devices[].major", "cgroup/device_rules.c" },
    { "linux.resources.devices[].minor", "cgroup/device_rules.c" },
    { "linux.resources.devices[].access", "cgroup/device_rules.c" },
    { "linux.resources.unified", "cgroup/unified.c" },
    { "linux.resources.pids", "cgroup/pids.c" },
    { "linux.resources.pids.limit", "cgroup/pids.c" },
    { "linux.resources.blockIO", "cgroup/io.c" },
    { "linux.resources.blockIO.weight", "cgroup/io.c" },
    { "linux.resources.blockIO.leafWeight", "cgroup/io.c" },
    { "linux.resources.blockIO.weightDevice", "cgroup/io.c" },
    { "linux.resources.blockIO.weightDevice[].major", "cgroup/io.c" },
    { "linux.resources.blockIO.weightDevice[].minor", "cgroup/io.c" },
    { "linux.resources.blockIO.weightDevice[].weight", "cgroup/io.c" },
    { "linux.resources.blockIO.weightDevice[].leafWeight", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleReadBpsDevice", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleReadBpsDevice[].major", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleReadBpsDevice[].minor", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleReadBpsDevice[].rate", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleWriteBpsDevice", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleReadIOPSDevice", "cgroup/io.c" },
    { "linux.resources.blockIO.throttleWriteIOPSDevice", "cgroup/io.c" },
    { "linux.resources.cpu", "cgroup/cpu.c" },
    { "linux.resources.cpu.shares", "cgroup/cpu.c" },
    { "linux.resources.cpu.quota", "cgroup/cpu.c" },
    { "linux.resources.cpu.burst", "cgroup/cpu.c" },
    { "linux.resources.cpu.period", "cgroup/cpu.c" },
    { "linux.resources.cpu.realtimeRuntime", "cgroup/cpu.c" },
    { "linux.resources.cpu.realtimePeriod", "cgroup/cpu.c" },
    { "linux.resources.cpu.cpus", "cgroup/cpuset.c" },
    { "linux.resources.cpu.mems", "cgroup/cpuset.c" },
    { "linux.resources.cpu.idle", "cgroup/cpu.c" },
    { "linux.resources.hugepageLimits", "cgroup/hugetlb.c" },
    { "linux.resources.hugepageLimits[].pageSize", "cgroup/hugetlb.c" },
    { "linux.resources.hugepageLimits[].limit", "cgroup/hugetlb.c" },
    { "linux.resources.memory", "cgroup/memory.c" },
    { "linux.resources.memory.limit", "cgroup/memory.c" },
    { "linux.resources.memory.reservation", "cgroup/memory.c" },
    { "linux.resources.memory.swap", "cgroup/memory.c" },
    { "linux.resources.memory.kernel", "cgroup/memory.c" },
    { "linux.resources.memory.kernelTCP", "cgroup/memory.c" },
    { "linux.resources.memory.swappiness", "cgroup/memory.c" },
    { "linux.resources.memory.disableOOMKiller", "cgroup/memory.c" },
    { "linux.resources.memory.useHierarchy", "cgroup/memory.c" },
    { "linux.resources.memory.checkBeforeUpdate", "container/update.c" },
    { "linux.resources.network", "cgroup/network.c" },
    { "linux.resources.network.classID", "cgroup/network.c" },
    { "linux.resources.network.priorities", "cgroup/network.c" },
    { "linux.resources.rdma", "cgroup/rdma.c" },
    { "linux.resources.rdma[].hcaHandles", "cgroup/rdma.c" },
    { "linux.resources.rdma[].hcaObjects", "cgroup/rdma.c" },
    { "linux.intelRdt", "cgroup/intel_rdt.c" },
    { "linux.intelRdt.closID", "cgroup/intel_rdt.c" },
    { "linux.intelRdt.schemata", "cgroup/intel_rdt.c" },
    { "linux.intelRdt.l3CacheSchema", "cgroup/intel_rdt.c" },
    { "linux.intelRdt.memBwSchema", "cgroup/intel_rdt.c" },
    { "linux.intelRdt.enableMonitoring", "cgroup/intel_rdt.c" },
    { "linux.cgroupsPath", "cgroup/cgroup.c" },
    { "linux.rootfsPropagation", "rootfs/rootfs.c" },
    { "linux.seccomp", "launch/plan_process.c" },
    { "linux.seccomp.defaultAction", "security/seccomp_rules.c" },
    { "linux.seccomp.defaultErrnoRet", "security/seccomp_rules.c" },
    { "linux.seccomp.architectures", "security/seccomp_rules.c" },
    { "linux.seccomp.flags", "security/seccomp.c" },
    { "linux.seccomp.listenerPath", "security/seccomp.c" },
    { "linux.seccomp.listenerMetadata", "security/seccomp.c" },
    { "linux.seccomp.syscalls", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].names", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].action", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].errnoRet", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].args", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].args[].index", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].args[].value", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].args[].valueTwo", "security/seccomp_rules.c" },
    { "linux.seccomp.syscalls[].args[].op", "security/seccomp_rules.c" },
    { "linux.sysctl", "launch/plan.c" },
    { "linux.mountLabel", "security/selinux.c" },
    { "linux.netDevices", "namespace/net_devices.c" },
    { "linux.netDevices[].name", "namespace/net_devices.c" },
    { "linux.memoryPolicy", "process/memory_policy.c" },
    { "linux.memoryPolicy.mode", "process/memory_policy.c" },
    { "linux.memoryPolicy.nodes", "process/memory_policy.c" },
    { "linux.memoryPolicy.flags", "process/memory_policy.c" },
    { "linux.personality", "launch/plan_process.c" },
    { "linux.personality.domain", "process/personality.c" },
    { "linux.personality.flags", "process/personality.c" },
    { "linux.maskedPaths", "launch/plan.c" },
    { "linux.readonlyPaths", "launch/plan.c" },
};

static const struct place without_effect[] = {
    { "process.commandLine", "of Windows" },
    { "process.user.username", "of Windows" },
    { "linux.resources.network.priorities[].name", "of what is refused as a whole" },
    { "linux.resources.network.priorities[].priority", "of what is refused as a whole" },
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All fields, each once: of a type that several members have, those of the first. */
static char paths[FIELDS + 64][128];
static size_t path_count;
static const struct oci_schema *visited[64];
static size_t visited_count;

static void collect(const struct oci_schema *schema, const char *prefix)
{
    for (size_t i = 0; i < visited_count; i++)
        if (visited[i] == schema)
            return;
    assert_true(visited_count < COUNT(visited));
    visited[visited_count++] = schema;
    for (uint32_t i = 0; i < schema->n; i++) {
        const struct oci_field *field = &schema->fields[i];
        assert_true(path_count < COUNT(paths));
        char *path = paths[path_count++];
        snprintf(path, sizeof(paths[0]), "%s%s", prefix, field->key);
        if (field->kind != OCI_KIND_OBJ && field->kind != OCI_KIND_ARR &&
            field->kind != OCI_KIND_MAP)
            continue;
        char below[160];
        snprintf(below, sizeof(below), "%s%s.", path, field->kind == OCI_KIND_OBJ ? "" : "[]");
        collect(field->of.schema, below);
    }
}

static int collect_all(void **state)
{
    (void) state;
    collect(&oci_config_schema, "");
    return 0;
}

static const struct place *find(const struct place *places, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(places[i].path, path) == 0)
            return &places[i];
    return NULL;
}

static bool is_within(const char *path, const char *outer)
{
    size_t length = strlen(outer);
    return strncmp(path, outer, length) == 0 && (!path[length] || strchr(".[", path[length]));
}

static bool is_refused(const char *path)
{
    for (size_t i = 0; i < refusal_count; i++)
        if (is_within(path, refusals[i].field))
            return true;
    return false;
}

static void test_count(void **state)
{
    (void) state;
    assert_int_equal(path_count, FIELDS);
}

static void test_one_list(void **state)
{
    (void) state;
    for (size_t i = 0; i < path_count; i++) {
        int lists = !!find(bound, COUNT(bound), paths[i]) +
                    !!find(without_effect, COUNT(without_effect), paths[i]) + is_refused(paths[i]);
        if (lists != 1)
            fail_msg("%s stands in %d lists", paths[i], lists);
    }
}

static bool is_field(const char *path)
{
    for (size_t i = 0; i < path_count; i++)
        if (strcmp(paths[i], path) == 0)
            return true;
    return false;
}

static void test_no_more(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(bound); i++)
        if (!is_field(bound[i].path))
            fail_msg("%s", bound[i].path);
    for (size_t i = 0; i < COUNT(without_effect); i++)
        if (!is_field(without_effect[i].path))
            fail_msg("%s", without_effect[i].path);
    for (size_t i = 0; i < refusal_count; i++)
        if (!is_field(refusals[i].field))
            fail_msg("%s", refusals[i].field);
}

static const char *read_source(const char *name)
{
    static char text[1 << 16];
    char path[4096];
    const char *top = getenv("srcdir");
    if (top)
        snprintf(path, sizeof(path), "%s/src/%s", top, name);
    else
        snprintf(path, sizeof(path), "%.*ssrc/%s",
                 (int) (strstr(__FILE__, "tests/unit/") - __FILE__), __FILE__, name);
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("there is no %s", path);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Whether a word begins with the letter: "additionalGids", but "classID" and "readIOPSDevice". */
static bool begins_word(const char *path, const char *letter)
{
    bool follows_capital = letter > path && isupper((unsigned char) letter[-1]);
    return isupper((unsigned char) *letter) &&
           (!follows_capital || islower((unsigned char) letter[1]));
}

/* "additional_gids" for "process.user.additionalGids". */
static void name_member(const char *path, char *name, size_t size)
{
    const char *key = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;
    size_t used = 0;
    for (; *key && used + 2 < size; key++) {
        if (begins_word(path, key))
            name[used++] = '_';
        name[used++] = (char) tolower((unsigned char) *key);
    }
    name[used] = '\0';
    if (strcmp(name, "linux") == 0)
        strcpy(name, "linux_");
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at++) {
        bool begins = at == text || (!isalnum((unsigned char) at[-1]) && at[-1] != '_');
        bool ends = !isalnum((unsigned char) at[length]) && at[length] != '_';
        if (begins && ends)
            return true;
    }
    return false;
}

static void test_bound(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(bound); i++) {
        char name[64];
        name_member(bound[i].path, name, sizeof(name));
        if (!has_word(read_source(bound[i].where), name))
            fail_msg("%s does not speak of %s", bound[i].where, name);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "config.json has 202 fields", test_count, NULL, NULL, NULL },
        { "[G5] every field is honoured, refused, or without effect by a rule", test_one_list, NULL,
          NULL, NULL },
        { "no list has a field that does not exist", test_no_more, NULL, NULL, NULL },
        { "every file that honours a field speaks of it", test_bound, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, collect_all, NULL);
}
