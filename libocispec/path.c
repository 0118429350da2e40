/* SPDX-License-Identifier: Apache-2.0 */
#include "libocispec/path.h"

#include <string.h>

/* Past what parts two heads. */
static const char *skip_dot(const char *path)
{
    if (*path == '.')
        return path[1] != '\0' ? path + 1 : NULL;
    return *path == '\0' || *path == '[' ? path : NULL;
}

const char *path_member(const char *path, const char *key, size_t length)
{
    if (strncmp(path, key, length) != 0)
        return NULL;
    return skip_dot(path + length);
}

const char *path_index(const char *path, uint32_t *index)
{
    if (*path++ != '[' || *path == ']')
        return NULL;
    uint32_t value = 0;
    for (; *path != ']'; path++)
        if (*path < '0' || *path > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint32_t) (*path - '0'), &value))
            return NULL;
    const char *rest = skip_dot(path + 1);
    if (rest)
        *index = value;
    return rest;
}
