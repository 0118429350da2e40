/* SPDX-License-Identifier: Apache-2.0 */
/* check: what else is good to know of a host.  Settings and limits are read, not judged by what
 * they are but by what follows for containers. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "container/check_probes.h"
#include "os/criu.h"
#include "os/directory.h"
#include "os/fd.h"
#include "os/proc.h"
#include "os/program.h"

enum {
    TEXT_SIZE = 8192,
    FEW_FILES = 256,
    FEW_PROCESSES = 64,
    CRIU_SECONDS = 1,
    REPLY_SIZE = 512,
    NAME_SIZE = 64
};

/* Of a file, without the end of the line. */
static fallible read_line(const char *path, char *text, size_t size)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return error_system("open %s", path);
    try(fd_read_small(fd, text, size));
    text[strcspn(text, "\n")] = '\0';
    return OK;
}

static fallible read_setting(const char *name, char *text, size_t size)
{
    int proc;

    if (*name == '/')
        return read_line(name, text, size);
    try(proc_shown(&proc));
    try(proc_read(proc, name, text, size));
    text[strcspn(text, "\n")] = '\0';
    return OK;
}

/* "kernel.yama.ptrace_scope is ", as sysctl(8) calls it; "" for a file. */
static void name_setting(const char *file, char *name, size_t size)
{
    static const char sysctls[] = "sys/";

    name[0] = '\0';
    if (!text_starts(file, sysctls))
        return;
    text_format(name, size, "%s is ", file + strlen(sysctls));
    for (char *slash = strchr(name, '/'); slash; slash = strchr(slash, '/'))
        *slash = '.';
}

/* A kernel without the setting is told in its own words. */
fallible check_setting(struct probe *probe)
{
    char text[TRIAL_FOUND_SIZE - NAME_SIZE], name[NAME_SIZE];
    struct error *error = read_setting(probe->check->file, text, sizeof(text));

    if (error_forget_if(error, ENOENT))
        return error_new(ERROR_UNSUPPORTED, *probe->check->file == '/'
                                                ? "this kernel does not tell"
                                                : "this kernel has no such setting");
    try(error);
    name_setting(probe->check->file, name, sizeof(name));
    if (probe->check->off && text_equal(text, probe->check->off))
        return error_new(ERROR_UNSUPPORTED, "it is not in force: %s%s", name, text);
    text_format(probe->found, TRIAL_FOUND_SIZE, "%s%s", name, text);
    return OK;
}

/* Whether the kernel was booted with that word, as far as it tells. */
static bool is_booted_with(const char *word)
{
    char text[TEXT_SIZE] = "", *rest;
    int proc;
    struct error *error = proc_shown(&proc);

    if (!error)
        error = proc_read(proc, "cmdline", text, sizeof(text));
    error_forget(error);
    for (char *next = strtok_r(text, " \n", &rest); next; next = strtok_r(NULL, " \n", &rest))
        if (text_equal(next, word))
            return true;
    return false;
}

static const char directory[] = "/sys/devices/system/cpu/vulnerabilities";

/* Those whose file says "Vulnerable", by the names of the files. */
fallible check_vulnerabilities(struct probe *probe)
{
    auto_close int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct directory listing;
    struct directory_entry entry;
    char path[TRIAL_FOUND_SIZE], text[TRIAL_FOUND_SIZE], names[TRIAL_FOUND_SIZE] = "";
    size_t length = 0;

    if (fd < 0)
        return error_new(ERROR_UNSUPPORTED, "this kernel does not tell");
    try(directory_begin(fd, &listing));
    for (;;) {
        try(directory_next(&listing, &entry));
        if (!entry.name)
            break;
        text_format(path, sizeof(path), "%s/%s", directory, entry.name);
        struct error *error = read_line(path, text, sizeof(text));
        error_forget(error);
        if (!error && text_starts(text, "Vulnerable") && length < sizeof(names))
            length += text_format(names + length, sizeof(names) - length, "%s%s",
                                  length ? ", " : "", entry.name);
    }
    if (length)
        return error_hint(error_new(ERROR_UNSUPPORTED, "the CPU is open to %s", names),
                          "install newer microcode%s",
                          is_booted_with("mitigations=off") ? ", and boot without mitigations=off"
                                                            : "");
    text_format(probe->found, TRIAL_FOUND_SIZE, "mitigated, or not affected");
    return OK;
}

static void name_limit(rlim_t value, char *text, size_t size)
{
    if (value == RLIM_INFINITY)
        text_format(text, size, "unlimited");
    else
        text_format(text, size, "%llu", (unsigned long long) value);
}

/* What is too low to start a container in, or nearly. */
fallible check_limit(struct probe *probe)
{
    int resource = (int) probe->check->flag;
    struct rlimit limit;
    char soft[24], hard[24];

    if (getrlimit(resource, &limit))
        return error_system("getrlimit");
    name_limit(limit.rlim_cur, soft, sizeof(soft));
    name_limit(limit.rlim_max, hard, sizeof(hard));
    text_format(probe->found, TRIAL_FOUND_SIZE, "%s, at most %s", soft, hard);
    rlim_t least = resource == RLIMIT_NOFILE ? FEW_FILES : FEW_PROCESSES;
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < least)
        return error_new(ERROR_UNSUPPORTED, "%s are few", soft);
    return OK;
}

fallible check_criu(struct probe *probe)
{
    static const char *const env[] = { NULL };
    char path[PROGRAM_PATH_SIZE];
    const char *args[] = { path, "--version", NULL }, *text;

    try(criu_find(path));
    const struct program criu = {
        .path = path, .args = args, .env = env, .file = -1, .directory = -1, .seconds = CRIU_SECONDS
    };
    try(program_read(&criu, REPLY_SIZE, probe->arena, &text));
    text_format(probe->found, TRIAL_FOUND_SIZE, "%.*s", (int) strcspn(text, "\n"), text);
    return OK;
}

fallible check_kvm(struct probe *probe)
{
    auto_close int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC | O_NOCTTY);

    (void) probe;
    return fd < 0 ? error_system("open /dev/kvm") : OK;
}

/* Of the first CPU; the lines are long, the first one is early. */
fallible check_cpu(struct probe *probe)
{
    char text[TEXT_SIZE];
    int proc;

    try(proc_shown(&proc));
    try(proc_read(proc, "cpuinfo", text, sizeof(text)));
    const char *flags = strstr(text, "\nflags");
    const char *end = flags ? strchrnul(flags + 1, '\n') : NULL;
    for (const char *word = flags; word && word < end; word = strchrnul(word + 1, ' '))
        if (text_starts(word, " vmx ") || text_starts(word, " svm ")) {
            text_format(probe->found, TRIAL_FOUND_SIZE, "%.3s", word + 1);
            return OK;
        }
    return error_new(ERROR_UNSUPPORTED, "the CPU shows neither vmx nor svm");
}
