/* Devices of all kinds for api_bed.h, and their rows in the live table. */
#ifndef TAGFERRY_TESTS_API_DEVICES_H
#define TAGFERRY_TESTS_API_DEVICES_H

#include "api_bed.h"

#include "common/shared/counters.h"

/* Two devices on the local server, one on another, one behind a serial line, one of another
 * gateway. */
static inline void make_devices(struct api_bed *bed)
{
    static const char *const items[][2] = {
        {"/api/v1/devices",
         "{\"name\": \"kiln\", \"status\": {\"table\": \"input_register\", \"address\": 900},"
         " \"mqtt\": {\"topic\": \"kiln\", \"stale_after_s\": 90}}"},
        {"/api/v1/devices/kiln/tags",
         "{\"name\": \"temp\", \"unit\": \"a\\\\b \\\"c\\\"\", \"mqtt\": {\"key\": \"t\"}, "
         "\"modbus\": {\"address\": 100,"
         " \"type\": \"float32\", \"byte_order\": \"CDAB\", \"scale\": 0.5, \"offset\": 10}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"low\", \"mqtt\": {\"key\": \"l\"}, \"modbus\": "
                                      "{\"address\": 200, \"type\": \"uint8\","
                                      " \"byte\": \"low\"}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"high\", \"mqtt\": {\"key\": \"h\"}, "
                                      "\"modbus\": {\"address\": 200, \"type\": \"int8\","
                                      " \"byte\": \"high\"}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"bit15\", \"mqtt\": {\"key\": \"b15\"}, "
                                      "\"modbus\": {\"address\": 201, \"type\": \"bool\","
                                      " \"bit\": 15}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"level\", \"mqtt\": {\"key\": \"e\"}, "
                                      "\"modbus\": {\"table\": \"input_register\", \"address\": 40,"
                                      " \"type\": \"int64\"}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"lamp\", \"mqtt\": {\"key\": \"x\"}, "
                                      "\"modbus\": {\"table\": \"discrete_input\", \"address\": 9,"
                                      " \"type\": \"bool\"}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"bcd\", \"mqtt\": {\"key\": \"d\"}, \"modbus\": "
                                      "{\"address\": 210, \"type\": \"bcd16\"}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"text\", \"mqtt\": {\"key\": \"s\"}, "
                                      "\"modbus\": {\"address\": 65533, \"type\": \"string\","
                                      " \"length\": 3}}"},
        {"/api/v1/devices/kiln/tags",
         "{\"name\": \"set\", \"direction\": \"to_mqtt\", \"mqtt\": {\"command_topic\": "
         "\"kiln/set\", \"expires_s\": 60,"
         " \"expire_value\": 7}, \"modbus\": {\"address\": 12, \"type\": \"uint32\"}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"fixed\", \"direction\": \"constant\", "
                                      "\"modbus\": {\"address\": 300, \"type\": \"int16\","
                                      " \"constant\": -5}}"},
        {"/api/v1/devices/kiln/tags", "{\"name\": \"off\", \"enabled\": false, \"mqtt\": {\"key\": "
                                      "\"o\"}, \"modbus\": {\"address\": 400,"
                                      " \"type\": \"uint16\"}}"},
        {"/api/v1/devices",
         "{\"name\": \"far\", \"network\": {\"modbus_host\": \"10.9.8.7\", \"modbus_port\": 1502,"
         " \"unit_id\": 17, \"write_single\": true}, \"mqtt\": {\"topic\": \"far\"}}"},
        {"/api/v1/devices/far/tags", "{\"name\": \"flow\", \"mqtt\": {\"key\": \"f\"}, \"modbus\": "
                                     "{\"address\": 65534, \"type\": \"uint32\"}}"},
        {"/api/v1/devices/far/tags", "{\"name\": \"part\", \"mqtt\": {\"key\": \"p\"}, \"modbus\": "
                                     "{\"address\": 20, \"type\": \"uint8\","
                                     " \"byte\": \"high\"}}"},
        {"/api/v1/devices",
         "{\"name\": \"far2\", \"network\": {\"modbus_host\": \"10.9.8.7\", \"modbus_port\": 1502,"
         " \"unit_id\": 18}, \"mqtt\": {\"topic\": \"far2\"}}"},
        {"/api/v1/devices/far2/tags", "{\"name\": \"a\", \"mqtt\": {\"key\": \"f\"}, \"modbus\": "
                                      "{\"address\": 1, \"type\": \"uint16\"}}"},
        {"/api/v1/devices",
         "{\"name\": \"line\", \"network\": {\"modbus_host\": \"serial:/dev/ttyS1:9600,8N1\","
         " \"unit_id\": 5}, \"mqtt\": {\"topic\": \"line\"}}"},
        {"/api/v1/devices/line/tags", "{\"name\": \"a\", \"mqtt\": {\"key\": \"a\"}, \"modbus\": "
                                      "{\"address\": 1, \"type\": \"uint16\"}}"},
        {"/api/v1/devices/line/tags", "{\"name\": \"b\", \"mqtt\": {\"key\": \"b\"}, \"modbus\": "
                                      "{\"address\": 2, \"type\": \"uint16\"}}"},
        {"/api/v1/devices",
         "{\"name\": \"idle\", \"enabled\": false, \"mqtt\": {\"topic\": \"idle\"}}"},
        {"/api/v1/devices/idle/tags", "{\"name\": \"a\", \"mqtt\": {\"key\": \"a\"}, \"modbus\": "
                                      "{\"address\": 500, \"type\": \"uint16\"}}"},
        {"/api/v1/devices/idle/tags",
         "{\"name\": \"mode\", \"mqtt\": {\"key\": \"m\", \"values\": {\"idle\": 0, \"run\": 10}},"
         " \"modbus\": {\"address\": 501, \"type\": \"uint16\"}}"},
        {"/api/v1/devices/idle/tags", "{\"name\": \"scaled\", \"mqtt\": {\"key\": \"s\"}, "
                                      "\"modbus\": {\"address\": 502, \"type\": \"int16\","
                                      " \"scale\": 0.1, \"offset\": -5}}"},
        {"/api/v1/devices/idle/tags", "{\"name\": \"wide\", \"mqtt\": {\"key\": \"w\"}, "
                                      "\"modbus\": {\"address\": 510, \"type\": \"uint64\"}}"},
        {"/api/v1/devices",
         "{\"name\": \"other\", \"network\": {\"gateway\": \"mill\", \"unit_id\": 3},"
         " \"mqtt\": {\"topic\": \"o\"}}"},
        {"/api/v1/devices/other/tags", "{\"name\": \"x\", \"mqtt\": {\"key\": \"x\"}, \"modbus\": "
                                       "{\"address\": 100, \"type\": \"uint16\"}}"},
    };
    for (size_t i = 0; i < COUNT(items); i++)
        api_bed_post(bed, items[i][0], items[i][1]);
}

/* Rows of all kinds: a value, a refused one, one that was not written, one that has expired. */
static inline void fill_rows(struct api_bed *bed)
{
    const uint16_t temp[] = {0x0000, 0x41A1}, low[] = {0xAB}, high[] = {0x80},
                   level[] = {0xFFFF, 0xFFFF, 0xFFFF, 0xFF85};
    const uint16_t flow[] = {1, 2}, lamp[] = {1}, text[] = {0x4142, 0x4300, 0};
    struct bed_row row = api_bed_claim(bed, "kiln", NULL);
    api_bed_put(bed, &row, temp, 1500);
    row = api_bed_claim(bed, "kiln", "temp");
    api_bed_put(bed, &row, temp, 1500);
    row = api_bed_claim(bed, "kiln", "low");
    api_bed_put(bed, &row, low, 89999);
    row = api_bed_claim(bed, "kiln", "high");
    api_bed_put(bed, &row, high, 90001);
    live_table_reject_value(&bed->live, row.slot, FAULT_OUT_OF_RANGE, "200", 3, 1700000001234);
    row = api_bed_claim(bed, "kiln", "bit15");
    live_table_reject_value(&bed->live, row.slot, FAULT_NOT_A_NUMBER, "warm", 4, 1700000001235);
    row = api_bed_claim(bed, "kiln", "level");
    api_bed_put(bed, &row, level, 12);
    row = api_bed_claim(bed, "kiln", "lamp");
    api_bed_put(bed, &row, lamp, 0);
    live_table_mark_write_failed(
        &bed->live, row.slot, 0,
        &(struct live_table_write_fault){.fault = FAULT_MODBUS_EXCEPTION, .exception = 2},
        1700000002345);
    row = api_bed_claim(bed, "kiln", "text");
    assert_true(live_table_reserve_texts(&bed->live, 4));
    api_bed_put(bed, &row, text, 61);
    row = api_bed_claim(bed, "kiln", "set");
    api_bed_put(bed, &row, flow, 70000);
    live_table_set_setpoint(&bed->live, row.slot, true);
    live_table_set_expiry(&bed->live, row.slot,
                          &(struct live_table_expiry){
                              .steady_ms = 930000, .wall_ms = 1700000930000, .is_expired = true});
    row = api_bed_claim(bed, "far", NULL);
    api_bed_put(bed, &row, flow, 5);
    row = api_bed_claim(bed, "far", "flow");
    row.unit = 17;
    api_bed_put(bed, &row, flow, 5);
    row = api_bed_claim(bed, "far2", "a");
    row.unit = 18;
    api_bed_put(bed, &row, flow, 12345);
    live_table_mark_write_failed(&bed->live, row.slot, 0,
                                 &(struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE,
                                                                  .is_of_unit = true,
                                                                  .is_of_poll = true},
                                 1700000003456);
    row = api_bed_claim(bed, "line", "a");
    live_table_mark_write_failed(
        &bed->live, row.slot, 0,
        &(struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE, .wrong_crc = true},
        1700000004567);
    row = api_bed_claim(bed, "line", "b");
    live_table_mark_write_failed(
        &bed->live, row.slot, 0,
        &(struct live_table_write_fault){.fault = FAULT_MODBUS_EXCEPTION, .exception = 11},
        1700000005678);
    live_table_set_heartbeat(&bed->live, set_clock_ms);
    /* The same in the registers. */
    memcpy(&bed_server.words[TABLE_HOLDING_REGISTER][100], temp, sizeof temp);
    bed_server.words[TABLE_HOLDING_REGISTER][200] = 0x80AB;
    bed_server.words[TABLE_HOLDING_REGISTER][201] = 0x7FFF;
    bed_server.words[TABLE_HOLDING_REGISTER][210] = 0x12A4;
    bed_server.words[TABLE_HOLDING_REGISTER][13] = 99;
    memcpy(&bed_server.words[TABLE_INPUT_REGISTER][40], level, sizeof level);
    bed_server.words[TABLE_DISCRETE_INPUT][9] = 1;
    memcpy(&bed_server.words[TABLE_HOLDING_REGISTER][65533], text, sizeof text);
}

/* A second later, tagferry-modbusd runs; until it beats, it starts. */
static inline struct counters run_modbusd(struct api_bed *bed, bool beats)
{
    struct counters counters = {0};
    char why[SHM_WHY_SIZE];
    assert_true(
        counters_open_writer(&counters, &modbusd_counters, bed->folder.path, why, sizeof why));
    counters_set(&counters, MODBUSD_STARTED_MS, 1700000000999);
    set_clock_ms += 1000; /* the service looks for a file once a second */
    counters_set(&counters, MODBUSD_BEAT_MS, beats ? set_clock_ms : 0);
    live_table_set_heartbeat(&bed->live, set_clock_ms);
    return counters;
}

#endif
