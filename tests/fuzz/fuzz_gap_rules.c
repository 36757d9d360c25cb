/* A text of [modbusd] gaps is read or refused with a reason; one that is read gives each unit one
 * of the answers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "modbusd/requests/gaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf_list items;
    struct gap_rules rules;
    char why[CONF_WHY_SIZE] = "";
    items.count = 0;
    for (size_t at = 0; at < size && items.count < CONF_LIST_MAX; items.count++) {
        const uint8_t *comma = memchr(data + at, ',', size - at);
        size_t len = comma ? (size_t)(comma - data) - at : size - at;
        char *item = items.item[items.count];
        size_t kept = len < CONF_ITEM_SIZE ? len : CONF_ITEM_SIZE - 1;
        memcpy(item, data + at, kept);
        item[kept] = '\0';
        at += len + 1;
    }
    bool ok = gap_rules_parse(&items, &rules, why, sizeof why);
    if (ok == (why[0] != '\0'))
        abort();
    for (size_t unit = 0; ok && unit < sizeof rules.of; unit++) {
        if (rules.of[unit] > GAPS_EXCEPTION)
            abort();
    }
    return 0;
}
