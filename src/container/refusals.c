/* SPDX-License-Identifier: Apache-2.0 */
/* What config.json may ask for and this version does not do.  Nothing of it is ignored in silence;
 * but engines send many members that ask for nothing ("memory": {}), and those are let pass. */

#include "container/refusals.h"

#include "base/list.h"
#include "libocispec/config.h"
#include "libocispec/engine.h"

// clang-format off
const struct refusal refusals[] = {
    { "vm", "virtual machines are not supported",
      "leave it out, or give the bundle to a runtime that starts them" },
};
const size_t refusal_count = LENGTH(refusals);
// clang-format on

/* Follows a path of objects to its last member, an object as well; nothing is there if one on the
 * way is not. */
static bool asks(const struct oci_schema *schema, const void *object, const char *path)
{
    while (object) {
        size_t length = 0;
        while (path[length] && path[length] != '.')
            length++;
        const struct oci_field *field = oci_schema_field(schema, path, length);
        if (!field)
            break;
        const void *member = (const char *) object + field->offset;
        object = *(const void *const *) member;
        if (!path[length])
            return object;
        schema = field->of.schema;
        path += length + 1;
    }
    return false;
}

fallible refusals_check(const struct oci_config *config)
{
    for (size_t i = 0; i < refusal_count; i++) {
        const struct refusal *refusal = &refusals[i];
        if (asks(&oci_config_schema, config, refusal->field))
            return error_hint(error_unsupported(refusal->field, "%s", refusal->reason), "%s",
                              refusal->way_out);
    }
    return OK;
}
