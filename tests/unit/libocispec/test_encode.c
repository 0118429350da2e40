/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/config.h"
#include "libocispec/features.h"
#include "libocispec/state.h"

#include "tests/unit/libocispec/document.h"

/* A document with every member of a table, each value another one, in the order of the table: what
 * decoding or encoding confuses comes back changed. */
struct sampler {
    char *end;
    unsigned n;
};

static void put(struct sampler *sampler, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct sampler *sampler, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sampler->end += vsprintf(sampler->end, format, arguments);
    va_end(arguments);
}

static void put_object(struct sampler *sampler, const struct oci_schema *schema);

static void put_scalar(struct sampler *sampler, const struct oci_field *field, uint8_t kind)
{
    unsigned n = ++sampler->n;
    switch (kind) {
    case OCI_KIND_BOOL:
        put(sampler, n % 2 ? "true" : "false");
        break;
    case OCI_KIND_I32:
        put(sampler, "-%u", 2147480000 + n % 3000);
        break;
    case OCI_KIND_I64:
        put(sampler, "-%u%09u", 1000000000 + n, n);
        break;
    case OCI_KIND_U16:
        put(sampler, "%u", 60000 + n % 5000);
        break;
    case OCI_KIND_U32:
        put(sampler, "%u", 4000000000U + n);
        break;
    case OCI_KIND_U64:
        put(sampler, "%u%010u", 1800000000 + n, n);
        break;
    case OCI_KIND_STR:
        put(sampler, "\"string %u\"", n);
        break;
    case OCI_KIND_ENUM:
        put(sampler, "\"%s\"", oci_enum_name(field->of.names, (uint8_t) (n % field->of.names->n)));
        break;
    default:
        put_object(sampler, field->of.schema);
    }
}

static void put_list(struct sampler *sampler, const struct oci_field *field, uint8_t element)
{
    bool is_map = field->kind == OCI_KIND_STR_MAP || field->kind == OCI_KIND_MAP;
    put(sampler, is_map ? "{" : "[");
    for (int i = 0; i < 2; i++) {
        put(sampler, i ? "," : "");
        if (is_map)
            put(sampler, "\"key.%u\":", ++sampler->n);
        put_scalar(sampler, field, element);
    }
    put(sampler, is_map ? "}" : "]");
}

static void put_object(struct sampler *sampler, const struct oci_schema *schema)
{
    static const uint8_t elements[] = {
        [OCI_KIND_STRS] = OCI_KIND_STR,    [OCI_KIND_U32S] = OCI_KIND_U32,
        [OCI_KIND_ENUMS] = OCI_KIND_ENUM,  [OCI_KIND_ARR] = OCI_KIND_OBJ,
        [OCI_KIND_STR_MAP] = OCI_KIND_STR, [OCI_KIND_MAP] = OCI_KIND_OBJ,
    };
    put(sampler, "{");
    for (uint32_t i = 0; i < schema->n; i++) {
        const struct oci_field *field = &schema->fields[i];
        put(sampler, "%s\"%s\":", i ? "," : "", field->key);
        if (field->kind < OCI_KIND_STRS)
            put_scalar(sampler, field, field->kind);
        else
            put_list(sampler, field, elements[field->kind]);
    }
    put(sampler, "}");
}

static void every_member_comes_back(void **state)
{
    (void) state;
    static const struct oci_schema *const roots[] = {
        &oci_config_schema,  &oci_process_schema,       &oci_resources_schema,
        &oci_state_schema,   &oci_process_state_schema, &oci_features_schema,
        &oci_seccomp_schema, &oci_hooks_schema,         &oci_linux_schema,
    };
    char *text = malloc(1 << 20);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        for (unsigned first = 0; first < 24; first++) {
            put_object(&(struct sampler){ text, first }, roots[i]);
            void *object = decode(roots[i], text);
            size_t length;
            const char *encoded = oci_encode(roots[i], object, false, &arena, &length);
            assert_non_null(encoded);
            assert_string_equal(encoded, text);
            assert_int_equal(length, strlen(text));
        }
    }
    free(text);
}

static void absent_members_are_left_out(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{\"ociVersion\":\"1.0.0\"}",
        "{\"ociVersion\":\"1.0.0\",\"mounts\":[],\"hostname\":\"\",\"hooks\":{},\"annotations\":{}"
        "}",
        "{\"ociVersion\":\"1.0.0\",\"process\":{\"terminal\":false,\"user\":{\"umask\":0},\"env\":["
        "],"
        "\"cwd\":\"\"},\"linux\":{\"netDevices\":{\"eth0\":{}},\"resources\":{\"unified\":{},"
        "\"pids\":{\"limit\":0}},\"seccomp\":{\"defaultAction\":\"SCMP_ACT_KILL\",\"flags\":[]}}}",
    };
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        void *config = decode(&oci_config_schema, documents[i]);
        assert_string_equal(oci_encode(&oci_config_schema, config, false, &arena, NULL),
                            documents[i]);
    }
}

static void strings_are_escaped(void **state)
{
    (void) state;
    const char *text = "{\"ociVersion\":\"/ \\\" \\\\ \\n\\t\\u0001 \xc3\xa9 \xf0\x9f\x98\x80\","
                       "\"annotations\":{\"\\\"\":\"\"}}";
    void *config = decode(&oci_config_schema, text);
    assert_string_equal(oci_encode(&oci_config_schema, config, false, &arena, NULL), text);
}

static void pretty_text_is_indented(void **state)
{
    (void) state;
    void *object = decode(&oci_state_schema,
                          "{\"ociVersion\":\"1.3.0\",\"id\":\"a\",\"status\":\"paused\",\"pid\":5,"
                          "\"bundle\":\"/b\",\"annotations\":{\"x\":\"y\"},\"owner\":\"root\"}");
    assert_string_equal(oci_encode(&oci_state_schema, object, true, &arena, NULL),
                        "{\n  \"ociVersion\": \"1.3.0\",\n  \"id\": \"a\",\n"
                        "  \"status\": \"paused\",\n  \"pid\": 5,\n  \"bundle\": \"/b\",\n"
                        "  \"annotations\": {\n    \"x\": \"y\"\n  },\n  \"owner\": \"root\"\n}\n");
    object =
        decode(&oci_features_schema, "{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\","
                                     "\"hooks\":[],\"linux\":{\"cgroup\":{}}}");
    assert_string_equal(oci_encode(&oci_features_schema, object, true, &arena, NULL),
                        "{\n  \"ociVersionMin\": \"1.0.0\",\n  \"ociVersionMax\": \"1.3.0\",\n"
                        "  \"hooks\": [],\n  \"linux\": {\n    \"cgroup\": {}\n  }\n}\n");
}

static void a_struct_made_by_hand_encodes(void **state)
{
    (void) state;
    const char *names[] = { "a", "b" };
    struct oci_string_entry notes[] = { { "k", "v" } };
    struct oci_state container = {
        .oci_version = "1.3.0",
        .id = "web",
        .status = OCI_STATUS_CREATED,
        .pid = { 42, true },
        .bundle = "/bundle",
        .annotations = { notes, 1 },
    };
    struct oci_process_state object = {
        .oci_version = "1.3.0",
        .fds = { names, 2 },
        .pid = 42,
        .state = &container,
    };
    arena_reset();
    assert_string_equal(oci_encode(&oci_process_state_schema, &object, false, &arena, NULL),
                        "{\"ociVersion\":\"1.3.0\",\"fds\":[\"a\",\"b\"],\"pid\":42,\"state\":{"
                        "\"ociVersion\":\"1.3.0\","
                        "\"id\":\"web\",\"status\":\"created\",\"pid\":42,\"bundle\":\"/bundle\","
                        "\"annotations\":{\"k\":\"v\"}}}");
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void) state;
    struct oci_state object = { .oci_version = "1", .id = "a", .bundle = "/" };
    arena_reset();
    assert_non_null(oci_encode(&oci_state_schema, &object, false, &arena, NULL));
    object.id = "\xff";
    assert_null(oci_encode(&oci_state_schema, &object, false, &arena, NULL));
    object.id = "\xc0\x80";
    assert_null(oci_encode(&oci_state_schema, &object, false, &arena, NULL));
    object.id = "a";
    object.status = 200;
    assert_null(oci_encode(&oci_state_schema, &object, false, &arena, NULL));
    object.status = 0;
    const char *none[] = { NULL };
    struct oci_process process = { .cwd = "/", .args = { none, 1 } };
    assert_null(oci_encode(&oci_process_schema, &process, false, &arena, NULL));

    arena_renew(8);
    assert_null(oci_encode(&oci_state_schema, &object, false, &arena, NULL));
    assert_int_equal(arena.used, 0);
    arena_drop(NULL);
}

static const char some[] =
    "{\"ociVersion\":\"1.0.0\",\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"/b\","
    "\"options\":[\"ro\",\"bind\"]}],\"process\":{\"cwd\":\"/"
    "w\",\"rlimits\":[{\"type\":\"x\",\"soft\":1,"
    "\"hard\":2}],\"user\":{\"uid\":0}},\"annotations\":{\"a.b\":\"1\",\"a\":\"2\",\"\":\"3\","
    "\"b\":\"4\",\"b.c\":\"5\"},"
    "\"linux\":{\"namespaces\":[],\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},"
    "\"netDevices\":{\"eth0\":{},\"eth0.1\":{\"name\":\"v1\"},\"eth\":{\"name\":\"v\"}},"
    "\"rootfsPropagation\":\"slave\",\"timeOffsets\":{\"boottime\":{\"secs\":-5}}}}";

static const struct {
    const char *path, *text;
} parts[] = {
    { "mounts[0]", "{\"destination\":\"/a\"}" },
    { "mounts[1].options", "[\"ro\",\"bind\"]" },
    { "mounts[1].options[1]", "\"bind\"" },
    { "process.cwd", "\"/w\"" },
    { "process.rlimits", "[{\"type\":\"x\",\"soft\":1,\"hard\":2}]" },
    { "process.rlimits[0].hard", "2" },
    { "process.user", "{\"uid\":0}" },
    { "process.user.uid", "0" },
    { "annotations.a.b", "\"1\"" },
    { "annotations.a", "\"2\"" },
    { "annotations.b.c", "\"5\"" },
    { "linux.namespaces", "[]" },
    { "linux.sysctl.net.ipv4.ip_forward", "\"1\"" },
    { "linux.rootfsPropagation", "\"slave\"" },
    { "linux.timeOffsets.boottime.secs", "-5" },
    { "linux.netDevices.eth0.1.name", "\"v1\"" },
    { "linux.netDevices.eth.name", "\"v\"" },
    { "linux.netDevices.eth0", "{}" },
    { "linux.timeOffsets", "{\"boottime\":{\"secs\":-5}}" },
};

static const char *const nowhere[] = {
    "hostname",
    "nothing",
    "mounts[2]",
    "mounts[0].options",
    "mounts.x",
    "mounts[0",
    "process.args",
    "process.",
    "process.user.gid",
    "process.cwd.x",
    "process.cwd[0]",
    "linux.namespaces[0]",
    "linux.sysctl.net",
    "annotations.c",
    "Process",
    "process.user.umask.value",
    "linux.seccomp.syscalls[0]",
};

static void parts_are_found(void **state)
{
    (void) state;
    void *config = decode(&oci_config_schema, some);
    assert_string_equal(oci_encode_at(&oci_config_schema, config, "", &arena, NULL),
                        oci_encode(&oci_config_schema, config, false, &arena, NULL));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t length = 0;
        const char *text =
            oci_encode_at(&oci_config_schema, config, parts[i].path, &arena, &length);
        assert_non_null(text);
        assert_string_equal(text, parts[i].text);
        assert_int_equal(length, strlen(text));
    }
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
        assert_null(oci_encode_at(&oci_config_schema, config, nowhere[i], &arena, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("every member of every table comes back", every_member_comes_back),
        TEST("absent members are left out, empty ones are not", absent_members_are_left_out),
        TEST("strings are escaped, slashes are not", strings_are_escaped),
        TEST("pretty text is indented by two and ends with a newline", pretty_text_is_indented),
        TEST("a struct made by hand encodes", a_struct_made_by_hand_encodes),
        TEST("what cannot be written is refused", what_cannot_be_written_is_refused),
        TEST("parts are found by their path", parts_are_found),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("encode", tests, NULL, arena_drop);
}
