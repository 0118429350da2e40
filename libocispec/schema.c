/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables say, for decoding and encoding alike. */
#include "libocispec/schema.h"

#include <string.h>

#include "libocispec/engine.h"

size_t oci_kind_stride(uint8_t kind)
{
    switch (kind) {
    case OCI_KIND_U32S:
        return sizeof(uint32_t);
    case OCI_KIND_ENUMS:
        return sizeof(uint8_t);
    case OCI_KIND_STR_MAP:
    case OCI_KIND_MAP:
        return sizeof(struct oci_string_entry);
    default:
        return sizeof(void *);
    }
}

const struct oci_field *oci_schema_field(const struct oci_schema *schema, const char *name,
                                         size_t length)
{
    for (uint32_t i = 0; i < schema->n; i++)
        if (schema->fields[i].length == length && memcmp(schema->fields[i].key, name, length) == 0)
            return &schema->fields[i];
    return NULL;
}

const char *oci_enum_name(const struct oci_enum *names, uint8_t value)
{
    return value < names->n ? names->names[value] : NULL;
}

bool oci_enum_value(const struct oci_enum *names, const char *name, uint8_t *value)
{
    for (uint8_t i = 0; i < names->n; i++) {
        if (strcmp(names->names[i], name) != 0)
            continue;
        *value = i;
        return true;
    }
    return false;
}
