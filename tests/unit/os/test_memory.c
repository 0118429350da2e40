/* SPDX-License-Identifier: Apache-2.0 */
/* os/memory, os/memory_inside: the seals, and one address in two processes. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "os/memory.h"
#include "os/syscalls.h"
#include "tests/unit/os/in_child.h"

enum { SIZE = 100000 };

static struct arena shared;
static int shared_fd = -1;

static int set_up(void **state)
{
    (void) state;
    return memory_open_shared(&shared, SIZE, &shared_fd) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void) state;
    memory_close(&shared);
    close(shared_fd);
    return 0;
}

static void opens_zeroed_pages(void **state)
{
    (void) state;
    struct arena arena = { 0 };
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    assert_null(memory_open_private(&arena, page + 1));
    assert_int_equal(arena.size, 2 * page);
    assert_int_equal(arena.used, 0);
    assert_int_equal((uintptr_t) arena.base % page, 0);
    for (size_t i = 0; i < arena.size; i++)
        assert_int_equal(arena.base[i], 0);
    memset(arena.base, 1, arena.size);
    memory_close(&arena);
    assert_null(arena.base);
    assert_int_equal(arena.size, 0);
    memory_close(&arena);
}

static void refuses_sizes_it_cannot_have(void **state)
{
    (void) state;
    static const size_t sizes[] = { 0, SIZE_MAX, SIZE_MAX / 2 - 4096 };
    struct arena arena = { .base = NULL, .used = 7 };
    int fd = -7;
    for (size_t i = 0; i < 3; i++) {
        struct error *error = memory_open_private(&arena, sizes[i]);
        assert_non_null(error);
        error_forget(error);
        error = memory_open_shared(&arena, sizes[i], &fd);
        assert_non_null(error);
        error_forget(error);
    }
    assert_int_equal(arena.used, 7);
    assert_int_equal(fd, -7);
}

static void is_sealed_but_for_the_first_mapping(void **state)
{
    (void) state;
    struct stat status;
    assert_int_equal(fcntl(shared_fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fstat(shared_fd, &status), 0);
    assert_int_equal(status.st_size, shared.size);
    assert_int_equal(status.st_size % sysconf(_SC_PAGESIZE), 0);

    assert_ptr_equal(mmap(NULL, shared.size, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0),
                     MAP_FAILED);
    assert_int_equal(errno, EPERM);
    assert_int_equal(pwrite(shared_fd, "x", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(shared_fd, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(shared_fd, 2 * SIZE), -1);
    assert_int_equal(fcntl(shared_fd, F_ADD_SEALS, F_SEAL_WRITE), -1);

    /* Read-only, and not to be made writable later. */
    void *view = mmap(NULL, shared.size, PROT_READ, MAP_SHARED, shared_fd, 0);
    assert_ptr_not_equal(view, MAP_FAILED);
    assert_int_equal(mprotect(view, shared.size, PROT_READ | PROT_WRITE), -1);
    memcpy(shared.base, "host", 5);
    assert_string_equal(view, "host");
    munmap(view, shared.size);
}

static void write_as_before_6_3(void)
{
    struct arena arena = { 0 };
    int fd = -1;
    demand(!memory_open_shared(&arena, SIZE, &fd));
    demand(mmap(NULL, SIZE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    arena.base[0] = 1;
}

static void need_no_memfd_flags(void)
{
    /* Refuses MFD_NOEXEC_SEAL as an old kernel does. */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MFD_NOEXEC_SEAL, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
    demand(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    demand(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    demand(memfd_create("x", MFD_NOEXEC_SEAL) == -1 && errno == EINVAL);
    write_as_before_6_3();
}

static void works_on_older_kernels(void **state)
{
    (void) state;
    in_child(need_no_memfd_flags);
}

struct plan {
    const char *name;
    const struct plan *next;
};

static struct plan *fill(void)
{
    struct plan *plan = arena_alloc(&shared, 2, sizeof(*plan));
    char *name = arena_alloc(&shared, 8, 1);
    memcpy(name, "web", 4);
    plan[0] = (struct plan){ .name = name, .next = &plan[1] };
    plan[1] = (struct plan){ .name = name + 1 };
    return plan;
}

static const struct plan *plan;

static void read_plan(void)
{
    void *address = shared.base;
    size_t size = shared.size;
    demand(error_forget_if(memory_map_plan(address, size, shared_fd), EEXIST));
    demand(!munmap(address, size));
    demand(!memory_map_plan(address, size, shared_fd));
    close(shared_fd);
    demand(!strcmp(plan->name, "web") && !strcmp(plan->next->name, "eb"));
    demand(!plan->next->next);

    /* Read-only: the kernel does not write there for us, either. */
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    demand(read(zero, address, 1) == -1 && errno == EFAULT);
}

static void is_at_the_same_address_in_another_process(void **state)
{
    (void) state;
    plan = fill();
    in_child(read_plan);
}

static void map_beside(void)
{
    char *next = mmap(NULL, 2 * shared.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    demand(next != MAP_FAILED);
    demand(!munmap(next, shared.size));
    demand(!memory_map_plan(next, shared.size, shared_fd));
    demand(error_forget_if(memory_map_plan(next + shared.size, shared.size, shared_fd), EEXIST));
    demand(error_forget_if(memory_map_plan(next + shared.size - 4096, shared.size, shared_fd),
                           EEXIST));
    demand(!munmap(next, shared.size));
    demand(error_forget_if(memory_map_plan(next, shared.size, -1), EBADF));
}

static void maps_nothing_over_anything(void **state)
{
    (void) state;
    in_child(map_beside);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_zeroed_pages),
        cmocka_unit_test(refuses_sizes_it_cannot_have),
        TEST(is_sealed_but_for_the_first_mapping),
        cmocka_unit_test(works_on_older_kernels),
        TEST(is_at_the_same_address_in_another_process),
        TEST(maps_nothing_over_anything),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
