/* A store in a folder of its own, with devices and tags. */
#ifndef TAGFERRY_TESTS_STORE_FIXTURE_H
#define TAGFERRY_TESTS_STORE_FIXTURE_H

#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/model/fields.h"
#include "api/store/record_store.h"
#include "api/store/store.h"

enum { STORE_PATH_SIZE = 300 };

/* A folder, its path and that of a store in it. */
struct store_folder {
    char path[64], database[STORE_PATH_SIZE];
};

static inline void store_folder_make(struct store_folder *folder)
{
    snprintf(folder->path, sizeof folder->path, "/tmp/tagferry-store-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->database, sizeof folder->database, "%s/store.db", folder->path);
}

/* Removes the folder with its files. Returns their number. */
static inline size_t store_folder_remove(const struct store_folder *folder)
{
    char path[600];
    size_t count = 0;
    DIR *files = opendir(folder->path);
    assert_non_null(files);
    for (struct dirent *file; (file = readdir(files));) {
        snprintf(path, sizeof path, "%s/%s", folder->path, file->d_name);
        count += unlink(path) == 0;
    }
    closedir(files);
    assert_int_equal(rmdir(folder->path), 0);
    return count;
}

static inline struct store *store_open_well(const char *path, enum store_mode mode)
{
    char why[600] = "";
    struct store *store = store_open(path, mode, why, sizeof why);
    if (!store)
        fail_msg("%s: %s", path, why);
    return store;
}

/* The first column of the first row, as a text; "" for NULL. */
static inline const char *store_read_text(struct store *store, const char *sql, struct arena *arena)
{
    struct query query = store_prepare_query(store, sql);
    const char *text = query_next_row(&query) ? query_read_text(&query, arena) : NULL;
    query_finish(&query);
    return text ? text : "";
}

static inline int64_t store_take_slot(struct store *store)
{
    int64_t slot = store_query_integer(store, "SELECT next_slot FROM store");
    store_execute_integers(store, "UPDATE store SET next_slot = next_slot + 1", NULL, 0);
    return slot;
}

static inline struct record store_add_device(struct store *store, const char *name,
                                             const char *topic)
{
    struct record device = {.slot = store_take_slot(store),
                            .revision = store_raise_revision(store),
                            .created_ms = 1000,
                            .updated_ms = 2000};
    record_set_defaults(&device_resource, NULL, &device);
    device.cells[DEVICE_NAME] = (struct cell){.kind = CELL_TEXT, .as.text = name};
    device.cells[DEVICE_TOPIC] = (struct cell){.kind = CELL_TEXT, .as.text = topic};
    record_store_insert(store, &device_resource, &device);
    return device;
}

static inline struct record store_add_tag(struct store *store, const struct record *device,
                                          const char *name, int64_t address)
{
    struct record tag = {.slot = store_take_slot(store),
                         .revision = store_raise_revision(store),
                         .created_ms = 3000,
                         .updated_ms = 4000,
                         .device_id = device->id,
                         .device = device->cells[DEVICE_NAME].as.text};
    record_set_defaults(&tag_resource, NULL, &tag);
    tag.cells[TAG_NAME] = (struct cell){.kind = CELL_TEXT, .as.text = name};
    tag.cells[TAG_KEY] = (struct cell){.kind = CELL_TEXT, .as.text = name};
    tag.cells[TAG_TABLE] = (struct cell){.kind = CELL_TEXT, .as.text = "holding_register"};
    tag.cells[TAG_TYPE] = (struct cell){.kind = CELL_TEXT, .as.text = "uint16"};
    tag.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    record_store_insert(store, &tag_resource, &tag);
    return tag;
}

#endif
