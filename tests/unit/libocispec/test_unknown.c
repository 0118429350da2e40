/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/unknown.h"

#include "libocispec/config.h"
#include "tests/unit/libocispec/document.h"

static char heard[1024];
static uint32_t wanted;

static bool hear(const struct oci_unknown *unknown, void *context)
{
    (void) context;
    size_t used = strlen(heard);
    snprintf(heard + used, sizeof(heard) - used, "%s (%s of %s)\n", unknown->path, unknown->name,
             unknown->object->name);
    return --wanted > 0;
}

static const struct oci_unknown_hearer hearer = { hear, NULL };

/* Those of a document that decodes, a line each; the first LIMIT. */
static const char *find(const char *json, uint32_t limit)
{
    heard[0] = '\0';
    wanted = limit;
    decode(&oci_config_schema, json);
    assert_true(oci_find_unknown(&oci_config_schema, &arena, json, strlen(json), &hearer));
    return heard;
}

static const char slips[] =
    "{ \"ociVersion\": \"1.0.0\", \"hostName\": \"a\",\n"
    "  \"process\": { \"cwd\": \"/\", \"user\": { \"uid\": 0, \"gids\": [1] },\n"
    "    \"no\\u004eewPriviliges\": true, \"rlimits\": [\n"
    "      { \"type\": \"a\", \"soft\": 1, \"hard\": 2 },\n"
    "      { \"type\": \"a\", \"soft\": 1, \"hard\": 2, \"Hard\": { \"cwd\": 1, \"x\": [{}] } } ] "
    "},\n"
    "  \"linux\": { \"timeOffsets\": { \"boottime\": { \"secs\": 1, \"nanosec\": 2 } } } }\n";

static void finds_members_that_no_table_has(void **state)
{
    (void) state;
    assert_string_equal(find(slips, UINT32_MAX),
                        "hostName (hostName of oci_config)\n"
                        "process.user.gids (gids of oci_user)\n"
                        "process.noNewPriviliges (noNewPriviliges of oci_process)\n"
                        "process.rlimits[1].Hard (Hard of oci_rlimit)\n"
                        "linux.timeOffsets.boottime.nanosec (nanosec of oci_time_offset)\n");
}

static void leaves_out_what_is_no_slip(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{ \"ociVersion\": \"1\", \"annotations\": { \"hostName\": \"a\" } }",
        "{ \"ociVersion\": \"1\", \"linux\": { \"sysctl\": { \"x\": \"1\" },"
        "  \"resources\": { \"unified\": { \"y\": \"1\" } } } }",
        "{ \"ociVersion\": \"1\", \"x-mine\": 1, \"org.example\": { \"hostName\": 1 },"
        "  \"process\": { \"cwd\": \"/\", \"x-\": null, \"a.b\": [] } }",
        "{ \"ociVersion\": \"1\", \"windows\": { \"a\": 1 }, \"solaris\": {}, \"zos\": {},"
        "  \"freebsd\": { \"jail\": {} }, \"vm\": { \"kernel\": { \"path\": \"/k\" } } }",
        "{ \"ociVersion\": \"1\", \"process\": null, \"mounts\": [], \"linux\": {} }",
    };
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        assert_string_equal(find(documents[i], UINT32_MAX), "");
}

static void knows_other_platforms_at_the_top_alone(void **state)
{
    (void) state;
    assert_string_equal(
        find("{ \"ociVersion\": \"1\", \"linux\": { \"windows\": {} } }", UINT32_MAX),
        "linux.windows (windows of oci_linux)\n");
}

static void ends_when_nobody_wants_more(void **state)
{
    (void) state;
    assert_string_equal(find(slips, 1), "hostName (hostName of oci_config)\n");
}

static void says_that_the_arena_is_full(void **state)
{
    (void) state;
    arena_renew(0);
    assert_false(oci_find_unknown(&oci_config_schema, &arena, slips, strlen(slips), &hearer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("members that no table has are found, wherever", finds_members_that_no_table_has),
        TEST("maps, extensions and other platforms are nobody's slips", leaves_out_what_is_no_slip),
        TEST("their sections stand at the top", knows_other_platforms_at_the_top_alone),
        TEST("the search ends when nobody wants more", ends_when_nobody_wants_more),
        TEST("a full arena is told", says_that_the_arena_is_full),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("unknown", tests, NULL, arena_drop);
}
