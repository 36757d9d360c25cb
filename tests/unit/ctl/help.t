The help of each command.

  $ ctl status --help
  Usage: tagferryctl status [FLAG]...
  Show whether the gateway does its job.
  \n
  The parts of the gateway, its role where several share a configuration, how many
  devices and tags are not good, and why: the newest causes first, each with the
  number of tags, among the first 200 tags that are not good. tagferryctl value
  --wrong lists these, tagferryctl why explains one.
  \n
  With --check, exit status 1 says that a part does not work.
  \n
  Flags:
        --check                Exit with status 1 where something is not as it
                               should be
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl status
    tagferryctl status --check || mail-the-operator

  $ ctl devices --help
  Usage: tagferryctl devices [FLAG]...
  List devices.
  \n
  Each device with its quality, the age of its newest message, how many messages
  came and how many messages and values were refused since tagferry-mqttd started.
  \n
  On a terminal that is too narrow some columns are left out. -o csv has all.
  \n
  Flags:
    -q, --search TEXT          Only objects with this text in name, label,
                               description, key, topic or address
        --quality QUALITY      Only objects of this quality; may be repeated
        --reason REASON        Only objects whose quality has this reason; may be
                               repeated
    -w, --wrong                Only what is not good
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl devices --wrong
    tagferryctl devices -q boiler -o csv

  $ ctl tags --help
  Usage: tagferryctl tags [FLAG]... [DEVICE]...
  List tags with their keys and registers.
  \n
  The tags of these devices, or of all. ADDRESS counts from 0, MODICON from 1.
  Value = register x SCALE, with an offset behind the scale if there is one.
  \n
  On a terminal that is too narrow some columns are left out. -o csv has all.
  \n
  Flags:
    -q, --search TEXT          Only objects with this text in name, label,
                               description, key, topic or address
        --table TABLE          Table in Modbus: coil, discrete_input,
                               input_register or holding_register
        --quality QUALITY      Only objects of this quality; may be repeated
        --reason REASON        Only objects whose quality has this reason; may be
                               repeated
    -w, --wrong                Only what is not good
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl tags boiler-7
    tagferryctl tags --table coil
    tagferryctl tags -q 300013

  $ ctl get --help
  Usage: tagferryctl get [FLAG]... OBJECT [MEMBER]...
  Show the members of a device, a tag or a profile.
  \n
  OBJECT is DEVICE, DEVICE/TAG or profile:NAME. Each member has a line, which the
  command set takes as an operand: a text without quotes, everything else as JSON.
  Lines that begin with # are members that the server sets.
  \n
  With members, such as mqtt.topic, only their values are printed, a line each,
  without quotes; null is an empty line. With -o json they are JSON.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl get boiler-7
    tagferryctl get boiler-7/setpoint
    tagferryctl get boiler-7/setpoint modbus.modicon modbus.scale
    tagferryctl get profile:meter -o json

  $ ctl value --help
  Usage: tagferryctl value [FLAG]... [DEVICE/TAG | DEVICE]...
  Show values with quality and age.
  \n
  The values of these tags, of all tags of these devices, or of all tags. VALUE is
  in the unit of the tag, REGISTERS what the Modbus server holds, in hex.
  \n
  The flags choose among the tags of devices. A tag or device that does not exist
  makes exit status 4; the others are printed.
  \n
  Flags:
    -q, --search TEXT          Only objects with this text in name, label,
                               description, key, topic or address
    -d, --device DEVICE        Only this device; may be repeated
        --table TABLE          Table in Modbus: coil, discrete_input,
                               input_register or holding_register
        --quality QUALITY      Only objects of this quality; may be repeated
        --reason REASON        Only objects whose quality has this reason; may be
                               repeated
    -w, --wrong                Only what is not good
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl value boiler-7/supply_temperature
    tagferryctl value boiler-7
    tagferryctl value --wrong
    tagferryctl value -o csv > values.csv

  $ ctl history --help
  Usage: tagferryctl history [FLAG]... DEVICE/TAG
  Show what the value of a tag was.
  \n
  The values of the last hour, or since and until the times that are given, and
  what happened: values that were refused, writes of SCADA, changes of the
  quality. With more values than --limit (40 by default), a row stands for a part
  of the time, with the smallest, the largest and the last value in it. Between
  two rows the value stays.
  \n
  Flags:
        --since WHEN           Only later ones: an age (30m, 12h, 7d), a time
                               (2026-01-02T03:04:05Z) or, in the audit, a revision
                               (42)
        --until WHEN           Only earlier ones: an age (30m, 12h, 7d) or a time
                               (2026-01-02T03:04:05Z)
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl history boiler-7/supply_temperature
    tagferryctl history boiler-7/setpoint --since 12h -n 500 -o csv

  $ ctl watch --help
  Usage: tagferryctl watch [FLAG]...
  Show values as they change.
  \n
  On a terminal a live table, like top: arrows and PgUp, PgDn scroll, s and r
  choose the order, w shows only what is wrong, / searches, q quits. While the
  connection is lost, the values are grey, and the last line has the time when
  they were true.
  \n
  In a pipe, on a dumb terminal and with --output json or csv, it prints all
  values and then a line for each change of a value, quality or reason. Ctrl-C
  ends it.
  \n
  Flags:
    -q, --search TEXT          Only objects with this text in name, label,
                               description, key, topic or address
    -d, --device DEVICE        Only this device; may be repeated
        --table TABLE          Table in Modbus: coil, discrete_input,
                               input_register or holding_register
    -w, --wrong                Only what is not good
    -s, --sort ORDER           Order of the rows: name, quality, age or change
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl watch --wrong
    tagferryctl watch -d boiler-7 -o json | jq .value

  $ ctl regs --help
  Usage: tagferryctl regs [FLAG]... [TABLE] [START[-END] | START+COUNT]
  Show what registers hold, and whose they are.
  \n
  START counts from 0 behind a TABLE: coil, discrete_input, input_register or
  holding_register. Without one it is in Modicon form, counts from 1 and names the
  table: 400101. With a table alone, all its registers that have a tag. At most
  1000 registers at once.
  \n
  Without operands, the units and tables that are in use, with their first and
  last register.
  \n
  Flags:
        --unit NUMBER          Unit id in Modbus
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl regs
    tagferryctl regs holding_register 100-110
    tagferryctl regs 400101+10 --unit 2
    tagferryctl regs input_register

  $ ctl map --help
  Usage: tagferryctl map [FLAG]...
  Show the register map, in the order of the registers.
  \n
  All registers that have a tag, or the status of a device, for the engineer of
  the SCADA system. ADDRESS counts from 0, MODICON from 1; value = register x
  SCALE, with an offset behind the scale if there is one. The byte order stands
  behind the type unless it is ABCD.
  \n
  tagferryctl export has the map as a page to print, too.
  \n
  Flags:
        --unit NUMBER          Unit id in Modbus
        --table TABLE          Table in Modbus: coil, discrete_input,
                               input_register or holding_register
    -d, --device DEVICE        Only this device; may be repeated
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl map
    tagferryctl map --unit 1 --table holding_register
    tagferryctl map -o csv > map.csv

  $ ctl clients --help
  Usage: tagferryctl clients [FLAG]...
  List the clients of the Modbus server.
  \n
  Each connection with the units that it has asked for and its last request. SIDE
  is scada for SCADA systems and for tagferry-api, inputs and outputs for
  tagferry-mqttd.
  \n
  With --wrong those that were refused or disconnected lately, with the reason:
  the newest 64 addresses.
  \n
  Flags:
    -w, --wrong                Only what is not good
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl clients
    tagferryctl clients --wrong

  $ ctl messages --help
  Usage: tagferryctl messages [FLAG]... [DEVICE]
  Show the newest MQTT messages and what became of them.
  \n
  The newest 20 messages of all topics, or of a device; the newest one is the
  last. OUTCOME has the number of values that were written to their registers,
  rejected, or held because the register has a newer value, and the first error.
  Missing are the values of tags whose keys the message does not have.
  \n
  With --follow, a line for each message as it comes, until Ctrl-C; -o json has an
  object on each line. On a terminal the payload is cut to the width. The gateway
  keeps the newest thousand messages.
  \n
  Flags:
    -f, --follow               Go on with what comes, until Ctrl-C
    -w, --wrong                Only what is not good
    -d, --device DEVICE        Only this device; may be repeated
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl messages boiler-7
    tagferryctl messages --follow
    tagferryctl messages --wrong -n 5

  $ ctl why --help
  Usage: tagferryctl why [FLAG]... DEVICE[/TAG] [TAG]
  Find out where the way of a value ends.
  \n
  Walks the chain from the broker to the register: the parts of the gateway, the
  device and its topic, the newest message and what became of it, the key, each
  step of the conversion, the register and what a Modbus client reads there. Then
  it says in a sentence where the chain ends, and what to do.
  \n
  Without a tag it looks at the device, and at its first tag that is not good.
  \n
  The exit status is 0 where the chain is whole, and 1 where it ends. With -o
  json, the member `code` names the end.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl why boiler-7/supply_temperature
    tagferryctl why boiler-7

  $ ctl audit --help
  Usage: tagferryctl audit [FLAG]... [OBJECT]
  Show who changed what, the newest change first.
  \n
  The newest 20 changes of all objects, or of a device with its tags, a tag, or a
  profile, which need not exist any more. A change of several members has a line
  for each: before -> after. WHO is the name of the token, FROM the address.
  \n
  tagferryctl revert ID undoes a change.
  \n
  Flags:
        --since WHEN           Only later ones: an age (30m, 12h, 7d), a time
                               (2026-01-02T03:04:05Z) or, in the audit, a revision
                               (42)
        --who TOKEN            Only changes with the token of this name
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl audit
    tagferryctl audit boiler-7 --since 12h
    tagferryctl audit --who hmi -n 100 -o csv

  $ ctl profiles --help
  Usage: tagferryctl profiles [FLAG]... [NAME]
  List profiles, or show one with its tags.
  \n
  With --library those that come with Tagferry. Addresses of a profile count from
  the base of each device. Names in braces are parameters, which each device has.
  \n
  Flags:
        --library              The profiles that come with Tagferry, in place of
                               those of the gateway
    -q, --search TEXT          Only objects with this text in name, label,
                               description, key, topic or address
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl profiles
    tagferryctl profiles --library -q tasmota
    tagferryctl profiles --library tasmota-plug

  $ ctl gateways --help
  Usage: tagferryctl gateways [FLAG]... [promote | follow URL]
  Show the gateways, or choose the leader.
  \n
  The gateway that answers, marked (asked), and those that it has heard of: at the
  leader the configuration is changed, followers follow it. LAG is the time since
  a follower had all changes, STATE what does not work there, LAST ERROR why it
  does not follow.
  \n
  promote makes the gateway that is asked the leader, when the former one has
  failed. follow lets it take the configuration of the leader at URL, in place of
  its own, of which it keeps a copy in a file. Both ask before, or need --yes.
  \n
  Flags:
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl gateways
    tagferryctl gateways -o json
    tagferryctl --url http://10.0.0.2:5000 gateways promote
    tagferryctl --url http://10.0.0.1:5000 gateways follow http://10.0.0.2:5000

  $ ctl set --help
  Usage: tagferryctl set [FLAG]... OBJECT MEMBER=VALUE...
  Change members of a device, a tag or a profile.
  \n
  OBJECT is DEVICE, DEVICE/TAG or profile:NAME. Members that are not named stay as
  they are. A member of a group has its name in front: modbus.scale, mqtt.topic.
  The type of the member decides what the text becomes: label=123 is a text,
  enabled=false true or false, modbus.scale=0.1 a number, 'mqtt.values={"ON": 1}'
  an object, of which mqtt.values.ON=1 sets one entry. modbus.address takes an
  offset, or a Modicon address such as 40101.
  \n
  VALUE null is null where the member can be that, the word itself in another
  text, such as a label, and restores the default elsewhere. @FILE reads the value
  from a file; a value that begins with @ is written with @@.
  \n
  The object is changed only if nobody else has changed it since it was read:
  otherwise nothing is changed, and the exit status is 5. With --create an object
  that is not there is created; a device needs mqtt.topic. --dry-run lets the
  server check the change, and shows what would be different.
  \n
  Flags:
        --create               Create the object if it does not exist
        --dry-run              Show what would change, and change nothing
        --if-match REVISION    Change only this revision of the object, in place
                               of the one that was just read; * for any
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl set boiler-7/temp modbus.scale=0.1 mqtt.key=/a/b
    tagferryctl set boiler-7 label="Boiler 7" enabled=false --dry-run
    tagferryctl set pump mqtt.topic=plant/pump --create

  $ ctl rm --help
  Usage: tagferryctl rm [FLAG]... OBJECT...
  Delete devices, tags and profiles.
  \n
  OBJECT is DEVICE, DEVICE/TAG or profile:NAME. A device takes its tags with it.
  Registers that belong to no tag any more become 0.
  \n
  Nothing is deleted before all objects were found and the server has said that
  each may go. More than 20 devices and tags are deleted only after a question, or
  with --yes. --dry-run lists what would be deleted. The command revert brings
  back what was deleted, each object by itself.
  \n
  Flags:
        --dry-run              Show what would change, and change nothing
        --if-match REVISION    Change only this revision of the object, in place
                               of the one that was just read; * for any
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl rm boiler-7/old boiler-7/older
    tagferryctl rm pump --dry-run

  $ ctl rename --help
  Usage: tagferryctl rename [FLAG]... OBJECT NEWNAME
  Give a device, a tag or a profile another name.
  \n
  Registers, values, history and the topic of a device stay, and so does the key
  of a tag. Who uses the old name in requests to the API has to use the new one.
  \n
  Flags:
        --dry-run              Show what would change, and change nothing
        --if-match REVISION    Change only this revision of the object, in place
                               of the one that was just read; * for any
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl rename boiler-7 boiler-north
    tagferryctl rename boiler-7/temp supply_temperature

  $ ctl move --help
  Usage: tagferryctl move [FLAG]... DEVICE/TAG DEVICE[/NEWNAME]
  Move a tag to another device.
  \n
  Its address stays. If both devices have the same Modbus server and unit, the tag
  keeps its register and its value; otherwise it has the same address there, which
  must be free. A tag without a topic of its own then reads the topic of its new
  device.
  \n
  Flags:
        --dry-run              Show what would change, and change nothing
        --if-match REVISION    Change only this revision of the object, in place
                               of the one that was just read; * for any
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl move boiler-7/temp boiler-8
    tagferryctl move boiler-7/temp boiler-8/supply_temperature

  $ ctl copy --help
  Usage: tagferryctl copy [FLAG]... DEVICE NEWNAME...
  Copy a device with its tags, once or many times.
  \n
  In the topics of a copy, its name takes the place of the device's; with --topic,
  the levels in which the topics differ are replaced everywhere. Addresses are the
  next free ones, one block for each copy; --stride chooses the distance between
  one copy and the next, and in another unit they stay the same. All copies are
  made, or none.
  \n
  --topic, --unit, --label, --param and --where are of one copy.
  \n
  Flags:
        --topic TOPIC          Topic in MQTT: of the message or copy, or of
                               devices without one, {device} being their name
        --unit NUMBER          Unit id in Modbus
        --label TEXT           Name as people write it
        --stride TABLE=NUMBER  Registers between one copy and the next in a table;
                               may be repeated
        --param NAME=VALUE     Parameter of the profile; may be repeated
        --where JSON           Which messages of a shared topic are the device's:
                               {"id": 37}
        --dry-run              Show what would change, and change nothing
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl copy meter-1 meter-2 meter-3 --stride input_register=100
    tagferryctl copy meter-1 meter-9 --topic hall-2/meter-9 --label "Hall 2"
    tagferryctl copy meter-1 meter-2 --where '{"id": 2}' --dry-run

  $ ctl write --help
  Usage: tagferryctl write [FLAG]... DEVICE/TAG VALUE
  Write a value to the register of a tag.
  \n
  VALUE is in engineering units, as value prints it: -5, 21.5, true, a word of
  mqtt.values, or a text for a tag of the type string. A tag with a direction to
  MQTT is written as SCADA does: the value is published as a command. Another tag
  keeps the value only until the next message of its device. The command asks
  before it writes, or needs --yes. It prints the value before, the new one, and
  what the register has afterwards.
  \n
  Flags:
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl write boiler-7/setpoint 70.5
    tagferryctl write pump/run off --yes

  $ ctl revert --help
  Usage: tagferryctl revert [FLAG]... [ID | newest]
  Undo a change, or all changes after a revision.
  \n
  ID is that of an entry of the audit. newest, which is meant without an operand,
  is all that the newest request has changed; --to REVISION undoes everything
  after that revision. What was deleted comes back with its addresses.
  \n
  If something of it has changed since, nothing is undone, each such object is
  named, and the exit status is 5. More than 20 objects are deleted only after a
  question, or with --yes. An undone change can be undone, too.
  \n
  Flags:
        --to REVISION          Undo everything after this revision
        --dry-run              Show what would change, and change nothing
        --if-match REVISION    Change only this revision of the object, in place
                               of the one that was just read; * for any
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl revert --dry-run
    tagferryctl revert 118
    tagferryctl revert --to 42 --dry-run

  $ ctl import --help
  Usage: tagferryctl import [FLAG]... FILE
  Create and change devices and tags from a file.
  \n
  FILE is CSV, a workbook (xlsx), JSON as export writes it, or a file of
  KEPServerEX, Ignition or EMQX Neuron; a file of Neuron needs --format neuron. -
  is standard input. It is one transaction: all of it or nothing. Each fault is
  shown with its row, column and cell, and with what is right.
  \n
  With --mode replace, devices and tags that the file does not have are deleted;
  --device bounds that to the devices named. More than 20 deletions are asked for,
  or need --yes. With a file of another product, or a table without a column for
  the device, --device names the device of all tags.
  \n
  Flags:
        --mode MODE            merge keeps what the file does not have, replace
                               deletes it; without this flag merge
        --format FORMAT        Format of the file: csv, json, xlsx, map, kepware,
                               ignition or neuron
        --topic TOPIC          Topic in MQTT: of the message or copy, or of
                               devices without one, {device} being their name
        --command-topic TOPIC  Topic of commands to tags without one; {device} and
                               {tag} are their names
        --byte-order ORDER     Byte order of numbers of several registers: ABCD,
                               CDAB, BADC or DCBA
        --unit NUMBER          Unit id in Modbus
        --base NUMBER          Number of the first register in the file: 0 or 1
    -d, --device DEVICE        Only this device; may be repeated
        --sheet NAME           Sheet of a workbook
        --dry-run              Show what would change, and change nothing
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl import tags.csv --dry-run
    tagferryctl import plant.xlsx --sheet Tags --mode replace
    tagferryctl import kepware.csv --topic 'plant/{device}/telemetry'

  $ ctl export --help
  Usage: tagferryctl export [FLAG]... [FILE]
  Write the whole configuration as a file.
  \n
  Without --format, the end of the name of FILE says it: .json, .csv, .xlsx, .html
  for the register map. Without FILE it goes to standard output, as JSON or as
  --output or --format say. FILE is replaced when the new one is whole. JSON has
  everything, and can be imported again without a change; map is the list of
  registers for the engineer of the SCADA system.
  \n
  kepware and ignition are for import into these products; --unit chooses the
  tags. --device bounds every format but map; kepware and ignition take one
  device.
  \n
  Flags:
        --format FORMAT        Format of the file: csv, json, xlsx, map, kepware,
                               ignition or neuron
        --delimiter NAME       Delimiter in CSV: comma or semicolon
    -d, --device DEVICE        Only this device; may be repeated
        --unit NUMBER          Unit id in Modbus
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl export tags.csv
    tagferryctl export --format map map.html
    tagferryctl export kepware.csv --format kepware --unit 1

  $ ctl backup --help
  Usage: tagferryctl backup [FLAG]... FILE
  Save a copy of the store.
  \n
  The copy has devices, tags, profiles and the audit, of one moment. tagferry-api
  restore FILE, on the machine of the gateway, puts it in place. FILE is replaced
  when the new one is whole. The access tokens are in another file.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl backup tagferry-$(date +%F).db

  $ ctl token --help
  Usage: tagferryctl token [FLAG]... [save]
  Show who the access token is, or save one.
  \n
  Without an operand, the name of the token and what it may do. A server that uses
  no tokens says so.
  \n
  token save reads a token from the standard input, on a terminal without showing
  it, asks the server whether it is valid, and stores it in the token file, which
  only you can read: the one of --token-file or ctl.conf, else
  ~/.config/tagferry/token, which it then names in ctl.conf. The token itself is
  never printed.
  \n
  tagferry-api makes tokens: tagferry-api token add NAME.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl token
    tagferryctl token save
    tagferryctl token save --url https://10.0.0.1:5000 < token.txt

  $ ctl learn --help
  Usage: tagferryctl learn [FLAG]... TOPIC...
  Listen to topics, and make devices and tags of what comes.
  \n
  A topic may have wildcards. What is heard is shown until --seconds are over
  (60), or q or Ctrl-C ends it. Then the proposal opens in the editor that VISUAL
  or EDITOR names, as a table with a row for each tag: delete the rows that you do
  not want, change names, types and addresses. What it would change is shown, or
  its faults, before it is imported.
  \n
  Without a terminal, or with -o csv or -o json, the proposal is printed. What is
  configured already is left out.
  \n
  Flags:
        --seconds NUMBER       Listen so long, at most 3600; without this flag 60
        --key KEY              Only values with this key; may be repeated
        --profile              Make one profile of devices of one kind; the
                               proposal is JSON then
        --unit NUMBER          Unit id in Modbus
        --table TABLE          Table in Modbus: coil, discrete_input,
                               input_register or holding_register
    -y, --yes                  Do not ask, also before many deletions
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl learn 'plant/#'
    tagferryctl learn 'tele/+/SENSOR' --seconds 300
    tagferryctl learn 'plant/#' -o csv > proposal.csv

  $ ctl publish-test --help
  Usage: tagferryctl publish-test [FLAG]... DEVICE[/TAG] PAYLOAD|@FILE|-
  Show what a message would write, without publishing it.
  \n
  For each tag of the device, or the one tag: whether the message has its key, the
  value, and the registers, in hexadecimal; or why nothing would be written.
  Nothing is published or written. @FILE has the payload, - reads it from standard
  input. Without --topic, the message is one of the device's topic.
  \n
  Flags:
        --topic TOPIC          Topic in MQTT: of the message or copy, or of
                               devices without one, {device} being their name
        --check                Exit with status 1 where something is not as it
                               should be
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl publish-test boiler-7 '{"supply_temperature": 71.5}'
    mosquitto_sub -C 1 -t plant/boiler-7/telemetry | tagferryctl publish-test boiler-7 -

  $ ctl completion --help
  Usage: tagferryctl completion [FLAG]... bash|zsh
  Print a script that lets the shell complete command lines.
  \n
  The package installs it. Else put it where the shell looks, or into its start
  file, as the examples do. Names of devices, tags and profiles come from the
  server, if it answers within a second.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    source <(tagferryctl completion bash)
    tagferryctl completion zsh > ~/.zsh/_tagferryctl

  $ ctl __complete --help
  Usage: tagferryctl __complete [FLAG]... line|words WORD...
  Print what may stand at the end of a command line.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit

  $ ctl __manual --help
  Usage: tagferryctl __manual [FLAG]...
  Print the manual page for scdoc.
  \n
  Flags:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit

