# SPDX-License-Identifier: Apache-2.0
# What helps around tare.

EXTRA_DIST += %D%/quickstart %D%/check %D%/check-parts.bash %D%/install-missing \
    %D%/analysers/analyse %D%/analysers/cppcheck.txt %D%/analysers/gcc.txt \
    %D%/analysers/valgrind %D%/analysers/valgrind.txt \
    %D%/analysers/clang/base/allocate.h %D%/analysers/clang/base/error.h \
    %D%/analysers/cppcheck/base/cleanup.h %D%/analysers/cppcheck/os/fd_left.h \
    %D%/picture/record %D%/picture/render %D%/picture/session.svg %D%/picture/start.svg \
    %D%/reproduce \
    %D%/sbom/licence.awk %D%/sbom/sbom %D%/sbom/spdx.jq \
    %D%/syscalls/syscalls.csv %D%/syscalls/table.awk \
    %D%/apparmor/tare \
    %D%/containerd/README.md %D%/containerd/tare.toml \
    %D%/crio/10-tare.conf %D%/crio/README.md \
    %D%/docker/README.md %D%/docker/daemon.json \
    %D%/podman/README.md %D%/podman/tare.conf \
    %D%/packaging/check %D%/packaging/debian %D%/packaging/rpmlint.toml %D%/packaging/tare.spec

# What the programs are made of, as SPDX has it.
sbom: tare $(pkglibexec_PROGRAMS)
	$(AM_V_GEN)CC='$(CC)' $(srcdir)/%D%/sbom/sbom '$(PACKAGE_VERSION)' "`cat src/commit`" \
	    "`$(print_time)`" tare src/tare-init $(pkglibexec_PROGRAMS) >tare.spdx.json.new
	$(AM_V_at)mv tare.spdx.json.new tare.spdx.json
.PHONY: sbom
CLEANFILES += tare.spdx.json tare.spdx.json.new
# Made of what the built tare says of itself ------------------------------------------------------

EXTRA_DIST += %D%/records/pages %D%/records/records.awk
CLEANFILES += %D%/records/all

%D%/records/all: tare %D%/records/pages
	$(AM_V_GEN)$(MKDIR_P) %D%/records && $(srcdir)/%D%/records/pages ./tare >$@.new && mv $@.new $@

# What is printed by the last script is made of the records.
from_records = LC_ALL=C $(AWK) -f $(srcdir)/%D%/records/records.awk -f

# Completion.  The shells look into these directories below /usr and /usr/local; but zsh of Debian
# into another below /usr (packaging/debian/rules).
bashcompletiondir = $(datadir)/bash-completion/completions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
zshcompletiondir = $(datadir)/zsh/site-functions
nodist_bashcompletion_DATA = %D%/completion/tare
nodist_fishcompletion_DATA = %D%/completion/tare.fish
nodist_zshcompletion_DATA = %D%/completion/_tare
EXTRA_DIST += %D%/completion/bash.awk %D%/completion/fish.awk %D%/completion/zsh.awk \
    %D%/completion/functions.bash %D%/completion/functions.fish
CLEANFILES += %D%/completion/tare %D%/completion/tare.fish %D%/completion/_tare

%D%/completion/tare: %D%/completion/bash.awk %D%/completion/functions.bash
%D%/completion/tare.fish: %D%/completion/fish.awk %D%/completion/functions.fish
%D%/completion/_tare: %D%/completion/zsh.awk
%D%/completion/tare %D%/completion/tare.fish %D%/completion/_tare: \
    %D%/records/all %D%/records/records.awk
	$(AM_V_GEN)$(MKDIR_P) %D%/completion && { cat $(filter %/functions.bash %/functions.fish,$^) \
	    </dev/null && $(from_records) $(filter %/bash.awk %/fish.awk %/zsh.awk,$^) \
	    %D%/records/all; } >$@.new && mv $@.new $@

# The manual page: text by hand, with the options of the records.
nodist_man1_MANS = %D%/man/tare.1
EXTRA_DIST += %D%/man/mdoc.awk %D%/man/tare.1.in
CLEANFILES += %D%/man/tare.1

%D%/man/tare.1: %D%/records/all %D%/records/records.awk %D%/man/mdoc.awk %D%/man/tare.1.in
	$(AM_V_GEN)$(MKDIR_P) %D%/man && $(from_records) $(srcdir)/%D%/man/mdoc.awk \
	    %D%/records/all $(srcdir)/%D%/man/tare.1.in >$@.new && mv $@.new $@
