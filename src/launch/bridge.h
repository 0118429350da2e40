/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "launch/step.h"

/*
 * The bridge: joins the namespaces that the container shares with others, and bears init there.  It
 * is the init program in another role; `tare` itself never joins a namespace of a container.
 *
 *     host                                bridge                              init
 *     gives birth to the bridge    ->     joins, unshares user and time
 *     writes maps and offsets      <->    says so, waits for its release
 *                                         becomes root, bears init     ->     waits for its release
 *     takes init for its child     <-     says init's pid, and ends
 *     releases init                ->                                         plays its storyboard
 */

/* On the host, once the bridge is born: sees it through to its end.  Afterwards pid and pidfd of
 * the host are init's, which is our child as well (CLONE_PARENT). */
fallible bridge_await(struct launch *launch);

/* Inside: crosses, and returns in init alone; an error is the bridge's. */
fallible bridge_cross(struct launch *launch);

/*
 * exec: the same way into a container that is there, as two rows of its storyboard.  Enters what
 * init of the container sees, all at once (setns(2) with its pidfd), its root, and becomes root of
 * its user namespace.  A pid namespace is entered only by whom one bears then: that one returns.
 */
fallible bridge_enter(struct launch *launch);
fallible bridge_bear(struct launch *launch);
