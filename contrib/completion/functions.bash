# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # the tables above are made by bash.awk
#
# Completion for bash.  What is made of the records of tare's commands stands in four tables:
# _tare_commands, and by command _tare_options, _tare_values ("run --bundle") and _tare_words.

# Reads the words before the current one into the variables of _tare.
_tare_read() {
    local word
    for word in "$@"; do
        # What bash takes apart: --name=VALUE is three words.
        if [[ $word == = ]]; then
            [[ $waiting ]] || waiting=none
        elif [[ $waiting ]]; then
            [[ $waiting != ' --root' ]] || root=$word
            waiting=''
        elif [[ ! $is_over && $word == -- ]]; then
            is_over=1
        elif [[ ! $is_over && $word == -?* ]]; then
            [[ ! ${_tare_values["$command $word"]:-} ]] || waiting="$command $word"
        elif [[ ! $command ]]; then
            command=$word
        else
            count=$((count + 1))
            [[ ${_tare_words["$command "]:-} != *rest ]] || is_over=1
        fi
    done
}

_tare_ids() {
    command tare ${root:+--root "$root"} list --quiet 2>/dev/null
}

# What stands at this place: one of the kinds of records.awk, or option.
_tare_kind() {
    local kinds
    if [[ $waiting ]]; then
        kind=${_tare_values["$waiting"]:-none}
    elif [[ ! $is_over && $1 == -* ]]; then
        kind=option
    elif [[ ! $command ]]; then
        kind='command'
    else
        IFS=';' read -ra kinds <<<"${_tare_words["$command "]:-}"
        kind=${kinds[count]:-none}
        [[ ${kinds[0]:-} != ids ]] || kind=id
    fi
}

_tare() {
    local word=${COMP_WORDS[COMP_CWORD]} command='' waiting='' root='' count=0 is_over='' kind
    _tare_read "${COMP_WORDS[@]:1:COMP_CWORD-1}"
    if [[ $word == = ]]; then
        _tare_read '='
        word=''
    fi
    _tare_kind "$word"
    COMPREPLY=()
    case $kind in
    option) mapfile -t COMPREPLY < <(compgen -W "${_tare_options["$command "]:-}" -- "$word") ;;
    command) mapfile -t COMPREPLY < <(compgen -W "$_tare_commands" -- "$word") ;;
    signal) mapfile -t COMPREPLY < <(compgen -W "$_tare_signals" -- "$word") ;;
    id) mapfile -t COMPREPLY < <(compgen -W "$(_tare_ids)" -- "$word") ;;
    =*) mapfile -t COMPREPLY < <(compgen -W "${kind#=}" -- "$word") ;;
    directory)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        ;;
    file)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    esac
}

complete -F _tare tare
