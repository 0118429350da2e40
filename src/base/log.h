/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Where messages go.  Only `tare` logs; init returns errors.  Library code may call log_warning()
 * and log_debug(); errors are returned, and printed by cli/ alone.
 *
 * Default level: error, or warning when there is no log target and standard error is a terminal.
 * So at the default level the log file gets nothing on success, and exactly one record for a
 * failing run: engines show what they find there.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_options {
    const char *target; /* --log: a path, file:PATH, journald:NAME, syslog:NAME; NULL or "": none */
    const char *format; /* --log-format: text or json; NULL: text */
    const char *level;  /* --log-level: error, warn, warning, info, debug; NULL: the default */
    bool is_debug;      /* --debug */
};

/* Opens the log as the options say; a wrong word is ERROR_USAGE, an unusable file ERROR_SYSTEM. */
fallible log_open(const struct log_options *options);

/* Warnings and traces of decisions, one line without a newline.  Go to the log target, or to
 * standard error when there is none.  Never fail. */
void log_warning(const char *format, ...) PRINTF(1, 2);
void log_debug(const char *format, ...) PRINTF(1, 2);

/* From now on warnings go to HEAR, in the place of the log and at any level; NULL: to the log
 * again.  For a command whose answer they are.  HEAR must not warn; the message is gone after the
 * call. */
void log_divert_warnings(void (*hear)(const char *message, void *context), void *context);

/*
 * Reports the error that ends a command: PREFIX ("create 'web'") and the line on standard error,
 * the hint on a line of its own, with the code of the cause behind it; with --log also as the one
 * error record of the log file (text: time level message; json: level, msg, time in RFC 3339 UTC,
 * code, and of cause, hint, field, line, column, syscall, object and errno those that are known).
 * The error stays the caller's.
 */
void log_error(const char *prefix, const struct error *error);
