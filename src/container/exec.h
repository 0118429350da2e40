/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "container/container.h"
#include "container/document.h"
#include "launch/launch.h"

struct oci_config;
struct oci_process;

/* Words that an option was given, one each time. */
struct exec_list {
    const char *const *v;
    uint32_t n;
};

/* What a user says of a process that is to run in a container (exec): by a document, or by words,
 * which then change the process of the container's config.  NULL, empty or false: not said. */
struct exec_wish {
    const char *document;    /* a file with a process (config.md#process) */
    const char *const *args; /* NULL at the end */
    const char *cwd;
    const char *user;              /* "UID" or "UID:GID", in numbers */
    struct exec_list groups;       /* additional gids */
    struct exec_list environment;  /* "NAME=VALUE", in place of what the config has by that name */
    struct exec_list capabilities; /* in addition: permitted, effective and bounding */
    const char *apparmor_profile;
    const char *selinux_label;
    bool has_no_new_privileges;
    bool has_terminal;  /* also with a document that says nothing of it */
    const char *cgroup; /* below the container's */
    bool ignores_paused;
};

/* A process that is to come into a container: read and checked, and nothing done yet. */
struct exec_call {
    struct document document;
    struct oci_config *config; /* the container's, with that process in the place of its own */
    struct launch_target target;
    int bundle; /* of the container, for what its config names relative to it; or -1 */
};

/*
 * Makes a call of a wish, for a container that was opened with container_peek(): it need not be
 * locked, since nothing of it changes.  ERROR_STATE: the container is not created or running, or is
 * paused and that is not ignored, or lacks the cgroup.  Otherwise ERROR_USAGE, ERROR_CONFIG,
 * ERROR_SYNTAX for what is wrong with the wish.
 */
fallible exec_open(const struct container *container, const struct exec_wish *wish,
                   struct exec_call *call);
void exec_close(struct exec_call *call);
