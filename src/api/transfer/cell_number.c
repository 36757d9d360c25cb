/* Reads numbers of spreadsheets. */
#include "api/transfer/cell_number.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_SIZE = 64 };

static const char digits[] = "0123456789";

/* The parts of a cell that could be a number. */
struct number_parts {
    char text[NUMBER_SIZE]; /* without blanks and quotes between digits */
    size_t points, commas;
    const char *point, *comma; /* the last of each */
};

/* Copies the cell without the blanks and apostrophes of groups of thousands. */
static bool number_split(const char *cell, struct number_parts *parts)
{
    static const char *const gaps[] = {" ", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99"};
    size_t len = 0;
    *parts = (struct number_parts){0};
    while (*cell) {
        size_t gap = 0;
        for (size_t i = 0; i < sizeof gaps / sizeof gaps[0] && gap == 0; i++) {
            if (strncmp(cell, gaps[i], strlen(gaps[i])) == 0)
                gap = strlen(gaps[i]);
        }
        /* A gap of thousands stands between a digit and exactly three. */
        if (gap > 0 &&
            (len == 0 || !strchr(digits, parts->text[len - 1]) || strspn(cell + gap, digits) != 3))
            return false;
        if (gap == 0 && len + 1 == sizeof parts->text)
            return false;
        if (gap == 0)
            parts->text[len++] = *cell;
        cell += gap > 0 ? gap : 1;
    }
    for (const char *at = parts->text; *at; at++) {
        parts->points += *at == '.';
        parts->commas += *at == ',';
        parts->point = *at == '.' ? at : parts->point;
        parts->comma = *at == ',' ? at : parts->comma;
    }
    return len > 0;
}

/* True if the mark separates groups of thousands up to `end`: 1.000.000. */
static bool number_is_grouped(const char *text, char mark, const char *end)
{
    const char *at = text + strspn(text, "+-");
    size_t first = strspn(at, digits);
    if (first < 1 || first > 3 || at[0] == '0')
        return false;
    for (at += first; at < end; at += 4) {
        if (*at != mark || strspn(at + 1, digits) < 3)
            return false;
        if (at + 4 < end && strchr(digits, at[4]))
            return false;
    }
    return at == end;
}

/* Removes a mark, and makes the other one the decimal point. */
static void number_normalise(char *text, char grouping, char decimal)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (*at == grouping)
            continue;
        *to = *at;
        if (*at == decimal)
            *to = '.';
        to++;
    }
    *to = '\0';
}

static bool number_convert(const char *text, double *number)
{
    char *end;
    if (*text == '\0' || strspn(text, "+-.0123456789eE") != strlen(text))
        return false;
    *number = strtod(text, &end);
    return *end == '\0';
}

/* Dates such as 1.5.2026, 01.05., 2026-05-01, 1/5/26, 05-Jan, Mai 26, with or without a time. */
static bool cell_is_date(const char *cell)
{
    static const char *const months[] = {"jan", "feb", "mar", "mrz", "m\xc3\xa4r", "apr",
                                         "may", "mai", "jun", "jul", "aug",        "sep",
                                         "oct", "okt", "nov", "dec", "dez"};
    size_t groups = 0, marks = 0;
    bool month = false;
    const char *at = cell;
    while (*at && *at != ' ' && *at != 'T') {
        size_t len = strspn(at, digits);
        groups += len > 0;
        for (size_t i = 0; len == 0 && !month && i < sizeof months / sizeof months[0]; i++) {
            month = strncasecmp(at, months[i], strlen(months[i])) == 0;
            len = month ? strcspn(at, " .-/0123456789") : 0;
        }
        if (len == 0 && !strchr("./-", *at))
            return false;
        marks += len == 0;
        at += len > 0 ? len : 1;
    }
    if (*at == ' ' && strcspn(at + 1, digits) == 0 && groups == 0)
        groups++; /* Mai 26 */
    bool ends_with_point = at > cell && at[-1] == '.';
    return month ? groups >= 1 : marks == 2 && groups == (ends_with_point ? 2 : 3);
}

enum cell_number cell_number_read(const char *cell, enum decimal_mark mark, double *number)
{
    struct number_parts parts;
    if (!number_split(cell, &parts))
        return cell_is_date(cell) ? CELL_NUMBER_DATE : CELL_NOT_A_NUMBER;
    char *text = parts.text;
    const char *end = text + strlen(text);
    bool points_group =
        parts.points > 0 && number_is_grouped(text, '.', parts.comma ? parts.comma : end);
    bool commas_group =
        parts.commas > 0 && number_is_grouped(text, ',', parts.point ? parts.point : end);

    char grouping = 0, decimal = '.';
    if (parts.points > 0 && parts.commas > 0) { /* the last one is the decimal mark */
        bool comma_last = parts.comma > parts.point;
        grouping = comma_last ? '.' : ',';
        decimal = comma_last ? ',' : '.';
        if ((comma_last ? parts.commas : parts.points) != 1 ||
            !(comma_last ? points_group : commas_group))
            return CELL_NOT_A_NUMBER;
    } else if (parts.points == 1 && points_group) {
        if (mark == DECIMAL_EITHER)
            return CELL_NUMBER_UNCLEAR;
        grouping = mark == DECIMAL_COMMA ? '.' : 0;
    } else if (parts.points > 1) {
        if (!points_group)
            return cell_is_date(cell) ? CELL_NUMBER_DATE : CELL_NOT_A_NUMBER;
        grouping = '.';
        decimal = ',';
    } else if (parts.commas == 1) {
        decimal = ',';
    } else if (parts.commas > 1) {
        if (!commas_group)
            return CELL_NOT_A_NUMBER;
        grouping = ',';
    }
    bool comma_is_decimal = parts.commas > 0 && decimal == ',';
    bool other = (mark == DECIMAL_POINT && (comma_is_decimal || grouping == '.')) ||
                 (mark == DECIMAL_COMMA && grouping == ',');
    number_normalise(text, grouping, decimal);
    if (!number_convert(text, number))
        return cell_is_date(cell) ? CELL_NUMBER_DATE : CELL_NOT_A_NUMBER;
    return other ? CELL_NUMBER_OTHER_MARK : CELL_NUMBER;
}

enum decimal_mark cell_number_mark(const char *cell)
{
    struct number_parts parts;
    double number;
    if (cell_number_read(cell, DECIMAL_EITHER, &number) != CELL_NUMBER ||
        !number_split(cell, &parts))
        return DECIMAL_EITHER;
    if (parts.points > 0 && parts.commas > 0)
        return parts.comma > parts.point ? DECIMAL_COMMA : DECIMAL_POINT;
    if (parts.points > 0)
        return parts.points > 1 ? DECIMAL_COMMA : DECIMAL_POINT;
    return parts.commas == 1 && !number_is_grouped(parts.text, ',', parts.text + strlen(parts.text))
               ? DECIMAL_COMMA
               : DECIMAL_EITHER;
}

bool cell_is_spreadsheet_error(const char *cell)
{
    static const char *const words[] = {"#N/A",    "#NV",     "#VALUE!", "#WERT!",  "#REF!",
                                        "#BEZUG!", "#NAME?",  "#DIV/0!", "#NUM!",   "#ZAHL!",
                                        "#NULL!",  "#SPILL!", "#CALC!",  "#FIELD!", "Err:502",
                                        "Err:504", "Err:508"};
    if (cell[0] == '#' && cell[strspn(cell, "#")] == '\0' && strlen(cell) >= 3)
        return true; /* the column was too narrow */
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(cell, words[i]) == 0)
            return true;
    }
    return false;
}
