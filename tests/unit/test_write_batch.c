/* Batches: the requests for a set of values. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/tag.h"
#include "mqttd/targets/write_batch.h"

enum { ITEMS_MAX = 8, H = TABLE_HOLDING_REGISTER, I = TABLE_INPUT_REGISTER, C = TABLE_COIL };

static const uint16_t ones[POINT_REGISTERS_MAX] = {UINT16_MAX, 1, 1, 1};

struct place {
    uint8_t unit, table;
    uint16_t address, width;
    int bit; /* plus one; 0: none; 17 and 18: the low and the high byte */
};

static uint16_t place_mask(int bit)
{
    static const uint16_t others[] = {[0] = UINT16_MAX, [17] = 0xff, [18] = 0xff00};
    if (bit == 0 || bit > 16)
        return others[bit];
    return (uint16_t)(1U << (bit - 1));
}

static void print(char *text, size_t size, const struct batch_request *request)
{
    size_t used = strlen(text);
    used += (size_t)snprintf(text + used, size - used, "%s%u/%u:%u+%u", used ? " " : "",
                             request->unit, request->table, request->address, request->count);
    if (request->mask)
        snprintf(text + used, size - used, "&%x=%x", request->mask, request->words[0]);
}

static void test_joining(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct place items[ITEMS_MAX];
        struct batch_limits limits;
        const char *expected;
    } rows[] = {
        {"neighbours", {{1, H, 2, 2, 0}, {1, H, 0, 2, 0}}, {123, 1968}, "1/3:0+4"},
        {"a gap", {{1, H, 0, 1, 0}, {1, H, 2, 1, 0}}, {123, 1968}, "1/3:0+1 1/3:2+1"},
        {"two units", {{2, H, 1, 1, 0}, {1, H, 0, 1, 0}}, {123, 1968}, "1/3:0+1 2/3:1+1"},
        {"two tables", {{1, I, 0, 1, 0}, {1, H, 1, 1, 0}}, {123, 1968}, "1/2:0+1 1/3:1+1"},
        {"never split", {{1, H, 0, 2, 0}, {1, H, 2, 2, 0}}, {3, 1968}, "1/3:0+2 1/3:2+2"},
        {"wider than the limit", {{1, H, 0, 4, 0}, {1, H, 4, 1, 0}}, {2, 1}, "1/3:0+4 1/3:4+1"},
        {"exactly the limit", {{1, H, 0, 2, 0}, {1, H, 2, 2, 0}}, {4, 1968}, "1/3:0+4"},
        {"bits of one register", {{1, H, 5, 1, 1}, {1, H, 5, 1, 4}}, {123, 1968}, "1/3:5+1&9=9"},
        {"bits apart",
         {{1, H, 5, 1, 1}, {1, H, 4, 1, 0}, {1, H, 6, 1, 1}},
         {123, 1968},
         "1/3:4+1 1/3:5+1&1=1 1/3:6+1&1=1"},
        {"bytes of one register",
         {{1, H, 5, 1, 17}, {1, H, 5, 1, 18}},
         {123, 1968},
         "1/3:5+1&ffff=ffff"},
        {"a byte and bits of the other",
         {{1, H, 5, 1, 17}, {1, H, 5, 1, 9}, {1, H, 5, 1, 16}},
         {123, 1968},
         "1/3:5+1&81ff=81ff"},
        {"a byte and a bit of it", /* an overlap */
         {{1, H, 5, 1, 18}, {1, H, 5, 1, 16}},
         {123, 1968},
         "1/3:5+1&ff00=ff00 1/3:5+1&8000=8000"},
        {"coils have their own limit", {{1, C, 0, 1, 0}, {1, C, 1, 1, 0}}, {1, 2}, "1/0:0+2"},
        {"overlaps stay apart", {{1, H, 0, 2, 0}, {1, H, 1, 2, 0}}, {123, 1968}, "1/3:0+2 1/3:1+2"},
        {"the same place twice",
         {{1, H, 0, 1, 0}, {1, H, 0, 1, 0}},
         {123, 1968},
         "1/3:0+1 1/3:0+1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct batch_item items[ITEMS_MAX];
        static struct batch_request request;
        char text[256] = "";
        size_t count = 0, at = 0, carried = 0;
        for (; count < ITEMS_MAX && rows[i].items[count].width; count++) {
            const struct place *place = &rows[i].items[count];
            items[count] = (struct batch_item){.unit = place->unit,
                                               .table = place->table,
                                               .mask = place_mask(place->bit),
                                               .address = place->address,
                                               .width = place->width,
                                               .index = (uint32_t)count,
                                               .words = ones};
        }
        batch_sort_items(items, count);
        while (batch_next_request(items, count, &rows[i].limits, &at, &request)) {
            assert_int_equal(request.first, carried);
            carried += request.items;
            print(text, sizeof text, &request);
        }
        if (strcmp(text, rows[i].expected) != 0)
            fail_msg("%s: %s", rows[i].name, text);
        assert_int_equal(carried, count);
    }
}

/* For any values, each request is within its limit, and each register gets its own word. */
static void test_random(void **state)
{
    (void)state;
    enum { SPACE = 600, ROUNDS = 200 };
    static struct batch_item items[SPACE];
    static uint16_t words[SPACE * 4];
    static struct batch_request request;
    unsigned seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        uint16_t expected[SPACE] = {0}, got[SPACE] = {0};
        size_t count = 0, used = 0, at = 0;
        const struct batch_limits limits = {.registers = (uint16_t)(round % 123 + 1), .bits = 1};
        for (uint16_t address = 0; address + 4 < SPACE;) {
            uint16_t width = (uint16_t)(rand_r(&seed) % 4 + 1);
            for (uint16_t k = 0; k < width; k++)
                expected[address + k] = words[used + k] = (uint16_t)rand_r(&seed);
            items[count] = (struct batch_item){.unit = 1,
                                               .table = H,
                                               .mask = UINT16_MAX,
                                               .address = address,
                                               .width = width,
                                               .index = (uint32_t)count,
                                               .words = words + used};
            used += width;
            count++;
            address = (uint16_t)(address + width + rand_r(&seed) % 2);
        }
        for (size_t i = count - 1; i > 0; i--) {
            size_t j = (size_t)rand_r(&seed) % (i + 1);
            struct batch_item held = items[i];
            items[i] = items[j];
            items[j] = held;
        }
        batch_sort_items(items, count);
        while (batch_next_request(items, count, &limits, &at, &request)) {
            assert_true(request.count <= limits.registers || request.items == 1);
            memcpy(got + request.address, request.words, request.count * sizeof *got);
        }
        assert_memory_equal(got, expected, sizeof got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
