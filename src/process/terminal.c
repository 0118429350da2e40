/* SPDX-License-Identifier: Apache-2.0 */
/* process.terminal and process.consoleSize, from outside: who gets the other end.  What surprises:
 * consoleSize is checked only when there is a terminal; the kernel counts cells in 16 bits. */

#include "process/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/process.h"
#include "os/tty.h"

static fallible check_taker(bool is_wanted, const struct terminal_context *context)
{
    if (!is_wanted && context->console_socket)
        return error_hint(error_config("process.terminal", "is not true, so that nothing would be "
                                                           "sent to --console-socket"),
                          "leave --console-socket out, or set process.terminal to true");
    if (is_wanted && !context->console_socket && !context->is_foreground)
        return error_hint(
            error_config("process.terminal", "nobody takes the terminal"),
            "give --console-socket PATH, or wait for the process (no --detach), or set "
            "it to false");
    return OK;
}

static fallible read_cells(const char *field, uint64_t value, uint16_t *cells)
{
    if (value > UINT16_MAX)
        return error_config(field, "%llu is more than %d", (unsigned long long) value, UINT16_MAX);
    *cells = (uint16_t) value;
    return OK;
}

static fallible read_size(const struct oci_console_size *size, struct terminal_plan *plan)
{
    struct winsize callers;

    if (size) {
        try(read_cells("process.consoleSize.height", size->height, &plan->rows));
        try(read_cells("process.consoleSize.width", size->width, &plan->columns));
        plan->has_size = true;
    } else if (plan->is_relayed &&
               (tty_read_size(STDIN_FILENO, &callers) || tty_read_size(STDOUT_FILENO, &callers))) {
        plan->rows = callers.ws_row;
        plan->columns = callers.ws_col;
        plan->has_size = true;
    }
    return OK;
}

fallible terminal_plan(const struct oci_process *process, const struct terminal_context *context,
                       struct terminal_plan *plan)
{
    struct terminal_plan made = {
        .is_wanted = process && process->terminal.value,
        .socket = -1,
    };

    try(check_taker(made.is_wanted, context));
    made.is_relayed = made.is_wanted && !context->console_socket;
    if (made.is_wanted)
        try(read_size(process->console_size, &made));
    *plan = made;
    return OK;
}

/* Through /proc the path may be longer than an address, and is looked up once only. */
static int connect_to(int file)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    auto_close int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    text_format(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", file);
    if (connection < 0 || connect(connection, (const void *) &address, sizeof(address)))
        return -1;
    return take_fd(&connection);
}

fallible terminal_connect(const char *path, int *connection)
{
    auto_close int file = open(path, O_PATH | O_CLOEXEC);
    struct stat status;

    if (file < 0 || fstat(file, &status))
        return error_system("'%s'", path);
    if (!S_ISSOCK(status.st_mode))
        return error_new(ERROR_SYSTEM, "'%s' is not a socket", path);
    int connected = connect_to(file);
    if (connected < 0 && errno == EPROTOTYPE)
        return error_new(ERROR_SYSTEM, "'%s' is not a stream socket", path);
    if (connected < 0 && errno == EAGAIN)
        return error_new(ERROR_SYSTEM, "'%s' has no room for another connection", path);
    if (connected < 0)
        return error_system("'%s'", path);
    *connection = connected;
    return OK;
}
