/* SPDX-License-Identifier: Apache-2.0 */
/* process/user: process.user. */
#include <errno.h>
#include <grp.h>
#include <sys/stat.h>

#include "tests/unit/process/checks.h"

#include "libocispec/process.h"
#include "os/proc.h"
#include "process/user.h"

static struct oci_opt_u32 some(uint32_t value)
{
    return (struct oci_opt_u32){ .value = value, .present = true };
}

static struct oci_user make_user(uint32_t uid, uint32_t gid)
{
    return (struct oci_user){ .uid = some(uid), .gid = some(gid), .umask = some(022) };
}

static struct error *plan(struct oci_user *user, struct user_plan *made)
{
    struct oci_process process = { .user = user };
    return user_plan(&process, fresh_arena(), made);
}

static void plans_what_is_given(void **state)
{
    (void) state;
    uint32_t gids[] = { 30, 10, 20, 10, 30 };
    struct oci_user user = make_user(1000, UINT32_MAX - 1);
    user.additional_gids = (struct oci_u32_array){ gids, LENGTH(gids) };
    user.umask = some(0);
    struct user_plan made;
    assert_ok(plan(&user, &made));
    assert_int_equal(made.uid, 1000);
    assert_int_equal(made.gid, UINT32_MAX - 1);
    assert_int_equal(made.umask, 0);
    assert_int_equal(made.group_count, 3);
    assert_int_equal(made.groups[0], 10);
    assert_int_equal(made.groups[1], 20);
    assert_int_equal(made.groups[2], 30);
    assert_int_equal(warnings, 0);
}

static void runs_as_root_with_a_warning_when_absent(void **state)
{
    (void) state;
    struct user_plan made = { .uid = 7, .gid = 7 };
    assert_ok(plan(NULL, &made));
    assert_int_equal(made.uid, 0);
    assert_int_equal(made.gid, 0);
    assert_int_equal(made.group_count, 0);
    assert_warned(1, "process.user is absent");
}

/* In children, since the umask is asked for once. */
static void inherit(mode_t mask, unsigned expected)
{
    struct oci_user user = make_user(1, 1);
    struct user_plan made;

    user.umask = (struct oci_opt_u32){ 0 };
    umask(mask);
    must(plan(&user, &made));
    claim(made.umask == mask && warnings == expected);
    claim(umask(mask) == mask);
}

static void inherit_a_strict_one(void)
{
    inherit(027, 0);
}

static void inherit_a_lax_one(void)
{
    inherit(002, 1);
    claim(strstr(last_warning, "0002 lets others write"));
}

static void inherits_the_umask(void **state)
{
    (void) state;
    assert_in_child(inherit_a_strict_one);
    assert_in_child(inherit_a_lax_one);
}

static void refuses_what_is_no_user(void **state)
{
    (void) state;
    struct user_plan made = { .uid = 7 };
    struct oci_user user = make_user(0, 0);
    user.uid.present = false;
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.uid", "is required");

    user = make_user(0, 0);
    user.gid.present = false;
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.gid", "is required");

    user = make_user(UINT32_MAX, 0);
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.uid", "4294967295");

    user = make_user(0, UINT32_MAX);
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.gid", "4294967295");

    uint32_t gids[] = { 1, UINT32_MAX };
    user = make_user(0, 0);
    user.additional_gids = (struct oci_u32_array){ gids, 2 };
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.additionalGids[1]", "4294967295");

    user = make_user(0, 0);
    user.umask = some(01000);
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.umask", "512");

    assert_int_equal(made.uid, 7);
}

static void refuses_more_groups_than_the_kernel_takes(void **state)
{
    (void) state;
    static uint32_t gids[USER_GROUPS + 1];
    for (uint32_t i = 0; i <= USER_GROUPS; i++)
        gids[i] = i;
    struct oci_user user = make_user(0, 0);
    struct user_plan made;
    user.additional_gids = (struct oci_u32_array){ gids, USER_GROUPS + 1 };
    assert_error(plan(&user, &made), ERROR_CONFIG, "process.user.additionalGids", "65537");
    user.additional_gids.n = USER_GROUPS;
    assert_ok(plan(&user, &made));
    assert_int_equal(made.group_count, USER_GROUPS);
}

/* The status of this process, as it is now. */
static const char *read_status(void)
{
    static char text[4096];
    must(proc_read_own("status", text, sizeof(text)));
    return text;
}

/* Both ways to look must find the same. */
static void carry_out(const struct user_plan *wanted)
{
    bool keeps_groups = true;
    must(user_apply(wanted, &keeps_groups));
    claim(!keeps_groups);
    must(user_verify(wanted, false, read_status()));
    must(user_verify(wanted, false, NULL));
}

static void become_user(void)
{
    static const uint32_t groups[] = { 5, 1001, 70000 };
    const struct user_plan wanted = {
        .uid = 1234, .gid = 4321, .groups = groups, .group_count = 3, .umask = 0137
    };
    carry_out(&wanted);

    uid_t ids[3];
    claim(getresuid(&ids[0], &ids[1], &ids[2]) == 0);
    claim(ids[0] == 1234 && ids[1] == 1234 && ids[2] == 1234);
    claim(getresgid(&ids[0], &ids[1], &ids[2]) == 0);
    claim(ids[0] == 4321 && ids[1] == 4321 && ids[2] == 4321);
    gid_t got[8];
    claim(getgroups(8, got) == 3);
    claim(got[0] == 5 && got[1] == 1001 && got[2] == 70000);
    claim(umask(0) == 0137);
    struct error *error = user_apply(&(struct user_plan){ .uid = 0 }, &(bool){ false });
    claim(error && error->number == EPERM);
    error_forget(error);
}

static void clear_groups(void)
{
    gid_t some_groups[] = { 1, 2, 3 };
    claim(setgroups(3, some_groups) == 0);
    carry_out(&(struct user_plan){ .uid = 0, .gid = 0, .umask = 022 });
    claim(getgroups(0, NULL) == 0);
}

/* With STATUS, and without. */
static void claim_difference(const struct user_plan *wanted, const char *words)
{
    umask(022);
    claim_error(user_verify(wanted, false, read_status()), ERROR_READ_BACK, words);
    umask(022);
    claim_error(user_verify(wanted, false, NULL), ERROR_READ_BACK, words);
}

static void notice_what_did_not_take(void)
{
    static const uint32_t groups[] = { 1, 2, 4 };
    const gid_t others[] = { 1, 2, 3 };
    struct user_plan wanted = { .uid = UINT32_MAX, .gid = 1, .umask = 022 };

    /* The system call takes -1 for "leave as it is" and says that all is well. */
    must(user_apply(&wanted, &(bool){ false }));
    claim_difference(&wanted, "uid 4294967295 was set, but the kernel says 0, 0, 0");
    wanted.gid = 2;
    claim_difference(&wanted, "gid 2 was set, but the kernel says 1, 1, 1");
    wanted = (struct user_plan){ .gid = 1, .umask = 027 };
    claim_difference(&wanted, "umask 0027 was set, but the kernel says 0022");
    claim(setgroups(3, others) == 0);
    claim_difference(&wanted, "0 supplementary groups were set, 3 are there");
    wanted.groups = groups;
    wanted.group_count = 3;
    claim_difference(&wanted, "the supplementary group 3 was not asked for");
    must(user_verify(&(struct user_plan){ .gid = 1, .umask = 022 }, true, read_status()));
}

static void take_all_groups(void)
{
    static uint32_t groups[USER_GROUPS];
    for (uint32_t i = 0; i < USER_GROUPS; i++)
        groups[i] = 2 * i;
    carry_out(&(struct user_plan){
        .uid = 1, .gid = 1, .groups = groups, .group_count = USER_GROUPS, .umask = 022 });
}

static void applies_the_user(void **state) /* [U2] [U3] [U4] [U5] */
{
    (void) state;
    need_root();
    assert_in_child(become_user);
}

static void applies_an_empty_list_of_groups(void **state) /* (T44) */
{
    (void) state;
    need_root();
    assert_in_child(clear_groups);
}

static void reads_back(void **state) /* (R15) */
{
    (void) state;
    need_root();
    assert_in_child(notice_what_did_not_take);
}

static void applies_as_many_groups_as_there_can_be(void **state)
{
    (void) state;
    need_root();
    assert_in_child(take_all_groups);
}

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inherits_the_umask), /* before others ask */
        cmocka_unit_test(plans_what_is_given),
        cmocka_unit_test(runs_as_root_with_a_warning_when_absent),
        cmocka_unit_test(refuses_what_is_no_user),
        cmocka_unit_test(refuses_more_groups_than_the_kernel_takes),
        cmocka_unit_test(applies_the_user),
        cmocka_unit_test(applies_an_empty_list_of_groups),
        cmocka_unit_test(reads_back),
        cmocka_unit_test(applies_as_many_groups_as_there_can_be),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/user", tests, NULL, NULL);
}
