/* SPDX-License-Identifier: Apache-2.0 */
/* The config of `tare spec`.  It is written down as the JSON it is, with ' for " (neither stands in
 * any of its strings), and goes through decoder and encoder, which check and lay it out. */

#include "container/spec.h"

#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "security/seccomp.h"

/* Of the numbers of its seccomp profile 268435456 is CLONE_NEWUSER, 38 and 40 are AF_ALG and
 * AF_VSOCK, and the errnos are EPERM, EAFNOSUPPORT and, so that a libc turns to clone, ENOSYS. */
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
"      '/proc/sysrq-trigger'],"
"    'seccomp': { 'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': ["
"      { 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1, 'names': ['acct', 'add_key', 'bpf',"
"        'clock_adjtime', 'clock_settime', 'create_module', 'delete_module', 'finit_module',"
"        'fsconfig', 'fsmount', 'fsopen', 'fspick', 'get_kernel_syms', 'init_module',"
"        'io_uring_enter', 'io_uring_register', 'io_uring_setup', 'ioperm', 'iopl',"
"        'kexec_file_load', 'kexec_load',"
"        'keyctl', 'lookup_dcookie', 'mount', 'mount_setattr', 'move_mount', 'name_to_handle_at',"
"        'nfsservctl', 'open_by_handle_at', 'open_tree', 'perf_event_open', 'pivot_root',"
"        'query_module', 'quotactl', 'quotactl_fd', 'reboot', 'request_key', 'setns',"
"        'settimeofday', 'stime', 'swapoff', 'swapon', 'syslog', 'umount', 'umount2',"
"        'userfaultfd', 'uselib', 'ustat', 'vhangup', 'vm86', 'vm86old'] },"
"      { 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1, 'names': ['clone', 'unshare'],"
"        'args': [{ 'index': 0, 'value': 268435456, 'valueTwo': 268435456,"
"          'op': 'SCMP_CMP_MASKED_EQ' }] },"
"      { 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 38, 'names': ['clone3'] },"
"      { 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 97, 'names': ['socket'],"
"        'args': [{ 'index': 0, 'value': 38, 'op': 'SCMP_CMP_EQ' }] },"
"      { 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 97, 'names': ['socket'],"
"        'args': [{ 'index': 0, 'value': 40, 'op': 'SCMP_CMP_EQ' }] }] } } }";
// clang-format on

/* The same for a plain user: in a user namespace that has his ids alone, as root's.  Without a
 * network of its own the host's is all that it could use, and a new sysfs is the kernel's to refuse
 * then: the host's is bound.  Below that are mounts which a word for the top would not reach. */
static const char *const bound_sys[] = { "rbind", "nosuid", "noexec", "nodev", "rro" };

static fallible map_to_root(uint32_t id, struct arena *arena, struct oci_idmap_array *map)
{
    try_new(map->v, arena, 1);
    try_new(map->v[0], arena, 1);
    *map->v[0] = (struct oci_idmap){ .host_id = id, .size = 1 };
    map->n = 1;
    return OK;
}

static void make_user_of_network(struct oci_namespace_array *namespaces)
{
    for (uint32_t i = 0; i < namespaces->n; i++)
        if (namespaces->v[i]->type == OCI_NSTYPE_NETWORK)
            namespaces->v[i]->type = OCI_NSTYPE_USER;
}

/* A group that is not mapped cannot own a file. */
static void leave_out_groups(struct oci_string_array *options)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < options->n; i++)
        if (!text_starts(options->v[i], "gid="))
            options->v[kept++] = options->v[i];
    options->n = kept;
}

static fallible bind_sys(struct arena *arena, struct oci_mount *mount)
{
    struct oci_string_array *options = &mount->options;

    mount->type = "none";
    mount->source = mount->destination;
    try_new(options->v, arena, LENGTH(bound_sys));
    memcpy(options->v, bound_sys, sizeof(bound_sys));
    options->n = LENGTH(bound_sys);
    return OK;
}

static fallible adapt(const struct spec_user *user, struct arena *arena, struct oci_config *config)
{
    struct oci_linux *linux_ = config->linux_;

    linux_->resources = NULL;
    make_user_of_network(&linux_->namespaces);
    try(map_to_root(user->uid, arena, &linux_->uid_mappings));
    try(map_to_root(user->gid, arena, &linux_->gid_mappings));
    for (uint32_t i = 0; i < config->mounts.n; i++) {
        struct oci_mount *mount = config->mounts.v[i];
        leave_out_groups(&mount->options);
        if (text_equal(mount->type, "sysfs"))
            try(bind_sys(arena, mount));
    }
    return OK;
}

static fallible take_args(const char *const *args, struct arena *arena,
                          struct oci_string_array *taken)
{
    uint32_t count = 0;

    while (args && args[count])
        count++;
    if (!count)
        return OK;
    try_new(taken->v, arena, count);
    memcpy(taken->v, args, count * sizeof(*args));
    taken->n = count;
    return OK;
}

static fallible fulfil(const struct spec_wish *wish, struct arena *arena, struct oci_config *config)
{
    if (wish->rootfs)
        config->root->path = wish->rootfs;
    config->root->readonly.value = !wish->is_writable;
    config->process->terminal.value = !wish->has_no_terminal;
    if (!wish->is_filtered || !seccomp_library_version(arena))
        config->linux_->seccomp = NULL;
    try(take_args(wish->args, arena, &config->process->args));
    return wish->user ? adapt(wish->user, arena, config) : OK;
}

fallible spec_describe(const struct spec_wish *wish, struct arena *arena, const char **json)
{
    struct oci_problem problem = { 0 };
    char *quoted = arena_string(arena, text);

    if (!quoted)
        return allocate_failed();
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    struct oci_config *config =
        oci_decode(&oci_config_schema, arena, quoted, sizeof(text) - 1, &problem);
    if (!config)
        return error_new(ERROR_SYNTAX, "the default config: %s: %s", problem.path, problem.reason);
    try(fulfil(wish, arena, config));
    const char *encoded = oci_encode(&oci_config_schema, config, true, arena, NULL);
    if (!encoded)
        return allocate_failed();
    *json = encoded;
    return OK;
}
