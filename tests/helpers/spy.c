/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root in a container, who lies in wait for what comes in from outside.
 *
 *     spy watch all|host SECRET [NAME...]
 *         until SIGTERM: of each other process that appears in /proc, but those NAMEd, tries to
 * reach root, cwd, exe, all descriptors, the memory; tries to trace it, and to write to its
 * program, at once and after its end.  Says "watching" when it begins and each time, on one line,
 *             found WHAT of PID (NAME): DETAIL
 *         if it has got hold of something that is not its container's: a regular file called
 *         "below-the-mask"; the memory or the program of
 *         a process whose program is none of its container's; a directory from which SECRET, a path
 *         of the host, is reachable; with "all" also a directory or a file whose mount it does not
 *         see.  That is no proof where others may have mounts of their own: "host".  Ends with
 *         "processes N, attempts N, reached N", where reached counts all that could be opened at
 *         all, and so shows that it was not asleep.  Says
 *             met PID (NAME): PROGRAM
 *         of each process that it has seen while its program was none of the container's.
 *     spy enter PID
 *         is the victim that shows it: it enters the pid namespace (and no other) of PID as an
 *         ordinary program would that knows nothing of all this, with a directory of the host open,
 *         gives up its capabilities, and sleeps a little.
 *     spy seals PID
 *         the seals of that process's program, as a number, or the symbol of what went wrong.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIDS = 1 << 16, KEPT = 64, SAID = 64, ROUNDS = 40, TRIES = 5 };

static const char *secret;
static bool knows_all; /* the mounts of all who may live in its pid namespace */
static volatile sig_atomic_t is_over;
static unsigned long processes, attempts, reached;
static dev_t own_device;
static int kept_programs[KEPT], kept_count;
static char **ignored; /* names */

struct victim {
    int pid;
    char name[32];
    char program[256]; /* where /proc/PID/exe leads to, or "" */
};

/* Each thing once of each process. */
static void found(const struct victim *victim, const char *what, const char *detail)
{
    static char said[SAID][48];
    static int pid, count;

    if (victim->pid != pid)
        count = 0;
    pid = victim->pid;
    for (int i = 0; i < count; i++)
        if (!strncmp(said[i], what, sizeof(said[i]) - 1))
            return;
    if (count < SAID)
        strncpy(said[count++], what, sizeof(said[0]) - 1);
    printf("found %s of %d (%s): %s\n", what, victim->pid, victim->name, detail);
    fflush(stdout);
}

/* What is whose ------------------------------------------------------------------------------ */

/* Whether a mount with this number is among those that we see. */
static bool is_own_mount(unsigned long number)
{
    char line[8192];
    bool is_own = false;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");

    while (mounts && !is_own && fgets(line, sizeof(line), mounts))
        is_own = strtoul(line, NULL, 10) == number;
    if (mounts)
        fclose(mounts);
    return is_own;
}

static unsigned long mount_of(int fd)
{
    char path[64], line[128];
    unsigned long number = 0;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(path, "re");
    while (info && fgets(line, sizeof(line), info))
        if (!strncmp(line, "mnt_id:", 7))
            number = strtoul(line + 7, NULL, 10);
    if (info)
        fclose(info);
    return number;
}

/* A procfs of the spy's own pid namespace, in which it is process 1, is no secret, though it may
 * not be mounted yet. */
static bool is_own_procfs(int fd)
{
    struct statfs filesystem;
    char self[16] = "";

    return getpid() == 1 && !fstatfs(fd, &filesystem) && filesystem.f_type == PROC_SUPER_MAGIC &&
           readlinkat(fd, "self", self, sizeof(self) - 1) > 0 && !strcmp(self, "1");
}

/* A program of the container: its path is reachable here, and it is what stands there. */
static bool is_own_program(const char *path)
{
    struct stat there;
    return path[0] == '/' && strncmp(path, "/memfd:", 7) && stat(path, &there) == 0 &&
           there.st_dev == own_device;
}

static void read_link(const char *link, char *target, size_t size)
{
    ssize_t length = readlink(link, target, size - 1);
    target[length < 0 ? 0 : length] = '\0';
}

static void read_program(struct victim *victim)
{
    char link[64];

    snprintf(link, sizeof(link), "/proc/%d/exe", victim->pid);
    read_link(link, victim->program, sizeof(victim->program));
}

/* One object that could be opened: is it the host's? */
static void judge_object(const struct victim *victim, const char *what, int fd)
{
    struct stat status;
    unsigned long mount = mount_of(fd);
    char detail[512], link[64], target[256] = "";

    reached++;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    read_link(link, target, sizeof(target));
    if (fstat(fd, &status))
        return;
    snprintf(detail, sizeof(detail), "%s (mode %o, device %u:%u, inode %lu, mount %lu)", target,
             status.st_mode, major(status.st_dev), minor(status.st_dev),
             (unsigned long) status.st_ino, mount);
    bool is_file = S_ISREG(status.st_mode) && strncmp(target, "/memfd:", 7);
    const char *name = strrchr(target, '/');
    if (S_ISREG(status.st_mode) && name && !strcmp(name, "/below-the-mask"))
        found(victim, "what is masked", detail);
    if (knows_all && (S_ISDIR(status.st_mode) || is_file) && !is_own_mount(mount) &&
        !is_own_procfs(fd))
        found(victim, what, detail);
    if (S_ISDIR(status.st_mode)) {
        int there = openat(fd, secret + 1, O_PATH | O_CLOEXEC);
        if (there >= 0) {
            found(victim, "the secret", what);
            close(there);
        }
    }
}

/* Attempts ----------------------------------------------------------------------------------- */

static void try_link(const struct victim *victim, const char *what)
{
    char path[128];

    attempts++;
    snprintf(path, sizeof(path), "/proc/%d/%s", victim->pid, what);
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    judge_object(victim, what, fd);
    close(fd);
}

static void try_descriptors(const struct victim *victim)
{
    char path[64], what[64];
    struct dirent *entry;

    attempts++;
    snprintf(path, sizeof(path), "/proc/%d/fd", victim->pid);
    DIR *directory = opendir(path);
    while (directory && (entry = readdir(directory))) {
        snprintf(what, sizeof(what), "fd/%.32s", entry->d_name);
        if (entry->d_name[0] != '.')
            try_link(victim, what);
    }
    if (directory)
        closedir(directory);
}

/* A place in its memory that is there: the first line of its maps, if we may read them. */
static unsigned long find_memory(const struct victim *victim)
{
    char path[64];
    unsigned long address = 0;

    snprintf(path, sizeof(path), "/proc/%d/maps", victim->pid);
    FILE *maps = fopen(path, "re");
    if (maps && fscanf(maps, "%lx-", &address) != 1)
        address = 0;
    if (maps)
        fclose(maps);
    return address;
}

/* Memory counts only if the program is not one of the container's, before and after. */
static void try_memory(struct victim *victim)
{
    char byte, before[256], path[64];
    bool has_read = false;

    attempts++;
    read_program(victim);
    memcpy(before, victim->program, sizeof(before));
    unsigned long address = find_memory(victim);
    struct iovec here = { &byte, 1 }, there = { (void *) address, 1 };
    if (address && process_vm_readv(victim->pid, &here, 1, &there, 1, 0) == 1)
        has_read = true;
    snprintf(path, sizeof(path), "/proc/%d/mem", victim->pid);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && address && pread(fd, &byte, 1, (off_t) address) == 1)
        has_read = true;
    if (fd >= 0)
        close(fd);
    if (!has_read)
        return;
    reached++;
    read_program(victim);
    if (before[0] && !strcmp(before, victim->program) && !is_own_program(before))
        found(victim, "memory", before);
}

/* Whether it could be traced. */
static bool try_trace(struct victim *victim)
{
    char before[256];

    attempts++;
    read_program(victim);
    memcpy(before, victim->program, sizeof(before));
    if (ptrace(PTRACE_SEIZE, victim->pid, 0, 0))
        return false;
    reached++;
    read_program(victim);
    if (before[0] && !strcmp(before, victim->program) && !is_own_program(before))
        found(victim, "trace", before);
    /* Who is traced goes on only when it is let go of, which it must be while stopped. */
    ptrace(PTRACE_INTERRUPT, victim->pid, 0, 0);
    waitpid(victim->pid, NULL, __WALL);
    ptrace(PTRACE_DETACH, victim->pid, 0, 0);
    return true;
}

/* Writes what is there already; only programs of others count. */
static void write_program(const struct victim *victim, int program)
{
    char path[64], byte;

    attempts++;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", program);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    if (pread(fd, &byte, 1, 0) == 1 && pwrite(fd, &byte, 1, 0) == 1)
        found(victim, "write to the program", victim->program);
    close(fd);
}

/* The last programs stay open: only after its end can a program be written to. */
static void try_program(struct victim *victim)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/exe", victim->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    /* As the descriptor has it: the process may have gone on, or be gone. */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_link(path, victim->program, sizeof(victim->program));
    reached++;
    if (is_own_program(victim->program)) {
        close(fd);
        return;
    }
    write_program(victim, fd);
    int *slot = &kept_programs[kept_count++ % KEPT];
    if (*slot > 0) {
        write_program(victim, *slot);
        close(*slot);
    }
    *slot = fd;
}

/* The watch ---------------------------------------------------------------------------------- */

static bool read_name(struct victim *victim)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/comm", victim->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, victim->name, sizeof(victim->name) - 1);
    close(fd);
    victim->name[length < 0 ? 0 : length] = '\0';
    victim->name[strcspn(victim->name, "\n")] = '\0';
    return true;
}

/* Only those whose program we may look at: others are met as well, but nobody could say so. */
static bool meet_stranger(const struct victim *victim)
{
    if (!victim->program[0] || is_own_program(victim->program))
        return false;
    printf("met %d (%s): %s\n", victim->pid, victim->name, victim->program);
    fflush(stdout);
    return true;
}

static bool is_ignored(const struct victim *victim)
{
    for (char **name = ignored; *name; name++)
        if (!strcmp(*name, victim->name))
            return true;
    return false;
}

/* What is known of a process. */
struct acquaintance {
    bool is_there, is_stranger, is_traced;
    int rounds;
};

/* Again and again for as long as it has not become a program of the container: the moments in which
 * it can be caught are short, and others begin meanwhile.  Every other one is traced, once: it may
 * not live through that. */
static void attack(int pid, struct acquaintance *known)
{
    struct victim victim = { .pid = pid };
    bool is_stranger = known->is_stranger, is_traced = known->is_traced;

    if (!known->rounds++)
        is_traced = processes++ % 2;
    for (int i = 0; i < TRIES && read_name(&victim) && !is_ignored(&victim); i++) {
        try_link(&victim, "root");
        try_link(&victim, "cwd");
        try_program(&victim);
        is_stranger = is_stranger || meet_stranger(&victim);
        try_descriptors(&victim);
        try_memory(&victim);
        try_link(&victim, "exe");
        is_traced = is_traced || try_trace(&victim);
        read_program(&victim);
        if (is_own_program(victim.program))
            known->rounds = ROUNDS;
        if (known->rounds == ROUNDS)
            break;
    }
    known->is_stranger = is_stranger;
    known->is_traced = is_traced;
}

static void end(int signal)
{
    (void) signal;
    is_over = 1;
}

static void look_round(struct acquaintance *known)
{
    struct dirent *entry;
    DIR *directory = opendir("/proc");

    for (int pid = 0; pid < PIDS; pid++)
        known[pid].is_there = false;
    while (directory && (entry = readdir(directory))) {
        int pid = atoi(entry->d_name);
        if (pid <= 0 || pid >= PIDS || pid == getpid())
            continue;
        known[pid].is_there = true;
        if (known[pid].rounds < ROUNDS)
            attack(pid, &known[pid]);
    }
    if (directory)
        closedir(directory);
    for (int pid = 0; pid < PIDS; pid++)
        if (!known[pid].is_there)
            known[pid] = (struct acquaintance){ 0 };
}

static int watch(char **arguments)
{
    static struct acquaintance known[PIDS];
    struct stat root;

    knows_all = !strcmp(arguments[0], "all");
    secret = arguments[1];
    ignored = arguments + 2;
    if (stat("/", &root))
        return 2;
    own_device = root.st_dev;
    signal(SIGTERM, end);
    puts("watching");
    fflush(stdout);
    while (!is_over)
        look_round(known);
    struct victim past = { .name = "ended", .program = "program of a process that has ended" };
    for (int i = 0; i < KEPT; i++)
        if (kept_programs[i] > 0)
            write_program(&past, kept_programs[i]);
    printf("processes %lu, attempts %lu, reached %lu\n", processes, attempts, reached);
    return 0;
}

/* The others --------------------------------------------------------------------------------- */

static int enter(char **arguments)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%s/ns/pid", arguments[0]);
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 || namespace < 0 ||
        setns(namespace, CLONE_NEWPID))
        return 2;
    pid_t child = fork();
    if (child == 0) {
        /* As every runtime does at last; who has more rights than the spy is out of its reach. */
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct none[2] = { 0 };
        if (syscall(SYS_capset, &header, none))
            _exit(2);
        usleep(20000);
        _exit(0);
    }
    return child < 0 || waitpid(child, NULL, 0) != child ? 2 : 0;
}

static int say_seals(char **arguments)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%s/exe", arguments[0]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);
    if (seals < 0)
        printf("%s\n", strerror(errno));
    else
        printf("%d\n", seals);
    return 0;
}

int main(int count, char **arguments)
{
    if (count >= 4 && !strcmp(arguments[1], "watch"))
        return watch(arguments + 2);
    if (count >= 3 && !strcmp(arguments[1], "enter"))
        return enter(arguments + 2);
    if (count == 3 && !strcmp(arguments[1], "seals"))
        return say_seals(arguments + 2);
    fputs("usage: spy watch|enter|seals ...\n", stderr);
    return 64;
}
