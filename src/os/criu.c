/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program criu as a service of our own; serves checkpoint and restore.
 *
 * It opens what is named by number from /proc/PID/fd of whoever has made the socket, and what
 * restored processes inherit from its own: so it makes the socket itself, and both are its own.
 * What it restores becomes our child, not its own.
 */
#include "os/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "os/channel.h"
#include "os/clone.h"
#include "os/fd.h"
#include "os/memory.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/namespace_kinds.h"
#include "os/pidfd.h"
#include "os/program.h"
#include "os/session_keyring.h"

enum { MESSAGE_SIZE = 4096, NOT_EXECUTED = 127, NUMBER_SIZE = 16, END_MILLISECONDS = 2000 };

/* Fields of criu_req, criu_resp, and of criu_restore_resp, criu_notify and criu_version in it. */
enum { REQ_TYPE = 1, REQ_OPTS = 2, REQ_NOTIFY_SUCCESS = 3, REQ_KEEP_OPEN = 4 };
enum { RESP_TYPE = 1, RESP_SUCCESS = 2, RESP_RESTORE = 4, RESP_NOTIFY = 5 };
enum { RESP_ERRMSG = 9, RESP_VERSION = 10 };
enum { RESTORE_PID = 1, NOTIFY_SCRIPT = 1, NOTIFY_PID = 2, VERSION_MAJOR = 1, VERSION_MINOR = 2 };

fallible criu_find(char *path)
{
    struct error *error = program_find("criu", path);

    if (!error)
        return OK;
    error_forget(error);
    return error_hint(error_new(ERROR_UNSUPPORTED, "the program criu is not installed"),
                      "checkpoint and restore are its work: install the package criu");
}

/* The child ------------------------------------------------------------------------------------ */

static fallible take_streams(const struct criu_start *start, int output)
{
    auto_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (null < 0)
        return error_system("open /dev/null");
    if ((!start->has_standard_input && dup2(null, STDIN_FILENO) < 0) ||
        dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        return error_system("connect");
    return OK;
}

static fallible enter_mounts(const struct criu_start *start)
{
    const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };

    if (start->tree < 0)
        return OK;
    if (unshare(CLONE_NEWNS))
        return namespace_kinds_refused("unshare the mount namespace", CALL_UNSHARE, CLONE_NEWNS);
    try(mount_isolate_all(MS_SLAVE));
    if (start->arena)
        try(criu_protect_host(start));
    try(mount_attach_at(start->tree, start->root));
    return start->is_root_read_only ? mount_change(start->tree, &read_only) : OK;
}

/* What was checked is what is opened now, or it is refused. */
static fallible reopen(const struct criu_directory *directory)
{
    struct stat before, now;
    auto_close int fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &now) || fstat(directory->fd, &before))
        return error_system("open %s again", directory->path);
    if (now.st_dev != before.st_dev || now.st_ino != before.st_ino)
        return error_new(ERROR_PATH, "%s is another directory now", directory->path);
    return dup2(fd, directory->fd) < 0 ? error_system("duplicate a descriptor") : OK;
}

static fallible take_descriptors(const struct criu_start *start)
{
    try(fd_inherit_none_from(STDERR_FILENO + 1));
    for (uint32_t i = 0; i < start->inherited_count; i++)
        try(fd_inherit(start->inherited[i]));
    for (uint32_t i = 0; i < start->directory_count; i++) {
        if (start->tree >= 0)
            try(reopen(&start->directories[i]));
        try(fd_inherit(start->directories[i].fd));
    }
    return OK;
}

/* The socket by which it is asked: our end goes to REPORT. */
static fallible open_socket(int report, int *theirs)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return error_system("make a pair of sockets");
    try(fd_send(report, "criu", ends[0]));
    close(ends[0]);
    *theirs = ends[1];
    return fd_inherit(ends[1]);
}

static fallible unblock_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) ? error_system("unblock signals") : OK;
}

/* Its label in SELinux is ours, not the container's. */
static fallible join_keyring(void)
{
    enum session_keyring outcome;

    try(session_keyring_join(&outcome));
    if (outcome == SESSION_KEYRING_OLD)
        log_warning("the session keyring stays the caller's, with its keys: a filter refuses "
                    "keyctl(2) (EPERM); --no-new-keyring asks for no other");
    return OK;
}

static fallible become(const struct criu_start *start, const struct criu *criu, int report)
{
    /* What it runs itself (tar, ip, iptables-restore) it looks for. */
    static const char *const env[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL
    };
    char number[NUMBER_SIZE];
    const char *const args[] = { "criu", "swrk", number, NULL };
    int socket;

    if (start->has_keyring)
        try(join_keyring());
    try(enter_mounts(start));
    try(take_streams(start, criu->output));
    try(take_descriptors(start));
    try(open_socket(report, &socket));
    if (!start->holds_signals)
        try(unblock_signals());
    text_format(number, sizeof(number), "%d", socket);
    execve(criu->path, (char *const *) args, (char *const *) env);
    return error_system("execute it");
}

/* What stopped it is read where criu's own words would be. */
static _Noreturn void live(const struct criu_start *start, const struct criu *criu, int report)
{
    struct error *error = become(start, criu, report);

    error_forget(fd_write_all(criu->output, error->text, strlen(error->text)));
    _exit(NOT_EXECUTED);
}

/* Our side ------------------------------------------------------------------------------------- */

static fallible await_socket(struct criu *criu, int report)
{
    char words[NUMBER_SIZE * NUMBER_SIZE];
    struct error *error = fd_receive(report, &criu->socket);

    if (!error)
        return OK;
    error_forget(error);
    criu_read_output(criu, words, sizeof(words));
    return error_new(ERROR_PROGRAM, "run %s: %s", criu->path, words);
}

fallible criu_start(const struct criu_start *start, struct criu *criu)
{
    int ends[2];

    *criu = (struct criu){ .socket = -1, .output = -1, .pidfd = -1, .restored = -1 };
    try(criu_find(criu->path));
    try(cgroup_options_note(&criu->cgroups));
    try(memory_open_file("criu", &criu->output));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return error_system("make a pair of sockets");
    auto_close int ours = ends[0], theirs = ends[1];
    /* Not into *CRIU: it may lie in memory that the child shares. */
    pid_t pid = clone_fork(0, &criu->pidfd);
    if (pid == 0)
        live(start, criu, theirs);
    if (pid < 0)
        return error_system("clone");
    criu->pid = pid;
    close_fd(&theirs);
    return await_socket(criu, ours);
}

static fallible send_message(const struct criu *criu, const struct protobuf *message)
{
    if (message->is_full)
        return error_new(ERROR_MEMORY, "the options of criu do not fit");
    /* Of one that has ended, why it has will be heard. */
    if (send(criu->socket, message->bytes, message->length, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        return error_system("ask criu");
    return OK;
}

fallible criu_ask(const struct criu *criu, enum criu_request type, const struct protobuf *options)
{
    char bytes[2 * NUMBER_SIZE];
    struct protobuf head = { .bytes = bytes, .size = sizeof(bytes) };

    if (options->is_full)
        return error_new(ERROR_MEMORY, "the options of criu do not fit");
    protobuf_number(&head, REQ_TYPE, type);
    protobuf_begin(&head, REQ_OPTS, options->length);
    struct iovec parts[] = { { head.bytes, head.length }, { options->bytes, options->length } };
    const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
    if (sendmsg(criu->socket, &message, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        return error_system("ask criu");
    return OK;
}

fallible criu_answer(const struct criu *criu, bool is_success)
{
    char bytes[NUMBER_SIZE];
    struct protobuf answer = { .bytes = bytes, .size = sizeof(bytes) };

    protobuf_number(&answer, REQ_TYPE, CRIU_NOTIFY);
    protobuf_number(&answer, REQ_NOTIFY_SUCCESS, is_success);
    return send_message(criu, &answer);
}

static void copy_text(const struct protobuf_field *field, char *text, size_t size)
{
    int length = field->length < size ? (int) field->length : (int) size - 1;
    text_format(text, size, "%.*s", length, field->bytes ? field->bytes : "");
}

/* Of criu_restore_resp and criu_notify, whose numbers differ. */
static void read_inner(const struct protobuf_field *outer, struct criu_message *message)
{
    struct protobuf_reader reader = protobuf_within(outer);
    uint32_t pid = outer->number == RESP_RESTORE ? RESTORE_PID : NOTIFY_PID;
    struct protobuf_field field;

    while (protobuf_next(&reader, &field)) {
        if (field.number == pid && !field.bytes)
            message->pid = (pid_t) field.value;
        else if (field.number == NOTIFY_SCRIPT && field.bytes)
            copy_text(&field, message->script, sizeof(message->script));
    }
}

static void read_version(const struct protobuf_field *outer, struct criu_message *message)
{
    struct protobuf_reader reader = protobuf_within(outer);
    uint32_t major = 0, minor = 0;
    struct protobuf_field field;

    while (protobuf_next(&reader, &field)) {
        if (field.number == VERSION_MAJOR)
            major = (uint16_t) field.value;
        else if (field.number == VERSION_MINOR)
            minor = (uint16_t) field.value;
    }
    message->version = CRIU_VERSION_OF(major, minor);
}

static void read_field(const struct protobuf_field *field, struct criu_message *message)
{
    switch (field->number) {
    case RESP_TYPE:
        message->type = (enum criu_request) field->value;
        break;
    case RESP_SUCCESS:
        message->is_success = field->value;
        break;
    case RESP_RESTORE:
    case RESP_NOTIFY:
        read_inner(field, message);
        break;
    case RESP_ERRMSG:
        copy_text(field, message->reason, sizeof(message->reason));
        break;
    case RESP_VERSION:
        read_version(field, message);
        break;
    default:
        break;
    }
}

/* A process that ends while it is restored is our child: criu, which waits for it to go on, is left
 * the time to say what it has seen itself.  Such a one may hold criu's end of the socket. */
static fallible await_message(const struct criu *criu, int interrupts)
{
    struct pollfd events[] = { { .fd = criu->pidfd, .events = POLLIN },
                               { .fd = criu->socket, .events = POLLIN },
                               { .fd = interrupts, .events = POLLIN },
                               { .fd = criu->restored, .events = POLLIN } };
    int limit = -1;

    for (;;) {
        int count = poll(events, LENGTH(events), limit);
        if (count < 0 && errno != EINTR)
            return error_system("wait for criu");
        if (count == 0)
            return error_new(ERROR_PROGRAM, "the first process has ended");
        if (count > 0 && events[1].revents)
            return OK;
        if (count > 0 && events[0].revents)
            return error_new(ERROR_PROGRAM, "criu has ended without an answer");
        if (count > 0 && events[2].revents)
            return channel_interrupt(interrupts);
        limit = count > 0 ? END_MILLISECONDS : limit;
        events[3].fd = limit < 0 ? criu->restored : -1;
    }
}

fallible criu_hear(const struct criu *criu, int interrupts, struct criu_message *message)
{
    char bytes[MESSAGE_SIZE];
    int fd = -1;

    try(await_message(criu, interrupts));
    ssize_t got = fd_take(criu->socket, bytes, sizeof(bytes), &fd);
    if (got < 0 && errno == ECONNRESET)
        got = 0; /* it has ended with our words unread */
    if (got < 0)
        return error_system("hear criu");
    struct criu_message heard = { .fd = fd };
    struct protobuf_reader reader = { bytes, bytes + got, false };
    struct protobuf_field field;
    while ((size_t) got <= sizeof(bytes) && protobuf_next(&reader, &field))
        read_field(&field, &heard);
    if (got > 0 && !reader.is_broken && (size_t) got <= sizeof(bytes)) {
        *message = heard;
        return OK;
    }
    close_fd(&fd);
    return got ? error_new(ERROR_PROGRAM, "criu says what is no answer")
               : error_new(ERROR_PROGRAM, "criu has ended without an answer");
}

fallible criu_read_version(const struct criu *criu, uint32_t *version)
{
    char bytes[NUMBER_SIZE];
    struct protobuf question = { .bytes = bytes, .size = sizeof(bytes) };
    struct criu_message answer;

    protobuf_number(&question, REQ_TYPE, CRIU_VERSION);
    protobuf_number(&question, REQ_KEEP_OPEN, true);
    try(send_message(criu, &question));
    try(criu_hear(criu, -1, &answer));
    close_fd(&answer.fd);
    if (answer.type != CRIU_VERSION || !answer.version)
        return error_new(ERROR_PROGRAM, "criu does not say which version it is");
    *version = answer.version;
    return OK;
}

void criu_read_output(const struct criu *criu, char *text, size_t size)
{
    ssize_t got = pread(criu->output, text, size - 1, 0);
    text[got > 0 ? got : 0] = '\0';
}

void criu_end(struct criu *criu, bool is_killed)
{
    close_fd(&criu->socket);
    if (criu->pid > 0) {
        if (is_killed)
            kill(criu->pid, SIGKILL);
        while (waitpid(criu->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    criu->pid = 0;
    cgroup_options_put_back(&criu->cgroups);
    close_fd(&criu->pidfd);
    close_fd(&criu->output);
}
