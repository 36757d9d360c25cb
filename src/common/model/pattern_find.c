/* Follows all ways through the steps of an expression at once (Thompson, Pike). */
#include "common/model/pattern.h"

#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

enum { UNICODE_MAX = 0x10ffff };

uint32_t pattern_read_character(const char *text, size_t len, size_t *width)
{
    unsigned char lead = (unsigned char)text[0];
    *width = 1;
    if (lead < 0x80)
        return lead;
    size_t whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (len < whole || utf8_prefix_len(text, whole, whole) != whole)
        return UNICODE_MAX + 1U + lead;
    uint32_t code = lead & (0xffU >> (whole + 1));
    for (size_t i = 1; i < whole; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3fU);
    *width = whole;
    return code;
}

enum { NO_PLACE = UINT16_MAX };

/* One way through the steps, and where in the text it began and passed the group. */
struct pattern_thread {
    uint16_t step, start, open, close;
};

/* The ways at one place of the text, the best first, each at another step. */
struct pattern_threads {
    uint16_t count;
    struct pattern_thread item[PATTERN_STEPS_MAX];
};

struct pattern_matcher {
    const struct pattern *pattern;
    const char *text;
    size_t len;
    uint16_t open_at;                 /* where the group has to begin, or NO_PLACE: anywhere */
    uint16_t seen[PATTERN_STEPS_MAX]; /* by step: 1 + the place of the text where it was visited */
    struct pattern_threads *now, *then, lists[2];
};

_Static_assert(PATTERN_TEXT_MAX + 1 < NO_PLACE, "places of a text");

/* Adds the way, and all that follow from it without a character, in the order of preference. */
static void pattern_add_thread(struct pattern_matcher *matcher, struct pattern_threads *threads,
                               struct pattern_thread thread, size_t place)
{
    for (;;) {
        REQUIRE(thread.step < matcher->pattern->step_count);
        const struct pattern_step *step = &matcher->pattern->steps[thread.step];
        bool lacks_group = matcher->open_at != NO_PLACE && thread.close == NO_PLACE;
        if (matcher->seen[thread.step] == place + 1 || (step->kind == STEP_MATCH && lacks_group))
            return;
        matcher->seen[thread.step] = (uint16_t)(place + 1);
        switch (step->kind) {
        case STEP_SPLIT: {
            struct pattern_thread first = thread;
            first.step = step->next;
            pattern_add_thread(matcher, threads, first, place);
            thread.step = step->other;
            continue;
        }
        case STEP_OPEN:
            if (matcher->open_at != NO_PLACE && place != matcher->open_at)
                return;
            thread.open = (uint16_t)place;
            thread.close = NO_PLACE;
            break;
        case STEP_CLOSE:
            thread.close = (uint16_t)place;
            break;
        case STEP_BEGIN:
            if (place != 0)
                return;
            break;
        case STEP_END:
            if (place != matcher->len)
                return;
            break;
        case STEP_JUMP:
            break;
        default: /* a character has to follow, or the match is complete */
            threads->item[threads->count++] = thread;
            return;
        }
        thread.step = step->next;
    }
}

static bool pattern_step_accepts(const struct pattern *pattern, const struct pattern_step *step,
                                 uint32_t code)
{
    if (step->kind == STEP_CHARACTER)
        return step->code == code;
    if (step->kind == STEP_ANY)
        return code != 0;
    if (step->kind != STEP_SET)
        return false;
    const struct pattern_range *range = &pattern->ranges[step->other];
    for (uint32_t i = 0; i < step->code; i++) {
        if (code >= range[i].first && code <= range[i].last)
            return !step->is_negated;
    }
    return step->is_negated;
}

static void pattern_begin(struct pattern_matcher *matcher, uint16_t open_at)
{
    memset(matcher->seen, 0, sizeof matcher->seen);
    matcher->open_at = open_at;
    matcher->now = &matcher->lists[0];
    matcher->then = &matcher->lists[1];
    matcher->now->count = matcher->then->count = 0;
}

static void pattern_begin_thread(struct pattern_matcher *matcher, size_t place)
{
    struct pattern_thread thread = {0, (uint16_t)place, NO_PLACE, NO_PLACE};
    pattern_add_thread(matcher, matcher->now, thread, place);
}

static void pattern_move_thread(struct pattern_matcher *matcher, struct pattern_thread thread,
                                uint32_t code, size_t place)
{
    const struct pattern_step *step = &matcher->pattern->steps[thread.step];
    if (!pattern_step_accepts(matcher->pattern, step, code))
        return;
    thread.step = step->next;
    pattern_add_thread(matcher, matcher->then, thread, place);
}

static void pattern_swap_lists(struct pattern_matcher *matcher)
{
    struct pattern_threads *done = matcher->now;
    matcher->now = matcher->then;
    matcher->then = done;
    done->count = 0;
}

/* Finds the leftmost match, the longest there. Ways that begin further left are better. */
static bool pattern_find_match(struct pattern_matcher *matcher, struct pattern_thread *best,
                               size_t *end)
{
    bool found = false;
    size_t width = 0;
    pattern_begin(matcher, NO_PLACE);
    for (size_t place = 0;; place += width) {
        if (!found)
            pattern_begin_thread(matcher, place);
        const struct pattern_threads *now = matcher->now;
        for (uint16_t i = 0; i < now->count; i++) {
            const struct pattern_thread *thread = &now->item[i];
            if (matcher->pattern->steps[thread->step].kind != STEP_MATCH ||
                (found && thread->start > best->start))
                continue;
            found = true;
            *best = *thread;
            *end = place;
        }
        if (place == matcher->len || (found && now->count == 0))
            return found;
        uint32_t code = pattern_read_character(matcher->text + place, matcher->len - place, &width);
        for (uint16_t i = 0; i < now->count; i++) {
            if (!found || now->item[i].start <= best->start)
                pattern_move_thread(matcher, now->item[i], code, place + width);
        }
        pattern_swap_lists(matcher);
    }
}

/* Finds the last place where the group of the match can end. The best ways are those whose group is
 * still open, then those whose group ended later. */
static size_t pattern_find_close(struct pattern_matcher *matcher,
                                 const struct pattern_thread *match, size_t end)
{
    size_t width = 0, close = match->close;
    pattern_begin(matcher, match->open);
    pattern_begin_thread(matcher, match->start);
    for (size_t place = match->start; place < end; place += width) {
        const struct pattern_threads *now = matcher->now;
        uint32_t code = pattern_read_character(matcher->text + place, matcher->len - place, &width);
        for (unsigned is_closed = 0; is_closed <= 1; is_closed++) {
            for (uint16_t i = 0; i < now->count; i++) {
                if ((now->item[i].close != NO_PLACE) == (is_closed == 1))
                    pattern_move_thread(matcher, now->item[i], code, place + width);
            }
        }
        pattern_swap_lists(matcher);
    }
    for (uint16_t i = 0; i < matcher->now->count; i++) {
        const struct pattern_thread *thread = &matcher->now->item[i];
        if (matcher->pattern->steps[thread->step].kind == STEP_MATCH)
            close = thread->close;
    }
    return close;
}

bool pattern_find(const struct pattern *pattern, const char *text, size_t len, size_t *from,
                  size_t *to)
{
    struct pattern_matcher matcher;
    struct pattern_thread match = {0, 0, NO_PLACE, NO_PLACE};
    REQUIRE(len <= PATTERN_TEXT_MAX && pattern->step_count <= PATTERN_STEPS_MAX);
    matcher.pattern = pattern;
    matcher.text = text;
    matcher.len = len;
    if (pattern->step_count == 0 || !pattern_find_match(&matcher, &match, to))
        return false;
    *from = match.start;
    if (!pattern->has_group)
        return true;
    if (match.close == NO_PLACE)
        return false;
    *from = match.open;
    *to = pattern->is_group_simple ? pattern_find_close(&matcher, &match, *to) : match.close;
    return true;
}
