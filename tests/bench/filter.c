/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a seccomp program for the floor: filter linear|tree FILE <RULES
 *
 * The rules are those of linux.seccomp, one a line, as filter_rules.jq prints them. `linear` is
 * what libseccomp makes of them by default, which asks for one number of a system call after the
 * other. `tree` decides in the same way, but searches: the numbers between two that the linear
 * program asks for have one answer, and so intervals are what it searches among.  The kernel runs
 * a program for every system call's number when it is loaded; hence the difference is large.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = 4096, LINE_SIZE = 1024, WORDS = 32 };

struct program {
    struct sock_filter code[MOST];
    unsigned int length;
};

static struct program linear, tree;
static uint32_t architectures[16];
static unsigned int architecture_count;

static _Noreturn void fail(const char *what, const char *detail)
{
    fprintf(stderr, "filter: %s: %s\n", what, detail);
    exit(1);
}

/* The rules, for libseccomp -------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum scmp_compare op;
} operators[] = {
    { "SCMP_CMP_NE", SCMP_CMP_NE },
    { "SCMP_CMP_LT", SCMP_CMP_LT },
    { "SCMP_CMP_LE", SCMP_CMP_LE },
    { "SCMP_CMP_EQ", SCMP_CMP_EQ },
    { "SCMP_CMP_GE", SCMP_CMP_GE },
    { "SCMP_CMP_GT", SCMP_CMP_GT },
    { "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

static uint32_t find_action(const char *name, const char *number)
{
    if (strcmp(name, "SCMP_ACT_ALLOW") == 0)
        return SCMP_ACT_ALLOW;
    if (strcmp(name, "SCMP_ACT_ERRNO") == 0)
        return SCMP_ACT_ERRNO((uint32_t) atoi(number));
    fail(name, "an action that is not known here");
}

static enum scmp_compare find_operator(const char *name)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strcmp(operators[i].name, name) == 0)
            return operators[i].op;
    }
    fail(name, "an operator that is not known here");
}

/* SCMP_ARCH_X86_64 is "x86_64" to libseccomp. */
static uint32_t find_architecture(const char *name)
{
    char known[LINE_SIZE] = "";
    uint32_t found;

    for (size_t i = strlen("SCMP_ARCH_"), n = 0; i < strlen(name); i++)
        known[n++] = (char) (name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 'a' - 'A' : name[i]);
    found = seccomp_arch_resolve_name(known);
    if (found == 0)
        fail(name, "an architecture that is not known here");
    return found;
}

/* rule ACTION ERRNO NAME [INDEX OPERATOR VALUE VALUE-TWO]...
 * Names that libseccomp does not know do not matter; a rule that says what the default says is
 * refused by it, and not needed. */
static void add_rule(scmp_filter_ctx context, char **words, unsigned int count)
{
    const int number = seccomp_syscall_resolve_name(words[3]);
    struct scmp_arg_cmp conditions[6];
    unsigned int n = 0;

    for (unsigned int i = 4; i + 3 < count && n < 6; i += 4)
        conditions[n++] = (struct scmp_arg_cmp){
            .arg = (unsigned int) atoi(words[i]),
            .op = find_operator(words[i + 1]),
            .datum_a = strtoull(words[i + 2], NULL, 10),
            .datum_b = strtoull(words[i + 3], NULL, 10),
        };
    if (number == __NR_SCMP_ERROR)
        return;
    const int result =
        seccomp_rule_add_array(context, find_action(words[1], words[2]), number, n, conditions);
    if (result < 0 && result != -EACCES && result != -EDOM && result != -EEXIST)
        fail(words[3], strerror(-result));
}

static void add_architecture(scmp_filter_ctx context, const char *name)
{
    const uint32_t architecture = find_architecture(name);
    const int result = seccomp_arch_add(context, architecture);

    if (result < 0 && result != -EEXIST)
        fail(name, strerror(-result));
    /* What follows the numbers of x32 is told by them, not by the architecture. */
    if (architecture == SCMP_ARCH_X32)
        return;
    if (architecture_count == sizeof(architectures) / sizeof(architectures[0]))
        fail(name, "one architecture too many");
    architectures[architecture_count++] = architecture;
}

/* The first line is `default ACTION ERRNO`; then come `arch NAME` and rules. */
static scmp_filter_ctx read_rules(void)
{
    scmp_filter_ctx context = NULL;
    char line[LINE_SIZE];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *words[WORDS], *rest = line;
        unsigned int count = 0;

        for (char *word; count < WORDS && (word = strsep(&rest, " \n")) != NULL;) {
            if (*word != '\0')
                words[count++] = word;
        }
        if (count == 3 && strcmp(words[0], "default") == 0 && context == NULL)
            context = seccomp_init(find_action(words[1], words[2]));
        else if (count == 2 && strcmp(words[0], "arch") == 0 && context != NULL)
            add_architecture(context, words[1]);
        else if (count >= 4 && strcmp(words[0], "rule") == 0 && context != NULL)
            add_rule(context, words, count);
        else
            fail(words[0], "not a line that is known here");
    }
    if (context == NULL)
        fail("standard input", "no rules");
    return context;
}

static void compile(scmp_filter_ctx context)
{
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    const int result = seccomp_export_bpf(context, fd);
    ssize_t size;

    if (result < 0)
        fail("export", strerror(-result));
    size = pread(fd, linear.code, sizeof(linear.code), 0);
    if (size <= 0 || size == sizeof(linear.code))
        fail("export", "the program is too long, or there is none");
    linear.length = (unsigned int) ((size_t) size / sizeof(linear.code[0]));
    close(fd);
}

/* What a program does -------------------------------------------------------------------------- */

static bool does_jump(uint16_t operation, uint32_t value, uint32_t k)
{
    switch (operation) {
    case BPF_JEQ:
        return value == k;
    case BPF_JGT:
        return value > k;
    case BPF_JGE:
        return value >= k;
    case BPF_JSET:
        return (value & k) != 0;
    default:
        fail("the program", "a jump that is not known here");
    }
}

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t value;

    memcpy(&value, (const char *) data + offset, sizeof(value));
    return value;
}

/* Follows the program to the instruction that answers, or (DATA has no arguments to look at, unless
 * HAS_ARGUMENTS) to the first that looks at one; returns its place. */
static unsigned int follow(const struct program *program, const struct seccomp_data *data,
                           bool has_arguments)
{
    uint32_t value = 0;

    for (unsigned int at = 0; at < program->length; at++) {
        const struct sock_filter *code = &program->code[at];

        if (BPF_CLASS(code->code) == BPF_RET)
            return at;
        if (code->code == (BPF_LD | BPF_W | BPF_ABS)) {
            if (!has_arguments && code->k >= offsetof(struct seccomp_data, args))
                return at;
            value = load(data, code->k);
        } else if (code->code == (BPF_ALU | BPF_AND | BPF_K)) {
            value &= code->k;
        } else if (code->code == (BPF_JMP | BPF_JA)) {
            at += code->k;
        } else if (BPF_CLASS(code->code) == BPF_JMP) {
            at += does_jump(BPF_OP(code->code), value, code->k) ? code->jt : code->jf;
        } else {
            fail("the program", "an instruction that is not known here");
        }
    }
    fail("the program", "has no end");
}

/* The tree ------------------------------------------------------------------------------------- */

/* The numbers from FIRST to the next interval's first are answered from LEAF of the linear one. */
struct interval {
    uint32_t first;
    unsigned int leaf;
};

static void emit(struct sock_filter code)
{
    if (tree.length == MOST)
        fail("the tree", "is too long");
    tree.code[tree.length++] = code;
}

static bool has_same_answer(unsigned int a, unsigned int b)
{
    const struct sock_filter *first = &linear.code[a], *second = &linear.code[b];

    return a == b || (first->code == (BPF_RET | BPF_K) && second->code == first->code &&
                      first->k == second->k);
}

static int compare_numbers(const void *a, const void *b)
{
    const uint32_t *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

/* An answer can only change at a number that some jump asks for, and behind it. */
static unsigned int find_intervals(uint32_t architecture, struct interval *intervals)
{
    static uint32_t edges[2 * MOST + 1];
    unsigned int edge_count = 0, count = 0;

    edges[edge_count++] = 0;
    for (unsigned int i = 0; i < linear.length; i++) {
        if (BPF_CLASS(linear.code[i].code) == BPF_JMP &&
            linear.code[i].code != (BPF_JMP | BPF_JA)) {
            edges[edge_count++] = linear.code[i].k;
            edges[edge_count++] = linear.code[i].k + 1;
        }
    }
    qsort(edges, edge_count, sizeof(edges[0]), compare_numbers);
    for (unsigned int i = 0; i < edge_count; i++) {
        const struct seccomp_data data = { .nr = (int) edges[i], .arch = architecture };
        const unsigned int leaf = follow(&linear, &data, false);

        if (count == 0 || !has_same_answer(intervals[count - 1].leaf, leaf))
            intervals[count++] = (struct interval){ edges[i], leaf };
    }
    return count;
}

/* Copies what can be reached from LEAF; jumps lead forward only, and get no longer by it. */
static void emit_leaf(unsigned int leaf)
{
    static unsigned int place[MOST + 256];
    unsigned int length = 0;

    memset(place, 0, sizeof(place));
    place[leaf] = 1; /* reached */
    for (unsigned int i = leaf; i < linear.length; i++) {
        const struct sock_filter code = linear.code[i];

        if (place[i] == 0)
            continue;
        place[i] = ++length;
        if (code.code == (BPF_JMP | BPF_JA))
            place[i + 1 + code.k] = 1;
        else if (BPF_CLASS(code.code) == BPF_JMP)
            place[i + 1 + code.jt] = place[i + 1 + code.jf] = 1;
        else if (BPF_CLASS(code.code) != BPF_RET)
            place[i + 1] = 1;
    }
    for (unsigned int i = leaf; i < linear.length; i++) {
        struct sock_filter code = linear.code[i];

        if (place[i] == 0)
            continue;
        if (code.code == (BPF_JMP | BPF_JA)) {
            code.k = place[i + 1 + code.k] - place[i] - 1;
        } else if (BPF_CLASS(code.code) == BPF_JMP) {
            code.jt = (uint8_t) (place[i + 1 + code.jt] - place[i] - 1);
            code.jf = (uint8_t) (place[i + 1 + code.jf] - place[i] - 1);
        }
        emit(code);
    }
}

/* The lower half first, and a jump over it in front of it, in two steps where it is long. */
static void emit_search(const struct interval *intervals, unsigned int count)
{
    const unsigned int half = count / 2, start = tree.length;
    unsigned int length;

    if (count == 1) {
        emit_leaf(intervals[0].leaf);
        return;
    }
    emit((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, intervals[half].first, 0, 1));
    emit((struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, 0));
    emit_search(intervals, half);
    length = tree.length - start - 2;
    tree.code[start + 1].k = length;
    if (length <= UINT8_MAX) {
        tree.code[start].jt = (uint8_t) length;
        tree.code[start].jf = 0;
        memmove(&tree.code[start + 1], &tree.code[start + 2], length * sizeof(tree.code[0]));
        tree.length--;
    }
    emit_search(intervals + half, count - half);
}

static void grow_tree(void)
{
    static struct interval intervals[2 * MOST + 1];
    const struct seccomp_data foreign = { .arch = ~0U };

    emit((struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                       offsetof(struct seccomp_data, arch)));
    for (unsigned int i = 0; i < architecture_count; i++) {
        const unsigned int start = tree.length;

        emit((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architectures[i], 1, 0));
        emit((struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, 0));
        emit((struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                           offsetof(struct seccomp_data, nr)));
        emit_search(intervals, find_intervals(architectures[i], intervals));
        tree.code[start + 1].k = tree.length - start - 2;
    }
    emit_leaf(follow(&linear, &foreign, true));
}

/* Both programs have one answer to every number that is asked for, with arguments or without. */
static void check_tree(void)
{
    static const uint64_t arguments[] = { 0, 1, 8, 0x20000, 0x7e020000, ~UINT64_C(0) };
    const unsigned int n = sizeof(arguments) / sizeof(arguments[0]);

    for (unsigned int i = 0; i < linear.length * (architecture_count + 1) * n; i++) {
        const unsigned int which = i / linear.length % (architecture_count + 1);
        struct seccomp_data data = {
            .nr = (int) linear.code[i % linear.length].k,
            .arch = which < architecture_count ? architectures[which] : 0,
        };

        for (unsigned int j = 0; j < 6; j++)
            data.args[j] = arguments[(i / linear.length / (architecture_count + 1) + j) % n];
        if (linear.code[follow(&linear, &data, true)].k != tree.code[follow(&tree, &data, true)].k)
            fail("the tree", "differs from what libseccomp made");
    }
}

static void write_program(const struct program *program, const char *path)
{
    const size_t size = program->length * sizeof(program->code[0]);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, program->code, size) != (ssize_t) size || close(fd) < 0)
        fail(path, strerror(errno));
}

int main(int count, char **arguments)
{
    if (count != 3 || (strcmp(arguments[1], "linear") != 0 && strcmp(arguments[1], "tree") != 0)) {
        fprintf(stderr, "usage: filter linear|tree FILE <RULES\n");
        return 64;
    }
    compile(read_rules());
    if (arguments[1][0] == 'l') {
        write_program(&linear, arguments[2]);
        return 0;
    }
    grow_tree();
    check_tree();
    write_program(&tree, arguments[2]);
    return 0;
}
