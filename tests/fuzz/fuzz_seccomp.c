/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp, from the document to the program, which has to be one that the kernel takes. */

#include "tests/fuzz/fuzz.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "libocispec/seccomp.h"
#include "security/seccomp.h"

/* As seccomp(2) checks it: jumps stay inside, the end returns, and a load is of a whole word. */
static bool is_taken(const struct sock_filter *code, uint32_t left)
{
    switch (code->code) {
    case BPF_RET | BPF_K:
        return true;
    case BPF_LD | BPF_W | BPF_ABS:
        return left > 0 && code->k % 4 == 0 && code->k < sizeof(struct seccomp_data);
    case BPF_ALU | BPF_AND | BPF_K:
        return left > 0;
    case BPF_JMP | BPF_JA:
        return code->k < left;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_K:
        return code->jt < left && code->jf < left;
    default:
        return false;
    }
}

static void check(const struct seccomp_plan *plan)
{
    if (!plan->length || plan->length > BPF_MAXINSNS)
        abort();
    for (uint32_t i = 0; i < plan->length; i++)
        if (!is_taken(&plan->program[i], plan->length - 1 - i))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin(data, size);
    struct oci_problem problem = { 0 };
    const struct oci_seccomp *seccomp =
        oci_decode(&oci_seccomp_schema, &arena, text, size, &problem);

    if (seccomp) {
        struct seccomp_plan plan;
        struct error *error = seccomp_plan(seccomp, false, &arena, &plan);
        if (!error)
            check(&plan);
        fuzz_judge(error);
    }
    fuzz_end(text);
    return 0;
}
