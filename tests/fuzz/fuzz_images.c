/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a checkpoint, which may be anybody's work, as restore looks at them before criu
 * does.  The first byte is what is asked of them; then come messages, each behind the number of its
 * image and its length in two bytes; a number with the highest bit is of bytes that are none. */

#include "tests/fuzz/fuzz_directory.h"

#include "base/list.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "launch/restore_mount_images.h"
#include "os/mount_attributes.h"

enum { HEAD = 3, IS_RAW = 0x80, WRITES_CGROUPS = 1, DELEGATES_CGROUP = 2, HAS_USERS = 4 };

static const char mounts_name[] = "mountpoints-1.img";
static const struct {
    const char *name;
    uint32_t magic;
} images[] = {
    { "inventory.img", 0x58313116 },   { "pstree.img", 0x50273030 },
    { "ids-1.img", 0x54432030 },       { mounts_name, 0x55563928 },
    { "cgroup.img", 0x59383330 },      { "files.img", 0x56303138 },
    { "remap-fpath.img", 0x59133954 }, { "ghost-file-1.img", 0x52583605 },
};

static void put(int fd, const void *bytes, size_t size)
{
    if (write(fd, bytes, size) != (ssize_t) size)
        abort();
}

/* A message more at the end of an image. */
static void add_message(unsigned number, const char *bytes, size_t size)
{
    const size_t image = (number & ~(unsigned) IS_RAW) % LENGTH(images);
    const uint32_t length = (uint32_t) size;
    int fd =
        openat(fuzz_directory, images[image].name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat status;

    if (fd < 0 || fstat(fd, &status))
        abort();
    if (!status.st_size)
        put(fd, &images[image].magic, sizeof(images[image].magic));
    if (!(number & IS_RAW))
        put(fd, &length, sizeof(length));
    put(fd, bytes, size);
    close(fd);
}

static void write_images(const char *bytes, size_t size)
{
    for (size_t i = 0; i < LENGTH(images); i++)
        unlinkat(fuzz_directory, images[i].name, 0);
    while (size >= HEAD) {
        const unsigned char *head = (const unsigned char *) bytes;
        size_t length = head[1] | (size_t) head[2] << 8;
        bytes += HEAD;
        size -= HEAD;
        length = length < size ? length : size;
        add_message(head[0], bytes, length);
        bytes += length;
        size -= length;
    }
}

static void check_mounts(const struct launch *launch)
{
    struct image_mounts mounts;
    struct error *error = image_mounts_read(launch, mounts_name, &mounts);

    for (uint32_t i = 0; !error && i < mounts.n; i++)
        if (!mounts.v[i].root || !mounts.v[i].point ||
            image_mounts_find(&mounts, mounts.v[i].id) != &mounts.v[i])
            abort();
    fuzz_judge(error);
}

/* criu makes them read-only in this order: what lies in another comes behind it. */
static void check_sources(const struct criu_work *work)
{
    for (uint32_t i = 0; i < work->source_count; i++) {
        if (work->sources[i].path[0] != '/')
            abort();
        if (i && strlen(work->sources[i - 1].path) > strlen(work->sources[i].path))
            abort();
    }
}

static struct mount_plan mounts[] = {
    { .kind = MOUNT_KIND_NEW, .destination = "/tmp", .filesystem = { .type = "tmpfs" } },
    { .kind = MOUNT_KIND_BIND, .field = "mounts[1]", .destination = "/data", .source = "/usr" },
};
static const char *masked[] = { "/masked" };

static void check(unsigned what)
{
    const struct launch_request request = { .bundle = AT_FDCWD };
    const struct criu_options options = {
        .cgroups = what & WRITES_CGROUPS ? CRIU_CGROUPS_FULL : CRIU_CGROUPS_SOFT,
    };
    struct criu_work work = { .options = &options, .images = fuzz_directory };
    static struct plan plan;
    static struct host host;
    struct launch launch = { .plan = &plan, .host = &host };

    plan.mounts = (struct mounts_plan){ .v = mounts, .n = LENGTH(mounts) };
    plan.masked_paths.masked = masked;
    plan.masked_paths.masked_count = LENGTH(masked);
    plan.delegates_cgroup = what & DELEGATES_CGROUP;
    plan.user_ns.is_new = what & HAS_USERS;
    mounts[1].change.set = what & HAS_USERS ? 0 : MOUNT_ATTR_NODEV;
    host.request = &request;
    host.arena = &arena;
    host.criu = &work;
    check_mounts(&launch);
    fuzz_judge(restore_check_cgroups(&launch));
    arena_clear(&arena);
    struct error *error = restore_check_images(&launch);
    if (!error)
        check_sources(&work);
    fuzz_judge(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    fuzz_make_directory("images");
    char *text = fuzz_begin(data, size);
    write_images(text + 1, size - 1);
    check((unsigned char) text[0]);
    fuzz_end(text);
    return 0;
}
