/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[].options: reads the words of one entry.  What surprises: a mode of atime is not a flag
 * but a field of several bits, so that to set one is to clear the others. */

#include "rootfs/mount_words.h"

#include <string.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/mount.h"
#include "os/mount_attributes.h"
#include "rootfs/mount_options.h"

static const char make_directory[] = "X-mount.mkdir";

static void merge(struct mount_change *change, const struct mount_option *option)
{
    change->set = (change->set & ~option->clear) | option->set;
    change->clear =
        (change->clear | option->clear) & ~(option->set & ~(uint64_t) MOUNT_ATTR__ATIME);
}

static void set_propagation(struct mount_words *words, uint64_t asked)
{
    bool is_recursive = asked & MS_REC;
    words->change.propagation = is_recursive ? 0 : asked;
    words->recursive_change.propagation = is_recursive ? asked & ~(uint64_t) MS_REC : 0;
}

static void apply(struct mount_words *words, const struct mount_option *option, uint32_t i)
{
    switch (option->action) {
    case MOUNT_OPTION_ATTRIBUTE:
        merge(&words->change, option);
        break;
    case MOUNT_OPTION_RECURSIVE:
        merge(&words->recursive_change, option);
        break;
    case MOUNT_OPTION_SUPERBLOCK:
        words->superblock = (words->superblock & ~option->clear) | option->set;
        break;
    case MOUNT_OPTION_PROPAGATION:
        set_propagation(words, option->set);
        break;
    case MOUNT_OPTION_BIND:
        words->is_bind = true;
        words->is_recursive_bind |= (option->set & MS_REC) != 0;
        break;
    case MOUNT_OPTION_REMOUNT:
        words->is_remount = true;
        break;
    case MOUNT_OPTION_COPY_UP:
        words->copies_up = true;
        break;
    case MOUNT_OPTION_NOTHING:
        break;
    case MOUNT_OPTION_IDMAP:
        words->has_idmap = true;
        words->is_idmap_recursive = option->set & MS_REC;
        words->idmap_text = NULL;
        words->idmap_option = i;
        break;
    case MOUNT_OPTION_NO_FAIL:
        words->may_be_missing = true;
        break;
    }
}

static uint32_t count_words(const struct oci_mount *mount)
{
    struct oci_mount_word word = { 0 };
    uint32_t count = 0;
    while (oci_mount_next_word(mount, &word))
        count++;
    return count;
}

/* Copied into the arena, where init finds them. */
static fallible add_flags(struct mount_words *words, struct arena *arena)
{
    for (size_t i = 0; i < mount_option_count; i++) {
        const struct mount_option *option = &mount_options[i];
        if (!option->flag || !(words->superblock & option->set))
            continue;
        uint32_t next = words->data_count + words->flag_count++;
        try_print(words->data[next], arena, "%s", option->flag);
    }
    return OK;
}

/* "X-mount.mkdir=0700"; without a mode it asks for what is done anyway. */
static bool read_directory_mode(const char *word, uint32_t *mode)
{
    const char *digit = word + strlen(make_directory);
    uint32_t value = 0;
    if (!*digit)
        return true;
    if (*digit++ != '=' || !*digit)
        return false;
    for (; *digit >= '0' && *digit <= '7' && value <= 07777; digit++)
        value = value * 8 + (uint32_t) (*digit - '0');
    *mode = value;
    return !*digit && value <= 07777;
}

/* What mount(8) itself would act on. */
static fallible read_request(const char *word, const char *place, struct mount_words *words)
{
    if (text_starts(word, make_directory)) {
        if (read_directory_mode(word, &words->directory_mode))
            return OK;
        return error_config(place, "'%s' has no octal mode up to 7777", word);
    }
    struct error *error = error_unsupported(place, "'%s' is not supported", word);
    if (text_starts(word, "X-mount.idmap"))
        return error_hint(error, "the ids belong into uidMappings and gidMappings");
    return error;
}

/* "idmap=MAPPINGS" */
static bool is_idmap(const char *word, uint32_t i, struct mount_words *words)
{
    bool is_recursive = text_starts(word, "ridmap=");
    if (!is_recursive && !text_starts(word, "idmap="))
        return false;
    words->has_idmap = true;
    words->is_idmap_recursive = is_recursive;
    words->idmap_option = i;
    words->idmap_text = strchr(word, '=') + 1;
    return true;
}

static bool is_note(const char *word)
{
    bool is_request = text_starts(word, "X-mount.");
    return text_starts(word, "x-") || (text_starts(word, "X-") && !is_request) ||
           text_starts(word, "comment=");
}

static fallible read_word(const char *word, uint32_t i, const char *field, struct arena *arena,
                          struct mount_words *words)
{
    const struct mount_option *option = mount_option_find(word);
    if (option)
        apply(words, option, i);
    if (option || is_note(word) || is_idmap(word, i, words))
        return OK;
    if (text_starts(word, "X-mount.")) {
        const char *place;
        try_print(place, arena, "%s.options[%u]", field, i);
        return read_request(word, place, words);
    }
    words->data[words->data_count++] = word;
    return OK;
}

fallible mount_words_read(const struct oci_mount *mount, const char *field, struct arena *arena,
                          struct mount_words *words)
{
    struct oci_mount_word word = { 0 };
    struct mount_words result = { .directory_mode = 0755 };
    try_new(result.data, arena, count_words(mount) + mount_option_count);
    while (oci_mount_next_word(mount, &word)) {
        const char *text = arena_copy(arena, word.text, word.length);
        if (!text)
            return allocate_failed();
        try(read_word(text, word.option, field, arena, &result));
    }
    try(add_flags(&result, arena));
    *words = result;
    return OK;
}
