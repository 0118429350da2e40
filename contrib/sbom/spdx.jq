# SPDX-License-Identifier: Apache-2.0
# The rows of contrib/sbom/sbom as an SPDX 2.3 document; the numbers are of its clauses
# (https://spdx.github.io/spdx-spec/v2.3/).

def known: . != "-" and . != "";
def id($kind): "SPDXRef-" + $kind + "-" + gsub("[^A-Za-z0-9.-]+"; "-");
def checksums($sha1; $sha256): [
    { algorithm: "SHA1", checksumValue: $sha1 },
    { algorithm: "SHA256", checksumValue: $sha256 }
];
def relation($from; $type; $to):
    { spdxElementId: $from, relationshipType: $type, relatedSpdxElement: $to };

# 8: a file of ours, in the build folder.
def program: {
    SPDXID: (.[1] | id("Program")),
    fileName: ("./" + .[1]),
    fileTypes: ["BINARY"],
    checksums: checksums(.[2]; .[3]),
    licenseConcluded: "Apache-2.0",
    licenseInfoInFiles: ["Apache-2.0"],
    copyrightText: "NOASSERTION"
};

# A file of others, by its path below the root of the machine.
def file: {
    SPDXID: (.[1] | ltrimstr("/") | id("File")),
    fileName: ("." + .[1]),
    fileTypes: ["BINARY"],
    checksums: checksums(.[2]; .[3]),
    licenseConcluded: "NOASSERTION",
    licenseInfoInFiles: ["NOASSERTION"],
    copyrightText: "NOASSERTION"
};

# 7: a package of others.
def package: {
    SPDXID: (.[1] | id("Package")),
    name: .[1],
    supplier: (if .[8] | known then "Organization: " + .[8] else "NOASSERTION" end),
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: .[6],
    copyrightText: "NOASSERTION"
} + if .[2] | known then { versionInfo: .[2] } else {} end
  + if .[4] | known then {
    sourceInfo: "built from the source package \(.[4]) \(.[5])",
    externalRefs: [{
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: "pkg:deb/\(.[7])/\(.[1])@\(.[2] | @uri)?arch=\(.[3])"
    }]
} else {} end;

def ours: {
    SPDXID: "SPDXRef-Package-tare",
    name: "tare",
    versionInfo: .[1],
    supplier: "Organization: the maintainers of tare",
    downloadLocation: "NOASSERTION",
    filesAnalyzed: true,
    packageVerificationCode: { packageVerificationCodeValue: .[4] },
    primaryPackagePurpose: "APPLICATION",
    sourceInfo: "built from the commit \(.[2])",
    licenseConcluded: "Apache-2.0",
    licenseInfoFromFiles: ["Apache-2.0"],
    licenseDeclared: "Apache-2.0",
    copyrightText: "NOASSERTION"
};

[inputs | split("\t")] as $rows
| def rows($kind): $rows[] | select(.[0] == $kind);
  (rows("tare")) as $tare
| (reduce rows("file") as $row ({}; .[$row[1]] = $row[4])) as $owners
| {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "tare-\($tare[1])",
    documentNamespace: "https://spdx.org/spdxdocs/tare-\($tare[1])-\($digest)",
    creationInfo: { created: $tare[3], creators: ["Tool: tare-sbom-\($tare[1])"] },
    packages: [($tare | ours), (rows("package") | package)],
    files: [(rows("program") | program), (rows("file") | file)],
    relationships: ([
        relation("SPDXRef-DOCUMENT"; "DESCRIBES"; "SPDXRef-Package-tare"),
        (rows("program") | relation("SPDXRef-Package-tare"; "CONTAINS"; .[1] | id("Program"))),
        # tare carries the init program in itself.
        (rows("program") | select(.[1] == "src/tare-init") |
            relation("SPDXRef-Program-tare"; "CONTAINS"; .[1] | id("Program"))),
        (rows("link") |
            relation(.[1] | id("Program"); .[2]; .[3] | ltrimstr("/") | id("File")),
            relation("SPDXRef-Package-tare"; .[2]; $owners[.[3]] | id("Package"))),
        (rows("file") | relation(.[1] | ltrimstr("/") | id("File"); "EXPANDED_FROM_ARCHIVE";
            .[4] | id("Package")))
    ] | unique)
}
