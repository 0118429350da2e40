/* SPDX-License-Identifier: Apache-2.0 */
/* Finds members that are named twice.  Small objects are searched from end to end; above 32 names
 * that would cost a hostile document the square of its size, so an index by hash takes over. */
#include "libocispec/keys.h"

#include <string.h>

#include "libocispec/arena.h"

void keys_open(struct keys *keys, struct arena *arena)
{
    keys->arena = arena;
    keys->v = keys->at_hand;
    keys->n = 0;
    keys->room = KEYS_AT_HAND;
}

void keys_push(struct keys *keys, struct key_set *set)
{
    set->first = keys->n;
    set->room = 0;
    set->index = NULL;
}

void keys_pop(struct keys *keys, const struct key_set *set)
{
    keys->n = set->first;
}

static bool is_same(const struct key *a, const struct key *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Seeded by an address, which differs each time: nobody can prepare names that collide. */
static uint64_t hash(const struct keys *keys, const struct key *key)
{
    uint64_t sum = (uintptr_t) keys ^ UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < key->length; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = key->length - i;
        memcpy(&word, key->text + i, left < sizeof(word) ? left : sizeof(word));
        sum = (sum ^ word) * UINT64_C(0xff51afd7ed558ccd);
        sum ^= sum >> 32;
    }
    return (sum ^ key->length) * UINT64_C(0xc4ceb9fe1a85ec53) >> 16;
}

/* The place in the index where the key is, or would be. */
static uint32_t *find(const struct keys *keys, const struct key_set *set, const struct key *key)
{
    uint32_t mask = set->room - 1;
    uint32_t at = (uint32_t) hash(keys, key) & mask;
    while (set->index[at] && !is_same(&keys->v[set->first + set->index[at] - 1], key))
        at = (at + 1) & mask;
    return &set->index[at];
}

/* At most half full. */
static bool grow_index(const struct keys *keys, struct key_set *set, uint32_t count)
{
    uint32_t room = set->room;
    if (room > 0 && count < room / 2)
        return true;
    set->room = room > 0 ? room * 2 : KEYS_LINEAR * 4;
    set->index = arena_alloc(keys->arena, set->room, sizeof(*set->index));
    if (!set->index)
        return false;
    for (uint32_t i = 0; i < count; i++)
        *find(keys, set, &keys->v[set->first + i]) = i + 1;
    return true;
}

static bool grow(struct keys *keys)
{
    if (keys->n < keys->room)
        return true;
    struct key *larger = arena_alloc(keys->arena, keys->room, 2 * sizeof(*larger));
    if (!larger)
        return false;
    memcpy(larger, keys->v, keys->n * sizeof(*larger));
    keys->v = larger;
    keys->room *= 2;
    return true;
}

enum key_news keys_add(struct keys *keys, struct key_set *set, struct key key)
{
    uint32_t count = keys->n - set->first;
    if (count < KEYS_LINEAR) {
        for (uint32_t i = set->first; i < keys->n; i++)
            if (is_same(&keys->v[i], &key))
                return KEY_DUPLICATE;
    } else {
        if (!grow_index(keys, set, count))
            return KEY_NO_MEMORY;
        uint32_t *place = find(keys, set, &key);
        if (*place)
            return KEY_DUPLICATE;
        *place = count + 1;
    }
    if (!grow(keys))
        return KEY_NO_MEMORY;
    keys->v[keys->n++] = key;
    return KEY_NEW;
}
