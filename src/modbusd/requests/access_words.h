/* Says in words what access rules mean, and finds rules that have no effect. Pure, except for the
 * output. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_ACCESS_WORDS_H
#define TAGFERRY_MODBUSD_REQUESTS_ACCESS_WORDS_H

#include <stdio.h>

#include "modbusd/requests/access.h"

/* Writes one line for each rule, in order, and then a warning for each rule that never decides and
 * for rules that let nobody in. `units` are those of the server. */
void access_explain_rules(const struct access_rules *rules, const struct unit_set *units,
                          FILE *out);

/* The name of a table in messages, such as "holding register". */
const char *access_table_name(enum pdu_table table);

#endif
