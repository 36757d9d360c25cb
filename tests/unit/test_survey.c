/* Surveys: the keys of payloads, which a key tree finds again, their values, topics, and blocks
 * that are full or damaged. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message/key_tree.h"
#include "common/message/payload.h"
#include "common/model/survey.h"

enum { SMALL = SURVEY_BLOCK_MIN, LARGE = 4 << 20, TEXT_SIZE = 2048 };

static struct survey *make(size_t size)
{
    void *memory = malloc(size);
    assert_non_null(memory);
    return survey_make(memory, size);
}

static void add(struct survey *survey, const char *topic, const char *payload)
{
    survey_add_message(survey, topic, payload, strlen(payload), false, 1000);
}

static void note_found(void *context, uint32_t owner, const struct cJSON *item)
{
    bool *found = context;
    (void)item;
    found[owner] = true;
}

/* Each key of the topic is one that mqttd finds in the payload. */
static void check_key_tree(const struct survey *survey, const struct survey_topic *topic)
{
    struct key_tree keys;
    struct key_tree_size room = {0};
    struct key_tree_builder builder;
    struct key_tree_scratch scratch = {0};
    struct payload payload;
    struct survey_key key;
    bool found[SURVEY_KEYS_MAX] = {false};
    size_t at;
    for (size_t i = 0; survey_read_key(survey, topic, i, &key); i++)
        key_tree_size_add(&room, key.key);
    void *memory = malloc(key_tree_size_bytes(&room));
    key_tree_init(&keys, &room, memory, &builder);
    for (size_t i = 0; survey_read_key(survey, topic, i, &key); i++)
        key_tree_add(&builder, key.key, (uint32_t)i);
    assert_int_equal(
        payload_parse(&payload, topic->payload, topic->payload_len, SURVEY_PAYLOAD_MAX, &at),
        FAULT_NONE);
    assert_true(payload_find_keys(&payload, &keys, &scratch, note_found, found));
    for (size_t i = 0; survey_read_key(survey, topic, i, &key); i++)
        check_row(found[i], key.key);
    payload_finish(&payload);
    key_tree_scratch_finish(&scratch);
    free(memory);
}

static const char *kind_text(unsigned kinds)
{
    static char text[16];
    static const char letters[] = "nbidtxe";
    size_t len = 0;
    for (size_t i = 0; letters[i]; i++) {
        if (kinds & 1U << i)
            text[len++] = letters[i];
    }
    text[len] = '\0';
    return text;
}

static void describe_keys(const struct survey *survey, const struct survey_topic *topic,
                          char text[TEXT_SIZE])
{
    struct survey_key key;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; survey_read_key(survey, topic, i, &key) && used < TEXT_SIZE; i++)
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s%s:%s:%s", used ? " | " : "",
                                 key.key, kind_text(key.kinds), key.sample);
}

/* Letters of kinds: null, bool, integer, decimal, text, teXt with a number, empty. */
static const struct {
    const char *payload, *keys;
} documents[] = {
    {"{\"t\":21.5,\"n\":3,\"on\":true,\"s\":\"ON\",\"x\":\"21.5\",\"z\":null}",
     "t:d:21.5 | n:i:3 | on:b:true | s:t:ON | x:x:21.5 | z:n:null"},
    {"21.5", ":d:21.5"},
    {"\"ON\"", ":t:ON"},
    {"{}", ":e:{}"},
    {"[]", ":e:[]"},
    {"{\"a\":{\"b\":{\"c\":1}},\"e\":{},\"f\":[]}", "/a/b/c:i:1 | e:e:{} | f:e:[]"},
    {"{\"a/b\":1,\"/c\":2,\"\":3,\"./d\":4,\"e\":{\"f/~\":5}}",
     "a/b:i:1 | /~1c:i:2 | /:i:3 | /.~1d:i:4 | /e/f~1~0:i:5"},
    {"{\"n\":[1,2.0,\"x\"]}", "/n/0:i:1 | /n/1:d:2.0 | /n/2:t:x"},
    {"[1,[2]]", "/0:i:1 | /1/0:i:2"},
    {"[{\"v\":1},{\"v\":2}]", "/0/v:i:1 | /1/v:i:2"},
    {"{\"tags\":[{\"name\":\"a/b\",\"v\":1},{\"name\":\"c\",\"v\":2,\"q\":true}]}",
     "/tags/name=a~1b/v:i:1 | /tags/name=c/v:i:2 | /tags/name=c/q:b:true"},
    {"[{\"n\":\"t\",\"v\":1},{\"n\":\"t\",\"v\":2}]", "/0/n:t:t | /0/v:i:1 | /1/n:t:t | /1/v:i:2"},
    {"[{\"id\":7,\"v\":1},{\"id\":1.50,\"v\":2},{\"id\":true,\"v\":3}]",
     "/id=7/v:i:1 | /id=1.5/v:i:2 | /id=true/v:i:3"},
    {"[{\"id\":1,\"v\":1},{\"v\":2}]", "/0/id:i:1 | /0/v:i:1 | /1/v:i:2"},
    {"[{\"id\":1,\"v\":1},5]", "/0/id:i:1 | /0/v:i:1 | /1:i:5"},
    {"[{\"dev_EUI\":\"70b3\",\"id\":1,\"o\":{\"t\":1}}]",
     "/dev_EUI=70b3/id:i:1 | /dev_EUI=70b3/o/t:i:1"},
    {"{\"s\":\"{\\\"a\\\":{\\\"b\\\":\\\"x\\\\ny\\\"}}\"}", "/s/a/b:t:x\ny"},
    {"\"[{\\\"id\\\":\\\"q\\\",\\\"v\\\":1}]\"", "/id=q/v:i:1"},
    {"\"{\\\"a\\\":1}\"", "/a:i:1"},
    {"{\"s\":\"{}\",\"b\":\"[1,]\",\"c\":\"{\"}", "s:t:{} | b:t:[1,] | c:t:{"},
    {"{\"\\u0061\\u00e4\\ud83d\\ude00\":\"\\u00e4\\t\"}", "a\xc3\xa4\xf0\x9f\x98\x80:t:\xc3\xa4\t"},
    {"{\"a\\u0000b\":1,\"c\":\"x\\u0000y\",\"d\":\"ON\\u0000\"}", "c:t:x | d:t:ON"},
    {"{\"a\":1,\"a\":\"x\"}", "a:it:x"},
    {"{\"a\":9007199254740992,\"b\":9007199254740994,\"c\":1e2,\"d\":-0.25E1,\"e\":1e999}",
     "a:i:9007199254740992 | b:d:9007199254740994 | c:i:1e2 | d:d:-0.25E1 | e:d:1e999"},
    {" { \"a\" : [ 1 , { \"b\" : [ ] } ] } ", "/a/0:i:1 | /a/1/b:e:[]"},
    {"\xef\xbb\xbf{\"a\":1}\r\n", "a:i:1"},
};

static void test_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        struct survey *survey = make(SMALL);
        struct survey_topic topic;
        char keys[TEXT_SIZE];
        add(survey, "t", documents[i].payload);
        assert_true(survey_find_topic(survey, "t", &topic));
        assert_int_equal(topic.format, SURVEY_JSON);
        describe_keys(survey, &topic, keys);
        if (strcmp(keys, documents[i].keys) != 0)
            fail_msg("%s: %s, not %s", documents[i].payload, keys, documents[i].keys);
        check_key_tree(survey, &topic);
        free(survey);
    }
}

static void test_values(void **state)
{
    (void)state;
    struct survey *survey = make(SMALL);
    struct survey_topic topic;
    struct survey_key key;
    add(survey, "t", "{\"v\":21.25,\"mode\":\"heat\",\"note\":\"x\"}");
    add(survey, "t", "{\"v\":\"-3.5\",\"mode\":\"cool\"}");
    survey_add_message(survey, "t", "{\"v\":7,\"mode\":\"heat\"}", 21, true, 5000);
    assert_true(survey_find_topic(survey, "t", &topic));
    assert_int_equal(topic.messages, 3);
    assert_int_equal(topic.retained_messages, 1);
    assert_true(topic.retained);
    assert_int_equal(topic.first_ms, 1000);
    assert_int_equal(topic.newest_ms, 5000);
    assert_string_equal(topic.payload, "{\"v\":7,\"mode\":\"heat\"}");
    assert_int_equal(topic.keys, 3);
    assert_true(survey_find_key(survey, &topic, "v", &key));
    assert_int_equal(key.kinds, SURVEY_INTEGER | SURVEY_DECIMAL | SURVEY_NUMERIC_TEXT);
    assert_int_equal(key.count, 3);
    assert_true(key.smallest == -3.5 && key.largest == 21.25);
    assert_int_equal(key.decimals, 2);
    assert_int_equal(key.word_count, 0);
    assert_true(survey_find_key(survey, &topic, "mode", &key));
    assert_true(isnan(key.smallest));
    assert_int_equal(key.word_count, 2);
    assert_string_equal(key.words[0], "heat");
    assert_string_equal(key.words[1], "cool");
    assert_false(key.more_words);
    assert_string_equal(key.type, "");
    assert_true(survey_find_key(survey, &topic, "note", &key));
    assert_int_equal(key.count, 1);
    assert_false(survey_find_key(survey, &topic, "no", &key));
    assert_false(survey_find_topic(survey, "other", &topic));
    free(survey);
}

static void test_words_and_samples_are_bounded(void **state)
{
    (void)state;
    struct survey *survey = make(SMALL);
    struct survey_topic topic;
    struct survey_key key;
    char payload[300], text[200];
    for (int i = 0; i < 20; i++) {
        snprintf(payload, sizeof payload, "{\"w\":\"word%d\"}", i);
        add(survey, "t", payload);
    }
    memset(text, 'x', sizeof text);
    memcpy(text + 62, "\xc3\xa4", 2); /* the sample must not end within it */
    snprintf(payload, sizeof payload, "{\"long\":\"%.150s\"}", text);
    add(survey, "t", payload);
    assert_true(survey_find_topic(survey, "t", &topic));
    assert_true(survey_find_key(survey, &topic, "w", &key));
    assert_int_equal(key.word_count, SURVEY_WORDS_MAX);
    assert_true(key.more_words);
    assert_string_equal(key.sample, "word19");
    assert_true(survey_find_key(survey, &topic, "long", &key));
    assert_int_equal(key.word_count, 0);
    assert_true(key.more_words);
    assert_int_equal(strlen(key.sample), 62);
    free(survey);
}

static void test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *topic, *payload;
        size_t len;
        enum survey_format format;
        const char *keys;
    } rows[] = {
        {"word", "ON\n", 3, SURVEY_PLAIN, ":t:ON"},
        {"number", " +21,5", 6, SURVEY_PLAIN, ":t:+21,5"},
        {"zeros", "007.50", 6, SURVEY_PLAIN, ":x:007.50"},
        {"nul", "on\0\0", 4, SURVEY_PLAIN, ":t:on"},
        {"bytes", "\x01\xff\xfe", 3, SURVEY_BINARY, ""},
        {"utf8", "{\"a\":\"\xff\"}", 9, SURVEY_BINARY, ""},
        {"none", "", 0, SURVEY_NO_PAYLOAD, ""},
    };
    struct survey *survey = make(SMALL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct survey_topic topic;
        char keys[TEXT_SIZE];
        survey_add_message(survey, rows[i].topic, rows[i].payload, rows[i].len, false, 1);
        assert_true(survey_find_topic(survey, rows[i].topic, &topic));
        check_row(topic.format == rows[i].format, rows[i].topic);
        check_row(topic.payload_len == rows[i].len, rows[i].topic);
        check_row(memcmp(topic.payload, rows[i].payload, rows[i].len + 1) == 0, rows[i].topic);
        describe_keys(survey, &topic, keys);
        assert_string_equal(keys, rows[i].keys);
    }
    survey_add_message(survey, "word", NULL, 0, true, 2); /* keeps the payload */
    struct survey_topic topic;
    assert_true(survey_find_topic(survey, "word", &topic));
    assert_string_equal(topic.payload, "ON\n");
    assert_int_equal(topic.messages, 2);
    survey_add_message(survey, "bad\xff", "1", 1, false, 1);
    assert_int_equal(survey_read_totals(survey).lost_messages, 1);
    free(survey);
}

static void test_shared_topics(void **state)
{
    (void)state;
    struct survey *survey = make(LARGE);
    struct survey_topic topic;
    static const char *const nodes[] = {"press", "pump", "fan"};
    char payload[100];
    for (int i = 0; i < 30; i++) {
        snprintf(payload, sizeof payload, "{\"node\":\"%s\",\"t\":%d}", nodes[i % 3], i);
        add(survey, "plant", payload);
        snprintf(payload, sizeof payload, "{\"node\":\"only\",\"t\":%d}", i);
        add(survey, "one", payload);
    }
    assert_int_equal(survey_read_totals(survey).topics, 4);
    size_t entries = 0;
    for (uint32_t i = 0; survey_read_topic(survey, i, &topic); i++) {
        if (strcmp(topic.topic, "plant") == 0) {
            entries++;
            assert_int_equal(topic.messages, 10);
            assert_non_null(topic.where);
        } else {
            assert_null(topic.where);
        }
    }
    assert_int_equal(entries, 3);
    assert_true(survey_find_topic(survey, "plant", &topic));
    assert_string_equal(topic.where, "{\"node\":\"press\"}");
    free(survey);
}

/* The member is in an object of the payload, or in the first record of SenML. */
static void test_shared_topic_inside(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *where;
    } rows[] = {
        {"{\"deviceInfo\":{\"deviceName\":\"x\",\"devEui\":\"", "\"},\"object\":{\"t\":1}}",
         "{\"/deviceInfo/devEui\":\"a\"}"},
        {"{\"first\":{\"id\":7},\"end_device_ids\":{\"device_id\":\"", "\"}}",
         "{\"/end_device_ids/device_id\":\"a\"}"},
        {"[{\"bn\":\"", "\",\"n\":\"t\",\"v\":1},{\"n\":\"u\",\"v\":2}]", "{\"/0/bn\":\"a\"}"},
        {"{\"id\":\"", "\",\"deviceInfo\":{\"devEui\":\"x\"}}", "{\"id\":\"a\"}"},
        /* What a pointer would have to escape, and what is no device. */
        {"{\"a/b\":{\"devEui\":\"", "\"}}", NULL},
        {"{\"part\":{\"name\":\"", "\"}}", NULL},
        {"[{\"id\":\"", "\"}]", NULL},
        {"[[{\"bn\":\"", "\"}]]", NULL},
        {"[{\"bn\":{\"a\":\"", "\"}}]", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct survey *survey = make(SMALL);
        struct survey_topic topic;
        char payload[200];
        for (int n = 0; n < 6; n++) {
            snprintf(payload, sizeof payload, "%s%s%s", rows[i].before, n % 2 == 0 ? "a" : "b",
                     rows[i].after);
            add(survey, "t", payload);
        }
        assert_true(survey_find_topic(survey, "t", &topic));
        assert_int_equal(survey_read_totals(survey).topics, rows[i].where ? 2 : 1);
        if (rows[i].where)
            assert_string_equal(topic.where, rows[i].where);
        else
            assert_null(topic.where);
        free(survey);
    }
}

/* The number of a message tells no devices apart. */
static void test_changing_ids(void **state)
{
    (void)state;
    struct survey *survey = make(LARGE);
    struct survey_topic topic;
    char payload[100];
    add(survey, "before", "1");
    for (int i = 0; i < 500; i++) {
        snprintf(payload, sizeof payload, "{\"id\":%d,\"t\":%d}", i, i);
        add(survey, "rpc", payload);
        if (i == 20)
            add(survey, "after", "1");
    }
    assert_int_equal(survey_read_totals(survey).topics, 3);
    assert_true(survey_find_topic(survey, "after", &topic));
    assert_true(survey_find_topic(survey, "before", &topic));
    assert_true(survey_find_topic(survey, "rpc", &topic));
    assert_null(topic.where);
    assert_true(topic.messages > 400);
    assert_string_equal(topic.payload, "{\"id\":499,\"t\":499}");
    free(survey);
}

static void test_metrics(void **state)
{
    (void)state;
    struct survey *survey = make(SMALL);
    struct survey_topic topic;
    struct survey_key key;
    const struct survey_value value = {SURVEY_DECIMAL, 21.5, 1, "21.5", 4, "Float"};
    struct survey_topic_row *entry =
        survey_begin_metrics(survey, "spBv1.0/g/NBIRTH/n", "\x08", 1, false, 7);
    assert_non_null(entry);
    survey_add_metric(survey, entry, "Motor/Temp", 10, &value);
    survey_add_metric(survey, entry, "bad\xff", 4, &value);
    assert_true(survey_find_topic(survey, "spBv1.0/g/NBIRTH/n", &topic));
    assert_int_equal(topic.format, SURVEY_SPARKPLUG);
    assert_int_equal(topic.lost_keys, 1);
    assert_true(survey_find_key(survey, &topic, "Motor/Temp", &key));
    assert_string_equal(key.type, "Float");
    assert_true(key.largest == 21.5);
    assert_int_equal(survey_read_totals(survey).messages, 1);
    assert_int_equal(survey_read_totals(survey).lost_messages, 0);
    for (size_t i = 1; i <= 2; i++) { /* a topic that is not valid UTF-8 */
        assert_null(survey_begin_metrics(survey, "spBv1.0/g/NBIRTH/\xff", "\x08", 1, false, 7));
        assert_int_equal(survey_read_totals(survey).messages, 1 + i);
        assert_int_equal(survey_read_totals(survey).lost_messages, i);
        assert_int_equal(survey_read_totals(survey).topics, 1);
    }
    free(survey);
}

static volatile size_t read_bytes; /* so that no reading is left out */

static void read_all(const struct survey *survey)
{
    struct survey_topic topic;
    struct survey_key key;
    size_t bytes = 0;
    for (uint32_t i = 0; survey_read_topic(survey, i, &topic); i++) {
        bytes += strlen(topic.topic) + (topic.where ? strlen(topic.where) : 0);
        for (size_t at = 0; at <= topic.payload_len; at++)
            bytes += (unsigned char)topic.payload[at];
        for (size_t k = 0; survey_read_key(survey, &topic, k, &key); k++) {
            bytes += strlen(key.key) + strlen(key.sample) + strlen(key.type);
            for (size_t w = 0; w < key.word_count; w++)
                bytes += strlen(key.words[w]);
            survey_find_key(survey, &topic, key.key, &key);
        }
        survey_find_topic(survey, topic.topic, &topic);
    }
    read_bytes = bytes;
}

/* A survey with something of each. */
static struct survey *make_rich(size_t size)
{
    struct survey *survey = make(size);
    char payload[200];
    for (size_t i = 0; i < COUNT(documents); i++) {
        snprintf(payload, sizeof payload, "topic/%zu", i);
        add(survey, payload, documents[i].payload);
        add(survey, payload, documents[COUNT(documents) - 1 - i].payload);
        snprintf(payload, sizeof payload, "{\"node\":\"n%zu\",\"mode\":\"m%zu\"}", i % 4, i);
        add(survey, "shared", payload);
    }
    const struct survey_value value = {SURVEY_INTEGER, 1, 0, "1", 1, "Int16"};
    survey_add_metric(survey, survey_begin_metrics(survey, "spBv1.0/g/NBIRTH/n", "x", 1, false, 7),
                      "m", 1, &value);
    return survey;
}

static void check_same(const struct survey *a, const struct survey *b)
{
    struct survey_topic left, right;
    char left_keys[TEXT_SIZE], right_keys[TEXT_SIZE];
    assert_int_equal(survey_read_totals(a).topics, survey_read_totals(b).topics);
    for (uint32_t i = 0; survey_read_topic(a, i, &left); i++) {
        assert_true(survey_read_topic(b, i, &right));
        assert_string_equal(left.topic, right.topic);
        assert_string_equal(left.where ? left.where : "", right.where ? right.where : "");
        assert_string_equal(left.payload, right.payload);
        assert_int_equal(left.messages, right.messages);
        describe_keys(a, &left, left_keys);
        describe_keys(b, &right, right_keys);
        assert_string_equal(left_keys, right_keys);
    }
}

static void test_check_and_copy(void **state)
{
    (void)state;
    struct survey *survey = make_rich(LARGE);
    size_t used = survey_used_size(survey);
    void *block = malloc(used);
    memcpy(block, survey, used);
    const struct survey *checked = survey_check(block, used);
    assert_non_null(checked);
    check_same(survey, checked);
    read_all(checked);
    assert_null(survey_check(block, used - 1));
    assert_null(survey_check(block, 8));

    void *memory = malloc(LARGE);
    struct survey *copy = survey_copy(memory, LARGE, checked);
    check_same(survey, copy);
    for (int i = 0; i < 2; i++) {
        struct survey *each = i == 0 ? survey : copy;
        add(each, "topic/0", "{\"new\":1,\"t\":100}");
        add(each, "shared", "{\"node\":\"n9\",\"mode\":\"m0\"}");
    }
    check_same(survey, copy);
    free(memory);

    /* Into less memory than it needs. */
    void *small = malloc(SMALL);
    read_all(survey_copy(small, SMALL, checked));
    free(small);
    free(block);
    free(survey);
}

/* No damage makes a reader leave the block, nor run forever. */
static void test_damage(void **state)
{
    (void)state;
    struct survey *survey = make_rich(SMALL);
    size_t used = survey_used_size(survey), taken = 0;
    void *block = malloc(used), *memory = malloc(SMALL);
    for (size_t at = 0; at + 4 <= used; at += 4) {
        static const uint32_t values[] = {0, 1, 0xffffffff, 0x01010101, SMALL - 8};
        for (size_t i = 0; i < COUNT(values); i++) {
            memcpy(block, survey, used);
            memcpy((char *)block + at, &values[i], 4);
            const struct survey *checked = survey_check(block, used);
            if (!checked)
                continue;
            taken++;
            read_all(checked);
            if (i == 2)
                add(survey_copy(memory, SMALL, checked), "topic/0", "{\"new\":1}");
        }
    }
    assert_true(taken > 0);
    free(memory);
    free(block);
    free(survey);
}

static void test_full(void **state)
{
    (void)state;
    enum { TOPICS = 100000 };
    struct survey *survey = make(1 << 20);
    char topic[64], payload[64];
    for (int i = 0; i < TOPICS; i++) {
        snprintf(topic, sizeof topic, "site/%d/state", i);
        snprintf(payload, sizeof payload, "{\"v\":%d,\"s\":\"w%d\"}", i, i);
        add(survey, topic, payload);
    }
    struct survey_totals totals = survey_read_totals(survey);
    assert_int_equal(totals.messages, TOPICS);
    assert_true(totals.topics > 1000 && totals.topics < TOPICS);
    assert_int_equal(totals.topics + totals.lost_messages, TOPICS);
    assert_true(survey_used_size(survey) <= 1 << 20);
    add(survey, "site/0/state", "{\"v\":-1,\"s\":\"again\"}"); /* those that fitted go on */
    struct survey_topic found;
    struct survey_key key;
    assert_true(survey_find_topic(survey, "site/0/state", &found));
    assert_int_equal(found.messages, 2);
    assert_true(survey_find_key(survey, &found, "v", &key));
    assert_true(key.smallest == -1);
    assert_non_null(survey_check(survey, survey_used_size(survey)));
    free(survey);
}

static void test_large_payloads(void **state)
{
    (void)state;
    enum { BYTES = 2 << 20, KEYS = 3000, DEEP = 900 };
    struct survey *survey = make(LARGE);
    struct survey_topic topic;
    char *payload = malloc(BYTES);
    size_t len = 0;
    payload[len++] = '[';
    while (len < BYTES - 20)
        len += (size_t)sprintf(payload + len, "%s123456", len > 1 ? "," : "");
    payload[len++] = ']';
    survey_add_message(survey, "long", payload, len, false, 1);
    assert_true(survey_find_topic(survey, "long", &topic));
    assert_int_equal(topic.keys, 8);
    assert_int_equal(topic.payload_len, SURVEY_PAYLOAD_MAX);
    assert_int_equal(topic.payload_whole_len, len);
    assert_true(topic.lost_keys > 100000);
    assert_int_equal(survey_read_totals(survey).cut_payloads, 1);

    len = (size_t)sprintf(payload, "{");
    for (int i = 0; i < KEYS; i++)
        len += (size_t)sprintf(payload + len, "%s\"k%d\":%d", i ? "," : "", i, i);
    payload[len++] = '}';
    for (int i = 0; i < 2; i++)
        survey_add_message(survey, "wide", payload, len, false, 1);
    assert_true(survey_find_topic(survey, "wide", &topic));
    assert_int_equal(topic.keys, SURVEY_KEYS_MAX);
    assert_int_equal(topic.lost_keys, 2U * (KEYS - SURVEY_KEYS_MAX));

    memset(payload, '[', DEEP);
    memset(payload + DEEP, ']', DEEP);
    survey_add_message(survey, "deep", payload, (size_t)2 * DEEP, false, 1);
    assert_true(survey_find_topic(survey, "deep", &topic));
    assert_int_equal(topic.keys, 0);
    assert_int_equal(topic.lost_keys, 1);
    free(payload);
    free(survey);
}

/* A payload that grows and shrinks uses its memory again. */
static void test_payload_memory(void **state)
{
    (void)state;
    struct survey *survey = make(SMALL);
    char payload[4001];
    memset(payload, 'x', sizeof payload);
    for (size_t i = 0; i < 1000; i++)
        survey_add_message(survey, i % 2 ? "a" : "b", payload, 1 + i * 4, false, 1);
    struct survey_topic topic;
    assert_int_equal(survey_read_totals(survey).cut_payloads, 0);
    assert_true(survey_find_topic(survey, "a", &topic));
    assert_int_equal(topic.payload_len, 1 + 999 * 4);
    free(survey);
}

/* Payloads of each length leave their neighbours alone, and have a NUL behind them. */
static void test_payload_limits(void **state)
{
    (void)state;
    enum { LONGEST = 600 };
    struct survey *survey = make(LARGE);
    char payload[3][LONGEST + 1];
    for (size_t len = 1; len <= LONGEST; len++) {
        struct survey_topic topic;
        for (size_t i = 0; i < 3; i++) {
            const char name[] = {(char)('a' + i), '\0'};
            memset(payload[i], (int)('0' + (len + i) % 10), len);
            survey_add_message(survey, name, payload[i], len, false, 1);
        }
        for (size_t i = 0; i < 3; i++) {
            const char name[] = {(char)('a' + i), '\0'};
            assert_true(survey_find_topic(survey, name, &topic));
            assert_int_equal(topic.payload_len, len);
            assert_memory_equal(topic.payload, payload[i], len);
            assert_int_equal(topic.payload[len], '\0');
        }
    }
    free(survey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_words_and_samples_are_bounded),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_shared_topics),
        cmocka_unit_test(test_shared_topic_inside),
        cmocka_unit_test(test_changing_ids),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_check_and_copy),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_large_payloads),
        cmocka_unit_test(test_payload_memory),
        cmocka_unit_test(test_payload_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
