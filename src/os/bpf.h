/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Programs of the type BPF_PROG_TYPE_CGROUP_DEVICE (bpf(2)): asked for each mknod and open of a
 * device node, they answer 1 to allow and 0 to deny.  Ours are named "tare_devices". */

/* Loads one; PROGRAM (O_CLOEXEC) is the caller's. */
fallible bpf_load_device_program(const struct bpf_insn *instructions, uint32_t length,
                                 int *program);

/* Attaches it to a cgroup, beside those that are there (all of them must allow).  It stays attached
 * until the cgroup is removed, whether or not the descriptor is closed. */
fallible bpf_attach_device(int program, int cgroup);

/* Detaches one that we have loaded. */
fallible bpf_detach_device(int program, int cgroup);

/* Detaches those of our name from a cgroup, but for the program KEPT (-1: none); others, and those
 * of the cgroups above, stay.  HAS_BEGUN says whether one is gone, also when this fails. */
fallible bpf_detach_devices(int cgroup, int kept, bool *has_begun);
