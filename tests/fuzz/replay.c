/* SPDX-License-Identifier: Apache-2.0 */
/* The main of a fuzz target without libFuzzer: replays the files that it is given, as libFuzzer's
 * does.  An input that takes longer than a second of CPU time is an error. */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <time.h>

static char input[FUZZ_SIZE_MAX];

static int replay(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(input, 1, sizeof(input), file) : 0;

    if (!file || ferror(file) || fclose(file)) {
        perror(path);
        return 1;
    }
    fprintf(stderr, "Running: %s\n", path);
    clock_t start = clock();
    LLVMFuzzerTestOneInput((const uint8_t *) input, size);
    if (clock() - start > CLOCKS_PER_SEC) {
        fprintf(stderr, "%s takes too long\n", path);
        return 1;
    }
    return 0;
}

int main(int count, char **arguments)
{
    int status = 0;

    for (int i = 1; i < count; i++)
        status |= replay(arguments[i]);
    return status;
}
