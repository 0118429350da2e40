/* SPDX-License-Identifier: Apache-2.0 */
/* linux.netDevices, as it stands in the config.  Names are checked by the rules of the kernel,
 * which has one number, EINVAL, for all of them. */

#include "namespace/net_devices.h"

#include <string.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/linux.h"

static const char field[] = "linux.netDevices";

static bool is_name(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length >= IFNAMSIZ || text_equal(name, ".") || text_equal(name, ".."))
        return false;
    return !strpbrk(name, "/: \t\n\v\f\r");
}

bool net_devices_is_template(const char *name)
{
    return strchr(name, '%');
}

static bool is_name_or_template(const char *name)
{
    const char *sign = strchr(name, '%');
    return is_name(name) && (!sign || (sign[1] == 'd' && !strchr(sign + 1, '%')));
}

static const char *name_inside(const struct net_device *device)
{
    return device->wanted ? device->wanted : device->name;
}

static fallible check_taken(const struct net_devices_plan *plan, uint32_t i)
{
    const char *name = name_inside(&plan->v[i]);

    for (uint32_t j = 0; j < i && !net_devices_is_template(name); j++)
        if (text_equal(name_inside(&plan->v[j]), name)) {
            char place[ERROR_FIELD_SIZE];
            text_format(place, sizeof(place), "%s.%s.name", field, plan->v[i].name);
            return error_config(place, "\"%s\" is the name of %s.%s as well", name, field,
                                plan->v[j].name);
        }
    return OK;
}

static fallible plan_device(const struct oci_net_device_entry *entry, struct net_device *device)
{
    char place[ERROR_FIELD_SIZE];

    text_format(place, sizeof(place), "%s.%s", field, entry->key);
    if (!is_name(entry->key))
        return error_hint(
            error_config(place, "\"%s\" is not the name of a network device", entry->key),
            "1 to %d bytes, without '/', ':' and spaces, and not \".\" or \"..\"", IFNAMSIZ - 1);
    text_format(place, sizeof(place), "%s.%s.name", field, entry->key);
    const char *wanted = entry->value->name;
    if (wanted && !is_name_or_template(wanted))
        return error_hint(error_config(place, "\"%s\" is not the name of a network device", wanted),
                          "1 to %d bytes, without '/', ':' and spaces, and not \".\" or \"..\"; "
                          "\"%%d\" may stand for a number that the kernel finds",
                          IFNAMSIZ - 1);
    *device = (struct net_device){ .name = entry->key, .wanted = wanted };
    return OK;
}

fallible net_devices_plan(const struct oci_linux *linux_, bool has_network, struct arena *arena,
                          struct net_devices_plan *plan)
{
    struct net_devices_plan made = { .n = linux_ ? linux_->net_devices.n : 0 };

    if (made.n && !has_network)
        return error_hint(error_config(field, "the container shares the host's network"),
                          "add a network namespace to linux.namespaces");
    try_new(made.v, arena, made.n);
    for (uint32_t i = 0; i < made.n; i++) {
        try(plan_device(&linux_->net_devices.v[i], &made.v[i]));
        try(check_taken(&made, i));
    }
    *plan = made;
    return OK;
}
