/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: what an entry means, what is refused, and where it lands. */

#include "tests/unit/rootfs/container.h"

#define CONFIG(mounts) "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'mounts':[" mounts "]}"

/* ---- plans ---- */

static struct error *plan(const char *json, const struct mounts_context *context,
                          struct mounts_plan *result)
{
    const struct oci_config *config = container_read(json);
    assert_non_null(config);
    return mounts_plan(&config->mounts, context, &container_arena, result);
}

static void test_plan_refuses(void **context)
{
    (void) context;
    static const struct {
        const char *json;
        enum error_code code;
        const char *field;
    } rows[] = {
        { CONFIG("{'destination':'','type':'tmpfs'}"), ERROR_CONFIG, "mounts[0].destination" },
        { CONFIG("{'destination':'/','type':'tmpfs'}"), ERROR_CONFIG, "mounts[0].destination" },
        { CONFIG("{'destination':'//./','type':'tmpfs'}"), ERROR_CONFIG, "mounts[0].destination" },
        { CONFIG("{'destination':'/a/../..','source':'.','options':['bind']}"), ERROR_CONFIG,
          "mounts[0].destination" },
        { CONFIG("{'destination':'/a'}"), ERROR_CONFIG, "mounts[0].type" },
        { CONFIG("{'destination':'/a','options':['rbind']}"), ERROR_CONFIG, "mounts[0].source" },
        { CONFIG("{'destination':'/a','source':'','options':['bind']}"), ERROR_CONFIG,
          "mounts[0].source" },
        { CONFIG("{'destination':'/a','type':'tmpfs'},"
                 "{'destination':'/b','type':'tmpfs','uidMappings':[{'containerID':0,'hostID':1,"
                 "'size':1}]}"),
          ERROR_CONFIG, "mounts[1].uidMappings" },
        { CONFIG("{'destination':'/b','type':'tmpfs','gidMappings':[{'containerID':0,'hostID':1,"
                 "'size':1}]}"),
          ERROR_CONFIG, "mounts[0].gidMappings" },
        { CONFIG("{'destination':'/c','type':'cgroup'}"), ERROR_CONFIG, "mounts[0].type" },
        { CONFIG("{'destination':'/b','type':'bind','source':'s'}"), ERROR_CONFIG,
          "mounts[0].type" },
        { CONFIG("{'destination':'/b','type':'rbind','source':'s','options':['ro']}"), ERROR_CONFIG,
          "mounts[0].type" },
        { CONFIG("{'destination':'/b','type':'none','source':'s'}"), ERROR_CONFIG,
          "mounts[0].type" },
    };
    const struct mounts_context nothing = { 0 };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mounts_plan result = { .n = 77 };
        struct error *error = plan(rows[i].json, &nothing, &result);
        if (!error || error->code != rows[i].code || strcmp(error->field, rows[i].field))
            fail_msg("%s: %s", rows[i].json, error ? error->text : "taken");
        assert_int_equal(result.n, 77);
        error_forget(error);
    }
}

/* The options of a mount, each with a semicolon behind. */
static const char *join_options(const struct mount_plan *mount)
{
    static char text[512];
    text[0] = '\0';
    for (uint32_t i = 0; i < mount->filesystem.option_count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s;",
                 mount->filesystem.options[i]);
    return text;
}

static void test_plan_labels(void **context)
{
    (void) context;
    static const struct {
        const char *mount, *options; /* NULL: as without a label */
    } rows[] = {
        { "'type':'tmpfs','options':['nosuid','size=1m']", "size=1m;context=u:r:t:s0:c1,c2;" },
        { "'type':'devpts','options':['newinstance']", "context=u:r:t:s0:c1,c2;" },
        { "'type':'ext4','source':'/dev/x'", "context=u:r:t:s0:c1,c2;" },
        { "'type':'proc'", NULL },
        { "'type':'sysfs'", NULL },
        { "'type':'mqueue'", NULL },
        { "'type':'cgroup'", NULL },
        { "'type':'tmpfs','options':['context=a:b:c']", NULL },
        { "'type':'tmpfs','options':['rootcontext=a:b:c']", NULL },
        { "'source':'.','options':['bind']", NULL },
    };
    const struct mounts_context labelled = { .has_cgroup_namespace = true,
                                             .has_cgroup = true,
                                             .label = "u:r:t:s0:c1,c2" };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char json[256];
        struct mounts_plan result;
        snprintf(json, sizeof(json), CONFIG("{'destination':'/a',%s}"), rows[i].mount);
        assert_null(plan(json, &labelled, &result));
        const struct mount_plan *mount = &result.v[0];
        if (!rows[i].options) {
            assert_null(mount->label);
            assert_null(strstr(join_options(mount), "c1,c2"));
            continue;
        }
        assert_string_equal(mount->label, labelled.label);
        assert_non_null(strstr(join_options(mount), rows[i].options));
    }
}

/* Init leaves out the last ones where the kernel knows no such group. */
static void test_plan_of_unknown_groups(void **context)
{
    (void) context;
    static const struct {
        const char *mount, *options;
        uint32_t groups;
    } rows[] = {
        { "'type':'devpts','options':['gid=5,newinstance','mode=620']",
          "newinstance;mode=620;context=u:r:t:s0;gid=5;", 1 },
        { "'type':'devpts','options':['gid=5','sync','gid=7','mode=620']",
          "mode=620;sync;context=u:r:t:s0;gid=5;gid=7;", 2 },
        { "'type':'devpts','options':['mode=620']", "mode=620;context=u:r:t:s0;", 0 },
        { "'type':'tmpfs','options':['gid=5','mode=620']", "gid=5;mode=620;context=u:r:t:s0;", 0 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mounts_plan result;
        char json[256];
        const struct mounts_context unknown = { .label = "u:r:t:s0",
                                                .is_in_user_namespace = true,
                                                .has_unknown_gids = true };
        const struct mounts_context known = { .label = "u:r:t:s0", .is_in_user_namespace = true };
        snprintf(json, sizeof(json), CONFIG("{'destination':'/b',%s}"), rows[i].mount);
        assert_null(plan(json, &unknown, &result));
        assert_string_equal(join_options(&result.v[0]), rows[i].options);
        assert_int_equal(result.v[0].group_options, rows[i].groups);
        assert_int_equal(result.v[0].is_made_early, rows[i].groups > 0);
        assert_null(plan(json, &known, &result));
        assert_int_equal(result.v[0].group_options, 0);
        assert_false(result.v[0].is_made_early);
    }
}

/* Whatever the type says, it is a bind if an option says so. */
static void test_plan_finds_binds(void **context)
{
    (void) context;
    const struct mounts_context nothing = { 0 };
    struct mounts_plan result;
    assert_null(plan(CONFIG("{'destination':'x/y//','type':'ext4','source':'s','options':['bind']},"
                            "{'destination':'/b','type':'none','source':'s','options':['rbind']},"
                            "{'destination':'/c','type':'cgroup','source':'s','options':['bind']}"),
                     &nothing, &result));
    assert_int_equal(result.n, 3);
    assert_int_equal(result.v[0].kind, MOUNT_KIND_BIND);
    assert_string_equal(result.v[0].destination, "/x/y");
    assert_int_equal(result.v[0].tree, -1);
    assert_int_equal(result.v[1].kind, MOUNT_KIND_BIND);
    assert_int_equal(result.v[2].kind, MOUNT_KIND_BIND);
    assert_false(result.v[2].is_cgroup);
}

static void test_plan_chooses_who_mounts(void **context)
{
    (void) context;
    const struct mounts_context nothing = { 0 };
    struct mounts_plan result;
    assert_null(plan(
        CONFIG("{'destination':'/a','type':'tmpfs','options':['ro']},"
               "{'destination':'/b','type':'ext4','source':'/dev/x','options':['ro','nosuid']},"
               "{'destination':'/c','type':'overlay','source':'overlay','options':['ro',"
               "'lowerdir=/a:/b']}"),
        &nothing, &result));
    assert_false(result.v[0].is_made_by_host || result.v[0].filesystem.is_read_only);
    assert_true(result.v[1].is_made_by_host && result.v[1].filesystem.is_read_only);
    assert_true(result.v[2].is_made_by_host && !result.v[2].filesystem.is_read_only);
    assert_string_equal(result.v[2].filesystem.options[0], "lowerdir=/a:/b");
}

static void test_plan_of_read_only_memory(void **context)
{
    (void) context;
    static const char json[] = CONFIG("{'destination':'/dev','type':'tmpfs','options':['ro']},"
                                      "{'destination':'/a/b','type':'tmpfs','options':['ro']},"
                                      "{'destination':'/a','source':'.','options':['bind','ro']},"
                                      "{'destination':'/ab','type':'tmpfs'}");
    struct mounts_context wanted = { 0 };
    struct mounts_plan result;
    assert_null(plan(json, &wanted, &result));
    assert_int_equal(result.read_only_count, 1);
    assert_true(result.v[0].becomes_read_only);
    wanted.is_live = true;
    assert_null(plan(json, &wanted, &result));
    assert_int_equal(result.read_only_count, 0);
}

static void test_plan_of_remounted_memory(void **context)
{
    (void) context;
    static const struct {
        const char *remount;
        bool is_late;
    } rows[] = {
        { "'destination':'/a/b/','options':['remount','nosuid']", true },
        { "'destination':'/a/b','options':['remount','ro']", true },
        { "'destination':'/a/b/','options':['remount','rw']", false },
        { "'destination':'/a/b','options':['remount','rrw']", false },
        { "'destination':'/a','options':['remount','rrw']", false },
        { "'destination':'/a','options':['remount','rw']", true },
        { "'destination':'//','options':['remount','rrw']", false },
        { "'destination':'/','options':['remount','rw']", true },
        { "'destination':'/a/bc','options':['remount','rrw']", true },
        { "'destination':'/a/b/c','options':['remount','rw']", true },
    };
    const struct mounts_context wanted = { 0 };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mounts_plan result;
        char json[256];
        snprintf(json, sizeof(json),
                 CONFIG("{'destination':'/a/b','type':'tmpfs','options':['ro']},{%s}"),
                 rows[i].remount);
        assert_null(plan(json, &wanted, &result));
        assert_int_equal(result.v[0].becomes_read_only, rows[i].is_late);
        assert_int_equal(result.read_only_count, rows[i].is_late);
    }
}

/* (R18) */
static void test_plan_cgroup(void **context)
{
    (void) context;
    static const struct mounts_context isolated = { .has_cgroup_namespace = true,
                                                    .has_cgroup = true },
                                       bound = { .has_cgroup = true };
    static const char json[] =
        CONFIG("{'destination':'/a','type':'cgroup','options':['nosuid','nsdelegate']},"
               "{'destination':'/b','type':'cgroup2','options':['ro','rw']}");
    struct mounts_plan result;
    assert_null(plan(json, &isolated, &result));
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(result.v[i].kind, MOUNT_KIND_NEW);
        assert_string_equal(result.v[i].filesystem.type, "cgroup2");
        assert_int_equal(result.v[i].filesystem.option_count, 0);
        assert_false(result.v[i].is_made_by_host);
    }
    assert_true(result.v[0].filesystem.attributes & 2); /* nosuid */
    assert_null(plan(json, &bound, &result));
    assert_true(result.v[0].is_cgroup && result.v[1].is_cgroup);
    assert_int_equal(result.v[0].kind, MOUNT_KIND_BIND);
    assert_int_equal(result.v[0].change.set, 3); /* nosuid, ro */
    assert_int_equal(result.v[1].change.set, 0);
    assert_int_equal(result.v[0].recursive_change.propagation, MS_PRIVATE);
}

/* The root of the new cgroup namespace is the caller's own cgroup: it may be seen, not written. */
static void test_plan_cgroup_of_the_caller(void **context)
{
    (void) context;
    static const struct mounts_context shared = { .has_cgroup_namespace = true }, host = { 0 },
                                       plain_user = { .has_cgroup_namespace = true,
                                                      .is_in_user_namespace = true };
    static const char open[] = CONFIG("{'destination':'/a','type':'cgroup'}"),
                      read_only[] = CONFIG("{'destination':'/a','type':'cgroup2',"
                                           "'options':['ro']}");
    static const struct {
        const char *json;
        const struct mounts_context *context;
    } rows[] = { { open, &shared }, { open, &host }, { read_only, &host } };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mounts_plan result = { .n = 77 };
        struct error *error = plan(rows[i].json, rows[i].context, &result);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_CONFIG);
        assert_string_equal(error->field, "mounts[0].type");
        assert_non_null(strstr(error->hint, "--cgroup-manager disabled"));
        assert_int_equal(result.n, 77);
        error_forget(error);
    }
    struct mounts_plan result;
    assert_null(plan(read_only, &shared, &result));
    assert_true(result.v[0].filesystem.attributes & MOUNT_ATTR_RDONLY);
    assert_null(plan(open, &plain_user, &result));
    assert_true(result.v[0].filesystem.attributes & MOUNT_ATTR_RDONLY);
}

/* ---- where they land ---- */

static int make_files(void)
{
    auto_close int file = open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    check(file >= 0 && write(file, "host\n", 5) == 5);
    check(!mkdir("source", 0755) && !mkdir("source/seen", 0755));
    check(!mkdir("rootfs/here", 0711) && !chmod("rootfs/here", 01751));
    check(!mkdir("rootfs/etc", 0755) && !symlink("../run/absent/file", "rootfs/etc/dangling"));
    return symlink("/../../here", "rootfs/link");
}

static int see_places(void)
{
    struct stat status;
    char text[8] = "";
    check(*find_mount("/relative/x") && *find_mount("/b/c") && *find_mount("/b"));
    check(!access("/source/seen", F_OK) && *find_mount("/source"));
    auto_close int file = open("/etc/dangling", O_RDONLY | O_CLOEXEC);
    check(file >= 0 && read(file, text, sizeof(text)) == 5 && !strcmp(text, "host\n"));
    check(*find_mount("/run/absent/file"));
    check(!stat("/here", &status) && *find_mount("/here") && (status.st_mode & 07777) == 01751);
    check(!stat("/made", &status) && (status.st_mode & 07777) == 01777);
    check(!stat("/chosen", &status) && (status.st_mode & 07777) == 0700);
    return 0;
}

static void test_places(void **context)
{
    (void) context;
    container_options.prepare = make_files;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'relative/x','type':'tmpfs'},"
                          "{'destination':'/b','type':'tmpfs'},"
                          "{'destination':'/b/c/','type':'tmpfs'},"
                          "{'destination':'/source','source':'source','options':['bind']},"
                          "{'destination':'/etc/dangling','source':'./file','options':['bind']},"
                          "{'destination':'/link','type':'tmpfs'},"
                          "{'destination':'/made','type':'tmpfs'},"
                          "{'destination':'/chosen','type':'tmpfs','options':['mode=700']}"),
                   see_places);
}

static int see_order(void)
{
    check(access("/a/b", F_OK) && errno == ENOENT);
    return 0;
}

static void test_order(void **context)
{
    (void) context;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/a/b','type':'tmpfs'},"
                          "{'destination':'/a','type':'tmpfs'}"),
                   see_order);
}

/* A volume of the host's mounts: what the container mounts in it stays in the container. */
static int see_no_leak(void)
{
    check(!mount("tmpfs", "/source/seen", "tmpfs", 0, NULL));
    check(!strstr(find_mount("/source"), "shared:"));
    return 0;
}

static void test_bind_does_not_leak(void **context)
{
    (void) context;
    container_options.prepare = make_files;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/source','source':'source','options':['rbind']}"),
                   see_no_leak);
}

static int see_image(void)
{
    auto_close int file = open("/image/file", O_RDONLY | O_CLOEXEC);
    check(file >= 0 && !strncmp(find_mount("/image"), "ro,relatime - overlay", 21));
    return 0;
}

static int make_layers(void)
{
    check(!mkdir("lower", 0755) && !mkdir("upper", 0755));
    return close(open("lower/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

/* Its options name paths, and these are the host's. */
static void test_overlay_is_the_hosts(void **context)
{
    (void) context;
    struct error error;
    container_options.prepare = make_layers;
    container_run(
        CONFIG("{'destination':'/proc','type':'proc'},"
               "{'destination':'/image','type':'overlay','options':['ro','lowerdir=lower:upper']}"),
        see_image, &error);
    if (error.number == ENODEV)
        skip();
    assert_int_equal(error.code, 0);
}

static int see_cgroup(void)
{
    check(!access("/cg/cgroup.controllers", F_OK) && !strncmp(find_mount("/cg"), "ro,nosuid", 9));
    check(strstr(find_mount("/cg"), " - cgroup2 "));
    return 0;
}

/* In place of a cgroup: any directory that the caller has opened. */
static int make_cgroup(void)
{
    check(!mkdir("cgroup", 0755) && !mkdir("cgroup/own", 0755));
    container_options.cgroup = open("cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return container_options.cgroup < 0;
}

static void test_cgroup_namespace(void **context)
{
    (void) context;
    container_show(
        CONFIG("{'destination':'/proc','type':'proc'},"
               "{'destination':'/cg','type':'cgroup','options':['nosuid','ro','nsdelegate']}"),
        see_cgroup);
}

static int see_bound_cgroup(void)
{
    check(!access("/cg/own", F_OK) && mkdir("/cg/x", 0755) && errno == EROFS);
    return 0;
}

static void test_cgroup_of_the_host(void **context)
{
    (void) context;
    container_options.has_cgroup_namespace = false;
    container_options.prepare = make_cgroup;
    container_show(CONFIG("{'destination':'/cg','type':'cgroup'}"), see_bound_cgroup);
}

/* ---- what is refused when it is tried ---- */

static void test_refusals(void **context)
{
    (void) context;
    container_options.prepare = make_files;
    container_refuse(CONFIG("{'destination':'/a','source':'absent','options':['bind']}"),
                     ERROR_MOUNT, "mounts[0] on /a: ");
    container_refuse(CONFIG("{'destination':'/a','type':'nosuchfs'}"), ERROR_MOUNT, "nosuchfs");
    container_refuse(CONFIG("{'destination':'/etc','source':'file','options':['bind']}"),
                     ERROR_CONFIG,
                     "mounts[0].destination: the source is a file, the destination a directory");
    container_refuse(CONFIG("{'destination':'/f','source':'file','options':['bind']},"
                            "{'destination':'/f','source':'source','options':['bind']}"),
                     ERROR_CONFIG,
                     "mounts[1].destination: a directory cannot be mounted on a file");
    container_refuse(CONFIG("{'destination':'/etc/dangling','source':'file','options':['bind']},"
                            "{'destination':'/run/absent/file','type':'tmpfs'}"),
                     ERROR_CONFIG, "mounts[1].destination: the destination is a file");
}

static int link_root(void)
{
    return symlink("/", "rootfs/root");
}

static void test_link_to_the_root(void **context)
{
    (void) context;
    container_options.prepare = link_root;
    container_refuse(CONFIG("{'destination':'/root','type':'tmpfs'}"), ERROR_CONFIG, "mounts[0]");
}

static int link_proc(void)
{
    return mkdir("rootfs/elsewhere", 0755) || symlink("/elsewhere", "rootfs/proc") ||
           symlink("/none", "rootfs/sys");
}

static int plug_proc(void)
{
    return mknod("rootfs/proc", S_IFIFO | 0644, 0) ||
           close(open("rootfs/sys", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static void test_false_proc(void **context)
{
    (void) context;
    container_options.prepare = link_proc;
    container_refuse(CONFIG("{'destination':'/proc','type':'proc'}"), ERROR_PATH,
                     "/proc is a symbolic link");
    container_refuse(CONFIG("{'destination':'/sys','type':'sysfs'}"), ERROR_PATH, "/sys is a symb");
    container_options.prepare = plug_proc;
    container_refuse(CONFIG("{'destination':'/proc','type':'proc'}"), ERROR_CONFIG,
                     "mounts[0].destination: the destination is a file");
    container_refuse(CONFIG("{'destination':'/sys','type':'sysfs'}"), ERROR_CONFIG,
                     "mounts[0].destination: the destination is a file");
}

/* Every form that a hostile image can give to a destination: nothing of the host changes. */
static int make_traps(void)
{
    char target[512] = "";
    for (int i = 0; i < 40; i++)
        strcat(target, "../");
    strcat(target, "tmp");
    check(!symlink("/tmp", "rootfs/absolute") && !symlink(target, "rootfs/up"));
    check(!symlink("loop", "rootfs/loop") && !symlink("/proc/self/root/tmp", "rootfs/magic"));
    return 0;
}

static int see_traps(void)
{
    check(*find_mount("/tmp/a") && *find_mount("/tmp/b"));
    return 0;
}

static void test_traps(void **context)
{
    (void) context;
    container_options.prepare = make_traps;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/absolute/a','type':'tmpfs'},"
                          "{'destination':'/up/b','type':'tmpfs'}"),
                   see_traps);
    container_refuse(CONFIG("{'destination':'/loop/a','type':'tmpfs'}"), ERROR_PATH,
                     "symbolic links");
    container_refuse(CONFIG("{'destination':'/proc','type':'proc'},"
                            "{'destination':'/magic/a','type':'tmpfs'}"),
                     ERROR_PATH, "symbolic links");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("[M3] [M11] [M12] plan refuses", test_plan_refuses),
        CONTAINER_TEST("[ML1] plan labels", test_plan_labels),
        CONTAINER_TEST("[N13] plan of unknown groups", test_plan_of_unknown_groups),
        CONTAINER_TEST("[M6] plan finds binds", test_plan_finds_binds),
        CONTAINER_TEST("[M5] plan chooses who mounts", test_plan_chooses_who_mounts),
        CONTAINER_TEST("[M8] plan of read-only memory", test_plan_of_read_only_memory),
        CONTAINER_TEST("[M8] plan of remounted memory", test_plan_of_remounted_memory),
        CONTAINER_TEST("(R18) plan of the cgroup", test_plan_cgroup),
        CONTAINER_TEST("(R18) no cgroup of its own", test_plan_cgroup_of_the_caller),
        CONTAINER_TEST("[M3] [M4] places", test_places),
        CONTAINER_TEST("[M2] order", test_order),
        CONTAINER_TEST("(R11) a bind does not leak", test_bind_does_not_leak),
        CONTAINER_TEST("[M5] an overlay is the host's", test_overlay_is_the_hosts),
        CONTAINER_TEST("[M5] a new cgroup namespace", test_cgroup_namespace),
        CONTAINER_TEST("(R18) (T60) the host's cgroup namespace", test_cgroup_of_the_host),
        CONTAINER_TEST("[M4] [M5] refusals", test_refusals),
        CONTAINER_TEST("[M3] a link to the root", test_link_to_the_root),
        CONTAINER_TEST("(T02) (T03) a false /proc or /sys", test_false_proc),
        CONTAINER_TEST("(T04) traps", test_traps),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, container_set_up, container_tear_down);
}
