/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* What decoding and encoding know in common about the members of a struct. */

/* How every array and map looks in memory. */
struct oci_list {
    void *v;
    uint32_t n;
};

/* The kind of the elements of an array or map. */
static inline uint8_t oci_kind_element(uint8_t kind)
{
    static const uint8_t elements[] = {
        [OCI_KIND_STRS] = OCI_KIND_STR,    [OCI_KIND_U32S] = OCI_KIND_U32,
        [OCI_KIND_ENUMS] = OCI_KIND_ENUM,  [OCI_KIND_ARR] = OCI_KIND_OBJ,
        [OCI_KIND_STR_MAP] = OCI_KIND_STR, [OCI_KIND_MAP] = OCI_KIND_OBJ,
    };
    return elements[kind];
}

/* The row of the member of that name; NULL if it has none. */
const struct oci_field *oci_schema_field(const struct oci_schema *schema, const char *name,
                                         size_t length);

/* The bytes of one element of an array, or of one entry of a map. */
size_t oci_kind_stride(uint8_t kind);

static inline bool oci_kind_is_list(uint8_t kind)
{
    return kind >= OCI_KIND_STRS;
}

static inline bool oci_kind_is_map(uint8_t kind)
{
    return kind >= OCI_KIND_STR_MAP;
}

/* Where a struct oci_opt_X says that its value, which is at its start, is present. */
static inline size_t oci_kind_presence(uint8_t kind)
{
    static const uint8_t offsets[] = {
        [OCI_KIND_BOOL] = offsetof(struct oci_opt_bool, present),
        [OCI_KIND_I32] = offsetof(struct oci_opt_i32, present),
        [OCI_KIND_I64] = offsetof(struct oci_opt_i64, present),
        [OCI_KIND_U16] = offsetof(struct oci_opt_u16, present),
        [OCI_KIND_U32] = offsetof(struct oci_opt_u32, present),
        [OCI_KIND_U64] = offsetof(struct oci_opt_u64, present),
        [OCI_KIND_STR] = 0,
        [OCI_KIND_ENUM] = offsetof(struct oci_opt_enum, present),
    };
    return offsets[kind];
}
