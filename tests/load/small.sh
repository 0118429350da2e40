#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tests/load/load with numbers that are soon done, so that it is known to work; `make check-load`
# and `make soak` have large ones.
set -eu

exec "$(dirname "$0")/load" leaks lives=24 at-once=24 crowds=100 soak=8
