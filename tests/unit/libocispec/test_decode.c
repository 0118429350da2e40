/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/config.h"
#include "libocispec/json.h"
#include "libocispec/state.h"

#include "tests/unit/libocispec/document.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define V "{\"ociVersion\":\"1.0.0\""

struct sample {
    const char *json, *problem;
};

static const struct sample duplicates[] = {
    { V ",\"hostname\":\"a\",\"hostname\":\"b\"}", "1:38: hostname: duplicate key" },
    { V ",\"ociVersion\":null}", "1:23: ociVersion: duplicate key" },
    { V ",\"hostname\":null,\"hostname\":null}", "1:39: hostname: duplicate key" },
    { V ",\"x\":{\"y\":[{\"z\":1,\"z\":2}]}}", "1:40: x.y[0].z: duplicate key" },
    { V ",\"x\":1,\"y\":2,\"x\":1}", "1:35: x: duplicate key" },
    { V ",\"annotations\":{\"a\":\"1\",\"b\":\"1\",\"a\":\"1\"}}",
      "1:54: annotations.a: duplicate key" },
    { V ",\"linux\":{\"sysctl\":{\"kernel.x\":\"1\",\"kernel.x\":\"1\"}}}",
      "1:57: linux.sysctl.kernel.x: duplicate key" },
    { V ",\"host\\u006eame\":\"a\",\"hostname\":\"b\"}", "1:43: hostname: duplicate key" },
    { V ",\"\":1,\"\":2}", "1:28: : duplicate key" },
};

static const struct sample syntax[] = {
    { "", "1:1: : parse error: premature EOF" },
    { " \n ", "2:2: : parse error: premature EOF" },
    { "[]", "1:1: : top level must be an object" },
    { "  \"x\"", "1:3: : top level must be an object" },
    { "5", "1:1: : top level must be an object" },
    { "null", "1:1: : top level must be an object" },
    { "{]", "1:2: : parse error: invalid object key (must be a string)" },
    { V "} x", "1:24: : parse error: trailing garbage" },
    { V "}}", "1:23: : parse error: trailing garbage" },
    { V "}{}", "1:23: : parse error: trailing garbage" },
    { V ",}", "1:23: ociVersion: parse error: invalid object key (must be a string)" },
    { V ",,}", "1:23: ociVersion: parse error: invalid object key (must be a string)" },
    { V " /* c */}", "1:23: ociVersion: lexical error: probable comment found in input text, "
                     "comments are not enabled" },
    { V ",\n\"a\" \"b\"}",
      "2:5: a: parse error: object key and value must be separated by a colon (':')" },
    { V ",\"a\":[1,2", "1:30: a[1]: parse error: premature EOF" },
    { V ",\"a\":tru}", "1:27: a: lexical error: invalid string in json text" },
    { V ",\"a\":01}",
      "1:28: a: parse error: after key and value, inside map, I expect ',' or '}'" },
    { V ",'a':1}", "1:23: ociVersion: lexical error: invalid char in json text" },
    { V ",\"a\":\"\\x\"}",
      "1:27: a: lexical error: inside a string, '\\' occurs before a character which it may not" },
    { V ",\"a\":\"\t\"}", "1:27: a: lexical error: invalid character inside string" },
    { V ",\"a\":\"x", "1:27: a: parse error: premature EOF" },
    { "\xef\xbb\xbf{}", "1:1: : lexical error: invalid char in json text" },
    { V ",\"hostname\":\"\xff\"}", "1:35: : not UTF-8: byte 0xff" },
    { V ",\"x\":\"\xed\xa0\x80\"}", "1:28: : not UTF-8: byte 0xed" },
    { "\xff\xfe{", "1:1: : not UTF-8: byte 0xff" },
};

static const struct sample strings[] = {
    { V ",\"hostname\":\"a\\u0000b\"}", "1:34: hostname: string contains NUL" },
    { V ",\"x\\u0000\":1}", "1:23: : string contains NUL" },
    { V ",\"x\":[\"\\u0000\"]}", "1:28: x[0]: string contains NUL" },
    { V ",\"x\":[1,{},\"\\u0000\"]}", "1:33: x[2]: string contains NUL" },
    { V ",\"hostname\":\"\\ud83d\"}", "1:34: hostname: string contains half of a surrogate pair" },
    { V ",\"hostname\":\"\\udc00\"}", "1:34: hostname: string contains half of a surrogate pair" },
    { V ",\"hostname\": \"\\ud83d\\u0041\"}",
      "1:35: hostname: string contains half of a surrogate pair" },
    { V ",\"x\":{\"\\ude00\":1}}", "1:28: x: string contains half of a surrogate pair" },
};

static const struct sample types[] = {
    { V ",\"hostname\":5}", "1:34: hostname: expected string, got number" },
    { V ",\"hostname\":{}}", "1:34: hostname: expected string, got object" },
    { V ",\"hostname\":[\"a\"]}", "1:34: hostname: expected string, got array" },
    { V ",\"process\":[]}", "1:33: process: expected object, got array" },
    { V ",\"mounts\":{}}", "1:32: mounts: expected array, got object" },
    { V ",\"mounts\":[null]}", "1:33: mounts[0]: expected object, got null" },
    { V ",\"annotations\":[]}", "1:37: annotations: expected object, got array" },
    { V ",\"annotations\":{\"a\":null}}", "1:42: annotations.a: expected string, got null" },
    { V ",\"annotations\":{\"a\":1}}", "1:42: annotations.a: expected string, got number" },
    { V ",\"root\":{\"path\":\"/\",\"readonly\":1}}",
      "1:53: root.readonly: expected boolean, got number" },
    { V ",\"root\":{\"path\":\"/\",\"readonly\":\"true\"}}",
      "1:53: root.readonly: expected boolean, got string" },
    { V ",\"process\":{\"cwd\":\"/\",\"args\":[\"a\",1]}}",
      "1:56: process.args[1]: expected string, got number" },
    { V ",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":\"0\"}}}",
      "1:58: process.user.uid: expected uint32, got string" },
    { V ",\"process\":{\"cwd\":\"/\",\"user\":{\"additionalGids\":[0,null]}}}",
      "1:72: process.user.additionalGids[1]: expected uint32, got null" },
    { V ",\"linux\":{\"rootfsPropagation\":true}}",
      "1:52: linux.rootfsPropagation: expected string, got boolean" },
    { V ",\"linux\":{\"netDevices\":{\"eth0\":\"x\"}}}",
      "1:53: linux.netDevices.eth0: expected object, got string" },
    { V ",\"linux\":{\"timeOffsets\":{\"boottime\":null}}}",
      "1:58: linux.timeOffsets.boottime: expected object, got null" },
};

static const struct sample enums[] = {
    { V ",\"linux\":{\"rootfsPropagation\":\"bogus\"}}",
      "1:52: linux.rootfsPropagation: unknown value \"bogus\"" },
    { V ",\"linux\":{\"rootfsPropagation\":\"\"}}",
      "1:52: linux.rootfsPropagation: unknown value \"\"" },
    { V ",\"linux\":{\"rootfsPropagation\":\"privat\"}}",
      "1:52: linux.rootfsPropagation: unknown value \"privat\"" },
    { V ",\"linux\":{\"rootfsPropagation\":\"privately\"}}",
      "1:52: linux.rootfsPropagation: unknown value \"privately\"" },
    { V ",\"linux\":{\"rootfsPropagation\":\"Private\"}}",
      "1:52: linux.rootfsPropagation: unknown value \"Private\"" },
    { V ",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"net\"}]}}",
      "1:69: linux.namespaces[1].type: unknown value \"net\"" },
    { V ",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"flags\":[\"x\\u001b\"]}}}",
      "1:83: linux.seccomp.flags[0]: unknown value \"x?\"" },
};

static const struct sample numbers[] = {
    { V ",\"process\":{\"cwd\":\"/"
        "\",\"rlimits\":[{\"type\":\"x\",\"soft\":1,\"hard\":18446744073709551616}]}}",
      "1:83: process.rlimits[0].hard: number out of range for uint64: 18446744073709551616" },
    { V ",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":-1}}}",
      "1:58: process.user.uid: number out of range for uint32: -1" },
    { V ",\"process\":{\"cwd\":\"/\",\"oomScoreAdj\":2147483648}}",
      "1:58: process.oomScoreAdj: number out of range for int32: 2147483648" },
    { V ",\"linux\":{\"resources\":{\"pids\":{\"limit\":1.0}}}}",
      "1:61: linux.resources.pids.limit: fraction or exponent not allowed in int64: 1.0" },
    { V ",\"linux\":{\"resources\":{\"pids\":{\"limit\":1e3}}}}",
      "1:61: linux.resources.pids.limit: fraction or exponent not allowed in int64: 1e3" },
    { V ",\"linux\":{\"resources\":{\"pids\":{\"limit\":9223372036854775808}}}}",
      "1:61: linux.resources.pids.limit: number out of range for int64: 9223372036854775808" },
    { V ",\"linux\":{\"resources\":{\"blockIO\":{\"weight\":65536}}}}",
      "1:65: linux.resources.blockIO.weight: number out of range for uint16: 65536" },
};

static const struct sample missing[] = {
    { "{}", "1:1: ociVersion: required member is missing" },
    { "{\"ociVersion\":null}", "1:15: ociVersion: expected string, got null" },
    { "{\"OciVersion\":\"1.0.0\"}", "1:1: ociVersion: required member is missing" },
    { V ",\"process\":{}}", "1:33: process.cwd: required member is missing" },
    { V ",\"process\": {\"Cwd\":\"/\"}}", "1:34: process.cwd: required member is missing" },
    { V ",\n \"mounts\":[{\"destination\":\"/\"},\n{\"type\":\"proc\"}]}",
      "3:1: mounts[1].destination: required member is missing" },
    { V ",\"vm\":{}}", "1:28: vm.kernel: required member is missing" },
    { V ",\"vm\":{\"kernel\":null}}", "1:38: vm.kernel: expected object, got null" },
    { V ",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"action\":"
        "\"SCMP_ACT_LOG\"}]}}}",
      "1:86: linux.seccomp.syscalls[0].names: required member is missing" },
    { V ",\"linux\":{\"namespaces\":[{\"type\":null}]}}",
      "1:54: linux.namespaces[0].type: expected string, got null" },
};

static void refuse_all(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(refusal(&oci_config_schema, samples[i].json, strlen(samples[i].json)),
                            samples[i].problem);
}

#define REFUSES(samples)                                                                           \
    static void refuses_##samples(void **state)                                                    \
    {                                                                                              \
        (void) state;                                                                              \
        refuse_all(samples, COUNT(samples));                                                       \
    }
REFUSES(duplicates)
REFUSES(syntax)
REFUSES(strings)
REFUSES(types)
REFUSES(enums)
REFUSES(numbers)
REFUSES(missing)

static void null_is_absence(void **state)
{
    (void) state;
    struct oci_config *config =
        decode(&oci_config_schema, V
               ",\"hostname\":null,\"mounts\":null,\"root\":null,\"annotations\":null,\"process\":"
               "{\"cwd\":\"/\",\"terminal\":null,\"oomScoreAdj\":null,\"user\":{\"uid\":null}}}");
    assert_null(config->hostname);
    assert_null(config->mounts.v);
    assert_null(config->root);
    assert_null(config->annotations.v);
    assert_false(config->process->terminal.present);
    assert_false(config->process->oom_score_adj.present);
    assert_false(config->process->user->uid.present);
}

static void absence_is_not_zero(void **state)
{
    (void) state;
    struct oci_config *config =
        decode(&oci_config_schema,
               V ",\"hostname\":\"\",\"mounts\":[],\"annotations\":{},\"hooks\":{},\"process\":{"
                 "\"cwd\":\"\","
                 "\"args\":[],\"terminal\":false,\"user\":{\"umask\":0,\"additionalGids\":[]}},"
                 "\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_KILL\",\"flags\":[]},"
                 "\"rootfsPropagation\":\"private\",\"netDevices\":{}}}");
    assert_string_equal(config->hostname, "");
    assert_non_null(config->mounts.v);
    assert_int_equal(config->mounts.n, 0);
    assert_non_null(config->annotations.v);
    assert_int_equal(config->annotations.n, 0);
    assert_non_null(config->hooks);
    assert_null(config->hooks->prestart.v);
    assert_non_null(config->process->args.v);
    assert_null(config->process->env.v);
    assert_true(config->process->terminal.present);
    assert_false(config->process->terminal.value);
    assert_false(config->process->no_new_privileges.present);
    assert_true(config->process->user->umask.present);
    assert_non_null(config->process->user->additional_gids.v);
    assert_non_null(config->linux_->seccomp->flags.v);
    assert_null(config->linux_->seccomp->architectures.v);
    assert_true(config->linux_->rootfs_propagation.present);
    assert_non_null(config->linux_->net_devices.v);
}

static void values_arrive(void **state)
{
    (void) state;
    struct oci_config *config = decode(
        &oci_config_schema, V
        ",\"process\":{\"cwd\":\"/\\u00e9\\n\\ud83d\\ude00\\/\",\"args\":[\"sh\",\"\",\"-c\"],"
        "\"user\":{\"uid\":4294967295,\"gid\":0,\"additionalGids\":[5,4294967295]}},"
        "\"annotations\":{\"z\":\"1\",\"\":\"2\",\"a\":\"3\"},"
        "\"linux\":{\"resources\":{\"memory\":{\"limit\":-9223372036854775808},\"pids\":{},"
        "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":9223372036854772000}],"
        "\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3},\"x\":{}}},"
        "\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\","
        "\"SCMP_ARCH_X32\"],\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
        "\"args\":[{\"index\":1,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}}"
        "}");
    assert_string_equal(config->process->cwd, "/\xc3\xa9\n\xf0\x9f\x98\x80/");
    assert_int_equal(config->process->args.n, 3);
    assert_string_equal(config->process->args.v[2], "-c");
    assert_int_equal(config->process->user->uid.value, UINT32_MAX);
    assert_int_equal(config->process->user->additional_gids.v[1], UINT32_MAX);
    assert_string_equal(config->annotations.v[0].key, "z");
    assert_string_equal(config->annotations.v[1].key, "");
    assert_string_equal(config->annotations.v[2].value, "3");

    const struct oci_resources *resources = config->linux_->resources;
    assert_true(resources->memory->limit.value == INT64_MIN);
    assert_false(resources->pids->limit.present);
    assert_true(resources->hugepage_limits.v[0]->limit == UINT64_C(9223372036854772000));
    assert_string_equal(resources->rdma.v[0].key, "mlx5_1");
    assert_int_equal(resources->rdma.v[0].value->hca_handles.value, 3);
    assert_false(resources->rdma.v[1].value->hca_handles.present);

    const struct oci_seccomp *seccomp = config->linux_->seccomp;
    assert_int_equal(seccomp->default_action, OCI_SCMP_ACT_ERRNO);
    assert_int_equal(seccomp->architectures.n, 2);
    assert_int_equal(seccomp->architectures.v[1], OCI_SCMP_ARCH_X32);
    assert_true(seccomp->syscalls.v[0]->args.v[0]->value == UINT64_MAX);
    assert_int_equal(seccomp->syscalls.v[0]->args.v[0]->op, OCI_SCMP_OP_MASKED_EQ);
}

static void order_does_not_matter(void **state)
{
    (void) state;
    static const char one[] =
        "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\",\"readonly\":true},"
        "\"hostname\":\"h\"}";
    static const char other[] = "{\"hostname\":\"h\",\"root\":{\"readonly\":true,\"path\":\"r\"},"
                                "\"ociVersion\":\"1.0.0\"}";
    void *config = decode(&oci_config_schema, other);
    assert_string_equal(oci_encode(&oci_config_schema, config, false, &arena, NULL), one);
}

static char *repeat(char *at, const char *what, size_t times)
{
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, what);
    return at;
}

static void depth_has_a_limit(void **state)
{
    (void) state;
    static char text[250000];
    strcpy(text, V ",\"x\":");
    char *end = repeat(text + strlen(text), "[", JSON_DEPTH_MAX - 1);
    strcpy(repeat(end, "]", JSON_DEPTH_MAX - 1), "}");
    assert_string_equal(refusal(&oci_config_schema, text, strlen(text)), "accepted");

    strcpy(text, V ",\"x\":");
    repeat(text + strlen(text), "[", 100000);
    const char *why = refusal(&oci_config_schema, text, strlen(text));
    assert_non_null(strstr(why, "nested deeper than 128 levels"));
    assert_int_equal(problem.column, 27 + JSON_DEPTH_MAX - 1);

    strcpy(text, "{\"a\":");
    repeat(text + strlen(text), "{\"a\":", 2000);
    assert_non_null(strstr(refusal(&oci_config_schema, text, strlen(text)), "nested deeper"));
}

/* A table that contains itself: the only way to nest typed objects without end. */
struct nest {
    struct nest *in;
};
static const struct oci_schema nest_schema;
static const struct oci_field nest_fields[] = { OCI_FIELD_OF(nest, in, "in", OBJ, nest, OPT) };
static const struct oci_schema nest_schema = OCI_SCHEMA(nest, nest_fields);

static void typed_depth_has_a_limit(void **state)
{
    (void) state;
    char text[256];
    strcpy(repeat(repeat(text, "{\"in\":", 15), "{}", 1), "}}}}}}}}}}}}}}}");
    assert_string_equal(refusal(&nest_schema, text, strlen(text)), "accepted");
    strcpy(repeat(repeat(text, "{\"in\":", 16), "{}", 1), "}}}}}}}}}}}}}}}}");
    assert_non_null(
        strstr(refusal(&nest_schema, text, strlen(text)), "1:97: in.in.in.in.in.in.in.in"));
    assert_string_equal(problem.reason, "nested deeper than 16 levels");
}

static void size_has_a_limit(void **state)
{
    (void) state;
    char *text = malloc(JSON_SIZE_MAX + 2);
    assert_non_null(text);
    memset(text, ' ', JSON_SIZE_MAX + 2);
    memcpy(text, V "}", strlen(V "}"));
    arena_reset();
    assert_non_null(oci_decode(&oci_config_schema, &arena, text, JSON_SIZE_MAX, &problem));
    assert_null(oci_decode(&oci_config_schema, &arena, text, JSON_SIZE_MAX + 1, &problem));
    assert_string_equal(problem.reason, "document larger than 16 MiB");
    free(text);
}

static void arrays_have_a_limit(void **state)
{
    (void) state;
    char *text = malloc(8 << 20);
    assert_non_null(text);
    strcpy(text, V ",\"process\":{\"cwd\":\"\",\"user\":{\"additionalGids\":[0");
    char *end = repeat(text + strlen(text), ",0", (1 << 20) - 1);
    strcpy(end, "]}}}");
    assert_string_equal(refusal(&oci_config_schema, text, strlen(text)), "accepted");
    strcpy(end, ",0]}}}");
    assert_non_null(strstr(refusal(&oci_config_schema, text, strlen(text)),
                           "process.user.additionalGids[1048576]: more than 1048576 elements"));
    free(text);
}

/* Many members, each once; then one of them again at the end. */
static void many_members(void **state)
{
    (void) state;
    char *text = malloc(4 << 20);
    assert_non_null(text);
    char *end = stpcpy(text, V ",\"annotations\":{\"k\":\"\"");
    for (int i = 0; i < 100000; i++)
        end += sprintf(end, ",\"key%d\":\"\"", i);
    strcpy(end, "}}");
    struct oci_config *config = decode(&oci_config_schema, text);
    assert_int_equal(config->annotations.n, 100001);
    assert_string_equal(config->annotations.v[100000].key, "key99999");
    strcpy(end, ",\"key7\":\"\"}}");
    assert_non_null(
        strstr(refusal(&oci_config_schema, text, strlen(text)), "annotations.key7: duplicate key"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("[G2] duplicate members are refused at any depth", refuses_duplicates),
        TEST("[G1] what is no JSON or no UTF-8 is refused", refuses_syntax),
        TEST("[G5] NUL and half surrogates are refused", refuses_strings),
        TEST("[G5] wrong types are refused", refuses_types),
        TEST("[G5] unknown enum values are refused", refuses_enums),
        TEST("[G5] numbers that do not fit are refused", refuses_numbers),
        TEST("[G5] missing members are refused, where the object opens", refuses_missing),
        TEST("null is absence", null_is_absence),
        TEST("absence is not zero", absence_is_not_zero),
        TEST("values arrive unchanged, arrays and maps in order", values_arrive),
        TEST("[G3] the order of members does not matter", order_does_not_matter),
        TEST("depth has a limit", depth_has_a_limit),
        TEST("depth of known members has a limit", typed_depth_has_a_limit),
        TEST("size has a limit", size_has_a_limit),
        TEST("arrays have a limit", arrays_have_a_limit),
        TEST("[G2] a hundred thousand members do no harm", many_members),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("decode", tests, NULL, arena_drop);
}
