/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[].options, a line each, behind lines of the type, the source and the destination; as a
 * container with a cgroup and namespaces of its own has them, and one that has neither. */

#include "tests/fuzz/fuzz.h"

#include "libocispec/mount.h"
#include "os/mount_attributes.h"
#include "rootfs/mount_words.h"
#include "rootfs/mounts.h"

enum { TYPE, SOURCE, DESTINATION, OPTIONS, LINES = 256 };

static const struct mounts_context contexts[] = {
    { .has_cgroup_namespace = true, .has_cgroup = true, .label = "a:b:c" },
    { .has_user_namespace = true, .is_in_user_namespace = true, .is_opened_inside = true },
    { .is_live = true },
};

static void check_change(const struct mount_change *change)
{
    uint64_t plain = change->set & ~(uint64_t) MOUNT_ATTR__ATIME;

    /* What is set is not cleared, and of the modes of atime there is one. */
    if (plain & change->clear)
        abort();
    if (change->set & MOUNT_ATTR__ATIME && !(change->clear & MOUNT_ATTR__ATIME))
        abort();
}

static void check_words(const struct oci_mount *mount)
{
    struct mount_words words;
    struct error *error = mount_words_read(mount, "mounts[0]", &arena, &words);

    if (!error) {
        check_change(&words.change);
        check_change(&words.recursive_change);
        for (uint32_t i = 0; i < words.data_count + words.flag_count; i++)
            if (!words.data[i] || !words.data[i][0])
                abort();
    }
    fuzz_judge(error);
}

static void check_plan(const struct oci_mount_array *mounts, const struct mounts_context *context)
{
    struct mounts_plan plan;
    struct error *error = mounts_plan(mounts, context, &arena, &plan);

    if (!error) {
        if (plan.n != 1 || plan.v[0].destination[0] != '/')
            abort();
        mounts_plan_read_only(&plan);
    }
    fuzz_judge(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES], *text = fuzz_begin_text(data, size);
    uint32_t n = fuzz_lines(text, lines, LINES);

    if (n > DESTINATION) {
        struct oci_mount mount = {
            .type = *lines[TYPE] ? lines[TYPE] : NULL,
            .source = *lines[SOURCE] ? lines[SOURCE] : NULL,
            .destination = lines[DESTINATION],
            .options = { (const char **) lines + OPTIONS, n - OPTIONS },
        };
        struct oci_mount *list[] = { &mount };
        const struct oci_mount_array mounts = { list, 1 };
        check_words(&mount);
        for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++)
            check_plan(&mounts, &contexts[i]);
    }
    fuzz_end(text);
    return 0;
}
