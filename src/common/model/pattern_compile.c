/* Compiles expressions to steps, and follows all ways through the steps at once (Thompson, Pike).
 */
#include "common/model/pattern.h"

#include <ctype.h>
#include <string.h>

#include "common/base/require.h"

enum { NO_NODE = UINT16_MAX, NO_LIMIT = UINT16_MAX };

/* An expression is a tree first, so that a repeat can emit its child several times. */
enum node_kind { NODE_STEP, NODE_GROUP, NODE_REPEAT, NODE_BRANCH };

struct pattern_node {
    uint8_t kind;
    bool is_first_group;
    uint16_t child;    /* of a group its first branch, of a branch its first item */
    uint16_t next;     /* the next item, or the next branch */
    uint16_t min, max; /* of a repeat */
    size_t at;
    struct pattern_step step;
};

/* Every node takes a byte of the expression, apart from a branch, of which each `(` and `|` makes
 * one, and the first. */
enum { NODES_MAX = 2 * PATTERN_BYTES_MAX + 1 };

/* Steps that repeats emit count towards this limit even where they are empty. */
enum { EMITS_MAX = 8 * PATTERN_STEPS_MAX };

struct pattern_compiler {
    const char *text, *at;
    struct pattern_room *room;
    struct pattern *pattern;
    struct pattern_error *error;
    uint16_t node_count;
    unsigned emits;
    struct pattern_node nodes[NODES_MAX];
};

static bool pattern_fail(struct pattern_compiler *c, const char *at, const char *what)
{
    *c->error = (struct pattern_error){(size_t)(at - c->text), what};
    return false;
}

static uint32_t pattern_next_character(struct pattern_compiler *c)
{
    size_t width;
    uint32_t code = pattern_read_character(c->at, strlen(c->at), &width);
    c->at += width;
    return code;
}

static bool pattern_add_range(struct pattern_compiler *c, uint32_t first, uint32_t last)
{
    if (c->pattern->range_count == PATTERN_RANGES_MAX)
        return pattern_fail(c, c->at, "too many characters in brackets");
    c->room->ranges[c->pattern->range_count++] = (struct pattern_range){first, last};
    return true;
}

static bool pattern_add_class(struct pattern_compiler *c, int (*is_of_class)(int))
{
    for (int first = 0, last; first < 0x80; first = last + 1) {
        last = first;
        if (!is_of_class(first))
            continue;
        while (last + 1 < 0x80 && is_of_class(last + 1))
            last++;
        if (!pattern_add_range(c, (uint32_t)first, (uint32_t)last))
            return false;
    }
    return true;
}

/* [:name:], from the bracket on. */
static bool pattern_read_class(struct pattern_compiler *c)
{
    static const struct {
        const char *name;
        int (*is_of_class)(int);
    } classes[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank},
                   {"cntrl", iscntrl}, {"digit", isdigit}, {"graph", isgraph},
                   {"lower", islower}, {"print", isprint}, {"punct", ispunct},
                   {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        size_t len = strlen(classes[i].name);
        if (strncmp(c->at + 2, classes[i].name, len) != 0 || strncmp(c->at + 2 + len, ":]", 2) != 0)
            continue;
        c->at += len + 4;
        return pattern_add_class(c, classes[i].is_of_class);
    }
    return pattern_fail(c, c->at, "unknown class in brackets, such as [:digit:]");
}

/* One character of a bracket expression, and what cannot be one. */
static bool pattern_read_member(struct pattern_compiler *c, uint32_t *code)
{
    if (c->at[0] == '\0')
        return pattern_fail(c, c->at, "the bracket [ is not closed");
    if (c->at[0] == '[' && (c->at[1] == '.' || c->at[1] == '='))
        return pattern_fail(c, c->at, "[. and [= are not supported");
    if (c->at[0] == '\\' && c->at[1] && strchr("dDwWsS", c->at[1]))
        return pattern_fail(c, c->at,
                            "in brackets a backslash stands for itself: write 0-9 for "
                            "digits, [:space:] for blanks");
    *code = pattern_next_character(c);
    return true;
}

/* A bracket expression, from behind its [. */
static bool pattern_read_brackets(struct pattern_compiler *c, struct pattern_step *step)
{
    *step = (struct pattern_step){.kind = STEP_SET, .other = c->pattern->range_count};
    if (*c->at == '^') {
        step->is_negated = true;
        c->at++;
    }
    for (const char *start = c->at; *c->at != ']' || c->at == start;) {
        uint32_t first, last;
        const char *at = c->at;
        if (c->at[0] == '[' && c->at[1] == ':') {
            if (!pattern_read_class(c))
                return false;
            continue;
        }
        if (!pattern_read_member(c, &first))
            return false;
        last = first;
        if (c->at[0] == '-' && c->at[1] != ']' && c->at[1] != '\0') {
            c->at++;
            if (!pattern_read_member(c, &last))
                return false;
        }
        if (last < first)
            return pattern_fail(c, at, "the range is in reverse order");
        if (!pattern_add_range(c, first, last))
            return false;
    }
    c->at++;
    step->code = (uint32_t)(c->pattern->range_count - step->other);
    return true;
}

static int is_word_character(int character)
{
    return isalnum(character) || character == '_';
}

/* An escape, from behind its backslash. */
static bool pattern_read_escape(struct pattern_compiler *c, struct pattern_step *step)
{
    static const char controls[] = "t\tr\rn\n";
    const char *backslash = c->at - 1, escaped = *c->at;
    const char *control = escaped ? strchr(controls, escaped) : NULL;
    if (escaped == '\0')
        return pattern_fail(c, backslash, "a backslash at the end");
    if (escaped >= '1' && escaped <= '9')
        return pattern_fail(c, backslash, "back-references are not supported");
    *step = (struct pattern_step){.kind = STEP_CHARACTER};
    if (control && isalpha((unsigned char)escaped)) {
        step->code = (uint32_t)control[1];
        c->at++;
    } else if (strchr("dDwWsS", escaped)) {
        *step = (struct pattern_step){.kind = STEP_SET,
                                      .is_negated = isupper((unsigned char)escaped) != 0,
                                      .other = c->pattern->range_count};
        int kind = tolower((unsigned char)escaped);
        if (!pattern_add_class(c, kind == 'd'   ? isdigit
                                  : kind == 'w' ? is_word_character
                                                : isspace))
            return false;
        step->code = (uint32_t)(c->pattern->range_count - step->other);
        c->at++;
    } else if (isalnum((unsigned char)escaped)) {
        return pattern_fail(c, backslash,
                            "unknown escape; a backslash stands before a character "
                            "such as . or before d, w, s, t, r, n");
    } else {
        step->code = pattern_next_character(c);
    }
    return true;
}

static uint16_t pattern_add_node(struct pattern_compiler *c, enum node_kind kind)
{
    REQUIRE(c->node_count < NODES_MAX);
    c->nodes[c->node_count] = (struct pattern_node){
        .kind = (uint8_t)kind, .child = NO_NODE, .next = NO_NODE, .at = (size_t)(c->at - c->text)};
    return c->node_count++;
}

static uint16_t pattern_read_branches(struct pattern_compiler *c, bool is_in_group);

/* An item without its repeat. NO_NODE on an error. */
static uint16_t pattern_read_atom(struct pattern_compiler *c)
{
    const char *start = c->at;
    uint16_t node = pattern_add_node(c, *start == '(' ? NODE_GROUP : NODE_STEP);
    struct pattern_step *step = &c->nodes[node].step;
    bool ok = true;
    switch (*c->at++) {
    case '(':
        c->nodes[node].is_first_group = !c->pattern->has_group;
        c->pattern->has_group = true;
        c->nodes[node].child = pattern_read_branches(c, true);
        ok = c->nodes[node].child != NO_NODE;
        if (ok && *c->at++ != ')')
            ok = pattern_fail(c, start, "the parenthesis ( is not closed");
        break;
    case ')':
        ok = pattern_fail(c, start, "the parenthesis ) was not opened");
        break;
    case '[':
        ok = pattern_read_brackets(c, step);
        break;
    case '\\':
        ok = pattern_read_escape(c, step);
        break;
    case '.':
        step->kind = STEP_ANY;
        break;
    case '^':
        step->kind = STEP_BEGIN;
        break;
    case '$':
        step->kind = STEP_END;
        break;
    case '*':
    case '+':
    case '?':
    case '{':
        ok = pattern_fail(c, start,
                          "nothing to repeat; a character * + ? or { itself has a "
                          "backslash before it");
        break;
    default:
        c->at = start;
        *step = (struct pattern_step){.kind = STEP_CHARACTER, .code = pattern_next_character(c)};
    }
    return ok ? node : NO_NODE;
}

static bool pattern_read_count(struct pattern_compiler *c, uint16_t *count)
{
    unsigned number = 0;
    const char *start = c->at;
    for (; isdigit((unsigned char)*c->at) && number <= PATTERN_REPEAT_MAX; c->at++)
        number = 10 * number + (unsigned)(*c->at - '0');
    *count = (uint16_t)number;
    return c->at > start && number <= PATTERN_REPEAT_MAX;
}

/* Reads a repeat behind an item, if there is one. False on an error. */
static bool pattern_read_repeat(struct pattern_compiler *c, uint16_t *min, uint16_t *max)
{
    const char *start = c->at;
    *min = *max = 1;
    if (*start == '\0' || !strchr("*+?{", *start))
        return true;
    c->at++;
    if (*start != '{') {
        *min = *start == '+' ? 1 : 0;
        *max = *start == '?' ? 1 : NO_LIMIT;
    } else {
        bool ok = pattern_read_count(c, min);
        *max = *min;
        if (ok && *c->at == ',') {
            *max = NO_LIMIT;
            c->at++;
            ok = *c->at == '}' || pattern_read_count(c, max);
        }
        if (!ok || *c->at++ != '}' || *max < *min)
            return pattern_fail(c, start,
                                "a repeat is {n}, {n,} or {n,m}, at most {255}; a "
                                "character { itself has a backslash before it");
    }
    if (*c->at != '\0' && strchr("*+?{", *c->at))
        return pattern_fail(c, c->at, "a repeat of a repeat, or a lazy repeat, is not supported");
    return true;
}

/* The items of a branch, as a list. False on an error. */
static bool pattern_read_items(struct pattern_compiler *c, uint16_t branch, bool is_in_group)
{
    uint16_t *link = &c->nodes[branch].child;
    while (*c->at != '\0' && *c->at != '|' && !(*c->at == ')' && is_in_group)) {
        uint16_t min, max, item = pattern_read_atom(c);
        if (item == NO_NODE)
            return false;
        const char *at = c->at;
        bool is_anchor =
            c->nodes[item].kind == NODE_STEP &&
            (c->nodes[item].step.kind == STEP_BEGIN || c->nodes[item].step.kind == STEP_END);
        if (!pattern_read_repeat(c, &min, &max))
            return false;
        if (c->at > at && is_anchor)
            return pattern_fail(c, at, "^ and $ cannot be repeated");
        if (c->at > at) {
            uint16_t repeat = pattern_add_node(c, NODE_REPEAT);
            c->nodes[repeat].at = (size_t)(at - c->text);
            c->nodes[repeat].child = item;
            c->nodes[repeat].min = min;
            c->nodes[repeat].max = max;
            item = repeat;
        }
        *link = item;
        link = &c->nodes[item].next;
    }
    return true;
}

/* Returns the first branch, or NO_NODE on an error. */
static uint16_t pattern_read_branches(struct pattern_compiler *c, bool is_in_group)
{
    uint16_t first = NO_NODE, *link = &first;
    for (;;) {
        uint16_t branch = pattern_add_node(c, NODE_BRANCH);
        if (!pattern_read_items(c, branch, is_in_group))
            return NO_NODE;
        *link = branch;
        link = &c->nodes[branch].next;
        if (*c->at != '|')
            return first;
        c->at++;
    }
}

/* Returns false when there are too many steps. The step's `next` is the one behind it. */
static bool pattern_emit(struct pattern_compiler *c, size_t at, struct pattern_step step)
{
    uint16_t place = c->pattern->step_count;
    if (place == PATTERN_STEPS_MAX)
        return pattern_fail(c, c->text + at, "the expression is too large, by its repeats");
    step.next = (uint16_t)(place + 1);
    c->room->steps[place] = step;
    c->pattern->step_count++;
    return true;
}

static bool pattern_emit_branches(struct pattern_compiler *c, uint16_t branch);

static bool pattern_emit_kind(struct pattern_compiler *c, size_t at, enum pattern_step_kind kind)
{
    return pattern_emit(c, at, (struct pattern_step){.kind = (uint8_t)kind});
}

static bool pattern_emit_item(struct pattern_compiler *c, uint16_t item);

/* min copies, then a loop, or as many optional ones as may follow. */
static bool pattern_emit_repeat(struct pattern_compiler *c, const struct pattern_node *node)
{
    struct pattern_step *steps = c->room->steps;
    uint16_t first = 0, *count = &c->pattern->step_count;
    for (uint16_t i = 0; i < node->min; i++) {
        first = *count;
        if (!pattern_emit_item(c, node->child))
            return false;
    }
    if (node->max == NO_LIMIT && node->min > 0) { /* the last copy is the loop */
        uint16_t split = *count;
        if (!pattern_emit_kind(c, node->at, STEP_SPLIT))
            return false;
        steps[split].other = steps[split].next;
        steps[split].next = first;
    } else if (node->max == NO_LIMIT) {
        uint16_t split = *count;
        if (!pattern_emit_kind(c, node->at, STEP_SPLIT) || !pattern_emit_item(c, node->child) ||
            !pattern_emit_kind(c, node->at, STEP_JUMP))
            return false;
        steps[*count - 1].next = split;
        steps[split].other = *count;
    }
    uint16_t last = NO_NODE;
    for (uint16_t i = node->min; node->max != NO_LIMIT && i < node->max; i++) {
        uint16_t split = *count;
        if (!pattern_emit_kind(c, node->at, STEP_SPLIT))
            return false;
        steps[split].other = last; /* a list, until the end is known */
        last = split;
        if (!pattern_emit_item(c, node->child))
            return false;
    }
    while (last != NO_NODE) {
        uint16_t split = last;
        last = steps[split].other;
        steps[split].other = *count;
    }
    return true;
}

static bool pattern_emit_item(struct pattern_compiler *c, uint16_t item)
{
    const struct pattern_node *node = &c->nodes[item];
    if (++c->emits > EMITS_MAX)
        return pattern_fail(c, c->text + node->at, "the expression is too large, by its repeats");
    if (node->kind == NODE_REPEAT)
        return pattern_emit_repeat(c, node);
    if (node->kind == NODE_STEP)
        return pattern_emit(c, node->at, node->step);
    REQUIRE(node->kind == NODE_GROUP);
    return (!node->is_first_group || pattern_emit_kind(c, node->at, STEP_OPEN)) &&
           pattern_emit_branches(c, node->child) &&
           (!node->is_first_group || pattern_emit_kind(c, node->at, STEP_CLOSE));
}

static bool pattern_emit_branches(struct pattern_compiler *c, uint16_t branch)
{
    struct pattern_step *steps = c->room->steps;
    uint16_t last_jump = NO_NODE, *count = &c->pattern->step_count;
    for (; branch != NO_NODE; branch = c->nodes[branch].next) {
        size_t at = c->nodes[branch].at;
        uint16_t split = *count;
        bool is_last = c->nodes[branch].next == NO_NODE;
        if (!is_last && !pattern_emit_kind(c, at, STEP_SPLIT))
            return false;
        for (uint16_t item = c->nodes[branch].child; item != NO_NODE; item = c->nodes[item].next) {
            if (!pattern_emit_item(c, item))
                return false;
        }
        if (is_last)
            break;
        if (!pattern_emit_kind(c, at, STEP_JUMP))
            return false;
        steps[*count - 1].other = last_jump; /* a list, until the end is known */
        last_jump = (uint16_t)(*count - 1);
        steps[split].other = *count;
    }
    while (last_jump != NO_NODE) {
        uint16_t jump = last_jump;
        last_jump = steps[jump].other;
        steps[jump].next = *count;
        steps[jump].other = 0;
    }
    return true;
}

/* The first group lies in no other one. */
static bool pattern_first_group_is_simple(const struct pattern_compiler *c, uint16_t branch)
{
    for (; branch != NO_NODE; branch = c->nodes[branch].next) {
        for (uint16_t item = c->nodes[branch].child; item != NO_NODE; item = c->nodes[item].next) {
            if (c->nodes[item].is_first_group)
                return true;
        }
    }
    return false;
}

bool pattern_compile(const char *text, struct pattern_room *room, struct pattern *pattern,
                     struct pattern_error *error)
{
    struct pattern_compiler c;
    c.text = c.at = text;
    c.room = room;
    c.pattern = pattern;
    c.error = error;
    c.node_count = 0;
    c.emits = 0;
    *pattern = (struct pattern){.steps = room->steps, .ranges = room->ranges};
    bool ok = strlen(text) <= PATTERN_BYTES_MAX ||
              pattern_fail(&c, text + PATTERN_BYTES_MAX, "the expression has more than 256 bytes");
    uint16_t first = ok ? pattern_read_branches(&c, false) : NO_NODE;
    if (first == NO_NODE || !pattern_emit_branches(&c, first) ||
        !pattern_emit_kind(&c, 0, STEP_MATCH)) {
        *pattern = (struct pattern){0};
        return false;
    }
    pattern->is_group_simple = pattern->has_group && pattern_first_group_is_simple(&c, first);
    return true;
}
