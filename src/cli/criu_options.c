/* SPDX-License-Identifier: Apache-2.0 */
/* The options of checkpoint and restore.  What engines ask by `checkpoint --help` is whether this
 * works at all: it does where there is a criu. */

#include "cli/criu_options.h"

#include <limits.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "cli/options.h"
#include "os/fd.h"

struct criu_words criu_words;
struct criu_options criu_options = { .status_fd = -1 };

enum { PORT_MOST = 65535 };

struct word {
    const char *name;
    unsigned value;
};

static fallible find_word(const char *option, const char *text, const struct word *words,
                          unsigned *value)
{
    for (; words->name; words++)
        if (text_equal(words->name, text)) {
            *value = words->value;
            return OK;
        }
    return error_hint(error_new(ERROR_USAGE, "--%s '%s' is not known", option, text),
                      "'tare help checkpoint' names those that are");
}

static fallible take_cgroups(void)
{
    static const struct word words[] = {
        { "soft", CRIU_CGROUPS_SOFT },     { "full", CRIU_CGROUPS_FULL },
        { "strict", CRIU_CGROUPS_STRICT }, { "none", CRIU_CGROUPS_NONE },
        { "ignore", CRIU_CGROUPS_IGNORE }, { NULL, 0 },
    };
    unsigned value = CRIU_CGROUPS_SOFT;

    if (criu_words.cgroups)
        try(find_word("manage-cgroups-mode", criu_words.cgroups, words, &value));
    criu_options.cgroups = (enum criu_cgroups) value;
    return OK;
}

static fallible take_network_lock(void)
{
    static const struct word words[] = {
        { "iptables", CRIU_LOCK_IPTABLES },
        { "nftables", CRIU_LOCK_NFTABLES },
        { "skip", CRIU_LOCK_SKIP },
        { NULL, 0 },
    };
    unsigned value = 0;

    if (criu_words.network_lock)
        try(find_word("network-lock", criu_words.network_lock, words, &value));
    criu_options.network_lock = (enum criu_network_lock) value;
    return OK;
}

/* "ADDRESS:PORT", where the address may hold colons, too. */
static fallible take_page_server(void)
{
    static char address[NAME_MAX + 1];
    const char *text = criu_words.page_server;
    uint64_t port;

    if (!text)
        return OK;
    const char *colon = strrchr(text, ':');
    if (!colon || colon - text > NAME_MAX || !text_to_unsigned(colon + 1, PORT_MOST, &port) ||
        !port)
        return error_new(ERROR_USAGE, "--page-server '%s' is not ADDRESS:PORT", text);
    text_format(address, sizeof(address), "%.*s", (int) (colon - text), text);
    criu_options.page_server = address;
    criu_options.page_server_port = (uint16_t) port;
    return OK;
}

static fallible take_empty_namespaces(void)
{
    for (uint32_t i = 0; i < criu_words.empty_namespaces.n; i++) {
        const char *name = criu_words.empty_namespaces.v[i];
        if (!text_equal(name, "network") && !text_equal(name, "net"))
            return error_new(ERROR_USAGE, "--empty-ns '%s' is not network", name);
        criu_options.has_empty_network = true;
    }
    return OK;
}

static fallible take_directories(void)
{
    try(options_check_value("image-path", criu_words.images));
    try(options_check_value("work-path", criu_words.work));
    try(options_check_value("parent-path", criu_words.parent));
    criu_options.images = criu_words.images ? criu_words.images : "checkpoint";
    criu_options.work = criu_words.work;
    criu_options.parent = criu_words.parent;
    return OK;
}

static fallible check_label(void)
{
    const char *label = criu_options.lsm_profile;

    if (label && !text_starts(label, "selinux:") && !text_starts(label, "apparmor:"))
        return error_new(ERROR_USAGE,
                         "--lsm-profile '%s' begins with neither selinux: nor "
                         "apparmor:",
                         label);
    return OK;
}

fallible criu_options_take(void)
{
    static struct error *(*const parts[])(void) = {
        take_directories, take_cgroups,          take_network_lock,
        take_page_server, take_empty_namespaces, check_label,
    };

    for (size_t i = 0; i < LENGTH(parts); i++)
        try(parts[i]());
    return OK;
}

fallible criu_options_check_fd(void)
{
    uint64_t number;

    if (!criu_words.status_fd)
        return OK;
    if (!text_to_unsigned(criu_words.status_fd, INT_MAX, &number) || !fd_is_open((int) number))
        return error_new(ERROR_USAGE, "--status-fd '%s' is no open descriptor",
                         criu_words.status_fd);
    criu_options.status_fd = (int) number;
    return OK;
}

fallible criu_options_find(void)
{
    char path[PROGRAM_PATH_SIZE];
    return criu_find(path);
}
