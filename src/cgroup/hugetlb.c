/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.hugepageLimits: hugetlb.SIZE.rsvd.max where the kernel has it, and
 * hugetlb.SIZE.max.  The first makes mmap(2) fail, the second kills who touches a page. */

#include "cgroup/hugetlb.h"

#include <stdbool.h>
#include <unistd.h>

#include "base/text.h"
#include "cgroup/limit_list.h"
#include "libocispec/resources.h"

enum { FILE_SIZE = 64 };

#define PAGES "/sys/kernel/mm/hugepages"

const char *hugetlb_take_size(const char *text, uint64_t *kilobytes)
{
    uint64_t number = 0;
    const char *at = text;

    if (*at < '1' || *at > '9')
        return NULL;
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (uint64_t) (*at - '0');
        if (number > UINT32_MAX)
            return NULL;
    }
    if (*at == 'M')
        number <<= 10;
    else if (*at == 'G')
        number <<= 20;
    else if (*at != 'K')
        return NULL;
    if (at[1] != 'B')
        return NULL;
    *kilobytes = number;
    return at + 2;
}

/* The kernel names each size in one way only: no file has 1024MB in its name. */
static bool is_kernels(const char *text, uint64_t kilobytes)
{
    char path[96], name[32];
    unsigned unit = kilobytes >> 20 ? 2 : kilobytes >> 10 ? 1 : 0;

    text_format(name, sizeof(name), "%llu%cB", (unsigned long long) (kilobytes >> 10 * unit),
                "KMG"[unit]);
    text_format(path, sizeof(path), PAGES "/hugepages-%llukB", (unsigned long long) kilobytes);
    return text_equal(name, text) && (access(PAGES, F_OK) || !access(path, F_OK));
}

static fallible check_size(const char *field, const char *size)
{
    uint64_t kilobytes;
    const char *rest = hugetlb_take_size(size, &kilobytes);

    if (!rest || *rest)
        return error_hint(error_config(field, "\"%s\" is not a size of pages", size),
                          "a number with KB, MB or GB, as in \"2MB\"");
    if (!is_kernels(size, kilobytes))
        return error_hint(error_unsupported(field, "this kernel has no huge pages of %s", size),
                          "those it has are listed in " PAGES);
    return OK;
}

static fallible add_limit(struct limit_list *list, const struct oci_hugepage_limit *asked,
                          uint32_t index)
{
    char field[ERROR_FIELD_SIZE], file[FILE_SIZE];
    struct limit limit = { .field = field, .controller = "hugetlb", .file = file };

    text_format(field, sizeof(field), "linux.resources.hugepageLimits[%u].pageSize", index);
    try(check_size(field, asked->page_size));
    text_format(field, sizeof(field), "linux.resources.hugepageLimits[%u].limit", index);
    text_format(file, sizeof(file), "hugetlb.%s.rsvd.max", asked->page_size);
    limit.is_optional = true;
    try(limit_list_add_number(list, limit, asked->limit));
    text_format(file, sizeof(file), "hugetlb.%s.max", asked->page_size);
    limit.is_optional = false;
    return limit_list_add_number(list, limit, asked->limit);
}

fallible hugetlb_plan(const struct oci_resources *resources, struct limit_list *list)
{
    for (uint32_t i = 0; i < resources->hugepage_limits.n; i++)
        try(add_limit(list, resources->hugepage_limits.v[i], i));
    return OK;
}
