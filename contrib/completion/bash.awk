# SPDX-License-Identifier: Apache-2.0
# The tables of functions.bash, see records.awk.

function quote(text) {
    gsub(/'/, "'\\''", text)
    return "'" text "'"
}

function kinds_of_words(command,    count, list, i, kinds) {
    count = split(words[command], list, " ")
    for (i = 1; i <= count; i++)
        kinds = kinds (i > 1 ? ";" : "") kind_of_word(command, list[i])
    return kinds
}

function print_options(command,    i, all) {
    for (i = 1; i <= option_count[command]; i++) {
        all = all (letter[command, i] == "" ? "" : " -" letter[command, i])
        all = all " --" name[command, i]
    }
    print "    [" quote(command " ") "]=" quote(substr(all, 2))
}

function print_values(command,    i, kind) {
    for (i = 1; i <= option_count[command]; i++) {
        if (value[command, i] == "")
            continue
        kind = quote(kind_of_value(command, i))
        print "    [" quote(command " --" name[command, i]) "]=" kind
        if (letter[command, i] != "")
            print "    [" quote(command " -" letter[command, i]) "]=" kind
    }
}

END {
    if (failed)
        exit 1
    for (i = 2; i <= command_count; i++)
        list = list " " commands[i]
    print "_tare_commands=" quote(substr(list, 2))
    print "_tare_signals=" quote(signals())
    print "declare -gA _tare_options=("
    for (i = 1; i <= command_count; i++)
        print_options(commands[i])
    print ")"
    print "declare -gA _tare_values=("
    for (i = 1; i <= command_count; i++)
        print_values(commands[i])
    print ")"
    print "declare -gA _tare_words=("
    for (i = 2; i <= command_count; i++)
        print "    [" quote(commands[i] " ") "]=" quote(kinds_of_words(commands[i]))
    print ")"
}
