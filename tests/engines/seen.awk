# SPDX-License-Identifier: Apache-2.0
#
# What the witness said, part by part (see observe), as facts, one a line.
#
#     ours, theirs    what `witness ns` says outside, and of the neighbour

function split_namespaces(text, into,    lines, count, i, pair) {
    count = split(text, lines, " ")
    for (i = 1; i <= count; i++) {
        split(lines[i], pair, "=")
        into[pair[1]] = pair[2]
    }
}

BEGIN {
    split_namespaces(ours, our)
    split_namespaces(theirs, their)
}

/^# / {
    part = $2
    name = $3
    next
}

part == "plain" {
    print
}

part == "env" {
    print "env " $0
}

part == "session" {
    split($0, pair, "=")
    if (pair[1] == "terminal")
        print
    if (pair[1] == "pid")
        pid = pair[2]
    if (pair[1] == "sid")
        print pair[2] == pid ? "sid=pid" : $0
}

part == "namespaces" {
    split($0, pair, "=")
    print pair[1], pair[2] == our[pair[1]] ? "ours" : pair[2] == their[pair[1]] ? "joined" : "new"
}

part == "status" && ($1 == "Seccomp:" || $1 == "NoNewPrivs:") {
    print substr($1, 1, length($1) - 1) "=" $2
}

part == "cgroup" && sub(/^0::/, "") {
    print "cgroup " $0
}

part == "maps" {
    print "map", $1, $2, $3
}

part == "sysctl" {
    $1 = $1
    print "sysctl " name "=" $0
}

part == "mknod" {
    print "mknod " $0
}

part == "devices" {
    path = substr($1, 1, length($1) - 1)
    print path " is " $2 " " substr($6, 6)
    print path " is " $3 " " $4 " " $5
}

# What is mounted last on a path is what is seen there.
part == "mounts" {
    peers = "private"
    for (i = 7; $i != "-"; i++)
        peers = peers " " $i
    root[$5] = $4
    flags[$5] = $6
    kind[$5] = $(i + 1)
    own[$5] = $(i + 3)
    propagation[$5] = peers
}

function tell_mount(path,    options, count, i, last) {
    count = split(flags[path] "," own[path], options, ",")
    for (i = 1; i <= count; i++)
        if (options[i] != "ro" && options[i] != "rw" || i == 1)
            print path " is " options[i]
    if (flags[path] !~ /atime/)
        print path " is strictatime"
    print path " is " kind[path]
    last = split(root[path], options, "/")
    print path " shows " options[last]
    if (propagation[path] == "private")
        print path " is private"
    if (propagation[path] ~ /shared:/)
        print path " is shared"
    else
        print path " is not shared"
    if (propagation[path] ~ /master:/)
        print path " is slave"
    if (options[last] == "null" || kind[path] == "tmpfs" && flags[path] ~ /^ro/)
        print path " is masked"
}

END {
    for (path in flags)
        tell_mount(path)
}
