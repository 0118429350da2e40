/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/net_devices: linux.netDevices as it stands in the config. */
#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "namespace/net_devices.h"

static struct net_devices_plan made;

/* Of two devices, each with a name inside or NULL; without the second if its key is NULL. */
static struct error *plan(const char *const keys[2], const char *const names[2])
{
    struct oci_net_device devices[2] = { { names[0] }, { names[1] } };
    struct oci_net_device_entry entries[2] = { { keys[0], &devices[0] }, { keys[1], &devices[1] } };
    struct oci_linux linux_ = { .net_devices = { entries, keys[1] ? 2 : 1 } };
    return net_devices_plan(&linux_, true, fresh_arena(), &made);
}

static struct error *plan_one(const char *key, const char *name)
{
    return plan((const char *const[]){ key, NULL }, (const char *const[]){ name, NULL });
}

static void plans_none(void **state) /* [ND1] */
{
    (void) state;
    made.n = 7;
    assert_ok(net_devices_plan(NULL, false, fresh_arena(), &made));
    assert_int_equal(made.n, 0);
    made.n = 7;
    assert_ok(net_devices_plan(&(struct oci_linux){ 0 }, false, fresh_arena(), &made));
    assert_int_equal(made.n, 0);
}

static void needs_a_network(void **state) /* [ND1] */
{
    (void) state;
    struct oci_net_device device = { 0 };
    struct oci_net_device_entry entry = { "eth0", &device };
    struct oci_linux linux_ = { .net_devices = { &entry, 1 } };
    assert_error(net_devices_plan(&linux_, false, fresh_arena(), &made), ERROR_CONFIG,
                 "linux.netDevices", "shares the host's network");
}

static void takes_names(void **state) /* [ND2] [ND3] */
{
    (void) state;
    static const char *const good[] = { "a", "fifteen-bytes-x", "...", "eth0.100", "\xc3\xa4" };
    for (size_t i = 0; i < LENGTH(good); i++) {
        assert_ok(plan_one(good[i], NULL));
        assert_string_equal(made.v[0].name, good[i]);
        assert_null(made.v[0].wanted);
        assert_ok(plan_one("x", good[i]));
        assert_string_equal(made.v[0].wanted, good[i]);
    }
    assert_ok(plan_one("x", "eth%d"));
    assert_ok(plan_one("100%", NULL)); /* such a one is looked for, and not found */
}

static void refuses_what_is_no_name(void **state) /* [ND2] [ND3] [ND4] */
{
    (void) state;
    static const char *const bad[] = { "",     ".",    "..",   "a/b",  "a:b",  " a",
                                       "a\tb", "a\nb", "a\rb", "a\vb", "a\fb", "sixteen-bytes-xx" };
    static const char *const templates[] = { "a%", "%", "a%s", "%d%d", "%%d", "fourteen-xxxx%d" };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        assert_error(plan_one(bad[i], NULL), ERROR_CONFIG, NULL, "is not the name of");
        assert_error(plan_one("x", bad[i]), ERROR_CONFIG, "linux.netDevices.x.name",
                     "is not the name of");
    }
    for (size_t i = 0; i < LENGTH(templates) - 1; i++)
        assert_error(plan_one("x", templates[i]), ERROR_CONFIG, "linux.netDevices.x.name",
                     "is not the name of");
    assert_ok(plan_one("x", templates[LENGTH(templates) - 1]));
}

static void refuses_a_name_twice(void **state) /* [ND4] */
{
    (void) state;
    const char *const keys[] = { "a", "b" };
    assert_error(plan(keys, (const char *const[]){ "x", "x" }), ERROR_CONFIG,
                 "linux.netDevices.b.name", "\"x\" is the name of linux.netDevices.a as well");
    assert_error(plan(keys, (const char *const[]){ NULL, "a" }), ERROR_CONFIG,
                 "linux.netDevices.b.name", "\"a\" is the name");
    assert_ok(plan(keys, (const char *const[]){ "b", "a" }));
    assert_ok(plan(keys, (const char *const[]){ "eth%d", "eth%d" }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_none),           cmocka_unit_test(needs_a_network),
        cmocka_unit_test(takes_names),          cmocka_unit_test(refuses_what_is_no_name),
        cmocka_unit_test(refuses_a_name_twice),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/net_devices", tests, NULL, NULL);
}
