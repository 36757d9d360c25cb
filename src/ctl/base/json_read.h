/* Members of an answer, by their path. An answer may lack any member, or have another type: then
 * these functions return the empty text, 0, false or NULL. Texts stay until the program ends. */
#ifndef TAGFERRY_CTL_BASE_JSON_READ_H
#define TAGFERRY_CTL_BASE_JSON_READ_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* The member at a path such as "mqtt.topic"; NULL if the object has no such member. */
const cJSON *json_read_member(const cJSON *object, const char *path);
/* The member as people read it: a string as it is, a number, true or false by its JSON text, null
 * as the empty text, an array or an object as JSON. */
const char *json_read_text(const cJSON *object, const char *path);
double json_read_number(const cJSON *object, const char *path);
/* A whole number; one beyond the range of int is its limit. */
int json_read_int(const cJSON *object, const char *path);
bool json_read_bool(const cJSON *object, const char *path);
/* The elements of an array at the path, or NULL. */
const cJSON *json_read_array(const cJSON *object, const char *path);
/* The object at the path, whose members have names, or NULL. */
const cJSON *json_read_object(const cJSON *object, const char *path);
/* A value by itself, as json_read_text writes it. */
const char *json_value_text(const cJSON *value);
/* The JSON of a value, without blanks. */
const char *json_value_json(const cJSON *value);
/* A text as JSON, in quotes. */
const char *json_quote_text(const char *text);

/* A duration in ms as people read it: "0.4 s", "12 s", "5 min", "3 h", "2 d". */
const char *duration_text(double ms);

#endif
