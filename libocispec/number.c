/* SPDX-License-Identifier: Apache-2.0 */
/* Exact integers over the full ranges.  yajl's own conversion refuses -2^63 and everything above
 * 2^63 - 1, and doubles are not exact. */
#include "libocispec/number.h"

#include <stdbool.h>

#include "libocispec/schema.h"

/* The largest magnitudes. */
static const struct {
    uint64_t positive, negative;
} ranges[] = {
    [OCI_KIND_I32] = { INT32_MAX, UINT64_C(1) << 31 },
    [OCI_KIND_I64] = { INT64_MAX, UINT64_C(1) << 63 },
    [OCI_KIND_U16] = { UINT16_MAX, 0 },
    [OCI_KIND_U32] = { UINT32_MAX, 0 },
    [OCI_KIND_U64] = { UINT64_MAX, 0 },
};

const char *number_parse(const char *text, size_t length, uint8_t kind, uint64_t *value)
{
    bool is_negative = text[0] == '-';
    bool is_large = false;
    uint64_t magnitude = 0;
    for (size_t i = is_negative; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return "fraction or exponent not allowed in";
        is_large |= __builtin_mul_overflow(magnitude, 10, &magnitude);
        is_large |= __builtin_add_overflow(magnitude, (uint64_t) (text[i] - '0'), &magnitude);
    }
    if (is_large || magnitude > (is_negative ? ranges[kind].negative : ranges[kind].positive))
        return "number out of range for";
    *value = is_negative ? 0 - magnitude : magnitude;
    return NULL;
}
