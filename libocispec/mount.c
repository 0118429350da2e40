/* SPDX-License-Identifier: Apache-2.0 */
/* `root` and `mounts` of config.json, and the id mappings that mounts share with user namespaces.
 */
#include "libocispec/mount.h"

#include <string.h>

static const struct oci_field idmap_fields[] = {
    OCI_FIELD(oci_idmap, container_id, "containerID", U32, REQ),
    OCI_FIELD(oci_idmap, host_id, "hostID", U32, REQ),
    OCI_FIELD(oci_idmap, size, "size", U32, REQ),
};
const struct oci_schema oci_idmap_schema = OCI_SCHEMA(oci_idmap, idmap_fields);

static const struct oci_field root_fields[] = {
    OCI_FIELD(oci_root, path, "path", STR, REQ),
    OCI_FIELD(oci_root, readonly, "readonly", BOOL, OPT),
};
const struct oci_schema oci_root_schema = OCI_SCHEMA(oci_root, root_fields);

static const struct oci_field mount_fields[] = {
    OCI_FIELD(oci_mount, destination, "destination", STR, REQ),
    OCI_FIELD(oci_mount, type, "type", STR, OPT),
    OCI_FIELD(oci_mount, source, "source", STR, OPT),
    OCI_FIELD(oci_mount, options, "options", STRS, OPT),
    OCI_FIELD_OF(oci_mount, uid_mappings, "uidMappings", ARR, oci_idmap, OPT),
    OCI_FIELD_OF(oci_mount, gid_mappings, "gidMappings", ARR, oci_idmap, OPT),
};
const struct oci_schema oci_mount_schema = OCI_SCHEMA(oci_mount, mount_fields);

/* A backslash stays in the word, as the kernel wants it. */
static size_t word_length(const char *text)
{
    size_t length = 0;
    while (text[length] && text[length] != ',')
        length += text[length] == '\\' && text[length + 1] ? 2 : 1;
    return length;
}

bool oci_mount_next_word(const struct oci_mount *mount, struct oci_mount_word *word)
{
    const struct oci_string_array *options = &mount->options;
    const char *text = word->text ? word->text + word->length : NULL;

    for (uint32_t i = word->option; i < options->n; i++) {
        if (!text)
            text = options->v[i];
        text += strspn(text, ",");
        if (*text) {
            *word = (struct oci_mount_word){ i, text, word_length(text) };
            return true;
        }
        text = NULL;
    }
    return false;
}

bool oci_mount_is_word(const struct oci_mount_word *word, const char *name)
{
    return strlen(name) == word->length && !strncmp(word->text, name, word->length);
}

bool oci_mount_has_word(const struct oci_mount *mount, const char *name)
{
    struct oci_mount_word word = { 0 };

    while (oci_mount_next_word(mount, &word))
        if (oci_mount_is_word(&word, name))
            return true;
    return false;
}

/* A path from its end: END is how much of it has not been read. */
struct path_end {
    const char *path;
    size_t end;
};

/* The last name that counts: that is not empty, not "." and not taken back by ".."; its length is 0
 * when there is none. */
static const char *last_name(struct path_end *at, size_t *length)
{
    size_t taken_back = 0;

    while (at->end > 0) {
        size_t begin = at->end;
        while (begin > 0 && at->path[begin - 1] != '/')
            begin--;
        const char *name = at->path + begin;
        *length = at->end - begin;
        at->end = begin - (begin > 0);
        if (*length == 2 && !strncmp(name, "..", 2))
            taken_back++;
        else if (*length > 0 && (*length > 1 || *name != '.') && !taken_back)
            return name;
        else if (*length > 0 && (*length > 1 || *name != '.'))
            taken_back--;
    }
    *length = 0;
    return at->path;
}

bool oci_mount_is_at(const struct oci_mount *mount, const char *place)
{
    const char *destination = mount->destination ? mount->destination : "";
    struct path_end one = { destination, strlen(destination) }, other = { place, strlen(place) };
    size_t length, other_length;

    do {
        const char *name = last_name(&one, &length), *other_name = last_name(&other, &other_length);
        if (length != other_length || strncmp(name, other_name, length))
            return false;
    } while (length > 0);
    return true;
}
