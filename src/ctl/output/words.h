/* Codes of the API in words, for people: those of src/common/words, which the dashboard uses, too.
 */
#ifndef TAGFERRY_CTL_OUTPUT_WORDS_H
#define TAGFERRY_CTL_OUTPUT_WORDS_H

#include "common/base/embedded.h"

/* src/common/words. */
extern const struct embedded word_files[];

struct words {
    const char *title;  /* what happened, in a few words; for an unknown code the code itself */
    const char *text;   /* what it means, in sentences; or empty */
    const char *remedy; /* what to do, in sentences; or empty */
};

/* The words for a code of a kind, which is the name of a file: "reasons", "errors", "outcomes",
 * "formats", "parts", "part_reasons", "clients", "functions", "exceptions", "gateways". All texts
 * of this header stay until the program ends. */
struct words words_find(const char *kind, const char *code);

/* Each returns a few words without a capital or a full stop, for a code that this program does not
 * know the code with blanks in place of underscores. */
const char *words_of_reason(const char *code);  /* of a quality: "silent" */
const char *words_of_error(const char *code);   /* of a value or message: "out_of_range" */
const char *words_of_outcome(const char *code); /* of a message: "nobody" */
const char *words_of_part(const char *code);    /* why a part is down: "not_running" */
const char *words_of_function(long code);       /* of Modbus: 3 */
const char *words_of_exception(long code);      /* of Modbus: 2 */

#endif
