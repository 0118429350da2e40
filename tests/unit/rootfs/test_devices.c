/* SPDX-License-Identifier: Apache-2.0 */
/* linux.devices and the links of /dev. */

#include "tests/unit/os/in_child.h"
#include "tests/unit/rootfs/container.h"

#include <sys/sysmacros.h>

#define CONFIG(mounts, devices)                                                                    \
    "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'mounts':[" mounts "],"                        \
    "'linux':{'devices':[" devices "]}}"
#define DEVICE(type, path, rest) "{'type':'" type "','path':'" path "'" rest "}"
#define ONE_THREE ",'major':1,'minor':3"

static struct error *plan(const char *json, struct devices_plan *result)
{
    const struct oci_config *config = container_read(json);
    assert_non_null(config);
    return devices_plan(config, container_options.binds_devices, &container_arena, result);
}

static void test_plan_refuses(void **context)
{
    (void) context;
    static const struct {
        const char *json, *field;
    } rows[] = {
        { CONFIG("", DEVICE("c", "dev/x", ONE_THREE)), "linux.devices[0].path" },
        { CONFIG("", DEVICE("c", "/dev/", ONE_THREE)), "linux.devices[0].path" },
        { CONFIG("", DEVICE("c", "/dev/..", ONE_THREE)), "linux.devices[0].path" },
        { CONFIG("", DEVICE("c", "/a", ",'minor':3")), "linux.devices[0].major" },
        { CONFIG("", DEVICE("b", "/a", ",'major':3")), "linux.devices[0].minor" },
        { CONFIG("", DEVICE("u", "/a", ",'major':-1,'minor':3")), "linux.devices[0].major" },
        { CONFIG("", DEVICE("c", "/a", ",'major':4096,'minor':3")), "linux.devices[0].major" },
        { CONFIG("", DEVICE("c", "/a", ",'major':1,'minor':1048576")), "linux.devices[0].minor" },
        { CONFIG("", DEVICE("p", "/p", "") "," DEVICE("p", "/a", ",'fileMode':512")),
          "linux.devices[1].fileMode" },
        { CONFIG("", DEVICE("p", "/p", ",'fileMode':8576")), "linux.devices[0].fileMode" },
        { CONFIG("", DEVICE("p", "/p", ",'fileMode':4294967295")), "linux.devices[0].fileMode" },
        { CONFIG("", DEVICE("p", "/a", ",'uid':4294967295")), "linux.devices[0].uid" },
        { CONFIG("", DEVICE("p", "/a", ",'gid':4294967295")), "linux.devices[0].gid" },
        { CONFIG("", DEVICE("p", "/a", "") "," DEVICE("c", "/a", ONE_THREE)),
          "linux.devices[1].path" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct devices_plan result = { .n = 77 };
        struct error *error = plan(rows[i].json, &result);
        if (!error || error->code != ERROR_CONFIG || strcmp(error->field, rows[i].field))
            fail_msg("%s: %s", rows[i].json, error ? error->text : "taken");
        assert_int_equal(result.n, 77);
        error_forget(error);
    }
}

static void test_plan_joins_defaults(void **context)
{
    (void) context;
    struct devices_plan result;
    assert_null(plan("{'ociVersion':'1.3.0'}", &result));
    assert_int_equal(result.n, 6);
    assert_false(result.has_links || result.has_ptmx);
    assert_null(plan(CONFIG("{'destination':'proc/'},{'destination':'/dev/ptsx'},"
                            "{'destination':'//dev/pts'}",
                            "{'type':'c','path':'/dev/null','major':7,'minor':9,'fileMode':8624},"
                            "{'type':'p','path':'/dev/x','uid':3,'gid':4}"),
                     &result));
    assert_true(result.has_links && result.has_ptmx);
    assert_int_equal(result.n, 7);
    assert_string_equal(result.v[0].path, "/dev/zero");
    assert_null(result.v[0].field);
    assert_int_equal(result.v[0].node.mode, S_IFCHR | 0666);
    assert_string_equal(result.v[5].path, "/dev/null");
    assert_int_equal(result.v[5].node.mode, S_IFCHR | 0660);
    assert_int_equal(result.v[5].node.device, makedev(7, 9));
    assert_int_equal(result.v[6].node.mode, S_IFIFO | 0666);
    assert_int_equal(result.v[6].node.uid, 3);
    assert_int_equal(result.v[6].node.gid, 4);
}

static void test_plan_links_nothing_in_a_bound_dev(void **context)
{
    (void) context;
    static const struct {
        const char *json;
        bool is_bound;
    } rows[] = {
        { "{'destination':'/dev/','source':'/dev','options':['ro,rbind']}", true },
        { "{'destination':'/dev','type':'tmpfs'},{'destination':'dev','source':'x','options':"
          "['bind']}",
          true },
        { "{'destination':'/dev','source':'x','options':['bind']},"
          "{'destination':'/dev','options':['remount','ro']}",
          true },
        { "{'destination':'/dev','source':'x','options':['bind']},"
          "{'destination':'/dev','type':'tmpfs'}",
          false },
        { "{'destination':'/dev/null','source':'x','options':['bind']}", false },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char json[512];
        struct devices_plan result;
        snprintf(
            json, sizeof(json),
            CONFIG("{'destination':'/proc'},%s,{'destination':'/dev/pts','type':'devpts'}", ""),
            rows[i].json);
        assert_null(plan(json, &result));
        if (result.has_links == rows[i].is_bound || result.has_ptmx == rows[i].is_bound)
            fail_msg("%s", rows[i].json);
    }
}

static int see_devices(void)
{
    static const struct {
        const char *path;
        mode_t mode;
        unsigned major, minor;
    } rows[] = {
        { "/dev/null", S_IFCHR | 0666, 1, 3 },      { "/dev/zero", S_IFCHR | 0666, 1, 5 },
        { "/dev/full", S_IFCHR | 0666, 1, 7 },      { "/dev/random", S_IFCHR | 0666, 1, 8 },
        { "/dev/urandom", S_IFCHR | 0666, 1, 9 },   { "/dev/tty", S_IFCHR | 0640, 5, 0 },
        { "/x/y/block", S_IFBLK | 0600, 7, 70000 }, { "/dev/u", S_IFCHR | 0666, 10, 229 },
        { "/dev/fifo", S_IFIFO | 0777, 0, 0 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct stat status;
        check(!lstat(rows[i].path, &status));
        check(status.st_mode == rows[i].mode);
        check(status.st_rdev == makedev(rows[i].major, rows[i].minor));
    }
    struct stat fifo;
    check(!stat("/dev/fifo", &fifo) && fifo.st_uid == 5 && fifo.st_gid == 6);
    return 0;
}

static int see_links(void)
{
    static const struct {
        const char *path, *target;
    } rows[] = {
        { "/dev/fd", "/proc/self/fd" },       { "/dev/stdin", "/proc/self/fd/0" },
        { "/dev/stdout", "/proc/self/fd/1" }, { "/dev/stderr", "/proc/self/fd/2" },
        { "/dev/core", "/proc/kcore" },       { "/dev/ptmx", "pts/ptmx" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char target[32] = "";
        check(readlink(rows[i].path, target, sizeof(target) - 1) > 0);
        check(!strcmp(target, rows[i].target));
    }
    return see_devices();
}

#define DEVICES                                                                                    \
    "{'type':'c','path':'/dev/tty','major':5,'minor':0,'fileMode':416},"                           \
    "{'type':'b','path':'/x/y/block','major':7,'minor':70000,'fileMode':384},"                     \
    "{'type':'u','path':'/dev/u','major':10,'minor':229},"                                         \
    "{'type':'p','path':'/dev/fifo','fileMode':511,'uid':5,'gid':6}"

static void test_made(void **context)
{
    (void) context;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/dev','type':'tmpfs','options':['mode=755']},"
                          "{'destination':'/dev/pts','type':'devpts'}",
                          DEVICES),
                   see_links);
}

static int see_no_links(void)
{
    check(access("/dev/fd", F_OK) && access("/dev/ptmx", F_OK));
    return see_devices();
}

static void test_no_links_without_proc(void **context)
{
    (void) context;
    container_show(CONFIG("", DEVICES), see_no_links);
    container_options.is_old = true;
    container_show(CONFIG("", DEVICES), see_no_links);
}

#define NULL_OF_NINE DEVICE("c", "/dev/null", ONE_THREE ",'gid':9")

static int put_file(void)
{
    check(!mkdir("rootfs/dev", 0755));
    return close(open("rootfs/dev/null", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static int put_right_device(void)
{
    umask(0);
    check(!mkdir("rootfs/dev", 0755));
    check(!mknod("rootfs/dev/null", S_IFCHR | 0620, makedev(1, 3)));
    check(!chown("rootfs/dev/null", 7, 8));
    return mknod("rootfs/dev/tty", S_IFCHR | 0600, makedev(5, 0));
}

static int see_right_device(void)
{
    struct stat status;
    check(!lstat("/dev/null", &status) && status.st_mode == (S_IFCHR | 0620));
    check(status.st_uid == 7 && status.st_gid == 9);
    check(!lstat("/dev/tty", &status) && status.st_mode == (S_IFCHR | 0600));
    return 0;
}

static void test_existing(void **context)
{
    (void) context;
    container_options.prepare = put_file;
    container_refuse(CONFIG("", ""), ERROR_PATH, "/dev/null is there, and is another");
    container_options.prepare = put_right_device;
    container_show(CONFIG("", NULL_OF_NINE "," DEVICE("c", "/dev/tty", ",'major':5,'minor':0")),
                   see_right_device);
    container_options.is_old = true;
    container_show(
        CONFIG("", NULL_OF_NINE "," DEVICE("c", "/dev/tty", ",'major':5,'minor':0,'fileMode':384")),
        see_right_device);
    container_refuse(CONFIG("", DEVICES), ERROR_UNSUPPORTED, "linux.devices[0].fileMode: /dev/tty");
    container_refuse(CONFIG("", DEVICE("b", "/dev/tty", ",'major':5,'minor':0")), ERROR_PATH,
                     "/dev/tty is there");
}

static const char *const own[] = { "own/null", "own/tty", "own/zero", "own/full", "own/random" };

static int put_own_dev(void)
{
    umask(0);
    check(!mkdir("own", 0755));
    check(!mknod("own/null", S_IFCHR | 0620, makedev(1, 3)));
    check(!mknod("own/tty", S_IFCHR | 0600, makedev(5, 0)));
    check(!mknod("own/zero", S_IFCHR | 0600, makedev(1, 5)));
    check(!mknod("own/full", S_IFCHR | 0600, makedev(1, 7)));
    check(!mknod("own/random", S_IFCHR | 0600, makedev(1, 8)));
    for (size_t i = 0; i < LENGTH(own); i++)
        check(!chown(own[i], 7, 8));
    return 0;
}

static int see_own_dev(void)
{
    static const struct {
        const char *path;
        mode_t permissions;
        uid_t uid;
        gid_t gid;
    } rows[] = {
        { "/dev/null", 0620, 7, 8 }, { "/dev/tty", 0640, 7, 8 },    { "/dev/zero", 0600, 7, 8 },
        { "/dev/full", 0600, 0, 8 }, { "/dev/random", 0600, 7, 9 }, { "/dev/urandom", 0666, 0, 0 },
    };
    struct stat status;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        check(!lstat(rows[i].path, &status));
        check(status.st_mode == (S_IFCHR | rows[i].permissions));
        check(status.st_uid == rows[i].uid && status.st_gid == rows[i].gid);
    }
    check(lstat("/dev/fd", &status) && errno == ENOENT);
    check(lstat("/dev/ptmx", &status) && errno == ENOENT);
    return 0;
}

/* What is the host's stays as it is, but for what an entry of the config says. */
static void test_bound_dev(void **context)
{
    (void) context;
    container_options.prepare = put_own_dev;
    container_show(
        CONFIG("{'destination':'/proc','type':'proc'},"
               "{'destination':'/dev','source':'own','options':['bind']},"
               "{'destination':'/dev/pts','type':'devpts'}",
               DEVICE("c", "/dev/tty", ",'major':5,'minor':0,'fileMode':416") "," DEVICE(
                   "c", "/dev/zero", ",'major':1,'minor':5") "," DEVICE("c", "/dev/full",
                                                                        ",'major':1,'minor':7,'uid'"
                                                                        ":0") "," DEVICE("c",
                                                                                         "/dev/"
                                                                                         "random",
                                                                                         ",'major':"
                                                                                         "1,'minor'"
                                                                                         ":8,'gid':"
                                                                                         "9")),
        see_own_dev);
}

static int see_usable(void)
{
    struct stat status;
    auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    auto_close int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    check(null >= 0 && zero >= 0);
    check(!fstat(null, &status) && status.st_mode == (S_IFCHR | 0666));
    return 0;
}

/* The right node is there, but where no device can be opened. */
static void test_bound_over_a_node(void **context)
{
    (void) context;
    container_options.prepare = put_own_dev;
    container_options.binds_devices = true;
    container_show(CONFIG("{'destination':'/dev','source':'own','options':['bind','nodev']}", ""),
                   see_usable);
}

/* The devices of the host are right already: nothing has to be changed, so it may be read-only. */
static void test_dev_of_the_host(void **context)
{
    (void) context;
    container_show(CONFIG("{'destination':'/dev','source':'/dev','options':"
                          "['rbind','ro']}",
                          ""),
                   NULL);
}

static int link_dev(void)
{
    return mkdir("rootfs/tmp", 0755) || symlink("/tmp", "rootfs/dev");
}

static int see_tmp(void)
{
    struct stat status;
    check(!lstat("/tmp/null", &status) && S_ISCHR(status.st_mode));
    return 0;
}

static void test_link_instead_of_dev(void **context)
{
    (void) context;
    container_options.prepare = link_dev;
    container_show(CONFIG("{'destination':'/proc','type':'proc'}", ""), see_tmp);
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/dev','type':'tmpfs','options':['mode=755']}",
                          ""),
                   see_tmp);
    assert_int_equal(access("/tmp/null", F_OK), -1);
    assert_int_equal(access("/tmp/ptmx", F_OK), -1);
}

static void open_without_memory(void)
{
    struct device_plan device = {
        .path = "/dev/null",
        .node = { .mode = S_IFCHR | 0666, .device = makedev(1, 3) },
        .is_bound = true,
        .tree = -1,
    };
    refuse_call(SYS_openat, ENOMEM);
    struct error *error = devices_open(&(struct devices_plan){ .v = &device, .n = 1 }, NULL);
    demand(error && error->code == ERROR_SYSTEM && error->number == ENOMEM);
    demand(!strcmp(error->text, "open /dev/null"));
}

static void test_failing_open_is_no_missing_device(void **context)
{
    (void) context;
    in_child(open_without_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("[D3] [D5] [D6] [D7] plan refuses", test_plan_refuses),
        CONTAINER_TEST("[D10] plan joins the defaults", test_plan_joins_defaults),
        CONTAINER_TEST("[D2] [D3] [D6] [D7] [D10] [DS1] made", test_made),
        CONTAINER_TEST("[DS1] no links without /proc", test_no_links_without_proc),
        CONTAINER_TEST("[D4] what is there", test_existing),
        CONTAINER_TEST("[DS1] plan links nothing in a bound /dev",
                       test_plan_links_nothing_in_a_bound_dev),
        CONTAINER_TEST("[D4] [D10] a bound /dev", test_bound_dev),
        CONTAINER_TEST("[D4] bound over a node", test_bound_over_a_node),
        CONTAINER_TEST("[D4] the host's /dev", test_dev_of_the_host),
        CONTAINER_TEST("(T51) no memory to open", test_failing_open_is_no_missing_device),
        CONTAINER_TEST("(T01) a link instead of /dev", test_link_instead_of_dev),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, container_set_up, container_tear_down);
}
