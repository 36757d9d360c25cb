/* Surveys of messages at the limits of names, words, numbers, depths and entries. All that a reader
 * sees of them is compared with survey_whole.txt, which TAGFERRY_APPROVE=1 writes; a copy of each
 * survey says the same. */
#include "check.h"
#include "golden.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/survey.h"

enum { SIZE = 1 << 20, TEXT_SIZE = 200000 };

static char text[TEXT_SIZE], again[TEXT_SIZE];
static struct survey *survey;
static int64_t now_ms;

struct out {
    char *text;
    size_t len;
};

static void say(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct out *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    out->len += (size_t)vsnprintf(out->text + out->len, TEXT_SIZE - out->len, format, list);
    va_end(list);
    assert_true(out->len < TEXT_SIZE);
}

/* Long texts are cut, with their length. */
static void say_text(struct out *out, const char *what)
{
    size_t len = strlen(what);
    say(out, len > 100 ? "%.30s...(%zu)" : "%.100s", what, len);
}

static void say_key(struct out *out, const struct survey_key *key)
{
    static const char letters[] = "nbidtxe";
    say(out, "    '");
    say_text(out, key->key);
    say(out, "' ");
    for (size_t i = 0; letters[i]; i++) {
        if (key->kinds & 1U << i)
            say(out, "%c", letters[i]);
    }
    say(out, " %llu times", (unsigned long long)key->count);
    if (!isnan(key->smallest) || !isnan(key->largest))
        say(out, " %.17g to %.17g", key->smallest, key->largest);
    say(out, " %u decimals '", key->decimals);
    say_text(out, key->sample);
    say(out, "'");
    for (size_t i = 0; i < key->word_count; i++)
        say(out, " [%s]", key->words[i]);
    say(out, "%s%s%s\n", key->more_words ? " and more" : "", key->type[0] ? " " : "", key->type);
}

static void describe(struct out *out, const struct survey *read)
{
    struct survey_topic topic;
    struct survey_key key;
    struct survey_totals totals = survey_read_totals(read);
    say(out, "  %llu messages, %llu topics, lost %llu messages, %llu keys, %llu payloads cut\n",
        (unsigned long long)totals.messages, (unsigned long long)totals.topics,
        (unsigned long long)totals.lost_messages, (unsigned long long)totals.lost_keys,
        (unsigned long long)totals.cut_payloads);
    for (uint32_t i = 0; survey_read_topic(read, i, &topic); i++) {
        if (i >= 40 && i + 1 < totals.topics)
            continue;
        say(out, "  ");
        say_text(out, topic.topic);
        say(out, " %s: %llu messages, %llu retained%s, %lld to %lld, format %d, ",
            topic.where ? topic.where : "-", (unsigned long long)topic.messages,
            (unsigned long long)topic.retained_messages, topic.retained ? " (newest)" : "",
            (long long)topic.first_ms, (long long)topic.newest_ms, (int)topic.format);
        say_text(out, topic.payload);
        say(out, " (%zu of %zu), %zu keys, lost %llu\n", topic.payload_len, topic.payload_whole_len,
            topic.keys, (unsigned long long)topic.lost_keys);
        assert_int_equal(topic.number, i);
        for (size_t k = 0; survey_read_key(read, &topic, k, &key); k++) {
            if (k < 40 || k + 1 == topic.keys)
                say_key(out, &key);
        }
    }
}

static void add(const char *topic, const char *payload)
{
    survey_add_message(survey, topic, payload, strlen(payload), now_ms % 3 == 0, now_ms);
    now_ms++;
}

/* A text with a part that is repeated. */
static const char *repeated(const char *before, char c, size_t count, const char *after)
{
    static char room[20000];
    size_t len = (size_t)snprintf(room, sizeof room, "%s", before);
    memset(room + len, c, count);
    snprintf(room + len + count, sizeof room - len - count, "%s", after);
    return room;
}

/* Cases. */

static void words(void)
{
    for (size_t len = 62; len <= 65; len++)
        add("length", repeated("{\"w\":\"", 'w', len, "\"}"));
    for (int i = 0; i < 17; i++) {
        char payload[60];
        snprintf(payload, sizeof payload, "{\"w\":\"word %d\",\"x\":\"-%d.50\"}", i, i);
        add(i < 16 ? "sixteen" : "other", payload);
        add("seventeen", payload);
    }
    add("sixteen", "{\"w\":\"word 0\"}");
    add("sixteen", "{\"w\":\"word\"}");
    add("begins", "{\"w\":\"abc\"}");
    add("begins", "{\"w\":\"ab\"}");
    add("begins", "{\"w\":\"\"}");
    /* A character that ends at the last byte of the sample, and one that does not. */
    add("characters", repeated("{\"a\":\"", 'a', 61, "\xc3\xa4zzz\"}"));
    add("characters", repeated("{\"b\":\"", 'b', 62, "\xc3\xa4zzz\"}"));
}

static void numbers(void)
{
    add("integers", "{\"a\":9007199254740992,\"b\":-9007199254740992,\"c\":9007199254740993.0,"
                    "\"d\":9007199254740994,\"e\":1e2,\"f\":1.0,\"g\":-0}");
    add("decimals", "{\"v\":1.25}");
    add("decimals", "{\"v\":-10.5}");
    add("decimals", "{\"v\":1.5e-3}");
    add("decimals", "{\"v\":\"2.12345\"}");
    add("decimals", "{\"v\":1e999}");
    add("long", repeated("{\"v\":0.", '5', 253, "}"));
    add("long", repeated("{\"v\":0.", '5', 254, "}"));
    add("longest", repeated("{\"v\":1", '0', 399, "}"));
    add("longest", repeated("{\"v\":0.", '1', 398, "}"));
    add("longer", repeated("{\"v\":0.", '1', 399, "}"));
}

static void names(void)
{
    /* A pointer of a member has 511 bytes at most, with its "/". */
    for (size_t len = 509; len <= 512; len++)
        add("member", repeated("{\"", 'm', len, "\":1}"));
    add("escaped", repeated("{\"", '/', 254, "\":1}"));
    add("escaped", repeated("{\"", '/', 255, "\":1}"));
    add("inner", repeated("{\"a\":{\"", 'i', 507, "\":1}}"));
    add("inner", repeated("{\"a\":{\"", 'i', 508, "\":1}}"));
    add("odd", "{\"a/b\":1,\"/a\":2,\"./a\":3,\".\":4,\"~\":5,\"\":6,\"a\\u0000\":7,\"a=b\":8}");
    add("twice", "{\"a\":1,\"a\":2.5,\"a\":\"x\"}");
}

static void depths(void)
{
    static char payload[200];
    for (int depth = 31; depth <= 33; depth++) {
        payload[0] = '\0';
        for (int i = 0; i < depth; i++)
            strcat(payload, "{\"a\":");
        strcat(payload, "1");
        for (int i = 0; i < depth; i++)
            strcat(payload, "}");
        add("depth", payload);
    }
    add("arrays", "{\"a\":[0,1,2,3,4,5,6,7]}");
    add("arrays", "{\"a\":[0,1,2,3,4,5,6,7,8,9]}");
    add("empty", "{\"a\":[],\"b\":{},\"c\":[[],{}],\"d\":null,\"e\":\"{}\",\"f\":\"[]\"}");
    add("strings", "{\"s\":\" {\\\"a\\\":[1,{\\\"b\\\":\\\"[2]\\\"}]} \",\"t\":\"[1\"}");
}

static void topics(void)
{
    static char topic[70000];
    static const size_t lengths[] = {65534, 65535, 65536};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        memset(topic, 't', lengths[i]);
        topic[lengths[i]] = '\0';
        add(topic, "1");
    }
    add("", "1");
    add("\xff", "1");
    survey_add_message(survey, "empty", NULL, 0, true, 50);
    survey_add_message(survey, "empty", "x", 1, false, 60);
    survey_add_message(survey, "empty", NULL, 0, true, 70);
    survey_add_message(survey, "bytes", "\x00\x01\xff", 3, false, 80);
}

/* Each name that tells elements apart, with a text and with a number. */
static void selectors(void)
{
    static const char *const members[] = {
        "device",    "deviceId", "dev_id",     "devEUI",     "device-name", "node",
        "nodeId",    "sensor",   "sensor_id",  "serial",     "SerialNo",    "serialnumber",
        "SN",        "mac",      "macAddress", "meter",      "meterid",     "station",
        "stationid", "machine",  "machineid",  "asset",      "assetid",     "gatewayid",
        "uid",       "uuid",     "id",         "name",       "tag",         "tagname",
        "point",     "key",      "n",          "channel",    "idx",         "index",
        "ids",       "",         "namename",   "d_e-v_i-c_e"};
    char payload[200];
    for (size_t i = 0; i < COUNT(members); i++) {
        snprintf(payload, sizeof payload,
                 "{\"t\":[{\"%s\":\"a\",\"v\":1}],\"n\":[{\"%s\":5,\"v\":1}]}", members[i],
                 members[i]);
        add("members", payload);
    }
    add("best", "[{\"index\":1,\"name\":\"a\",\"id\":7,\"device\":\"x\",\"v\":1}]");
    add("same", "[{\"index\":1,\"name\":\"a\",\"v\":1},{\"index\":2,\"name\":\"a\",\"v\":2}]");
    add("texts", repeated("[{\"id\":\"", 'a', 127, "\",\"v\":1}]"));
    add("texts", repeated("[{\"id\":\"", 'b', 128, "\",\"v\":1}]"));
    add("words", repeated("[{\"id\":1.", '0', 29, ",\"v\":1}]"));
    add("words", repeated("[{\"id\":1.", '0', 30, ",\"v\":1}]"));
    add("numbers", "[{\"id\":1.50,\"v\":1},{\"id\":2.0,\"v\":1},{\"id\":-3,\"v\":1}]");
    add("large", "[{\"id\":9007199254740991,\"v\":1}]");
    add("larger", "[{\"id\":9007199254740992,\"v\":1}]");
    add("none", "[{\"id\":null,\"v\":1}]");
    add("object", "[{\"id\":{\"a\":1},\"v\":1}]");
    add("no text", "[{\"id\":\"\",\"v\":1}]");
    add("true", "[{\"id\":true,\"v\":1},{\"id\":false,\"v\":2}]");
    add("escaped", "[{\"id\":\"a/b~c\",\"v\":1},{\"id\":\"\\u00e4\",\"v\":2}]");
    add("nested", "{\"a\":[{\"id\":1,\"b\":[{\"name\":\"x\",\"v\":1},{\"name\":\"y\",\"v\":2}]}]}");
    add("only", "[{\"id\":1}]");
}

static void shares(void)
{
    char payload[100];
    for (int i = 0; i < 12; i++) {
        snprintf(payload, sizeof payload, "{\"node\":\"n%d\",\"serial\":%d,\"t\":%d}", i % 4, i, i);
        add("nodes", payload);
        snprintf(payload, sizeof payload, "{\"o\":{\"deviceId\":%d},\"t\":%d}", i % 3, i);
        add("inner", payload);
    }
    add("nodes", "{\"t\":1}");
    add("nodes", "{\"node\":null,\"t\":1}");
    add("negative", "{\"id\":-1,\"t\":1}");
    add("negative", "{\"id\":-2,\"t\":1}");
    add("quoted", "{\"id\":\"a\\\"b\",\"t\":1}");
    add("quoted", "{\"id\":\"c\",\"t\":1}");
    /* A condition has 255 bytes at most, and its text 127. */
    add("text", repeated("{\"id\":\"", 'a', 127, "\",\"t\":1}"));
    add("text", "{\"id\":\"x\",\"t\":1}");
    add("longer", repeated("{\"id\":\"", 'a', 128, "\",\"t\":1}"));
    add("longer", "{\"id\":\"x\",\"t\":1}");
    for (size_t len = 237; len <= 240; len++) {
        char topic[20];
        snprintf(topic, sizeof topic, "outer %zu", len);
        add(topic, repeated("{\"", 'o', len, "\":{\"devEui\":\"a\"}}"));
        add(topic, repeated("{\"", 'o', len, "\":{\"devEui\":\"b\"}}"));
    }
}

/* 48 entries of which three quarters have one message: the member tells no devices apart. */
static void probation(void)
{
    char payload[100];
    for (int twice = 11; twice <= 13; twice++) {
        char topic[20];
        snprintf(topic, sizeof topic, "twice %d", twice);
        for (int i = 0; i < 50; i++) {
            snprintf(payload, sizeof payload, "{\"id\":%d}", i);
            add(topic, payload);
            if (i < twice)
                add(topic, payload);
        }
    }
}

static void many_shares(void)
{
    char payload[100];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 258; i++) {
            snprintf(payload, sizeof payload, "{\"id\":%d}", i % (round == 0 ? 10 : 258));
            add("many", payload);
            if (round == 1)
                add("many", payload);
        }
    }
}

static void many_keys(void)
{
    char payload[100];
    for (int i = 0; i < 1003; i++) {
        snprintf(payload, sizeof payload, "{\"key %d\":%d}", i, i);
        add("many", payload);
        if (i % 100 == 0)
            add("between", payload); /* the numbers of keys have gaps */
    }
    add("many", "{\"key 0\":5,\"key 999\":6,\"key 1000\":7}");
}

static void payloads(void)
{
    static char payload[SURVEY_PAYLOAD_MAX + 2];
    static const size_t lengths[] = {15, 16, 17, 32, 33, 4096, 4097, 1};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        memset(payload, 'p', lengths[i]);
        survey_add_message(survey, "sizes", payload, lengths[i], false, 1);
        memset(payload, 'q', lengths[i]);
        survey_add_message(survey, i % 2 ? "odd" : "even", payload, lengths[i], false, 1);
    }
    memset(payload, 'p', sizeof payload);
    survey_add_message(survey, "large", payload, 700000, false, 1);
    survey_add_message(survey, "larger", payload, SURVEY_PAYLOAD_MAX + 1, false, 1);
}

static const struct {
    const char *name;
    void (*add_messages)(void);
} cases[] = {
    {"words", words},         {"numbers", numbers},     {"names", names},
    {"depths", depths},       {"topics", topics},       {"selectors", selectors},
    {"shares", shares},       {"probation", probation}, {"many shares", many_shares},
    {"many keys", many_keys}, {"payloads", payloads},
};

/* A copy in a block of another size has the same contents, and can be gone on with. */
static void check_copy(const char *name)
{
    size_t used = survey_used_size(survey);
    void *bytes = malloc(used), *memory = malloc(2 * SIZE);
    assert_non_null(bytes);
    assert_non_null(memory);
    memcpy(bytes, survey, used);
    const struct survey *checked = survey_check(bytes, used);
    check_row(checked, name);
    struct out first = {again, 0}, second = {again, 0};
    describe(&first, checked);
    char *expected = strdup(again);
    const struct survey *copy = survey_copy(memory, 2 * SIZE, checked);
    describe(&second, copy);
    if (strcmp(again, expected) != 0)
        fail_msg("%s: a copy differs:\n%s\n%s", name, expected, again);
    free(expected);
    free(bytes);
    free(memory);
}

static void test_whole(void **state)
{
    struct out out = {text, 0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        void *memory = malloc(SIZE);
        assert_non_null(memory);
        survey = survey_make(memory, SIZE);
        now_ms = 1000;
        cases[i].add_messages();
        say(&out, "%s== %s\n", i > 0 ? "\n" : "", cases[i].name);
        describe(&out, survey);
        check_copy(cases[i].name);
        free(memory);
    }
    assert_true(golden_is_equal(TAGFERRY_SURVEYS, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
