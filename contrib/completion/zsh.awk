# SPDX-License-Identifier: Apache-2.0
# Completion for zsh, see records.awk: for each command what _arguments is to know of it.

function quote(text) {
    gsub(/'/, "'\\''", text)
    return "'" text "'"
}

function escape(text, characters,    i, c, escaped) {
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        escaped = escaped (index("\\" characters, c) ? "\\" : "") c
    }
    return escaped
}

# What completes a word of a kind; a blank stands for nothing, but zsh tells what is wanted.
function action(kind) {
    if (kind == "directory")
        return "_files -/"
    if (kind == "file")
        return "_files"
    if (kind == "id" || kind == "command")
        return "_tare_" kind "s"
    if (kind == "signal")
        return "(" signals() ")"
    return kind ~ /^=/ ? "(" substr(kind, 2) ")" : " "
}

# LEFT is the option with its dashes, OTHERS excludes what is the same.
function print_option(left, others, command, i,    text) {
    text = others left
    if (value[command, i] != "")
        text = text (left ~ /^--/ ? "=" : "+")
    text = text "[" escape(note[command, i], "[]") "]"
    if (value[command, i] != "")
        text = text ":" escape(value[command, i], ":") ":" action(kind_of_value(command, i))
    print "            " quote(text) " \\"
}

function print_options(command,    i, others, is_list) {
    for (i = 1; i <= option_count[command]; i++) {
        is_list = note[command, i] ~ /may be repeated/
        others = letter[command, i] == "" ? "" : "-" letter[command, i] " "
        others = is_list ? "*" : "(" others "--" name[command, i] ")"
        if (letter[command, i] != "")
            print_option("-" letter[command, i], others, command, i)
        print_option("--" name[command, i], others, command, i)
    }
}

function print_words(command,    count, list, i, kind, text) {
    count = split(words[command], list, " ")
    for (i = 1; i <= count; i++) {
        kind = kind_of_word(command, list[i])
        text = kind == "rest" || kind == "ids" ? "*" : i (list[i] ~ /^\[/ ? ":" : "")
        gsub(/[][<>.]/, "", list[i])
        print "            " quote(text ":" escape(list[i], ":") ":" action(kind == "ids" ? "id" : kind)) " \\"
    }
}

function print_command(command) {
    print "    " command ")"
    # Behind the first word of somebody else there are no options of ours.
    print "        _arguments -S " (takes_rest(command) ? "-A '-*' " : "") "\\"
    print_options(command)
    print_words(command)
    print "            && result=0"
    print "        ;;"
}

END {
    if (failed)
        exit 1
    print "#compdef tare"
    print "# Completion for zsh, made of what `tare help` says."
    print ""
    print "_tare_ids() {"
    print "    local -a ids"
    print "    local root_option=(${root:+--root} ${root:+\"$root\"})"
    print "    ids=(${(f)\"$(command tare $root_option list -q 2>/dev/null)\"})"
    print "    _wanted ids expl container compadd -a ids"
    print "}"
    print ""
    print "_tare_commands() {"
    print "    local -a commands"
    print "    commands=("
    for (i = 2; i <= command_count; i++)
        print "        " quote(commands[i] ":" escape(about[commands[i]], ":"))
    print "    )"
    print "    _describe command commands"
    print "}"
    print ""
    print "_tare() {"
    print "    local curcontext=$curcontext context state state_descr line expl root result=1"
    print "    local -A opt_args"
    print "    _arguments -C -S -A '-*' \\"
    print_options("")
    print "            '1:command:_tare_commands' \\"
    print "            '*::word:->words' && result=0"
    print "    [[ $state == words ]] || return result"
    print "    root=${(Q)opt_args[--root]:-}"
    print "    curcontext=${curcontext%:*:*}:tare-$words[1]:"
    print "    case $words[1] in"
    for (i = 2; i <= command_count; i++)
        print_command(commands[i])
    print "    esac"
    print "    return result"
    print "}"
    print ""
    print "_tare \"$@\""
}
