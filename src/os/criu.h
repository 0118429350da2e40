/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "os/cgroup_options.h"
#include "os/program.h"
#include "os/protobuf.h"

struct arena;

/*
 * The program criu (criu(8)), asked over a socket: `criu swrk` (criu.org/RPC).  Its messages are
 * those of its images/rpc.proto; names and numbers here are that file's.
 */
enum criu_request {
    CRIU_DUMP = 1,
    CRIU_RESTORE = 2,
    CRIU_PRE_DUMP = 4,
    CRIU_NOTIFY = 6,
    CRIU_VERSION = 10
};

/* A version as one number: CRIU_VERSION_OF(3, 19). */
#define CRIU_VERSION_OF(major, minor) ((uint32_t) (major) << 16 | (minor))

/* What stands at PATH for criu with those flags (MOUNT_ATTR_*), and is not made read-only. */
struct criu_source {
    const char *path;
    uint64_t attributes;
};

/* How it is started. */
struct criu_start {
    /* In a copy of our mount namespace, with TREE attached at ROOT there, so that ROOT is a mount,
     * as criu wants it, and the host never sees that; TREE is -1 for our own namespace. */
    int tree;
    const char *root;
    bool is_root_read_only; /* there, and in what is restored: criu binds it as it is */
    /* NULL, or for what is noted: then what the host has mounted is read-only to it there, but for
     * the DIRECTORIES, and where it and the kernel have files of their own. */
    struct arena *arena;
    const struct criu_source *sources; /* of the host, too; what lies in another comes behind it */
    uint32_t source_count;
    bool has_keyring;        /* a new session keyring, which what it restores has then, too */
    bool has_standard_input; /* it gets ours: for a shell job, whose terminal that is */
    /* Descriptors that it gets under the same numbers, beside the socket. */
    const int *inherited;
    uint32_t inherited_count;
    /* Directories likewise, opened anew by their paths where its mounts are others than ours: it
     * mounts something in the one that it works in. */
    const struct criu_directory {
        int fd;
        const char *path;
    } * directories;
    uint32_t directory_count;
    /* It does not hear the signals that its caller holds back (os/interrupts.h), as a ^C. */
    bool holds_signals;
};

struct criu {
    struct cgroup_options cgroups; /* to be put back when it has ended */
    char path[PROGRAM_PATH_SIZE];  /* of the program */
    int socket;
    int output; /* a file in memory: what it writes to standard output and error */
    pid_t pid;
    int pidfd;
    int restored; /* pidfd of what it restores, the caller's, or -1: its end is not told to criu */
};

/* A message from it: an answer, or a notification that wants one. */
struct criu_message {
    enum criu_request type; /* CRIU_NOTIFY, or what it was asked for */
    bool is_success;
    char script[32];  /* CRIU_NOTIFY: "setup-namespaces" */
    pid_t pid;        /* of the restored process, or 0 */
    int fd;           /* the caller's, or -1 */
    char reason[256]; /* of a failure, or "" */
    uint32_t version; /* CRIU_VERSION */
};

/* Whether there is such a program; ERROR_UNSUPPORTED if not. */
fallible criu_find(char *path);

/* Starts it; nothing is said yet.  What has been started is the caller's to end. */
fallible criu_start(const struct criu_start *start, struct criu *criu);

/* Whether it, or the kernel for it, writes there, so that this cannot be one of the SOURCES. */
bool criu_writes_to(const char *path);

/* The part of it that makes the host read-only, in the copy of our mounts. */
fallible criu_protect_host(const struct criu_start *start);

/* Sends a request with the options (of the message criu_opts). */
fallible criu_ask(const struct criu *criu, enum criu_request type, const struct protobuf *options);

/* Asks which version it is; it can be asked for something else afterwards. */
fallible criu_read_version(const struct criu *criu, uint32_t *version);

/* Answers a notification. */
fallible criu_answer(const struct criu *criu, bool is_success);

/* Waits for a message.  INTERRUPTS is of struct interrupts, then ERROR_INTERRUPTED, or -1.
 * ERROR_PROGRAM: it ended without one, or does not see that what it restores has ended. */
fallible criu_hear(const struct criu *criu, int interrupts, struct criu_message *message);

/* What it has written to standard output and error so far, at most SIZE - 1 bytes. */
void criu_read_output(const struct criu *criu, char *text, size_t size);

/* Waits for its end, or kills it, and closes all.  Without a process only that. */
void criu_end(struct criu *criu, bool is_killed);
