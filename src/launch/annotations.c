/* SPDX-License-Identifier: Apache-2.0 */
/* annotations.  What surprises: a value that asks for nothing, "0", is refused as well, since crun
 * looks only whether the annotation is there. */

#include "launch/annotations.h"

#include <string.h>

#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/config.h"

static fallible check_yes(const char *name, const char *value)
{
    if (text_equal(value, "1") || text_equal(value, "true"))
        return OK;
    return error_hint(error_config("annotations", "%s: \"%s\" is neither 1 nor true", name, value),
                      "leave the annotation out to go without");
}

static fallible check_path(const char *name, const char *value)
{
    if (value[0] == '/')
        return OK;
    return error_hint(error_config("annotations", "%s: \"%s\" is not absolute", name, value),
                      "give the whole path, from / on");
}

/* Without a path there is no file. */
static fallible check_path_or_none(const char *name, const char *value)
{
    return *value ? check_path(name, value) : OK;
}

/* One part of a path. */
static fallible check_part(const char *name, const char *value)
{
    if (*value && value[0] != '.' && !strpbrk(value, "/\n"))
        return OK;
    return error_hint(error_config("annotations", "%s: \"%s\" is no name of a cgroup", name, value),
                      "give a name without a slash, which does not begin with a dot");
}

static fallible check_context(const char *name, const char *value)
{
    static const char *const known[] = { "context", "fscontext", "defcontext", "rootcontext" };

    for (size_t i = 0; i < LENGTH(known); i++)
        if (text_equal(value, known[i]))
            return OK;
    return error_hint(error_config("annotations", "%s: \"%s\" is no such type", name, value),
                      "context, fscontext, defcontext and rootcontext are (mount(8))");
}

/* The systemd cgroup driver says what it may be (cgroup/scope_annotations.c). */
static fallible leave_to_driver(const char *name, const char *value)
{
    (void) name;
    (void) value;
    return OK;
}

/* With "compat-smart" the programs may be this machine's own. */
static fallible check_variant(const char *name, const char *value)
{
    if (!text_equal(value, "compat"))
        return OK;
    return error_hint(
        error_unsupported("annotations", "%s: programs of WebAssembly are not supported", name),
        "use a runtime that executes them, or an image for this machine");
}

struct annotation {
    const char *name;
    struct error *(*check)(const char *name, const char *value);
    const char *reason, *way_out; /* why it is refused, where there is nothing to check */
};

// clang-format off
static const struct annotation known[] = {
    { ANNOTATION_CRIU_CONFIG,      check_path_or_none, NULL, NULL },
    { ANNOTATION_DELEGATE,         check_part,    NULL, NULL },
    { ANNOTATION_GROUPS,           check_yes,     NULL, NULL },
    { ANNOTATION_HOOKS_STDOUT,     check_path,    NULL, NULL },
    { ANNOTATION_HOOKS_STDERR,     check_path,    NULL, NULL },
    { ANNOTATION_MOUNT_CONTEXT,    check_context, NULL, NULL },
    { ANNOTATION_PIDFD,            check_path,    NULL, NULL },
    { ANNOTATION_SECCOMP_RECEIVER, check_path,    NULL, NULL },
    { ANNOTATION_SECCOMP_STRICT,   check_yes,     NULL, NULL },
    { ANNOTATION_SUBGROUP,         leave_to_driver, NULL, NULL },
    { "module.wasm.image/variant", check_variant, NULL, NULL },
    { "run.oci.handler", NULL,
      "no other handler than the kernel is supported",
      "leave it out, or use a runtime that has it" },
    { "run.oci.seccomp.plugins", NULL,
      "libraries of somebody else are not loaded",
      "use linux.seccomp.listenerPath and an agent that listens there" },
    { "run.oci.seccomp_bpf_data", NULL,
      "a filter that takes the place of linux.seccomp is not supported",
      "write its rules into linux.seccomp" },
    { "run.oci.systemd.force_cgroup_v1", NULL,
      "cgroups of version 1 are not supported",
      "use a systemd in the container that knows version 2" },
    { "run.oci.timens_offset", NULL,
      "the specification has a field for it",
      "use linux.timeOffsets" },
};

const char *const annotations_unsafe[] = {
    ANNOTATION_CRIU_CONFIG, ANNOTATION_DELEGATE, ANNOTATION_HOOKS_STDERR, ANNOTATION_HOOKS_STDOUT,
    ANNOTATION_GROUPS,   ANNOTATION_MOUNT_CONTEXT, ANNOTATION_PIDFD,
    ANNOTATION_SECCOMP_RECEIVER, ANNOTATION_SUBGROUP,
    "org.systemd.property.", /* all that begin so */
};
const size_t annotations_unsafe_count = LENGTH(annotations_unsafe);
// clang-format on

static fallible check(const struct oci_string_entry *given)
{
    for (size_t i = 0; i < LENGTH(known); i++) {
        if (!text_equal(given->key, known[i].name))
            continue;
        if (known[i].check)
            return known[i].check(given->key, given->value);
        return error_hint(error_unsupported("annotations", "%s: %s", given->key, known[i].reason),
                          "%s", known[i].way_out);
    }
    if (text_starts(given->key, "run.oci."))
        log_warning("annotations: %s is unknown, and means nothing", given->key);
    return OK;
}

fallible annotations_check(const struct oci_string_map *annotations)
{
    for (uint32_t i = 0; i < annotations->n; i++)
        try(check(&annotations->v[i]));
    return OK;
}

const char *annotations_find(const struct oci_string_map *annotations, const char *name)
{
    for (uint32_t i = 0; i < annotations->n; i++)
        if (text_equal(annotations->v[i].key, name))
            return annotations->v[i].value;
    return NULL;
}
