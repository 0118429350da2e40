# SPDX-License-Identifier: Apache-2.0
# The licences of Debian's machine-readable copyright files in the words of SPDX.  What is not in the
# table is told as unknown; so is what is joined by more than "or" and "and".
BEGIN {
    words = "Apache-2.0=Apache-2.0 BSD-2-clause=BSD-2-Clause BSD-3-clause=BSD-3-Clause Expat=MIT " \
        "GPL-2=GPL-2.0-only GPL-2+=GPL-2.0-or-later GPL-3+=GPL-3.0-or-later ISC=ISC " \
        "LGPL-2.1=LGPL-2.1-only LGPL-2.1+=LGPL-2.1-or-later MIT=MIT or=OR and=AND"
    count = split(words, pairs, " ")
    for (i = 1; i <= count; i++) {
        split(pairs[i], pair, "=")
        meaning[pair[1]] = pair[2]
    }
}

{
    text = ""
    for (i = 1; i <= NF; i++) {
        if (!($i in meaning))
            next
        text = text (i == 1 ? "" : " ") meaning[$i]
    }
}

END {
    print text == "" ? "NOASSERTION" : text
}
