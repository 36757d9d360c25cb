/* Adds links to a chain. Inside this folder. */
#ifndef TAGFERRY_CTL_WHY_WHY_LINK_H
#define TAGFERRY_CTL_WHY_WHY_LINK_H

#include "ctl/why/why_chain.h"

/* Adds a link, in the state WHY_ENDS where the verdict names it; behind that in WHY_BEHIND. Nothing
 * where the chain is full. */
void why_add_link(struct why_chain *chain, const char *name, enum why_state state,
                  const char *detail);
/* "2026-01-02T03:04:05.678Z" without date and zone where it is short: "03:04:05". The text itself
 * where it is no time. */
const char *why_time_text(const char *time);
/* The first characters of a text, with "..." where it is longer. */
const char *why_cut_text(const char *text, size_t len);

/* Where a refused value stops: "number", "type", "server". */
const char *why_error_link(const char *error, const cJSON *tag);
/* Adds the key and each step of the conversion, as far as the newest message went. */
void why_add_conversion(const struct why_facts *facts, struct why_chain *chain);
/* Adds the register, its server, and what a client reads there. */
void why_add_register(const struct why_facts *facts, struct why_chain *chain);
/* The keys that the newest message has. */
const char *why_message_keys(const struct why_facts *facts);
/* The element of GET /messages about the newest message of the tag, or of the device; or NULL. */
const cJSON *why_newest_message(const struct why_facts *facts);
/* The newest write of SCADA or the API that the history has, or NULL. */
const cJSON *why_newest_write(const struct why_facts *facts);
/* True if the registers have something else than the newest message gives. */
bool why_register_differs(const struct why_facts *facts);

/* Fills the verdict. */
void why_find_end(const struct why_facts *facts, struct why_verdict *verdict);

#endif
