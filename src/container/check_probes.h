/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "container/check.h"

struct id_range;
struct limit;

/* The probes of the table (check_table.c): what each tries is said there. */
fallible check_version(struct probe *probe);
fallible check_calls(struct probe *probe);
fallible check_pidfd(struct probe *probe);
fallible check_init(struct probe *probe);
fallible check_namespace(struct probe *probe);
fallible check_id_ranges(struct probe *probe);
fallible check_id_program(struct probe *probe);
fallible check_mounts(struct probe *probe);
fallible check_mount_changes(struct probe *probe);
fallible check_idmap(struct probe *probe);
fallible check_cgroup(struct probe *probe);
fallible check_cgroup_life(struct probe *probe);
fallible check_controller(struct probe *probe);
fallible check_device_rules(struct probe *probe);
fallible check_systemd(struct probe *probe);
fallible check_seccomp(struct probe *probe);
fallible check_listeners(struct probe *probe);
fallible check_keyring(struct probe *probe);
fallible check_apparmor(struct probe *probe);
fallible check_selinux(struct probe *probe);
fallible check_setting(struct probe *probe);
fallible check_vulnerabilities(struct probe *probe);
fallible check_limit(struct probe *probe);
fallible check_criu(struct probe *probe);
fallible check_kvm(struct probe *probe);
fallible check_cpu(struct probe *probe);

/* A user namespace in which these ids are those from 0 on (O_CLOEXEC). */
fallible check_map(const struct id_range *uids, const struct id_range *gids, struct arena *arena,
                   int *namespace);

/* The first limit of the plan that needs the controller, or NULL. */
const struct limit *check_find_limit(const struct survey *survey, const char *controller);

/* The throw-away cgroup of some: removes what one that was killed has left. */
void check_clean_up(const struct survey *survey, struct arena *arena);
