#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make sbom` says what has been built, as SPDX has it, and spdx.jq finds what is wrong in such a
# document.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"
lints=$root/tests/lint

if ! command -v jq >/dev/null; then
    report_skip "make sbom" "there is no jq"
    finish
    exit
fi

document=$build/tare.spdx.json
run_make() {
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS "$@" make -C "$build" --no-print-directory \
        --silent sbom 2>&1
}

(umask 022 && { run_make LC_ALL=C TZ=UTC0 || echo "it failed with $?"; }) | sed '/^ *GEN /d' |
    report "make sbom makes it"
cp "$document" "$scratch/first"
jq --raw-output --from-file "$lints/spdx.jq" "$document" 2>&1 |
    report "the document is SPDX 2.3"

rm "$document"
(umask 077 && run_make LC_ALL=C.UTF-8 TZ=UTC-13 HOME=/nowhere >/dev/null)
{ cmp "$scratch/first" "$document" 2>&1 || :; } |
    report "it is the same at another hour, and under another umask and locale"

# Its words are taken one by one from where it had them.
list_programs() {
    cd "$build"
    for program in tare src/tare-init src/scope; do
        [ ! -f "$program" ] || echo "$program"
    done
}

list_sums() {
    cd "$build"
    list_programs | while read -r program; do
        sums="$(sha1sum <"$program" | cut -c 1-40) $(sha256sum <"$program" | cut -c 1-64)"
        echo "./$program $sums"
    done
}

list_told_sums() {
    jq --raw-output '.files[] | select(.SPDXID | startswith("SPDXRef-Program-"))
        | "\(.fileName) \([.checksums[].checksumValue] | join(" "))"' "$document"
}

list_sums | sort >"$scratch/sums"
list_told_sums | sort | diff "$scratch/sums" - 2>&1 | report "the programs are those in the folder"

cut -d ' ' -f 2 "$scratch/sums" | sort | tr -d '\n' | sha1sum | cut -c 1-40 >"$scratch/code"
jq --raw-output '.packages[0].packageVerificationCode.packageVerificationCodeValue' "$document" |
    diff "$scratch/code" - 2>&1 | report "the verification code of tare is that of its files"

"$build/tare" --version |
    sed -n -e 's/^tare version //p' -e 's/^commit: /built from the commit /p' >"$scratch/version"
jq --raw-output '.packages[0] | .versionInfo, .sourceInfo' "$document" |
    diff "$scratch/version" - 2>&1 | report "version and commit are those of tare --version"

# What configure has found is linked; where the machine knows whose it is, by the version that is
# installed.
sed -n 's/^\(YAJL\|CAP\|SECCOMP\|SYSTEMD\)_LIBS = -l\([a-z]*\).*/lib\2/p' "$build/Makefile" |
    while read -r library; do
        jq --exit-status --arg library "/$library" \
            'any(.files[]; .fileName | test($library + "(_s)?[.](a|so)"))' "$document" >/dev/null ||
            echo "$library is missing"
    done | report "it has each library that configure has found"

jq --raw-output '.packages[] | select(.externalRefs) | "\(.name) \(.versionInfo)"' "$document" |
    while read -r name version; do
        dpkg-query --show --showformat '${Version}\n' "$name" | grep -qxF "$version" ||
            echo "$name $version"
    done | report "it has the versions that are installed"

# What is wrong in a document is found.
plant() {
    jq "$1" "$scratch/first" >"$scratch/planted"
    if jq --raw-output --from-file "$lints/spdx.jq" "$scratch/planted" 2>&1 | grep -qF -- "$2"; then
        : | report "spdx.jq finds: $2"
    else
        echo "$1" | report "spdx.jq finds: $2"
    fi
}

plant '.spdxVersion = "SPDX-2.1"' '6.1'
plant '.dataLicense = "MIT"' '6.2'
plant '.documentNamespace += "#a"' '6.5'
plant '.creationInfo.creators = []' '6.8'
plant '.creationInfo.created = "today"' '6.9'
plant '.packages[1].name = ""' '7.1'
plant '.packages[1].supplier = "Debian"' '7.5'
plant 'del(.packages[1].downloadLocation)' '7.7'
plant '.packages[0].filesAnalyzed = false' '7.8'
plant 'del(.packages[0].packageVerificationCode)' '7.9'
plant '.packages[1].licenseDeclared = "GPL-2"' '7.15'
plant '.files[0].fileName = "tare"' '8.1'
plant 'del(.files[0].checksums[0])' '8.4'
plant '.files[0].checksums[1].checksumValue |= .[1:]' '8.4'
plant '.files[1].SPDXID = .files[0].SPDXID' '3.2 twice'
plant '.files[0].SPDXID = "tare"' '3.2 an id'
plant '.relationships[0].relationshipType = "KNOWS"' '11.1 SPDXRef'
plant '.relationships[0].relatedSpdxElement = "SPDXRef-X"' '11.1 to nowhere'
plant '.relationships |= map(select(.relationshipType != "CONTAINS"))' '11.1 belongs to nothing'
finish
