/* SPDX-License-Identifier: Apache-2.0 */
/* check: which ids a container could get.  Those of root are ours; those of a plain user stand in
 * /etc/subuid and /etc/subgid (subuid(5)), and are mapped by newuidmap and newgidmap, here too. */

#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "container/check_probes.h"
#include "libocispec/mount.h"
#include "namespace/user_ns.h"
#include "os/fd.h"
#include "os/proc.h"
#include "os/program.h"
#include "os/self.h"
#include "os/user_namespace.h"

enum { FILE_MOST = 1 << 20, MAP_SIZE = 16384, USUAL = 65536, NUMBER_SIZE = 16 };

/* The field NUMBER of a line, between colons. */
static const char *find_field(const char *line, unsigned number, size_t *length)
{
    const char *end = line + strcspn(line, "\n");

    while (number-- && line < end) {
        line += strcspn(line, ":\n");
        line += *line == ':';
    }
    *length = strcspn(line, ":\n");
    return line;
}

static bool field_is(const char *line, unsigned number, const char *text)
{
    size_t length;
    const char *found = find_field(line, number, &length);

    return length == strlen(text) && strncmp(found, text, length) == 0;
}

static bool read_number(const char *line, unsigned number, uint32_t *value)
{
    size_t length;
    const char *found = find_field(line, number, &length);
    char text[NUMBER_SIZE];
    uint64_t read;

    text_format(text, sizeof(text), "%.*s", (int) length, found);
    if (length >= sizeof(text) || !text_to_unsigned(text, UINT32_MAX, &read))
        return false;
    *value = (uint32_t) read;
    return true;
}

static const char *next_line(const char *line)
{
    line = strchrnul(line, '\n');
    return line + (*line == '\n');
}

static fallible read_file(const char *path, struct arena *arena, const char **text)
{
    const struct fd_file file = { open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), 0 };

    if (file.fd < 0)
        return error_system("open %s", path);
    struct error *error = fd_read_file(&file, FILE_MOST, arena, text, NULL);
    close(file.fd);
    return error_within(error, "read %s", path);
}

/* By files alone: what /etc/nsswitch.conf says would load code. */
static const char *find_name(const char *number, struct arena *arena)
{
    const char *text;
    size_t length;
    struct error *error = read_file("/etc/passwd", arena, &text);

    error_forget(error);
    for (const char *line = error ? "" : text; *line; line = next_line(line))
        if (field_is(line, 2, number)) {
            const char *name = find_field(line, 0, &length);
            return arena_copy(arena, name, length);
        }
    return NULL;
}

/* The largest range that FILE grants us, by name or by number. */
static fallible find_grant(const char *file, struct arena *arena, struct id_range *range)
{
    char number[NUMBER_SIZE];
    const char *text;

    text_format(number, sizeof(number), "%u", (unsigned) self_user());
    const char *name = find_name(number, arena);
    *range = (struct id_range){ 0, 0 };
    try(read_file(file, arena, &text));
    for (const char *line = text; *line; line = next_line(line)) {
        struct id_range found;
        bool is_ours = field_is(line, 0, number) || (name && field_is(line, 0, name));
        if (is_ours && read_number(line, 1, &found.first) && read_number(line, 2, &found.count) &&
            found.count > range->count)
            *range = found;
    }
    if (range->count)
        return OK;
    return error_hint(error_new(ERROR_PROGRAM, "%s grants uid %s nothing", file, number),
                      "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s",
                      name ? name : number);
}

/* The largest range of our own user namespace. */
static fallible find_own(const char *file, struct arena *arena, struct id_range *range)
{
    char text[MAP_SIZE];
    struct id_map map;

    try(proc_read_self(file, text, sizeof(text)));
    try(id_map_parse(text, arena, &map));
    *range = (struct id_range){ 0, 0 };
    for (uint32_t i = 0; i < map.n; i++)
        if (map.v[i].size > range->count)
            *range = (struct id_range){ map.v[i].inside, map.v[i].size };
    return OK;
}

static fallible plan_map(const char *field, const struct id_range *range, struct arena *arena,
                         struct id_map *map)
{
    struct oci_idmap mapping = { 0, range->first, range->count };
    struct oci_idmap *list[] = { &mapping };
    const struct oci_idmap_array mappings = { list, 1 };

    return id_map_plan(field, &mappings, arena, map);
}

fallible check_map(const struct id_range *uids, const struct id_range *gids, struct arena *arena,
                   int *namespace)
{
    struct id_map uid_map, gid_map;
    const struct user_ns_maps maps = { &uid_map, &gid_map, "linux.uidMappings",
                                       "linux.gidMappings" };

    try(plan_map(maps.uid_field, uids, arena, &uid_map));
    try(plan_map(maps.gid_field, gids, arena, &gid_map));
    return user_ns_make(&maps, arena, namespace);
}

fallible check_id_ranges(struct probe *probe)
{
    bool is_root = self_has_capability(CAP_SETUID) && self_has_capability(CAP_SETGID);
    auto_close int namespace = -1;
    struct id_range uids, gids;

    if (is_root) {
        try(find_own("uid_map", probe->arena, &uids));
        try(find_own("gid_map", probe->arena, &gids));
    } else {
        try(find_grant("/etc/subuid", probe->arena, &uids));
        try(find_grant("/etc/subgid", probe->arena, &gids));
    }
    try(check_map(&uids, &gids, probe->arena, &namespace));
    uint32_t least = uids.count < gids.count ? uids.count : gids.count;
    text_format(probe->found, TRIAL_FOUND_SIZE, "%u ids, from %u on", least, uids.first);
    if (least >= USUAL)
        return OK;
    return error_new(ERROR_UNSUPPORTED, "%u of the %d ids that images expect can be mapped", least,
                     USUAL);
}

/* By the set-user-ID bit, or by capabilities of the file. */
fallible check_id_program(struct probe *probe)
{
    char path[PROGRAM_PATH_SIZE];
    struct stat status;

    if (self_has_capability(CAP_SETUID) && self_has_capability(CAP_SETGID))
        return error_new(ERROR_PROGRAM, "we map ids ourselves");
    try(program_find(probe->check->name, path));
    text_format(probe->found, TRIAL_FOUND_SIZE, "%s", path);
    if (stat(path, &status))
        return error_system("look at %s", path);
    if (status.st_mode & S_ISUID || getxattr(path, "security.capability", NULL, 0) > 0)
        return OK;
    return error_new(ERROR_PROGRAM, "%s has neither the set-user-ID bit nor capabilities", path);
}
