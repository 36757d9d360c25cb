/* The topics and texts of a copy of a device. */
#include "check.h"

#include <string.h>

#include "api/model/copy_names.h"

static void test_topics_and_texts(void **state)
{
    static const struct {
        const char *old_name, *new_name, *old_topic, *new_topic;
        bool is_topic;
        const char *text, *expected;
    } rows[] = {
        {"b7", "b8", "plant/b7/data", "plant/b8/data", true, "plant/b7/state", "plant/b8/state"},
        {"x", "y", "tele/tasmota_AB12/SENSOR", "tele/tasmota_CD34/SENSOR", true,
         "cmnd/tasmota_AB12/POWER", "cmnd/tasmota_CD34/POWER"},
        {"x", "y", "tele/tasmota_AB12/SENSOR", "tele/tasmota_CD34/SENSOR", true,
         "a/b/tasmota_AB12/POWER", "a/b/tasmota_CD34/POWER"},
        /* A short level is replaced at its own place only. */
        {"m1", "m2", "meter/1/energy", "meter/2/energy", true, "meter/1/1/power",
         "meter/2/1/power"},
        {"m1", "m2", "meter/1/energy", "meter/2/energy", true, "other/x/1", "other/x/1"},
        /* Within a level. */
        {"meter-1", "meter-2", "t/meter-1", "t/meter-2", true, "cmd/meter-1_set",
         "cmd/meter-2_set"},
        {"meter-1", "meter-2", "t/meter-1", "t/meter-2", true, "cmd/meter-12", "cmd/meter-12"},
        /* The name of the device, where the topic does not have it. */
        {"boiler", "kettle", "t/17", "t/18", true, "cmd/boiler/set", "cmd/kettle/set"},
        {"boiler", "kettle", "same", "same", true, "cmd/boiler/set", "cmd/kettle/set"},
        {"boiler", "kettle", "t/17", "t/18", true, "t/17/boiler", "t/18/kettle"},
        {"boiler", "kettle", "t/17", "t/18", true, "t/17/boiler_set", "t/18/kettle_set"},
        /* Topics of different length. */
        {"x", "y", "hall1/b7/data", "hall2/north/b8/data", true, "hall1/b7/set",
         "hall2/north/b8/set"},
        {"x", "y", "plant/data", "plant/b8/data", true, "plant/set", "plant/set"},
        /* Wildcards name nothing. */
        {"x", "y", "plant/+/data", "plant/b8/data", true, "plant/+/set", "plant/+/set"},
        {"x", "y", "plant/b7/#", "plant/b8/#", true, "plant/b7/set", "plant/b8/set"},
        {"b7", "b8", "p/b7", "p/b8", false, "{\"id\": \"b7\"}", "{\"id\": \"b7\"}"},
        {"boiler7", "boiler8", "p", "p", false, "{\"boiler7\": \"boiler77 boiler7\"}",
         "{\"boiler8\": \"boiler77 boiler8\"}"},
        /* What was replaced is not replaced again. */
        {"abc", "def", "t/def", "t/abc", false, "abc def", "def abc"},
        {"abc", "abcabc", "t", "t", false, "abc/abc", "abcabc/abcabc"},
        {"x", "y", "", "", true, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = {0};
        struct copy_names names = copy_names_make(&arena, rows[i].old_name, rows[i].new_name,
                                                  rows[i].old_topic, rows[i].new_topic);
        const char *found = rows[i].is_topic ? copy_names_in_topic(&names, rows[i].text)
                                             : copy_names_in_text(&names, rows[i].text);
        if (strcmp(found, rows[i].expected) != 0)
            fail_msg("row %zu: %s gives %s, not %s", i, rows[i].text, found, rows[i].expected);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_topics_and_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
