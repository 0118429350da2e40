# SPDX-License-Identifier: Apache-2.0
# awk -f table.awk syscalls.csv >syscall_table.c
#
# Writes the table of src/security/syscall_table.h when tare is built.  When libseccomp has new
# names, syscalls.csv is taken again; tests/unit/security/test_syscall_table.c compares.

# What socketcall(2) and ipc(2) call the calls that they stand for; ipc's are 100 higher here.
function name_multiplexed(    i, names) {
    split("socket bind connect listen accept getsockname getpeername socketpair send recv " \
        "sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg " \
        "sendmmsg", names, " ")
    for (i in names)
        multiplexed[names[i]] = i
    split("semop=1 semget=2 semctl=3 semtimedop=4 msgsnd=11 msgrcv=12 msgget=13 msgctl=14 " \
        "shmat=21 shmdt=22 shmget=23 shmctl=24", names, " ")
    for (i in names)
        multiplexed[substr(names[i], 1, index(names[i], "=") - 1)] = \
            100 + substr(names[i], index(names[i], "=") + 1)
}

# As in syscall_find().
function hash(name,    i, value) {
    value = 0
    for (i = 1; i <= length(name); i++)
        value = (value * 31 + order[substr(name, i, 1)]) % 4294967296
    return (value + int(value / 1024)) % slot_count
}

function fail(what) {
    print "table.awk: " what >"/dev/stderr"
    failed = 1
    exit 1
}

# Numbers of ARM's own calls begin at 0xf0000; in the table, at 1000 (SYSCALL_PRIVATE), which no
# other number reaches.
function shorten(name, column, number) {
    if (number == "PNR")
        return -1
    if (number !~ /^[0-9]+$/)
        fail(name " has the number " number)
    if (column == "arm" && number >= 983040 && number < 983040 + slot_count - 1000)
        return number - 983040 + 1000
    if (number >= 1000)
        fail(name " has the number " number " on " column)
    return number
}

BEGIN {
    FS = ","
    columns = "name,x86,x86_64,x32,arm,aarch64,loongarch64,m68k,mips,mips64,mips64n32,parisc," \
        "parisc64,ppc,ppc64,riscv64,s390,s390x,sh"
    column_count = split(columns, column)
    slot_count = 1024 # SYSCALL_SLOTS, and SYSCALL_NUMBERS
    place_of_name = 0
    for (i = 33; i < 127; i++)
        order[sprintf("%c", i)] = i
    name_multiplexed()
    print "/* Made by contrib/syscalls/table.awk. */"
    print "#include \"security/syscall_table.h\""
    print "const struct syscall_row syscall_rows[] = {"
}

/^#/ {
    next
}

$0 == columns {
    is_known = 1
    next
}

{
    line = "    { " place_of_name ", " (0 + multiplexed[$1]) ", {"
    for (i = 2; i <= column_count; i++)
        line = line " " shorten($1, column[i], $i) ","
    print line " } },"
    names = names "    \"" $1 "\\0\"\n"
    place_of_name += length($1) + 1
    for (slot = hash($1); slot in rows; slot = (slot + 1) % slot_count)
        ;
    rows[slot] = ++count
}

END {
    if (!failed && !is_known)
        fail("the columns are not " columns)
    if (failed)
        exit 1
    print "};"
    print "const char syscall_names[] = {"
    printf "%s", names
    print "};"
    # By hash of the name: the number of the row + 1, or 0.
    print "const unsigned short syscall_slots[] = {"
    for (slot = 0; slot < slot_count; slot++)
        print "    " (0 + rows[slot]) ","
    print "};"
    print "const unsigned int syscall_count = " count ";"
}
