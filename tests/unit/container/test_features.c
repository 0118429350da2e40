/* SPDX-License-Identifier: Apache-2.0 */
/* The features document against the code that it speaks of. */
#include "tests/unit/container/config.h"

#include "cgroup/scope.h"
#include "container/features.h"
#include "container/validate.h"
#include "launch/annotations.h"
#include "libocispec/features.h"
#include "libocispec/linux.h"
#include "namespace/namespaces.h"
#include "rootfs/mount_options.h"
#include "security/seccomp.h"

static const char *text;

static const struct oci_features *read_features(void)
{
    struct oci_problem problem = { 0 };
    arena_reset();
    assert_ok(features_describe(&arena, &text));
    const struct oci_features *features =
        oci_decode(&oci_features_schema, &arena, text, strlen(text), &problem);
    if (!features)
        fail_msg("%s: %s", problem.path, problem.reason);
    return features;
}

static bool has(const struct oci_string_array *list, const char *word)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], word) == 0)
            return true;
    return false;
}

static void test_versions(void **state)
{
    (void) state;
    const struct oci_features *features = read_features();
    char json[128];
    assert_string_equal(features->oci_version_min, "1.0.0");
    assert_string_equal(features->oci_version_max, "1.3.0");
    snprintf(json, sizeof(json), "{ 'ociVersion': '%s' }", features->oci_version_min);
    assert_ok(validate_config(decode(json)));
    snprintf(json, sizeof(json), "{ 'ociVersion': '%s' }", features->oci_version_max);
    assert_ok(validate_config(decode(json)));
}

/* The library's version stands there exactly when there is a library. */
static void test_libraries(void **state)
{
    (void) state;
    const struct oci_features *features = read_features();
    const char *version = seccomp_library_version(&arena);
    assert_non_null(features->annotations.v);
    assert_int_equal(features->annotations.n, version ? 2 : 1);
    assert_string_equal(features->annotations.v[features->annotations.n - 1].key,
                        "org.opencontainers.runc.checkpoint.enabled");
    if (version) {
        assert_string_equal(features->annotations.v[0].key, "io.github.seccomp.libseccomp.version");
        assert_string_equal(features->annotations.v[0].value, version);
    }
}

static void test_unsafe_annotations(void **state)
{
    (void) state;
    const struct oci_string_array *unsafe = &read_features()->potentially_unsafe_config_annotations;
    assert_int_equal(unsafe->n, annotations_unsafe_count);
    for (uint32_t i = 0; i < unsafe->n; i++)
        assert_string_equal(unsafe->v[i], annotations_unsafe[i]);
}

static void test_memory_policy(void **state)
{
    (void) state;
    const struct oci_f_mempolicy *policy = read_features()->linux_->memory_policy;
    assert_int_equal(policy->modes.n, 7);
    assert_string_equal(policy->modes.v[OCI_MPOLMODE_DEFAULT], "MPOL_DEFAULT");
    assert_string_equal(policy->modes.v[6], "MPOL_WEIGHTED_INTERLEAVE");
    assert_int_equal(policy->flags.n, 3);
    assert_string_equal(policy->flags.v[OCI_MPOLFLAG_STATIC_NODES], "MPOL_F_STATIC_NODES");
}

static void test_hooks(void **state)
{
    static const char *const names[] = {
        "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
    };
    (void) state;
    const struct oci_features *features = read_features();
    assert_int_equal(features->hooks.n, sizeof(names) / sizeof(names[0]));
    for (uint32_t i = 0; i < features->hooks.n; i++)
        assert_string_equal(features->hooks.v[i], names[i]);
}

static void test_namespaces(void **state)
{
    (void) state;
    const struct oci_string_array *listed = &read_features()->linux_->namespaces;
    uint32_t count = 0;
    for (uint8_t type = 0; type < oci_nstype_names.n; type++) {
        struct oci_namespace one = { .type = type };
        struct oci_namespace *list[] = { &one };
        const struct oci_linux linux_ = { .namespaces = { list, 1 } };
        struct namespaces_plan plan;
        struct error *error = namespaces_plan(&linux_, &plan);
        bool is_listed = has(listed, oci_enum_name(&oci_nstype_names, type));
        assert_true(is_listed == !error);
        count += is_listed;
        error_forget(error);
    }
    assert_int_equal(count, listed->n);
}

static void test_mount_options(void **state)
{
    (void) state;
    const struct oci_string_array *listed = &read_features()->mount_options;
    for (uint32_t i = 0; i < listed->n; i++)
        assert_non_null(mount_option_find(listed->v[i]));
    assert_true(has(listed, "rro") && has(listed, "rbind") && has(listed, "nosymfollow") &&
                has(listed, "tmpcopyup"));
    assert_true(has(listed, "idmap") && has(listed, "ridmap"));
    assert_int_equal(listed->n, mount_option_count);
}

static void test_capabilities(void **state)
{
    (void) state;
    const struct oci_string_array *listed = &read_features()->linux_->capabilities;
    assert_int_equal(listed->n, 41);
    assert_string_equal(listed->v[0], "CAP_CHOWN");
    assert_string_equal(listed->v[21], "CAP_SYS_ADMIN");
    assert_string_equal(listed->v[40], "CAP_CHECKPOINT_RESTORE");
}

static void assert_no(struct oci_opt_bool claim)
{
    assert_true(claim.present);
    assert_false(claim.value);
}

static void test_claims(void **state)
{
    (void) state;
    const struct oci_f_linux *linux_ = read_features()->linux_;
    assert_true(linux_->cgroup->v2.value);
    assert_true(linux_->cgroup->rdma.value);
    assert_no(linux_->cgroup->v1);
    assert_int_equal(linux_->cgroup->systemd.value, scope_is_built);
    assert_int_equal(linux_->cgroup->systemd_user.value, scope_is_built);
    assert_true(linux_->seccomp->enabled.present);
    assert_int_equal(linux_->seccomp->enabled.value, seccomp_library_version(&arena) != NULL);
    assert_true(linux_->apparmor->enabled.value);
    assert_true(linux_->selinux->enabled.value);
    assert_true(linux_->mount_extensions->idmap->enabled.value);
    assert_true(linux_->intel_rdt->enabled.value);
    assert_true(linux_->intel_rdt->schemata.value);
    assert_true(linux_->intel_rdt->monitoring.value);
    assert_true(linux_->net_devices->enabled.value);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "[F1] [F2] both versions are accepted", test_versions, NULL, NULL, NULL },
        { "[F5] the annotations name the libraries", test_libraries, NULL, NULL, NULL },
        { "[F0] [F3] [F6] what there is none of is an empty list", test_unsafe_annotations, NULL,
          NULL, NULL },
        { "all modes and flags of memory policies are named", test_memory_policy, NULL, NULL,
          NULL },
        { "[F3] the hooks are all six", test_hooks, NULL, NULL, NULL },
        { "[F7] the namespaces are those that are accepted", test_namespaces, NULL, NULL, NULL },
        { "[F4] the mount options are those that are known", test_mount_options, NULL, NULL, NULL },
        { "[F8] all capabilities have their names", test_capabilities, NULL, NULL, NULL },
        { "[F10] what there is is claimed, what is left to others is not", test_claims, NULL, NULL,
          NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
