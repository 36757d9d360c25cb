/* The registers of devices and of the gateway, as tagferry-modbusd sees them. */
#include "device_fixture.h"

#include <string.h>

static struct owned_registers owned;
static struct owners_view view;

static int open_owned(void **state)
{
    char why[SHM_WHY_SIZE];
    open_fixture(state);
    struct fixture *f = *state;
    owned = (struct owned_registers){.is_published = false};
    view = (struct owners_view){.shm = {0}};
    assert_true(register_owners_open_writer(&owned.file, f->folder->path, why, sizeof why));
    f->device_table.owned = &owned;
    return 0;
}

static int close_owned(void **state)
{
    struct fixture *f = *state;
    char path[128];
    owners_view_close(&view);
    register_owners_close(&owned.file);
    f->device_table.owned = NULL;
    snprintf(path, sizeof path, "%s/register-owners", f->folder->path);
    unlink(path);
    return close_fixture(state);
}

/* The owned addresses of a unit below 300, as "first+count", with "w" if they take writes. */
static const char *owned_of(struct fixture *f, uint8_t unit, enum pdu_table table)
{
    static char text[400];
    char one[40];
    text[0] = '\0';
    assert_true(owners_view_follow(&view, f->folder->path));
    for (uint16_t at = 0, count; at < 300; at = (uint16_t)(at + count + (count == 0))) {
        count = 0;
        bool takes = owners_view_has_any(&view, OWNER_OF_WRITES, unit, table, at, 1);
        while (
            at + count < 300 &&
            owners_view_has_any(&view, OWNER_OF_ANY_KIND, unit, table, (uint16_t)(at + count), 1) &&
            owners_view_has_any(&view, OWNER_OF_WRITES, unit, table, (uint16_t)(at + count), 1) ==
                takes)
            count++;
        if (count == 0)
            continue;
        snprintf(one, sizeof one, "%s%d+%d%s", text[0] ? " " : "", at, count, takes ? "w" : "");
        strcat(text, one);
    }
    return text;
}

#define check_owned(f, unit, table, expected)                                                      \
    assert_string_equal(owned_of(f, unit, PDU_##table), expected)

static void serve(struct fixture *f, int64_t id, int status_table, const char *host)
{
    struct tagdb_device row = device_row(id);
    struct tagdb_tag tags[] = {tag_row(id, 10 * id + 1, "a"), tag_row(id, 10 * id + 2, "b"),
                               tag_row(id, 10 * id + 3, "c"), tag_row(id, 10 * id + 4, "d"),
                               tag_row(id, 10 * id + 5, "e")};
    row.network_modbus_host = host;
    row.network_modbus_port = 1;
    row.status_table = status_table;
    row.status_address = (uint16_t)(200 + 10 * id);
    tags[0].point.type = TYPE_UINT64;
    tags[0].point.address = (uint16_t)(100 * id);
    tags[1].point.address = (uint16_t)(100 * id + 4);
    tags[1].direction = BOTH_WAYS;
    tags[1].mqtt_command_topic = "set";
    tags[2].point.table = TABLE_COIL;
    tags[2].point.type = TYPE_BOOL;
    tags[2].point.address = (uint16_t)(5 * id);
    tags[2].direction = TO_MQTT;
    tags[2].mqtt_command_topic = "set";
    tags[3].point.table = TABLE_DISCRETE_INPUT;
    tags[3].point.type = TYPE_BOOL;
    tags[3].point.address = (uint16_t)(6 * id);
    tags[4].point.table = TABLE_INPUT_REGISTER;
    tags[4].point.address = (uint16_t)(7 * id);
    serve_device(f, &row, tags, COUNT(tags));
}

static void test_devices(void **state)
{
    struct fixture *f = *state;
    serve(f, 1, TABLE_INPUT_REGISTER, NULL);
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w");
    check_owned(f, 1, COILS, "5+1w");
    check_owned(f, 1, DISCRETE_INPUTS, "6+1");
    check_owned(f, 1, INPUT_REGISTERS, "7+1 210+4");
    serve(f, 2, TABLE_HOLDING_REGISTER, NULL);
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w 200+4 204+1w 220+4");
    check_owned(f, 1, INPUT_REGISTERS, "7+1 14+1 210+4");
    serve(f, 1, -1, NULL);
    check_owned(f, 1, INPUT_REGISTERS, "7+1 14+1");
    apply_update(f, make_update(2, NULL, false));
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w");
    check_owned(f, 1, COILS, "5+1w");
    apply_update(f, make_update(0, NULL, true));
    check_owned(f, 1, HOLDING_REGISTERS, "");
    check_owned(f, 1, COILS, "");
}

/* Of a device on a foreign server only the status registers are here. */
static void test_foreign(void **state)
{
    struct fixture *f = *state;
    serve(f, 1, TABLE_INPUT_REGISTER, "127.0.0.2");
    check_owned(f, 1, HOLDING_REGISTERS, "");
    check_owned(f, 1, COILS, "");
    check_owned(f, 1, INPUT_REGISTERS, "210+4");
}

static void test_gateway(void **state)
{
    struct fixture *f = *state;
    /* Nothing is published before the first configuration. */
    owned_registers_move_gateway(&owned, true, 2, TABLE_INPUT_REGISTER, 50);
    assert_false(owned.is_published);
    assert_false(owners_view_follow(&view, f->folder->path));
    serve(f, 1, -1, NULL);
    assert_true(owned.is_published);
    check_owned(f, 2, INPUT_REGISTERS, "50+4");
    owned_registers_move_gateway(&owned, true, 2, TABLE_INPUT_REGISTER, 52);
    check_owned(f, 2, INPUT_REGISTERS, "52+4");
    owned_registers_move_gateway(&owned, true, 1, TABLE_HOLDING_REGISTER, 101);
    check_owned(f, 2, INPUT_REGISTERS, "");
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w");
    owned_registers_move_gateway(&owned, true, 1, TABLE_HOLDING_REGISTER, 110);
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w 110+4");
    owned_registers_move_gateway(&owned, false, 1, TABLE_HOLDING_REGISTER, 110);
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w");
}

/* A file that was removed is made and filled again. */
static void test_repair(void **state)
{
    struct fixture *f = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/register-owners", f->folder->path);
    assert_false(owned_registers_keep(&owned, &f->device_table)); /* before the first update */
    owned_registers_move_gateway(&owned, true, 3, TABLE_INPUT_REGISTER, 7);
    serve(f, 1, TABLE_INPUT_REGISTER, NULL);
    assert_false(owned_registers_keep(&owned, &f->device_table));
    assert_int_equal(unlink(path), 0);
    assert_false(owned_registers_keep(&owned, &f->device_table));
    assert_int_equal(access(path, R_OK), 0);
    check_owned(f, 1, HOLDING_REGISTERS, "100+4 104+1w");
    check_owned(f, 1, INPUT_REGISTERS, "7+1 210+4");
    check_owned(f, 3, INPUT_REGISTERS, "7+4");
    /* The counts are right: nobody owns them after one removal. */
    apply_update(f, make_update(1, NULL, false));
    check_owned(f, 1, INPUT_REGISTERS, "");
    owned_registers_move_gateway(&owned, false, 3, TABLE_INPUT_REGISTER, 7);
    check_owned(f, 3, INPUT_REGISTERS, "");
}

static void test_without_a_file(void **state)
{
    struct fixture *f = *state;
    f->device_table.owned = NULL;
    serve(f, 1, TABLE_INPUT_REGISTER, NULL);
    apply_update(f, make_update(1, NULL, false));
    assert_false(owners_view_follow(&view, f->folder->path));
    assert_false(owned.is_published);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_devices, open_owned, close_owned),
        cmocka_unit_test_setup_teardown(test_foreign, open_owned, close_owned),
        cmocka_unit_test_setup_teardown(test_gateway, open_owned, close_owned),
        cmocka_unit_test_setup_teardown(test_repair, open_owned, close_owned),
        cmocka_unit_test_setup_teardown(test_without_a_file, open_owned, close_owned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
