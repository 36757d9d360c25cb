/* Texts without the difference between upper and lower case, for a search. Pure. */
#ifndef TAGFERRY_API_BASE_CASEFOLD_H
#define TAGFERRY_API_BASE_CASEFOLD_H

#include "api/base/text.h"

/* Opens what the first call needs: early, while there is memory. */
void casefold_open(void);
/* Adds the text, which is UTF-8, with each letter in lower case. */
void casefold_text(struct text *out, const char *string);

#endif
