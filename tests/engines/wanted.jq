# SPDX-License-Identifier: Apache-2.0
#
# What a config says of its container, in the words of seen.awk, a fact a line.
#
#     $own        what has to be the same as outside:
#                 { oom: 0, seccomp: 0, maps: ["0 0 4294967295", ...] }
#     $givable    the numbers of the capabilities that tare can give here

# Whether the container has a user namespace of its own.
(.linux.namespaces | any(.type == "user")) as $user_ns |

def hex($n): if $n < 16 then "0123456789abcdef"[$n:$n + 1]
    else hex($n / 16 | floor) + hex($n % 16) end;
def padded($n): hex($n) | "0" * (16 - length) + .;
def octal: [. / 64 % 8, . / 8 % 8, . % 8] | map(floor | tostring) | "0" + add;

def capability_names: "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap"
    + " linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner"
    + " sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice"
    + " sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap"
    + " mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf"
    + " checkpoint_restore" | split(" ");
def numbers: [.[] | ascii_downcase[4:] as $name | capability_names | index($name)]
    | if $user_ns then . else map(select(. as $n | $givable | index($n))) end;
def mask: [numbers[] | pow(2; .)] | padded(add // 0);

def process_facts: "uid=\(.user.uid):\(.user.uid):\(.user.uid)",
    "gid=\(.user.gid):\(.user.gid):\(.user.gid)",
    "groups=\(.user.additionalGids // [] | unique | map(tostring) | join(","))",
    "umask=0\(.user.umask // 18 | octal[1:])",
    "cwd=\(.cwd)", "terminal=\(if .terminal then "yes" else "no" end)", "sid=pid",
    "oom_score_adj=\(.oomScoreAdj // $own.oom)",
    "NoNewPrivs=\(if .noNewPrivileges then 1 else 0 end)",
    ((.rlimits // [])[] | "\(.type)=\(.soft):\(.hard)"), (.env[] | "env \(.)"),
    # The user's entry of /etc/passwd would say where it is; there is none.
    "env \(if .env | any(startswith("HOME=")) then .env[] | select(startswith("HOME="))
        else "HOME=/" end)";

# By capabilities(7) the execution gives root what is bounding, and others what is ambient.
def capability_facts: .capabilities // {} | "bounding=\(.bounding // [] | mask)",
    "inheritable=\(.inheritable // [] | mask)", "ambient=\(.ambient // [] | mask)";
def executed_facts: (if .user.uid == 0 then .capabilities.bounding else .capabilities.ambient end
    // []) | "effective=\(mask)", "permitted=\(mask)";

def namespace_facts: .namespaces as $all
    | ("cgroup", "ipc", "mount", "network", "pid", "user", "uts") as $type
    | ({ mount: "mnt", network: "net" }[$type] // $type) as $file
    | [$all[] | select(.type == $type)][0]
    | "\($file) \(if . == null then "ours" elif .path then "joined" else "new" end)";

def map_facts: if $user_ns then .uidMappings, .gidMappings
    | map("map \(.containerID) \(.hostID) \(.size)") | .[] else $own.maps[] | "map \(.)" end;

# A size as the kernel says it.
def kilobytes: (.[:-1] | tonumber? // 0) as $n
    | if endswith("k") then $n elif endswith("m") then $n * 1024 else tonumber / 1024 end;

# devpts tells its group as the initial user namespace knows it.
def host_id($maps): . as $id | ([$maps[] | select(.containerID <= $id
    and $id < .containerID + .size) | $id - .containerID + .hostID] + [$id])[0];

def option_facts($gids): . as $option
    | if IN("ro", "rw", "nosuid", "noexec", "nodev", "relatime", "strictatime") then .
    elif IN("private", "rprivate") then "private"
    elif IN("rshared", "rslave") then .[1:]
    elif . == "mode=1777" then empty # which the kernel takes, and does not say
    elif test("^(ptmx)?mode=") then sub("=0*"; "=")
    elif startswith("size=") then "size=\(.[5:] | kilobytes)k"
    elif startswith("gid=") then "gid=\(.[4:] | tonumber | host_id($gids))"
    elif IN("bind", "rbind", "newinstance", "tmpcopyup") then empty
    else "something that these tests do not know: \($option)" end;

def is_bind: .options // [] | any(. == "bind" or . == "rbind");
def mount_facts($gids): .destination as $at
    | if is_bind | not then "\($at) is \({ cgroup: "cgroup2" }[.type] // .type)"
    elif .source | startswith("/dev/") then empty
    else "\($at) shows \(.source | split("/")[-1])" end,
    ((.options // [])[] | "\($at) is \(option_facts($gids))");

def path_facts: ((.maskedPaths // [])[] | "\(.) is masked"),
    ((.readonlyPaths // [])[] | "\(.) is ro");

# /dev/ptmx is the one of the container's own /dev/pts; in a user namespace devices are the host's.
def device_facts: [{ path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438 }]
    + (.devices // []) | .[] | select(.path != "/dev/ptmx")
    | "\(.path) is \({ c: "char", b: "block" }[.type]) \(.major):\(.minor)",
    if $user_ns then empty
    else "\(.path) is mode=\(.fileMode % 512 | octal) uid=\(.uid // 0) gid=\(.gid // 0)" end;

# The last rule that speaks of making 10:229; the witness must have the right to make devices.
def device_rule_facts: select(.process.user.uid == 0 and ($user_ns | not)
        and (.process.capabilities.bounding // [] | index("CAP_MKNOD")))
    | "mknod \(reduce (.linux.resources.devices[] | select((.type // "a") != "b"
        and (.major // 10) == 10 and (.minor // 229) == 229 and (.access // "m" | contains("m"))))
        as $rule ("EPERM"; if $rule.allow then "ok" else "EPERM" end))";

def root_facts: "/ is \(if .root.readonly then "ro" else "rw" end)",
    "/ is \({ shared: "shared" }[.linux.rootfsPropagation // ""] // "not shared")";

(.process | process_facts, capability_facts, executed_facts),
(.linux | namespace_facts, map_facts, path_facts, device_facts),
((.linux.gidMappings // []) as $gids | .mounts[] | mount_facts($gids)), root_facts, device_rule_facts,
"cgroup \(if .linux.namespaces | any(.type == "cgroup") then "/" else .linux.cgroupsPath end)",
"Seccomp=\(if .linux.seccomp then 2 else $own.seccomp end)",
(.hostname // empty | "hostname=\(.)"),
(.linux.sysctl // {} | to_entries[] | "sysctl \(.key)=\(.value)")
