/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.network: tags and priorities of packets, which version 2 has not. */

#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

#define WAY_OUT "leave it out; nftables can match the container's cgroup (socket cgroupv2)"

fallible network_plan(const struct oci_resources *resources, struct limit_list *list)
{
    const struct oci_network *network = resources->network;

    (void) list;
    if (network && network->class_id.value)
        return error_hint(error_unsupported("linux.resources.network.classID",
                                            "cgroup v2 has no classes of packets"),
                          WAY_OUT);
    if (network && network->priorities.n)
        return error_hint(error_unsupported("linux.resources.network.priorities",
                                            "cgroup v2 has no priorities of packets"),
                          WAY_OUT);
    return OK;
}
