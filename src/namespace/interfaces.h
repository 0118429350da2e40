/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { INTERFACE_NAME_SIZE = 16 };

/* What a network interface has carried (proc_pid_net(5), /proc/PID/net/dev). */
struct interface_counts {
    char name[INTERFACE_NAME_SIZE];
    uint64_t received[4], sent[4]; /* bytes, packets, errors, dropped */
};

/* Takes the next interface off the text of that file at *AT; false when there is no more. */
bool interfaces_take(const char **at, struct interface_counts *counts);
