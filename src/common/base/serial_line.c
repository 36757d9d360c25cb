/* Parses and writes the parameters of serial lines. */
#include "common/base/serial_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAUD_DIGITS_MAX = 7 };
enum { WORD_SIZE = 24 }; /* the longest option and its end */

#define SERIAL_EXAMPLE "\"/dev/ttyUSB0:19200,8E1\""

const uint32_t serial_line_speeds[] = {
    300,     600,     1200,    1800,    2400,    4800,    9600,   19200,   38400,
    57600,   115200,  230400,  460800,  500000,  576000,  921600, 1000000, 1152000,
    1500000, 2000000, 2500000, 3000000, 3500000, 4000000, 0};

/* Copies a path without empty and "." parts. False for one that is not absolute, is too long, is
 * the root, has "..", or has bytes that no path of a device has. */
static bool serial_copy_path(const char *from, size_t len, char path[SERIAL_PATH_SIZE])
{
    size_t used = 0;
    if (len == 0 || from[0] != '/')
        return false;
    for (size_t at = 0; at < len;) {
        size_t part = 0;
        while (at < len && from[at] == '/')
            at++;
        while (at + part < len && from[at + part] != '/') {
            if (from[at + part] <= ' ' || from[at + part] > '~' ||
                strchr("\"'\\;", from[at + part]))
                return false;
            part++;
        }
        if (part == 2 && memcmp(from + at, "..", 2) == 0)
            return false;
        bool is_kept = part > 0 && !(part == 1 && from[at] == '.');
        if (is_kept && used + 1 + part >= SERIAL_PATH_SIZE)
            return false;
        if (is_kept) {
            path[used++] = '/';
            memcpy(path + used, from + at, part);
            used += part;
        }
        at += part;
    }
    path[used] = '\0';
    return used > 0;
}

/* Finds the colon before the speed. Names in /dev/serial/by-path have colons too, but the part
 * after their last one has a dot. */
static const char *serial_find_speed(const char *text, size_t len)
{
    const char *colon = NULL;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ':')
            colon = text + i;
        else if (colon && strchr("/.", text[i]))
            colon = NULL;
    }
    return colon;
}

static bool serial_read_speed(const char *text, size_t len, uint32_t *baud)
{
    uint32_t number = 0;
    if (len == 0 || len > BAUD_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    for (size_t i = 0; serial_line_speeds[i] != 0; i++) {
        if (serial_line_speeds[i] == number) {
            *baud = number;
            return true;
        }
    }
    return false;
}

static bool serial_read_delay(const char *text, uint8_t *delay_ms)
{
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 3 || text[len] != '\0' || atoi(text) > SERIAL_DELAY_MAX)
        return false;
    *delay_ms = (uint8_t)atoi(text);
    return true;
}

/* Reads "8N1" and the like. False with a reason. */
static bool serial_read_format(const char *word, struct serial_line *line, char *why,
                               size_t why_size)
{
    char parity = (char)toupper((unsigned char)word[1]);
    if (word[0] == '7') {
        snprintf(why, why_size,
                 "\"%s\": Modbus RTU needs 8 data bits, such as 8E1; 7 are for Modbus ASCII", word);
        return false;
    }
    if (strlen(word) != 3 || word[0] != '8' || !strchr("NEO", parity) ||
        (word[2] != '1' && word[2] != '2')) {
        snprintf(why, why_size,
                 "\"%s\" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop "
                 "bits",
                 word);
        return false;
    }
    line->parity = parity;
    line->stop_bits = (uint8_t)(word[2] - '0');
    return true;
}

static bool serial_read_option(const char *word, struct serial_line *line, char *why,
                               size_t why_size)
{
    if (isdigit((unsigned char)word[0]))
        return serial_read_format(word, line, why, why_size);
    bool known = strcmp(word, "rs485") == 0, ok = false;
    if (known) {
        line->rs485 = true;
        return true;
    }
    if (!line->rs485 && (strncmp(word, "rts=", 4) == 0 || strncmp(word, "before=", 7) == 0 ||
                         strncmp(word, "after=", 6) == 0)) {
        snprintf(why, why_size, "\"%s\" needs rs485 before it", word);
        return false;
    }
    if (strncmp(word, "rts=", 4) == 0) {
        line->rts_low = strcmp(word + 4, "low") == 0;
        ok = line->rts_low || strcmp(word + 4, "high") == 0;
    } else if (strncmp(word, "before=", 7) == 0) {
        ok = serial_read_delay(word + 7, &line->before_ms);
    } else if (strncmp(word, "after=", 6) == 0) {
        ok = serial_read_delay(word + 6, &line->after_ms);
    }
    if (!ok)
        snprintf(why, why_size,
                 "\"%s\" is not an option of a serial line: a format such as 8E1, rs485, rts=high, "
                 "rts=low, before=MS or after=MS with 0 to %d ms",
                 word, SERIAL_DELAY_MAX);
    return ok;
}

/* Reads the options after the path and the speed. `text` is empty or begins with a comma. */
static bool serial_read_options(const char *text, struct serial_line *line, char *why,
                                size_t why_size)
{
    char word[WORD_SIZE];
    while (*text == ',') {
        size_t len = strcspn(++text, ",");
        snprintf(word, sizeof word, "%.*s", (int)(len < WORD_SIZE ? len : WORD_SIZE), text);
        if (!serial_read_option(word, line, why, why_size))
            return false;
        text += len;
    }
    return true;
}

bool serial_line_parse(const char *text, struct serial_line *line, char *why, size_t why_size)
{
    size_t len = strcspn(text, ",");
    const char *speed = serial_find_speed(text, len);
    size_t path_len = speed ? (size_t)(speed - text) : len;
    *line = (struct serial_line){.baud = 19200, .parity = 'E', .stop_bits = 1};
    if (!serial_copy_path(text, path_len, line->path)) {
        snprintf(why, why_size,
                 "\"%.60s\" does not begin with the absolute path of a device, of at most %d bytes "
                 "and without \"..\", such as " SERIAL_EXAMPLE,
                 text, SERIAL_PATH_SIZE - 1);
        return false;
    }
    if (speed && !serial_read_speed(speed + 1, len - path_len - 1, &line->baud)) {
        int shown = len - path_len - 1 < 20 ? (int)(len - path_len - 1) : 20;
        snprintf(why, why_size,
                 "\"%.*s\" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or "
                 "115200",
                 shown, speed + 1);
        return false;
    }
    return serial_read_options(text + len, line, why, why_size);
}

bool serial_line_is_host(const char *host)
{
    return strncmp(host, SERIAL_HOST_PREFIX, sizeof SERIAL_HOST_PREFIX - 1) == 0;
}

bool serial_line_parse_host(const char *host, struct serial_line *line, char *why, size_t why_size)
{
    if (serial_line_is_host(host))
        return serial_line_parse(host + sizeof SERIAL_HOST_PREFIX - 1, line, why, why_size);
    snprintf(why, why_size, "\"%.60s\" is not \"" SERIAL_HOST_PREFIX "\" and a serial line", host);
    return false;
}

void serial_line_format(const struct serial_line *line, char text[SERIAL_TEXT_SIZE])
{
    int used = snprintf(text, SERIAL_TEXT_SIZE, "%s:%u,8%c%u", line->path, line->baud, line->parity,
                        line->stop_bits);
    if (!line->rs485)
        return;
    used += snprintf(text + used, SERIAL_TEXT_SIZE - (size_t)used, ",rs485%s",
                     line->rts_low ? ",rts=low" : "");
    if (line->before_ms > 0)
        used +=
            snprintf(text + used, SERIAL_TEXT_SIZE - (size_t)used, ",before=%u", line->before_ms);
    if (line->after_ms > 0)
        snprintf(text + used, SERIAL_TEXT_SIZE - (size_t)used, ",after=%u", line->after_ms);
}

bool serial_line_is_equal(const struct serial_line *a, const struct serial_line *b)
{
    return strcmp(a->path, b->path) == 0 && a->baud == b->baud && a->parity == b->parity &&
           a->stop_bits == b->stop_bits && a->rs485 == b->rs485 && a->rts_low == b->rts_low &&
           a->before_ms == b->before_ms && a->after_ms == b->after_ms;
}

uint32_t serial_line_character_us(const struct serial_line *line)
{
    uint32_t bits = 1U + 8U + (line->parity != 'N') + line->stop_bits;
    return (bits * 1000000U + line->baud - 1) / line->baud;
}
