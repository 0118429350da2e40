/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Goes to the network namespace of the process of PIDFD (setns(2)), for what can be done from
 * within alone.  *OWN is the way back, which network_return() takes and closes; it returns ERROR,
 * what came of the visit, or if that was OK how the return went.  Needs CAP_SYS_ADMIN in the user
 * namespaces of both, and a caller with one thread.
 */
fallible network_enter(int pidfd, int *own);
fallible network_return(int *own, struct error *error);
