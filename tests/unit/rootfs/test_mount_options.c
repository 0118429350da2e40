/* SPDX-License-Identifier: Apache-2.0 */
/* Each option word of the specification, and what it does to a real mount. */

#include "tests/unit/rootfs/container.h"

#include "os/mount_attributes.h"
#include "rootfs/mount_options.h"

/* The sources of binds: "soft" without any flag, "hard" with all of them; each with a mount "sub".
 */
static const char *const kinds[] = {
    "'type':'tmpfs','source':'new'",
    "'source':'soft'",
    "'source':'hard'",
};
enum { NEW, SOFT, HARD };

/* FLAG: a word of the mount's or the filesystem's options in mountinfo, on top and in "sub". */
static const struct row {
    const char *name;
    int kind;
    const char *options; /* of JSON */
    const char *flag;
    bool is_on_top, is_below;
} rows[] = {
    { "MO1", NEW, "'sync','async'", "sync", false, false },
    { "MO2", NEW, "'async','sync'", "sync", true, false },
    { "MO3", NEW, "'noatime','atime'", "noatime", false, false },
    { "MO3", HARD, "'rbind','atime'", "noatime", false, true },
    { "MO4", NEW, "'atime','noatime'", "noatime", true, false },
    { "MO4", SOFT, "'rbind','noatime'", "noatime", true, false },
    { "MO5", HARD, "'bind'", "ro", true, false },
    { "MO6", HARD, "'rbind'", "ro", true, true },
    { "MO7", NEW, "'defaults'", "rw", true, false },
    { "MO8", HARD, "'rbind','dev'", "nodev", false, true },
    { "MO9", SOFT, "'rbind','nodev'", "nodev", true, false },
    { "MO10", HARD, "'rbind','diratime'", "nodiratime", false, true },
    { "MO11", SOFT, "'rbind','nodiratime'", "nodiratime", true, false },
    { "MO12", NEW, "'dirsync'", "dirsync", true, false },
    { "MO13", HARD, "'rbind','exec'", "noexec", false, true },
    { "MO14", SOFT, "'rbind','noexec'", "noexec", true, false },
    { "MO15", NEW, "'iversion'", "rw", true, false },
    { "MO16", NEW, "'noiversion'", "rw", true, false },
    { "MO17", NEW, "'lazytime'", "lazytime", true, false },
    { "MO18", NEW, "'lazytime','nolazytime'", "lazytime", false, false },
    { "MO19", NEW, "'loud'", "rw", true, false },
    { "MO20", NEW, "'silent'", "rw", true, false },
    { "MO21", NEW, "'mand'", "rw", true, false },
    { "MO22", NEW, "'nomand'", "rw", true, false },
    { "MO23", SOFT, "'rbind','nosuid'", "nosuid", true, false },
    { "MO24", HARD, "'rbind','suid'", "nosuid", false, true },
    { "MO25", HARD, "'rbind','relatime'", "relatime", true, false },
    { "MO26", NEW, "'relatime','norelatime'", "noatime", false, false },
    { "MO27", NEW, "'strictatime'", "relatime", false, false },
    { "MO27", SOFT, "'rbind','strictatime'", "relatime", false, true },
    { "MO27", NEW, "'strictatime'", "noatime", false, false },
    { "MO28", NEW, "'strictatime','nostrictatime'", "relatime", true, false },
    { "MO30", SOFT, "'rbind','ro'", "ro", true, false },
    { "MO30", NEW, "'rw','ro'", "ro", true, false },
    { "MO31", HARD, "'rbind','rw'", "ro", false, true },
    { "MO32", SOFT, "'rbind','private'", "shared", false, false },
    { "MO32", SOFT, "'rbind','rprivate'", "shared", false, false },
    { "MO32", SOFT, "'rbind'", "shared", false, false },
    { "MO33", SOFT, "'bind','shared'", "shared", true, false },
    { "MO33", SOFT, "'rbind','rshared'", "shared", true, true },
    { "MO33", SOFT, "'rbind','shared'", "shared", true, true },
    { "MO34", SOFT, "'bind','slave'", "master", true, false },
    { "MO34", SOFT, "'rbind','rslave'", "master", true, true },
    { "MO35", SOFT, "'rbind','unbindable'", "unbindable", true, false },
    { "MO35", SOFT, "'rbind','runbindable'", "unbindable", true, true },
    { "MO36", SOFT, "'rbind','nosymfollow'", "nosymfollow", true, false },
    { "MO37", HARD, "'rbind','symfollow'", "nosymfollow", false, true },
    { "MO38", SOFT, "'rbind','rro'", "ro", true, true },
    { "MO38", HARD, "'rbind','rrw'", "ro", false, false },
    { "MO38", SOFT, "'rbind','rro','rw'", "ro", false, true },
    { "MO39", SOFT, "'rbind','rnosuid'", "nosuid", true, true },
    { "MO39", HARD, "'rbind','rsuid'", "nosuid", false, false },
    { "MO40", HARD, "'rbind','rdev'", "nodev", false, false },
    { "MO40", SOFT, "'rbind','rnodev'", "nodev", true, true },
    { "MO41", SOFT, "'rbind','rnoexec'", "noexec", true, true },
    { "MO41", HARD, "'rbind','rexec'", "noexec", false, false },
    { "MO42", SOFT, "'rbind','rnodiratime'", "nodiratime", true, true },
    { "MO42", HARD, "'rbind','rdiratime'", "nodiratime", false, false },
    { "MO43", SOFT, "'rbind','rnoatime'", "noatime", true, true },
    { "MO43", HARD, "'rbind','ratime'", "noatime", false, false },
    { "MO44", HARD, "'rbind','rrelatime'", "relatime", true, true },
    { "MO44", SOFT, "'rbind','rnorelatime'", "noatime", false, false },
    { "MO45", SOFT, "'rbind','rstrictatime'", "relatime", false, false },
    { "MO45", SOFT, "'rbind','rstrictatime'", "noatime", false, false },
    { "MO45", SOFT, "'rbind','rstrictatime','rnostrictatime'", "relatime", true, true },
    { "MO46", SOFT, "'rbind','rnosymfollow'", "nosymfollow", true, true },
    { "MO46", HARD, "'rbind','rsymfollow'", "nosymfollow", false, false },
    { "MO41", NEW, "'rnoexec','nosuid'", "noexec", true, false },
};

/* ---- the table ---- */

static void test_table_is_sorted_and_found(void **context)
{
    (void) context;
    for (size_t i = 0; i < mount_option_count; i++) {
        assert_ptr_equal(mount_option_find(mount_options[i].name), &mount_options[i]);
        assert_true(i == 0 || strcmp(mount_options[i - 1].name, mount_options[i].name) < 0);
    }
    assert_null(mount_option_find("size=1m"));
    assert_null(mount_option_find("r"));
    assert_null(mount_option_find(""));
}

static void test_words_of_fstab(void **context)
{
    (void) context;
    const uint64_t owners = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    const uint64_t users = owners | MOUNT_ATTR_NOEXEC;
    const struct {
        const char *word;
        enum mount_option_action action;
        uint64_t set;
    } known[] = {
        { "_netdev", MOUNT_OPTION_NOTHING, 0 },      { "auto", MOUNT_OPTION_NOTHING, 0 },
        { "noauto", MOUNT_OPTION_NOTHING, 0 },       { "nouser", MOUNT_OPTION_NOTHING, 0 },
        { "nofail", MOUNT_OPTION_NO_FAIL, 0 },       { "user", MOUNT_OPTION_ATTRIBUTE, users },
        { "users", MOUNT_OPTION_ATTRIBUTE, users },  { "group", MOUNT_OPTION_ATTRIBUTE, owners },
        { "owner", MOUNT_OPTION_ATTRIBUTE, owners },
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        const struct mount_option *option = mount_option_find(known[i].word);
        assert_non_null(option);
        assert_string_equal(option->name, known[i].word);
        assert_int_equal(option->action, known[i].action);
        assert_int_equal(option->set, known[i].set);
        assert_false(option >= mount_options && option < mount_options + mount_option_count);
    }
}

/* The words of config-linux.md#linux-mount-options, and two that only features.md has. */
static void test_table_is_complete(void **context)
{
    (void) context;
    static const char words[] =
        "async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime "
        "nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid "
        "nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodev "
        "rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime "
        "rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave "
        "strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap";
    char copy[sizeof(words)], *rest = copy;
    size_t count = 0;
    memcpy(copy, words, sizeof(words));
    for (char *word; (word = strtok_r(rest, " ", &rest)); count++)
        if (!mount_option_find(word))
            fail_msg("%s", word);
    assert_int_equal(count, mount_option_count);
}

/* ---- their effect ---- */

static int make_sources(void)
{
    const unsigned long all =
        MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_NOSYMFOLLOW | MS_RDONLY;
    return mkdir("soft", 0755) || mount("tmpfs", "soft", "tmpfs", 0, NULL) ||
           mkdir("soft/sub", 0755) || mount("tmpfs", "soft/sub", "tmpfs", 0, NULL) ||
           mkdir("hard", 0755) || mount("tmpfs", "hard", "tmpfs", 0, NULL) ||
           mkdir("hard/sub", 0755) || mount("tmpfs", "hard/sub", "tmpfs", all, NULL) ||
           mount(NULL, "hard", NULL, MS_REMOUNT | MS_BIND | all, NULL);
}

/* Whether a line of mountinfo has the flag: "ro,nosuid shared:1 - tmpfs new rw,sync". */
static bool has_flag(const char *line, const char *flag)
{
    size_t length = strlen(flag);
    for (const char *at = line; (at = strstr(at, flag)); at += length) {
        bool is_begin = at == line || at[-1] == ',' || at[-1] == ' ';
        if (is_begin && strchr(", :\n", at[length]))
            return true;
    }
    return false;
}

/* The flags of the mount alone, unless it is a new filesystem. */
static bool is_set(const char *path, const struct row *row)
{
    char line[2048];
    snprintf(line, sizeof(line), "%s", find_mount(path));
    char *filesystem = strstr(line, " - ");
    if (filesystem && row->kind != NEW)
        *filesystem = '\0';
    if (filesystem && !strcmp(row->flag, "ro"))
        *filesystem = '\0';
    return has_flag(line, row->flag);
}

static int see_rows(void)
{
    int wrong = 0;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char top[32], below[40];
        snprintf(top, sizeof(top), "/m%zu", i);
        snprintf(below, sizeof(below), "%s/sub", top);
        bool is_there = *find_mount(top);
        if (is_there && is_set(top, &rows[i]) == rows[i].is_on_top &&
            is_set(below, &rows[i]) == rows[i].is_below)
            continue;
        print_error("[%s] %s: '%s'", rows[i].name, rows[i].options, find_mount(top));
        print_error(" below '%s'\n", find_mount(below));
        wrong = 1;
    }
    return wrong;
}

static void test_rows(void **context)
{
    (void) context;
    static char json[32768];
    int used = snprintf(json, sizeof(json),
                        "{'ociVersion':'1.3.0','root':{'path':'rootfs'},"
                        "'mounts':[{'destination':'/proc','type':'proc'}");
    for (size_t i = 0; i < LENGTH(rows); i++)
        used += snprintf(json + used, sizeof(json) - (size_t) used,
                         ",{'destination':'/m%zu',%s,'options':[%s]}", i, kinds[rows[i].kind],
                         rows[i].options);
    snprintf(json + used, sizeof(json) - (size_t) used, "]}");
    container_options.prepare = make_sources;
    container_show(json, see_rows);
}

/* ---- words that depend on the rest of the entry ---- */

#define CONFIG(mounts) "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'mounts':[" mounts "]}"
#define TMPFS(options) "{'destination':'/t','type':'tmpfs','options':[" options "]}"

static int see_remount(void)
{
    check(mkdir("/t/x", 0755) && errno == EROFS);
    check(!strncmp(find_mount("/t"), "ro,nosuid,relatime - ", 21));
    return 0;
}

static void test_remount(void **context)
{
    (void) context;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/t','type':'tmpfs','options':['nosuid']},"
                          "{'destination':'/t','type':'tmpfs','options':['remount','ro']}"),
                   see_remount);
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/t','type':'tmpfs','options':['nosuid']},"
                          "{'destination':'/t','options':['remount','bind','ro']}"),
                   see_remount);
    container_refuse(CONFIG("{'destination':'/new','options':['remount','ro']}"), ERROR_PATH,
                     "mounts[0]: remount on /new");
    container_refuse(CONFIG(TMPFS("'remount','size=1m'")), ERROR_UNSUPPORTED,
                     "mounts[0].options: ");
}

static void test_requests_to_mount(void **context)
{
    (void) context;
    container_refuse(CONFIG(TMPFS("'ro','X-mount.idmap=u:0:1:1'")), ERROR_UNSUPPORTED,
                     "mounts[0].options[1]: 'X-mount.idmap=u:0:1:1'");
    container_refuse(CONFIG(TMPFS("'X-mount.subdir=x'")), ERROR_UNSUPPORTED,
                     "mounts[0].options[0]: ");
    container_refuse(CONFIG(TMPFS("'X-mount.mkdir='")), ERROR_CONFIG, "mounts[0].options[0]: ");
    container_refuse(CONFIG(TMPFS("'X-mount.mkdir=789'")), ERROR_CONFIG, "mounts[0].options[0]: ");
    container_refuse(CONFIG(TMPFS("'X-mount.mkdir=17777'")), ERROR_CONFIG,
                     "mounts[0].options[0]: ");
    container_refuse(CONFIG(TMPFS("'X-mount.mkdirs'")), ERROR_CONFIG, "mounts[0].options[0]: ");
}

static int see_requests(void)
{
    struct stat status;
    check(!strncmp(find_mount("/a/b"), "rw,nosuid,nodev,noexec,", 23));
    check(!strncmp(find_mount("/c"), "rw,nosuid,nodev,relatime", 24));
    check(!stat("/a", &status) && (status.st_mode & 07777) == 0711);
    check(stat("/d", &status) && errno == ENOENT);
    check(!stat("/x", &status) && (status.st_mode & 07777) == 0755);
    return 0;
}

static void test_words_of_mount(void **context)
{
    (void) context;
    container_show(CONFIG("{'destination':'/proc','type':'proc'},"
                          "{'destination':'/a/b','type':'tmpfs','options':['X-mount.mkdir=711',"
                          "'user','mode=700','X-note','X-mine.x=1']},"
                          "{'destination':'/c','type':'tmpfs','options':['users,exec','mode=1']},"
                          "{'destination':'/d','source':'none','options':['bind,nofail']},"
                          "{'destination':'/x/y','type':'tmpfs','options':['X-mount.mkdir']}"),
                   see_requests);
}

static int see_data(void)
{
    check(strstr(find_mount("/t"), "size=1024k,nr_inodes=32,mode=700"));
    check(strstr(find_mount("/t"), "rw,nosuid,relatime - "));
    return 0;
}

static void test_data_is_split(void **context)
{
    (void) context;
    container_show(CONFIG("{'destination':'/proc','type':'proc'}," TMPFS(
                       "'size=1m,mode=700','nosuid','x-note',',nr_inodes=32'")),
                   see_data);
    container_refuse(CONFIG(TMPFS("'size=1m','mode=1\\\\,size=2m'")), ERROR_MOUNT,
                     "option mode=1\\,size=2m");
}

static int see_words_and_data(void)
{
    check(strstr(find_mount("/t"), "ro,nosuid,relatime - "));
    check(strstr(find_mount("/t"), "size=1024k"));
    check(!strncmp(find_mount("/b"), "ro,nosuid", 9));
    return 0;
}

/* As mount(8) reads what follows -o. */
static void test_words_are_split(void **context)
{
    (void) context;
    container_show(
        CONFIG("{'destination':'/proc','type':'proc'},"
               "{'destination':'/b','source':'.','options':['bind,ro,size=1m,nosuid,nofail']}," //
               TMPFS("'ro,size=1m,x-note','_netdev,nosuid'")),
        see_words_and_data);
    container_refuse(CONFIG(TMPFS("'nosuid','ro,idmap'")), ERROR_CONFIG, "mounts[0].options[1]: ");
}

static void test_data_is_refused(void **context)
{
    (void) context;
    container_refuse(CONFIG(TMPFS("'nosuid','bogus=1'")), ERROR_MOUNT,
                     "mounts[0]: tmpfs on /t: filesystem tmpfs: option bogus=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("the table is sorted", test_table_is_sorted_and_found),
        CONTAINER_TEST("[M9] words of fstab(5) are known", test_words_of_fstab),
        CONTAINER_TEST("[F4] the table is complete", test_table_is_complete),
        CONTAINER_TEST("[MO1]..[MO46] each word on a real mount", test_rows),
        CONTAINER_TEST("[MO29] remount", test_remount),
        CONTAINER_TEST("[M9] what mount(8) would do", test_words_of_mount),
        CONTAINER_TEST("[M9] and what it would, and we do not", test_requests_to_mount),
        CONTAINER_TEST("[M8] data is split", test_data_is_split),
        CONTAINER_TEST("[M8] words are split", test_words_are_split),
        CONTAINER_TEST("[M8] data is refused", test_data_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, container_set_up, container_tear_down);
}
