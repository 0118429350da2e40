/* SPDX-License-Identifier: Apache-2.0 */
/* hostname and domainname, init's half.  The latter is the NIS domain, not that of DNS. */

#include <string.h>
#include <unistd.h>

#include "namespace/hostname.h"

fallible hostname_apply(const struct hostname_plan *plan)
{
    if (plan->hostname && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
        return error_call(error_system("hostname \"%s\"", plan->hostname), CALL_SETHOSTNAME, NULL);
    if (plan->domainname && setdomainname(plan->domainname, strlen(plan->domainname)) < 0)
        return error_call(error_system("domainname \"%s\"", plan->domainname), CALL_SETHOSTNAME,
                          NULL);
    return OK;
}
