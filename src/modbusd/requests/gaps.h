/* Requests of SCADA for registers that belong to nobody: [modbusd] gaps and writes. tagferry-mqttd
 * publishes who owns what; while that is not known, every register counts as owned. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_GAPS_H
#define TAGFERRY_MODBUSD_REQUESTS_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/conf.h"
#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/register_owners.h"

/* The answer to a read of addresses without an owner: their contents, mostly 0; exception 2 if none
 * of the addresses has an owner; or exception 2 if any has none. */
enum gap_answer { GAPS_ZERO, GAPS_STRICT, GAPS_EXCEPTION };
extern const char *const gap_answer_names[];

struct gap_rules {
    uint8_t of[256]; /* enum gap_answer, by unit id */
};

/* Parses items such as "zero", for all units that no other item names, "3=strict" or
 * "5-8=exception". False with the reason in `why`. */
bool gap_rules_parse(const struct conf_list *items, struct gap_rules *rules, char *why,
                     size_t why_size);

enum gap_verdict { GAPS_PASS, GAPS_REFUSE_READ, GAPS_REFUSE_WRITE };

/* Zero it before gaps_configure. Used by one thread. */
struct gaps {
    struct gap_rules rules;
    bool writes_need_owner; /* a write must touch a tag that takes writes */
    bool is_known, is_told; /* who owns what is known; the log says whether it is */
    struct owners_view owners;
};

/* Takes the settings over. True when requests have to be judged, false when all of them pass: the
 * file is then closed. */
bool gaps_configure(struct gaps *gaps, const struct gap_rules *rules, bool writes_need_owner,
                    const struct unit_set *units, const char *runtime_dir);
/* Call it once a second, while requests have to be judged: follows the file of the owners, and logs
 * once when it is missing, and when it is there. */
void gaps_follow_file(struct gaps *gaps, const char *runtime_dir);
/* Accepts zeroed ones. */
void gaps_finish(struct gaps *gaps);

/* Judges a request of SCADA that pdu_check_request accepted. `unit` is one of the unit set. Inline,
 * because it runs for each request. */
static inline enum gap_verdict gaps_judge_request(const struct gaps *gaps, uint8_t unit,
                                                  const struct pdu_request *request)
{
    const struct owners_view *owners = &gaps->owners;
    uint16_t address = request->read_address, count = request->read_count;
    enum gap_answer answer = gaps->rules.of[unit];
    if (count > 0 && answer != GAPS_ZERO &&
        !(answer == GAPS_EXCEPTION
              ? owners_view_has_all(owners, unit, request->table, address, count)
              : owners_view_has_any(owners, OWNER_OF_ANY_KIND, unit, request->table, address,
                                    count)))
        return GAPS_REFUSE_READ;
    if (request->write_count > 0 && gaps->writes_need_owner &&
        !owners_view_has_any(owners, OWNER_OF_WRITES, unit, request->table, request->write_address,
                             request->write_count))
        return GAPS_REFUSE_WRITE;
    return GAPS_PASS;
}

#endif
