/* Lists of names, in the order of an enum, that end with NULL. Pure. */
#ifndef TAGFERRY_COMMON_BASE_NAME_LIST_H
#define TAGFERRY_COMMON_BASE_NAME_LIST_H

/* The index of `text` in `names`, or -1. */
int name_list_find(const char *const *names, const char *text);

#endif
