/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/time_ns: linux.timeOffsets. */
#include <sched.h>
#include <signal.h>

#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "namespace/time_ns.h"
#include "os/syscalls.h"

static struct error *plan(const char *clock, int64_t secs, uint32_t nanosecs, uint64_t created,
                          struct time_ns_plan *made)
{
    struct oci_time_offset offset = { { secs, true }, { nanosecs, true } };
    struct oci_time_offset_entry entry = { clock, &offset };
    const struct oci_linux linux_ = { .time_offsets = { &entry, 1 } };
    return time_ns_plan(&linux_, created, fresh_arena(), made);
}

static void writes_a_line_each(void **state) /* [TO1] [TO2] [TO3] */
{
    (void) state;
    struct oci_time_offset first = { { -3600, true }, { 0, false } };
    struct oci_time_offset second = { { INT64_MAX, true }, { 999999999, true } };
    struct oci_time_offset_entry entries[] = { { "monotonic", &first }, { "boottime", &second } };
    const struct oci_linux linux_ = { .time_offsets = { entries, 2 } };
    struct time_ns_plan made;
    assert_ok(time_ns_plan(&linux_, CLONE_NEWTIME, fresh_arena(), &made));
    assert_string_equal(made.offsets,
                        "monotonic -3600 0\nboottime 9223372036854775807 999999999\n");
}

static void takes_zero_for_none(void **state)
{
    (void) state;
    struct time_ns_plan made;
    assert_ok(plan("boottime", 0, 0, CLONE_NEWTIME, &made));
    assert_null(made.offsets);
    assert_ok(time_ns_plan(NULL, 0, fresh_arena(), &made));
    assert_null(made.offsets);
}

static void refuses_what_cannot_be(void **state)
{
    (void) state;
    struct time_ns_plan made;
    assert_error(plan("realtime", 1, 0, CLONE_NEWTIME, &made), ERROR_CONFIG,
                 "linux.timeOffsets.realtime", "is no clock that has an offset");
    assert_error(plan("boottime", 1, 1000000000, CLONE_NEWTIME, &made), ERROR_CONFIG,
                 "linux.timeOffsets.boottime.nanosecs", "a second or more");
    assert_error(plan("boottime", 1, 0, CLONE_NEWUSER, &made), ERROR_CONFIG, "linux.timeOffsets",
                 "no new time namespace"); /* [N15] */
}

/* A child whose children will live in a new time namespace. */
static pid_t make_namespace(void)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        byte = unshare(CLONE_NEWTIME) ? 'n' : 'y';
        _exit(write(ready[1], &byte, 1) == 1 ? pause() : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    if (byte == 'y')
        return pid;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -1;
}

static void sets_and_reads_back(void **state)
{
    (void) state;
    need_root();
    pid_t pid = make_namespace();
    if (pid < 0)
        skip();
    const struct time_ns_plan right = { "monotonic 86400 5\nboottime -1 0\n" };
    const struct time_ns_plan much = { "boottime -4611686018 0\n" };
    struct error *set = time_ns_set(&right, pid), *refused = time_ns_set(&much, pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_ok(set);
    assert_int_equal(refused ? refused->number : 0, ERANGE);
    assert_error(refused, ERROR_SYSTEM, "linux.timeOffsets", "timens_offsets");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_line_each),
        cmocka_unit_test(takes_zero_for_none),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(sets_and_reads_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/time_ns", tests, NULL, NULL);
}
