/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of config.json that belong to no single feature: ociVersion, annotations, whether there
 * is something to run; and then what this version does not do (refusals.c). */

#include "container/validate.h"

#include "base/log.h"
#include "base/text.h"
#include "container/refusals.h"
#include "container/virtual_machine.h"
#include "launch/annotations.h"
#include "libocispec/config.h"
#include "libocispec/semver.h"

/* The specification that tare follows. */
enum { SPEC_MAJOR = 1, SPEC_MINOR = 3 };

static fallible check_version(const char *text)
{
    struct semver version;

    if (!semver_parse(text, &version))
        return error_hint(error_config("ociVersion", "\"%s\" is not a version", text),
                          "three numbers, as in \"1.3.0\" (Semantic Versioning 2.0.0)");
    if (version.major > SPEC_MAJOR)
        return error_config("ociVersion", "\"%s\" is not supported; 1.0.0 to %d.%d.0 are", text,
                            SPEC_MAJOR, SPEC_MINOR);
    if (version.major == 0)
        log_warning("ociVersion: \"%s\" is older than 1.0.0; read as 1.0.0", text);
    else if (version.minor > SPEC_MINOR)
        log_warning("ociVersion: \"%s\" is newer than %d.%d.0; what it added is ignored", text,
                    SPEC_MAJOR, SPEC_MINOR);
    return OK;
}

static fallible check_annotations(const struct oci_string_map *annotations)
{
    for (uint32_t i = 0; i < annotations->n; i++)
        if (!*annotations->v[i].key)
            return error_config("annotations", "the key \"\" (of the value \"%s\") is empty",
                                annotations->v[i].value);
    return annotations_check(annotations);
}

static fallible check_args(const struct oci_process *process)
{
    if (!process || (process->args.n && *process->args.v[0]))
        return OK;
    if (process->args.n)
        return error_config("process.args[0]", "the name of the program is empty");
    return error_config("process.args", "there is no program to run");
}

fallible validate_config(const struct oci_config *config)
{
    try(check_version(config->oci_version));
    try(check_annotations(&config->annotations));
    try(check_args(config->process));
    try(virtual_machine_check(config->vm));
    return refusals_check(config);
}

fallible validate_process(const struct oci_process *process)
{
    const struct oci_config alone = { .process = (struct oci_process *) process };

    try(check_args(process));
    return refusals_check(&alone);
}
