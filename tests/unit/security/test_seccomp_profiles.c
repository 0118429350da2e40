/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp_rules: the default profiles of engines, as these gave them to a runtime.  Every
 * number of every architecture, asked with many arguments, must get the answer of libseccomp and of
 * the evaluator (tests/unit/security/oracle.h); and the program must be short.
 */
#include "tests/unit/security/oracle.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "libocispec/config.h"
#include "security/syscall_table.h"

enum { NUMBERS = 1100, LONGEST = 340 };

/* Edges of what the profiles ask for. */
static const uint64_t values[] = {
    0,
    1,
    2,
    3,
    8,
    9,
    16,
    38,
    39,
    40,
    41,
    0x20000,
    0x20008,
    0xffffffff,
    0x7e020000,
    0x10000000,
    UINT64_C(1) << 32,
    UINT64_MAX,
};

enum { TURNS = LENGTH(values) * LENGTH(values) };

static const struct oci_seccomp *read_profile(const char *name, struct arena *arena)
{
    const char *top = getenv("srcdir"), *here = strstr(__FILE__, "tests/unit/");
    struct oci_problem problem = { 0 };
    char path[512];
    const char *text;
    size_t length;

    if (top)
        snprintf(path, sizeof(path), "%s/tests/engines/data/%s.json", top, name);
    else
        snprintf(path, sizeof(path), "%.*stests/engines/data/%s.json", (int) (here - __FILE__),
                 __FILE__, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    const struct fd_file whole = { file, lseek(file, 0, SEEK_END) };
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    assert_ok(fd_read_file(&whole, (size_t) whole.size, arena, &text, &length));
    close(file);
    const struct oci_config *config = oci_decode(&oci_config_schema, arena, text, length, &problem);
    assert_non_null(config);
    assert_non_null(config->linux_->seccomp);
    return config->linux_->seccomp;
}

/* libseccomp may be older than the kernels whose calls the table has. */
static bool is_newer(size_t place, uint32_t number)
{
    static const int columns[] = { SYSCALL_X86_64, SYSCALL_X86, SYSCALL_X32 };
    uint32_t own = number & ~(uint32_t) X32_BIT;

    for (unsigned int i = 0; i < syscall_count; i++)
        if (syscall_rows[i].numbers[columns[place]] == (int) own)
            return seccomp_syscall_resolve_name(syscall_names + syscall_rows[i].name) ==
                   __NR_SCMP_ERROR;
    return false;
}

/* How many instructions a call meets; 0: its arguments are looked at. */
static uint32_t count_steps(const struct seccomp_plan *plan, const struct seccomp_data *data)
{
    uint32_t steps = 0, word = 0;

    for (uint32_t i = 0; plan->program[i].code != (BPF_RET | BPF_K); i++, steps++) {
        const struct sock_filter *at = &plan->program[i];
        if (at->code == (BPF_LD | BPF_W | BPF_ABS))
            word = load_word(data, at->k);
        if (at->code == (BPF_LD | BPF_W | BPF_ABS) && at->k >= 16)
            return 0;
        if (BPF_CLASS(at->code) == BPF_JMP)
            i += jump(at, word);
    }
    return steps + 1;
}

/* What a profile is asked. */
struct inquiry {
    const struct oci_seccomp *seccomp;
    struct seccomp_plan filter, reference;
};

static struct seccomp_data call_of(size_t place, uint32_t number)
{
    uint32_t token = oracle_architectures[place].token;

    return (struct seccomp_data){
        .nr = (int) number,
        .arch = token == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : token,
    };
}

static void ask(const struct inquiry *inquiry, size_t place, uint32_t number, uint32_t turn)
{
    struct seccomp_data data = call_of(place, number);

    for (uint32_t i = 0; i < 6; i++)
        data.args[i] = values[(turn * (i + 1) + i * turn / LENGTH(values)) % LENGTH(values)];
    uint32_t said = judge(&inquiry->filter, &data);
    uint32_t reference = judge(&inquiry->reference, &data);
    uint32_t expected = evaluate(inquiry->seccomp, place, &data);
    if (said != expected || said != reference)
        fail_msg("call %x of architecture %x: %x, not %x or %x", data.nr, data.arch, said, expected,
                 reference);
}

/* X86_64, x86 and x32 are what the profiles have. */
static void ask_all(const struct inquiry *inquiry)
{
    static const uint32_t far[] = { 0x3fffffff, 0x7fffffff, 0x80000000, 0xf0002, UINT32_MAX };

    for (size_t place = 0; place < 3; place++) {
        uint32_t base = oracle_architectures[place].token == SCMP_ARCH_X32 ? X32_BIT : 0;
        for (uint32_t i = 0; i < NUMBERS; i++) {
            const struct seccomp_data data = call_of(place, base + i);
            uint32_t turns = count_steps(&inquiry->filter, &data) ? 2 : TURNS;
            if (is_newer(place, base + i))
                continue;
            for (uint32_t turn = 0; turn < turns; turn++)
                ask(inquiry, place, base + i, turn);
        }
    }
    for (size_t i = 0; i < LENGTH(far); i++)
        ask(inquiry, 0, far[i], (uint32_t) i);
}

static void read_alike(const char *name)
{
    struct arena *arena = fresh_arena();
    struct inquiry inquiry = { .seccomp = read_profile(name, arena) };

    assert_ok(seccomp_plan(inquiry.seccomp, true, arena, &inquiry.filter));
    ask_libseccomp(inquiry.seccomp, arena, &inquiry.reference);
    ask_all(&inquiry);
    if (inquiry.filter.length > LONGEST)
        fail_msg("%s: %u instructions", name, inquiry.filter.length);
}

static void reads_podman_alike(void **state)
{
    (void) state;
    read_alike("podman-plain");
}

static void reads_docker_alike(void **state)
{
    (void) state;
    read_alike("docker-plain");
}

static void reads_containerd_alike(void **state)
{
    (void) state;
    read_alike("containerd-seccomp");
}

/* What the kernel's bitmap of allowed calls needs: a way without arguments; and a short one. */
static void finds_calls_fast(void **state)
{
    (void) state;
    struct arena *arena = fresh_arena();
    struct seccomp_plan filter;
    uint32_t plain = 0;

    assert_ok(seccomp_plan(read_profile("podman-plain", arena), true, arena, &filter));
    for (int i = 0; i < 500; i++) {
        uint32_t steps =
            count_steps(&filter, &(struct seccomp_data){ .nr = i, .arch = AUDIT_ARCH_X86_64 });
        assert_true(steps <= 16);
        plain += steps > 0;
    }
    assert_true(plain >= 498); /* all but personality(2) and socket(2) */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_podman_alike),
        cmocka_unit_test(reads_docker_alike),
        cmocka_unit_test(reads_containerd_alike),
        cmocka_unit_test(finds_calls_fast),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/seccomp_profiles", tests, NULL, NULL);
}
