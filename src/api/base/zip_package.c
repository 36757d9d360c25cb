/* Zip packages by libzip. */
#include "api/base/zip_package.h"

#include <errno.h>
#include <stdlib.h>
#include <zip.h>

#include "api/base/request_memory.h"

enum { DOS_DATE_1980 = 1 << 5 | 1 }; /* 1980-01-01, so that equal content is equal files */

struct zip_package {
    zip_t *zip;
    zip_file_t *entry; /* NULL: none is open */
    size_t total;      /* bytes read of all entries */
};

/* Leaves the request if an error of the library is a lack of memory, not of the file. Not each one
 * has the code for it; the caller has set errno to 0 before. */
static void zip_check_memory(zip_error_t *error)
{
    if (zip_error_code_zip(error) == ZIP_ER_MEMORY || errno == ENOMEM)
        memory_fail();
}

struct zip_package *zip_package_open(const char *bytes, size_t len)
{
    zip_error_t error;
    zip_error_init(&error);
    errno = 0;
    struct zip_package *package = calloc(1, sizeof *package);
    zip_source_t *source = package ? zip_source_buffer_create(bytes, len, 0, &error) : NULL;
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!zip) {
        bool had_package = package != NULL;
        if (source)
            zip_source_free(source);
        free(package);
        if (!had_package)
            memory_fail();
        zip_check_memory(&error);
        zip_error_fini(&error);
        return NULL;
    }
    package->zip = zip;
    return package;
}

void zip_package_close(struct zip_package *package)
{
    if (!package)
        return;
    if (package->entry)
        zip_fclose(package->entry);
    zip_discard(package->zip);
    free(package);
}

bool zip_package_enter(struct zip_package *package, const char *name)
{
    if (package->entry)
        zip_fclose(package->entry);
    errno = 0;
    package->entry = zip_fopen(package->zip, name, ZIP_FL_NOCASE);
    if (!package->entry)
        zip_check_memory(zip_get_error(package->zip));
    return package->entry != NULL;
}

long zip_package_read(struct zip_package *package, size_t limit, char *bytes, size_t size)
{
    errno = 0;
    zip_int64_t len = package->entry ? zip_fread(package->entry, bytes, size) : 0;
    if (len < 0)
        zip_check_memory(zip_file_get_error(package->entry));
    package->total += len > 0 ? (size_t)len : 0;
    return package->total > limit ? -1 : (long)len;
}

/* A package that is being written. */
struct zip_writing {
    zip_source_t *source;
    zip_t *zip;
    bool open; /* the source is open for reading */
};

static void zip_writing_release(void *object)
{
    struct zip_writing *writing = object;
    if (writing->zip)
        zip_discard(writing->zip);
    if (writing->open)
        zip_source_close(writing->source);
    if (writing->source)
        zip_source_free(writing->source);
}

void zip_package_write(const struct zip_part *parts, size_t count, struct text *text)
{
    struct memory_block guard = {0};
    struct zip_writing writing = {0};
    memory_guard(&guard, zip_writing_release, &writing);
    writing.source = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (writing.source)
        writing.zip = zip_open_from_source(writing.source, ZIP_TRUNCATE, NULL);
    if (!writing.zip)
        memory_fail();
    zip_source_keep(writing.source); /* closing the package leaves it to this function */
    for (size_t i = 0; i < count; i++) {
        zip_source_t *part = zip_source_buffer(writing.zip, parts[i].bytes, parts[i].len, 0);
        zip_int64_t index = part ? zip_file_add(writing.zip, parts[i].name, part, 0) : -1;
        if (part && index < 0)
            zip_source_free(part);
        if (index < 0)
            memory_fail();
        zip_set_file_compression(writing.zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, 1);
        zip_file_set_dostime(writing.zip, (zip_uint64_t)index, 0, DOS_DATE_1980, 0);
    }
    if (zip_close(writing.zip) != 0)
        memory_fail();
    writing.zip = NULL;
    if (zip_source_open(writing.source) != 0)
        memory_fail();
    writing.open = true;
    char bytes[4096];
    zip_int64_t len;
    while ((len = zip_source_read(writing.source, bytes, sizeof bytes)) > 0)
        text_append(text, bytes, (size_t)len);
    zip_writing_release(&writing);
    memory_unguard(&guard);
}
