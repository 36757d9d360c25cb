why: what it asks for, and how it shows the chain. Where chains end is in why_chains.txt.

  @ GET /readyz
  {"mqttd":{"state":"up","since":"2026-01-02T03:00:00.000Z"},"modbusd":{"state":"up"},"broker":{"state":"up"},"store":{"state":"up"}}
  @ GET /devices/a
  {"name":"a","enabled":true,"network":{"unit_id":17},"mqtt":{"topic":"p/a","stale_after_s":0}}
  @ GET /devices/a/tags/t
  {"name":"t","enabled":true,"direction":"to_modbus","unit":"°C","mqtt":{"key":"t"},"modbus":{"table":"holding_register","address":12,"modicon":"400013","type":"uint16","byte_order":"ABCD","scale":1,"offset":0}}
  @ GET /devices/a/status
  {"quality":"good","last_message_at":"2026-01-02T03:04:00.000Z"}
  @ GET /devices/a/tags/t/value
  {"value":12,"raw":[12],"quality":"good","reason":null,"received_at":"2026-01-02T03:04:00.000Z","written_at":"2026-01-02T03:04:00.001Z","age_ms":5000}
  @ POST /discoveries/preview
  {"message":{"topic":"p/a","at":"2026-01-02T03:04:00.000Z","payload":"{\"t\":12}","bytes":8,"encoding":"text"},"found":true,"json":12,"read":12,"value":12,"raw":[12]}
  @ GET /messages?limit=50&device=a
  {"items":[{"at":"2026-01-02T03:04:00.000Z","topic":"p/a","outcome":"taken","tags":1,"written":1,"rejected":0,"held":0}],"total":1}
  @ GET /modbus/clients
  {"items":[{"side":"scada"},{"side":"inputs"},{"side":"scada"}],"refused":[]}
  @ GET /audit?limit=10&device=a&tag=t
  {"items":[],"total":0}
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE  DETAIL
  api       ok     tagferry-api at http://127.0.0.1:5000
  store     ok     the store works
  mqttd     ok     tagferry-mqttd works since 03:00:00
  broker    ok     the MQTT broker works
  modbusd   ok     tagferry-modbusd works
  device    ok     a is enabled
  topic     ok     p/a
  message   ok     03:04:00 on p/a, 8 bytes, 1 of 1 tags written, 0 refused, 0 held: {"t":12}
  key       ok     t has 12
  number    ok     12 °C
  type      ok     uint16 12
  register  ok     holding register 12 (400013), unit 17: 0x000C
  server    ok     tagferry-modbusd of this gateway, written at 03:04:00
  client    ok     function 3 reads 12 °C (uint16 ABCD)
  scada     ok     2 connections, including those of tagferry-api
  \n
  a/t: the chain is whole: the register has the newest value.

  $ ctl why a t -o csv
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  link,state,detail\r
  api,ok,tagferry-api at http://127.0.0.1:5000\r
  store,ok,the store works\r
  mqttd,ok,tagferry-mqttd works since 03:00:00\r
  broker,ok,the MQTT broker works\r
  modbusd,ok,tagferry-modbusd works\r
  device,ok,a is enabled\r
  topic,ok,p/a\r
  message,ok,"03:04:00 on p/a, 8 bytes, 1 of 1 tags written, 0 refused, 0 held: {""t"":12}"\r
  key,ok,t has 12\r
  number,ok,12 °C\r
  type,ok,uint16 12\r
  register,ok,"holding register 12 (400013), unit 17: 0x000C"\r
  server,ok,"tagferry-modbusd of this gateway, written at 03:04:00"\r
  client,ok,function 3 reads 12 °C (uint16 ABCD)\r
  scada,ok,"2 connections, including those of tagferry-api"\r
  verdict,whole,a/t: the chain is whole: the register has the newest value.\r

  $ ctl why a/t -o json
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  {"device":"a","tag":"t","code":"whole","error":"","is_whole":true,"link":"","sentence":"a/t: the chain is whole: the register has the newest value.","remedy":"","commands":[],"links":[{"link":"api","state":"ok","detail":"tagferry-api at http://127.0.0.1:5000"},{"link":"store","state":"ok","detail":"the store works"},{"link":"mqttd","state":"ok","detail":"tagferry-mqttd works since 03:00:00"},{"link":"broker","state":"ok","detail":"the MQTT broker works"},{"link":"modbusd","state":"ok","detail":"tagferry-modbusd works"},{"link":"device","state":"ok","detail":"a is enabled"},{"link":"topic","state":"ok","detail":"p/a"},{"link":"message","state":"ok","detail":"03:04:00 on p/a, 8 bytes, 1 of 1 tags written, 0 refused, 0 held: {\\"t\\":12}"},{"link":"key","state":"ok","detail":"t has 12"},{"link":"number","state":"ok","detail":"12 °C"},{"link":"type","state":"ok","detail":"uint16 12"},{"link":"register","state":"ok","detail":"holding register 12 (400013), unit 17: 0x000C"},{"link":"server","state":"ok","detail":"tagferry-modbusd of this gateway, written at 03:04:00"},{"link":"client","state":"ok","detail":"function 3 reads 12 °C (uint16 ABCD)"},{"link":"scada","state":"ok","detail":"2 connections, including those of tagferry-api"}]}

  ! terminal 60x24
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  \e[1mLINK\e[0m      \e[1mSTATE\e[0m  \e[1mDETAIL\e[0m
  api       \e[32mok\e[0m     tagferry-api at http://127.0.0.1:5000
  store     \e[32mok\e[0m     the store works
  mqttd     \e[32mok\e[0m     tagferry-mqttd works since 03:00:00
  broker    \e[32mok\e[0m     the MQTT broker works
  modbusd   \e[32mok\e[0m     tagferry-modbusd works
  device    \e[32mok\e[0m     a is enabled
  topic     \e[32mok\e[0m     p/a
  message   \e[32mok\e[0m     03:04:00 on p/a, 8 bytes, 1 of 1 tags writ…
  key       \e[32mok\e[0m     t has 12
  number    \e[32mok\e[0m     12 °C
  type      \e[32mok\e[0m     uint16 12
  register  \e[32mok\e[0m     holding register 12 (400013), unit 17: 0x0…
  server    \e[32mok\e[0m     tagferry-modbusd of this gateway, written …
  client    \e[32mok\e[0m     function 3 reads 12 °C (uint16 ABCD)
  scada     \e[32mok\e[0m     2 connections, including those of tagferry…
  \n
  a/t: the chain is whole: the register has the newest value.

  ! pipe

Of a device, its first tag that is not good.

  @ GET /values?limit=1000&device=a
  {"items":[{"tag":"g","quality":"good"},{"tag":"d","quality":"never","reason":"disabled"},{"tag":"n","quality":"never"},{"tag":"t","quality":"stale"},{"tag":"s","quality":"stale"},{"tag":"o1","quality":"good"},{"tag":"o2","quality":"good"},{"tag":"o3","quality":"good"},{"tag":"o4","quality":"good"},{"tag":"o5","quality":"good"},{"tag":"o6","quality":"good"},{"tag":"o7","quality":"good"},{"tag":"o8","quality":"good"},{"tag":"o9","quality":"good"},{"tag":"o10","quality":"good"},{"tag":"o11","quality":"good"}]}
  $ ctl why a
  > GET /readyz
  > GET /devices/a
  > GET /values?limit=1000&device=a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE  DETAIL
  api       ok     tagferry-api at http://127.0.0.1:5000
  store     ok     the store works
  mqttd     ok     tagferry-mqttd works since 03:00:00
  broker    ok     the MQTT broker works
  modbusd   ok     tagferry-modbusd works
  device    ok     a is enabled
  tags      look   12 of 16 are good; the links below are those of t
  topic     ok     p/a
  message   ok     03:04:00 on p/a, 8 bytes, 1 of 1 tags written, 0 refused, 0 held: {"t":12}
  key       ok     t has 12
  number    ok     12 °C
  type      ok     uint16 12
  register  ok     holding register 12 (400013), unit 17: 0x000C
  server    ok     tagferry-modbusd of this gateway, written at 03:04:00
  client    ok     function 3 reads 12 °C (uint16 ABCD)
  scada     ok     2 connections, including those of tagferry-api
  \n
  a/t: the chain is whole: the register has the newest value.

  @ GET /values?limit=1000&device=a
  {"items":[{"tag":"d","quality":"bad","reason":"disabled"},{"tag":"t","quality":"good"}]}
  $ ctl why a -o csv
  > GET /readyz
  > GET /devices/a
  > GET /values?limit=1000&device=a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  link,state,detail\r
  api,ok,tagferry-api at http://127.0.0.1:5000\r
  store,ok,the store works\r
  mqttd,ok,tagferry-mqttd works since 03:00:00\r
  broker,ok,the MQTT broker works\r
  modbusd,ok,tagferry-modbusd works\r
  device,ok,a is enabled\r
  tags,look,"1 of 2 are good; the links below are those of t"\r
  topic,ok,p/a\r
  message,ok,"03:04:00 on p/a, 8 bytes, 1 of 1 tags written, 0 refused, 0 held: {""t"":12}"\r
  key,ok,t has 12\r
  number,ok,12 °C\r
  type,ok,uint16 12\r
  register,ok,"holding register 12 (400013), unit 17: 0x000C"\r
  server,ok,"tagferry-modbusd of this gateway, written at 03:04:00"\r
  client,ok,function 3 reads 12 °C (uint16 ABCD)\r
  scada,ok,"2 connections, including those of tagferry-api"\r
  verdict,whole,a/t: the chain is whole: the register has the newest value.\r

  @ GET /values?limit=1000&device=a
  {"items":[{"tag":"t","quality":"never","reason":"disabled"}]}
  $ ctl why a -o csv
  > GET /readyz
  > GET /devices/a
  > GET /values?limit=1000&device=a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  link,state,detail\r
  api,ok,tagferry-api at http://127.0.0.1:5000\r
  store,ok,the store works\r
  mqttd,ok,tagferry-mqttd works since 03:00:00\r
  broker,ok,the MQTT broker works\r
  modbusd,ok,tagferry-modbusd works\r
  device,ok,a is enabled\r
  tags,look,0 of 1 are good\r
  topic,ok,p/a\r
  message,ok,"03:04:00 on p/a, 8 bytes, 1 of 1 tags written, 0 refused, 0 held: {""t"":12}"\r
  key,ok,t has 12\r
  number,ok,12 °C\r
  type,ok,uint16 12\r
  register,ok,"holding register 12 (400013), unit 17: 0x000C"\r
  server,ok,"tagferry-modbusd of this gateway, written at 03:04:00"\r
  client,ok,function 3 reads 12 °C (uint16 ABCD)\r
  scada,ok,"2 connections, including those of tagferry-api"\r
  verdict,whole,a/t: the chain is whole: the register has the newest value.\r

  @ GET /values?limit=1000&device=a
  {"items":[]}
  $ ctl why a
  > GET /readyz
  > GET /devices/a
  > GET /values?limit=1000&device=a
  > GET /devices/a/status
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  LINK     STATE      DETAIL
  api      ok         tagferry-api at http://127.0.0.1:5000
  store    ok         the store works
  mqttd    ok         tagferry-mqttd works since 03:00:00
  broker   ok         the MQTT broker works
  modbusd  ok         tagferry-modbusd works
  device   ok         a is enabled
  tags     ends here  0 of 0 are good
  topic               p/a
  message             03:04:00 on p/a,  bytes, 1 of 1 tags written, 0 refused, 0 held:\x20
  scada               2 connections, including those of tagferry-api
  \n
  a: the chain ends at "tags": the device has no tags.
  Add tags, or let Tagferry propose them from the messages.
    tagferryctl learn p/a
  [1]

  @ GET /values?limit=1000&device=a 401
  {"status":401}
  $ ctl why a -o json
  > GET /readyz
  > GET /devices/a
  > GET /values?limit=1000&device=a
  > GET /devices/a/status
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  {"device":"a","tag":null,"code":"whole","error":"","is_whole":true,"link":"","sentence":"a: the chain is whole: messages of the device come.","remedy":"","commands":[],"links":[{"link":"api","state":"ok","detail":"tagferry-api at http://127.0.0.1:5000"},{"link":"store","state":"ok","detail":"the store works"},{"link":"mqttd","state":"ok","detail":"tagferry-mqttd works since 03:00:00"},{"link":"broker","state":"ok","detail":"the MQTT broker works"},{"link":"modbusd","state":"ok","detail":"tagferry-modbusd works"},{"link":"device","state":"ok","detail":"a is enabled"},{"link":"topic","state":"ok","detail":"p/a"},{"link":"message","state":"ok","detail":"03:04:00 on p/a,  bytes, 1 of 1 tags written, 0 refused, 0 held: "},{"link":"scada","state":"ok","detail":"2 connections, including those of tagferry-api"}]}

Of a tag that SCADA writes, whose value cannot be read.

  @ GET /devices/a/tags/t
  {"name":"t","enabled":true,"direction":"to_mqtt","mqtt":{"key":"t","command_topic":"c/t"},"modbus":{"table":"coil","address":12,"modicon":"000013","type":"bool","byte_order":"ABCD","scale":1,"offset":0}}
  @ GET /devices/a/tags/t/value 503
  {"status":503,"detail":"the server does not answer"}
  @ GET /values?limit=1000&device=a
  {"items":[{"tag":"x","quality":"bad"},{"tag":"t","quality":"never","reason":"never_heard","raw":[1]}]}
  @ GET /devices/a/tags/t/history?from=2025-12-26T03%3A04%3A05.250Z&points=2
  {"events":[{"at":1767323045000,"kind":"write","code":"scada","detail":"1"}]}
  @ POST /discoveries/preview 404
  {"status":404}
  @ GET /messages?limit=1000
  {"items":[]}
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > GET /values?limit=1000&device=a
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /devices/a/tags/t/history?from=2025-12-26T03%3A04%3A05.250Z&points=2
  > GET /messages?limit=50&device=a
  > GET /messages?limit=1000
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE  DETAIL
  api       ok     tagferry-api at http://127.0.0.1:5000
  store     ok     the store works
  mqttd     ok     tagferry-mqttd works since 03:00:00
  broker    ok     the MQTT broker works
  modbusd   ok     tagferry-modbusd works
  device    ok     a is enabled
  scada     ok     2 connections, including those of tagferry-api; the newest write was 1, of scada
  register  ok     coil 12 (000013), unit 17: 0x0001
  server    look   tagferry-modbusd of this gateway, nothing written yet
  client    ok     function 1 reads  (bool ABCD)
  command   ok     what SCADA writes is published on c/t
  \n
  a/t: the chain is whole: the newest write, 1, was taken to be published on c/t.

  @ GET /devices/a/tags/t/history?from=2025-12-26T03%3A04%3A05.250Z&points=2
  {"events":[]}
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > GET /values?limit=1000&device=a
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /devices/a/tags/t/history?from=2025-12-26T03%3A04%3A05.250Z&points=2
  > GET /messages?limit=50&device=a
  > GET /messages?limit=1000
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE      DETAIL
  api       ok         tagferry-api at http://127.0.0.1:5000
  store     ok         the store works
  mqttd     ok         tagferry-mqttd works since 03:00:00
  broker    ok         the MQTT broker works
  modbusd   ok         tagferry-modbusd works
  device    ok         a is enabled
  scada     ends here  2 connections, including those of tagferry-api
  register             coil 12 (000013), unit 17: 0x0001
  server               tagferry-modbusd of this gateway, nothing written yet
  client               function 1 reads  (bool ABCD)
  command              what SCADA writes is published on c/t
  \n
  a/t: the chain ends at "scada": SCADA has not written the register.
  Check that SCADA is connected and writes this register.
    tagferryctl clients
  [1]

Nothing is heard: all messages are looked at.

  @ GET /devices/a/tags/t
  {"name":"t","enabled":true,"direction":"to_modbus","mqtt":{"key":"t"},"modbus":{"table":"coil","address":12,"modicon":"000013","type":"bool"}}
  @ GET /messages?limit=1000
  {"items":[{"topic":"p/b","outcome":"nobody"}]}
  @ GET /messages?limit=50&device=a
  {"items":[]}
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > GET /values?limit=1000&device=a
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /messages?limit=1000
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE      DETAIL
  api       ok         tagferry-api at http://127.0.0.1:5000
  store     ok         the store works
  mqttd     ok         tagferry-mqttd works since 03:00:00
  broker    ok         the MQTT broker works
  modbusd   ok         tagferry-modbusd works
  device    ok         a is enabled
  topic     ok         p/a
  message   ends here  the newest came at 2026-01-02T03:04:00.000Z, and is not kept any more
  register             coil 12 (000013), unit 17: 0x0001
  server               tagferry-modbusd of this gateway, nothing written yet
  client               function 1 reads  (bool )
  scada                2 connections, including those of tagferry-api
  \n
  a/t: the chain ends at "message": no message has come on p/a.
  Check that the device runs and publishes, and that its topic and the key of the value are right: capital letters matter.
    tagferryctl learn 'p/#'
  [1]

  @ POST /discoveries/preview
  {"message":{"topic":"p/a","at":"2026-01-02T03:04:00.000Z","payload":"7b","bytes":1,"encoding":"hex"},"found":false,"error":{"code":"key_not_found"}}
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > GET /values?limit=1000&device=a
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE      DETAIL
  api       ok         tagferry-api at http://127.0.0.1:5000
  store     ok         the store works
  mqttd     ok         tagferry-mqttd works since 03:00:00
  broker    ok         the MQTT broker works
  modbusd   ok         tagferry-modbusd works
  device    ok         a is enabled
  topic     ok         p/a
  message   ok         03:04:00 on p/a, 1 byte: 7b
  key       ends here  t is not in the message, which has no keys
  register             coil 12 (000013), unit 17: 0x0001
  server               tagferry-modbusd of this gateway, nothing written yet
  client               function 1 reads  (bool )
  scada                2 connections, including those of tagferry-api
  \n
  a/t: the chain ends at "key": the newest message does not have the key t; it has no keys.
  Change the key of the tag, or let the device send it: capital letters matter, a key within an object is a pointer, such as /a/b.
    tagferryctl messages a
  [1]

Some parts do not work.

  @ GET /readyz
  {"mqttd":{"state":"down","reason":"not_running","since":"2026-01-02T03:00:00.000Z"},"store":{"state":"up"}}
  $ ctl why a/t
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/t
  > GET /devices/a/status
  > GET /devices/a/tags/t/value
  > GET /values?limit=1000&device=a
  > POST /discoveries/preview <- {"device":"a","tag":{"name":"t"}}
  > GET /messages?limit=50&device=a
  > GET /modbus/clients
  > GET /audit?limit=10&device=a&tag=t
  LINK      STATE      DETAIL
  api       ok         tagferry-api at http://127.0.0.1:5000
  store     ok         the store works
  mqttd     ends here  tagferry-mqttd does not run since 03:00:00
  device               a is enabled
  topic                p/a
  message              03:04:00 on p/a, 1 byte: 7b
  key                  t is not in the message, which has no keys
  register             coil 12 (000013), unit 17: 0x0001
  server               tagferry-modbusd of this gateway, nothing written yet
  client               function 1 reads  (bool )
  scada                2 connections, including those of tagferry-api
  \n
  a/t: the chain ends at "mqttd": tagferry-mqttd does not run.
  On the gateway, systemctl status tagferry-mqttd says why it ended, and systemctl start tagferry-mqttd starts it.
    systemctl start tagferry-mqttd
    journalctl -u tagferry-mqttd -n 50
  [1]

  @ GET /readyz
  {"store":{"state":"down","reason":"cannot_be_read","detail":"disk \u001b"}}
  $ ctl why a/t
  > GET /readyz
  LINK   STATE      DETAIL
  api    ok         tagferry-api at http://127.0.0.1:5000
  store  ends here  the store cannot be read (disk ?)
  \n
  a/t: the chain ends at "store": the store cannot be read (disk ?).
  Check the disk, the owner and the mode of the store. Restore a backup if the file is damaged.
    journalctl -u tagferry-api -n 50
  [1]

  @ GET /readyz code=7 reason=refused
  $ ctl why a/t
  > GET /readyz
  > waits 200 ms
  > GET /readyz
  > waits 400 ms
  > GET /readyz
  tagferryctl: http://127.0.0.1:5000 does not answer: refused
  Does tagferry-api run there? Another server is chosen with --url.
  LINK  STATE      DETAIL
  api   ends here  tagferry-api at http://127.0.0.1:5000
  \n
  a/t: the chain ends at "api": tagferry-api at http://127.0.0.1:5000 does not answer (refused).
  Check on the gateway that it runs, and that the URL is right (--url).
    systemctl status tagferry-api
    journalctl -u tagferry-api -n 50
  [3]

  $ ctl why a/t -o json
  > GET /readyz
  > waits 200 ms
  > GET /readyz
  > waits 400 ms
  > GET /readyz
  tagferryctl: http://127.0.0.1:5000 does not answer: refused
  Does tagferry-api run there? Another server is chosen with --url.
  {"device":"a","tag":"t","code":"api_down","error":"","is_whole":false,"link":"api","sentence":"a/t: the chain ends at \\"api\\": tagferry-api at http://127.0.0.1:5000 does not answer (refused).","remedy":"Check on the gateway that it runs, and that the URL is right (--url).","commands":["systemctl status tagferry-api","journalctl -u tagferry-api -n 50"],"links":[{"link":"api","state":"ends here","detail":"tagferry-api at http://127.0.0.1:5000"}]}
  [3]

What is not there.

  @ GET /readyz
  {}
  $ ctl why b
  > GET /readyz
  > GET /devices/b
  tagferryctl: b: it is not there
  [4]

  $ ctl why a/none
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/none
  tagferryctl: a/none: it is not there
  [4]

  $ ctl why a none
  > GET /readyz
  > GET /devices/a
  > GET /devices/a/tags/none
  tagferryctl: a/none: it is not there
  [4]

  $ ctl why a/t t
  tagferryctl: "a/t/t" must be DEVICE/TAG
  Try: tagferryctl why --help
  [2]

  $ ctl why profile:a
  tagferryctl: "profile:a" must be DEVICE or DEVICE/TAG
  Try: tagferryctl why --help
  [2]

  $ ctl why a b c
  tagferryctl: too many operands: the command is tagferryctl why DEVICE[/TAG] [TAG]
  Try: tagferryctl why --help
  [2]

  $ ctl why
  tagferryctl: operands are missing: the command is tagferryctl why DEVICE[/TAG] [TAG]
  Try: tagferryctl why --help
  [2]
