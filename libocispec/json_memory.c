/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of the room at hand are given out one behind the other, and never come back.  Each says
 * how large it is, which yajl does not when it wants a larger one. */
#include "libocispec/json_memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct block {
    size_t size;
    max_align_t bytes[];
};

static bool is_at_hand(const struct json_memory *memory, const void *bytes)
{
    return (uintptr_t) bytes - (uintptr_t) memory->room < sizeof(memory->room);
}

static void *take(void *context, size_t size)
{
    struct json_memory *memory = context;
    size_t left = sizeof(memory->room) - memory->used;
    if (size > left || left - size < 2 * sizeof(struct block))
        return malloc(size);
    struct block *block = (void *) (memory->room + memory->used);
    block->size = size;
    memory->used += sizeof(*block) + (size + sizeof(*block) - 1) / sizeof(*block) * sizeof(*block);
    return block->bytes;
}

static void *take_more(void *context, void *bytes, size_t size)
{
    if (bytes && !is_at_hand(context, bytes))
        return realloc(bytes, size);
    void *larger = take(context, size);
    if (!bytes || !larger)
        return larger;
    const struct block *block = (void *) ((char *) bytes - offsetof(struct block, bytes));
    return memcpy(larger, bytes, block->size < size ? block->size : size);
}

static void give_back(void *context, void *bytes)
{
    if (!is_at_hand(context, bytes))
        free(bytes);
}

yajl_alloc_funcs json_memory_open(struct json_memory *memory)
{
    memory->used = 0;
    return (yajl_alloc_funcs){ take, take_more, give_back, memory };
}
