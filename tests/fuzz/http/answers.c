/* Reads and checks answers. Written after RFC 9112 and 9457, apart from the code under test. */
#include "answers.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "common/base/json_text.h"
#include "link.h"

enum { EXPANDED_MAX = 1 << 22 };

static const char token_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

static void answer_check_form(bool holds, const char *what, const uint8_t *data, size_t len)
{
    if (!holds)
        fprintf(stderr, "%.*s\n", (int)(len < 2000 ? len : 2000), (const char *)data);
    fuzz_check(holds, what);
}

/* "HTTP/1.1 200 OK" */
static bool answer_read_status(const char *line, size_t len, struct answer *answer)
{
    if (len < 13 || memcmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') ||
        line[8] != ' ' || line[12] != ' ' || strspn(line + 9, "0123456789") != 3)
        return false;
    answer->status = atoi(line + 9);
    return answer->status >= 100 && answer->status <= 599;
}

/* Stores the value of a header that must not come twice. */
static bool answer_keep(char text[ANSWER_TEXT_SIZE], const char *value, size_t len)
{
    if (text[0] != '\0' || len >= ANSWER_TEXT_SIZE)
        return false;
    memcpy(text, value, len);
    text[len] = '\0';
    return true;
}

static bool answer_read_header(const char *line, size_t len, struct answer *answer)
{
    size_t name_len = strspn(line, token_characters);
    if (name_len == 0 || name_len >= len || line[name_len] != ':')
        return false;
    const char *value = line + name_len + 1;
    size_t value_len = len - name_len - 1;
    for (size_t i = 0; i < value_len; i++) {
        if ((unsigned char)value[i] < ' ' && value[i] != '\t')
            return false;
    }
    while (value_len > 0 && *value == ' ') {
        value++;
        value_len--;
    }
    const struct {
        const char *name;
        char *text;
    } kept[] = {{"X-Request-Id", answer->id},
                {"Content-Type", answer->type},
                {"ETag", answer->etag},
                {"Location", answer->location},
                {"Content-Encoding", answer->coding}};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strlen(kept[i].name) == name_len && strncasecmp(kept[i].name, line, name_len) == 0)
            return answer_keep(kept[i].text, value, value_len);
    }
    if (name_len == 14 && strncasecmp(line, "Content-Length", 14) == 0) {
        bool first = !answer->has_length;
        answer->has_length = true;
        answer->length = strtoull(value, NULL, 10);
        return first && value_len > 0 && strspn(value, "0123456789") == value_len;
    }
    if (name_len == 17 && strncasecmp(line, "Transfer-Encoding", 17) == 0) {
        bool first = !answer->is_chunked;
        answer->is_chunked = true;
        return first && value_len == 7 && strncasecmp(value, "chunked", 7) == 0;
    }
    if (name_len == 10 && strncasecmp(line, "Connection", 10) == 0 && value_len == 5)
        answer->closes = strncasecmp(value, "close", 5) == 0;
    return true;
}

enum answer_result answer_read_head(const uint8_t *data, size_t len, struct answer *answer)
{
    const char *text = (const char *)data, *end = memmem(data, len, "\r\n\r\n", 4);
    *answer = (struct answer){0};
    if (!end) {
        size_t known = len < 7 ? len : 7;
        answer_check_form(memcmp(data, "HTTP/1.", known) == 0 && len < 65536,
                          "what follows is no answer", data, len);
        return ANSWER_PART;
    }
    for (const char *line = text; line <= end;) {
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        size_t line_len = (size_t)(next - line);
        bool good = line == text ? answer_read_status(line, line_len, answer)
                                 : answer_read_header(line, line_len, answer);
        answer_check_form(good, "an answer's head is malformed", data, len);
        line = next + 2;
    }
    answer->head_len = (size_t)(end + 4 - text);
    answer_check_form(!(answer->is_chunked && answer->has_length), "two lengths of a body", data,
                      len);
    return ANSWER_WHOLE;
}

/* The service sends no chunks today: it knows the length of each body except that of a stream. */
static enum answer_result answer_skip_chunks(const uint8_t *data, size_t len, struct answer *answer)
{
    size_t at = answer->head_len;
    for (;;) {
        const char *line = (const char *)data + at;
        const char *end = memmem(line, len - at, "\r\n", 2);
        if (!end)
            return ANSWER_PART;
        size_t size = strtoull(line, NULL, 16);
        answer_check_form(strspn(line, "0123456789abcdefABCDEF") == (size_t)(end - line),
                          "a chunk's size", data, len);
        at = (size_t)(end + 2 - (const char *)data);
        if (len - at < size + 2)
            return ANSWER_PART;
        answer_check_form(memcmp(data + at + size, "\r\n", 2) == 0, "a chunk's end", data, len);
        at += size + 2;
        if (size == 0)
            break;
    }
    answer->whole_len = at;
    return ANSWER_WHOLE;
}

enum answer_result answer_read_body(const uint8_t *data, size_t len, bool is_head, bool has_ended,
                                    struct answer *answer)
{
    answer->body = data + answer->head_len;
    answer->body_len = 0;
    answer->whole_len = answer->head_len;
    if (is_head || answer->status < 200 || answer->status == 204 || answer->status == 304)
        return ANSWER_WHOLE;
    if (answer->is_chunked)
        return answer_skip_chunks(data, len, answer);
    answer->is_endless = !answer->has_length;
    answer->body_len = answer->is_endless ? len - answer->head_len : answer->length;
    answer->whole_len += answer->body_len;
    return answer->is_endless ? (has_ended ? ANSWER_WHOLE : ANSWER_PART)
                              : (len >= answer->whole_len ? ANSWER_WHOLE : ANSWER_PART);
}

/* Undoes gzip. NULL when it is broken; valid until the next call. */
static const char *answer_expand(const struct answer *answer, size_t *len)
{
    static char text[EXPANDED_MAX];
    z_stream stream = {0};
    fuzz_check(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "memory");
    stream.next_in = (Bytef *)(uintptr_t)answer->body;
    stream.avail_in = (uInt)answer->body_len;
    stream.next_out = (Bytef *)text;
    stream.avail_out = EXPANDED_MAX;
    int rc = inflate(&stream, Z_FINISH);
    *len = EXPANDED_MAX - stream.avail_out;
    bool is_whole = rc == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return is_whole ? text : NULL;
}

static bool answer_has_text(const cJSON *problem, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(problem, name));
    return text && *text;
}

/* The schema Problem of docs/openapi.json. */
static void answer_check_problem(const struct answer *answer, const char *text, size_t len)
{
    static const char *const members[] = {"type",   "title", "status", "detail",
                                          "errors", "code",  "leader", "confirm"};
    cJSON *problem = cJSON_ParseWithLength(text, len);
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(problem, "status");
    bool good = cJSON_IsObject(problem) && answer_has_text(problem, "type") &&
                answer_has_text(problem, "title") && answer_has_text(problem, "detail") &&
                cJSON_IsNumber(status) && status->valueint == answer->status &&
                cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(problem, "errors"));
    for (const cJSON *member = good ? problem->child : NULL; member; member = member->next) {
        size_t known = 0;
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            known += strcmp(members[i], member->string) == 0;
        good = good && known == 1;
    }
    cJSON_Delete(problem);
    answer_check_form(good, "a problem document is not as described", answer->body,
                      answer->body_len);
}

static bool type_is(const struct answer *answer, const char *type)
{
    size_t len = strlen(type);
    return strncmp(answer->type, type, len) == 0 &&
           (answer->type[len] == '\0' || answer->type[len] == ';');
}

void answer_check(const struct answer *answer, bool is_head, bool may_be_other)
{
    const uint8_t *head = answer->body - answer->head_len;
    bool is_problem = type_is(answer, "application/problem+json");
    bool is_own = answer->id[0] != '\0'; /* else of the library, which ends the connection */
    answer_check_form(is_own || (answer->status >= 400 && answer->closes),
                      "an answer that is not the service's", head, answer->head_len);
    answer_check_form(strcmp(answer->id, "no-memory") != 0, "no memory", head, answer->head_len);
    if (!is_own)
        return;
    answer_check_form(answer->status < 400 || is_problem ||
                          (may_be_other &&
                           (type_is(answer, "text/plain") || type_is(answer, "application/json"))),
                      "a refusal that is no problem document", head, answer->head_len);
    answer_check_form(!is_problem || answer->status >= 400, "a problem that is none", head,
                      answer->head_len);
    if (is_head || answer->body_len == 0 || answer->is_endless) {
        answer_check_form(is_head || answer->is_endless || answer->type[0] == '\0',
                          "a type without a body", head, answer->head_len);
        return;
    }
    bool is_packed = strcmp(answer->coding, "gzip") == 0;
    answer_check_form(is_packed || answer->coding[0] == '\0', "an unknown coding", head,
                      answer->head_len);
    size_t len = answer->body_len, at;
    const char *expanded = is_packed ? answer_expand(answer, &len) : NULL;
    answer_check_form(!is_packed || expanded, "gzip is broken", head, answer->head_len);
    const char *text = expanded ? expanded : (const char *)answer->body;
    if (is_problem || type_is(answer, "application/json"))
        answer_check_form(json_text_is_valid(text, len, &at), "a body is no JSON", answer->body,
                          answer->body_len);
    if (is_problem)
        answer_check_problem(answer, text, len);
}
