/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/container/config.h"

#include "container/refusals.h"
#include "container/validate.h"

#define CONFIG(version, members) "{ 'ociVersion': '" version "'" members " }"
#define PLAIN(member) CONFIG("1.2.0", ", " member)
#define PROCESS(member) PLAIN("'process': { 'cwd': '/', 'args': ['sh'], " member " }")
#define LINUX(member) PLAIN("'linux': { " member " }")
#define RESOURCES(member) LINUX("'resources': { " member " }")
#define MOUNT(member)                                                                              \
    PLAIN("'mounts': [{ 'destination': '/a' }, { 'destination': '/b', " member " }]")
#define IDS "[{ 'containerID': 0, 'hostID': 0, 'size': 1 }]"
#define THROTTLE(name)                                                                             \
    RESOURCES("'blockIO': { '" name "': [{ 'major': 8, 'minor': 0, 'rate': 1 }] }")

#define LABELS "labels of Linux security modules are not supported"
#define NO_V2 "cgroup v2 has no such setting"
#define MEMORY(name) "linux.resources.memory." name ": limits on memory are not supported"
#define IO "linux.resources.blockIO."

struct row {
    const char *json;
    const char *text;
};

// clang-format off
static const struct row refused[] = {
    { PLAIN("'vm': { 'kernel': { 'path': '/k' } }"), "vm: using a virtual machine is not supported" },
    { PROCESS("'terminal': true"), "process.terminal: terminals are not supported" },
    { PROCESS("'apparmorProfile': 'x'"), "process.apparmorProfile: " LABELS },
    { PROCESS("'selinuxLabel': 'x'"), "process.selinuxLabel: " LABELS },
    { PROCESS("'execCPUAffinity': { 'initial': '0' }"), "process.execCPUAffinity.initial: there is no exec to set it for" },
    { PROCESS("'execCPUAffinity': { 'final': '0' }"), "process.execCPUAffinity.final: there is no exec to set it for" },
    { LINUX("'netDevices': { 'eth0': {} }"), "linux.netDevices: moving network devices is not supported" },
    { LINUX("'seccomp': { 'defaultAction': 'SCMP_ACT_ALLOW' }"), "linux.seccomp: seccomp filters are not supported" },
    { LINUX("'mountLabel': 'x'"), "linux.mountLabel: " LABELS },
    { LINUX("'intelRdt': {}"), "linux.intelRdt: Intel RDT is not supported" },
    { LINUX("'memoryPolicy': { 'mode': 'MPOL_DEFAULT' }"), "linux.memoryPolicy: memory policies are not supported" },
    { RESOURCES("'unified': { 'memory.high': '1' }"), "linux.resources.unified: resource limits are not supported" },
    { RESOURCES("'pids': { 'limit': 1 }"), "linux.resources.pids.limit: limits on processes are not supported" },
    { RESOURCES("'memory': { 'limit': 1 }"), MEMORY("limit") },
    { RESOURCES("'memory': { 'limit': -2 }"), MEMORY("limit") },
    { RESOURCES("'memory': { 'reservation': 1 }"), MEMORY("reservation") },
    { RESOURCES("'memory': { 'swap': 1 }"), MEMORY("swap") },
    { RESOURCES("'memory': { 'kernel': 1 }"), "linux.resources.memory.kernel: " NO_V2 },
    { RESOURCES("'memory': { 'kernelTCP': 1 }"), "linux.resources.memory.kernelTCP: " NO_V2 },
    { RESOURCES("'memory': { 'swappiness': 0 }"), "linux.resources.memory.swappiness: " NO_V2 },
    { RESOURCES("'memory': { 'disableOOMKiller': true }"), "linux.resources.memory.disableOOMKiller: " NO_V2 },
    { RESOURCES("'memory': { 'useHierarchy': false }"), "linux.resources.memory.useHierarchy: cgroup v2 always counts by hierarchy" },
    { RESOURCES("'cpu': { 'shares': 1024 }"), "linux.resources.cpu.shares: shares of CPU time are not supported" },
    { RESOURCES("'cpu': { 'shares': 18446744073709551615 }"), "linux.resources.cpu.shares: shares of CPU time are not supported" },
    { RESOURCES("'cpu': { 'quota': 1000 }"), "linux.resources.cpu.quota: limits on CPU time are not supported" },
    { RESOURCES("'cpu': { 'period': 1000 }"), "linux.resources.cpu.period: limits on CPU time are not supported" },
    { RESOURCES("'cpu': { 'burst': 0 }"), "linux.resources.cpu.burst: limits on CPU time are not supported" },
    { RESOURCES("'cpu': { 'realtimeRuntime': 1 }"), "linux.resources.cpu.realtimeRuntime: " NO_V2 },
    { RESOURCES("'cpu': { 'realtimePeriod': 1 }"), "linux.resources.cpu.realtimePeriod: " NO_V2 },
    { RESOURCES("'cpu': { 'cpus': '0' }"), "linux.resources.cpu.cpus: sets of CPUs are not supported" },
    { RESOURCES("'cpu': { 'mems': '0' }"), "linux.resources.cpu.mems: sets of memory nodes are not supported" },
    { RESOURCES("'cpu': { 'idle': 0 }"), "linux.resources.cpu.idle: idle cgroups are not supported" },
    { RESOURCES("'blockIO': { 'weight': 10 }"), IO "weight: I/O weights are not supported" },
    { RESOURCES("'blockIO': { 'leafWeight': 10 }"), IO "leafWeight: " NO_V2 },
    { RESOURCES("'blockIO': { 'weightDevice': [{ 'major': 8, 'minor': 0 }] }"), IO "weightDevice: I/O weights are not supported" },
    { THROTTLE("throttleReadBpsDevice"), IO "throttleReadBpsDevice: I/O limits are not supported" },
    { THROTTLE("throttleWriteBpsDevice"), IO "throttleWriteBpsDevice: I/O limits are not supported" },
    { THROTTLE("throttleReadIOPSDevice"), IO "throttleReadIOPSDevice: I/O limits are not supported" },
    { THROTTLE("throttleWriteIOPSDevice"), IO "throttleWriteIOPSDevice: I/O limits are not supported" },
    { RESOURCES("'hugepageLimits': [{ 'pageSize': '2MB', 'limit': 0 }]"), "linux.resources.hugepageLimits: limits on huge pages are not supported" },
    { RESOURCES("'network': { 'classID': 1 }"), "linux.resources.network.classID: " NO_V2 },
    { RESOURCES("'network': { 'priorities': [{ 'name': 'a', 'priority': 0 }] }"), "linux.resources.network.priorities: " NO_V2 },
    { RESOURCES("'rdma': { 'mlx5_1': {} }"), "linux.resources.rdma: limits on RDMA are not supported" },
    { MOUNT("'uidMappings': " IDS), "mounts[1].uidMappings: idmapped mounts are not supported" },
    { MOUNT("'gidMappings': " IDS), "mounts[1].gidMappings: idmapped mounts are not supported" },
    { CONFIG("1.3.0", ", 'linux': { 'resources': { 'pids': { 'limit': 0 } } }"), "linux.resources.pids.limit: limits on processes are not supported" },
};

static const struct row wrong[] = {
    { CONFIG("", ""), "ociVersion: \"\" is not a version" },
    { CONFIG("1.0", ""), "ociVersion: \"1.0\" is not a version" },
    { CONFIG("v1.0.0", ""), "ociVersion: \"v1.0.0\" is not a version" },
    { CONFIG("2.0.0", ""), "ociVersion: \"2.0.0\" is not supported; 1.0.0 to 1.3.0 are" },
    { CONFIG("18446744073709551617.0.0", ""), "ociVersion: \"18446744073709551617.0.0\" is not supported; 1.0.0 to 1.3.0 are" },
    { PLAIN("'annotations': { 'a': 'b', '': 'c' }"), "annotations: the key \"\" (of the value \"c\") is empty" },
    { PLAIN("'process': { 'cwd': '/' }"), "process.args: there is no program to run" },
    { PLAIN("'process': { 'cwd': '/', 'args': [] }"), "process.args: there is no program to run" },
    { PLAIN("'process': { 'cwd': '/', 'args': [''] }"), "process.args[0]: the name of the program is empty" },
};

static const char *const fine[] = {
    CONFIG("1.0.0", ""),
    CONFIG("1.0.2-dev", ""),
    CONFIG("1.3.0+dev", ""),
    CONFIG("1.9.0", ""),
    CONFIG("0.5.0-dev", ""),
    PLAIN("'annotations': { 'a': '' }"),
    PLAIN("'process': { 'cwd': '/', 'args': ['sh', ''] }"),
    PROCESS("'terminal': false, 'consoleSize': { 'height': 70000, 'width': 1 }"),
    PROCESS("'apparmorProfile': '', 'selinuxLabel': '', 'commandLine': 'x'"),
    PROCESS("'execCPUAffinity': {}, 'user': { 'uid': 0, 'gid': 0, 'username': 'x' }"),
    PROCESS("'execCPUAffinity': { 'initial': '', 'final': '' }"),
    PLAIN("'hooks': {}"),
    PLAIN("'hooks': { 'prestart': [], 'createRuntime': [], 'createContainer': [],"
          " 'startContainer': [], 'poststart': [], 'poststop': [] }"),
    PLAIN("'vm': null"),
    LINUX("'uidMappings': [], 'gidMappings': [], 'timeOffsets': {}, 'netDevices': {},"
          " 'mountLabel': '', 'seccomp': null"),
    MOUNT("'uidMappings': [], 'gidMappings': []"),
    RESOURCES("'unified': {}, 'hugepageLimits': [], 'rdma': {}, 'pids': {}, 'memory': {},"
              " 'cpu': {}, 'blockIO': {}, 'network': {}"),
    RESOURCES("'memory': { 'limit': 0, 'reservation': 0, 'swap': 0, 'kernel': 0, 'kernelTCP': 0 }"),
    RESOURCES("'memory': { 'limit': -1, 'reservation': -1, 'swap': -1, 'kernel': -1,"
              " 'kernelTCP': -1 }"),
    RESOURCES("'memory': { 'disableOOMKiller': false, 'useHierarchy': true,"
              " 'checkBeforeUpdate': true }"),
    RESOURCES("'cpu': { 'shares': 0, 'quota': 0, 'period': 0, 'realtimeRuntime': 0,"
              " 'realtimePeriod': 0, 'cpus': '', 'mems': '' }"),
    RESOURCES("'cpu': { 'quota': -1 }"),
    RESOURCES("'blockIO': { 'weight': 0, 'leafWeight': 0, 'weightDevice': [],"
              " 'throttleReadBpsDevice': [], 'throttleWriteBpsDevice': [],"
              " 'throttleReadIOPSDevice': [], 'throttleWriteIOPSDevice': [] }"),
    RESOURCES("'network': { 'classID': 0, 'priorities': [] }"),
    RESOURCES("'pids': { 'limit': 0 }"),
    RESOURCES("'pids': { 'limit': -1 }"),
    CONFIG("1.3.0", ", 'linux': { 'resources': { 'pids': { 'limit': -1 } } }"),
    CONFIG("1.3.0", ", 'linux': { 'resources': { 'pids': {} } }"),
    CONFIG("0.9.0", ", 'linux': { 'resources': { 'pids': { 'limit': 0 } } }"),
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        arena_reset();
        struct error *error = validate_config(decode(refused[i].json));
        if (!error)
            fail_msg("%s", refused[i].json);
        assert_string_not_equal(error->hint, "");
        size_t length = strlen(error->field);
        assert_memory_equal(refused[i].text, error->field, length);
        assert_int_equal(refused[i].text[length], ':');
        assert_error(error, ERROR_UNSUPPORTED, refused[i].text);
    }
}

/* So that a row cannot be forgotten when a refusal is added. */
static void test_all_refused(void **state)
{
    (void) state;
    size_t count = refusal_count + mount_refusal_count;
    for (size_t i = 0; i < count; i++) {
        char begin[128];
        bool is_of_mount = i >= refusal_count;
        snprintf(begin, sizeof(begin), "%s%s: ", is_of_mount ? "mounts[1]." : "",
                 is_of_mount ? mount_refusals[i - refusal_count].field : refusals[i].field);
        size_t row = 0;
        while (row < COUNT(refused) && strncmp(refused[row].text, begin, strlen(begin)) != 0)
            row++;
        if (row == COUNT(refused))
            fail_msg("no test refuses %s", begin);
    }
}

static void test_wrong(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        arena_reset();
        assert_error(validate_config(decode(wrong[i].json)), ERROR_CONFIG, wrong[i].text);
    }
}

static void test_fine(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(fine); i++) {
        arena_reset();
        struct error *error = validate_config(decode(fine[i]));
        if (error)
            fail_msg("%s: %s", fine[i], error->text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[G5] what this version does not do is refused by name", test_refused, NULL, NULL, NULL },
        { "each refusal is tested", test_all_refused, NULL, NULL, NULL },
        { "[V1] [V2] [A2] [P9] wrong values are refused", test_wrong, NULL, NULL, NULL },
        { "what asks for nothing is let pass", test_fine, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
