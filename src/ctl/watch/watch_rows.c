#include "ctl/watch/watch_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/json_cursor.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"

const char *const watch_quality_names[WATCH_QUALITY_COUNT] = {"good", "stale", "bad", "never"};
const char *const watch_sort_names[WATCH_SORT_COUNT] = {"name", "quality", "age", "change"};

enum { WATCH_EARLY_MAX = 16 << 20 };

static enum watch_quality watch_find_quality(const char *name)
{
    for (int i = 0; i < WATCH_QUALITY_COUNT; i++) {
        if (strcmp(watch_quality_names[i], name) == 0)
            return (enum watch_quality)i;
    }
    return WATCH_NEVER;
}

static char *watch_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(keep_malloc(size), text, size);
}

static int watch_compare_names(const void *a, const void *b)
{
    return strcmp(((const struct watch_row *)a)->name, ((const struct watch_row *)b)->name);
}

static struct watch_row *watch_find_row(const struct watch_row *rows, size_t count, char *name)
{
    const struct watch_row wanted = {.name = name};
    return count ? bsearch(&wanted, rows, count, sizeof *rows, watch_compare_names) : NULL;
}

static void watch_row_finish(struct watch_row *row)
{
    free(row->name);
    free(row->unit);
    free(row->value);
}

/* Keeps a value, up to some megabytes. */
static void watch_keep_early(struct watch_rows *rows, struct text_span text)
{
    if (rows->early_len + text.len + 2 > WATCH_EARLY_MAX)
        return;
    if (rows->early_room - rows->early_len < text.len + 2) {
        rows->early_room = (rows->early_len + text.len + 2) * 2;
        rows->early = keep_realloc(rows->early, rows->early_room);
    }
    if (rows->early_len == 0)
        rows->early[rows->early_len++] = '[';
    memcpy(rows->early + rows->early_len, text.text, text.len);
    rows->early_len += text.len;
    rows->early[rows->early_len++] = ',';
}

/* Takes the values that came early. */
static void watch_take_early(struct watch_rows *rows, int64_t now_ms)
{
    size_t len = rows->early_len;
    rows->keeps_early = false;
    rows->early_len = 0;
    if (len == 0)
        return;
    rows->early[len - 1] = ']';
    watch_rows_take_values(rows, rows->early, len, now_ms);
}

/* True if the name is one of those in a list with commas; also where there is no list. */
static bool watch_list_has(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return !list;
}

/* Makes the row of a tag. False if its device is not watched. */
static bool watch_make_row(const struct watch_rows *rows, const cJSON *tag, struct watch_row *row)
{
    const char *device = json_read_text(tag, "device"), *name = json_read_text(tag, "name");
    if (!watch_list_has(rows->devices, device))
        return false;
    size_t size = strlen(device) + strlen(name) + 2;
    *row = (struct watch_row){.quality = WATCH_NEVER, .age_ms = -1};
    row->name = keep_malloc(size);
    snprintf(row->name, size, "%s/%s", device, name);
    row->unit = watch_copy_text(json_read_text(tag, "unit"));
    snprintf(row->address, sizeof row->address, "%s", json_read_text(tag, "modbus.modicon"));
    return true;
}

/* Moves the value of the old row of that name, if there is one, to the new row. */
static void watch_move_value(const struct watch_rows *rows, struct watch_row *row)
{
    struct watch_row *old = watch_find_row(rows->rows, rows->count, row->name);
    if (!old || !old->value)
        return;
    struct watch_row merged = *old;
    merged.name = row->name;
    merged.unit = row->unit;
    memcpy(merged.address, row->address, sizeof merged.address);
    *row = merged;
    old->value = NULL;
}

void watch_rows_take_tags(struct watch_rows *rows, const struct pages *tags, int64_t now_ms)
{
    struct watch_row *fresh = keep_malloc((tags->count + 1) * sizeof *fresh);
    size_t count = 0;
    for (size_t i = 0; i < tags->count; i++)
        count += watch_make_row(rows, tags->items[i], &fresh[count]);
    qsort(fresh, count, sizeof *fresh, watch_compare_names);
    for (size_t i = 0; i < count; i++)
        watch_move_value(rows, &fresh[i]);
    for (size_t i = 0; i < rows->count; i++)
        watch_row_finish(&rows->rows[i]);
    free(rows->rows);
    rows->rows = fresh;
    rows->count = count;
    rows->shown = keep_realloc(rows->shown, (rows->count + 1) * sizeof(struct watch_row *));
    rows->shown_count = 0;
    watch_take_early(rows, now_ms);
}

/* Stores the text of a value. True if it was another one. */
static bool watch_set_value(struct watch_row *row, const char *text)
{
    size_t size = strlen(text) + 1;
    if (row->value && strcmp(row->value, text) == 0)
        return false;
    if (size > row->value_room || !row->value) {
        row->value_room = size * 2;
        row->value = keep_realloc(row->value, row->value_room);
    }
    memcpy(row->value, text, size);
    return true;
}

/* Takes a value. `text` is the JSON of the whole, as the server has written it. */
static void watch_take_value(struct watch_rows *rows, const cJSON *value, struct text_span text,
                             int64_t now_ms)
{
    char name[256], number[64];
    const cJSON *content = json_read_member(value, "value");
    const cJSON *age = json_read_member(value, "age_ms");
    if ((size_t)snprintf(name, sizeof name, "%s/%s", json_read_text(value, "device"),
                         json_read_text(value, "tag")) >= sizeof name)
        return;
    struct watch_row *row = watch_find_row(rows->rows, rows->count, name);
    if (!row && rows->keeps_early)
        watch_keep_early(rows, text);
    if (!row)
        return;
    enum watch_quality quality = watch_find_quality(json_read_text(value, "quality"));
    const char *reason = json_read_text(value, "reason");
    const char *shown = json_value_text(content);
    if (content && cJSON_IsNumber(content)) { /* its own digits */
        struct json_cursor object = {text.text, text.text + text.len}, member;
        json_cursor_find_member(&object, (struct text_span){"value", 5}, &member);
        struct text_span word = json_cursor_read_word(&member);
        snprintf(number, sizeof number, "%.*s", (int)word.len, word.text);
        shown = number;
    }
    bool is_new = !row->value;
    bool has_changed = watch_set_value(row, shown);
    has_changed = has_changed || quality != row->quality || strcmp(row->reason, reason) != 0;
    row->quality = quality;
    snprintf(row->reason, sizeof row->reason, "%s", reason);
    row->age_ms = age && cJSON_IsNumber(age) ? age->valuedouble : -1;
    row->arrived_ms = now_ms;
    row->messages = json_read_number(value, "messages");
    row->rejects = json_read_number(value, "rejects");
    if (has_changed && !is_new)
        row->changed_ms = now_ms;
    if (has_changed && rows->on_change)
        rows->on_change(rows->context, row, text.text, text.len);
}

void watch_rows_take_values(struct watch_rows *rows, const char *json, size_t len, int64_t now_ms)
{
    struct json_cursor at = {json, json + len};
    size_t wrong_at;
    if (!json_text_is_valid(json, len, &wrong_at) || json_cursor_skip_space(&at) != '[')
        return;
    for (bool has_more = json_cursor_enter(&at); has_more; has_more = json_cursor_has_more(&at)) {
        json_cursor_skip_space(&at);
        const char *begin = at.at;
        json_cursor_skip_value(&at);
        struct text_span text = {begin, (size_t)(at.at - begin)};
        void *mark = keep_mark();
        cJSON *value = cJSON_ParseWithLength(text.text, text.len);
        if (value)
            watch_take_value(rows, value, text, now_ms);
        cJSON_Delete(value);
        keep_release(mark);
    }
}

double watch_row_age(const struct watch_row *row, int64_t now_ms)
{
    return row->age_ms < 0 ? -1 : row->age_ms + (double)(now_ms - row->arrived_ms);
}

static bool watch_row_is_shown(const struct watch_rows *rows, const struct watch_row *row)
{
    return (!rows->only_wrong || row->quality != WATCH_GOOD) &&
           (rows->search[0] == '\0' || strcasestr(row->name, rows->search));
}

/* What qsort_r needs to compare two rows. */
struct watch_order {
    enum watch_sort sort;
    bool is_reversed;
    int64_t now_ms;
};

static int watch_compare_numbers(double a, double b)
{
    return a < b ? -1 : a > b;
}

static int watch_compare_rows(const void *first, const void *second, void *context)
{
    static const int ranks[WATCH_QUALITY_COUNT] = {
        [WATCH_BAD] = 0, [WATCH_STALE] = 1, [WATCH_NEVER] = 2, [WATCH_GOOD] = 3};
    const struct watch_row *a = *(struct watch_row *const *)first;
    const struct watch_row *b = *(struct watch_row *const *)second;
    const struct watch_order *order = context;
    int result = 0;
    if (order->sort == WATCH_BY_QUALITY)
        result = ranks[a->quality] - ranks[b->quality];
    else if (order->sort == WATCH_BY_AGE)
        result =
            watch_compare_numbers(watch_row_age(b, order->now_ms), watch_row_age(a, order->now_ms));
    else if (order->sort == WATCH_BY_CHANGE)
        result = watch_compare_numbers((double)b->changed_ms, (double)a->changed_ms);
    if (result == 0)
        result = a < b ? -1 : a > b; /* by name */
    return order->is_reversed ? -result : result;
}

void watch_rows_choose(struct watch_rows *rows, int64_t now_ms)
{
    REQUIRE(rows->shown || rows->count == 0);
    REQUIRE(rows->sort < WATCH_SORT_COUNT);
    struct watch_order order = {rows->sort, rows->is_reversed, now_ms};
    rows->shown_count = 0;
    memset(rows->counts, 0, sizeof rows->counts);
    for (size_t i = 0; i < rows->count; i++) {
        rows->counts[rows->rows[i].quality]++;
        if (watch_row_is_shown(rows, &rows->rows[i]))
            rows->shown[rows->shown_count++] = &rows->rows[i];
    }
    if (rows->sort != WATCH_BY_NAME || rows->is_reversed)
        qsort_r(rows->shown, rows->shown_count, sizeof rows->shown[0], watch_compare_rows, &order);
}

void watch_rows_finish(struct watch_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        watch_row_finish(&rows->rows[i]);
    free(rows->rows);
    free(rows->shown);
    free(rows->early);
}
