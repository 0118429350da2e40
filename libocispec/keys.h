/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { KEYS_AT_HAND = 128, KEYS_LINEAR = 32 };

struct key {
    const char *text;
    size_t length;
};

/* The member names of all objects that are open, the innermost object's last.  Set up by
 * keys_open(); the names are not copied. */
struct keys {
    struct arena *arena;
    struct key *v;
    uint32_t n, room;
    struct key at_hand[KEYS_AT_HAND];
};

/* One open object: where its names start, and an index of them once there are many. */
struct key_set {
    uint32_t first;
    uint32_t room;   /* of the index, a power of two; 0: none yet */
    uint32_t *index; /* positions from FIRST on, plus one; 0: free */
};

enum key_news { KEY_NEW, KEY_DUPLICATE, KEY_NO_MEMORY };

void keys_open(struct keys *keys, struct arena *arena);

/* Opens the innermost object, and closes it. */
void keys_push(struct keys *keys, struct key_set *set);
void keys_pop(struct keys *keys, const struct key_set *set);

/* Adds a name to the innermost object, whose set is SET.  KEY_NO_MEMORY: the arena is full. */
enum key_news keys_add(struct keys *keys, struct key_set *set, struct key key);
