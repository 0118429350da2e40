/* SPDX-License-Identifier: Apache-2.0 */
/* process.capabilities, the host's half: names to masks.  tare can give only what it has, and root
 * in somebody's container may lack some. */

#include "security/capabilities.h"

#include <sys/capability.h>

#include "base/log.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/self.h"

enum { CAPABILITIES = 64 };

/* The sets that the config asks for, and its own words for each bit. */
struct request {
    int last;
    const char *names[CAPABILITIES];
};

/* libcap takes any case and numbers as well. */
static bool is_spelled_right(const char *name)
{
    if (!text_starts(name, "CAP_"))
        return false;
    for (; *name; name++)
        if (*name != '_' && (*name < 'A' || *name > 'Z') && (*name < '0' || *name > '9'))
            return false;
    return true;
}

static uint64_t read_set(const char *set, const struct oci_string_array *names,
                         struct request *request)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < names->n; i++) {
        const char *name = names->v[i];
        cap_value_t number = -1;
        if (!is_spelled_right(name) || cap_from_name(name, &number) < 0 || number < 0 ||
            number >= CAPABILITIES) {
            log_warning("process.capabilities.%s[%u]: \"%s\" is unknown and left out", set, i,
                        name);
        } else if (number > request->last) {
            log_warning("process.capabilities.%s[%u]: the kernel has no %s; left out", set, i,
                        name);
        } else {
            mask |= UINT64_C(1) << number;
            request->names[number] = name;
        }
    }
    return mask;
}

static const char *first_name(uint64_t mask, const struct request *request)
{
    return request->names[__builtin_ctzll(mask)];
}

static uint64_t limit(const char *set, uint64_t wanted, uint64_t possible,
                      const struct request *request)
{
    for (uint64_t rest = wanted & ~possible; rest; rest &= rest - 1)
        log_warning("process.capabilities.%s: %s cannot be granted, tare itself lacks it; left out",
                    set, first_name(rest, request));
    return wanted & possible;
}

static uint64_t limit_ambient(const struct capabilities_plan *plan, const struct request *request)
{
    uint64_t possible = plan->permitted & plan->inheritable;
    for (uint64_t rest = plan->ambient & ~possible; rest; rest &= rest - 1)
        log_warning("process.capabilities.ambient: %s is not both permitted and inheritable; "
                    "left out",
                    first_name(rest, request));
    return plan->ambient & possible;
}

/* libcap has asked the kernel for the highest capability when tare began. */
static fallible read_own(struct capabilities_plan *own)
{
    struct capabilities_plan found = { .last = cap_max_bits() - 1 };
    const char *status;

    try(self_status(&status));
    if (!capabilities_find(status, &found))
        return capabilities_read(own);
    *own = found;
    return OK;
}

/* What whoever comes into a user namespace holds there. */
static void hold_all(struct capabilities_plan *sets)
{
    sets->bounding = sets->permitted = (UINT64_C(2) << sets->last) - 1;
    sets->inheritable = 0;
}

fallible capabilities_plan(const struct oci_process *process, bool has_all,
                           struct capabilities_plan *plan)
{
    static const struct oci_capabilities none;
    const struct oci_capabilities *asked = process->capabilities ? process->capabilities : &none;
    struct capabilities_plan own = { 0 }, made = { 0 };
    try_within(read_own(&own), "read the capabilities of tare");
    if (has_all)
        hold_all(&own);

    struct request request = { .last = own.last };
    made.last = own.last;
    made.bounding = read_set("bounding", &asked->bounding, &request);
    made.permitted = read_set("permitted", &asked->permitted, &request);
    made.effective = read_set("effective", &asked->effective, &request);
    made.inheritable = read_set("inheritable", &asked->inheritable, &request);
    made.ambient = read_set("ambient", &asked->ambient, &request);

    uint64_t excess = made.effective & ~made.permitted;
    if (excess)
        return error_config("process.capabilities.effective", "%s is not among the permitted",
                            first_name(excess, &request));

    made.bounding = limit("bounding", made.bounding, own.bounding, &request);
    made.permitted = limit("permitted", made.permitted, own.permitted, &request);
    made.effective = limit("effective", made.effective, own.permitted, &request);
    made.inheritable =
        limit("inheritable", made.inheritable, own.inheritable | own.permitted, &request);
    made.ambient = limit_ambient(&made, &request);

    /* The rule of capset(2), which init calls with the bounding set already reduced. */
    excess = made.inheritable & ~(made.bounding | own.inheritable);
    if (excess)
        return error_config("process.capabilities.inheritable", "%s is not in the bounding set",
                            first_name(excess, &request));
    *plan = made;
    return OK;
}
