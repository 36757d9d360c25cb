What may stand at the end of a command line.

  @ GET /devices
  {"items":[{"name":"boiler-7","label":"Kessel"},{"name":"boiler-8","label":""},{"name":"bad name","label":""},{"name":"pump","label":"a\tb"},{"name":"b_1.x"}]}
  @ GET /devices/boiler-7/tags
  {"items":[{"name":"temp","label":"T"},{"name":"tank"},{"name":"setpoint"}]}
  @ GET /profiles
  {"items":[{"name":"meter","label":"M"},{"name":"plug"}]}
  $ ctl __complete line 'tagferryctl '
  words
  status\x09Show whether the gateway does its job
  devices\x09List devices
  tags\x09List tags with their keys and registers
  get\x09Show the members of a device, a tag or a profile
  value\x09Show values with quality and age
  history\x09Show what the value of a tag was
  watch\x09Show values as they change
  regs\x09Show what registers hold, and whose they are
  map\x09Show the register map, in the order of the registers
  clients\x09List the clients of the Modbus server
  messages\x09Show the newest MQTT messages and what became of them
  why\x09Find out where the way of a value ends
  audit\x09Show who changed what, the newest change first
  profiles\x09List profiles, or show one with its tags
  gateways\x09Show the gateways, or choose the leader
  set\x09Change members of a device, a tag or a profile
  rm\x09Delete devices, tags and profiles
  rename\x09Give a device, a tag or a profile another name
  move\x09Move a tag to another device
  copy\x09Copy a device with its tags, once or many times
  write\x09Write a value to the register of a tag
  revert\x09Undo a change, or all changes after a revision
  import\x09Create and change devices and tags from a file
  export\x09Write the whole configuration as a file
  backup\x09Save a copy of the store
  token\x09Show who the access token is, or save one
  learn\x09Listen to topics, and make devices and tags of what comes
  publish-test\x09Show what a message would write, without publishing it
  completion\x09Print a script that lets the shell complete command lines

  $ ctl __complete line 'tagferryctl re'
  words
  regs\x09Show what registers hold, and whose they are
  rename\x09Give a device, a tag or a profile another name
  revert\x09Undo a change, or all changes after a revision

  $ ctl __complete line
  words
  status\x09Show whether the gateway does its job
  devices\x09List devices
  tags\x09List tags with their keys and registers
  get\x09Show the members of a device, a tag or a profile
  value\x09Show values with quality and age
  history\x09Show what the value of a tag was
  watch\x09Show values as they change
  regs\x09Show what registers hold, and whose they are
  map\x09Show the register map, in the order of the registers
  clients\x09List the clients of the Modbus server
  messages\x09Show the newest MQTT messages and what became of them
  why\x09Find out where the way of a value ends
  audit\x09Show who changed what, the newest change first
  profiles\x09List profiles, or show one with its tags
  gateways\x09Show the gateways, or choose the leader
  set\x09Change members of a device, a tag or a profile
  rm\x09Delete devices, tags and profiles
  rename\x09Give a device, a tag or a profile another name
  move\x09Move a tag to another device
  copy\x09Copy a device with its tags, once or many times
  write\x09Write a value to the register of a tag
  revert\x09Undo a change, or all changes after a revision
  import\x09Create and change devices and tags from a file
  export\x09Write the whole configuration as a file
  backup\x09Save a copy of the store
  token\x09Show who the access token is, or save one
  learn\x09Listen to topics, and make devices and tags of what comes
  publish-test\x09Show what a message would write, without publishing it
  completion\x09Print a script that lets the shell complete command lines

  $ ctl __complete words -- re
  words
  regs\x09Show what registers hold, and whose they are
  rename\x09Give a device, a tag or a profile another name
  revert\x09Undo a change, or all changes after a revision

  $ ctl __complete words -- devices ''
  words

  $ ctl __complete words -- tags b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- tags a b boiler-8
  > GET /devices?limit=1000&after=boiler-7~
  words
  boiler-8

  $ ctl __complete words -- why ''
  > GET /devices?limit=1000
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x
  profile:

  $ ctl __complete words -- why boiler-7 t
  > GET /devices/boiler-7/tags?limit=1000&after=s~
  words
  temp\x09T
  tank

  $ ctl __complete words -- why boiler-7/temp t
  words

  $ ctl __complete words -- get b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- get boiler-7/t
  > GET /devices/boiler-7/tags?limit=1000&after=s~
  words
  boiler-7/temp\x09T
  boiler-7/tank

  $ ctl __complete words -- get profile:m
  > GET /devices?limit=1000&after=profile%3Al~
  > GET /profiles?limit=1000&after=l~
  words
  profile:meter\x09M

  $ ctl __complete words -- get prof
  > GET /devices?limit=1000&after=proe~
  words
  profile:

  $ ctl __complete words -- get boiler-7 network.u
  words
  network.unit_id

  $ ctl __complete words -- get boiler-7/temp modbus.b
  words
  modbus.byte_order
  modbus.bit
  modbus.byte

  $ ctl __complete words -- get profile:meter ''
  words
  name
  label
  description
  params
  room
  device
  tags

  $ ctl __complete words -- set boiler-7 network.tls=
  words
  network.tls=true
  network.tls=false

  $ ctl __complete words -- set boiler-7/temp modbus.table=h
  words
  modbus.table=holding_register

  $ ctl __complete words -- set boiler-7/temp x modbus.ty
  words
  modbus.type=

  $ ctl __complete words -- set boiler-7/temp direction=to
  words
  direction=to_modbus
  direction=to_mqtt

  $ ctl __complete words -- write boiler-7
  > GET /devices?limit=1000&after=boiler-6~
  words
  boiler-7/\x09Kessel

  $ ctl __complete words -- write boiler-7/temp ''
  words

  $ ctl __complete words -- move boiler-7/temp b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- rename boiler-7 b
  words

  $ ctl __complete words -- rm boiler-7 p
  > GET /devices?limit=1000&after=o~
  words
  profile:

  $ ctl __complete words -- profiles ''
  > GET /profiles?limit=1000
  words
  meter\x09M
  plug

  $ ctl __complete words -- regs ''
  words
  coil
  discrete_input
  input_register
  holding_register

  $ ctl __complete words -- regs coil ''
  words

  $ ctl __complete words -- import ''
  files

  $ ctl __complete words -- completion ''
  words
  bash
  zsh

  $ ctl __complete words -- completion bash ''
  words

  $ ctl __complete words -- devices --q
  words
  --quality\x09Only objects of this quality; may be repeated

  $ ctl __complete words -- devices -
  words
  --url\x09URL of tagferry-api, such as https://10.0.0.1:5000
  --token-file\x09File whose first line is the access token
  --ca-file\x09Certificates that may sign the server's, in place of those of the system
  --timeout\x09Longest wait for a connection, and for the next bytes of an answer: 500ms, 10s, 2m; without this flag 10s, and for files 10m
  --config\x09Read this file in place of ~/.config/tagferry/ctl.conf
  --output\x09Form of the output: table, json (as the API answers) or csv
  --help\x09Print help and exit
  --version\x09Print the version and exit
  --search\x09Only objects with this text in name, label, description, key, topic or address
  --quality\x09Only objects of this quality; may be repeated
  --reason\x09Only objects whose quality has this reason; may be repeated
  --wrong\x09Only what is not good
  --limit\x09At most so many rows

  $ ctl __complete words -- devices --quality ''
  words
  good
  stale
  bad
  never

  $ ctl __complete words -- devices --quality=s
  words
  --quality=stale

  $ ctl __complete words -- devices --reason=s
  words
  --reason=silent
  --reason=subscription_refused

  $ ctl __complete words -- devices --nothing=s
  words

  $ ctl __complete words -- devices -o ''
  words
  table
  json
  csv

  $ ctl __complete words -- devices -wo c
  words
  csv

  $ ctl __complete words -- devices -ocsv --limit
  words
  --limit\x09At most so many rows

  $ ctl __complete words -- -o json devices --limit
  words
  --limit\x09At most so many rows

  $ ctl __complete words -- watch --sort ''
  words
  name
  quality
  age
  change

  $ ctl __complete words -- export --format ''
  words
  csv
  json
  xlsx
  map
  kepware
  ignition
  neuron

  $ ctl __complete words -- import --mode ''
  words
  merge
  replace

  $ ctl __complete words -- import --byte-order C
  words
  CDAB

  $ ctl __complete words -- export --delimiter ''
  words
  comma
  semicolon

  $ ctl __complete words -- export --device b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- copy --stride ''
  words
  coil
  discrete_input
  input_register
  holding_register

  $ ctl __complete words -- devices -t ''
  files

  $ ctl __complete words -- nothing ''
  words

  $ ctl __complete words -- tags -- --
  > GET /devices?limit=1000&after=-%2C~
  words

  $ ctl __complete words -- tags -- b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- tags -1 b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- devices --url=http://10.0.0.1:1 --token-file ''
  files

  $ ctl __complete words -- --url http://10.0.0.1:1 tags b
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete words -- --url ftp://x tags b
  words

  $ ctl __complete words -- -o xml tags b
  words

  $ ctl __complete line 'tagferryctl set boiler-7 "label=a b" enabled='
  words
  enabled=true
  enabled=false

  $ ctl __complete line 'tagferryctl tags boiler\\-'
  > GET /devices?limit=1000&after=boiler%2C~
  words
  boiler-7\x09Kessel
  boiler-8

  $ ctl __complete line 'tagferryctl	tags  "boiler-7" b'
  > GET /devices?limit=1000&after=a~
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  $ ctl __complete line "tagferryctl tags 'boi"
  > GET /devices?limit=1000&after=boh~
  words
  boiler-7\x09Kessel
  boiler-8

  $ ctl __complete line 'tagferryctl tags boi '
  > GET /devices?limit=1000
  words
  boiler-7\x09Kessel
  boiler-8
  b_1.x

  ! verbose
  $ ctl __complete words -- tags boiler-7
  > GET /devices?limit=1000&after=boiler-6~
  >   url: http://127.0.0.1:5000/api/v1/devices?limit=1000&after=boiler-6~
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 1000
  >   low speed: 1
  >   low speed s: 1
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  words
  boiler-7\x09Kessel

  ! brief
  @ GET /devices code=7 reason=refused
  $ ctl __complete words -- tags b
  > GET /devices?limit=1000&after=a~
  words

  @ GET /devices 401
  {"status":401}
  $ ctl __complete words -- tags b
  > GET /devices?limit=1000&after=a~
  words

  $ ctl completion fish
  tagferryctl: the shell "fish" must be bash or zsh
  Try: tagferryctl completion --help
  [2]

  $ ctl completion bash
  # Completion of tagferryctl for bash. `tagferryctl completion bash` prints this file.
  # bash parts words at '=' and ':', and takes what stands behind the last of them.
  _tagferryctl()
  {
      local line=${COMP_LINE:0:COMP_POINT} word last before='' IFS=$'\\n'
      local -a answers
      mapfile -t answers < <("${COMP_WORDS[0]}" __complete line -- "$line" 2>/dev/null)
      COMPREPLY=()
      if [ "${answers[0]-}" = files ]; then
          compopt -o default 2>/dev/null
          return
      fi
      last=${line##*[[:space:]]}
      case $last in *[=:]*) before=${last%"${last##*[=:]}"} ;; esac
      for word in "${answers[@]:1}"; do
          word=${word%%$'\\t'*}
          case $word in *[=/:]) compopt -o nospace 2>/dev/null ;; esac
          COMPREPLY+=("${word#"$before"}")
      done
  }
  complete -F _tagferryctl tagferryctl

  $ ctl completion zsh
  #compdef tagferryctl
  # Completion of tagferryctl for zsh. `tagferryctl completion zsh` prints this file.
  _tagferryctl()
  {
      local answer word
      local -a answers whole whole_shown open open_shown
      answers=("${(@f)$(${(Q)words[1]} __complete words -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
      if [[ ${answers[1]} == files ]]; then
          [[ $PREFIX == --*=* ]] && compset -P '*='
          _files
          return
      fi
      for answer in ${answers[2,-1]}; do
          word=${answer%%$'\\t'*}
          [[ $answer == *$'\\t'* ]] && answer="${(r:24:)word} ${answer#*$'\\t'}"
          if [[ $word == *[=/:] ]]; then
              open+=("$word")
              open_shown+=("$answer")
          else
              whole+=("$word")
              whole_shown+=("$answer")
          fi
      done
      compadd -l -d whole_shown -a whole
      compadd -l -S '' -d open_shown -a open
  }
  if [[ ${funcstack[1]-} == _tagferryctl ]]; then
      _tagferryctl "$@"
  else
      compdef _tagferryctl tagferryctl
  fi

  $ ctl __manual
  tagferryctl(1)
  \n
  ; Written by scripts/gen-config-reference; change the tables in src/ctl.
  \n
  # NAME
  \n
  tagferryctl - devices, tags and values of Tagferry from a terminal
  \n
  # SYNOPSIS
  \n
  *tagferryctl* [_FLAG_]... _COMMAND_ [_OPERAND_]...
  \n
  # DESCRIPTION
  \n
  *tagferryctl* asks and changes a gateway through its REST API, *tagferry-api*(8), on this machine or another. It prints tables for people, JSON as the API answers with *-o json*, and CSV with *-o csv*. Colours, questions and progress are for terminals only.
  \n
  Flags may stand anywhere behind the command, those of every command also before it. *--* ends them. A read that gets no answer is repeated; a change never is.
  \n
  # FLAGS OF EVERY COMMAND
  \n
  *-u*, *--url* _URL_
  \x09URL of tagferry-api, such as https://10.0.0.1:5000.
  \n
  *-t*, *--token-file* _FILE_
  \x09File whose first line is the access token.
  \n
  *--ca-file* _FILE_
  \x09Certificates that may sign the server's, in place of those of the system.
  \n
  *--timeout* _TIME_
  \x09Longest wait for a connection, and for the next bytes of an answer: 500ms, 10s, 2m; without this flag 10s, and for files 10m.
  \n
  *-c*, *--config* _FILE_
  \x09Read this file in place of ~/.config/tagferry/ctl.conf.
  \n
  *-o*, *--output* _FORMAT_
  \x09Form of the output: table, json (as the API answers) or csv.
  \n
  *-h*, *--help*
  \x09Print help and exit.
  \n
  *--version*
  \x09Print the version and exit.
  \n
  # OBJECTS
  \n
  _DEVICE_
  \x09A device, by its name: boiler-7.
  \n
  _DEVICE/TAG_
  \x09A tag, by the names of its device and its own: boiler-7/temp.
  \n
  profile:_NAME_
  \x09A profile, where a command takes other objects, too.
  \n
  # COMMANDS: LOOK
  \n
  ## status
  \n
  Show whether the gateway does its job.
  \n
  The parts of the gateway, its role where several share a configuration, how many devices and tags are not good, and why: the newest causes first, each with the number of tags, among the first 200 tags that are not good. tagferryctl value --wrong lists these, tagferryctl why explains one.
  \n
  With --check, exit status 1 says that a part does not work.
  \n
  *--check*
  \x09Exit with status 1 where something is not as it should be.
  \n
  ```
  tagferryctl status
  tagferryctl status --check || mail-the-operator
  ```
  \n
  ## devices
  \n
  List devices.
  \n
  Each device with its quality, the age of its newest message, how many messages came and how many messages and values were refused since tagferry-mqttd started.
  \n
  On a terminal that is too narrow some columns are left out. -o csv has all.
  \n
  *-q*, *--search* _TEXT_
  \x09Only objects with this text in name, label, description, key, topic or address.
  \n
  *--quality* _QUALITY_
  \x09Only objects of this quality; may be repeated.
  \n
  *--reason* _REASON_
  \x09Only objects whose quality has this reason; may be repeated.
  \n
  *-w*, *--wrong*
  \x09Only what is not good.
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl devices --wrong
  tagferryctl devices -q boiler -o csv
  ```
  \n
  ## tags [DEVICE]...
  \n
  List tags with their keys and registers.
  \n
  The tags of these devices, or of all. ADDRESS counts from 0, MODICON from 1. Value = register x SCALE, with an offset behind the scale if there is one.
  \n
  On a terminal that is too narrow some columns are left out. -o csv has all.
  \n
  *-q*, *--search* _TEXT_
  \x09Only objects with this text in name, label, description, key, topic or address.
  \n
  *--table* _TABLE_
  \x09Table in Modbus: coil, discrete\\_input, input\\_register or holding\\_register.
  \n
  *--quality* _QUALITY_
  \x09Only objects of this quality; may be repeated.
  \n
  *--reason* _REASON_
  \x09Only objects whose quality has this reason; may be repeated.
  \n
  *-w*, *--wrong*
  \x09Only what is not good.
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl tags boiler-7
  tagferryctl tags --table coil
  tagferryctl tags -q 300013
  ```
  \n
  ## get OBJECT [MEMBER]...
  \n
  Show the members of a device, a tag or a profile.
  \n
  OBJECT is DEVICE, DEVICE/TAG or profile:NAME. Each member has a line, which the command set takes as an operand: a text without quotes, everything else as JSON. Lines that begin with # are members that the server sets.
  \n
  With members, such as mqtt.topic, only their values are printed, a line each, without quotes; null is an empty line. With -o json they are JSON.
  \n
  ```
  tagferryctl get boiler-7
  tagferryctl get boiler-7/setpoint
  tagferryctl get boiler-7/setpoint modbus.modicon modbus.scale
  tagferryctl get profile:meter -o json
  ```
  \n
  ## value [DEVICE/TAG | DEVICE]...
  \n
  Show values with quality and age.
  \n
  The values of these tags, of all tags of these devices, or of all tags. VALUE is in the unit of the tag, REGISTERS what the Modbus server holds, in hex.
  \n
  The flags choose among the tags of devices. A tag or device that does not exist makes exit status 4; the others are printed.
  \n
  *-q*, *--search* _TEXT_
  \x09Only objects with this text in name, label, description, key, topic or address.
  \n
  *-d*, *--device* _DEVICE_
  \x09Only this device; may be repeated.
  \n
  *--table* _TABLE_
  \x09Table in Modbus: coil, discrete\\_input, input\\_register or holding\\_register.
  \n
  *--quality* _QUALITY_
  \x09Only objects of this quality; may be repeated.
  \n
  *--reason* _REASON_
  \x09Only objects whose quality has this reason; may be repeated.
  \n
  *-w*, *--wrong*
  \x09Only what is not good.
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl value boiler-7/supply_temperature
  tagferryctl value boiler-7
  tagferryctl value --wrong
  tagferryctl value -o csv > values.csv
  ```
  \n
  ## history DEVICE/TAG
  \n
  Show what the value of a tag was.
  \n
  The values of the last hour, or since and until the times that are given, and what happened: values that were refused, writes of SCADA, changes of the quality. With more values than --limit (40 by default), a row stands for a part of the time, with the smallest, the largest and the last value in it. Between two rows the value stays.
  \n
  *--since* _WHEN_
  \x09Only later ones: an age (30m, 12h, 7d), a time (2026-01-02T03:04:05Z) or, in the audit, a revision (42).
  \n
  *--until* _WHEN_
  \x09Only earlier ones: an age (30m, 12h, 7d) or a time (2026-01-02T03:04:05Z).
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl history boiler-7/supply_temperature
  tagferryctl history boiler-7/setpoint --since 12h -n 500 -o csv
  ```
  \n
  ## watch
  \n
  Show values as they change.
  \n
  On a terminal a live table, like top: arrows and PgUp, PgDn scroll, s and r choose the order, w shows only what is wrong, / searches, q quits. While the connection is lost, the values are grey, and the last line has the time when they were true.
  \n
  In a pipe, on a dumb terminal and with --output json or csv, it prints all values and then a line for each change of a value, quality or reason. Ctrl-C ends it.
  \n
  *-q*, *--search* _TEXT_
  \x09Only objects with this text in name, label, description, key, topic or address.
  \n
  *-d*, *--device* _DEVICE_
  \x09Only this device; may be repeated.
  \n
  *--table* _TABLE_
  \x09Table in Modbus: coil, discrete\\_input, input\\_register or holding\\_register.
  \n
  *-w*, *--wrong*
  \x09Only what is not good.
  \n
  *-s*, *--sort* _ORDER_
  \x09Order of the rows: name, quality, age or change.
  \n
  ```
  tagferryctl watch --wrong
  tagferryctl watch -d boiler-7 -o json | jq .value
  ```
  \n
  ## regs [TABLE] [START[-END] | START+COUNT]
  \n
  Show what registers hold, and whose they are.
  \n
  START counts from 0 behind a TABLE: coil, discrete\\_input, input\\_register or holding\\_register. Without one it is in Modicon form, counts from 1 and names the table: 400101. With a table alone, all its registers that have a tag. At most 1000 registers at once.
  \n
  Without operands, the units and tables that are in use, with their first and last register.
  \n
  *--unit* _NUMBER_
  \x09Unit id in Modbus.
  \n
  ```
  tagferryctl regs
  tagferryctl regs holding_register 100-110
  tagferryctl regs 400101+10 --unit 2
  tagferryctl regs input_register
  ```
  \n
  ## map
  \n
  Show the register map, in the order of the registers.
  \n
  All registers that have a tag, or the status of a device, for the engineer of the SCADA system. ADDRESS counts from 0, MODICON from 1; value = register x SCALE, with an offset behind the scale if there is one. The byte order stands behind the type unless it is ABCD.
  \n
  tagferryctl export has the map as a page to print, too.
  \n
  *--unit* _NUMBER_
  \x09Unit id in Modbus.
  \n
  *--table* _TABLE_
  \x09Table in Modbus: coil, discrete\\_input, input\\_register or holding\\_register.
  \n
  *-d*, *--device* _DEVICE_
  \x09Only this device; may be repeated.
  \n
  ```
  tagferryctl map
  tagferryctl map --unit 1 --table holding_register
  tagferryctl map -o csv > map.csv
  ```
  \n
  ## clients
  \n
  List the clients of the Modbus server.
  \n
  Each connection with the units that it has asked for and its last request. SIDE is scada for SCADA systems and for tagferry-api, inputs and outputs for tagferry-mqttd.
  \n
  With --wrong those that were refused or disconnected lately, with the reason: the newest 64 addresses.
  \n
  *-w*, *--wrong*
  \x09Only what is not good.
  \n
  ```
  tagferryctl clients
  tagferryctl clients --wrong
  ```
  \n
  ## messages [DEVICE]
  \n
  Show the newest MQTT messages and what became of them.
  \n
  The newest 20 messages of all topics, or of a device; the newest one is the last. OUTCOME has the number of values that were written to their registers, rejected, or held because the register has a newer value, and the first error. Missing are the values of tags whose keys the message does not have.
  \n
  With --follow, a line for each message as it comes, until Ctrl-C; -o json has an object on each line. On a terminal the payload is cut to the width. The gateway keeps the newest thousand messages.
  \n
  *-f*, *--follow*
  \x09Go on with what comes, until Ctrl-C.
  \n
  *-w*, *--wrong*
  \x09Only what is not good.
  \n
  *-d*, *--device* _DEVICE_
  \x09Only this device; may be repeated.
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl messages boiler-7
  tagferryctl messages --follow
  tagferryctl messages --wrong -n 5
  ```
  \n
  ## why DEVICE[/TAG] [TAG]
  \n
  Find out where the way of a value ends.
  \n
  Walks the chain from the broker to the register: the parts of the gateway, the device and its topic, the newest message and what became of it, the key, each step of the conversion, the register and what a Modbus client reads there. Then it says in a sentence where the chain ends, and what to do.
  \n
  Without a tag it looks at the device, and at its first tag that is not good.
  \n
  The exit status is 0 where the chain is whole, and 1 where it ends. With -o json, the member `code` names the end.
  \n
  ```
  tagferryctl why boiler-7/supply_temperature
  tagferryctl why boiler-7
  ```
  \n
  ## audit [OBJECT]
  \n
  Show who changed what, the newest change first.
  \n
  The newest 20 changes of all objects, or of a device with its tags, a tag, or a profile, which need not exist any more. A change of several members has a line for each: before -\\> after. WHO is the name of the token, FROM the address.
  \n
  tagferryctl revert ID undoes a change.
  \n
  *--since* _WHEN_
  \x09Only later ones: an age (30m, 12h, 7d), a time (2026-01-02T03:04:05Z) or, in the audit, a revision (42).
  \n
  *--who* _TOKEN_
  \x09Only changes with the token of this name.
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl audit
  tagferryctl audit boiler-7 --since 12h
  tagferryctl audit --who hmi -n 100 -o csv
  ```
  \n
  ## profiles [NAME]
  \n
  List profiles, or show one with its tags.
  \n
  With --library those that come with Tagferry. Addresses of a profile count from the base of each device. Names in braces are parameters, which each device has.
  \n
  *--library*
  \x09The profiles that come with Tagferry, in place of those of the gateway.
  \n
  *-q*, *--search* _TEXT_
  \x09Only objects with this text in name, label, description, key, topic or address.
  \n
  *-n*, *--limit* _NUMBER_
  \x09At most so many rows.
  \n
  ```
  tagferryctl profiles
  tagferryctl profiles --library -q tasmota
  tagferryctl profiles --library tasmota-plug
  ```
  \n
  ## gateways [promote | follow URL]
  \n
  Show the gateways, or choose the leader.
  \n
  The gateway that answers, marked (asked), and those that it has heard of: at the leader the configuration is changed, followers follow it. LAG is the time since a follower had all changes, STATE what does not work there, LAST ERROR why it does not follow.
  \n
  promote makes the gateway that is asked the leader, when the former one has failed. follow lets it take the configuration of the leader at URL, in place of its own, of which it keeps a copy in a file. Both ask before, or need --yes.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl gateways
  tagferryctl gateways -o json
  tagferryctl --url http://10.0.0.2:5000 gateways promote
  tagferryctl --url http://10.0.0.1:5000 gateways follow http://10.0.0.2:5000
  ```
  \n
  # COMMANDS: CHANGE
  \n
  ## set OBJECT MEMBER=VALUE...
  \n
  Change members of a device, a tag or a profile.
  \n
  OBJECT is DEVICE, DEVICE/TAG or profile:NAME. Members that are not named stay as they are. A member of a group has its name in front: modbus.scale, mqtt.topic. The type of the member decides what the text becomes: label=123 is a text, enabled=false true or false, modbus.scale=0.1 a number, 'mqtt.values={"ON": 1}' an object, of which mqtt.values.ON=1 sets one entry. modbus.address takes an offset, or a Modicon address such as 40101.
  \n
  VALUE null is null where the member can be that, the word itself in another text, such as a label, and restores the default elsewhere. @FILE reads the value from a file; a value that begins with @ is written with @@.
  \n
  The object is changed only if nobody else has changed it since it was read: otherwise nothing is changed, and the exit status is 5. With --create an object that is not there is created; a device needs mqtt.topic. --dry-run lets the server check the change, and shows what would be different.
  \n
  *--create*
  \x09Create the object if it does not exist.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  *--if-match* _REVISION_
  \x09Change only this revision of the object, in place of the one that was just read; \\* for any.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl set boiler-7/temp modbus.scale=0.1 mqtt.key=/a/b
  tagferryctl set boiler-7 label="Boiler 7" enabled=false --dry-run
  tagferryctl set pump mqtt.topic=plant/pump --create
  ```
  \n
  ## rm OBJECT...
  \n
  Delete devices, tags and profiles.
  \n
  OBJECT is DEVICE, DEVICE/TAG or profile:NAME. A device takes its tags with it. Registers that belong to no tag any more become 0.
  \n
  Nothing is deleted before all objects were found and the server has said that each may go. More than 20 devices and tags are deleted only after a question, or with --yes. --dry-run lists what would be deleted. The command revert brings back what was deleted, each object by itself.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  *--if-match* _REVISION_
  \x09Change only this revision of the object, in place of the one that was just read; \\* for any.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl rm boiler-7/old boiler-7/older
  tagferryctl rm pump --dry-run
  ```
  \n
  ## rename OBJECT NEWNAME
  \n
  Give a device, a tag or a profile another name.
  \n
  Registers, values, history and the topic of a device stay, and so does the key of a tag. Who uses the old name in requests to the API has to use the new one.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  *--if-match* _REVISION_
  \x09Change only this revision of the object, in place of the one that was just read; \\* for any.
  \n
  ```
  tagferryctl rename boiler-7 boiler-north
  tagferryctl rename boiler-7/temp supply_temperature
  ```
  \n
  ## move DEVICE/TAG DEVICE[/NEWNAME]
  \n
  Move a tag to another device.
  \n
  Its address stays. If both devices have the same Modbus server and unit, the tag keeps its register and its value; otherwise it has the same address there, which must be free. A tag without a topic of its own then reads the topic of its new device.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  *--if-match* _REVISION_
  \x09Change only this revision of the object, in place of the one that was just read; \\* for any.
  \n
  ```
  tagferryctl move boiler-7/temp boiler-8
  tagferryctl move boiler-7/temp boiler-8/supply_temperature
  ```
  \n
  ## copy DEVICE NEWNAME...
  \n
  Copy a device with its tags, once or many times.
  \n
  In the topics of a copy, its name takes the place of the device's; with --topic, the levels in which the topics differ are replaced everywhere. Addresses are the next free ones, one block for each copy; --stride chooses the distance between one copy and the next, and in another unit they stay the same. All copies are made, or none.
  \n
  \\--topic, --unit, --label, --param and --where are of one copy.
  \n
  *--topic* _TOPIC_
  \x09Topic in MQTT: of the message or copy, or of devices without one, {device} being their name.
  \n
  *--unit* _NUMBER_
  \x09Unit id in Modbus.
  \n
  *--label* _TEXT_
  \x09Name as people write it.
  \n
  *--stride* _TABLE=NUMBER_
  \x09Registers between one copy and the next in a table; may be repeated.
  \n
  *--param* _NAME=VALUE_
  \x09Parameter of the profile; may be repeated.
  \n
  *--where* _JSON_
  \x09Which messages of a shared topic are the device's: {"id": 37}.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  ```
  tagferryctl copy meter-1 meter-2 meter-3 --stride input_register=100
  tagferryctl copy meter-1 meter-9 --topic hall-2/meter-9 --label "Hall 2"
  tagferryctl copy meter-1 meter-2 --where '{"id": 2}' --dry-run
  ```
  \n
  ## write DEVICE/TAG VALUE
  \n
  Write a value to the register of a tag.
  \n
  VALUE is in engineering units, as value prints it: -5, 21.5, true, a word of mqtt.values, or a text for a tag of the type string. A tag with a direction to MQTT is written as SCADA does: the value is published as a command. Another tag keeps the value only until the next message of its device. The command asks before it writes, or needs --yes. It prints the value before, the new one, and what the register has afterwards.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl write boiler-7/setpoint 70.5
  tagferryctl write pump/run off --yes
  ```
  \n
  ## revert [ID | newest]
  \n
  Undo a change, or all changes after a revision.
  \n
  ID is that of an entry of the audit. newest, which is meant without an operand, is all that the newest request has changed; --to REVISION undoes everything after that revision. What was deleted comes back with its addresses.
  \n
  If something of it has changed since, nothing is undone, each such object is named, and the exit status is 5. More than 20 objects are deleted only after a question, or with --yes. An undone change can be undone, too.
  \n
  *--to* _REVISION_
  \x09Undo everything after this revision.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  *--if-match* _REVISION_
  \x09Change only this revision of the object, in place of the one that was just read; \\* for any.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl revert --dry-run
  tagferryctl revert 118
  tagferryctl revert --to 42 --dry-run
  ```
  \n
  # COMMANDS: FILES
  \n
  ## import FILE
  \n
  Create and change devices and tags from a file.
  \n
  FILE is CSV, a workbook (xlsx), JSON as export writes it, or a file of KEPServerEX, Ignition or EMQX Neuron; a file of Neuron needs --format neuron. - is standard input. It is one transaction: all of it or nothing. Each fault is shown with its row, column and cell, and with what is right.
  \n
  With --mode replace, devices and tags that the file does not have are deleted; --device bounds that to the devices named. More than 20 deletions are asked for, or need --yes. With a file of another product, or a table without a column for the device, --device names the device of all tags.
  \n
  *--mode* _MODE_
  \x09merge keeps what the file does not have, replace deletes it; without this flag merge.
  \n
  *--format* _FORMAT_
  \x09Format of the file: csv, json, xlsx, map, kepware, ignition or neuron.
  \n
  *--topic* _TOPIC_
  \x09Topic in MQTT: of the message or copy, or of devices without one, {device} being their name.
  \n
  *--command-topic* _TOPIC_
  \x09Topic of commands to tags without one; {device} and {tag} are their names.
  \n
  *--byte-order* _ORDER_
  \x09Byte order of numbers of several registers: ABCD, CDAB, BADC or DCBA.
  \n
  *--unit* _NUMBER_
  \x09Unit id in Modbus.
  \n
  *--base* _NUMBER_
  \x09Number of the first register in the file: 0 or 1.
  \n
  *-d*, *--device* _DEVICE_
  \x09Only this device; may be repeated.
  \n
  *--sheet* _NAME_
  \x09Sheet of a workbook.
  \n
  *--dry-run*
  \x09Show what would change, and change nothing.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl import tags.csv --dry-run
  tagferryctl import plant.xlsx --sheet Tags --mode replace
  tagferryctl import kepware.csv --topic 'plant/{device}/telemetry'
  ```
  \n
  ## export [FILE]
  \n
  Write the whole configuration as a file.
  \n
  Without --format, the end of the name of FILE says it: .json, .csv, .xlsx, .html for the register map. Without FILE it goes to standard output, as JSON or as --output or --format say. FILE is replaced when the new one is whole. JSON has everything, and can be imported again without a change; map is the list of registers for the engineer of the SCADA system.
  \n
  kepware and ignition are for import into these products; --unit chooses the tags. --device bounds every format but map; kepware and ignition take one device.
  \n
  *--format* _FORMAT_
  \x09Format of the file: csv, json, xlsx, map, kepware, ignition or neuron.
  \n
  *--delimiter* _NAME_
  \x09Delimiter in CSV: comma or semicolon.
  \n
  *-d*, *--device* _DEVICE_
  \x09Only this device; may be repeated.
  \n
  *--unit* _NUMBER_
  \x09Unit id in Modbus.
  \n
  ```
  tagferryctl export tags.csv
  tagferryctl export --format map map.html
  tagferryctl export kepware.csv --format kepware --unit 1
  ```
  \n
  ## backup FILE
  \n
  Save a copy of the store.
  \n
  The copy has devices, tags, profiles and the audit, of one moment. tagferry-api restore FILE, on the machine of the gateway, puts it in place. FILE is replaced when the new one is whole. The access tokens are in another file.
  \n
  ```
  tagferryctl backup tagferry-$(date +%F).db
  ```
  \n
  # COMMANDS: SET UP
  \n
  ## token [save]
  \n
  Show who the access token is, or save one.
  \n
  Without an operand, the name of the token and what it may do. A server that uses no tokens says so.
  \n
  token save reads a token from the standard input, on a terminal without showing it, asks the server whether it is valid, and stores it in the token file, which only you can read: the one of --token-file or ctl.conf, else ~/.config/tagferry/token, which it then names in ctl.conf. The token itself is never printed.
  \n
  tagferry-api makes tokens: tagferry-api token add NAME.
  \n
  ```
  tagferryctl token
  tagferryctl token save
  tagferryctl token save --url https://10.0.0.1:5000 < token.txt
  ```
  \n
  ## learn TOPIC...
  \n
  Listen to topics, and make devices and tags of what comes.
  \n
  A topic may have wildcards. What is heard is shown until --seconds are over (60), or q or Ctrl-C ends it. Then the proposal opens in the editor that VISUAL or EDITOR names, as a table with a row for each tag: delete the rows that you do not want, change names, types and addresses. What it would change is shown, or its faults, before it is imported.
  \n
  Without a terminal, or with -o csv or -o json, the proposal is printed. What is configured already is left out.
  \n
  *--seconds* _NUMBER_
  \x09Listen so long, at most 3600; without this flag 60.
  \n
  *--key* _KEY_
  \x09Only values with this key; may be repeated.
  \n
  *--profile*
  \x09Make one profile of devices of one kind; the proposal is JSON then.
  \n
  *--unit* _NUMBER_
  \x09Unit id in Modbus.
  \n
  *--table* _TABLE_
  \x09Table in Modbus: coil, discrete\\_input, input\\_register or holding\\_register.
  \n
  *-y*, *--yes*
  \x09Do not ask, also before many deletions.
  \n
  ```
  tagferryctl learn 'plant/#'
  tagferryctl learn 'tele/+/SENSOR' --seconds 300
  tagferryctl learn 'plant/#' -o csv > proposal.csv
  ```
  \n
  ## publish-test DEVICE[/TAG] PAYLOAD|@FILE|-
  \n
  Show what a message would write, without publishing it.
  \n
  For each tag of the device, or the one tag: whether the message has its key, the value, and the registers, in hexadecimal; or why nothing would be written. Nothing is published or written. @FILE has the payload, - reads it from standard input. Without --topic, the message is one of the device's topic.
  \n
  *--topic* _TOPIC_
  \x09Topic in MQTT: of the message or copy, or of devices without one, {device} being their name.
  \n
  *--check*
  \x09Exit with status 1 where something is not as it should be.
  \n
  ```
  tagferryctl publish-test boiler-7 '{"supply_temperature": 71.5}'
  mosquitto_sub -C 1 -t plant/boiler-7/telemetry | tagferryctl publish-test boiler-7 -
  ```
  \n
  ## completion bash|zsh
  \n
  Print a script that lets the shell complete command lines.
  \n
  The package installs it. Else put it where the shell looks, or into its start file, as the examples do. Names of devices, tags and profiles come from the server, if it answers within a second.
  \n
  ```
  source <(tagferryctl completion bash)
  tagferryctl completion zsh > ~/.zsh/_tagferryctl
  ```
  \n
  # CONFIGURATION
  \n
  The file _~/.config/tagferry/ctl.conf_ may have a section *[ctl]* with these keys. A flag wins over the environment, the environment over the file.
  \n
  ```
  [ctl]
  url = https://10.0.0.1:5000
  token_file = /home/operator/tagferry.token
  ```
  \n
  *url* = http://127.0.0.1:5000
  \x09URL of tagferry-api.
  \n
  *token_file*
  \x09File whose first line is the access token. Empty: none.
  \n
  *ca_file*
  \x09Certificates that may sign the server's. Empty: those of the system.
  \n
  *timeout* = 10s
  \x09Longest wait for a connection, and for the next bytes of an answer.
  \n
  *output* = table
  \x09Form of the output: table, json, csv.
  \n
  # ENVIRONMENT
  \n
  *TAGFERRY_CTL_URL*, *TAGFERRY_CTL_TOKEN_FILE*, *TAGFERRY_CTL_CA_FILE*, *TAGFERRY_CTL_TIMEOUT*, *TAGFERRY_CTL_OUTPUT*
  \x09The keys of the configuration.
  \n
  *VISUAL*, *EDITOR*
  \x09The editor of *learn*. Without them it is vi.
  \n
  *NO_COLOR*
  \x09No colours on a terminal, if it is not empty.
  \n
  *TERM*
  \x09Neither colours nor moving output on a terminal that is *dumb*.
  \n
  *http_proxy*, *https_proxy*, *no_proxy*
  \x09A proxy on the way to the server.
  \n
  *XDG_CONFIG_HOME*
  \x09The folder in place of _~/.config_.
  \n
  # EXIT STATUS
  \n
  *0*
  \x09Done.
  \n
  *1*
  \x09Refused: by the server, by you at a question, or by this machine.
  \n
  *2*
  \x09The command line or the configuration is wrong. Nothing was sent.
  \n
  *3*
  \x09Unreachable: no answer, or none of Tagferry.
  \n
  *4*
  \x09Not found: the server has no such object.
  \n
  *5*
  \x09Changed meanwhile: somebody else has changed the object. Nothing was changed.
  \n
  # FILES
  \n
  _~/.config/tagferry/ctl.conf_
  \x09The configuration. It may be missing.
  \n
  # SEE ALSO
  \n
  *tagferry-api*(8), *tagferry-modbusd*(8), *tagferry-mqttd*(8), *tagferry.conf*(5)

The last kind of operand repeats, behind as many operands as there may be.

  $ ctl __complete words -- get boiler a b c d tem
  words

  $ ctl __complete words -- values a b c d boi
  words

  $ ctl __complete words -- set boiler a=1 b=2 c=3 d=4 enab
  words
  enabled=
