/* Proposals of devices and tags. Each file of tests/unit/proposals/ has messages, one a line as
 * "topic payload", and after a line "---" what the proposal must have, as JSON:
 *
 *     tele/plug1/SENSOR {"Temp": 21.5}
 *     ---
 *     {"devices": [{"name": "plug1", "tags": [{"name": "Temp", "modbus": {"type": "float32"}}]}]}
 *
 * All devices and all tags are listed, in order. Other members that the text leaves out are not
 * compared; null says that the proposal must not have the member. "notes" lists texts, each of
 * which must be part of one note; the note of a recogniser is its name with those of its devices,
 * such as "tasmota: plug1 plug2". A line "@retained", "@live", "@repeat N" holds for the lines that
 * follow it; a payload "hex:0a0b" is bytes; lines that begin with # are comments. A metric of
 * Sparkplug is a line "@metric TOPIC TYPE VALUE NAME".
 *
 * test_proposals FILE prints the proposal of a file, to write the expected text from.
 *
 * All that is proposed, each member of it, is in tests/unit/proposals/whole/, for three requests:
 * as it is, with profiles, and as CSV in a narrow place. TAGFERRY_APPROVE=1 writes these files.
 * Read each changed line: it is the expected text only if it is right. */
#include "check.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/proposal/proposal_output.h"
#include "api/recognisers/maker_json.h"
#include "api/recognisers/recogniser.h"
#include "golden.h"

enum { SURVEY_BYTES = 4 << 20 };

static struct unit_set units;

static int32_t find_free_range(void *context, uint8_t unit, enum modbus_table table, int32_t from,
                               int32_t width)
{
    (void)context;
    (void)unit;
    (void)table;
    from += width > 1 ? from % 2 : 0;
    return from + width <= ADDRESS_MAX + 1 ? from : -1;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(1, size + 1);
    assert_true(fread(text, 1, size, file) == size);
    fclose(file);
    return text;
}

static size_t read_hex(const char *digits, char *bytes)
{
    size_t len = 0;
    for (unsigned byte; sscanf(digits, "%2x", &byte) == 1; digits += 2)
        bytes[len++] = (char)byte;
    return len;
}

/* Adds a message with one metric. */
static void add_metric(struct survey *survey, char *line, int64_t now_ms)
{
    const char *topic = strtok(line, " "), *type = strtok(NULL, " "), *text = strtok(NULL, " ");
    const char *name = strtok(NULL, "");
    assert_true(topic && type && text && name);
    struct survey_value value = {SURVEY_TEXT, NAN, 0, text, strlen(text), type};
    char *end;
    double number = strtod(text, &end);
    if (*end == '\0') {
        value.kind = strchr(text, '.') ? SURVEY_DECIMAL : SURVEY_INTEGER;
        value.number = number;
    } else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        value.kind = SURVEY_BOOL;
    } else if (strcmp(text, "null") == 0) {
        value.kind = SURVEY_NULL;
    }
    struct survey_topic_row *entry = survey_begin_metrics(survey, topic, "", 0, false, now_ms);
    assert_non_null(entry);
    survey_add_metric(survey, entry, name, strlen(name), &value);
}

/* Adds the messages, and returns what follows "---". */
static char *add_messages(struct survey *survey, char *text)
{
    bool retained = false;
    int repeat = 1;
    int64_t now_ms = 1700000000000;
    for (char *line = text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (strcmp(line, "---") == 0)
            return next;
        if (*line == '\0' || *line == '#')
            continue;
        if (strcmp(line, "@retained") == 0 || strcmp(line, "@live") == 0) {
            retained = line[1] == 'r';
            continue;
        }
        if (sscanf(line, "@repeat %d", &repeat) == 1)
            continue;
        if (strncmp(line, "@metric ", 8) == 0) {
            add_metric(survey, line + 8, now_ms += 1000);
            continue;
        }
        char *payload = strchr(line, ' ');
        size_t len = payload ? strlen(payload + 1) : 0;
        if (payload)
            *payload++ = '\0';
        if (payload && strncmp(payload, "hex:", 4) == 0)
            len = read_hex(payload + 4, payload);
        for (int i = 0; i < repeat; i++)
            survey_add_message(survey, line, payload ? payload : "", len, retained, now_ms += 1000);
    }
    return NULL;
}

/* Some names are taken. */
static bool name_is_taken(void *context, const char *name)
{
    (void)context;
    return name[0] < 'p' && !strchr(name, '_');
}

/* Registers 2 to 6, and those from 40 on, are free. */
static int32_t find_narrow_range(void *context, uint8_t unit, enum modbus_table table, int32_t from,
                                 int32_t width)
{
    if (from < 40)
        from = from <= 2 && width <= 5 ? 2 : 40;
    return find_free_range(context, unit, table, from, width);
}

enum request {
    REQUEST_PLAIN,
    REQUEST_PROFILES,
    REQUEST_NARROW, /* CSV, unit 2, only holding registers, names and registers that are taken */
    REQUESTS
};

/* Prints the proposal for the messages. */
static void propose(const struct survey *survey, enum request request, struct text *text)
{
    bool is_narrow = request == REQUEST_NARROW;
    const struct proposal_place place = {
        .units = &units,
        .unit = is_narrow ? 2 : 0,
        .only_holding_registers = is_narrow,
        .is_taken = is_narrow ? name_is_taken : NULL,
        .find_range = is_narrow ? find_narrow_range : find_free_range,
    };
    struct arena arena = {0};
    struct proposal *proposal = proposal_make(&arena, survey, recognisers, NULL);
    proposal_complete(proposal, &place);
    if (request == REQUEST_PROFILES)
        proposal_make_profiles(proposal, name_is_taken, NULL);
    if (is_narrow)
        proposal_write_csv(proposal, text);
    else
        proposal_write_json(proposal, text);
    proposal_finish(proposal);
    arena_finish(&arena);
}

/* The first difference that was found; empty: none. */
static char difference[1024];

__attribute__((format(printf, 1, 2))) static void note_difference(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!difference[0])
        vsnprintf(difference, sizeof difference, format, args);
    va_end(args);
}

static void compare(const char *where, const cJSON *got, const cJSON *want);

/* Compares devices, or tags, one by one. */
static void compare_list(const char *where, const cJSON *got, const cJSON *want)
{
    int count = cJSON_GetArraySize(want);
    for (int i = 0; i < count || i < cJSON_GetArraySize(got); i++) {
        const cJSON *one = cJSON_GetArrayItem(got, i), *other = cJSON_GetArrayItem(want, i);
        const cJSON *name = cJSON_GetObjectItem(other ? other : one, "name");
        char place[256];
        snprintf(place, sizeof place, "%.150s/%.90s", where,
                 cJSON_IsString(name) ? name->valuestring : "?");
        if (one && other)
            compare(place, one, other);
        else
            note_difference("%s is %s", place, one ? "too much" : "missing");
    }
}

/* Returns the text of a note. */
static const char *note_text(const cJSON *note, char text[1024])
{
    const cJSON *recogniser = cJSON_GetObjectItem(note, "recogniser"), *device;
    if (!recogniser)
        return cJSON_GetStringValue(cJSON_GetObjectItem(note, "text"));
    size_t used = (size_t)snprintf(text, 1024, "%s:", recogniser->valuestring);
    cJSON_ArrayForEach(device, cJSON_GetObjectItem(note, "devices"))
    {
        if (used < 900)
            used += (size_t)snprintf(text + used, 1024 - used, " %s", device->valuestring);
    }
    return text;
}

/* Each text must be in a note. */
static void compare_notes(const cJSON *got, const cJSON *want)
{
    const cJSON *text, *note;
    cJSON_ArrayForEach(text, want)
    {
        bool found = false;
        cJSON_ArrayForEach(note, got)
        {
            char memory[1024];
            found |= strstr(note_text(note, memory), text->valuestring) != NULL;
        }
        if (!found)
            note_difference("no note says \"%s\"", text->valuestring);
    }
}

static void compare(const char *where, const cJSON *got, const cJSON *want)
{
    const cJSON *member;
    if (!cJSON_IsObject(want)) {
        char *is = cJSON_PrintUnformatted(got), *should = cJSON_PrintUnformatted(want);
        if (cJSON_IsNull(want) ? got && !cJSON_IsNull(got)
                               : !got || !cJSON_Compare(got, want, true))
            note_difference("%s is %s in place of %s", where, is ? is : "missing", should);
        free(is);
        free(should);
        return;
    }
    cJSON_ArrayForEach(member, want)
    {
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(got, member->string);
        char place[256];
        snprintf(place, sizeof place, "%.150s.%.90s", where, member->string);
        if (strcmp(member->string, "devices") == 0 || strcmp(member->string, "tags") == 0)
            compare_list(where, own, member);
        else if (strcmp(member->string, "notes") == 0)
            compare_notes(own, member);
        else
            compare(place, own, member);
    }
}

/* Returns 1 when the proposal is not the expected one. */
static int check_file(const char *path, bool print)
{
    struct text text = {0};
    void *memory = malloc(SURVEY_BYTES);
    struct survey *survey = survey_make(memory, SURVEY_BYTES);
    char *file = read_file(path), *expected = add_messages(survey, file);
    propose(survey, REQUEST_PLAIN, &text);
    cJSON *got = cJSON_Parse(text.data);
    assert_non_null(got);
    if (print) {
        char *shown = cJSON_Print(got);
        puts(shown);
        free(shown);
    } else {
        cJSON *want = expected ? cJSON_Parse(expected) : NULL;
        difference[0] = '\0';
        if (want)
            compare("", got, want);
        else
            note_difference("there is no JSON after ---");
        cJSON_Delete(want);
    }
    cJSON_Delete(got);
    text_finish(&text);
    free(file);
    free(memory);
    if (!print && difference[0])
        print_error("%s: %s\n", strrchr(path, '/') + 1, difference);
    return !print && difference[0] ? 1 : 0;
}

static void test_proposals(void **state)
{
    struct dirent **names;
    int count = scandir(TAGFERRY_PROPOSALS, &names, NULL, alphasort);
    int failures = 0;
    (void)state;
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", TAGFERRY_PROPOSALS, names[i]->d_name);
        if (strstr(names[i]->d_name, ".txt"))
            failures += check_file(path, false);
        free(names[i]);
    }
    free(names);
    assert_int_equal(failures, 0);
}

/* Appends the text, with a line for each object that has a name, and without CR. */
static void append_lines(struct text *lines, const char *text)
{
    for (; *text; text++) {
        if (strncmp(text, "{\"name\":", 8) == 0 || strncmp(text, "{\"recogniser\":", 14) == 0 ||
            strncmp(text, "{\"text\":", 8) == 0 || strncmp(text, "\"notes\":", 8) == 0)
            text_putc(lines, '\n');
        if (*text != '\r')
            text_putc(lines, *text);
    }
    text_putc(lines, '\n');
}

/* Returns 1 when something in the proposals of the file is not as it was read and approved. */
static int check_whole(const char *name)
{
    static const char no_profiles[] = "{\"profiles\":[],";
    struct text lines = {0};
    char path[512];
    void *memory = malloc(SURVEY_BYTES);
    struct survey *survey = survey_make(memory, SURVEY_BYTES);
    snprintf(path, sizeof path, "%s/%s", TAGFERRY_PROPOSALS, name);
    char *file = read_file(path);
    add_messages(survey, file);
    for (int request = 0; request < REQUESTS; request++) {
        struct text text = {0};
        propose(survey, (enum request)request, &text);
        if (strncmp(text.data, no_profiles, strlen(no_profiles)) == 0)
            append_lines(&lines, no_profiles); /* the rest is the same again */
        else
            append_lines(&lines, text.data);
        text_finish(&text);
    }
    snprintf(path, sizeof path, "%s/whole/%s", TAGFERRY_PROPOSALS, name);
    int failures = !golden_is_equal(path, lines.data);
    text_finish(&lines);
    free(file);
    free(memory);
    return failures;
}

static void test_whole_proposals(void **state)
{
    struct dirent **names;
    int count = scandir(TAGFERRY_PROPOSALS, &names, NULL, alphasort), failures = 0;
    (void)state;
    for (int i = 0; i < count; i++) {
        if (strstr(names[i]->d_name, ".txt"))
            failures += check_whole(names[i]->d_name);
        free(names[i]);
    }
    free(names);
    assert_int_equal(failures, 0);
}

/* Whether a configuration with so many members is taken for one of Home Assistant. */
static bool reads_members(int members)
{
    char messages[8192];
    void *memory = malloc(SURVEY_BYTES);
    struct survey *survey = survey_make(memory, SURVEY_BYTES);
    struct text text = {0};
    size_t used = (size_t)snprintf(messages, sizeof messages,
                                   "@retained\nhomeassistant/sensor/s/config {\"stat_t\":\"l/s\"");
    for (int i = 1; i < members; i++)
        used += (size_t)snprintf(messages + used, sizeof messages - used, ",\"x%d\":%d", i, i);
    snprintf(messages + used, sizeof messages - used, "}\n@live\nl/s 1\n");
    add_messages(survey, messages);
    propose(survey, REQUEST_PLAIN, &text);
    bool is_taken = strstr(text.data, "\"home_assistant\"") != NULL;
    text_finish(&text);
    free(memory);
    return is_taken;
}

static void test_members_of_a_configuration(void **state)
{
    (void)state;
    assert_true(reads_members(MAKER_MEMBERS_MAX));
    assert_false(reads_members(MAKER_MEMBERS_MAX + 1));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proposals),
        cmocka_unit_test(test_whole_proposals),
        cmocka_unit_test(test_members_of_a_configuration),
    };
    char why[128];
    unit_set_parse("1,2", &units, why, sizeof why);
    for (int i = 1; i < argc; i++)
        check_file(argv[i], true);
    return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
