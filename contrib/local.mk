# SPDX-License-Identifier: Apache-2.0
# What helps around tare.

EXTRA_DIST += %D%/quickstart %D%/check %D%/check-parts.bash %D%/install-missing \
    %D%/analysers/analyse %D%/analysers/cppcheck.txt %D%/analysers/gcc.txt \
    %D%/analysers/valgrind %D%/analysers/valgrind.txt \
    %D%/analysers/clang/base/allocate.h %D%/analysers/clang/base/error.h \
    %D%/analysers/cppcheck/base/cleanup.h %D%/analysers/cppcheck/os/fd_left.h \
    %D%/reproduce \
    %D%/sbom/licence.awk %D%/sbom/sbom %D%/sbom/spdx.jq \
    %D%/syscalls/syscalls.csv %D%/syscalls/table.awk \
    %D%/containerd/README.md %D%/containerd/tare.toml \
    %D%/crio/10-tare.conf %D%/crio/README.md \
    %D%/docker/README.md %D%/docker/daemon.json \
    %D%/podman/README.md %D%/podman/tare.conf

# What the programs are made of, as SPDX has it.
sbom: tare $(pkglibexec_PROGRAMS)
	$(AM_V_GEN)CC='$(CC)' $(srcdir)/%D%/sbom/sbom '$(PACKAGE_VERSION)' "`$(print_commit)`" \
	    "`$(print_time)`" tare src/tare-init $(pkglibexec_PROGRAMS) >tare.spdx.json.new
	$(AM_V_at)mv tare.spdx.json.new tare.spdx.json
.PHONY: sbom
CLEANFILES += tare.spdx.json tare.spdx.json.new
