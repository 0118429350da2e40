/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/intel_rdt: what linux.intelRdt asks for, and the groups that come of it. */
#include "tests/unit/cgroup/resctrl.h"

#include "cgroup/intel_rdt_schemata.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The plan for the container "web" with these members of linux.intelRdt. */
static struct error *try_plan(const char *members, struct intel_rdt_plan *plan)
{
    char json[2048];
    snprintf(json, sizeof(json), "{ 'ociVersion': '1.3.0', 'linux': { 'intelRdt': { %s } } }",
             members);
    return intel_rdt_plan(decode(json)->linux_, "web", &arena, plan);
}

static struct intel_rdt_plan plan(const char *members)
{
    struct intel_rdt_plan plan = { .schemata = NULL };
    struct error *error = try_plan(members, &plan);
    if (error)
        fail_msg("%s: %s", members, error->text);
    return plan;
}

static struct intel_rdt_made make(const struct intel_rdt_plan *plan)
{
    struct intel_rdt_made made = { .has_group = false };
    assert_ok(intel_rdt_check(plan, root));
    assert_ok(intel_rdt_make(plan, root, &made));
    return made;
}

/* Neither the look before anything is made nor the making itself lets it pass. */
static void assert_refused(const struct intel_rdt_plan *plan, const char *text)
{
    struct intel_rdt_made made;
    assert_error(intel_rdt_check(plan, root), ERROR_CONFIG, text);
    assert_error(intel_rdt_make(plan, root, &made), ERROR_CONFIG, text);
}

// clang-format off
static const struct {
    const char *members, *text;
} wrong[] = {
    { "'closID': ''", "linux.intelRdt.closID: must not be empty" },
    { "'closID': '.'", "linux.intelRdt.closID: '.' is not the name of a group" },
    { "'closID': '..'", "linux.intelRdt.closID: '..' is not the name of a group" },
    { "'closID': 'a/b'", "linux.intelRdt.closID: 'a/b' is not the name of a group" },
    { "'closID': '//'", "linux.intelRdt.closID: '//' is not the name of a group" },
    { "'closID': 'info'", "linux.intelRdt.closID: 'info' belongs to the kernel" },
    { "'closID': 'mon_groups'", "linux.intelRdt.closID: 'mon_groups' belongs to the kernel" },
    { "'closID': 'mon_data'", "linux.intelRdt.closID: 'mon_data' belongs to the kernel" },
    { "'l3CacheSchema': 'L3:0=f\\nL3:1=f'", "linux.intelRdt.l3CacheSchema: has more than one line" },
    { "'l3CacheSchema': ''", "linux.intelRdt.l3CacheSchema: '' is not a line of schemata" },
    { "'l3CacheSchema': 'L3'", "linux.intelRdt.l3CacheSchema: 'L3' is not a line of schemata" },
    { "'l3CacheSchema': 'L3:'", "linux.intelRdt.l3CacheSchema: 'L3:' is not a line of schemata" },
    { "'l3CacheSchema': 'L3:0'", "linux.intelRdt.l3CacheSchema: 'L3:0' is not a line of schemata" },
    { "'l3CacheSchema': 'L3:0=f;;'", "linux.intelRdt.l3CacheSchema: 'L3:0=f;;' is not a line of schemata" },
    { "'l3CacheSchema': 'L3:=f'", "linux.intelRdt.l3CacheSchema: 'L3:=f' is not a line of schemata" },
    { "'memBwSchema': 'L3:0=f'", "linux.intelRdt.memBwSchema: 'L3:0=f' does not begin with MB:" },
    { "'memBwSchema': ' MB:0=50'", "linux.intelRdt.memBwSchema: ' MB:0=50' does not begin with MB:" },
    { "'memBwSchema': ''", "linux.intelRdt.memBwSchema: '' does not begin with MB:" },
    { "'memBwSchema': 'MB:0=50\\n'", "linux.intelRdt.memBwSchema: has more than one line" },
    { "'schemata': ['L3:0=f', 'MB:0=50\\n']", "linux.intelRdt.schemata[1]: has more than one line" },
    { "'schemata': ['L3:0=f', '']", "linux.intelRdt.schemata[1]: '' is not a line of schemata" },
    { "'schemata': [':0=f']", "linux.intelRdt.schemata[0]: ':0=f' is not a line of schemata" },
};
// clang-format on

static void refuses_what_is_wrong(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct intel_rdt_plan untouched = { .schemata = "here" };
        assert_error(try_plan(wrong[i].members, &untouched), ERROR_CONFIG, wrong[i].text);
        assert_string_equal(untouched.schemata, "here");
    }
}

static void limits_lengths(void **state)
{
    struct intel_rdt_plan untouched;
    char members[1024], name[301] = "";
    (void) state;
    memset(name, 'a', 255);
    snprintf(members, sizeof(members), "'closID': '%s'", name);
    assert_string_equal(plan(members).groups.group, name);
    name[255] = 'a';
    snprintf(members, sizeof(members), "'closID': '%s'", name);
    struct error *error = try_plan(members, &untouched);
    assert_non_null(error);
    error_forget(error);
}

static void absent_is_nothing(void **state)
{
    struct intel_rdt_plan plan = { .schemata = "x" };
    (void) state;
    assert_ok(intel_rdt_plan(NULL, "web", &arena, &plan));
    assert_true(!plan.groups.group && !plan.schemata);
    assert_ok(intel_rdt_plan(decode("{ 'ociVersion': '1.3.0', 'linux': {} }")->linux_, "web",
                             &arena, &plan));
    assert_true(!plan.groups.group && !plan.schemata);
}

static void names_groups(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("");
    assert_string_equal(found.groups.group, "web");
    assert_true(found.groups.is_own && !found.groups.monitor && !found.schemata);
    found = plan("'closID': 'gold', 'enableMonitoring': true");
    assert_string_equal(found.groups.group, "gold");
    assert_string_equal(found.groups.monitor, "web");
    assert_false(found.groups.is_own);
    assert_null(plan("'closID': '/', 'enableMonitoring': false").groups.monitor);
}

static void ignores_what_was_dropped(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'enableCMT': true, 'enableMBM': true, 'closID': 'a'");
    assert_null(found.groups.monitor);
    assert_null(found.schemata);
}

/* The order in the document does not matter. */
static void orders_lines(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'schemata': ['MB:1=70', 'L3:0=0f;1=3'],"
                                       "'memBwSchema': 'MB:0=50', 'l3CacheSchema': 'L3:0=ff'");
    assert_string_equal(found.schemata, "L3:0=ff\nMB:0=50\nMB:1=70\nL3:0=0f;1=3\n");
    make(&found);
    assert_string_equal(written, found.schemata);
    assert_file("web/schemata", "    MB:0=  50;1=  70\n    L3:0=00f;1=003\n");
}

static void default_group(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'closID': '/', 'enableMonitoring': true");
    struct intel_rdt_made made = make(&found);
    assert_false(made.has_group);
    assert_ok(intel_rdt_add(&found.groups, root, 4711));
    assert_file("tasks", "4711\n");
    assert_file("mon_groups/web/tasks", "4711\n");
    assert_ok(intel_rdt_remove(&found.groups, root));
    assert_false(is_there("mon_groups/web"));
    assert_true(is_there("tasks"));

    found = plan("'closID': '/', 'schemata': ['L3:0=fff;1=fff']");
    made = make(&found);
    found = plan("'closID': '/', 'schemata': ['L3:0=ff']");
    assert_refused(&found, "linux.intelRdt: the group '/' has L3:0=fff, not ff");
    assert_string_equal(written, "");
}

static void monitors(void **state)
{
    struct intel_rdt_made made;
    (void) state;
    assert_int_equal(mkdirat(root, "gold", 0755), 0);
    struct intel_rdt_plan found = plan("'closID': 'gold', 'enableMonitoring': true");
    made = make(&found);
    assert_true(made.has_monitor && !made.has_group);
    assert_refused(&found, "linux.intelRdt.enableMonitoring: there is a monitoring group 'web' "
                           "already");
    assert_ok(intel_rdt_add(&found.groups, root, 12));
    assert_file("gold/tasks", "12\n");
    assert_file("gold/mon_groups/web/tasks", "12\n");
    assert_ok(intel_rdt_remove(&found.groups, root));
    assert_true(is_there("gold") && !is_there("gold/mon_groups/web"));
    assert_ok(intel_rdt_remove(&found.groups, root));
}

/* Also with the group that was made for it. */
static void monitoring_that_fails_is_undone(void **state)
{
    struct intel_rdt_made made = { .has_group = false };
    (void) state;
    struct intel_rdt_plan found = plan("'enableMonitoring': true");
    found.groups.monitor = "there/is/no/such";
    struct error *error = intel_rdt_make(&found, root, &made);
    assert_error(error, ERROR_SYSTEM,
                 "make the group '/sys/fs/resctrl/web/mon_groups/there/is/no/such'");
    assert_false(is_there("web") || made.has_group);
}

static void never_writes_unasked(void **state)
{
    (void) state;
    assert_int_equal(mkdirat(root, "gold", 0755), 0);
    struct intel_rdt_plan found = plan("");
    make(&found);
    assert_ok(intel_rdt_add(&found.groups, root, 1));
    found = plan("'closID': 'gold', 'schemata': []");
    make(&found);
    assert_ok(intel_rdt_add(&found.groups, root, 2));
    assert_string_equal(written, "");
}

static void own_group(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'l3CacheSchema': 'L3:0=f'");
    struct intel_rdt_made made = make(&found);
    assert_true(made.has_group && !made.has_monitor);
    assert_file("web/schemata", "    MB:0= 100;1= 100\n    L3:0=00f;1=fff\n");
    assert_refused(&found, "linux.intelRdt: there is a group 'web' already");
    assert_true(is_there("web"));
    assert_ok(intel_rdt_add(&found.groups, root, 4711));
    assert_file("web/tasks", "4711\n");
    assert_ok(intel_rdt_remove(&found.groups, root));
    assert_false(is_there("web"));
    assert_ok(intel_rdt_remove(&found.groups, root));
}

static void named_group_stays(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'closID': 'gold', 'memBwSchema': 'MB:0=50;1=60'");
    struct intel_rdt_made made = make(&found);
    assert_true(made.has_group);
    assert_string_equal(written, "MB:0=50;1=60\n");
    assert_ok(intel_rdt_remove(&found.groups, root));
    assert_true(is_there("gold"));
    assert_false(make(&found).has_group);
}

/* But not behind a start that failed, unless others have come in. */
static void failed_start_is_undone(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'closID': 'gold', 'schemata': ['L3:0=f']");
    struct intel_rdt_made made = make(&found);
    put("gold/tasks", "77\n");
    assert_ok(intel_rdt_unmake(&found.groups, root, &made));
    assert_true(is_there("gold"));
    put("gold/tasks", "");
    assert_ok(intel_rdt_unmake(&found.groups, root, &made));
    assert_false(is_there("gold"));
}

// clang-format off
static const struct {
    const char *members, *difference;
} comparisons[] = {
    { "'l3CacheSchema': 'L3:0=ff;1=f0'", NULL },
    { "'l3CacheSchema': 'L3:1=f0;0=ff'", NULL },
    { "'l3CacheSchema': 'L3:0=00ff;01=0F0'", NULL },
    { "'l3CacheSchema': 'L3: 0 = 0xFF ; 1=f0 '", NULL },
    { "'l3CacheSchema': 'L3:1=f0'", NULL },
    { "'l3CacheSchema': 'L3:1=f0;', 'memBwSchema': 'MB:0=50;1=100;'", NULL },
    { "'memBwSchema': 'MB:0=50;1=100'", NULL },
    { "'memBwSchema': 'MB:0=050'", NULL },
    { "'memBwSchema': 'MB:0=45;1=91'", NULL },
    { "'schemata': ['MB:0=50', 'L3:0=ff']", NULL },
    { "'l3CacheSchema': 'L3:0=1', 'schemata': ['L3:0=ff']", NULL },
    { "'schemata': ['L3:0=1;0=ff']", NULL },
    { "'l3CacheSchema': 'L3:0=fff'", "has L3:0=0ff, not fff" },
    { "'l3CacheSchema': 'L3:0=ff;1=f'", "has L3:1=0f0, not f" },
    { "'l3CacheSchema': 'L3:0=ff', 'schemata': ['L3:0=1']", "has L3:0=0ff, not 1" },
    { "'l3CacheSchema': 'L3:1=f0;', 'memBwSchema': 'MB:0=40;'", "has MB:0=50, not 40" },
    { "'memBwSchema': 'MB:0=40'", "has MB:0=50, not 40" },
    { "'memBwSchema': 'MB:0=51'", "has MB:0=50, not 51" },
    { "'l3CacheSchema': 'L3:2=ff'", "has no L3:2" },
    { "'schemata': ['L2:0=f']", "has no L2:0" },
    { "'schemata': ['L3CODE:0=ff']", "has no L3CODE:0" },
};
// clang-format on

static void compares_what_is_there(void **state)
{
    static const unsigned cache[2] = { 0xff, 0xf0 }, band[2] = { 50, 100 };
    (void) state;
    assert_int_equal(mkdirat(root, "gold", 0755), 0);
    show_schemata("gold", cache, band);
    for (size_t i = 0; i < COUNT(comparisons); i++) {
        char members[256], text[256];
        snprintf(members, sizeof(members), "'closID': 'gold', %s", comparisons[i].members);
        struct intel_rdt_plan found = plan(members);
        snprintf(text, sizeof(text), "linux.intelRdt: the group 'gold' %s",
                 comparisons[i].difference);
        if (comparisons[i].difference)
            assert_refused(&found, text);
        else
            make(&found);
    }
    assert_string_equal(written, "");
}

static void named_alone_has_to_exist(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'closID': 'gold'");
    assert_refused(&found, "linux.intelRdt.closID: there is no group 'gold'");
    assert_false(is_there("gold"));
    assert_int_equal(mkdirat(root, "gold", 0755), 0);
    make(&found);
}

static void says_what_the_kernel_says(void **state)
{
    struct intel_rdt_made made = { .has_group = false };
    (void) state;
    struct intel_rdt_plan found = plan("'schemata': ['L3:0=f', 'XX:0=1']");
    struct error *error = intel_rdt_make(&found, root, &made);
    assert_non_null(error);
    assert_string_equal(error->hint, "the kernel says: Unknown or unsupported resource name");
    assert_error(error, ERROR_SYSTEM, "write 'XX:0=1' to schemata");
    assert_false(is_there("web") || made.has_group);

    put("full", "");
    found = plan("");
    error = intel_rdt_make(&found, root, &made);
    assert_non_null(error);
    assert_string_equal(error->hint, "the kernel says: Out of CLOSIDs");
    assert_error(error, ERROR_SYSTEM, "make the group '/sys/fs/resctrl/web'");
}

/* update: what is not named stays, and a line that is refused takes the earlier ones back. */
static void changes_what_is_there(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("'closID': 'gold', 'schemata': ['L3:0=ff', 'MB:1=60']");
    make(&found);
    assert_file("gold/schemata", "    MB:0= 100;1=  60\n    L3:0=0ff;1=fff\n");
    found = plan("'closID': 'gold', 'l3CacheSchema': 'L3:0=f', 'memBwSchema': 'MB:0=50'");
    assert_ok(intel_rdt_change(&found, root));
    assert_file("gold/schemata", "    MB:0=  50;1=  60\n    L3:0=00f;1=fff\n");

    found = plan("'closID': 'gold', 'schemata': ['L3:0=1;1=1', 'XX:0=1']");
    struct error *error = intel_rdt_change(&found, root);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.intelRdt");
    assert_string_equal(error->hint, "the kernel says: Unknown or unsupported resource name");
    assert_error(error, ERROR_SYSTEM, "write 'XX:0=1' to schemata");
    assert_file("gold/schemata", "    MB:0=  50;1=  60\n    L3:0=00f;1=fff\n");

    found = plan("'closID': 'none', 'l3CacheSchema': 'L3:0=f'");
    assert_error(intel_rdt_change(&found, root), ERROR_STATE, "the group 'none' is gone");
    assert_false(is_there("none"));
}

static void sees_its_task(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("");
    make(&found);
    put("web/tasks", "1\n47110\n471\n");
    loses_tasks = true;
    assert_error(intel_rdt_add(&found.groups, root, 4711), ERROR_READ_BACK,
                 "'/sys/fs/resctrl/web': process 4711 is not among its tasks");
    loses_tasks = false;
    assert_ok(intel_rdt_add(&found.groups, root, 4711));
    assert_int_equal(unlinkat(root, "web", AT_REMOVEDIR), 0);
    assert_error(intel_rdt_add(&found.groups, root, 4711), ERROR_STATE,
                 "'/sys/fs/resctrl/web': the group is gone");
}

static void waits_for_the_lock(void **state)
{
    (void) state;
    struct intel_rdt_plan found = plan("");
    int held = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(held, LOCK_EX), 0);
    pid_t child = fork();
    if (child == 0) {
        struct intel_rdt_made made;
        _exit(intel_rdt_make(&found, root, &made) ? 1 : 0);
    }
    usleep(100000);
    assert_false(is_there("web"));
    flock(held, LOCK_UN);
    close(held);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(is_there("web"));
}

/* What is mounted on /sys/fs/resctrl is looked at, and not only whether something is. */
static void opens_no_other_filesystem(void **state)
{
    int fd = -1;
    (void) state;
    struct error *error = intel_rdt_open(&fd);
    if (error)
        assert_error(error, ERROR_UNSUPPORTED,
                     "linux.intelRdt: no resctrl is mounted on /sys/fs/resctrl");
    else
        close(fd);
}

#define TEST(name, function)                                                                       \
    {                                                                                              \
        name, function, make_resctrl, remove_resctrl, NULL                                         \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("[RDT1] [RDT2] [RDT3] [RDT4] refuses what is wrong", refuses_what_is_wrong),
        TEST("[RDT1] limits lengths", limits_lengths),
        TEST("[RDT0] absent is nothing", absent_is_nothing),
        TEST("[RDT1] [RDT5] [RDT8] names groups", names_groups),
        TEST("[RDT12] ignores what was dropped", ignores_what_was_dropped),
        TEST("[RDT2] [RDT3] [RDT4] [RDT6] writes line by line, in order", orders_lines),
        TEST("[RDT1] [RDT5] the group of all others", default_group),
        TEST("[RDT5] a monitoring group is made, and removed", monitors),
        TEST("[RDT5] monitoring that fails is undone", monitoring_that_fails_is_undone),
        TEST("[RDT7] schemata is not written unasked", never_writes_unasked),
        TEST("[RDT8] the container's own group goes with it", own_group),
        TEST("[RDT9] a named group is made, and stays", named_group_stays),
        TEST("[ER2] a start that failed is undone", failed_start_is_undone),
        TEST("[RDT10] a group that is there is compared", compares_what_is_there),
        TEST("[RDT11] a group that is only named has to exist", named_alone_has_to_exist),
        TEST("says what the kernel says", says_what_the_kernel_says),
        TEST("changes what is there", changes_what_is_there),
        TEST("sees its task", sees_its_task),
        TEST("waits for the lock", waits_for_the_lock),
        TEST("[RDT0] opens no other filesystem", opens_no_other_filesystem),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
