# SPDX-License-Identifier: Apache-2.0
# awk -f records.awk -f mdoc.awk RECORDS tare.1.in
#
# Puts into the page what the records of the commands say (see records.awk), where a line asks for
# it: "@synopsis", "@options" for those before the command, and "@command NAME".

# A dash that is typed is no hyphen.
function text_of(text) {
    gsub(/\\/, "\\e", text)
    gsub(/--/, "\\-\\-", text)
    return text
}

# What mdoc would obey at the beginning of a line is text.
function print_line(text) {
    print (text ~ /^[.']/ ? "\\&" : "") text
}

# Source lines have 80 bytes at most, says mandoc.
function print_sentence(text,    count, list, i, line) {
    text = text_of(text)
    count = split(toupper(substr(text, 1, 1)) substr(text, 2) ".", list, " ")
    for (i = 1; i <= count; i++) {
        if (length(line " " list[i]) > 79) {
            print_line(line)
            line = ""
        }
        line = line (line == "" ? "" : " ") list[i]
    }
    print_line(line)
}

# "<id>": Ar id; "[<signal>]": Op Ar signal; "<add|remove>": Cm add | remove; "--rootfs DIR": Fl and
# Ar.
function print_words(text,    count, list, i, macro) {
    count = split(text, list, " ")
    for (i = 1; i <= count; i++) {
        if (list[i] ~ /^--/) {
            print ".Fl \\-" substr(list[i], 3) " Ar " list[i + 1]
            i++
            continue
        }
        macro = list[i] ~ /\|/ ? "Cm" : "Ar"
        macro = (list[i] ~ /^\[/ ? ".Op " : ".") macro
        gsub(/[][<>]/, "", list[i])
        sub(/\|/, " | ", list[i])
        sub(/\.\.\.$/, " ...", list[i])
        print macro " " list[i]
    }
}

function print_one_call(command, text) {
    print ".Nm tare"
    print ".Cm " command
    print ".Op Ar options"
    print_words(text)
}

# BETWEEN is needed outside of the synopsis, where a call does not begin a line of its own.
function print_call(command, between) {
    print_one_call(command, words[command])
    if (other_words[command] == "")
        return
    if (between)
        print between
    print_one_call(command, other_words[command])
}

function print_options(command,    i, line) {
    print ".Bl -tag -width Ds"
    for (i = 1; i <= option_count[command]; i++) {
        # Of the commands it is said once, for all.
        if (command != "" && name[command, i] == "help")
            continue
        line = ".It"
        if (letter[command, i] != "")
            line = line " Fl " letter[command, i] " ,"
        line = line " Fl \\-" name[command, i]
        if (value[command, i] != "")
            line = line " Ar " value[command, i]
        print line
        print_sentence(note[command, i])
    }
    print ".El"
}

FNR == 1 && NR != 1 {
    is_page = 1
}
failed || !is_page {
    next
}
$1 == "@synopsis" {
    for (i = 2; i <= command_count; i++)
        print_call(commands[i])
    next
}
$1 == "@options" {
    print_options("")
    next
}
$1 == "@command" {
    if (!($2 in about))
        fail("tare.1.in tells of a command that is none: " $2)
    print ".Ss " $2
    print_call($2, ".Pp")
    print ".Pp"
    print_sentence(about[$2])
    if (option_count[$2] > 1)
        print_options($2)
    print ".Pp"
    next
}
{
    print
}
END {
    if (failed)
        exit 1
}
