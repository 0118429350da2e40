# SPDX-License-Identifier: Apache-2.0
# awk -f records.awk -f SHELL.awk PAGES
#
# Reads what `tare help` and `tare help COMMAND` print, one page behind the other: the records of
# src/cli, as a user sees them.  SHELL.awk writes what it makes of them in its END:
#
#     commands[1..command_count]            names; "" stands for tare itself
#     about[command]  words[command]        "start a container", "<id> [<signal>]"
#     other_words[command]                  "--rootfs DIR [<command>...]", or ""
#     option_count[command]                 and of each option i of it:
#     letter[command, i]  name[command, i]  "b", "bundle"; the letter may be ""
#     value[command, i]  note[command, i]   "DIR" or "", "the bundle; default: ..."
#
# kind_of_value() and kind_of_word() say with what a word can be completed.

# "table or json"; "least level: error, warn or info": the words after the last ": ", or "".
function choices_in(text,    words, count, i, choices) {
    sub(/.*: /, "", text)
    gsub(/ \([^)]*\)/, "", text)
    gsub(/ or /, ", ", text)
    count = split(text, words, ", ")
    for (i = 1; i <= count; i++) {
        if (words[i] !~ /^[a-z0-9-]+$/)
            return ""
        choices = choices (i > 1 ? " " : "") words[i]
    }
    return count > 1 ? choices : ""
}

# "directory", "file", "none", or else "=" and the words there are.
function kind_of_value(command, i,    what, choices) {
    what = value[command, i]
    if (what == "DIR")
        return "directory"
    if (what == "FILE" || what == "SOCKET")
        return "file"
    if (what ~ /\|/)
        choices = what
    else
        choices = choices_in(note[command, i])
    gsub(/\|/, " ", choices)
    return choices == "" ? "none" : "=" choices
}

function takes_rest(command) {
    return words[command] ~ /\.\.\.\]?$/ && words[command] !~ /<id>\.\.\.\]$/
}

function has_option(command, which,    i) {
    for (i = 1; i <= option_count[command]; i++)
        if (name[command, i] == which)
            return 1
    return 0
}

# The same for the words of a command (a <bundle> is a directory), and "id", "ids", "command"
# (tare's), "signal"; "rest" stands for the words of somebody else, behind which there are no options
# of ours.
function kind_of_word(command, word) {
    if (word == "[<id>...]")
        return "ids"
    if (word ~ /\.\.\.\]?$/)
        return "rest"
    gsub(/[][<>]/, "", word)
    if (word ~ /\|/) {
        gsub(/\|/, " ", word)
        return "=" word
    }
    # What takes a bundle makes its container: the id is a new one.
    if (word == "id" && has_option(command, "bundle"))
        return "none"
    if (word == "bundle")
        return "directory"
    if (word == "id" || word == "file" || word == "signal" || word == "command")
        return word
    return "none"
}

function signals() {
    return "TERM KILL INT HUP QUIT USR1 USR2 STOP CONT WINCH"
}

# Reading ----------------------------------------------------------------------------------------

function begin_page(command) {
    page = command
    commands[++command_count] = command
    state = "head"
}

function read_option(text,    left, gap) {
    gap = match(text, /   *[^ ]/) ? RSTART : fail("no description: " text)
    left = substr(text, 1, gap - 1)
    option_count[page]++
    note[page, option_count[page]] = substr(text, gap + RLENGTH - 1)
    if (left ~ /^-[^-],/) {
        letter[page, option_count[page]] = substr(left, 2, 1)
        left = substr(left, 5)
    }
    gap = index(left " ", " ")
    name[page, option_count[page]] = substr(left, 3, gap - 3)
    value[page, option_count[page]] = substr(left, gap + 1)
}

function fail(what) {
    print "records.awk: " what >"/dev/stderr"
    failed = 1
    exit 1
}

/^usage: tare \[OPTIONS\] COMMAND/ {
    begin_page("")
    next
}
/^usage: tare / {
    begin_page($3)
    text = $0
    sub(/^usage: tare [^ ]+ \[OPTIONS\] ?/, "", text)
    words[page] = text
    next
}
/^       tare / {
    text = $0
    sub(/^ *tare [^ ]+ \[OPTIONS\] /, "", text)
    other_words[page] = text
    next
}
/^Options:$/ {
    state = "options"
    next
}
/^Commands:$/ {
    state = "commands"
    next
}
state == "head" && NF {
    about[page] = $0
    state = ""
}
state == "options" && /^ *-/ {
    sub(/^ +/, "")
    read_option($0)
}
