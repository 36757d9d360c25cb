/* Topics of Sparkplug taken apart and put together. */
#include "check.h"

#include <string.h>

#include "common/model/sparkplug_topic.h"

static void test_topics_of_messages(void **state)
{
    static const struct {
        const char *topic;
        int kind; /* -1: none of Sparkplug */
        const char *device;
    } rows[] = {
        {"spBv1.0/Plant/NBIRTH/Edge 1", SPARKPLUG_NBIRTH, NULL},
        {"spBv1.0/Plant/NDATA/Edge 1", SPARKPLUG_NDATA, NULL},
        {"spBv1.0/Plant/NDEATH/Edge 1", SPARKPLUG_NDEATH, NULL},
        {"spBv1.0/Plant/NCMD/Edge 1", SPARKPLUG_NCMD, NULL},
        {"spBv1.0/Plant/DBIRTH/Edge 1/Boiler", SPARKPLUG_DBIRTH, "Boiler"},
        {"spBv1.0/Plant/DDATA/Edge 1/Boiler", SPARKPLUG_DDATA, "Boiler"},
        {"spBv1.0/Plant/DDEATH/Edge 1/Boiler", SPARKPLUG_DDEATH, "Boiler"},
        {"spBv1.0/Plant/DCMD/Edge 1/Boiler", SPARKPLUG_DCMD, "Boiler"},
        {"spBv1.0/STATE/scada", -1, NULL},
        {"spBv1.0/Plant/NDATA/Edge 1/Boiler", -1, NULL},
        {"spBv1.0/Plant/DDATA/Edge 1", -1, NULL},
        {"spBv1.0/Plant/DDATA/Edge 1/Boiler/more", -1, NULL},
        {"spBv1.0/Plant/DDATA/Edge 1/", -1, NULL},
        {"spBv1.0//NDATA/Edge 1", -1, NULL},
        {"spBv1.0/Plant/NDATA/", -1, NULL},
        {"spBv1.0/Plant/OTHER/Edge 1", -1, NULL},
        {"spBv1.0/Plant", -1, NULL},
        {"spBv1.0/", -1, NULL},
        {"spAv1.0/Plant/NDATA/Edge 1", -1, NULL},
        {"", -1, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sparkplug_topic parts;
        char text[128];
        bool is_one = sparkplug_topic_read(rows[i].topic, &parts);
        check_row(is_one == (rows[i].kind >= 0), rows[i].topic);
        if (!is_one)
            continue;
        check_row((int)parts.kind == rows[i].kind, rows[i].topic);
        check_row(parts.group_len == 5 && memcmp(parts.group, "Plant", 5) == 0, rows[i].topic);
        check_row(parts.node_len == 6 && memcmp(parts.node, "Edge 1", 6) == 0, rows[i].topic);
        check_row((parts.device != NULL) == (rows[i].device != NULL), rows[i].topic);
        sparkplug_topic_write(&parts, parts.kind, text);
        assert_string_equal(text, rows[i].topic);
        assert_true(strlen(text) < sparkplug_topic_size(&parts));
        sparkplug_topic_write_filter(&parts, text);
        assert_string_equal(text, "spBv1.0/Plant/+/Edge 1/#");
        assert_true(strlen(text) < sparkplug_topic_size(&parts));
    }
}

static void test_families(void **state)
{
    static const struct {
        const char *filter;
        bool is_one;
    } rows[] = {
        {"spBv1.0/Plant/+/Edge", true},
        {"spBv1.0/Plant/+/Edge/Boiler", true},
        {"spBv1.0/Plant/DDATA/Edge/Boiler", true},
        {"spBv1.0/Plant/NDATA/Edge", true},
        {"spBv1.0/Plant/NDATA/Edge/Boiler", false},
        {"spBv1.0/Plant/DDATA/Edge", false},
        {"spBv1.0/Plant/#", false},
        {"spBv1.0/Plant/+/#", false},
        {"spBv1.0/Plant/+/+", false},
        {"spBv1.0/Plant/+/Edge/+", false},
        {"spBv1.0/Plant/+/Edge/#", false},
        {"spBv1.0/+/+/Edge/Boiler", false},
        {"$share/g/spBv1.0/Plant/+/Edge/Boiler", false},
        {"plant/boiler", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sparkplug_topic parts;
        check_row(sparkplug_topic_read_family(rows[i].filter, &parts) == rows[i].is_one,
                  rows[i].filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics_of_messages),
        cmocka_unit_test(test_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
