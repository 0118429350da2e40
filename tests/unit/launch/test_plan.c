/* SPDX-License-Identifier: Apache-2.0 */
/* launch/plan: init sees the arena and nothing else of the host.  A pointer to a literal, to the
 * stack or to a static object is good in the host alone: so none may lie anywhere in the arena. */

#include "tests/unit/container/config.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/list.h"
#include "launch/host.h"
#include "os/memory.h"

enum {
    ARENA_SIZE = 8 << 20,
    RANGES = 512,
    SHADOW_SIZE = 1 << 30, /* more than this is what sanitizers keep their notes in */
};

static int arena_fd = -1;
static struct host host;

static const char full_config[] =
    "{ 'ociVersion': '1.3.0', 'root': { 'path': 'rootfs', 'readonly': true },"
    "  'hostname': 'name', 'domainname': 'domain', 'annotations': { 'a': 'b' },"
    "  'hooks': { 'prestart': [{ 'path': '/p' }], 'createRuntime': [{ 'path': '/r' }],"
    "    'createContainer': [{ 'path': '/c' }, { 'path': '/d', 'timeout': 3 }],"
    "    'startContainer': [{ 'path': '/s', 'args': ['a', 'b'], 'env': ['X=1'] }],"
    "    'poststart': [{ 'path': '/q' }], 'poststop': [{ 'path': '/t' }] },"
    "  'process': { 'terminal': true, 'args': ['run', 'it', ''],"
    "    'env': ['PATH=/a:/b', 'X=1', 'X=2', 'Y='],"
    "    'cwd': '/work', 'noNewPrivileges': true, 'oomScoreAdj': 3,"
    "    'scheduler': { 'policy': 'SCHED_BATCH', 'flags': ['SCHED_FLAG_RESET_ON_FORK'] },"
    "    'ioPriority': { 'class': 'IOPRIO_CLASS_BE', 'priority': 1 },"
    "    'user': { 'uid': 1, 'gid': 2, 'umask': 18, 'additionalGids': [5, 4, 5] },"
    "    'capabilities': { 'bounding': ['CAP_KILL'], 'permitted': ['CAP_KILL'],"
    "      'effective': ['CAP_KILL'], 'inheritable': ['CAP_KILL'], 'ambient': ['CAP_KILL'] },"
    "    'rlimits': [{ 'type': 'RLIMIT_NOFILE', 'soft': 10, 'hard': 20 },"
    "      { 'type': 'RLIMIT_CORE', 'soft': 0, 'hard': 0 }] },"
    "  'mounts': ["
    "    { 'destination': '/mapped', 'source': 's',"
    "      'options': ['bind', 'idmap=uids=0-1-1;gids=0-1-1'] },"
    "    { 'destination': '/proc', 'type': 'proc', 'source': 'proc', 'options': ['nosuid'] },"
    "    { 'destination': '/dev', 'type': 'tmpfs', 'options': ['mode=755', 'ro', 'strictatime'] },"
    "    { 'destination': '/dev/pts', 'type': 'devpts',"
    "      'options': ['newinstance', 'ptmxmode=0666', 'gid=5'] },"
    "    { 'destination': '/dev/shm', 'type': 'tmpfs' },"
    "    { 'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue' },"
    "    { 'destination': '/sys', 'type': 'sysfs', 'options': ['sync', 'dirsync', 'lazytime'] },"
    "    { 'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'options': ['ro'] },"
    "    { 'destination': '/disk/', 'type': 'ext4', 'source': '/dev/none', 'options': ['ro'] },"
    "    { 'destination': '/bound', 'source': '/etc', 'options': ['rbind', 'rro', 'rslave'] },"
    "    { 'destination': '/bound', 'options': ['bind', 'remount', 'ro'] },"
    "    { 'destination': 'relative', 'type': 'bind', 'source': 'here', 'options': ['bind'] }],"
    "  'linux': {"
    "    'namespaces': [{ 'type': 'pid' }, { 'type': 'mount' }, { 'type': 'ipc' },"
    "      { 'type': 'uts' }, { 'type': 'network' }%s],"
    "    'devices': [{ 'type': 'c', 'path': '/dev/mine', 'major': 1, 'minor': 7 },"
    "      { 'type': 'p', 'path': '/fifo', 'fileMode': 384, 'uid': 1, 'gid': 1 }],"
    "    'resources': { 'devices': [{ 'allow': true, 'type': 'c', 'access': 'r' }],"
    "      'pids': { 'limit': -1 }, 'cpu': { 'quota': -1 } },"
    "    'cgroupsPath': '/tare-test/plan', 'rootfsPropagation': 'slave',"
    "    'personality': { 'domain': 'LINUX32', 'flags': [] },"
    "    'sysctl': { 'kernel.msgmax': '1', 'net.ipv4.ip_forward': '1' },"
    "    'maskedPaths': [%s], 'readonlyPaths': ['/proc/sys'] } }";

static const char small_config[] = "{ 'ociVersion': '1.3.0', 'root': { 'path': 'rootfs' } }";

/* Plans CONFIG in a shared arena, as a command does: all that is decoded lies in it too. */
static struct plan *make_plan(const char *config, enum cgroup_manager manager)
{
    struct launch_request *request;

    memory_close(&arena);
    if (arena_fd >= 0)
        close(arena_fd);
    assert_ok(memory_open_shared(&arena, ARENA_SIZE, &arena_fd));
    request = arena_alloc(&arena, 1, sizeof(*request));
    request->id = arena_string(&arena, "id");
    request->config = decode(config);
    request->bundle = -1;
    request->bundle_path = arena_string(&arena, "/bundle");
    request->cgroup_manager = manager;
    request->terminal.is_foreground = true;

    struct plan *plan = arena_alloc(&arena, 1, sizeof(*plan));
    host = (struct host){ .request = request, .arena = &arena, .arena_fd = arena_fd };
    assert_ok(launch_plan(&host, plan));
    return plan;
}

static bool has_cgroup(void)
{
    return host.cgroup_plan.is_wanted;
}

/* With a cgroup namespace, or with the cgroup bound from the host; masking needs root. */
static struct plan *make_full_plan(bool has_cgroup_namespace)
{
    static char config[sizeof(full_config) + 64];

    if (geteuid() != 0)
        skip();
    snprintf(config, sizeof(config), full_config,
             has_cgroup_namespace ? ", { 'type': 'cgroup' }" : "", "'/proc/kcore', '/etc'");
    return make_plan(config, CGROUP_MANAGER_CGROUPFS);
}

/* What is mapped in this process. */
struct range {
    uint64_t begin, end;
};

static struct range ranges[RANGES];
static size_t range_count;

static void read_ranges(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");

    assert_non_null(maps);
    range_count = 0;
    while (fgets(line, sizeof(line), maps)) {
        char *rest;
        assert_true(range_count < RANGES);
        struct range *range = &ranges[range_count];
        range->begin = strtoull(line, &rest, 16);
        range->end = strtoull(rest + 1, NULL, 16);
        bool is_shadow = range->end - range->begin > SHADOW_SIZE;
        if (range->begin != (uintptr_t) arena.base && !is_shadow)
            range_count++;
    }
    fclose(maps);
}

/* The end of the arena may be where something else begins. */
static bool is_foreign(uint64_t word)
{
    if (word == (uintptr_t) arena.base + arena.size)
        return false;
    for (size_t i = 0; i < range_count; i++)
        if (word >= ranges[i].begin && word < ranges[i].end)
            return true;
    return false;
}

/* The first word of the arena that would be an address in this process, but outside of the arena;
 * NULL if there is none. */
static const char *find_foreign(void)
{
    read_ranges();
    for (const char *at = arena.base; at < arena.base + arena.used; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        if (is_foreign(word))
            return at;
    }
    return NULL;
}

static void assert_self_contained(const struct plan *plan)
{
    const char *found = find_foreign();
    uint64_t word;

    if (!found)
        return;
    memcpy(&word, found, sizeof(word));
    fail_msg("offset %zd of the arena (the plan is at %zd to %zd): %p is outside of it: \"%.30s\"",
             found - arena.base, (const char *) plan - arena.base,
             (const char *) (plan + 1) - arena.base, (void *) word, (const char *) word);
}

static void has_no_pointer_out_of_the_arena(void **state)
{
    (void) state;
    assert_self_contained(make_full_plan(true));
    assert_self_contained(make_full_plan(false));
    assert_self_contained(make_plan(small_config, CGROUP_MANAGER_DISABLED));
}

/* The test above can fail. */
static void such_a_pointer_is_found(void **state)
{
    const char on_stack[] = "x";
    struct plan *plan = make_plan(small_config, CGROUP_MANAGER_DISABLED);
    const char *const foreign[] = { "literal", on_stack, (const char *) &host, memory };

    (void) state;
    for (size_t i = 0; i < LENGTH(foreign); i++) {
        assert_null(find_foreign());
        plan->cwd = foreign[i];
        assert_ptr_equal(find_foreign(), &plan->cwd);
        plan->cwd = NULL;
    }
}

/* What the search above has searched: all of it is there. */
static void has_all_that_the_config_asks(void **state)
{
    (void) state;
    for (int has_namespace = 0; has_namespace < 2; has_namespace++) {
        const struct plan *plan = make_full_plan(has_namespace);
        int kinds[MOUNT_KIND_NONE + 1] = { 0 }, by_host = 0, of_cgroup = 0;

        for (uint32_t i = 0; i < plan->mounts.n; i++) {
            kinds[plan->mounts.v[i].kind]++;
            by_host += plan->mounts.v[i].is_made_by_host;
            of_cgroup += plan->mounts.v[i].is_cgroup;
        }
        assert_int_equal(plan->mounts.n, 12);
        assert_int_equal(kinds[MOUNT_KIND_BIND], has_namespace ? 3 : 4);
        assert_int_equal(kinds[MOUNT_KIND_REMOUNT], 1);
        assert_int_equal(by_host, 1);
        assert_int_equal(plan->mounts.idmap_count, 1);
        assert_int_equal(of_cgroup, !has_namespace);
        assert_int_equal(plan->devices.n, 8);
        assert_int_equal(plan->sysctl.n, 2);
        assert_int_equal(plan->masked_paths.masked_count, 2);
        assert_int_equal(plan->masked_paths.read_only_count, 1);
        assert_int_equal(plan->user.group_count, 2);
        assert_int_equal(plan->rlimits.n, 2);
        assert_int_equal(plan->environment.n, 3);
        assert_string_equal(plan->environment.path, "/a:/b");
        assert_true(plan->has_keyring);
        assert_true(plan->terminal.is_wanted && plan->terminal.is_relayed);
        assert_int_equal(plan->terminal.socket, -1);
        assert_true(plan->console.is_wanted);
        assert_string_equal(plan->hostname.domainname, "domain");
        assert_string_equal(plan->cwd, "/work");
        assert_int_equal(plan->hooks.create_container.n, 2);
        assert_int_equal(plan->hooks.create_container.v[1].seconds, 3);
        assert_string_equal(plan->hooks.poststop.v[0].path, "/t");
        assert_true(plan->rootfs.stays_in_place);
        assert_string_equal(host.record.hooks->poststop.v[0]->path, "/t");
        assert_null(host.record.hooks->prestart.v);
        assert_true(has_cgroup() && host.device_rules.program);
    }
}

static bool is_kept(const struct plan *plan, const void *begin, size_t size)
{
    return (const char *) begin >= plan->kept && (const char *) begin + size <= plan->kept_end;
}

static void assert_kept_string(const struct plan *plan, const char *string)
{
    assert_true(is_kept(plan, string, 1));
    assert_true(is_kept(plan, string, strlen(string) + 1));
}

static void assert_pages(const struct plan *plan)
{
    uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);

    assert_int_equal((uintptr_t) plan->kept % page, 0);
    assert_int_equal((uintptr_t) plan->kept_end % page, 0);
    assert_ptr_equal(plan->arena, arena.base);
    assert_ptr_equal(plan->arena_end, arena.base + arena.size);
    assert_true(plan->arena <= plan->kept && plan->kept <= plan->kept_end);
    assert_true(plan->kept_end <= plan->arena_end);
}

/* Whoever waits for `start` has nothing else left of the arena. */
static void keeps_what_is_executed(void **state)
{
    const struct plan *plan = make_full_plan(true);
    uint32_t args = 0;

    (void) state;
    assert_pages(plan);
    while (plan->args[args])
        assert_kept_string(plan, plan->args[args++]);
    assert_int_equal(args, 3);
    assert_true(is_kept(plan, plan->args, (args + 1) * sizeof(*plan->args)));

    const struct environment_plan *environment = &plan->environment;
    assert_true(environment->lacks_home);
    assert_true(is_kept(plan, environment->v, (environment->n + 2) * sizeof(*environment->v)));
    assert_null(environment->v[environment->n]); /* for HOME */
    assert_null(environment->v[environment->n + 1]);
    for (uint32_t i = 0; i < environment->n; i++)
        assert_kept_string(plan, environment->v[i]);

    const struct rlimits_plan *rlimits = &plan->rlimits;
    assert_true(is_kept(plan, rlimits->v, rlimits->n * sizeof(*rlimits->v)));
    for (uint32_t i = 0; i < rlimits->n; i++)
        assert_kept_string(plan, rlimits->v[i].name);

    const struct hook_list *hooks = &plan->hooks.start_container;
    assert_int_equal(hooks->n, 1);
    assert_true(is_kept(plan, hooks->v, sizeof(*hooks->v)));
    assert_kept_string(plan, hooks->v->field);
    assert_kept_string(plan, hooks->v->path);
    assert_true(is_kept(plan, hooks->v->args, 3 * sizeof(*hooks->v->args)));
    assert_true(is_kept(plan, hooks->v->env, 2 * sizeof(*hooks->v->env)));
    assert_kept_string(plan, hooks->v->args[1]);
    assert_kept_string(plan, hooks->v->env[0]);
    assert_null(hooks->v->args[2]);
    assert_null(hooks->v->env[1]);
    assert_kept_string(plan, plan->hooks.state.before);
    assert_kept_string(plan, plan->hooks.state.after);
}

/* The plan itself is copied, but what else a waiting init no longer needs is not in its way. */
static void keeps_nothing_else(void **state)
{
    const struct plan *plan = make_full_plan(true);

    (void) state;
    assert_false(is_kept(plan, plan, 1));
    assert_false(is_kept(plan, plan->mounts.v, 1));
    assert_true(plan->kept_end - plan->kept <= 2 * sysconf(_SC_PAGESIZE));
}

static void keeps_nothing_of_a_config_without_a_process(void **state)
{
    const struct plan *plan = make_plan(small_config, CGROUP_MANAGER_DISABLED);

    (void) state;
    assert_pages(plan);
    assert_false(plan->has_process);
    assert_null(plan->args);
    assert_int_equal(plan->listener, LISTENER_IS_WANTED);
    assert_false(plan->has_cgroup);
    assert_int_equal(plan->namespaces.created, 0);
}

/* A child without the host's memory but for the arena's file, mapped as init maps it. */
static void is_the_same_from_another_mapping(void **state)
{
    const struct plan *plan = make_full_plan(true);
    size_t used = arena.used;
    char *again = mmap(NULL, arena.size, PROT_READ, MAP_PRIVATE, arena_fd, 0);

    (void) state;
    assert_true(again != MAP_FAILED);
    assert_memory_equal(again, arena.base, used);
    assert_true((const char *) plan >= arena.base && (const char *) plan < arena.base + used);
    assert_ptr_equal(mmap(NULL, arena.size, PROT_READ | PROT_WRITE, MAP_SHARED, arena_fd, 0),
                     MAP_FAILED);
    munmap(again, arena.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_no_pointer_out_of_the_arena),
        cmocka_unit_test(such_a_pointer_is_found),
        cmocka_unit_test(has_all_that_the_config_asks),
        cmocka_unit_test(keeps_what_is_executed),
        cmocka_unit_test(keeps_nothing_else),
        cmocka_unit_test(keeps_nothing_of_a_config_without_a_process),
        cmocka_unit_test(is_the_same_from_another_mapping),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
