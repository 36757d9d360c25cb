What was: messages, history, audit; and profiles and gateways.

Messages, the newest one last.

  @ GET /messages?limit=20
  {"items":[
   {"sequence":1048577,"at":"2026-01-02T03:04:05.678Z","device":"a","outcome":"taken","tags":12,"written":3,"rejected":1,"held":2,"error":{"code":"not_a_number","tag":"mode"},"keys":"x, y","retained":true,"topic":"p/a","bytes":123,"encoding":"text","looks_like":null,"payload":"{\"a\": \u001b[1m\"größe\"}"},
   {"sequence":12,"at":"2026-01-02T03:04:00.000Z","device":"b","outcome":"taken","tags":2,"written":2,"rejected":0,"held":0,"error":{"code":"null_value"},"topic":"p/b","payload":"{}"},
   {"at":"2026-01-02T03:00:00.000Z","device":"b","outcome":"taken","tags":3,"written":0,"rejected":0,"held":0,"topic":"p/b"},
   {"at":"2026-01-02T03:00:00.000Z","device":"b","outcome":"taken","tags":1,"written":0,"rejected":0,"held":0,"topic":"p/b","keys":"k"},
   {"at":"2026-01-02T03:00:00.000Z","device":"b","outcome":"taken","tags":0,"topic":"p/b/state","payload":"online"},
   {"at":"x","outcome":"nobody","topic":"q","encoding":"hex","payload":"1f8b","looks_like":"gzip"},
   {"at":"x","outcome":"not_selected","topic":"q","encoding":"hex","payload":"00ff"},
   {"at":"x","device":"c","outcome":"not_json","topic":"q","error":{"byte":12},"payload":"{x"},
   {"at":"x","device":"c","outcome":"no_such_outcome","topic":"q"}],"total":9,"next":null}
  $ ctl messages
  > GET /messages?limit=20
    AGE  DEVICE  OUTCOME                                                                                        TOPIC      PAYLOAD
      x  c       no such outcome                                                                                q
      x  c       not JSON at byte 12                                                                            q          {x
      x          fits the conditions (where) of no device                                                       q          hex: 00ff
      x          no device has this topic                                                                       q          gzip: 1f8b
  4 min  b       availability                                                                                   p/b/state  online
  4 min  b       1 missing, has the keys k                                                                      p/b
  4 min  b       3 missing                                                                                      p/b
  5.0 s  b       2 written (the value is null)                                                                  p/b        {}
  0.0 s  a       3 written, 1 rejected, 2 held (mode: the value is not a number), 6 missing, has the keys x, y  p/a        {"a": ?[1m"größe"}

  $ ctl messages -o csv
  > GET /messages?limit=20
  sequence,at,device,outcome,tags,written,rejected,held,error.code,error.tag,error.byte,keys,retained,topic,bytes,encoding,looks_like,payload\r
  ,x,c,no_such_outcome,,,,,,,,,,q,,,,\r
  ,x,c,not_json,,,,,,,12,,,q,,,,{x\r
  ,x,,not_selected,,,,,,,,,,q,,hex,,00ff\r
  ,x,,nobody,,,,,,,,,,q,,hex,gzip,1f8b\r
  ,2026-01-02T03:00:00.000Z,b,taken,0,,,,,,,,,p/b/state,,,,online\r
  ,2026-01-02T03:00:00.000Z,b,taken,1,0,0,0,,,,k,,p/b,,,,\r
  ,2026-01-02T03:00:00.000Z,b,taken,3,0,0,0,,,,,,p/b,,,,\r
  12,2026-01-02T03:04:00.000Z,b,taken,2,2,0,0,null_value,,,,,p/b,,,,{}\r
  1048577,2026-01-02T03:04:05.678Z,a,taken,12,3,1,2,not_a_number,mode,,"x, y",true,p/a,123,text,,"{""a"": \e[1m""größe""}"\r

  $ ctl messages -o json
  > GET /messages?limit=20
  {"items":[
   {"sequence":1048577,"at":"2026-01-02T03:04:05.678Z","device":"a","outcome":"taken","tags":12,"written":3,"rejected":1,"held":2,"error":{"code":"not_a_number","tag":"mode"},"keys":"x, y","retained":true,"topic":"p/a","bytes":123,"encoding":"text","looks_like":null,"payload":"{\\"a\\": \\u001b[1m\\"größe\\"}"},
   {"sequence":12,"at":"2026-01-02T03:04:00.000Z","device":"b","outcome":"taken","tags":2,"written":2,"rejected":0,"held":0,"error":{"code":"null_value"},"topic":"p/b","payload":"{}"},
   {"at":"2026-01-02T03:00:00.000Z","device":"b","outcome":"taken","tags":3,"written":0,"rejected":0,"held":0,"topic":"p/b"},
   {"at":"2026-01-02T03:00:00.000Z","device":"b","outcome":"taken","tags":1,"written":0,"rejected":0,"held":0,"topic":"p/b","keys":"k"},
   {"at":"2026-01-02T03:00:00.000Z","device":"b","outcome":"taken","tags":0,"topic":"p/b/state","payload":"online"},
   {"at":"x","outcome":"nobody","topic":"q","encoding":"hex","payload":"1f8b","looks_like":"gzip"},
   {"at":"x","outcome":"not_selected","topic":"q","encoding":"hex","payload":"00ff"},
   {"at":"x","device":"c","outcome":"not_json","topic":"q","error":{"byte":12},"payload":"{x"},
   {"at":"x","device":"c","outcome":"no_such_outcome","topic":"q"}],"total":9,"next":null}

  ! terminal 100x24
  $ ctl messages
  > GET /messages?limit=20
    \e[1mAGE\e[0m  \e[1mDEVICE\e[0m  \e[1mOUTCOME\e[0m                                                 \e[1mTOPIC\e[0m      \e[1mPAYLOAD\e[0m
      x  c       \e[31mno such outcome\e[0m                                         q
      x  c       \e[31mnot JSON at byte 12\e[0m                                     q          {x
      x          \e[33mfits the conditions (where) of no device\e[0m                q          hex: 00ff
      x          \e[33mno device has this topic\e[0m                                q          gzip: 1f8b
  4 min  b       availability                                            p/b/state  online
  4 min  b       \e[33m1 missing, has the keys k\e[0m                               p/b
  4 min  b       \e[33m3 missing\e[0m                                               p/b
  5.0 s  b       2 written (the value is null)                           p/b        {}
  0.0 s  a       \e[31m3 written, 1 rejected, 2 held (mode: the value is not…\e[0m  p/a        {"a": ?[1m"größe"}

  ! pipe
  @ GET /messages?limit=1000
  {"items":[{"topic":"1","outcome":"taken","tags":2,"written":2},{"topic":"2","outcome":"nobody"},{"topic":"3","outcome":"taken","tags":2,"written":1,"rejected":1},
    {"topic":"4","outcome":"taken","tags":2,"written":1},{"topic":"5","outcome":"taken","tags":2,"held":2},{"topic":"6","outcome":"late"}],"total":6,"next":null}
  $ ctl messages --wrong
  > GET /messages?limit=1000
  AGE  OUTCOME                   TOPIC  PAYLOAD
       late                      6
       1 written, 1 missing      4
       1 written, 1 rejected     3
       no device has this topic  2

  $ ctl messages --wrong -n 2
  > GET /messages?limit=1000
  AGE  OUTCOME                   TOPIC  PAYLOAD
       1 written, 1 rejected     3
       no device has this topic  2

  $ ctl messages --wrong -n 2 -o json
  > GET /messages?limit=1000
  {"items":[{"topic":"2","outcome":"nobody"},{"topic":"3","outcome":"taken","tags":2,"written":1,"rejected":1}],"total":2,"next":null}

  $ ctl messages -n 1000 -o csv
  > GET /messages?limit=1000
  sequence,at,device,outcome,tags,written,rejected,held,error.code,error.tag,error.byte,keys,retained,topic,bytes,encoding,looks_like,payload\r
  ,,,late,,,,,,,,,,6,,,,\r
  ,,,taken,2,,,2,,,,,,5,,,,\r
  ,,,taken,2,1,,,,,,,,4,,,,\r
  ,,,taken,2,1,1,,,,,,,3,,,,\r
  ,,,nobody,,,,,,,,,,2,,,,\r
  ,,,taken,2,2,,,,,,,,1,,,,\r

  $ ctl messages -n 0
  tagferryctl: --limit 0: it must be a whole number from 1 to 1000
  Try: tagferryctl messages --help
  [2]

  $ ctl messages -n 1001
  tagferryctl: --limit 1001: it must be a whole number from 1 to 1000
  Try: tagferryctl messages --help
  [2]

  @ GET /messages?device=a&limit=1
  {"items":[],"total":0,"next":null}
  $ ctl messages a -n 1
  > GET /messages?device=a&limit=1
  AGE  OUTCOME  TOPIC  PAYLOAD

  $ ctl messages -d a -n 1
  > GET /messages?device=a&limit=1
  AGE  OUTCOME  TOPIC  PAYLOAD

  $ ctl messages a -d b -n 1
  > GET /messages?device=a&limit=1
  AGE  OUTCOME  TOPIC  PAYLOAD

  $ ctl messages a/b
  tagferryctl: "a/b" must be DEVICE
  Try: tagferryctl messages --help
  [2]

Messages as they come: the oldest first, until the server is lost.

  @ GET /messages?limit=20
  {"items":[{"sequence":12,"at":"2026-01-02T03:04:05.067Z","topic":"b","outcome":"taken","tags":1,"written":1,"payload":"{\"größe\": 1}"},{"sequence":11,"at":"2026-01-02T23:59:59.999Z","topic":"a","outcome":"nobody","payload":"x"}],"total":2,"next":null}
  @ GET /messages?newer_than=12&limit=1000
  {"items":[],"total":0,"next":null}
  + GET /messages?newer_than=12&limit=1000
  {"items":[{"sequence":4294967296,"at":"bad","topic":"c","outcome":"taken","tags":1,"rejected":1,"error":{"code":"out_of_range","tag":"t"}}],"total":1,"next":null}
  @ GET /messages?newer_than=4294967296&limit=1000 code=6 reason=gone
  $ ctl messages --follow
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  > waits 500 ms
  > GET /messages?newer_than=4294967296&limit=1000
  00:59:59.999  a  no device has this topic  x
  04:04:05.067  b  1 written  {"größe": 1}
    c  1 rejected (t: the number does not fit into the type) \x20
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  @ GET /messages?newer_than=12&limit=1000 code=6 reason=gone
  $ ctl messages -f -w
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  00:59:59.999  a  no device has this topic  x
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  ! verbose
  $ ctl messages -f -w
  > GET /messages?limit=20
  >   url: http://127.0.0.1:5000/api/v1/messages?limit=20
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  >   url: http://127.0.0.1:5000/api/v1/messages?newer_than=12&limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  00:59:59.999  a  no device has this topic  x
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]
  (2 marks, 1 released, replies forgotten 1 times)

  ! brief
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  00:59:59.999  a  no device has this topic  x
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  $ ctl messages -f -o json
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  {"sequence":11,"at":"2026-01-02T23:59:59.999Z","topic":"a","outcome":"nobody","payload":"x"}
  {"sequence":12,"at":"2026-01-02T03:04:05.067Z","topic":"b","outcome":"taken","tags":1,"written":1,"payload":"{\\"größe\\": 1}"}
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  $ ctl messages -f -o csv
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  sequence,at,device,outcome,tags,written,rejected,held,error.code,error.tag,error.byte,keys,retained,topic,bytes,encoding,looks_like,payload\r
  11,2026-01-02T23:59:59.999Z,,nobody,,,,,,,,,,a,,,,x\r
  12,2026-01-02T03:04:05.067Z,,taken,1,1,,,,,,,,b,,,,"{""größe"": 1}"\r
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  ! terminal 40x24
  $ ctl messages -f
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  00:59:59.999  a  \e[33mno device has this top…\e[0m
  04:04:05.067  b  1 written  {"größe": 1}
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  ! terminal 16x24
  $ ctl messages -f
  > GET /messages?limit=20
  > waits 500 ms
  > GET /messages?newer_than=12&limit=1000
  00:59:59.999  a…
  04:04:05.067  b…
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  ! pipe

History: points and events by time.

  @ GET /devices/a/tags/t/history
  {"points":[[1767323045250,1,3,2],[1767323046250.5,-1.5,0.30000000000000004,null],[null,1,2,3],[-1,1,1,1],[253402300799999,1,1,1],[253402300800000,1,1,1],[0,4,4,4]],
   "events":[{"at":1767323040000,"kind":"reject","code":"out_of_range","detail":"70020"},{"at":1767323045250,"kind":"write","code":"scada","detail":"70.5"},{"at":1767323045251,"kind":"write","code":"api"},
    {"at":1767323047000,"kind":"quality","code":"bad","detail":"silent"},{"at":1767323047001,"kind":"quality","code":"good"},{"at":1767323047002,"kind":"reject","code":"no_code"},{"at":1767323047003,"kind":"quality","code":"stale"}],
   "events_left_out":12,"warnings":[{"detail":"the history begins later"},{"detail":"two\nlines"}]}
  $ ctl history a/t
  > GET /devices/a/tags/t/history?points=40
  TIME (UTC)                VALUE  MINIMUM              MAXIMUM  EVENT
  2026-01-02T03:04:00.000Z                                       refused: the number does not fit into the type: 70020
  2026-01-02T03:04:05.250Z                                       written by scada: 70.5
  2026-01-02T03:04:05.250Z      2        1                    3
  2026-01-02T03:04:05.251Z                                       written by api
  2026-01-02T03:04:06.250Z            -1.5  0.30000000000000004
  2026-01-02T03:04:07.000Z                                       bad: silent
  2026-01-02T03:04:07.001Z                                       good
  2026-01-02T03:04:07.002Z                                       refused: no code
  2026-01-02T03:04:07.003Z                                       stale
                                3        1                    2
                                1        1                    1
                                1        1                    1
                                1        1                    1
  1970-01-01T00:00:00.000Z      4        4                    4
  the history begins later
  two
  lines
  12 older events are left out.

  $ ctl history a/t -o csv
  > GET /devices/a/tags/t/history?points=40
  at,last,minimum,maximum,kind,code,detail,event\r
  2026-01-02T03:04:00.000Z,,,,reject,out_of_range,70020,refused: the number does not fit into the type: 70020\r
  2026-01-02T03:04:05.250Z,,,,write,scada,70.5,written by scada: 70.5\r
  2026-01-02T03:04:05.250Z,2,1,3,,,,\r
  2026-01-02T03:04:05.251Z,,,,write,api,,written by api\r
  2026-01-02T03:04:06.250Z,,-1.5,0.30000000000000004,,,,\r
  2026-01-02T03:04:07.000Z,,,,quality,bad,silent,bad: silent\r
  2026-01-02T03:04:07.001Z,,,,quality,good,,good\r
  2026-01-02T03:04:07.002Z,,,,reject,no_code,,refused: no code\r
  2026-01-02T03:04:07.003Z,,,,quality,stale,,stale\r
  ,3,1,2,,,,\r
  ,1,1,1,,,,\r
  ,1,1,1,,,,\r
  ,1,1,1,,,,\r
  1970-01-01T00:00:00.000Z,4,4,4,,,,\r
  the history begins later
  two
  lines
  12 older events are left out.

  $ ctl history a/t -o json
  > GET /devices/a/tags/t/history?points=40
  {"points":[[1767323045250,1,3,2],[1767323046250.5,-1.5,0.30000000000000004,null],[null,1,2,3],[-1,1,1,1],[253402300799999,1,1,1],[253402300800000,1,1,1],[0,4,4,4]],
   "events":[{"at":1767323040000,"kind":"reject","code":"out_of_range","detail":"70020"},{"at":1767323045250,"kind":"write","code":"scada","detail":"70.5"},{"at":1767323045251,"kind":"write","code":"api"},
    {"at":1767323047000,"kind":"quality","code":"bad","detail":"silent"},{"at":1767323047001,"kind":"quality","code":"good"},{"at":1767323047002,"kind":"reject","code":"no_code"},{"at":1767323047003,"kind":"quality","code":"stale"}],
   "events_left_out":12,"warnings":[{"detail":"the history begins later"},{"detail":"two\\nlines"}]}

  ! terminal 60x24
  $ ctl history a/t
  > GET /devices/a/tags/t/history?points=40
  \e[1mTIME (UTC)\e[0m                \e[1mVALUE\e[0m  \e[1mEVENT\e[0m
  2026-01-02T03:04:00.000Z         \e[31mrefused: the number does n…\e[0m
  2026-01-02T03:04:05.250Z         written by scada: 70.5
  2026-01-02T03:04:05.250Z      2
  2026-01-02T03:04:05.251Z         written by api
  2026-01-02T03:04:06.250Z
  2026-01-02T03:04:07.000Z         \e[31mbad: silent\e[0m
  2026-01-02T03:04:07.001Z         \e[32mgood\e[0m
  2026-01-02T03:04:07.002Z         \e[31mrefused: no code\e[0m
  2026-01-02T03:04:07.003Z         \e[33mstale\e[0m
                                3
                                1
                                1
                                1
  1970-01-01T00:00:00.000Z      4
  the history begins later
  two
  lines
  12 older events are left out.

  ! pipe
  @ GET /devices/a/tags/u/history
  {"points":[[1767323045250,1,3,2]],"events":[],"events_left_out":0,"warnings":[]}
  @ GET /session
  {}
  $ ctl history a/u -n 2 --since 30m
  > GET /session
  > GET /devices/a/tags/u/history?from=2026-01-02T02%3A34%3A05.000Z&points=2
  TIME (UTC)                VALUE  MINIMUM  MAXIMUM
  2026-01-02T03:04:05.250Z      2        1        3

  $ ctl history a/u -n 5000 --since 7d --until 12h
  > GET /session
  > GET /session
  > GET /devices/a/tags/u/history?from=2025-12-26T03%3A04%3A05.000Z&to=2026-01-01T15%3A04%3A05.000Z&points=5000
  TIME (UTC)                VALUE  MINIMUM  MAXIMUM
  2026-01-02T03:04:05.250Z      2        1        3

  $ ctl history a/u --since 90s --until 2026-01-02T03:04:05Z
  > GET /session
  > GET /devices/a/tags/u/history?from=2026-01-02T03%3A02%3A35.000Z&to=2026-01-02T03%3A04%3A05Z&points=40
  TIME (UTC)                VALUE  MINIMUM  MAXIMUM
  2026-01-02T03:04:05.250Z      2        1        3

  $ ctl history a/u --since 99999999d
  > GET /session
  > GET /devices/a/tags/u/history?from=1970-01-01T00%3A00%3A00.000Z&points=40
  TIME (UTC)                VALUE  MINIMUM  MAXIMUM
  2026-01-02T03:04:05.250Z      2        1        3

  $ ctl history a/u --since 2026-01-02T03:04:05Z --until 2026-01-02T03:04:05Z
  > GET /devices/a/tags/u/history?from=2026-01-02T03%3A04%3A05Z&to=2026-01-02T03%3A04%3A05Z&points=40
  TIME (UTC)                VALUE  MINIMUM  MAXIMUM
  2026-01-02T03:04:05.250Z      2        1        3

  $ ctl history a/u --since 2026-01-02T03:04:05.001Z --until 2026-01-02T03:04:05Z
  tagferryctl: --since must not be later than --until
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u --since 1m --until 2m
  > GET /session
  > GET /session
  tagferryctl: --since must not be later than --until
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u -n 1
  tagferryctl: --limit 1: it must be a whole number from 2 to 5000
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u -n 5001
  tagferryctl: --limit 5001: it must be a whole number from 2 to 5000
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u --since 12
  tagferryctl: --since 12: it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u --since -1m
  tagferryctl: --since -1m: it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u --since 1mm
  tagferryctl: --since 1mm: it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u --until 1w
  tagferryctl: --until 1w: it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z
  Try: tagferryctl history --help
  [2]

  $ ctl history a/u --until ''
  tagferryctl: --until "": it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z
  Try: tagferryctl history --help
  [2]

  $ ctl history a
  tagferryctl: "a" must be DEVICE/TAG
  Try: tagferryctl history --help
  [2]

  $ ctl history a/none
  > GET /devices/a/tags/none/history?points=40
  tagferryctl: a/none: it is not there
  [4]

  @ GET /session code=6 reason=gone
  $ ctl history a/u --since 30m
  > GET /session
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  $ ctl history a/u --until 30m
  > GET /session
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  @ GET /session 401
  {"status":401,"detail":"no"}
  $ ctl history a/u --since 30m
  > GET /session
  tagferryctl: the session: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

The audit.

  @ GET /session
  {}
  @ GET /audit
  {"items":[
   {"id":118,"at":"2026-01-02T03:00:00.000Z","who":"hmi","remote":"10.0.0.7","action":"change","device":"a","tag":"t","kind":"tag","revision":42,"diff":[{"pointer":"/modbus/scale","before":1,"after":0.1},{"pointer":"/label","before":"x","after":"y, z"},{"pointer":"mqtt/where","after":{"id":12}},{"pointer":"/unit","before":null}]},
   {"id":117,"at":"2026-01-01T03:00:00.000Z","remote":"::1","action":"create","device":"a","kind":"device","revision":41,"diff":[]},
   {"id":116,"at":"bad","action":"delete","profile":"m","kind":"profile","revision":40},
   {"id":115,"action":"import","kind":"all","after":{"created":12,"changed":0,"deleted":3}},
   {"id":114,"action":"import","kind":"all","after":{"created":0,"changed":17}},
   {"id":113,"action":"restore","kind":"all","after":{"file":"x"}},
   {"id":9,"action":"x","kind":"token","after":{"created":1}}],"total":7,"next":null}
  $ ctl audit
  > GET /audit?limit=20
   ID    AGE  WHO  FROM      ACTION   OBJECT     CHANGE
  118  4 min  hmi  10.0.0.7  change   a/t        modbus.scale 1 -> 0.1
                                                 label "x" -> "y, z"
                                                 mqtt.where nothing -> {"id":12}
                                                 unit null -> nothing
  117   24 h       ::1       create   a
  116    bad                 delete   profile:m
  115                        import   all        12 created, 3 deleted
  114                        import   all        17 changed
  113                        restore  all        {"file":"x"}
    9                        x        token

  $ ctl audit -o csv
  > GET /audit?limit=20
  id,at,who,remote,action,device,tag,profile,kind,revision,diff.pointer,diff.before,diff.after\r
  118,2026-01-02T03:00:00.000Z,hmi,10.0.0.7,change,a,t,,tag,42,/modbus/scale,1,0.1\r
  118,2026-01-02T03:00:00.000Z,hmi,10.0.0.7,change,a,t,,tag,42,/label,x,"y, z"\r
  118,2026-01-02T03:00:00.000Z,hmi,10.0.0.7,change,a,t,,tag,42,mqtt/where,,"{""id"":12}"\r
  118,2026-01-02T03:00:00.000Z,hmi,10.0.0.7,change,a,t,,tag,42,/unit,,\r
  117,2026-01-01T03:00:00.000Z,,::1,create,a,,,device,41,,,\r
  116,bad,,,delete,,,m,profile,40,,,\r
  115,,,,import,,,,all,,,,\r
  114,,,,import,,,,all,,,,\r
  113,,,,restore,,,,all,,,,\r
  9,,,,x,,,,token,,,,\r

  $ ctl audit -o json
  > GET /audit?limit=20
  {"items":[
   {"id":118,"at":"2026-01-02T03:00:00.000Z","who":"hmi","remote":"10.0.0.7","action":"change","device":"a","tag":"t","kind":"tag","revision":42,"diff":[{"pointer":"/modbus/scale","before":1,"after":0.1},{"pointer":"/label","before":"x","after":"y, z"},{"pointer":"mqtt/where","after":{"id":12}},{"pointer":"/unit","before":null}]},
   {"id":117,"at":"2026-01-01T03:00:00.000Z","remote":"::1","action":"create","device":"a","kind":"device","revision":41,"diff":[]},
   {"id":116,"at":"bad","action":"delete","profile":"m","kind":"profile","revision":40},
   {"id":115,"action":"import","kind":"all","after":{"created":12,"changed":0,"deleted":3}},
   {"id":114,"action":"import","kind":"all","after":{"created":0,"changed":17}},
   {"id":113,"action":"restore","kind":"all","after":{"file":"x"}},
   {"id":9,"action":"x","kind":"token","after":{"created":1}}],"total":7,"next":null}

  ! terminal 80x24
  $ ctl audit
  > GET /audit?limit=20
   \e[1mID\e[0m    \e[1mAGE\e[0m  \e[1mWHO\e[0m  \e[1mFROM\e[0m      \e[1mACTION\e[0m   \e[1mOBJECT\e[0m     \e[1mCHANGE\e[0m
  118  4 min  hmi  10.0.0.7  change   a/t        modbus.scale 1 -> 0.1
                                                 label "x" -> "y, z"
                                                 mqtt.where nothing -> {"id":12}
                                                 unit null -> nothing
  117   24 h       ::1       create   a
  116    bad                 delete   profile:m
  115                        import   all        12 created, 3 deleted
  114                        import   all        17 changed
  113                        restore  all        {"file":"x"}
    9                        x        token

  ! pipe
  $ ctl audit a/t --since 42 --who 'h m' -n 1 -o json
  > GET /audit?who=h%20m&device=a&tag=t&since=42&limit=1
  {"items":[
   {"id":118,"at":"2026-01-02T03:00:00.000Z","who":"hmi","remote":"10.0.0.7","action":"change","device":"a","tag":"t","kind":"tag","revision":42,"diff":[{"pointer":"/modbus/scale","before":1,"after":0.1},{"pointer":"/label","before":"x","after":"y, z"},{"pointer":"mqtt/where","after":{"id":12}},{"pointer":"/unit","before":null}]},
   {"id":117,"at":"2026-01-01T03:00:00.000Z","remote":"::1","action":"create","device":"a","kind":"device","revision":41,"diff":[]},
   {"id":116,"at":"bad","action":"delete","profile":"m","kind":"profile","revision":40},
   {"id":115,"action":"import","kind":"all","after":{"created":12,"changed":0,"deleted":3}},
   {"id":114,"action":"import","kind":"all","after":{"created":0,"changed":17}},
   {"id":113,"action":"restore","kind":"all","after":{"file":"x"}},
   {"id":9,"action":"x","kind":"token","after":{"created":1}}],"total":7,"next":null}

  $ ctl audit a --since 12h -n 1000000 -o json
  > GET /session
  > GET /audit?device=a&since=2026-01-01T15%3A04%3A05.000Z&limit=1000
  {"items":[
   {"id":118,"at":"2026-01-02T03:00:00.000Z","who":"hmi","remote":"10.0.0.7","action":"change","device":"a","tag":"t","kind":"tag","revision":42,"diff":[{"pointer":"/modbus/scale","before":1,"after":0.1},{"pointer":"/label","before":"x","after":"y, z"},{"pointer":"mqtt/where","after":{"id":12}},{"pointer":"/unit","before":null}]},
   {"id":117,"at":"2026-01-01T03:00:00.000Z","remote":"::1","action":"create","device":"a","kind":"device","revision":41,"diff":[]},
   {"id":116,"at":"bad","action":"delete","profile":"m","kind":"profile","revision":40},
   {"id":115,"action":"import","kind":"all","after":{"created":12,"changed":0,"deleted":3}},
   {"id":114,"action":"import","kind":"all","after":{"created":0,"changed":17}},
   {"id":113,"action":"restore","kind":"all","after":{"file":"x"}},
   {"id":9,"action":"x","kind":"token","after":{"created":1}}],"total":7,"next":null}

  $ ctl audit profile:m --since 2026-01-02T03:04:05Z -o json
  > GET /audit?profile=m&since=2026-01-02T03%3A04%3A05Z&limit=20
  {"items":[
   {"id":118,"at":"2026-01-02T03:00:00.000Z","who":"hmi","remote":"10.0.0.7","action":"change","device":"a","tag":"t","kind":"tag","revision":42,"diff":[{"pointer":"/modbus/scale","before":1,"after":0.1},{"pointer":"/label","before":"x","after":"y, z"},{"pointer":"mqtt/where","after":{"id":12}},{"pointer":"/unit","before":null}]},
   {"id":117,"at":"2026-01-01T03:00:00.000Z","remote":"::1","action":"create","device":"a","kind":"device","revision":41,"diff":[]},
   {"id":116,"at":"bad","action":"delete","profile":"m","kind":"profile","revision":40},
   {"id":115,"action":"import","kind":"all","after":{"created":12,"changed":0,"deleted":3}},
   {"id":114,"action":"import","kind":"all","after":{"created":0,"changed":17}},
   {"id":113,"action":"restore","kind":"all","after":{"file":"x"}},
   {"id":9,"action":"x","kind":"token","after":{"created":1}}],"total":7,"next":null}

  $ ctl audit -n 0
  tagferryctl: --limit 0: it must be a whole number from 1 to 1000000
  Try: tagferryctl audit --help
  [2]

  $ ctl audit -n 1000001
  tagferryctl: --limit 1000001: it must be a whole number from 1 to 1000000
  Try: tagferryctl audit --help
  [2]

  $ ctl audit --since yesterday
  tagferryctl: --since yesterday: it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z, or a revision
  Try: tagferryctl audit --help
  [2]

  $ ctl audit --since 1x
  tagferryctl: --since 1x: it must be an age, such as 12h, or a time, such as 2026-01-02T03:04:05Z, or a revision
  Try: tagferryctl audit --help
  [2]

  $ ctl audit a/b/c
  tagferryctl: "a/b/c" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl audit --help
  [2]

Profiles.

  @ GET /profiles
  {"items":[{"name":"meter","tags":[{},{},{}],"devices":12,"label":"M","params":{"serial":{},"stale_after_s":{"default":7200},"n":{"default":""}},"description":"d"},{"name":"plug","tags":17}],"total":2,"next":null}
  $ ctl profiles
  > GET /profiles?limit=1000
  NAME   TAGS  DEVICES  LABEL  PARAMETERS
  meter     3       12  M      serial, stale_after_s=7200, n=
  plug     17

  $ ctl profiles -q x -n 2 -o csv
  > GET /profiles?q=x&limit=2
  name,tags,devices,label,params,description\r
  meter,3,12,M,"serial, stale_after_s=7200, n=",d\r
  plug,17,,,,\r

  $ ctl profiles -o json
  > GET /profiles?limit=1000
  {"items":[{"name":"meter","tags":[{},{},{}],"devices":12,"label":"M","params":{"serial":{},"stale_after_s":{"default":7200},"n":{"default":""}},"description":"d"},{"name":"plug","tags":17}],"total":2,"next":null}

  ! terminal 40x24
  $ ctl profiles
  > GET /profiles?limit=1000
  \e[1mNAME\e[0m   \e[1mTAGS\e[0m  \e[1mDEVICES\e[0m  \e[1mLABEL\e[0m
  meter     3       12  M
  plug     17

  ! pipe
  @ GET /profiles?library=true&limit=1000
  {"items":[],"total":0,"next":null}
  $ ctl profiles --library
  > GET /profiles?library=true&limit=1000
  NAME  TAGS

  ! terminal 80x24
  $ ctl profiles --library
  > GET /profiles?library=true&limit=1000
  \e[1mNAME\e[0m  \e[1mTAGS\e[0m

  $ ctl profiles --library -o csv
  > GET /profiles?library=true&limit=1000
  name,tags,devices,label,params,description\r

  @ GET /profiles
  {"items":[],"total":0,"next":null}
  $ ctl profiles
  > GET /profiles?limit=1000
  \e[1mNAME\e[0m  \e[1mTAGS\e[0m
  None. Those that come with Tagferry: tagferryctl profiles --library

  $ ctl profiles -q x
  > GET /profiles?q=x&limit=1000
  \e[1mNAME\e[0m  \e[1mTAGS\e[0m
  None. Those that come with Tagferry: tagferryctl profiles --library

  $ ctl profiles -o csv
  > GET /profiles?limit=1000
  name,tags,devices,label,params,description\r

  ! pipe
  $ ctl profiles
  > GET /profiles?limit=1000
  NAME  TAGS

  @ GET /profiles 401
  {"status":401,"detail":"no"}
  $ ctl profiles
  > GET /profiles?limit=1000
  tagferryctl: the profiles: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /messages?limit=20 401
  {"status":401,"detail":"no"}
  $ ctl messages
  > GET /messages?limit=20
  tagferryctl: the messages: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /profiles/meter
  {"name":"meter","label":"M \u001b","description":"D","devices":12,"device":{"mqtt":{"topic":"a/{serial}"}},"params":{"serial":{"description":"on the plate"},"after":{"default":60}},
   "tags":[{"name":"t","mqtt":{"key":"/a/t"},"direction":"both","modbus":{"table":"coil","address":12,"type":"bool","scale":1},"unit":"K","label":"T"},{"name":"u","modbus":{"table":"input_register","address":0,"type":"int16"}},{"name":"v","mqtt":{"key":""}}]}
  @ GET /profiles/plug?library=true
  {"name":"plug","tags":[{"name":"t"}]}
  $ ctl profiles meter
  > GET /profiles/meter
  name         meter
  label        M ?
  description  D
  devices      12
  topic        a/{serial}
  parameter    serial: on the plate
  parameter    after=60
  \n
  TAG  KEY   DIRECTION  TABLE           ADDRESS  TYPE   SCALE  UNIT  LABEL
  t    /a/t  both       coil                 12  bool   1      K     T
  u    u                input_register        0  int16
  v

  $ ctl profiles meter -o csv
  > GET /profiles/meter
  name,mqtt.key,direction,modbus.table,modbus.address,modbus.type,modbus.scale,unit,label\r
  t,/a/t,both,coil,12,bool,1,K,T\r
  u,,,input_register,0,int16,,,\r
  v,,,,,,,,\r

  $ ctl profiles meter -o json
  > GET /profiles/meter
  {"name":"meter","label":"M \\u001b","description":"D","devices":12,"device":{"mqtt":{"topic":"a/{serial}"}},"params":{"serial":{"description":"on the plate"},"after":{"default":60}},
   "tags":[{"name":"t","mqtt":{"key":"/a/t"},"direction":"both","modbus":{"table":"coil","address":12,"type":"bool","scale":1},"unit":"K","label":"T"},{"name":"u","modbus":{"table":"input_register","address":0,"type":"int16"}},{"name":"v","mqtt":{"key":""}}]}

  $ ctl profiles plug --library
  > GET /profiles/plug?library=true
  name         plug
  topic       \x20
  \n
  TAG  KEY  TABLE  ADDRESS  TYPE
  t    t

  $ ctl profiles none
  > GET /profiles/none
  tagferryctl: none: it is not there
  [4]

  $ ctl profiles a/b
  tagferryctl: "a/b" must be NAME
  Try: tagferryctl profiles --help
  [2]

  $ ctl profiles ''
  tagferryctl: "" must be NAME
  Try: tagferryctl profiles --help
  [2]

Gateways.

  @ GET /gateways
  {"items":[{"name":"line-1","host":"h1","role":"leader","term":17,"revision":1234,"lag_s":null,"last_seen":null,"devices":12,"ready":true,"self":true,"parts":{"broker":{"state":"up"}}},
   {"name":"line-2","host":"h2","role":"follower","term":17,"revision":1230,"lag_s":0,"last_seen":"2026-01-02T03:04:00.000Z","devices":3,"ready":false,"parts":{"broker":{"state":"down","reason":"unreachable"},"store":{"state":"down"},"mqttd":{"state":"up","reason":"x"}},"last_error":{"code":"unreachable","detail":"refused","at":"t"}},
   {"host":"h3","ready":false,"parts":{}},{"host":"h4","role":"follower","lag_s":120,"last_error":{"code":"no_such_code"},"leader":"http://h1:5000"}]}
  $ ctl gateways
  > GET /gateways
  NAME    HOST        ROLE          TERM  REVISION    LAG   SEEN  DEVICES  STATE                            LAST ERROR
  line-1  h1 (asked)  leader          17      1234                     12  ready
  line-2  h2          follower        17      1230  0.0 s  5.0 s        3  broker cannot be reached, store  The leader does not answer: refused
          h3          not heard of                                         not ready
          h4          follower                      2 min                                                   no such code

  $ ctl gateways -o csv
  > GET /gateways
  name,host,role,term,revision,lag_s,last_seen,devices,ready,last_error.code,last_error.detail,last_error.at,self,leader\r
  line-1,h1,leader,17,1234,,,12,true,,,,true,\r
  line-2,h2,follower,17,1230,0,2026-01-02T03:04:00.000Z,3,false,unreachable,refused,t,,\r
  ,h3,,,,,,,false,,,,,\r
  ,h4,follower,,,120,,,,no_such_code,,,,http://h1:5000\r

  $ ctl gateways -o json
  > GET /gateways
  {"items":[{"name":"line-1","host":"h1","role":"leader","term":17,"revision":1234,"lag_s":null,"last_seen":null,"devices":12,"ready":true,"self":true,"parts":{"broker":{"state":"up"}}},
   {"name":"line-2","host":"h2","role":"follower","term":17,"revision":1230,"lag_s":0,"last_seen":"2026-01-02T03:04:00.000Z","devices":3,"ready":false,"parts":{"broker":{"state":"down","reason":"unreachable"},"store":{"state":"down"},"mqttd":{"state":"up","reason":"x"}},"last_error":{"code":"unreachable","detail":"refused","at":"t"}},
   {"host":"h3","ready":false,"parts":{}},{"host":"h4","role":"follower","lag_s":120,"last_error":{"code":"no_such_code"},"leader":"http://h1:5000"}]}

  ! terminal 90x24
  $ ctl gateways
  > GET /gateways
  \e[1mNAME\e[0m    \e[1mHOST\e[0m        \e[1mROLE\e[0m          \e[1mREVISION\e[0m    \e[1mLAG\e[0m  \e[1mSTATE\e[0m               \e[1mLAST ERROR\e[0m
  line-1  h1 (asked)  leader            1234         \e[32mready\e[0m
  line-2  h2          follower          1230  0.0 s  \e[31mbroker cannot be …\e[0m  \e[31mThe leader does no…\e[0m
          h3          not heard of                   \e[31mnot ready\e[0m
          h4          follower                2 min                      \e[31mno such code\e[0m

  ! pipe
  @ POST /gateways
  {"items":[{"name":"x"},{"self":true,"name":"line-1","host":"h1","role":"leader","term":18,"revision":1235}]}
  $ ctl gateways promote
  http://127.0.0.1:5000 becomes the leader: the configuration is changed there, and no longer at another gateway. Go on?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  $ ctl gateways promote --yes
  > POST /gateways <- {"role":"leader"}
  http://127.0.0.1:5000 is now the leader, term 18, revision 1235

  $ ctl gateways promote -y -o csv
  > POST /gateways <- {"role":"leader"}
  name,host,role,leader,term,revision\r
  line-1,h1,leader,,18,1235\r

  $ ctl gateways promote -y -o json
  > POST /gateways <- {"role":"leader"}
  {"items":[{"name":"x"},{"self":true,"name":"line-1","host":"h1","role":"leader","term":18,"revision":1235}]}

  ! terminal 80x24
  ! stdin y\n
  $ ctl gateways promote
  > POST /gateways <- {"role":"leader"}
  http://127.0.0.1:5000 becomes the leader: the configuration is changed there, and no longer at another gateway. Go on? [y/N] http://127.0.0.1:5000 is now the leader, term 18, revision 1235

  ! stdin YES\r\n
  $ ctl gateways promote
  > POST /gateways <- {"role":"leader"}
  http://127.0.0.1:5000 becomes the leader: the configuration is changed there, and no longer at another gateway. Go on? [y/N] http://127.0.0.1:5000 is now the leader, term 18, revision 1235

  ! stdin no\n
  $ ctl gateways promote
  http://127.0.0.1:5000 becomes the leader: the configuration is changed there, and no longer at another gateway. Go on? [y/N] Nothing was changed.
  [1]

  ! nothing
  $ ctl gateways promote
  http://127.0.0.1:5000 becomes the leader: the configuration is changed there, and no longer at another gateway. Go on? [y/N]\x20
  Nothing was changed.
  [1]

  @ POST /gateways
  {"items":[{"self":true,"leader":"http://h2:5000","term":18,"revision":1235}]}
  ! stdin yes
  $ ctl gateways follow http://h2:5000
  > POST /gateways <- {"role":"follower","leader":"http://h2:5000"}
  http://127.0.0.1:5000 takes the configuration of http://h2:5000, in place of its own, which is kept in a file. Go on? [y/N] http://127.0.0.1:5000 is now a follower of http://h2:5000, term 18, revision 1235

  ! pipe
  @ POST /gateways 409
  {"status":409,"detail":"it follows another"}
  $ ctl gateways follow 'http://h2:5000/"x"' -y
  > POST /gateways <- {"role":"follower","leader":"http://h2:5000/\\"x\\""}
  tagferryctl: following http://h2:5000/"x": it follows another
  [1]

  $ ctl gateways promote -y
  > POST /gateways <- {"role":"leader"}
  tagferryctl: promotion: it follows another
  [1]

  $ ctl gateways follow
  tagferryctl: follow needs the URL of the leader
  Try: tagferryctl gateways --help
  [2]

  $ ctl gateways promote x
  tagferryctl: promote takes no operand
  Try: tagferryctl gateways --help
  [2]

  $ ctl gateways lead
  tagferryctl: "lead" must be promote or follow URL
  Try: tagferryctl gateways --help
  [2]

Answers without what is looked for.

  @ POST /gateways
  {"items":[{"name":"x"}]}
  $ ctl gateways promote -y
  > POST /gateways <- {"role":"leader"}
  http://127.0.0.1:5000 is now the leader, term , revision\x20

  $ ctl gateways promote -y -o csv
  > POST /gateways <- {"role":"leader"}
  name,host,role,leader,term,revision\r
  ,,,,,\r

  @ GET /gateways 401
  {"status":401,"detail":"no"}
  $ ctl gateways
  > GET /gateways
  tagferryctl: the gateways: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]
