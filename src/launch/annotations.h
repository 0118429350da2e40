/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct oci_string_map;

/*
 * annotations that mean something to us: those of crun(1), "Extensions to OCI".  All others are
 * kept and shown by `state`, and mean nothing (config.md#annotations).
 */
#define ANNOTATION_CRIU_CONFIG "org.criu.config"
#define ANNOTATION_DELEGATE "run.oci.delegate-cgroup"
#define ANNOTATION_GROUPS "run.oci.keep_original_groups"
#define ANNOTATION_HOOKS_STDOUT "run.oci.hooks.stdout"
#define ANNOTATION_HOOKS_STDERR "run.oci.hooks.stderr"
#define ANNOTATION_MOUNT_CONTEXT "run.oci.mount_context_type"
#define ANNOTATION_PIDFD "run.oci.pidfd_receiver"
#define ANNOTATION_SECCOMP_RECEIVER "run.oci.seccomp.receiver"
#define ANNOTATION_SUBGROUP "run.oci.systemd.subgroup"
#define ANNOTATION_SECCOMP_STRICT "run.oci.seccomp_fail_unknown_syscall"

/* Refuses a value that is none, and those that ask for what we do not do: ERROR_CONFIG and
 * ERROR_UNSUPPORTED, which name the annotation and the way out.  One of "run.oci." that we do not
 * know is a warning. */
fallible annotations_check(const struct oci_string_map *annotations);

/* The value of one, or NULL. */
const char *annotations_find(const struct oci_string_map *annotations, const char *name);

/* What an image's author must not set, since it reaches for the host
 * (features.md#unsafe-annotations-in-configjson). */
extern const char *const annotations_unsafe[];
extern const size_t annotations_unsafe_count;
