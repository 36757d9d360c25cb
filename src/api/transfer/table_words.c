/* The words, and how a word is found. */
#include "api/transfer/table_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/base/plain_name.h"
#include "common/base/require.h"

enum { WORD_SIZE = 48 };

/* A value, and the words for it, in the form of plain_name_fold, separated by blanks. */
struct table_word {
    const char *value;
    const char *words;
};

static const struct table_word column_words[] = {
    {"device", "devicename geraet geraetename devices equipment asset anlage aggregat"},
    {"device_label", "devicelabel geraetebezeichnung"},
    {"device_description", "geraetebeschreibung"},
    {"topic", "mqtttopic topicname devicetopic"},
    {"unit_id", "unitid modbusunit modbusunitid slave slaveid slaveaddress slaveadresse modbusid "
                "modbusslave unitidentifier stationsadresse"},
    {"tag", "name tagname variable variablename variablenname signal signalname datenpunkt "
            "datapoint point pointname punkt messstelle symbol parameter parametername"},
    {"label", "bezeichnung anzeigename displayname klartext title titel"},
    {"key", "jsonkey mqttkey jsonpointer schluessel jsonschluessel field feld"},
    {"tag_topic", "tagtopic"},
    {"direction", "richtung access zugriff clientaccess rw readwrite lesenschreiben"},
    {"table", "tabelle registertype registertyp registerart modbustable modbustabelle objecttype "
              "objekttyp registertable functioncode function fc funktionscode funktion "
              "modbusfunction modbusfunktion modbusfunctioncode"},
    {"address", "adresse adress addr register registeraddress registeradresse modbusaddress "
                "modbusadresse modbusregister registernummer registernumber reg modicon "
                "logicaladdress logischeadresse registeroffset addressoffset startaddress "
                "startadresse startregister"},
    {"type", "typ datatype datentyp variablentyp valuetype format datenformat dataformat"},
    {"byte_order", "byteorder endian endianness endianess bytereihenfolge wordorder "
                   "wortreihenfolge"},
    {"bit", "bitnr bitnummer bitnumber bitposition bitno"},
    {"byte", "bytenr bytenummer bytenumber byteposition byteselect registerbyte"},
    {"length", "laenge len registercount numberofregisters noofregisters anzahlregister "
               "registeranzahl size"},
    {"scale", "skalierung faktor factor scaling scalefactor skalierungsfaktor multiplier "
              "multiplikator gain aufloesung resolution"},
    {"offset", "versatz"},
    {"unit", "einheit units engineeringunit engineeringunits eu masseinheit"},
    {"enabled", "aktiv active enable aktiviert"},
    {"description", "beschreibung desc kommentar comment comments bemerkung bemerkungen remark "
                    "remarks notes note notiz"},
    {"values", "valuemap"},
    {"command_topic", "settopic schreibtopic befehlstopic commandtopic"},
    {"command_template", "settemplate"},
    {NULL, NULL}};

/* IEC 61131-3, C and the SCADA systems agree on these. */
static const struct table_word type_words[] = {
    {"bool", "boolean bit digital binary binaer flag ebool"},
    {"int8", "sint char i8 s8 int8s"},
    {"uint8", "usint byte u8 uchar int8u"},
    {"int16", "int short i16 s16 int16s signed16 sint16 signed16bit 16bitsigned 16bitint sunssf"},
    {"uint16",
     "uint word u16 ushort unsignedshort int16u unsigned16 wort unsigned16bit 16bitunsigned "
     "16bituint enum16 bitfield16 acc16"},
    {"int32", "dint long i32 s32 int32s signed32 sint32 longint signed32bit 32bitsigned "
              "32bitint"},
    {"uint32", "udint dword u32 ulong unsignedlong int32u unsigned32 doppelwort doubleword "
               "unsigned32bit 32bitunsigned 32bituint enum32 bitfield32 acc32"},
    {"int64", "lint llong longlong i64 s64 int64s signed64 signed64bit 64bitsigned 64bitint"},
    {"uint64", "ulint lword qword u64 ulonglong int64u unsigned64 unsigned64bit 64bitunsigned "
               "64bituint acc64 bitfield64"},
    {"float32", "real float single f32 realfloat ieee754 float32bit 32bitfloat floatingpoint32 "
                "real32"},
    {"float64", "lreal double f64 64bitfloat real64 doublefloat floatingpoint64"},
    {"bcd16", "bcd"},
    {"bcd32", "lbcd"},
    {"string", "text str zeichenkette ascii"},
    {NULL, NULL}};

static const struct table_word register_table_words[] = {
    {"coil", "coils 0x 0xxxx 0xxxxx discreteoutput discreteoutputs outputcoil outputcoils co "
             "fc01 fc1 spule spulen"},
    {"discrete_input", "discreteinputs 1x 1xxxx 1xxxxx inputstatus inputcontact inputcontacts "
                       "contact contacts fc02 fc2 di diskretereingang diskreteeingaenge "
                       "digitalereingang"},
    {"input_register", "inputregisters 3x 3xxxx 3xxxxx inputreg fc04 fc4 ir eingangsregister "
                       "eingaberegister analoginputregister"},
    {"holding_register", "holdingregisters 4x 4xxxx 4xxxxx holding holdingreg hr fc03 fc3 "
                         "halteregister outputregister"},
    {NULL, NULL}};

static const struct table_word byte_order_words[] = {
    {"ABCD", "bigendian big be motorola msb msbfirst highwordfirst mswfirst network"},
    {"CDAB", "wordswap wordswapped swappedwords wordsswapped bigendianwordswap "
             "bigendianwordswapped lowwordfirst lswfirst littleendianbyteswap"},
    {"BADC", "byteswap byteswapped swappedbytes bytesswapped bigendianbyteswap "
             "littleendianwordswap"},
    {"DCBA", "littleendian little le intel lsbfirst"},
    {NULL, NULL}};

static const struct table_word byte_words[] = {
    {"low", "lowbyte lsb lobyte lower right low8 unteres niederwertig niederwertiges"},
    {"high", "highbyte msb hibyte upper left high8 oberes hoeherwertig hoeherwertiges"},
    {NULL, NULL}};

/* As the SCADA system sees it. */
static const struct table_word direction_words[] = {
    {"to_modbus", "r ro read readonly lesen nurlesen"},
    {"to_mqtt", "w wo write writeonly schreiben nurschreiben"},
    {"both", "rw readwrite rdwr lesenschreiben lesenundschreiben readandwrite"},
    {"constant", "const fixed konstante fest"},
    {NULL, NULL}};

static const struct {
    size_t field;
    const struct table_word *words;
} choice_words[] = {{TAG_TYPE, type_words},
                    {TAG_TABLE, register_table_words},
                    {TAG_BYTE_ORDER, byte_order_words},
                    {TAG_BYTE, byte_words},
                    {TAG_DIRECTION, direction_words}};

static const char yes_words[] = "true wahr yes ja on ein an y j t 1 enabled aktiv";
static const char no_words[] = "false falsch no nein off aus n f 0 disabled inaktiv";

/* True when the list has the word; its words are separated by blanks. */
static bool word_list_has(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; len > 0 && (at = strstr(at, word)); at += len) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}

static const char *word_table_find(const struct table_word *rows, const char *word)
{
    for (; rows->value; rows++) {
        if (word_list_has(rows->words, word))
            return rows->value;
    }
    return NULL;
}

static bool word_is_name(const char *word, const char *name)
{
    char folded[WORD_SIZE];
    plain_name_fold(name, folded, sizeof folded);
    return strcmp(word, folded) == 0;
}

static const struct resource *const table_resources[] = {&device_resource, &tag_resource};

/* Finds the field whose column has this name in the form of plain_name_fold. */
static bool word_find_field(const char *word, const struct resource **resource, size_t *field)
{
    for (size_t i = 0; i < sizeof table_resources / sizeof table_resources[0]; i++) {
        *resource = table_resources[i];
        for (*field = 0; *field < (*resource)->count; (*field)++) {
            if (word_is_name(word, (*resource)->fields[*field].csv))
                return true;
        }
    }
    return false;
}

bool table_words_find_column(const char *header, const struct resource **resource, size_t *field,
                             bool *exact)
{
    char word[WORD_SIZE], name[WORD_SIZE];
    size_t len = strcspn(header, "([{");
    *exact = true;
    plain_name_fold(header, word, sizeof word);
    if (word_find_field(word, resource, field))
        return true;
    *exact = false;
    const char *value = word_table_find(column_words, word);
    if (!value && header[len] && len < 4 * sizeof word) { /* Adresse (Modbus), Einheit [SI] */
        char before[4 * WORD_SIZE];
        memcpy(before, header, len);
        before[len] = '\0';
        plain_name_fold(before, word, sizeof word);
        if (word_find_field(word, resource, field))
            return true;
        value = word_table_find(column_words, word);
    }
    if (!value)
        return false;
    plain_name_fold(value, name, sizeof name);
    bool found = word_find_field(name, resource, field);
    REQUIRE(found); /* the words of the table are for columns */
    return true;
}

bool table_words_is_integer(const char *cell)
{
    char word[WORD_SIZE];
    plain_name_fold(cell, word, sizeof word);
    return word_list_has("integer signedinteger unsignedinteger integersigned integerunsigned "
                         "unsigned signed ganzzahl",
                         word);
}

bool table_words_is_function(const char *header)
{
    static const char words[] = "functioncode function fc funktionscode funktion modbusfunction "
                                "modbusfunktion modbusfunctioncode";
    char word[WORD_SIZE], before[4 * WORD_SIZE];
    size_t len = strcspn(header, "([{");
    if (len >= sizeof before)
        return false;
    memcpy(before, header, len);
    before[len] = '\0';
    plain_name_fold(before, word, sizeof word);
    return word_list_has(words, word);
}

const char *table_words_read_function(const char *cell)
{
    static const struct {
        long code;
        const char *table;
    } codes[] = {{1, "coil"},
                 {2, "discrete_input"},
                 {3, "holding_register"},
                 {4, "input_register"},
                 {5, "coil"},
                 {6, "holding_register"},
                 {15, "coil"},
                 {16, "holding_register"},
                 {22, "holding_register"},
                 {23, "holding_register"}};
    const char *table = NULL, *at = cell;
    while (*at) { /* each code, such as those of a read and of a write, is for the same table */
        char *end;
        at += strspn(at, " ,;/+&");
        at += strncasecmp(at, "FC", 2) == 0 ? 2 : 0;
        at += strspn(at, " ");
        long code = strtol(at, &end, strncasecmp(at, "0x", 2) == 0 ? 16 : 10);
        const char *own = NULL;
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
            own = end > at && codes[i].code == code ? codes[i].table : own;
        if (!own || (table && strcmp(own, table) != 0))
            return cell;
        table = own;
        at = end + strspn(end, " ,;/+&");
    }
    return table ? table : cell;
}

/* True when one letter more, less, other or two exchanged make one word the other. */
static bool words_are_near(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), same = 0, tail = 0;
    size_t shorter = a_len < b_len ? a_len : b_len, longer = a_len < b_len ? b_len : a_len;
    if (shorter < 3 || longer - shorter > 1)
        return false;
    while (same < shorter && a[same] == b[same])
        same++;
    while (tail < shorter - same && a[a_len - 1 - tail] == b[b_len - 1 - tail])
        tail++;
    size_t rest = longer - same - tail;
    return rest <= 1 ||
           (rest == 2 && a_len == b_len && a[same] == b[same + 1] && a[same + 1] == b[same]);
}

/* Returns the value of the first word that is near, and the word itself in `near`. */
static const char *word_table_guess(const struct table_word *rows, const char *word)
{
    for (; rows->value; rows++) {
        for (const char *at = rows->words; *at; at += strcspn(at, " "), at += *at == ' ') {
            char one[WORD_SIZE];
            size_t len = strcspn(at, " ");
            if (len >= sizeof one)
                continue;
            memcpy(one, at, len);
            one[len] = '\0';
            if (words_are_near(word, one))
                return rows->value;
        }
    }
    return NULL;
}

const char *table_words_guess_column(const char *header)
{
    char word[WORD_SIZE], name[WORD_SIZE];
    plain_name_fold(header, word, sizeof word);
    for (size_t i = 0; i < sizeof table_resources / sizeof table_resources[0]; i++) {
        for (size_t k = 0; k < table_resources[i]->count; k++) {
            plain_name_fold(table_resources[i]->fields[k].csv, name, sizeof name);
            if (words_are_near(word, name))
                return table_resources[i]->fields[k].csv;
        }
    }
    return word_table_guess(column_words, word);
}

static const struct table_word *words_of_choice(const struct resource *resource, size_t field)
{
    static const struct table_word none[] = {{NULL, NULL}};
    for (size_t i = 0; i < sizeof choice_words / sizeof choice_words[0]; i++) {
        if (resource == &tag_resource && choice_words[i].field == field)
            return choice_words[i].words;
    }
    bool is_table = resource == &device_resource && field == DEVICE_STATUS_TABLE;
    return is_table ? register_table_words : none;
}

/* True for marks that belong to no word: "REAL?" is a question. */
static bool cell_has_marks(const char *cell)
{
    return strpbrk(cell, "?!#$%&'()*+,:;<=>@[]^`{|}~\"\\") != NULL;
}

const char *table_words_find_choice(const struct resource *resource, size_t field, const char *cell)
{
    const char *const *names = resource->fields[field].names;
    char word[WORD_SIZE];
    REQUIRE(names);
    if (cell_has_marks(cell) || plain_name_fold(cell, word, sizeof word) == 0)
        return NULL;
    for (size_t i = 0; names[i]; i++) {
        if (word_is_name(word, names[i]))
            return names[i];
    }
    const char *value = word_table_find(words_of_choice(resource, field), word);
    for (size_t i = 0; value && names[i]; i++) {
        if (strcmp(value, names[i]) == 0)
            return names[i];
    }
    return NULL; /* also a word for a value that this choice does not have */
}

const char *table_words_guess_choice(const struct resource *resource, size_t field,
                                     const char *cell)
{
    const char *const *names = resource->fields[field].names;
    char word[WORD_SIZE], name[WORD_SIZE];
    REQUIRE(names);
    plain_name_fold(cell, word, sizeof word);
    for (size_t i = 0; names[i]; i++) {
        plain_name_fold(names[i], name, sizeof name);
        if (words_are_near(word, name))
            return names[i];
    }
    const char *value = word_table_guess(words_of_choice(resource, field), word);
    for (size_t i = 0; value && names[i]; i++) {
        if (strcmp(value, names[i]) == 0)
            return names[i];
    }
    return NULL;
}

bool table_words_read_flag(const char *cell, bool *truth, bool *is_mark)
{
    static const char *const marks[] = {"\xe2\x9c\x93", "\xe2\x9c\x94", "\xe2\x9c\x85"};
    char word[WORD_SIZE];
    *is_mark = false;
    plain_name_fold(cell, word, sizeof word);
    if (strcmp(word, "x") == 0)
        *is_mark = true;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        *is_mark = *is_mark || strncmp(cell, marks[i], strlen(marks[i])) == 0;
    *truth = *is_mark || word_list_has(yes_words, word);
    return !cell_has_marks(cell) && (*truth || word_list_has(no_words, word));
}
