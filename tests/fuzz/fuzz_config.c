/* SPDX-License-Identifier: Apache-2.0 */
/* config.json up to the point at which something would be made: what `create --dry-run` does. */

#include "tests/fuzz/fuzz.h"

#include "container/document.h"
#include "container/validate.h"
#include "launch/launch.h"
#include "libocispec/config.h"

static fallible plan(const struct document *document)
{
    const void *config = NULL;
    const char *text = NULL;

    try(document_decode(document, &oci_config_schema, &arena, &config));
    try(document_place(document, validate_config(config)));
    const struct launch_request request = {
        .id = "fuzz",
        .config = config,
        .config_json = document->json,
        .config_length = document->length,
        .bundle = -1,
        .bundle_path = "/nowhere",
        .terminal.is_foreground = true,
    };
    return document_place(document, launch_describe(&request, &arena, true, &text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin(data, size);
    const struct document document = {
        .name = "config.json", .prefix = "", .json = text, .length = size
    };

    fuzz_judge(plan(&document));
    fuzz_end(text);
    return 0;
}
