#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# More bad configs, of what engines write into them, and all that is said about each: place, field,
# reason, way out.

load ../helpers/tare

setup() {
    setup_bundle
}

mapped='.linux.namespaces += [{ type: "user" }]
    | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
    | .linux.gidMappings = .linux.uidMappings'
timed='.linux.namespaces += [{ type: "time" }]'
filtered='.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO" }] }'

# each_refused [JQ-PROGRAM] <ROWS: each a line with an edit, behind that of the program, and the
# lines that are said of it, from the place in config.json on; then an empty line.
each_refused() {
    local edit line message
    while read -r edit; do
        message="tare: run 'bad': bundle/config.json:"
        while read -r line && [ -n "$line" ]; do
            message+=$line$'\n'
        done
        refuses "${1:+$1 | }$edit" <<<"${message%$'\n'}"
    done
}

@test "[N2] [N3] [N4] [N7] namespaces that are joined" {
    each_refused <<'ROWS'
.linux.namespaces[1].path = ""
53:17: linux.namespaces[1].path: "" is not an absolute path

.linux.namespaces[0].path = "/dev/null"
50:17: linux.namespaces[0].path: "/dev/null" is no namespace

.linux.namespaces[0].path = "/proc/self/ns/net"
50:17: linux.namespaces[0].path: "/proc/self/ns/net" is a namespace of type network, not pid

.linux.namespaces[0].path = "/nowhere"
50:17: linux.namespaces[0].path: open the pid namespace "/nowhere": not found (ENOENT)

.linux.namespaces += [{ type: "cgroup", path: "/proc/self/ns/cgroup" }]
67:17: linux.namespaces[6].type: "cgroup" stands in linux.namespaces[5] already

.linux.namespaces[3].path = "/proc/self/ns/uts"
6:15: hostname: needs a new uts namespace in linux.namespaces
ROWS
}

@test "[N13] [U2] user namespaces and their mappings" {
    each_refused <<'ROWS'
.linux.namespaces += [{ type: "user" }]
46:12: linux.uidMappings: a new user namespace needs mappings
hint: as in [{ "containerID": 0, "hostID": 100000, "size": 65536 }]

.linux.namespaces += [{ type: "user" }] | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
46:12: linux.gidMappings: a new user namespace needs mappings
hint: as in [{ "containerID": 0, "hostID": 100000, "size": 65536 }]

.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
67:20: linux.uidMappings: there is no user namespace to map ids in
hint: list a user namespace in linux.namespaces, or leave the mappings out

.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
67:20: linux.gidMappings: there is no user namespace to map ids in
hint: list a user namespace in linux.namespaces, or leave the mappings out
ROWS
    each_refused "$mapped" <<'ROWS'
.linux.uidMappings[0].size = 0
74:17: linux.uidMappings[0].size: a mapping of no ids

.linux.uidMappings[0] = { containerID: 0, hostID: 100000 }
71:7: linux.uidMappings[0].size: required member is missing

.linux.gidMappings[0].hostID = 4294967295
80:19: linux.gidMappings[0].hostID: 1000 ids from 4294967295 on reach beyond 4294967294

.linux.gidMappings[0].containerID = 4294967000
79:24: linux.gidMappings[0].containerID: 1000 ids from 4294967000 on reach beyond 4294967294

.linux.uidMappings += [{ containerID: 999, hostID: 5, size: 1 }]
77:24: linux.uidMappings[1].containerID: an id of linux.uidMappings[0] is mapped once more

.linux.gidMappings += [{ containerID: 5000, hostID: 100500, size: 1000 }]
85:19: linux.gidMappings[1].hostID: an id of linux.gidMappings[0] is mapped once more

.process.user.uid = 1000
18:14: process.user.uid: 1000 is not mapped by linux.uidMappings

.process.user.additionalGids = [1, 1001]
21:25: process.user.additionalGids: 1001 is not mapped by linux.gidMappings
ROWS
}

@test "[N15] [TO1] [TO2] [TO3] time offsets" {
    each_refused <<'ROWS'
.linux.timeOffsets = { boottime: { secs: 1 } }
67:20: linux.timeOffsets: there is no new time namespace to set them in
hint: list a time namespace without a path in linux.namespaces
ROWS
    each_refused "$timed" <<'ROWS'
.linux.timeOffsets = { realtime: { secs: 1 } }
71:19: linux.timeOffsets.realtime: "realtime" is no clock that has an offset: monotonic and boottime have one

.linux.timeOffsets = { monotonic: { nanosecs: 1000000000 } }
72:21: linux.timeOffsets.monotonic.nanosecs: 1000000000 is a second or more

.linux.timeOffsets = { monotonic: { secs: 1.5 } }
72:17: linux.timeOffsets.monotonic.secs: fraction or exponent not allowed in int64: 1.5
ROWS
}

@test "[P2] [P3] [P5] [P6] terminals" {
    each_refused <<'ROWS'
.process.terminal = true
23:17: process.terminal: there is no devpts on /dev/pts to take one from
hint: add { "destination": "/dev/pts", "type": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] } to mounts, behind /dev

.process.terminal = true | .process.consoleSize = { height: 65536, width: 80 }
25:17: process.consoleSize.height: 65536 is more than 65535

.process.terminal = true | .process.consoleSize = { height: 25, width: 99999999 }
26:16: process.consoleSize.width: 99999999 is more than 65535

.process.terminal = true | .process.consoleSize = { height: 25 }
24:20: process.consoleSize.width: required member is missing

.process.terminal = true | .process.consoleSize = { height: -1, width: 80 }
25:17: process.consoleSize.height: number out of range for uint64: -1
ROWS
}

@test "[H2] [H5] [H6] hooks" {
    each_refused <<'ROWS'
.hooks = { prestart: [{ path: "bin/true" }] }
71:17: hooks.prestart[0].path: it must be absolute

.hooks = { createRuntime: [{ path: "/bin/true" }, { path: "" }] }
74:17: hooks.createRuntime[1].path: it must be absolute

.hooks = { createContainer: [{ args: ["true"] }] }
70:7: hooks.createContainer[0].path: required member is missing

.hooks = { startContainer: [{ path: "/bin/true", timeout: 0 }] }
72:20: hooks.startContainer[0].timeout: it must be greater than zero

.hooks = { poststart: [{ path: "/bin/true", timeout: -1 }] }
72:20: hooks.poststart[0].timeout: it must be greater than zero

.hooks = { poststop: { path: "/bin/true" } }
69:17: hooks.poststop: expected array, got object

.hooks = { createRuntime: [{ path: "/nowhere/hook" }] }
70:7: run the createRuntime hooks: hooks.createRuntime[0]: execute /nowhere/hook: not found (ENOENT)
hint: /nowhere, of the hook's path, is missing on the host: put the hook there, or mend the path [E-HOOK-MISSING]
ROWS
}

@test "[S2] [S3] [S4] [S5] [S7] [S9] [S11] [S13] [S15] [S18] seccomp filters" {
    "$TARE" features | jq -e .linux.seccomp.enabled || skip "needs a tare with libseccomp"
    each_refused <<'ROWS'
.linux.seccomp = {}
67:16: linux.seccomp.defaultAction: required member is missing

.linux.seccomp = { defaultAction: "SCMP_ACT_DENY" }
68:24: linux.seccomp.defaultAction: unknown value "SCMP_ACT_DENY"
hint: it is SCMP_ACT_ with one of KILL, KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, TRACE, ALLOW, LOG, NOTIFY

.linux.seccomp = { defaultAction: "SCMP_ACT_KILLL" }
68:24: linux.seccomp.defaultAction: unknown value "SCMP_ACT_KILLL"
hint: did you mean 'SCMP_ACT_KILL'?

.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1 }
69:26: linux.seccomp.defaultErrnoRet: SCMP_ACT_ALLOW takes no errno; SCMP_ACT_ERRNO and SCMP_ACT_TRACE do

.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 5000 }
69:26: linux.seccomp.defaultErrnoRet: 5000 is above 4095, the highest that SCMP_ACT_ERRNO can give

.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_PDP11"] }
70:9: linux.seccomp.architectures[0]: unknown value "SCMP_ARCH_PDP11"
hint: it is SCMP_ARCH_ with one of X86, X86_64, X32, ARM, AARCH64, LOONGARCH64, M68K, MIPS, MIPS64, MIPS64N32, MIPSEL, MIPSEL64, MIPSEL64N32, PPC, PPC64, PPC64LE, S390, S390X, SH, SHEB, PARISC, PARISC64, RISCV64

.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_X"] }
70:9: linux.seccomp.flags[0]: unknown value "SECCOMP_FILTER_FLAG_X"
hint: it is SECCOMP_FILTER_FLAG_ with one of TSYNC, LOG, SPEC_ALLOW, WAIT_KILLABLE_RECV

.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x" }
69:27: linux.seccomp.listenerMetadata: there is no linux.seccomp.listenerPath to send it to
ROWS
    each_refused "$filtered" <<'ROWS'
.linux.seccomp.syscalls[0].names = []
71:20: linux.seccomp.syscalls[0].names: there is no name

.linux.seccomp.syscalls[0].action = "SCMP_ACT_NOTIFY"
67:16: linux.seccomp.listenerPath: is missing: nobody would answer SCMP_ACT_NOTIFY
hint: give the socket of a seccomp agent

.linux.seccomp.syscalls[0].errnoRet = 4096
75:23: linux.seccomp.syscalls[0].errnoRet: 4096 is above 4095, the highest that SCMP_ACT_ERRNO can give

.linux.seccomp.syscalls[0].args = [{ index: 6, value: 1, op: "SCMP_CMP_EQ" }]
77:24: linux.seccomp.syscalls[0].args[0].index: 6 is above 5, the last argument of a system call

.linux.seccomp.syscalls[0].args = [{ index: 1, value: 1, op: "SCMP_CMP_IN" }]
79:21: linux.seccomp.syscalls[0].args[0].op: unknown value "SCMP_CMP_IN"
hint: it is SCMP_CMP_ with one of NE, LT, LE, EQ, GE, GT, MASKED_EQ
ROWS
}

@test "[ME2] [ME3] [ME4] [ME6] [ME8] [ME9] [PI2] limits on memory and processes" {
    each_refused <<'ROWS'
.linux.resources.memory.limit = -2
69:18: linux.resources.memory.limit: -2 is not a number of bytes
hint: -1 means no limit

.linux.resources.memory = { limit: 1000000, swap: 999999 }
70:17: linux.resources.memory.swap: 999999 is below linux.resources.memory.limit, 1000000
hint: it is the limit of memory and swap together

.linux.resources.memory.swap = 1000000
69:17: linux.resources.memory.swap: needs linux.resources.memory.limit beside it
hint: it is the limit of memory and swap together

.linux.resources.memory.reservation = -5
69:24: linux.resources.memory.reservation: -5 is not a number of bytes
hint: -1 means no limit

.linux.resources.memory.kernel = 1000000
69:19: linux.resources.memory.kernel: cgroup v2 has no limit on the kernel's memory alone
hint: leave it out: memory.limit (memory.max) counts the kernel's memory as well

.linux.resources.memory.swappiness = 101
69:23: linux.resources.memory.swappiness: 101 is not between 0 and 100

.linux.resources.memory.disableOOMKiller = true
69:29: linux.resources.memory.disableOOMKiller: cgroup v2 cannot do without the OOM killer
hint: leave it out; memory.high (in linux.resources.unified) slows a container down instead of killing it

.linux.resources.pids.limit = -2
69:18: linux.resources.pids.limit: -2 is not a number of processes
hint: -1 means no limit

.linux.resources.pids.limit = 4194305
69:18: linux.resources.pids.limit: 4194305 is more than the kernel's most, 4194304
hint: -1 means no limit
ROWS
}

@test "[CP3] [CP4] [CP6] [CP7] [CP9] [CP10] [CP11] limits on CPU time, and sets of CPUs" {
    each_refused <<'ROWS'
.linux.resources.cpu.quota = 999
69:18: linux.resources.cpu.quota: 999 us are below the kernel's least, 1000

.linux.resources.cpu.period = 999
69:19: linux.resources.cpu.period: 999 us are not between 1000 and 1000000

.linux.resources.cpu.period = 1000001
69:19: linux.resources.cpu.period: 1000001 us are not between 1000 and 1000000

.linux.resources.cpu.idle = 2
69:17: linux.resources.cpu.idle: 2 is neither 0 nor 1

.linux.resources.cpu = { quota: 5000, burst: 5001 }
70:18: linux.resources.cpu.burst: 5001 is above linux.resources.cpu.quota, 5000

.linux.resources.cpu.realtimeRuntime = 1000
69:28: linux.resources.cpu.realtimeRuntime: cgroup v2 has no budget for realtime processes
hint: leave it out; cpu.quota (cpu.max) limits all others, and process.scheduler makes a process realtime

.linux.resources.cpu.cpus = "0-"
69:17: linux.resources.cpu.cpus: '0-' is not a list of numbers
hint: numbers and ranges with commas between, as in "0-3,8"

.linux.resources.cpu.cpus = "a"
69:17: linux.resources.cpu.cpus: 'a' is not a list of numbers
hint: numbers and ranges with commas between, as in "0-3,8"

.linux.resources.cpu.mems = "0,,1"
69:17: linux.resources.cpu.mems: '0,,1' is not a list of numbers
hint: numbers and ranges with commas between, as in "0-3,8"
ROWS
}

@test "[IO2] [IO3] [IO6] [IO13] [IO14] [HP2] [NW1] [RD2] [RD4] [UN1] other limits" {
    each_refused <<'ROWS'
.linux.resources.blockIO.weight = 9
69:19: linux.resources.blockIO.weight: 9 is not between 10 and 1000

.linux.resources.blockIO.leafWeight = 100
69:23: linux.resources.blockIO.leafWeight: cgroup v2 has no weight against the cgroups below
hint: leave it out; blockIO.weight (io.weight) is the cgroup's own

.linux.resources.blockIO.weightDevice = [{ major: 8, minor: 0, weight: 1001 }]
73:23: linux.resources.blockIO.weightDevice[0].weight: 1001 is not between 10 and 1000

.linux.resources.blockIO.throttleReadBpsDevice = [{ major: -1, minor: 0, rate: 1 }]
70:11: linux.resources.blockIO.throttleReadBpsDevice[0]: -1:0 is not a device

.linux.resources.blockIO.throttleReadBpsDevice = [{ major: 8, minor: 0 }]
70:11: linux.resources.blockIO.throttleReadBpsDevice[0]: has no rate

.linux.resources.hugepageLimits = [{ pageSize: "2M", limit: 0 }]
70:23: linux.resources.hugepageLimits[0].pageSize: "2M" is not a size of pages
hint: a number with KB, MB or GB, as in "2MB"

.linux.resources.hugepageLimits = [{ pageSize: "3MB", limit: 0 }]
70:23: linux.resources.hugepageLimits[0].pageSize: this kernel has no huge pages of 3MB
hint: those it has are listed in /sys/kernel/mm/hugepages

.linux.resources.network.classID = 1
69:20: linux.resources.network.classID: cgroup v2 has no classes of packets
hint: leave it out; nftables can match the container's cgroup (socket cgroupv2)

.linux.resources.rdma = { "a b": { hcaHandles: 1 } }
68:15: linux.resources.rdma: "a b" is not the name of a device

.linux.resources.rdma = { mlx5_1: {} }
69:19: linux.resources.rdma.mlx5_1: has neither hcaHandles nor hcaObjects

.linux.resources.unified = { "a/b": "1" }
69:16: linux.resources.unified.a/b: the key "a/b" is not the name of a control file

.linux.resources.unified = { "": "1" }
68:18: linux.resources.unified: the key "" is empty
ROWS
}

@test "[ME1] [CP1] [IO1] [IO4] [HP1] [PI1] limits of the wrong kind" {
    each_refused <<'ROWS'
.linux.resources.memory = [1]
68:17: linux.resources.memory: expected object, got array

.linux.resources.memory.limit = "1M"
69:18: linux.resources.memory.limit: expected int64, got string

.linux.resources.cpu = 5
68:14: linux.resources.cpu: expected object, got number

.linux.resources.cpu.quota = 1.5
69:18: linux.resources.cpu.quota: fraction or exponent not allowed in int64: 1.5

.linux.resources.blockIO = "fast"
68:18: linux.resources.blockIO: expected object, got string

.linux.resources.blockIO.weightDevice = { major: 8, minor: 0, weight: 20 }
69:25: linux.resources.blockIO.weightDevice: expected array, got object

.linux.resources.hugepageLimits = { pageSize: "2MB", limit: 0 }
68:25: linux.resources.hugepageLimits: expected array, got object

.linux.resources.pids = 10
68:15: linux.resources.pids: expected object, got number

.linux.resources.pids.limit = "many"
69:18: linux.resources.pids.limit: expected int64, got string
ROWS
}

@test "[IO5] [IO13] [HP2] [HP3] [NW3] [NW4] limits that do not say of what, or how much" {
    each_refused <<'ROWS'
.linux.resources.blockIO.weightDevice = [{ minor: 0, weight: 20 }]
70:11: linux.resources.blockIO.weightDevice[0].major: required member is missing

.linux.resources.blockIO.weightDevice = [{ major: 8, weight: 20 }]
70:11: linux.resources.blockIO.weightDevice[0].minor: required member is missing

.linux.resources.blockIO.throttleReadBpsDevice = [{ major: 8, rate: 20 }]
70:11: linux.resources.blockIO.throttleReadBpsDevice[0].minor: required member is missing

.linux.resources.hugepageLimits = [{ limit: 0 }]
69:9: linux.resources.hugepageLimits[0].pageSize: required member is missing

.linux.resources.hugepageLimits = [{ pageSize: "2MB" }]
69:9: linux.resources.hugepageLimits[0].limit: required member is missing

.linux.resources.network.priorities = [{ priority: 1 }]
70:11: linux.resources.network.priorities[0].name: required member is missing

.linux.resources.network.priorities = [{ name: "eth0" }]
70:11: linux.resources.network.priorities[0].priority: required member is missing
ROWS
}
