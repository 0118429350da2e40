/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories that criu reads and writes: of the images, and of its log.
 *
 * criu follows symbolic links wherever it opens a file, and we run it as root.  So a directory must
 * be ours alone, and hold no links, but the one that criu makes: "parent", to the images before
 * (R21).  An old log is removed before it could be followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "launch/criu.h"
#include "os/directory.h"
#include "os/path.h"
#include "os/self.h"

static fallible refuse(const char *path, const char *reason)
{
    return error_new(ERROR_BUNDLE, "%s %s", path, reason);
}

/* Nobody else may change what is in it. */
fallible criu_check_owner(int fd, const char *path)
{
    struct stat status;

    if (fstat(fd, &status))
        return error_system("look at %s", path);
    if (status.st_uid != 0 && status.st_uid != self_user())
        return refuse(path, "belongs to somebody else");
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return error_hint(refuse(path, "can be written by others"),
                          "criu works with it as root: chmod go-w");
    return OK;
}

static fallible open_directory(const char *path, int *fd)
{
    auto_close int opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (opened < 0)
        return error_errno(ERROR_BUNDLE, "open %s", path);
    try(criu_check_owner(opened, path));
    *fd = take_fd(&opened);
    return OK;
}

/* Of a directory beside this one: "../NAME". */
static const char *find_sibling(const char *link)
{
    static const char beginning[] = "../";
    const char *name = text_starts(link, beginning) ? link + strlen(beginning) : "";
    bool is_name = *name && !strchr(name, '/') && !text_equal(name, ".") && !text_equal(name, "..");
    return is_name ? name : NULL;
}

static fallible check_link(int directory, const char *path, const char *name)
{
    char link[PATH_MAX];
    ssize_t length = readlinkat(directory, name, link, sizeof(link) - 1);

    link[length > 0 ? length : 0] = '\0';
    return text_equal(name, "parent") && find_sibling(link)
               ? OK
               : error_hint(error_new(ERROR_BUNDLE, "%s/%s leads out of the images", path, name),
                            "\"parent\" alone may be a link, to a directory beside: ../NAME");
}

/* criu's own, of the server that has the pages. */
static bool is_lazy_socket(const char *name, mode_t mode)
{
    return S_ISSOCK(mode) && text_equal(name, "lazy-pages.socket");
}

static fallible check_entry(int directory, const char *path, const char *name)
{
    struct stat status;

    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW))
        return error_system("look at %s/%s", path, name);
    if (S_ISLNK(status.st_mode))
        return check_link(directory, path, name);
    if (is_lazy_socket(name, status.st_mode))
        return OK;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return error_new(ERROR_BUNDLE, "%s/%s is neither a file nor a directory", path, name);
    bool is_ours = status.st_uid == 0 || status.st_uid == self_user();
    if (!is_ours || status.st_mode & (S_IWGRP | S_IWOTH))
        return error_hint(error_new(ERROR_BUNDLE, "%s/%s can be written by others", path, name),
                          "criu reads it as root: chown root, chmod go-w");
    return OK;
}

static fallible check_entries(int fd, const char *path, bool *is_empty)
{
    struct directory directory;
    struct directory_entry entry;

    *is_empty = true;
    try(directory_begin(fd, &directory));
    for (;;) {
        try(directory_next(&directory, &entry));
        if (!entry.name)
            return OK;
        *is_empty = false;
        try(check_entry(fd, path, entry.name));
    }
}

/* -1: there is none. */
static fallible open_parent(int images, int *parent)
{
    char link[PATH_MAX];

    ssize_t length = readlinkat(images, "parent", link, sizeof(link) - 1);
    *parent = -1;
    if (length < 0 && (errno == ENOENT || errno == EINVAL))
        return OK;
    link[length > 0 ? length : 0] = '\0';
    if (!find_sibling(link))
        return error_new(ERROR_BUNDLE, "'%s' is not ../NAME", link);
    auto_close int opened = openat(images, link, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0)
        return error_errno(ERROR_BUNDLE, "'%s'", link);
    *parent = take_fd(&opened);
    return OK;
}

/* The images before, and those before them. */
static fallible open_parents(struct criu_work *work)
{
    const char *path = work->options->images;
    int images = work->images;
    bool is_empty;

    while (work->parent_count < CRIU_PARENTS) {
        auto_close int next = -1;
        try_within(open_parent(images, &next), "open the parent of %s", path);
        if (next < 0)
            return OK;
        try(criu_check_owner(next, "the parent of the images"));
        try(check_entries(next, "the parent of the images", &is_empty));
        images = take_fd(&next);
        work->parents[work->parent_count++] = images;
    }
    return refuse(path, "has too many parents");
}

/* --parent-path names the images before by their way from the new ones. */
static fallible check_parent(const struct criu_work *work)
{
    const char *parent = work->options->parent;

    if (!parent)
        return OK;
    if (!find_sibling(parent))
        return error_hint(error_new(ERROR_USAGE, "--parent-path '%s' is not ../NAME", parent),
                          "it has to be a directory beside that of --image-path");
    auto_close int fd =
        openat(work->images, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_errno(ERROR_BUNDLE, "--parent-path: open %s/%s", work->options->images,
                           parent);
    return criu_check_owner(fd, parent);
}

/* What was left by another time is not written over, but removed. */
static fallible remove_old(int work, const char *log)
{
    const char *const names[] = { log, "stats-dump", "stats-restore" };

    for (size_t i = 0; i < LENGTH(names); i++)
        if (unlinkat(work, names[i], 0) && errno != ENOENT)
            return error_system("remove the old %s", names[i]);
    return OK;
}

static fallible open_work(struct criu_work *work)
{
    const char *path = work->options->work;

    if (path)
        try_within(open_directory(path, &work->work), "--work-path");
    else
        work->work = fcntl(work->images, F_DUPFD_CLOEXEC, 0);
    if (work->work < 0)
        return error_system("duplicate a descriptor");
    return remove_old(work->work, work->log);
}

static fallible admit(struct criu_work *work, int directory, const char *path)
{
    struct criu_admission *admission = &work->admitted[work->admitted_count];
    struct stat status;

    if (fstat(directory, &status))
        return error_system("look at %s", path);
    if (status.st_mode & S_IXOTH || (status.st_gid == work->group && status.st_mode & S_IXGRP))
        return OK;
    *admission = (struct criu_admission){ .group = status.st_gid, .mode = status.st_mode & 07777 };
    admission->fd = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    if (admission->fd < 0)
        return error_system("duplicate a descriptor");
    work->admitted_count++;
    if (fchown(directory, (uid_t) -1, work->group) ||
        fchmod(directory, (status.st_mode & 0777) | S_IXGRP))
        return error_system("open %s to group %u", path, work->group);
    return OK;
}

/* Once all is restored, or nothing is. */
static void dismiss_container(struct criu_work *work)
{
    while (work->admitted_count) {
        struct criu_admission *admission = &work->admitted[--work->admitted_count];
        if (fchown(admission->fd, (uid_t) -1, admission->group) ||
            fchmod(admission->fd, admission->mode))
            log_warning("the directories of the images stay open to group %u", work->group);
        close_fd(&admission->fd);
    }
}

/* In a user namespace it is the container's root that opens images: it may pass, and name them. */
static fallible admit_container(struct criu_work *work)
{
    if (!work->group)
        return OK;
    try(admit(work, work->images, work->options->images));
    for (uint32_t i = 0; i < work->parent_count; i++)
        try(admit(work, work->parents[i], "the parent of the images"));
    return OK;
}

fallible criu_directories_open(struct criu_work *work)
{
    const char *path = work->options->images;
    bool is_empty;

    try_within(open_directory(path, &work->images), "--image-path");
    try_within(check_entries(work->images, path, &is_empty), "--image-path");
    try_within(open_parents(work), "--image-path");
    try(check_parent(work));
    try(admit_container(work));
    return open_work(work);
}

static fallible make_directory(const char *path)
{
    char full[PATH_MAX], here[PATH_MAX];
    auto_close int fd = -1, root = -1;

    if (path[0] != '/' && !getcwd(here, sizeof(here)))
        return error_system("find the current directory");
    size_t length = text_format(full, sizeof(full), "%s/%s", path[0] == '/' ? "" : here, path);
    if (length >= sizeof(full))
        return error_new(ERROR_USAGE, "the name is too long");
    root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return error_system("open /");
    return path_make_directory(root, full, S_IRWXU, &fd);
}

fallible criu_directories_make(struct criu_work *work)
{
    const struct criu_options *options = work->options;

    try_within(make_directory(options->images), "--image-path");
    if (options->work)
        try_within(make_directory(options->work), "--work-path");
    try_within(open_directory(options->images, &work->images), "--image-path");
    try_within(check_entries(work->images, options->images, &work->has_made_images),
               "--image-path");
    try(check_parent(work));
    return open_work(work);
}

/* Where pages that it restores go from the images before, too (--auto-dedup). */
static fallible add_parents(const struct criu_work *work, struct criu_places *places,
                            struct criu_start *start)
{
    const char *path = work->options->images;

    for (uint32_t i = 0; i < work->parent_count; i++) {
        try_print(path, start->arena, "%s/parent", path);
        places->directories[start->directory_count++] =
            (struct criu_directory){ work->parents[i], path };
    }
    return OK;
}

fallible criu_places_fill(const struct criu_work *work, struct criu_places *places,
                          struct criu_start *start)
{
    const struct criu_options *options = work->options;

    places->directories[0] = (struct criu_directory){ work->images, options->images };
    places->directories[1] =
        (struct criu_directory){ work->work, options->work ? options->work : options->images };
    start->directories = places->directories;
    start->directory_count = CRIU_DIRECTORIES;
    start->sources = work->sources;
    start->source_count = work->source_count;
    if (options->status_fd >= 0)
        places->fds[start->inherited_count++] = options->status_fd;
    if (work->config >= 0)
        places->fds[start->inherited_count++] = work->config;
    start->inherited = places->fds;
    return start->arena && options->has_auto_dedup ? add_parents(work, places, start) : OK;
}

void criu_directories_close(struct criu_work *work)
{
    dismiss_container(work);
    while (work->parent_count)
        close_fd(&work->parents[--work->parent_count]);
    close_fd(&work->images);
    close_fd(&work->work);
    close_fd(&work->config);
}

static bool is_image(const char *name)
{
    return text_ends(name, ".img") || text_equal(name, "parent") ||
           text_equal(name, "descriptors.json");
}

void criu_images_remove(struct criu_work *work)
{
    struct directory directory;
    struct directory_entry entry = { .name = NULL };

    if (!work->has_made_images)
        return;
    struct error *error = directory_begin(work->images, &directory);
    while (!error) {
        error = directory_next(&directory, &entry);
        if (error || !entry.name)
            break;
        if (is_image(entry.name))
            unlinkat(work->images, entry.name, 0);
    }
    error_forget(error);
    rmdir(work->options->images); /* if it is empty */
}
