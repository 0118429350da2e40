# SPDX-License-Identifier: Apache-2.0
# The tables of functions.fish, see records.awk.

function quote(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/'/, "\\'", text)
    return "'" text "'"
}

# When a line of complete holds: at an option of the command, or at that word of it.
function at(command, number) {
    return quote("__tare_at " (command == "" ? "\"\"" : command) number)
}

# What completes a word of a kind.
function arguments(kind) {
    if (kind == "directory")
        return " -a '(__fish_complete_directories (commandline -ct))'"
    if (kind == "file")
        return " -F"
    if (kind == "id")
        return " -a '(__tare_ids)'"
    if (kind == "signal")
        return " -a " quote(signals())
    return kind ~ /^=/ ? " -a " quote(substr(kind, 2)) : ""
}

# An option has its value in the same word or in the next, and files are offered for it if asked.
function with_value(kind) {
    return (kind == "file" ? " -r" : " -x") arguments(kind)
}

function print_options(command,    i, line) {
    for (i = 1; i <= option_count[command]; i++) {
        line = "complete -c tare -n " at(command, "")
        if (letter[command, i] != "")
            line = line " -s " letter[command, i]
        line = line " -l " name[command, i]
        if (value[command, i] != "")
            line = line with_value(kind_of_value(command, i))
        print line " -d " quote(note[command, i])
    }
}

function print_commands(command, number,    i) {
    for (i = 2; i <= command_count; i++)
        print "complete -c tare -n " at(command, " " number) " -a " commands[i] " -d " \
            quote(about[commands[i]])
}

function print_words(command,    count, list, i, kind, line) {
    count = split(words[command], list, " ")
    for (i = 1; i <= count; i++) {
        kind = kind_of_word(command, list[i])
        line = "complete -c tare -n " at(command, kind == "ids" ? "" : " " (i - 1))
        if (kind == "ids")
            kind = "id"
        if (kind == "command")
            print_commands(command, i - 1)
        else if (arguments(kind) != "")
            print line arguments(kind)
    }
}

END {
    if (failed)
        exit 1
    print "set -g __tare_with_value"
    for (i = 1; i <= command_count; i++)
        for (j = 1; j <= option_count[commands[i]]; j++)
            if (value[commands[i], j] != "") {
                line = quote(commands[i] " --" name[commands[i], j])
                if (letter[commands[i], j] != "")
                    line = line " " quote(commands[i] " -" letter[commands[i], j])
                print "set -a __tare_with_value " line
            }
    line = "set -g __tare_with_rest"
    for (i = 1; i <= command_count; i++)
        if (takes_rest(commands[i]))
            line = line " " commands[i]
    print line
    print ""
    print "complete -c tare -f"
    print_options("")
    print_commands("", 0)
    for (i = 2; i <= command_count; i++) {
        print_options(commands[i])
        print_words(commands[i])
    }
}
