# SPDX-License-Identifier: Apache-2.0
# What is wrong with an SPDX 2.3 document, one fault a line; the numbers are of the clauses that say
# so (https://spdx.github.io/spdx-spec/v2.3/).

def fault($words): "\(.SPDXID? // .): \($words)";
def check(is_right; $words): if (is_right) then empty else fault($words) end;
def is_text: type == "string" and . != "";

def lengths: { SHA1: 40, SHA256: 64 };
def is_checksum: .algorithm as $name
    | lengths[$name] != null and (.checksumValue | test("^[0-9a-f]{\(lengths[$name])}$"));

# 10 and annex D, as far as this project needs it.
def known_licences: "(Apache-2.0|BSD-[23]-Clause|L?GPL-[0-9.]+-(only|or-later)|ISC|MIT)";
def is_licence: is_text and (. == "NOASSERTION" or . == "NONE"
    or test("^" + known_licences + "( (OR|AND) " + known_licences + ")*$"));

# 11.1
def relations: "DESCRIBES", "CONTAINS", "STATIC_LINK", "DYNAMIC_LINK", "EXPANDED_FROM_ARCHIVE";

def document_faults:
    check(.spdxVersion == "SPDX-2.3"; "6.1 spdxVersion"),
    check(.dataLicense == "CC0-1.0"; "6.2 dataLicense"),
    check(.SPDXID == "SPDXRef-DOCUMENT"; "6.3 SPDXID"),
    check(.name | is_text; "6.4 name"),
    check(.documentNamespace | is_text and test("^[a-z][a-z0-9+.-]*://[^#]+$");
        "6.5 documentNamespace"),
    check(.creationInfo.creators | length > 0
        and all(test("^(Person|Organization|Tool): .")); "6.8 creators"),
    check(.creationInfo.created | is_text and test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$");
        "6.9 created");

def package_faults($relationships):
    .SPDXID as $id
    | ([$relationships[] | select(.spdxElementId == $id and .relationshipType == "CONTAINS")]
        | length) as $files
    | check(.name | is_text; "7.1 name"),
    check((has("versionInfo") | not) or (.versionInfo | is_text); "7.3 versionInfo"),
    check(.supplier | is_text and test("^((Person|Organization): .|NOASSERTION$)"); "7.5 supplier"),
    check(.downloadLocation | is_text; "7.7 downloadLocation"),
    check(.filesAnalyzed or $files == 0; "7.8 files that were not analyzed"),
    check(.filesAnalyzed == (.packageVerificationCode.packageVerificationCodeValue
        | is_text and test("^[0-9a-f]{40}$")); "7.9 packageVerificationCode"),
    check((.filesAnalyzed | not) or $files > 0; "7.8 no files"),
    check(.licenseConcluded | is_licence; "7.13 licenseConcluded"),
    check(.filesAnalyzed == has("licenseInfoFromFiles"); "7.14 licenseInfoFromFiles"),
    check(.licenseDeclared | is_licence; "7.15 licenseDeclared"),
    check(.copyrightText | is_text; "7.17 copyrightText"),
    (.externalRefs // [] | .[]
        | check(.referenceCategory == "PACKAGE-MANAGER" and .referenceType == "purl"
            and (.referenceLocator | test("^pkg:[a-z]+/[^ ]+@[^ @]+$")); "7.21 externalRefs"));

def file_faults:
    check(.fileName | is_text and startswith("./"); "8.1 fileName"),
    check(.fileTypes | all(IN("BINARY", "ARCHIVE", "SOURCE")); "8.3 fileTypes"),
    check(.checksums | all(is_checksum) and any(.algorithm == "SHA1"); "8.4 checksums"),
    check(.licenseConcluded | is_licence; "8.5 licenseConcluded"),
    check(.licenseInfoInFiles | length > 0 and all(is_licence); "8.6 licenseInfoInFiles"),
    check(.copyrightText | is_text; "8.8 copyrightText");

[.SPDXID, .packages[].SPDXID, .files[].SPDXID] as $ids
| .relationships as $relationships
| document_faults,
  (.packages[] | package_faults($relationships)),
  (.files[] | file_faults),
  ($ids[] | check(is_text and test("^SPDXRef-[A-Za-z0-9.-]+$"); "3.2 an id that is none")),
  ($ids | group_by(.)[] | select(length > 1) | .[0] | fault("3.2 twice")),
  ($relationships[] | "\(.spdxElementId) \(.relationshipType) \(.relatedSpdxElement)" as $words
    | check(.relationshipType | IN(relations); "11.1 \($words)"),
      check(.spdxElementId | IN($ids[]); "11.1 from nowhere: \($words)"),
      check(.relatedSpdxElement | IN($ids[]); "11.1 to nowhere: \($words)")),
  check(any($relationships[]; .relationshipType == "DESCRIBES"); "11.1 describes nothing"),
  ($ids[1:][] | . as $id
    | check(any($relationships[]; .relatedSpdxElement == $id); "11.1 belongs to nothing"))
