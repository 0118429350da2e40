/* SPDX-License-Identifier: Apache-2.0 */
/* linux.maskedPaths and linux.readonlyPaths. */

#include "tests/unit/rootfs/container.h"

#include <dirent.h>
#include <sys/sysmacros.h>

#define CONFIG(mounts, linux)                                                                      \
    "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'mounts':["                                    \
    "{'destination':'/proc','type':'proc'}" mounts "],'linux':{" linux "}}"

static void refuse(const char *masked, const char *read_only, const char *field)
{
    const char *const good = "/good";
    const char *first[] = { good, masked }, *second[] = { good, read_only };
    struct oci_string_array a = { first, 2 }, b = { second, 2 };
    struct masked_paths_plan plan = { .null = -9 };
    struct error *error = masked_paths_plan(&a, &b, &plan);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CONFIG);
    assert_string_equal(error->field, field);
    assert_int_equal(plan.null, -9);
    error_forget(error);
}

static void test_plan_refuses(void **context)
{
    (void) context;
    refuse("proc/kcore", "/x", "linux.maskedPaths[1]");
    refuse("", "/x", "linux.maskedPaths[1]");
    refuse("/x", "proc/sys", "linux.readonlyPaths[1]");
}

static void test_plan_opens_nothing_needlessly(void **context)
{
    (void) context;
    const char *path = "/x";
    struct oci_string_array none = { 0 }, one = { &path, 1 };
    const struct mounts_plan no_mounts = { 0 };
    struct masked_paths_plan plan;
    assert_null(masked_paths_plan(&one, &none, &plan));
    assert_int_equal(plan.null, -1);
    assert_int_equal(plan.masked_count, 1);
    assert_null(masked_paths_plan(&none, &one, &plan));
    assert_null(masked_paths_open(&plan, &no_mounts, NULL));
    assert_int_equal(plan.null, -1);
    assert_int_equal(plan.read_only_count, 1);
}

static int make_tree(void)
{
    check(!mkdir("rootfs/a", 0755) && !mkdir("rootfs/b", 0755) && !mkdir("rootfs/a/deep", 0755));
    check(!close(open("rootfs/a/secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
    check(!close(open("rootfs/b/secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
    check(!mkdir("rootfs/c", 0755) && !mkdir("rootfs/c/sub", 0755));
    auto_close int one = open("rootfs/c/one", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    auto_close int two = open("rootfs/c/two", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    check(write(one, "secret", 6) == 6 && write(two, "secret", 6) == 6);
    check(!symlink("../../c/two", "rootfs/link"));
    return mount("tmpfs", "rootfs/c/sub", "tmpfs", MS_NOSUID, NULL);
}

static int count_entries(const char *path)
{
    int count = -2; /* "." and ".." */
    DIR *list = opendir(path);
    while (list && readdir(list))
        count++;
    if (list)
        closedir(list);
    return count;
}

static bool is_null(const char *path)
{
    struct stat status;
    char byte;
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, &byte, 1) == 0 && !fstat(fd, &status) && S_ISCHR(status.st_mode) &&
           status.st_rdev == makedev(1, 3);
}

static int see_masks(void)
{
    check(count_entries("/a") == 0 && count_entries("/b") == 0);
    check(mkdir("/a/x", 0755) && errno == EROFS);
    check(is_null("/c/one") && is_null("/c/two") && is_null("/link"));
    check(!strncmp(find_mount("/a"), "ro,nosuid,nodev,noexec,relatime - tmpfs", 39));
    check(!strncmp(find_mount("/b"), "ro,nosuid,nodev,noexec,relatime - tmpfs", 39));
    check(*find_mount("/c/two") && !strstr(find_mount("/c/two"), "shared:"));
    check(!strstr(find_mount("/c/one"), "shared:"));
    return 0;
}

static void test_masks(void **context)
{
    (void) context;
    container_options.prepare = make_tree;
    container_show(CONFIG("", "'maskedPaths':['/a','/b','/b/secret','/c/one','/link',"
                              "'/none','/none/at/all','/c/one/below','/a']"),
                   see_masks);
}

static int see_read_only(void)
{
    check(mkdir("/c/x", 0755) && errno == EROFS && mkdir("/c/sub/x", 0755) && errno == EROFS);
    check(!strncmp(find_mount("/c"), "ro,relatime - ", 14));
    check(!strncmp(find_mount("/c/sub"), "ro,nosuid,relatime - ", 21));
    check(open("/b/secret", O_WRONLY | O_CLOEXEC) < 0 && errno == EROFS);
    check(!mkdir("/b/x", 0755) && is_null("/c/one"));
    return 0;
}

static void test_read_only(void **context)
{
    (void) context;
    container_options.prepare = make_tree;
    container_show(CONFIG("", "'maskedPaths':['/c/one'],'readonlyPaths':"
                              "['/c','/b/secret','/none','/b/secret/below']"),
                   see_read_only);
}

/* The image's /dev/null is none: masks hide all the same. */
static int make_false_null(void)
{
    return make_tree() || mkdir("rootfs/dev", 0755) ||
           mknod("rootfs/false", S_IFCHR | 0666, makedev(1, 5)) ||
           mount("tmpfs", "rootfs/dev", "tmpfs", 0, NULL) ||
           mknod("rootfs/dev/null", S_IFCHR | 0666, makedev(1, 3)) ||
           mount("rootfs/false", "rootfs/dev/null", NULL, MS_BIND, NULL);
}

static int see_null(void)
{
    check(is_null("/c/one"));
    return 0;
}

static void test_false_null(void **context)
{
    (void) context;
    struct error error;
    container_options.prepare = make_false_null;
    container_run(CONFIG("", "'maskedPaths':['/c/one']"), see_null, &error);
    assert_int_equal(error.number, EEXIST); /* the default device is another one */
    container_show(CONFIG(",{'destination':'/dev','type':'tmpfs','options':['mode=755']}",
                          "'maskedPaths':['/c/one']"),
                   see_null);
}

static int make_loop(void)
{
    return symlink("loop", "rootfs/loop");
}

/* Only what is not there is skipped. */
static void test_other_failures_count(void **context)
{
    (void) context;
    container_options.prepare = make_loop;
    container_refuse(CONFIG("", "'maskedPaths':['/proc/none','/loop']"), ERROR_PATH, "mask /loop");
    container_refuse(CONFIG("", "'readonlyPaths':['/loop/x']"), ERROR_PATH,
                     "make /loop/x read-only");
    container_refuse(CONFIG("", "'maskedPaths':['/proc/self/root']"), ERROR_PATH,
                     "mask /proc/self/root");
}

/* A neighbour with a share in the root filesystem swaps /dev/null for a file while we mask. */
static int swap_often(void)
{
    check(!make_tree() && !mkdir("rootfs/dev", 0755));
    check(!mknod("rootfs/dev/null", S_IFCHR | 0666, makedev(1, 3)));
    check(!symlink("/b/secret", "rootfs/dev/other"));
    pid_t swapper = fork();
    if (swapper)
        return swapper < 0;
    for (int i = 0; i < 6000; i++)
        renameat2(AT_FDCWD, "rootfs/dev/null", AT_FDCWD, "rootfs/dev/other", RENAME_EXCHANGE);
    _exit(0);
}

static void test_swap(void **context)
{
    (void) context;
    unsigned built = 0;
    for (int i = 0; i < 20; i++) {
        struct error error;
        container_reset();
        container_options.prepare = swap_often;
        container_run(CONFIG("", "'maskedPaths':['/c/one']"), see_null, &error);
        assert_true(error.code == 0 || error.code == ERROR_PATH);
        built += error.code == 0;
    }
    assert_true(built > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("[MP2] [RO1] plan refuses", test_plan_refuses),
        CONTAINER_TEST("plan opens nothing needlessly", test_plan_opens_nothing_needlessly),
        CONTAINER_TEST("[MP1] (R5) masks", test_masks),
        CONTAINER_TEST("[RO1] read-only paths", test_read_only),
        CONTAINER_TEST("(T13) a false null device", test_false_null),
        CONTAINER_TEST("[MP1] other failures count", test_other_failures_count),
        CONTAINER_TEST("(T14) names swapped meanwhile", test_swap),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, container_set_up, container_tear_down);
}
