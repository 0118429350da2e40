/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Errors are values.
 *
 * A function that can fail is declared 'fallible': it returns OK, or an error that the caller now
 * owns.  Ignoring the result does not compile.
 *
 * An error is one line, built from the inside out: the place that fails says what it tried, each
 * caller puts in front what it was doing.  The words for errno are added last, by the program
 * `tare` alone (error_names.h), so that init carries no such table.  A hint may say what the user
 * can do about it; a field names the place in config.json that asked for it.
 *
 * Errors are taken from a few fixed slots: reporting never allocates, so it works without memory
 * and in init, and an error crosses from init to the host as the bytes of this struct.
 */

enum error_code {
    ERROR_NONE,
    ERROR_SYSTEM,             /* the kernel refused */
    ERROR_MEMORY,             /* the arena is full */
    ERROR_USAGE,              /* the command line is wrong */
    ERROR_SYNTAX,             /* config.json is not such a document */
    ERROR_CONFIG,             /* config.json asks for something wrong */
    ERROR_UNSUPPORTED,        /* this version, build or host lacks what is asked */
    ERROR_BUNDLE,             /* the bundle or its root filesystem cannot be used */
    ERROR_ID,                 /* not a container id */
    ERROR_EXISTS,             /* the id is taken */
    ERROR_UNKNOWN,            /* there is no such container */
    ERROR_STATE,              /* the container is in the wrong state */
    ERROR_RECORD,             /* the state directory holds what we did not write */
    ERROR_EXECUTABLE_MISSING, /* the user's program is not there */
    ERROR_EXECUTABLE_REFUSED, /* it is there, but cannot be run */
    ERROR_CWD,                /* process.cwd cannot be entered */
    ERROR_PATH,               /* a path of the container is not what it must be */
    ERROR_MOUNT,              /* a mount of the config failed */
    ERROR_CGROUP,             /* the cgroup cannot be made, entered or removed */
    ERROR_CONTROLLER,         /* a cgroup controller is not there */
    ERROR_READ_BACK,          /* what was set is not what the kernel now says */
    ERROR_PROTOCOL,           /* host and init do not understand each other */
    ERROR_INIT_DIED,          /* init ended without a word */
    ERROR_TIMEOUT,            /* a wait with a deadline ran out */
    ERROR_FROZEN,             /* somebody is waited for who is frozen */
    ERROR_PROGRAM,            /* a program that is run for the container failed: a hook */
    ERROR_INTERRUPTED,        /* a signal told us to give up */
    ERROR_CODES,              /* how many there are */
};

/* The system calls (and libc's wrappers of them) for whose failures causes are known. */
enum error_call {
    CALL_NONE,
    CALL_BPF,
    CALL_CHOWN, /* fchown(2), fchownat(2) */
    CALL_CHROOT,
    CALL_CLONE, /* clone3(2) as well */
    CALL_EXECVE,
    CALL_FSMOUNT, /* and the others by which a filesystem is made, fsopen(2) and fsconfig(2) */
    CALL_IOCTL,
    CALL_KEYCTL,
    CALL_MKDIR,
    CALL_MKNOD,
    CALL_MOUNT, /* mount(2) */
    CALL_MOUNT_SETATTR,
    CALL_MOVE_MOUNT,
    CALL_OPEN, /* openat(2), openat2(2) */
    CALL_OPEN_TREE,
    CALL_PIDFD_SEND_SIGNAL,
    CALL_PIVOT_ROOT,
    CALL_PRCTL,
    CALL_PRLIMIT,
    CALL_PTRACE,
    CALL_SENDTO, /* and what rtnetlink(7) answers */
    CALL_SETGROUPS,
    CALL_SETHOSTNAME, /* setdomainname(2) as well */
    CALL_SETNS,
    CALL_SETRESGID,
    CALL_SETRESUID,
    CALL_UMOUNT,
    CALL_UNSHARE,
    CALL_WRITE,
    ERROR_CALLS, /* how many there are */
};

/* How a program ended that was run to its end, where that is the error. */
enum error_ending {
    ENDING_NONE,
    ENDING_STATUS, /* it exited with another status than 0 */
    ENDING_SIGNAL,
    ENDING_LATE,   /* it had no more time */
    ERROR_ENDINGS, /* how many there are */
};

enum {
    ERROR_TEXT_SIZE = 1536,
    ERROR_HINT_SIZE = 384,
    ERROR_FIELD_SIZE = 120,
    ERROR_OBJECT_SIZE = 256,
};

/* Read with the functions below; laid out here because the channel carries it (os/channel.h). */
struct error {
    enum error_code code;
    int number;           /* errno, or 0 */
    enum error_call call; /* what the kernel refused, if it is known */
    enum error_ending ending;
    unsigned line, column; /* of the field in its document, which the text says then; or 0 */
    bool is_taken;
    bool is_received;  /* it came from the peer, who has named its own step */
    const char *cause; /* the code of the likely cause, which `tare` alone finds; or NULL */
    const char *root;  /* where the container's files are on the host, if `tare` has found it */
    char field[ERROR_FIELD_SIZE];
    char object[ERROR_OBJECT_SIZE]; /* what the call was made for: a path, a filesystem's type */
    char text[ERROR_TEXT_SIZE];
    char hint[ERROR_HINT_SIZE];
};

#define fallible __attribute__((warn_unused_result)) struct error *
#define OK ((struct error *) 0)
#define PRINTF(text, args) __attribute__((format(printf, text, args)))
#define NEVER_OK __attribute__((returns_nonnull)) /* spares callers false warnings */

/* Makes an error; error_system() keeps errno.  The text is formatted by base/text.h. */
fallible error_new(enum error_code code, const char *format, ...) PRINTF(2, 3) NEVER_OK;
fallible error_system(const char *format, ...) PRINTF(1, 2) NEVER_OK;

/* The same as error_system() with a code that says more than ERROR_SYSTEM. */
fallible error_errno(enum error_code code, const char *format, ...) PRINTF(2, 3) NEVER_OK;

/* A wrong value in config.json: ERROR_CONFIG, the field ("process.rlimits[1].soft"), the reason.
 * The text becomes "FIELD: reason", so it names the field also where nobody knows the line. */
fallible error_config(const char *field, const char *format, ...) PRINTF(2, 3) NEVER_OK;

/* The same with ERROR_UNSUPPORTED: the field is right, but cannot be honoured. */
fallible error_unsupported(const char *field, const char *format, ...) PRINTF(2, 3) NEVER_OK;

/* Puts "what was being done: " in front; passes OK through. */
fallible error_within(struct error *error, const char *format, ...) PRINTF(2, 3);

/* Adds advice, or the field that asked for it, unless there is some already; pass OK through. */
fallible error_hint(struct error *error, const char *format, ...) PRINTF(2, 3);
fallible error_field(struct error *error, const char *format, ...) PRINTF(2, 3);

/* Says which call failed, for what object (cut to ERROR_OBJECT_SIZE; NULL: none): for programs,
 * and for who looks for the cause.  What is known already is kept; passes OK through. */
fallible error_call(struct error *error, enum error_call call, const char *object);

/* Copies an error that arrived as bytes into a slot of this process; its strings are made safe. */
fallible error_receive(const struct error *bytes) NEVER_OK;

/* For the caller that has a way out, and for the one that has reported. */
void error_forget(struct error *error);

/* Forgets an error whose errno is NUMBER, and says that it was; any other stays the caller's. */
bool error_forget_if(struct error *error, int number);

/* Return at once if the attempt fails. */
#define try(attempt)                                                                               \
    do {                                                                                           \
        struct error *try_error = (attempt);                                                       \
        if (try_error)                                                                             \
            return try_error;                                                                      \
    } while (0)

/* The same, saying what was being done. */
#define try_within(attempt, ...)                                                                   \
    do {                                                                                           \
        struct error *try_error = (attempt);                                                       \
        if (try_error)                                                                             \
            return error_within(try_error, __VA_ARGS__);                                           \
    } while (0)
