/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* Whether we are in the initial user namespace, or one that maps every id to itself as that does
 * (user_namespaces(7)); false when /proc cannot say. */
bool user_namespace_is_initial(void);
