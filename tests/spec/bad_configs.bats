#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Bad configs, and all that is said about each: command, container, place, field, reason, way out.

load ../helpers/tare

setup() {
    setup_bundle
}

# says TEXT: the one line behind which nothing follows but a hint.
says() {
    echo "tare: run 'bad': bundle/config.json:$1"
}

@test "[V1] a version that is none" {
    says '2:17: ociVersion: "1.0" is not a version
hint: three numbers, as in "1.3.0" (Semantic Versioning 2.0.0)' | refuses '.ociVersion = "1.0"'
}

@test "[V2] another major version" {
    says '2:17: ociVersion: "2.0.0" is not supported; 1.0.0 to 1.3.0 are' |
        refuses '.ociVersion = "2.0.0"'
}

@test "[A1] [A2] annotations" {
    says '68:18: annotations: the key "" (of the value "x") is empty' |
        refuses '.annotations = { "": "x" }'
    says '69:10: annotations.a: expected string, got number' | refuses '.annotations = { "a": 1 }'
}

@test "[P9] nothing to run" {
    says '8:13: process.args: there is no program to run' | refuses '.process.args = []'
    says '7:14: process.args: there is no program to run' | refuses 'del(.process.args)'
    says '9:7: process.args[0]: the name of the program is empty' |
        refuses '.process.args = ["", "x"]'
    says '1:1: process: is missing: there is nothing to run' | refuses 'del(.process)'
}

@test "[P7] cwd" {
    says '16:12: process.cwd: "tmp" is not an absolute path' | refuses '.process.cwd = "tmp"'
    says '16:12: process.cwd: "" is not an absolute path' | refuses '.process.cwd = ""'
    says '7:14: process.cwd: required member is missing' | refuses 'del(.process.cwd)'
}

@test "[P8] environment" {
    says '15:7: process.env[1]: "PATH" is not of the form NAME=value' |
        refuses '.process.env += ["PATH"]'
    says '15:7: process.env[1]: "=x" is not of the form NAME=value' |
        refuses '.process.env += ["=x"]'
}

@test "[P2] [P15] process" {
    says '23:17: process.terminal: expected boolean, got string' |
        refuses '.process.terminal = "no"'
    says '23:20: process.oomScoreAdj: 1001 is not between -1000 and 1000' |
        refuses '.process.oomScoreAdj = 1001'
}

@test "[U2] [U3] [U4] [U5] user" {
    says '17:13: process.user.uid: is required' | refuses 'del(.process.user.uid)'
    says '17:13: process.user.gid: is required' | refuses '.process.user = { uid: 0 }'
    says '18:14: process.user.uid: 4294967295 is no id' | refuses '.process.user.uid = 4294967295'
    says '19:14: process.user.gid: number out of range for uint32: 4294967296' |
        refuses '.process.user.gid = 4294967296'
    says '18:14: process.user.uid: number out of range for uint32: -1' |
        refuses '.process.user.uid = -1'
    says '20:16: process.user.umask: 512 is above 511 (octal 777)' |
        refuses '.process.user.umask = 512'
    says '23:9: process.user.additionalGids[1]: 4294967295 is no id' |
        refuses '.process.user.additionalGids = [1, 4294967295]'
}

@test "[RL2] [RL3] [RL5] rlimits" {
    says "25:17: process.rlimits[0].type: \"NOFILE\" is no resource limit
hint: did you mean 'RLIMIT_NOFILE'?" |
        refuses '.process.rlimits = [{ type: "NOFILE", soft: 1, hard: 1 }]'
    says "25:17: process.rlimits[0].type: \"CPUS_MAX\" is no resource limit
hint: it is RLIMIT_ with one of AS, CORE, CPU, DATA, FSIZE, LOCKS, MEMLOCK, MSGQUEUE, NICE, \
NOFILE, NPROC, RSS, RTPRIO, RTTIME, SIGPENDING, STACK" |
        refuses '.process.rlimits = [{ type: "CPUS_MAX", soft: 1, hard: 1 }]'
    says '26:17: process.rlimits[0].soft: 2 is above the hard limit 1' |
        refuses '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 2, hard: 1 }]'
    says '30:17: process.rlimits[1].type: RLIMIT_CORE stands in process.rlimits[0] already' |
        refuses '.process.rlimits = ([{ type: "RLIMIT_CORE", soft: 1, hard: 1 }] | . + .)'
    says '24:7: process.rlimits[0].hard: required member is missing' |
        refuses '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 1 }]'
    says '26:17: process.rlimits[0].soft: fraction or exponent not allowed in uint64: 1.5' |
        refuses '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 1.5, hard: 2 }]'
}

@test "[G6] [P18] [P19] [P20] [P21] [P22] [P23] [P24] scheduler" {
    says '24:17: process.scheduler.policy: unknown value "SCHED_X"
hint: it is SCHED_ with one of OTHER, FIFO, RR, BATCH, ISO, IDLE, DEADLINE' |
        refuses '.process.scheduler = { policy: "SCHED_X" }'
    says '24:17: process.scheduler.policy: Linux has reserved SCHED_ISO, and never had it
hint: choose another policy (sched(7))' | refuses '.process.scheduler = { policy: "SCHED_ISO" }'
    says '25:15: process.scheduler.nice: 20 is not between -20 and 19' |
        refuses '.process.scheduler = { policy: "SCHED_OTHER", nice: 20 }'
    says '25:15: process.scheduler.nice: SCHED_FIFO has none' |
        refuses '.process.scheduler = { policy: "SCHED_FIFO", nice: 1, priority: 1 }'
    says '23:18: process.scheduler.priority: SCHED_FIFO needs one, from 1 to 99' |
        refuses '.process.scheduler = { policy: "SCHED_FIFO" }'
    says '25:19: process.scheduler.priority: 100 is not between 1 and 99' |
        refuses '.process.scheduler = { policy: "SCHED_RR", priority: 100 }'
    says '25:19: process.scheduler.priority: -1 is not between 0 and 99' |
        refuses '.process.scheduler = { policy: "SCHED_OTHER", priority: -1 }'
    says '25:19: process.scheduler.priority: SCHED_OTHER has none' |
        refuses '.process.scheduler = { policy: "SCHED_OTHER", priority: 10 }'
    says "26:9: process.scheduler.flags[0]: unknown value \"SCHED_FLAG_X\"
hint: it is SCHED_FLAG_ with one of RESET_ON_FORK, RECLAIM, DL_OVERRUN, KEEP_POLICY, KEEP_PARAMS, \
UTIL_CLAMP_MIN, UTIL_CLAMP_MAX" |
        refuses '.process.scheduler = { policy: "SCHED_OTHER", flags: ["SCHED_FLAG_X"] }'
    says "26:9: process.scheduler.flags[0]: SCHED_FLAG_RECLAIM belongs to SCHED_DEADLINE, not to \
SCHED_OTHER" |
        refuses '.process.scheduler = { policy: "SCHED_OTHER", flags: ["SCHED_FLAG_RECLAIM"] }'
    says '25:18: process.scheduler.runtime: SCHED_OTHER has none' |
        refuses '.process.scheduler = { policy: "SCHED_OTHER", runtime: 5000 }'
    says '26:19: process.scheduler.deadline: 4000 ns is less than the runtime, 5000' |
        refuses '.process.scheduler = { policy: "SCHED_DEADLINE", runtime: 5000, deadline: 4000 }'
    says '27:17: process.scheduler.period: 5000 ns is less than the deadline, 6000' |
        refuses '.process.scheduler = { policy: "SCHED_DEADLINE", runtime: 5000, deadline: 6000,
            period: 5000 }'
}

@test "[P26] [P27] ioPriority" {
    says '24:16: process.ioPriority.class: unknown value "IOPRIO_CLASS_NONE"
hint: it is IOPRIO_CLASS_ with one of RT, BE, IDLE' |
        refuses '.process.ioPriority = { class: "IOPRIO_CLASS_NONE", priority: 0 }'
    says '25:19: process.ioPriority.priority: 8 is not between 0 and 7' |
        refuses '.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 8 }'
    says '23:19: process.ioPriority.priority: is required' |
        refuses '.process.ioPriority = { class: "IOPRIO_CLASS_IDLE" }'
}

@test "[PE2] [PE3] personality" {
    says '68:17: linux.personality.domain: unknown value "BSD"
hint: it is one of LINUX, LINUX32' |
        refuses '.linux.personality = { domain: "BSD" }'
    says '67:20: linux.personality.domain: is required' | refuses '.linux.personality = {}'
    says '70:9: linux.personality.flags[0]: "x" is no flag: none has been defined yet
hint: leave it out, and run the program under setarch' |
        refuses '.linux.personality = { domain: "LINUX", flags: ["x"] }'
}

@test "[C3] [C5] capabilities" {
    says '27:20: process.capabilities.effective: CAP_KILL is not among the permitted' |
        refuses '.process.capabilities = { bounding: ["CAP_KILL"], effective: ["CAP_KILL"] }'
    says '24:22: process.capabilities.inheritable: CAP_KILL is not in the bounding set' |
        refuses '.process.capabilities = { inheritable: ["CAP_KILL"], permitted: ["CAP_KILL"] }'
}

@test "[HN1] [DN1] names" {
    local name
    name=$(printf 'x%.0s' {1..65})
    says "6:15: hostname: \"$name\" has 65 bytes, the kernel takes 64" |
        refuses ".hostname = \"$name\""
    says "68:17: domainname: \"$name\" has 65 bytes, the kernel takes 64" |
        refuses ".domainname = \"$name\""
    says '6:15: hostname: needs a new uts namespace in linux.namespaces' |
        refuses 'del(.linux.namespaces[3])'
    says '64:17: domainname: needs a new uts namespace in linux.namespaces' |
        refuses 'del(.linux.namespaces[3]) | del(.hostname) | .domainname = "x"'
}

@test "[N2] [N3] [N7] [N10] namespaces" {
    says "52:17: linux.namespaces[1].type: unknown value \"mnt\"
hint: did you mean 'mount'?" |
        refuses '.linux.namespaces[1].type = "mnt"'
    says '52:17: linux.namespaces[1].type: unknown value "net"
hint: it is one of mount, pid, network, uts, ipc, user, cgroup, time' |
        refuses '.linux.namespaces[1].type = "net"'
    says '67:17: linux.namespaces[6].type: "pid" stands in linux.namespaces[0] already' |
        refuses '.linux.namespaces += [{ type: "pid" }]'
    says '62:17: linux.namespaces[4].path: "netns/x" is not an absolute path' |
        refuses '.linux.namespaces[4].path = "netns/x"'
}

@test "[ROOT1] [ROOT2] [RP1] root" {
    says '1:1: root: it is missing' | refuses 'del(.root)'
    says '3:11: root.path: required member is missing' | refuses '.root = {}'
    says '4:13: root.path: it is empty' | refuses '.root.path = ""'
    says "67:26: linux.rootfsPropagation: unknown value \"rshare\"
hint: did you mean 'rshared'?" |
        refuses '.linux.rootfsPropagation = "rshare"'
}

@test "[M3] [M4] [M5] [M8] [MO29] mounts" {
    says "26:22: mounts[0].destination: it is empty" | refuses '.mounts[0].destination = ""'
    says "26:22: mounts[0].destination: '/a/..' is the root itself" |
        refuses '.mounts[0].destination = "/a/.."'
    says "45:5: mounts[2].source: a bind mount needs a source" |
        refuses '.mounts += [{ destination: "/a", options: ["bind"] }]'
    says "45:5: mounts[2].type: a mount that is no bind needs a type
hint: a bind mount has the option bind or rbind" |
        refuses '.mounts += [{ destination: "/a", source: "x" }]'
    says "47:18: mounts[2].options: a remount can change flags of the mount only, not 'size=1'" |
        refuses '.mounts += [{ destination: "/dev", options: ["remount", "size=1"] }]'
    says "45:5: mounts[2].destination: required member is missing" |
        refuses '.mounts += [{ type: "tmpfs" }]'
}

@test "[D2] [D3] [D4] [D5] [D6] [D7] devices" {
    says '69:17: linux.devices[0].type: unknown value "d"
hint: it is one of c, b, u, p' |
        refuses '.linux.devices = [{ type: "d", path: "/x" }]'
    says "70:17: linux.devices[0].path: 'x' is not absolute" |
        refuses '.linux.devices = [{ type: "p", path: "x" }]'
    says "70:17: linux.devices[0].path: '/x/..' does not end in a name" |
        refuses '.linux.devices = [{ type: "p", path: "/x/.." }]'
    says '68:7: linux.devices[0].minor: a device needs it' |
        refuses '.linux.devices = [{ type: "c", path: "/x", major: 1 }]'
    says '71:18: linux.devices[0].major: -1 is not in 0..4095' |
        refuses '.linux.devices = [{ type: "c", path: "/x", major: -1, minor: 1 }]'
    says '71:21: linux.devices[0].fileMode: 512 (octal 1000) has bits besides permissions' |
        refuses '.linux.devices = [{ type: "p", path: "/x", fileMode: 512 }]'
    says '71:21: linux.devices[0].fileMode: 8630 (octal 20666) is the mode of another type' |
        refuses '.linux.devices = [{ type: "p", path: "/x", fileMode: 8630 }]'
    says '71:16: linux.devices[0].uid: 4294967295 is not an id' |
        refuses '.linux.devices = [{ type: "p", path: "/x", uid: 4294967295 }]'
    says "74:17: linux.devices[1].path: '/x' is another device in linux.devices[0].path" |
        refuses '.linux.devices = [{ type: "p", path: "/x" },
            { type: "c", path: "/x", major: 1, minor: 3 }]'
}

@test "[MP2] [RO1] masked and read-only paths" {
    says "69:7: linux.maskedPaths[1]: 'proc/kcore' is not absolute" |
        refuses '.linux.maskedPaths = ["/proc/keys", "proc/kcore"]'
    says "68:7: linux.readonlyPaths[0]: '' is not absolute" | refuses '.linux.readonlyPaths = [""]'
}

@test "[SY2] sysctls" {
    says '68:24: linux.sysctl.vm.swappiness: belongs to the host' |
        refuses '.linux.sysctl = { "vm.swappiness": "1" }'
    says '68:26: linux.sysctl.kernel.hostname: use hostname' |
        refuses '.linux.sysctl = { "kernel.hostname": "x" }'
    says '68:17: linux.sysctl.user.x: needs a new user namespace in linux.namespaces' |
        refuses '.linux.sysctl = { "user.x": "1" }'
    says '65:16: linux.sysctl.net.x: needs a new network namespace in linux.namespaces' |
        refuses 'del(.linux.namespaces[4]) | .linux.sysctl = { "net.x": "1" }'
    says '68:17: linux.sysctl.net..x: "net..x" is not the name of a kernel setting' |
        refuses '.linux.sysctl = { "net..x": "1" }'
    says '68:24: linux.sysctl.kernel.msgmax: the value is empty' |
        refuses '.linux.sysctl = { "kernel.msgmax": "" }'
}

@test "[CG5] cgroupsPath" {
    says "67:20: linux.cgroupsPath: must not be empty" | refuses '.linux.cgroupsPath = ""'
    says "67:20: linux.cgroupsPath: '/a/../x' cannot be used: a part of it is '.' or '..'" |
        refuses '.linux.cgroupsPath = "/a/../x"'
    says "67:20: linux.cgroupsPath: '/a//x' cannot be used: a part of it is empty" |
        refuses '.linux.cgroupsPath = "/a//x"'
    says "67:20: linux.cgroupsPath: the root of all cgroups cannot be a container's" |
        refuses '.linux.cgroupsPath = "/"'
    says "67:20: linux.cgroupsPath: 'system.slice:x:y' is not a path
hint: slice:prefix:name belongs to the systemd cgroup driver: use --systemd-cgroup" |
        refuses '.linux.cgroupsPath = "system.slice:x:y"'
}

@test "[RV2] [RV3] [RV4] [RV5] device rules" {
    says '69:9: linux.resources.devices[0].allow: required member is missing' |
        refuses '.linux.resources.devices = [{ access: "r" }]'
    says '71:19: linux.resources.devices[0].type: unknown value "p"
hint: it is one of a, b, c' |
        refuses '.linux.resources.devices = [{ allow: true, type: "p" }]'
    says '74:20: linux.resources.devices[1].major: -2 is not the number of a device (0 to 4095)' |
        refuses '.linux.resources.devices = [{ allow: false }, { allow: true, major: -2 }]'
    says "71:21: linux.resources.devices[0].access: 'rx' has a letter other than r, w and m" |
        refuses '.linux.resources.devices = [{ allow: true, access: "rx" }]'
    says '71:21: linux.resources.devices[0].access: must not be empty' |
        refuses '.linux.resources.devices = [{ allow: true, access: "" }]'
}
