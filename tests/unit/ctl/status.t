What status asks, and how it says what is wrong.

All is well.

  @ GET /readyz
  {"status":"ready","revision":12,"mqttd":{"state":"up","since":"2026-01-02T03:00:00.000Z"},
   "modbusd":{"state":"up"},"broker":{"state":"up"},"store":{"state":"up"}}
  @ GET /session
  {"name":"hmi","scope":"read","tokens":true,"version":"1.2.3"}
  @ GET /gateways
  {"items":[{"self":true,"devices":12,"role":"leader","name":"","leader":null,"lag_s":null,"term":3,"last_error":null}]}
  @ GET /devices
  {"items":[],"total":0,"next":null}
  @ GET /tags
  {"items":[{}],"total":66,"next":"x"}
  @ GET /values
  {"items":[],"total":0,"next":null}

  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE  DETAIL
  gateway  ready  http://127.0.0.1:5000, version 1.2.3, revision 12
  mqttd    up     for 4 min
  modbusd  up
  broker   up
  store    up
  devices  good   of 12
  tags     good   of 66

  $ ctl status --check -o csv
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  part,state,detail\r
  gateway,ready,"http://127.0.0.1:5000, version 1.2.3, revision 12"\r
  mqttd,up,since 2026-01-02T03:00:00.000Z\r
  modbusd,up,\r
  broker,up,\r
  store,up,\r
  devices,good,of 12\r
  tags,good,of 66\r

  $ ctl status -o json
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  {"readyz":{"status":"ready","revision":12,"mqttd":{"state":"up","since":"2026-01-02T03:00:00.000Z"},
   "modbusd":{"state":"up"},"broker":{"state":"up"},"store":{"state":"up"}},"session":{"name":"hmi","scope":"read","tokens":true,"version":"1.2.3"},"gateways":{"items":[{"self":true,"devices":12,"role":"leader","name":"","leader":null,"lag_s":null,"term":3,"last_error":null}]},"devices":{"items":[],"total":0,"next":null},"tags":{"items":[{}],"total":66,"next":"x"},"values":{"items":[],"total":0,"next":null}}

  $ ctl status more
  tagferryctl: too many operands: the command is tagferryctl status
  Try: tagferryctl status --help
  [2]

  ! terminal 60x24
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  \e[1mPART\e[0m     \e[1mSTATE\e[0m  \e[1mDETAIL\e[0m
  gateway  \e[32mready\e[0m  http://127.0.0.1:5000, version 1.2.3, revis…
  mqttd    \e[32mup\e[0m     for 4 min
  modbusd  \e[32mup\e[0m
  broker   \e[32mup\e[0m
  store    \e[32mup\e[0m
  devices  \e[32mgood\e[0m   of 12
  tags     \e[32mgood\e[0m   of 66

  ! pipe

Parts that do not work: with a reason, a detail, both or none; times of all sizes.

  @ GET /readyz 503
  {"status":"not_ready","revision":1048576,
   "mqttd":{"state":"down","reason":"not_running","since":"2026-01-02T03:03:55.000Z"},
   "modbusd":{"state":"down","reason":"hangs","detail":"pid 17","since":"2026-01-02T03:02:05.001Z"},
   "broker":{"state":"down","detail":"10.0.0.9:1883","since":"2025-12-31T03:04:06.000Z"},
   "store":{"state":"unknown","reason":"no_such_reason","since":"2025-12-31T03:04:04.000Z"}}
  @ GET /devices
  {"items":[],"total":3,"next":null}

One gateway of several, which follows, with an error.

  @ GET /gateways
  {"items":[{"self":false,"devices":99,"role":"leader","name":"a"},
   {"self":true,"devices":12,"role":"follower","name":"line-2","leader":"http://10.0.0.1:5000","lag_s":130.5,"term":17,
    "last_error":{"code":"unreachable","detail":"refused"}}]}

Causes, the newest first: with the newest error of each, the first three devices, and at most eight causes.

  @ GET /values
  {"items":[
   {"device":"a","tag":"t1","quality":"bad","reason":"refused","received_at":"2026-01-02T03:00:00.000Z","last_error":{"code":"out_of_range","detail":"70000","at":"2026-01-02T03:03:00.000Z"}},
   {"device":"a","tag":"t2","quality":"bad","reason":"refused","received_at":"2026-01-02T03:00:00.000Z","last_error":{"code":"not_a_number","detail":"hot","at":"2026-01-02T03:04:00.000Z"}},
   {"device":"b","tag":"t1","quality":"bad","reason":"refused","received_at":"2026-01-02T03:04:01.000Z","last_error":{"code":"null_value","at":"2026-01-02T03:03:59.000Z"}},
   {"device":"c","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:05.000Z","last_error":null},
   {"device":"d","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:06.000Z","last_error":null},
   {"device":"e","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:07.000Z","last_error":null},
   {"device":"e","tag":"t2","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:04.000Z","last_error":null},
   {"device":"f","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:03.000Z","last_error":null},
   {"device":"g","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:03.000Z","last_error":null},
   {"device":"h","tag":"t1","quality":"never","reason":"never_heard","received_at":null,"last_error":null},
   {"device":"i","tag":"t1","quality":"never","reason":"disabled","received_at":null,"last_error":null},
   {"device":"j","tag":"t1","quality":"bad","reason":"unavailable","received_at":"2026-01-02T03:04:05.000Z","last_error":null},
   {"device":"k","tag":"t1","quality":"bad","reason":"bad_quality","received_at":"2026-01-02T03:04:04.000Z","last_error":null},
   {"device":"l","tag":"t1","quality":"bad","reason":"target_down","received_at":"2026-01-02T03:04:03.000Z","last_error":null},
   {"device":"m","tag":"t1","quality":"bad","reason":"old_messages","received_at":"2026-01-02T03:04:02.500Z","last_error":null},
   {"device":"n","tag":"t1","quality":"bad","reason":"not_json","received_at":"2026-01-02T03:04:02.250Z","last_error":null},
   {"device":"o","tag":"t1","quality":"stale","reason":"mqttd_down","received_at":"2026-01-02T03:04:02.125Z","last_error":null}
   ],"total":17,"next":null}

  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE         DETAIL
  gateway  not ready     http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down          does not run, for 10 s
  modbusd  down          does not respond: pid 17, for 120 s
  broker   down          10.0.0.9:1883, for 48 h
  store    unknown       no such reason, for 2 d
  role     follower      line-2, term 17, follows http://10.0.0.1:5000, 2 min behind: The leader does not answer: refused
  devices  3 not good    of 12
  tags     17 not good   of 66: 8 bad, 7 stale, 2 never
  cause    unavailable   1 tag of j, 0.0 s ago: the device says that it is not available
  cause    bad_quality   1 tag of k, 1.0 s ago: the device says that the value is not good
  cause    target_down   1 tag of l, 2.0 s ago: the Modbus server of the device does not answer
  cause    old_messages  1 tag of m, 2.5 s ago: the newest message is older than one before
  cause    not_json      1 tag of n, 2.8 s ago: the newest message is not JSON
  cause    mqttd_down    1 tag of o, 2.9 s ago: tagferry-mqttd does not run
  cause    refused       3 tags of a, b, 5.0 s ago: the value is not a number: hot
  cause    silent        6 tags of c, d, e and 2 more, 60 min ago: no message for too long

  $ ctl status --check
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE         DETAIL
  gateway  not ready     http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down          does not run, for 10 s
  modbusd  down          does not respond: pid 17, for 120 s
  broker   down          10.0.0.9:1883, for 48 h
  store    unknown       no such reason, for 2 d
  role     follower      line-2, term 17, follows http://10.0.0.1:5000, 2 min behind: The leader does not answer: refused
  devices  3 not good    of 12
  tags     17 not good   of 66: 8 bad, 7 stale, 2 never
  cause    unavailable   1 tag of j, 0.0 s ago: the device says that it is not available
  cause    bad_quality   1 tag of k, 1.0 s ago: the device says that the value is not good
  cause    target_down   1 tag of l, 2.0 s ago: the Modbus server of the device does not answer
  cause    old_messages  1 tag of m, 2.5 s ago: the newest message is older than one before
  cause    not_json      1 tag of n, 2.8 s ago: the newest message is not JSON
  cause    mqttd_down    1 tag of o, 2.9 s ago: tagferry-mqttd does not run
  cause    refused       3 tags of a, b, 5.0 s ago: the value is not a number: hot
  cause    silent        6 tags of c, d, e and 2 more, 60 min ago: no message for too long
  [1]

  $ ctl status --check -o csv
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  part,state,detail\r
  gateway,not ready,"http://127.0.0.1:5000, version 1.2.3, revision 1048576"\r
  mqttd,down,"does not run, since 2026-01-02T03:03:55.000Z"\r
  modbusd,down,"does not respond: pid 17, since 2026-01-02T03:02:05.001Z"\r
  broker,down,"10.0.0.9:1883, since 2025-12-31T03:04:06.000Z"\r
  store,unknown,"no such reason, since 2025-12-31T03:04:04.000Z"\r
  role,follower,"line-2, term 17, follows http://10.0.0.1:5000, 2 min behind: The leader does not answer: refused"\r
  devices,3 not good,of 12\r
  tags,17 not good,"of 66: 8 bad, 7 stale, 2 never"\r
  cause,unavailable,"1 tag of j, 2026-01-02T03:04:05.000Z: the device says that it is not available"\r
  cause,bad_quality,"1 tag of k, 2026-01-02T03:04:04.000Z: the device says that the value is not good"\r
  cause,target_down,"1 tag of l, 2026-01-02T03:04:03.000Z: the Modbus server of the device does not answer"\r
  cause,old_messages,"1 tag of m, 2026-01-02T03:04:02.500Z: the newest message is older than one before"\r
  cause,not_json,"1 tag of n, 2026-01-02T03:04:02.250Z: the newest message is not JSON"\r
  cause,mqttd_down,"1 tag of o, 2026-01-02T03:04:02.125Z: tagferry-mqttd does not run"\r
  cause,refused,"3 tags of a, b, 2026-01-02T03:04:00.000Z: the value is not a number: hot"\r
  cause,silent,"6 tags of c, d, e and 2 more, 2026-01-02T02:04:07.000Z: no message for too long"\r
  [1]

  $ ctl status --check -o json
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  {"readyz":{"status":"not_ready","revision":1048576,
   "mqttd":{"state":"down","reason":"not_running","since":"2026-01-02T03:03:55.000Z"},
   "modbusd":{"state":"down","reason":"hangs","detail":"pid 17","since":"2026-01-02T03:02:05.001Z"},
   "broker":{"state":"down","detail":"10.0.0.9:1883","since":"2025-12-31T03:04:06.000Z"},
   "store":{"state":"unknown","reason":"no_such_reason","since":"2025-12-31T03:04:04.000Z"}},"session":{"name":"hmi","scope":"read","tokens":true,"version":"1.2.3"},"gateways":{"items":[{"self":false,"devices":99,"role":"leader","name":"a"},
   {"self":true,"devices":12,"role":"follower","name":"line-2","leader":"http://10.0.0.1:5000","lag_s":130.5,"term":17,
    "last_error":{"code":"unreachable","detail":"refused"}}]},"devices":{"items":[],"total":3,"next":null},"tags":{"items":[{}],"total":66,"next":"x"},"values":{"items":[
   {"device":"a","tag":"t1","quality":"bad","reason":"refused","received_at":"2026-01-02T03:00:00.000Z","last_error":{"code":"out_of_range","detail":"70000","at":"2026-01-02T03:03:00.000Z"}},
   {"device":"a","tag":"t2","quality":"bad","reason":"refused","received_at":"2026-01-02T03:00:00.000Z","last_error":{"code":"not_a_number","detail":"hot","at":"2026-01-02T03:04:00.000Z"}},
   {"device":"b","tag":"t1","quality":"bad","reason":"refused","received_at":"2026-01-02T03:04:01.000Z","last_error":{"code":"null_value","at":"2026-01-02T03:03:59.000Z"}},
   {"device":"c","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:05.000Z","last_error":null},
   {"device":"d","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:06.000Z","last_error":null},
   {"device":"e","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:07.000Z","last_error":null},
   {"device":"e","tag":"t2","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:04.000Z","last_error":null},
   {"device":"f","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:03.000Z","last_error":null},
   {"device":"g","tag":"t1","quality":"stale","reason":"silent","received_at":"2026-01-02T02:04:03.000Z","last_error":null},
   {"device":"h","tag":"t1","quality":"never","reason":"never_heard","received_at":null,"last_error":null},
   {"device":"i","tag":"t1","quality":"never","reason":"disabled","received_at":null,"last_error":null},
   {"device":"j","tag":"t1","quality":"bad","reason":"unavailable","received_at":"2026-01-02T03:04:05.000Z","last_error":null},
   {"device":"k","tag":"t1","quality":"bad","reason":"bad_quality","received_at":"2026-01-02T03:04:04.000Z","last_error":null},
   {"device":"l","tag":"t1","quality":"bad","reason":"target_down","received_at":"2026-01-02T03:04:03.000Z","last_error":null},
   {"device":"m","tag":"t1","quality":"bad","reason":"old_messages","received_at":"2026-01-02T03:04:02.500Z","last_error":null},
   {"device":"n","tag":"t1","quality":"bad","reason":"not_json","received_at":"2026-01-02T03:04:02.250Z","last_error":null},
   {"device":"o","tag":"t1","quality":"stale","reason":"mqttd_down","received_at":"2026-01-02T03:04:02.125Z","last_error":null}
   ],"total":17,"next":null}}
  [1]

  ! terminal 200x24
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  \e[1mPART\e[0m     \e[1mSTATE\e[0m         \e[1mDETAIL\e[0m
  gateway  \e[31mnot ready\e[0m     http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    \e[31mdown\e[0m          does not run, for 10 s
  modbusd  \e[31mdown\e[0m          does not respond: pid 17, for 120 s
  broker   \e[31mdown\e[0m          10.0.0.9:1883, for 48 h
  store    \e[31munknown\e[0m       no such reason, for 2 d
  role     \e[31mfollower\e[0m      line-2, term 17, follows http://10.0.0.1:5000, 2 min behind: The leader does not answer: refused
  devices  \e[33m3 not good\e[0m    of 12
  tags     \e[33m17 not good\e[0m   of 66: 8 bad, 7 stale, 2 never
  cause    \e[31munavailable\e[0m   1 tag of j, 0.0 s ago: the device says that it is not available
  cause    \e[31mbad_quality\e[0m   1 tag of k, 1.0 s ago: the device says that the value is not good
  cause    \e[31mtarget_down\e[0m   1 tag of l, 2.0 s ago: the Modbus server of the device does not answer
  cause    \e[31mold_messages\e[0m  1 tag of m, 2.5 s ago: the newest message is older than one before
  cause    \e[31mnot_json\e[0m      1 tag of n, 2.8 s ago: the newest message is not JSON
  cause    \e[33mmqttd_down\e[0m    1 tag of o, 2.9 s ago: tagferry-mqttd does not run
  cause    \e[31mrefused\e[0m       3 tags of a, b, 5.0 s ago: the value is not a number: hot
  cause    \e[33msilent\e[0m        6 tags of c, d, e and 2 more, 60 min ago: no message for too long

  ! pipe

More tags than are listed: their qualities are not counted.

  @ GET /values
  {"items":[{"device":"a","tag":"t1","quality":"bad","reason":"refused"}],"total":201,"next":"x"}
  @ GET /gateways
  {"items":[{"self":true,"devices":1,"role":"leader","name":"one","term":1}]}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE         DETAIL
  gateway  not ready     http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down          does not run, for 10 s
  modbusd  down          does not respond: pid 17, for 120 s
  broker   down          10.0.0.9:1883, for 48 h
  store    unknown       no such reason, for 2 d
  role     leader        one, term 1
  devices  3 not good    of 1
  tags     201 not good  of 66
  cause    refused       1 tag of a: the newest value was refused

Two gateways without names; a leader of this one; an error alone.

  @ GET /gateways
  {"items":[{"self":true,"role":"leader","term":1},{"role":"follower"}]}
  @ GET /values
  {"items":[{"device":"a","tag":"t1","quality":"never","reason":"never_heard"},{"device":"a","tag":"t2","quality":"stale","reason":"silent"},
   {"device":"a","tag":"t3","quality":"stale","reason":"silent"}],"total":3,"next":null}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE        DETAIL
  gateway  not ready    http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down         does not run, for 10 s
  modbusd  down         does not respond: pid 17, for 120 s
  broker   down         10.0.0.9:1883, for 48 h
  store    unknown      no such reason, for 2 d
  role     leader       term 1
  devices  3 not good   of 0
  tags     3 not good   of 66: 2 stale, 1 never
  cause    never_heard  1 tag of a: no message has had this value yet
  cause    silent       2 tags of a: no message for too long

  @ GET /gateways
  {"items":[{"self":true,"role":"follower","term":2,"leader":"http://a:5000","lag_s":0}]}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE        DETAIL
  gateway  not ready    http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down         does not run, for 10 s
  modbusd  down         does not respond: pid 17, for 120 s
  broker   down         10.0.0.9:1883, for 48 h
  store    unknown      no such reason, for 2 d
  role     follower     term 2, follows http://a:5000, 0.0 s behind
  devices  3 not good   of 0
  tags     3 not good   of 66: 2 stale, 1 never
  cause    never_heard  1 tag of a: no message has had this value yet
  cause    silent       2 tags of a: no message for too long

  @ GET /gateways
  {"items":[{"self":true,"role":"leader","term":2,"last_error":{"code":"unreachable"}}]}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE        DETAIL
  gateway  not ready    http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down         does not run, for 10 s
  modbusd  down         does not respond: pid 17, for 120 s
  broker   down         10.0.0.9:1883, for 48 h
  store    unknown      no such reason, for 2 d
  role     leader       term 2: The leader does not answer
  devices  3 not good   of 0
  tags     3 not good   of 66: 2 stale, 1 never
  cause    never_heard  1 tag of a: no message has had this value yet
  cause    silent       2 tags of a: no message for too long

Numbers of two digits.

  @ GET /gateways
  {"items":[{"self":true,"role":"leader","term":1}]}
  @ GET /values
  {"items":[{"device":"d0","tag":"t","quality":"stale","reason":"silent"},{"device":"d1","tag":"t","quality":"stale","reason":"silent"},{"device":"d2","tag":"t","quality":"stale","reason":"silent"},{"device":"d3","tag":"t","quality":"stale","reason":"silent"},{"device":"d4","tag":"t","quality":"stale","reason":"silent"},{"device":"d5","tag":"t","quality":"stale","reason":"silent"},{"device":"d6","tag":"t","quality":"stale","reason":"silent"},{"device":"d7","tag":"t","quality":"stale","reason":"silent"},{"device":"d8","tag":"t","quality":"stale","reason":"silent"},{"device":"d9","tag":"t","quality":"stale","reason":"silent"},{"device":"d10","tag":"t","quality":"stale","reason":"silent"},{"device":"d11","tag":"t","quality":"stale","reason":"silent"},{"device":"d12","tag":"t","quality":"stale","reason":"silent"},{"device":"d13","tag":"t","quality":"stale","reason":"silent"},{"device":"d14","tag":"t","quality":"stale","reason":"silent"},{"device":"e","tag":"t0","quality":"bad","reason":"refused"},{"device":"e","tag":"t1","quality":"bad","reason":"refused"},{"device":"e","tag":"t2","quality":"bad","reason":"refused"},{"device":"e","tag":"t3","quality":"bad","reason":"refused"},{"device":"e","tag":"t4","quality":"bad","reason":"refused"},{"device":"e","tag":"t5","quality":"bad","reason":"refused"},{"device":"e","tag":"t6","quality":"bad","reason":"refused"},{"device":"e","tag":"t7","quality":"bad","reason":"refused"},{"device":"e","tag":"t8","quality":"bad","reason":"refused"},{"device":"e","tag":"t9","quality":"bad","reason":"refused"},{"device":"e","tag":"t10","quality":"bad","reason":"refused"},{"device":"e","tag":"t11","quality":"bad","reason":"refused"}],"total":27,"next":null}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE        DETAIL
  gateway  not ready    http://127.0.0.1:5000, version 1.2.3, revision 1048576
  mqttd    down         does not run, for 10 s
  modbusd  down         does not respond: pid 17, for 120 s
  broker   down         10.0.0.9:1883, for 48 h
  store    unknown      no such reason, for 2 d
  devices  3 not good   of 0
  tags     27 not good  of 66: 12 bad, 15 stale
  cause    refused      12 tags of e: the newest value was refused
  cause    silent       15 tags of d0, d1, d2 and 12 more: no message for too long

Parts without a time.

  @ GET /readyz 503
  {"mqttd":{"state":"down","reason":"not_running"},"modbusd":{"state":"down","detail":"d"},"broker":{"state":"down","reason":"unreachable","detail":"d"},"store":{"state":"down"}}
  @ GET /values
  {"items":[],"total":0,"next":null}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  > GET /values?quality=bad,stale,never&limit=200
  PART     STATE       DETAIL
  gateway  not ready   http://127.0.0.1:5000, version 1.2.3, revision\x20
  mqttd    down        does not run
  modbusd  down        d
  broker   down        cannot be reached: d
  store    down
  devices  3 not good  of 0
  tags     good        of 66

What is refused.

  @ GET /tags 401
  {"status":401,"detail":"unknown or revoked token"}
  $ ctl status
  > GET /readyz
  > GET /session
  > GET /gateways
  > GET /devices?quality=bad,stale,never&limit=1
  > GET /tags?limit=1
  tagferryctl: tags: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /readyz code=7 reason=refused
  $ ctl status
  > GET /readyz
  > waits 200 ms
  > GET /readyz
  > waits 400 ms
  > GET /readyz
  tagferryctl: http://127.0.0.1:5000 does not answer: refused
  Does tagferry-api run there? Another server is chosen with --url.
  [3]
