/* Dead bands: which registers count as the same value. */
#include "check.h"

#include "common/model/codec.h"
#include "mqttd/model/dead_band.h"

static struct codec_registers encoded(const struct point *point, double number)
{
    struct codec_registers registers = {{0}};
    const struct value value = {.kind = VALUE_REAL, .real = number};
    assert_int_equal(codec_encode(point, &value, &registers), FAULT_NONE);
    return registers;
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum value_type type;
        double scale, band, from, to;
        bool holds;
    } rows[] = {
        {"no band, equal", TYPE_INT16, 1, 0, 5, 5, true},
        {"no band, one apart", TYPE_INT16, 1, 0, 5, 6, false},
        {"below the band", TYPE_INT16, 0.1, 0.3, 69.8, 70.0, true},
        {"the band itself", TYPE_INT16, 0.1, 0.3, 69.8, 70.1, false},
        {"across zero, below", TYPE_INT16, 1, 5, -2, 2, true},
        {"across zero, the band", TYPE_INT16, 1, 4, -2, 2, false},
        {"float, below", TYPE_FLOAT32, 1, 0.3, 69.8, 70.09, true},
        {"float, the band as rounded", TYPE_FLOAT32, 1, 0.3, 69.8, 70.1, false},
        {"float, downwards", TYPE_FLOAT32, 1, 0.3, 70.1, 69.8, false},
        {"double, below", TYPE_FLOAT64, 1, 0.1, 0.3, 0.39, true},
        {"double, the band as rounded", TYPE_FLOAT64, 1, 0.1, 0.3, 0.4, false},
        {"unsigned", TYPE_UINT32, 1, 1000, 4e9, 4e9 + 999, true},
        {"unsigned, the band", TYPE_UINT32, 1, 1000, 4e9, 4e9 + 1000, false},
        {"across zero, far", TYPE_INT32, 1, 1 << 30, -(1 << 29), (1 << 29) - 1, true},
        {"downwards, below", TYPE_UINT16, 1, 10, 50, 41, true},
        {"downwards, the band", TYPE_UINT16, 1, 10, 50, 40, false},
        {"unscaled, a band of less than one", TYPE_INT16, 1, 0.5, 7, 8, false},
        {"double, downwards", TYPE_FLOAT64, 1, 0.1, 0.4, 0.3, false},
        {"double, large", TYPE_FLOAT64, 1, 1, 1e15, 1e15 + 2, false},
        {"float, across zero", TYPE_FLOAT32, 1, 1, -0.5, 0.5, false},
        {"float, across zero, below", TYPE_FLOAT32, 1, 1, -0.5, 0.49, true},
        {"float, zeros of both signs", TYPE_FLOAT32, 1, 1e-30, -0.0, 0.0, true},
        {"a negative band is none", TYPE_INT16, 1, -1, 5, 6, false},
        {"BCD, below", TYPE_BCD16, 0.1, 0.5, 99.9, 99.5, true},
        {"BCD, the band", TYPE_BCD16, 0.1, 0.5, 99.9, 99.4, false},
        {"a negative scale, the band", TYPE_INT16, -0.5, 2, 10, 12, false},
        {"a negative scale", TYPE_INT16, -0.5, 2, 10, 11.5, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct point point = {.type = (uint8_t)rows[i].type,
                                    .bit = NO_BIT,
                                    .scale = rows[i].scale,
                                    .table = TABLE_HOLDING_REGISTER};
        struct codec_registers from = encoded(&point, rows[i].from);
        struct codec_registers to = encoded(&point, rows[i].to);
        if (dead_band_holds(&point, rows[i].band, to.words, from.words) != rows[i].holds)
            fail_msg("%s", rows[i].name);
    }
}

static void test_a_number_that_is_none(void **state)
{
    (void)state;
    const struct point point = {.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1};
    const uint16_t none[2] = {0x7fc0, 1}, one[2] = {0x3f80, 0};
    assert_false(dead_band_holds(&point, 1e9, none, one));
    assert_false(dead_band_holds(&point, 1e9, one, none));
    assert_true(dead_band_holds(&point, 1e9, none, none));
}

static void test_what_has_no_band(void **state)
{
    (void)state;
    const struct point text = {.type = TYPE_STRING, .bit = NO_BIT, .length = 2};
    const struct point flag = {.type = TYPE_BOOL, .bit = NO_BIT, .table = TABLE_COIL};
    const uint16_t a[2] = {0x4142, 0x4300}, b[2] = {0x4142, 0x4301};
    const uint16_t off = 0, on = 1, also_on = 0xff00;
    assert_true(dead_band_holds(&text, 9, a, a));
    assert_false(dead_band_holds(&text, 9, a, b));
    assert_false(dead_band_holds(&flag, 9, &off, &on));
    assert_true(dead_band_holds(&flag, 0, &on, &also_on));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_a_number_that_is_none),
        cmocka_unit_test(test_what_has_no_band),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
