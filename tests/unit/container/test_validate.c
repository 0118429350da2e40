/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/container/config.h"

#include "container/refusals.h"
#include "container/validate.h"

#define CONFIG(version, members) "{ 'ociVersion': '" version "'" members " }"
#define PLAIN(member) CONFIG("1.2.0", ", " member)
#define PROCESS(member) PLAIN("'process': { 'cwd': '/', 'args': ['sh'], " member " }")
#define LINUX(member) PLAIN("'linux': { " member " }")
#define MOUNT(member)                                                                              \
    PLAIN("'mounts': [{ 'destination': '/a' }, { 'destination': '/b', " member " }]")

struct row {
    const char *json;
    const char *text;
};

// clang-format off
static const struct row refused[] = {
    { PLAIN("'vm': { 'kernel': { 'path': '/k' } }"), "vm: virtual machines are not supported" },
};

static const struct row wrong[] = {
    { CONFIG("", ""), "ociVersion: \"\" is not a version" },
    { CONFIG("1.0", ""), "ociVersion: \"1.0\" is not a version" },
    { CONFIG("v1.0.0", ""), "ociVersion: \"v1.0.0\" is not a version" },
    { CONFIG("2.0.0", ""), "ociVersion: \"2.0.0\" is not supported; 1.0.0 to 1.3.0 are" },
    { CONFIG("18446744073709551617.0.0", ""), "ociVersion: \"18446744073709551617.0.0\" is not supported; 1.0.0 to 1.3.0 are" },
    { PLAIN("'annotations': { 'a': 'b', '': 'c' }"), "annotations: the key \"\" (of the value \"c\") is empty" },
    { PLAIN("'vm': { 'kernel': { 'path': 'k' } }"), "vm.kernel.path: 'k' is not an absolute path" },
    { PLAIN("'vm': { 'kernel': { 'path': '' } }"), "vm.kernel.path: '' is not an absolute path" },
    { PLAIN("'vm': { 'kernel': { 'path': '/k', 'initrd': 'i' } }"), "vm.kernel.initrd: 'i' is not an absolute path" },
    { PLAIN("'vm': { 'kernel': { 'path': '/k' }, 'hypervisor': { 'path': './h' } }"), "vm.hypervisor.path: './h' is not an absolute path" },
    { PLAIN("'vm': { 'kernel': { 'path': '/k' }, 'image': { 'path': '~/i', 'format': 'raw' } }"), "vm.image.path: '~/i' is not an absolute path" },
    { PLAIN("'process': { 'cwd': '/' }"), "process.args: there is no program to run" },
    { PLAIN("'process': { 'cwd': '/', 'args': [] }"), "process.args: there is no program to run" },
    { PLAIN("'process': { 'cwd': '/', 'args': [''] }"), "process.args[0]: the name of the program is empty" },
};

static const char *const fine[] = {
    CONFIG("1.0.0", ""),
    CONFIG("1.0.2-dev", ""),
    CONFIG("1.3.0+dev", ""),
    CONFIG("1.9.0", ""),
    CONFIG("0.5.0-dev", ""),
    PLAIN("'annotations': { 'a': '' }"),
    PLAIN("'process': { 'cwd': '/', 'args': ['sh', ''] }"),
    PROCESS("'terminal': false, 'consoleSize': { 'height': 70000, 'width': 1 }"),
    PROCESS("'apparmorProfile': '', 'selinuxLabel': '', 'commandLine': 'x'"),
    PROCESS("'execCPUAffinity': {}, 'user': { 'uid': 0, 'gid': 0, 'username': 'x' }"),
    PROCESS("'execCPUAffinity': { 'initial': '', 'final': '' }"),
    PLAIN("'hooks': {}"),
    PLAIN("'hooks': { 'prestart': [], 'createRuntime': [], 'createContainer': [],"
          " 'startContainer': [], 'poststart': [], 'poststop': [] }"),
    PLAIN("'vm': null"),
    LINUX("'uidMappings': [], 'gidMappings': [], 'timeOffsets': {}, 'netDevices': {},"
          " 'mountLabel': '', 'seccomp': null"),
    MOUNT("'uidMappings': [], 'gidMappings': []"),
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        arena_reset();
        struct error *error = validate_config(decode(refused[i].json));
        if (!error)
            fail_msg("%s", refused[i].json);
        assert_string_not_equal(error->hint, "");
        size_t length = strlen(error->field);
        assert_memory_equal(refused[i].text, error->field, length);
        assert_int_equal(refused[i].text[length], ':');
        assert_error(error, ERROR_UNSUPPORTED, refused[i].text);
    }
}

/* So that a row cannot be forgotten when a refusal is added. */
static void test_all_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < refusal_count; i++) {
        char begin[128];
        snprintf(begin, sizeof(begin), "%s: ", refusals[i].field);
        size_t row = 0;
        while (row < COUNT(refused) && strncmp(refused[row].text, begin, strlen(begin)) != 0)
            row++;
        if (row == COUNT(refused))
            fail_msg("no test refuses %s", begin);
    }
}

static void test_wrong(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        arena_reset();
        assert_error(validate_config(decode(wrong[i].json)), ERROR_CONFIG, wrong[i].text);
    }
}

static void test_fine(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(fine); i++) {
        arena_reset();
        struct error *error = validate_config(decode(fine[i]));
        if (error)
            fail_msg("%s: %s", fine[i], error->text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[G5] what this version does not do is refused by name", test_refused, NULL, NULL, NULL },
        { "each refusal is tested", test_all_refused, NULL, NULL, NULL },
        { "[V1] [V2] [A2] [P9] [VM1] [VM4] [VM6] [VM7] wrong values are refused", test_wrong, NULL,
          NULL, NULL },
        { "what asks for nothing is let pass", test_fine, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
