/* SPDX-License-Identifier: Apache-2.0 */
/* state/record: what is remembered comes back, and nothing else is believed. */
#include "tests/unit/state/fixture.h"

#include "state/record.h"

static struct entry entry;

static int claim(void **state)
{
    return set_up(state) || store_claim(&store, "web", &entry) ? -1 : 0;
}

static int let_go(void **state)
{
    entry_close(&entry);
    return tear_down(state);
}

#undef TEST
#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, claim, let_go, NULL                                                        \
    }

#define HEAD                                                                                       \
    "{\"ociVersion\":\"1.3.0\",\"id\":\"web\",\"bundle\":\"/b\",\"rootfs\":\"/b/r\","              \
    "\"created\":\"2026-01-02T03:04:05.000000006Z\",\"owner\":\"root\""

static const struct record smallest = {
    .oci_version = "1.3.0",
    .id = "web",
    .bundle = "/b",
    .rootfs = "/b/rootfs",
    .created = "2026-01-02T03:04:05.000000006Z",
    .owner = "root",
};

static void keeps_all(void **state)
{
    (void) state;
    struct oci_string_entry annotations[] = { { "b", "\n\"\xc3\xa9" }, { "a", "" } };
    struct record saved = smallest, loaded;
    saved.pid = (struct oci_opt_i32){ .value = 4711, .present = true };
    saved.started = (struct oci_opt_u64){ .value = UINT64_MAX, .present = true };
    saved.boot = "2e7c1c3a-0000-4000-8000-000000000001";
    saved.has_pid_namespace = (struct oci_opt_bool){ .value = true, .present = true };
    saved.cgroup_mount = "/sys/fs/cgroup/unified";
    saved.cgroup_path = "/tare/web";
    saved.cgroup_kept = (struct oci_opt_u32){ .value = 5, .present = true };
    saved.rdt_group = "gold";
    saved.rdt_is_own = (struct oci_opt_bool){ .value = false, .present = true };
    saved.rdt_monitors = (struct oci_opt_bool){ .value = true, .present = true };
    saved.annotations = (struct oci_string_map){ .v = annotations, .n = 2 };
    struct oci_hook hook = { .path = "/bin/x", .env = { (const char *[]){ "A=1" }, 1 } };
    struct oci_hooks hooks = { .poststop = { (struct oci_hook *[]){ &hook }, 1 } };
    saved.hooks = &hooks;
    assert_ok(record_save(&entry, &saved, &arena));
    assert_ok(record_load(&entry, &arena, &loaded));

    assert_string_equal(loaded.oci_version, "1.3.0");
    assert_string_equal(loaded.id, "web");
    assert_string_equal(loaded.bundle, "/b");
    assert_string_equal(loaded.rootfs, "/b/rootfs");
    assert_string_equal(loaded.created, smallest.created);
    assert_string_equal(loaded.owner, "root");
    assert_int_equal(loaded.pid.value, 4711);
    assert_true(loaded.started.value == UINT64_MAX);
    assert_string_equal(loaded.boot, saved.boot);
    assert_true(loaded.has_pid_namespace.value);
    assert_string_equal(loaded.cgroup_mount, "/sys/fs/cgroup/unified");
    assert_string_equal(loaded.cgroup_path, "/tare/web");
    assert_int_equal(loaded.cgroup_kept.value, 5);
    assert_string_equal(loaded.rdt_group, "gold");
    assert_true(loaded.rdt_is_own.present && !loaded.rdt_is_own.value);
    assert_true(loaded.rdt_monitors.value);
    assert_int_equal(loaded.annotations.n, 2);
    assert_string_equal(loaded.annotations.v[0].key, "b");
    assert_string_equal(loaded.annotations.v[0].value, "\n\"\xc3\xa9");
    assert_string_equal(loaded.annotations.v[1].value, "");
    assert_int_equal(loaded.hooks->poststart.n, 0);
    assert_int_equal(loaded.hooks->poststop.n, 1);
    assert_string_equal(loaded.hooks->poststop.v[0]->path, "/bin/x");
    assert_string_equal(loaded.hooks->poststop.v[0]->env.v[0], "A=1");
    assert_false(loaded.hooks->poststop.v[0]->timeout.present);
}

static void keeps_what_is_absent_absent(void **state)
{
    (void) state;
    struct record loaded;
    assert_ok(record_save(&entry, &smallest, &arena));
    assert_ok(record_load(&entry, &arena, &loaded));
    assert_false(loaded.pid.present || loaded.started.present || loaded.cgroup_kept.present);
    assert_null(loaded.boot);
    assert_null(loaded.cgroup_mount);
    assert_null(loaded.cgroup_path);
    assert_null(loaded.rdt_group);
    assert_null(loaded.hooks);
    assert_null(loaded.annotations.v);
}

static void refuses_paths_that_json_cannot_hold(void **state)
{
    (void) state;
    struct record record = smallest;
    record.bundle = "/b\xff";
    assert_error(record_save(&entry, &record, &arena), ERROR_BUNDLE);
    assert_false(is_there(below("web/state.json")));
}

static void refuses_what_we_never_wrote(void **state)
{
    (void) state;
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "null",
        HEAD "} ",
        HEAD "}{}",
        HEAD ",\"id\":\"web\"}",
        HEAD ",\"pid\":1}",
        HEAD ",\"started\":1}",
        HEAD ",\"pid\":0,\"started\":1}",
        HEAD ",\"pid\":-1,\"started\":1}",
        HEAD ",\"pid\":4294967297,\"started\":1}",
        HEAD ",\"pid\":\"1\",\"started\":1}",
        HEAD ",\"pid\":1,\"started\":-1}",
        HEAD ",\"cgroupMount\":\"/sys/fs/cgroup\"}",
        HEAD ",\"cgroupPath\":\"/a\"}",
        HEAD ",\"cgroupKept\":0}",
        HEAD ",\"cgroupMount\":\"/x\",\"cgroupPath\":\"/a\"}",
        HEAD ",\"cgroupMount\":\"/x\",\"cgroupPath\":\"/a\",\"cgroupKept\":-1}",
        HEAD ",\"cgroupMount\":\"x\",\"cgroupPath\":\"/a\",\"cgroupKept\":0}",
        HEAD ",\"cgroupMount\":\"/x\",\"cgroupPath\":\"a\",\"cgroupKept\":0}",
        HEAD ",\"rdtGroup\":\"\"}",
        HEAD ",\"rdtGroup\":\"..\"}",
        HEAD ",\"rdtGroup\":\"/a\"}",
        HEAD ",\"rdtGroup\":\"a/../../b\"}",
        HEAD ",\"annotations\":{\"a\":1}}",
        "{\"ociVersion\":\"1\",\"id\":\"other\",\"bundle\":\"/b\",\"rootfs\":\"/r\","
        "\"created\":\"\",\"owner\":\"\"}",
        "{\"ociVersion\":\"1\",\"id\":\"web\",\"bundle\":\"b\",\"rootfs\":\"/r\","
        "\"created\":\"\",\"owner\":\"\"}",
        "{\"ociVersion\":\"1\",\"id\":\"web\",\"bundle\":\"/b\",\"rootfs\":\"\","
        "\"created\":\"\",\"owner\":\"\"}",
        "{\"ociVersion\":\"1\",\"id\":\"web\",\"bundle\":\"/b\",\"rootfs\":\"/r\","
        "\"created\":\"\"}",
    };
    struct record record;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_ok(entry_write(&entry, RECORD_FILE, texts[i], strlen(texts[i])));
        struct error *error = record_load(&entry, &arena, &record);
        if (i == 4) { /* the head alone is good */
            assert_ok(error);
            continue;
        }
        if (!error)
            fail_msg("taken: %s", texts[i]);
        assert_error(error, ERROR_RECORD);
    }
}

static void refuses_every_truncation(void **state)
{
    (void) state;
    struct entry_text whole;
    struct record record;
    assert_ok(record_save(&entry, &smallest, &arena));
    assert_ok(entry_read(&entry, RECORD_FILE, 4096, &arena, &whole));
    const char *text = whole.text;
    size_t length = whole.length;
    while (length > 0 && text[length - 1] != '}')
        length--;
    while (length-- > 0) {
        assert_ok(entry_write(&entry, RECORD_FILE, text, length));
        assert_error(record_load(&entry, &arena, &record), ERROR_RECORD);
    }
}

static void refuses_a_gigabyte(void **state)
{
    (void) state;
    struct record record;
    assert_ok(record_save(&entry, &smallest, &arena));
    assert_false(truncate(below("web/state.json"), 1 << 30));
    assert_error(record_load(&entry, &arena, &record), ERROR_RECORD);
}

static void says_where(void **state)
{
    (void) state;
    struct record record;
    const char text[] = "{\n  \"ociVersion\": 1\n}\n";
    assert_ok(entry_write(&entry, RECORD_FILE, text, sizeof(text) - 1));
    struct error *error = record_load(&entry, &arena, &record);
    assert_non_null(error);
    assert_non_null(strstr(error->text, "read 'state.json' of container \"web\": 2:"));
    assert_error(error, ERROR_RECORD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("keeps all that is remembered [ST1] [ST6]", keeps_all),
        TEST("keeps what is absent absent", keeps_what_is_absent_absent),
        TEST("refuses a bundle that JSON cannot name", refuses_paths_that_json_cannot_hold),
        TEST("refuses what we never wrote (T31)", refuses_what_we_never_wrote),
        TEST("refuses every truncation (T31)", refuses_every_truncation),
        TEST("refuses a gigabyte (T31)", refuses_a_gigabyte),
        TEST("says where the fault is", says_where),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("state/record", tests, NULL, NULL);
}
