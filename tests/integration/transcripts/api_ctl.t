tagferryctl against tagferry-api: what is configured, and changes of it. Forms, limits and faults of each command are in
tests/unit/ctl; here are the answers that a real server gives.

Nothing is configured.

  $ ctl status
  PART     STATE      DETAIL
  gateway  not ready  http://127.0.0.1:PORT, version *, revision 0 (glob)
  mqttd    down       does not run
  modbusd  down       does not run
  broker   down       cannot be told, because tagferry-mqttd does not run
  store    up         for * s (glob)
  devices  good       of 0
  tags     good       of 0
  $ ctl devices
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC
  $ ctl tags -o csv
  device,name,mqtt.key,direction,modbus.table,modbus.address,modbus.modicon,modbus.type,modbus.scale,unit,label,mqtt.topic,mqtt.command_topic,modbus.byte_order,modbus.bit,modbus.byte,modbus.length,modbus.offset,enabled,description\r (esc)
  $ ctl regs
  UNIT ID  TABLE  FIRST  LAST  MODICON  TAGS
  $ ctl map -o json
  {"registers":{"server":"127.0.0.1:PORT","gateway":null,"units":[1],"items":[]},"owners":[]}
  $ ctl profiles -o json
  {"items":[],"total":0,"next":null}
  $ ctl audit
  ID  AGE  FROM  ACTION  OBJECT  CHANGE
  $ ctl gateways -o csv | cut -d , -f 3-9
  role,term,revision,lag_s,last_seen,devices,ready
  leader,0,0,,,0,false
  $ ctl token
  TOKEN         SCOPE                           SERVER                  VERSION
  (not needed)  may read and change everything  http://127.0.0.1:PORT  * (glob)
  $ ctl clients
  tagferryctl: tagferry-modbusd is down: it has no clients
  CLIENT  SIDE  PROTOCOL  ROLE  SINCE  UNITS  REQUESTS  RATE  EXCEPTIONS  LAST REQUEST  AGE
  $ ctl revert
  tagferryctl: the newest change: The audit has no entry with the id "newest".
  [4]

Devices and tags are created.

  $ ctl set boiler-7 mqtt.topic=plant/boiler-7/telemetry label='Kessel größer' --create
  boiler-7 created: topic plant/boiler-7/telemetry, unit 1
  $ ctl set boiler-7/temp mqtt.key=/a/t unit=°C modbus.table=input_register modbus.byte_order=CDAB modbus.scale=0.1 modbus.offset=-40 --create
  boiler-7/temp created: input_register 0 (300001), float32
  $ ctl set boiler-7/setpoint direction=to_mqtt mqtt.command_topic=plant/set modbus.type=int16 modbus.address=40101 --create --dry-run
  boiler-7/setpoint would be created: holding_register 100 (400101), int16
  $ ctl set boiler-7/setpoint direction=both mqtt.command_topic=plant/set modbus.type=int16 modbus.address=40101 --create -o csv
  object,action,pointer,before,after\r (esc)
  boiler-7/setpoint,created,,,"{""device"":""boiler-7"",""name"":""setpoint"",""label"":"""",""description"":"""",""unit"":"""",""enabled"":true,""direction"":""both"",""mqtt"":{""key"":""setpoint"",""topic"":null,""payload"":""json"",""values"":null,""command_topic"":""plant/set"",""command_template"":null,""command_qos"":1,""command_retain"":false,""settle_ms"":50,""hold_off_ms"":2000,""pattern"":null,""number"":""decimal"",""quality_key"":null,""expires_s"":0,""expire_value"":null,""command_on"":""write"",""min_interval_ms"":0,""min_change"":0},""modbus"":{""table"":""holding_register"",""address"":100,""modicon"":""400101"",""type"":""int16"",""byte_order"":""ABCD"",""bit"":null,""byte"":null,""length"":null,""scale"":1,""offset"":0,""on_overflow"":""reject"",""on_stale"":null,""on_null"":""hold"",""constant"":null,""companion"":""none"",""companion_of"":null,""min_change"":0,""min_interval_ms"":0},""profile"":false,""id"":2,""revision"":3,""created_at"":""TIME"",""updated_at"":""TIME""}"\r (esc)
  $ ctl set boiler-7/alarm modbus.type=bool modbus.table=holding_register modbus.address=210 modbus.bit=15 enabled=no --create
  boiler-7/alarm created: holding_register 210 (400211), bool
  $ ctl set pump mqtt.topic=plant/pump network.unit_id=1 --create -o json
  {"name":"pump","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"plant/pump","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":2,"revision":5,"created_at":"TIME","updated_at":"TIME"}
  $ ctl set pump mqtt.topic=plant/pump --create
  pump has these values already
  $ ctl set pump/x modbus.address=100 modbus.table=input_register --create
  pump/x created: input_register 100 (300101), float32
  $ ctl set pump/x modbus.type=float64 modbus.address=65533 --create
  tagferryctl: pump/x: modbus.address: 4 registers from this address go beyond the last one, 65535
  [1]
  $ ctl set none/x --create
  tagferryctl: operands are missing: the command is tagferryctl set OBJECT MEMBER=VALUE...
  Try: tagferryctl set --help
  [2]
  $ ctl set none label=x
  tagferryctl: none: There is no device "none".
    With --create, set creates it.
  [4]
  $ ctl set nameless label=x --create
  tagferryctl: nameless: mqtt.topic: is required
  [1]
  $ ctl set boiler-7/temp modbus.scale=0 modbus.length=5 mqtt.key=
  tagferryctl: boiler-7/temp: 2 errors:
    modbus.scale: must not be 0
    modbus.length: is allowed only for the type string
  [1]
  $ ctl set boiler-7/temp modbus.scale=0.25 description="two
  > lines"
  boiler-7/temp changed: description "" -> "two\nlines", modbus.scale 0.1 -> 0.25
  $ ctl set boiler-7/temp modbus.scale=0.25
  boiler-7/temp has these values already
  $ ctl set boiler-7 label=x --if-match 1
  boiler-7 changed: label "Kessel gr??er" -> "x"
  $ ctl set boiler-7 mqtt.qos=null label=x --if-match '*' --dry-run -o csv
  object,action,pointer,before,after\r (esc)
  $ ctl set boiler-7/temp modbus.address=12000
  tagferryctl: modbus.address: 12000 may be the offset 12000 in input_register, which is 312001 in Modicon form with six digits, or it may be 102000, which is in discrete_input: write one of these
  Try: tagferryctl set --help
  [2]

What there is.

  $ ctl devices
  NAME      QUALITY  REASON      AGE  MESSAGES  REJECTS  TAGS  TOPIC                     LABEL
  boiler-7  never    mqttd_down              0        0     3  plant/boiler-7/telemetry  x
  pump      never    mqttd_down              0        0     1  plant/pump
  $ ctl tags
  TAG                KEY       DIRECTION  TABLE             ADDRESS  MODICON  TYPE          SCALE      UNIT
  boiler-7/alarm     alarm     to_modbus  holding_register      210   400211  bool bit 15   1
  boiler-7/setpoint  setpoint  both       holding_register      100   400101  int16         1
  boiler-7/temp      /a/t      to_modbus  input_register          0   300001  float32 CDAB  0.25 - 40  ?C
  pump/x             x         to_modbus  input_register        100   300101  float32       1
  $ ctl tags boiler-7 nobody -w --table holding_register -n 1
  TAG             KEY    DIRECTION  TABLE             ADDRESS  MODICON  TYPE         SCALE
  boiler-7/alarm  alarm  to_modbus  holding_register      210   400211  bool bit 15  1
  $ ctl get boiler-7
  name=boiler-7
  label=x
  description=
  enabled=true
  profile=null
  network.address=null
  network.modbus_host=null
  network.modbus_port=502
  network.framing=tcp
  network.tls=false
  network.unit_id=1
  network.max_write_registers=123
  network.min_interval_ms=0
  network.write_single=false
  network.poll_interval_ms=1000
  network.rewrite_on_reconnect=true
  network.gateway=null
  mqtt.topic=plant/boiler-7/telemetry
  mqtt.qos=1
  mqtt.availability_topic=null
  mqtt.availability_key=null
  mqtt.payload_available=online
  mqtt.payload_unavailable=offline
  mqtt.stale_after_s=0
  mqtt.timestamp_key=null
  mqtt.where=null
  mqtt.request=null
  status=null
  # id=1
  # revision=8
  # created_at=TIME
  # updated_at=TIME
  $ ctl get boiler-7/alarm -o csv
  member,value\r (esc)
  device,boiler-7\r (esc)
  name,alarm\r (esc)
  label,\r (esc)
  description,\r (esc)
  unit,\r (esc)
  enabled,false\r (esc)
  direction,to_modbus\r (esc)
  mqtt.key,alarm\r (esc)
  mqtt.topic,\r (esc)
  mqtt.payload,json\r (esc)
  mqtt.values,\r (esc)
  mqtt.command_topic,\r (esc)
  mqtt.command_template,\r (esc)
  mqtt.command_qos,1\r (esc)
  mqtt.command_retain,false\r (esc)
  mqtt.settle_ms,50\r (esc)
  mqtt.hold_off_ms,2000\r (esc)
  mqtt.pattern,\r (esc)
  mqtt.number,decimal\r (esc)
  mqtt.quality_key,\r (esc)
  mqtt.expires_s,0\r (esc)
  mqtt.expire_value,\r (esc)
  mqtt.command_on,write\r (esc)
  mqtt.min_interval_ms,0\r (esc)
  mqtt.min_change,0\r (esc)
  modbus.table,holding_register\r (esc)
  modbus.address,210\r (esc)
  modbus.modicon,400211\r (esc)
  modbus.type,bool\r (esc)
  modbus.byte_order,ABCD\r (esc)
  modbus.bit,15\r (esc)
  modbus.byte,\r (esc)
  modbus.length,\r (esc)
  modbus.scale,1\r (esc)
  modbus.offset,0\r (esc)
  modbus.on_overflow,reject\r (esc)
  modbus.on_stale,\r (esc)
  modbus.on_null,hold\r (esc)
  modbus.constant,\r (esc)
  modbus.companion,none\r (esc)
  modbus.companion_of,\r (esc)
  modbus.min_change,0\r (esc)
  modbus.min_interval_ms,0\r (esc)
  profile,false\r (esc)
  id,3\r (esc)
  revision,4\r (esc)
  created_at,TIME\r (esc)
  updated_at,TIME\r (esc)
  $ ctl get boiler-7/temp modbus.modicon mqtt.key description nothing
  tagferryctl: boiler-7/temp has no member nothing
  300001
  /a/t
  two
  lines
  [4]
  $ ctl regs
  UNIT ID  TABLE             FIRST  LAST  MODICON        TAGS
        1  holding_register    100   210  400101-400211     2
        1  input_register        0   101  300001-300102     2
  $ ctl map -o csv
  server,unit,table,first,last,modicon,count,type,byte_order,bit,byte,scale,offset,engineering_unit,direction,device,tag,label\r (esc)
  ,1,input_register,0,1,300001,2,float32,CDAB,,,0.25,-40,\xc2\xb0C,to_modbus,boiler-7,temp,\r (esc)
  ,1,input_register,100,101,300101,2,float32,ABCD,,,1,0,,to_modbus,pump,x,\r (esc)
  ,1,holding_register,100,100,400101,1,int16,ABCD,,,1,0,,both,boiler-7,setpoint,\r (esc)
  ,1,holding_register,210,210,400211,1,bool,ABCD,15,,1,0,,to_modbus,boiler-7,alarm,\r (esc)
  $ ctl status | grep -v '^cause'
  PART     STATE       DETAIL
  gateway  not ready   http://127.0.0.1:PORT, version *, revision 8 (glob)
  mqttd    down        does not run
  modbusd  down        does not run
  broker   down        cannot be told, because tagferry-mqttd does not run
  store    up          for * s (glob)
  devices  2 not good  of 2
  tags     4 not good  of 4: 4 never
  $ ctl value pump
  TAG     VALUE  QUALITY  AGE  REASON                                                                                              REGISTERS
  pump/x         never         mqttd_down: the Modbus server does not answer: 127.0.0.1:PORT: cannot connect: Connection refused
  $ ctl history boiler-7/temp
  TIME (UTC)                VALUE  MINIMUM  MAXIMUM  EVENT
  TIME                           never: mqttd_down
  $ ctl messages
  AGE  OUTCOME  TOPIC  PAYLOAD

Copies, other names, other places.

  $ ctl copy boiler-7 boiler-8 boiler-9 --stride holding_register=1000 --dry-run
  boiler-8 would be created: topic plant/boiler-8/telemetry, unit 1, 3 tags, input_register from 2, holding_register from 1100
  boiler-9 would be created: topic plant/boiler-9/telemetry, unit 1, 3 tags, input_register from 4, holding_register from 2100
  $ ctl copy boiler-7 boiler-8 --label 'Boiler 8' --unit 2 --topic hall/boiler-8/x
  tagferryctl: a copy of boiler-7: copies.0.unit_id: unit 2 is not on the local server; [common] units lists its units
  [1]
  $ ctl copy pump pump
  tagferryctl: a copy of pump: copies.0.name: a device named pump already exists
  [1]
  $ ctl rename boiler-8 boiler-north
  tagferryctl: boiler-8: There is no device "boiler-8".
  [4]
  $ ctl rename boiler-north/temp supply
  tagferryctl: boiler-north/temp: No device has the name "boiler-north".
  [4]
  $ ctl rename pump boiler-7
  tagferryctl: pump: name: a device named boiler-7 already exists
  [1]
  $ ctl move boiler-7/alarm pump/warning
  boiler-7/alarm is now pump/warning: its register 400211 and its value stay; it reads the key "alarm" of the topic plant/pump
  $ ctl move boiler-north/alarm pump
  tagferryctl: boiler-north/alarm: No device has the name "boiler-north".
  [4]
  $ ctl set pump network.unit_id=17
  tagferryctl: pump: network.unit_id: unit 17 is not on the local server; [common] units lists its units
  [1]
  $ ctl rm boiler-north/alarm pump/x nobody
  tagferryctl: boiler-north/alarm: No device has the name "boiler-north".
  tagferryctl: nobody: There is no device "nobody".
  Nothing was deleted.
  [4]
  $ ctl rm boiler-north/alarm pump/x
  tagferryctl: boiler-north/alarm: No device has the name "boiler-north".
  Nothing was deleted.
  [4]
  $ ctl rm boiler-north -o csv
  tagferryctl: boiler-north: There is no device "boiler-north".
  [4]
  $ ctl set profile:meter device.mqtt.topic='meters/{serial}' params='{"serial": {"description": "on the plate"}}' tags='[{"name": "power", "modbus": {"table": "input_register", "address": 0, "type": "uint32"}}]' --create
  profile:meter created
  $ ctl set m1 profile.name=meter profile.params.serial=12 --create
  m1 created: topic meters/12, unit 1
  $ ctl profiles
  NAME   TAGS  DEVICES  PARAMETERS
  meter     1        1  serial
  $ ctl profiles meter
  name         meter
  devices      1
  topic        meters/{serial}
  parameter    serial: on the plate
  
  TAG    KEY    TABLE           ADDRESS  TYPE
  power  power  input_register        0  uint32
  $ ctl get m1/power profile mqtt.topic
  true
  
  $ ctl rm profile:meter
  tagferryctl: profile:meter: 1 device uses it
  [1]

Who changed what, and back.

  $ ctl audit -o csv
  id,at,who,remote,action,device,tag,profile,kind,revision,diff.pointer,diff.before,diff.after\r (esc)
  11,TIME,,127.0.0.1,create,m1,,,device,11,,,\r (esc)
  10,TIME,,127.0.0.1,create,,,meter,profile,10,,,\r (esc)
  9,TIME,,127.0.0.1,change,pump,warning,,tag,9,/device,boiler-7,pump\r (esc)
  9,TIME,,127.0.0.1,change,pump,warning,,tag,9,/name,alarm,warning\r (esc)
  8,TIME,,127.0.0.1,change,boiler-7,,,device,8,/label,Kessel gr\xc3\xb6\xc3\x9fer,x\r (esc)
  7,TIME,,127.0.0.1,change,boiler-7,temp,,tag,7,/description,,"two
  lines"\r (esc)
  7,TIME,,127.0.0.1,change,boiler-7,temp,,tag,7,/modbus/scale,0.1,0.25\r (esc)
  6,TIME,,127.0.0.1,create,pump,x,,tag,6,,,\r (esc)
  5,TIME,,127.0.0.1,create,pump,,,device,5,,,\r (esc)
  4,TIME,,127.0.0.1,create,boiler-7,alarm,,tag,4,,,\r (esc)
  3,TIME,,127.0.0.1,create,boiler-7,setpoint,,tag,3,,,\r (esc)
  2,TIME,,127.0.0.1,create,boiler-7,temp,,tag,2,,,\r (esc)
  1,TIME,,127.0.0.1,create,boiler-7,,,device,1,,,\r (esc)
  $ ctl audit boiler-7/temp -n 2 -o csv
  id,at,who,remote,action,device,tag,profile,kind,revision,diff.pointer,diff.before,diff.after\r (esc)
  7,TIME,,127.0.0.1,change,boiler-7,temp,,tag,7,/description,,"two
  lines"\r (esc)
  7,TIME,,127.0.0.1,change,boiler-7,temp,,tag,7,/modbus/scale,0.1,0.25\r (esc)
  2,TIME,,127.0.0.1,create,boiler-7,temp,,tag,2,,,\r (esc)
  $ ctl revert --dry-run
  m1 would be deleted
  in all: 2 are deleted; nothing is changed yet
  $ ctl revert
  m1 is deleted
  undone: 2 are deleted; revision 12; tagferryctl revert 13 takes this back
  $ ctl revert 1
  tagferryctl: change 1: boiler-7 was changed since it was created, by revision 8
    Nothing was undone. Undo the later changes first, newest first, or all with --to REVISION; tagferryctl audit lists them.
  [5]
  $ ctl revert 99
  tagferryctl: change 99: The audit has no entry with the id "99".
  [4]
  $ ctl revert --to 8 --dry-run
  profile:meter would be deleted
  boiler-7/alarm would be set back: device "pump" -> "boiler-7", name "warning" -> "alarm"
  in all: 1 is set back, 1 is deleted; nothing is changed yet

Files.

  $ ctl export --format csv
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,device_label,command_topic\r (esc)
  boiler-7,plant/boiler-7/telemetry,1,setpoint,setpoint,both,holding_register,100,int16,ABCD,,,1,0,reject,,,true,,x,plant/set\r (esc)
  boiler-7,plant/boiler-7/telemetry,1,temp,/a/t,to_modbus,input_register,0,float32,CDAB,,,0.25,-40,reject,,\xc2\xb0C,true,"two (esc)
  lines",x,\r (esc)
  pump,plant/pump,1,warning,alarm,to_modbus,holding_register,210,bool,ABCD,15,,1,0,reject,,,false,,,\r (esc)
  pump,plant/pump,1,x,x,to_modbus,input_register,100,float32,ABCD,,,1,0,reject,,,true,,,\r (esc)
  $ ctl export map.html --format kepware --device boiler-7
  map.html written: 334 bytes
  $ printf 'device,name,key,scale\nnew-1,a,k,0.5\nnew-1,b,,0\n,c,,x\n' > wrong.csv
  $ ctl import wrong.csv
  Nothing was imported: there are 3 faults.
  
  rows  column  cell  what is right
  2     topic         is required
  3     scale   "0"   must not be 0
  4     scale   "x"   must be a number
  [1]
  $ printf 'device,topic,name,key,scale\nnew-1,t/new,a,k,0.5\nnew-1,t/new,b,,2\n' > right.csv
  $ ctl import right.csv --dry-run
  Nothing is imported yet, this is a dry run: 3 created, 0 changed, 0 deleted.
  
  action  name     address  type     difference
  create  new-1
  create  new-1/a  400001   float32
  create  new-1/b  400003   float32
  $ ctl import right.csv -o csv
  action,device,tag,table,address,before,after\r (esc)
  create,new-1,,,,,"{""name"":""new-1"",""mqtt"":{""topic"":""t/new""}}"\r (esc)
  create,new-1,a,holding_register,0,,"{""name"":""a"",""mqtt"":{""key"":""k""},""modbus"":{""table"":""holding_register"",""address"":0,""type"":""float32"",""scale"":0.5}}"\r (esc)
  create,new-1,b,holding_register,2,,"{""name"":""b"",""mqtt"":{""key"":""""},""modbus"":{""table"":""holding_register"",""address"":2,""type"":""float32"",""scale"":2}}"\r (esc)
  $ ctl import right.csv
  Imported: 0 created, 0 changed, 0 deleted.
  $ ctl import right.csv --mode replace --device new-1 --device pump
  Imported: 0 created, 0 changed, 3 deleted.
  $ ctl backup copy.db | cut -d : -f 1
  copy.db written
