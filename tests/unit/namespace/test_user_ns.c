/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/user_ns: the plan, the maps that the host writes, and who a child becomes behind them.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "tests/unit/process/checks.h"

#include "libocispec/linux.h"
#include "namespace/user_ns.h"

static struct oci_idmap whole = { 0, 100000, 65536 };
static struct oci_idmap *whole_list[] = { &whole };

static struct oci_linux mapped(void)
{
    return (struct oci_linux){ .uid_mappings = { whole_list, 1 },
                               .gid_mappings = { whole_list, 1 } };
}

static struct error *plan(const struct oci_linux *linux_, struct user_ns_context context,
                          struct user_ns_plan *made)
{
    return user_ns_plan(linux_, &context, fresh_arena(), made);
}

static void plans_a_new_one(void **state) /* [N13] [IM1] [IM2] */
{
    (void) state;
    struct oci_linux linux_ = mapped();
    struct user_ns_plan made;
    assert_ok(plan(&linux_, (struct user_ns_context){ CLONE_NEWUSER, CLONE_NEWUSER, 5, 6, NULL, 0 },
                   &made));
    assert_true(made.is_new && !made.is_joined && !made.has_no_root);
    assert_true(made.uid == 5 && made.gid == 6);
    assert_string_equal(made.gids.text, "0 100000 65536\n");
}

static void sees_that_root_is_not_mapped(void **state)
{
    (void) state;
    struct oci_idmap no_root = { 1, 100000, 10 };
    struct oci_idmap *list[] = { &no_root };
    struct oci_linux linux_ = mapped();
    struct user_ns_context context = { CLONE_NEWUSER, CLONE_NEWUSER, 1, 1, NULL, 0 };
    struct user_ns_plan made;
    linux_.gid_mappings.v = list;
    assert_ok(plan(&linux_, context, &made));
    assert_true(made.has_no_root);
    context.gid = 0;
    assert_error(plan(&linux_, context, &made), ERROR_CONFIG, "process.user.gid",
                 "0 is not mapped by linux.gidMappings"); /* [U3] */
}

static void refuses_half_of_it(void **state) /* [N13] */
{
    (void) state;
    const struct user_ns_context new = { CLONE_NEWUSER, CLONE_NEWUSER, 0, 0, NULL, 0 };
    struct oci_linux linux_ = mapped();
    struct user_ns_plan made;
    linux_.gid_mappings.n = 0;
    assert_error(plan(&linux_, new, &made), ERROR_CONFIG, "linux.gidMappings", "needs mappings");
    linux_.uid_mappings.n = 0;
    assert_error(plan(&linux_, new, &made), ERROR_CONFIG, "linux.uidMappings", "needs mappings");
    linux_ = mapped();
    assert_error(plan(&linux_, (struct user_ns_context){ 0 }, &made), ERROR_CONFIG,
                 "linux.uidMappings", "there is no user namespace to map ids in");
}

static void wants_the_ids_of_the_process_mapped(void **state) /* [U2] [U3] [U5] */
{
    (void) state;
    const uint32_t groups[] = { 5, 70000 };
    struct oci_linux linux_ = mapped();
    struct user_ns_plan made;
    assert_error(plan(&linux_,
                      (struct user_ns_context){ CLONE_NEWUSER, CLONE_NEWUSER, 65536, 0, NULL, 0 },
                      &made),
                 ERROR_CONFIG, "process.user.uid", "65536 is not mapped by linux.uidMappings");
    assert_error(plan(&linux_,
                      (struct user_ns_context){ CLONE_NEWUSER, CLONE_NEWUSER, 0, 0, groups, 2 },
                      &made),
                 ERROR_CONFIG, "process.user.additionalGids", "70000 is not mapped");
}

static void asks_nothing_of_a_joined_one(void **state)
{
    (void) state;
    const struct oci_linux none = { 0 };
    struct user_ns_plan made;
    assert_ok(plan(&none, (struct user_ns_context){ 0, CLONE_NEWUSER, 7, 7, NULL, 0 }, &made));
    assert_true(made.is_joined && !made.is_new && !made.has_no_root);
}

/* Beside the one that the plan lies in. */
static char scratch_memory[1 << 16];
static struct arena scratch = { .base = scratch_memory, .size = sizeof(scratch_memory) };

/* In the child, which says 'y' when it is in a new user namespace, and waits to be mapped. */
struct pair {
    int said[2], released[2];
};

static void become(const struct pair *pair, const struct user_ns_plan *plan, bool survives)
{
    char byte = unshare(CLONE_NEWUSER) ? 'n' : 'y';
    if (write(pair->said[1], &byte, 1) != 1 || read(pair->released[0], &byte, 1) != 1)
        _exit(1);
    must(user_ns_become(plan, survives));
}

static pid_t start(struct pair *pair)
{
    assert_int_equal(pipe(pair->said) | pipe(pair->released), 0);
    fflush(stdout);
    return fork();
}

/* Maps it and reaps it: its exit status; -1 where there are no user namespaces. */
static int see_through(const struct pair *pair, pid_t pid, const struct user_ns_plan *plan)
{
    char byte = 'n';
    int status;
    assert_int_equal(read(pair->said[0], &byte, 1), 1);
    struct error *error = byte == 'y' ? user_ns_map(plan, pid, &scratch) : OK;
    if (error || byte != 'y')
        kill(pid, SIGKILL);
    else
        assert_int_equal(write(pair->released[1], &byte, 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_ok(error);
    return byte == 'y' ? status : -1;
}

static void becomes_root(void **state)
{
    (void) state;
    need_root();
    struct oci_linux linux_ = mapped();
    struct user_ns_plan made;
    struct pair pair;
    assert_ok(plan(&linux_, (struct user_ns_context){ CLONE_NEWUSER, CLONE_NEWUSER, 5, 6, NULL, 0 },
                   &made));
    pid_t pid = start(&pair);
    if (pid == 0) {
        become(&pair, &made, false);
        claim(getuid() == 0 && geteuid() == 0 && getgid() == 0 && getgroups(0, NULL) == 0);
        claim(!sethostname("", 0) || errno == EPERM); /* of the parent's uts namespace */
        claim(!unshare(CLONE_NEWUTS) && !sethostname("x", 1));
        _exit(0);
    }
    int status = see_through(&pair, pid, &made);
    if (status < 0)
        skip();
    assert_int_equal(status, 0);
}

static bool is_ambient(int capability)
{
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1;
}

static void becomes_the_user_where_there_is_no_root(void **state)
{
    (void) state;
    need_root();
    struct oci_idmap one = { 5, 100000, 2 };
    struct oci_idmap *list[] = { &one };
    const struct oci_linux linux_ = { .uid_mappings = { list, 1 }, .gid_mappings = { list, 1 } };
    struct user_ns_plan made;
    struct pair pair;
    assert_ok(plan(&linux_, (struct user_ns_context){ CLONE_NEWUSER, CLONE_NEWUSER, 5, 6, NULL, 0 },
                   &made));
    pid_t pid = start(&pair);
    if (pid == 0) {
        become(&pair, &made, true);
        claim(getuid() == 5 && geteuid() == 5 && getgid() == 6);
        claim(is_ambient(0) && is_ambient(21) && !unshare(CLONE_NEWUTS));
        must(user_ns_settle());
        claim(!is_ambient(0) && !is_ambient(21) && !sethostname("x", 1));
        _exit(0);
    }
    int status = see_through(&pair, pid, &made);
    if (status < 0)
        skip();
    assert_int_equal(status, 0);
}

enum { NOBODY = 65534 };

/* What the administrator has granted nobody, in a mount namespace of our own. */
static void grant(const char *file)
{
    static const char text[] = "nobody:200000:10\n";
    char path[] = "/tmp/test_user_ns.XXXXXX";
    int fd = mkstemp(path);
    claim(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
    claim(!fchmod(fd, 0644) && !mount(path, file, NULL, MS_BIND, NULL));
    claim(!close(fd) && !unlink(path));
}

/* As nobody: maps a child, which must then be root there.  0, or the number of the error. */
static int map_as_nobody(struct oci_idmap_array list, char *said, size_t size)
{
    const struct oci_linux linux_ = { .uid_mappings = list, .gid_mappings = list };
    struct user_ns_plan made;
    struct pair pair;
    char byte;
    int status;

    claim(!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
          !setresuid(NOBODY, NOBODY, NOBODY) && !prctl(PR_SET_DUMPABLE, 1));
    must(plan(&linux_, (struct user_ns_context){ CLONE_NEWUSER, CLONE_NEWUSER, 0, 0, NULL, 0 },
              &made));
    claim(!pipe(pair.said) && !pipe(pair.released));
    pid_t pid = fork();
    if (pid == 0) {
        become(&pair, &made, false);
        _exit(getuid() == 0 && getgid() == 0 ? 0 : 1);
    }
    claim(!close(pair.said[1])); /* a child that dies says nothing */
    claim(read(pair.said[0], &byte, 1) == 1 && byte == 'y');
    struct error *error = user_ns_map(&made, pid, &scratch);
    claim(write(pair.released[1], &byte, 1) == 1 && waitpid(pid, &status, 0) == pid);
    claim(error || status == 0);
    if (error) {
        text_format(said, size, "%s", error->text);
        fprintf(stderr, "child: nobody: %s\n", said);
    }
    return error != OK;
}

static struct oci_idmap own = { 0, NOBODY, 1 }, granted = { 1, 200000, 10 };
static struct oci_idmap denied = { 1, 300000, 10 };

static void map_own_alone(void)
{
    char said[ERROR_TEXT_SIZE];
    struct oci_idmap *list[] = { &own };
    claim(map_as_nobody((struct oci_idmap_array){ list, 1 }, said, sizeof(said)) == 0);
}

static void map_what_is_granted(void)
{
    char said[ERROR_TEXT_SIZE];
    struct oci_idmap *list[] = { &own, &granted };
    claim(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    grant("/etc/subuid");
    grant("/etc/subgid");
    claim(map_as_nobody((struct oci_idmap_array){ list, 2 }, said, sizeof(said)) == 0);
}

static void map_what_is_not(void)
{
    char said[ERROR_TEXT_SIZE];
    struct oci_idmap *list[] = { &own, &denied };
    claim(map_as_nobody((struct oci_idmap_array){ list, 2 }, said, sizeof(said)) == 1);
    claim(strstr(said, "newuidmap exited with status 1: newuidmap: "));
}

static bool may_unshare(void)
{
    pid_t pid = fork();
    int status;
    if (pid == 0)
        _exit(unshare(CLONE_NEWUSER) ? 1 : 0);
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static void maps_itself_without_rights(void **state) /* [IM1] */
{
    (void) state;
    need_root();
    if (!may_unshare())
        skip();
    assert_in_child(map_own_alone);
}

static void maps_by_newuidmap_what_is_granted(void **state) /* [IM1] [IM2] */
{
    (void) state;
    need_root();
    if (!may_unshare() || access("/usr/bin/newuidmap", X_OK) || access("/etc/subuid", F_OK))
        skip();
    assert_in_child(map_what_is_granted);
    assert_in_child(map_what_is_not);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_a_new_one),
        cmocka_unit_test(sees_that_root_is_not_mapped),
        cmocka_unit_test(refuses_half_of_it),
        cmocka_unit_test(wants_the_ids_of_the_process_mapped),
        cmocka_unit_test(asks_nothing_of_a_joined_one),
        cmocka_unit_test(becomes_root),
        cmocka_unit_test(becomes_the_user_where_there_is_no_root),
        cmocka_unit_test(maps_itself_without_rights),
        cmocka_unit_test(maps_by_newuidmap_what_is_granted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/user_ns", tests, NULL, NULL);
}
