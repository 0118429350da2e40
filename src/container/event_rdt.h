/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct intel_rdt_stats;
struct json_writer;

/* The member intel_rdt of an event (container/event.h), {} with RDT NULL. */
fallible event_write_rdt(struct json_writer *json, const struct intel_rdt_stats *rdt);
