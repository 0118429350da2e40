/* SPDX-License-Identifier: Apache-2.0 */
/* What `run`, `create` and in part `exec` share: their options, and the way from there to a launch.
 */

#include "cli/launch_options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/listen_fds.h"
#include "cli/options.h"
#include "cli/output.h"
#include "container/notify.h"
#include "container/spec.h"
#include "container/validate.h"
#include "state/notify_socket.h"

enum { FIRST_PRESERVED = 3, MOST_PRESERVED = 1024 };

struct launch_options launch_options;

static fallible count_preserved(uint32_t *count)
{
    uint64_t number = 0;
    const char *text = launch_options.preserved_fds;

    if (text && !text_to_unsigned(text, MOST_PRESERVED, &number))
        return error_new(ERROR_USAGE, "--preserve-fds '%s' is not a number from 0 to %d", text,
                         MOST_PRESERVED);
    try(listen_fds_count(MOST_PRESERVED, count));
    *count += (uint32_t) number;
    return OK;
}

/* Each one opened takes the lowest hole there is; they stay until tare ends. */
fallible launch_options_reserve_fds(void)
{
    uint32_t count = 0;

    try(count_preserved(&count));
    int end = FIRST_PRESERVED + (int) count;
    for (int last = -1; count && last < end;) {
        auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (null < 0)
            return error_system("--preserve-fds %u: reserve descriptor numbers", count);
        last = null;
        if (null < end)
            take_fd(&null);
    }
    return OK;
}

static enum cgroup_manager choose_manager(void)
{
    const char *name = global_options.cgroup_manager;

    if (name && text_equal(name, "disabled"))
        return CGROUP_MANAGER_DISABLED;
    if (global_options.is_systemd_cgroup || (name && text_equal(name, "systemd")))
        return CGROUP_MANAGER_SYSTEMD;
    return CGROUP_MANAGER_CGROUPFS;
}

/* A name that can never be had is refused while nothing is made yet. */
static fallible check_pid_file(const char *path)
{
    char directory[PATH_MAX];
    struct stat status;

    if (!path)
        return OK;
    const char *slash = strrchr(path, '/');
    bool is_directory = !lstat(path, &status) && S_ISDIR(status.st_mode);
    if (is_directory || (slash && !slash[1])) {
        errno = EISDIR;
        return error_system("--pid-file: write '%s'", path);
    }
    int length = slash ? (int) (slash - path) + 1 : 1;
    text_format(directory, sizeof(directory), "%.*s", length, slash ? path : ".");
    if (faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS))
        return error_call(error_system("--pid-file: create '%s'", path), CALL_OPEN, path);
    return OK;
}

fallible launch_options_check(void)
{
    try(options_check_value("pid-file", launch_options.pid_file));
    try(options_check_value("console-socket", launch_options.console_socket));
    try(options_check_value("pidfd-socket", launch_options.pidfd_socket));
    try(options_check_value("trace", launch_options.trace));
    return check_pid_file(launch_options.pid_file);
}

static fallible check_options(void)
{
    const char *format = launch_options.format;

    if (format && !launch_options.is_dry_run)
        return error_new(ERROR_USAGE, "--format is for --dry-run alone");
    if (format && !text_equal(format, "text") && !text_equal(format, "json"))
        return error_new(ERROR_USAGE, "--format '%s' is neither text nor json", format);
    try(options_check_value("bundle", launch_options.bundle));
    try(options_check_value("config", launch_options.config));
    return launch_options_check();
}

fallible launch_options_fill(struct arena *arena, struct launch_request *request)
{
    uint32_t listeners;

    request->terminal.console_socket = launch_options.console_socket;
    request->pid_file = launch_options.pid_file;
    request->pidfd_socket = launch_options.pidfd_socket;
    request->has_no_new_keyring = launch_options.has_no_new_keyring;
    request->trace = launch_options.trace;
    try(listen_fds_count(MOST_PRESERVED, &listeners));
    try(listen_fds_announce(listeners, arena, request));
    return count_preserved(&request->preserved_fds);
}

/* That the container is ready can be told to who started us, and asks to be told.  A process that
 * is restored has what it is to notify already. */
static fallible give_notify_socket(const struct store *store, struct arena *arena,
                                   struct launch_request *request)
{
    char here[PATH_MAX] = "";
    const char *place;

    if (request->restore || !request->store || !notify_is_wanted(getenv("NOTIFY_SOCKET")))
        return OK;
    if (*store->path != '/' && !getcwd(here, sizeof(here)))
        return error_system("find the current directory");
    try_print(place, arena, "%s%s%s/%s/" NOTIFY_DIRECTORY, here, *here ? "/" : "", store->path,
              request->id);
    return notify_give(request, place, arena);
}

/* Of a root filesystem the words are the command. */
static const char *find_id(const struct invocation *invocation)
{
    return launch_options.rootfs ? launch_options.id : invocation->words[0];
}

static fallible fill_request(struct invocation *invocation, struct launch_call *call)
{
    struct launch_request request = {
        .id = find_id(invocation),
        .store = launch_options.is_dry_run ? NULL : &call->store,
        .config = call->bundle.config,
        .config_json = call->bundle.document.json,
        .config_length = call->bundle.document.length,
        .bundle = call->bundle.directory,
        .bundle_path = call->bundle.path,
        .cgroup_manager = choose_manager(),
        .has_no_pivot = launch_options.has_no_pivot,
        .restore = launch_options.restore,
    };

    try(launch_options_fill(invocation->arena, &request));
    try(give_notify_socket(&call->store, invocation->arena, &request));
    call->request = request;
    return OK;
}

/* On a terminal, if we are: a container that is left alone has nobody there. */
static fallible improvise_bundle(struct invocation *invocation, struct bundle *bundle)
{
    bool has_terminal =
        launch_options.console_socket ||
        (!launch_options.is_detached && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
    const struct spec_wish wish = {
        .args = invocation->words,
        .has_no_terminal = !has_terminal,
        .is_writable = launch_options.is_writable,
    };

    return bundle_improvise(launch_options.rootfs, &wish, invocation->arena, bundle);
}

static fallible open_bundle(struct invocation *invocation, struct bundle *bundle)
{
    return launch_options.rootfs ? improvise_bundle(invocation, bundle)
                                 : bundle_open(launch_options.bundle, launch_options.config,
                                               invocation->arena, bundle);
}

static fallible open_parts(struct invocation *invocation, struct launch_call *call)
{
    try(open_bundle(invocation, &call->bundle));
    try(document_place(&call->bundle.document, validate_config(call->bundle.config)));
    if (!launch_options.is_dry_run)
        try(store_open(global_options.root, true, invocation->arena, &call->store));
    return fill_request(invocation, call);
}

fallible launch_call_open(struct invocation *invocation, struct launch_call *call)
{
    *call = (struct launch_call){ .store.directory = -1, .bundle.directory = -1 };

    try(check_options());
    try(store_check_id(find_id(invocation)));
    return open_parts(invocation, call);
}

static fallible describe(const struct launch_request *request, struct arena *arena)
{
    const char *text;
    bool is_json = launch_options.format && text_equal(launch_options.format, "json");

    try(launch_describe(request, arena, is_json, &text));
    return output_text(text);
}

fallible launch_call_make(struct launch_call *call, struct invocation *invocation,
                          struct launched *launched)
{
    if (launch_options.is_dry_run)
        return document_place(&call->bundle.document, describe(&call->request, invocation->arena));
    return document_place(
        &call->bundle.document,
        launch_container(&call->request, invocation->arena, invocation->arena_fd, launched));
}
