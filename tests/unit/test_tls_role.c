/* The role in a client's certificate: DER of one UTF8String, at its limits. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "modbusd/tls/tls_role.h"

#define BYTES(text) (text), sizeof(text) - 1
#define X16         "xxxxxxxxxxxxxxxx"

static const struct row {
    const char *name;
    const char *der;
    size_t len;
    const char *role; /* NULL: refused */
} rows[] = {
    {"a word", BYTES("\x0c\x08operator"), "operator"},
    {"one byte", BYTES("\x0c\x01o"), "o"},
    {"64 bytes", BYTES("\x0c\x40" X16 X16 X16 X16), X16 X16 X16 X16},
    {"65 bytes", BYTES("\x0c\x41" X16 X16 X16 X16 "x"), NULL},
    {"a blank, other letters",
     BYTES("\x0c\x0a"
           "sch\xc3\xb6ner b"),
     "sch\xc3\xb6ner b"},
    {"the last of C1 and the next", BYTES("\x0c\x02\xc2\xa0"), "\xc2\xa0"},
    {"control characters of C1", BYTES("\x0c\x02\xc2\x9f"), NULL},
    {"a line feed",
     BYTES("\x0c\x03"
           "a\nb"),
     NULL},
    {"NUL",
     BYTES("\x0c\x03"
           "a\0b"),
     NULL},
    {"delete", BYTES("\x0c\x01\x7f"), NULL},
    {"the last before delete", BYTES("\x0c\x01~"), "~"},
    {"no UTF-8", BYTES("\x0c\x02\xc3x"), NULL},
    {"half a character", BYTES("\x0c\x01\xc2"), NULL},
    {"nothing", BYTES(""), NULL},
    {"a tag alone", BYTES("\x0c"), NULL},
    {"empty", BYTES("\x0c\x00"), NULL},
    {"a byte is missing", BYTES("\x0c\x09operator"), NULL},
    {"a byte too many", BYTES("\x0c\x08operator!"), NULL},
    {"length in two bytes", BYTES("\x0c\x81\x08operator"), NULL},
    {"indefinite length", BYTES("\x0c\x80operator\0\0"), NULL},
    {"PrintableString", BYTES("\x13\x08operator"), NULL},
    {"a sequence of it", BYTES("\x30\x0a\x0c\x08operator"), NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char role[TLS_ROLE_MAX + 1];
        uint8_t *exact = malloc(rows[i].len + 1); /* shows reads beyond it */
        memcpy(exact, rows[i].der, rows[i].len);
        uint8_t *der = realloc(exact, rows[i].len ? rows[i].len : 1);
        const bool good = tls_role_parse(der, rows[i].len, role);
        check_row(good == (rows[i].role != NULL), rows[i].name);
        check_row(!good || strcmp(role, rows[i].role) == 0, rows[i].name);
        free(der);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
