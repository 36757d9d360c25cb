/* The expressions of mqtt.pattern: POSIX extended regular expressions (IEEE 1003.1, 9.4) that take
 * a value out of a text. Pure.
 *
 * The engine is our own because regexec of the C library has no bounds: it keeps every state that
 * it meets until regfree, and ((a{1,255}){1,255}){1,2} takes 450 MB to compile. Here an expression
 * of PATTERN_BYTES_MAX bytes becomes at most PATTERN_STEPS_MAX steps, matching allocates nothing,
 * and a character of the text costs at most two visits of each step, whatever the expression is.
 * Texts are at most PATTERN_TEXT_MAX bytes.
 *
 * Characters are those of UTF-8; a byte that belongs to none counts as one that only `.` and
 * negated brackets match. The match is the leftmost, and the longest one there. What stands before
 * the first group takes as much as it can, then the group, unless the group is repeated or
 * optional: then its alternatives are tried from left to right. Beside POSIX: \d \w \s, \D \W \S,
 * \t \r \n. Refused: back-references, collating elements, `*?` and other repeats of repeats.
 * Classes such as [:alpha:] are ASCII's. */
#ifndef TAGFERRY_COMMON_MODEL_PATTERN_H
#define TAGFERRY_COMMON_MODEL_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PATTERN_BYTES_MAX = 256,
    PATTERN_STEPS_MAX = 512,
    PATTERN_RANGES_MAX = 512,
    PATTERN_REPEAT_MAX = 255, /* RE_DUP_MAX */
    PATTERN_TEXT_MAX = 4096
};

enum pattern_step_kind {
    STEP_CHARACTER, /* `code` */
    STEP_ANY,
    STEP_SET,   /* `other`: its first range, `code`: their number */
    STEP_SPLIT, /* to `next`, or else to `other` */
    STEP_JUMP,
    STEP_OPEN, /* the first group begins, and ends */
    STEP_CLOSE,
    STEP_BEGIN, /* of the text, and its end */
    STEP_END,
    STEP_MATCH
};

struct pattern_step {
    uint8_t kind;
    bool is_negated;
    uint16_t next, other;
    uint32_t code;
};

struct pattern_range {
    uint32_t first, last;
};

struct pattern {
    uint16_t step_count, range_count; /* no steps: it matches nothing */
    bool has_group;
    bool is_group_simple; /* neither repeated nor optional */
    const struct pattern_step *steps;
    const struct pattern_range *ranges;
};

/* Memory that a compiled pattern lies in. */
struct pattern_room {
    struct pattern_step steps[PATTERN_STEPS_MAX];
    struct pattern_range ranges[PATTERN_RANGES_MAX];
};

struct pattern_error {
    size_t at; /* a byte of the expression, from 0 */
    const char *what;
};

/* Compiles the expression into the room, which the pattern then borrows. On an error `pattern` is
 * zeroed. */
bool pattern_compile(const char *text, struct pattern_room *room, struct pattern *pattern,
                     struct pattern_error *error);

/* Finds the first group, or the whole match of a pattern without groups. False when the text does
 * not match, or the group takes no part in the match. REQUIREs len <= PATTERN_TEXT_MAX. */
bool pattern_find(const struct pattern *pattern, const char *text, size_t len, size_t *from,
                  size_t *to);

/* Reads the character that a text of at least one byte begins with, `width` bytes. A byte that
 * belongs to none gets a code beyond Unicode's. */
uint32_t pattern_read_character(const char *text, size_t len, size_t *width);

#endif
