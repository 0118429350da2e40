/* SPDX-License-Identifier: Apache-2.0 */
/* root and linux.rootfsPropagation, and the whole of rootfs/ from isolate to finish. */

#include "tests/unit/rootfs/container.h"

#include <limits.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#define CONFIG(root, mounts, linux)                                                                \
    "{'ociVersion':'1.3.0','root':{'path':'rootfs'" root "},'mounts':[" mounts "],"                \
    "'linux':{" linux "}}"

/* ---- plans ---- */

static struct error *plan(const char *json, bool is_isolated, struct rootfs_plan *result)
{
    const struct oci_config *config = container_read(json);
    assert_non_null(config);
    return rootfs_plan(config, is_isolated, false, result);
}

static void refuse_plan(const char *json, bool is_isolated, enum error_code code, const char *field)
{
    struct rootfs_plan result = { .tree = -7 };
    struct error *error = plan(json, is_isolated, &result);
    assert_non_null(error);
    assert_int_equal(error->code, code);
    assert_string_equal(error->field, field);
    assert_int_equal(result.tree, -7);
    error_forget(error);
}

static void test_plan_refuses(void **context)
{
    (void) context;
    refuse_plan("{'ociVersion':'1.0.0'}", true, ERROR_CONFIG, "root");
    refuse_plan("{'ociVersion':'1.0.0','root':{'path':''}}", true, ERROR_CONFIG, "root.path");
}

/* What would be mounted in the host's own namespace. */
static void test_plan_refuses_mounts_in_a_shared_view(void **context)
{
    (void) context;
    if (mount_can_build_detached())
        skip();
    refuse_plan("{'ociVersion':'1.0.0','root':{'path':'r','readonly':true}}", false, ERROR_CONFIG,
                "root.readonly");
    refuse_plan("{'ociVersion':'1.0.0','root':{'path':'r'},'mounts':[{'destination':'/x'}]}", false,
                ERROR_CONFIG, "mounts");
    refuse_plan("{'ociVersion':'1.0.0','root':{'path':'r'},'linux':{'maskedPaths':['/x']}}", false,
                ERROR_CONFIG, "linux.maskedPaths");
    refuse_plan("{'ociVersion':'1.0.0','root':{'path':'r'},'linux':{'readonlyPaths':['/x']}}",
                false, ERROR_CONFIG, "linux.readonlyPaths");
    refuse_plan("{'ociVersion':'1.0.0','root':{'path':'r'},'linux':{'rootfsPropagation':'slave'}}",
                false, ERROR_CONFIG, "linux.rootfsPropagation");
}

static void test_plan_of_a_shared_view(void **context)
{
    struct rootfs_plan result;

    (void) context;
    assert_null(plan("{'ociVersion':'1.0.0','root':{'path':'r'}}", false, &result));
    assert_true(result.is_shared_view && result.has_no_pivot && !result.is_detached);
    if (!mount_can_build_detached())
        skip();
    assert_null(plan("{'ociVersion':'1.0.0','root':{'path':'r','readonly':true}}", false, &result));
    assert_true(result.is_shared_view && result.is_detached);
}

static void test_plan_propagation(void **context)
{
    (void) context;
    static const struct {
        const char *json;
        uint64_t isolation, propagation;
    } rows[] = {
        { CONFIG("", "", ""), MS_PRIVATE, 0 },
        { CONFIG("", "", "'rootfsPropagation':'private'"), MS_PRIVATE, 0 },
        { CONFIG("", "", "'rootfsPropagation':'slave'"), MS_SLAVE, MS_SLAVE },
        { CONFIG("", "", "'rootfsPropagation':'shared'"), MS_PRIVATE, MS_SHARED },
        { CONFIG("", "", "'rootfsPropagation':'unbindable'"), MS_PRIVATE, MS_UNBINDABLE },
        { CONFIG("", "", "'rootfsPropagation':'rprivate'"), MS_PRIVATE, 0 },
        { CONFIG("", "", "'rootfsPropagation':'rslave'"), MS_SLAVE, MS_SLAVE },
        { CONFIG("", "", "'rootfsPropagation':'rshared'"), MS_PRIVATE, MS_SHARED },
        { CONFIG("", "", "'rootfsPropagation':'runbindable'"), MS_PRIVATE, MS_UNBINDABLE },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct rootfs_plan result;
        assert_null(plan(rows[i].json, true, &result));
        assert_int_equal(result.isolation, rows[i].isolation);
        assert_int_equal(result.propagation, rows[i].propagation);
        assert_int_equal(result.tree, -1);
    }
}

/* ---- opening ---- */

static int try_open(const char *path, int bundle, int *number, const char **resolved)
{
    struct rootfs_plan result = { .tree = -1 };
    struct error *error = rootfs_open(path, bundle, &container_arena, &result, resolved);
    close(result.tree);
    *number = error ? error->number : 0;
    if (error && strcmp(error->field, "root.path"))
        *number = -1;
    int code = error ? (int) error->code : 0;
    error_forget(error);
    return code;
}

static int open_roots(void)
{
    int number;
    const char *resolved = "none";
    char wanted[PATH_MAX], absolute[PATH_MAX];
    snprintf(wanted, sizeof(wanted), "%s/rootfs", bundle_path);
    snprintf(absolute, sizeof(absolute), "%s/link/../link", bundle_path);
    check(!symlink("rootfs", "link") && !symlink(".", "bundle") && !mkdir("rootfs/etc", 0755));
    close(open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    auto_close int bundle = open("bundle", O_PATH | O_DIRECTORY | O_CLOEXEC);
    check(try_open("absent", bundle, &number, &resolved) == ERROR_BUNDLE && number == ENOENT);
    check(try_open("file", bundle, &number, &resolved) == ERROR_BUNDLE && number == ENOTDIR);
    check(!strcmp(resolved, "none"));
    check(!try_open("rootfs", bundle, &number, &resolved) && !strcmp(resolved, wanted));
    check(!try_open("./link", bundle, &number, &resolved) && !strcmp(resolved, wanted));
    check(!try_open(absolute, bundle, &number, &resolved) && !strcmp(resolved, wanted));
    return 0;
}

static void test_open(void **context)
{
    (void) context;
    if (geteuid())
        skip();
    pid_t child = fork();
    if (!child)
        _exit(container_enter_host() ? CONTAINER_CANNOT_MOUNT : open_roots());
    int status = wait_for(child);
    if (status == CONTAINER_CANNOT_MOUNT)
        skip();
    assert_int_equal(status, 0);
}

/* ---- the root from inside ---- */

static int see_read_only(void)
{
    check(mkdir("/x", 0755) && errno == EROFS);
    check(!mkdir("/dev/x", 0755));
    check(!strncmp(find_mount("/"), "ro,relatime - ", 14));
    return 0;
}

static void test_read_only(void **context)
{
    (void) context;
    container_show(CONFIG(",'readonly':true",
                          "{'destination':'/proc','type':'proc'},"
                          "{'destination':'/dev','type':'tmpfs','options':['mode=755']}",
                          ""),
                   see_read_only);
}

static int see_private(void)
{
    check(!mkdir("/x", 0755));
    check(!strncmp(find_mount("/"), "rw,relatime - ", 14));
    check(!strncmp(find_mount("/sub"), "rw,relatime - ", 14));
    return 0;
}

static int see_slave(void)
{
    check(!strncmp(find_mount("/"), "rw,relatime master:", 19));
    check(!strncmp(find_mount("/sub"), "rw,relatime master:", 19));
    return 0;
}

static int see_shared(void)
{
    check(!strncmp(find_mount("/"), "rw,relatime shared:", 19));
    check(!strstr(find_mount("/"), "master:"));
    check(!strncmp(find_mount("/sub"), "rw,relatime - ", 14));
    return 0;
}

static int see_unbindable(void)
{
    check(!strncmp(find_mount("/"), "rw,relatime unbindable - ", 25));
    return 0;
}

static int mount_below(void)
{
    return mkdir("rootfs/sub", 0755) || mount("tmpfs", "rootfs/sub", "tmpfs", 0, NULL);
}

static void test_propagation(void **context)
{
    (void) context;
    static const struct {
        const char *json;
        int (*look)(void);
    } rows[] = {
        { CONFIG("", "{'destination':'/proc','type':'proc'}", ""), see_private },
        { CONFIG("", "{'destination':'/proc','type':'proc'}", "'rootfsPropagation':'private'"),
          see_private },
        { CONFIG("", "{'destination':'/proc','type':'proc'}", "'rootfsPropagation':'slave'"),
          see_slave },
        { CONFIG("", "{'destination':'/proc','type':'proc'}", "'rootfsPropagation':'shared'"),
          see_shared },
        { CONFIG("", "{'destination':'/proc','type':'proc'}", "'rootfsPropagation':'unbindable'"),
          see_unbindable },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        container_reset();
        container_options.prepare = mount_below;
        container_show(rows[i].json, rows[i].look);
        container_options.is_entered_late = true;
        container_show(rows[i].json, rows[i].look);
    }
}

/* Nothing of the host can be reached by a name; nor by the classic way out of a chroot. */
static int see_closed(void)
{
    struct stat root, there;
    auto_close int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    check(!stat("/", &root) && !stat("/../../..", &there) && root.st_ino == there.st_ino);
    check(access(bundle_path, F_OK) && errno == ENOENT);
    check(!mkdir("/jail", 0755) && !chroot("/jail") && !fchdir(fd) && !chdir("../../../.."));
    check(!stat(".", &there) && root.st_ino == there.st_ino && root.st_dev == there.st_dev);
    return 0;
}

static void test_closed(void **context)
{
    (void) context;
    container_show(CONFIG("", "{'destination':'/proc','type':'proc'}", ""), see_closed);
}

static void test_closed_without_pivot(void **context)
{
    (void) context;
    container_options.has_no_pivot = true;
    container_show(CONFIG("", "{'destination':'/proc','type':'proc'}", ""), see_closed);
}

/* From where the host has it, with and without pivot_root(2). */
static void test_closed_when_entered_late(void **context)
{
    (void) context;
    container_options.is_entered_late = true;
    container_show(CONFIG("", "{'destination':'/proc','type':'proc'}", ""), see_closed);
    container_reset();
    container_options.is_entered_late = true;
    container_options.has_no_pivot = true;
    container_show(CONFIG("", "{'destination':'/proc','type':'proc'}", ""), see_closed);
}

/* ---- all together, as an engine asks for it ---- */

#define ALL_MOUNTS                                                                                 \
    "{'destination':'/proc','type':'proc'},"                                                       \
    "{'destination':'/dev','type':'tmpfs','options':['mode=755']},"                                \
    "{'destination':'/dev/pts','type':'devpts','source':'devpts','options':"                       \
    "['nosuid','noexec','newinstance','ptmxmode=0666','mode=0620']},"                              \
    "{'destination':'/dev/shm','type':'tmpfs','source':'shm','options':"                           \
    "['nosuid','noexec','nodev','mode=1777','size=65536k']},"                                      \
    "{'destination':'/dev/mqueue','type':'mqueue','source':'mqueue'},"                             \
    "{'destination':'/sys','type':'sysfs','options':['nosuid','ro']},"                             \
    "{'destination':'/sys/fs/cgroup','type':'cgroup','options':['ro','nosuid']}"

#define ALL_PATHS                                                                                  \
    "'maskedPaths':['/proc/kcore','/proc/keys','/proc/scsi','/sys/firmware',"                      \
    "'/proc/acpi','/proc/none'],"                                                                  \
    "'readonlyPaths':['/proc/bus','/proc/fs','/proc/irq','/proc/sys',"                             \
    "'/proc/sysrq-trigger','/proc/version']"

static int see_devices(void)
{
    struct stat status;
    char target[32] = "";
    check(!stat("/dev/null", &status) && status.st_rdev == makedev(1, 3));
    check(status.st_mode == (S_IFCHR | 0666));
    auto_close int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    check(null >= 0 && write(null, "x", 1) == 1);
    check(readlink("/dev/fd", target, sizeof(target)) == 13 && !strcmp(target, "/proc/self/fd"));
    memset(target, 0, sizeof(target));
    check(readlink("/dev/ptmx", target, sizeof(target)) == 8 && !strcmp(target, "pts/ptmx"));
    auto_close int ptmx = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    check(ptmx >= 0);
    return 0;
}

static int see_masks(void)
{
    char byte;
    struct statvfs status;
    auto_close int keys = open("/proc/keys", O_RDONLY | O_CLOEXEC);
    check(keys >= 0 && read(keys, &byte, 1) == 0);
    check(!statvfs("/proc/sys/kernel", &status) && status.f_flag & ST_RDONLY);
    auto_close int hostname = open("/proc/sys/kernel/hostname", O_WRONLY | O_CLOEXEC);
    check(hostname < 0 && errno == EROFS);
    check(open("/proc/version", O_WRONLY | O_CLOEXEC) < 0 && errno == EROFS);
    auto_close int comm = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);
    check(comm >= 0);
    return 0;
}

static int see_all(void)
{
    check(mkdir("/x", 0755) && errno == EROFS);
    check(!access("/sys/fs/cgroup/cgroup.procs", F_OK));
    check(strstr(find_mount("/sys/fs/cgroup"), "ro,nosuid"));
    check(strstr(find_mount("/sys"), "ro,nosuid"));
    check(strstr(find_mount("/dev/shm"), "size=65536k"));
    check(getpid() == 1 && !access("/proc/1/status", F_OK));
    return see_devices() || see_masks();
}

static void test_all(void **context)
{
    (void) context;
    container_show(CONFIG(",'readonly':true", ALL_MOUNTS, ALL_PATHS), see_all);
    container_reset();
    container_options.is_entered_late = true;
    container_show(CONFIG(",'readonly':true", ALL_MOUNTS, ALL_PATHS), see_all);
}

/* Every fallback at once. */
static void test_all_on_an_old_kernel(void **context)
{
    (void) context;
    container_options.is_old = true;
    container_show(CONFIG(",'readonly':true", ALL_MOUNTS, ALL_PATHS), see_all);
    container_options.is_entered_late = true;
    container_show(CONFIG(",'readonly':true", ALL_MOUNTS, ALL_PATHS), see_all);
    container_options.is_entered_late = false;
    container_options.prepare = mount_below;
    container_show(CONFIG("", "{'destination':'/proc','type':'proc'}", ""), see_private);
    container_refuse(CONFIG("", "{'destination':'/a','source':'.','options':['rbind','rro']}", ""),
                     ERROR_MOUNT, "change what is mounted below");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("[ROOT1] [ROOT2] plan refuses", test_plan_refuses),
        CONTAINER_TEST("[N10] plan refuses mounts in a shared view",
                       test_plan_refuses_mounts_in_a_shared_view),
        CONTAINER_TEST("[N6] [N10] plan of a shared view", test_plan_of_a_shared_view),
        CONTAINER_TEST("[RP1] plan of the propagation", test_plan_propagation),
        CONTAINER_TEST("[ROOT2] [ROOT3] [B2] the root is opened", test_open),
        CONTAINER_TEST("[ROOT4] a read-only root", test_read_only),
        CONTAINER_TEST("[RP1] propagation of the root", test_propagation),
        CONTAINER_TEST("(R2) the root is closed", test_closed),
        CONTAINER_TEST("(R2) the root is closed without pivot_root", test_closed_without_pivot),
        CONTAINER_TEST("(R2) the root is closed when it was entered late",
                       test_closed_when_entered_late),
        CONTAINER_TEST("[D10] [DS1] [MP1] [RO1] a whole root", test_all),
        CONTAINER_TEST("(T52) a whole root on an old kernel", test_all_on_an_old_kernel),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, container_set_up, container_tear_down);
}
