/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* vm.image.format */
enum oci_imgfmt {
    OCI_IMGFMT_RAW,
    OCI_IMGFMT_QCOW2,
    OCI_IMGFMT_VDI,
    OCI_IMGFMT_VMDK,
    OCI_IMGFMT_VHD,
};
extern const struct oci_enum oci_imgfmt_names;

/* config-vm.md#hypervisor-object */
struct oci_hypervisor {
    const char *path;                   /* "path", required */
    struct oci_string_array parameters; /* "parameters" */
};

/* config-vm.md#kernel-object */
struct oci_vm_kernel {
    const char *path;                   /* "path", required */
    struct oci_string_array parameters; /* "parameters" */
    const char *initrd;                 /* "initrd" */
};

/* config-vm.md#image-object */
struct oci_vm_image {
    const char *path; /* "path", required */
    uint8_t format;   /* "format": enum oci_imgfmt, required */
};

/* config-vm.md#hwconfig-object */
struct oci_iomem {
    struct oci_opt_u64 first_gfn; /* "firstGFN" */
    uint64_t first_mfn;           /* "firstMFN", required */
    uint64_t nr_mfns;             /* "nrMFNs", required */
};
OCI_ARRAY_OF(iomem);

/* config-vm.md#hwconfig-object */
struct oci_hw_config {
    const char *device_tree;        /* "deviceTree" */
    struct oci_opt_u32 vcpus;       /* "vcpus" */
    struct oci_opt_u64 memory;      /* "memory" */
    struct oci_string_array dtdevs; /* "dtdevs" */
    struct oci_iomem_array iomems;  /* "iomems" */
    struct oci_u32_array irqs;      /* "irqs" */
};

/* config-vm.md */
struct oci_vm {
    struct oci_hypervisor *hypervisor; /* "hypervisor" */
    struct oci_vm_kernel *kernel;      /* "kernel", required */
    struct oci_vm_image *image;        /* "image" */
    struct oci_hw_config *hw_config;   /* "hwConfig" */
};
extern const struct oci_schema oci_vm_schema;
