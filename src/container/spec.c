/* SPDX-License-Identifier: Apache-2.0 */
/* The config of `tare spec`.  It is written down as the JSON it is, with ' for " (neither stands in
 * any of its strings), and goes through decoder and encoder, which check and lay it out. */

#include "container/spec.h"

#include "base/allocate.h"
#include "libocispec/config.h"

// clang-format off
static const char text[] =
"{ 'ociVersion': '1.3.0',"
"  'process': {"
"    'user': { 'uid': 0, 'gid': 0 },"
"    'args': ['sh'],"
"    'env': ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],"
"    'cwd': '/',"
"    'capabilities': {"
"      'bounding': ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'],"
"      'effective': ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'],"
"      'permitted': ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'] },"
"    'rlimits': [{ 'type': 'RLIMIT_NOFILE', 'hard': 1024, 'soft': 1024 }],"
"    'terminal': true,"
"    'noNewPrivileges': true },"
"  'root': { 'path': 'rootfs', 'readonly': true },"
"  'hostname': 'tare',"
"  'mounts': ["
"    { 'destination': '/proc', 'type': 'proc', 'source': 'proc' },"
"    { 'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs',"
"      'options': ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },"
"    { 'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts',"
"      'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },"
"    { 'destination': '/dev/shm', 'type': 'tmpfs', 'source': 'shm',"
"      'options': ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },"
"    { 'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue',"
"      'options': ['nosuid', 'noexec', 'nodev'] },"
"    { 'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs',"
"      'options': ['nosuid', 'noexec', 'nodev', 'ro'] },"
"    { 'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup',"
"      'options': ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'] } ],"
"  'linux': {"
"    'resources': { 'devices': [{ 'allow': false, 'access': 'rwm' }] },"
"    'namespaces': [{ 'type': 'pid' }, { 'type': 'network' }, { 'type': 'ipc' },"
"      { 'type': 'uts' }, { 'type': 'mount' }, { 'type': 'cgroup' }],"
"    'maskedPaths': ['/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys',"
"      '/proc/latency_stats', '/proc/sched_debug', '/proc/scsi', '/proc/timer_list',"
"      '/proc/timer_stats', '/sys/devices/virtual/powercap', '/sys/firmware'],"
"    'readonlyPaths': ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys',"
"      '/proc/sysrq-trigger'] } }";
// clang-format on

fallible spec_describe(struct arena *arena, const char **json)
{
    struct oci_problem problem = { 0 };
    char *quoted = arena_string(arena, text);

    if (!quoted)
        return allocate_failed();
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    const struct oci_config *config =
        oci_decode(&oci_config_schema, arena, quoted, sizeof(text) - 1, &problem);
    if (!config)
        return error_new(ERROR_SYNTAX, "the default config: %s: %s", problem.path, problem.reason);
    const char *encoded = oci_encode(&oci_config_schema, config, true, arena, NULL);
    if (!encoded)
        return allocate_failed();
    *json = encoded;
    return OK;
}
