The HTTP of tagferry-api: methods, paths, queries, headers, sizes of bodies, pages of browsers.
Options: api.cors_origins=https://hmi.example,http://panel:8080 api.max_body_bytes=1024 api.max_import_bytes=2048

  $ whole() { curl -sS -g -i -H 'X-Request-Id: here' "$@" | tr -d '\r' | sed -e '/^Date: /d' | mask; echo; }
  $ raw() { # these bytes, with escapes of printf: all that is answered, but the date
  >     exec 3<>"/dev/tcp/127.0.0.1/${API##*:}"
  >     printf "$@" >&3
  >     timeout 20 cat <&3 | tr -d '\r' | sed -e '/^Date: /d; s/^X-Request-Id: [0-9a-f]*-[0-9a-f]*$/X-Request-Id: ID/' | mask; echo
  >     exec 3>&-
  > }
  $ device() { printf '{"name": "%s", "mqtt": {"topic": "%s"}}' "$1" "$1"; }

The headers of an answer: of JSON, of a created resource, without content, of a text, of an error.

  $ whole "$API/api/v1/devices"
  HTTP/1.1 200 OK
  Content-Type: application/json
  ETag: "0"
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 34
  
  {"items":[],"total":0,"next":null}
  $ whole -d "$(device kiln)" -H 'Content-Type: application/json' "$API/api/v1/devices"
  HTTP/1.1 201 Created
  Content-Type: application/json
  ETag: "1"
  Location: /api/v1/devices/kiln
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 635
  
  {"name":"kiln","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"kiln","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}
  $ whole -I "$API/api/v1/devices"
  HTTP/1.1 200 OK
  Content-Type: application/json
  ETag: "1"
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 669
  
  
  $ whole -I "$API/api/v1/devices/kiln"
  HTTP/1.1 200 OK
  Content-Type: application/json
  ETag: "1"
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 635
  
  
  $ whole -X OPTIONS "$API/api/v1/devices/kiln"
  HTTP/1.1 204 No Content
  Allow: GET, HEAD, PUT, PATCH, DELETE, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  
  
  $ whole -X OPTIONS "$API/api/v1/devices"
  HTTP/1.1 204 No Content
  Allow: GET, HEAD, POST, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  
  
  $ whole -X OPTIONS "$API/api/v1/values"
  HTTP/1.1 204 No Content
  Allow: GET, HEAD, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  
  
  $ whole -X DELETE "$API/api/v1/devices/kiln"
  HTTP/1.1 204 No Content
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  
  
  $ whole "$API/api/v1/devices/kiln"
  HTTP/1.1 404 Not Found
  Content-Type: application/problem+json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 107
  
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"kiln\".","errors":[]}
  $ whole "$API/healthz"
  HTTP/1.1 200 OK
  Content-Type: application/json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 15
  
  {"status":"ok"}
  $ whole -X PATCH "$API/healthz"
  HTTP/1.1 405 Method Not Allowed
  Content-Type: application/problem+json
  Allow: GET, HEAD, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 126
  
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, OPTIONS.","errors":[]}
  $ whole -X BREW "$API/api/v1/devices/a/tags"
  HTTP/1.1 405 Method Not Allowed
  Content-Type: application/problem+json
  Allow: GET, HEAD, POST, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 132
  
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, POST, OPTIONS.","errors":[]}

The request id of the client is kept if it has at most 64 of these characters, and is replaced otherwise.

  $ named() { curl -sS -o /dev/null -D - -H "X-Request-Id: $1" "$API/healthz" | tr -d '\r' | sed -n 's/^X-Request-Id: //p' | sed -E 's/^[0-9a-f]{6,}-[0-9a-f]+$/ANOTHER/'; }
  $ named AZaz09-._:
  AZaz09-._:
  $ named "$(printf 'i%.0s' {1..64})"
  iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii
  $ named "$(printf 'i%.0s' {1..65})"
  ANOTHER
  $ named 'a b'
  ANOTHER
  $ named 'a/b'
  ANOTHER
  $ named ''
  ANOTHER

Paths: the escapes, the end, what is not there.

  $ api POST /devices "$(device 'oven')" >"$FOLDER/oven"; head -1 "$FOLDER/oven"
  201
  $ api GET /devices/%6fven | sed 's/,"label.*//'
  200
  {"name":"oven"
  $ api GET /devices/oven/
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /devices/ov%zzen
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /devices/ov%00en
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /devices/ov%ffen
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /devices/ov%2Fen
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"ov/en\".","errors":[]}
  $ api GET //devices
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /api/v2/devices
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /devices/oven/tags/t/value/x
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api PUT /devices
  405
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, POST, OPTIONS.","errors":[]}
  $ api DELETE /values
  405
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, OPTIONS.","errors":[]}
  $ api GET /nothing?limit=1
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}

Queries: unknown and repeated parameters, escapes, numbers at their limits and beside them.

  $ api GET '/devices?limit=0'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?limit=1&limit=2'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The query parameter \"limit\" appears more than once.","errors":[]}
  $ api GET '/devices?Limit=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"Limit\"; this path supports: quality reason live q limit after.","errors":[]}
  $ api GET '/devices?=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"\"; this path supports: quality reason live q limit after.","errors":[]}
  $ api GET '/devices?limit=1000' | head -1
  200
  $ api GET '/devices?limit=1001'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?limit='
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?limit'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?limit=+1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?limit=1%20'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?limit=99999999999999999999'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/devices?&&limit=1&' | head -1
  200
  $ api GET '/devices?q=%'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The query contains an invalid %-escape, or text that is not UTF-8.","errors":[]}
  $ api GET '/devices?q=%ff'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The query contains an invalid %-escape, or text that is not UTF-8.","errors":[]}
  $ api GET '/healthz?x=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"x\"; this path supports: none.","errors":[]}
  $ api GET "/devices?$(printf 'n%.0s' {1..70})=1"
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\"; this path supports: quality reason live q limit after.","errors":[]}
  $ api GET '/devices?q=o+v'
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/devices?q=ov%65' | sed 's/,"label.*"total/ ... "total/'
  200
  {"items":[
  {"name":"oven" ... "total":1,"next":null}

Bodies: the exact size, one more byte, kinds of content, and a body where there is none.

  $ padded() { printf '%-*s' "$1" "$(device "$2")"; }
  $ api POST /devices "$(padded 1024 d1024)" | head -1
  201
  $ api POST /devices "$(padded 1025 d1025)"
  413
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 1024 bytes.","errors":[]}
  $ api POST /devices "$(padded 1025 d1025)" -H 'Transfer-Encoding: chunked'
  413
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 1024 bytes.","errors":[]}
  $ api POST /devices "$(padded 1024 e1024)" -H 'Transfer-Encoding: chunked' | head -1
  201
  $ api POST '/import?mode=merge' "$(printf '%-2048s' 'device,tag')" -H 'Content-Type: text/csv' | head -1
  400
  $ api POST '/import?mode=merge' "$(printf '%-2049s' 'device,tag')" -H 'Content-Type: text/csv'
  413
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 2048 bytes.","errors":[]}
  $ api POST /devices ''
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is empty; JSON is expected.","errors":[]}
  $ api POST /devices 'x'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 0.","errors":[]}
  $ api POST /devices '[]'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 3 errors; see errors.","errors":[
  {"pointer":"","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ api POST /devices '{"name":'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 8.","errors":[]}
  $ api POST /devices '{} {}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 3.","errors":[]}
  $ typed() { api POST /devices -d "$(device "$1")" -H "Content-Type: $2"; }
  $ typed json1 'application/json; charset=utf-8' | head -1
  201
  $ typed json2 'APPLICATION/JSON' | head -1
  201
  $ typed json3 'application/jsonx'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: application/json'.","errors":[]}
  $ typed json4 'application/merge-patch+json'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: application/json'.","errors":[]}
  $ typed json5 'text/plain'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: application/json'.","errors":[]}
  $ typed json6 '' | head -1
  201
  $ api PATCH /devices/oven '{"label": "An oven"}' -H 'Content-Type: application/merge-patch+json' | head -1
  200
  $ api PATCH /devices/oven '{"label": "An oven"}' | head -1
  200
  $ api PATCH /devices/oven -d '{"label": "An oven"}' -H 'Content-Type: application/json-patch+json'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: application/json'.","errors":[]}
  $ api POST /import -d 'device,tag' -H 'Content-Type: application/x-www-form-urlencoded'
  200
  {"created":0,"changed":0,"deleted":0,"dry_run":false,"changes":[]}
  $ api POST /import -d 'device,tag' -H 'Content-Type: application/x-www-form-urlencoded' -H 'Sec-Fetch-Site: same-origin' -H 'X-Requested-With: t'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: text/csv' for a table, 'application/json', or for a workbook 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'.","errors":[]}
  $ api POST /import -d 'device,tag' -H 'Content-Type: application/pdf'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: text/csv' for a table, 'application/json', or for a workbook 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'.","errors":[]}
  $ api POST /devices "$(device packed)" -H 'Content-Encoding: gzip'
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"Content-Encoding: gzip is not supported; send the body without it.","errors":[]}
  $ api POST /devices "$(device "packed2")" -H 'Content-Encoding: Identity' | head -1
  201
  $ api GET /healthz 'a body' -H 'Content-Encoding: gzip'
  200
  {"status":"ok"}

Tags of entities: a list, a weak one, the one of the packed answer, any.

  $ api GET /devices/oven -H 'If-None-Match: "1", W/"9"' | sed 's/,"label.*//'
  304
  $ etag=$(headers GET /devices/oven ETag | sed 's/.*: //'); echo "$etag"
  "9"
  $ api GET /devices/oven -H "If-None-Match: $etag"
  304
  $ api GET /devices/oven -H "If-None-Match: \"1\", W/$etag"
  304
  $ api GET /devices/oven -H "If-None-Match: ${etag%\"}-gzip\""
  304
  $ api GET /devices/oven -H 'If-None-Match: *'
  304
  $ api PATCH /devices/oven '{"label": "x"}' -H 'If-Match: "1"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"9\".","errors":[]}
  $ api PATCH /devices/oven '{"label": "x"}' -H "If-Match: W/$etag"
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"9\".","errors":[]}
  $ api PATCH /devices/oven '{"label": "x"}' -H "If-Match: \"1\", $etag" | head -1
  200
  $ api PATCH /devices/oven '{"label": "y"}' -H 'If-Match: *' | head -1
  200
  $ api PATCH /devices/nobody '{"label": "y"}' -H 'If-Match: *'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"nobody\".","errors":[]}

Answers of 1024 bytes and more are packed for a client that accepts gzip.

  $ packed() { curl -sS -o /dev/null -D - -H "Accept-Encoding: $2" "$API/api/v1/$1" | tr -d '\r' | grep -i '^content-encoding\|^etag' || echo as it is; }
  $ packed devices gzip
  ETag: "12-gzip"
  Content-Encoding: gzip
  $ packed devices 'br, GZIP;q=0.5'
  ETag: "12-gzip"
  Content-Encoding: gzip
  $ packed devices 'gzip;q=0'
  ETag: "12"
  $ packed devices 'identity'
  ETag: "12"
  $ packed devices '*'
  ETag: "12"
  $ packed devices/oven/tags gzip
  ETag: "12"
  $ curl -sS --compressed "$API/api/v1/devices" | cut -c1-20
  {"items":[{"name":"d

Pages in browsers: the origins of cors_origins read and write, others do not.

  $ whole -X OPTIONS -H 'Origin: https://hmi.example' -H 'Access-Control-Request-Method: PATCH' "$API/api/v1/devices/oven"
  HTTP/1.1 204 No Content
  Allow: GET, HEAD, PUT, PATCH, DELETE, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Access-Control-Allow-Origin: https://hmi.example
  Access-Control-Expose-Headers: ETag, Location, X-Request-Id
  Access-Control-Allow-Methods: GET, HEAD, PUT, PATCH, DELETE, OPTIONS
  Access-Control-Allow-Headers: Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id, X-Requested-With
  Access-Control-Max-Age: 600
  
  
  $ whole -X OPTIONS -H 'Origin: https://HMI.example' "$API/api/v1/devices/oven"
  HTTP/1.1 204 No Content
  Allow: GET, HEAD, PUT, PATCH, DELETE, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Access-Control-Allow-Origin: https://HMI.example
  Access-Control-Expose-Headers: ETag, Location, X-Request-Id
  
  
  $ whole -X OPTIONS -H 'Origin: https://evil.example' -H 'Access-Control-Request-Method: PATCH' "$API/api/v1/devices/oven"
  HTTP/1.1 204 No Content
  Allow: GET, HEAD, PUT, PATCH, DELETE, OPTIONS
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  
  
  $ whole -H 'Origin: http://panel:8080' "$API/healthz"
  HTTP/1.1 200 OK
  Content-Type: application/json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Access-Control-Allow-Origin: http://panel:8080
  Access-Control-Expose-Headers: ETag, Location, X-Request-Id
  Content-Length: 15
  
  {"status":"ok"}
  $ whole -H 'Origin: http://panel' "$API/healthz"
  HTTP/1.1 200 OK
  Content-Type: application/json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: here
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 15
  
  {"status":"ok"}
  $ api DELETE /devices/packed2 -H 'Origin: http://panel:8080'
  204
  $ api DELETE /devices/json1 -H 'Origin: http://panel:8081' -H 'Host: panel:8080'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only pages of this server (\"panel:8080\") and of [api] cors_origins may change something, and the browser says that a page of http://panel:8081 sent this request. Behind a proxy, pass the header Host on as the browser sent it.","errors":[]}
  $ api DELETE /devices/json1 -H 'Origin: http://10.1.2.3:5000' -H 'Host: 10.1.2.3:5000'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser's request that changes something needs the header \"X-Requested-With: tagferry\", which a form of another site cannot send.","errors":[]}
  $ api DELETE /devices/json1 -H 'Origin: http://10.1.2.3:5000' -H 'Host: 10.1.2.3:5000' -H 'X-Requested-With: tagferry'
  204
  $ api DELETE /devices/json2 -H 'Origin: http://10.1.2.3' -H 'Host: 10.1.2.3:80' -H 'X-Requested-With: tagferry'
  204
  $ api DELETE /devices/d1024 -H 'Origin: https://10.1.2.3' -H 'Host: 10.1.2.3:443' -H 'X-Requested-With: tagferry'
  204
  $ api DELETE /devices/oven -H 'Origin: https://10.1.2.3' -H 'Host: 10.1.2.3:80' -H 'X-Requested-With: tagferry'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only pages of this server (\"10.1.2.3:80\") and of [api] cors_origins may change something, and the browser says that a page of https://10.1.2.3 sent this request. Behind a proxy, pass the header Host on as the browser sent it.","errors":[]}
  $ api DELETE /devices/oven -H 'Origin: http://10.1.2.3' -H 'Host: 10.1.2.3:443' -H 'X-Requested-With: tagferry'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only pages of this server (\"10.1.2.3:443\") and of [api] cors_origins may change something, and the browser says that a page of http://10.1.2.3 sent this request. Behind a proxy, pass the header Host on as the browser sent it.","errors":[]}
  $ api DELETE /devices/oven -H 'Origin: null' -H 'X-Requested-With: tagferry' | sed 's/127.*PORT/HERE/'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only pages of this server (\"HERE\") and of [api] cors_origins may change something, and the browser says that a page of null sent this request. Behind a proxy, pass the header Host on as the browser sent it.","errors":[]}
  $ api DELETE /devices/oven -H 'Sec-Fetch-Site: cross-site' -H 'X-Requested-With: tagferry' | sed 's/127.*PORT/HERE/'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only pages of this server (\"HERE\") and of [api] cors_origins may change something, and the browser says that a page of another site sent this request. Behind a proxy, pass the header Host on as the browser sent it.","errors":[]}
  $ api DELETE /devices/oven -H 'Sec-Fetch-Site: same-site' -H 'X-Requested-With: tagferry' | sed 's/127.*PORT/HERE/'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only pages of this server (\"HERE\") and of [api] cors_origins may change something, and the browser says that a page of another site sent this request. Behind a proxy, pass the header Host on as the browser sent it.","errors":[]}
  $ api DELETE /devices/oven -H 'Sec-Fetch-Site: none'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser's request that changes something needs the header \"X-Requested-With: tagferry\", which a form of another site cannot send.","errors":[]}
  $ api DELETE /devices/e1024 -H 'Sec-Fetch-Site: Same-Origin' -H 'X-Requested-With: tagferry'
  204

Without tokens a browser reaches the API by an address, as localhost, and by the names of cors_origins.

  $ seen() { api GET /devices?limit=1 -H "Host: $1" -H "${2:-Accept-Language: de}" | sed '/^{"items/d; s/,"label.*//'; }
  $ seen 10.1.2.3
  200
  {"name":"json6"
  $ seen '[fd00::1]:5000'
  200
  {"name":"json6"
  $ seen LocalHost:5000
  200
  {"name":"json6"
  $ seen hmi.example
  200
  {"name":"json6"
  $ seen panel
  200
  {"name":"json6"
  $ seen Panel:1
  200
  {"name":"json6"
  $ seen localhost.evil.example
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser asks for the server \"localhost.evil.example\", a name that this server does not know. Any site could use such a name, as no token is needed here. Open the page by its IP address or as localhost, add http://localhost.evil.example to [api] cors_origins, or create a token (tagferry-api token add).","errors":[]}
  $ seen evil.example 'User-Agent: mozilla/5.0'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser asks for the server \"evil.example\", a name that this server does not know. Any site could use such a name, as no token is needed here. Open the page by its IP address or as localhost, add http://evil.example to [api] cors_origins, or create a token (tagferry-api token add).","errors":[]}
  $ seen evil.example 'Origin: null'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser asks for the server \"evil.example\", a name that this server does not know. Any site could use such a name, as no token is needed here. Open the page by its IP address or as localhost, add http://evil.example to [api] cors_origins, or create a token (tagferry-api token add).","errors":[]}
  $ seen evil.example 'Sec-Fetch-Site: none'
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser asks for the server \"evil.example\", a name that this server does not know. Any site could use such a name, as no token is needed here. Open the page by its IP address or as localhost, add http://evil.example to [api] cors_origins, or create a token (tagferry-api token add).","errors":[]}
  $ seen evil.example 'User-Agent: curl/8'
  200
  {"name":"json6"
  $ seen 1.2.3.4.example
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser asks for the server \"1.2.3.4.example\", a name that this server does not know. Any site could use such a name, as no token is needed here. Open the page by its IP address or as localhost, add http://1.2.3.4.example to [api] cors_origins, or create a token (tagferry-api token add).","errors":[]}
  $ seen hmi.examples
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"A browser asks for the server \"hmi.examples\", a name that this server does not know. Any site could use such a name, as no token is needed here. Open the page by its IP address or as localhost, add http://hmi.examples to [api] cors_origins, or create a token (tagferry-api token add).","errors":[]}
  $ api GET /healthz -H 'Host: evil.example' -H 'Accept-Language: de'
  200
  {"status":"ok"}

Framing: one length, one host, one line.

  $ raw 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: r\r\nConnection: close\r\n\r\n'
  HTTP/1.1 200 OK
  Connection: close
  Content-Type: application/json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: r
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 15
  
  {"status":"ok"}
  $ raw 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'
  HTTP/1.1 400 Bad Request
  Connection: close
  Content-Type: application/problem+json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: ID
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 167
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The headers must give the body's length in exactly one way, and name exactly one host.","errors":[]}
  $ raw 'GET /healthz HTTP/1.0\r\n\r\n'
  HTTP/1.1 200 OK
  Connection: close
  Content-Type: application/json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: ID
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 15
  
  {"status":"ok"}
  $ raw 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
  HTTP/1.1 400 Bad Request
  Connection: close
  Content-Type: application/problem+json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: ID
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 167
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The headers must give the body's length in exactly one way, and name exactly one host.","errors":[]}
  $ raw 'GET http://any:80/healthz?need=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  HTTP/1.1 400 Bad Request
  Connection: close
  Content-Type: application/problem+json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: ID
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 140
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"need\"; this path supports: none.","errors":[]}
  $ raw 'GET HTTPS://any HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | head -1
  HTTP/1.1 404 Not Found
  $ raw 'POST /api/v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}'
  HTTP/1.1 400 Bad Request
  Connection: close
  Content-Type: application/problem+json
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff
  X-Request-Id: ID
  Vary: Accept, Accept-Encoding, Origin
  Content-Length: 167
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The headers must give the body's length in exactly one way, and name exactly one host.","errors":[]}
  $ raw 'POST /api/v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}' | grep -v ': '
  HTTP/1.1 400 Bad Request
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The headers must give the body's length in exactly one way, and name exactly one host.","errors":[]}
  $ raw 'POST /api/v1/devices HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n{}' | grep -v ': '
  HTTP/1.1 400 Bad Request
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The headers must give the body's length in exactly one way, and name exactly one host.","errors":[]}
  $ raw 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Odd : b\r\n\r\n' | grep -v ': '
  HTTP/1.1 400 Bad Request
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The headers must give the body's length in exactly one way, and name exactly one host.","errors":[]}
  $ raw 'GET /health z HTTP/1.1\r\nHost: a\r\n\r\n' | grep -v ': '
  HTTP/1.1 400 Bad Request
  
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The request's target contains a blank; encode it as %20.","errors":[]}
  $ raw 'POST /api/v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 4194305\r\n\r\n' | grep -v ': '
  HTTP/1.1 413 Content Too Large
  
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 1024 bytes.","errors":[]}
  $ exec 3<>"/dev/tcp/127.0.0.1/${API##*:}"
  $ { printf 'POST /api/v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n'; head -c 4194304 /dev/zero
  >     printf 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'; } >&3
  $ timeout 20 cat <&3 | tr -d '\r' | grep -v ': '; exec 3>&-
  HTTP/1.1 413 Content Too Large
  
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 1024 bytes.","errors":[]}HTTP/1.1 200 OK
  
  {"status":"ok"}
  $ raw 'POST /api/v1/devices HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000\r\nConnection: close\r\n\r\n' | grep -v ': '
  HTTP/1.1 413 Content Too Large
  
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 1024 bytes.","errors":[]}
