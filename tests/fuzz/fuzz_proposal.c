/* Any messages make a proposal, whatever a recogniser takes them for: it is valid JSON, and made of
 * the same messages again it is the same.
 *
 * Input: the messages of a file of tests/unit/proposals, as test_proposals.c describes them; a
 * payload in hexadecimal is only a text here. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/proposal/proposal_output.h"
#include "api/recognisers/recogniser.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 4 * SURVEY_BLOCK_MIN };

static void add_metric(struct survey *survey, char *line, size_t len, int64_t now_ms)
{
    char *part[4] = {line};
    size_t count = 1;
    for (size_t i = 0; i < len && count < 4; i++) {
        if (line[i] == ' ') {
            line[i] = '\0';
            part[count++] = line + i + 1;
        }
    }
    if (count < 4)
        return;
    static const enum survey_kind kinds[] = {SURVEY_INTEGER, SURVEY_DECIMAL, SURVEY_BOOL,
                                             SURVEY_NULL, SURVEY_TEXT};
    char *end;
    double number = strtod(part[2], &end);
    bool is_number = end != part[2] && *end == '\0';
    struct survey_value value = {is_number ? kinds[strchr(part[2], '.') != NULL]
                                           : kinds[2 + strlen(part[2]) % 3],
                                 is_number ? number : NAN,
                                 0,
                                 part[2],
                                 strlen(part[2]),
                                 part[1]};
    struct survey_topic_row *entry = survey_begin_metrics(survey, part[0], "", 0, false, now_ms);
    if (entry)
        survey_add_metric(survey, entry, part[3], (size_t)(line + len - part[3]), &value);
}

static void add_messages(struct survey *survey, const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    int64_t now_ms = 1700000000000;
    for (char *line = text, *end = text + size; line < end;) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = stop ? (size_t)(stop - line) : (size_t)(end - line);
        line[len] = '\0';
        char *blank = memchr(line, ' ', len);
        now_ms += 1000;
        if (strcmp(line, "---") == 0)
            break;
        if (strncmp(line, "@metric ", 8) == 0) {
            add_metric(survey, line + 8, len - 8, now_ms);
        } else if (blank) {
            *blank = '\0';
            survey_add_message(survey, line, blank + 1, (size_t)(line + len - blank - 1),
                               size % 2 == 0, now_ms);
        } else if (len > 0) {
            survey_add_message(survey, line, "", 0, false, now_ms);
        }
        line += len + 1;
    }
    free(text);
}

static bool is_taken(void *context, const char *name)
{
    (void)context;
    return strlen(name) == 5;
}

static int32_t find_range(void *context, uint8_t unit, enum modbus_table table, int32_t from,
                          int32_t width)
{
    (void)context;
    (void)table;
    from += width > 1 ? from % 2 : 0;
    return from + width <= 200 * unit ? from : -1;
}

static void propose(const struct survey *survey, struct text *text)
{
    struct unit_set units = {.count = 0};
    char why[128];
    if (!unit_set_parse("1,2", &units, why, sizeof why))
        abort();
    const struct proposal_place place = {
        .units = &units, .is_taken = is_taken, .find_range = find_range};
    struct arena arena = {0};
    struct proposal *proposal = proposal_make(&arena, survey, recognisers, NULL);
    proposal_complete(proposal, &place);
    proposal_write_json(proposal, text);
    struct text other = {0};
    proposal_write_csv(proposal, &other);
    proposal_make_profiles(proposal, is_taken, NULL);
    proposal_write_json(proposal, &other);
    text_finish(&other);
    proposal_finish(proposal);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *memory = malloc(BLOCK);
    if (!memory)
        abort();
    struct survey *survey = survey_make(memory, BLOCK);
    add_messages(survey, data, size);
    struct text first = {0}, second = {0};
    size_t at;
    propose(survey, &first);
    propose(survey, &second);
    if (!json_text_is_valid(first.data, first.len, &at) || first.len != second.len ||
        memcmp(first.data, second.data, first.len) != 0)
        abort();
    text_finish(&first);
    text_finish(&second);
    free(memory);
    return 0;
}
