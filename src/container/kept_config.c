/* SPDX-License-Identifier: Apache-2.0 */
/* The config.json that a container was made from.  It is kept with the state: what the bundle has
 * by now does not count. */

#include "container/container.h"
#include "libocispec/config.h"

enum { CONFIG_SIZE_MAX = 16 << 20 };

fallible container_read_config(const struct entry *entry, struct arena *arena,
                               struct oci_config **config)
{
    struct entry_text json;
    struct oci_problem problem = { 0 };

    try(entry_read(entry, CONFIG_COPY, CONFIG_SIZE_MAX, arena, &json));
    struct oci_config *decoded =
        oci_decode(&oci_config_schema, arena, json.text, json.length, &problem);
    if (!decoded)
        return error_new(ERROR_RECORD, "the config.json kept with the state: %s", problem.reason);
    *config = decoded;
    return OK;
}
