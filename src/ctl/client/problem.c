#include "ctl/client/problem.h"

#include <stdio.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"

/* Places that are named of errors with equal text, and errors that are printed. */
enum { PLACES_NAMED = 5, ERRORS_PRINTED = 50 };

bool problem_has_code(const struct client_reply *reply, const char *code)
{
    const cJSON *errors = json_read_array(reply->json, "errors");
    return strcmp(json_read_text(reply->json, "code"), code) == 0 ||
           strcmp(json_read_text(cJSON_GetArrayItem(errors, 0), "code"), code) == 0;
}

enum ctl_status problem_status(const struct client_reply *reply)
{
    if (reply->status >= 200 && reply->status < 300)
        return CTL_DONE;
    if (reply->status == 404)
        return CTL_NOT_FOUND;
    if (reply->status == 412 || (reply->status == 409 && problem_has_code(reply, "changed_since")))
        return CTL_CHANGED;
    return CTL_REFUSED;
}

/* Where an error is: "row 3, column scale \"x\"", "modbus.scale", or the empty text. */
static const char *problem_place(const cJSON *error)
{
    const char *row = json_read_text(error, "row"), *column = json_read_text(error, "column");
    const char *pointer = json_read_text(error, "pointer"), *cell = json_read_text(error, "cell");
    if (row[0])
        return keep_format("row %s%s%s%s%s%s", row, column[0] ? ", column " : "", column,
                           cell[0] ? " \"" : "", cell, cell[0] ? "\"" : "");
    if (pointer[0] == '/')
        pointer++;
    char *place = keep_text(pointer);
    for (char *slash = place; (slash = strchr(slash, '/'));)
        *slash = '.';
    return place;
}

static void problem_print_text(const char *text)
{
    text_print_columns(stderr, text, text_width(text));
}

/* Prints, behind `indent`, the error with the places of all later ones of the same text. */
static void problem_print_error(const cJSON *error, const char *indent)
{
    const char *detail = json_read_text(error, "detail");
    size_t places = 0;
    for (const cJSON *other = error; other; other = other->next) {
        const char *place = problem_place(other);
        if (strcmp(json_read_text(other, "detail"), detail) != 0 || place[0] == '\0')
            continue;
        if (places++ < PLACES_NAMED) {
            fputs(places == 1 ? indent : "; ", stderr);
            problem_print_text(place);
        }
    }
    if (places > PLACES_NAMED)
        fprintf(stderr, "; and %zu more", places - PLACES_NAMED);
    fputs(places > 0 ? ": " : indent, stderr);
    problem_print_text(detail[0] ? detail : json_read_text(error, "code"));
    fputc('\n', stderr);
}

static bool problem_is_told(const cJSON *errors, const cJSON *error)
{
    for (const cJSON *other = errors->child; other != error; other = other->next) {
        if (strcmp(json_read_text(other, "detail"), json_read_text(error, "detail")) == 0)
            return true;
    }
    return false;
}

/* True for "There are 2 errors; see errors.", which says nothing that the errors do not say. */
static bool problem_only_points(const char *detail)
{
    static const char end[] = "see errors.";
    size_t len = strlen(detail);
    return len >= sizeof end - 1 && strcmp(detail + len - (sizeof end - 1), end) == 0;
}

enum ctl_status problem_print(const struct client_reply *reply, const char *what)
{
    REQUIRE(what && what[0]);
    const cJSON *errors = json_read_array(reply->json, "errors"), *error;
    const char *detail = json_read_text(reply->json, "detail");
    const char *leader = json_read_text(reply->json, "leader");
    size_t printed = 0;
    int count = cJSON_GetArraySize(errors);
    if (reply->status == 412)
        detail = "somebody else has changed it since it was read";
    else if (reply->status == 401 && reply->token_file[0] == '\0')
        detail = "this server needs an access token"; /* the server's text names a header */
    else if (problem_only_points(detail))
        detail = count == 1 ? "" : keep_format("%d errors:", count);
    else if (detail[0] == '\0')
        detail = keep_format("status %ld", reply->status);
    fflush(stdout);
    fputs("tagferryctl: ", stderr);
    problem_print_text(what);
    fputs(": ", stderr);
    if (detail[0] != '\0') {
        problem_print_text(detail);
        fputc('\n', stderr);
    }
    for (error = errors ? errors->child : NULL; error; error = error->next) {
        /* One error whose text is the problem's has been told. */
        if (problem_is_told(errors, error) ||
            (count == 1 && problem_place(error)[0] == '\0' &&
             strcmp(json_read_text(error, "detail"), detail) == 0))
            continue;
        if (printed++ < ERRORS_PRINTED)
            problem_print_error(error, detail[0] == '\0' ? "" : "  ");
    }
    if (printed > ERRORS_PRINTED)
        fprintf(stderr, "  and %zu more error%s\n", printed - ERRORS_PRINTED,
                printed - ERRORS_PRINTED == 1 ? "" : "s");
    if (leader[0])
        fprintf(stderr, "  The configuration is changed at %s: --url %s\n", leader, leader);
    if (reply->status == 401 && reply->token_file[0] != '\0')
        fprintf(stderr,
                "  It is in %s. Another one: --token-file FILE, or tagferryctl token save.\n",
                reply->token_file);
    else if (reply->status == 401)
        fputs("  Its file is named with --token-file FILE; tagferryctl token save keeps one.\n",
              stderr);
    return problem_status(reply);
}

void problem_print_warnings(const struct client_reply *reply, const char *what)
{
    const cJSON *warnings = json_read_array(reply->json, "warnings"), *warning;
    if (cJSON_GetArraySize(warnings) == 0)
        return;
    fflush(stdout);
    problem_print_text(what);
    fputs(": warnings:\n", stderr);
    cJSON_ArrayForEach(warning, warnings)
    {
        if (!problem_is_told(warnings, warning))
            problem_print_error(warning, "  ");
    }
}

enum ctl_status client_send_checked(struct client *client, const struct client_request *request,
                                    struct client_reply *reply, const char *what)
{
    enum ctl_status status = client_send(client, request, reply);
    if (status != CTL_DONE || (reply->status >= 200 && reply->status < 300))
        return status;
    return problem_print(reply, what);
}
