/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image cgroup.img, before criu obeys it (R21).  It names files of cgroups, which criu writes
 * and gives away as root before it has made any process: a name with ".." leads out of them, and
 * in a hierarchy of version 1 a file says what the host executes (release_agent).  So it may name
 * no more than the cgroups of the container, and what criu itself writes down of them.
 */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/list.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/protobuf.h"

static const char image_name[] = "cgroup.img";
static const uint32_t cgroup_image = 0x59383330;

/* images/cgroup.proto of criu 3.17 to 4.2: fields of cgroup_entry, cg_set_entry, cg_member_entry,
 * cg_controller_entry, cgroup_dir_entry, cgroup_prop_entry and cgroup_perms. */
enum { ENTRY_SETS = 1, ENTRY_CONTROLLERS = 2 };
enum { SET_MEMBERS = 2 };
enum { MEMBER_NAME = 1, MEMBER_PATH = 2, MEMBER_PREFIX = 3 };
enum { CONTROLLER_NAMES = 1, CONTROLLER_DIRS = 2 };
enum { DIR_NAME = 1, DIR_CHILDREN = 2, DIR_PROPERTIES = 3, DIR_PERMS = 4 };
enum { PROPERTY_NAME = 1 };
enum { PERMS_MODE = 1, PERMS_UID = 2, PERMS_GID = 3 };

enum { DEPTH_MOST = 64, TOPS_MOST = 64, NAME_SIZE = PATH_MAX };

/* The directories of version 2 that criu puts our cgroup in the place of. */
struct tops {
    struct top {
        const char *name; /* in the image */
        size_t length;
        bool is_used; /* by a process in it or below */
    } v[TOPS_MOST];
    uint32_t n;
};

/* Where in the image one is. */
struct place {
    struct tops *tops;
    bool is_version_2;
    bool is_given_away; /* the cgroup belongs to the container's user */
    unsigned depth;
};

static fallible refuse(const char *reason)
{
    return error_field(restore_refuse_image(image_name, reason), "linux.cgroupsPath");
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

bool restore_leads_out(const char *name)
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
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;

    while (protobuf_next(&reader, &field)) {
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
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;
    char name[NAME_SIZE] = "";

    while (protobuf_next(&reader, &field))
        if (field.number == PROPERTY_NAME && !take_name(&field, name))
            return refuse("has a name that is none");
    try(end_of(&reader));
    for (size_t i = 0; i < LENGTH(known); i++)
        if (text_equal(known[i], name))
            return OK;
    return error_hint(refuse("sets what is the config's to set"), "it is %s", name);
}

/* criu goes by the text alone, and by what it has made of it already: behind one name that begins
 * another the second directory would stay the host's. */
static fallible note_top(const struct place *place, const struct protobuf_field *name)
{
    struct tops *tops = place->tops;
    struct top top = { name->bytes, name->length, false };

    if (!place->is_version_2)
        return top.length ? refuse("has cgroups of version 1") : OK;
    if (tops->n == TOPS_MOST)
        return refuse("has too many cgroups");
    for (uint32_t i = 0; i < tops->n; i++) {
        const struct top *other = &tops->v[i];
        size_t least = top.length < other->length ? top.length : other->length;
        if (!least || !memcmp(top.name, other->name, least))
            return refuse("has a cgroup whose name begins that of another");
    }
    tops->v[tops->n++] = top;
    return OK;
}

static fallible check_directory(const struct place *place, const struct protobuf_field *message)
{
    struct place below = *place;
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field, top = { .bytes = "" };
    char name[NAME_SIZE];

    below.depth++;
    if (below.depth > DEPTH_MOST)
        return refuse("has cgroups that are nested too deep");
    while (protobuf_next(&reader, &field)) {
        if (field.number == DIR_NAME && (!take_name(&field, name) || restore_leads_out(name)))
            return refuse("has a name that leads out of the cgroup");
        if (field.number == DIR_NAME)
            top = field;
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
    return place->depth ? OK : note_top(place, &top);
}

/* criu makes a directory of it and, where it is not mounted, an option of mount(2). */
static bool is_controller(const char *name)
{
    for (const char *at = name + (text_starts(name, "name=") ? strlen("name=") : 0); *at; at++)
        if (strchr(",/=\\", *at))
            return false;
    return !restore_leads_out(name);
}

/* That of version 2 has no name. */
static fallible read_controller(const struct protobuf_field *message, bool *is_version_2)
{
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;
    char name[NAME_SIZE];
    uint32_t count = 0, unnamed = 0;

    while (protobuf_next(&reader, &field)) {
        if (field.number != CONTROLLER_NAMES)
            continue;
        if (!take_name(&field, name) || !is_controller(name))
            return refuse("has a name that is none");
        unnamed += !*name;
        count++;
    }
    *is_version_2 = unnamed == 1 && count == 1;
    return unnamed && !*is_version_2 ? refuse("has cgroups of both versions in one") : OK;
}

static fallible check_controller(const struct launch *launch, struct tops *tops,
                                 const struct protobuf_field *message)
{
    struct place place = { .tops = tops };
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;

    try(read_controller(message, &place.is_version_2));
    place.is_given_away = place.is_version_2 && launch->plan->delegates_cgroup;
    bool writes_all = launch->host->criu->options->cgroups != CRIU_CGROUPS_SOFT;
    if (!place.is_version_2 && writes_all)
        return error_hint(refuse("has cgroups of version 1"),
                          "--manage-cgroups-mode soft leaves them alone");
    while (protobuf_next(&reader, &field))
        if (field.number == CONTROLLER_DIRS)
            try(check_directory(&place, &field));
    return end_of(&reader);
}

static fallible check_controllers(const struct launch *launch, struct protobuf_reader entry,
                                  struct tops *tops)
{
    struct protobuf_field field;

    while (protobuf_next(&entry, &field))
        if (field.number == ENTRY_CONTROLLERS)
            try(check_controller(launch, tops, &field));
    return end_of(&entry);
}

/* A place where processes are, of a hierarchy. */
struct member {
    char name[NAME_SIZE], path[NAME_SIZE];
    bool has_prefix;
    uint64_t prefix; /* so much of the path is that of the cgroup namespace */
};

static bool is_end(char c)
{
    return !c || c == '/';
}

static fallible read_member(const struct protobuf_field *message, struct member *member)
{
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;

    *member = (struct member){ .prefix = 0 };
    while (protobuf_next(&reader, &field)) {
        if ((field.number == MEMBER_NAME && !take_name(&field, member->name)) ||
            (field.number == MEMBER_PATH && !take_name(&field, member->path)))
            return refuse("has a name that is none");
        if (field.number == MEMBER_PREFIX) {
            member->has_prefix = true;
            member->prefix = field.value;
        }
    }
    try(end_of(&reader));
    if (restore_leads_out(member->path) || member->prefix > strlen(member->path))
        return refuse("has a name that leads out of the cgroup");
    if (member->has_prefix && (!member->prefix || !is_end(member->path[member->prefix])))
        return refuse("has a cgroup namespace that is not of a cgroup");
    return OK;
}

/* Whoever is in none of them would be in a cgroup of the host's, where nobody looks for it. */
static fallible check_member(const struct member *member, struct tops *tops, bool *is_outside)
{
    if (*member->name)
        return OK;
    for (uint32_t i = 0; i < tops->n && member->path[0] == '/'; i++) {
        struct top *top = &tops->v[i];
        const char *path = member->path + 1;
        if (strlen(path) < top->length || memcmp(path, top->name, top->length) ||
            !is_end(path[top->length]))
            continue;
        if (member->prefix > top->length + 1)
            return refuse("has a cgroup namespace below its cgroups");
        top->is_used = true;
        return OK;
    }
    *is_outside = true;
    return OK;
}

static fallible check_set(const struct protobuf_field *message, struct tops *tops, bool *is_outside)
{
    struct protobuf_reader reader = protobuf_within(message);
    struct protobuf_field field;
    struct member member;

    while (protobuf_next(&reader, &field)) {
        if (field.number != SET_MEMBERS)
            continue;
        try(read_member(&field, &member));
        try(check_member(&member, tops, is_outside));
    }
    return end_of(&reader);
}

/* criu puts our cgroup in the place of a directory only where processes are in it or below. */
static fallible check_sets(struct protobuf_reader entry, struct tops *tops)
{
    struct protobuf_field field;
    bool is_outside = false;

    while (protobuf_next(&entry, &field))
        if (field.number == ENTRY_SETS)
            try(check_set(&field, tops, &is_outside));
    for (uint32_t i = 0; i < tops->n; i++)
        if (!tops->v[i].is_used)
            return refuse("has cgroups that are not the container's");
    return is_outside ? refuse("has processes outside of its cgroups") : OK;
}

fallible restore_check_cgroups(const struct launch *launch)
{
    struct protobuf_reader entry;

    if (launch->host->criu->options->cgroups == CRIU_CGROUPS_IGNORE)
        return OK;
    try(restore_read_image(launch, image_name, cgroup_image, &entry));
    if (!entry.at)
        return OK;
    struct tops tops = { .n = 0 };
    try(check_controllers(launch, entry, &tops));
    return check_sets(entry, &tops);
}
