/* SPDX-License-Identifier: Apache-2.0 */
/* The option idmap with mappings in it, as Podman hands it on: "idmap=uids=0-1-10#10-11-10;gids=
 * @0-100-10".  What surprises: the numbers are those of a user namespace's maps, joined by dashes,
 * and "@" makes the second an id of the container. */

#include <string.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/mount.h"
#include "rootfs/mount_idmap.h"

enum { NUMBER_SIZE = 12 };

/* The number at the place, which ends before END or one of "#;" or the text; moves behind END. */
static bool take_number(const char **at, char end, uint32_t *number)
{
    size_t length = strspn(*at, "0123456789");
    char digits[NUMBER_SIZE];
    uint64_t value;
    if (length == 0 || length >= sizeof(digits))
        return false;
    memcpy(digits, *at, length);
    digits[length] = '\0';
    *at += length;
    if (!text_to_unsigned(digits, UINT32_MAX, &value) || (end && **at != end))
        return false;
    *number = (uint32_t) value;
    *at += end != '\0';
    return true;
}

static bool take_range(const char **at, struct oci_idmap *range)
{
    return take_number(at, '-', &range->container_id) && take_number(at, '-', &range->host_id) &&
           take_number(at, '\0', &range->size);
}

static fallible take_ranges(const char **at, struct arena *arena, struct mount_idmap_list *list,
                            bool *is_good)
{
    uint32_t most = 1;
    for (const char *c = *at; *c; c++)
        most += *c == '#';
    try_new(list->ids.v, arena, most);
    try_new(list->are_relative, arena, most);
    *is_good = true;
    do {
        struct oci_idmap *range;
        try_new(range, arena, 1);
        list->are_relative[list->ids.n] = **at == '@';
        *at += **at == '@';
        *is_good = take_range(at, range);
        list->ids.v[list->ids.n++] = range;
    } while (*is_good && *(*at)++ == '#');
    --*at;
    return OK;
}

fallible mount_idmap_parse(const char *text, const char *field, struct arena *arena,
                           struct mount_idmap_lists *lists)
{
    struct mount_idmap_lists made = { 0 };
    bool is_good = true;
    for (const char *at = text; is_good && *at; at += *at == ';') {
        struct mount_idmap_list *list = text_starts(at, "uids=") ? &made.uids : &made.gids;
        is_good = !list->ids.n && (list == &made.uids || text_starts(at, "gids="));
        if (!is_good)
            break;
        at += strlen("uids=");
        try(take_ranges(&at, arena, list, &is_good));
        is_good = is_good && (!*at || *at == ';');
    }
    if (!is_good || !made.uids.ids.n || !made.gids.ids.n)
        return error_hint(error_config(field, "'%s' is no list of mappings", text),
                          "as in idmap=uids=0-1000-10#10-2000-1;gids=0-1000-10: ids of the "
                          "filesystem, of the host, how many; with @ in front ids of the container "
                          "in place of the host's");
    *lists = made;
    return OK;
}
