/* Plurals in messages: "1 device", "2 devices". */
#ifndef TAGFERRY_COMMON_BASE_PLURAL_H
#define TAGFERRY_COMMON_BASE_PLURAL_H

/* The suffix of a regular noun after this number, for "%zu device%s". */
static inline const char *plural_suffix(unsigned long long count)
{
    return count == 1 ? "" : "s";
}

#endif
