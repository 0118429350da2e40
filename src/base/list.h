/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How many elements an array (not a pointer) has. */
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
