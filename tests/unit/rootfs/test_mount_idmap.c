/* SPDX-License-Identifier: Apache-2.0 */
/* Idmapped mounts: what is planned, what is refused, and mappings in the option itself. */

#include "tests/unit/rootfs/container.h"

#include "rootfs/mount_idmap.h"

#define CONFIG(mounts) "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'mounts':[" mounts "]}"

static struct error *plan(const char *json, const struct mounts_context *context,
                          struct mounts_plan *result)
{
    const struct oci_config *config = container_read(json);
    assert_non_null(config);
    return mounts_plan(&config->mounts, context, &container_arena, result);
}

#define MAPPINGS                                                                                   \
    "'uidMappings':[{'containerID':0,'hostID':1,'size':1}],"                                       \
    "'gidMappings':[{'containerID':0,'hostID':1,'size':1}]"

static const struct mounts_context idmaps_alone = { .has_cgroup = true },
                                   idmaps_in_user_namespace = { .has_cgroup = true,
                                                                .has_user_namespace = true,
                                                                .is_in_user_namespace = true },
                                   idmaps_of_plain_user = { .has_cgroup_namespace = true,
                                                            .has_cgroup = true,
                                                            .has_user_namespace = true,
                                                            .is_in_user_namespace = true,
                                                            .is_opened_inside = true };

static void test_plan_of_idmaps(void **context)
{
    (void) context;
    static const struct {
        const char *mount;
        const struct mounts_context *context;
        enum mount_idmap idmap;
        bool is_recursive;
    } rows[] = {
        { "'type':'tmpfs'", &idmaps_in_user_namespace, MOUNT_IDMAP_NONE, false },
        { "'type':'tmpfs','uidMappings':[]", &idmaps_alone, MOUNT_IDMAP_NONE, false },
        { "'type':'tmpfs'," MAPPINGS, &idmaps_alone, MOUNT_IDMAP_OWN, false },
        { "'type':'tmpfs','options':['ridmap']," MAPPINGS, &idmaps_alone, MOUNT_IDMAP_OWN, true },
        { "'type':'tmpfs','options':['ridmap,idmap']," MAPPINGS, &idmaps_alone, MOUNT_IDMAP_OWN,
          false },
        { "'type':'tmpfs','options':['idmap']", &idmaps_in_user_namespace, MOUNT_IDMAP_CONTAINER,
          false },
        { "'type':'overlay','options':['idmap']," MAPPINGS, &idmaps_in_user_namespace,
          MOUNT_IDMAP_OWN, false },
        { "'source':'s','options':['rbind','ridmap']", &idmaps_in_user_namespace,
          MOUNT_IDMAP_CONTAINER, true },
        { "'source':'s','type':'proc','options':['bind']," MAPPINGS, &idmaps_alone, MOUNT_IDMAP_OWN,
          false },
        { "'type':'tmpfs','options':['idmap']", &idmaps_of_plain_user, MOUNT_IDMAP_NONE, false },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char json[512];
        struct mounts_plan result;
        snprintf(json, sizeof(json), CONFIG("{'destination':'/a',%s}"), rows[i].mount);
        assert_null(plan(json, rows[i].context, &result));
        const struct mount_plan *mount = &result.v[0];
        bool is_mapped = rows[i].idmap != MOUNT_IDMAP_NONE;
        if (mount->idmap != rows[i].idmap || mount->is_idmap_recursive != rows[i].is_recursive)
            fail_msg("%s", rows[i].mount);
        assert_int_equal(result.idmap_count, is_mapped);
        assert_int_equal(mount->is_made_by_host, is_mapped && mount->kind == MOUNT_KIND_NEW);
        assert_false(mount->is_made_early);
        for (uint32_t j = 0; j < mount->filesystem.option_count; j++)
            assert_null(strstr(mount->filesystem.options[j], "idmap"));
    }
}

static void test_plan_refuses_idmaps(void **context)
{
    (void) context;
    static const struct {
        const char *mount;
        const struct mounts_context *context;
        enum error_code code;
        const char *field;
    } rows[] = {
        { "'type':'tmpfs','options':['ro','idmap']", &idmaps_alone, ERROR_CONFIG, "options[1]" },
        { "'type':'tmpfs','options':['ro,ridmap']", &idmaps_alone, ERROR_CONFIG, "options[0]" },
        { "'type':'proc'," MAPPINGS, &idmaps_alone, ERROR_UNSUPPORTED, "uidMappings" },
        { "'type':'devpts','options':['idmap']", &idmaps_in_user_namespace, ERROR_UNSUPPORTED,
          "options[0]" },
        { "'type':'cgroup','options':['idmap']", &idmaps_in_user_namespace, ERROR_UNSUPPORTED,
          "options[0]" },
        { "'options':['remount','idmap']," MAPPINGS, &idmaps_alone, ERROR_CONFIG, "options[1]" },
        { "'source':'s','options':['bind','idmap']", &idmaps_of_plain_user, ERROR_UNSUPPORTED,
          "options[1]" },
        { "'type':'tmpfs'," MAPPINGS, &idmaps_of_plain_user, ERROR_UNSUPPORTED, "uidMappings" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char json[512], field[64];
        struct mounts_plan result;
        snprintf(json, sizeof(json), CONFIG("{'destination':'/a',%s}"), rows[i].mount);
        snprintf(field, sizeof(field), "mounts[0].%s", rows[i].field);
        struct error *error = plan(json, rows[i].context, &result);
        if (!error || error->code != rows[i].code || strcmp(error->field, field))
            fail_msg("%s: %s", rows[i].mount, error ? error->text : "taken");
        error_forget(error);
    }
}

/* ---- mappings in the option itself ---- */

static struct error *parse(const char *text, struct mount_idmap_lists *lists)
{
    container_reset();
    return mount_idmap_parse(text, "mounts[0].options[1]", &container_arena, lists);
}

static const char *print(const struct mount_idmap_list *list)
{
    static char text[256];
    text[0] = '\0';
    for (uint32_t i = 0; i < list->ids.n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u:%u:%u;",
                 list->are_relative[i] ? "@" : "", list->ids.v[i]->container_id,
                 list->ids.v[i]->host_id, list->ids.v[i]->size);
    return text;
}

static void test_lists(void **context)
{
    (void) context;
    static const struct {
        const char *text, *uids, *gids;
    } rows[] = {
        { "uids=0-1-10#10-11-10;gids=0-100-10", "0:1:10;10:11:10;", "0:100:10;" },
        { "gids=@1-3-10#0-0-1;uids=0-4294967294-1", "0:4294967294:1;", "@1:3:10;0:0:1;" },
        { "uids=0-0-0#@0-0-0;gids=4294967295-0-4294967295;", "0:0:0;@0:0:0;",
          "4294967295:0:4294967295;" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mount_idmap_lists lists;
        struct error *error = parse(rows[i].text, &lists);
        if (error)
            fail_msg("%s: %s", rows[i].text, error->text);
        assert_string_equal(print(&lists.uids), rows[i].uids);
        assert_string_equal(print(&lists.gids), rows[i].gids);
    }
}

static void test_no_lists(void **context)
{
    (void) context;
    static const char *const rows[] = {
        "",
        "uids=0-1-10",
        "gids=0-1-10",
        "uids=;gids=0-1-1",
        "uids=0-1;gids=0-1-1",
        "uids=0-1-1-1;gids=0-1-1",
        "uids=0-1-1#;gids=0-1-1",
        "uids=0-1-1 ;gids=0-1-1",
        "uids=0-1-1;;gids=0-1-1",
        "uids=0-1-1;gids=0-1-1;uids=1-2-1",
        "uids=0-1-1;gids=0-1-1;pids=1-2-1",
        "uids=-1-1-1;gids=0-1-1",
        "uids=0-1-4294967296;gids=0-1-1",
        "uids=@@0-1-1;gids=0-1-1",
        "uids=0-@1-1;gids=0-1-1",
        "uids=00000000000000-1-1;gids=0-1-1",
        "uid=0-1-1;gids=0-1-1",
        "uids",
        "gids=0-1-1;uids=0-",
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mount_idmap_lists lists = { .uids.ids.n = 77 };
        struct error *error = parse(rows[i], &lists);
        if (!error)
            fail_msg("'%s' is taken", rows[i]);
        assert_int_equal(error->code, ERROR_CONFIG);
        assert_string_equal(error->field, "mounts[0].options[1]");
        assert_string_not_equal(error->hint, "");
        assert_int_equal(lists.uids.ids.n, 77);
        error_forget(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTAINER_TEST("[M10] [M13] [MO48] [MO51] plans", test_plan_of_idmaps),
        CONTAINER_TEST("[MO52] refuses", test_plan_refuses_idmaps),
        CONTAINER_TEST("[MO48] lists of mappings", test_lists),
        CONTAINER_TEST("[MO48] what is none", test_no_lists),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rootfs/mount_idmap", tests, NULL, NULL);
}
