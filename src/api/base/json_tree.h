/* What cJSON lacks for trees: checks of members, and texts. Pure. */
#ifndef TAGFERRY_API_BASE_JSON_TREE_H
#define TAGFERRY_API_BASE_JSON_TREE_H

#include <stdbool.h>

#include "api/base/text.h"
#include "api/base/validation.h"

struct cJSON;

/* Returns true if the object has a member of this name before `member`. The time grows with the
 * number of members before it: first check that the name is a known one. */
bool json_member_is_repeated(const struct cJSON *object, const struct cJSON *member);
/* Adds an error for each member that is not in the list, which ends with NULL, or is there again.
 * `pointer` is that of the object, below the prefix of `validation`; "" for the body itself. */
void json_check_members(const struct cJSON *object, const char *pointer, const char *const *names,
                        struct validation *validation);

/* Checks a member of an object from names of tables to integers from `least` to `most`. Returns
 * what is wrong with it, and its code, or NULL. */
const char *json_check_table_member(struct arena *arena, const struct cJSON *object,
                                    const struct cJSON *member, int least, int most,
                                    const char **code);

/* Writes the tree as a value; null for NULL. */
void json_write_tree(struct text *text, const struct cJSON *tree);
/* Returns the tree as JSON; null for NULL. */
const char *json_tree_print(struct arena *arena, const struct cJSON *tree);
/* Returns the text that a scalar has within other texts: true, 21.5, or a string as it is. NULL for
 * null, objects, arrays and numbers that are not finite. */
const char *json_scalar_print(struct arena *arena, const struct cJSON *scalar);

#endif
