#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls that may be made in few places, or nowhere.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

code=$(list_sources | code)

# calls WHERE EXCEPT NAME...: the calls of these functions, or of their system call numbers, in
# files that match WHERE and not EXCEPT (regular expressions; EXCEPT may be empty).
calls() {
    where=$1
    except=$2
    shift 2
    echo "$code" | awk -v where="$where" -v except="$except" -v names="$(echo "$*" | tr ' ' '|')" '
        BEGIN {
            call = "(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\("
            number = "(SYS_|__NR_)(" names ")([^A-Za-z0-9_]|$)"
        }
        {
            file = $0
            sub(/:.*/, "", file)
            if (file !~ where || (except != "" && file ~ except) || $0 ~ /:[ \t]*#/)
                next
            text = substr($0, index($0, ":") + 1)
            sub(/^[0-9]*:/, "", text)
            if (text ~ call || text ~ number)
                print
        }'
}

calls . '' system popen gets strcpy strcat stpcpy sprintf vsprintf strtok alloca scanf sscanf \
    atoi atol |
    report "no call that cannot be made safe"

calls . '' getpwnam getpwuid getpwnam_r getpwuid_r getgrnam getgrgid getgrouplist initgroups \
    setlocale dlopen iconv_open getaddrinfo gethostbyname |
    report "no call that loads code or reads files behind our back"

echo "$code" | grep -E -e '[^A-Za-z0-9_](sched_[gs]et(scheduler|param)|sigfillset) *\(' \
    -e '\<faccessat\>.*AT_SYMLINK_NOFOLLOW' |
    report "no call that musl lacks, or does otherwise"

calls . '' realpath creat dup pipe accept epoll_create mkstemp tmpnam mktemp |
    report "no call that has a better sister"

calls . '^libocispec/json_memory\.c$' malloc calloc realloc reallocarray free strdup strndup \
    asprintf |
    report "memory comes from the arena"

calls . '^src/os/(mount_api|path)[a-z_]*\.c$' mount umount umount2 open_tree open_tree_attr \
    move_mount fsopen fsconfig fsmount fspick mount_setattr pivot_root chroot |
    report "mounts are made in os/mount_api.c and os/path.c alone"

places='^src/(os/(mount_api|path)[a-z_]*|process/cwd(_inside)?|launch/hooks(_inside)?)\.c$'
calls . "$places" chdir |
    report "the working directory changes in few places"

# What is no path of the container's, or no walk, in src/os: why, and each line with its strings.
cat >"$scratch/no-walks" <<'END'
its own standard streams, before there is a container
fd.c:auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
a link of a /proc that os/proc.c has verified, which is read and not followed
mount_below.c:ssize_t length = readlinkat(proc, name, place, size);
proc.c:if (readlinkat(proc, "self", found, sizeof(found) - 1) < 0)
the layers of an overlay, which config.json names
mount_layers.c:int fd = open(name, O_PATH | O_CLOEXEC);
what is verified next: that it is the root of a procfs, and of this pid namespace
proc.c:*proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
one name of a verified /proc, no link, on the same mount
proc.c:auto_close int fd = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC);
a path of ours below a verified /proc, which may not leave it: see RESOLVE_BENEATH above each
proc.c:fd = syscall(SYS_openat2, proc, path, &how, sizeof(how));
proc.c:*fd = (int) syscall(SYS_openat2, proc, path, &how, sizeof(how));
the descriptor itself, the directory above it, or /: nobody can put a link there
mount_api.c:if (syscall(SYS_statx, directory, path, flags, wanted, &facts))
mount_api_change.c:auto_close int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
mount_api_root.c:*root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
the root of config.json where the host has it, which has to be the one that is open
mount_api_root.c:auto_close int target = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
whether a name still leads to a file that is open: nothing is done to what it leads to
program_child.c:return !stat(path, &found) && !fstat(file, &wanted) && found.st_dev == wanted.st_dev
END

walks() {
    while IFS=: read -r file line _; do
        text=$(sed -n "$line{s/^ *//;s/ &&$//;p;}" "$file")
        grep -qxF -- "${file#src/os/}:$text" "$scratch/no-walks" || echo "$file:$line:$text"
    done
}

inside="^($(list_init | tr '\n' '|'))\$"
calls "$inside" '^src/os/path[a-z_]*\.c$' open openat openat2 creat opendir fopen mkdir \
    mkdirat mknod mknodat mkfifo symlink symlinkat link linkat unlink unlinkat rmdir rename \
    renameat renameat2 chown lchown fchownat chmod fchmodat stat lstat fstatat statx access \
    faccessat readlink readlinkat truncate utimensat | walks |
    report "inside the container, paths are walked by os/path.c alone"

# Every call is read to its closing parenthesis, over lines.
echo "$code" | awk '
    BEGIN {
        makers = "(open|openat|socket|socketpair|pipe2|accept4|memfd_create|epoll_create1|signalfd"
        makers = makers "|eventfd|inotify_init1|timerfd_create|dup3|fsopen|fsmount|open_tree)"
        begin = "(^|[^A-Za-z0-9_.>])" makers "[ \t]*\\("
        number = "SYS_" makers "[ \t]*,"
    }
    function collect(    i, c) {
        for (i = 1; i <= length(text); i++) {
            c = substr(text, i, 1)
            call = call c
            if (c == "(") depth++
            if (c == ")" && --depth <= 0) {
                if (call !~ /CLOEXEC/)
                    print place call
                depth = 0
                text = substr(text, i + 1)
                return 1
            }
        }
        return 0
    }
    {
        match($0, /^[^:]*:[0-9]+:/)
        text = substr($0, RLENGTH + 1)
        if (text ~ /^[ \t]*#/)
            next
        if (depth == 0)
            place = substr($0, 1, RLENGTH) " "
        else if (!collect())
            next
        while (match(text, begin) || match(text, number)) {
            text = substr(text, RSTART)
            call = ""
            depth = 0
            if (match(text, /^SYS_/)) {
                call = "("
                depth = 1
            }
            if (!collect())
                next
        }
    }' | report "descriptors are closed on exec from birth"

echo "$code" | grep -E '\<F_DUPFD\>' | report "no duplicate without F_DUPFD_CLOEXEC"

finish
