/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp, the host's half: its flags and its listener; the rules are in seccomp_rules.c.
 * The flags go to seccomp(2) as they are, since libseccomp knows fewer of them than the kernel. */

#include "security/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "libocispec/features.h"
#include "libocispec/seccomp.h"
#include "os/syscalls.h"
#include "security/seccomp_architectures.h"
#include "security/seccomp_rules.h"

static const uint32_t flags[] = {
    [OCI_SCMP_FLAG_TSYNC] = SECCOMP_FILTER_FLAG_TSYNC,
    [OCI_SCMP_FLAG_LOG] = SECCOMP_FILTER_FLAG_LOG,
    [OCI_SCMP_FLAG_SPEC_ALLOW] = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
    [OCI_SCMP_FLAG_WAIT_KILLABLE_RECV] = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

/* The kernel looks at the flags first, and then for the program: EFAULT says that it knows them. */
static bool is_supported(uint32_t flag)
{
    if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
        flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 && errno == EFAULT;
}

static bool is_given(const char *text)
{
    return text && *text;
}

static fallible plan_listener(const struct oci_seccomp *seccomp, struct seccomp_plan *plan)
{
    if (is_given(seccomp->listener_metadata) && !is_given(seccomp->listener_path))
        return error_config("linux.seccomp.listenerMetadata",
                            "there is no linux.seccomp.listenerPath to send it to");
    if (!oci_seccomp_has_action(seccomp, OCI_SCMP_ACT_NOTIFY))
        return OK;
    if (!is_given(seccomp->listener_path))
        return error_hint(error_config("linux.seccomp.listenerPath",
                                       "is missing: nobody would answer SCMP_ACT_NOTIFY"),
                          "give the socket of a seccomp agent");
    plan->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    plan->has_listener = true;
    return OK;
}

static fallible plan_flag(uint8_t number, uint32_t index, struct seccomp_plan *plan)
{
    const char *name = oci_enum_name(&oci_scmp_flag_names, number);
    uint32_t flag = flags[number];
    char field[ERROR_FIELD_SIZE];

    text_format(field, sizeof(field), "linux.seccomp.flags[%u]", index);
    if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV && !plan->has_listener)
        return error_config(field, "%s needs an action SCMP_ACT_NOTIFY", name);
    if (!is_supported(flag))
        return error_unsupported(field, "this kernel does not know %s", name);
    plan->flags |= flag;
    return OK;
}

static fallible plan_flags(const struct oci_enum_array *list, struct seccomp_plan *plan)
{
    if (!list->v)
        plan->flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    else
        for (uint32_t i = 0; i < list->n; i++)
            try(plan_flag(list->v[i], i, plan));
    /* It would filter the thread that hands the listener over; there is no other, and none at all
     * when the program begins. */
    if (plan->has_listener)
        plan->flags &= ~(uint32_t) SECCOMP_FILTER_FLAG_TSYNC;
    return OK;
}

fallible seccomp_plan(const struct oci_seccomp *seccomp, bool is_strict, struct arena *arena,
                      struct seccomp_plan *plan)
{
    struct seccomp_plan made = { 0 };

    if (seccomp) {
        try(plan_listener(seccomp, &made));
        try(plan_flags(&seccomp->flags, &made));
        try(seccomp_compile(seccomp, is_strict, arena, &made));
    }
    *plan = made;
    return OK;
}

const char *seccomp_library_version(struct arena *arena)
{
    const struct scmp_version *version = seccomp_version();

    if (!version)
        return NULL;
    return allocate_print(arena, "%u.%u.%u", version->major, version->minor, version->micro);
}

static fallible list_all(const struct oci_enum *names, struct arena *arena,
                         struct oci_string_array *list)
{
    try_new(list->v, arena, names->n);
    for (uint8_t i = 0; i < names->n; i++)
        list->v[list->n++] = oci_enum_name(names, i);
    return OK;
}

fallible seccomp_describe(struct arena *arena, struct oci_f_seccomp *features)
{
    struct oci_f_seccomp made = { .enabled = { true, true } };

    try(list_all(&oci_scmp_act_names, arena, &made.actions));
    try(list_all(&oci_scmp_op_names, arena, &made.operators));
    try(list_all(&oci_scmp_flag_names, arena, &made.known_flags));
    try_new(made.archs.v, arena, oci_scmp_arch_names.n);
    for (uint8_t i = 0; i < oci_scmp_arch_names.n; i++)
        if (seccomp_find_architecture(i))
            made.archs.v[made.archs.n++] = oci_enum_name(&oci_scmp_arch_names, i);
    try_new(made.supported_flags.v, arena, oci_scmp_flag_names.n);
    for (uint8_t i = 0; i < oci_scmp_flag_names.n; i++)
        if (is_supported(flags[i]))
            made.supported_flags.v[made.supported_flags.n++] =
                oci_enum_name(&oci_scmp_flag_names, i);
    *features = made;
    return OK;
}
