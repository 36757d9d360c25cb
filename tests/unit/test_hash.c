/* FNV-1a against published values; the hash table, also when it cannot grow. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/hash_table.h"

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool without_memory;

void *__wrap_calloc(size_t count, size_t size)
{
    return without_memory ? NULL : __real_calloc(count, size);
}

/* From the reference code's test vectors, test_fnv.c. */
static void has_the_published_values(void **state)
{
    static const struct {
        const char *text;
        uint32_t hash32;
        uint64_t hash64;
    } rows[] = {
        {"", 0x811c9dc5, UINT64_C(0xcbf29ce484222325)},
        {"a", 0xe40c292c, UINT64_C(0xaf63dc4c8601ec8c)},
        {"foobar", 0xbf9cf968, UINT64_C(0x85944171f73967e8)},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = strlen(rows[i].text);
        check_row(hash32_add_text(HASH32_START, rows[i].text) == rows[i].hash32, rows[i].text);
        check_row(hash32_add(HASH32_START, rows[i].text, len) == rows[i].hash32, rows[i].text);
        check_row(hash64_add_text(HASH64_START, rows[i].text) == rows[i].hash64, rows[i].text);
        check_row(hash64_add(HASH64_START, rows[i].text, len) == rows[i].hash64, rows[i].text);
    }
}

static void goes_on_from_a_hash(void **state)
{
    (void)state;
    assert_int_equal(hash32_add(hash32_add_text(HASH32_START, "foo"), "bar", 3),
                     hash32_add_text(HASH32_START, "foobar"));
    assert_true(hash64_add(hash64_add_text(HASH64_START, "foo"), "bar", 3) ==
                hash64_add_text(HASH64_START, "foobar"));
}

enum { ITEMS = 1000 };

struct item {
    struct hash_node node;
    unsigned key;
    bool seen;
};

static struct item items[ITEMS];

/* Causes many collisions. */
static uint32_t hash_of(unsigned key)
{
    return key / 3 * 7;
}

static struct item *find(const struct hash_table *table, unsigned key)
{
    uint32_t hash = hash_of(key);
    for (struct hash_node *at = hash_table_chain(table, hash); at; at = at->next) {
        struct item *item = (struct item *)at;
        if (at->hash == hash && item->key == key)
            return item;
    }
    return NULL;
}

static void fill(struct hash_table *table)
{
    memset(items, 0, sizeof items);
    for (unsigned i = 0; i < ITEMS; i++) {
        items[i].key = i;
        hash_table_add(table, &items[i].node, hash_of(i));
    }
}

static size_t visit_all(const struct hash_table *table)
{
    size_t count = 0;
    for (struct hash_node *at = hash_table_next(table, NULL); at; at = hash_table_next(table, at)) {
        assert_false(((struct item *)at)->seen);
        ((struct item *)at)->seen = true;
        count++;
    }
    return count;
}

static void check_all_found(const struct hash_table *table)
{
    for (unsigned i = 0; i < ITEMS; i++)
        assert_ptr_equal(find(table, i), &items[i]);
    assert_null(find(table, ITEMS));
    assert_int_equal(visit_all(table), ITEMS);
}

static void finds_visits_and_removes(void **state)
{
    struct hash_table table;
    (void)state;
    assert_true(hash_table_init(&table));
    assert_null(hash_table_next(&table, NULL));
    fill(&table);
    assert_true(table.chain_count >= ITEMS);
    check_all_found(&table);
    for (struct hash_node *at = hash_table_next(&table, NULL), *next; at; at = next) {
        next = hash_table_next(&table, at);
        if (((struct item *)at)->key % 2)
            hash_table_remove(&table, at);
    }
    assert_int_equal(table.count, ITEMS / 2);
    for (unsigned i = 0; i < ITEMS; i++)
        assert_ptr_equal(find(&table, i), i % 2 ? NULL : &items[i]);
    hash_table_finish(&table);
    assert_null(hash_table_next(&table, NULL));
}

static void works_without_memory_to_grow(void **state)
{
    struct hash_table table;
    (void)state;
    without_memory = true;
    assert_false(hash_table_init(&table));
    assert_null(hash_table_next(&table, NULL));
    hash_table_finish(&table);
    without_memory = false;
    assert_true(hash_table_init(&table));
    without_memory = true;
    fill(&table);
    without_memory = false;
    assert_true(table.chain_count < ITEMS);
    check_all_found(&table);
    hash_table_finish(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_published_values),
        cmocka_unit_test(goes_on_from_a_hash),
        cmocka_unit_test(finds_visits_and_removes),
        cmocka_unit_test(works_without_memory_to_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
