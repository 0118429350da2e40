/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "cli/command.h"
#include "launch/criu.h"

/* What `checkpoint` and `restore` have in common.  The words are runc's and crun's. */
struct criu_words {
    const char *images, *work, *parent;
    const char *cgroups, *network_lock, *page_server, *status_fd;
    struct option_list empty_namespaces;
};
extern struct criu_words criu_words;
extern struct criu_options criu_options;

// clang-format off
#define CRIU_OPTIONS                                                                               \
    OPTION_VALUE(0, "image-path", "DIR", &criu_words.images,                                       \
                 "directory of the images; default: checkpoint"),                                  \
    OPTION_VALUE(0, "work-path", "DIR", &criu_words.work,                                          \
                 "directory of criu's log; default: that of the images"),                          \
    OPTION_VALUE(0, "parent-path", "DIR", &criu_words.parent,                                      \
                 "the images before these, named from their directory"),                           \
    OPTION_FLAG(0, "tcp-established", &criu_options.has_tcp_established,                           \
                "with established TCP connections"),                                               \
    OPTION_FLAG(0, "tcp-close", &criu_options.has_tcp_close,                                       \
                "close TCP connections"),                                                          \
    OPTION_FLAG(0, "ext-unix-sk", &criu_options.has_ext_unix_sk,                                   \
                "with unix sockets that others have the other end of"),                            \
    OPTION_FLAG(0, "shell-job", &criu_options.has_shell_job,                                       \
                "with a terminal and a session that are the caller's"),                            \
    OPTION_FLAG(0, "file-locks", &criu_options.has_file_locks,                                     \
                "with locks of files"),                                                            \
    OPTION_FLAG(0, "link-remap", &criu_options.has_link_remap,                                     \
                "with files that have been removed and are still open"),                           \
    OPTION_FLAG(0, "auto-dedup", &criu_options.has_auto_dedup,                                     \
                "remove pages from the images that are there twice"),                              \
    OPTION_FLAG(0, "lazy-pages", &criu_options.has_lazy_pages,                                     \
                "leave pages to a server until they are asked for"),                               \
    OPTION_VALUE(0, "manage-cgroups-mode", "MODE", &criu_words.cgroups,                            \
                 "with cgroups: soft (default), full, strict, none or ignore"),                    \
    OPTION_VALUE(0, "network-lock", "METHOD", &criu_words.network_lock,                            \
                 "how the network is stopped meanwhile: iptables, nftables or skip"),              \
    OPTION_LIST(0, "empty-ns", "NAMESPACE", &criu_words.empty_namespaces,                          \
                "without what is in a namespace: network")
// clang-format on

/* Puts the words into criu_options, checked: ERROR_USAGE. */
fallible criu_options_take(void);

/* For `prepare`: the descriptor that --status-fd names must be open, and is not taken by us. */
fallible criu_options_check_fd(void);

/* Whether there is a criu at all, which is what --help is asked for by engines. */
fallible criu_options_find(void);
