/* Looks up the owners of the registers that a request reads and writes. */
#include "modbusd/requests/gaps.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/name_list.h"

const char *const gap_answer_names[] = {
    [GAPS_ZERO] = "zero", [GAPS_STRICT] = "strict", [GAPS_EXCEPTION] = "exception", NULL};

/* Parses "3=strict". Marks the units in `named`. */
static bool gap_rules_parse_units(const char *item, struct gap_rules *rules,
                                  bool named[UNIT_MAX + 1], char *why, size_t why_size)
{
    char list[32] = "", no_reason[1];
    struct unit_set units;
    const char *equals = strchr(item, '=');
    if (equals && equals - item < (int)sizeof list)
        memcpy(list, item, (size_t)(equals - item));
    const char *name = equals ? equals + 1 + strspn(equals + 1, " \t") : "";
    int answer = name_list_find(gap_answer_names, name);
    if (answer < 0 || !unit_set_parse(list, &units, no_reason, sizeof no_reason)) {
        snprintf(why, why_size,
                 "\"%s\" must be zero, strict or exception, or one of them after units, such as "
                 "3=strict or 5-8=exception",
                 item);
        return false;
    }
    for (size_t i = 0; i < units.count; i++) {
        if (named[units.id[i]]) {
            snprintf(why, why_size, "\"%s\" names unit %u again", item, units.id[i]);
            return false;
        }
        named[units.id[i]] = true;
        rules->of[units.id[i]] = (uint8_t)answer;
    }
    return true;
}

bool gap_rules_parse(const struct conf_list *items, struct gap_rules *rules, char *why,
                     size_t why_size)
{
    bool named[UNIT_MAX + 1] = {false};
    int others = -1;
    *rules = (struct gap_rules){0};
    for (size_t i = 0; i < items->count; i++) {
        const char *item = items->item[i];
        int answer = name_list_find(gap_answer_names, item);
        if (answer < 0 && !gap_rules_parse_units(item, rules, named, why, why_size))
            return false;
        if (answer >= 0 && others >= 0) {
            snprintf(why, why_size, "\"%s\" is a second answer for all other units", item);
            return false;
        }
        others = answer >= 0 ? answer : others;
    }
    for (size_t unit = UNIT_MIN; unit <= UNIT_MAX && others >= 0; unit++) {
        if (!named[unit])
            rules->of[unit] = (uint8_t)others;
    }
    return true;
}

bool gaps_configure(struct gaps *gaps, const struct gap_rules *rules, bool writes_need_owner,
                    const struct unit_set *units, const char *runtime_dir)
{
    bool is_needed = writes_need_owner;
    gaps->rules = *rules;
    gaps->writes_need_owner = writes_need_owner;
    for (size_t i = 0; i < units->count; i++)
        is_needed |= rules->of[units->id[i]] != GAPS_ZERO;
    if (is_needed)
        gaps_follow_file(gaps, runtime_dir);
    else
        gaps_finish(gaps);
    return is_needed;
}

void gaps_follow_file(struct gaps *gaps, const char *runtime_dir)
{
    bool is_known = owners_view_follow(&gaps->owners, runtime_dir);
    if (gaps->is_told && is_known == gaps->is_known)
        return;
    if (is_known)
        log_info("registers without a tag are known: [modbusd] gaps and writes apply");
    else
        log_warning(
            "registers without a tag are not known until tagferry-mqttd has read the "
            "configuration: [modbusd] gaps and writes do not apply yet (%s/register-owners)",
            runtime_dir);
    gaps->is_known = is_known;
    gaps->is_told = true;
}

void gaps_finish(struct gaps *gaps)
{
    owners_view_close(&gaps->owners);
    gaps->is_known = gaps->is_told = false;
}
