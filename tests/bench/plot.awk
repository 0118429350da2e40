# SPDX-License-Identifier: Apache-2.0
# A picture of the tables `run` of tests/bench/bench, as SVG:
#
#     awk -f tests/bench/plot.awk tests/bench/result.txt >tests/bench/result.svg
#
# A bar for each program, as long as its time is to the floor's; one that is longer than the picture
# is cut, and says so.  Its colours are readable on light and on dark paper.

/^== / {
    is_run = $2 == "run,"
    if (is_run)
        kinds[++kind_count] = kind = $3
    next
}

is_run && $2 ~ /^[0-9]+$/ && $1 != "floor-tree" {
    names[kind, ++count[kind]] = $1
    times[kind, $1] = $2
}

function text(x, y, class, words) {
    printf "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, words
}

function bar(y, name, multiple, microseconds,    length_, class, cut) {
    cut = multiple > MOST
    length_ = (cut ? MOST : multiple) * UNIT
    class = name == "tare" ? "tare" : name == "floor" ? "floor" : "peer"
    text(LEFT - 8, y + 15, "name", name)
    printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"20\" class=\"%s\"/>\n", LEFT, y, \
        length_, class
    if (cut)
        printf "<path d=\"M%.1f %d l6 5 l-6 5 l6 5 l-6 5\" class=\"cut\"/>\n", \
            LEFT + length_ - 12, y
    text(LEFT + length_ + 8, y + 15, "value", \
        sprintf("%.1f ms%s", microseconds / 1000, name == "floor" ? "" : \
            sprintf(", %.2f x the floor", multiple)))
}

END {
    LEFT = 90; UNIT = 90; MOST = 5.5; ROW = 26
    for (k = 1; k <= kind_count; k++)
        height += 44 + ROW * count[kinds[k]]
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 820 %d\" " \
        "font-family=\"sans-serif\" font-size=\"14\">\n", height + 40
    print "<style>text{fill:#767676}.name{text-anchor:end}.title{font-weight:bold}" \
        ".tare{fill:#1a7f37}.floor{fill:#8c959f}.peer{fill:#54aeff}" \
        ".cut{fill:none;stroke:#fff;stroke-width:3}</style>"
    text(8, 20, "title", "tare run: from its start to its end, beside what the kernel alone needs")
    y = 36
    for (k = 1; k <= kind_count; k++) {
        kind = kinds[k]
        text(8, y + 18, "value", "bundle " kind)
        y += 30
        for (i = 1; i <= count[kind]; i++) {
            name = names[kind, i]
            bar(y, name, times[kind, name] / times[kind, "floor"], times[kind, name])
            y += ROW
        }
        y += 14
    }
    print "</svg>"
}
