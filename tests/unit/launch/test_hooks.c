/* SPDX-License-Identifier: Apache-2.0 */
/* launch/hooks: what is refused, what is planned, and the state that hooks read. */
#include "tests/unit/container/config.h"

#include "base/list.h"
#include "launch/hooks.h"
#include "state/record.h"

static struct error *plan(const char *hooks, struct hooks_plan *planned)
{
    char json[512];

    arena_reset();
    memset(planned, 0, sizeof(*planned));
    snprintf(json, sizeof(json), "{ 'ociVersion': '1.3.0', 'hooks': %s }", hooks);
    return hooks_plan(decode(json)->hooks, &arena, planned);
}

static void test_refuses(void **state)
{
    static const struct {
        const char *hooks, *text;
    } rows[] = {
        { "{ 'prestart': [{ 'path': 'x' }] }", "hooks.prestart[0].path: it must be absolute" },
        { "{ 'prestart': [{ 'path': '' }] }", "hooks.prestart[0].path: it must be absolute" },
        { "{ 'createRuntime': [{ 'path': '/x' }, { 'path': 'x/y' }] }",
          "hooks.createRuntime[1].path: it must be absolute" },
        { "{ 'createContainer': [{ 'path': '/x', 'timeout': 0 }] }",
          "hooks.createContainer[0].timeout: it must be greater than zero" },
        { "{ 'startContainer': [{ 'path': '/x', 'timeout': -1 }] }",
          "hooks.startContainer[0].timeout: it must be greater than zero" },
        { "{ 'poststart': [{ 'path': './x' }] }", "hooks.poststart[0].path: it must be absolute" },
        { "{ 'poststop': [{ 'path': 'x' }] }", "hooks.poststop[0].path: it must be absolute" },
    };
    (void) state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct hooks_plan planned;
        assert_error(plan(rows[i].hooks, &planned), ERROR_CONFIG, rows[i].text);
    }
}

static void test_plans(void **state)
{
    struct hooks_plan planned;

    (void) state;
    assert_ok(plan("{ 'prestart': [], 'createRuntime': [{ 'path': '/a' },"
                   " { 'path': '/b', 'args': ['x', ''], 'env': ['A=1', 'odd'], 'timeout': 7 }],"
                   " 'poststop': [{ 'path': '/c', 'args': [], 'env': [] }] }",
                   &planned));
    assert_int_equal(planned.prestart.n, 0);
    assert_int_equal(planned.create_runtime.n, 2);
    const struct hook *hook = planned.create_runtime.v;
    assert_string_equal(hook->field, "hooks.createRuntime[0]");
    assert_string_equal(hook->args[0], "/a");
    assert_null(hook->args[1]);
    assert_null(hook->env[0]);
    assert_int_equal(hook->seconds, 0);
    assert_int_equal(hook->file, -1);
    hook++;
    assert_string_equal(hook->path, "/b");
    assert_string_equal(hook->args[0], "x");
    assert_string_equal(hook->args[1], "");
    assert_null(hook->args[2]);
    assert_string_equal(hook->env[1], "odd");
    assert_null(hook->env[2]);
    assert_int_equal(hook->seconds, 7);
    assert_string_equal(planned.poststop.v[0].args[0], "/c");

    assert_ok(hooks_plan(NULL, &arena, &planned));
}

static void test_describes(void **state)
{
    struct oci_string_entry annotation = { "\"pid\":0", "\"pid\":0" };
    struct record record = {
        .oci_version = "1.3.0",
        .id = "web",
        .bundle = "/b",
        .created = "2026-01-02T03:04:05.000000006Z",
        .owner = "root",
        .annotations = { &annotation, 1 },
    };
    struct hook_state text;

    (void) state;
    arena_reset();
    assert_ok(hooks_describe(&record, OCI_STATUS_CREATED, &arena, &text));
    assert_string_equal(text.before,
                        "{\"ociVersion\":\"1.3.0\",\"id\":\"web\",\"status\":\"created\",\"pid\":");
    assert_string_equal(text.after,
                        ",\"bundle\":\"/b\",\"annotations\":{\"\\\"pid\\\":0\":\"\\\"pid\\\":0\"},"
                        "\"created\":\"2026-01-02T03:04:05.000000006Z\",\"owner\":\"root\"}");
    record.rootfs = "/b/r";
    assert_ok(hooks_describe(&record, OCI_STATUS_STOPPED, &arena, &text));
    assert_non_null(strstr(text.before, "\"status\":\"stopped\""));
    assert_non_null(strstr(text.after, "\"rootfs\":\"/b/r\""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[H2] [H6] what is refused, of each kind", test_refuses, NULL, NULL, NULL },
        { "[H3] [H4] [H5] what is planned", test_plans, NULL, NULL, NULL },
        { "[H8] [H9] the state around the pid", test_describes, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
