tagferryctl with all daemons: values, messages, registers, commands of SCADA, why.
Options: common.units=1-2

  $ ctl set boiler mqtt.topic=plant/boiler --create
  boiler created: topic plant/boiler, unit 1
  $ ctl set boiler/temp unit=°C modbus.table=input_register modbus.address=100 mqtt.key=/a/t --create >/dev/null
  $ ctl set boiler/mode 'mqtt.values={"off": 0, "on": 1}' modbus.type=uint16 modbus.table=input_register modbus.address=110 --create >/dev/null
  $ ctl set boiler/set direction=both mqtt.command_topic=plant/set modbus.type=int16 modbus.scale=0.5 modbus.address=200 --create >/dev/null
  $ ctl set boiler/name modbus.type=string modbus.length=4 modbus.table=holding_register modbus.address=300 --create >/dev/null
  $ ctl set pump mqtt.topic=plant/pump network.unit_id=2 --create >/dev/null
  $ ctl set pump/run modbus.type=bool modbus.table=coil modbus.address=7 --create >/dev/null
  $ publish plant/boiler '{"a": {"t": 21.5}, "mode": "on", "set": 60.5, "name": "größe"}'
  $ publish plant/boiler '{"a": {"t": "hot"}, "mode": "idle"}'
  $ publish plant/pump 'on'
  $ publish plant/pump '{"run": true}'
  $ await '"value":true' api GET /devices/pump/tags/run/value >/dev/null

What values are, and what came.

  $ ctl value -o csv | cut -d , -f 1-5,7-8,11-
  device,tag,value,unit,quality,reason,raw,messages,rejects,last_error.code,last_error.detail\r (esc)
  boiler,mode,1,,bad,refused,[1],2,1,unmapped_string,idle\r (esc)
  boiler,name,gr\xc3\xb6\xc3\x9fe,,good,,"[26482,25856]",TIME,TIME,1,0,,\r (esc)
  boiler,set,60.5,,good,,[121],1,0,,\r (esc)
  boiler,temp,21.5,\xc2\xb0C,bad,refused,"[16812,TIME,2,1,not_a_number,hot\r (esc)
  pump,run,true,,good,,[1],1,0,invalid_json,on\r (esc)
  $ ctl value --wrong --reason refused -o csv | cut -d , -f 1-3
  device,tag,value
  boiler,mode,1
  boiler,temp,21.5
  $ ctl devices -o csv | cut -d , -f 1-3,5-
  name,quality,reason,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r (esc)
  boiler,good,,2,2,4,plant/boiler,,,,true,1,TIME\r (esc)
  pump,good,,2,1,1,plant/pump,,,,true,2,TIME\r (esc)
  $ ctl messages -o csv | cut -d , -f 3-
  device,outcome,tags,written,rejected,held,error.code,error.tag,error.byte,keys,retained,topic,bytes,encoding,looks_like,payload\r (esc)
  boiler,taken,4,4,0,0,,,,,false,plant/boiler,64,text,,"{""a"": {""t"": 21.5}, ""mode"": ""on"", ""set"": 60.5, ""name"": ""gr\xc3\xb6\xc3\x9fe""}"\r (esc)
  boiler,taken,4,0,2,0,not_a_number,temp,,"a, mode",false,plant/boiler,35,text,,"{""a"": {""t"": ""hot""}, ""mode"": ""idle""}"\r (esc)
  pump,not_json,1,0,0,0,invalid_json,,0,,false,plant/pump,2,text,,on\r (esc)
  pump,taken,1,1,0,0,,,,,false,plant/pump,13,text,,"{""run"": true}"\r (esc)
  $ ctl messages boiler --wrong -n 1 -o csv | cut -d , -f 3-
  device,outcome,tags,written,rejected,held,error.code,error.tag,error.byte,keys,retained,topic,bytes,encoding,looks_like,payload\r (esc)
  boiler,taken,4,0,2,0,not_a_number,temp,,"a, mode",false,plant/boiler,35,text,,"{""a"": {""t"": ""hot""}, ""mode"": ""idle""}"\r (esc)
  $ ctl regs
  UNIT ID  TABLE             FIRST  LAST  MODICON        TAGS
        1  holding_register    200   303  400201-400304     2
        1  input_register      100   110  300101-300111     2
        2  coil                  7     7  000008-000008     1
  $ ctl regs input_register 100-101
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   300101  41AC    16812  boiler/temp
      101   300102  0000        0  boiler/temp
  $ ctl regs coil 7 --unit 2
  ADDRESS  MODICON  DECIMAL  TAG
        7   000008        1  pump/run
  $ ctl regs holding_register 300+4
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      300   400301  6772    26482  boiler/name
      301   400302  C3B6    50102  boiler/name
      302   400303  C39F    50079  boiler/name
      303   400304  6500    25856  boiler/name
  $ ctl map
  UNIT ID  TABLE             ADDRESS  MODICON  COUNT  TYPE      SCALE  UNIT  ACCESS       TAG
        1  input_register        100   300101      2  float32   1      ?C    read         boiler/temp
        1  input_register        110   300111      1  uint16    1            read         boiler/mode
        1  holding_register      200   400201      1  int16     0.5          read, write  boiler/set
        1  holding_register      300   400301      4  string 4  1            read         boiler/name
        2  coil                    7   000008      1  bool      1            read         pump/run
  $ ctl clients -o csv | cut -d , -f 3,4 | sort -u
  inputs,tcp
  outputs,tcp
  scada,tcp
  side,protocol

What a message would write.

  $ ctl publish-test boiler '{"a": {"t": 1.5}, "mode": "off", "set": 70000, "x": 1}'
  TAG   FOUND  JSON   VALUE  REGISTERS  TABLE             MODICON  ERROR
  mode  yes    off        0  0000       input_register     300111
  name  no                              holding_register   400301  the message does not have the key
  set   yes    70000                    holding_register   400201  the number does not fit into the type: 70000
  temp  yes    1.5      1.5  3FC0 0000  input_register     300101
  $ ctl publish-test boiler/set '{"set": 1.25}' -o json
  {"items":[
  {"device":"boiler","tag":"set","message":{"topic":"plant/boiler","at":"TIME","retained":false,"payload":"{\"set\": 1.25}","encoding":"text","looks_like":null,"bytes":13,"discovery":null},"key":"set","found":true,"json":1.25,"matched":null,"read":1.25,"value":1.5,"raw":[3],"hex":["0003"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":200,"modicon":"400201","is_new_address":false,"error":null}]}
  $ ctl publish-test pump nonsense --check
  TAG  FOUND  JSON  VALUE  REGISTERS  TABLE  MODICON  ERROR
  run  no                             coil    000008  the payload is not valid JSON: nonsense
  [1]

Writes.

  $ ctl write boiler/set 70.5
  This is a command as SCADA gives it: it is published to plant/set, and the device may answer with another value.
  boiler/set is 60.5 now (register 400201). Write 70.5?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]
  $ ctl write boiler/set 70.5 --yes
  boiler/set written: 60.5 -> 70.5, read back 70.5
  $ ctl write boiler/set 99999 --yes
  tagferryctl: boiler/set: value: is not a value of type int16, which goes from -16384 to 16383.5 with its scale
  [1]
  $ ctl write boiler/mode on --yes -o csv
  device,tag,before,value\r (esc)
  boiler,mode,1,1\r (esc)
  $ ctl write boiler/name abc --yes
  boiler/name written: gr??e -> abc, read back abc
  $ ctl write pump/run 0 --yes
  pump/run written: true -> 0, read back false

Where the way of a value ends.

  $ hide_times() { sed -E 's/[0-9]{2}:[0-9]{2}:[0-9]{2}/HH:MM:SS/'; }
  $ ctl why boiler/mode | hide_times
  LINK      STATE      DETAIL
  api       ok         tagferry-api at http://127.0.0.1:PORT
  store     ok         the store works since HH:MM:SS
  mqttd     ok         tagferry-mqttd works since HH:MM:SS
  broker    ok         the MQTT broker works since HH:MM:SS
  modbusd   ok         tagferry-modbusd works since HH:MM:SS
  device    ok         boiler is enabled
  topic     ok         plant/boiler
  message   ok         HH:MM:SS on plant/boiler, 35 bytes, 0 of 4 tags written, 2 refused, 0 held: {"a": {"t": "hot"}, "mode": "idle"}
  key       ok         mode has "idle"
  values    ends here  the word is not in the value map: idle
  register             input register 110 (300111), unit 1: 0x0001
  server               tagferry-modbusd of this gateway, written at HH:MM:SS
  client               function 4 reads 1 (uint16 ABCD)
  
  boiler/mode: the chain ends at "values": the word is not in the value map (idle).
  Add the word to the values of the tag.
    tagferryctl get boiler/mode
  $ ctl why boiler temp -o csv | grep -v message | hide_times
  link,state,detail\r (esc)
  api,ok,tagferry-api at http://127.0.0.1:PORT\r (esc)
  store,ok,the store works since HH:MM:SS\r (esc)
  mqttd,ok,tagferry-mqttd works since HH:MM:SS\r (esc)
  broker,ok,the MQTT broker works since HH:MM:SS\r (esc)
  modbusd,ok,tagferry-modbusd works since HH:MM:SS\r (esc)
  device,ok,boiler is enabled\r (esc)
  topic,ok,plant/boiler\r (esc)
  key,ok,"/a/t has ""hot"""\r (esc)
  number,ends here,the value is not a number: hot\r (esc)
  register,,"input register 100 (300101), unit 1: 0x41AC 0x0000"\r (esc)
  server,,"tagferry-modbusd of this gateway, written at HH:MM:SS"\r (esc)
  client,,"function 4 reads 21.5 \xc2\xb0C (float32 ABCD); set otherwise, CDAB 2.35586e-41, BADC -2.74269e-12, DCBA 6.17931e-41"\r (esc)
  verdict,refused,"boiler/temp: the chain ends at ""number"": the value is not a number (hot). Under the key is a text, an array or an object, or for a bool an unknown word. For words set the value map (values), such as {""RUNNING"": 1, ""IDLE"": 0}. For a unit or a decimal comma set the pattern or the form of number. Else choose another key, such as /a/b, or the type string."\r (esc)
  $ ctl why pump/run | grep -v 'message\|client\|server\|scada' | hide_times
  LINK      STATE      DETAIL
  api       ok         tagferry-api at http://127.0.0.1:PORT
  store     ok         the store works since HH:MM:SS
  mqttd     ok         tagferry-mqttd works since HH:MM:SS
  broker    ok         the MQTT broker works since HH:MM:SS
  modbusd   ok         tagferry-modbusd works since HH:MM:SS
  device    ok         pump is enabled
  topic     ok         plant/pump
  key       ok         run has true
  number    ok         true
  type      ok         bool true
  register  ends here  coil 7 (000008), unit 2: 0x0000
  
  $ ctl why boiler/none
  tagferryctl: boiler/none: There is no tag "none".
  [4]
