#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The life of a container (runtime.md#lifecycle), five hundred times in a row and fifty side by
# side, and what is left afterwards: nothing.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=tests/accept/lives.bash
. "$(dirname "$0")/lives.bash"

IN_A_ROW=${TARE_ACCEPT_IN_A_ROW:-500}
SIDE_BY_SIDE=${TARE_ACCEPT_SIDE_BY_SIDE:-50}

obeys_the_lifecycle() {
    run_tare create --bundle "$bundle" one </dev/null && status_is one created || return
    ! run_tare delete one 2>/dev/null || return # created is not stopped
    ! run_tare create --bundle "$bundle" one 2>/dev/null </dev/null || return
    run_tare start one && status_is one running || return
    ! run_tare start one 2>/dev/null || return
    ! run_tare delete one 2>/dev/null || return
    run_tare kill one KILL && comes_to_stop one || return
    ! run_tare kill one KILL 2>/dev/null || return
    ! run_tare start one 2>/dev/null || return
    run_tare delete one || return
    ! run_tare state one 2>/dev/null
}

many_alive_at_once() {
    local n
    for n in $(seq "$SIDE_BY_SIDE"); do
        run_tare run --detach --bundle "$bundle" "alive-$n" </dev/null || return
    done
    [ "$(run_tare list --quiet | wc -l)" = "$SIDE_BY_SIDE" ] || return
    for n in $(seq "$SIDE_BY_SIDE"); do
        run_tare delete --force "alive-$n" || return
    done
}

before=$(snapshot)
claim "create, state, start, kill, delete do as the lifecycle says" obeys_the_lifecycle
claim "(T81) $IN_A_ROW lives in a row" live_in_a_row "$IN_A_ROW"
claim "$SIDE_BY_SIDE lives side by side" live_side_by_side "$SIDE_BY_SIDE"
claim "$SIDE_BY_SIDE containers alive at once" many_alive_at_once
claim "(T81) nothing is left" nothing_is_left
finish
