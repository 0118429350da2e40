/* SPDX-License-Identifier: Apache-2.0 */
/* `vm` of config.json: for runtimes that start virtual machines.  Read as a whole, then refused. */
#include "libocispec/vm.h"

static const char *const imgfmt_names[] = {
    [OCI_IMGFMT_RAW] = "raw",   [OCI_IMGFMT_QCOW2] = "qcow2", [OCI_IMGFMT_VDI] = "vdi",
    [OCI_IMGFMT_VMDK] = "vmdk", [OCI_IMGFMT_VHD] = "vhd",
};
const struct oci_enum oci_imgfmt_names = OCI_ENUM(imgfmt_names);

static const struct oci_field hypervisor_fields[] = {
    OCI_FIELD(oci_hypervisor, path, "path", STR, REQ),
    OCI_FIELD(oci_hypervisor, parameters, "parameters", STRS, OPT),
};
static const struct oci_schema oci_hypervisor_schema =
    OCI_SCHEMA(oci_hypervisor, hypervisor_fields);

static const struct oci_field vm_kernel_fields[] = {
    OCI_FIELD(oci_vm_kernel, path, "path", STR, REQ),
    OCI_FIELD(oci_vm_kernel, parameters, "parameters", STRS, OPT),
    OCI_FIELD(oci_vm_kernel, initrd, "initrd", STR, OPT),
};
static const struct oci_schema oci_vm_kernel_schema = OCI_SCHEMA(oci_vm_kernel, vm_kernel_fields);

static const struct oci_field vm_image_fields[] = {
    OCI_FIELD(oci_vm_image, path, "path", STR, REQ),
    OCI_FIELD_OF(oci_vm_image, format, "format", ENUM, oci_imgfmt, REQ),
};
static const struct oci_schema oci_vm_image_schema = OCI_SCHEMA(oci_vm_image, vm_image_fields);

static const struct oci_field iomem_fields[] = {
    OCI_FIELD(oci_iomem, first_gfn, "firstGFN", U64, OPT),
    OCI_FIELD(oci_iomem, first_mfn, "firstMFN", U64, REQ),
    OCI_FIELD(oci_iomem, nr_mfns, "nrMFNs", U64, REQ),
};
static const struct oci_schema oci_iomem_schema = OCI_SCHEMA(oci_iomem, iomem_fields);

static const struct oci_field hw_config_fields[] = {
    OCI_FIELD(oci_hw_config, device_tree, "deviceTree", STR, OPT),
    OCI_FIELD(oci_hw_config, vcpus, "vcpus", U32, OPT),
    OCI_FIELD(oci_hw_config, memory, "memory", U64, OPT),
    OCI_FIELD(oci_hw_config, dtdevs, "dtdevs", STRS, OPT),
    OCI_FIELD_OF(oci_hw_config, iomems, "iomems", ARR, oci_iomem, OPT),
    OCI_FIELD(oci_hw_config, irqs, "irqs", U32S, OPT),
};
static const struct oci_schema oci_hw_config_schema = OCI_SCHEMA(oci_hw_config, hw_config_fields);

static const struct oci_field vm_fields[] = {
    OCI_FIELD_OF(oci_vm, hypervisor, "hypervisor", OBJ, oci_hypervisor, OPT),
    OCI_FIELD_OF(oci_vm, kernel, "kernel", OBJ, oci_vm_kernel, REQ),
    OCI_FIELD_OF(oci_vm, image, "image", OBJ, oci_vm_image, OPT),
    OCI_FIELD_OF(oci_vm, hw_config, "hwConfig", OBJ, oci_hw_config, OPT),
};
const struct oci_schema oci_vm_schema = OCI_SCHEMA(oci_vm, vm_fields);
