/* The cache of answers: what it finds, what it replaces, what it does not keep. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "api/handler/resource_cache.h"
#include "common/base/hash.h"

enum { SLOTS = 1024, BODY_MAX = 4096 };

static void keep(struct resource_cache *cache, const char *path, uint64_t version, int64_t revision,
                 const char *body, size_t len)
{
    struct text text = {0};
    text_append(&text, body, len);
    resource_cache_keep(cache, path, version, revision, &text);
    text_finish(&text);
}

static void check_found(const struct resource_cache *cache, const char *path, uint64_t version,
                        int64_t revision, const char *body)
{
    const struct cached_resource *found = resource_cache_find(cache, path, version);
    assert_non_null(found);
    assert_string_equal(found->path, path);
    assert_int_equal(found->version, version);
    assert_int_equal(found->revision, revision);
    assert_int_equal(found->body.len, strlen(body));
    assert_memory_equal(found->body.data, body, found->body.len);
}

static void test_finds_by_path_and_version(void **state)
{
    struct resource_cache cache = {0};
    (void)state;
    assert_null(resource_cache_find(&cache, "/a", 1));
    keep(&cache, "/a", 0, 11, "none", 4);
    assert_null(cache.slots);
    keep(&cache, "/a", 12, 11, "first", 5);
    check_found(&cache, "/a", 12, 11, "first");
    assert_null(resource_cache_find(&cache, "/a", 11));
    assert_null(resource_cache_find(&cache, "/a", 13));
    assert_null(resource_cache_find(&cache, "/a", 0));
    assert_null(resource_cache_find(&cache, "/b", 12));
    keep(&cache, "/b", 12, 10, "other", 5);
    check_found(&cache, "/a", 12, 11, "first");
    check_found(&cache, "/b", 12, 10, "other");
    keep(&cache, "/a", 13, 13, "the second", 10);
    check_found(&cache, "/a", 13, 13, "the second");
    assert_null(resource_cache_find(&cache, "/a", 12));
    keep(&cache, "/a", 14, 14, "3", 1);
    check_found(&cache, "/a", 14, 14, "3");
    resource_cache_finish(&cache);
    assert_null(cache.slots);
    assert_null(resource_cache_find(&cache, "/a", 14));
    resource_cache_finish(&cache);
}

static void test_keeps_bodies_up_to_four_kib(void **state)
{
    struct resource_cache cache = {0};
    char body[BODY_MAX + 2] = {0};
    (void)state;
    memset(body, 'x', sizeof body - 1);
    keep(&cache, "/long", 1, 1, body, BODY_MAX + 1);
    assert_null(resource_cache_find(&cache, "/long", 1));
    body[BODY_MAX] = '\0';
    keep(&cache, "/long", 1, 1, body, BODY_MAX);
    check_found(&cache, "/long", 1, 1, body);
    resource_cache_finish(&cache);
}

/* Of two paths with one slot the newer stays, and a version of the other finds nothing. */
static void test_replaces_a_path_of_the_same_slot(void **state)
{
    struct resource_cache cache = {0};
    char other[32] = "";
    (void)state;
    uint32_t slot = hash32_add_text(HASH32_START, "/a") % SLOTS;
    for (int i = 0; *other == '\0' || hash32_add_text(HASH32_START, other) % SLOTS != slot; i++)
        snprintf(other, sizeof other, "/other-%d", i);
    keep(&cache, "/a", 5, 1, "a", 1);
    assert_null(resource_cache_find(&cache, other, 5));
    keep(&cache, other, 5, 2, "b", 1);
    check_found(&cache, other, 5, 2, "b");
    assert_null(resource_cache_find(&cache, "/a", 5));
    resource_cache_finish(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_by_path_and_version),
        cmocka_unit_test(test_keeps_bodies_up_to_four_kib),
        cmocka_unit_test(test_replaces_a_path_of_the_same_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
