#include "ctl/commands/register_table.h"

#include <string.h>

#include "ctl/base/keep.h"

const struct register_table register_tables[REGISTER_TABLES] = {{"coil", '0', true},
                                                                {"discrete_input", '1', true},
                                                                {"input_register", '3', false},
                                                                {"holding_register", '4', false}};

int register_table_find(const char *name)
{
    for (int i = 0; i < REGISTER_TABLES; i++) {
        if (strcmp(register_tables[i].name, name) == 0)
            return i;
    }
    return -1;
}

const char *register_modicon_text(int table, long address)
{
    return table < 0 ? "" : keep_format("%c%05ld", register_tables[table].digit, address + 1);
}
