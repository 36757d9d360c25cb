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
        /* Two characters are too short to be found within a text or a level. */
        {"b7", "b8", "p", "p", false, "b7", "b7"},
        {"b77", "b88", "p", "p", false, "b77", "b88"},
        {"b7", "b8", "p", "p", true, "x/b7/b7_set", "x/b8/b7_set"},
        /* Letters, digits and bytes of other characters continue a name, others do not. */
        {"kiln", "oven", "p", "p", false,
         "akiln kilnz Akiln kilnZ 0kiln kiln9 \xc3\xa4kiln kiln\xc3\xa4",
         "akiln kilnz Akiln kilnZ 0kiln kiln9 \xc3\xa4kiln kiln\xc3\xa4"},
        {"kiln", "oven", "p", "p", false, "@kiln[ `kiln{ /kiln: _kiln- kiln",
         "@oven[ `oven{ /oven: _oven- oven"},
        {"-kiln-", "-oven-", "p", "p", false, "a-kiln-b -kiln-", "a-oven-b -oven-"},
        {"kiln-", "oven-", "p", "p", false, "kiln-b akiln-b", "oven-b akiln-b"},
        /* The first place counts, and of two names there the one of the topic. */
        {"one", "uno", "t/two/x", "t/dos/x", false, "two one two", "dos uno dos"},
        {"same", "name", "t/same", "t/topic", false, "same", "topic"},
        /* Levels that are equal at both ends stay. */
        {"x", "y", "a/b/c", "a/b1/b2/c", true, "a/b/c", "a/b1/b2/c"},
        {"x", "y", "a/bbb/c", "a/d/e/c", true, "bbb/c", "d/e/c"},
        {"x", "y", "a/bbb/ccc/d", "a/e/d", true, "q/bbb/ccc/d", "q/e/d"},
        {"x", "y", "aaa/bbb", "aaa/bbb/ccc", true, "aaa/bbb", "aaa/bbb"},
        {"x", "y", "meter/1/energy", "meter/2/power", true, "energy/1/energy", "power/2/power"},
        {"x", "y", "a/+/b", "a/c/b", true, "a/+/b", "a/+/b"},
        {"x", "y", "a/c/b", "a/+/b", true, "a/c/b", "a/c/b"},
        {"x", "y", "/lead/", "/tail/", true, "/lead/z", "/tail/z"},
        {"x", "y", "a//b", "a/m/b", true, "a//b", "a//b"},
        /* A topic of 32 levels has them all, one of 33 none of its own. */
        {"x", "y",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/a",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/b",
         true,
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/a",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/b"},
        {"x", "y",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/"
         "aaa",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/"
         "bbb",
         true, "aaa", "aaa"},
        {"aaa", "bbb", "p", "p", true,
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/"
         "aaa",
         "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/"
         "bbb"},
        {"xyz", "y", "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
         "b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b", false, "xyz", "y"},
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
