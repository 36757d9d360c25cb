/* Packages: what is written can be read, in pieces and up to a limit, and equal content makes equal
 * bytes. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/base/zip_package.h"

void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);

static bool no_memory;

void *__wrap_calloc(size_t count, size_t size)
{
    return no_memory ? NULL : __real_calloc(count, size);
}

static char large[10000];

/* A package of three files. */
static void write_package(struct text *package)
{
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i * i % 23);
    const struct zip_part parts[] = {
        {"a/one.xml", "first", 5}, {"empty", "", 0}, {"Large.txt", large, sizeof large}};
    zip_package_write(parts, COUNT(parts), package);
}

/* Reads an entry in pieces of this size. Returns its length, or -1. */
static long read_entry(struct zip_package *package, const char *name, size_t limit, size_t piece,
                       char *bytes)
{
    size_t total = 0;
    long len;
    assert_true(zip_package_enter(package, name));
    while ((len = zip_package_read(package, limit, bytes + total, piece)) > 0)
        total += (size_t)len;
    return len < 0 ? -1 : (long)total;
}

static void test_there_and_back(void **state)
{
    static char bytes[20000];
    struct text package = {0}, again = {0};
    (void)state;
    text_puts(&package, "before");
    write_package(&package);
    assert_memory_equal(package.data, "beforePK", 8);
    write_package(&again);
    assert_int_equal(again.len, package.len - 6);
    assert_memory_equal(again.data, package.data + 6, again.len);
    assert_true(again.len < sizeof large / 2); /* compressed */
    /* The method is deflate, the time midnight, and the date 1 January 1980. */
    assert_memory_equal(again.data + 8 + 0, "\x08\x00\x00\x00\x21\x00", 6);
    struct zip_package *zip = zip_package_open(again.data, again.len);
    assert_non_null(zip);
    assert_int_equal(zip_package_read(zip, 100000, bytes, 10), 0); /* none is entered */
    assert_int_equal(read_entry(zip, "a/one.xml", 100000, 2, bytes), 5);
    assert_memory_equal(bytes, "first", 5);
    assert_int_equal(read_entry(zip, "empty", 100000, 10, bytes), 0);
    assert_int_equal(read_entry(zip, "large.TXT", 100000, 999, bytes), sizeof large);
    assert_memory_equal(bytes, large, sizeof large);
    assert_false(zip_package_enter(zip, "a/one"));
    assert_int_equal(zip_package_read(zip, 100000, bytes, 10), 0);
    assert_true(zip_package_enter(zip, "a/one.xml"));
    zip_package_close(zip);
    text_finish(&package);
    text_finish(&again);
    zip_package_close(NULL);
}

/* The limit is of all that was read of the package. */
static void test_limits(void **state)
{
    static char bytes[20000];
    struct text package = {0};
    (void)state;
    write_package(&package);
    struct zip_package *zip = zip_package_open(package.data, package.len);
    assert_int_equal(read_entry(zip, "a/one.xml", 5, 10, bytes), 5);
    assert_int_equal(read_entry(zip, "Large.txt", 5 + sizeof large, sizeof bytes, bytes),
                     sizeof large);
    assert_int_equal(read_entry(zip, "empty", 5 + sizeof large, 10, bytes), 0);
    assert_int_equal(read_entry(zip, "empty", 4 + sizeof large, 10, bytes), -1);
    assert_int_equal(read_entry(zip, "a/one.xml", 9 + sizeof large, 10, bytes), -1);
    zip_package_close(zip);
    text_finish(&package);
}

static void test_damage(void **state)
{
    static char bytes[20000];
    struct text package = {0};
    (void)state;
    assert_null(zip_package_open("no package", 10));

    write_package(&package);
    assert_null(zip_package_open(package.data, package.len - 30));
    package.data[30 + 9 + 2] ^= 0x55; /* in the first file */
    struct zip_package *zip = zip_package_open(package.data, package.len);
    assert_non_null(zip);
    assert_int_equal(read_entry(zip, "a/one.xml", 100000, 100, bytes), -1);
    assert_int_equal(read_entry(zip, "Large.txt", 100000, 100, bytes),
                     sizeof large); /* the others are well */
    zip_package_close(zip);
    text_finish(&package);
}

static void open_any(void *context)
{
    (void)context;
    assert_null(zip_package_open("no package", 10));
}

static void test_no_memory(void **state)
{
    struct memory memory = {0};
    (void)state;
    no_memory = true;
    bool ok = memory_run(&memory, open_any, NULL);
    no_memory = false;
    assert_false(ok);
    assert_true(memory_run(&memory, open_any, NULL));
    memory_finish(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
