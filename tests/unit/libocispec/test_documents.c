/* SPDX-License-Identifier: Apache-2.0 */
/* The example documents of the specification (data/README.md), whole and damaged. */
#include "libocispec/config.h"
#include "libocispec/features.h"
#include "libocispec/state.h"

#include "tests/unit/libocispec/document.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    const struct oci_schema *schema;
    bool is_known; /* no member of it is unknown to the tables */
} good[] = {
    { "config/good/minimal.json", &oci_config_schema, true },
    { "config/good/minimal-for-start.json", &oci_config_schema, true },
    { "config/good/full-example.json", &oci_config_schema, true },
    { "config/good/spec-example.json", &oci_config_schema, false },
    { "config/good/linux-netdevice.json", &oci_config_schema, true },
    { "config/good/linux-rdma.json", &oci_config_schema, true },
    { "config/good/freebsd-minimal.json", &oci_config_schema, false },
    { "config/good/freebsd-example.json", &oci_config_schema, false },
    { "config/good/zos-minimal.json", &oci_config_schema, false },
    { "config/good/zos-example.json", &oci_config_schema, false },
    { "config/bad/freebsd-vnet-disable.json", &oci_config_schema, false },
    { "config/bad/linux-hugepage.json", &oci_config_schema, true },
    { "features/good/minimal.json", &oci_features_schema, true },
    { "features/good/runc.json", &oci_features_schema, true },
    { "state/good/spec-example.json", &oci_state_schema, true },
};

static const struct {
    const char *name;
    const struct oci_schema *schema;
    const char *problem;
} bad[] = {
    { "config/bad/invalid-json.json", &oci_config_schema,
      "1:2: : parse error: invalid object key (must be a string)" },
    { "config/bad/linux-netdevice.json", &oci_config_schema,
      "9:25: linux.netDevices.eth0.name: expected string, got number" },
    { "config/bad/linux-rdma.json", &oci_config_schema,
      "10:35: linux.resources.rdma.mlx5_1.hcaHandles: expected uint32, got string" },
    { "features/bad/missing-ociVersionMax.json", &oci_features_schema,
      "1:1: ociVersionMax: required member is missing" },
    { "state/bad/invalid-json.json", &oci_state_schema,
      "1:2: : parse error: invalid object key (must be a string)" },
};

/* How often each byte occurs, white space aside: the same for two documents that differ in the
 * order of members and in layout only. */
static void count_bytes(const char *text, size_t counts[256])
{
    memset(counts, 0, 256 * sizeof(counts[0]));
    for (; *text; text++)
        if (!strchr(" \t\n", *text))
            counts[(unsigned char) *text]++;
}

static void good_documents_come_back(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(good); i++) {
        char *text = read_document(good[i].name);
        size_t before[256], after[256];
        char *encoded =
            oci_encode(good[i].schema, decode(good[i].schema, text), false, &arena, NULL);
        assert_non_null(encoded);
        count_bytes(text, before);
        count_bytes(encoded, after);
        if ((memcmp(before, after, sizeof(before)) == 0) != good[i].is_known)
            fail_msg("%s came back as %s", good[i].name, encoded);

        char *copy = strdup(encoded);
        void *again = decode(good[i].schema, copy);
        assert_string_equal(oci_encode(good[i].schema, again, false, &arena, NULL), copy);
        free(copy);
        free(text);
    }
}

static void bad_documents_are_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char *text = read_document(bad[i].name);
        assert_string_equal(refusal(bad[i].schema, text, strlen(text)), bad[i].problem);
        free(text);
    }
}

static bool is_map_of_names(const char *text, const char *brace)
{
    static const char *const maps[] = { "annotations", "sysctl", "unified",
                                        "netDevices",  "rdma",   "timeOffsets" };
    for (size_t i = 0; i < COUNT(maps); i++) {
        char key[32];
        size_t length = (size_t) snprintf(key, sizeof(key), "\"%s\":", maps[i]);
        if ((size_t) (brace - text) >= length && memcmp(brace - length, key, length) == 0)
            return true;
    }
    return false;
}

static void unknown_members_are_skipped(void **state)
{
    (void) state;
    char *text = read_document("config/good/full-example.json");
    void *config = decode(&oci_config_schema, text);
    char *plain = strdup(oci_encode(&oci_config_schema, config, false, &arena, NULL));
    char *strange = malloc(32 * strlen(plain));
    assert_non_null(strange);

    char *end = strange;
    int added = 0;
    for (const char *at = plain; *at; at++) {
        *end++ = *at;
        if (*at != '{' || is_map_of_names(plain, at))
            continue;
        end = stpcpy(end, "\"X\":{\"y\":[1,{},null,-0.5e7,\"{\"]}");
        end = stpcpy(end, at[1] == '}' ? "" : ",");
        added++;
    }
    *end = '\0';
    assert_true(added > 40);
    config = decode(&oci_config_schema, strange);
    assert_string_equal(oci_encode(&oci_config_schema, config, false, &arena, NULL), plain);
    free(strange);
    free(plain);
    free(text);
}

static void every_truncation_is_refused(void **state)
{
    (void) state;
    char *text = read_document("config/good/full-example.json");
    size_t length = strlen(text);
    while (text[length - 1] == '\n')
        length--;
    for (size_t size = 0; size < length; size++) {
        arena_reset();
        memset(&problem, 0, sizeof(problem));
        assert_null(decode_bytes(&oci_config_schema, text, size));
        assert_true(problem.line >= 1 && problem.column >= 1 && problem.reason[0] != '\0');
    }
    free(text);
}

/* Whatever a changed byte makes of it, a document is refused with a reason, or can be written. */
static void every_changed_byte_is_survived(void **state)
{
    (void) state;
    static const unsigned char flips[] = { 0x01, 0x20, 0x80, 0xff };
    char *text = read_document("config/good/full-example.json");
    size_t length = strlen(text), refused = 0;
    for (size_t i = 0; i < length * COUNT(flips); i++) {
        char *byte = &text[i / COUNT(flips)];
        char kept = *byte;
        *byte = (char) (*byte ^ flips[i % COUNT(flips)]);
        arena_reset();
        memset(&problem, 0, sizeof(problem));
        void *config = decode_bytes(&oci_config_schema, text, length);
        if (config)
            assert_non_null(oci_encode(&oci_config_schema, config, false, &arena, NULL));
        else
            assert_true(problem.line >= 1 && problem.reason[0] != '\0');
        refused += !config;
        *byte = kept;
    }
    assert_in_range(refused, length, length * COUNT(flips) - 1);
    free(text);
}

static void every_small_arena_is_survived(void **state)
{
    (void) state;
    char *text = read_document("config/good/full-example.json");
    size_t length = strlen(text), size = 0;
    void *config = NULL;
    for (; !config; size += 8) {
        arena_renew(size);
        config = oci_decode(&oci_config_schema, &arena, text, length, &problem);
        if (!config)
            assert_string_equal(problem.reason, "no memory left for the document");
        assert_true(arena.used <= arena.size);
        assert_true(size < length);
    }
    assert_true(size > 2000);
    free(text);
    arena_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("[G7] good documents decode and come back", good_documents_come_back),
        TEST("[G5] bad documents are refused where they are bad", bad_documents_are_refused),
        TEST("[G4] unknown members are skipped in every object", unknown_members_are_skipped),
        TEST("every truncated document is refused", every_truncation_is_refused),
        TEST("every changed byte is survived", every_changed_byte_is_survived),
        TEST("every arena that is too small is survived", every_small_arena_is_survived),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("documents", tests, NULL, arena_drop);
}
