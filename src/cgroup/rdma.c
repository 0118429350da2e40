/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.rdma: rdma.max, one line a device.  What is not given stays as it is. */

#include "base/text.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

enum { NAME_MOST = 63, VALUE_SIZE = 160 }; /* IB_DEVICE_NAME_MAX of the kernel, less a NUL */

static bool is_name(const char *name)
{
    size_t length = 0;

    for (; name[length]; length++)
        if (name[length] <= ' ' || name[length] == '=' || name[length] == 0x7f)
            return false;
    return length > 0 && length <= NAME_MOST;
}

/* The kernel's numbers end at INT32_MAX, which it prints as "max". */
static size_t put(char *text, size_t length, const char *key, struct oci_opt_u32 value)
{
    char *end = text + length;
    size_t room = VALUE_SIZE - length;

    if (!value.present)
        return length;
    if (value.value >= INT32_MAX)
        return length + text_format(end, room, " %s=max", key);
    return length + text_format(end, room, " %s=%u", key, value.value);
}

static fallible add_device(struct limit_list *list, const struct oci_rdma_entry *device)
{
    char field[ERROR_FIELD_SIZE], value[VALUE_SIZE];
    const struct limit limit = {
        .field = field, .controller = "rdma", .file = "rdma.max", .value = value
    };
    const struct oci_rdma *asked = device->value;

    text_format(field, sizeof(field), "linux.resources.rdma");
    if (!is_name(device->key))
        return error_config(field, "\"%s\" is not the name of a device", device->key);
    text_format(field, sizeof(field), "linux.resources.rdma.%s", device->key);
    if (!asked->hca_handles.present && !asked->hca_objects.present)
        return error_config(field, "has neither hcaHandles nor hcaObjects");
    size_t length = text_format(value, sizeof(value), "%s", device->key);
    length = put(value, length, "hca_handle", asked->hca_handles);
    put(value, length, "hca_object", asked->hca_objects);
    return limit_list_add(list, &limit);
}

fallible rdma_plan(const struct oci_resources *resources, struct limit_list *list)
{
    for (uint32_t i = 0; i < resources->rdma.n; i++)
        try(add_device(list, &resources->rdma.v[i]));
    return OK;
}
