/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct oci_config;

/* hostname and domainname (config.md#hostname, #domainname). */
struct hostname_plan {
    const char *hostname, *domainname; /* NULL: unchanged */
};

/* At most 64 bytes each, and only with a uts namespace of the container's own (NAMESPACES has
 * CLONE_NEWUTS). */
fallible hostname_plan(const struct oci_config *config, unsigned long long namespaces,
                       struct hostname_plan *plan);

/* Inside: sethostname(2), setdomainname(2). */
fallible hostname_apply(const struct hostname_plan *plan);
