/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf(2) for linux.resources.devices.
 *
 * Before Linux 5.11 programs count against RLIMIT_MEMLOCK, and what does not fit is EPERM, not
 * ENOMEM.  The limit is raised for the one call only: the container's init would inherit it.
 *
 * A signal that comes while the kernel verifies a program, as that of ^Z, ends the load by EAGAIN.
 *
 * Programs are found again by their name: an id would have to be remembered before the program is
 * attached, or would be lost with a process that is killed in between.
 */
#include "os/bpf.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { LOG_SIZE = 4096, TRIALS = 5, ATTACHED_MAX = 64 /* BPF_CGROUP_MAX_PROGS of the kernel */ };

static const char program_name[BPF_OBJ_NAME_LEN] = "tare_devices";

static int call(int command, union bpf_attr *attribute)
{
    return (int) syscall(SYS_bpf, command, attribute, sizeof(*attribute));
}

static int load(const struct bpf_insn *instructions, uint32_t length, void *log, uint32_t log_size)
{
    union bpf_attr attribute;
    memset(&attribute, 0, sizeof(attribute));
    attribute.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attribute.insns = (uintptr_t) instructions;
    attribute.insn_cnt = length;
    attribute.license = (uintptr_t) "Apache-2.0";
    attribute.log_level = log ? 1 : 0;
    attribute.log_buf = (uintptr_t) log;
    attribute.log_size = log_size;
    memcpy(attribute.prog_name, program_name, sizeof(program_name));

    int fd = call(BPF_PROG_LOAD, &attribute);
    for (int i = 1; i < TRIALS && fd < 0 && errno == EAGAIN; i++)
        fd = call(BPF_PROG_LOAD, &attribute);
    return fd;
}

static int load_with_more_memory(const struct bpf_insn *instructions, uint32_t length)
{
    struct rlimit before;
    const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
    bool is_raised = !getrlimit(RLIMIT_MEMLOCK, &before) && !setrlimit(RLIMIT_MEMLOCK, &none);
    int fd = load(instructions, length, NULL, 0);
    int number = errno;
    if (is_raised)
        setrlimit(RLIMIT_MEMLOCK, &before);
    errno = number;
    return fd;
}

/* The last line of the verifier's log that says something of the program; LOG is cut to it. */
static const char *last_words(char *log)
{
    size_t length = strlen(log);
    for (;;) {
        while (length > 0 && log[length - 1] == '\n')
            log[--length] = '\0';
        const char *newline = strrchr(log, '\n');
        const char *line = newline ? newline + 1 : log;
        if (!newline || strncmp(line, "processed ", strlen("processed ")) != 0)
            return line;
        length = (size_t) (newline - log);
        log[length] = '\0';
    }
}

static fallible explain(const struct bpf_insn *instructions, uint32_t length)
{
    int number = errno;
    char log[LOG_SIZE] = "";
    if (number == EINVAL || number == EACCES) {
        int fd = load(instructions, length, log, sizeof(log));
        if (fd >= 0)
            close(fd);
    }

    const char *words = last_words(log);
    errno = number;
    return error_call(error_system("load a device program of %u instructions%s%s", length,
                                   *words ? ": " : "", words),
                      CALL_BPF, NULL);
}

fallible bpf_load_device_program(const struct bpf_insn *instructions, uint32_t length, int *program)
{
    int fd = load(instructions, length, NULL, 0);
    if (fd < 0 && errno == EPERM)
        fd = load_with_more_memory(instructions, length);
    if (fd < 0)
        return explain(instructions, length);
    *program = fd;
    return OK;
}

fallible bpf_attach_device(int program, int cgroup)
{
    union bpf_attr attribute;
    memset(&attribute, 0, sizeof(attribute));
    attribute.target_fd = (uint32_t) cgroup;
    attribute.attach_bpf_fd = (uint32_t) program;
    attribute.attach_type = BPF_CGROUP_DEVICE;
    attribute.attach_flags = BPF_F_ALLOW_MULTI;
    if (call(BPF_PROG_ATTACH, &attribute) < 0)
        return error_hint(error_system("attach the device program to the cgroup"),
                          "needs a kernel with CONFIG_CGROUP_BPF");
    return OK;
}

static fallible read_info(int program, struct bpf_prog_info *info)
{
    union bpf_attr attribute;
    memset(&attribute, 0, sizeof(attribute));
    memset(info, 0, sizeof(*info));
    attribute.info.bpf_fd = (uint32_t) program;
    attribute.info.info_len = sizeof(*info);
    attribute.info.info = (uintptr_t) info;
    if (call(BPF_OBJ_GET_INFO_BY_FD, &attribute) < 0)
        return error_system("look at a device program");
    return OK;
}

/* -1: it has another name, or is gone. */
static fallible open_ours(uint32_t id, int *program)
{
    union bpf_attr attribute;
    struct bpf_prog_info info;
    memset(&attribute, 0, sizeof(attribute));
    attribute.prog_id = id;
    auto_close int found = call(BPF_PROG_GET_FD_BY_ID, &attribute);
    if (found < 0 && errno == ENOENT)
        return OK;
    if (found < 0)
        return error_system("open a device program of the cgroup");

    try(read_info(found, &info));
    if (strncmp(info.name, program_name, sizeof(info.name)) == 0)
        *program = take_fd(&found);
    return OK;
}

/* One that somebody else has detached meanwhile is as good. */
fallible bpf_detach_device(int program, int cgroup)
{
    union bpf_attr attribute;
    memset(&attribute, 0, sizeof(attribute));
    attribute.target_fd = (uint32_t) cgroup;
    attribute.attach_bpf_fd = (uint32_t) program;
    attribute.attach_type = BPF_CGROUP_DEVICE;
    if (call(BPF_PROG_DETACH, &attribute) < 0 && errno != ENOENT)
        return error_system("detach a device program from the cgroup");
    return OK;
}

static fallible detach(uint32_t id, int cgroup, bool *has_begun)
{
    auto_close int program = -1;

    try(open_ours(id, &program));
    if (program < 0)
        return OK;
    try(bpf_detach_device(program, cgroup));
    *has_begun = true;
    return OK;
}

fallible bpf_detach_devices(int cgroup, int kept, bool *has_begun)
{
    struct bpf_prog_info info = { .id = 0 }; /* that no program has */
    uint32_t ids[ATTACHED_MAX];
    union bpf_attr attribute;

    *has_begun = false;
    if (kept >= 0)
        try(read_info(kept, &info));
    memset(&attribute, 0, sizeof(attribute));
    attribute.query.target_fd = (uint32_t) cgroup;
    attribute.query.attach_type = BPF_CGROUP_DEVICE;
    attribute.query.prog_ids = (uintptr_t) ids;
    attribute.query.prog_cnt = ATTACHED_MAX;
    if (call(BPF_PROG_QUERY, &attribute) < 0)
        return error_system("list the device programs of the cgroup");
    for (uint32_t i = 0; i < attribute.query.prog_cnt && i < ATTACHED_MAX; i++)
        if (ids[i] != info.id)
            try(detach(ids[i], cgroup, has_begun));
    return OK;
}
