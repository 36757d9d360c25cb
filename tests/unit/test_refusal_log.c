/* The lines about refusals: their texts, and one for each device in ten minutes. */
#include "check.h"
#include "said_log.h"

#include <string.h>

#include "mqttd/config/refusal_log.h"

enum { START_MS = 5000 };

static const struct tag temp = {.name = "temp"};

static void test_texts(void **state)
{
    struct said_log said;
    char topic[231];
    (void)state;
    memset(topic, 't', sizeof topic - 1);
    topic[sizeof topic - 1] = '\0';
    const struct mqtt_message plain = {.topic = "plant/boiler", .payload = "{\"temp\":", .len = 8},
                              binary = {.topic = topic, .payload = "\x01\xff\x00", .len = 3},
                              empty = {.topic = "e"};
    said_log_begin(&said);
    struct device device = {.name = "boiler"};
    refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "65536", START_MS);
    device = (struct device){.name = "boiler"};
    refusal_log_command(&device, &temp, FAULT_COUNT - 1, "12", START_MS);
    device = (struct device){.name = "boiler"};
    refusal_log_message(&device, &plain, FAULT_INVALID_JSON, 12, START_MS);
    device = (struct device){.name = "boiler"};
    refusal_log_message(&device, &binary, FAULT_NONE + 1, 0, START_MS);
    device = (struct device){.name = "boiler"};
    refusal_log_message(&device, &empty, FAULT_INVALID_JSON, 0, START_MS);
    device = (struct device){.name = "boiler"};
    refusal_log_old(&device, &binary, START_MS);
    topic[200] = '\0';
    char expected[2000];
    snprintf(
        expected, sizeof expected,
        "warning boiler/temp: the value was refused, out_of_range: 65536\n"
        "warning boiler/temp: SCADA's value is not published, %s: 12\n"
        "warning boiler: a message of 8 bytes on plant/boiler was refused, invalid_json at "
        "byte 12; it begins with: {\"temp\":\n"
        "warning boiler: a message of 3 bytes on %s was refused, %s at byte 0; it begins with: "
        "01ff00 (binary)\n"
        "warning boiler: a message of 0 bytes on e was refused, invalid_json at byte 0; it "
        "begins with: \n"
        "warning boiler: a message on %s was dropped: its time stamp is older than that of "
        "the newest\n",
        fault_names[FAULT_COUNT - 1], topic, fault_names[FAULT_NONE + 1], topic);
    assert_string_equal(said_log_end(&said), expected);
}

/* A payload is shown up to 48 bytes. */
static void test_excerpt(void **state)
{
    struct said_log said;
    char payload[60];
    struct device device = {.name = "d"};
    (void)state;
    memset(payload, 'p', sizeof payload);
    const struct mqtt_message message = {.topic = "t", .payload = payload, .len = sizeof payload};
    said_log_begin(&said);
    refusal_log_message(&device, &message, FAULT_INVALID_JSON, 0, START_MS);
    assert_string_equal(said_log_end(&said),
                        "warning d: a message of 60 bytes on t was refused, invalid_json at byte "
                        "0; it begins with: pppppppppppppppppppppppppppppppppppppppppppppppp\n");
}

static void test_one_line_in_ten_minutes(void **state)
{
    struct said_log said;
    struct device device = {.name = "d"};
    uint64_t now_ms = START_MS;
    (void)state;
    said_log_begin(&said);
    refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "1", now_ms);
    refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "2", now_ms);
    assert_int_equal(device.refusals.since, 1);
    refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "3", now_ms + 600000);
    now_ms += 600000;
    refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "4", now_ms + 600000);
    now_ms += 600000;
    for (int i = 0; i < 12; i++)
        refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "5", now_ms + 599999);
    refusal_log_value(&device, &temp, FAULT_OUT_OF_RANGE, "6", now_ms + 600000);
    assert_int_equal(device.refusals.since, 0);
    assert_string_equal(
        said_log_end(&said),
        "warning d/temp: the value was refused, out_of_range: 1\n"
        "warning d/temp: the value was refused, out_of_range: 3; 1 more refusal of this device "
        "since the last such line\n"
        "warning d/temp: the value was refused, out_of_range: 4\n"
        "warning d/temp: the value was refused, out_of_range: 6; 12 more refusals of this device "
        "since the last such line\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_excerpt),
        cmocka_unit_test(test_one_line_in_ten_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
