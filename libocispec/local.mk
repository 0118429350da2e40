# SPDX-License-Identifier: Apache-2.0
# What OCI documents say.

libtare_a_SOURCES += \
    %D%/arena.c %D%/arena.h \
    %D%/config.c %D%/config.h \
    %D%/decode.c \
    %D%/encode.c \
    %D%/engine.h \
    %D%/features.c %D%/features.h \
    %D%/hooks.c %D%/hooks.h \
    %D%/json.c %D%/json.h %D%/json_write.c \
    %D%/json_memory.c %D%/json_memory.h \
    %D%/keys.c %D%/keys.h \
    %D%/linux.c %D%/linux.h \
    %D%/locate.c \
    %D%/mount.c %D%/mount.h \
    %D%/number.c %D%/number.h \
    %D%/path.c %D%/path.h \
    %D%/problem.c %D%/problem.h \
    %D%/process.c %D%/process.h \
    %D%/resources.c %D%/resources.h \
    %D%/schema.c %D%/schema.h \
    %D%/seccomp.c %D%/seccomp.h \
    %D%/semver.c %D%/semver.h \
    %D%/state.c %D%/state.h \
    %D%/unknown.c %D%/unknown.h \
    %D%/utf8.c %D%/utf8.h \
    %D%/vm.c %D%/vm.h
