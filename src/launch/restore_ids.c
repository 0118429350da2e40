/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be known of the images before criu starts (R21).
 *
 * It makes those namespaces whose numbers the first process has in ids-PID.img and inventory.img
 * has not.  Where that is none, it says nothing before it has opened the files that the images
 * name, as root and in the tree of the host: so the numbers are looked at here.  And it loads the
 * policy of apparmor.img into the host as soon as it is there.
 *
 * Numbers of fields: images/{inventory,pstree,core}.proto of criu 3.17 to 4.2.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/fd.h"

/* The file begins with one or two of these, of 4 bytes each; then come messages with their lengths.
 */
static const uint32_t any_image = 0x54564319;
static const uint32_t inventory_image = 0x58313116, tree_image = 0x50273030, ids_image = 0x54432030;

/* Of inventory_entry and pstree_entry. */
enum { INVENTORY_ROOT_IDS = 3 };
enum { PROCESS_PID = 1, PROCESS_PARENT = 2 };

/* Of task_kobj_ids_entry. */
static const struct {
    uint32_t field;
    uint64_t flag;
} namespace_ids[] = {
    { 5, CLONE_NEWPID }, { 6, CLONE_NEWNET }, { 7, CLONE_NEWIPC },
    { 8, CLONE_NEWUTS }, { 9, CLONE_NEWNS },  { 10, CLONE_NEWUSER },
};
enum { MOUNTS = 4 };
struct ids {
    uint32_t v[LENGTH(namespace_ids)]; /* to criu one that is missing is zero */
};

enum { IMAGE_MOST = 16 << 20, WORD_SIZE = 4, HEAD_SIZE = 2 * WORD_SIZE, NAME_SIZE = 32 };

fallible restore_refuse_image(const char *name, const char *reason)
{
    return error_new(ERROR_BUNDLE, "%s of the images %s", name, reason);
}

static bool take_word(struct protobuf_reader *reader, uint32_t *word)
{
    if (reader->end - reader->at < WORD_SIZE)
        return false;
    memcpy(word, reader->at, WORD_SIZE);
    reader->at += WORD_SIZE;
    return true;
}

fallible restore_open_image(const struct launch *launch, const char *name, uint32_t magic,
                            struct protobuf_reader *messages)
{
    const char *text;
    size_t length;
    uint32_t word = 0;

    *messages = (struct protobuf_reader){ .at = NULL };
    auto_close int file =
        openat(launch->host->criu->images, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return OK;
    if (file < 0)
        return error_system("open %s", name);
    try_within(fd_read_file(&(struct fd_file){ .fd = file }, IMAGE_MOST, launch->host->arena, &text,
                            &length),
               "read %s", name);
    struct protobuf_reader reader = { text, text + length, false };
    if (!take_word(&reader, &word) || (word == any_image && !take_word(&reader, &word)) ||
        word != magic)
        return restore_refuse_image(name, "is no such image");
    *messages = reader;
    return OK;
}

fallible restore_next_message(const char *name, struct protobuf_reader *messages,
                              struct protobuf_reader *message)
{
    uint32_t size = 0;

    *message = (struct protobuf_reader){ .at = NULL };
    if (messages->at == messages->end)
        return OK;
    if (!take_word(messages, &size) || size > (size_t) (messages->end - messages->at))
        return restore_refuse_image(name, "is damaged");
    *message = (struct protobuf_reader){ messages->at, messages->at + size, false };
    messages->at += size;
    return OK;
}

fallible restore_read_image(const struct launch *launch, const char *name, uint32_t magic,
                            struct protobuf_reader *message)
{
    struct protobuf_reader messages;

    try(restore_open_image(launch, name, magic, &messages));
    return restore_next_message(name, &messages, message);
}

/* Without one of them criu has nothing to restore. */
static fallible read_needed(const struct launch *launch, const char *name, uint32_t magic,
                            struct protobuf_reader *message)
{
    try(restore_read_image(launch, name, magic, message));
    return message->at ? OK : restore_refuse_image(name, "is not there, or empty");
}

/* criu takes 32 bits of each, and of two the second. */
static bool read_ids(struct protobuf_reader reader, struct ids *ids)
{
    struct protobuf_field field;

    *ids = (struct ids){ .v = { 0 } };
    while (protobuf_next(&reader, &field))
        for (size_t i = 0; i < LENGTH(namespace_ids); i++)
            if (field.number == namespace_ids[i].field)
                ids->v[i] = (uint32_t) field.value;
    return !reader.is_broken;
}

static fallible read_host_ids(struct protobuf_reader reader, struct ids *ids)
{
    static const char name[] = "inventory.img";
    struct protobuf_field field;
    uint32_t count = 0;

    while (protobuf_next(&reader, &field)) {
        if (field.number != INVENTORY_ROOT_IDS)
            continue;
        count++;
        if (!field.bytes || !read_ids(protobuf_within(&field), ids))
            return restore_refuse_image(name, "is damaged");
    }
    /* Two are one to criu, with something of each. */
    if (reader.is_broken || count != 1)
        return restore_refuse_image(name, "does not say once which namespaces are the host's");
    return OK;
}

/* One that has no parent is the root; in front of it there can be none that has. */
static fallible read_root(const struct launch *launch, uint32_t *pid)
{
    static const char name[] = "pstree.img";
    struct protobuf_reader reader;
    struct protobuf_field field;
    uint32_t parent = 0;

    *pid = 0;
    try(read_needed(launch, name, tree_image, &reader));
    while (protobuf_next(&reader, &field)) {
        if (field.number == PROCESS_PID)
            *pid = (uint32_t) field.value;
        if (field.number == PROCESS_PARENT)
            parent = (uint32_t) field.value;
    }
    if (reader.is_broken || !*pid || *pid > INT_MAX)
        return restore_refuse_image(name, "is damaged");
    if (parent)
        return restore_refuse_image(name, "does not begin with the first process");
    if (launch->plan->namespaces.created & CLONE_NEWPID && *pid != 1)
        return error_field(restore_refuse_image(name, "has a first process that is not process 1"),
                           "linux.namespaces");
    return OK;
}

/* What criu is to make without being asked is found when it has made it (restore_check_namespaces).
 * The namespaces of cgroups and time are not made by these numbers alone. */
static fallible compare_ids(const struct launch *launch, const struct ids *host,
                            const struct ids *root)
{
    uint64_t wanted = launch->plan->namespaces.own | CLONE_NEWNS;

    for (size_t i = 0; i < LENGTH(namespace_ids); i++)
        if (wanted & namespace_ids[i].flag && host->v[i] == root->v[i])
            return error_field(error_new(ERROR_BUNDLE,
                                         "the images do not keep to the config: the process has "
                                         "the host's %s namespace",
                                         namespaces_name(namespace_ids[i].flag)),
                               "linux.namespaces");
    return OK;
}

/* criu makes a mount namespace of number 0, too, where ids-PID.img says so or has none. */
static fallible check_ids(const struct launch *launch, bool *has_images, uint32_t *mounts)
{
    struct protobuf_reader reader;
    struct ids host, root;
    char name[NAME_SIZE];
    uint32_t pid;

    *has_images = false;
    *mounts = 0;
    /* Without this one criu reads no other. */
    try(restore_read_image(launch, "inventory.img", inventory_image, &reader));
    if (!reader.at)
        return OK;
    try(read_host_ids(reader, &host));
    try(read_root(launch, &pid));
    text_format(name, sizeof(name), "ids-%u.img", pid);
    try(read_needed(launch, name, ids_image, &reader));
    if (!read_ids(reader, &root))
        return restore_refuse_image(name, "is damaged");
    if (!root.v[MOUNTS])
        return error_field(restore_refuse_image(name, "has no mount namespace"),
                           "linux.namespaces");
    *has_images = true;
    *mounts = root.v[MOUNTS];
    return compare_ids(launch, &host, &root);
}

/* criu writes none where the container has no namespace of AppArmor, or nothing but its head. */
static fallible check_policy(const struct launch *launch)
{
    static const char name[] = "apparmor.img";
    struct stat status;

    if (fstatat(launch->host->criu->images, name, &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? OK : error_system("look at %s", name);
    if (S_ISREG(status.st_mode) && status.st_size <= HEAD_SIZE)
        return OK;
    return error_field(restore_refuse_image(name, "has AppArmor policy, which would be the host's"),
                       "process.apparmorProfile");
}

fallible restore_check_images(struct launch *launch)
{
    uint32_t mounts;
    bool has_images;

    try(check_policy(launch));
    try(check_ids(launch, &has_images, &mounts));
    if (has_images)
        try(restore_check_mount_images(launch, mounts));
    return restore_check_cgroups(launch);
}
