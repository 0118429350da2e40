/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/config.h"

#include "tests/unit/libocispec/document.h"

static const char text[] =
    "{\n"
    "  \"ociVersion\": \"1.0.0\",\n"
    "  \"mounts\": [\n"
    "    { \"destination\": \"/a\" },\n"
    "    { \"destination\": \"/b\", \"options\": [\"ro\",\"bind\"] }\n"
    "  ],\n"
    "  \"x\": {\"process\": {\"cwd\": 1}},\n"
    "  \"process\": {\n"
    "    \"args\": [[0], {\"cwd\": 2}],\n"
    "    \"cwd\":\t\"/w\", \"user\": null\n"
    "  },\n"
    "  \"linux\": { \"sysctl\": {\"net.ipv4.a\": \"1\", \"net.ip\\u0076\": \"2\"} }\n"
    "}\n";

static const struct {
    const char *path;
    size_t line, column;
} places[] = {
    { "", 1, 1 },
    { "ociVersion", 2, 17 },
    { "mounts", 3, 13 },
    { "mounts[0]", 4, 5 },
    { "mounts[1]", 5, 5 },
    { "mounts[1].destination", 5, 22 },
    { "mounts[1].options[1]", 5, 45 },
    { "process", 8, 14 },
    { "process.args[0][0]", 9, 15 },
    { "process.cwd", 10, 12 },
    { "process.user", 10, 26 },
    { "linux.sysctl.net.ipv4.a", 12, 39 },
    { "linux.sysctl.net.ipv", 12, 60 },
    /* absent: the nearest that is there */
    { "hostname", 1, 1 },
    { "process.rlimits", 8, 14 },
    { "process.rlimits[1].soft", 8, 14 },
    { "process.user.uid", 8, 14 },
    { "process.cwd.x", 8, 14 },
    { "mounts[0].options[0]", 4, 5 },
    { "mounts[2].destination", 3, 13 },
    { "linux.sysctl.net", 12, 24 },
    { "linux.resources.memory.limit", 12, 12 },
    { "x.process.args", 7, 20 },
    { "]", 1, 1 },
};

static void finds_places(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        size_t line = 0, column = 0;
        oci_locate(text, strlen(text), places[i].path, &line, &column);
        if (line != places[i].line || column != places[i].column)
            fail_msg("%s: at %zu:%zu", places[i].path, line, column);
    }
}

static void agrees_with_the_decoder(void **state)
{
    (void) state;
    static const char *const wrong[] = {
        "{\"ociVersion\":\"1\",\n\"hostname\":  5}",
        "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\",\n  \"args\":[\"a\",\n\"b\", 1]}}",
        "{\"ociVersion\":\"1\",\"linux\":{\"sysctl\":{\"kernel.x\": {}}}}",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        size_t line, column;
        assert_string_not_equal(refusal(&oci_config_schema, wrong[i], strlen(wrong[i])),
                                "accepted");
        oci_locate(wrong[i], strlen(wrong[i]), problem.path, &line, &column);
        assert_int_equal(line, problem.line);
        assert_int_equal(column, problem.column);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("a path leads to its value, or to what encloses it", finds_places),
        TEST("the decoder and the search agree", agrees_with_the_decoder),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("locate", tests, NULL, arena_drop);
}
