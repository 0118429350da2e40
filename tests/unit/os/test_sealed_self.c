/* SPDX-License-Identifier: Apache-2.0 */
/* os/sealed_self: the init program can be run, but neither written nor replaced, whatever
 * vm.memfd_noexec says. */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "os/embedded_init.h"
#include "os/fd.h"
#include "os/sealed_self.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

static void check_content(int fd, mode_t mode)
{
    struct stat status;
    size_t size = (size_t) (embedded_init_end - embedded_init_begin);
    demand(size > 0 && !memcmp(embedded_init_begin, "\177ELF", 4));
    demand(!fstat(fd, &status) && (size_t) status.st_size == size);
    demand((status.st_mode & 0555) == mode);
    demand(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    char *content = malloc(size);
    demand(content && pread(fd, content, size, 0) == (ssize_t) size);
    demand(!memcmp(content, embedded_init_begin, size));
    free(content);
}

static void check_unwritable(int fd, mode_t mode)
{
    char path[64];
    demand(pwrite(fd, "x", 1, 0) == -1);
    demand(ftruncate(fd, 0) == -1);
    demand(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);

    /* By its own name, as through /proc/PID/exe. */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, O_RDWR | O_CLOEXEC);
    demand(again == -1 || pwrite(again, "x", 1, 0) == -1);
    demand(open(path, O_RDWR | O_TRUNC | O_CLOEXEC) == -1);
    check_content(fd, mode);
}

/* True if the kernel starts it; what it does without a plan is its own affair. */
static void check_runs(int fd)
{
    int ends[2];
    demand(!pipe2(ends, O_CLOEXEC));
    pid_t child = fork();
    demand(child >= 0);
    if (child == 0) {
        char *const arguments[] = { (char *) "tare-init", NULL }, *const environment[] = { NULL };
        dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDERR_FILENO);
        fexecve(fd, arguments, environment);
        demand(write(ends[1], &errno, sizeof(errno)) > 0);
        _exit(1);
    }
    close(ends[1]);
    int failure = 0;
    demand(read(ends[0], &failure, sizeof(failure)) == 0);
    demand(waitpid(child, NULL, 0) == child);
}

static int open_checked(bool is_hidden)
{
    mode_t mode = is_hidden ? 0111 : 0555;
    int fd = -1;
    demand(!sealed_self_open(is_hidden, &fd));
    check_content(fd, mode);
    check_runs(fd);
    check_unwritable(fd, mode);
    return fd;
}

static void open_memory_file(void)
{
    int fd = open_checked(false);
    int seals = fcntl(fd, F_GET_SEALS);
    int expected = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    demand((seals & expected) == expected);
    demand(!(seals & F_SEAL_EXEC) || fchmod(fd, 0444) == -1);
    demand(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == -1);
    open_checked(true);
}

static void need_root(void)
{
    if (unshare(CLONE_NEWNS))
        _exit(CHILD_SKIPS);
}

static void open_on_tmpfs(void)
{
    need_root();
    refuse_call(SYS_memfd_create, EACCES);
    int fd = open_checked(false);
    struct stat status;
    demand(!fstat(fd, &status) && status.st_nlink == 0);
    demand((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    open_checked(true);
}

/* The sysctl belongs to the pid namespace, so a new one has its own. */
static void run_where_memfds_are_not(void)
{
    if (unshare(CLONE_NEWPID | CLONE_NEWNS))
        _exit(CHILD_SKIPS);
    pid_t child = fork();
    demand(child >= 0);
    if (child == 0) {
        int setting = open("/proc/sys/vm/memfd_noexec", O_WRONLY | O_CLOEXEC);
        if (setting < 0 || write(setting, "2", 1) != 1)
            _exit(CHILD_SKIPS);
        demand(memfd_create("x", MFD_EXEC) == -1 && errno == EACCES);
        open_checked(false);
        open_checked(true);
        _exit(0);
    }
    int status;
    demand(waitpid(child, &status, 0) == child && WIFEXITED(status));
    _exit(WEXITSTATUS(status));
}

/* Another refusal is no reason to try something else. */
static void fail_plainly(void)
{
    refuse_call(SYS_memfd_create, EMFILE);
    int fd = -7;
    struct error *error = sealed_self_open(false, &fd);
    demand(error && error->number == EMFILE && fd == -7);
    demand(!strncmp(error->text, "prepare the init program: ", 26));
}

static void is_a_sealed_memory_file(void **state)
{
    (void) state;
    in_child(open_memory_file);
}

static void is_a_nameless_file_where_memfds_are_refused(void **state)
{
    (void) state;
    in_child(open_on_tmpfs);
}

static void runs_under_memfd_noexec(void **state)
{
    (void) state;
    in_child(run_where_memfds_are_not);
}

static void reports_other_refusals(void **state)
{
    (void) state;
    in_child(fail_plainly);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "is a sealed memory file (R7, T22)", is_a_sealed_memory_file, NULL, NULL, NULL },
        { "is a nameless file where memfds are refused (R7, T22)",
          is_a_nameless_file_where_memfds_are_refused, NULL, NULL, NULL },
        { "runs under vm.memfd_noexec=2 (R7)", runs_under_memfd_noexec, NULL, NULL, NULL },
        cmocka_unit_test(reports_other_refusals),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
