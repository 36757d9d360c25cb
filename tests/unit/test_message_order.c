/* Time stamps of messages: late messages, and a clock that was set back. */
#include "check.h"

#include "mqttd/model/message_order.h"

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t times[24];
        uint64_t taken[24]; /* of which, in order */
    } rows[] = {
        {"in order", {5, 6, 6, 9}, {5, 6, 6, 9}},
        {"a late one", {5, 9, 7, 10}, {5, 9, 10}},
        {"nine old ones", {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 101, 10}, {100, 101}},
        {"ten old ones", {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 10, 12}, {100, 10, 11, 12}},
        {"with one of the old line between",
         {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19},
         {100, 100, 19}},
        {"out of order", {100, 9, 8, 7, 6, 5, 4, 3, 2, 1, 9, 8, 7, 6, 5, 4}, {100}},
        {"in order at last", {100, 9, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {100, 10}},
        {"a clock that stands still", {100, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, {100, 7, 7}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed feed = {.kind = FEED_VALUES};
        size_t taken = 0;
        for (size_t k = 0; k < 24 && rows[i].times[k] > 0; k++) {
            enum message_order_verdict verdict = message_order_check(&feed, rows[i].times[k]);
            if (verdict == MESSAGE_ORDER_OLDER)
                continue;
            if (rows[i].taken[taken++] != rows[i].times[k])
                fail_msg("%s: %d was taken", rows[i].name, (int)rows[i].times[k]);
        }
        if (rows[i].taken[taken] != 0)
            fail_msg("%s: %d was not taken", rows[i].name, (int)rows[i].taken[taken]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
