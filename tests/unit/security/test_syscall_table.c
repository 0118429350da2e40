/* SPDX-License-Identifier: Apache-2.0 */
/* security/syscall_table: every call that libseccomp knows has the same number here. */
#include "tests/unit/security/oracle.h"

#include "security/seccomp_calls.h"

static const enum syscall_abi columns[ORACLE_ARCHITECTURES] = {
    SYSCALL_X86_64,    SYSCALL_X86,    SYSCALL_X32,       SYSCALL_ARM,     SYSCALL_AARCH64,
    SYSCALL_MIPS,      SYSCALL_MIPS64, SYSCALL_MIPS64N32, SYSCALL_MIPS,    SYSCALL_MIPS64,
    SYSCALL_MIPS64N32, SYSCALL_PPC,    SYSCALL_PPC64,     SYSCALL_PPC64,   SYSCALL_S390,
    SYSCALL_S390X,     SYSCALL_PARISC, SYSCALL_PARISC64,  SYSCALL_RISCV64,
};

static void finds_each_row(void **state)
{
    (void) state;
    assert_true(syscall_count > 480);
    for (unsigned int i = 0; i < syscall_count; i++)
        assert_ptr_equal(syscall_find(syscall_names + syscall_rows[i].name), &syscall_rows[i]);
    assert_null(syscall_find(""));
    assert_null(syscall_find("rea"));
    assert_null(syscall_find("read2"));
    assert_null(syscall_find("a name that is much longer than any of a system call could be"));
}

/* libseccomp 2.5.4 had these wrong on parisc, riscv64 and s390; later versions do not. */
static bool is_corrected(const char *name)
{
    static const char *const corrected[] = { "_llseek", "cacheflush", "memfd_secret" };
    for (size_t i = 0; i < LENGTH(corrected); i++)
        if (strcmp(corrected[i], name) == 0)
            return true;
    return false;
}

/* Each number that could be one, asked of libseccomp. */
static void has_the_numbers_of_libseccomp(void **state)
{
    (void) state;
    static struct seccomp_calls calls;

    for (size_t place = 0; place < ORACLE_ARCHITECTURES; place++) {
        uint32_t found = 0;
        seccomp_calls_begin(&calls, oracle_architectures[place].token, columns[place], 0);
        for (uint32_t i = 0; i < 0xf0010; i = i == 600 ? 0xf0000 : i + 1) {
            uint32_t number = i + calls.base;
            const char *name = name_of_call(place, number);
            if (!name || is_corrected(name))
                continue;
            const struct syscall_row *row = syscall_find(name);
            if (!row)
                fail_msg("%s is missing", name);
            if (row->numbers[columns[place]] != (int) seccomp_calls_number(&calls, number))
                fail_msg("%s has the number %u", name, number);
            found++;
        }
        assert_true(found > 250);
    }
}

/* What libseccomp says by numbers below zero. */
static void knows_what_is_multiplexed(void **state)
{
    (void) state;
    uint32_t found = 0;

    for (unsigned int i = 0; i < syscall_count; i++) {
        const struct syscall_row *row = &syscall_rows[i];
        int pseudo = -seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, syscall_names + row->name);
        int code = pseudo > 200 && pseudo < 300   ? pseudo - 200 + SYSCALL_IPC
                   : pseudo > 100 && pseudo < 200 ? pseudo - 100
                                                  : 0;
        assert_int_equal(row->multiplexed, code);
        found += code > 0;
    }
    assert_int_equal(found, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_row),
        cmocka_unit_test(has_the_numbers_of_libseccomp),
        cmocka_unit_test(knows_what_is_multiplexed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("security/syscall_table", tests, NULL, NULL);
}
