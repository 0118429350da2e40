/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of ids: as /proc shows those of others, and as the option idmap of a mount has them.  What
 * is taken for a map can be planned, or is refused by its field; written down and read again it is
 * the same. */

#include "tests/fuzz/fuzz.h"

#include "libocispec/mount.h"
#include "namespace/id_map.h"
#include "rootfs/mount_idmap.h"

static struct oci_idmap_array convert(const struct id_map *map)
{
    static struct oci_idmap ranges[ID_MAPPINGS], *list[ID_MAPPINGS];

    if (map->n > ID_MAPPINGS)
        abort();
    for (uint32_t i = 0; i < map->n; i++) {
        const struct id_mapping *from = &map->v[i];
        ranges[i] = (struct oci_idmap){ from->inside, from->outside, from->size };
        list[i] = &ranges[i];
    }
    return (struct oci_idmap_array){ list, map->n };
}

/* No id is mapped twice, so that each range says where its own first and last ids are. */
static void check_ids(const struct id_map *map)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const struct id_mapping *range = &map->v[i];
        uint32_t first, last;
        if (!id_map_find(map, range->inside, &first) || first != range->outside ||
            !id_map_find(map, range->inside + range->size - 1, &last) ||
            last != range->outside + range->size - 1)
            abort();
    }
}

static void check_plan(const struct oci_idmap_array *ids)
{
    struct id_map planned, again;
    struct error *error = id_map_plan("linux.uidMappings", ids, &arena, &planned);

    if (!error) {
        check_ids(&planned);
        if (id_map_parse(planned.text, &arena, &again) || !id_map_is_same(&planned, &again))
            abort();
    }
    fuzz_judge(error);
}

static void check_proc(const char *text)
{
    struct id_map map;
    struct error *error = id_map_parse(text, &arena, &map);

    if (!error) {
        const struct oci_idmap_array ids = convert(&map);
        if (!id_map_is_same(&map, &map))
            abort();
        check_plan(&ids);
    }
    fuzz_judge(error);
}

static void check_option(const char *text)
{
    struct mount_idmap_lists lists;
    struct error *error = mount_idmap_parse(text, "mounts[0].options[0]", &arena, &lists);

    if (!error) {
        if (!lists.uids.ids.n || !lists.gids.ids.n)
            abort();
        check_plan(&lists.uids.ids);
        check_plan(&lists.gids.ids);
    }
    fuzz_judge(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin_text(data, size);

    check_proc(text);
    check_option(text);
    fuzz_end(text);
    return 0;
}
