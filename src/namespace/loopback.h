/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* Brings up the loopback interface of the caller's new network namespace (netdevice(7)). */
fallible loopback_bring_up(void);
