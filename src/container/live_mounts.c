/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: changes what is mounted in a container that is there.  The document is the section mounts
 * of a config, alone or as a member of an object; the former becomes the latter before it is
 * read. */

#include <fcntl.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "container/container.h"
#include "container/document.h"
#include "launch/launch.h"
#include "libocispec/config.h"
#include "os/pidfd.h"

struct mount_list {
    struct oci_mount_array mounts; /* "mounts" */
};

static const struct oci_field mount_list_fields[] = {
    OCI_FIELD_OF(mount_list, mounts, "mounts", ARR, oci_mount, REQ),
};
static const struct oci_schema mount_list_schema = OCI_SCHEMA(mount_list, mount_list_fields);

static fallible check_status(const struct container *container)
{
    static const char *const reasons[] = {
        [CONTAINER_CREATING] = "a container that was not created completely",
        [CONTAINER_STOPPED] = "a stopped container",
        [CONTAINER_PAUSED] = "a paused container",
    };

    if (container->status == CONTAINER_CREATED || container->status == CONTAINER_RUNNING)
        return OK;
    return error_new(ERROR_STATE, "cannot change the mounts of %s", reasons[container->status]);
}

static fallible wrap(struct arena *arena, struct document *document)
{
    static const char begin[] = "{\"mounts\":";
    char *whole;

    if (document->json[strspn(document->json, " \t\r\n")] != '[')
        return OK;
    try_new(whole, arena, sizeof(begin) + document->length + 1);
    memcpy(whole, begin, sizeof(begin) - 1);
    memcpy(whole + sizeof(begin) - 1, document->json, document->length);
    whole[sizeof(begin) - 1 + document->length] = '}';
    document->json = whole;
    document->length += sizeof(begin);
    document->added = sizeof(begin) - 1;
    return OK;
}

static fallible launch(const struct container *container, const struct launch_mounts *mounts,
                       int arena_fd)
{
    const struct launch_target target = {
        .record = &container->record,
        .status = (enum oci_status) container->status,
        .init = container->pidfd,
    };
    struct launched launched = { .pidfd = -1, .terminal = -1 };
    struct oci_config *config;
    int ended;

    try(container_read_config(&container->entry, container->arena, &config));
    config->hooks = NULL;
    config->mounts = *mounts->mounts; /* in the place of those that it has */
    auto_close int bundle = open(container->record.bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (bundle < 0)
        return error_errno(ERROR_BUNDLE, "open the bundle '%s'", container->record.bundle);
    const struct launch_request request = {
        .id = container->record.id,
        .config = config,
        .bundle = bundle,
        .target = &target,
        .mounts = mounts,
    };
    try(launch_container(&request, container->arena, arena_fd, &launched));
    struct error *error = pidfd_reap(launched.pidfd, &ended);
    close_fd(&launched.pidfd);
    return error;
}

fallible container_change_mounts(const struct container *container, const char *file,
                                 bool is_removal, int arena_fd)
{
    struct document document = { .name = file, .prefix = "" };
    struct launch_mounts mounts = { .is_removal = is_removal };
    const void *list;

    try(check_status(container));
    try(document_read(AT_FDCWD, file, container->arena, &document));
    try(wrap(container->arena, &document));
    try(document_decode(&document, &mount_list_schema, container->arena, &list));
    mounts.mounts = &((const struct mount_list *) list)->mounts;
    return document_place(&document, launch(container, &mounts, arena_fd));
}
