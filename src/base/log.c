/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages: --log, --log-format, --log-level, --debug.
 *
 * Engines read the log file after a failure and expect one record of level error, and none of any
 * level after a success; a record is one write(2), since the file is shared with other commands.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/escape.h"
#include "base/list.h"
#include "base/text.h"
#include "base/timestamp.h"

enum {
    MESSAGE_SIZE = 2560,
    ESCAPED_SIZE = 6 * MESSAGE_SIZE, /* every byte as \u0000 */
    RECORD_SIZE = ESCAPED_SIZE + 6 * (ERROR_HINT_SIZE + ERROR_FIELD_SIZE + ERROR_OBJECT_SIZE) + 512,
};

enum target { TARGET_STDERR, TARGET_FILE, TARGET_JOURNAL, TARGET_SYSLOG };

struct level {
    const char *name; /* as in records, which are those of logrus */
    int priority;     /* as in syslog(3) */
};

static const struct level levels[] = {
    [LOG_LEVEL_ERROR] = { "error", LOG_ERR },
    [LOG_LEVEL_WARN] = { "warning", LOG_WARNING },
    [LOG_LEVEL_INFO] = { "info", LOG_INFO },
    [LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

static struct {
    enum target target;
    enum log_level level;
    bool asks_terminal; /* whether somebody watches decides on warnings, once there is one */
    bool is_json;
    int fd;
    const char *name; /* how the journal or syslog is to call us */
} sink = { .target = TARGET_STDERR, .level = LOG_LEVEL_ERROR, .fd = -1 };

/* Who hears warnings in the place of the sink, or NULL. */
static void (*hear_warning)(const char *message, void *context);
static void *hearer;

static fallible read_level(const struct log_options *options, enum log_level *level)
{
    const char *word = options->level;

    *level = LOG_LEVEL_ERROR;
    if (word && text_equal(word, "warn")) {
        *level = LOG_LEVEL_WARN;
    } else if (word) {
        size_t i = 0;
        while (i < LENGTH(levels) && !text_equal(word, levels[i].name))
            i++;
        if (i == LENGTH(levels))
            return error_new(ERROR_USAGE, "--log-level '%s' is none of error, warn, info and debug",
                             word);
        *level = (enum log_level) i;
    }
    if (options->is_debug)
        *level = LOG_LEVEL_DEBUG;
    return OK;
}

static fallible read_format(const struct log_options *options, bool *is_json)
{
    const char *word = options->format ? options->format : "text";
    if (!text_equal(word, "text") && !text_equal(word, "json"))
        return error_new(ERROR_USAGE, "--log-format '%s' is neither text nor json", word);
    *is_json = text_equal(word, "json");
    return OK;
}

/* O_NONBLOCK: a fifo that nobody reads must not hold us, now or when it is full. */
static fallible open_file(const char *path, int *fd)
{
    if (!*path)
        return error_new(ERROR_USAGE, "--log names no file");
    *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0644);
    if (*fd < 0 && errno == ENXIO)
        return error_hint(error_system("open the log file %s", path),
                          "a fifo needs somebody who reads it");
    if (*fd < 0)
        return error_system("open the log file %s", path);
    return OK;
}

/* The socket of a daemon that takes messages. */
static fallible open_socket(const char *daemon, const char *path, int *fd)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    auto_close int connection = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    text_format(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connection < 0 || connect(connection, (struct sockaddr *) &address, sizeof(address)))
        return error_system("connect to %s at %s", daemon, path);
    *fd = take_fd(&connection);
    return OK;
}

/* Splits the word of --log into what it names and the rest. */
static enum target read_target(const char *word, const char **rest)
{
    static const struct {
        const char *prefix;
        enum target target;
    } prefixes[] = {
        { "file:", TARGET_FILE },
        { "journald:", TARGET_JOURNAL },
        { "syslog:", TARGET_SYSLOG },
    };

    *rest = word;
    if (!word || !*word)
        return TARGET_STDERR;
    for (size_t i = 0; i < LENGTH(prefixes); i++) {
        if (text_starts(word, prefixes[i].prefix)) {
            *rest = word + strlen(prefixes[i].prefix);
            return prefixes[i].target;
        }
    }
    return TARGET_FILE;
}

fallible log_open(const struct log_options *options)
{
    enum log_level level = LOG_LEVEL_ERROR;
    bool is_json = false;
    try(read_level(options, &level));
    try(read_format(options, &is_json));

    const char *rest;
    int fd = -1;
    enum target target = read_target(options->target, &rest);
    if (target == TARGET_FILE)
        try(open_file(rest, &fd));
    if (target == TARGET_JOURNAL)
        try(open_socket("the journal", "/run/systemd/journal/socket", &fd));
    if (target == TARGET_SYSLOG) /* without a daemon its messages are lost, as by syslog(3) */
        error_forget(open_socket("syslog", "/dev/log", &fd));

    close_fd(&sink.fd);
    sink.target = target;
    sink.level = level;
    /* With a target of its own the log stays silent on success, whoever watches. */
    sink.asks_terminal =
        !(options->target && *options->target) && !options->level && !options->is_debug;
    sink.is_json = is_json;
    sink.fd = fd;
    sink.name = rest && *rest ? rest : "tare";
    return OK;
}

/* A message cannot fail: what cannot be written is lost.  To a socket of datagrams as well: it
 * raises no SIGPIPE, and who has confined himself may write, but not send. */
static void write_once(int fd, const char *bytes, size_t length)
{
    ssize_t written;
    do
        written = write(fd, bytes, length);
    while (written < 0 && errno == EINTR);
}

static void print_time(char *text)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    timestamp_print(text, &now, 6);
}

static size_t append_member(char *record, size_t used, const char *name, const char *value)
{
    if (!*value)
        return used;
    used += text_format(record + used, RECORD_SIZE - used, ",\"%s\":\"", name);
    used += escape_text(record + used, RECORD_SIZE - used, value, ESCAPE_JSON);
    return used + text_format(record + used, RECORD_SIZE - used, "\"");
}

/* The same of a number; 0 means that there is none. */
static size_t append_number(char *record, size_t used, const char *name, unsigned value)
{
    return value ? used + text_format(record + used, RECORD_SIZE - used, ",\"%s\":%u", name, value)
                 : used;
}

/* What the message says for people, apart from each other for programs. */
static size_t append_error(char *record, size_t used, const struct error *error)
{
    used = append_member(record, used, "code", error_code_name(error->code));
    used = append_member(record, used, "cause", error->cause ? error->cause : "");
    used = append_member(record, used, "hint", error->hint);
    used = append_member(record, used, "field", error->field);
    used = append_number(record, used, "line", error->line);
    used = append_number(record, used, "column", error->column);
    used = append_member(record, used, "syscall", error_call_name(error->call));
    used = append_member(record, used, "object", error->object);
    return append_member(record, used, "errno", error_number_symbol(error->number));
}

static size_t print_json(char *record, enum log_level level, const char *message,
                         const struct error *error)
{
    char now[TIMESTAMP_SIZE];
    print_time(now);
    size_t used = text_format(record, RECORD_SIZE, "{\"level\":\"%s\"", levels[level].name);
    used = append_member(record, used, "msg", message);
    used = append_member(record, used, "time", now);
    if (error)
        used = append_error(record, used, error);
    return used + text_format(record + used, RECORD_SIZE - used, "}\n");
}

static size_t print_text(char *record, enum log_level level, const char *message)
{
    char now[TIMESTAMP_SIZE];
    print_time(now);
    size_t used =
        text_format(record, RECORD_SIZE, "time=\"%s\" level=%s msg=\"", now, levels[level].name);
    used += escape_text(record + used, RECORD_SIZE - used, message, ESCAPE_QUOTED);
    return used + text_format(record + used, RECORD_SIZE - used, "\"\n");
}

/* The journal's native protocol: one NAME=value per line, as no value holds a newline. */
static void send_to_journal(enum log_level level, const char *message, const struct error *error)
{
    char escaped[ESCAPED_SIZE];
    char record[RECORD_SIZE];
    escape_text(escaped, sizeof(escaped), message, ESCAPE_PLAIN);
    size_t used =
        text_format(record, sizeof(record), "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n",
                    levels[level].priority, sink.name, escaped);
    if (error)
        used += text_format(record + used, sizeof(record) - used, "TARE_CODE=%s\n",
                            error_code_name(error->code));
    write_once(sink.fd, record, used < sizeof(record) ? used : sizeof(record) - 1);
}

/* RFC 3164, but for the time, which is the local one and costs the C library's rules of all time
 * zones.  The daemon puts in that of arrival. */
static void send_to_syslog(enum log_level level, const char *message)
{
    char escaped[ESCAPED_SIZE];
    char record[RECORD_SIZE];
    escape_text(escaped, sizeof(escaped), message, ESCAPE_PLAIN);
    size_t used = text_format(record, sizeof(record), "<%d>%s[%d]: %s",
                              LOG_USER | levels[level].priority, sink.name, getpid(), escaped);
    write_once(sink.fd, record, used < sizeof(record) ? used : sizeof(record) - 1);
}

static void append_to_file(enum log_level level, const char *message, const struct error *error)
{
    char record[RECORD_SIZE];
    size_t length = sink.is_json ? print_json(record, level, message, error)
                                 : print_text(record, level, message);
    write_once(sink.fd, record, length);
}

/* For a person, so without time or format. */
static void show(const char *kind, const char *message, const struct error *error)
{
    char lines[RECORD_SIZE];
    size_t used = text_format(lines, sizeof(lines), "tare: %s", kind);
    used += escape_text(lines + used, sizeof(lines) - used, message, ESCAPE_PLAIN);
    if (error && error->hint[0]) {
        used += text_format(lines + used, sizeof(lines) - used, "\nhint: ");
        used += escape_text(lines + used, sizeof(lines) - used, error->hint, ESCAPE_PLAIN);
    }
    if (error && error->cause)
        used += text_format(lines + used, sizeof(lines) - used, " [%s]", error->cause);
    used += text_format(lines + used, sizeof(lines) - used, "\n");
    write_once(STDERR_FILENO, lines, used);
}

static void emit(enum log_level level, const char *message, const struct error *error)
{
    switch (sink.target) {
    case TARGET_FILE:
        append_to_file(level, message, error);
        break;
    case TARGET_JOURNAL:
        send_to_journal(level, message, error);
        break;
    case TARGET_SYSLOG:
        send_to_syslog(level, message);
        break;
    case TARGET_STDERR:
        break;
    }
}

static bool is_wanted(enum log_level level)
{
    if (level == LOG_LEVEL_WARN && sink.asks_terminal) {
        int kept = errno;
        if (isatty(STDERR_FILENO))
            sink.level = LOG_LEVEL_WARN;
        sink.asks_terminal = false;
        errno = kept;
    }
    return level <= sink.level;
}

static void report(enum log_level level, const char *kind, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void report(enum log_level level, const char *kind, const char *format, va_list args)
{
    bool is_diverted = level == LOG_LEVEL_WARN && hear_warning;
    if (!is_diverted && !is_wanted(level))
        return;

    int kept = errno;
    char message[MESSAGE_SIZE];
    text_format_list(message, sizeof(message), format, args);
    if (is_diverted)
        hear_warning(message, hearer);
    else if (sink.target == TARGET_STDERR)
        show(kind, message, NULL);
    else
        emit(level, message, NULL);
    errno = kept;
}

void log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(LOG_LEVEL_WARN, "warning: ", format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(LOG_LEVEL_DEBUG, "debug: ", format, args);
    va_end(args);
}

void log_divert_warnings(void (*hear)(const char *message, void *context), void *context)
{
    hear_warning = hear;
    hearer = context;
}

void log_error(const char *prefix, const struct error *error)
{
    char line[ERROR_TEXT_SIZE + 128];
    error_print(error, line, sizeof(line));

    char message[MESSAGE_SIZE];
    if (prefix && *prefix)
        text_format(message, sizeof(message), "%s: %s", prefix, line);
    else
        text_format(message, sizeof(message), "%s", line);
    show("", message, error);
    emit(LOG_LEVEL_ERROR, message, error);
}
