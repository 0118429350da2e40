/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images remap-fpath.img and ghost-file-NUMBER.img, before criu obeys them (R21): files that
 * were open and had been deleted.  It makes them again, as root, with the content, owner and mode
 * that stand there, and makes the mount writable for that where it is read-only.
 */
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "launch/restore_mount_images.h"
#include "os/mount_attributes.h"

static const char remaps_name[] = "remap-fpath.img", files_name[] = "files.img";
static const uint32_t remaps_image = 0x59133954, files_image = 0x56303138;
static const uint32_t ghost_image = 0x52583605;

/* images/{remap-file-path,fdinfo,regfile,ghost-file}.proto of criu 3.17 to 4.2: fields of
 * remap_file_path_entry, file_entry, reg_file_entry and ghost_file_entry. */
enum { REMAP_FILE = 1, REMAP_GHOST = 2, REMAP_TYPE = 3 };
enum { FILE_REGULAR = 3 };
enum { REGULAR_ID = 1, REGULAR_MOUNT = 7 };
enum { GHOST_MODE = 3 };

/* Of remap_type; without one a bit of the number tells. */
enum { TYPE_LINKED = 0, TYPE_GHOST = 1, TYPE_PROCESS = 2 };
static const uint32_t ghost_bit = 1U << 31;

enum { REMAPS_MOST = 4096, NAME_SIZE = 32 };

/* A file that is open, and on which mount; -1: the images do not say. */
struct regular {
    uint32_t id;
    int64_t mount;
};
struct regulars {
    struct regular *v;
    uint32_t n;
};

static fallible refuse(const char *reason)
{
    return error_field(restore_refuse_image(remaps_name, reason), "mounts");
}

/* A number that may be negative (sint32). */
static int32_t read_signed(uint64_t value)
{
    uint32_t number = (uint32_t) value;
    return (int32_t) (number >> 1 ^ -(number & 1));
}

static void read_regular(const struct protobuf_field *message, struct regular *regular)
{
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;

    while (protobuf_next(&reader, &field)) {
        if (field.number == REGULAR_ID)
            regular->id = (uint32_t) field.value;
        if (field.number == REGULAR_MOUNT)
            regular->mount = read_signed(field.value);
    }
}

static fallible count_messages(const char *name, struct protobuf_reader messages, uint32_t *count)
{
    struct protobuf_reader message;

    for (*count = 0;; (*count)++) {
        try(restore_next_message(name, &messages, &message));
        if (!message.at)
            return OK;
    }
}

/* Without such an image criu reads none of an older kind that we know. */
static fallible read_regulars(const struct launch *launch, struct regulars *regulars)
{
    struct protobuf_reader messages, message;
    struct protobuf_field field;
    uint32_t count;

    *regulars = (struct regulars){ .n = 0 };
    try(restore_open_image(launch, files_name, files_image, &messages));
    if (!messages.at)
        return OK;
    try(count_messages(files_name, messages, &count));
    try_new(regulars->v, launch->host->arena, count);
    for (; regulars->n < count; regulars->n++) {
        struct regular *regular = &regulars->v[regulars->n];
        *regular = (struct regular){ .mount = -1 };
        try(restore_next_message(files_name, &messages, &message));
        while (protobuf_next(&message, &field))
            if (field.number == FILE_REGULAR)
                read_regular(&field, regular);
    }
    return OK;
}

/* criu takes the first with the number that it finds: all of them are looked at. */
static fallible check_file(const struct regulars *regulars, const struct image_mounts *mounts,
                           uint32_t id)
{
    bool is_there = false;

    for (uint32_t i = 0; i < regulars->n; i++) {
        if (regulars->v[i].id != id)
            continue;
        is_there = true;
        const struct image_mount *mount =
            regulars->v[i].mount < 0 ? NULL
                                     : image_mounts_find(mounts, (uint32_t) regulars->v[i].mount);
        if (!mount)
            return refuse("has a deleted file that is on no mount");
        if (mount->attributes & MOUNT_ATTR_RDONLY)
            return error_hint(refuse("has a deleted file on a mount that is read-only"),
                              "criu would make it writable for that: it is %s", mount->point);
    }
    return is_there ? OK : refuse("has a deleted file that is none of the images'");
}

/* Nothing by which the next who executes or opens it gets another's rights. */
static fallible check_ghost(const struct launch *launch, uint32_t number)
{
    struct protobuf_reader message;
    struct protobuf_field field;
    char name[NAME_SIZE];
    uint32_t mode = 0;

    text_format(name, sizeof(name), "ghost-file-%x.img", number);
    try(restore_read_image(launch, name, ghost_image, &message));
    while (protobuf_next(&message, &field))
        if (field.number == GHOST_MODE)
            mode = (uint32_t) field.value;
    bool is_plain = S_ISREG(mode) || S_ISDIR(mode) || S_ISFIFO(mode);
    bool is_privileged = S_ISREG(mode) && mode & (S_ISUID | S_ISGID);
    if (is_privileged)
        return error_field(restore_refuse_image(name, "is a set-user-ID or set-group-ID program, "
                                                      "removed or replaced while it was open"),
                           "mounts");
    return is_plain ? OK : error_field(restore_refuse_image(name, "is no plain file"), "mounts");
}

struct remap {
    uint32_t file, number, type;
    bool has_type;
};

static fallible read_remap(struct protobuf_reader message, struct remap *remap)
{
    struct protobuf_field field;

    *remap = (struct remap){ .type = TYPE_LINKED };
    while (protobuf_next(&message, &field)) {
        if (field.number == REMAP_FILE)
            remap->file = (uint32_t) field.value;
        if (field.number == REMAP_GHOST)
            remap->number = (uint32_t) field.value;
        if (field.number == REMAP_TYPE) {
            remap->type = (uint32_t) field.value;
            remap->has_type = true;
        }
    }
    if (!remap->has_type && remap->number & ghost_bit)
        remap->type = TYPE_GHOST;
    if (!remap->has_type)
        remap->number &= ~ghost_bit;
    return message.is_broken ? refuse("is damaged") : OK;
}

fallible restore_check_remaps(const struct launch *launch, const struct image_mounts *mounts)
{
    struct protobuf_reader messages, message;
    struct regulars regulars;
    struct remap remap;

    try(restore_open_image(launch, remaps_name, remaps_image, &messages));
    if (!messages.at)
        return OK;
    try(read_regulars(launch, &regulars));
    for (uint32_t count = 0;; count++) {
        try(restore_next_message(remaps_name, &messages, &message));
        if (!message.at)
            return OK;
        if (count == REMAPS_MOST)
            return refuse("has too many deleted files");
        try(read_remap(message, &remap));
        if (remap.type == TYPE_PROCESS)
            continue;
        try(check_file(&regulars, mounts, remap.file));
        if (remap.type == TYPE_GHOST)
            try(check_ghost(launch, remap.number));
    }
}
