/* The coding of a tag in a few words, from its resource. The texts stay until the program ends. */
#ifndef TAGFERRY_CTL_COMMANDS_TAG_TEXT_H
#define TAGFERRY_CTL_COMMANDS_TAG_TEXT_H

#include <cjson/cJSON.h>

/* "float32 CDAB", "bool bit 3", "string 8": with the byte order unless it is ABCD. */
const char *tag_type_text(const cJSON *tag);
/* "0.1", with an offset "0.1 - 40". */
const char *tag_scale_text(const cJSON *tag);

#endif
