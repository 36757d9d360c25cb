/* Prints the lists of fields and of value types as JSON, for test_fields.py. */
#include <stdbool.h>
#include <stdio.h>

#include "common/model/resource_fields.h"
#include "common/model/tag.h"

/* A row of the list; a default as JSON. */
struct row {
    const char *list, *group, *name, *column, *kind, *fallback, *csv;
    bool required, nullable;
    long long min, max;
    const char *const *names;
};

#define DEFAULT_INTEGER(number) #number
#define DEFAULT_REAL(number)    #number
#define DEFAULT_TEXT(text)      "\"" text "\""

#define NAMES_TEXT(check)   NULL
#define NAMES_REAL(check)   NULL
#define NAMES_OBJECT(check) NULL
#define NAMES_FLAG          NULL
#define NAMES_U8            NULL
#define NAMES_U16           NULL
#define NAMES_U32           NULL
#define NAMES_BIT           NULL
#define NAMES_BYTE          byte_names
#define NAMES_ADDRESS       NULL
#define NAMES_CHOICE(list)  list
#define NAMES_STATUS_TABLE  status_table_names
#define NAMES_VALUES        NULL
#define NAMES_ON_STALE      NULL
#define NAMES_SCALAR        NULL

#define ROW(in_list, in_group, member, in_column, in_kind, ...)                                    \
    {.list = (in_list),                                                                            \
     .group = (in_group),                                                                          \
     .name = #member,                                                                              \
     .column = (in_column),                                                                        \
     .kind = #in_kind,                                                                             \
     .names = NAMES_##in_kind,                                                                     \
     __VA_ARGS__},
#define DEVICE_ROW(id, group, member, column, kind, ...)                                           \
    ROW("device", group, member, #column, kind, __VA_ARGS__)
#define TAG_ROW(id, group, member, column, kind, ...)                                              \
    ROW("tag", group, member, #column, kind, __VA_ARGS__)
#define POINT_ROW(id, member, place, kind, ...)                                                    \
    ROW("tag", "modbus", member, "modbus_" #member, kind, __VA_ARGS__)

static const struct row rows[] = {DEVICE_FIELD_LIST(DEVICE_ROW, DEVICE_ROW)
                                      TAG_FIELD_LIST(TAG_ROW, TAG_ROW, POINT_ROW)};

static void print_text(const char *name, const char *text)
{
    printf("\"%s\":", name);
    printf(text ? "\"%s\"," : "null,", text);
}

static void print_names(const char *name, const char *const *names)
{
    printf("\"%s\":[", name);
    for (size_t i = 0; names && names[i]; i++)
        printf("%s\"%s\"", i ? "," : "", names[i]);
    printf("]");
}

int main(void)
{
    printf("{");
    print_names("types", type_names);
    printf(",\"fields\":[");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        printf("%s{", i ? ",\n" : "\n");
        print_text("list", row->list);
        print_text("group", row->group);
        print_text("name", row->name);
        print_text("column", row->column);
        print_text("kind", row->kind);
        print_text("csv", row->csv);
        printf("\"default\":%s,", row->fallback ? row->fallback : "null");
        printf("\"has_default\":%s,", row->fallback || row->nullable ? "true" : "false");
        printf("\"required\":%s,", row->required ? "true" : "false");
        printf("\"nullable\":%s,", row->nullable ? "true" : "false");
        printf("\"min\":%lld,\"max\":%lld,", row->min, row->max);
        print_names("names", row->names);
        printf("}");
    }
    printf("]}\n");
    return 0;
}
