/* SPDX-License-Identifier: Apache-2.0 */
/* hostname and domainname, the host's half: without a uts namespace of its own the container would
 * rename the host. */

#include "namespace/hostname.h"

#include <sched.h>
#include <string.h>

#include "libocispec/config.h"

enum { NAME_MOST = 64 }; /* __NEW_UTS_LEN */

static fallible check_name(const char *field, const char *name, bool has_uts)
{
    if (!name)
        return OK;
    if (!has_uts)
        return error_config(field, "needs a new uts namespace in linux.namespaces");
    size_t length = strlen(name);
    if (length > NAME_MOST)
        return error_config(field, "\"%s\" has %zu bytes, the kernel takes %d", name, length,
                            NAME_MOST);
    return OK;
}

fallible hostname_plan(const struct oci_config *config, unsigned long long namespaces,
                       struct hostname_plan *plan)
{
    bool has_uts = namespaces & CLONE_NEWUTS;
    try(check_name("hostname", config->hostname, has_uts));
    try(check_name("domainname", config->domainname, has_uts));
    *plan = (struct hostname_plan){ config->hostname, config->domainname };
    return OK;
}
