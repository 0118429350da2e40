/* SPDX-License-Identifier: Apache-2.0 */
/* The annotations run.oci.hooks.stdout and run.oci.hooks.stderr (crun(1)): files of the host to
 * which hooks write.  What surprises: those of init write to them as well, by descriptors that it
 * has from its birth until it executes the user's program. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "libocispec/config.h"

/* A fifo that nobody reads is an error, and is not waited for. */
static fallible open_one(const struct oci_string_map *annotations, const char *name, int *file)
{
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK;
    const char *path = annotations_find(annotations, name);

    if (!path)
        return OK;
    auto_close int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0 || fcntl(fd, F_SETFL, O_APPEND))
        return error_field(error_errno(ERROR_PROGRAM, "%s: open %s", name, path), "annotations");
    *file = take_fd(&fd);
    return OK;
}

fallible hook_output_open(const struct oci_string_map *annotations, struct hook_output *output)
{
    struct hook_output made = { 0, 0 };

    try(open_one(annotations, ANNOTATION_HOOKS_STDOUT, &made.out));
    struct error *error = open_one(annotations, ANNOTATION_HOOKS_STDERR, &made.errors);
    if (error) {
        hook_output_close(&made);
        return error;
    }
    *output = made;
    return OK;
}

void hook_output_close(struct hook_output *output)
{
    if (output->out)
        close(output->out);
    if (output->errors)
        close(output->errors);
    *output = (struct hook_output){ 0, 0 };
}

bool hook_output_is_wanted(const struct oci_string_map *annotations)
{
    return annotations_find(annotations, ANNOTATION_HOOKS_STDOUT) ||
           annotations_find(annotations, ANNOTATION_HOOKS_STDERR);
}

fallible hooks_open_output(struct launch *launch)
{
    return hook_output_open(&launch->host->request->config->annotations,
                            &launch->plan->hooks.output);
}

void hooks_close_output(struct launch *launch)
{
    hook_output_close(&launch->plan->hooks.output);
}
