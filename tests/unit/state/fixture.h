/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A state directory of its own for each test, an arena, and what the tests say about errors. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "libocispec/arena.h"
#include "os/user_namespace.h"
#include "state/store.h"

#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, set_up, tear_down, NULL                                                    \
    }

static char memory[1 << 22] __attribute__((aligned(4096)));
static struct arena arena;
static char base[64];      /* a directory for the test */
static char root[96];      /* the state directory in it */
static struct store store; /* open on it */

static int set_up(void **state)
{
    (void) state;
    memset(memory, 0, sizeof(memory));
    arena = (struct arena){ .base = memory, .size = sizeof(memory) };
    snprintf(base, sizeof(base), "/tmp/tare-state-XXXXXX");
    if (!mkdtemp(base))
        return -1;
    snprintf(root, sizeof(root), "%s/state", base);
    return store_open(root, true, &arena, &store) ? -1 : 0;
}

static inline int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void) status;
    (void) type;
    (void) ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    (void) state;
    store_close(&store);
    return nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void assert_ok(struct error *error)
{
    if (error)
        fail_msg("%s (%s)", error->text, strerror(error->number));
}

static inline void assert_error(struct error *error, enum error_code code)
{
    assert_non_null(error);
    if (error->code != code)
        fail_msg("code %d, not %d: %s", error->code, code, error->text);
    error_forget(error);
}

static inline void assert_text(struct error *error, enum error_code code, const char *text)
{
    assert_non_null(error);
    assert_string_equal(error->text, text);
    assert_error(error, code);
}

/* Who may give files away and become others. */
static inline bool is_host_root(void)
{
    return geteuid() == 0 && user_namespace_is_initial();
}

/* "ROOT/name", valid until the next call. */
static inline const char *below(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    return path;
}

static inline bool is_there(const char *path)
{
    struct stat status;
    return !lstat(path, &status);
}

/* Waits for a child that must have ended with status 0. */
static inline void assert_child(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
