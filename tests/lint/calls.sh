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

calls '_inside\.c$' '^src/os/path[a-z_]*\.c$' open openat openat2 creat opendir fopen mkdir \
    mkdirat mknod mknodat mkfifo symlink symlinkat link linkat unlink unlinkat rmdir rename \
    renameat renameat2 chown lchown fchownat chmod fchmodat stat lstat fstatat statx access \
    faccessat readlink readlinkat truncate utimensat |
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
