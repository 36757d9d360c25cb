/* Reads XML piece by piece, with a bounded memory: the elements and texts of files from others.
 *
 * The parser is expat: it is in nearly every Debian system, has been attacked for twenty years, and
 * reads a stream. Its events wait in a buffer, so that the reader of a format asks for the next
 * one, and no error has to leave a callback of the library. A document type, with which entities
 * could be made large, ends the reading, and so does a token of more than XML_TOKEN_MAX bytes. */
#ifndef TAGFERRY_API_BASE_XML_READER_H
#define TAGFERRY_API_BASE_XML_READER_H

#include <stdbool.h>
#include <stddef.h>

enum { XML_TOKEN_MAX = 65536 };

enum xml_kind {
    XML_OPEN,  /* an element begins: `name` is its name without a prefix */
    XML_CLOSE, /* it ends */
    XML_TEXT,  /* text: a part of it, others may follow */
    XML_END,   /* of the document */
    XML_BAD,   /* not well-formed, or beyond the bounds; nothing more follows */
};

struct xml_event {
    enum xml_kind kind;
    const char *name;       /* of an element; valid until the next event */
    const char *attributes; /* of an opening one: names and values, see xml_find_attribute */
    const char *text;       /* len bytes */
    size_t len;
};

/* Reads up to `size` bytes of the document. 0 at its end, -1 when it cannot be read. */
typedef long xml_source(void *context, char *bytes, size_t size);

struct xml_reader;

/* NULL when out of memory. The caller destroys it, also when it leaves because memory is short
 * (memory_guard). */
struct xml_reader *xml_reader_create(xml_source *read, void *context);
void xml_reader_destroy(struct xml_reader *reader);
/* Reads the next event. */
void xml_reader_next(struct xml_reader *reader, struct xml_event *event);
/* Returns the value of an attribute by its name without a prefix, or NULL. */
const char *xml_find_attribute(const struct xml_event *event, const char *name);

#endif
