/* Chooses table and type of a tag: wide enough for what was heard, with room. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "api/proposal/proposal.h"
#include "common/model/tag.h"

/* Words that stand for 1 and 0. Those of the first rows need no value map. */
static const struct word_pair {
    const char *on, *off;
    bool plain;
} word_pairs[] = {
    {"on", "off", true},
    {"true", "false", true},
    {"yes", "no", true},
    {"open", "closed", true},
    {"open", "close", false},
    {"online", "offline", false},
    {"enabled", "disabled", false},
    {"active", "inactive", false},
    {"running", "stopped", false},
    {"run", "stop", false},
    {"started", "stopped", false},
    {"start", "stop", false},
    {"connected", "disconnected", false},
    {"locked", "unlocked", false},
    {"lock", "unlock", false},
    {"detected", "clear", false},
    {"motion", "clear", false},
    {"home", "not_home", false},
    {"occupied", "unoccupied", false},
    {"present", "absent", false},
    {"alarm", "ok", false},
    {"fault", "ok", false},
    {"error", "ok", false},
    {"pressed", "released", false},
    {"up", "down", false},
    {"high", "low", false},
    {"ein", "aus", false},
    {"an", "aus", false},
    {"ja", "nein", false},
    {"auf", "zu", false},
    {"offen", "geschlossen", false},
};

enum {
    WORDS_IN_MAP_MAX = 8,  /* different words of a text that is taken for a choice */
    WORD_REPEATS_MIN = 3,  /* messages for each of its words */
    FLOAT32_DIGITS = 7,    /* more need a float64 */
    COMPUTED_DECIMALS = 9, /* more digits than this are the noise of a computation */
    TEXT_REGISTERS_MIN = 8
};

static void tag_set_type(cJSON *tag, const char *table, enum value_type type)
{
    proposal_set_text(tag, "modbus.table", table);
    proposal_set_text(tag, "modbus.type", type_names[type]);
}

void proposal_type_words(struct cJSON *tag, const char *const *words, size_t count)
{
    cJSON *values = cJSON_CreateObject();
    for (size_t i = 0; i < count; i++) {
        if (!cJSON_GetObjectItemCaseSensitive(values, words[i]))
            cJSON_AddNumberToObject(values, words[i], (double)i);
    }
    proposal_set_object(tag, "mqtt.values", values);
    tag_set_type(tag, "input_register", TYPE_UINT16);
}

void proposal_type_text(struct cJSON *tag, size_t characters)
{
    size_t registers = (characters + 1) / 2;
    if (registers > STRING_REGISTERS_MAX)
        registers = STRING_REGISTERS_MAX;
    tag_set_type(tag, "input_register", TYPE_STRING);
    proposal_set_number(tag, "modbus.length",
                        registers < TEXT_REGISTERS_MIN ? TEXT_REGISTERS_MIN : (double)registers);
    proposal_set_text(tag, "modbus.on_overflow", "clamp");
}

void proposal_type_switch(struct cJSON *tag, const char *word_on, const char *word_off)
{
    tag_set_type(tag, "discrete_input", TYPE_BOOL);
    if (!word_on || !word_off || strcmp(word_on, word_off) == 0)
        return;
    cJSON *values = cJSON_CreateObject();
    cJSON_AddNumberToObject(values, word_on, 1);
    cJSON_AddNumberToObject(values, word_off, 0);
    proposal_set_object(tag, "mqtt.values", values);
}

/* The narrowest integer with room: an unsigned one for twice, a signed one for all that it holds
 * but a quarter. */
static enum value_type type_of_integers(double smallest, double largest)
{
    if (smallest < 0) {
        double reach = fmax(-smallest, largest);
        return reach <= 0x6000 ? TYPE_INT16 : reach <= 0x60000000 ? TYPE_INT32 : TYPE_INT64;
    }
    return largest <= 0x7fff ? TYPE_UINT16 : largest <= 0x7fffffff ? TYPE_UINT32 : TYPE_UINT64;
}

void proposal_type_by_range(struct cJSON *tag, double smallest, double largest, double step)
{
    static const enum value_type types[] = {TYPE_UINT16, TYPE_INT16, TYPE_UINT32, TYPE_INT32};
    bool whole = step > 0 && step == floor(step) && smallest == floor(smallest);
    enum value_type type = TYPE_FLOAT32;
    /* The first that fits: a documented range needs no room. */
    for (size_t i = 0; whole && type == TYPE_FLOAT32 && i < sizeof types / sizeof types[0]; i++) {
        if (smallest >= type_info[types[i]].min && largest <= type_info[types[i]].max)
            type = types[i];
    }
    tag_set_type(tag, "input_register", type);
}

/* True when the last word of a key begins with this text, as "supply_temp" with "temp". */
static bool key_ends_with_word(const char *key, const char *begin)
{
    const char *word = key;
    for (const char *at = key; *at; at++) {
        bool starts = at == key || strchr("/_-. ", at[-1]) ||
                      (*at >= 'A' && *at <= 'Z' && at[-1] >= 'a' && at[-1] <= 'z');
        if (starts && !strchr("/_-. ", *at))
            word = at;
    }
    return strncasecmp(word, begin, strlen(begin)) == 0;
}

static void type_by_numbers(cJSON *tag, const struct survey_key *key)
{
    double reach = fmax(fabs(key->smallest), fabs(key->largest));
    bool decimals = (key->kinds & SURVEY_DECIMAL) != 0 || key->decimals > 0;
    if (!decimals && reach <= 0x1p53 && !key_ends_with_word(key->key, "temp")) {
        tag_set_type(tag, "input_register", type_of_integers(key->smallest, key->largest));
        return;
    }
    /* A float32 holds 24 bits. */
    unsigned digits = key->decimals > COMPUTED_DECIMALS ? 0 : key->decimals;
    bool place = key_ends_with_word(key->key, "lat") || key_ends_with_word(key->key, "lon") ||
                 key_ends_with_word(key->key, "lng");
    bool loses = reach * pow(10, digits) >= 0x1p24 || (place && decimals);
    tag_set_type(tag, "input_register", loses ? TYPE_FLOAT64 : TYPE_FLOAT32);
}

/* Returns the word that stands for 1 when the one or two words are such a pair. */
static const struct word_pair *find_word_pair(const struct survey_key *key, const char **on,
                                              const char **off)
{
    if (key->more_words || key->word_count < 1 || key->word_count > 2)
        return NULL;
    const char *first = key->words[0], *second = key->word_count == 2 ? key->words[1] : NULL;
    for (size_t i = 0; i < sizeof word_pairs / sizeof word_pairs[0]; i++) {
        const struct word_pair *pair = &word_pairs[i];
        bool first_is_on = strcasecmp(first, pair->on) == 0;
        if (!first_is_on && strcasecmp(first, pair->off) != 0)
            continue;
        *on = first_is_on ? first : second;
        *off = first_is_on ? second : first;
        /* One word alone tells enough only if its counterpart is sure. */
        if (!second && pair->plain)
            return pair;
        if (second && strcasecmp(second, first_is_on ? pair->off : pair->on) == 0)
            return pair;
    }
    return NULL;
}

/* Texts that say that there is no number. */
static bool word_is_absence(const char *word)
{
    static const char *const words[] = {"",     "unavailable", "unknown", "undefined", "undef",
                                        "null", "nil",         "none",    "nan",       "n/a",
                                        "na",   "-",           "--",      "---"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

unsigned proposal_value_kinds(const struct survey_key *key)
{
    bool is_absence = !key->more_words;
    for (size_t i = 0; i < key->word_count && is_absence; i++)
        is_absence = word_is_absence(key->words[i]);
    return is_absence ? key->kinds & ~(unsigned)SURVEY_TEXT : key->kinds;
}

/* A number in a text, with a unit behind a blank, or with a decimal comma. */
struct text_number {
    const char *unit; /* "" without one */
    bool has_comma, has_point;
    bool is_grouped; /* three digits behind the comma: it may part thousands */
    size_t digits;
};

static bool text_number_read(const char *text, struct text_number *number)
{
    static const char digits[] = "0123456789";
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = strspn(at, digits), rest = 0;
    at += whole;
    *number = (struct text_number){.has_comma = *at == ',', .has_point = *at == '.'};
    if (number->has_comma || number->has_point) {
        rest = strspn(++at, digits);
        at += rest;
    }
    number->digits = whole + rest;
    number->is_grouped = number->has_comma && rest == 3;
    number->unit = at + (*at == ' ');
    bool has_unit = *at == ' ' ? strcspn(at + 1, " 0123456789") == strlen(at + 1) && at[1]
                               : *at == '\0' || strcmp(at, "%") == 0 || strcmp(at, "°C") == 0;
    return whole > 0 && (rest > 0 || !(number->has_comma || number->has_point)) && has_unit &&
           strlen(number->unit) <= 8;
}

/* Finds texts such as "12.5 kg" and "21,5", all with the same unit. False for others. */
static bool type_by_text_numbers(cJSON *tag, const struct survey_key *key)
{
    struct text_number first, number;
    bool has_comma = false, has_point = false, all_grouped = true;
    size_t digits = 0;
    if (key->word_count == 0 || !text_number_read(key->words[0], &first))
        return false;
    for (size_t i = 0; i <= key->word_count; i++) {
        const char *text = i < key->word_count ? key->words[i] : key->sample;
        if (!text_number_read(text, &number) || strcmp(number.unit, first.unit) != 0)
            return false;
        has_comma |= number.has_comma;
        has_point |= number.has_point;
        all_grouped &= number.is_grouped || !number.has_comma;
        digits = number.digits > digits ? number.digits : digits;
    }
    if ((has_comma && (has_point || all_grouped)) || (!has_comma && !*first.unit))
        return false;
    tag_set_type(tag, "input_register", digits > FLOAT32_DIGITS ? TYPE_FLOAT64 : TYPE_FLOAT32);
    if (has_comma)
        proposal_set_text(tag, "mqtt.number", number_names[NUMBER_DECIMAL_COMMA]);
    if (*first.unit) {
        proposal_set_text(tag, "mqtt.pattern", "^[-+0-9.,]+");
        proposal_set_text(tag, "unit", first.unit);
    }
    return true;
}

static void type_by_texts(cJSON *tag, const struct survey_key *key)
{
    const char *on = NULL, *off = NULL;
    size_t longest = strlen(key->sample);
    const struct word_pair *pair = find_word_pair(key, &on, &off);
    if (pair) {
        proposal_type_switch(tag, pair->plain ? NULL : on, pair->plain ? NULL : off);
        return;
    }
    if (type_by_text_numbers(tag, key))
        return;
    bool choice = !(key->kinds & SURVEY_NUMERIC_TEXT) && !key->more_words && key->word_count > 1 &&
                  key->word_count <= WORDS_IN_MAP_MAX &&
                  key->count >= WORD_REPEATS_MIN * key->word_count;
    if (choice) {
        proposal_type_words(tag, key->words, key->word_count);
        return;
    }
    for (size_t i = 0; i < key->word_count; i++) {
        size_t len = strlen(key->words[i]);
        longest = len > longest ? len : longest;
    }
    /* A text of this size may have been cut. */
    bool cut = longest + 4 >= SURVEY_WORD_SIZE;
    size_t twice = (size_t)2 * SURVEY_WORD_SIZE;
    proposal_type_text(tag, cut ? twice : longest + longest / 2);
}

void proposal_type_by_key(struct proposal *proposal, struct cJSON *tag,
                          const struct survey_key *key)
{
    const unsigned json_numbers = SURVEY_INTEGER | SURVEY_DECIMAL;
    unsigned kinds = key ? proposal_value_kinds(key) : 0;
    const cJSON *payload =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(tag, "mqtt"), "payload");
    /* A payload of text has no JSON numbers: a string holds all that it may be. */
    bool is_text = payload && strcmp(payload->valuestring, payload_names[PAYLOAD_TEXT]) == 0;
    bool is_number = (kinds & (json_numbers | SURVEY_NUMERIC_TEXT)) && !isnan(key->smallest) &&
                     !isnan(key->largest);
    if (is_number && (!(kinds & SURVEY_TEXT) || ((kinds & json_numbers) && !is_text))) {
        type_by_numbers(tag, key);
        if (kinds & SURVEY_TEXT)
            proposal_note(proposal,
                          "%s has numbers and texts, such as %s: it is proposed as a number, which "
                          "refuses the texts. Give them numbers with mqtt.values, if they matter.",
                          key->key, key->words[0] ? key->words[0] : key->sample);
    } else if ((kinds & SURVEY_BOOL) && !(is_text && (kinds & SURVEY_TEXT))) {
        proposal_type_switch(tag, NULL, NULL);
    } else if (key && (key->kinds & SURVEY_TEXT)) {
        type_by_texts(tag, key);
    } else {
        tag_set_type(tag, "input_register", TYPE_FLOAT32);
    }
}

void proposal_set_command(struct cJSON *tag, bool has_state, const char *command_topic,
                          const char *command_template)
{
    const cJSON *modbus = cJSON_GetObjectItemCaseSensitive(tag, "modbus");
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(modbus, "type"));
    bool is_bool = type && strcmp(type, type_names[TYPE_BOOL]) == 0;
    proposal_set_text(tag, "direction", direction_names[has_state ? BOTH_WAYS : TO_MQTT]);
    proposal_set_text(tag, "modbus.table", is_bool ? "coil" : "holding_register");
    proposal_set_text(tag, "mqtt.command_topic", command_topic);
    if (command_template)
        proposal_set_text(tag, "mqtt.command_template", command_template);
}
