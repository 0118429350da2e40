/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* features-linux.md: a feature that is there or not. */
struct oci_f_enabled {
    struct oci_opt_bool enabled; /* "enabled" */
};

/* features-linux.md#cgroup */
struct oci_f_cgroup {
    struct oci_opt_bool v1;           /* "v1" */
    struct oci_opt_bool v2;           /* "v2" */
    struct oci_opt_bool systemd;      /* "systemd" */
    struct oci_opt_bool systemd_user; /* "systemdUser" */
    struct oci_opt_bool rdma;         /* "rdma" */
};

/* features-linux.md#seccomp */
struct oci_f_seccomp {
    struct oci_opt_bool enabled;             /* "enabled" */
    struct oci_string_array actions;         /* "actions" */
    struct oci_string_array operators;       /* "operators" */
    struct oci_string_array archs;           /* "archs" */
    struct oci_string_array known_flags;     /* "knownFlags" */
    struct oci_string_array supported_flags; /* "supportedFlags" */
};

/* features-linux.md#memory-policy */
struct oci_f_mempolicy {
    struct oci_string_array modes; /* "modes" */
    struct oci_string_array flags; /* "flags" */
};

/* features-linux.md#intel-rdt */
struct oci_f_intelrdt {
    struct oci_opt_bool enabled;    /* "enabled" */
    struct oci_opt_bool schemata;   /* "schemata" */
    struct oci_opt_bool monitoring; /* "monitoring" */
};

/* features-linux.md#mount-extensions */
struct oci_f_mountext {
    struct oci_f_enabled *idmap; /* "idmap" */
};

/* features-linux.md */
struct oci_f_linux {
    struct oci_string_array namespaces;      /* "namespaces" */
    struct oci_string_array capabilities;    /* "capabilities" */
    struct oci_f_cgroup *cgroup;             /* "cgroup" */
    struct oci_f_seccomp *seccomp;           /* "seccomp" */
    struct oci_f_enabled *apparmor;          /* "apparmor" */
    struct oci_f_enabled *selinux;           /* "selinux" */
    struct oci_f_mempolicy *memory_policy;   /* "memoryPolicy" */
    struct oci_f_intelrdt *intel_rdt;        /* "intelRdt" */
    struct oci_f_mountext *mount_extensions; /* "mountExtensions" */
    struct oci_f_enabled *net_devices;       /* "netDevices" */
};

/* features.md: what the runtime can do. */
struct oci_features {
    const char *oci_version_min;           /* "ociVersionMin", required */
    const char *oci_version_max;           /* "ociVersionMax", required */
    struct oci_string_array hooks;         /* "hooks" */
    struct oci_string_array mount_options; /* "mountOptions" */
    struct oci_string_map annotations;     /* "annotations" */
    struct oci_string_array
        potentially_unsafe_config_annotations; /* "potentiallyUnsafeConfigAnnotations" */
    struct oci_f_linux *linux_;                /* "linux" */
};
extern const struct oci_schema oci_features_schema;
