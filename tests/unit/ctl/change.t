The commands that change something.

set: members, files, what the server says.

  @ GET /devices/a etag='"7"'
  {"name":"a","label":"x","revision":7,"updated_at":"t1","enabled":true,"mqtt":{"topic":"t","values":{"a":1}},"old":1,"created_at":"c","warnings":[]}
  @ PATCH /devices/a
  {"name":"a","label":"y","revision":8,"updated_at":"t2","enabled":true,"mqtt":{"topic":"u","values":{"a":2},"new":[1]},"created_at":"d",
   "warnings":[{"pointer":"/mqtt/topic","detail":"nobody publishes there"},{"detail":"no place"}],"modbus":{"warnings":[{"pointer":"x/y","detail":"in modbus"}]}}
  @ PATCH /devices/a?dry_run=true
  {"name":"a","label":"x","revision":8,"enabled":true,"mqtt":{"topic":"t","values":{"a":1}},"old":1,"network":{"warnings":[{"detail":"n"}]},"mqtt2":{"warnings":[1]}}
  $ ctl set a label=y enabled=off mqtt.values.a=2 mqtt.topic=u
  tagferryctl: a device has no member "mqtt.values.a"; do you mean network.address, mqtt.availability_topic, mqtt.availability_key, status.address?
  Try: tagferryctl set --help
  [2]

  $ ctl set a label=y -o csv
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"y"}
  object,action,pointer,before,after\r
  a,changed,/label,x,y\r
  a,changed,/mqtt/topic,t,u\r
  a,changed,/mqtt/values,"{""a"":1}","{""a"":2}"\r
  a,changed,/mqtt/new,,[1]\r
  a,changed,/modbus,,"{""warnings"":[{""pointer"":""x/y"",""detail"":""in modbus""}]}"\r
  a,changed,/old,1,\r
  warning: mqtt.topic: nobody publishes there
  warning: no place
  warning: x.y: in modbus

  $ ctl set a label=y -o json
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"y"}
  {"name":"a","label":"y","revision":8,"updated_at":"t2","enabled":true,"mqtt":{"topic":"u","values":{"a":2},"new":[1]},"created_at":"d",
   "warnings":[{"pointer":"/mqtt/topic","detail":"nobody publishes there"},{"detail":"no place"}],"modbus":{"warnings":[{"pointer":"x/y","detail":"in modbus"}]}}
  warning: mqtt.topic: nobody publishes there
  warning: no place
  warning: x.y: in modbus

  $ ctl set a label=y --dry-run
  > GET /devices/a
  > PATCH /devices/a?dry_run=true [If-Match: "7"] <- {"label":"y"}
  a would change: network nothing -> {"warnings":[{"detail":"n"}]}, mqtt2 nothing -> {"warnings":[1]}
  warning: n

  $ ctl set a label=y --dry-run -o csv --if-match 17
  > GET /devices/a
  > PATCH /devices/a?dry_run=true [If-Match: "17"] <- {"label":"y"}
  object,action,pointer,before,after\r
  a,would change,/network,,"{""warnings"":[{""detail"":""n""}]}"\r
  a,would change,/mqtt2,,"{""warnings"":[1]}"\r
  warning: n

  $ ctl set a label=y --if-match '"7"'
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"y"}
  a changed: label "x" -> "y", mqtt.topic "t" -> "u", mqtt.values {"a":1} -> {"a":2}, mqtt.new nothing -> [1], modbus nothing -> {"warnings":[{"pointer":"x/y","detail":"in modbus"}]}, old 1 -> nothing
  warning: mqtt.topic: nobody publishes there
  warning: no place
  warning: x.y: in modbus

  $ ctl set a label=y --if-match 3 --if-match '*'
  > GET /devices/a
  > PATCH /devices/a [If-Match: *] <- {"label":"y"}
  a changed: label "x" -> "y", mqtt.topic "t" -> "u", mqtt.values {"a":1} -> {"a":2}, mqtt.new nothing -> [1], modbus nothing -> {"warnings":[{"pointer":"x/y","detail":"in modbus"}]}, old 1 -> nothing
  warning: mqtt.topic: nobody publishes there
  warning: no place
  warning: x.y: in modbus

  $ ctl set a label=y --if-match ''
  tagferryctl: --if-match "": it must be a revision, as get prints it, or * for any
  Try: tagferryctl set --help
  [2]

  @ PATCH /devices/a
  {"name":"a","label":"x","revision":8,"enabled":true,"mqtt":{"topic":"t","values":{"a":1}},"old":1}
  $ ctl set a label=x
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"x"}
  a has these values already

  $ ctl set a label=x -o csv
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"x"}
  object,action,pointer,before,after\r

  $ printf 'one\ntwo\r\n' > text; printf 'x' > x; printf '\n' > nl; printf 'a\0b' > nul; head -c 1048576 /dev/zero | tr '\0' x > full; head -c 1048577 /dev/zero | tr '\0' x > over; printf '{"ON": 1}' > map; printf 'null' > null; printf '7' > seven; mkdir d
  $ ctl set a label=@text description=@x
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"one\\ntwo","description":"x"}
  a has these values already

  $ ctl set a label=@nl label=@@file label=@null
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"null"}
  a has these values already

  $ ctl set a network.unit_id=@seven mqtt.where=@map
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"network":{"unit_id":7},"mqtt":{"where":{"ON":1}}}
  a has these values already

  $ ctl set a label=@nul
  tagferryctl: label: nul is no text: it has a NUL
  Try: tagferryctl set --help
  [2]

  $ ctl set a label=@over
  tagferryctl: label: over has more than 1 MiB
  Try: tagferryctl set --help
  [2]

  $ ctl set a label=@nothere
  tagferryctl: label: nothere: No such file or directory
  Try: tagferryctl set --help
  [2]

  $ ctl set a label=@d
  tagferryctl: label: d: Is a directory
  Try: tagferryctl set --help
  [2]

  $ ctl set a network.unit_id=@x
  tagferryctl: network.unit_id: it must be a whole number, such as 10
  Try: tagferryctl set --help
  [2]

  $ ctl set a label
  tagferryctl: "label" must be MEMBER=VALUE, such as label="Boiler 7"
  Try: tagferryctl set --help
  [2]

  $ ctl set a =x
  tagferryctl: "=x" must be MEMBER=VALUE, such as label="Boiler 7"
  Try: tagferryctl set --help
  [2]

  $ ctl set a/t label
  tagferryctl: "label" must be MEMBER=VALUE, such as modbus.scale=0.1
  Try: tagferryctl set --help
  [2]

  $ ctl set a labl=x
  tagferryctl: a device has no member "labl"; do you mean label?
  Try: tagferryctl set --help
  [2]

  $ ctl set a network.nothing=x
  tagferryctl: a device has no member "network.nothing"; network has address, modbus_host, modbus_port, framing, tls, unit_id, max_write_registers, min_interval_ms, write_single, poll_interval_ms, rewrite_on_reconnect, gateway
  Try: tagferryctl set --help
  [2]

  $ ctl set a mqtt.topic
  tagferryctl: "mqtt.topic" must be MEMBER=VALUE, such as label="Boiler 7"
  Try: tagferryctl set --help
  [2]

  $ ctl set profile:p scale=1
  tagferryctl: a profile has no member "scale"; a profile has name, label, description, params, room, device, tags
  Try: tagferryctl set --help
  [2]

  $ ctl set a/t network=1
  tagferryctl: a tag has no member "network"; a tag has name, label, description, unit, enabled, direction, device, mqtt.MEMBER, modbus.MEMBER
  Try: tagferryctl set --help
  [2]

  $ ctl set a enabled=2 label=x
  tagferryctl: enabled: it must be true or false
  Try: tagferryctl set --help
  [2]

  $ ctl set a/b/c x=1
  tagferryctl: "a/b/c" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl set --help
  [2]

The confirmation of many deletions, a change meanwhile.

  @ PATCH /devices/a 409
  {"status":409,"code":"confirm_required","confirm":21,"detail":"needs confirm=21"}
  @ PATCH /devices/a?confirm=21
  {"name":"a","label":"z"}
  $ ctl set a label=z
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"z"}
  a: this deletes 21 devices and tags. Go on?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  $ ctl set a label=z -y
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"z"}
  > PATCH /devices/a?confirm=21 [If-Match: "7"] <- {"label":"z"}
  a changed: label "x" -> "z", enabled true -> nothing, mqtt {"topic":"t","values":{"a":1}} -> nothing, old 1 -> nothing

  @ PATCH /devices/a?dry_run=true 409
  {"status":409,"errors":[{"code":"confirm_required"}],"confirm":1}
  $ ctl set a label=z -y --dry-run
  > GET /devices/a
  > PATCH /devices/a?dry_run=true [If-Match: "7"] <- {"label":"z"}
  > PATCH /devices/a?dry_run=true&confirm=1 [If-Match: "7"] <- {"label":"z"}
  tagferryctl: a: needs confirm=21
  [1]

  ! terminal 80x24
  ! stdin y\n
  $ ctl set a label=z
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"z"}
  > PATCH /devices/a?confirm=21 [If-Match: "7"] <- {"label":"z"}
  a: this deletes 21 devices and tags. Go on? [y/N] a changed: label "x" -> "z", enabled true -> nothing, mqtt {"topic":"t","values":{"a":1}} -> nothing, old 1 -> nothing

  ! pipe
  @ PATCH /devices/a 409
  {"status":409,"code":"confirm_required","confirm":0.5,"detail":"needs"}
  $ ctl set a label=z -y
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"z"}
  tagferryctl: a: needs
  [1]

  @ PATCH /devices/a 412
  {"status":412}
  $ ctl set a label=z
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"z"}
  tagferryctl: a: somebody else has changed it since it was read
    Nothing was changed. Look at it with tagferryctl get a, then repeat the command.
  [5]

  @ PATCH /devices/a code=6 reason=gone
  $ ctl set a label=z
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"label":"z"}
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

Objects that are not there.

  $ ctl set none label=x
  > GET /devices/none
  tagferryctl: none: it is not there
    With --create, set creates it.
  [4]

  $ ctl set none/t label=x --create
  > GET /devices/none/tags/t
  > POST /devices/none/tags <- {"label":"x","name":"t"}
  tagferryctl: none/t: it is not there
    The device comes first: tagferryctl set none mqtt.topic=TOPIC --create
  [4]

  @ POST /devices
  {"name":"none","mqtt":{"topic":"t"},"network":{"unit_id":17},"warnings":[{"pointer":"/name","detail":"odd"}]}
  $ ctl set none mqtt.topic=t name=other --create
  > GET /devices/none
  > POST /devices <- {"mqtt":{"topic":"t"},"name":"none"}
  none created: topic t, unit 17
  warning: name: odd

  $ ctl set none mqtt.topic=t --create -o csv
  > GET /devices/none
  > POST /devices <- {"mqtt":{"topic":"t"},"name":"none"}
  object,action,pointer,before,after\r
  none,created,,,"{""name"":""none"",""mqtt"":{""topic"":""t""},""network"":{""unit_id"":17},""warnings"":[{""pointer"":""/name"",""detail"":""odd""}]}"\r
  warning: name: odd

  $ ctl set none mqtt.topic=t --create -o json
  > GET /devices/none
  > POST /devices <- {"mqtt":{"topic":"t"},"name":"none"}
  {"name":"none","mqtt":{"topic":"t"},"network":{"unit_id":17},"warnings":[{"pointer":"/name","detail":"odd"}]}
  warning: name: odd

  @ POST /devices?dry_run=true 422
  {"status":422,"detail":"There is one error; see errors.","errors":[{"pointer":"/mqtt/topic","detail":"must be there"}]}
  $ ctl set none label=x --create --dry-run
  > GET /devices/none
  > POST /devices?dry_run=true <- {"label":"x","name":"none"}
  tagferryctl: none: mqtt.topic: must be there
  [1]

  @ POST /devices/none/tags
  {"name":"t","modbus":{"table":"coil","address":12,"modicon":"000013","type":"bool"}}
  $ ctl set none/t modbus.address=40101 --create
  > GET /devices/none/tags/t
  > POST /devices/none/tags <- {"modbus":{"address":"40101"},"name":"t"}
  none/t created: coil 12 (000013), bool

  @ POST /profiles?dry_run=true
  {"name":"p"}
  $ ctl set profile:p label=x --create --dry-run
  > GET /profiles/p
  > POST /profiles?dry_run=true <- {"label":"x","name":"p"}
  profile:p would be created

  @ GET /devices/none 401
  {"status":401,"detail":"no"}
  $ ctl set none label=x --create
  > GET /devices/none
  tagferryctl: none: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /devices/none code=6 reason=gone
  $ ctl set none label=x --create
  > GET /devices/none
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

Five digits that may be an offset.

  @ GET /devices/a/tags/t etag='"1"'
  {"name":"t","device":"a","modbus":{"table":"holding_register","address":1,"modicon":"400002"},"mqtt":{"key":"k","topic":""}}
  @ PATCH /devices/a/tags/t
  {"name":"t","device":"a","modbus":{"table":"holding_register","address":12000,"modicon":"412001"},"mqtt":{"key":"k","topic":""}}
  $ ctl set a/t modbus.address=12000
  > GET /devices/a/tags/t
  tagferryctl: modbus.address: 12000 may be the offset 12000 in holding_register, which is 412001 in Modicon form with six digits, or it may be 102000, which is in discrete_input: write one of these
  Try: tagferryctl set --help
  [2]

  $ ctl set a/t modbus.address=12000 modbus.table=holding_register
  > GET /devices/a/tags/t
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"modbus":{"address":12000,"table":"holding_register"}}
  a/t changed: modbus.address 1 -> 12000, modbus.modicon "400002" -> "412001"

  $ ctl set a/t modbus.address=412001
  > GET /devices/a/tags/t
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"modbus":{"address":"412001"}}
  a/t changed: modbus.address 1 -> 12000, modbus.modicon "400002" -> "412001"

rename and move.

  @ PATCH /devices/a etag='"8"'
  {"name":"b","mqtt":{"topic":"t"}}
  $ ctl rename a b
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"name":"b"}
  a is now b: its tags, registers and values stay, and so does its topic, t

  $ ctl rename a b -o csv
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"name":"b"}
  object,action,pointer,before,after\r
  a,changed,/name,a,b\r
  a,changed,/mqtt/values,"{""a"":1}",\r
  a,changed,/label,x,\r
  a,changed,/enabled,true,\r
  a,changed,/old,1,\r

  $ ctl rename a b -o json
  > GET /devices/a
  > PATCH /devices/a [If-Match: "7"] <- {"name":"b"}
  {"name":"b","mqtt":{"topic":"t"}}

  @ PATCH /devices/a?dry_run=true
  {"name":"b","mqtt":{"topic":"t"},"warnings":[{"detail":"w"}]}
  $ ctl rename a b --dry-run --if-match 3
  > GET /devices/a
  > PATCH /devices/a?dry_run=true [If-Match: "3"] <- {"name":"b"}
  a would become b: its tags, registers and values stay, and so does its topic, t
  warning: w

  $ ctl rename a b --dry-run -o csv
  > GET /devices/a
  > PATCH /devices/a?dry_run=true [If-Match: "7"] <- {"name":"b"}
  object,action,pointer,before,after\r
  a,would change,/name,a,b\r
  a,would change,/mqtt/values,"{""a"":1}",\r
  a,would change,/label,x,\r
  a,would change,/enabled,true,\r
  a,would change,/old,1,\r
  warning: w

  $ ctl rename a/t u
  > GET /devices/a/tags/t
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"name":"u"}
  a/t is now a/u: its register 412001, its key "k" and its value stay

  $ ctl rename a b/c
  tagferryctl: "b/c" must be a name alone, without a device; tags are moved with tagferryctl move
  Try: tagferryctl rename --help
  [2]

  $ ctl rename a profile:b
  tagferryctl: "profile:b" must be a name alone, without a device; tags are moved with tagferryctl move
  Try: tagferryctl rename --help
  [2]

  $ ctl rename none b
  > GET /devices/none
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  @ GET /profiles/p etag="1"
  {"name":"p"}
  @ PATCH /profiles/p
  {"name":"q"}
  $ ctl rename profile:p q
  > GET /profiles/p
  > PATCH /profiles/p [If-Match: 1] <- {"name":"q"}
  profile:p is now profile:q: the devices that use it stay as they are

  @ PATCH /devices/a/tags/t
  {"name":"u","device":"b","modbus":{"modicon":"400002"},"mqtt":{"key":"k","topic":""}}
  @ GET /devices/a etag="1"
  {"name":"a","network":{"unit_id":1,"modbus_host":null,"modbus_port":502},"mqtt":{"topic":"ta"}}
  @ GET /devices/b etag="1"
  {"name":"b","network":{"unit_id":1,"modbus_host":null,"modbus_port":502},"mqtt":{"topic":"tb"}}
  $ ctl move a/t b/u
  > GET /devices/a/tags/t
  > GET /devices/a
  > GET /devices/b
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"device":"b","name":"u"}
  a/t is now b/u: its register 400002 and its value stay; it reads the key "k" of the topic tb

  $ ctl move a/t b -o csv
  > GET /devices/a/tags/t
  > GET /devices/a
  > GET /devices/b
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"device":"b"}
  object,action,pointer,before,after\r
  a/t,changed,/name,t,u\r
  a/t,changed,/device,a,b\r
  a/t,changed,/modbus/table,holding_register,\r
  a/t,changed,/modbus/address,1,\r

  @ GET /devices/b
  {"name":"b","network":{"unit_id":17,"modbus_host":"10.0.0.9","modbus_port":1502},"mqtt":{"topic":"tb"}}
  @ PATCH /devices/a/tags/t
  {"name":"u","device":"b","modbus":{"modicon":"400002"},"mqtt":{"key":"k","topic":"own"},"warnings":[{"detail":"w"}]}
  $ ctl move a/t b/u
  > GET /devices/a/tags/t
  > GET /devices/a
  > GET /devices/b
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"device":"b","name":"u"}
  a/t is now b/u: its register is 400002 in unit 17 of 10.0.0.9:1502, no longer in unit 1; it still reads its own topic, own
  warning: w

  @ GET /devices/b
  {"name":"b","network":{"unit_id":255,"modbus_host":"serial:/dev/ttyS0","modbus_port":502},"mqtt":{"topic":"tb"}}
  @ PATCH /devices/a/tags/t?dry_run=true
  {"name":"t","device":"b","modbus":{"modicon":"400002"},"mqtt":{"key":"k","topic":null}}
  $ ctl move a/t b --dry-run
  > GET /devices/a/tags/t
  > GET /devices/a
  > GET /devices/b
  > PATCH /devices/a/tags/t?dry_run=true [If-Match: "1"] <- {"device":"b"}
  a/t would become b/t: its register is 400002 in unit 255 of serial:/dev/ttyS0, no longer in unit 1; it reads the key "k" of the topic tb

  $ ctl move a/t none
  > GET /devices/a/tags/t
  > GET /devices/a
  > GET /devices/none
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  $ ctl move a/none b
  > GET /devices/a/tags/none
  tagferryctl: a/none: it is not there
  [4]

  $ ctl move none/t b
  > GET /devices/none/tags/t
  tagferryctl: none/t: it is not there
  [4]

  $ ctl move a b
  tagferryctl: "a" must be DEVICE/TAG
  Try: tagferryctl move --help
  [2]

  $ ctl move a/t profile:b
  tagferryctl: "profile:b" must be DEVICE or DEVICE/TAG
  Try: tagferryctl move --help
  [2]

  @ PATCH /devices/a/tags/t 412
  {"status":412}
  $ ctl move a/t b
  > GET /devices/a/tags/t
  > GET /devices/a
  > GET /devices/b
  > PATCH /devices/a/tags/t [If-Match: "1"] <- {"device":"b"}
  tagferryctl: a/t: somebody else has changed it since it was read
    Nothing was changed. Look at it with tagferryctl get a/t, then repeat the command.
  [5]

write.

  @ GET /devices/a/tags/t etag='"9"'
  {"name":"t","direction":"to_modbus","unit":"°C","modbus":{"type":"float32","modicon":"400002"},"mqtt":{"command_topic":""}}
  @ GET /devices/a/tags/t/value
  {"device":"a","tag":"t","value":21.5}
  @ PUT /devices/a/tags/t/value
  {"device":"a","tag":"t","value":22}
  $ ctl write a/t 22
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  The device sets this tag over MQTT: its next message replaces the value.
  a/t is 21.5 °C now (register 400002). Write 22?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  $ ctl write a/t 22 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":22}
  a/t written: 21.5 -> 22, read back 22 °C

  $ ctl write a/t -5.5e1 --yes -o csv
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":-55}
  device,tag,before,value\r
  a,t,21.5,22\r

  $ ctl write a/t true --yes -o json
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":true}
  {"device":"a","tag":"t","value":22}

  $ ctl write a/t null --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":"null"}
  a/t written: 21.5 -> null, read back 22 °C

  $ ctl write a/t on --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":"on"}
  a/t written: 21.5 -> on, read back 22 °C

  $ ctl write a/t '"12"' --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":"12"}
  a/t written: 21.5 -> "12", read back 22 °C

  $ ctl write a/t 123456789012345 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":123456789012345}
  a/t written: 21.5 -> 123456789012345, read back 22 °C

  $ ctl write a/t 1234567890123456 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":"1234567890123456"}
  a/t written: 21.5 -> 1234567890123456, read back 22 °C

  $ ctl write a/t -123456789012345 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":"-123456789012345"}
  a/t written: 21.5 -> -123456789012345, read back 22 °C

  $ ctl write a/t -12345678901234 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":-12345678901234}
  a/t written: 21.5 -> -12345678901234, read back 22 °C

  $ ctl write a/t 12345678901234.5 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":12345678901234.5}
  a/t written: 21.5 -> 12345678901234.5, read back 22 °C

  $ ctl write a/t 123456789012345.5 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":123456789012345.5}
  a/t written: 21.5 -> 123456789012345.5, read back 22 °C

  @ GET /devices/a/tags/t etag='"9"'
  {"name":"t","direction":"to_mqtt","unit":"","modbus":{"type":"string","modicon":"400002"},"mqtt":{"command_topic":"c/t"}}
  @ GET /devices/a/tags/t/value
  {"device":"a","tag":"t","value":null}
  ! terminal 80x24
  ! stdin y\n
  $ ctl write a/t 22
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":"22"}
  This is a command as SCADA gives it: it is published to c/t.
  a/t is unknown now (register 400002). Write 22? [y/N] a/t written: unknown -> 22, read back 22

  ! stdin n\n
  $ ctl write a/t 22
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  This is a command as SCADA gives it: it is published to c/t.
  a/t is unknown now (register 400002). Write 22? [y/N] Nothing was changed.
  [1]

  ! pipe
  @ GET /devices/a/tags/t etag='"9"'
  {"name":"t","direction":"both","modbus":{"type":"bool","modicon":"400002"}}
  $ ctl write a/t 1
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  This is a command as SCADA gives it: it is published, and the device may answer with another value.
  a/t is unknown now (register 400002). Write 1?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  @ PUT /devices/a/tags/t/value 412
  {"status":412}
  $ ctl write a/t 1 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":1}
  tagferryctl: a/t: somebody else has changed it since it was read
    The settings of the tag have changed: nothing was written.
  [5]

  @ PUT /devices/a/tags/t/value 422
  {"status":422,"detail":"it does not fit"}
  $ ctl write a/t 1 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  > PUT /devices/a/tags/t/value [If-Match: "9"] <- {"value":1}
  tagferryctl: a/t: it does not fit
  [1]

  @ GET /devices/a/tags/t/value 503
  {"status":503,"detail":"the server does not answer"}
  $ ctl write a/t 1 --yes
  > GET /devices/a/tags/t
  > GET /devices/a/tags/t/value
  tagferryctl: a/t: the server does not answer
  [1]

  $ ctl write a/none 1
  > GET /devices/a/tags/none
  tagferryctl: a/none: it is not there
  [4]

  $ ctl write a 1
  tagferryctl: "a" must be DEVICE/TAG
  Try: tagferryctl write --help
  [2]

What is refused.

  @ GET /devices/a etag='"1"'
  {"name":"a"}
  @ PATCH /devices/a 403
  {"status":403,"detail":"this token may not change"}
  $ ctl rename a b
  > GET /devices/a
  > PATCH /devices/a [If-Match: "1"] <- {"name":"b"}
  tagferryctl: a: this token may not change
  [1]

  $ ctl rename a/b/c d
  tagferryctl: "a/b/c" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl rename --help
  [2]

  @ GET /devices/a
  [1]
  $ ctl get a
  > GET /devices/a
