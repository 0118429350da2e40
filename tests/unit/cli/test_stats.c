/* SPDX-License-Identifier: Apache-2.0 */
/* cli/stats: what is made of the numbers of containers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/stats.h"
#include "libocispec/arena.h"

static char memory[1 << 18] __attribute__((aligned(4096)));
static struct arena arena = { .base = memory, .size = sizeof(memory) };

/* A name that no container can have. */
static const char hostile[] = "a\"b\\c\nd\x1b[2J\xff";

static struct stats_number number(uint64_t value)
{
    return (struct stats_number){ value, true };
}

static struct stats_device disk = { .major = 8, .minor = 16 };

static struct usage whole_usage(const char *id)
{
    struct usage usage = {
        .id = id,
        .status = "running",
        .devices = &disk,
        .device_count = 1,
        .has_devices = true,
        .cpu_share = number(1234),
    };

    usage.numbers[USAGE_CPU_USER] = number(12000001);
    usage.numbers[USAGE_CPU_SYSTEM] = number(0);
    usage.numbers[USAGE_MEMORY] = number(1536);
    usage.numbers[USAGE_MEMORY_LIMIT] = number(UINT64_MAX);
    usage.numbers[USAGE_PIDS] = number(3);
    usage.numbers[USAGE_PIDS_LIMIT] = number(100);
    disk.values[STATS_READ_BYTES] = number(10 << 20);
    disk.values[STATS_WRITES] = number(7);
    usage.pressures[USAGE_OF_IO][USAGE_SOME] =
        (struct usage_pressure){ { "some", { "1.50", "0.10", "0.00" }, 2500000 }, true };
    return usage;
}

static void assert_part(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in: %s", part, text);
}

static const char *describe(struct error *(*how)(const struct usages *, struct arena *,
                                                 const char **),
                            struct usage *usage)
{
    const struct usages usages = { usage, 1 };
    const char *text = NULL;

    arena_clear(&arena);
    assert_null(how(&usages, &arena, &text));
    return text;
}

static void metrics_have_types_units_and_all_samples(void **state)
{
    (void) state;
    struct usage usage = whole_usage("web");
    const char *text = describe(stats_describe_metrics, &usage);
    assert_part(text, "# TYPE tare_container_cpu_seconds counter\n"
                      "# UNIT tare_container_cpu_seconds seconds\n"
                      "# HELP tare_container_cpu_seconds ");
    assert_part(text, "\ntare_container_cpu_seconds_total{id=\"web\",mode=\"user\"} 12.000001\n"
                      "tare_container_cpu_seconds_total{id=\"web\",mode=\"system\"} 0.000000\n");
    assert_part(text, "\ntare_container_status{id=\"web\",status=\"running\"} 1\n");
    assert_part(text, "\ntare_container_memory_bytes{id=\"web\"} 1536\n");
    assert_part(text, "\ntare_container_memory_limit_bytes{id=\"web\"} +Inf\n");
    assert_part(text, "\ntare_container_pids_limit{id=\"web\"} 100\n");
    assert_part(text,
                "\ntare_container_io_read_bytes_total{id=\"web\",device=\"8:16\"} 10485760\n");
    assert_part(text, "\ntare_container_io_writes_total{id=\"web\",device=\"8:16\"} 7\n");
    assert_part(text, "\ntare_container_pressure_some_seconds_total{id=\"web\",resource=\"io\"} "
                      "2.500000\n");
    assert_string_equal(text + strlen(text) - strlen("\n# EOF\n"), "\n# EOF\n");
}

static void what_is_not_known_has_no_sample(void **state)
{
    (void) state;
    struct usage usage = { .id = "web", .status = "stopped" };
    const char *text = describe(stats_describe_metrics, &usage);
    int samples = 0;
    for (const char *at = text; (at = strstr(at, "{id=")); at++)
        samples++;
    assert_int_equal(samples, 1);
    assert_part(text, "# TYPE tare_container_memory_bytes gauge\n");
}

static void metrics_escape_labels(void **state)
{
    (void) state;
    struct usage usage = { .id = hostile, .status = "running" };
    assert_part(describe(stats_describe_metrics, &usage),
                "\ntare_container_status{id=\"a\\\"b\\\\c\\\\nd\\\\x1b[2J\xef\xbf\xbd\","
                "status=\"running\"} 1\n");
}

static void metrics_that_do_not_fit_are_an_error(void **state)
{
    (void) state;
    struct usage usage = whole_usage("web");
    const struct usages usages = { &usage, 1 };
    const char *text = NULL;
    struct arena small = { .base = memory, .size = 1024 };
    arena_clear(&arena);
    struct error *error = stats_describe_metrics(&usages, &small, &text);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_MEMORY);
    error_forget(error);
    assert_null(text);
    assert_int_equal(small.used, 0);
    for (size_t i = 0; i < small.size; i++)
        assert_int_equal(memory[i], 0);
}

static void json_has_numbers_and_leaves_out_what_is_not_known(void **state)
{
    (void) state;
    struct usage usage = whole_usage("web");
    assert_string_equal(
        describe(stats_describe_json, &usage),
        "[{\"id\":\"web\",\"status\":\"running\",\"cpu\":{\"percent\":123.4,\"user\":12000001000,"
        "\"kernel\":0},\"memory\":{\"usage\":1536,\"limit\":\"max\"},"
        "\"pids\":{\"current\":3,\"limit\":100},\"io\":[{\"major\":8,\"minor\":16,"
        "\"readBytes\":10485760,\"writes\":7}],\"psi\":{\"cpu\":{},\"memory\":{},"
        "\"io\":{\"some\":{\"avg10\":1.50,\"avg60\":0.10,\"avg300\":0.00,\"total\":2500000}}}}]\n");
    usage = (struct usage){ .id = "web", .status = "stopped" };
    assert_string_equal(describe(stats_describe_json, &usage),
                        "[{\"id\":\"web\",\"status\":\"stopped\",\"cpu\":{},\"memory\":{},"
                        "\"pids\":{},\"psi\":{\"cpu\":{},\"memory\":{},\"io\":{}}}]\n");
}

/* What the table of one container shows below its titles, to be freed by nobody. */
static const char *show(struct usage *usage)
{
    static char shown[8192];
    const struct usages usages = { usage, 1 };
    FILE *file = tmpfile();
    int kept = dup(STDOUT_FILENO);

    assert_non_null(file);
    arena_clear(&arena);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    struct error *error = stats_print_table(&usages, UINT32_MAX, &arena);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    assert_null(error);
    ssize_t length = pread(fileno(file), shown, sizeof(shown) - 1, 0);
    fclose(file);
    assert_true(length > 0);
    shown[length] = '\0';
    return strchr(shown, '\n') + 1;
}

static void the_table_has_numbers_for_people(void **state)
{
    (void) state;
    struct usage usage = whole_usage("web");
    assert_string_equal(show(&usage), "web         running     123.4%      1.5K/max     "
                                      "3/100       10M/0B         -/-/1.50\n");
}

static void the_table_has_a_dash_for_what_is_not_known(void **state)
{
    (void) state;
    struct usage usage = { .id = "web", .status = "stopped" };
    assert_string_equal(show(&usage), "web         stopped     -           -            "
                                      "-           -              -\n");
    usage.numbers[USAGE_MEMORY] = number(1023);
    assert_part(show(&usage), " 1023B/- ");
    usage.numbers[USAGE_MEMORY] = number(UINT64_MAX - 1);
    usage.numbers[USAGE_MEMORY_LIMIT] = number(0);
    assert_part(show(&usage), " 15.9E/0B ");
    usage.numbers[USAGE_MEMORY] = number((1 << 20) - 1);
    usage.numbers[USAGE_MEMORY_LIMIT] = number(1 << 20);
    assert_part(show(&usage), " 1023.9K/1M ");
}

static void the_table_obeys_no_id(void **state)
{
    (void) state;
    struct usage usage = { .id = hostile, .status = "running" };
    assert_part(show(&usage), "a\"b\\c\\nd\\x1b[2J\xef\xbf\xbd ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_have_types_units_and_all_samples),
        cmocka_unit_test(what_is_not_known_has_no_sample),
        cmocka_unit_test(metrics_escape_labels),
        cmocka_unit_test(metrics_that_do_not_fit_are_an_error),
        cmocka_unit_test(json_has_numbers_and_leaves_out_what_is_not_known),
        cmocka_unit_test(the_table_has_numbers_for_people),
        cmocka_unit_test(the_table_has_a_dash_for_what_is_not_known),
        cmocka_unit_test(the_table_obeys_no_id),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
