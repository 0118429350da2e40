/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/device_bpf, os/bpf: the kernel takes the programs, and they hold in a cgroup. */
#include "tests/unit/cgroup/fixture.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "cgroup/device_program.h"
#include "os/bpf.h"

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, NULL, remove_own, NULL                                                     \
    }

/* Skips where we may not load programs at all. */
static struct cgroup_plan plan_with_bpf(void)
{
    const struct bpf_insn deny[] = {
        { .code = BPF_ALU64 | BPF_K | BPF_MOV },
        { .code = BPF_JMP | BPF_EXIT },
    };
    struct cgroup_plan plan = plan_own("a");
    int program = -1;
    if (error_forget_if(bpf_load_device_program(deny, 2, &program), EPERM))
        skip();
    close(program);
    return plan;
}

static void load(const struct device_rules_plan *plan)
{
    int program = -1;
    assert_ok(bpf_load_device_program(plan->program, plan->length, &program));
    assert_int_equal(fcntl(program, F_GETFD), FD_CLOEXEC);
    close(program);
}

static void kernel_takes_programs(void **state)
{
    (void) state;
    plan_with_bpf();
    uint32_t seed = 4711;
    for (int round = 0; round < 200; round++) {
        struct device_rule rules[10] = { 0 };
        struct device_rules_plan plan;
        uint32_t count = 0;
        for (; count < 1 + (uint32_t) round % 10; count++) {
            seed = seed * 1664525 + 1013904223;
            uint32_t bits = seed >> 8;
            rules[count] = (struct device_rule){ .allows = bits & 1,
                                                 .type = (uint8_t) ((bits >> 1) % 3),
                                                 .access = (uint8_t) (1 + (bits >> 3) % 7) };
            rules[count].has_major = rules[count].type && (bits >> 6) & 1;
            rules[count].has_minor = rules[count].type && (bits >> 7) & 1;
            rules[count].major = rules[count].has_major ? (bits >> 8) % 3 : 0;
            rules[count].minor = rules[count].has_minor ? (bits >> 10) % 4 : 0;
        }
        empty_arena();
        assert_ok(device_program_compile(rules, count, &arena, &plan));
        if (plan.program)
            load(&plan);
    }
}

static void refusal_is_explained(void **state)
{
    (void) state;
    plan_with_bpf();
    const struct bpf_insn endless[] = { { .code = BPF_ALU64 | BPF_K | BPF_MOV } };
    const struct bpf_insn blank[] = { { .code = BPF_JMP | BPF_EXIT } };
    int program = -5;
    assert_error(bpf_load_device_program(endless, 1, &program), ERROR_SYSTEM,
                 "load a device program of 1 instructions: ");
    assert_error(bpf_load_device_program(blank, 1, &program), ERROR_SYSTEM, "R0 !read_ok");
    assert_int_equal(program, -5);
}

/* On old kernels locked memory counts; whatever is tried, the limit is as before. */
static void memory_limit_is_kept(void **state)
{
    (void) state;
    plan_with_bpf();
    const struct rlimit none = { 0, 0 };
    struct rlimit before, after;
    struct device_rules_plan plan;
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    assert_false(getrlimit(RLIMIT_MEMLOCK, &before));
    pid_t child = fork();
    if (child == 0) {
        int program;
        if (setrlimit(RLIMIT_MEMLOCK, &none) ||
            bpf_load_device_program(plan.program, plan.length, &program) ||
            getrlimit(RLIMIT_MEMLOCK, &after) || after.rlim_max != 0)
            _exit(1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_false(getrlimit(RLIMIT_MEMLOCK, &after));
    assert_true(after.rlim_cur == before.rlim_cur && after.rlim_max == before.rlim_max);
}

/* Opens the node; 0 or the errno. */
static int try_open(int directory, const char *name, int flags)
{
    int fd = openat(directory, name, flags | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_mknod(int directory, const char *name, mode_t kind, unsigned major_, unsigned minor_)
{
    if (mknodat(directory, name, kind | 0600, makedev(major_, minor_)))
        return errno;
    return unlinkat(directory, name, 0);
}

/* What the process in the cgroup must see; gives the number of the first that it does not. */
static int check_inside(int nodes)
{
    const int results[] = {
        try_open(AT_FDCWD, "/dev/null", O_RDWR) == 0,
        try_open(nodes, "null", O_RDWR) == 0,
        try_open(nodes, "mem", O_RDONLY) == EPERM,
        try_open(nodes, "full", O_RDWR) == 0,
        try_open(nodes, "kmsg", O_RDONLY) == 0,
        try_open(nodes, "kmsg", O_WRONLY) == EPERM,
        try_open(nodes, "kmsg", O_RDWR) == EPERM,
        try_mknod(nodes, "x", S_IFCHR, 1, 3) == 0,
        try_mknod(nodes, "x", S_IFCHR, 1, 1) == EPERM,
        try_mknod(nodes, "x", S_IFCHR, 1, 11) == EPERM,
        try_mknod(nodes, "x", S_IFBLK, 1, 3) == EPERM,
        try_mknod(nodes, "x", S_IFBLK, 8, 1) == 0,
        try_mknod(nodes, "x", S_IFIFO, 0, 0) == 0,
    };
    for (int i = 0; i < (int) (sizeof(results) / sizeof(results[0])); i++)
        if (!results[i])
            return i + 1;
    return 0;
}

/* False where the test would prove nothing: nodes are refused, or not to be opened, anyway. */
static bool make_nodes(int nodes)
{
    static const struct {
        const char *name;
        unsigned minor;
    } list[] = { { "null", 3 }, { "mem", 1 }, { "full", 7 }, { "kmsg", 11 } };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (mknodat(nodes, list[i].name, S_IFCHR | 0600, makedev(1, list[i].minor)))
            return false;
    /* The device 1:1 may lack a driver (ENXIO); the filter is asked before. */
    return !try_open(nodes, "null", O_RDWR) && !try_open(nodes, "kmsg", O_RDWR) &&
           try_open(nodes, "mem", O_RDONLY) != EPERM && try_open(nodes, "mem", O_RDONLY) != EACCES;
}

static void remove_nodes(int nodes, const char *directory)
{
    static const char *const names[] = { "null", "mem", "full", "kmsg", "x" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlinkat(nodes, names[i], 0);
    close(nodes);
    rmdir(directory);
}

static void holds_in_the_cgroup(void **state)
{
    (void) state;
    struct oci_cg_device rules[] = {
        { .allow = false, .access = "rwm" },
        { .allow = true,
          .type = { OCI_CGDEVTYPE_C, true },
          .major = { 1, true },
          .minor = { 11, true },
          .access = "r" },
        { .allow = false, .type = { OCI_CGDEVTYPE_C, true }, .major = { 1, true }, .access = "w" },
    };
    struct oci_cg_device *rule_pointers[] = { &rules[0], &rules[1], &rules[2] };
    struct oci_device device = {
        .type = OCI_DEVTYPE_B, .path = "/dev/x", .major = { 8, true }, .minor = { 1, true }
    };
    struct oci_device *device_pointers[] = { &device };
    struct oci_resources resources = { .devices = { rule_pointers, 3 } };
    const struct oci_linux config = { .devices = { device_pointers, 1 }, .resources = &resources };

    struct cgroup_plan cgroup = plan_with_bpf();
    struct device_rules_plan plan;
    char directory[] = "/tmp/tare-nodes-XXXXXX";
    uint32_t kept;
    int group;
    assert_non_null(mkdtemp(directory));
    int nodes = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(nodes >= 0);
    if (!make_nodes(nodes)) {
        remove_nodes(nodes, directory);
        skip();
    }
    assert_ok(device_rules_plan(&config, &arena, &plan));
    assert_ok(cgroup_create(&cgroup, &kept, &group));
    assert_ok(device_rules_apply(&plan, group));

    pid_t child = fork();
    if (child == 0) {
        struct error *error = cgroup_add(group, getpid());
        _exit(error ? 100 : check_inside(nodes));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    remove_nodes(nodes, directory);
    close(group);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* How many device programs are attached to it; their ids, if there is ROOM for them. */
static uint32_t query_programs(int cgroup, uint32_t *ids, uint32_t room)
{
    union bpf_attr attribute;
    memset(&attribute, 0, sizeof(attribute));
    attribute.query.target_fd = (uint32_t) cgroup;
    attribute.query.attach_type = BPF_CGROUP_DEVICE;
    attribute.query.prog_ids = (uintptr_t) ids;
    attribute.query.prog_cnt = room;
    assert_int_equal(syscall(SYS_bpf, BPF_PROG_QUERY, &attribute, sizeof(attribute)), 0);
    return attribute.query.prog_cnt;
}

static uint32_t count_programs(int cgroup)
{
    return query_programs(cgroup, NULL, 0);
}

/* Attaches a program of another name, that allows all. */
static void attach_foreign(int cgroup)
{
    const struct bpf_insn allow[] = {
        { .code = BPF_ALU64 | BPF_K | BPF_MOV, .imm = 1 },
        { .code = BPF_JMP | BPF_EXIT },
    };
    union bpf_attr attribute;
    memset(&attribute, 0, sizeof(attribute));
    attribute.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attribute.insns = (uintptr_t) allow;
    attribute.insn_cnt = 2;
    attribute.license = (uintptr_t) "Apache-2.0";
    strcpy(attribute.prog_name, "another");
    int program = (int) syscall(SYS_bpf, BPF_PROG_LOAD, &attribute, sizeof(attribute));
    assert_true(program >= 0);
    assert_ok(bpf_attach_device(program, cgroup));
    close(program);
}

static void ours_alone_are_detached(void **state)
{
    (void) state;
    struct cgroup_plan cgroup = plan_with_bpf();
    struct device_rules_plan plan;
    uint32_t kept;
    int group;
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    assert_ok(cgroup_create(&cgroup, &kept, &group));
    assert_ok(device_rules_remove(group));
    attach_foreign(group);
    assert_ok(device_rules_apply(&plan, group));
    assert_ok(device_rules_apply(&plan, group));
    assert_int_equal(count_programs(group), 3);
    assert_ok(device_rules_remove(group));
    assert_int_equal(count_programs(group), 1);

    /* So it is with a cgroup that is kept. */
    assert_ok(device_rules_apply(&plan, group));
    assert_ok(cgroup_remove(cgroup.mount, cgroup.path, (uint32_t) strlen(cgroup.path), 1000));
    assert_int_equal(count_programs(group), 1);
    close(group);
}

/* The last of the ids is of the one that was attached last. */
static uint32_t find_last(int cgroup)
{
    uint32_t ids[8] = { 0 };
    uint32_t count = query_programs(cgroup, ids, 8);
    assert_in_range(count, 1, 8);
    return ids[count - 1];
}

static void replace(const struct device_rules_plan *plan, int cgroup)
{
    int program = -1;
    bool has_begun;
    assert_ok(device_rules_add(plan, cgroup, &program));
    assert_ok(device_rules_settle(plan, cgroup, program, &has_begun));
    if (program >= 0)
        close(program);
}

static void ours_takes_the_place_of_ours(void **state)
{
    (void) state;
    struct cgroup_plan cgroup = plan_with_bpf();
    struct device_rules_plan plan;
    uint32_t kept;
    int group;
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    assert_ok(cgroup_create(&cgroup, &kept, &group));
    attach_foreign(group);
    replace(&plan, group);
    assert_int_equal(count_programs(group), 2);
    uint32_t first = find_last(group);
    replace(&plan, group);
    assert_int_equal(count_programs(group), 2);
    assert_int_not_equal(find_last(group), first);
    /* What fails before one is gone can be taken back. */
    bool has_begun = true;
    struct error *error = device_rules_settle(&plan, group, group, &has_begun);
    assert_error(error, ERROR_SYSTEM, "look at a device program");
    assert_false(has_begun);
    assert_int_equal(count_programs(group), 2);
    int program = -1;
    assert_ok(device_rules_add(&plan, group, &program));
    assert_ok(device_rules_settle(&plan, group, program, &has_begun));
    assert_true(has_begun);
    close(program);
    plan.program = NULL; /* all is allowed */
    replace(&plan, group);
    assert_int_equal(count_programs(group), 1);
    close(group);
}

static void what_was_added_is_taken_back(void **state)
{
    (void) state;
    struct cgroup_plan cgroup = plan_with_bpf();
    struct device_rules_plan plan;
    uint32_t kept;
    int group, program = -1;
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    assert_ok(cgroup_create(&cgroup, &kept, &group));
    assert_ok(device_rules_apply(&plan, group));
    uint32_t first = find_last(group);
    assert_ok(device_rules_add(&plan, group, &program));
    assert_int_equal(count_programs(group), 2);
    assert_ok(device_rules_take_back(program, group));
    assert_int_equal(count_programs(group), 1);
    assert_int_equal(find_last(group), first);
    assert_ok(device_rules_take_back(-1, group));
    close(program);
    close(group);
}

static void nothing_is_attached_without_program(void **state)
{
    (void) state;
    const struct device_rules_plan plan = { .program = NULL };
    assert_ok(device_rules_apply(&plan, -1));
}

static void no_cgroup_is_an_error(void **state)
{
    (void) state;
    plan_with_bpf();
    struct device_rules_plan plan;
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    struct error *error = device_rules_apply(&plan, STDIN_FILENO);
    assert_non_null(error);
    assert_string_equal(error->field, "linux.resources.devices");
    assert_error(error, ERROR_SYSTEM, "attach the device program");
}

/* Root of a user namespace is refused, and needs no filter. */
static void user_namespace_needs_none(void **state)
{
    (void) state;
    plan_own("a");
    struct device_rules_plan plan;
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWUSER))
            _exit(77);
        plan.is_optional = false;
        if (!device_rules_apply(&plan, STDIN_FILENO))
            _exit(1);
        plan.is_optional = true;
        _exit(device_rules_apply(&plan, STDIN_FILENO) ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("the kernel takes the programs [RV1]", kernel_takes_programs),
        TEST("a refusal is explained", refusal_is_explained),
        TEST("the limit on locked memory is as before", memory_limit_is_kept),
        TEST("holds in the cgroup [D9] [RV1] [RV5]", holds_in_the_cgroup),
        TEST("ours alone are detached [OP17]", ours_alone_are_detached),
        TEST("ours takes the place of ours", ours_takes_the_place_of_ours),
        TEST("what was added is taken back", what_was_added_is_taken_back),
        TEST("without a program nothing is attached [RV1]", nothing_is_attached_without_program),
        TEST("without a cgroup it is an error", no_cgroup_is_an_error),
        TEST("in a user namespace none is needed", user_namespace_needs_none),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/device_bpf", tests, NULL, NULL);
}
