/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/limits.h"

struct oci_resources;

/* The list while it grows.  Each controller adds its part, in a file of its own. */
struct limit_list {
    struct arena *arena;
    struct limits_plan *plan;
    bool is_pids_zero_real;
    int cgroup; /* whose limits are changed: what is not said holds as it is there; or -1 */
};

/* Appends a copy of LIMIT, strings included. */
fallible limit_list_add(struct limit_list *list, const struct limit *limit);

/* The same with a number as value. */
fallible limit_list_add_number(struct limit_list *list, struct limit limit, uint64_t value);

/* Puts off to the end, in a change, what cannot be taken back. */
void limits_put_off(struct limits_plan *plan);

/* Turns the controller's part of config.json into limits. */
fallible cpuset_plan(const struct oci_resources *resources, struct limit_list *list);
fallible cpu_plan(const struct oci_resources *resources, struct limit_list *list);
fallible io_plan(const struct oci_resources *resources, struct limit_list *list);

/* io.bfq.weight, 10 to 1000, as io.weight, 1 to 10000; what is less counts as 10. */
unsigned io_convert_weight(unsigned weight);
fallible memory_plan(const struct oci_resources *resources, struct limit_list *list);
fallible hugetlb_plan(const struct oci_resources *resources, struct limit_list *list);
fallible pids_plan(const struct oci_resources *resources, struct limit_list *list);
fallible rdma_plan(const struct oci_resources *resources, struct limit_list *list);
fallible network_plan(const struct oci_resources *resources, struct limit_list *list);
fallible unified_plan(const struct oci_resources *resources, struct limit_list *list);
