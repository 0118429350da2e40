/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <yajl/yajl_common.h>

enum { JSON_MEMORY_SIZE = 4096 };

/*
 * Memory for yajl.  It mostly needs less than a kilobyte, for which malloc(3) would ask the kernel
 * several times; more only for strings with escapes and for what is deeply nested.
 */
struct json_memory {
    size_t used;
    _Alignas(max_align_t) char room[JSON_MEMORY_SIZE];
};

/* Gives yajl that memory, and malloc(3) where it is full; MEMORY has to outlive what yajl makes. */
yajl_alloc_funcs json_memory_open(struct json_memory *memory);
