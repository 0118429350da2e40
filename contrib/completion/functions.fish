# SPDX-License-Identifier: Apache-2.0
#
# Completion for fish.  What is made of the records of tare's commands stands below: which options
# have a value ("run --bundle"), and what each of them is.

# Prints what was said before the current word: the command, how many words stand behind it,
# whether options are over, and --root's value.
function __tare_read
    set -l command ''
    set -l count 0
    set -l is_over ''
    set -l root ''
    set -l waiting ''
    for word in (commandline -opc)[2..-1]
        if test -n "$waiting"
            test "$waiting" = ' --root'; and set root $word
            set waiting ''
        else if test -z "$is_over" -a x$word = x--
            set is_over 1
        else if test -z "$is_over"; and string match -q -- '-?*' $word
            contains -- "$command $word" $__tare_with_value; and set waiting "$command $word"
            string match -q -- '--root=*' $word; and set root (string replace -- --root= '' $word)
        else if test -z "$command"
            set command $word
        else
            set count (math $count + 1)
            contains -- "$command" $__tare_with_rest; and set is_over 1
        end
    end
    printf '%s\n' "$command" $count "$is_over" "$root"
end

# __tare_at COMMAND [NUMBER]: whether an option of that command can stand here, or that word of it.
function __tare_at
    set -l said (__tare_read)
    test "$said[1]" = "$argv[1]"; or return
    if test (count $argv) = 1
        test -z "$said[3]"
    else
        test "$said[2]" = "$argv[2]"
    end
end

function __tare_ids
    set -l said (__tare_read)
    if test -n "$said[4]"
        command tare --root "$said[4]" list --quiet 2>/dev/null
    else
        command tare list --quiet 2>/dev/null
    end
end

