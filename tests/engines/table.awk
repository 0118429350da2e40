# SPDX-License-Identifier: Apache-2.0
#
# Makes a table in markdown of protocols in TAP.  Input: lines `RUNTIME PATH-OF-A-PROTOCOL`.
# Variable: names, the runtimes in the order of the columns.

BEGIN {
    count = split(names, runtime, " ")
    header = "| engine | scenario |"
    rule = "| --- | --- |"
    for (i = 1; i <= count; i++) {
        header = header " " runtime[i] " |"
        rule = rule " --- |"
    }
    print header
    print rule
}

{
    file = $0
    sub(/^[^ ]+ /, "", file)
    while ((getline line < file) > 0)
        read_line($1, line)
    close(file)
}

END {
    for (row = 1; row <= rows; row++) {
        engine = scenario[row]
        sub(/ .*/, "", engine)
        text = substr(scenario[row], length(engine) + 2)
        gsub(/\|/, "\\|", text)
        cells = "| " engine " | " text " |"
        for (i = 1; i <= count; i++)
            cells = cells " " cell(runtime[i], scenario[row]) " |"
        print cells
    }
    sums = "| | **passed** |"
    for (i = 1; i <= count; i++)
        sums = sums " " passed[runtime[i]] + 0 " of " judged[runtime[i]] + 0 " |"
    print sums
}

function read_line(who, line,    what, how) {
    if (line ~ /^not ok [0-9]+ /)
        how = "**no**"
    else if (line ~ /^ok [0-9]+ .* # skip/)
        how = "-"
    else if (line ~ /^ok [0-9]+ /)
        how = "yes"
    else
        return
    what = line
    sub(/^(not )?ok [0-9]+ /, "", what)
    sub(/ # (skip|timeout).*$/, "", what)
    sub(/ in [0-9]+ms$/, "", what)
    if (what ~ /_file failed$/)
        return
    if (!(what in known)) {
        known[what] = 1
        scenario[++rows] = what
    }
    result[who, what] = how
    passed[who] += how == "yes"
    judged[who] += how != "-"
}

function cell(who, what) {
    return (who, what) in result ? result[who, what] : "-"
}
