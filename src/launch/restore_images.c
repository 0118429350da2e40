/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image cgroup.img, before criu obeys it (R21).  It names files of cgroups, which criu writes
 * and gives away as root before it has made any process: a name with ".." leads out of them, and
 * in a hierarchy of version 1 a file says what the host executes (release_agent).  So it may name
 * no more than the cgroups of the container, and what criu itself writes down of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/fd.h"
#include "os/protobuf.h"

/* The file begins with one or two of these, of 4 bytes each; then come messages with their lengths,
 * of which there is one. */
static const uint32_t any_image = 0x54564319, cgroup_image = 0x59383330;

/* Of cgroup_entry, cg_set_entry, cg_member_entry, cg_controller_entry, cgroup_dir_entry,
 * cgroup_prop_entry and cgroup_perms. */
enum { ENTRY_SETS = 1, ENTRY_CONTROLLERS = 2 };
enum { SET_MEMBERS = 2 };
enum { MEMBER_NAME = 1, MEMBER_PATH = 2, MEMBER_PREFIX = 3 };
enum { CONTROLLER_NAMES = 1, CONTROLLER_DIRS = 2 };
enum { DIR_NAME = 1, DIR_CHILDREN = 2, DIR_PROPERTIES = 3, DIR_PERMS = 4 };
enum { PROPERTY_NAME = 1 };
enum { PERMS_MODE = 1, PERMS_UID = 2, PERMS_GID = 3 };

enum { IMAGE_MOST = 16 << 20, DEPTH_MOST = 64, WORD_SIZE = 4, NAME_SIZE = 256 };

/* Where in the image one is. */
struct place {
    struct protobuf_reader entry; /* all of it */
    bool is_version_2;
    bool is_given_away; /* the cgroup belongs to the container's user */
    unsigned depth;
};

static fallible refuse(const char *reason)
{
    return error_field(error_new(ERROR_BUNDLE, "cgroup.img of the images %s", reason),
                       "linux.cgroupsPath");
}

static struct protobuf_reader read_field(const struct protobuf_field *field)
{
    return (struct protobuf_reader){ field->bytes, field->bytes + field->length, false };
}

static fallible end_of(const struct protobuf_reader *reader)
{
    return reader->is_broken ? refuse("is damaged") : OK;
}

/* A NUL within would end the name for criu alone. */
static bool take_name(const struct protobuf_field *field, char *name)
{
    if (!field->bytes || field->length >= NAME_SIZE || memchr(field->bytes, '\0', field->length))
        return false;
    text_format(name, NAME_SIZE, "%.*s", (int) field->length, field->bytes);
    return true;
}

static bool leads_out(const char *name)
{
    for (const char *at = name; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (text_starts(at, "..") && (!at[2] || at[2] == '/'))
            return true;
    }
    return false;
}

static fallible check_perms(const struct place *place, const struct protobuf_field *message)
{
    struct protobuf_reader reader = read_field(message);
    struct protobuf_field field;

    while (message->bytes && protobuf_next(&reader, &field)) {
        bool is_owner = field.number == PERMS_UID || field.number == PERMS_GID;
        bool is_open = field.number == PERMS_MODE && field.value & (S_IWGRP | S_IWOTH);
        if (!place->is_given_away && ((is_owner && field.value) || is_open))
            return refuse("gives a cgroup away");
    }
    return end_of(&reader);
}

/* What criu writes down by itself of version 2. */
static fallible check_property(const struct protobuf_field *message)
{
    static const char *const known[] = {
        "cgroup.subtree_control",
        "cgroup.max.descendants",
        "cgroup.max.depth",
        "cgroup.freeze",
        "cgroup.type",
        "cgroup.procs",
        "cgroup.threads",
    };
    struct protobuf_reader reader = read_field(message);
    struct protobuf_field field;
    char name[NAME_SIZE] = "";

    while (message->bytes && protobuf_next(&reader, &field))
        if (field.number == PROPERTY_NAME && !take_name(&field, name))
            return refuse("has a name that is none");
    try(end_of(&reader));
    for (size_t i = 0; i < LENGTH(known); i++)
        if (text_equal(known[i], name))
            return OK;
    return error_hint(refuse("sets what is the config's to set"), "it is %s", name);
}

/* A place where processes are, of a hierarchy. */
struct member {
    char name[NAME_SIZE], path[NAME_SIZE];
    uint64_t prefix; /* so much of the path is that of the cgroup namespace */
};

static fallible read_member(const struct protobuf_field *message, struct member *member)
{
    struct protobuf_reader reader = read_field(message);
    struct protobuf_field field;

    *member = (struct member){ .prefix = 0 };
    while (message->bytes && protobuf_next(&reader, &field)) {
        if ((field.number == MEMBER_NAME && !take_name(&field, member->name)) ||
            (field.number == MEMBER_PATH && !take_name(&field, member->path)))
            return refuse("has a name that is none");
        if (field.number == MEMBER_PREFIX)
            member->prefix = field.value;
    }
    if (leads_out(member->path) || member->prefix > strlen(member->path))
        return refuse("has a name that leads out of the cgroup");
    return end_of(&reader);
}

/* criu puts our cgroup in the place of a directory only where processes are in it or below. */
static fallible find_member(struct protobuf_reader reader, const char *directory, bool *is_found)
{
    struct protobuf_field field;
    struct member member;
    size_t length = strlen(directory);

    *is_found = false;
    while (protobuf_next(&reader, &field)) {
        if (field.number != ENTRY_SETS || !field.bytes)
            continue;
        struct protobuf_reader set = read_field(&field);
        while (protobuf_next(&set, &field)) {
            if (field.number != SET_MEMBERS)
                continue;
            try(read_member(&field, &member));
            if (*member.name || member.path[0] != '/' || !text_starts(member.path + 1, directory))
                continue;
            if (member.prefix > length + 1)
                return refuse("has a cgroup namespace below its cgroups");
            *is_found = true;
        }
        try(end_of(&set));
    }
    return OK;
}

static fallible check_top(const struct place *place, const char *name)
{
    bool is_found;

    if (!place->is_version_2)
        return *name ? refuse("has cgroups of version 1") : OK;
    try(find_member(place->entry, name, &is_found));
    return is_found ? OK : refuse("has cgroups that are not the container's");
}

static fallible check_directory(const struct place *place, const struct protobuf_field *message)
{
    struct place below = *place;
    struct protobuf_reader reader = read_field(message);
    struct protobuf_field field;
    char name[NAME_SIZE] = "";

    below.depth++;
    if (below.depth > DEPTH_MOST)
        return refuse("has cgroups that are nested too deep");
    while (message->bytes && protobuf_next(&reader, &field)) {
        if (field.number == DIR_NAME && (!take_name(&field, name) || leads_out(name)))
            return refuse("has a name that leads out of the cgroup");
        if (field.number == DIR_CHILDREN && !place->is_version_2)
            return refuse("has cgroups of version 1");
        if (field.number == DIR_CHILDREN)
            try(check_directory(&below, &field));
        if (field.number == DIR_PROPERTIES && place->is_version_2)
            try(check_property(&field));
        if (field.number == DIR_PERMS)
            try(check_perms(place, &field));
    }
    try(end_of(&reader));
    return place->depth ? OK : check_top(place, name);
}

/* That of version 2 has no name. */
static fallible check_controller(const struct launch *launch, struct protobuf_reader entry,
                                 const struct protobuf_field *message)
{
    const struct host *host = launch->host;
    struct place place = { .entry = entry, .is_version_2 = true };
    struct protobuf_reader names = read_field(message), reader = names;
    struct protobuf_field field;
    uint32_t count = 0;

    while (message->bytes && protobuf_next(&names, &field))
        if (field.number == CONTROLLER_NAMES) {
            place.is_version_2 = place.is_version_2 && !field.length;
            count++;
        }
    place.is_version_2 = place.is_version_2 && count == 1;
    place.is_given_away = place.is_version_2 && launch->plan->delegates_cgroup;
    bool writes_all = host->criu->options->cgroups != CRIU_CGROUPS_SOFT;
    if (!place.is_version_2 && writes_all)
        return error_hint(refuse("has cgroups of version 1"),
                          "--manage-cgroups-mode soft leaves them alone");
    while (message->bytes && protobuf_next(&reader, &field))
        if (field.number == CONTROLLER_DIRS)
            try(check_directory(&place, &field));
    return end_of(&reader);
}

static bool take_word(const char **at, const char *end, uint32_t *word)
{
    if (end - *at < WORD_SIZE)
        return false;
    memcpy(word, *at, WORD_SIZE);
    *at += WORD_SIZE;
    return true;
}

static fallible check_image(const struct launch *launch, const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    struct protobuf_field field;
    uint32_t word = 0, size = 0;

    if (!take_word(&at, end, &word) || (word == any_image && !take_word(&at, end, &word)) ||
        word != cgroup_image)
        return refuse("is no such image");
    if (at == end)
        return OK;
    if (!take_word(&at, end, &size) || size > (size_t) (end - at))
        return refuse("is damaged");
    struct protobuf_reader reader = { at, at + size, false }, entry = reader;
    while (protobuf_next(&reader, &field))
        if (field.number == ENTRY_CONTROLLERS)
            try(check_controller(launch, entry, &field));
    return end_of(&reader);
}

fallible restore_check_images(struct launch *launch)
{
    const struct criu_work *work = launch->host->criu;
    const char *text;
    size_t length;

    if (work->options->cgroups == CRIU_CGROUPS_IGNORE)
        return OK;
    auto_close int file = openat(work->images, "cgroup.img", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return OK;
    if (file < 0)
        return error_system("open cgroup.img");
    try_within(fd_read_file(&(struct fd_file){ .fd = file }, IMAGE_MOST, launch->host->arena, &text,
                            &length),
               "read cgroup.img");
    return check_image(launch, text, length);
}
