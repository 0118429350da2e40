/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/PID/mountinfo of a container, which mounts what it likes. */

#include "tests/fuzz/fuzz_directory.h"

#include "os/mount_list.h"

static void check(const struct mount_list *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct mount_entry *entry = &list->v[i];
        const struct mount_entry *seen = mount_list_find_point(list, entry->point);
        const char *below = mount_list_below(entry->point, list->v[0].point);
        const struct mount_entry *found = mount_list_find(list, entry->id);
        if (entry->point[0] != '/' || !entry->device || !entry->root || !entry->type ||
            !entry->options)
            abort();
        if (!seen || seen < entry || !found || found > entry || (below && below[0] != '/'))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mount_list list;

    fuzz_make_directory("0");
    char *text = fuzz_begin(data, size);
    fuzz_write_file("mountinfo", text, size);
    struct error *error = mount_list_read(fuzz_parent, 0, &arena, &list);
    if (!error)
        check(&list);
    fuzz_judge(error);
    fuzz_end(text);
    return 0;
}
