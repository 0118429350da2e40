# SPDX-License-Identifier: Apache-2.0
# The last table of tests/bench/bench: what was aimed at, and what the tables before have shown.
# What no table has shown, since it was not asked for or could not be measured here, is said so.

/^== / {
    table = $2
    sub(/,$/, "", table)
    kind = $3
    next
}

table == "run" && $2 ~ /^[0-9]+$/ { p10[kind, $1] = $2; if ($1 == "tare") calls[kind] = $NF }
table == "life" && $1 == "p10_us" { for (i = 2; i <= NF; i++) step[i + 1] = $i }
table == "life" && $1 == "tare/best" {
    for (i = 3; i <= NF; i++)
        if ($i != "-" && $i > life[step[i]])
            life[step[i]] = $i
}
table == "init" && $1 == "tare" { rss = $2; pss = $3 }
table == "size" && $1 == "tare" { size = $2 }
table == "launchers" && $1 != "ratio" { launchers[$1] = $NF }
table == "memory" && $1 == "tare" { run_memory = $2; exec_memory = $3 }
table == "idle" && $1 == 1000 { growth[$2] = $4; list = $2 == "list" ? $3 : list }

# judge WHAT VALUE TARGET [AT-LEAST]: no value is one that was not measured.
function judge(what, value, target, is_least) {
    if (value == "")
        verdict = "not measured"
    else
        verdict = (is_least ? value + 0 >= target + 0 : value + 0 <= target + 0) ? "met" : "MISSED"
    printf "%-48s %8s %2s %-8s %s\n", what, value, is_least ? ">=" : "<=", target, verdict
}

function ratio(kind, floor) {
    return (kind, floor) in p10 && (kind, "tare") in p10 ? \
        sprintf("%.2f", p10[kind, "tare"] / p10[kind, floor]) : ""
}

END {
    print "\n== targets"
    judge("run minimal, to the floor", ratio("minimal", "floor"), "1.30")
    judge("run podman, to the floor", ratio("podman", "floor"), "1.00")
    judge("run podman, to the floor with the better filter", ratio("podman", "floor-tree"), "1.30")
    judge("run minimal, system calls", calls["minimal"], 300)
    count = split("create start exec state kill delete", steps)
    for (i = 1; i <= count; i++)
        judge(steps[i] ", to the best peer, worst bundle", life[steps[i]], "0.40")
    judge("waiting init, RSS in KiB", rss, 300)
    judge("waiting init, Pss in KiB", pss, 300)
    judge("run under a memory.max of KiB", run_memory, 512)
    judge("exec under a memory.max of KiB", exec_memory, 512)
    judge("run beside 1000 containers, growth", growth["tare"], \
        "floor" in growth ? growth["floor"] + 0.05 : "floor's")
    judge("list of 1000 containers, us", list, 100000)
    judge("two launchers, to what the floor gains", "tare" in launchers ? \
        sprintf("%.2f", launchers["tare"] / launchers["floor"]) : "", "0.95", 1)
    judge("the program, bytes", size, 1572864)
}
