/* The fields of devices and tags, one row each. From the rows follow the enums and the tables of
 * api/model/fields.[hc], for JSON, SQL, CSV files and validation, and the structs, the column lists
 * and the readers of common/store/tagdb.[hc]. A new field needs a row here, a column in sql/ and a
 * property in docs/openapi.json; tests/integration/test_fields.py compares these.
 *
 * FIELD(id, group, member, column, kind, ...)
 *     id      the constant in enum device_field or enum tag_field
 *     group   the JSON object that holds the member; NULL: the resource itself
 *     member  the name in JSON
 *     column  the column in SQL; also the member of struct tagdb_device or tagdb_tag
 *     kind    how a value is stored, read and checked; see below
 *     ...     the other members of struct field (api/model/fields.h), by name; .csv, the column in
 *             tables, is required and unique; a device's begins with device_ or its group where a
 *             tag has a member of that name
 * API_ONLY(...)
 *     the same for a field that tagferry-mqttd does not read
 * POINT(id, member, place, kind, ...)
 *     of a tag: a field of the group "modbus" in the column modbus_<member>, which mqttd reads into
 *     the member `place` of struct point
 *
 * Kinds: TEXT(check) and REAL(check), checked by field_type_<check>; FLAG; U8, U16, U32: an integer
 * of that width; BIT: an integer, or NO_BIT for null; BYTE: one of byte_names, or null, which is
 * BYTE_LOW; ADDRESS: an integer, or text in Modicon form;
 * OBJECT(check): a JSON object, checked by field_type_<check>; CHOICE(names): one of the names;
 * STATUS_TABLE: one of status_table_names, or null; VALUES: a JSON object of numbers; ON_STALE:
 * null, a number, or "nan"; SCALAR: null, a number, a text, true or false. */
#ifndef TAGFERRY_COMMON_MODEL_RESOURCE_FIELDS_H
#define TAGFERRY_COMMON_MODEL_RESOURCE_FIELDS_H

/* Limits; those of texts are in characters. */
enum {
    FIELD_SECONDS_MAX = 31536000,
    FIELD_MS_MAX = 86400000,
    FIELD_TEXT_MAX = 1024,
    FIELD_LABEL_MAX = 128,
    FIELD_TOPIC_MAX = 65535,
    FIELD_TEMPLATE_MAX = 4096,
    FIELD_PATTERN_MAX = 256,
    FIELD_VALUES_MAX = 1000,         /* entries of a value map */
    FIELD_WHERE_MAX = 16,            /* entries of mqtt.where */
    FIELD_STATUS_ADDRESS_MAX = 65532 /* the first of four registers */
};

/* clang-format off */
#define DEVICE_FIELD_LIST(FIELD, API_ONLY)                                                         \
    FIELD(DEVICE_NAME, NULL, name, name,                                                           \
          TEXT(name), .required = true, .min = 1, .max = 64, .csv = "device")                      \
    API_ONLY(DEVICE_LABEL, NULL, label, label,                                                     \
          TEXT(text), .max = FIELD_LABEL_MAX, .fallback = DEFAULT_TEXT(""), .csv = "device_label") \
    API_ONLY(DEVICE_DESCRIPTION, NULL, description, description,                                   \
          TEXT(text), .max = FIELD_TEXT_MAX, .fallback = DEFAULT_TEXT(""),                         \
          .csv = "device_description")                                                             \
    FIELD(DEVICE_ENABLED, NULL, enabled, enabled, FLAG, .fallback = DEFAULT_INTEGER(1),            \
          .csv = "device_enabled")                                                                 \
    API_ONLY(DEVICE_PROFILE, NULL, profile, profile,                                               \
          OBJECT(profile), .nullable = true, .csv = "profile")                                     \
    API_ONLY(DEVICE_ADDRESS, "network", address, network_address,                                  \
          TEXT(text), .nullable = true, .min = 1, .max = 255, .csv = "network_address")            \
    FIELD(DEVICE_MODBUS_HOST, "network", modbus_host, network_modbus_host,                         \
          TEXT(host), .nullable = true, .min = 1, .max = 253, .csv = "modbus_host")                \
    FIELD(DEVICE_MODBUS_PORT, "network", modbus_port, network_modbus_port,                         \
          U16, .min = 1, .max = 65535, .fallback = DEFAULT_INTEGER(502), .csv = "modbus_port")     \
    FIELD(DEVICE_FRAMING, "network", framing, network_framing,                                     \
          CHOICE(framing_names), .fallback = DEFAULT_TEXT("tcp"), .csv = "framing")                \
    FIELD(DEVICE_TLS, "network", tls, network_tls, FLAG, .fallback = DEFAULT_INTEGER(0),           \
          .csv = "network_tls")                                                                    \
    FIELD(DEVICE_UNIT_ID, "network", unit_id, network_unit_id,                                     \
          U8, .min = 0, .max = 255, .fallback = DEFAULT_INTEGER(1), .csv = "unit_id")              \
    FIELD(DEVICE_MAX_WRITE_REGISTERS, "network", max_write_registers, network_max_write_registers, \
          U8, .min = 1, .max = 123, .fallback = DEFAULT_INTEGER(123),                              \
          .csv = "max_write_registers")                                                            \
    FIELD(DEVICE_MIN_INTERVAL_MS, "network", min_interval_ms, network_min_interval_ms,             \
          U32, .min = 0, .max = FIELD_MS_MAX, .fallback = DEFAULT_INTEGER(0),                      \
          .csv = "network_min_interval_ms")                                                        \
    FIELD(DEVICE_WRITE_SINGLE, "network", write_single, network_write_single,                      \
          FLAG, .fallback = DEFAULT_INTEGER(0), .csv = "write_single")                             \
    FIELD(DEVICE_POLL_INTERVAL_MS, "network", poll_interval_ms, network_poll_interval_ms,          \
          U32, .min = 1, .max = FIELD_MS_MAX, .fallback = DEFAULT_INTEGER(1000),                   \
          .csv = "poll_interval_ms")                                                               \
    FIELD(DEVICE_REWRITE_ON_RECONNECT, "network", rewrite_on_reconnect,                            \
          network_rewrite_on_reconnect, FLAG, .fallback = DEFAULT_INTEGER(1),                      \
          .csv = "rewrite_on_reconnect")                                                           \
    FIELD(DEVICE_GATEWAY, "network", gateway, network_gateway,                                     \
          TEXT(gateway), .nullable = true, .min = 1, .max = 64, .csv = "gateway")                  \
    FIELD(DEVICE_TOPIC, "mqtt", topic, mqtt_topic,                                                 \
          TEXT(filter), .required = true, .min = 1, .max = FIELD_TOPIC_MAX, .csv = "topic")        \
    FIELD(DEVICE_QOS, "mqtt", qos, mqtt_qos,                                                       \
          U8, .min = 0, .max = 2, .fallback = DEFAULT_INTEGER(1), .csv = "qos")                    \
    FIELD(DEVICE_AVAILABILITY_TOPIC, "mqtt", availability_topic, mqtt_availability_topic,          \
          TEXT(filter), .nullable = true, .min = 1, .max = FIELD_TOPIC_MAX,                        \
          .csv = "availability_topic")                                                             \
    FIELD(DEVICE_AVAILABILITY_KEY, "mqtt", availability_key, mqtt_availability_key,                \
          TEXT(key), .nullable = true, .max = FIELD_TEXT_MAX, .csv = "availability_key")           \
    FIELD(DEVICE_PAYLOAD_AVAILABLE, "mqtt", payload_available, mqtt_payload_available,             \
          TEXT(text), .nullable = true, .max = FIELD_TEXT_MAX, .fallback = DEFAULT_TEXT("online"), \
          .csv = "payload_available")                                                              \
    FIELD(DEVICE_PAYLOAD_UNAVAILABLE, "mqtt", payload_unavailable, mqtt_payload_unavailable,       \
          TEXT(text), .nullable = true, .max = FIELD_TEXT_MAX, .fallback = DEFAULT_TEXT("offline"),\
          .csv = "payload_unavailable")                                                            \
    FIELD(DEVICE_STALE_AFTER_S, "mqtt", stale_after_s, mqtt_stale_after_s,                         \
          U32, .min = 0, .max = FIELD_SECONDS_MAX, .fallback = DEFAULT_INTEGER(0),                 \
          .csv = "stale_after_s")                                                                  \
    FIELD(DEVICE_TIMESTAMP_KEY, "mqtt", timestamp_key, mqtt_timestamp_key,                         \
          TEXT(key), .nullable = true, .max = FIELD_TEXT_MAX, .csv = "timestamp_key")              \
    FIELD(DEVICE_WHERE, "mqtt", where, mqtt_where,                                                 \
          OBJECT(where), .nullable = true, .max = FIELD_WHERE_MAX, .csv = "where")                 \
    FIELD(DEVICE_REQUEST, "mqtt", request, mqtt_request, OBJECT(request), .nullable = true,        \
          .csv = "request")                                                                        \
    FIELD(DEVICE_STATUS_TABLE, "status", table, status_table, STATUS_TABLE, .csv = "status_table") \
    FIELD(DEVICE_STATUS_ADDRESS, "status", address, status_address,                                \
          U16, .min = 0, .max = FIELD_STATUS_ADDRESS_MAX, .csv = "status_address")

#define TAG_FIELD_LIST(FIELD, API_ONLY, POINT)                                                     \
    FIELD(TAG_NAME, NULL, name, name,                                                              \
          TEXT(name), .required = true, .min = 1, .max = 64, .csv = "tag")                         \
    API_ONLY(TAG_LABEL, NULL, label, label,                                                        \
          TEXT(text), .max = FIELD_LABEL_MAX, .fallback = DEFAULT_TEXT(""), .csv = "label")        \
    API_ONLY(TAG_DESCRIPTION, NULL, description, description,                                      \
          TEXT(text), .max = FIELD_TEXT_MAX, .fallback = DEFAULT_TEXT(""), .csv = "description")   \
    API_ONLY(TAG_UNIT, NULL, unit, unit,                                                           \
          TEXT(text), .max = 64, .fallback = DEFAULT_TEXT(""), .csv = "unit")                      \
    FIELD(TAG_ENABLED, NULL, enabled, enabled,                                                     \
          FLAG, .fallback = DEFAULT_INTEGER(1), .csv = "enabled")                                  \
    FIELD(TAG_DIRECTION, NULL, direction, direction,                                               \
          CHOICE(direction_names), .fallback = DEFAULT_TEXT("to_modbus"), .csv = "direction")      \
    FIELD(TAG_KEY, "mqtt", key, mqtt_key, TEXT(key), .max = FIELD_TEXT_MAX, .csv = "key")          \
    FIELD(TAG_TOPIC, "mqtt", topic, mqtt_topic,                                                    \
          TEXT(filter), .nullable = true, .min = 1, .max = FIELD_TOPIC_MAX, .csv = "tag_topic")    \
    FIELD(TAG_PAYLOAD, "mqtt", payload, mqtt_payload,                                              \
          CHOICE(payload_names), .fallback = DEFAULT_TEXT("json"), .csv = "payload")               \
    FIELD(TAG_VALUES, "mqtt", values, mqtt_values,                                                 \
          VALUES, .nullable = true, .max = FIELD_VALUES_MAX, .csv = "values")                      \
    FIELD(TAG_COMMAND_TOPIC, "mqtt", command_topic, mqtt_command_topic,                            \
          TEXT(topic), .nullable = true, .min = 1, .max = FIELD_TOPIC_MAX, .csv = "command_topic") \
    FIELD(TAG_COMMAND_TEMPLATE, "mqtt", command_template, mqtt_command_template,                   \
          TEXT(text), .nullable = true, .max = FIELD_TEMPLATE_MAX, .csv = "command_template")      \
    FIELD(TAG_COMMAND_QOS, "mqtt", command_qos, mqtt_command_qos,                                  \
          U8, .min = 0, .max = 2, .fallback = DEFAULT_INTEGER(1), .csv = "command_qos")            \
    FIELD(TAG_COMMAND_RETAIN, "mqtt", command_retain, mqtt_command_retain,                         \
          FLAG, .fallback = DEFAULT_INTEGER(0), .csv = "command_retain")                           \
    FIELD(TAG_SETTLE_MS, "mqtt", settle_ms, mqtt_settle_ms,                                        \
          U32, .min = 0, .max = FIELD_MS_MAX, .fallback = DEFAULT_INTEGER(50), .csv = "settle_ms") \
    FIELD(TAG_HOLD_OFF_MS, "mqtt", hold_off_ms, mqtt_hold_off_ms,                                  \
          U32, .min = 0, .max = FIELD_MS_MAX, .fallback = DEFAULT_INTEGER(2000),                   \
          .csv = "hold_off_ms")                                                                    \
    FIELD(TAG_PATTERN, "mqtt", pattern, mqtt_pattern,                                              \
          TEXT(pattern), .nullable = true, .min = 1, .max = FIELD_PATTERN_MAX, .csv = "pattern")   \
    FIELD(TAG_NUMBER, "mqtt", number, mqtt_number,                                                 \
          CHOICE(number_names), .fallback = DEFAULT_TEXT("decimal"), .csv = "number")              \
    FIELD(TAG_QUALITY_KEY, "mqtt", quality_key, mqtt_quality_key,                                  \
          TEXT(quality_key), .nullable = true, .min = 1, .max = FIELD_TEXT_MAX,                    \
          .csv = "quality_key")                                                                    \
    FIELD(TAG_EXPIRES_S, "mqtt", expires_s, mqtt_expires_s,                                        \
          U32, .min = 0, .max = FIELD_SECONDS_MAX, .fallback = DEFAULT_INTEGER(0),                 \
          .csv = "expires_s")                                                                      \
    FIELD(TAG_EXPIRE_VALUE, "mqtt", expire_value, mqtt_expire_value,                               \
          SCALAR, .nullable = true, .max = FIELD_TEXT_MAX, .csv = "expire_value")                  \
    FIELD(TAG_COMMAND_ON, "mqtt", command_on, mqtt_command_on,                                     \
          CHOICE(command_on_names), .fallback = DEFAULT_TEXT("write"), .csv = "command_on")        \
    FIELD(TAG_MIN_INTERVAL_MS, "mqtt", min_interval_ms, mqtt_min_interval_ms,                      \
          U32, .min = 0, .max = FIELD_MS_MAX, .fallback = DEFAULT_INTEGER(0),                      \
          .csv = "min_interval_ms")                                                                \
    FIELD(TAG_MIN_CHANGE, "mqtt", min_change, mqtt_min_change,                                     \
          REAL(distance), .fallback = DEFAULT_REAL(0), .csv = "min_change")                        \
    POINT(TAG_TABLE, table, table, CHOICE(table_names), .csv = "table")                            \
    POINT(TAG_ADDRESS, address, address, ADDRESS, .max = ADDRESS_MAX, .csv = "address")            \
    POINT(TAG_TYPE, type, type, CHOICE(type_names), .csv = "type")                                 \
    POINT(TAG_BYTE_ORDER, byte_order, order,                                                       \
          CHOICE(order_names), .fallback = DEFAULT_TEXT("ABCD"), .csv = "byte_order")              \
    POINT(TAG_BIT, bit, bit, BIT, .nullable = true, .min = 0, .max = 15, .csv = "bit")             \
    POINT(TAG_BYTE, byte, byte, BYTE, .nullable = true, .csv = "byte")                             \
    POINT(TAG_LENGTH, length, length,                                                              \
          U16, .nullable = true, .min = 1, .max = STRING_REGISTERS_MAX, .csv = "length")           \
    POINT(TAG_SCALE, scale, scale, REAL(scale), .fallback = DEFAULT_REAL(1), .csv = "scale")       \
    POINT(TAG_OFFSET, offset, offset, REAL(real), .fallback = DEFAULT_REAL(0), .csv = "offset")    \
    POINT(TAG_ON_OVERFLOW, on_overflow, overflow,                                                  \
          CHOICE(overflow_names), .fallback = DEFAULT_TEXT("reject"), .csv = "on_overflow")        \
    POINT(TAG_ON_STALE, on_stale, stale, ON_STALE, .nullable = true, .csv = "on_stale")            \
    POINT(TAG_ON_NULL, on_null, on_null,                                                           \
          CHOICE(on_null_names), .fallback = DEFAULT_TEXT("hold"), .csv = "on_null")                \
    FIELD(TAG_CONSTANT, "modbus", constant, modbus_constant,                                       \
          SCALAR, .nullable = true, .max = FIELD_TEXT_MAX, .csv = "constant")                      \
    FIELD(TAG_COMPANION, "modbus", companion, modbus_companion,                                    \
          CHOICE(companion_names), .fallback = DEFAULT_TEXT("none"), .csv = "companion")           \
    FIELD(TAG_COMPANION_OF, "modbus", companion_of, modbus_companion_of,                           \
          TEXT(name), .nullable = true, .min = 1, .max = 64, .csv = "companion_of")                \
    FIELD(TAG_WRITE_CHANGE, "modbus", min_change, modbus_min_change,                               \
          REAL(distance), .fallback = DEFAULT_REAL(0), .csv = "modbus_min_change")                 \
    FIELD(TAG_WRITE_INTERVAL_MS, "modbus", min_interval_ms, modbus_min_interval_ms,                \
          U32, .min = 0, .max = FIELD_MS_MAX, .fallback = DEFAULT_INTEGER(0),                      \
          .csv = "modbus_min_interval_ms")
/* clang-format on */

#endif
