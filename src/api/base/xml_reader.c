/* Keeps the events of expat until they are asked for. */
#include "api/base/xml_reader.h"

#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/require.h"

/* A piece of XML makes events of at most eight times its size, besides one long token. */
enum { XML_PIECE = 4096, XML_QUEUE = 8 * XML_PIECE + 2 * XML_TOKEN_MAX };

struct xml_reader {
    XML_Parser parser;
    xml_source *read;
    void *context;
    size_t at, used;   /* of the queue: what is read, what is filled */
    size_t unfinished; /* bytes since the last event */
    bool ended, bad;
    char piece[XML_PIECE];
    char queue[XML_QUEUE]; /* events: the kind, the length in four bytes, the bytes, NUL */
};

/* Adds an event of `len` bytes, which the caller fills. NULL when the queue is full. */
static char *queue_event(struct xml_reader *reader, enum xml_kind kind, size_t len)
{
    if (reader->bad || len > XML_QUEUE || reader->used + len + 6 > XML_QUEUE) {
        reader->bad = true;
        return NULL;
    }
    char *at = reader->queue + reader->used;
    uint32_t size = (uint32_t)len;
    at[0] = (char)kind;
    memcpy(at + 1, &size, sizeof size);
    at[5 + len] = '\0';
    reader->used += len + 6;
    reader->unfinished = 0;
    return at + 5;
}

static const char *without_prefix(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static void XMLCALL xml_on_open(void *context, const XML_Char *name, const XML_Char **attributes)
{
    size_t len = strlen(without_prefix(name)) + 1;
    for (size_t i = 0; attributes[i]; i += 2)
        len += strlen(without_prefix(attributes[i])) + strlen(attributes[i + 1]) + 2;
    char *to = queue_event(context, XML_OPEN, len);
    if (!to)
        return;
    to = stpcpy(to, without_prefix(name)) + 1;
    for (size_t i = 0; attributes[i]; i += 2) {
        to = stpcpy(to, without_prefix(attributes[i])) + 1;
        to = stpcpy(to, attributes[i + 1]) + 1;
    }
    *to = '\0'; /* the NUL of queue_event: an empty name ends the attributes */
}

static void XMLCALL xml_on_close(void *context, const XML_Char *name)
{
    size_t len = strlen(without_prefix(name));
    char *to = queue_event(context, XML_CLOSE, len);
    if (to)
        memcpy(to, without_prefix(name), len);
}

static void XMLCALL xml_on_text(void *context, const XML_Char *text, int len)
{
    char *to = queue_event(context, XML_TEXT, (size_t)len);
    if (to)
        memcpy(to, text, (size_t)len);
}

static void XMLCALL xml_on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                                   const XML_Char *public_id, int has_subset)
{
    struct xml_reader *reader = context;
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    reader->bad = true;
    XML_StopParser(reader->parser, XML_FALSE);
}

struct xml_reader *xml_reader_create(xml_source *read, void *context)
{
    struct xml_reader *reader = malloc(sizeof *reader);
    XML_Parser parser = reader ? XML_ParserCreate(NULL) : NULL;
    if (!parser) {
        free(reader);
        return NULL;
    }
    reader->parser = parser;
    reader->read = read;
    reader->context = context;
    reader->at = reader->used = reader->unfinished = 0;
    reader->ended = reader->bad = false;
    XML_SetUserData(parser, reader);
    XML_SetElementHandler(parser, xml_on_open, xml_on_close);
    XML_SetCharacterDataHandler(parser, xml_on_text);
    XML_SetStartDoctypeDeclHandler(parser, xml_on_doctype);
    return reader;
}

void xml_reader_destroy(struct xml_reader *reader)
{
    if (reader)
        XML_ParserFree(reader->parser);
    free(reader);
}

/* Parses pieces until there is an event, or the end. */
static void xml_reader_fill(struct xml_reader *reader)
{
    reader->at = reader->used = 0;
    while (!reader->bad && !reader->ended && reader->used == 0) {
        long len = reader->read(reader->context, reader->piece, sizeof reader->piece);
        REQUIRE(len <= (long)sizeof reader->piece);
        reader->unfinished += len > 0 ? (size_t)len : 0;
        reader->ended = len == 0;
        if (len < 0 || reader->unfinished > XML_TOKEN_MAX ||
            XML_Parse(reader->parser, reader->piece, (int)len, len == 0) != XML_STATUS_OK)
            reader->bad = true;
        if (reader->bad && XML_GetErrorCode(reader->parser) == XML_ERROR_NO_MEMORY)
            memory_fail();
    }
}

void xml_reader_next(struct xml_reader *reader, struct xml_event *event)
{
    *event = (struct xml_event){.kind = XML_BAD, .name = "", .attributes = "", .text = ""};
    if (reader->at == reader->used)
        xml_reader_fill(reader);
    if (reader->bad) {
        reader->at = reader->used = 0;
        return;
    }
    if (reader->at == reader->used) {
        event->kind = XML_END;
        return;
    }
    const char *at = reader->queue + reader->at;
    uint32_t len;
    memcpy(&len, at + 1, sizeof len);
    event->kind = (enum xml_kind)at[0];
    if (event->kind == XML_TEXT) {
        event->text = at + 5;
        event->len = len;
    } else {
        event->name = at + 5;
        event->attributes = at + 5 + strlen(event->name) + (event->kind == XML_OPEN);
    }
    reader->at += len + 6;
    REQUIRE(reader->at <= reader->used);
}

const char *xml_find_attribute(const struct xml_event *event, const char *name)
{
    for (const char *at = event->attributes; *at;) {
        const char *value = at + strlen(at) + 1;
        if (strcmp(at, name) == 0)
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}
