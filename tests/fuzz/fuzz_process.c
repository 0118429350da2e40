/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `exec --process`, as the process of a container that has everything else. */

#include "tests/fuzz/fuzz.h"

#include "container/document.h"
#include "container/validate.h"
#include "launch/launch.h"
#include "libocispec/config.h"

static const char container[] =
    "{ \"ociVersion\": \"1.3.0\", \"root\": { \"path\": \"rootfs\" }, \"mounts\": [ {"
    "\"destination\": \"/dev/pts\", \"type\": \"devpts\", \"options\": [\"newinstance\"] } ],"
    "\"linux\": { \"namespaces\": [ { \"type\": \"pid\" }, { \"type\": \"mount\" } ] } }";

static fallible plan(const struct document *document)
{
    struct oci_problem problem = { 0 };
    const void *process = NULL;
    const char *text = NULL;
    struct oci_config *config =
        oci_decode(&oci_config_schema, &arena, container, sizeof(container) - 1, &problem);

    if (!config)
        abort();
    try(document_decode(document, &oci_process_schema, &arena, &process));
    config->process = (struct oci_process *) process;
    try(document_place(document, validate_config(config)));
    const struct launch_request request = {
        .id = "fuzz",
        .config = config,
        .bundle = -1,
        .bundle_path = "/nowhere",
        .terminal.is_foreground = true,
    };
    return document_place(document, launch_describe(&request, &arena, false, &text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_begin(data, size);
    const struct document document = {
        .name = "process.json", .prefix = "process.", .json = text, .length = size
    };

    fuzz_judge(plan(&document));
    fuzz_end(text);
    return 0;
}
