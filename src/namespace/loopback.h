/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* Inside: brings up the loopback interface of a new network namespace (netdevice(7)). */
fallible loopback_bring_up(void);
