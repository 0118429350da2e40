/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cli/command.h"
#include "container/load.h"
#include "launch/launch.h"
#include "state/store.h"

/* What `run` and `create` have in common, and in part `exec`. */
struct launch_options {
    const char *bundle, *config;
    const char *pid_file;
    const char *preserved_fds;
    const char *console_socket;
    const char *pidfd_socket;
    const char *trace;
    const char *format;
    const char *rootfs, *id; /* of run: a root filesystem in place of a bundle, and its name */
    bool is_writable;
    bool has_no_pivot;
    bool has_no_new_keyring;
    bool has_no_subreaper;
    bool is_detached;
    bool is_dry_run;
    const struct criu_options *restore; /* or NULL: the process does not come from images */
};
extern struct launch_options launch_options;

/* Rows for the tables of all three commands, and of the two that make a container. */
// clang-format off
#define LAUNCH_OPTIONS_OF_ALL                                                                      \
    OPTION_VALUE(0, "pid-file", "FILE", &launch_options.pid_file,                                  \
                 "write the pid of the container's process to FILE"),                              \
    OPTION_VALUE(0, "preserve-fds", "N", &launch_options.preserved_fds,                            \
                 "pass N descriptors on: 3, 4, ..., behind those of LISTEN_FDS"),                  \
    OPTION_VALUE(0, "console-socket", "SOCKET", &launch_options.console_socket,                    \
                 "send the process's terminal to SOCKET, which listens"),                          \
    OPTION_VALUE(0, "pidfd-socket", "SOCKET", &launch_options.pidfd_socket,                        \
                 "send a pidfd of the process to SOCKET, which listens"),                          \
    OPTION_FLAG(0, "no-new-keyring", &launch_options.has_no_new_keyring,                           \
                "keep the session keyring of the caller"),                                         \
    OPTION_FLAG(0, "no-subreaper", &launch_options.has_no_subreaper,                               \
                "without effect, for engines: tare is never a subreaper"),                         \
    OPTION_VALUE(0, "trace", "FILE", &launch_options.trace,                                        \
                 "write the start as a timeline to FILE, for Perfetto or Chrome")

/* Those and the bundle's, for what makes a container. */
#define OPTIONS_OF_BUNDLES                                                                         \
    OPTION_VALUE('b', "bundle", "DIR", &launch_options.bundle,                                     \
                 "the bundle; default: the current directory"),                                    \
    OPTION_VALUE('f', "config", "FILE", &launch_options.config,                                    \
                 "use FILE of the bundle instead of config.json"),                                 \
    LAUNCH_OPTIONS_OF_ALL

/* Of `restore`: those that make sense for a process that is not executed. */
#define RESTORE_OPTIONS                                                                            \
    OPTIONS_OF_BUNDLES,                                                                            \
    OPTION_FLAG(0, "no-pivot", &launch_options.has_no_pivot,                                       \
                "without effect: how the root is entered is criu's affair")

#define LAUNCH_OPTIONS                                                                             \
    OPTIONS_OF_BUNDLES,                                                                            \
    OPTION_FLAG(0, "no-pivot", &launch_options.has_no_pivot,                                       \
                "change the root without pivot_root, for hosts in an initramfs"),                  \
    OPTION_FLAG(0, "dry-run", &launch_options.is_dry_run,                                          \
                "print what would be done, and do nothing"),                                       \
    OPTION_VALUE(0, "format", "FORMAT", &launch_options.format,                                    \
                 "format of --dry-run: text or json")
// clang-format on

/* For `prepare`: takes the numbers that --preserve-fds names, and those of what we are to listen on
 * (listen_fds.h), as far as the caller left them free, so that no descriptor of tare is passed on
 * in their place. */
fallible launch_options_reserve_fds(void);

/* Checks the values of what all three have, and puts them into a request, whose config is there. */
fallible launch_options_check(void);
fallible launch_options_fill(struct arena *arena, struct launch_request *request);

/* A launch that is asked for: everything is opened, read and checked, nothing is made.  What it has
 * open goes with the process. */
struct launch_call {
    struct store store;
    struct bundle bundle;
    struct launch_request request;
};
fallible launch_call_open(struct invocation *invocation, struct launch_call *call);

/* Makes the container, or prints the plan of --dry-run: LAUNCHED is then left alone. */
fallible launch_call_make(struct launch_call *call, struct invocation *invocation,
                          struct launched *launched);
