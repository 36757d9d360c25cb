/* The rows of the commands that change something. */
#include "ctl/commands/change_commands.h"

#include "ctl/commands/command_rows.h"

const struct command change_commands[CHANGE_COMMAND_COUNT] = {
    {.name = "set",
     .operands = "OBJECT MEMBER=VALUE...",
     .fewest = 2,
     .most = COMMAND_ANY,
     .summary = "Change members of a device, a tag or a profile",
     .details =
         "OBJECT is DEVICE, DEVICE/TAG or profile:NAME. Members that are not named stay as they "
         "are. A member of a group has its name in front: modbus.scale, mqtt.topic. The type of "
         "the member decides what the text becomes: label=123 is a text, enabled=false true or "
         "false, modbus.scale=0.1 a number, 'mqtt.values={\"ON\": 1}' an object, of which "
         "mqtt.values.ON=1 sets one entry. modbus.address takes an offset, or a Modicon address "
         "such as 40101.\n\n"
         "VALUE null is null where the member can be that, the word itself in another text, such "
         "as "
         "a label, and restores the default elsewhere. @FILE reads the value from a file; a value "
         "that begins with @ is written with @@.\n\n"
         "The object is changed only if nobody else has changed it since it was read: otherwise "
         "nothing is changed, and the exit status is 5. With --create an object that is not there "
         "is created; a device needs mqtt.topic. --dry-run lets the server check the change, and "
         "shows what would be different.",
     .completes = {COMPLETES_OBJECT, COMPLETES_MEMBER},
     .flags = {FLAG_CREATE, FLAG_DRY_RUN, FLAG_IF_MATCH, FLAG_YES},
     .examples = {"tagferryctl set boiler-7/temp modbus.scale=0.1 mqtt.key=/a/b",
                  "tagferryctl set boiler-7 label=\"Boiler 7\" enabled=false --dry-run",
                  "tagferryctl set pump mqtt.topic=plant/pump --create"},
     .run = set_run},
    {.name = "rm",
     .operands = "OBJECT...",
     .fewest = 1,
     .most = COMMAND_ANY,
     .summary = "Delete devices, tags and profiles",
     .details =
         "OBJECT is DEVICE, DEVICE/TAG or profile:NAME. A device takes its tags with it. Registers "
         "that belong to no tag any more become 0.\n\n"
         "Nothing is deleted before all objects were found and the server has said that each may "
         "go. More than 20 devices and tags are deleted only after a question, or with --yes. "
         "--dry-run lists what would be deleted. The command revert brings back what was deleted, "
         "each object by itself.",
     .completes = {COMPLETES_OBJECT},
     .flags = {FLAG_DRY_RUN, FLAG_IF_MATCH, FLAG_YES},
     .examples = {"tagferryctl rm boiler-7/old boiler-7/older", "tagferryctl rm pump --dry-run"},
     .run = rm_run},
    {.name = "rename",
     .operands = "OBJECT NEWNAME",
     .fewest = 2,
     .most = 2,
     .summary = "Give a device, a tag or a profile another name",
     .details = "Registers, values, history and the topic of a device stay, and so does the key of "
                "a tag. Who uses the old name in requests to the API has to use the new one.",
     .completes = {COMPLETES_OBJECT, COMPLETES_NOTHING},
     .flags = {FLAG_DRY_RUN, FLAG_IF_MATCH},
     .examples = {"tagferryctl rename boiler-7 boiler-north",
                  "tagferryctl rename boiler-7/temp supply_temperature"},
     .run = rename_run},
    {.name = "move",
     .operands = "DEVICE/TAG DEVICE[/NEWNAME]",
     .fewest = 2,
     .most = 2,
     .summary = "Move a tag to another device",
     .details =
         "Its address stays. If both devices have the same Modbus server and unit, the tag keeps "
         "its register and its value; otherwise it has the same address there, which must be free. "
         "A tag without a topic of its own then reads the topic of its new device.",
     .completes = {COMPLETES_TAG, COMPLETES_DEVICE},
     .flags = {FLAG_DRY_RUN, FLAG_IF_MATCH},
     .examples = {"tagferryctl move boiler-7/temp boiler-8",
                  "tagferryctl move boiler-7/temp boiler-8/supply_temperature"},
     .run = move_run},
    {.name = "copy",
     .operands = "DEVICE NEWNAME...",
     .fewest = 2,
     .most = COMMAND_ANY,
     .summary = "Copy a device with its tags, once or many times",
     .details =
         "In the topics of a copy, its name takes the place of the device's; with --topic, the "
         "levels in which the topics differ are replaced everywhere. Addresses are the next free "
         "ones, one block for each copy; --stride chooses the distance between one copy and the "
         "next, and in another unit they stay the same. All copies are made, or none.\n\n"
         "--topic, --unit, --label, --param and --where are of one copy.",
     .completes = {COMPLETES_DEVICE, COMPLETES_NOTHING},
     .flags = {FLAG_TOPIC, FLAG_UNIT, FLAG_LABEL, FLAG_STRIDE, FLAG_PARAM, FLAG_WHERE,
               FLAG_DRY_RUN},
     .examples = {"tagferryctl copy meter-1 meter-2 meter-3 --stride input_register=100",
                  "tagferryctl copy meter-1 meter-9 --topic hall-2/meter-9 --label \"Hall 2\"",
                  "tagferryctl copy meter-1 meter-2 --where '{\"id\": 2}' --dry-run"},
     .run = copy_run},
    {.name = "write",
     .operands = "DEVICE/TAG VALUE",
     .fewest = 2,
     .most = 2,
     .summary = "Write a value to the register of a tag",
     .details =
         "VALUE is in engineering units, as value prints it: -5, 21.5, true, a word of "
         "mqtt.values, or a text for a tag of the type string. A tag with a direction to MQTT is "
         "written as SCADA does: the value is published as a command. Another tag keeps the value "
         "only until the next message of its device. The command asks before it writes, or needs "
         "--yes. It prints the value before, the new one, and what the register has afterwards.",
     .completes = {COMPLETES_TAG, COMPLETES_NOTHING},
     .flags = {FLAG_YES},
     .examples = {"tagferryctl write boiler-7/setpoint 70.5",
                  "tagferryctl write pump/run off --yes"},
     .run = write_run},
    {.name = "revert",
     .operands = "[ID | newest]",
     .most = 1,
     .summary = "Undo a change, or all changes after a revision",
     .details =
         "ID is that of an entry of the audit. newest, which is meant without an operand, is all "
         "that the newest request has changed; --to REVISION undoes everything after that "
         "revision. What was deleted comes back with its addresses.\n\n"
         "If something of it has changed since, nothing is undone, each such object is named, and "
         "the exit status is 5. More than 20 objects are deleted only after a question, or with "
         "--yes. An undone change can be undone, too.",
     .flags = {FLAG_TO, FLAG_DRY_RUN, FLAG_IF_MATCH, FLAG_YES},
     .examples = {"tagferryctl revert --dry-run", "tagferryctl revert 118",
                  "tagferryctl revert --to 42 --dry-run"},
     .run = revert_run},
};
