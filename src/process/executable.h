/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* process.args[0]: looked up in create, whose message engines turn into the status 127 or 126. */

enum { EXECUTABLE_PATH_SIZE = 4096 };

/* The default path: what a shell of the container would use as well. */
#define EXECUTABLE_SEARCH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * Inside: finds NAME below ROOT as the user of the process, and writes what execve(2) gets.  A name
 * with a '/' is taken as it is, relative to the cwd; another is looked for in SEARCH, the config's
 * PATH, or in the default path when that is NULL.  The result is relative where NAME, or the entry
 * of SEARCH, is.  Nothing behind the links of /proc (self/fd/3, 1/root) is taken (R10).
 *
 * ERROR_EXECUTABLE_MISSING, in the words engines know:
 *   exec: "NAME": executable file not found in $PATH
 *   exec: "/NAME": stat /NAME: no such file or directory
 *   exec: "/NAME": stat /NAME: not a directory
 * ERROR_EXECUTABLE_REFUSED:
 *   exec: "/NAME": permission denied
 *   exec: "/NAME": permission denied: is a directory
 */
fallible executable_find(const char *name, const char *search, int root,
                         char path[EXECUTABLE_PATH_SIZE]);

/* The error for an execve(2) of PATH that failed with errno. */
fallible executable_explain(const char *path);
