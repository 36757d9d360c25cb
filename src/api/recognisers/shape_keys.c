/* Merges what was heard of the values of a kind of devices, and reads their names. */
#include "api/recognisers/shape_keys.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "api/base/string_map.h"

static const unsigned numeric_kinds = SURVEY_INTEGER | SURVEY_DECIMAL | SURVEY_NUMERIC_TEXT;

struct shape_key shape_key_make(const char *id, const struct survey_key *heard)
{
    return (struct shape_key){
        .id = id, .heard = *heard, .varies = heard->word_count > 1 || heard->more_words};
}

static void survey_key_merge_numbers(struct survey_key *into, const struct survey_key *from)
{
    into->smallest = fmin(into->smallest, from->smallest); /* of NaN and a number, the number */
    into->largest = fmax(into->largest, from->largest);
    into->decimals = from->decimals > into->decimals ? from->decimals : into->decimals;
}

void shape_key_merge(struct shape_key *key, const struct survey_key *heard)
{
    struct survey_key *into = &key->heard;
    into->count += heard->count;
    key->varies |= heard->word_count > 1 || heard->more_words;
    into->kinds |= heard->kinds;
    survey_key_merge_numbers(into, heard);
    into->more_words |= heard->more_words;
    for (size_t i = 0; i < heard->word_count; i++) {
        bool known = false;
        for (size_t j = 0; j < into->word_count && !known; j++)
            known = strcmp(into->words[j], heard->words[i]) == 0;
        if (!known && into->word_count < SURVEY_WORDS_MAX)
            into->words[into->word_count++] = heard->words[i];
        else if (!known)
            into->more_words = true;
    }
}

struct survey_key shape_key_evidence(const struct shape_key *key)
{
    struct survey_key evidence = key->heard;
    if (!key->varies && evidence.count > evidence.word_count)
        evidence.count = evidence.word_count;
    return evidence;
}

/* The key with '#' for each index. NULL without one. */
static const char *key_replace_indexes(struct arena *arena, const char *key)
{
    char *pattern = arena_alloc(arena, strlen(key) + 1), *to = pattern;
    bool has_index = false;
    while (*key == '/') {
        size_t len = strcspn(key + 1, "/");
        bool is_index = len > 0 && strspn(key + 1, "0123456789") == len;
        has_index |= is_index;
        *to++ = '/';
        if (is_index)
            *to++ = '#';
        else
            to = (char *)memcpy(to, key + 1, len) + len;
        key += len + 1;
    }
    *to = '\0';
    return has_index ? pattern : NULL;
}

static bool key_is_number(const struct survey_key *key)
{
    return (key->kinds & numeric_kinds) && !(key->kinds & (SURVEY_TEXT | SURVEY_BOOL));
}

void shape_keys_join_elements(struct arena *arena, struct shape_key *const *keys, size_t count)
{
    struct string_map arrays = {.arena = arena};
    struct survey_key **joined = arena_alloc(arena, (count + 1) * sizeof(struct survey_key *));
    for (size_t i = 0; i < count; i++) {
        struct survey_key *heard = &keys[i]->heard;
        const char *pattern = key_is_number(heard) ? key_replace_indexes(arena, keys[i]->id) : NULL;
        joined[i] = pattern ? string_map_find(&arrays, pattern) : NULL;
        if (!pattern)
            continue;
        if (!joined[i]) {
            joined[i] = heard;
            string_map_add(&arrays, pattern, heard);
        }
        joined[i]->kinds |= heard->kinds;
        survey_key_merge_numbers(joined[i], heard);
    }
    for (size_t i = 0; i < count; i++) {
        if (!joined[i])
            continue;
        keys[i]->heard.kinds |= joined[i]->kinds & numeric_kinds;
        survey_key_merge_numbers(&keys[i]->heard, joined[i]);
    }
}

/* Returns the last word of a key or topic. */
static const char *last_word_of(const char *id)
{
    size_t at = strlen(id);
    while (at > 0 && !strchr("/_-. ", id[at - 1]))
        at--;
    return id + at;
}

bool shape_key_is_time(const struct shape_key *key)
{
    static const char *const words[] = {"time", "timestamp", "ts", "datetime", "date", NULL};
    const struct survey_key *heard = &key->heard;
    const char *word = last_word_of(key->id);
    bool named = false;
    for (size_t i = 0; words[i] && !named; i++)
        named = strcasecmp(word, words[i]) == 0;
    if (!named)
        return false;
    const char *sample = heard->sample;
    bool date = strlen(sample) >= 16 && sample[4] == '-' && sample[7] == '-' && sample[13] == ':';
    return date || (heard->smallest > 1e9 && heard->largest < 1e14);
}

/* Units by the last word of a key, in any case. */
static const struct word_unit {
    const char *word, *unit;
} word_units[] = {
    {"kwh", "kWh"},       {"wh", "Wh"},     {"mwh", "MWh"},   {"kw", "kW"},       {"watt", "W"},
    {"watts", "W"},       {"kva", "kVA"},   {"kvar", "kvar"}, {"volt", "V"},      {"volts", "V"},
    {"mv", "mV"},         {"ma", "mA"},     {"amps", "A"},    {"ampere", "A"},    {"hz", "Hz"},
    {"bar", "bar"},       {"mbar", "mbar"}, {"hpa", "hPa"},   {"kpa", "kPa"},     {"pa", "Pa"},
    {"psi", "psi"},       {"ppm", "ppm"},   {"ppb", "ppb"},   {"lux", "lx"},      {"lx", "lx"},
    {"rpm", "1/min"},     {"percent", "%"}, {"pct", "%"},     {"celsius", "°C"},  {"degc", "°C"},
    {"kelvin", "K"},      {"dbm", "dBm"},   {"rssi", "dBm"},  {"co2", "ppm"},     {"humidity", "%"},
    {"m3", "m³"},         {"m3h", "m³/h"},  {"kg", "kg"},     {"mm", "mm"},       {"cm", "cm"},
    {"fahrenheit", "°F"}, {"degf", "°F"},   {"ms", "ms"},     {"minutes", "min"}, {"seconds", "s"},
    {"hours", "h"},       {"litres", "l"},  {"liters", "l"},  {"liter", "l"},     {"litre", "l"},
    {"prozent", "%"},     {"grad", "°"},    {"deg", "°"},     {"kmh", "km/h"},
};

/* Units of two words, and letters behind the quantity, as "wind_km_h" and "power_W". */
static const struct word_unit end_units[] = {
    {"_km_h", "km/h"},       {"_m_s", "m/s"},    {"_mm_h", "mm/h"},   {"_mi_h", "mph"},
    {"_m3_h", "m³/h"},       {"_l_h", "l/h"},    {"_l_min", "l/min"}, {"temperature_C", "°C"},
    {"temperature_F", "°F"}, {"temp_C", "°C"},   {"temp_F", "°F"},    {"power_W", "W"},
    {"voltage_V", "V"},      {"current_A", "A"}, {"energy_J", "J"},   {"frequency_Hz", "Hz"},
};

const char *key_find_unit(const char *key)
{
    const char *word = last_word_of(key);
    size_t len = strlen(key);
    for (size_t i = 0; i < sizeof end_units / sizeof end_units[0]; i++) {
        size_t end = strlen(end_units[i].word);
        /* The unit's case counts, that of the quantity does not. */
        if (len >= end && strcasecmp(key + len - end, end_units[i].word) == 0 &&
            key[len - 1] == end_units[i].word[end - 1])
            return end_units[i].unit;
    }
    for (size_t i = 0; i < sizeof word_units / sizeof word_units[0]; i++) {
        if (strcasecmp(word, word_units[i].word) == 0)
            return word_units[i].unit;
    }
    return NULL;
}
