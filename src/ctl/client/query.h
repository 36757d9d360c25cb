/* The query of a request. */
#ifndef TAGFERRY_CTL_CLIENT_QUERY_H
#define TAGFERRY_CTL_CLIENT_QUERY_H

/* Returns `query` (NULL at first) with another parameter; without it where the value is NULL. Stays
 * until the program ends. */
const char *query_add(const char *query, const char *name, const char *value);
const char *query_add_number(const char *query, const char *name, long long value);
/* A text, percent-encoded. */
char *url_encode(const char *text);

#endif
