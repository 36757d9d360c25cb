/* A proposal in the editor of the user, and its import. */
#ifndef TAGFERRY_CTL_LEARN_LEARN_EDIT_H
#define TAGFERRY_CTL_LEARN_LEARN_EDIT_H

#include "ctl/command/command.h"

/* Opens the proposal, shows what it would change or its faults, and imports it if the user agrees.
 * A file that is empty or unchanged imports nothing, unless the user says so of an unchanged one.
 */
enum ctl_status learn_edit(const struct ctl *ctl, const char *proposal, size_t len, bool is_json);

#endif
