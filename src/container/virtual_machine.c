/* SPDX-License-Identifier: Apache-2.0 */
/* `vm`: checked as a whole, although it is then refused (refusals.c): who gets a bundle ready for
 * another runtime hears of its faults here too. */

#include "container/virtual_machine.h"

#include "base/list.h"
#include "libocispec/vm.h"

fallible virtual_machine_check(const struct oci_vm *vm)
{
    if (!vm)
        return OK;
    const struct {
        const char *field, *path;
    } paths[] = {
        { "vm.hypervisor.path", vm->hypervisor ? vm->hypervisor->path : NULL },
        { "vm.kernel.path", vm->kernel->path },
        { "vm.kernel.initrd", vm->kernel->initrd },
        { "vm.image.path", vm->image ? vm->image->path : NULL },
    };
    for (size_t i = 0; i < LENGTH(paths); i++)
        if (paths[i].path && *paths[i].path != '/')
            return error_config(paths[i].field, "'%s' is not an absolute path", paths[i].path);
    return OK;
}
