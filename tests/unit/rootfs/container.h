/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For the tests of rootfs/: builds a container's root from the text of a config.json, with both
 * halves of the code, in namespaces of its own, and looks at it from inside. */

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "libocispec/arena.h"
#include "libocispec/config.h"
#include "os/mount_attributes.h"
#include "rootfs/devices.h"
#include "rootfs/masked_paths.h"
#include "rootfs/mounts.h"
#include "rootfs/rootfs.h"

enum { CONTAINER_CANNOT_MOUNT = 77, CONTAINER_FAILED = 78 };

static char bundle_path[] = "/tmp/tare-rootfs-XXXXXX";
static _Alignas(4096) char container_memory[1 << 20];
static struct arena container_arena;

/* How the next container is built; container_reset() gives the usual. */
static struct container_options {
    bool has_no_pivot, has_cgroup_namespace, binds_devices;
    bool is_opened_inside; /* as where the host may not mount */
    bool is_entered_late;  /* as with hooks that need the old tree */
    bool is_old;           /* as on Linux 5.10 in a sandbox: no mount_setattr, openat2, fchmodat2 */
    int cgroup;
    int (*prepare)(void); /* in the host's half, in the bundle */
} container_options;

#define check(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            print_error("%s:%d: %s\n", __FILE__, __LINE__, #claim);                                \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static inline void container_reset(void)
{
    memset(container_memory, 0, sizeof(container_memory));
    container_arena = (struct arena){ container_memory, sizeof(container_memory), 0 };
    container_options = (struct container_options){ .has_cgroup_namespace = true, .cgroup = -1 };
}

/* The texts of the tests have ' where JSON has ". */
static inline struct oci_config *container_read(const char *text)
{
    struct oci_problem problem = { 0 };
    size_t length = strlen(text);
    char *json = arena_copy(&container_arena, text, length);
    for (char *c = json; (c = strchr(c, '\''));)
        *c = '"';
    struct oci_config *config =
        oci_decode(&oci_config_schema, &container_arena, json, length, &problem);
    if (!config)
        print_error("%s: %s\n%s\n", problem.path, problem.reason, json);
    return config;
}

struct container_plans {
    struct rootfs_plan rootfs;
    struct mounts_plan mounts;
    struct devices_plan devices;
    struct masked_paths_plan masks;
};

static inline struct error *container_plan(const struct oci_config *config,
                                           struct container_plans *plans)
{
    static const struct oci_string_array none;
    const struct mounts_context context = {
        .has_cgroup_namespace = container_options.has_cgroup_namespace,
        /* In a namespace the cgroup of the test stands for the container's. */
        .has_cgroup = container_options.cgroup >= 0 || container_options.has_cgroup_namespace,
        .is_opened_inside = container_options.is_opened_inside,
    };
    const struct oci_linux *linux_ = config->linux_;
    try(rootfs_plan(config, true, container_options.has_no_pivot, &plans->rootfs));
    plans->rootfs.stays_in_place = container_options.is_entered_late;
    plans->rootfs.is_opened_inside = container_options.is_opened_inside;
    plans->rootfs.is_noted = container_options.is_opened_inside;
    try(mounts_plan(&config->mounts, &context, &container_arena, &plans->mounts));
    try(devices_plan(config, container_options.binds_devices, &container_arena, &plans->devices));
    return masked_paths_plan(linux_ ? &linux_->masked_paths : &none,
                             linux_ ? &linux_->readonly_paths : &none, &plans->masks);
}

/* Init maps the arena, but none of the host's literals. */
static inline bool is_in_arena(const void *pointer)
{
    const char *byte = pointer;
    return !byte ||
           (byte >= container_memory && byte < container_memory + sizeof(container_memory));
}

static inline int container_check_pointers(const struct container_plans *plans)
{
    check(is_in_arena(plans->mounts.v) && is_in_arena(plans->devices.v));
    for (uint32_t i = 0; i < plans->mounts.n; i++) {
        const struct mount_plan *mount = &plans->mounts.v[i];
        check(is_in_arena(mount->field) && is_in_arena(mount->destination));
        check(is_in_arena(mount->source) && is_in_arena(mount->filesystem.type));
        check(is_in_arena(mount->filesystem.source) && is_in_arena(mount->filesystem.options));
        for (uint32_t j = 0; j < mount->filesystem.option_count; j++)
            check(is_in_arena(mount->filesystem.options[j]));
    }
    for (uint32_t i = 0; i < plans->devices.n; i++)
        check(is_in_arena(plans->devices.v[i].path) && is_in_arena(plans->devices.v[i].field));
    check(is_in_arena(plans->masks.masked) && is_in_arena(plans->masks.read_only));
    for (uint32_t i = 0; i < plans->masks.masked_count; i++)
        check(is_in_arena(plans->masks.masked[i]));
    for (uint32_t i = 0; i < plans->masks.read_only_count; i++)
        check(is_in_arena(plans->masks.read_only[i]));
    return 0;
}

static inline struct error *container_open(const struct oci_config *config,
                                           struct container_plans *plans)
{
    const char *resolved;
    auto_close int bundle = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct arena *notes = container_options.is_opened_inside ? &container_arena : NULL;
    const struct mounts_sources sources = { bundle, container_options.cgroup, notes, notes };
    try(rootfs_open(config->root->path, bundle, &container_arena, &plans->rootfs, &resolved));
    try(masked_paths_open(&plans->masks, &plans->mounts, notes));
    try(devices_open(&plans->devices, notes));
    return mounts_open_sources(&plans->mounts, &sources);
}

static inline struct error *container_build(struct container_plans *plans, int *root)
{
    try(rootfs_open_inside(&plans->rootfs));
    try(masked_paths_open_inside(&plans->masks));
    try(devices_open_inside(&plans->devices));
    try(mounts_open_inside(&plans->mounts));
    try(rootfs_isolate(&plans->rootfs));
    try(rootfs_attach(&plans->rootfs));
    *root = plans->rootfs.tree;
    if (!container_options.is_entered_late)
        try(pivot_enter(&plans->rootfs, root));
    try(mounts_apply(&plans->mounts, *root));
    try(devices_apply(&plans->devices, *root));
    if (container_options.is_entered_late)
        try(pivot_enter(&plans->rootfs, root));
    try(masked_paths_apply(&plans->masks, *root));
    try(rootfs_finish(&plans->rootfs, *root));
    return mounts_finish(&plans->mounts);
}

static inline int refuse_new_calls(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount_setattr, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open_tree_attr, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fchmodat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { LENGTH(code), code };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* The one process of the container: sends the error, or looks around. */
static inline int container_live(struct container_plans *plans, int pipe, int (*look)(void))
{
    int root = -1;
    umask(0); /* as init has it */
    if (container_options.is_old && refuse_new_calls())
        return 1;
    struct error *error = container_build(plans, &root);
    if (error)
        return write(pipe, error, sizeof(*error)) > 0 ? CONTAINER_FAILED : 1;
    close(root);
    return look ? look() : 0;
}

static inline int wait_for(pid_t child)
{
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* What is mounted on the host. */
static inline void read_mounts(char *text, size_t size)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    size_t length = file ? fread(text, 1, size - 1, file) : 0;
    text[length] = '\0';
    if (file)
        fclose(file);
}

static inline int container_host(const char *json, int pipe, int (*look)(void))
{
    static char before[1 << 16], after[1 << 16];
    struct container_plans plans = { 0 };
    check(!container_options.prepare || !container_options.prepare());
    const struct oci_config *config = container_read(json);
    check(config);
    struct error *error = container_plan(config, &plans);
    check(error || !container_check_pointers(&plans));
    if (!error)
        error = container_open(config, &plans);
    if (error)
        return write(pipe, error, sizeof(*error)) > 0 ? CONTAINER_FAILED : 1;

    int kinds = CLONE_NEWPID | (container_options.has_cgroup_namespace ? CLONE_NEWCGROUP : 0);
    check(!unshare(kinds));
    read_mounts(before, sizeof(before));
    pid_t child = fork();
    if (!child)
        _exit(unshare(CLONE_NEWNS) ? 1 : container_live(&plans, pipe, look));
    int status = wait_for(child);
    read_mounts(after, sizeof(after));
    check(!strcmp(before, after)); /* nothing has come back to the host */
    return status;
}

/* A host like those of systemd: everything is shared.  The bundle lies on a tmpfs. */
static inline int container_enter_host(void)
{
    umask(022);
    return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
           mount("tmpfs", bundle_path, "tmpfs", 0, NULL) ||
           mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) || chdir(bundle_path) ||
           mkdir("rootfs", 0755);
}

/* Builds a container and calls LOOK in it, which returns 0 if all is right; ERROR is filled if it
 * could not be built (code 0: it could).  Skips without the right to mount. */
static inline void container_run(const char *json, int (*look)(void), struct error *error)
{
    int ends[2];
    if (geteuid())
        skip();
    assert_return_code(pipe2(ends, O_CLOEXEC), errno);
    pid_t child = fork();
    if (!child)
        _exit(container_enter_host() ? CONTAINER_CANNOT_MOUNT
                                     : container_host(json, ends[1], look));
    close(ends[1]);
    int status = wait_for(child);
    memset(error, 0, sizeof(*error));
    if (status == CONTAINER_FAILED)
        assert_int_equal(read(ends[0], error, sizeof(*error)), sizeof(*error));
    close(ends[0]);
    if (status == CONTAINER_CANNOT_MOUNT)
        skip();
    assert_true(status == 0 || status == CONTAINER_FAILED);
}

/* The same for a container that must come to be. */
static inline void container_show(const char *json, int (*look)(void))
{
    struct error error;
    container_run(json, look, &error);
    if (error.code)
        fail_msg("%s (errno %d)", error.text, error.number);
}

/* The same for one that must not: the error's code, and words of its text. */
static inline void container_refuse(const char *json, enum error_code code, const char *words)
{
    struct error error;
    container_run(json, NULL, &error);
    if (error.code != code || !strstr(error.text, words))
        fail_msg("code %u (%u wanted), '%s' without '%s'", error.code, code, error.text, words);
}

/* In the container: the line of mountinfo for what lies on top of PATH, or "". */
static inline const char *find_mount(const char *path)
{
    static char line[2048], found[2048];
    char wanted[256];
    FILE *file = fopen("/proc/self/mountinfo", "re");
    snprintf(wanted, sizeof(wanted), " %s ", path);
    found[0] = '\0';
    while (file && fgets(line, sizeof(line), file)) {
        char *place = strchr(strchr(strchr(strchr(line, ' ') + 1, ' ') + 1, ' ') + 1, ' ');
        if (!strncmp(place, wanted, strlen(wanted)))
            strcpy(found, place + strlen(wanted));
    }
    if (file)
        fclose(file);
    return found;
}

static inline int container_set_up(void **context)
{
    (void) context;
    return mkdtemp(bundle_path) == NULL;
}

static inline int container_tear_down(void **context)
{
    (void) context;
    return rmdir(bundle_path);
}

static inline int container_begin(void **context)
{
    (void) context;
    container_reset();
    return 0;
}

// clang-format off
#define CONTAINER_TEST(name, function) { name, function, container_begin, NULL, NULL }
// clang-format on
