/* The unacknowledged messages, and the search for one after which the broker closes. */
#include "mqttd/broker/publications.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct publication *add(struct publications *all, const char *topic, int qos)
{
    return publications_add(all, topic, "1", 1, qos, false);
}

/* Sends all messages that may be sent, as packets 1, 2, …; returns their number. */
static int send_all(struct publications *all, uint64_t quiet_ms, uint64_t now_ms)
{
    int packet = 0;
    for (struct publication *at; (at = publications_next_unsent(all, quiet_ms, now_ms));)
        publications_set_sent(all, at, ++packet, now_ms);
    return packet;
}

static void test_messages_are_taken_by_packet(void **state)
{
    struct publications all = {0};
    (void)state;
    publications_init(&all);
    int first = add(&all, "a", 1)->number;
    add(&all, "b", 0);
    assert_int_equal(send_all(&all, 0, 0), 2);
    assert_int_equal(all.sent_count, 1);
    assert_null(publications_take_sent(&all, 7));
    struct publication *taken = publications_take_sent(&all, 1);
    assert_int_equal(taken->number, first);
    assert_memory_equal(taken->payload, "1", 1);
    free(taken);
    free(publications_take_sent(&all, 2));
    assert_null(all.first);
    assert_non_null(add(&all, "c", 1)); /* the end of the list is right */
    assert_ptr_equal(all.first, publications_next_unsent(&all, 0, 0));
    publications_finish(&all);
}

/* After 2^31 messages the numbers begin again at 1, and packets after 65535. */
static void test_numbers_begin_again(void **state)
{
    static const int numbers[] = {INT_MAX - 1, INT_MAX, 1, 2};
    struct publications all = {0};
    (void)state;
    publications_init(&all);
    all.last_number = INT_MAX - 2;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct publication *added = add(&all, "a", 1);
        assert_int_equal(added->number, numbers[i]);
        assert_ptr_equal(publications_next_unsent(&all, 0, 0), added);
        publications_set_sent(&all, added, (int)(65533 + i) % 65535 + 1, 0);
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct publication *taken = publications_take_sent(&all, (int)(65533 + i) % 65535 + 1);
        assert_int_equal(taken->number, numbers[i]);
        free(taken);
    }
    assert_null(all.first);
    publications_finish(&all);
}

/* A reload after a close that followed a message of QoS 0. */
static void test_a_retry_forgets_the_suspect(void **state)
{
    struct publications all = {0};
    struct publication *culprit = NULL;
    (void)state;
    publications_init(&all);
    add(&all, "a", 0);
    assert_int_equal(send_all(&all, 0, 1000), 1);
    assert_int_equal(publications_on_close(&all, true, &culprit, 1000), PUBLICATIONS_KEPT);
    publications_retry_all(&all);
    assert_non_null(add(&all, "a", 1));
    assert_false(all.is_careful);
    publications_finish(&all);
}

static void test_the_culprit_is_found_alone(void **state)
{
    struct publications all = {0};
    struct publication *culprit = NULL;
    uint64_t now = 1000;
    (void)state;
    publications_init(&all);
    for (int i = 0; i < 3; i++)
        add(&all, i == 1 ? "bad" : "good", 1);
    assert_int_equal(send_all(&all, now, now), 3);
    assert_int_equal(publications_on_close(&all, true, &culprit, now), PUBLICATIONS_SEARCHED);
    assert_int_equal(send_all(&all, UINT64_MAX, now), 0); /* subscriptions come first */
    assert_int_equal(send_all(&all, now, now), 1);
    free(publications_take_sent(&all, 1));
    assert_int_equal(send_all(&all, now, now), 1);
    assert_int_equal(publications_on_close(&all, true, &culprit, now), PUBLICATIONS_SEARCHED);
    assert_int_equal(send_all(&all, now, now + PUBLICATION_QUIET_MS - 1), 0);
    assert_int_equal(publications_on_close(&all, true, &culprit, now), PUBLICATIONS_WAITING);
    now += PUBLICATION_QUIET_MS;
    assert_int_equal(send_all(&all, 1000, now), 1);
    assert_int_equal(publications_on_close(&all, true, &culprit, now), PUBLICATIONS_CULPRIT);
    assert_string_equal(culprit->topic, "bad");
    assert_int_equal(publications_refuse_topic(&all, culprit, now), 1);
    assert_true(publications_is_refused(&all, "bad", now + PUBLICATION_RETRY_MS - 1));
    assert_false(publications_is_refused(&all, "bad", now + PUBLICATION_RETRY_MS));
    assert_false(publications_is_refused(&all, "good", now));
    free(culprit);
    assert_int_equal(send_all(&all, now, now), 1);
    free(publications_take_sent(&all, 1));
    publications_note_lasting(&all);
    assert_false(all.is_careful);

    /* A probe needs one close only, and the next pause is longer. */
    now += PUBLICATION_RETRY_MS;
    add(&all, "bad", 1);
    assert_int_equal(send_all(&all, now - PUBLICATION_QUIET_MS, now), 1);
    assert_int_equal(publications_on_close(&all, true, &culprit, now), PUBLICATIONS_CULPRIT);
    assert_int_equal(publications_refuse_topic(&all, culprit, now), 2);
    free(culprit);
    publications_retry_all(&all);
    assert_false(publications_is_refused(&all, "bad", now));
    publications_finish(&all);
}

static enum publication_fate judge_by_topic(void *context, const struct publication *publication)
{
    (void)context;
    return publication->topic[0] == 'h'   ? PUBLICATION_HOLD
           : publication->topic[0] == 'd' ? PUBLICATION_DROP
                                          : PUBLICATION_SEND;
}

static enum publication_fate judge_held(void *context, const struct publication *publication)
{
    (void)context;
    return publication->is_held && publication->topic[1] == '1' ? PUBLICATION_DROP
                                                                : PUBLICATION_SEND;
}

static void test_a_review(void **state)
{
    struct publications all = {0};
    (void)state;
    publications_init(&all);
    assert_false(publications_review(&all, judge_by_topic, NULL));
    add(&all, "x", 1);
    add(&all, "d1", 1);
    send_all(&all, 0, 0);
    free(publications_take_sent(&all, 2));
    add(&all, "d2", 1);
    assert_false(publications_review(&all, judge_by_topic, NULL)); /* it was not sent */
    static const char *const topics[] = {"h1", "d3", "h2", "h1", "d4"};
    for (size_t i = 0; i < COUNT(topics); i++)
        add(&all, topics[i], 1);
    for (int packet = 10; packet < 15; packet++)
        publications_set_sent(&all, publications_next_unsent(&all, 0, 0), packet, 0);
    assert_int_equal(all.sent_count, 6);
    assert_true(publications_review(&all, judge_by_topic, NULL));
    assert_int_equal(all.sent_count, 4);
    publications_reset_sent(&all);
    /* What is held does not stop the others, and goes first when it may. */
    add(&all, "y", 1);
    assert_int_equal(send_all(&all, 0, 0), 2);
    assert_false(publications_review(&all, judge_held, NULL));
    struct publication *next = publications_next_unsent(&all, 0, 0);
    assert_string_equal(next->topic, "h2");
    assert_int_equal(send_all(&all, 0, 0), 1);
    publications_finish(&all);
}

static void test_an_outage_is_no_refusal(void **state)
{
    struct publications all = {0};
    struct publication *culprit = NULL;
    (void)state;
    publications_init(&all);
    add(&all, "a", 1);
    send_all(&all, 0, 0);
    assert_int_equal(publications_on_close(&all, false, &culprit, 0), PUBLICATIONS_KEPT);
    assert_int_equal(publications_on_close(&all, true, &culprit, 60000), PUBLICATIONS_KEPT);
    assert_int_equal(all.sent_count, 1);
    publications_finish(&all);
}

static void test_a_trait_is_refused_after_two_topics(void **state)
{
    struct publications all = {0};
    (void)state;
    publications_init(&all);
    for (int i = 0; i < 200; i++) {
        char topic[] = "a.000";
        topic[2] = (char)('0' + i / 100);
        topic[3] = (char)('0' + i / 10 % 10);
        topic[4] = (char)('0' + i % 10);
        assert_int_equal(publications_is_refused(&all, topic, 0), i >= 2);
        struct publication *culprit = add(&all, topic, 1);
        publications_remove(&all, culprit);
        publications_refuse_topic(&all, culprit, 0);
        free(culprit);
    }
    assert_int_equal(all.refused_count, PUBLICATION_REFUSED_MAX);
    assert_false(publications_is_refused(&all, "a b", 0));

    /* The broker takes one of them: only the others that were tried are refused. */
    struct publication *waits = add(&all, "a.x", 1);
    assert_ptr_equal(publications_take_refused(&all, 0), waits);
    free(waits);
    add(&all, "a.y", 1);
    publications_set_sent(&all, all.first, 1, 0);
    free(publications_take_sent(&all, 1));
    assert_false(publications_is_refused(&all, "a.x", 0));
    assert_true(publications_is_refused(&all, "a.199", 0));
    publications_finish(&all);
}

static void test_a_suspect_of_qos_0_is_tried_alone(void **state)
{
    struct publications all = {0};
    struct publication *culprit = NULL;
    (void)state;
    publications_init(&all);
    add(&all, "a", 0);
    send_all(&all, 0, 100);
    assert_int_equal(publications_on_close(&all, true, &culprit, 200), PUBLICATIONS_KEPT);
    assert_null(all.first);
    add(&all, "b", 0);
    assert_false(all.is_careful);
    add(&all, "a", 1);
    assert_true(all.is_careful);
    publications_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_are_taken_by_packet),
        cmocka_unit_test(test_numbers_begin_again),
        cmocka_unit_test(test_a_retry_forgets_the_suspect),
        cmocka_unit_test(test_the_culprit_is_found_alone),
        cmocka_unit_test(test_a_review),
        cmocka_unit_test(test_an_outage_is_no_refusal),
        cmocka_unit_test(test_a_trait_is_refused_after_two_topics),
        cmocka_unit_test(test_a_suspect_of_qos_0_is_tried_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
