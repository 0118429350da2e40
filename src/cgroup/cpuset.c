/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.cpu.cpus and mems: cpuset.cpus, cpuset.mems.  An empty list asks for nothing;
 * Docker always sends it. */

#include "base/number_set.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

static fallible add_set(struct limit_list *list, const char *field, const char *file,
                        const char *value)
{
    const struct limit limit = {
        .field = field, .controller = "cpuset", .file = file, .value = value
    };
    struct number_set set;

    if (!value || !*value)
        return OK;
    if (!number_set_parse(value, &set))
        return error_hint(error_config(field, "'%s' is not a list of numbers", value),
                          "numbers and ranges with commas between, as in \"0-3,8\"");
    return limit_list_add(list, &limit);
}

fallible cpuset_plan(const struct oci_resources *resources, struct limit_list *list)
{
    if (!resources->cpu)
        return OK;
    try(add_set(list, "linux.resources.cpu.cpus", "cpuset.cpus", resources->cpu->cpus));
    return add_set(list, "linux.resources.cpu.mems", "cpuset.mems", resources->cpu->mems);
}
