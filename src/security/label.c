/* SPDX-License-Identifier: Apache-2.0 */
/* What process.apparmorProfile, process.selinuxLabel and linux.mountLabel have in common. */

#include "security/label.h"

#include <string.h>

fallible label_check(const char *field, const char *name)
{
    size_t length = strlen(name);

    if (length > LABEL_MOST)
        return error_config(field, "has %zu bytes, more than %d", length, LABEL_MOST);
    for (const char *c = name; *c; c++)
        if ((unsigned char) *c < ' ' || *c == 127)
            return error_config(field, "\"%s\" has a control character", name);
    return OK;
}
