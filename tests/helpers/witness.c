/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that test containers run: it says what it sees, as `key=value` or raw lines.
 *
 *     witness ids
 *     witness chain ids ';' write /proc/sys/kernel/x 1 ';' exit 3
 *
 * Linked statically and free of whatever would need a file of the image (users, locale, zones).
 * Attempts answer `ok` or the symbol of errno, and are no failure of the witness.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

extern char **environ;

static char **all_arguments;

struct word {
    const char *name;
    int least; /* arguments */
    int (*run)(char **arguments);
};

/* Answers ------------------------------------------------------------------------------------ */

static const char *symbol(int number)
{
    static char other[32];
    static const struct {
        int number;
        const char *name;
    } names[] = {
#define NAME(symbol) { symbol, #symbol }
        NAME(EPERM),      NAME(ENOENT), NAME(ESRCH),        NAME(EINTR),     NAME(EIO),
        NAME(ENXIO),      NAME(E2BIG),  NAME(ENOEXEC),      NAME(EBADF),     NAME(ECHILD),
        NAME(EAGAIN),     NAME(ENOMEM), NAME(EACCES),       NAME(EFAULT),    NAME(EBUSY),
        NAME(EEXIST),     NAME(EXDEV),  NAME(ENODEV),       NAME(EISDIR),    NAME(ENOTDIR),
        NAME(EINVAL),     NAME(ENFILE), NAME(EMFILE),       NAME(ENOTTY),    NAME(EFBIG),
        NAME(ETXTBSY),    NAME(ENOSPC), NAME(ESPIPE),       NAME(EROFS),     NAME(EMLINK),
        NAME(EPIPE),      NAME(ERANGE), NAME(ENAMETOOLONG), NAME(ENOSYS),    NAME(ELOOP),
        NAME(EOPNOTSUPP), NAME(ENOKEY), NAME(EDQUOT),       NAME(EOVERFLOW), NAME(ENOTEMPTY),
#undef NAME
    };

    for (size_t i = 0; i < LENGTH(names); i++)
        if (names[i].number == number)
            return names[i].name;
    snprintf(other, sizeof(other), "errno %d", number);
    return other;
}

/* The answer to an attempt: RESULT is negative when the kernel refused. */
static int answer(long result)
{
    puts(result < 0 ? symbol(errno) : "ok");
    return 0;
}

static int refuse(const char *what)
{
    printf("%s: %s\n", what, symbol(errno));
    return 1;
}

static int copy_out(int fd, const char *name)
{
    char buffer[65536];
    ssize_t length;

    if (fd < 0)
        return refuse(name);
    fflush(stdout);
    while ((length = read(fd, buffer, sizeof(buffer))) > 0)
        if (write(1, buffer, (size_t) length) != length)
            return 1;
    if (length < 0)
        return refuse(name);
    return fd == 0 ? 0 : close(fd);
}

static int copy_file(const char *path)
{
    return copy_out(open(path, O_RDONLY | O_CLOEXEC), path);
}

/* Who -------------------------------------------------------------------------------------------
 */

static int say_ids(char **arguments)
{
    uid_t uid[3];
    gid_t gid[3], groups[1024];
    int count = getgroups((int) LENGTH(groups), groups);
    mode_t mask = umask(0);

    (void) arguments;
    umask(mask);
    getresuid(&uid[0], &uid[1], &uid[2]);
    getresgid(&gid[0], &gid[1], &gid[2]);
    printf("uid=%u:%u:%u\n", uid[0], uid[1], uid[2]);
    printf("gid=%u:%u:%u\n", gid[0], gid[1], gid[2]);
    printf("groups=");
    for (int i = 0; i < count; i++)
        printf("%s%u", i ? "," : "", groups[i]);
    printf("\numask=%04o\n", (unsigned) mask);
    return 0;
}

static int say_caps(char **arguments)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };
    unsigned long long bounding = 0, ambient = 0;

    (void) arguments;
    if (syscall(SYS_capget, &header, data) < 0)
        return refuse("capget");
    for (unsigned long cap = 0; cap < 64; cap++) {
        if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
            bounding |= 1ULL << cap;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
            ambient |= 1ULL << cap;
    }
    printf("effective=%08x%08x\n", data[1].effective, data[0].effective);
    printf("permitted=%08x%08x\n", data[1].permitted, data[0].permitted);
    printf("inheritable=%08x%08x\n", data[1].inheritable, data[0].inheritable);
    printf("bounding=%016llx\n", bounding);
    printf("ambient=%016llx\n", ambient);
    return 0;
}

static int say_no_new_privileges(char **arguments)
{
    (void) arguments;
    printf("no_new_privileges=%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    return 0;
}

static int say_session(char **arguments)
{
    (void) arguments;
    printf("pid=%d\nppid=%d\nsid=%d\npgid=%d\n", getpid(), getppid(), getsid(0), getpgid(0));
    printf("terminal=%s\n", isatty(0) ? "yes" : "no");
    return 0;
}

/* The terminal: whether 0 to 2 are the same one, and /dev/console too; whether it controls us. */
static int say_terminal(char **arguments)
{
    struct stat status, console;
    struct winsize size = { 0 };
    pid_t session = -1;

    (void) arguments;
    for (int fd = 0; fd <= 2; fd++) {
        char path[32], target[64];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        ssize_t length = readlink(path, target, sizeof(target));
        printf("%d=%s %.*s\n", fd, isatty(fd) ? "terminal" : "other", (int) length, target);
    }
    if (fstat(0, &status) < 0)
        return refuse("fstat");
    printf("mode=%04o uid=%u gid=%u\n", (unsigned) status.st_mode & 07777, status.st_uid,
           status.st_gid);
    ioctl(0, TIOCGWINSZ, &size);
    printf("size=%u %u\n", size.ws_row, size.ws_col);
    ioctl(0, TIOCGSID, &session);
    printf("controlling=%s\n", session == getsid(0) ? "yes" : "no");
    if (stat("/dev/console", &console) < 0)
        return refuse("console");
    printf("console=%s\n",
           console.st_dev == status.st_dev && console.st_ino == status.st_ino ? "same" : "other");
    return 0;
}

static int say_size(char **arguments)
{
    struct winsize size;

    (void) arguments;
    if (ioctl(0, TIOCGWINSZ, &size) < 0)
        return refuse("size");
    printf("size=%u %u\n", size.ws_row, size.ws_col);
    return 0;
}

/* What a process at somebody's terminal could do to whoever sits there. */
static int try_injection(char **arguments)
{
    char byte = 'x', paste = 3;

    (void) arguments;
    printf("TIOCSTI=%s\n", ioctl(0, TIOCSTI, &byte) < 0 ? symbol(errno) : "ok");
    printf("TIOCLINUX=%s\n", ioctl(0, TIOCLINUX, &paste) < 0 ? symbol(errno) : "ok");
    return 0;
}

static int say_line(char **arguments)
{
    char line[256];
    size_t length = 0;
    ssize_t got = 1;

    (void) arguments;
    fflush(stdout);
    while (length < sizeof(line) && (got = read(0, line + length, 1)) == 1 && line[length] != '\n')
        length++;
    if (got < 0)
        return refuse("read");
    if (got == 0)
        printf("end behind ");
    printf("line=%.*s\n", (int) length, line);
    return 0;
}

/* Closes 0 to 2, waits until somebody has made a file, and opens them anew. */
static int reopen_standard(char **arguments)
{
    fflush(stdout);
    for (int fd = 0; fd <= 2; fd++)
        close(fd);
    while (access(arguments[1], F_OK))
        usleep(10000);
    for (int fd = 0; fd <= 2; fd++)
        if (open(arguments[0], O_RDWR | O_NOCTTY) != fd)
            return 1;
    return 0;
}

static int say_numbers(char **arguments)
{
    for (int i = 1; i <= atoi(arguments[0]); i++)
        printf("number %d\n", i);
    return 0;
}

static int say_keyring(char **arguments)
{
    char description[256];
    long id = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

    (void) arguments;
    if (id < 0)
        return refuse("session keyring");
    if (syscall(SYS_keyctl, KEYCTL_DESCRIBE, id, description, sizeof(description)) < 0)
        return refuse("describe the session keyring");
    printf("keyring=%s\n", strrchr(description, ';') + 1);
    return 0;
}

static int say_keyring_label(char **arguments)
{
    char label[256] = "";

    (void) arguments;
    if (syscall(SYS_keyctl, KEYCTL_GET_SECURITY, KEY_SPEC_SESSION_KEYRING, label,
                sizeof(label) - 1) < 0)
        return refuse("label of the session keyring");
    printf("keyring_label=%s\n", label);
    return 0;
}

/* What it was given -----------------------------------------------------------------------------
 */

static int say_environment(char **arguments)
{
    (void) arguments;
    for (char **entry = environ; *entry; entry++)
        puts(*entry);
    return 0;
}

static int say_arguments(char **arguments)
{
    (void) arguments;
    for (int i = 0; all_arguments[i]; i++)
        printf("[%d]=%s\n", i, all_arguments[i]);
    return 0;
}

static int say_cwd(char **arguments)
{
    char path[4096];

    (void) arguments;
    if (!getcwd(path, sizeof(path)))
        return refuse("cwd");
    printf("cwd=%s\n", path);
    return 0;
}

static const char *kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "directory";
    case S_IFLNK:
        return "link";
    case S_IFCHR:
        return "char";
    case S_IFBLK:
        return "block";
    case S_IFIFO:
        return "fifo";
    case S_IFSOCK:
        return "socket";
    default:
        return "other";
    }
}

static int say_descriptors(char **arguments)
{
    (void) arguments;
    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        struct stat status;

        if (flags < 0 || fstat(fd, &status) < 0)
            continue;
        printf("%d=%s%s\n", fd, kind(status.st_mode), flags & FD_CLOEXEC ? " cloexec" : "");
    }
    return 0;
}

static void print_limit(rlim_t value)
{
    if (value == RLIM_INFINITY)
        printf("infinity");
    else
        printf("%llu", (unsigned long long) value);
}

static int say_limits(char **arguments)
{
    static const char *const names[] = {
        [RLIMIT_CPU] = "CPU",           [RLIMIT_FSIZE] = "FSIZE",
        [RLIMIT_DATA] = "DATA",         [RLIMIT_STACK] = "STACK",
        [RLIMIT_CORE] = "CORE",         [RLIMIT_RSS] = "RSS",
        [RLIMIT_NPROC] = "NPROC",       [RLIMIT_NOFILE] = "NOFILE",
        [RLIMIT_MEMLOCK] = "MEMLOCK",   [RLIMIT_AS] = "AS",
        [RLIMIT_LOCKS] = "LOCKS",       [RLIMIT_SIGPENDING] = "SIGPENDING",
        [RLIMIT_MSGQUEUE] = "MSGQUEUE", [RLIMIT_NICE] = "NICE",
        [RLIMIT_RTPRIO] = "RTPRIO",     [RLIMIT_RTTIME] = "RTTIME",
    };

    (void) arguments;
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct rlimit limit;

        if (getrlimit((int) i, &limit) < 0)
            return refuse(names[i]);
        printf("RLIMIT_%s=", names[i]);
        print_limit(limit.rlim_cur);
        printf(":");
        print_limit(limit.rlim_max);
        printf("\n");
    }
    return 0;
}

/* The raw calls, since a C library hides the signals that it uses itself. */
static int say_signals(char **arguments)
{
    unsigned long blocked = 0, ignored = 0;

    (void) arguments;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof(blocked));
    for (int number = 1; number <= 64; number++) {
        unsigned long action[8] = { 0 };

        if (syscall(SYS_rt_sigaction, number, NULL, action, sizeof(blocked)) == 0 &&
            action[0] == (unsigned long) SIG_IGN)
            ignored |= 1UL << (number - 1);
    }
    printf("blocked=%016lx\nignored=%016lx\n", blocked, ignored);
    return 0;
}

static int say_oom(char **arguments)
{
    (void) arguments;
    printf("oom_score_adj=");
    return copy_file("/proc/self/oom_score_adj");
}

/* Which fields count is the policy's matter: all are said. */
static int say_scheduler(char **arguments)
{
    struct {
        unsigned size, policy;
        unsigned long long flags;
        int nice;
        unsigned priority;
        unsigned long long runtime, deadline, period;
        unsigned clamp_least, clamp_most;
    } got = { 0 };

    (void) arguments;
    if (syscall(SYS_sched_getattr, 0, &got, sizeof(got), 0) < 0)
        return refuse("sched_getattr");
    printf("policy=%u\nnice=%d\npriority=%u\nflags=%llu\n", got.policy, got.nice, got.priority,
           got.flags);
    printf("runtime=%llu\ndeadline=%llu\nperiod=%llu\n", got.runtime, got.deadline, got.period);
    return 0;
}

static int say_io_priority(char **arguments)
{
    long got = syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0);

    (void) arguments;
    if (got < 0)
        return refuse("ioprio_get");
    printf("io_priority=%ld:%ld\n", got >> 13, got & 0x1fff);
    return 0;
}

static int say_personality(char **arguments)
{
    struct utsname names;

    (void) arguments;
    if (uname(&names) < 0)
        return refuse("uname");
    printf("persona=%x\nmachine=%s\n", (unsigned) personality(0xffffffff), names.machine);
    return 0;
}

/* What it sees ----------------------------------------------------------------------------------
 */

static int say_clock(char **arguments)
{
    struct timespec monotonic, boottime;

    (void) arguments;
    if (clock_gettime(CLOCK_MONOTONIC, &monotonic) || clock_gettime(CLOCK_BOOTTIME, &boottime))
        return refuse("clock");
    printf("monotonic=%lld\nboottime=%lld\n", (long long) monotonic.tv_sec,
           (long long) boottime.tv_sec);
    return 0;
}

static int say_hostname(char **arguments)
{
    struct utsname names;

    (void) arguments;
    uname(&names);
    printf("hostname=%s\n", names.nodename);
    return 0;
}

static int say_domainname(char **arguments)
{
    struct utsname names;

    (void) arguments;
    uname(&names);
    printf("domainname=%s\n", names.domainname);
    return 0;
}

static int say_namespaces(char **arguments)
{
    static const char *const names[] = {
        "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"
    };

    (void) arguments;
    for (size_t i = 0; i < LENGTH(names); i++) {
        char path[64], target[64];
        ssize_t length;

        snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
        length = readlink(path, target, sizeof(target));
        if (length < 0)
            return refuse(path);
        printf("%s=%.*s\n", names[i], (int) length, target);
    }
    return 0;
}

static int say_mounts(char **arguments)
{
    (void) arguments;
    return copy_file("/proc/self/mountinfo");
}

static int say_sysctl(char **arguments)
{
    char path[256];

    snprintf(path, sizeof(path), "/proc/sys/%s", arguments[0]);
    if (!strchr(arguments[0], '/'))
        for (char *c = path + strlen("/proc/sys/"); *c; c++)
            if (*c == '.')
                *c = '/';
    return copy_file(path);
}

static int say_status(char **arguments)
{
    for (; *arguments; arguments++) {
        struct stat status;

        if (lstat(*arguments, &status) < 0) {
            printf("%s: %s\n", *arguments, symbol(errno));
            continue;
        }
        printf("%s: %s mode=%04o uid=%u gid=%u rdev=%u:%u size=%lld\n", *arguments,
               kind(status.st_mode), (unsigned) status.st_mode & 07777, status.st_uid,
               status.st_gid, major(status.st_rdev), minor(status.st_rdev),
               (long long) status.st_size);
    }
    return 0;
}

static int say_descriptor(char **arguments)
{
    struct stat status;

    if (fstat(atoi(arguments[0]), &status) < 0)
        return refuse(arguments[0]);
    printf("%s: %s uid=%u gid=%u rdev=%u:%u\n", arguments[0], kind(status.st_mode), status.st_uid,
           status.st_gid, major(status.st_rdev), minor(status.st_rdev));
    return 0;
}

static int say_file_system(char **arguments)
{
    struct statfs status;

    if (statfs(arguments[0], &status) < 0)
        return refuse(arguments[0]);
    printf("type=%#lx\nflags=%#lx\n", (unsigned long) status.f_type,
           (unsigned long) status.f_flags);
    return 0;
}

static int say_file(char **arguments)
{
    return strcmp(arguments[0], "-") == 0 ? copy_out(0, "stdin") : copy_file(arguments[0]);
}

static int say_link(char **arguments)
{
    char target[4096];
    ssize_t length = readlink(arguments[0], target, sizeof(target));

    if (length < 0)
        return refuse(arguments[0]);
    printf("%.*s\n", (int) length, target);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static int say_directory(char **arguments)
{
    DIR *directory = opendir(arguments[0]);
    char *names[4096];
    size_t count = 0;
    struct dirent *entry;

    if (!directory)
        return refuse(arguments[0]);
    while (count < LENGTH(names) && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            names[count++] = strdup(entry->d_name);
    closedir(directory);
    qsort(names, count, sizeof(names[0]), compare);
    for (size_t i = 0; i < count; i++) {
        puts(names[i]);
        free(names[i]);
    }
    return 0;
}

static int say_text(char **arguments)
{
    puts(arguments[0]);
    return 0;
}

static int complain(char **arguments)
{
    fprintf(stderr, "%s\n", arguments[0]);
    return 0;
}

/* What it may do --------------------------------------------------------------------------------
 */

static int try_write(char **arguments)
{
    int fd = open(arguments[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ssize_t length;

    if (fd < 0)
        return answer(fd);
    length = write(fd, arguments[1], strlen(arguments[1]));
    answer(length);
    return close(fd);
}

static int try_open(char **arguments)
{
    const char *how = arguments[1];
    int mode = strcmp(how, "rw") == 0 ? O_RDWR : strcmp(how, "w") == 0 ? O_WRONLY : O_RDONLY;
    int fd = open(arguments[0], mode | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    answer(fd);
    return fd < 0 ? 0 : close(fd);
}

static int try_clear_flags(char **arguments)
{
    return answer(mount(NULL, arguments[0], NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int try_mkdir(char **arguments)
{
    return answer(mkdir(arguments[0], 0755));
}

/* Other flags for a mount, in hexadecimal (mount(2)): all that are not named are to be cleared. */
static int try_remount(char **arguments)
{
    unsigned long flags = strtoul(arguments[1], NULL, 16);
    return answer(mount(NULL, arguments[0], NULL, MS_REMOUNT | MS_BIND | flags, NULL));
}

static int try_unlink(char **arguments)
{
    return answer(unlink(arguments[0]));
}

/* What it uses up ---------------------------------------------------------------------------- */

/* Maps and touches memory, which stays. */
static int take_memory(const char *bytes, int flags)
{
    size_t size = strtoull(bytes, NULL, 10);
    char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    if (memory == MAP_FAILED)
        return answer(-1);
    for (size_t i = 0; i < size; i += 4096)
        memory[i] = 1;
    return answer(0);
}

static int eat_memory(char **arguments)
{
    return take_memory(arguments[0], 0);
}

static int try_huge_pages(char **arguments)
{
    return take_memory(arguments[0], MAP_HUGETLB);
}

/* The children wait, so that they all count, and are killed. */
static int try_forks(char **arguments)
{
    static pid_t children[1024];
    int wanted = atoi(arguments[0]), got = 0;

    while (got < wanted && got < (int) LENGTH(children)) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            break;
        children[got++] = child;
    }
    int number = errno;
    printf("children=%d\n", got);
    if (got < wanted)
        printf("error=%s\n", symbol(number));
    for (int i = 0; i < got; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    return 0;
}

static long long milliseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int burn(char **arguments)
{
    long long end = milliseconds(CLOCK_MONOTONIC) + atoi(arguments[0]) * 1000LL;
    long long begin = milliseconds(CLOCK_PROCESS_CPUTIME_ID);

    while (milliseconds(CLOCK_MONOTONIC) < end)
        ;
    printf("cpu=%lld\n", milliseconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
    return 0;
}

static int read_disk(char **arguments)
{
    static char buffer[1 << 16] __attribute__((aligned(4096)));
    long long begin = milliseconds(CLOCK_MONOTONIC);
    int fd = open(arguments[0], O_RDONLY | O_DIRECT | O_CLOEXEC);

    if (fd < 0)
        return answer(-1);
    for (long left = atol(arguments[1]); left > 0; left -= (long) sizeof(buffer))
        if (read(fd, buffer, sizeof(buffer)) < 0)
            return answer(-1);
    close(fd);
    printf("ms=%lld\n", milliseconds(CLOCK_MONOTONIC) - begin);
    return 0;
}

static int try_mknod(char **arguments)
{
    mode_t type = arguments[1][0] == 'b' ? S_IFBLK : S_IFCHR;
    dev_t device = makedev((unsigned) atoi(arguments[2]), (unsigned) atoi(arguments[3]));

    return answer(mknod(arguments[0], type | 0600, device));
}

/* A system call by its name, of those below, or its number. */
static long find_call(const char *name)
{
    static const struct {
        const char *name;
        long number;
    } calls[] = {
        { "clone3", SYS_clone3 }, { "execve", SYS_execve }, { "getppid", SYS_getppid },
        { "getuid", SYS_getuid }, { "keyctl", SYS_keyctl }, { "lseek", SYS_lseek },
        { "sendto", SYS_sendto }, { "socket", SYS_socket }, { "unshare", SYS_unshare },
    };

    for (size_t i = 0; i < LENGTH(calls); i++)
        if (strcmp(calls[i].name, name) == 0)
            return calls[i].number;
    return strtol(name, NULL, 0);
}

static int say_number(char **arguments)
{
    printf("%ld\n", find_call(arguments[0]));
    return 0;
}

static void read_numbers(char **arguments, unsigned long numbers[6])
{
    for (int i = 0; i < 6 && arguments[i]; i++)
        numbers[i] = strtoul(arguments[i], NULL, 0);
}

static int try_call(char **arguments)
{
    unsigned long a[6] = { 0 };

    fflush(stdout);
    read_numbers(arguments + 1, a);
    return answer(syscall(find_call(arguments[0]), a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* A system call of a 32-bit program, by its number; "none" where the machine has no such thing. */
static int try_call_32(char **arguments)
{
    unsigned long a[6] = { 0 };
    long result = strtol(arguments[0], NULL, 0);

    fflush(stdout);
    read_numbers(arguments + 1, a);
#ifdef __x86_64__
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
                     : "memory", "r8", "r9", "r10", "r11");
    result = (int) result;
#else
    puts("none");
    return 0;
#endif
    errno = result < 0 ? (int) -result : 0;
    return answer(result);
}

static void tell_call(int number, siginfo_t *info, void *context)
{
    (void) context;
    printf("signal=%d code=%d errno=%d call=%d\n", number, info->si_code, info->si_errno,
           info->si_syscall);
}

/* Tells of the calls that a filter traps, and goes on. */
static int trap_calls(char **arguments)
{
    struct sigaction action = { .sa_sigaction = tell_call, .sa_flags = SA_SIGINFO };

    (void) arguments;
    return sigaction(SIGSYS, &action, NULL);
}

static int try_exec(char **arguments)
{
    fflush(stdout);
    return answer(execv(arguments[0], arguments));
}

/* Outside of containers: runs a program with a session keyring of that name. */
static int exec_with_keyring(char **arguments)
{
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, arguments[0]) < 0)
        return refuse("join a session keyring");
    return try_exec(arguments + 1);
}

/* As sd_notify_barrier(3) does: with a descriptor, which is to be closed by who hears it. */
static int notify(char **arguments)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("NOTIFY_SOCKET");
    char control[CMSG_SPACE(sizeof(int))] = "", nothing;
    struct iovec part = { arguments[0], strlen(arguments[0]) };
    struct msghdr message = {
        .msg_name = &address,
        .msg_namelen = sizeof(address),
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    int ends[2], fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (!path || fd < 0 || pipe(ends))
        return refuse("NOTIFY_SOCKET");
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    head->cmsg_len = CMSG_LEN(sizeof(int));
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(head), &ends[1], sizeof(int));
    if (sendmsg(fd, &message, 0) < 0)
        return refuse("notify");
    close(ends[1]);
    return read(ends[0], &nothing, 1) ? refuse("the end of the pipe") : 0;
}

/* Waits for nobody. */
static int notify_on(char **arguments)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("NOTIFY_SOCKET");
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "");
    while (fd >= 0 && sendto(fd, arguments[0], strlen(arguments[0]), 0,
                             (struct sockaddr *) &address, sizeof(address)) >= 0)
        ;
    return refuse("notify");
}

/* How it ends -----------------------------------------------------------------------------------
 */

/* Numbers at the beginning of a file, 1, 2, ...: from memory alone, so that who goes on where it
 * was has not been started anew.  Each goes over a connection, or to a socket, before; -1 for
 * neither. */
static int count(const char *path, int to, int from)
{
    const struct timespec pause = { .tv_nsec = 50000000 };

    for (unsigned long number = 1;; number++) {
        char text[32], back[32];
        int length = snprintf(text, sizeof(text), "%lu\n", number);
        if (to >= 0 && send(to, text, (size_t) length, MSG_NOSIGNAL) < 0)
            length = snprintf(text, sizeof(text), "closed\n");
        else if (from >= 0 && read(from, back, sizeof(back)) <= 0)
            length = snprintf(text, sizeof(text), "closed\n");
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0 || pwrite(fd, text, (size_t) length, 0) < 0 || close(fd) < 0)
            return refuse(path);
        nanosleep(&pause, NULL);
    }
}

static int count_up(char **arguments)
{
    return count(arguments[0], -1, -1);
}

/* From itself to itself. */
static int count_by_tcp(char **arguments)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), to = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(listener, (struct sockaddr *) &address, size) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *) &address, &size) ||
        connect(to, (struct sockaddr *) &address, size))
        return refuse("tcp");
    return count(arguments[0], to, accept(listener, NULL, NULL));
}

static int count_to_socket(char **arguments)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int to = socket(AF_UNIX, SOCK_DGRAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", arguments[1]);
    if (connect(to, (struct sockaddr *) &address, sizeof(address)))
        return refuse(arguments[1]);
    return count(arguments[0], to, -1);
}

static int hold(char **arguments)
{
    return open(arguments[0], O_RDWR) < 0 ? refuse(arguments[0]) : 0;
}

/* The lock is held until the end. */
static int try_lock(char **arguments)
{
    int fd = open(arguments[0], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    return answer(fd < 0 ? fd : flock(fd, LOCK_EX | LOCK_NB));
}

/* Until the end, too. */
static int watch(char **arguments)
{
    int fd = inotify_init1(IN_CLOEXEC);
    return answer(fd < 0 ? fd : inotify_add_watch(fd, arguments[0], IN_CREATE));
}

/* The descriptor stays where it has been sent, and the file is open nowhere else. */
static int send_descriptor(char **arguments)
{
    int ends[2], fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    char byte = 'x';
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
                              .cmsg_level = SOL_SOCKET,
                              .cmsg_type = SCM_RIGHTS } };
    struct iovec part = { &byte, 1 };
    const struct msghdr message = { .msg_iov = &part,
                                    .msg_iovlen = 1,
                                    .msg_control = &control,
                                    .msg_controllen = sizeof(control) };

    if (fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends))
        return answer(-1);
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    long result = sendmsg(ends[0], &message, 0);
    close(fd);
    return answer(result);
}

static int wait_seconds(char **arguments)
{
    fflush(stdout);
    sleep((unsigned) atoi(arguments[0]));
    return 0;
}

static int end(char **arguments)
{
    exit(atoi(arguments[0]));
}

static int kill_self(char **arguments)
{
    fflush(stdout);
    kill(getpid(), atoi(arguments[0]));
    printf("survived %s\n", arguments[0]);
    return 0;
}

static volatile sig_atomic_t arrived;

static void remember(int number)
{
    arrived = number;
}

/* Blocked until sigsuspend, so that a signal sent on "ready" cannot fall between the two. */
static int trap_signals(char **arguments)
{
    struct sigaction action = { .sa_handler = remember };
    sigset_t wanted, before;

    sigemptyset(&wanted);
    for (; *arguments; arguments++) {
        sigaddset(&wanted, atoi(*arguments));
        sigaction(atoi(*arguments), &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &wanted, &before);
    puts("ready");
    fflush(stdout);
    while (!arrived)
        sigsuspend(&before);
    printf("got %d\n", (int) arrived);
    return 0;
}

static int run(char **words);

/* Appends what the rest of the words say to a file. */
static int say_into(char **arguments)
{
    int fd = open(arguments[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    fflush(stdout);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
        return refuse(arguments[0]);
    close(fd);
    return run(arguments + 1);
}

/* Runs the rest of the words in a child that is not waited for. */
static int spawn(char **arguments)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        int status = run(arguments);

        fflush(stdout);
        _exit(status);
    }
    return pid < 0 ? refuse("fork") : 0;
}

/* A child takes its place, and a child of that the child's, without an end. */
static int hop_on(char **arguments)
{
    (void) arguments;
    for (;;) {
        pid_t pid = fork();
        if (pid < 0)
            return refuse("fork");
        if (pid > 0)
            _exit(0);
    }
}

/* So many processes, which do nothing. */
static int gather_crowd(char **arguments)
{
    for (int i = atoi(arguments[0]); i > 1; i--) {
        pid_t pid = fork();
        if (pid < 0)
            return refuse("fork");
        if (pid == 0)
            break;
    }
    while (pause())
        ;
    return 0;
}

/* All of them fork, again and again, and rest where there can be no more. */
static int explode(char **arguments)
{
    (void) arguments;
    do
        while (fork() >= 0)
            ;
    while (usleep(10000) == 0);
    return 0;
}

/* Until no child is left. */
static int reap_children(char **arguments)
{
    (void) arguments;
    fflush(stdout);
    while (wait(NULL) > 0)
        ;
    return errno == ECHILD ? 0 : refuse("wait");
}

static int chain(char **arguments)
{
    while (*arguments) {
        char **end_of_word = arguments, *separator;
        int status;

        while (*end_of_word && strcmp(*end_of_word, ";") != 0)
            end_of_word++;
        separator = *end_of_word;
        *end_of_word = NULL;
        status = run(arguments);
        if (status != 0)
            return status;
        arguments = separator ? end_of_word + 1 : end_of_word;
    }
    return 0;
}

static void *run_in_thread(void *arguments)
{
    return run((char **) arguments) ? arguments : NULL;
}

/* Not in the first thread, which waits for that one. */
static int run_beside(char **arguments)
{
    void *failed;
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_in_thread, (void *) arguments) != 0)
        return refuse("thread");
    pthread_join(thread, &failed);
    return failed ? 1 : 0;
}

/* The same, but the first thread ends at once, and the process lives on as what looks a zombie. */
static int run_behind(char **arguments)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_in_thread, (void *) arguments) != 0)
        return refuse("thread");
    pthread_exit(NULL);
}

static const struct word words[] = {
    { "args", 0, say_arguments },
    { "behind", 1, run_behind },  /* WORD ARGUMENT..., when the first thread has ended */
    { "call", 1, try_call },      /* NAME|NUMBER ARGUMENT... */
    { "call32", 1, try_call_32 }, /* NUMBER ARGUMENT... */
    { "caps", 0, say_caps },
    { "bomb", 0, explode },
    { "burn", 1, burn },    /* SECONDS: the CPU time got in them, in ms */
    { "cat", 1, say_file }, /* PATH, or - for standard input */
    { "chain", 1, chain },  /* WORD ARGUMENT... ; WORD ARGUMENT... ends at the first that fails */
    { "clock", 0, say_clock },
    { "complain", 1, complain },           /* TEXT, on standard error */
    { "clear-flags", 1, try_clear_flags }, /* of the mount at PATH: ro, nosuid, nodev, ... */
    { "count", 1, count_up },              /* PATH */
    { "count-by-tcp", 1, count_by_tcp },   /* PATH */
    { "count-to", 2, count_to_socket },    /* PATH SOCKET */
    { "crowd", 1, gather_crowd },          /* NUMBER of processes */
    { "cwd", 0, say_cwd },
    { "domainname", 0, say_domainname },
    { "eat", 1, eat_memory },            /* BYTES, which are touched */
    { "descriptor", 1, say_descriptor }, /* NUMBER */
    { "env", 0, say_environment },
    { "exec", 1, try_exec },
    { "exec-with-keyring", 2, exec_with_keyring }, /* NAME PROGRAM ARGUMENT... */
    { "exit", 1, end },
    { "fds", 0, say_descriptors },
    { "fork", 1, try_forks }, /* NUMBER: how many children could be had */
    { "hold", 1, hold },      /* PATH, open until the end */
    { "hop", 0, hop_on },     /* from process to process */
    { "hostname", 0, say_hostname },
    { "huge", 1, try_huge_pages }, /* BYTES of huge pages, which are touched */
    { "ids", 0, say_ids },
    { "io-priority", 0, say_io_priority },
    { "into", 2, say_into },        /* PATH WORD ARGUMENT... */
    { "inject", 0, try_injection }, /* at standard input */
    { "keyring", 0, say_keyring },
    { "keyring-label", 0, say_keyring_label },
    { "kill-self", 1, kill_self },
    { "limits", 0, say_limits },
    { "line", 0, say_line }, /* of standard input */
    { "lock", 1, try_lock }, /* PATH */
    { "ls", 1, say_directory },
    { "mkdir", 1, try_mkdir },
    { "mknod", 4, try_mknod }, /* PATH c|b MAJOR MINOR */
    { "mounts", 0, say_mounts },
    { "nnp", 0, say_no_new_privileges },
    { "ns", 0, say_namespaces },
    { "notify", 1, notify },       /* TEXT, to NOTIFY_SOCKET */
    { "notify-on", 1, notify_on }, /* TEXT, again and again */
    { "number", 1, say_number },   /* NAME of a call */
    { "numbers", 1, say_numbers }, /* up to N */
    { "oom", 0, say_oom },
    { "open", 2, try_open }, /* PATH r|w|rw */
    { "personality", 0, say_personality },
    { "read-disk", 2, read_disk }, /* PATH BYTES, past all caches: the ms it took */
    { "readlink", 1, say_link },
    { "remount", 2, try_remount },    /* PATH FLAGS */
    { "reopen", 2, reopen_standard }, /* PATH FILE-TO-WAIT-FOR */
    { "say", 1, say_text },
    { "scheduler", 0, say_scheduler },
    { "send-descriptor", 1, send_descriptor }, /* PATH */
    { "session", 0, say_session },
    { "signals", 0, say_signals },
    { "size", 0, say_size },
    { "sleep", 1, wait_seconds },
    { "spawn", 1, spawn }, /* WORD ARGUMENT... */
    { "stat", 1, say_status },
    { "statfs", 1, say_file_system },
    { "sysctl", 1, say_sysctl }, /* kernel.x, or kernel/x */
    { "terminal", 0, say_terminal },
    { "thread", 1, run_beside }, /* WORD ARGUMENT... */
    { "trap", 1, trap_signals }, /* NUMBER... */
    { "trap-calls", 0, trap_calls },
    { "unlink", 1, try_unlink },
    { "wait", 0, reap_children }, /* for what was spawned */
    { "watch", 1, watch },        /* PATH */
    { "write", 2, try_write },    /* PATH TEXT */
};

static int run(char **arguments)
{
    for (size_t i = 0; i < LENGTH(words) && arguments[0]; i++) {
        int count = 0;

        if (strcmp(words[i].name, arguments[0]) != 0)
            continue;
        while (arguments[count + 1])
            count++;
        if (count >= words[i].least)
            return words[i].run(arguments + 1);
    }
    fprintf(stderr, "witness: unknown word, or too few arguments: %s\n",
            arguments[0] ? arguments[0] : "");
    return 64;
}

int main(int count, char **arguments)
{
    (void) count;
    all_arguments = arguments;
    return run(arguments + 1);
}
