/* Types and availability, which are alike in all generations. */
#include <stdint.h>
#include <string.h>

#include "api/recognisers/recogniser_tools.h"
#include "api/recognisers/shelly.h"

enum { SHELLY_WORDS_MAX = 16 };

void shelly_set_type(struct proposal *proposal, struct cJSON *tag, enum shelly_kind kind,
                     const char *words, const struct survey_key *heard)
{
    const char *list[SHELLY_WORDS_MAX];
    size_t count = 0;
    for (const char *at = words; at && count < SHELLY_WORDS_MAX;) {
        size_t len = strcspn(at, ",");
        list[count++] = arena_strndup(proposal_arena(proposal), at, len);
        at = at[len] ? at + len + 1 : NULL;
    }
    if (kind == SHELLY_MEASURED)
        recogniser_type_measurement(proposal, tag, heard);
    else if (kind == SHELLY_PERCENT)
        proposal_type_by_range(tag, 0, 100, 1);
    else if (kind == SHELLY_BYTE)
        proposal_type_by_range(tag, 0, 255, 1);
    else if (kind == SHELLY_SIGNED)
        proposal_type_by_range(tag, INT16_MIN, INT16_MAX, 1);
    else if (kind == SHELLY_COUNTER)
        proposal_type_by_range(tag, 0, UINT32_MAX, 1);
    else if (kind == SHELLY_SWITCH)
        proposal_type_switch(tag, count == 2 ? list[0] : NULL, count == 2 ? list[1] : NULL);
    else
        proposal_type_words(tag, list, count);
}

void shelly_set_online(struct proposal *proposal, struct proposal_device *device,
                       const char *prefix)
{
    const char *topic = maker_topic_join(proposal_arena(proposal), prefix, "online");
    maker_set_availability(device, topic, NULL, "true", "false");
}
