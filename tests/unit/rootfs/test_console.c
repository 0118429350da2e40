/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs/console: /dev/console, and the devpts that a terminal needs. */
#include "tests/unit/rootfs/container.h"

#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "rootfs/console.h"

#define DEVPTS "{'destination':'/dev/pts','type':'devpts'}"
#define DEV "{'destination':'/dev','type':'tmpfs'}"
#define BIND(path, options)                                                                        \
    "{'destination':'" path "','type':'bind','source':'/dev','options':[" options "]}"

/* What console_plan() says of MOUNTS. */
static struct error *plan(const char *mounts, struct console_plan *result)
{
    char json[1024];
    struct mounts_plan made;
    const struct mounts_context context = { .has_cgroup_namespace = true, .has_cgroup = true };

    container_reset();
    snprintf(json, sizeof(json), "{'ociVersion':'1.3.0','mounts':[%s]}", mounts);
    const struct oci_config *config = container_read(json);
    assert_non_null(config);
    assert_null(mounts_plan(&config->mounts, &context, &container_arena, &made));
    *result = (struct console_plan){ false };
    return console_plan(&made, result);
}

static void test_devpts_is_there(void **context) /* [P2] */
{
    (void) context;
    static const char *const good[] = {
        DEVPTS,
        DEV "," DEVPTS,
        "{'destination':'dev/pts/','type':'devpts'}",
        DEVPTS ",{'destination':'/dev/shm','type':'tmpfs'}",
        BIND("/dev", "'rbind'"),
        DEV "," BIND("/dev/pts", "'bind'"),
        DEVPTS ",{'destination':'/dev/pts','options':['remount','bind','ro']}",
        BIND("/dev", "'bind','rshared'") "," DEV "," DEVPTS,
    };
    for (size_t i = 0; i < LENGTH(good); i++) {
        struct console_plan result;
        struct error *error = plan(good[i], &result);
        if (error)
            fail_msg("%s: %s", good[i], error->text);
        assert_true(result.is_wanted);
    }
}

static void test_devpts_is_missing(void **context) /* [P2] */
{
    (void) context;
    static const char *const bad[] = {
        "",
        DEV,
        DEVPTS "," DEV,
        DEVPTS "," BIND("/dev", "'bind'"),
        DEVPTS ",{'destination':'/dev/pts','type':'tmpfs'}",
        BIND("/dev", "'rbind'") "," DEV,
        "{'destination':'/dev/ptsx','type':'devpts'}",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct console_plan result;
        struct error *error = plan(bad[i], &result);
        if (!error)
            fail_msg("%s is taken", bad[i]);
        assert_int_equal(error->code, ERROR_CONFIG);
        assert_string_equal(error->field, "process.terminal");
        assert_non_null(strstr(error->hint, "\"type\": \"devpts\""));
        error_forget(error);
    }
}

/* A mount there would be the host's as well. */
static void test_shared_dev(void **context) /* [D10] */
{
    (void) context;
    static const struct {
        const char *mounts;
        bool is_wanted;
    } rows[] = {
        { BIND("/dev", "'rbind','rshared'"), false },
        { BIND("/dev", "'rbind','shared'"), false },
        { BIND("/dev", "'rbind'") ",{'destination':'/dev','options':['remount','rshared']}",
          false },
        { BIND("/dev", "'rbind','rslave'"), true },
        { BIND("/dev", "'rbind','rprivate'"), true },
        { "{'destination':'/dev','type':'tmpfs','options':['shared']}," DEVPTS, true },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct console_plan result;
        assert_null(plan(rows[i].mounts, &result));
        if (result.is_wanted != rows[i].is_wanted)
            fail_msg("%s", rows[i].mounts);
    }
}

static int mount_one(bool is_linked)
{
    struct stat slave, console;
    auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    auto_close int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int unlocked = 0;
    check(root >= 0 && master >= 0 && !ioctl(master, TIOCSPTLCK, &unlocked));
    auto_close int fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    check(fd >= 0 && !fstat(fd, &slave));
    struct error *error = console_mount(fd, root);
    if (is_linked) {
        check(error && error->code == ERROR_PATH && strstr(error->text, "symbolic link"));
        error_forget(error);
        check(access("/tmp/new", F_OK));
        return 0;
    }
    check(!error);
    check(!stat("/dev/console", &console));
    check(console.st_dev == slave.st_dev && console.st_ino == slave.st_ino);
    check(strstr(find_mount("/dev/console"), " - devpts "));
    check(!strstr(find_mount("/dev/console"), "shared:"));
    return 0;
}

static int mount_plainly(void)
{
    return mount_one(false);
}

static int mount_on_link(void)
{
    return mount_one(true);
}

static int make_node(void)
{
    return mkdir("rootfs/dev", 0755) || mknod("rootfs/dev/console", S_IFCHR | 0600, makedev(5, 1));
}

static int make_link(void)
{
    return mkdir("rootfs/dev", 0755) || mkdir("rootfs/tmp", 0755) ||
           symlink("../tmp/new", "rootfs/dev/console");
}

#define CONFIG(mounts)                                                                             \
    "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'mounts':["                                    \
    "{'destination':'/proc','type':'proc'}," mounts "]}"
#define OPEN_DEVPTS "{'destination':'/dev/pts','type':'devpts','options':['ptmxmode=0666']}"

static void test_mounted(void **context) /* [D10] */
{
    (void) context;
    container_show(CONFIG(DEV "," OPEN_DEVPTS), mount_plainly);
    container_show(CONFIG(OPEN_DEVPTS), mount_plainly);
    container_options.is_old = true;
    container_show(CONFIG(DEV "," OPEN_DEVPTS), mount_plainly);
}

static void test_mounted_over_node(void **context) /* [D10] */
{
    (void) context;
    container_options.prepare = make_node;
    container_show(CONFIG(OPEN_DEVPTS), mount_plainly);
}

static void test_link_is_refused(void **context) /* (T15) */
{
    (void) context;
    container_options.prepare = make_link;
    container_show(CONFIG(OPEN_DEVPTS), mount_on_link);
    container_options.is_old = true;
    container_show(CONFIG(OPEN_DEVPTS), mount_on_link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("[P2] a devpts is on /dev/pts", test_devpts_is_there),
        CONTAINER_TEST("[P2] no devpts is there", test_devpts_is_missing),
        CONTAINER_TEST("[D10] a /dev that the host shares", test_shared_dev),
        CONTAINER_TEST("[D10] mounted", test_mounted),
        CONTAINER_TEST("[D10] mounted over a node", test_mounted_over_node),
        CONTAINER_TEST("(T15) a link is refused", test_link_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, container_set_up, container_tear_down);
}
