/* SPDX-License-Identifier: Apache-2.0 */
/* What a container's process could say to the host over the channel.  The first byte is what the
 * host waits for; then come messages, each behind its length in two bytes, with a descriptor if the
 * highest bit is set. */

#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "os/channel.h"
#include "os/fd.h"

enum { HEAD = 2, WITH_DESCRIPTOR = 0x8000 };

static void check_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    if (length == size)
        abort();
    for (size_t i = 0; i < length; i++)
        if ((unsigned char) text[i] < ' ' || text[i] == 127)
            abort();
}

/* It is shown on terminals. */
static void judge(struct error *error)
{
    if (!error)
        return;
    check_text(error->field, sizeof(error->field));
    check_text(error->text, sizeof(error->text));
    check_text(error->hint, sizeof(error->hint));
    error_forget(error);
}

static void hear_warning(const struct error *warning)
{
    check_text(warning->text, sizeof(warning->text));
}

/* Those that there is no room for are lost, as are those of a peer that dies. */
static void say(int channel, const char *bytes, size_t size)
{
    while (size >= HEAD) {
        unsigned head = (unsigned char) bytes[0] | (unsigned) (unsigned char) bytes[1] << 8;
        size_t length = head & ~(unsigned) WITH_DESCRIPTOR;
        bytes += HEAD;
        size -= HEAD;
        length = length < size ? length : size;
        if (head & WITH_DESCRIPTOR)
            (void) fd_pass(channel, bytes, length, STDERR_FILENO);
        else
            (void) !send(channel, bytes, length, MSG_NOSIGNAL);
        bytes += length;
        size -= length;
    }
}

static void hear(int channel, unsigned what)
{
    static struct channel_span spans[CHANNEL_SPANS];
    uint32_t count = 0;
    pid_t pid = 0;
    int fd = -1;

    channel_hear_warning = what & 8 ? hear_warning : NULL;
    switch (what & 7) {
    case 0:
        judge(channel_meet(channel, 1));
        break;
    case 1:
        judge(channel_hear_ready(channel, &pid));
        break;
    case 2:
        judge(channel_hear_descriptor(channel, &fd));
        break;
    case 3:
        (void) channel_await_release(channel);
        break;
    default:
        judge(channel_hear_end(channel, what & 1 ? spans : NULL, &count));
        if (count > CHANNEL_SPANS)
            abort();
    }
    if (fd >= 0)
        close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int mine, theirs;

    if (!size)
        return 0;
    char *text = fuzz_begin(data, size);
    if (channel_open(&mine, &theirs) || fcntl(theirs, F_SETFL, O_NONBLOCK))
        abort();
    say(theirs, text + 1, size - 1);
    close(theirs);
    hear(mine, (unsigned char) text[0]);
    close(mine);
    fuzz_end(text);
    return 0;
}
