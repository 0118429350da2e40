/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the text of a JSON number as an integer of KIND (OCI_KIND_I32 to OCI_KIND_U64); a negative
 * one becomes its two's complement.  Returns NULL, or what is wrong with it, to be followed by the
 * name of the kind.  Fractions and exponents are refused even where the value is whole (1.0, 1e3).
 */
const char *number_parse(const char *text, size_t length, uint8_t kind, uint64_t *value);
