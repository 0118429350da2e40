/* SPDX-License-Identifier: Apache-2.0 */
/* linux.cgroupsPath: who owns the cgroup of a container, so that one that is not root, systemd for
 * one, can make cgroups in it.  Its limits are never among the files given away. */
#include "cgroup/delegate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "libocispec/config.h"
#include "os/fd.h"

enum { LIST_SIZE = 4096, NAME_SIZE = 128 };

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

static fallible read_list(char *list)
{
    auto_close int fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        text_format(list, LIST_SIZE, "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
        return OK;
    }
    if (fd < 0)
        return error_errno(ERROR_CGROUP, "open /sys/kernel/cgroup/delegate");
    return fd_read_small(fd, list, LIST_SIZE);
}

static fallible give(int directory, const char *name, uid_t uid)
{
    if (!fchownat(directory, name, uid, (gid_t) -1, AT_SYMLINK_NOFOLLOW) || errno == ENOENT)
        return OK;
    return error_errno(ERROR_CGROUP, "give %s of the cgroup to user %u", name, (unsigned) uid);
}

static fallible give_all(int directory, uid_t uid)
{
    char list[LIST_SIZE], name[NAME_SIZE];

    if (fchown(directory, uid, (gid_t) -1))
        return error_errno(ERROR_CGROUP, "give the cgroup to user %u", (unsigned) uid);
    try(read_list(list));
    for (const char *line = list; *line;) {
        size_t length = strcspn(line, "\n");
        text_format(name, sizeof(name), "%.*s", (int) length, line);
        if (length && !strchr(name, '/'))
            try(give(directory, name, uid));
        line += length + (line[length] == '\n');
    }
    return OK;
}

fallible delegate_give(int directory, uid_t uid)
{
    struct error *error = give_all(directory, uid);

    if (error && error->number == EPERM) {
        log_warning("%s: that needs CAP_CHOWN", error->text);
        error_forget(error);
        return OK;
    }
    return error;
}
