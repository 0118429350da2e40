/* SPDX-License-Identifier: Apache-2.0 */
/* os/fd_batch: closing many descriptors at once. */
#include <fcntl.h>
#include <stdbool.h>

#include "tests/unit/os/in_child.h"

#include "base/list.h"
#include "os/fd_batch.h"
#include "os/syscalls.h"

enum { FIRST = 100, MANY = 3 * FD_BATCH_MOST };

static int open_many(void)
{
    int fd = open("/", O_PATH | O_CLOEXEC);
    for (int i = 0; i < MANY; i++)
        if (fcntl(fd, F_DUPFD_CLOEXEC, FIRST + i) != FIRST + i)
            return -1;
    return close(fd);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void others_stay(void)
{
    static const int order[] = { 104, 100, 101, 109, 105, 102 };
    struct fd_batch batch = {};
    int none = -1;
    demand(!open_many());
    for (size_t i = 0; i < LENGTH(order); i++) {
        int fd = order[i];
        fd_batch_take(&batch, &fd);
        demand(fd == -1 && is_open(order[i]));
    }
    fd_batch_take(&batch, &none);
    demand(batch.count == LENGTH(order));
    fd_batch_close(&batch);
    for (size_t i = 0; i < LENGTH(order); i++)
        demand(!is_open(order[i]));
    demand(is_open(103) && is_open(106) && is_open(107) && is_open(108) && is_open(110));
    fd_batch_close(&batch);
    demand(is_open(103));
}

static void too_many(void)
{
    struct fd_batch batch = {};
    demand(!open_many());
    for (int i = 0; i < MANY; i++) {
        int fd = FIRST + i;
        fd_batch_take(&batch, &fd);
        demand(is_open(FIRST + i));
    }
    demand(!is_open(FIRST));
    fd_batch_close(&batch);
    for (int i = 0; i < MANY; i++)
        demand(!is_open(FIRST + i));
}

static void without_close_range(void)
{
    refuse_call(SYS_close_range, ENOSYS);
    others_stay();
}

static void test_others_stay(void **context)
{
    (void) context;
    in_child(others_stay);
}

static void test_too_many(void **context)
{
    (void) context;
    in_child(too_many);
}

static void test_without_close_range(void **context)
{
    (void) context;
    in_child(without_close_range);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_others_stay),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_without_close_range),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
