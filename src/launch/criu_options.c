/* SPDX-License-Identifier: Apache-2.0 */
/* What criu is asked for: the message criu_opts of its images/rpc.proto.  It reads a configuration
 * file behind these, so that what an administrator writes there wins (org.criu.config). */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/annotations.h"
#include "launch/criu.h"
#include "libocispec/config.h"

enum { OPTIONS_SIZE = 1 << 18, INNER_SIZE = 4096, LOG_LEVEL = 4 };

/* Of criu_opts. */
enum {
    OPT_IMAGES_DIR_FD = 1,
    OPT_PID = 2,
    OPT_LEAVE_RUNNING = 3,
    OPT_EXT_UNIX_SK = 4,
    OPT_TCP_ESTABLISHED = 5,
    OPT_SHELL_JOB = 7,
    OPT_FILE_LOCKS = 8,
    OPT_LOG_LEVEL = 9,
    OPT_LOG_FILE = 10,
    OPT_PS = 11,
    OPT_NOTIFY_SCRIPTS = 12,
    OPT_ROOT = 13,
    OPT_PARENT_IMG = 14,
    OPT_TRACK_MEM = 15,
    OPT_AUTO_DEDUP = 16,
    OPT_WORK_DIR_FD = 17,
    OPT_LINK_REMAP = 18,
    OPT_CG_ROOT = 25,
    OPT_RST_SIBLING = 26,
    OPT_INHERIT_FD = 27,
    OPT_MANAGE_CGROUPS_MODE = 34,
    OPT_EXTERNAL = 37,
    OPT_EMPTY_NS = 38,
    OPT_JOIN_NS = 39,
    OPT_FREEZE_CGROUP = 44,
    OPT_TCP_SKIP_IN_FLIGHT = 46,
    OPT_LAZY_PAGES = 48,
    OPT_STATUS_FD = 49,
    OPT_ORPHAN_PTS_MASTER = 50,
    OPT_CONFIG_FILE = 51,
    OPT_TCP_CLOSE = 52,
    OPT_LSM_PROFILE = 53,
    OPT_LSM_MOUNT_CONTEXT = 63,
    OPT_NETWORK_LOCK = 64,
};

/* Of criu_page_server_info, inherit_fd, cgroup_root and join_namespace. */
enum {
    PS_ADDRESS = 1,
    PS_PORT = 2,
    INHERIT_KEY = 1,
    INHERIT_FD = 2,
    ROOT_CONTROLLER = 1,
    ROOT_PATH = 2,
    JOIN_NS = 1,
    JOIN_FILE = 2
};

static void write_flags(struct protobuf *message, const struct criu_options *options)
{
    const struct {
        uint32_t field;
        bool is_set;
    } flags[] = {
        { OPT_LEAVE_RUNNING, options->leaves_running },
        { OPT_EXT_UNIX_SK, options->has_ext_unix_sk },
        { OPT_TCP_ESTABLISHED, options->has_tcp_established },
        { OPT_TCP_CLOSE, options->has_tcp_close },
        { OPT_TCP_SKIP_IN_FLIGHT, options->has_tcp_skip_in_flight },
        { OPT_SHELL_JOB, options->has_shell_job },
        { OPT_FILE_LOCKS, options->has_file_locks },
        { OPT_LINK_REMAP, options->has_link_remap },
        { OPT_AUTO_DEDUP, options->has_auto_dedup },
        { OPT_LAZY_PAGES, options->has_lazy_pages },
        { OPT_ORPHAN_PTS_MASTER, true },
    };

    for (size_t i = 0; i < LENGTH(flags); i++)
        if (flags[i].is_set)
            protobuf_number(message, flags[i].field, 1);
}

static void write_texts(struct protobuf *message, const struct criu_options *options)
{
    const struct {
        uint32_t field;
        const char *text;
    } texts[] = {
        { OPT_LSM_PROFILE, options->lsm_profile },
        { OPT_LSM_MOUNT_CONTEXT, options->lsm_mount_context },
    };

    for (size_t i = 0; i < LENGTH(texts); i++)
        if (texts[i].text)
            protobuf_text(message, texts[i].field, texts[i].text);
}

/* By the descriptor: what was checked is what criu reads. */
static void write_config_file(struct protobuf *message, const struct criu_work *work)
{
    char path[sizeof("/proc/self/fd/") + 10];

    if (work->config < 0)
        return;
    text_format(path, sizeof(path), "/proc/self/fd/%d", work->config);
    protobuf_text(message, OPT_CONFIG_FILE, path);
}

static void write_page_server(struct protobuf *message, const struct criu_options *options)
{
    char bytes[INNER_SIZE];
    struct protobuf inner = { .bytes = bytes, .size = sizeof(bytes) };

    if (!options->page_server)
        return;
    if (*options->page_server)
        protobuf_text(&inner, PS_ADDRESS, options->page_server);
    protobuf_number(&inner, PS_PORT, options->page_server_port);
    protobuf_message(message, OPT_PS, &inner);
}

/* What stands there may let criu run programs on the host. */
static fallible open_config_file(const char *path, int *fd)
{
    struct stat status;
    auto_close int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (opened < 0)
        return error_errno(ERROR_PATH, "open %s", path);
    if (fstat(opened, &status))
        return error_system("look at %s", path);
    if (!S_ISREG(status.st_mode))
        return error_new(ERROR_PATH, "%s is no regular file", path);
    try(criu_check_owner(opened, path));
    *fd = take_fd(&opened);
    return OK;
}

fallible criu_config_open(struct criu_work *work, const struct oci_config *config)
{
    const char *asked = annotations_find(&config->annotations, ANNOTATION_CRIU_CONFIG);

    if (asked && *asked)
        return error_field(error_within(open_config_file(asked, &work->config),
                                        "annotations: " ANNOTATION_CRIU_CONFIG),
                           "annotations");
    struct error *error = asked ? OK : open_config_file("/etc/criu/tare.conf", &work->config);
    return error_forget_if(error, ENOENT) ? OK : error;
}

fallible criu_options_write(struct criu_work *work, struct arena *arena)
{
    const struct criu_options *options = work->options;
    struct protobuf *message = &work->message;

    *message = (struct protobuf){ .size = OPTIONS_SIZE };
    try_new(message->bytes, arena, OPTIONS_SIZE);
    protobuf_number(message, OPT_IMAGES_DIR_FD, (uint64_t) work->images);
    protobuf_number(message, OPT_WORK_DIR_FD, (uint64_t) work->work);
    protobuf_number(message, OPT_LOG_LEVEL, LOG_LEVEL);
    protobuf_text(message, OPT_LOG_FILE, work->log);
    write_flags(message, options);
    write_texts(message, options);
    write_config_file(message, work);
    write_page_server(message, options);
    protobuf_number(message, OPT_MANAGE_CGROUPS_MODE, options->cgroups);
    if (options->network_lock)
        protobuf_number(message, OPT_NETWORK_LOCK, options->network_lock);
    if (options->has_empty_network)
        protobuf_number(message, OPT_EMPTY_NS, CLONE_NEWNET);
    if (options->status_fd >= 0)
        protobuf_number(message, OPT_STATUS_FD, (uint64_t) options->status_fd);
    return OK;
}

fallible criu_external_add(struct criu_work *work, const char *format, ...)
{
    char text[INNER_SIZE * 3];
    va_list args;

    va_start(args, format);
    size_t length = text_format_list(text, sizeof(text), format, args);
    va_end(args);
    if (length >= sizeof(text))
        return error_new(ERROR_PATH, "the name of a mount is too long for criu");
    protobuf_text(&work->message, OPT_EXTERNAL, text);
    return OK;
}

void criu_inherit_add(struct criu_work *work, const char *key, int fd)
{
    char bytes[INNER_SIZE];
    struct protobuf inner = { .bytes = bytes, .size = sizeof(bytes) };

    protobuf_text(&inner, INHERIT_KEY, key);
    protobuf_number(&inner, INHERIT_FD, (uint64_t) fd);
    protobuf_message(&work->message, OPT_INHERIT_FD, &inner);
}

void criu_cgroup_add(struct criu_work *work, const char *path)
{
    char bytes[INNER_SIZE];
    struct protobuf inner = { .bytes = bytes, .size = sizeof(bytes) };

    protobuf_text(&inner, ROOT_CONTROLLER, ""); /* version 2 has no name */
    protobuf_text(&inner, ROOT_PATH, path);
    protobuf_message(&work->message, OPT_CG_ROOT, &inner);
}

void criu_join_add(struct criu_work *work, const char *name, const char *path)
{
    char bytes[INNER_SIZE];
    struct protobuf inner = { .bytes = bytes, .size = sizeof(bytes) };

    protobuf_text(&inner, JOIN_NS, name);
    protobuf_text(&inner, JOIN_FILE, path);
    protobuf_message(&work->message, OPT_JOIN_NS, &inner);
}

void criu_dump_add(struct criu_work *work, pid_t pid, const char *cgroup)
{
    const struct criu_options *options = work->options;

    if (options->is_pre_dump || options->parent)
        protobuf_number(&work->message, OPT_TRACK_MEM, 1);
    if (options->parent)
        protobuf_text(&work->message, OPT_PARENT_IMG, options->parent);
    protobuf_number(&work->message, OPT_PID, (uint64_t) pid);
    if (cgroup)
        protobuf_text(&work->message, OPT_FREEZE_CGROUP, cgroup);
}

void criu_restore_add(struct criu_work *work, const char *root)
{
    protobuf_number(&work->message, OPT_NOTIFY_SCRIPTS, 1);
    protobuf_number(&work->message, OPT_RST_SIBLING, 1);
    if (root)
        protobuf_text(&work->message, OPT_ROOT, root);
}

void criu_label_add(struct criu_work *work, const char *module, const char *name)
{
    char text[INNER_SIZE];

    text_format(text, sizeof(text), "%s:%s", module, name);
    protobuf_text(&work->message, OPT_LSM_PROFILE, text);
}
