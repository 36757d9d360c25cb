How requests are made, and what is said of answers that are none of Tagferry.

All options of a read and of a change.

  ! verbose
  @ GET /devices
  {"items":[],"total":0,"next":null}
  @ PUT /devices/a/tags/b/value
  {}
  @ GET /devices/a/tags/b etag="7"
  {"modbus":{"type":"uint16"}}
  @ GET /devices/a/tags/b/value
  {"value":1}
  @ GET /export
  {}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  >   url: http://127.0.0.1:5000/api/v1/devices?live=true&limit=1000
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
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  $ ctl write a/b 2 --yes --timeout 1500ms
  > GET /devices/a/tags/b
  >   url: http://127.0.0.1:5000/api/v1/devices/a/tags/b
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 1500
  >   low speed: 1
  >   low speed s: 2
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > GET /devices/a/tags/b/value
  >   url: http://127.0.0.1:5000/api/v1/devices/a/tags/b/value
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 1500
  >   low speed: 1
  >   low speed s: 2
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > PUT /devices/a/tags/b/value [If-Match: 7] <- {"value":2}
  >   url: http://127.0.0.1:5000/api/v1/devices/a/tags/b/value
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 1500
  >   low speed: 1
  >   low speed s: 2
  >   tls: 6
  >   bytes: 11
  >   method: PUT
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   header Content-Type: application/json
  >   header If-Match: 7
  a/b written: 1 -> 2, read back unknown

  $ ctl export --timeout 2m
  > GET /export?format=json
  >   url: http://127.0.0.1:5000/api/v1/export?format=json
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 120000
  >   low speed: 1
  >   low speed s: 120
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  {}(no newline)

  $ ctl export
  > GET /export?format=json
  >   url: http://127.0.0.1:5000/api/v1/export?format=json
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 600
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  {}(no newline)
  $ printf 'secret other\n' > token; printf 'x' > ca
  $ ctl devices -u https://10.0.0.1:5000/proxy/ --token-file token --ca-file ca --timeout 1
  > GET /devices?live=true&limit=1000 [Authorization: Bearer secret]
  >   url: https://10.0.0.1:5000/proxy/api/v1/devices?live=true&limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 1000
  >   low speed: 1
  >   low speed s: 1
  >   tls: 6
  >   ca file: ca
  >   ca folder: (none)
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   header Authorization: Bearer secret
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  ! brief

Files that cannot be used.

  $ : > empty; printf ' \n' > blank; mkdir -p folder
  $ ctl devices -t empty
  tagferryctl: the token file empty cannot be used: it is empty
  [2]

  $ ctl devices -t blank
  tagferryctl: the token file blank cannot be used: it is empty
  [2]

  $ ctl devices -t nothing
  tagferryctl: the token file nothing cannot be used: No such file or directory
  [2]

  $ ctl devices --ca-file empty
  tagferryctl: the CA file empty cannot be used: it is empty
  [2]

  $ ctl devices --ca-file nothing
  tagferryctl: the CA file nothing cannot be used: No such file or directory
  [2]

  $ ctl devices --ca-file folder
  tagferryctl: the CA file folder cannot be used: Is a directory
  [2]

URLs.

  $ ctl devices -u HTTP://a
  > GET /devices?live=true&limit=1000
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  $ ctl devices -u ftp://a
  tagferryctl: the URL "ftp://a" must begin with http:// or https://, such as http://127.0.0.1:5000
  [2]

  $ ctl devices -u http:
  tagferryctl: the URL "http:" must begin with http:// or https://, such as http://127.0.0.1:5000
  [2]

  $ ctl devices -u http://
  tagferryctl: the URL "http://" has no host, as in http://127.0.0.1:5000
  [2]

  $ ctl devices -u https:////
  tagferryctl: the URL "https:////" has no host, as in http://127.0.0.1:5000
  [2]

  $ ctl devices -u http://a?b
  tagferryctl: the URL "http://a?b" is too long, or has a blank, ? or #
  [2]

  $ ctl devices -u 'http://a b'
  tagferryctl: the URL "http://a b" is too long, or has a blank, ? or #
  [2]

  $ ctl devices -u http://a#b
  tagferryctl: the URL "http://a#b" is too long, or has a blank, ? or #
  [2]

  $ ctl devices -u http://xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx?
  tagferryctl: the URL "http://xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is too long, or has a blank, ? or #
  [2]

Reads are repeated after a pause, and the server is named without its password.

  @ GET /devices code=7 reason=refused
  $ ctl devices -u http://user:pass@word@host/path@x
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  tagferryctl: http://host/path@x does not answer: refused
  Does tagferry-api run there? Another server is chosen with --url.
  [3]

  @ GET /devices code=56 reason=reset
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: reset
  [3]

  @ GET /devices code=55 reason=send
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: send
  [3]

  @ GET /devices code=52 reason=empty
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: empty
  Does the server want https://?
  [3]

  $ ctl devices -u https://a
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  tagferryctl: https://a does not answer: empty
  [3]

  @ GET /devices code=18 reason=partial
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: partial
  [3]

  @ GET /devices code=6 reason=resolve
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: resolve
  [3]

  @ GET /devices code=60 reason=peer
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: peer
  The certificate that signed the server's is named with --ca-file.
  [3]

  @ GET /devices code=28
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: Timeout was reached
  [3]

  @ GET /devices code=28 reason="Operation too slow. Less than 1 bytes"
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: nothing came for 10 s; see --timeout
  [3]

  $ ctl devices --timeout 1999ms
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000 does not answer: nothing came for 2 s; see --timeout
  [3]

  @ GET /devices code=7 reason=refused
  + GET /devices code=7 reason=refused
  + GET /devices
  {"items":[],"total":0,"next":null}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  > waits 200 ms
  > GET /devices?live=true&limit=1000
  > waits 400 ms
  > GET /devices?live=true&limit=1000
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

Changes are not repeated, and may have been made.

  @ POST /import code=56 reason=reset
  @ POST /devices/preview code=56 reason=reset
  $ printf '{}' > a.json
  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- {}
  tagferryctl: http://127.0.0.1:5000 does not answer: reset
  The change may have been made: look before you repeat it.
  [3]

  @ POST /import code=7 reason=refused
  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- {}
  tagferryctl: http://127.0.0.1:5000 does not answer: refused
  Does tagferry-api run there? Another server is chosen with --url.
  [3]

  @ POST /import code=6 reason=resolve
  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- {}
  tagferryctl: http://127.0.0.1:5000 does not answer: resolve
  [3]

  @ POST /import code=52 reason=empty
  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- {}
  tagferryctl: http://127.0.0.1:5000 does not answer: empty
  The change may have been made: look before you repeat it.
  [3]

  @ POST /import code=28 reason="Operation too slow. Less"
  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- {}
  tagferryctl: http://127.0.0.1:5000 does not answer: nothing came for 600 s; see --timeout
  The change may have been made: look before you repeat it.
  [3]

  @ POST /import 200 type=text/html
  <html>
  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- {}
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, text/html)
  The change may have been made: look before you repeat it.
  [3]

Answers that are none of Tagferry.

  @ GET /devices 200 type=text/html
  <html>
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, text/html)
  [3]

  @ GET /devices 200 type=
  x
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, without a type)
  [3]

  @ GET /devices 503 type=
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 503, nothing else)
  [3]

  @ GET /devices 200 type="application/json; charset=utf-8"
  {]
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, invalid JSON)
  [3]

  @ GET /devices 301 type= location=https://[::1]/a
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 301, go to https://[::1]/a)
  [3]

  @ GET /devices 204 type=
  $ ctl devices
  > GET /devices?live=true&limit=1000
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  @ GET /devices 200 type=text/plain
  text
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, text/plain)
  [3]

Problems: the places of errors with equal texts, at most five of them; a cell; a pointer; a code in place of a text.

  @ GET /devices 422
  {"title":"x","status":422,"detail":"There are 9 errors; see errors.","errors":[
   {"row":3,"column":"scale","cell":"0\u202e","detail":"must not be 0"},
   {"row":4,"column":"scale","detail":"must not be 0"},
   {"row":15,"cell":"x","detail":"must not be 0"},
   {"pointer":"/modbus/scale","detail":"must not be 0"},
   {"pointer":"modbus/offset","detail":"must not be 0"},
   {"pointer":"","code":"required","detail":"needs a name"},
   {"pointer":"/a","code":"only_code"},
   {"pointer":"/6","detail":"must not be 0"},
   {"pointer":"/7","detail":"must not be 0"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: 9 errors:
    row 3, column scale "0?"; row 4, column scale; row 15 "x"; modbus.scale; modbus.offset; and 2 more: must not be 0
    needs a name
    a: only_code
  [1]

  @ GET /devices 422
  {"status":422,"detail":"There are 5 errors; see errors.","errors":[
   {"pointer":"/1","detail":"same"},{"pointer":"/2","detail":"same"},{"pointer":"/3","detail":"same"},{"pointer":"/4","detail":"same"},{"pointer":"/5","detail":"same"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: 5 errors:
    1; 2; 3; 4; 5: same
  [1]

One error, with and without a place, whose text the problem has or not.

  @ GET /devices 409
  {"status":409,"detail":"There is one conflict; see errors.","errors":[{"pointer":"/name","code":"name_taken","detail":"it is taken"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: name: it is taken
  [1]

  @ GET /devices 409
  {"status":409,"detail":"it is taken","errors":[{"pointer":"","code":"name_taken","detail":"it is taken"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: it is taken
  [1]

  @ GET /devices 409
  {"status":409,"detail":"it is taken","errors":[{"pointer":"/name","code":"name_taken","detail":"it is taken"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: it is taken
    name: it is taken
  [1]

  @ GET /devices 409
  {"status":409,"detail":"it is taken","errors":[{"pointer":"","detail":"it is taken"},{"pointer":"","detail":"also"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: it is taken
    it is taken
    also
  [1]

  @ GET /devices 422
  {"status":422,"detail":"see errors","errors":[{"pointer":"/a.b","detail":"wrong"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: see errors
    a.b: wrong
  [1]

  @ GET /devices 500
  {"status":500}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: status 500
  [1]

  @ GET /devices 404
  {"status":404,"detail":"no \u001b[31mdevice"}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: no ?[31mdevice
  [4]

  @ GET /devices 412
  {"status":412,"detail":"the ETag differs"}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: somebody else has changed it since it was read
  [5]

  @ GET /devices 409
  {"status":409,"detail":"changed","code":"changed_since"}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: changed
  [5]

  @ GET /devices 409
  {"status":409,"detail":"changed","errors":[{"code":"changed_since","detail":"changed"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: changed
  [5]

  @ GET /devices 409
  {"status":409,"detail":"changed","errors":[{"code":"x"},{"code":"changed_since"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: changed
    x
  [1]

  @ GET /devices 300
  {"status":300,"detail":"not here"}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: not here
  [1]

  @ GET /devices 403
  {"status":403,"detail":"this gateway follows another","leader":"http://10.0.0.1:5000"}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: this gateway follows another
    The configuration is changed at http://10.0.0.1:5000: --url http://10.0.0.1:5000
  [1]

Tokens.

  @ GET /devices 401
  {"status":401,"detail":"needs Authorization: Bearer"}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  $ ctl devices -t token
  > GET /devices?live=true&limit=1000 [Authorization: Bearer secret]
  tagferryctl: the devices: needs Authorization: Bearer
    It is in token. Another one: --token-file FILE, or tagferryctl token save.
  [1]

At most fifty errors are printed.

  @ GET /devices 422
  {"status":422,"detail":"There are 51 errors; see errors.","errors":[{"detail":"e0"},{"detail":"e1"},{"detail":"e2"},{"detail":"e3"},{"detail":"e4"},{"detail":"e5"},{"detail":"e6"},{"detail":"e7"},{"detail":"e8"},{"detail":"e9"},{"detail":"e10"},{"detail":"e11"},{"detail":"e12"},{"detail":"e13"},{"detail":"e14"},{"detail":"e15"},{"detail":"e16"},{"detail":"e17"},{"detail":"e18"},{"detail":"e19"},{"detail":"e20"},{"detail":"e21"},{"detail":"e22"},{"detail":"e23"},{"detail":"e24"},{"detail":"e25"},{"detail":"e26"},{"detail":"e27"},{"detail":"e28"},{"detail":"e29"},{"detail":"e30"},{"detail":"e31"},{"detail":"e32"},{"detail":"e33"},{"detail":"e34"},{"detail":"e35"},{"detail":"e36"},{"detail":"e37"},{"detail":"e38"},{"detail":"e39"},{"detail":"e40"},{"detail":"e41"},{"detail":"e42"},{"detail":"e43"},{"detail":"e44"},{"detail":"e45"},{"detail":"e46"},{"detail":"e47"},{"detail":"e48"},{"detail":"e49"},{"detail":"e50"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: 51 errors:
    e0
    e1
    e2
    e3
    e4
    e5
    e6
    e7
    e8
    e9
    e10
    e11
    e12
    e13
    e14
    e15
    e16
    e17
    e18
    e19
    e20
    e21
    e22
    e23
    e24
    e25
    e26
    e27
    e28
    e29
    e30
    e31
    e32
    e33
    e34
    e35
    e36
    e37
    e38
    e39
    e40
    e41
    e42
    e43
    e44
    e45
    e46
    e47
    e48
    e49
    and 1 more error
  [1]

  @ GET /devices 422
  {"status":422,"detail":"There are 62 errors; see errors.","errors":[{"detail":"e0"},{"detail":"e1"},{"detail":"e2"},{"detail":"e3"},{"detail":"e4"},{"detail":"e5"},{"detail":"e6"},{"detail":"e7"},{"detail":"e8"},{"detail":"e9"},{"detail":"e10"},{"detail":"e11"},{"detail":"e12"},{"detail":"e13"},{"detail":"e14"},{"detail":"e15"},{"detail":"e16"},{"detail":"e17"},{"detail":"e18"},{"detail":"e19"},{"detail":"e20"},{"detail":"e21"},{"detail":"e22"},{"detail":"e23"},{"detail":"e24"},{"detail":"e25"},{"detail":"e26"},{"detail":"e27"},{"detail":"e28"},{"detail":"e29"},{"detail":"e30"},{"detail":"e31"},{"detail":"e32"},{"detail":"e33"},{"detail":"e34"},{"detail":"e35"},{"detail":"e36"},{"detail":"e37"},{"detail":"e38"},{"detail":"e39"},{"detail":"e40"},{"detail":"e41"},{"detail":"e42"},{"detail":"e43"},{"detail":"e44"},{"detail":"e45"},{"detail":"e46"},{"detail":"e47"},{"detail":"e48"},{"detail":"e49"},{"detail":"e50"},{"detail":"e51"},{"detail":"e52"},{"detail":"e53"},{"detail":"e54"},{"detail":"e55"},{"detail":"e56"},{"detail":"e57"},{"detail":"e58"},{"detail":"e59"},{"detail":"e60"},{"detail":"e61"}]}
  $ ctl devices
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: 62 errors:
    e0
    e1
    e2
    e3
    e4
    e5
    e6
    e7
    e8
    e9
    e10
    e11
    e12
    e13
    e14
    e15
    e16
    e17
    e18
    e19
    e20
    e21
    e22
    e23
    e24
    e25
    e26
    e27
    e28
    e29
    e30
    e31
    e32
    e33
    e34
    e35
    e36
    e37
    e38
    e39
    e40
    e41
    e42
    e43
    e44
    e45
    e46
    e47
    e48
    e49
    and 12 more errors
  [1]

