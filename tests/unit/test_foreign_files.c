/* Files of KEPServerEX, Ignition and Neuron: what is read of them, and that what is written reads
 * back the same. */
#include "check.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/base/csv.h"
#include "api/foreign/foreign_ignition.h"
#include "api/foreign/foreign_kepware.h"
#include "api/foreign/foreign_neuron.h"
#include "api/foreign/foreign_remark.h"

/* What a reader works with. */
struct reading {
    struct arena arena;
    struct validation validation, warnings;
    struct foreign_file file;
    cJSON *root; /* tags have its texts */
};

static void begin_reading(struct reading *reading)
{
    *reading = (struct reading){0};
    reading->validation = validation_make(&reading->arena);
    reading->warnings = validation_make(&reading->arena);
    reading->file = (struct foreign_file){.arena = &reading->arena,
                                          .validation = &reading->validation,
                                          .warnings = &reading->warnings,
                                          .base = 1};
}

/* Writes the tags, one a line, then the errors and warnings. */
static const char *describe(struct reading *reading)
{
    struct text out = {0};
    foreign_file_split_units(&reading->file);
    foreign_file_write_notes(&reading->file);
    for (size_t i = 0; i < reading->file.count; i++) {
        const struct foreign_tag *tag = &reading->file.tags[i];
        text_printf(&out, "%s/%s %s %u %s", tag->device, tag->name, table_names[tag->table],
                    tag->address, tag->type);
        if (tag->bit != NO_BIT)
            text_printf(&out, " bit %d", tag->bit);
        if (tag->unit >= 0)
            text_printf(&out, " unit %d", tag->unit);
        if (tag->length)
            text_printf(&out, " length %u", tag->length);
        if (tag->byte_order)
            text_printf(&out, " %s%s", tag->byte_order, tag->order_assumed ? "?" : "");
        if (tag->scale != 1 || tag->offset != 0)
            text_printf(&out, " %g+%g", tag->scale, tag->offset);
        if (tag->key)
            text_printf(&out, " key %s", tag->key);
        text_printf(&out, "%s%s%s%s%s\n", *tag->eng_unit ? " in " : "", tag->eng_unit,
                    tag->writable ? " rw" : "", tag->disabled ? " off" : "",
                    *tag->description ? arena_format(&reading->arena, " (%s)", tag->description)
                                      : "");
    }
    for (size_t i = 0; i < reading->validation.count; i++) {
        const struct validation_error *error = &reading->validation.items[i];
        if (error->row > 0)
            text_printf(&out, "! %ld %s %s\n", error->row, error->column ? error->column : "-",
                        error->code);
        else
            text_printf(&out, "! %s %s\n", error->pointer, error->code);
    }
    for (size_t i = 0; i < reading->warnings.count; i++)
        text_printf(&out, "~ %s %s\n", reading->warnings.items[i].code,
                    strchr(reading->warnings.items[i].detail, ':')
                        ? arena_strndup(&reading->arena, reading->warnings.items[i].detail,
                                        strcspn(reading->warnings.items[i].detail, ":"))
                        : "");
    const char *copy = arena_strdup(&reading->arena, out.data ? out.data : "");
    text_finish(&out);
    return copy;
}

static enum table_result next_csv_row(void *context, struct arena *arena, struct table_row *row)
{
    return csv_read_row(context, arena, row);
}

static void read_kepware(struct reading *reading, const char *text)
{
    struct csv csv;
    csv_open(&csv, text, strlen(text));
    const struct foreign_table source = {
        .next_row = next_csv_row, .context = &csv, .comma = csv.separator != ','};
    foreign_kepware_read(&reading->file, &source);
}

static void read_ignition(struct reading *reading, const char *text)
{
    reading->root = cJSON_Parse(text);
    assert_non_null(reading->root);
    foreign_ignition_read(&reading->file, reading->root);
}

static void end_reading(struct reading *reading)
{
    arena_finish(&reading->arena);
    cJSON_Delete(reading->root);
}

static void want(struct reading *reading, const char *expected)
{
    const char *got = describe(reading);
    if (strcmp(got, expected) != 0)
        fail_msg("read\n%s\nbut expected\n%s", got, expected);
    end_reading(reading);
}

#define KEPWARE_HEADER                                                                             \
    "Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw "    \
    "High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,"     \
    "Negate Value\r\n"

static void test_kepware_read(void **state)
{
    struct reading reading;
    begin_reading(&reading);
    read_kepware(&reading, KEPWARE_HEADER
                 "\"Boiler.Supply\",\"400001\",Short,1,RO,100,Linear,0,1000,0,100,Float,0,0,\"°C\","
                 "\"flow\",0\r\n"
                 "\"Boiler.Total\",400003,DWord,1,R/W,100,,,,,,,,,,\"\",\r\n"
                 "\"Boiler.Sub.Name\",400300.20H,String,1,RO,100,,,,,,,,,,,\r\n"
                 "\"Boiler.Alarm\",300010.5,Boolean,1,RO,100,None,,,,,,,,,,\r\n"
                 "\"Boiler.Pump\",000001,Default,1,R/W,100,,,,,,,,,,,\r\n"
                 "\"Boiler.Phase\",400101 [3],Float Array,1,RO,100,,,,,,,,,,,\r\n"
                 "\"Boiler.Minus\",400201,Word,1,RO,100,Linear,0,100,-5,5,Double,0,0,,,1\r\n"
                 "\"Boiler.Order\",400203,Float,1,RO,100,,,,,,,,,,\"x [Tagferry: byte order ABCD; "
                 "disabled]\",\r\n");
    want(&reading, "Boiler/Supply holding_register 0 int16 0.1+0 in °C (flow)\n"
                   "Boiler/Total holding_register 2 uint32 CDAB? rw\n"
                   "Boiler.Sub/Name holding_register 299 string length 10 ABCD\n"
                   "Boiler/Alarm input_register 9 bool bit 5\n"
                   "Boiler/Pump coil 0 bool rw\n"
                   "Boiler/Phase_0 holding_register 100 float32 CDAB? key /Phase/0\n"
                   "Boiler/Phase_1 holding_register 102 float32 CDAB? key /Phase/1\n"
                   "Boiler/Phase_2 holding_register 104 float32 CDAB? key /Phase/2\n"
                   "Boiler/Minus holding_register 200 uint16 -0.1+5\n"
                   "Boiler/Order holding_register 202 float32 ABCD off (x)\n"
                   "~ ignored Scan Rate\n");
    (void)state;
}

static void test_kepware_options(void **state)
{
    struct reading reading;
    begin_reading(&reading);
    reading.file.device = "plc";
    reading.file.byte_order = "ABCD";
    reading.file.base = 0;
    read_kepware(&reading, "tag name;ADDRESS;Scaling;Raw Low;Raw High;Scaled Low;Scaled High;Odd\n"
                           "a;400000;Linear;0;10;0;0,5;1\n"
                           "G.b;400001;;;;;;\n"
                           "\n"
                           "c;H400010;;;;;;\n");
    want(&reading, "plc/a holding_register 0 uint16 0.05+0\n"
                   "plc/G.b holding_register 1 uint16\n"
                   "plc/c holding_register 16 uint16\n"
                   "~ ignored Odd\n");
    (void)state;
}

static void test_kepware_errors(void **state)
{
    struct reading reading;
    begin_reading(&reading);
    read_kepware(&reading, KEPWARE_HEADER "a,400001,Word,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.b,DB1.DBW2,Word,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.c,400001,Date,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.d,400001,Word,1,RO,100,Square Root,0,1,0,1,,,,,,\r\n"
                                          "D.e,400001,Word,1,RO,100,Linear,0,x,0,1,,,,,,\r\n"
                                          "D.f,400001,Word,1,RO,100,Linear,5,5,0,1,,,,,,\r\n"
                                          "D.g,400001.3,Word,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.h,400001,Boolean,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.i,000001,Word,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.j,400001,String,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.k,465535 [3],Word,1,RO,100,,,,,,,,,,,\r\n"
                                          "D.l,400001,BCD,1,RO,100,,,,,,,,,,,\r\n"
                                          ",400001,Word,1,RO,100,,,,,,,,,,,\r\n");
    const char *got = describe(&reading);
    static const char *const expected[] = {
        "! 2 Tag Name required\n",       "! 3 Address invalid_address\n",
        "! 4 Data Type invalid_type\n",  "! 5 Scaling invalid_scaling\n",
        "! 6 Raw High wrong_type\n",     "! 7 Raw High invalid_scaling\n",
        "! 8 Data Type invalid_type\n",  "! 9 Data Type invalid_type\n",
        "! 10 Data Type invalid_type\n", "! 11 Data Type invalid_type\n",
        "! 12 Address out_of_range\n",   "! 14 Tag Name required\n"};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (!strstr(got, expected[i]))
            fail_msg("%s is missing in\n%s", expected[i], got);
    }
    end_reading(&reading);
    begin_reading(&reading);
    read_kepware(&reading, "device,tag\nx,y\n");
    want(&reading, "! 1 - required\n~ ignored device, tag\n");
    begin_reading(&reading);
    read_kepware(&reading, "");
    want(&reading, "! 1 - required\n");
    (void)state;
}

static const char ignition_text[] =
    "{\"name\": \"\", \"tagType\": \"Provider\", \"tags\": ["
    "{\"name\": \"Plant\", \"tagType\": \"Folder\", \"tags\": ["
    " {\"name\": \"Boiler 7\", \"tagType\": \"Folder\", \"tags\": ["
    "  {\"name\": \"Supply\", \"tagType\": \"AtomicTag\", \"valueSource\": \"opc\", \"dataType\": "
    "\"Float4\", \"opcServer\": \"Ignition OPC UA Server\", \"opcItemPath\": "
    "\"ns=1;s=[PLC]2.HRF201\", \"engUnit\": \"bar\", \"documentation\": \"flow\", \"readOnly\": "
    "true, \"alarms\": []},"
    "  {\"name\": \"Level\", \"tagType\": \"AtomicTag\", \"valueSource\": \"opc\", "
    "\"opcItemPath\": \"[PLC]2.IR1\", \"scaleMode\": \"Linear\", \"rawHigh\": 1000, "
    "\"scaledHigh\": 1},"
    "  {\"name\": \"Bit\", \"valueSource\": \"opc\", \"opcItemPath\": "
    "\"nsu=urn:x;s=[PLC]2.HR9.3\", \"enabled\": false},"
    "  {\"name\": \"Memory\", \"valueSource\": \"memory\", \"value\": 1}"
    " ]}]},"
    "{\"name\": \"_types_\", \"tagType\": \"Folder\", \"tags\": ["
    " {\"name\": \"Motor\", \"tagType\": \"UdtType\", \"parameters\": {\"base\": {\"dataType\": "
    "\"Integer\", \"value\": 1}, \"plc\": {\"value\": \"PLC\"}}, \"tags\": ["
    "  {\"name\": \"Speed\", \"valueSource\": \"opc\", \"opcItemPath\": {\"bindType\": "
    "\"parameter\", \"binding\": \"ns=1;s=[{plc}]HRUS{base}\"}},"
    "  {\"name\": \"Current\", \"valueSource\": \"opc\", \"engUnit\": \"A\", \"opcItemPath\": "
    "{\"bindType\": \"parameter\", \"binding\": \"ns=1;s=[{plc}]HRF{base+1}\"}, "
    "\"documentation\": {\"bindType\": \"parameter\", \"binding\": \"of {InstanceName}\"}}]}]},"
    "{\"name\": \"M1\", \"tagType\": \"UdtInstance\", \"typeId\": \"Motor\", \"parameters\": "
    "{\"base\": {\"value\": 101}}, \"tags\": [{\"name\": \"Current\", \"engUnit\": \"mA\"}]},"
    "{\"name\": \"M2\", \"tagType\": \"UdtInstance\", \"typeId\": \"Motor\"},"
    "{\"name\": \"Top\", \"valueSource\": \"opc\", \"opcItemPath\": \"ns=1;s=[PLC]C5\"}"
    "]}";

static void test_ignition_read(void **state)
{
    struct reading reading;
    begin_reading(&reading);
    read_ignition(&reading, ignition_text);
    want(&reading, "Plant.Boiler 7/Supply holding_register 200 float32 unit 2 ABCD? in bar (flow)\n"
                   "Plant.Boiler 7/Level input_register 0 int16 unit 2 0.001+0\n"
                   "Plant.Boiler 7/Bit holding_register 8 bool bit 3 unit 2 rw off\n"
                   "M1/Speed holding_register 100 uint16 rw\n"
                   "M1/Current holding_register 101 float32 ABCD? in mA rw (of M1)\n"
                   "M2/Speed holding_register 0 uint16 rw\n"
                   "M2/Current holding_register 1 float32 ABCD? in A rw (of M2)\n"
                   "PLC/Top coil 4 bool rw\n"
                   "~ ignored alarms\n"
                   "~ skipped Plant.Boiler 7.Memory\n");
    (void)state;
}

static void test_ignition_errors(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"{}", "! /tags required\n"},
        {"[]", ""},
        {"{\"tags\": [{\"name\": \"a\", \"opcItemPath\": \"ns=1;s=[P]V2000\"}]}",
         "! /tags/0/opcItemPath invalid_address\n"},
        {"{\"tags\": [{\"name\": \"a\", \"opcItemPath\": \"Channel.Device.Tag\"}]}",
         "! /tags/0/opcItemPath invalid_address\n"},
        {"{\"tags\": [{\"opcItemPath\": \"[P]HR1\"}]}", "! /tags/0/name required\n"},
        {"{\"tags\": [{\"name\": \"a\", \"opcItemPath\": \"[P]HR1\", \"scaleMode\": "
         "\"SquareRoot\"}]}",
         "! /tags/0/scaleMode invalid_scaling\n"},
        {"{\"tags\": [{\"name\": \"F\", \"tags\": [{\"name\": \"a\", \"opcItemPath\": "
         "\"[P]HR1\", \"scaleMode\": \"Linear\", \"rawHigh\": 0, \"scaledHigh\": 1}]}]}",
         "! /tags/0/tags/0/rawHigh invalid_scaling\n"},
        {"{\"tags\": [{\"name\": \"a\", \"tagType\": \"UdtInstance\", \"typeId\": \"T\"}]}",
         "! /tags/0/typeId unknown_type\n"},
        {"{\"tags\": [{\"name\": \"T\", \"tagType\": \"UdtType\", \"tags\": [{\"name\": \"x\", "
         "\"opcItemPath\": \"[P]HR{n}\"}]}, {\"name\": \"a\", \"tagType\": \"UdtInstance\", "
         "\"typeId\": \"T\"}]}",
         "! /tags/1/opcItemPath unknown_parameter\n"},
        {"{\"tags\": [{\"name\": \"a\", \"opcItemPath\": \"[P]HR1\", \"scaleMode\": "
         "\"Linear\", \"scaledHigh\": 1}]}",
         "P/a holding_register 0 int16 0.1+0 rw\n~ scaling_assumed a\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reading reading;
        begin_reading(&reading);
        read_ignition(&reading, rows[i].text);
        want(&reading, rows[i].expected);
    }
    (void)state;
}

static void read_neuron(struct reading *reading, const char *text)
{
    reading->root = cJSON_Parse(text);
    assert_non_null(reading->root);
    foreign_neuron_read_json(&reading->file, reading->root);
}

static void test_neuron_read(void **state)
{
    struct reading reading;
    begin_reading(&reading);
    read_neuron(
        &reading,
        "{\"node\": \"meter\", \"groups\": [{\"group\": \"fast\", \"interval\": 1000, \"tags\": ["
        "{\"name\": \"u\", \"address\": \"1!400001\", \"type\": 9, \"attribute\": 1},"
        "{\"name\": \"i\", \"address\": \"1!400003#BB\", \"type\": 9, \"attribute\": 3, "
        "\"unit\": \"A\", \"description\": \"current\"},"
        "{\"name\": \"t\", \"address\": \"2!300001\", \"type\": 3, \"attribute\": 3, \"decimal\": "
        "0.1, \"bias\": -40, \"precision\": 1},"
        "{\"name\": \"b\", \"address\": \"2!400005.7\", \"type\": 11, \"attribute\": 1, "
        "\"decimal\": 0},"
        "{\"name\": \"s\", \"address\": \"2!400010.9L\", \"type\": 13, \"attribute\": 8},"
        "{\"name\": \"static\", \"address\": \"\", \"type\": 3, \"attribute\": 8, \"value\": 1}"
        "]}]}");
    want(&reading, "meter-1/u holding_register 0 float32 unit 1 ABCD?\n"
                   "meter-1/i holding_register 2 float32 unit 1 DCBA in A rw (current)\n"
                   "meter-2/t input_register 0 int16 unit 2 0.1+-40\n"
                   "meter-2/b holding_register 4 bool bit 7 unit 2\n"
                   "meter-2/s holding_register 9 string unit 2 length 5 BADC\n"
                   "~ ignored precision, value\n"
                   "~ skipped static\n");
    begin_reading(&reading);
    struct csv csv;
    static const char table[] =
        "group,interval,name,address,attribute,type,description,decimal,precision,bias\n"
        "g1,1000,a,1!400001,Read Write,UINT16,first,0.5,,\n"
        "g1,1000,b,1!000001,Read Subscribe,BIT,,,,\n"
        ",,,,,,,,,\n"
        "g1,1000,c,1!400007,Read,BYTES,,,,\n"
        "g1,1000,d,400007,Read,INT16,,,,\n"
        ",1000,e,1!400007,Read,INT16,,x,,\n";
    csv_open(&csv, table, strlen(table));
    const struct foreign_table source = {.next_row = next_csv_row, .context = &csv};
    foreign_neuron_read_table(&reading.file, &source);
    want(&reading, "g1/a holding_register 0 uint16 unit 1 0.5+0 rw (first)\n"
                   "g1/b coil 0 bool unit 1\n"
                   "! 5 type invalid_type\n"
                   "! 6 address invalid_address\n"
                   "! 7 decimal wrong_type\n"
                   "! 7 group required\n"
                   "~ ignored interval, precision\n");
    begin_reading(&reading);
    read_neuron(&reading, "{\"nodes\": [{\"name\": \"x\"}], \"tags\": [{\"driver\": \"d\", "
                          "\"group\": \"g\", \"tags\": [{\"name\": \"a\", \"address\": "
                          "\"1!400001\", \"type\": \"INT16\"}]}]}");
    want(&reading, "d/a holding_register 0 int16 unit 1\n~ ignored nodes\n");
    begin_reading(&reading);
    read_neuron(&reading, "{\"node\": \"d\", \"tags\": [{\"name\": \"a\", \"type\": 8, "
                          "\"address\": \"1!400001#WR\"}]}");
    want(&reading, name_list_find(order_names, "EFGHABCD") < 0
                       ? "! /tags/0/address invalid_choice\n"
                       : "d/a holding_register 0 uint64 unit 1 EFGHABCD\n");
    begin_reading(&reading);
    read_neuron(&reading, "{\"x\": 1}");
    want(&reading, "! /tags required\n");
    (void)state;
}

/* Tags with everything that a product can or cannot say. */
static const struct foreign_tag samples[] = {
    {.device = "d",
     .name = "a",
     .table = TABLE_HOLDING_REGISTER,
     .address = 0,
     .type = "int16",
     .scale = 0.1,
     .eng_unit = "°C",
     .description = "x",
     .writable = true},
    {.device = "d",
     .name = "b",
     .table = TABLE_INPUT_REGISTER,
     .address = 65534,
     .type = "float32",
     .scale = 1},
    {.device = "d",
     .name = "c.d",
     .table = TABLE_HOLDING_REGISTER,
     .address = 8,
     .type = "float64",
     .byte_order = "CDAB",
     .scale = 1,
     .writable = true},
    {.device = "e",
     .name = "t",
     .table = TABLE_HOLDING_REGISTER,
     .address = 20,
     .type = "string",
     .length = 120,
     .scale = 1,
     .writable = true},
    {.device = "e",
     .name = "u",
     .table = TABLE_HOLDING_REGISTER,
     .address = 200,
     .type = "string",
     .length = 123,
     .byte_order = "BADC",
     .scale = 1,
     .writable = true},
    {.device = "e",
     .name = "bit",
     .table = TABLE_INPUT_REGISTER,
     .address = 9,
     .bit = 15,
     .type = "bool",
     .scale = 1,
     .disabled = true},
    {.device = "e",
     .name = "flag",
     .table = TABLE_HOLDING_REGISTER,
     .address = 10,
     .type = "bool",
     .scale = 1,
     .writable = true},
    {.device = "f.g",
     .name = "coil",
     .table = TABLE_COIL,
     .address = 65535,
     .type = "bool",
     .scale = 1,
     .writable = true},
    {.device = "f.g",
     .name = "in",
     .table = TABLE_DISCRETE_INPUT,
     .address = 0,
     .type = "bool",
     .scale = 1},
    {.device = "h",
     .name = "neg",
     .table = TABLE_INPUT_REGISTER,
     .address = 1,
     .type = "uint32",
     .byte_order = "DCBA",
     .scale = -0.25,
     .offset = 12.5},
    {.device = "h",
     .name = "odd",
     .table = TABLE_INPUT_REGISTER,
     .address = 3,
     .type = "int64",
     .byte_order = "BADC",
     .scale = 1.0 / 3,
     .offset = 1e17},
    {.device = "h",
     .name = "w",
     .table = TABLE_INPUT_REGISTER,
     .address = 7,
     .type = "uint16",
     .byte_order = "BADC",
     .scale = 1e-9,
     .offset = -273.15},
    {.device = "h",
     .name = "q",
     .table = TABLE_INPUT_REGISTER,
     .address = 11,
     .type = "uint64",
     .byte_order = "CDAB",
     .scale = 1},
    {.device = "h",
     .name = "i",
     .table = TABLE_INPUT_REGISTER,
     .address = 15,
     .type = "int32",
     .byte_order = "CDAB",
     .scale = 3,
     .offset = 4,
     .description = "[Tagferry: odd] text"},
    {.device = "h",
     .name = "low",
     .table = TABLE_INPUT_REGISTER,
     .address = 30,
     .type = "int8",
     .byte = "low",
     .scale = 1},
    {.device = "h",
     .name = "high",
     .table = TABLE_INPUT_REGISTER,
     .address = 30,
     .type = "uint8",
     .byte = "high",
     .scale = 0.5},
    {.device = "h",
     .name = "count",
     .table = TABLE_INPUT_REGISTER,
     .address = 31,
     .type = "bcd16",
     .scale = 0.1},
    {.device = "h",
     .name = "counts",
     .table = TABLE_INPUT_REGISTER,
     .address = 32,
     .type = "bcd32",
     .byte_order = "CDAB",
     .scale = 1},
    {.device = "h",
     .name = "halves",
     .table = TABLE_INPUT_REGISTER,
     .address = 34,
     .type = "uint64",
     .byte_order = "EFGHABCD",
     .scale = 1},
    /* Scalings that no limits express. */
    {.device = "h",
     .name = "fine",
     .table = TABLE_INPUT_REGISTER,
     .address = 19,
     .type = "float64",
     .scale = 1e-25,
     .offset = 1},
    {.device = "h",
     .name = "huge",
     .table = TABLE_INPUT_REGISTER,
     .address = 23,
     .type = "float64",
     .scale = -1.7e308,
     .offset = -1.7e308},
    /* The folder of UDT definitions in Ignition has this name. */
    {.device = "_types_",
     .name = "_types_",
     .table = TABLE_INPUT_REGISTER,
     .address = 27,
     .type = "uint16",
     .scale = 1,
     .description = "[Tagferry: disabled]"},
    {.device = "marks",
     .name = "m",
     .table = TABLE_INPUT_REGISTER,
     .address = 28,
     .type = "uint16",
     .scale = 1,
     .description = "a\n;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\r\t\t\t\t\t\t\t[Tagferry: x]"},
    {.device = "marks",
     .name = "n",
     .table = TABLE_INPUT_REGISTER,
     .address = 29,
     .type = "uint16",
     .scale = 1,
     .description = "a\n;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n"
                    ";;;;;;;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n"
                    ";;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n"
                    ";;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n"
                    ";;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;;;;;;\nz"},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static struct foreign_tag sample(size_t i)
{
    struct foreign_tag tag = samples[i];
    if (tag.bit == 0)
        tag.bit = NO_BIT;
    tag.unit = 3;
    tag.byte_order = tag.byte_order ? tag.byte_order : "ABCD";
    tag.eng_unit = tag.eng_unit ? tag.eng_unit : "";
    tag.description = tag.description ? tag.description : "";
    return tag;
}

static void want_same(const struct foreign_tag *got, size_t i, bool has_unit)
{
    struct foreign_tag tag = sample(i);
    assert_string_equal(got->device, tag.device);
    assert_string_equal(got->name, tag.name);
    assert_int_equal(got->table, tag.table);
    assert_int_equal(got->address, tag.address);
    assert_int_equal(got->bit, tag.bit);
    assert_string_equal(got->byte ? got->byte : "", tag.byte ? tag.byte : "");
    assert_int_equal(got->unit, has_unit ? tag.unit : -1);
    assert_int_equal(got->length, tag.length);
    assert_string_equal(got->type, tag.type);
    assert_string_equal(got->byte_order ? got->byte_order : "ABCD", tag.byte_order);
    assert_true(got->scale == tag.scale && got->offset == tag.offset);
    assert_string_equal(got->eng_unit, tag.eng_unit);
    assert_string_equal(got->description, tag.description);
    assert_int_equal(got->writable, tag.writable);
    assert_int_equal(got->disabled, tag.disabled);
}

static void test_kepware_round_trip(void **state)
{
    struct text text = {0};
    struct reading reading;
    begin_reading(&reading);
    foreign_kepware_write_header(&text);
    for (size_t i = 0; i < SAMPLES; i++) {
        struct foreign_tag tag = sample(i);
        foreign_kepware_write_tag(&reading.arena, &tag, &text);
    }
    read_kepware(&reading, text.data);
    for (size_t i = 0; i < reading.validation.count; i++)
        fail_msg("%s", reading.validation.items[i].detail);
    assert_int_equal(reading.file.count, SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++)
        want_same(&reading.file.tags[i], i, false);
    text_finish(&text);
    end_reading(&reading);
    (void)state;
}

static void test_ignition_round_trip(void **state)
{
    struct text text = {0};
    struct reading reading;
    const char *device = "";
    begin_reading(&reading);
    foreign_ignition_write_begin(&text);
    for (size_t i = 0; i < SAMPLES; i++) {
        struct foreign_tag tag = sample(i);
        if (strcmp(device, tag.device) != 0) {
            if (*device)
                foreign_ignition_write_device_end(&text);
            device = tag.device;
            foreign_ignition_write_device_begin(&reading.arena, device, &text);
        }
        foreign_ignition_write_tag(&reading.arena, &tag, "Tagferry", &text);
    }
    foreign_ignition_write_device_end(&text);
    foreign_ignition_write_end(&text);
    read_ignition(&reading, text.data);
    for (size_t i = 0; i < reading.validation.count; i++)
        fail_msg("%s", reading.validation.items[i].detail);
    assert_int_equal(reading.file.count, SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++)
        want_same(&reading.file.tags[i], i, true);
    text_finish(&text);
    end_reading(&reading);
    (void)state;
}

static void test_scaling(void **state)
{
    double scale, offset;
    assert_true(foreign_scale_from_limits(0, 27648, 0, 100, &scale, &offset));
    assert_true(scale == 100.0 / 27648 && offset == 0);
    assert_true(foreign_scale_from_limits(819, 4095, -50, 150, &scale, &offset));
    assert_true(fabs(scale * 819 + offset + 50) < 1e-9);
    assert_true(fabs(scale * 4095 + offset - 150) < 1e-9);
    assert_false(foreign_scale_from_limits(1, 1, 0, 1, &scale, &offset));
    assert_false(foreign_scale_from_limits(0, 1, 1, 1, &scale, &offset));
    double raw_high, low, high;
    assert_int_equal(foreign_limits_from_scale(0.1, 0, &raw_high, &low, &high),
                     FOREIGN_LIMITS_EXACT);
    assert_true(raw_high == 1000 && low == 0 && high == 100);
    /* The first of the usual limits that gives the scale back. */
    static const double exact[][3] = {{0.003, 1.0100000000000002, 10000},
                                      {0.015, 1.08, 100},
                                      {0.111, -1.65, 10},
                                      {0.476, -0.31999999999999984, 1},
                                      {0.007, 1.8500000000000005, 100000},
                                      {0.007, 1.4300000000000002, 1e6}};
    for (size_t i = 0; i < COUNT(exact); i++) {
        assert_int_equal(
            foreign_limits_from_scale(exact[i][0], exact[i][1], &raw_high, &low, &high),
            FOREIGN_LIMITS_EXACT);
        assert_true(raw_high == exact[i][2] && low == exact[i][1]);
    }
    assert_int_equal(foreign_limits_from_scale(1.0 / 3, 1e17, &raw_high, &low, &high),
                     FOREIGN_LIMITS_NEAREST);
    assert_true(low == 1e17 && high > low);
    assert_int_equal(foreign_limits_from_scale(1e-25, 1, &raw_high, &low, &high),
                     FOREIGN_LIMITS_NONE);
    assert_int_equal(foreign_limits_from_scale(1.7e308, 1.7e308, &raw_high, &low, &high),
                     FOREIGN_LIMITS_NONE);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kepware_read),
        cmocka_unit_test(test_kepware_options),
        cmocka_unit_test(test_kepware_errors),
        cmocka_unit_test(test_ignition_read),
        cmocka_unit_test(test_ignition_errors),
        cmocka_unit_test(test_neuron_read),
        cmocka_unit_test(test_kepware_round_trip),
        cmocka_unit_test(test_ignition_round_trip),
        cmocka_unit_test(test_scaling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
