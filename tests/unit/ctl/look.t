The commands that list what is configured and what values are.

Devices: all columns, pages that are joined, a limit, filters.

  @ GET /devices?live=true&limit=1000
  {"items":[{"name":"boiler-7","quality":"good","reason":null,"live":{"age_ms":9949,"messages":123456,"rejects":17,"tags":12,"last_message_at":"2026-01-02T03:04:05.000Z"},
    "mqtt":{"topic":"plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit"},"label":"Kessel größer","profile":{"name":"meter"},"network":{"gateway":"line-2","unit_id":3},"enabled":true},
   {"name":"pump","quality":"bad","reason":"refused","live":{"age_ms":9950,"messages":0,"rejects":0,"tags":0},"mqtt":{"topic":"p"},"label":"\u6e29\u5ea6 e\u0301 \u001b[1m\u202e","network":{"unit_id":255},"enabled":false}],"total":5,"next":"pump"}
  @ GET /devices?live=true&limit=1000&after=pump
  {"items":[ {"name":"q, r","quality":"stale","reason":"silent","live":{"age_ms":119499}},
    {"name":"s","quality":"never","reason":"never_heard"}],"total":5,"next":"s"}
  @ GET /devices?live=true&limit=1000&after=s
  {"items":[],"total":5,"next":"t"}

  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  NAME      QUALITY  REASON         AGE  MESSAGES  REJECTS  TAGS  TOPIC                                                              LABEL          PROFILE  GATEWAY
  boiler-7  good                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit  Kessel größer  meter    line-2
  pump      bad      refused      9.9 s         0        0     0  p                                                                  温度 é ?[1m?
  q, r      stale    silent       119 s
  s         never    never_heard

  $ ctl devices -o csv
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  name,quality,reason,live.age_ms,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r
  boiler-7,good,,9949,123456,17,12,plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit,Kessel größer,meter,line-2,true,3,2026-01-02T03:04:05.000Z\r
  pump,bad,refused,9950,0,0,0,p,温度 é \e[1m‮,,,false,255,\r
  "q, r",stale,silent,119499,,,,,,,,,,\r
  s,never,never_heard,,,,,,,,,,,\r

  $ ctl devices -o json
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  {"items":[{"name":"boiler-7","quality":"good","reason":null,"live":{"age_ms":9949,"messages":123456,"rejects":17,"tags":12,"last_message_at":"2026-01-02T03:04:05.000Z"},
    "mqtt":{"topic":"plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit"},"label":"Kessel größer","profile":{"name":"meter"},"network":{"gateway":"line-2","unit_id":3},"enabled":true},
   {"name":"pump","quality":"bad","reason":"refused","live":{"age_ms":9950,"messages":0,"rejects":0,"tags":0},"mqtt":{"topic":"p"},"label":"\\u6e29\\u5ea6 e\\u0301 \\u001b[1m\\u202e","network":{"unit_id":255},"enabled":false}, {"name":"q, r","quality":"stale","reason":"silent","live":{"age_ms":119499}},
    {"name":"s","quality":"never","reason":"never_heard"}],"total":5,"next":null}

  ! terminal 60x24
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  \e[1mNAME\e[0m      \e[1mQUALITY\e[0m  \e[1mREASON\e[0m         \e[1mAGE\e[0m  \e[1mREJECTS\e[0m  \e[1mTOPIC\e[0m
  boiler-7  \e[32mgood\e[0m                  9.9 s       17  plant/boile…
  pump      \e[31mbad\e[0m      refused      9.9 s        0  p
  q, r      \e[33mstale\e[0m    silent       119 s
  s         \e[2mnever\e[0m    never_heard
  4 of 5

  ! terminal 100x24
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  \e[1mNAME\e[0m      \e[1mQUALITY\e[0m  \e[1mREASON\e[0m         \e[1mAGE\e[0m  \e[1mMESSAGES\e[0m  \e[1mREJECTS\e[0m  \e[1mTAGS\e[0m  \e[1mTOPIC\e[0m
  boiler-7  \e[32mgood\e[0m                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/ver…
  pump      \e[31mbad\e[0m      refused      9.9 s         0        0     0  p
  q, r      \e[33mstale\e[0m    silent       119 s
  s         \e[2mnever\e[0m    never_heard
  4 of 5

  ! terminal 20x24
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  \e[1mNA…\e[0m  \e[1mQU…\e[0m  \e[1mRE…\e[0m  \e[1mAGE\e[0m  \e[1mRE…\e[0m  \e[1mTO…\e[0m
  bo…  \e[32mgo…\e[0m       9.…   17  pl…
  pu…  \e[31mbad\e[0m  re…  9.…    0  p
  q,…  \e[33mst…\e[0m  si…  11…
  s    \e[2mne…\e[0m  ne…
  4 of 5

  ! terminal 300x24
  ! env NO_COLOR=1
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  NAME      QUALITY  REASON         AGE  MESSAGES  REJECTS  TAGS  TOPIC                                                              LABEL          PROFILE  GATEWAY
  boiler-7  good                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit  Kessel größer  meter    line-2
  pump      bad      refused      9.9 s         0        0     0  p                                                                  温度 é ?[1m?
  q, r      stale    silent       119 s
  s         never    never_heard
  4 of 5

  ! env NO_COLOR=
  ! env TERM=dumb
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  NAME      QUALITY  REASON         AGE  MESSAGES  REJECTS  TAGS  TOPIC                                                              LABEL          PROFILE  GATEWAY
  boiler-7  good                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit  Kessel größer  meter    line-2
  pump      bad      refused      9.9 s         0        0     0  p                                                                  温度 é ?[1m?
  q, r      stale    silent       119 s
  s         never    never_heard
  4 of 5

  ! env TERM=xterm
  ! terminal 0x24
  ! env COLUMNS=40
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  \e[1mNAME\e[0m   \e[1mQUAL…\e[0m  \e[1mREAS…\e[0m    \e[1mAGE\e[0m  \e[1mREJE…\e[0m  \e[1mTOPIC\e[0m
  boil…  \e[32mgood\e[0m          9.9 s     17  plan…
  pump   \e[31mbad\e[0m    refu…  9.9 s      0  p
  q, r   \e[33mstale\e[0m  sile…  119 s
  s      \e[2mnever\e[0m  neve…
  4 of 5

  ! env COLUMNS=9999
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  \e[1mNAME\e[0m      \e[1mQUALITY\e[0m  \e[1mREASON\e[0m         \e[1mAGE\e[0m  \e[1mMESSAGES\e[0m  \e[1mREJECTS\e[0m  \e[1mTAGS\e[0m  \e[1mTOPIC\e[0m                                                              \e[1mLABEL\e[0m          \e[1mPROFILE\e[0m  \e[1mGATEWAY\e[0m
  boiler-7  \e[32mgood\e[0m                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit  Kessel größer  meter    line-2
  pump      \e[31mbad\e[0m      refused      9.9 s         0        0     0  p                                                                  温度 é ?[1m?
  q, r      \e[33mstale\e[0m    silent       119 s
  s         \e[2mnever\e[0m    never_heard
  4 of 5

  ! env COLUMNS=10000
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  \e[1mNAME\e[0m      \e[1mQUALITY\e[0m  \e[1mREASON\e[0m         \e[1mAGE\e[0m  \e[1mREJECTS\e[0m  \e[1mTAGS\e[0m  \e[1mTOPIC\e[0m
  boiler-7  \e[32mgood\e[0m                  9.9 s       17    12  plant/boiler-7/telemetry/…
  pump      \e[31mbad\e[0m      refused      9.9 s        0     0  p
  q, r      \e[33mstale\e[0m    silent       119 s
  s         \e[2mnever\e[0m    never_heard
  4 of 5

  ! env COLUMNS=
  ! pipe
  ! locale C
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  NAME      QUALITY  REASON         AGE  MESSAGES  REJECTS  TAGS  TOPIC                                                              LABEL          PROFILE  GATEWAY
  boiler-7  good                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit  Kessel gr??er  meter    line-2
  pump      bad      refused      9.9 s         0        0     0  p                                                                  ?? e? ?[1m?
  q, r      stale    silent       119 s
  s         never    never_heard

  ! locale C.UTF-8
  $ ctl devices -q 'a b&ü' --quality good,bad --quality stale --reason silent --reason refused -n 1001
  > GET /devices?q=a%20b%26%C3%BC&reason=silent%2Crefused&quality=good%2Cbad%2Cstale&live=true&limit=1000
  tagferryctl: the devices: it is not there
  [4]

  $ ctl devices -w -n 2
  > GET /devices?quality=bad%2Cstale%2Cnever&live=true&limit=2
  tagferryctl: the devices: it is not there
  [4]

  $ ctl devices -w --quality good -n 1000
  > GET /devices?quality=good&live=true&limit=1000
  tagferryctl: the devices: it is not there
  [4]

  $ ctl devices -n 0
  tagferryctl: --limit 0: it must be a whole number from 1 to 1000000
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -n 1000001
  tagferryctl: --limit 1000001: it must be a whole number from 1 to 1000000
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -n 1000000
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=pump
  > GET /devices?live=true&limit=1000&after=s
  NAME      QUALITY  REASON         AGE  MESSAGES  REJECTS  TAGS  TOPIC                                                              LABEL          PROFILE  GATEWAY
  boiler-7  good                  9.9 s    123456       17    12  plant/boiler-7/telemetry/with/a/very/long/topic/that/does/not/fit  Kessel größer  meter    line-2
  pump      bad      refused      9.9 s         0        0     0  p                                                                  温度 é ?[1m?
  q, r      stale    silent       119 s
  s         never    never_heard

A page that names its own end again is the last one.

  ! forget
  @ GET /devices
  {"items":[{"name":"a"}],"total":9,"next":"a"}
  $ ctl devices -o json
  > GET /devices?live=true&limit=1000
  > GET /devices?live=true&limit=1000&after=a
  {"items":[{"name":"a"},{"name":"a"}],"total":9,"next":null}

  ! terminal 80x24
  $ ctl devices -n 1
  > GET /devices?live=true&limit=1
  \e[1mNAME\e[0m  \e[1mQUALITY\e[0m  \e[1mAGE\e[0m  \e[1mMESSAGES\e[0m  \e[1mREJECTS\e[0m  \e[1mTAGS\e[0m  \e[1mTOPIC\e[0m
  a
  1 of 9

  ! pipe
  @ GET /devices
  {"items":[],"total":0,"next":null}

  $ ctl devices -o json
  > GET /devices?live=true&limit=1000
  {"items":[],"total":0,"next":null}

Tags: types, scales, units, devices.

  @ GET /tags?device=a&limit=1000
  {"items":[
   {"device":"a","name":"t1","mqtt":{"key":"/a/t","topic":"own/t","command_topic":"c"},"direction":"both","modbus":{"table":"holding_register","address":0,"modicon":"400001","type":"float32","byte_order":"ABCD","scale":1,"offset":0},"unit":"°C","label":"L","enabled":true,"description":"d"},
   {"device":"a","name":"t2","mqtt":{"key":"k"},"direction":"to_modbus","modbus":{"table":"holding_register","address":65535,"modicon":"465536","type":"int32","byte_order":"CDAB","scale":0.1,"offset":-40,"bit":null},"enabled":false},
   {"device":"a","name":"t3","modbus":{"type":"bool","byte_order":"ABCD","bit":15,"scale":1,"offset":2.5},"enabled":true},
   {"device":"a","name":"t4","modbus":{"type":"int8","byte":"high","byte_order":"DCBA","scale":-2,"offset":40},"enabled":true},
   {"device":"a","name":"t5","modbus":{"type":"uint8"},"enabled":true},
   {"device":"a","name":"t6","modbus":{"type":"string","length":12,"byte_order":"BADC"},"enabled":true}],"total":6,"next":null}
  @ GET /tags?device=b&limit=1000
  {"items":[{"device":"b","name":"x","modbus":{"table":"coil","address":17}}],"total":1,"next":null}
  @ GET /tags
  {"items":[],"total":0,"next":null}
  @ GET /devices/c
  {"name":"c"}
  $ ctl tags a b c d
  > GET /tags?device=a&limit=1000
  > GET /tags?device=b&limit=1000
  > GET /tags?device=c&limit=1000
  > GET /devices/c
  > GET /tags?device=d&limit=1000
  > GET /devices/d
  tagferryctl: d: it is not there
  TAG   KEY   DIRECTION  TABLE             ADDRESS  MODICON  TYPE            SCALE     UNIT  LABEL
  a/t1  /a/t  both       holding_register        0   400001  float32         1         °C    L
  a/t2  k     to_modbus  holding_register    65535   465536  int32 CDAB      0.1 - 40
  a/t3                                                       bool bit 15     1 + 2.5
  a/t4                                                       int8 high byte  -2 + 40
  a/t5                                                       uint8 low byte
  a/t6                                                       string BADC 12
  b/x                    coil                   17
  [4]

  $ ctl tags a b -o csv
  > GET /tags?device=a&limit=1000
  > GET /tags?device=b&limit=1000
  device,name,mqtt.key,direction,modbus.table,modbus.address,modbus.modicon,modbus.type,modbus.scale,unit,label,mqtt.topic,mqtt.command_topic,modbus.byte_order,modbus.bit,modbus.byte,modbus.length,modbus.offset,enabled,description\r
  a,t1,/a/t,both,holding_register,0,400001,float32,1,°C,L,own/t,c,ABCD,,,,0,true,d\r
  a,t2,k,to_modbus,holding_register,65535,465536,int32,0.1,,,,,CDAB,,,,-40,false,\r
  a,t3,,,,,,bool,1,,,,,ABCD,15,,,2.5,true,\r
  a,t4,,,,,,int8,-2,,,,,DCBA,,high,,40,true,\r
  a,t5,,,,,,uint8,,,,,,,,,,,true,\r
  a,t6,,,,,,string,,,,,,BADC,,,12,,true,\r
  b,x,,,coil,17,,,,,,,,,,,,,,\r

  $ ctl tags a b -o json
  > GET /tags?device=a&limit=1000
  > GET /tags?device=b&limit=1000
  {"items":[
   {"device":"a","name":"t1","mqtt":{"key":"/a/t","topic":"own/t","command_topic":"c"},"direction":"both","modbus":{"table":"holding_register","address":0,"modicon":"400001","type":"float32","byte_order":"ABCD","scale":1,"offset":0},"unit":"°C","label":"L","enabled":true,"description":"d"},
   {"device":"a","name":"t2","mqtt":{"key":"k"},"direction":"to_modbus","modbus":{"table":"holding_register","address":65535,"modicon":"465536","type":"int32","byte_order":"CDAB","scale":0.1,"offset":-40,"bit":null},"enabled":false},
   {"device":"a","name":"t3","modbus":{"type":"bool","byte_order":"ABCD","bit":15,"scale":1,"offset":2.5},"enabled":true},
   {"device":"a","name":"t4","modbus":{"type":"int8","byte":"high","byte_order":"DCBA","scale":-2,"offset":40},"enabled":true},
   {"device":"a","name":"t5","modbus":{"type":"uint8"},"enabled":true},
   {"device":"a","name":"t6","modbus":{"type":"string","length":12,"byte_order":"BADC"},"enabled":true},{"device":"b","name":"x","modbus":{"table":"coil","address":17}}],"total":7,"next":null}

  $ ctl tags c -o json
  > GET /tags?device=c&limit=1000
  > GET /devices/c
  {"items":[],"total":0,"next":null}

  $ ctl tags d
  > GET /tags?device=d&limit=1000
  > GET /devices/d
  tagferryctl: d: it is not there
  [4]

  @ GET /tags?device=a&limit=6
  {"items":[{"name":"1"},{"name":"2"},{"name":"3"},{"name":"4"},{"name":"5"}],"total":5,"next":null}
  @ GET /tags?device=b&limit=1
  {"items":[{"name":"6"}],"total":12,"next":"6"}
  $ ctl tags a b d -n 6 -o json
  > GET /tags?device=a&limit=6
  > GET /tags?device=b&limit=1
  {"items":[{"name":"1"},{"name":"2"},{"name":"3"},{"name":"4"},{"name":"5"},{"name":"6"}],"total":17,"next":"6"}

  $ ctl tags a b -n 6 --table coil
  > GET /tags?table=coil&device=a&limit=6
  > GET /devices/a
  > GET /tags?table=coil&device=b&limit=6
  > GET /devices/b
  tagferryctl: a: it is not there
  tagferryctl: b: it is not there
  [4]

  $ ctl tags a b c -n 7 -q x
  > GET /tags?q=x&device=a&limit=7
  > GET /devices/a
  > GET /tags?q=x&device=b&limit=7
  > GET /devices/b
  > GET /tags?q=x&device=c&limit=7
  > GET /devices/c
  tagferryctl: a: it is not there
  tagferryctl: b: it is not there
  [4]

  $ ctl tags a profile:x
  tagferryctl: "profile:x" must be DEVICE
  Try: tagferryctl tags --help
  [2]

  $ ctl tags a/b
  tagferryctl: "a/b" must be DEVICE
  Try: tagferryctl tags --help
  [2]

  $ ctl tags
  > GET /tags?limit=1000
  TAG  KEY  DIRECTION  TABLE  ADDRESS  MODICON  TYPE  SCALE

  ! terminal 100x24
  $ ctl tags a b
  > GET /tags?device=a&limit=1000
  > GET /tags?device=b&limit=1000
  \e[1mTAG\e[0m   \e[1mKEY\e[0m   \e[1mDIRECTION\e[0m  \e[1mTABLE\e[0m             \e[1mADDRESS\e[0m  \e[1mMODICON\e[0m  \e[1mTYPE\e[0m            \e[1mSCALE\e[0m     \e[1mUNIT\e[0m  \e[1mLABEL\e[0m
  a/t1  /a/t  both       holding_register        0   400001  float32         1         °C    L
  \e[2ma/t2\e[0m  k     to_modbus  holding_register    65535   465536  int32 CDAB      0.1 - 40
  a/t3                                                       bool bit 15     1 + 2.5
  a/t4                                                       int8 high byte  -2 + 40
  a/t5                                                       uint8 low byte
  a/t6                                                       string BADC 12
  \e[2mb/x\e[0m                    coil                   17

  ! pipe
  @ GET /tags?device=b&limit=1000 code=6 reason=resolve
  $ ctl tags a b d
  > GET /tags?device=a&limit=1000
  > GET /tags?device=b&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: resolve
  TAG   KEY   DIRECTION  TABLE             ADDRESS  MODICON  TYPE            SCALE     UNIT  LABEL
  a/t1  /a/t  both       holding_register        0   400001  float32         1         °C    L
  a/t2  k     to_modbus  holding_register    65535   465536  int32 CDAB      0.1 - 40
  a/t3                                                       bool bit 15     1 + 2.5
  a/t4                                                       int8 high byte  -2 + 40
  a/t5                                                       uint8 low byte
  a/t6                                                       string BADC 12
  [3]

  @ GET /tags?device=b&limit=1000 401
  {"status":401,"detail":"no"}
  $ ctl tags a b d
  > GET /tags?device=a&limit=1000
  > GET /tags?device=b&limit=1000
  > GET /tags?device=d&limit=1000
  > GET /devices/d
  tagferryctl: the tags: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  tagferryctl: d: it is not there
  TAG   KEY   DIRECTION  TABLE             ADDRESS  MODICON  TYPE            SCALE     UNIT  LABEL
  a/t1  /a/t  both       holding_register        0   400001  float32         1         °C    L
  a/t2  k     to_modbus  holding_register    65535   465536  int32 CDAB      0.1 - 40
  a/t3                                                       bool bit 15     1 + 2.5
  a/t4                                                       int8 high byte  -2 + 40
  a/t5                                                       uint8 low byte
  a/t6                                                       string BADC 12
  [4]

Members of an object.

  @ GET /devices/a
  {"name":"a","label":"@x","description":"@","enabled":true,"profile":null,"network":{"unit_id":17,"modbus_host":null},"mqtt":{"topic":"t","values":{"ON":1},"expire_value":"12"},"status":null,"id":12,"revision":34,"created_at":"2026-01-02T03:04:05Z","updated_at":"x","warnings":[1],"modbus":5,"line":"a\nb\u001b"}
  @ GET /devices/a/tags/t
  {"name":"t","profile":"p","devices":1,"mqtt":{"expire_value":"word","key":"12"},"modbus":{"modicon":"400001","scale":0.30000000000000004}}
  @ GET /devices/a/tags/u
  {"mqtt":{"expire_value":true},"deep":{"expire_value":"1"},"big":12345678901234567890}
  @ GET /profiles/m
  {"name":"m","profile":"x","devices":3}
  $ ctl get a
  > GET /devices/a
  name=a
  label=@@x
  description=@@
  enabled=true
  profile=null
  network.unit_id=17
  network.modbus_host=null
  mqtt.topic=t
  mqtt.values={"ON":1}
  mqtt.expire_value="12"
  status=null
  # id=12
  # revision=34
  # created_at=2026-01-02T03:04:05Z
  # updated_at=x
  # warnings=[1]
  modbus=5
  line=a
  b\e

  $ ctl get a -o csv
  > GET /devices/a
  member,value\r
  name,a\r
  label,@x\r
  description,@\r
  enabled,true\r
  profile,\r
  network.unit_id,17\r
  network.modbus_host,\r
  mqtt.topic,t\r
  mqtt.values,"{""ON"":1}"\r
  mqtt.expire_value,12\r
  status,\r
  id,12\r
  revision,34\r
  created_at,2026-01-02T03:04:05Z\r
  updated_at,x\r
  warnings,[1]\r
  modbus,5\r
  line,"a
  b\e"\r

  $ ctl get a -o json
  > GET /devices/a
  {"name":"a","label":"@x","description":"@","enabled":true,"profile":null,"network":{"unit_id":17,"modbus_host":null},"mqtt":{"topic":"t","values":{"ON":1},"expire_value":"12"},"status":null,"id":12,"revision":34,"created_at":"2026-01-02T03:04:05Z","updated_at":"x","warnings":[1],"modbus":5,"line":"a\\nb\\u001b"}

  $ ctl get a/t
  > GET /devices/a/tags/t
  name=t
  # profile=p
  devices=1
  mqtt.expire_value=word
  mqtt.key=12
  # modbus.modicon=400001
  modbus.scale=0.30000000000000004

  $ ctl get a/u
  > GET /devices/a/tags/u
  mqtt.expire_value=true
  deep={"expire_value":"1"}
  big=1.2345678901234567e+19

  $ ctl get profile:m
  > GET /profiles/m
  name=m
  profile=x
  # devices=3

  $ ctl get a mqtt.topic label profile mqtt.values nothing id
  > GET /devices/a
  tagferryctl: a has no member nothing
  t
  @x
  \n
  {"ON":1}
  12
  [4]

  $ ctl get a mqtt.topic label profile mqtt.values nothing id -o csv
  > GET /devices/a
  tagferryctl: a has no member nothing
  member,value\r
  mqtt.topic,t\r
  label,@x\r
  profile,\r
  mqtt.values,"{""ON"":1}"\r
  id,12\r
  [4]

  $ ctl get a mqtt.topic label profile mqtt.values nothing id -o json
  > GET /devices/a
  tagferryctl: a has no member nothing
  "t"
  "@x"
  null
  {"ON":1}
  12
  [4]

  ! terminal 80x24
  $ ctl get a
  > GET /devices/a
  name=a
  label=@@x
  description=@@
  enabled=true
  profile=null
  network.unit_id=17
  network.modbus_host=null
  mqtt.topic=t
  mqtt.values={"ON":1}
  mqtt.expire_value="12"
  status=null
  \e[2m# id=12\e[0m
  \e[2m# revision=34\e[0m
  \e[2m# created_at=2026-01-02T03:04:05Z\e[0m
  \e[2m# updated_at=x\e[0m
  \e[2m# warnings=[1]\e[0m
  modbus=5
  line=a?b?

  $ ctl get a line
  > GET /devices/a
  a?b?

  ! pipe
  $ ctl get a ''
  tagferryctl: "" must be MEMBER, such as mqtt.topic
  Try: tagferryctl get --help
  [2]

  $ ctl get /t
  tagferryctl: "/t" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl get a/
  tagferryctl: "a/" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl get ''
  tagferryctl: "" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl get profile:
  tagferryctl: "profile:" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl get profile:a/b
  tagferryctl: "profile:a/b" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl get a/b/c
  tagferryctl: "a/b/c" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl get 'ä b/%?'
  > GET /devices/%C3%A4%20b/tags/%25%3F
  tagferryctl: ä b/%?: it is not there
  [4]

Values: registers in hex, bits, errors, units of tags in another order.

  @ GET /values?device=a&limit=1000
  {"items":[
   {"device":"a","tag":"t1","value":21.5,"quality":"good","reason":null,"age_ms":500,"raw":[16812,0],"received_at":"r","written_at":"w","messages":12,"rejects":34,"last_error":null},
   {"device":"a","tag":"t2","value":1,"quality":"bad","reason":"refused","age_ms":172800000,"raw":[1,null],"last_error":{"code":"out_of_range","detail":"70000"}},
   {"device":"a","tag":"t3","value":null,"quality":"stale","reason":"silent","age_ms":null,"raw":[65535,256,10],"last_error":{"code":"no_such","detail":""}},
   {"device":"a","tag":"t4","value":true,"quality":"never","reason":null,"raw":[],"last_error":{"code":"out_of_range"}}],"total":4,"next":null}
  @ GET /tags?device=a&limit=1000
  {"items":[{"device":"a","name":"t3","unit":"°C","modbus":{"table":"holding_register"}},{"device":"a","name":"t2","unit":"","modbus":{"table":"coil"}},
   {"device":"b","name":"t1","unit":"wrong"},{"device":"a","name":"t1","unit":"kW","modbus":{"table":"discrete_input"}}],"total":4,"next":null}
  @ GET /devices/a/tags/t1/value
  {"device":"a","tag":"t1","value":21.5,"quality":"good","age_ms":0,"raw":[10]}
  @ GET /devices/a/tags/t1
  {"device":"a","name":"t1","unit":"K","modbus":{"table":"input_register"}}
  $ ctl value a
  > GET /values?device=a&limit=1000
  > GET /tags?device=a&limit=1000
  TAG   VALUE  UNIT  QUALITY    AGE  REASON                                                 REGISTERS
  a/t1   21.5  kW    good     0.5 s                                                         16812 0
  a/t2      1        bad        2 d  refused: the number does not fit into the type: 70000  1
  a/t3         °C    stale           silent: no such                                        FFFF 0100 000A
  a/t4   true        never

  $ ctl value a a/t1 a/none c d -w
  > GET /values?quality=bad%2Cstale%2Cnever&device=a&limit=1000
  > GET /devices/a/tags/t1/value
  > GET /devices/a/tags/t1
  > GET /devices/a/tags/none/value
  > GET /values?quality=bad%2Cstale%2Cnever&device=c&limit=1000
  > GET /values?quality=bad%2Cstale%2Cnever&device=d&limit=1000
  tagferryctl: the values: it is not there
  tagferryctl: a/none: it is not there
  tagferryctl: the values: it is not there
  tagferryctl: the values: it is not there
  TAG   VALUE  UNIT  QUALITY    AGE  REGISTERS
  a/t1   21.5  K     good     0.0 s  000A
  [4]

  $ ctl value a a/t1 -o csv
  > GET /values?device=a&limit=1000
  > GET /tags?device=a&limit=1000
  > GET /devices/a/tags/t1/value
  > GET /devices/a/tags/t1
  device,tag,value,unit,quality,age_ms,reason,raw,received_at,written_at,messages,rejects,last_error.code,last_error.detail\r
  a,t1,21.5,kW,good,500,,"[16812,0]",r,w,12,34,,\r
  a,t2,1,,bad,172800000,refused,"[1,null]",,,,,out_of_range,70000\r
  a,t3,,°C,stale,,silent,"[65535,256,10]",,,,,no_such,\r
  a,t4,true,,never,,,[],,,,,out_of_range,\r
  a,t1,21.5,K,good,0,,[10],,,,,,\r

  $ ctl value a a/t1 -o json
  > GET /values?device=a&limit=1000
  > GET /devices/a/tags/t1/value
  {"items":[
   {"device":"a","tag":"t1","value":21.5,"quality":"good","reason":null,"age_ms":500,"raw":[16812,0],"received_at":"r","written_at":"w","messages":12,"rejects":34,"last_error":null},
   {"device":"a","tag":"t2","value":1,"quality":"bad","reason":"refused","age_ms":172800000,"raw":[1,null],"last_error":{"code":"out_of_range","detail":"70000"}},
   {"device":"a","tag":"t3","value":null,"quality":"stale","reason":"silent","age_ms":null,"raw":[65535,256,10],"last_error":{"code":"no_such","detail":""}},
   {"device":"a","tag":"t4","value":true,"quality":"never","reason":null,"raw":[],"last_error":{"code":"out_of_range"}},{"device":"a","tag":"t1","value":21.5,"quality":"good","age_ms":0,"raw":[10]}],"total":5,"next":null}

  $ ctl value a/t1 -o json
  > GET /devices/a/tags/t1/value
  {"device":"a","tag":"t1","value":21.5,"quality":"good","age_ms":0,"raw":[10]}

  $ ctl value a/none
  > GET /devices/a/tags/none/value
  tagferryctl: a/none: it is not there
  [4]

  $ ctl value -d a --table coil -n 3 -o csv
  > GET /values?table=coil&device=a&limit=3
  tagferryctl: the values: it is not there
  [4]

  $ ctl value a/t1 ''
  tagferryctl: "" must be DEVICE or DEVICE/TAG
  Try: tagferryctl value --help
  [2]

  $ ctl value
  > GET /values?limit=1000
  tagferryctl: the values: it is not there
  [4]

  ! terminal 60x24
  $ ctl value a
  > GET /values?device=a&limit=1000
  > GET /tags?device=a&limit=1000
  \e[1mTAG\e[0m   \e[1mVALUE\e[0m  \e[1mUNIT\e[0m  \e[1mQUALITY\e[0m    \e[1mAGE\e[0m  \e[1mREASON\e[0m
  a/t1   21.5  kW    \e[32mgood\e[0m     0.5 s
  a/t2      1        \e[31mbad\e[0m        2 d  refused: the number does…
  a/t3         °C    \e[33mstale\e[0m           silent: no such
  a/t4   true        \e[2mnever\e[0m

  ! pipe
  @ GET /values?device=a&limit=1000 code=6 reason=x
  $ ctl value a a/t1
  > GET /values?device=a&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: x
  [3]
