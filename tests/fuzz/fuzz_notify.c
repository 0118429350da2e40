/* SPDX-License-Identifier: Apache-2.0 */
/* What a container says to who started tare.  What may pass is a part of it, passes again, and
 * tells that it is ready by that line alone. */

#include "tests/fuzz/fuzz.h"

#include "container/notify.h"

/* Each line ends with a newline, and is one of the message. */
static bool check_lines(const char *passed, size_t length, const char *message, size_t size)
{
    bool says_ready = false;

    for (const char *line = passed; line < passed + length;) {
        const char *end = memchr(line, '\n', (size_t) (passed + length - line));
        if (!end || !memmem(message, size, line, (size_t) (end - line)))
            abort();
        size_t line_length = (size_t) (end - line);
        says_ready |= line_length == strlen("READY=1") && !memcmp(line, "READY=1", line_length);
        if (!memcmp(line, "MAINPID", line_length < 7 ? line_length : 7) ||
            memchr(line, 0, line_length))
            abort();
        line = end + 1;
    }
    return says_ready;
}

static void check(const char *message, size_t size)
{
    char *passed = malloc(size + 1), *again = malloc(size + 2);
    bool is_ready, is_ready_again;

    if (!passed || !again)
        abort();
    size_t length = notify_filter(message, size, passed, &is_ready);
    if (length > size + 1 || check_lines(passed, length, message, size) != is_ready)
        abort();
    if (notify_filter(passed, length, again, &is_ready_again) != length ||
        memcmp(passed, again, length) || is_ready_again != is_ready)
        abort();
    free(passed);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin(data, size);

    check(text, size);
    fuzz_end(text);
    return 0;
}
