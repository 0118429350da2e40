/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, and where in them something is wrong.  An error names its field as config.json has it:
 * "process.cwd", which in a document of a process alone is "cwd". */

#include "container/document.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/text.h"
#include "libocispec/schema.h"
#include "os/fd.h"

enum { DOCUMENT_SIZE_MAX = 16 << 20 };

/* O_NONBLOCK: a fifo of that name must not keep us waiting for its writer. */
fallible document_read(int directory, const char *file, struct arena *arena,
                       struct document *document)
{
    struct stat status;
    auto_close int fd = openat(directory, file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status))
        return error_call(error_errno(ERROR_BUNDLE, "open %s", document->name), CALL_OPEN,
                          document->name);
    if (!S_ISREG(status.st_mode))
        return error_new(ERROR_BUNDLE, "%s is not a regular file", document->name);
    if (status.st_size > DOCUMENT_SIZE_MAX)
        return error_new(ERROR_BUNDLE, "%s is larger than %d bytes", document->name,
                         DOCUMENT_SIZE_MAX);
    const struct fd_file whole = { fd, status.st_size };
    return document_read_from(&whole, arena, document);
}

fallible document_read_from(const struct fd_file *file, struct arena *arena,
                            struct document *document)
{
    try_within(fd_read_file(file, DOCUMENT_SIZE_MAX, arena, &document->json, &document->length),
               "%s", document->name);
    return OK;
}

static void place(struct error *error, size_t line, size_t column)
{
    error->line = (unsigned) line;
    error->column = (unsigned) column;
}

fallible document_decode(const struct document *document, const struct oci_schema *schema,
                         struct arena *arena, const void **object)
{
    struct oci_problem problem = { 0 };
    const void *decoded = oci_decode(schema, arena, document->json, document->length, &problem);

    if (decoded) {
        *object = decoded;
        return OK;
    }
    if (problem.line == 1 && problem.column > document->added)
        problem.column -= document->added;
    struct error *error =
        error_new(ERROR_SYNTAX, "%s:%zu:%zu: %s%s%s", document->name, problem.line, problem.column,
                  problem.path, problem.path[0] ? ": " : "", problem.reason);
    place(error, problem.line, problem.column);
    if (text_starts(problem.reason, "parse error") || text_starts(problem.reason, "lexical error"))
        error = error_hint(error, "there, or just before it, a comma, a quote or a bracket is too "
                                  "many or missing; JSON has no comments");
    if (problem.names)
        error = nearest_hint(error, problem.value, problem.names->names, problem.names->n);
    return problem.path[0] ? error_field(error, "%s", problem.path) : error;
}

fallible document_place(const struct document *document, struct error *error)
{
    size_t line, column;

    if (!error || !error->field[0] || error->line || !text_starts(error->field, document->prefix))
        return error;
    oci_locate(document->json, document->length, error->field + strlen(document->prefix), &line,
               &column);
    if (line == 1 && column > document->added)
        column -= document->added;
    if (strstr(error->text, error->field))
        error = error_within(error, "%s:%zu:%zu", document->name, line, column);
    else
        error = error_within(error, "%s:%zu:%zu: %s", document->name, line, column, error->field);
    place(error, line, column);
    return error;
}
