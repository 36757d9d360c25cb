/* Time stamps of messages: late messages, and a clock that was set back. */
#include "check.h"

#include "mqttd/model/message_order.h"

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t times[24];
        uint64_t taken[24];  /* of which, in order */
        uint64_t pauses[24]; /* before each message; all 0: of 1 ms */
    } rows[] = {
        {"in order", {5, 6, 6, 9}, {5, 6, 6, 9}, {0}},
        {"a late one", {5, 9, 7, 10}, {5, 9, 10}, {0}},
        {"nine old ones", {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 101, 10}, {100, 101}, {0}},
        {"ten old ones", {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 10, 12}, {100, 10, 11, 12}, {0}},
        {"with one of the old line between",
         {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19},
         {100, 100, 19},
         {0}},
        {"out of order", {100, 9, 8, 7, 6, 5, 4, 3, 2, 1, 9, 8, 7, 6, 5, 4}, {100}, {0}},
        {"in order at last", {100, 9, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {100, 10}, {0}},
        {"a clock that stands still", {100, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, {100, 7, 7}, {0}},
        {"sent again at once",
         {100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 101},
         {100, 101},
         {1}},
        {"sent again twice as fast",
         {100, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 101},
         {100, 101},
         {0}},
        {"a clock that is a little fast",
         {100, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33},
         {100, 30, 33},
         {1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}},
        {"set back beside a burst",
         {1000, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130},
         {1000, 120, 130},
         {1, 0, 0, 0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed feed = {.kind = FEED_VALUES};
        size_t taken = 0;
        uint64_t now_ms = 1000;
        const uint64_t *pauses = rows[i].pauses;
        for (size_t k = 0; k < 24 && rows[i].times[k] > 0; k++) {
            now_ms += pauses[0] > 0 ? pauses[k] : 1;
            enum message_order_verdict verdict =
                message_order_check(&feed, rows[i].times[k], now_ms);
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
