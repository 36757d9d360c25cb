/* Reads the tag JSON of Ignition. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/foreign/foreign_ignition.h"
#include "api/foreign/foreign_remark.h"
#include "common/model/value.h"

struct ignition_reader {
    struct foreign_file *file;
    struct string_map types; /* path of a UDT definition: its object */
    long number;             /* of tags */
};

/* Where the walk is. */
struct ignition_place {
    const char *path; /* the folders, with points; "" at the top */
    const char *pointer;
    const cJSON *parameters;            /* of the UDT instance, or NULL */
    const cJSON *defaults;              /* of its definition */
    const struct string_map *overrides; /* the tags of the instance, which may replace members */
    const char *instance;               /* its name */
};

static const char *ignition_text(const cJSON *object, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static const char *join_path(struct arena *arena, const char *path, const char *name)
{
    return *path ? arena_format(arena, "%s.%s", path, name) : name;
}

/* Collects the definitions of UDTs by their path below _types_. */
static void collect_types(struct ignition_reader *reader, const cJSON *node, const char *path)
{
    struct arena *arena = reader->file->arena;
    const cJSON *child;
    const char *name = ignition_text(node, "name");
    if (strcmp(name, "_types_") == 0 || strcmp(ignition_text(node, "tagType"), "Provider") == 0)
        name = "";
    if (*name)
        path = *path ? arena_format(arena, "%s/%s", path, name) : name;
    if (strlen(path) > FOREIGN_TEXT_MAX)
        return;
    if (strcmp(ignition_text(node, "tagType"), "UdtType") == 0) {
        if (!string_map_find(&reader->types, path))
            string_map_add(&reader->types, path, (void *)node);
        return;
    }
    const cJSON *tags = cJSON_IsArray(node) ? node : cJSON_GetObjectItemCaseSensitive(node, "tags");
    cJSON_ArrayForEach(child, tags)
    {
        collect_types(reader, child, path);
    }
}

/* Returns the value of a UDT parameter as a text, or NULL. */
static const char *parameter_text(struct arena *arena, const struct ignition_place *place,
                                  const char *name)
{
    char number[VALUE_TEXT_SIZE];
    if (place->instance && strcmp(name, "InstanceName") == 0)
        return place->instance;
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(place->parameters, name);
    if (!found)
        found = cJSON_GetObjectItemCaseSensitive(place->defaults, name);
    if (cJSON_IsObject(found))
        found = cJSON_GetObjectItemCaseSensitive(found, "value");
    if (cJSON_IsString(found))
        return found->valuestring;
    if (!cJSON_IsNumber(found))
        return NULL;
    value_format_double(found->valuedouble, number);
    return arena_strdup(arena, number);
}

/* Replaces {name}, and {name+2} of a number, by the parameters of the UDT. NULL after an error. */
static const char *fill_parameters(struct ignition_reader *reader,
                                   const struct ignition_place *place, const char *text)
{
    struct arena *arena = reader->file->arena;
    const char *filled = "", *open;
    if (strlen(text) > FOREIGN_TEXT_MAX) {
        validation_add(reader->file->validation, NULL, "opcItemPath", "too_long",
                       "a text with parameters has at most %d bytes", FOREIGN_TEXT_MAX);
        return NULL;
    }
    while ((open = strchr(text, '{')) && strchr(open, '}')) {
        size_t len = strcspn(open + 1, "}");
        char *name = arena_strndup(arena, open + 1, len), *sign = name + strcspn(name, "+-");
        double add = 0;
        if (*sign && strspn(sign + 1, " 0123456789") == strlen(sign + 1)) {
            add = strtod(sign + 1, NULL) * (*sign == '-' ? -1 : 1);
            *sign = '\0';
        }
        const char *value = parameter_text(arena, place, foreign_trim(arena, name));
        if (!value) {
            validation_add(reader->file->validation, NULL, "opcItemPath", "unknown_parameter",
                           "has {%.64s}, for which neither the instance nor its UDT has a value",
                           name);
            return NULL;
        }
        if (add != 0) {
            char number[VALUE_TEXT_SIZE];
            value_format_double(strtod(value, NULL) + add, number);
            value = arena_strdup(arena, number);
        }
        filled = arena_format(arena, "%s%.*s%s", filled, (int)(open - text), text, value);
        text = open + len + 2;
    }
    return arena_format(arena, "%s%s", filled, text);
}

/* Returns a member of the tag, or of the one that replaces it in the instance. */
static const cJSON *tag_member(const cJSON *tag, const cJSON *override, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(override, member);
    return item ? item : cJSON_GetObjectItemCaseSensitive(tag, member);
}

/* Returns a text of the tag with its parameters; NULL after an error, "" for none. */
static const char *tag_text(struct ignition_reader *reader, const struct ignition_place *place,
                            const cJSON *tag, const cJSON *override, const char *member)
{
    const cJSON *item = tag_member(tag, override, member);
    if (cJSON_IsObject(item)) /* {"bindType": "parameter", "binding": "…"} */
        item = cJSON_GetObjectItemCaseSensitive(item, "binding");
    if (!cJSON_IsString(item))
        return "";
    return place->instance ? fill_parameters(reader, place, item->valuestring) : item->valuestring;
}

static bool read_limit(const cJSON *tag, const cJSON *override, const char *member, double fallback,
                       double *number)
{
    const cJSON *item = tag_member(tag, override, member);
    *number = cJSON_IsNumber(item) ? item->valuedouble : fallback;
    return cJSON_IsNumber(item);
}

static bool read_scaling(struct ignition_reader *reader, const cJSON *json, const cJSON *override,
                         struct foreign_tag *tag)
{
    enum { HIGH_DEFAULT = 10 };
    struct foreign_file *file = reader->file;
    const cJSON *mode = tag_member(json, override, "scaleMode");
    const char *word = cJSON_IsString(mode) ? mode->valuestring : "Off";
    double raw_low, raw_high, scaled_low, scaled_high;
    if (strcmp(word, "Off") == 0)
        return true;
    if (strcmp(word, "Linear") != 0) {
        validation_add(file->validation, NULL, "scaleMode", "invalid_scaling",
                       "\"%.40s\" has no counterpart here: must be Off or Linear", word);
        return false;
    }
    /* Ignition exports only what is not its default. */
    read_limit(json, override, "rawLow", 0, &raw_low);
    read_limit(json, override, "scaledLow", 0, &scaled_low);
    bool has_raw = read_limit(json, override, "rawHigh", HIGH_DEFAULT, &raw_high);
    bool has_scaled = read_limit(json, override, "scaledHigh", HIGH_DEFAULT, &scaled_high);
    if (!has_raw || !has_scaled)
        foreign_file_note(file, FOREIGN_NOTE_SCALING, tag->name);
    if (foreign_scale_from_limits(raw_low, raw_high, scaled_low, scaled_high, &tag->scale,
                                  &tag->offset))
        return true;
    validation_add(file->validation, NULL, "rawHigh", "invalid_scaling",
                   "low and high must be different");
    return false;
}

/* Notes the members that are not used. */
static void note_members(struct ignition_reader *reader, const cJSON *tag)
{
    static const char *const used[] = {
        "name",      "tagType",    "valueSource",   "opcItemPath",   "opcServer", "dataType",
        "engUnit",   "enabled",    "readOnly",      "scaleMode",     "rawLow",    "rawHigh",
        "scaledLow", "scaledHigh", "documentation", "sourceTagPath", NULL};
    const cJSON *member;
    cJSON_ArrayForEach(member, tag)
    {
        bool is_default = member->string && strcmp(member->string, "clampMode") == 0 &&
                          cJSON_IsString(member) && strcmp(member->valuestring, "No_Clamp") == 0;
        if (member->string && !is_default && name_list_find(used, member->string) < 0)
            foreign_file_ignore(reader->file, member->string);
    }
}

/* Splits "ns=1;s=[Connection]HR1". False when it has no address. */
static bool split_item_path(struct arena *arena, const char *path, const char **connection,
                            const char **address)
{
    const char *open = strchr(path, '['), *close = open ? strchr(open, ']') : NULL;
    if (!close || (open != path && (open - path < 2 || strncmp(open - 2, "s=", 2) != 0)))
        return false;
    *connection = arena_strndup(arena, open + 1, (size_t)(close - open - 1));
    *address = foreign_trim(arena, close + 1);
    return true;
}

/* Reads a tag with an address. The place of its errors is set. */
static void read_opc_tag(struct ignition_reader *reader, const struct ignition_place *place,
                         const cJSON *json, const cJSON *override, const char *path)
{
    static const struct foreign_names names = {"name", "opcItemPath", "opcItemPath"};
    struct foreign_file *file = reader->file;
    struct foreign_remark remark;
    struct foreign_address address;
    struct foreign_error why;
    const char *connection, *text;
    struct foreign_tag tag = {.row = reader->number, .pointer = place->pointer, .scale = 1};
    const char *documentation = tag_text(reader, place, json, override, "documentation");
    const char *unit = tag_text(reader, place, json, override, "engUnit");
    if (!documentation || !unit)
        return;
    if (!split_item_path(file->arena, path, &connection, &text)) {
        validation_add(file->validation, NULL, "opcItemPath", "invalid_address",
                       "must be a path such as ns=1;s=[Connection]HR1");
        return;
    }
    tag.description = foreign_remark_split(file->arena, documentation, &remark);
    tag.eng_unit = unit;
    tag.address_text = text;
    tag.name = remark.tag ? remark.tag : ignition_text(json, "name");
    tag.device = remark.device ? remark.device : *place->path ? place->path : connection;
    if (file->device) {
        tag.device = file->device;
        tag.name = join_path(file->arena, place->path, tag.name);
    }
    bool ok = remark.has_scale || read_scaling(reader, json, override, &tag);
    if (!foreign_address_parse(FOREIGN_IGNITION, text, false, file->base, &address, &why)) {
        validation_add(file->validation, NULL, "opcItemPath", "invalid_address", "\"%.40s\": %s",
                       text, why.text);
        ok = false;
    }
    tag.type = remark.type;
    tag.byte_order = remark.byte_order;
    tag.byte = remark.byte;
    tag.length = remark.length > 0 ? (unsigned)remark.length : 0;
    if (remark.has_scale) {
        tag.scale = remark.scale;
        tag.offset = remark.offset;
    }
    tag.disabled = cJSON_IsFalse(tag_member(json, override, "enabled"));
    tag.writable = ok && table_is_writable(address.table) &&
                   !cJSON_IsTrue(tag_member(json, override, "readOnly"));
    if (ok)
        foreign_file_add(file, &tag, &address, address.type, &names);
}

static void read_tag(struct ignition_reader *reader, const struct ignition_place *place,
                     const cJSON *json)
{
    struct validation *validation = reader->file->validation;
    const char *name = ignition_text(json, "name");
    const cJSON *override = place->overrides ? string_map_find(place->overrides, name) : NULL;
    reader->number++;
    validation->row = 0;
    validation->prefix = place->pointer;
    const cJSON *source = tag_member(json, override, "valueSource");
    const char *path = tag_text(reader, place, json, override, "opcItemPath");
    if (!path)
        return;
    if (!*path || (cJSON_IsString(source) && strcmp(source->valuestring, "opc") != 0)) {
        foreign_file_note(reader->file, FOREIGN_NOTE_SKIPPED,
                          join_path(reader->file->arena, place->path, name));
        return;
    }
    if (!*name) {
        validation_add(validation, NULL, "name", "required", "is required");
        return;
    }
    note_members(reader, json);
    read_opc_tag(reader, place, json, override, path);
}

static void walk_tags(struct ignition_reader *reader, const struct ignition_place *place,
                      const cJSON *tags, bool in_type);

/* Reads the tags of the definition with the parameters of the instance. */
static void read_instance(struct ignition_reader *reader, const struct ignition_place *place,
                          const cJSON *node)
{
    const char *type_id = ignition_text(node, "typeId");
    const cJSON *type = string_map_find(&reader->types, type_id);
    if (!type) {
        struct validation *validation = reader->file->validation;
        validation->row = 0;
        validation->prefix = place->pointer;
        validation_add(validation, NULL, "typeId", "unknown_type",
                       "the file does not have the UDT \"%.64s\": export its definition, too "
                       "(UDT Definitions in the Tag Browser), into one file",
                       type_id);
        return;
    }
    struct ignition_place inside = *place;
    inside.instance = ignition_text(node, "name");
    inside.parameters = cJSON_GetObjectItemCaseSensitive(node, "parameters");
    inside.defaults = cJSON_GetObjectItemCaseSensitive(type, "parameters");
    struct string_map overrides = {.arena = reader->file->arena};
    const cJSON *other;
    cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(node, "tags"))
    {
        const char *name = ignition_text(other, "name");
        if (*name && !string_map_find(&overrides, name))
            string_map_add(&overrides, name, (void *)other);
    }
    inside.overrides = &overrides;
    walk_tags(reader, &inside, cJSON_GetObjectItemCaseSensitive(type, "tags"), true);
}

static void walk_node(struct ignition_reader *reader, const struct ignition_place *place,
                      const cJSON *node, bool in_type)
{
    const char *kind = ignition_text(node, "tagType"), *name = ignition_text(node, "name");
    const cJSON *tags = cJSON_GetObjectItemCaseSensitive(node, "tags");
    struct ignition_place inside = *place;
    if (strcmp(kind, "UdtType") == 0 || (strcmp(name, "_types_") == 0 && tags))
        return;
    if (strcmp(kind, "Provider") != 0 && (tags || strcmp(kind, "UdtInstance") == 0))
        inside.path = *name ? join_path(reader->file->arena, place->path, name) : place->path;
    if (strlen(inside.path) > FOREIGN_TEXT_MAX) {
        reader->file->validation->row = 0;
        reader->file->validation->prefix = place->pointer;
        validation_add(reader->file->validation, NULL, "name", "too_long",
                       "the path of folders has more than %d bytes", FOREIGN_TEXT_MAX);
        return;
    }
    if (strcmp(kind, "UdtInstance") == 0 && !in_type) {
        read_instance(reader, &inside, node);
    } else if (strcmp(kind, "UdtInstance") == 0) {
        foreign_file_note(reader->file, FOREIGN_NOTE_SKIPPED, inside.path);
    } else if (tags) {
        inside.overrides = NULL; /* a folder of a UDT: its tags are replaced by none */
        walk_tags(reader, &inside, tags, in_type);
    } else {
        read_tag(reader, &inside, node);
    }
}

static void walk_tags(struct ignition_reader *reader, const struct ignition_place *place,
                      const cJSON *tags, bool in_type)
{
    int index = 0;
    const cJSON *node;
    cJSON_ArrayForEach(node, tags)
    {
        if (foreign_file_is_full(reader->file))
            return;
        reader->file->seen++;
        struct ignition_place inside = *place;
        if (!in_type)
            inside.pointer = arena_format(reader->file->arena, "%s/%d", place->pointer, index++);
        if (cJSON_IsObject(node)) {
            bool is_instance = strcmp(ignition_text(node, "tagType"), "UdtInstance") == 0;
            if (!in_type && !is_instance && cJSON_GetObjectItemCaseSensitive(node, "tags"))
                inside.pointer = arena_format(reader->file->arena, "%s/tags", inside.pointer);
            walk_node(reader, &inside, node, in_type);
        }
    }
}

void foreign_ignition_read(struct foreign_file *file, const struct cJSON *root)
{
    struct ignition_reader reader = {.file = file, .types = {.arena = file->arena}};
    struct ignition_place place = {.path = "", .pointer = ""};
    bool has_tags = cJSON_IsObject(root) && cJSON_GetObjectItemCaseSensitive(root, "tags");
    file->default_order = "ABCD";
    if (!cJSON_IsArray(root) && !has_tags && !*ignition_text(root, "opcItemPath")) {
        file->validation->row = 0;
        file->validation->prefix = "";
        validation_add(file->validation, NULL, "tags", "required",
                       "must be the JSON that Ignition exports in the Tag Browser: an object with "
                       "\"tags\"");
        return;
    }
    collect_types(&reader, root, "");
    if (cJSON_IsArray(root)) {
        walk_tags(&reader, &place, root, false);
    } else {
        if (has_tags)
            place.pointer = "/tags";
        walk_node(&reader, &place, root, false);
    }
}
