/* What commands print in the form that was asked for. */
#ifndef TAGFERRY_CTL_COMMANDS_OUTPUT_H
#define TAGFERRY_CTL_COMMANDS_OUTPUT_H

#include "ctl/client/pages.h"
#include "ctl/command/command.h"
#include "ctl/output/table.h"

/* Prints lines of the server's text without control characters; to standard output on a terminal,
 * each is cut to its width. */
void output_print_lines(const struct ctl *ctl, FILE *out, const char *text);
/* Prints a document of the server to standard output: to a terminal without control characters,
 * elsewhere its bytes as they are. */
void output_print_document(const struct ctl *ctl, const struct client_reply *reply);
/* Prints JSON with a newline. */
void output_print_json(const char *json);
/* Sends the request, and prints the answer where JSON is wanted. True where the caller is to print
 * it as a table; else the command ends with *status. */
bool output_ask(const struct ctl *ctl, const struct client_request *request, const char *what,
                struct client_reply *reply, enum ctl_status *status);
/* Prints a list: as JSON, or as the table, below which a line says how many there are if some are
 * left out. */
void output_print_pages(const struct ctl *ctl, const struct pages *pages,
                        const struct table *table);
/* Fills the cells of a row with the members that the columns name. */
void output_fill_row(const struct table *table, struct table_cell *row, const cJSON *object);
/* The parameters of a list from the flags for search, quality, reason and table. */
const char *output_list_query(const struct ctl *ctl);
/* Gets the list at the path, of each of the devices, which must exist, or of all if there is none;
 * with --limit. `what` is "the tags". Prints what goes wrong. */
enum ctl_status output_get_pages(const struct ctl *ctl, const char *path, const char *query,
                                 const char *const *devices, const char *what, struct pages *pages);

/* Reads --since or --until: an age such as "12h" becomes a time by the server's clock, a time or a
 * revision stays as it is; NULL: not given. Prints what goes wrong. */
enum ctl_status output_read_when(const struct ctl *ctl, enum flag flag, bool may_be_revision,
                                 const char **when);
/* A time of the API: in CSV as it is, in a table its age by the server's clock: "12 s". The empty
 * text for none. */
const char *output_time_text(const struct ctl *ctl, const char *time);
/* Milliseconds: in CSV as they are, in a table as people read a duration. */
const char *output_duration_text(const struct ctl *ctl, const cJSON *ms);
/* The elements of an array, separated by blanks. */
const char *output_array_text(const cJSON *array);
/* The member last_error of a gateway in words: "The leader does not answer: no route to host". */
const char *gateway_error_text(const cJSON *gateway);
/* A member last_error in words: "does not fit into the type: 70000". */
const char *output_error_text(const cJSON *error);

#endif
