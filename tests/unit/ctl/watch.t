watch without a terminal: all values, then a line for each change, until Ctrl-C.

  @ GET /tags
  {"items":[{"device":"a","name":"t","unit":"°C"},{"device":"a","name":"u"},{"device":"b","name":"t"}],"total":3,"next":null}
  @ GET /values/stream type=text/event-stream
  : heartbeat
  .
  event: revision
  data: {"revision":7}
  .
  event: values
  data: [{"device":"a","tag":"t","value":21.50,"quality":"good","reason":null},
  data: {"device":"a","tag":"u","value":"größe \u001b","quality":"bad","reason":"refused"}]
  .
  event: complete
  data: {}
  .
  ~
  event: values
  data: [{"device":"b","tag":"t","value":null,"quality":"never","reason":"never_heard"},{"device":"c","tag":"x","value":1,"quality":"good"}]
  .
  event: unknown
  data: [{"device":"b","tag":"t","value":5,"quality":"good"}]
  .
  ~ 1000
  event: values
  data: [{"device":"a","tag":"t","value":21.5,"quality":"good","reason":null},{"device":"a","tag":"t","value":"1, 2","quality":"stale","reason":"silent"}]
  .
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  2026-01-02T03:04:05.250Z a/t 21.50 °C good
  2026-01-02T03:04:05.250Z a/u größe ? bad (refused)
  2026-01-02T03:04:05.250Z b/t - never (never_heard)
  2026-01-02T03:04:06.250Z a/t 21.5 °C good
  2026-01-02T03:04:06.250Z a/t 1, 2 °C stale (silent)

  $ ctl watch -o json
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  {"device":"a","tag":"t","value":21.50,"quality":"good","reason":null}
  {"device":"a","tag":"u","value":"größe \\u001b","quality":"bad","reason":"refused"}
  {"device":"b","tag":"t","value":null,"quality":"never","reason":"never_heard"}
  {"device":"a","tag":"t","value":21.5,"quality":"good","reason":null}
  {"device":"a","tag":"t","value":"1, 2","quality":"stale","reason":"silent"}

  $ ctl watch -o csv
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  at,device,tag,value,unit,quality,reason\r
  2026-01-02T03:04:05.250Z,a,t,21.50,°C,good,\r
  2026-01-02T03:04:05.250Z,a,u,größe \e,,bad,refused\r
  2026-01-02T03:04:05.250Z,b,t,,,never,never_heard\r
  2026-01-02T03:04:06.250Z,a,t,21.5,°C,good,\r
  2026-01-02T03:04:06.250Z,a,t,"1, 2",°C,stale,silent\r

  $ ctl watch --wrong
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  2026-01-02T03:04:05.250Z a/u größe ? bad (refused)
  2026-01-02T03:04:05.250Z b/t - never (never_heard)
  2026-01-02T03:04:06.250Z a/t 1, 2 °C stale (silent)

  ! terminal 80x24
  ! env TERM=dumb
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  2026-01-02T03:04:05.250Z a/t 21.50 °C good
  2026-01-02T03:04:05.250Z a/u größe ? bad (refused)
  2026-01-02T03:04:05.250Z b/t - never (never_heard)
  2026-01-02T03:04:06.250Z a/t 21.5 °C good
  2026-01-02T03:04:06.250Z a/t 1, 2 °C stale (silent)

  ! env TERM=
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  2026-01-02T03:04:05.250Z a/t 21.50 °C good
  2026-01-02T03:04:05.250Z a/u größe ? bad (refused)
  2026-01-02T03:04:05.250Z b/t - never (never_heard)
  2026-01-02T03:04:06.250Z a/t 21.5 °C good
  2026-01-02T03:04:06.250Z a/t 1, 2 °C stale (silent)

  ! env TERM=xterm
  ! pipe
  $ ctl watch -q 'x y' -d a --table coil --sort age -o json
  > GET /tags?q=x%20y&device=a&table=coil&limit=1000
  > GET /values/stream?device=a [Accept: text/event-stream]
  {"device":"a","tag":"t","value":21.50,"quality":"good","reason":null}
  {"device":"a","tag":"u","value":"größe \\u001b","quality":"bad","reason":"refused"}
  {"device":"b","tag":"t","value":null,"quality":"never","reason":"never_heard"}
  {"device":"a","tag":"t","value":21.5,"quality":"good","reason":null}
  {"device":"a","tag":"t","value":"1, 2","quality":"stale","reason":"silent"}

  $ ctl watch -d a -d b -o json
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  {"device":"a","tag":"t","value":21.50,"quality":"good","reason":null}
  {"device":"a","tag":"u","value":"größe \\u001b","quality":"bad","reason":"refused"}
  {"device":"b","tag":"t","value":null,"quality":"never","reason":"never_heard"}
  {"device":"a","tag":"t","value":21.5,"quality":"good","reason":null}
  {"device":"a","tag":"t","value":"1, 2","quality":"stale","reason":"silent"}

  $ ctl watch --sort size
  tagferryctl: --sort size: it must be name, quality, age or change
  Try: tagferryctl watch --help
  [2]

  $ ctl watch --sort name,age
  tagferryctl: --sort name,age: it must be name, quality, age or change
  Try: tagferryctl watch --help
  [2]

All options of the stream.

  ! verbose
  @ GET /values/stream type=text/event-stream
  event: complete
  data: {}
  .
  $ ctl watch -d a
  > GET /tags?device=a&limit=1000
  >   url: http://127.0.0.1:5000/api/v1/tags?device=a&limit=1000
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
  > GET /values/stream?device=a [Accept: text/event-stream]
  >   url: http://127.0.0.1:5000/api/v1/values/stream?device=a
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 0
  >   tls: 6
  >   header Accept: text/event-stream
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   polls 250 ms
  >   polls 250 ms
  (2 marks, 1 released, replies forgotten 1 times)

  ! brief

Another revision: the tags are read again, at most each two seconds, and a value that came before its tag is shown.

  @ GET /tags
  {"items":[{"device":"a","name":"t"}],"total":1,"next":null}
  + GET /tags
  {"items":[{"device":"a","name":"t"},{"device":"n","name":"n"}],"total":2,"next":null}
  @ GET /values/stream type=text/event-stream
  event: revision
  data: {"revision":7}
  .
  event: complete
  data: {}
  .
  ~ 1000
  event: revision
  data: {"revision":7}
  .
  ~ 500
  event: revision
  data: {"revision":8}
  .
  ~ 500
  event: values
  data: [{"device":"n","tag":"n","value":17,"quality":"good"}]
  .
  ~ 1
  : heartbeat
  .
  ~ 100
  : heartbeat
  .
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  > GET /tags?limit=1000
  2026-01-02T03:04:07.251Z n/n 17 good

The stream is lost, and comes again.

  ! verbose

  @ GET /tags
  {"items":[{"device":"a","name":"t"}],"total":1,"next":null}
  @ GET /values/stream type=text/event-stream code=56 reason=reset
  event: complete
  data: {}
  .
  event: values
  data: [{"device":"a","tag":"t","value":1,"quality":"good"}]
  .
  + GET /values/stream code=7 reason=refused
  + GET /values/stream code=7
  + GET /values/stream 503
  {"status":503,"detail":"it begins"}
  + GET /values/stream type=text/event-stream
  event: complete
  data: {}
  .
  event: values
  data: [{"device":"a","tag":"t","value":2,"quality":"good"}]
  .
  $ ctl watch
  > GET /tags?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/tags?limit=1000
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
  > GET /values/stream [Accept: text/event-stream]
  >   url: http://127.0.0.1:5000/api/v1/values/stream
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 0
  >   tls: 6
  >   header Accept: text/event-stream
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   polls 250 ms
  >   polls 250 ms
  > waits 100 ms
  > GET /tags?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/tags?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > GET /values/stream [Accept: text/event-stream]
  >   url: http://127.0.0.1:5000/api/v1/values/stream
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 0
  >   tls: 6
  >   header Accept: text/event-stream
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   polls 250 ms
  > waits 200 ms
  > GET /tags?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/tags?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > GET /values/stream [Accept: text/event-stream]
  >   url: http://127.0.0.1:5000/api/v1/values/stream
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 0
  >   tls: 6
  >   header Accept: text/event-stream
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   polls 250 ms
  > waits 250 ms
  > waits 150 ms
  > GET /tags?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/tags?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > GET /values/stream [Accept: text/event-stream]
  >   url: http://127.0.0.1:5000/api/v1/values/stream
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 0
  >   tls: 6
  >   header Accept: text/event-stream
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   polls 250 ms
  >   polls 250 ms
  > waits 250 ms
  > waits 250 ms
  > waits 250 ms
  > waits 50 ms
  > GET /tags?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/tags?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > GET /values/stream [Accept: text/event-stream]
  >   url: http://127.0.0.1:5000/api/v1/values/stream
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 0
  >   tls: 6
  >   header Accept: text/event-stream
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   polls 250 ms
  >   polls 250 ms
  2026-01-02T03:04:05.250Z a/t 1 good
  tagferryctl: the connection to http://127.0.0.1:5000 is lost: reset
  tagferryctl: the connection to http://127.0.0.1:5000 is lost: refused
  tagferryctl: the connection to http://127.0.0.1:5000 is lost: Couldn't connect to server
  tagferryctl: the connection to http://127.0.0.1:5000 is lost: it begins
  2026-01-02T03:04:06.750Z a/t 2 good
  (12 marks, 11 released, replies forgotten 9 times)

  ! brief

Nothing comes for eight seconds.

  @ GET /values/stream type=text/event-stream
  event: complete
  data: {}
  .
  ~ 8000
  : heartbeat
  .
  ~ 8001
  : late
  .
  ~ 8001
  + GET /values/stream type=text/event-stream
  event: complete
  data: {}
  .
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  > waits 100 ms
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  tagferryctl: the connection to http://127.0.0.1:5000 is lost: nothing came for 8 s

The first connection is refused, or is none.

  @ GET /values/stream 401
  {"status":401,"detail":"no"}
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  tagferryctl: the stream of values: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /values/stream code=7 reason=refused
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  tagferryctl: http://127.0.0.1:5000: refused
  [3]

  @ GET /values/stream code=7
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  tagferryctl: http://127.0.0.1:5000: Couldn't connect to server
  [3]

  @ GET /values/stream 200 type=text/html location=x
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, go to x)
  [3]

  @ GET /values/stream 200 type=text/event-stream location=x
  $ ctl watch
  > GET /tags?limit=1000
  > GET /values/stream [Accept: text/event-stream]
  tagferryctl: http://127.0.0.1:5000: the server has ended the stream
  [3]

  @ GET /tags 401
  {"status":401,"detail":"no"}
  $ ctl watch
  > GET /tags?limit=1000
  tagferryctl: the tags: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /tags code=6 reason=gone
  $ ctl watch
  > GET /tags?limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]
