Services that do not start, reloads, and a second gateway that follows this one.

  $ touch conf; umask 022
  $ serve() { # a service of its own, that ends by itself
  >     timeout 60 "$TAGFERRY_BIN/tagferry-api" -c conf -o "common.database=$FOLDER/b.db" -o "common.runtime_dir=$FOLDER/run" \
  >         -o "api.token_file=$FOLDER/tokens" -o api.listen=127.0.0.1:0 -o api.history_mb=0 "$@" 2>&1 | mask
  >     return "${PIPESTATUS[0]}"
  > }

What is wrong with the settings is said, and the status is 2.

  $ serve -o api.listen=0.0.0.0:0
  TIME error   [api] listen: 0.0.0.0 is not a loopback address, and there are no tokens in FOLDER/tokens; create one with "tagferry-api token add NAME --scope write", or listen on 127.0.0.1
  [2]
  $ serve -o api.listen=[::]:0
  TIME error   [api] listen: :: is not a loopback address, and there are no tokens in FOLDER/tokens; create one with "tagferry-api token add NAME --scope write", or listen on 127.0.0.1
  [2]
  $ serve -o api.listen=127.0.0.1:65536
  -o api.listen: [api] listen: "127.0.0.1:PORT" is not an address such as "127.0.0.1:PORT" or "[::1]:8502"
  [2]
  $ serve -o api.tls_certificate=cert.pem
  TIME error   [api] tls_certificate and tls_key must be set together
  [2]
  $ serve -o api.tls_key=key.pem
  TIME error   [api] tls_certificate and tls_key must be set together
  [2]
  $ serve -o api.tls_certificate=cert.pem -o api.tls_key=key.pem
  TIME error   [api] cert.pem: Error while reading file.
  [2]
  $ echo x >cert.pem; serve -o api.tls_certificate=cert.pem -o api.tls_key=key.pem
  TIME error   [api] cert.pem: No certificate was found.
  [2]
  $ make_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }
  $ make_key key.pem; make_key other.pem
  $ openssl req -x509 -new -key key.pem -subj /CN=gateway -days 9 -out cert.pem 2>/dev/null
  $ echo x >bad.pem; serve -o api.tls_certificate=cert.pem -o api.tls_key=bad.pem
  TIME warning bad.pem holds a secret, and every user of this machine can read it: chmod o= bad.pem
  TIME error   [api] bad.pem: The requested data were not available.
  [2]
  $ serve -o api.tls_certificate=cert.pem -o api.tls_key=other.pem
  TIME error   [api] other.pem: The certificate and the given key do not match.
  [2]
  $ "$TAGFERRY_BIN/tagferry-api" -c conf --check-config -o "api.tls_certificate=cert.pem" -o api.tls_key=other.pem
  tagferry-api: [api] other.pem: The certificate and the given key do not match.
  [2]
  $ "$TAGFERRY_BIN/tagferry-api" -c conf --check-config -o "api.tls_certificate=cert.pem" -o api.tls_key=key.pem
  $ serve -o api.follow=gateway
  TIME error   [api] follow: the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000
  [2]
  $ serve -o api.follow=http://a/b
  TIME error   [api] follow: the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000
  [2]
  $ echo x >file; serve -o "common.database=$FOLDER/file/b.db" | tail -1
  TIME error   store: FOLDER/file/b.db: unable to open database file
  $ serve -o "common.database=$FOLDER/file" | tail -1
  TIME error   store: FOLDER/file: cannot read the store: file is not a database
  $ serve -o "api.listen=127.0.0.1:${API##*:}" | tail -1
  TIME error   cannot listen on 127.0.0.1:PORT: Address already in use
  $ serve -o "api.listen=192.0.2.1:80" | tail -1
  TIME error   [api] listen: 192.0.2.1 is not a loopback address, and there are no tokens in FOLDER/tokens; create one with "tagferry-api token add NAME --scope write", or listen on 127.0.0.1
  $ echo damaged >tokens; serve -o api.listen=0.0.0.0:0; rm tokens
  TIME error   tokens: FOLDER/tokens:1: not a token line; all requests are refused until this is fixed
  TIME error   [api] listen: 0.0.0.0 is not a loopback address, and the tokens in FOLDER/tokens cannot be read
  $ ls
  b.db
  bad.pem
  cert.pem
  conf
  file
  key.pem
  other.pem
  run

A second gateway follows the first: what its log says, and what both show.

  $ cat >conf <<END
  > [common]
  > database = $FOLDER/b.db
  > runtime_dir = $FOLDER/run
  > gateway = second
  > [api]
  > token_file = $FOLDER/tokens
  > listen = 127.0.0.1:0
  > history_mb = 0
  > follow = $API/
  > END
  $ for i in 1 2 3; do api POST /devices "{\"name\": \"d$i\", \"mqtt\": {\"topic\": \"t$i\"}}" | head -1; done
  201
  201
  201
  $ api POST /devices/d1/tags '{"name": "t", "mqtt": {"key": "k"}}' | head -1
  201
  $ : >log; "$TAGFERRY_BIN/tagferry-api" -c conf >>log 2>&1 &
  $ SECOND=$!; trap 'kill -9 "$SECOND" 2>/dev/null' EXIT
  $ await '(http)' cat log >/dev/null; PORT=$(sed -n 's/.*listening on 127.0.0.1:\([0-9]*\) (http)/\1/p' log)
  $ second() { API="http://127.0.0.1:$PORT" api "$@"; }
  $ gateways() { "$1" GET /gateways | sed -E -e 's/"host":"[^"]*"/"host":"HOST"/g; s/"lag_s":[0-9.]+/"lag_s":S/; s/"parts":\{.*/"parts":{.../; s/port [0-9]+ after [0-9]+ ms/port N after MS ms/; s/[0-9]{8}T[0-9]{9}Z/TIME/'; }
  $ await '"revision":4' gateways second >/dev/null; await '"role":"leader"' gateways second
  200
  {"items":[
  {"name":"second","host":"HOST","self":true,"role":"follower","leader":"http://127.0.0.1:PORT","term":0,"revision":4,"lag_s":S,"last_error":null,"devices":3,"last_seen":null,"ready":false,"parts":{...
  {"name":null,"host":"HOST","self":false,"role":"leader","leader":null,"term":0,"revision":4,"lag_s":null,"last_error":null,"devices":3,"last_seen":null,"ready":false,"parts":{...
  $ await '"revision":4,"lag_s":S' gateways api
  200
  {"items":[
  {"name":null,"host":"HOST","self":true,"role":"leader","leader":null,"term":0,"revision":4,"lag_s":null,"last_error":null,"devices":3,"last_seen":null,"ready":false,"parts":{...
  {"name":"second","host":"HOST","self":false,"role":"follower","leader":null,"term":0,"revision":4,"lag_s":S,"last_error":null,"devices":3,"last_seen":"TIME","ready":false,"parts":{...
  $ second GET /devices | sed 's/,"label.*"total/ ... "total/; s/,"label".*//'
  200
  {"items":[
  {"name":"d1"
  {"name":"d2"
  {"name":"d3" ... "total":3,"next":null}
  $ second GET /devices/d1/tags/t | sed 's/.*"revision"/"revision"/'
  200
  "revision":4,"created_at":"TIME","updated_at":"TIME"}
  $ second POST /devices '{"name": "x", "mqtt": {"topic": "x"}}'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"This gateway follows http://127.0.0.1:PORT; change the configuration there, or make this one the leader.","errors":[],"code":"follower","leader":"http://127.0.0.1:PORT"}
  $ second DELETE /devices/d2
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"This gateway follows http://127.0.0.1:PORT; change the configuration there, or make this one the leader.","errors":[],"code":"follower","leader":"http://127.0.0.1:PORT"}
  $ second POST /import -d 'device,tag,topic
  > x,y,z' -H 'Content-Type: text/csv'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"This gateway follows http://127.0.0.1:PORT; change the configuration there, or make this one the leader.","errors":[],"code":"follower","leader":"http://127.0.0.1:PORT"}
  $ second PATCH /devices/d1/tags/t '{"unit": "bar"}'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"This gateway follows http://127.0.0.1:PORT; change the configuration there, or make this one the leader.","errors":[],"code":"follower","leader":"http://127.0.0.1:PORT"}
  $ second GET /store
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"This gateway follows http://127.0.0.1:PORT; change the configuration there, or make this one the leader.","errors":[],"code":"follower","leader":"http://127.0.0.1:PORT"}
  $ second GET '/store?role=leader' | sed -E 's/"(branch|instance)":"[0-9a-f]*"/"\1":"RANDOM"/g'
  200
  {"role":"follower","leader":"http://127.0.0.1:PORT","term":0,"revision":4,"branch":"RANDOM","instance":"RANDOM"}
  $ second GET /metrics | grep '^tagferry_store_[rtl]\|^tagferry_replica_lag' | sed 's/\(lag_seconds\) .*/\1 S/'
  tagferry_store_revision 4
  tagferry_store_term 0
  tagferry_store_leader 0
  tagferry_replica_lag_seconds S
  $ api PATCH /devices/d2 '{"name": "e2"}' | head -1
  200
  $ api DELETE /devices/d3
  204
  $ await '"total":2' second GET /devices | sed 's/,"label.*"total/ ... "total/; s/,"label".*//'
  200
  {"items":[
  {"name":"d1"
  {"name":"e2" ... "total":2,"next":null}
  $ second GET '/audit?limit=2' | sed -n 's/"at".*"action"/ ... "action"/p' | sed 's/"before".*//'
  {"id":6,"revision":6, ... "action":"delete","kind":"device","device":"d3","tag":null,"profile":null,
  {"id":5,"revision":5, ... "action":"change","kind":"device","device":"e2","tag":null,"profile":null,

It is made the leader: then it takes changes, and the first one says that it has a newer term.

  $ second POST /gateways '{"role": "leader"}' | sed -E 's/"host":"[^"]*"/"host":"HOST"/g; s/"parts":\{.*/"parts":{.../; s/"branch.*//' | head -3
  200
  {"items":[
  {"name":"second","host":"HOST","self":true,"role":"leader","leader":null,"term":1,"revision":6,"lag_s":null,"last_error":null,"devices":2,"last_seen":null,"ready":false,"parts":{...
  $ second POST /devices '{"name": "x", "mqtt": {"topic": "x"}}' | head -1
  201
  $ role() { api POST /gateways "$1" | sed -E 's/"host":"[^"]*"/"host":"HOST"/g; s/"lag_s":[0-9.]+/"lag_s":S/; s/"parts":\{.*/"parts":{.../' | head -4; }
  $ api POST /devices '{"name": "own", "mqtt": {"topic": "own"}}' | head -1
  201
  $ role "{\"role\": \"follower\", \"leader\": \"http://127.0.0.1:$PORT\"}" | head -1
  200
  $ await '"name":"x"' api GET /devices | sed 's/,"label.*"total/ ... "total/; s/,"label".*//'
  200
  {"items":[
  {"name":"d1"
  {"name":"e2"
  {"name":"x" ... "total":3,"next":null}
  $ api GET /gateways | tail -1 | sed -E 's/[0-9]{8}T[0-9]{9}Z/TIME/'
  {"name":"tagferry.db-term-0-TIME","at":"TIME","term":0}]}
  $ role "{\"role\": \"follower\", \"leader\": \"$API\"}"
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"Nothing is changed: http://127.0.0.1:PORT does not lead, it follows http://127.0.0.1:PORT. Name the leader.","errors":[]}
  $ second POST /gateways "{\"role\": \"follower\", \"leader\": \"$API\"}"
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"Nothing is changed: http://127.0.0.1:PORT does not lead, it follows http://127.0.0.1:PORT. Name the leader.","errors":[]}

A reload takes another level of log, and not another address; it says what it does not take.

  $ sed -i 's/^listen.*/listen = 127.0.0.1:1/; s/^gateway.*/gateway = third/; $a tls_certificate = cert.pem' conf
  $ kill -HUP "$SECOND"; await reload cat log >/dev/null
  $ await 'tls' grep -h -i 'reload\|restart\|tls\|takes' log | mask
  TIME warning [api] tls_certificate turns HTTPS on or off, which takes a restart
  TIME warning [common] gateway has changed, which takes a restart
  TIME warning [api] listen has changed, which takes a restart
  TIME info    configuration reloaded
  $ sed -i 's/^tls_certificate.*/max_body_bytes = 1023/' conf; kill -HUP "$SECOND"; await '1023' cat log >/dev/null; grep -h 1023 log | mask
  conf:10: [api] max_body_bytes: "1023" is not a whole number from 1024 to 1073741824
  $ sed -i 's/^max_body_bytes.*/max_body_bytes = 1024/' conf; kill -HUP "$SECOND"; await 413 second POST /devices "$(printf '%1025s' '{}')"
  413
  {"type":"about:blank","title":"Content Too Large","status":413,"detail":"The body is larger than 1024 bytes.","errors":[]}

The end of the second one is an error of the first, which goes on with what it has.

  $ kill "$SECOND"; wait "$SECOND"
  $ await unreachable gateways api
  200
  {"items":[
  {"name":null,"host":"HOST","self":true,"role":"follower","leader":"http://127.0.0.1:PORT","term":1,"revision":7,"lag_s":S,"last_error":{"code":"unreachable","detail":"http://127.0.0.1:PORT/api/v1/store: Failed to connect to 127.0.0.1 port N after MS ms: Couldn't connect to server","at":"TIME"},"devices":3,"last_seen":null,"ready":false,"parts":{...
  {"name":"second","host":"HOST","self":false,"role":"leader","leader":null,"term":1,"revision":7,"lag_s":null,"last_error":null,"devices":3,"last_seen":null,"ready":false,"parts":{...
  {"name":"tagferry.db-term-0-TIME","at":"TIME","term":0}]}
  $ api GET /devices | tail -1 | sed 's/.*"total"/"total"/'
  "total":3,"next":null}
  $ grep -v 'GET\|POST\|DELETE\|PATCH' log | mask | sed -E '/ revision [0-9]+ from |listening on/d; s/[0-9]+ bytes/N bytes/; s/in [0-9]+ ms/in MS ms/' | uniq
  TIME info    the store is FOLDER/b.db
  TIME info    gateways: this one follows http://127.0.0.1:PORT
  TIME info    gateways: took the whole store of http://127.0.0.1:PORT, N bytes, term 0, revision 4, in MS ms
  TIME info    gateways: this one leads, term 1, revision 6
  TIME warning [api] tls_certificate turns HTTPS on or off, which takes a restart
  TIME warning [common] gateway has changed, which takes a restart
  TIME warning [api] listen has changed, which takes a restart
  TIME info    configuration reloaded
  conf:10: [api] max_body_bytes: "1023" is not a whole number from 1024 to 1073741824
  TIME error   configuration not reloaded: it has errors; the old one stays in effect
  TIME warning [common] gateway has changed, which takes a restart
  TIME warning [api] listen has changed, which takes a restart
  TIME info    configuration reloaded
