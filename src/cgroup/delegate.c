/* SPDX-License-Identifier: Apache-2.0 */
/* linux.cgroupsPath: who owns the cgroup of a container, so that one that is not root, systemd for
 * one, can make cgroups in it.  Its limits are never among the files given away. */
#include "cgroup/delegate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "os/fd.h"

enum { LIST_SIZE = 4096, NAME_SIZE = 128, NAMES_MOST = LIST_SIZE / 2 };

/* What the words of a mount mean, later ones winning over earlier ones. */
struct meaning {
    bool is_bind, is_remount;
    bool is_read_only, is_writable; /* said of the mount itself, which goes before: */
    bool is_read_only_below;        /* of all below, and so of it too */
};

static void read_word(const struct oci_mount_word *word, struct meaning *meaning)
{
    const struct {
        const char *name;
        bool *set, *cleared;
    } words[] = {
        { "bind", &meaning->is_bind, NULL },
        { "rbind", &meaning->is_bind, NULL },
        { "remount", &meaning->is_remount, NULL },
        { "ro", &meaning->is_read_only, &meaning->is_writable },
        { "rw", &meaning->is_writable, &meaning->is_read_only },
        { "rro", &meaning->is_read_only_below, NULL },
        { "rrw", NULL, &meaning->is_read_only_below },
    };

    for (size_t i = 0; i < LENGTH(words); i++) {
        if (!oci_mount_is_word(word, words[i].name))
            continue;
        if (words[i].set)
            *words[i].set = true;
        if (words[i].cleared)
            *words[i].cleared = false;
    }
}

static bool can_be_written(const struct meaning *meaning)
{
    return !meaning->is_read_only && (meaning->is_writable || !meaning->is_read_only_below);
}

static bool is_cgroup(const struct oci_mount *mount)
{
    return mount->type && (text_equal(mount->type, "cgroup") || text_equal(mount->type, "cgroup2"));
}

/* A bind shows something else, whatever its type and source are called. */
bool delegate_is_wanted(const struct oci_config *config)
{
    bool is_wanted = false;

    for (uint32_t i = 0; i < config->mounts.n; i++) {
        const struct oci_mount *mount = config->mounts.v[i];
        struct oci_mount_word word = { 0 };
        struct meaning meaning = { 0 };
        if (!oci_mount_is_at(mount, "/sys/fs/cgroup"))
            continue;
        while (oci_mount_next_word(mount, &word))
            read_word(&word, &meaning);
        bool shows_it = meaning.is_remount ? is_wanted : is_cgroup(mount) && !meaning.is_bind;
        is_wanted = shows_it && can_be_written(&meaning);
    }
    return is_wanted;
}

/* The directory itself, ".", then the files that the kernel lists. */
struct names {
    const char *next;
    char list[LIST_SIZE], name[NAME_SIZE];
};

static fallible names_begin(struct names *names)
{
    static const char by_default[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
    auto_close int fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno != ENOENT)
        return error_errno(ERROR_CGROUP, "open /sys/kernel/cgroup/delegate");
    if (fd < 0)
        text_format(names->list, sizeof(names->list), "%s", by_default);
    else
        try(fd_read_small(fd, names->list, sizeof(names->list)));
    names->next = NULL;
    return OK;
}

/* NULL at the end. */
static const char *names_next(struct names *names)
{
    if (!names->next) {
        names->next = names->list;
        return ".";
    }
    while (*names->next) {
        size_t length = strcspn(names->next, "\n");
        text_format(names->name, sizeof(names->name), "%.*s", (int) length, names->next);
        names->next += length + (names->next[length] == '\n');
        if (length && !strchr(names->name, '/'))
            return names->name;
    }
    return NULL;
}

static fallible give(int directory, const char *name, uid_t uid)
{
    if (!fchownat(directory, name, uid, (gid_t) -1, AT_SYMLINK_NOFOLLOW) || errno == ENOENT)
        return OK;
    return error_errno(ERROR_CGROUP, "give %s of the cgroup to user %u",
                       text_equal(name, ".") ? "the directory" : name, (unsigned) uid);
}

static fallible give_all(int directory, uid_t uid)
{
    struct names names;

    try(names_begin(&names));
    for (const char *name; (name = names_next(&names));)
        try(give(directory, name, uid));
    return OK;
}

fallible delegate_give(int directory, uid_t uid)
{
    struct error *error = give_all(directory, uid);

    if (error && error->number == EPERM) {
        log_warning("%s: that needs CAP_CHOWN", error_line(error));
        error_forget(error);
        return OK;
    }
    return error;
}

fallible delegate_note(int directory, struct arena *arena, struct oci_string_array *owners)
{
    struct oci_string_array found = { .n = 0 };
    struct names names;
    struct stat status;

    try(names_begin(&names));
    try_new(found.v, arena, NAMES_MOST);
    for (const char *name; found.n < NAMES_MOST && (name = names_next(&names));) {
        if (!fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW)) {
            try_print(found.v[found.n], arena, "%s %u", name, (unsigned) status.st_uid);
            found.n++;
        } else if (errno != ENOENT) {
            return error_errno(ERROR_CGROUP, "look at %s of the cgroup", name);
        }
    }
    *owners = found;
    return OK;
}

/* OWNER is "cgroup.procs 1000". */
static fallible give_back(int directory, const char *owner)
{
    char name[NAME_SIZE];
    size_t length = strcspn(owner, " ");
    uint64_t uid;

    text_format(name, sizeof(name), "%.*s", (int) length, owner);
    bool is_name = length && length < sizeof(name) && !strchr(name, '/') && !text_equal(name, "..");
    if (!is_name || !owner[length] || !text_to_unsigned(owner + length + 1, UINT32_MAX, &uid))
        return error_new(ERROR_RECORD, "'%s' is not the owner of a control file", owner);
    return give(directory, name, (uid_t) uid);
}

void delegate_restore(int directory, const struct oci_string_array *owners)
{
    for (uint32_t i = 0; i < owners->n; i++) {
        struct error *error = give_back(directory, owners->v[i]);
        if (error)
            log_warning("give back the cgroup: %s", error_line(error));
        error_forget(error);
    }
}
