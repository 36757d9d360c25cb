#include "ctl/output/words.h"

#include <string.h>

#include "common/base/require.h"
#include "common/model/json_cursor.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"

/* Finds the entry of a code in the file of a kind, which has been checked when it was built in. The
 * caller deletes it. NULL if the code has no entry. */
static cJSON *words_read_entry(const char *kind, const char *code)
{
    size_t len = strlen(kind);
    for (const struct embedded *file = word_files; file->name; file++) {
        struct json_cursor at = {file->data, file->data + file->len}, entry;
        if (strncmp(file->name, kind, len) != 0 || strcmp(file->name + len, ".json") != 0)
            continue;
        json_cursor_skip_space(&at);
        if (!json_cursor_find_member(&at, (struct text_span){code, strlen(code)}, &entry))
            return NULL;
        json_cursor_skip_space(&entry);
        const char *begin = entry.at;
        json_cursor_skip_value(&entry);
        return cJSON_ParseWithLength(begin, (size_t)(entry.at - begin));
    }
    return NULL;
}

/* A text of an entry; empty if there is none. */
static const char *words_find_text(const char *kind, const char *code, const char *member)
{
    cJSON *entry = words_read_entry(kind, code);
    const char *text = keep_text(json_read_text(entry, member));
    cJSON_Delete(entry);
    return text;
}

struct words words_find(const char *kind, const char *code)
{
    REQUIRE(kind && code);
    const char *title = words_find_text(kind, code, "title");
    if (title[0])
        return (struct words){title, words_find_text(kind, code, "text"),
                              words_find_text(kind, code, "remedy")};
    char *plain = keep_text(code);
    for (char *blank = plain; (blank = strchr(blank, '_'));)
        *blank = ' ';
    return (struct words){plain, "", ""};
}

const char *words_of_reason(const char *code)
{
    return words_find("reasons", code).title;
}

const char *words_of_error(const char *code)
{
    return words_find("errors", code).title;
}

const char *words_of_outcome(const char *code)
{
    const char *phrase = words_find_text("outcomes", code, "phrase");
    return phrase[0] ? phrase : words_find("outcomes", code).title;
}

const char *words_of_part(const char *code)
{
    return words_find("part_reasons", code).title;
}

const char *words_of_function(long code)
{
    const char *title = words_find_text("functions", keep_format("%ld", code), "title");
    return title[0] ? title : keep_format("function %ld", code);
}

const char *words_of_exception(long code)
{
    const char *title = words_find_text("exceptions", keep_format("%ld", code), "title");
    return keep_format("exception %ld%s%s", code, title[0] ? ", " : "", title);
}
