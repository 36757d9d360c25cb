/* Asks the API for the facts about a value. */
#ifndef TAGFERRY_CTL_WHY_WHY_ASK_H
#define TAGFERRY_CTL_WHY_WHY_ASK_H

#include "ctl/client/client.h"
#include "ctl/why/why_facts.h"

/* Fills the facts about a device, or about one of its tags (or NULL: then about the tag that has
 * most to tell, if there is one). CTL_UNREACHABLE, with `silence`, where the API does not answer;
 * CTL_NOT_FOUND, after lines on standard error, where it has no such object. */
enum ctl_status why_ask(struct client *client, const char *device, const char *tag,
                        struct why_facts *facts);

#endif
