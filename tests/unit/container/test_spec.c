/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/container/config.h"

#include "container/spec.h"
#include "container/validate.h"
#include "libocispec/linux.h"
#include "libocispec/seccomp.h"
#include "security/seccomp.h"

static struct oci_config *read_wish(const struct spec_wish *wish)
{
    const char *json;
    arena_reset();
    assert_ok(spec_describe(wish, &arena, &json));
    assert_int_equal(json[strlen(json) - 1], '\n');
    assert_null(strchr(json, '\''));
    return decode(json);
}

static struct oci_config *read_spec_for(const struct spec_user *user)
{
    return read_wish(&(struct spec_wish){ .user = user });
}

static struct oci_config *read_spec(void)
{
    return read_spec_for(NULL);
}

static void test_valid(void **state)
{
    (void) state;
    assert_ok(validate_config(read_spec()));
}

static void test_content(void **state)
{
    (void) state;
    const struct oci_config *config = read_spec();
    const struct oci_process *process = config->process;
    static const char *const caps[] = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" };
    const struct oci_string_array *const sets[] = { &process->capabilities->bounding,
                                                    &process->capabilities->effective,
                                                    &process->capabilities->permitted };

    assert_string_equal(config->oci_version, "1.3.0");
    assert_string_equal(config->hostname, "tare");
    assert_string_equal(config->root->path, "rootfs");
    assert_true(config->root->readonly.value);
    assert_int_equal(process->args.n, 1);
    assert_string_equal(process->args.v[0], "sh");
    assert_true(process->terminal.value);
    assert_true(process->no_new_privileges.value);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(sets[i]->n, 3);
        for (size_t j = 0; j < 3; j++)
            assert_string_equal(sets[i]->v[j], caps[j]);
    }
    assert_int_equal(process->capabilities->inheritable.n + process->capabilities->ambient.n, 0);
    assert_string_equal(process->rlimits.v[0]->type, "RLIMIT_NOFILE");
    assert_int_equal(process->rlimits.v[0]->soft, 1024);
    assert_int_equal(process->rlimits.v[0]->hard, 1024);
}

static void test_isolation(void **state)
{
    (void) state;
    const struct oci_linux *linux_ = read_spec()->linux_;
    static const bool is_expected[] = {
        [OCI_NSTYPE_PID] = true, [OCI_NSTYPE_NETWORK] = true, [OCI_NSTYPE_IPC] = true,
        [OCI_NSTYPE_UTS] = true, [OCI_NSTYPE_MOUNT] = true,   [OCI_NSTYPE_CGROUP] = true,
    };
    bool is_there[16] = { false };

    for (uint32_t i = 0; i < linux_->namespaces.n; i++) {
        assert_null(linux_->namespaces.v[i]->path);
        is_there[linux_->namespaces.v[i]->type] = true;
    }
    assert_memory_equal(is_there, is_expected, sizeof(is_expected));
    assert_int_equal(linux_->namespaces.n, 6);
    assert_int_equal(linux_->resources->devices.n, 1);
    assert_false(linux_->resources->devices.v[0]->allow);
    assert_string_equal(linux_->resources->devices.v[0]->access, "rwm");
    for (uint32_t i = 0; i < linux_->masked_paths.n; i++)
        assert_int_equal(linux_->masked_paths.v[i][0], '/');
    assert_true(linux_->masked_paths.n >= 10 && linux_->readonly_paths.n == 5);
}

static void test_mounts(void **state)
{
    (void) state;
    const struct oci_config *config = read_spec();
    static const char *const expected[] = { "/proc",       "/dev", "/dev/pts",      "/dev/shm",
                                            "/dev/mqueue", "/sys", "/sys/fs/cgroup" };
    assert_int_equal(config->mounts.n, 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(config->mounts.v[i]->destination, expected[i]);
    const struct oci_string_array *options = &config->mounts.v[6]->options;
    assert_string_equal(options->v[options->n - 1], "ro");
}

static void test_plain_user(void **state)
{
    (void) state;
    const struct spec_user user = { 1000, 2000 };
    const struct oci_config *config = read_spec_for(&user);
    const struct oci_linux *linux_ = config->linux_;

    assert_ok(validate_config(config));
    assert_null(linux_->resources);
    assert_int_equal(linux_->uid_mappings.n + linux_->gid_mappings.n, 2);
    assert_int_equal(linux_->uid_mappings.v[0]->container_id, 0);
    assert_int_equal(linux_->uid_mappings.v[0]->host_id, 1000);
    assert_int_equal(linux_->uid_mappings.v[0]->size, 1);
    assert_int_equal(linux_->gid_mappings.v[0]->host_id, 2000);
    assert_int_equal(linux_->gid_mappings.v[0]->size, 1);
    bool has_user = false;
    for (uint32_t i = 0; i < linux_->namespaces.n; i++) {
        assert_int_not_equal(linux_->namespaces.v[i]->type, OCI_NSTYPE_NETWORK);
        has_user |= linux_->namespaces.v[i]->type == OCI_NSTYPE_USER;
    }
    assert_true(has_user);
}

static void test_mounts_of_plain_user(void **state)
{
    (void) state;
    const struct spec_user user = { 1000, 2000 };
    const struct oci_config *config = read_spec_for(&user);

    assert_int_equal(config->mounts.n, 7);
    for (uint32_t i = 0; i < 7; i++)
        for (uint32_t j = 0; j < config->mounts.v[i]->options.n; j++)
            assert_null(strstr(config->mounts.v[i]->options.v[j], "gid="));
    assert_string_equal(config->mounts.v[5]->source, "/sys");
    assert_true(oci_mount_has_word(config->mounts.v[5], "rbind"));
    assert_true(oci_mount_has_word(config->mounts.v[5], "rro"));
}

static void test_wish(void **state)
{
    (void) state;
    static const char *const args[] = { "ls", "-l", NULL }, *const none[] = { NULL };
    const struct spec_wish wish = {
        .rootfs = "/some/where",
        .args = args,
        .has_no_terminal = true,
        .is_writable = true,
    };
    const struct oci_config *config = read_wish(&wish);

    assert_ok(validate_config(config));
    assert_string_equal(config->root->path, "/some/where");
    assert_false(config->root->readonly.value);
    assert_false(config->process->terminal.value);
    assert_int_equal(config->process->args.n, 2);
    assert_string_equal(config->process->args.v[1], "-l");
    assert_null(config->linux_->seccomp);
    config = read_wish(&(struct spec_wish){ .args = none });
    assert_int_equal(config->process->args.n, 1);
    assert_string_equal(config->process->args.v[0], "sh");
}

static void test_filter(void **state)
{
    (void) state;
    const struct oci_config *config = read_wish(&(struct spec_wish){ .is_filtered = true });

    if (!seccomp_library_version(&arena)) {
        assert_null(config->linux_->seccomp);
        skip();
    }
    assert_ok(validate_config(config));
    const struct oci_seccomp *seccomp = config->linux_->seccomp;
    assert_int_equal(seccomp->default_action, OCI_SCMP_ACT_ALLOW);
    for (uint32_t i = 0; i < seccomp->syscalls.n; i++)
        assert_int_equal(seccomp->syscalls.v[i]->action, OCI_SCMP_ACT_ERRNO);
}

static void test_memory(void **state)
{
    (void) state;
    const struct spec_user user = { 1000, 1000 };
    const char *json = NULL;
    for (size_t size = 0; size < 16384; size += 512) {
        arena_reset();
        arena.size = size;
        const struct spec_wish wish = { .user = size % 1024 ? NULL : &user };
        struct error *error = spec_describe(&wish, &arena, &json);
        if (error)
            assert_true(error->code == ERROR_MEMORY || error->code == ERROR_SYNTAX);
        assert_true(error || size > 4096);
        error_forget(error);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[V1] the default config is valid", test_valid, NULL, NULL, NULL },
        { "it runs a shell with few rights", test_content, NULL, NULL, NULL },
        { "it isolates the shell", test_isolation, NULL, NULL, NULL },
        { "it mounts what programs expect", test_mounts, NULL, NULL, NULL },
        { "a plain user is root of a user namespace", test_plain_user, NULL, NULL, NULL },
        { "he gets the host's /sys, read-only", test_mounts_of_plain_user, NULL, NULL, NULL },
        { "it does as it is asked", test_wish, NULL, NULL, NULL },
        { "its filter refuses, and allows the rest", test_filter, NULL, NULL, NULL },
        { "a full arena is an error", test_memory, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
