/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup/device_rules, device_program, device_assembler: the program answers as the list does. */
#include "tests/unit/cgroup/fixture.h"

#include "tests/unit/cgroup/machine.h"

enum { RULES_MAX = 12, DEVICES_MAX = 3, ROUNDS = 4000 };

/* A config with its parts, built anew for each test. */
struct config {
    struct oci_cg_device rules[RULES_MAX];
    struct oci_cg_device *rule_pointers[RULES_MAX];
    struct oci_device devices[DEVICES_MAX];
    struct oci_device *device_pointers[DEVICES_MAX];
    char access[RULES_MAX][8];
    struct oci_resources resources;
    struct oci_linux linux_;
};
static struct config config;

static int set_up(void **state)
{
    (void) state;
    empty_arena();
    memset(&config, 0, sizeof(config));
    for (int i = 0; i < RULES_MAX; i++)
        config.rule_pointers[i] = &config.rules[i];
    for (int i = 0; i < DEVICES_MAX; i++)
        config.device_pointers[i] = &config.devices[i];
    config.resources.devices.v = config.rule_pointers;
    config.linux_.devices.v = config.device_pointers;
    config.linux_.resources = &config.resources;
    return 0;
}

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, set_up, NULL, NULL                                                         \
    }

/* ANY for a number leaves it out. */
enum { ANY = -2 };

static struct oci_opt_i64 number(int64_t value)
{
    return (struct oci_opt_i64){ .value = value == ANY ? 0 : value, .present = value != ANY };
}

static void add_rule(bool allow, int type, int64_t major, int64_t minor, const char *access)
{
    config.rules[config.resources.devices.n++] = (struct oci_cg_device){
        .allow = allow,
        .type = { .value = (uint8_t) (type < 0 ? 0 : type), .present = type >= 0 },
        .major = number(major),
        .minor = number(minor),
        .access = access,
    };
}

static struct device_rules_plan plan_rules(void)
{
    struct device_rules_plan plan;
    assert_ok(device_rules_plan(&config.linux_, &arena, &plan));
    return plan;
}

static bool is_same_number(struct oci_opt_i64 wanted, uint32_t value)
{
    return !wanted.present || wanted.value == -1 || wanted.value == (int64_t) value;
}

static bool is_default(const struct request *request)
{
    static const uint32_t numbers[][2] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 },
                                           { 1, 9 }, { 5, 0 }, { 5, 1 }, { 5, 2 } };
    if (request->type != BPF_DEVCG_DEV_CHAR)
        return false;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (numbers[i][0] == request->major && numbers[i][1] == request->minor)
            return true;
    return request->major == 136;
}

static bool is_configured(const struct request *request)
{
    for (uint32_t i = 0; i < config.linux_.devices.n; i++) {
        const struct oci_device *device = &config.devices[i];
        uint32_t type = device->type == OCI_DEVTYPE_B ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
        if (device->type != OCI_DEVTYPE_P && type == request->type &&
            device->major.value == request->major && device->minor.value == request->minor)
            return true;
    }
    return false;
}

static bool is_match(const struct oci_cg_device *rule, const struct request *request, char letter)
{
    if (rule->access && !strchr(rule->access, letter))
        return false;
    if (!rule->type.present || rule->type.value == OCI_CGDEVTYPE_A)
        return true;
    uint32_t type = rule->type.value == OCI_CGDEVTYPE_B ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
    return type == request->type && is_same_number(rule->major, request->major) &&
           is_same_number(rule->minor, request->minor);
}

/* The list, read as the specification says: in order, the last that matches decides. */
static bool evaluate(const struct request *request)
{
    static const struct {
        uint32_t bit;
        char letter;
    } letters[] = { { BPF_DEVCG_ACC_READ, 'r' },
                    { BPF_DEVCG_ACC_WRITE, 'w' },
                    { BPF_DEVCG_ACC_MKNOD, 'm' } };
    for (size_t i = 0; i < 3; i++) {
        bool is_allowed = false;
        if (!(request->access & letters[i].bit))
            continue;
        for (uint32_t n = 0; n < config.resources.devices.n; n++)
            if (is_match(&config.rules[n], request, letters[i].letter))
                is_allowed = config.rules[n].allow;
        if (!is_allowed && !is_default(request) && !is_configured(request))
            return false;
    }
    return true;
}

/* All requests near the rules. */
static void compare_all(const struct device_rules_plan *plan)
{
    static const uint32_t majors[] = { 0, 1, 2, 5, 8, 9, 136, 4095 };
    static const uint32_t minors[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1048575 };
    for (uint32_t n = 0; n < 2 * 7 * 8 * 12; n++) {
        const struct request request = {
            .type = n % 2 ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK,
            .access = n / 2 % 7 + 1,
            .major = majors[n / 14 % 8],
            .minor = minors[n / 112],
        };
        if (run(plan, &request) != evaluate(&request))
            fail_msg("type %u access %u device %u:%u is %s", request.type, request.access,
                     request.major, request.minor, evaluate(&request) ? "denied" : "allowed");
    }
}

static uint32_t seed = 20240607;

static uint32_t pick(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static void make_random_rule(char *access)
{
    static const int64_t majors[] = { ANY, ANY, -1, 1, 2, 5, 8, 136 };
    static const char *const words[] = { "rwm", "mrw", "rw", "r", "w", "m", "wm", "mr" };
    strcpy(access, words[pick(8)]);
    int type = (int) pick(8) - 1; /* absent, a, b, c; c most of the time */
    if (type > OCI_CGDEVTYPE_C)
        type = OCI_CGDEVTYPE_C;
    bool has_numbers = type > OCI_CGDEVTYPE_A;
    add_rule(pick(2), type, has_numbers ? majors[pick(8)] : ANY,
             has_numbers && pick(4) ? (int64_t) pick(11) - 1 : ANY, pick(3) ? access : NULL);
}

static void make_random_config(void)
{
    set_up(NULL);
    uint32_t rules = pick(RULES_MAX + 1);
    for (uint32_t i = 0; i < rules; i++)
        make_random_rule(config.access[i]);
    config.linux_.devices.n = pick(DEVICES_MAX + 1);
    for (uint32_t i = 0; i < config.linux_.devices.n; i++)
        config.devices[i] = (struct oci_device){ .type = (uint8_t) pick(4),
                                                 .major = number(pick(10)),
                                                 .minor = number(pick(10)) };
}

static void answers_as_the_list(void **state)
{
    (void) state;
    for (int round = 0; round < ROUNDS; round++) {
        make_random_config();
        struct device_rules_plan plan = plan_rules();
        assert_sound(&plan);
        compare_all(&plan);
    }
}

static void denies_without_rules(void **state)
{
    (void) state;
    struct device_rules_plan plan = { .is_optional = true };
    assert_ok(device_rules_plan(NULL, &arena, &plan));
    assert_sound(&plan);
    compare_all(&plan);
    assert_true(plan.length <= 22);
    assert_false(plan.is_optional);

    config.linux_.resources = NULL;
    plan = plan_rules();
    compare_all(&plan);
}

/* What engines send: deny all, at times with what is allowed anyway. */
static void is_short(void **state)
{
    (void) state;
    struct device_rules_plan plain, engine;
    assert_ok(device_rules_plan(NULL, &arena, &plain));
    add_rule(false, -1, ANY, ANY, "rwm");
    add_rule(true, OCI_CGDEVTYPE_C, 1, 3, "rwm");
    add_rule(true, OCI_CGDEVTYPE_C, 1, 5, "rw");
    add_rule(true, OCI_CGDEVTYPE_C, 136, ANY, "rwm");
    add_rule(false, OCI_CGDEVTYPE_C, 10, 229, "rwm");
    engine = plan_rules();
    assert_int_equal(engine.length, plain.length);
    assert_memory_equal(engine.program, plain.program, plain.length * sizeof(*plain.program));

    add_rule(true, OCI_CGDEVTYPE_C, ANY, ANY, NULL);
    engine = plan_rules();
    assert_sound(&engine);
    compare_all(&engine);
    assert_true(engine.length < plain.length);
}

static void allowing_all_is_no_program(void **state)
{
    (void) state;
    add_rule(false, OCI_CGDEVTYPE_C, 1, 1, "rwm");
    add_rule(true, OCI_CGDEVTYPE_A, ANY, ANY, "rwm");
    struct device_rules_plan plan = plan_rules();
    assert_null(plan.program);
    config.rules[1].access = NULL;
    config.rules[1].type.present = false;
    plan = plan_rules();
    assert_null(plan.program);
    add_rule(false, OCI_CGDEVTYPE_C, 1, 1, "rwm");
    plan = plan_rules();
    assert_non_null(plan.program);
    compare_all(&plan);
}

static void absent_is_not_zero(void **state)
{
    (void) state;
    const struct request zero = { BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_ACC_READ, 0, 0 };
    const struct request other = { BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_ACC_READ, 8, 1 };
    add_rule(true, OCI_CGDEVTYPE_B, 0, 0, "r");
    struct device_rules_plan plan = plan_rules();
    assert_true(run(&plan, &zero));
    assert_false(run(&plan, &other));
    config.rules[0].major.present = config.rules[0].minor.present = false;
    plan = plan_rules();
    assert_true(run(&plan, &other));
    config.rules[0].major = config.rules[0].minor = number(-1);
    plan = plan_rules();
    assert_true(run(&plan, &other));
}

static void assert_refused(const char *member, const char *why)
{
    struct device_rules_plan plan = { .length = 77 };
    char field[80];
    snprintf(field, sizeof(field), "linux.resources.devices[1].%s", member);
    struct error *error = device_rules_plan(&config.linux_, &arena, &plan);
    assert_non_null(error);
    assert_string_equal(error->field, field);
    assert_error(error, ERROR_CONFIG, why);
    assert_int_equal(plan.length, 77);
}

/* It would open every device, not the one that it names. */
static void refuses_numbers_without_type(void **state)
{
    (void) state;
    static const int types[] = { -1, OCI_CGDEVTYPE_A };
    add_rule(false, -1, ANY, ANY, "rwm");
    for (int i = 0; i < 2; i++) {
        config.resources.devices.n = 1;
        add_rule(true, types[i], 1, 3, "r");
        assert_refused("type", "needs to be b or c when numbers are given");
        config.rules[1].major.present = false;
        assert_refused("type", "needs to be b or c");
        config.rules[1].major = number(0);
        config.rules[1].minor = number(-1);
        assert_refused("type", "needs to be b or c");
        config.rules[1].major = number(-1);
        plan_rules();
    }
}

static void refuses_wrong_access(void **state)
{
    (void) state;
    add_rule(false, -1, ANY, ANY, "rwm");
    add_rule(true, OCI_CGDEVTYPE_C, 1, 1, "");
    assert_refused("access", "empty");
    config.rules[1].access = "x";
    assert_refused("access", "'x' has a letter other than");
    config.rules[1].access = "rR";
    assert_refused("access", "other than");
    config.rules[1].access = "rwr";
    assert_refused("access", "'rwr' has the letter r twice");
}

static void refuses_wrong_numbers(void **state)
{
    (void) state;
    static const int64_t wrong[] = { -3, INT64_MIN, 1048576, 4294967296, INT64_MAX };
    add_rule(false, -1, ANY, ANY, "rwm");
    add_rule(true, OCI_CGDEVTYPE_C, 1, 1, "r");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        config.rules[1].major = number(wrong[i]);
        config.rules[1].minor = number(1);
        assert_refused("major", "is not the number of a device");
        config.rules[1].major = number(1);
        config.rules[1].minor = number(wrong[i]);
        assert_refused("minor", "is not the number of a device");
    }
    config.rules[1].major = (struct oci_opt_i64){ .value = -2, .present = true };
    assert_refused("major", "-2");
}

static void refuses_too_many(void **state)
{
    (void) state;
    static struct oci_cg_device *many[DEVICE_RULES_MAX + 1];
    struct device_rules_plan plan;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = &config.rules[0];
    config.resources.devices = (struct oci_cg_device_array){ many, DEVICE_RULES_MAX + 1 };
    assert_error(device_rules_plan(&config.linux_, &arena, &plan), ERROR_CONFIG, "too many");
    config.resources.devices.n = DEVICE_RULES_MAX;
    config.linux_.devices.n = 1;
    assert_error(device_rules_plan(&config.linux_, &arena, &plan), ERROR_CONFIG, "too many");
}

/* As many as there may be, none like another: no jump is too far, and it takes no age. */
static void manages_the_most(void **state)
{
    (void) state;
    static struct device_rule rules[DEVICE_RULES_MAX];
    struct device_rules_plan plan;
    for (uint32_t i = 0; i < DEVICE_RULES_MAX; i++)
        rules[i] = (struct device_rule){ .allows = i % 2,
                                         .type = BPF_DEVCG_DEV_CHAR,
                                         .access = BPF_DEVCG_ACC_READ,
                                         .has_major = true,
                                         .has_minor = true,
                                         .major = i,
                                         .minor = i };
    assert_ok(device_program_compile(rules, DEVICE_RULES_MAX, &arena, &plan));
    assert_true(plan.length < INT16_MAX);
    for (uint32_t i = 0; i < DEVICE_RULES_MAX; i++) {
        const struct request request = { BPF_DEVCG_DEV_CHAR, BPF_DEVCG_ACC_READ, i, i };
        assert_int_equal(run(&plan, &request), i % 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("answers as the list does [RV1] [RV2]", answers_as_the_list),
        TEST("without rules all is denied but the defaults [D9]", denies_without_rules),
        TEST("what says nothing costs nothing", is_short),
        TEST("allowing all is no program [RV1]", allowing_all_is_no_program),
        TEST("an absent number is not zero [RV4]", absent_is_not_zero),
        TEST("refuses numbers without b or c [RV3] [RV4]", refuses_numbers_without_type),
        TEST("refuses wrong access [RV5]", refuses_wrong_access),
        TEST("refuses wrong numbers [RV4]", refuses_wrong_numbers),
        TEST("refuses too many rules [RV1]", refuses_too_many),
        TEST("manages the most rules there may be", manages_the_most),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("cgroup/device_rules", tests, NULL, NULL);
}
