/* SPDX-License-Identifier: Apache-2.0 */
/* For builds that are checked as they run (--enable-sanitizers, --enable-coverage): what checks
 * them reads and writes files, and traces us, when we end. */

#include "security/confine.h"

fallible confine_reach(void)
{
    return OK;
}
