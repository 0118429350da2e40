/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/id_map: linux.uidMappings and linux.gidMappings. */
#include "tests/unit/process/checks.h"

#include "libocispec/mount.h"
#include "namespace/id_map.h"

static struct error *plan(const struct oci_idmap *list, uint32_t n, struct id_map *map)
{
    static struct oci_idmap copies[ID_MAPPINGS + 1];
    static struct oci_idmap *pointers[ID_MAPPINGS + 1];
    for (uint32_t i = 0; i < n; i++) {
        copies[i] = list[i];
        pointers[i] = &copies[i];
    }
    const struct oci_idmap_array mappings = { pointers, n };
    return id_map_plan("linux.uidMappings", &mappings, fresh_arena(), map);
}

static void writes_a_line_each(void **state) /* [IM1] [IM3] [IM4] [IM5] */
{
    (void) state;
    const struct oci_idmap list[] = { { 0, 1000, 1 }, { 1, 100000, 65536 } };
    struct id_map map;
    assert_ok(plan(list, 2, &map));
    assert_string_equal(map.text, "0 1000 1\n1 100000 65536\n");
    assert_ok(plan(list, 0, &map));
    assert_string_equal(map.text, "");
}

static void takes_the_largest(void **state)
{
    (void) state;
    const struct oci_idmap list[] = { { 0, 0, UINT32_MAX } };
    struct id_map map;
    assert_ok(plan(list, 1, &map));
    assert_string_equal(map.text, "0 0 4294967295\n");
    struct oci_idmap many[ID_MAPPINGS + 1];
    for (uint32_t i = 0; i <= ID_MAPPINGS; i++)
        many[i] = (struct oci_idmap){ 1000 + 2 * i, 1000 + 2 * i, 1 };
    assert_ok(plan(many, ID_MAPPINGS, &map));
    assert_int_equal(strlen(map.text), ID_MAPPINGS * strlen("1000 1000 1\n"));
    for (uint32_t i = 0; i <= ID_MAPPINGS; i++)
        many[i] = (struct oci_idmap){ 4294960000u + 2 * i, 4294950000u + 2 * i, 1 };
    assert_ok(plan(many, 170, &map));
    assert_error(plan(many, 171, &map), ERROR_CONFIG, "linux.uidMappings",
                 "the mappings take 4104 bytes");
    assert_error(plan(many, ID_MAPPINGS + 1, &map), ERROR_CONFIG, "linux.uidMappings",
                 "341 mappings are more than the kernel's 340");
}

static void refuses_what_the_kernel_would(void **state) /* [IM5] [M14] */
{
    (void) state;
    static const struct {
        struct oci_idmap list[2];
        const char *field, *words;
    } cases[] = {
        { { { 5, 5, 1 }, { 0, 0, 0 } }, "linux.uidMappings[1].size", "a mapping of no ids" },
        { { { UINT32_MAX, 0, 1 } }, "linux.uidMappings[0].containerID", "reach beyond" },
        { { { 1, 0, UINT32_MAX } }, "linux.uidMappings[0].containerID", "reach beyond" },
        { { { 0, 2, UINT32_MAX - 1 } }, "linux.uidMappings[0].hostID", "reach beyond" },
        { { { 0, 100, 10 }, { 9, 200, 1 } },
          "linux.uidMappings[1].containerID",
          "an id of linux.uidMappings[0] is mapped once more" },
        { { { 5, 100, 10 }, { 0, 200, 6 } }, "linux.uidMappings[1].containerID", "once more" },
        { { { 0, 100, 10 }, { 10, 109, 1 } }, "linux.uidMappings[1].hostID", "once more" },
        { { { 0, 100, 10 }, { 10, 0, 101 } }, "linux.uidMappings[1].hostID", "once more" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct id_map map = { .n = 7 };
        assert_error(plan(cases[i].list, 2, &map), ERROR_CONFIG, cases[i].field, cases[i].words);
        assert_int_equal(map.n, 7);
    }
}

static void finds_what_an_id_is_outside(void **state)
{
    (void) state;
    const struct oci_idmap list[] = { { 0, 1000, 1 }, { 10, 100000, 5 } };
    struct id_map map;
    uint32_t outside = 7;
    assert_ok(plan(list, 2, &map));
    assert_true(id_map_find(&map, 0, &outside) && outside == 1000);
    assert_true(id_map_find(&map, 10, &outside) && outside == 100000);
    assert_true(id_map_find(&map, 14, &outside) && outside == 100004);
    assert_false(id_map_find(&map, 1, &outside));
    assert_false(id_map_find(&map, 9, &outside));
    assert_false(id_map_find(&map, 15, &outside));
    assert_int_equal(outside, 100004);
}

static void reads_what_proc_shows(void **state)
{
    (void) state;
    struct id_map map;
    struct arena *arena = fresh_arena();
    assert_ok(id_map_parse("         0       1000          1\n         1     100000      65536\n",
                           arena, &map));
    assert_int_equal(map.n, 2);
    assert_true(map.v[1].inside == 1 && map.v[1].outside == 100000 && map.v[1].size == 65536);
    assert_ok(id_map_parse("", arena, &map));
    assert_int_equal(map.n, 0);

    static const char *const wrong[] = { "0 0\n", "0 0 1",     "0 0 4294967296\n", "a b c\n",
                                         "\n",    "0 0 1 1\n", "-1 0 1\n" };
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_error(id_map_parse(wrong[i], arena, &map), ERROR_SYSTEM, NULL, "is no id map");
}

static bool is_same(const char *a, const char *b)
{
    struct id_map left, right;
    struct arena *arena = fresh_arena();
    assert_ok(id_map_parse(a, arena, &left));
    assert_ok(id_map_parse(b, arena, &right));
    return id_map_is_same(&left, &right);
}

static void compares_what_maps_mean(void **state)
{
    (void) state;
    assert_true(is_same("", ""));
    assert_true(is_same("0 1000 1\n1 100000 9\n", "1 100000 9\n0 1000 1\n"));
    assert_true(is_same("0 100 10\n10 110 5\n", "0 100 15\n"));
    assert_true(is_same("10 110 5\n0 100 10\n", "0 100 15\n"));
    assert_false(is_same("0 100 10\n10 111 5\n", "0 100 15\n"));
    assert_false(is_same("0 100 10\n", "0 100 11\n"));
    assert_false(is_same("0 100 10\n", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_line_each),
        cmocka_unit_test(takes_the_largest),
        cmocka_unit_test(refuses_what_the_kernel_would),
        cmocka_unit_test(finds_what_an_id_is_outside),
        cmocka_unit_test(reads_what_proc_shows),
        cmocka_unit_test(compares_what_maps_mean),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/id_map", tests, NULL, NULL);
}
