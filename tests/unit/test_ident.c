/* Functions 17 and 43/14. */
#include "modbusd/requests/ident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

static const struct ident plain = {{"Acme", "gw-1", "2.0", "", "Gateway", "", "Hall 3"}};

#define SIXTEEN "0123456789abcdef"
#define LONG    SIXTEEN SIXTEEN SIXTEEN SIXTEEN
static const struct ident longest = {{LONG, LONG, LONG, LONG, LONG, LONG, LONG}};

static void test_identification(void **state)
{
    static const struct {
        const char *name;
        uint8_t request[5];
        size_t request_len;
        enum pdu_exception code;
        const char *answer;
        size_t len;
    } rows[] = {
#define ANSWER(text) PDU_OK, text, sizeof(text) - 1
        {"basic", {43, 14, 1, 0}, 4, ANSWER("\x2b\x0e\x01\x82\0\0\3\0\4Acme\1\4gw-1\2\0032.0")},
        {"basic from 2", {43, 14, 1, 2}, 4, ANSWER("\x2b\x0e\x01\x82\0\0\1\2\0032.0")},
        {"basic from beyond begins again",
         {43, 14, 1, 3},
         4,
         ANSWER("\x2b\x0e\x01\x82\0\0\3\0\4Acme\1\4gw-1\2\0032.0")},
        {"regular",
         {43, 14, 2, 0},
         4,
         ANSWER("\x2b\x0e\x02\x82\0\0\5\0\4Acme\1\4gw-1\2\0032.0\4\7Gateway\6\6Hall 3")},
        {"regular from 4",
         {43, 14, 2, 4},
         4,
         ANSWER("\x2b\x0e\x02\x82\0\0\2\4\7Gateway\6\6Hall 3")},
        {"regular from an empty one",
         {43, 14, 2, 3},
         4,
         ANSWER("\x2b\x0e\x02\x82\0\0\5\0\4Acme\1\4gw-1\2\0032.0\4\7Gateway\6\6Hall 3")},
        {"extended is answered as regular",
         {43, 14, 3, 6},
         4,
         ANSWER("\x2b\x0e\x03\x82\0\0\1\6\6Hall 3")},
        {"one", {43, 14, 4, 1}, 4, ANSWER("\x2b\x0e\x04\x82\0\0\1\1\4gw-1")},
        {"one, optional", {43, 14, 4, 4}, 4, ANSWER("\x2b\x0e\x04\x82\0\0\1\4\7Gateway")},
        {"one that is empty", {43, 14, 4, 3}, 4, PDU_ILLEGAL_ADDRESS, "", 0},
        {"one that is reserved", {43, 14, 4, 7}, 4, PDU_ILLEGAL_ADDRESS, "", 0},
        {"one that is private", {43, 14, 4, 0x80}, 4, PDU_ILLEGAL_ADDRESS, "", 0},
        {"code 0", {43, 14, 0, 0}, 4, PDU_ILLEGAL_VALUE, "", 0},
        {"code 5", {43, 14, 5, 0}, 4, PDU_ILLEGAL_VALUE, "", 0},
        {"short", {43, 14, 1}, 3, PDU_ILLEGAL_VALUE, "", 0},
        {"alone", {43}, 1, PDU_ILLEGAL_VALUE, "", 0},
        {"long", {43, 14, 1, 0, 0}, 5, PDU_ILLEGAL_VALUE, "", 0},
        {"CANopen", {43, 13, 0, 0}, 4, PDU_ILLEGAL_FUNCTION, "", 0},
        {"server id",
         {17},
         1,
         ANSWER("\x11\x12\7\xff"
                "Acme Gateway 2.0")},
        {"server id, long", {17, 0}, 2, PDU_ILLEGAL_VALUE, "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t pdu[PDU_MAX];
        size_t len = 0;
        enum pdu_exception code =
            ident_answer_request(&plain, 7, rows[i].request, rows[i].request_len, pdu, &len);
        if (code != rows[i].code)
            fail_msg("%s: %d", rows[i].name, code);
        if (code == PDU_OK && (len != rows[i].len || memcmp(pdu, rows[i].answer, len) != 0))
            fail_msg("%s: another answer", rows[i].name);
    }
}

/* A client that follows "more follows" gets each object once and complete. */
static void test_long_texts_come_in_pieces(void **state)
{
    uint8_t pdu[PDU_MAX], next = 0;
    size_t seen = 0, len, rounds = 0;
    bool more = true;
    (void)state;
    while (more) {
        const uint8_t request[] = {43, 14, 2, next};
        assert_int_equal(ident_answer_request(&longest, 1, request, 4, pdu, &len), PDU_OK);
        assert_true(len <= PDU_MAX);
        size_t at = 7;
        for (int i = 0; i < pdu[6]; i++, seen++) {
            assert_int_equal(pdu[at], seen);
            assert_int_equal(pdu[at + 1], IDENT_TEXT_MAX);
            assert_memory_equal(pdu + at + 2, LONG, IDENT_TEXT_MAX);
            at += 2 + IDENT_TEXT_MAX;
        }
        assert_int_equal(at, len);
        more = pdu[4] == 0xFF;
        next = pdu[5];
        assert_true(++rounds < 10);
    }
    assert_int_equal(seen, IDENT_OBJECTS);
    const uint8_t report[] = {17};
    assert_int_equal(ident_answer_request(&longest, 1, report, 1, pdu, &len), PDU_OK);
    assert_int_equal(len, 4 + 3 * IDENT_TEXT_MAX + 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identification),
        cmocka_unit_test(test_long_texts_come_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
