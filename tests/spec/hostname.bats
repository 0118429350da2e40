#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[HN1] [N12] hostname is set in the container, and the host keeps its own" {
    local before
    before=$(uname -n)
    config '.hostname = "some-name.example"'
    run_container hostname
    assert_success
    assert_output hostname=some-name.example
    assert_equal "$(uname -n)" "$before"
}

@test "[DN1] domainname is set in the container, and the host keeps its own" {
    local before
    before=$(cat /proc/sys/kernel/domainname)
    config '.domainname = "example.org"'
    run_container domainname
    assert_success
    assert_output domainname=example.org
    assert_equal "$(cat /proc/sys/kernel/domainname)" "$before"
}

@test "[HN1] [DN1] 64 bytes are taken" {
    local name
    name=$(printf 'x%.0s' {1..64})
    config --arg name "$name" '.hostname = $name | .domainname = $name'
    run_container chain hostname ';' domainname
    assert_success
    assert_output "hostname=$name
domainname=$name"
}

@test "[HN1] [N6] absent names are inherited" {
    config 'del(.hostname)'
    run_container hostname
    assert_success
    assert_output "hostname=$(uname -n)"
}

@test "[HN1] an empty name is a name" {
    config '.hostname = ""'
    run_container hostname
    assert_success
    assert_output hostname=
}
