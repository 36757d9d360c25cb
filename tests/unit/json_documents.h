/* Documents for all tests of JSON parsers: what RFC 8259 allows, and what it forbids. Beyond it, a
 * byte order mark before a value and NULs behind a closing bracket are valid here: devices send
 * them. The integration tests read the documents from this file. */
#ifndef TAGFERRY_TESTS_JSON_DOCUMENTS_H
#define TAGFERRY_TESTS_JSON_DOCUMENTS_H

#include <stddef.h>

struct document {
    const char *text;
    size_t len;
};

#define DOC(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct document valid[] = {
    DOC("{}"),
    DOC("[]"),
    DOC("0"),
    DOC("-0"),
    DOC("-0.0e-0"),
    DOC("1e5"),
    DOC("1E+5"),
    DOC("123.456e-7"),
    DOC("1e400"),
    DOC("123456789012345678901234567890"),
    DOC("\"\""),
    DOC("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""),
    DOC("\"\\ud83d\\ude00\""),
    DOC("\"\xf0\x9f\x98\x80\""),
    DOC("\"\x7f\""),
    DOC("true"),
    DOC("false"),
    DOC("null"),
    DOC(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n"),
    DOC("{\"a\":1,\"a\":2}"),
    DOC("{\"\":1}"),
    DOC("[[[[[[[[[[]]]]]]]]]]"),
    DOC("{\"a\\u0000b\":\"c\\u0000d\"}"),
    DOC("\"\\\\u0000\""),
    DOC("{}\0"),
    DOC("[1]\0\0\0"),
    DOC("{\"a\":1}\r\n\0 \0\n"),
    DOC("\xef\xbb\xbf{}"),
    DOC("\xef\xbb\xbf \"a\""),
    DOC("\xef\xbb\xbf[1]\0"),
};

static const struct document invalid[] = {
    DOC(""),
    DOC(" "),
    DOC("{"),
    DOC("}"),
    DOC("["),
    DOC("]"),
    DOC("[1,]"),
    DOC("[,1]"),
    DOC("[1 2]"),
    DOC("{,}"),
    DOC("{\"a\"}"),
    DOC("{\"a\":}"),
    DOC("{\"a\":1,}"),
    DOC("{a:1}"),
    DOC("{'a':1}"),
    DOC("{1:1}"),
    DOC("{\"a\":1 \"b\":2}"),
    DOC("[1}"),
    DOC("{\"a\":1]"),
    DOC("01"),
    DOC("-01"),
    DOC("-"),
    DOC("+1"),
    DOC(".5"),
    DOC("1."),
    DOC("2.e3"),
    DOC("1e"),
    DOC("1e+"),
    DOC("0x10"),
    DOC("1_000"),
    DOC("NaN"),
    DOC("Infinity"),
    DOC("-Infinity"),
    DOC("True"),
    DOC("tru"),
    DOC("nul"),
    DOC("nulll"),
    DOC("\""),
    DOC("\"a"),
    DOC("\"\\\""),
    DOC("\"\\x\""),
    DOC("\"\\u12\""),
    DOC("\"\\u12g4\""),
    DOC("\"\\ud800\""),
    DOC("\"\\ud800\\u0041\""),
    DOC("\"\\udc00\""),
    DOC("\"\x01\""),
    DOC("\"\n\""),
    DOC("\"\x80\""),
    DOC("\"\xc0\xaf\""),
    DOC("\"\xc3\""),
    DOC("\"\xed\xa0\x80\""),
    DOC("\"\xf4\x90\x80\x80\""),
    DOC("\"\xff\""),
    DOC("\"a\0b\""),
    DOC("\0"),
    DOC("1 2"),
    DOC("{} {}"),
    DOC("{}x"),
    DOC("// c\n1"),
    DOC("/* c */1"),
    DOC("\v1"),
    DOC("\xef\xbb\xbf"),
    DOC("\xef\xbb\xbf\0"),
    DOC("\xef\xbb{}"),
    DOC("\xef\xbb\xbf\xef\xbb\xbf{}"),
    DOC(" \xef\xbb\xbf{}"),
    DOC("{}\xef\xbb\xbf"),
    DOC("\0{}"),
    DOC("{\0}"),
    DOC("{}\0x"),
    DOC("{}\0{}"),
    DOC("{} x\0"),
    DOC("123\0"),
    DOC("\"a\"\0"),
    DOC("true\0"),
    DOC("{\"a\":1\0}"),
    DOC("\xa0"
        "1"),
};

#endif
