/* The JSON of a value that was typed as text. Pure. */
#ifndef TAGFERRY_CTL_MEMBERS_MEMBER_VALUE_H
#define TAGFERRY_CTL_MEMBERS_MEMBER_VALUE_H

#include <cjson/cJSON.h>

#include "ctl/members/member_list.h"

/* The value of a member, or with a `rest` of a place in it: a text as it is, a number, true or
 * false, JSON for an object, null where that is no text. With `is_whole_text`, the text comes from
 * a file: "null" is a text there, too. NULL with a sentence in *why, which says what is right. The
 * caller adds the result to a tree, or deletes it. */
cJSON *member_value_read(const struct member *member, const char *rest, const char *text,
                         bool is_whole_text, const char **why);
/* A number, true, false, or null where JSON says so, else a text: "21.5", "on", "\"12\"". */
cJSON *member_value_read_scalar(const char *text);
/* Puts the value into an object at the place of a member: {"modbus": {"scale": value}}. */
void member_value_put(cJSON *object, const struct member *member, const char *rest, cJSON *value);
/* Decides what five digits in "modbus.address" of `object` mean: they may be an offset, or a
 * Modicon address, which names a table, too. In another table than that of "modbus.table" they are
 * an offset. False if there is no such member, and they name another table than `table`, which the
 * tag has: *why says how to write each meaning. */
bool member_address_settle(cJSON *object, const char *table, const char **why);

#endif
