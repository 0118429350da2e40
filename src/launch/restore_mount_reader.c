/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the image mountpoints-NUMBER.img; serves restore (R21).  What surprises: of a field that
 * stands there twice criu takes the last, and so do we.
 */
#include <string.h>

#include "base/allocate.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "launch/restore_mount_images.h"
#include "os/protobuf.h"

enum { MOUNTS_MOST = 16384 };

static const uint32_t mounts_image = 0x55563928;

/* Of mnt_entry. */
enum {
    MOUNT_TYPE = 1,
    MOUNT_ID = 2,
    MOUNT_DEVICE = 3,
    MOUNT_PARENT = 4,
    MOUNT_FLAGS = 5,
    MOUNT_ROOT = 6,
    MOUNT_POINT = 7,
    MOUNT_HAS_PLUGIN = 12,
    MOUNT_IS_EXTERNAL = 13, /* as criu said it before it gave names */
    MOUNT_IS_DELETED = 16,
    MOUNT_SUPERBLOCK_FLAGS = 17,
    MOUNT_NAME = 18,
};

static fallible take_text(const char *image, struct arena *arena,
                          const struct protobuf_field *field, const char **text)
{
    if (!field->bytes || memchr(field->bytes, '\0', field->length))
        return restore_refuse_image(image, "has a name that is none");
    try_print(*text, arena, "%.*s", (int) field->length, field->bytes);
    return OK;
}

static void take_number(const struct protobuf_field *field, struct image_mount *mount)
{
    uint32_t number = (uint32_t) field->value;

    switch (field->number) {
    case MOUNT_TYPE:
        mount->type = number;
        return;
    case MOUNT_ID:
        mount->id = number;
        return;
    case MOUNT_DEVICE:
        mount->device = number;
        return;
    case MOUNT_PARENT:
        mount->parent = number;
        return;
    case MOUNT_FLAGS:
        mount->flags = number;
        return;
    case MOUNT_SUPERBLOCK_FLAGS:
        mount->superblock_flags = number;
        mount->has_superblock_flags = true;
        return;
    case MOUNT_HAS_PLUGIN:
    case MOUNT_IS_EXTERNAL:
    case MOUNT_IS_DELETED:
        mount->is_special = true;
        return;
    default:
        return;
    }
}

static fallible read_mount(const char *image, struct arena *arena, struct protobuf_reader message,
                           struct image_mount *mount)
{
    struct protobuf_field field;

    *mount = (struct image_mount){ .root = "", .point = "" };
    while (protobuf_next(&message, &field)) {
        if (field.number == MOUNT_ROOT)
            try(take_text(image, arena, &field, &mount->root));
        else if (field.number == MOUNT_POINT)
            try(take_text(image, arena, &field, &mount->point));
        else if (field.number == MOUNT_NAME)
            try(take_text(image, arena, &field, &mount->name));
        else
            take_number(&field, mount);
    }
    return message.is_broken ? restore_refuse_image(image, "is damaged") : OK;
}

fallible image_mounts_read(const struct launch *launch, const char *image,
                           struct image_mounts *mounts)
{
    struct arena *arena = launch->host->arena;
    struct protobuf_reader messages, message;

    try(restore_open_image(launch, image, mounts_image, &messages));
    if (!messages.at)
        return restore_refuse_image(image, "is not there");
    *mounts = (struct image_mounts){ .n = 0 };
    try_new(mounts->v, arena, MOUNTS_MOST);
    for (;;) {
        try(restore_next_message(image, &messages, &message));
        if (!message.at)
            return OK;
        if (mounts->n == MOUNTS_MOST)
            return restore_refuse_image(image, "has too many mounts");
        struct image_mount *mount = &mounts->v[mounts->n];
        try(read_mount(image, arena, message, mount));
        if (image_mounts_find(mounts, mount->id))
            return restore_refuse_image(image, "has two mounts of one number");
        mounts->n++;
    }
}

const struct image_mount *image_mounts_find(const struct image_mounts *mounts, uint32_t id)
{
    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->v[i].id == id)
            return &mounts->v[i];
    return NULL;
}
