The commands of tagferry-api beside the service, and the tokens that they make.

  $ touch conf; TOKENS=$(dirname "$FOLDER")/tokens
  $ cli() { # tagferry-api with the store and the tokens of the service
  >     SUDO_USER=ann "$TAGFERRY_BIN/tagferry-api" -c conf -o "common.database=$STORE" -o "api.token_file=$TOKENS" "$@" 2>&1 |
  >         sed -E -e "s#$(dirname "$FOLDER")#TOP#g; s/after [0-9]+ ms/after MS ms/; s/tf_[0-9a-f]{64}/TOKEN/" | mask
  >     return "${PIPESTATUS[0]}"
  > }

Words that are no command, and operands that are missing or too many, print the commands.

  $ cli nothing
  Usage: tagferry-api [options] [COMMAND]
  
  Commands that run instead of the service:
    token add NAME [--scope read|write]  create a token and print it
    token list                           list the tokens
    token revoke NAME                    revoke a token immediately
    backup FILE                          copy the store while it is in use
    restore FILE                         replace the store with a backup
    promote [--if-leaderless]            make this gateway the leader of the configuration
    follow URL                           follow the configuration of another gateway
  [2]
  $ short() { cli "$@" | head -1; return "${PIPESTATUS[0]}"; }
  $ short token
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token nothing
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token add
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token add a --scope
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token add a --scope admin
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token add a --skope read
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token add a --scope read more
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token list all
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token revoke
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short token revoke a b
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short backup
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short backup a b
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short restore
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short restore a b
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short promote now
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short promote --if-leaderless now
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short follow
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short follow http://a http://b
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short Token list
  Usage: tagferry-api [options] [COMMAND]
  [2]
  $ short -o common.nothing=1 token list
  -o common.nothing: unknown key "nothing" in [common]
  [2]
  $ short -o api.max_connections=0 token list
  -o api.max_connections: [api] max_connections: "0" is not a whole number from 1 to 10000
  [2]
  $ short -c missing token list
  missing: No such file or directory
  [2]

Tokens: of no file, one, several; names at their limit; one name once.

  $ cli token list
  $ cli token revoke nobody
  tagferry-api: no token has the name nobody
  [1]
  $ cli token add reader
  Added reader (read) to TOP/tokens; every request needs a token now.
  Keep the token safe. It is shown only once:
  TOKEN
  $ cli token list
  reader                   read  TIME
  $ cli token add reader --scope write
  tagferry-api: a token reader exists already
  [1]
  $ cli token add writer --scope write
  Added writer (write) to TOP/tokens; every request needs a token now.
  Keep the token safe. It is shown only once:
  TOKEN
  $ cli token add "$(printf 'n%.0s' {1..64})" --scope read
  Added nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn (read) to TOP/tokens; every request needs a token now.
  Keep the token safe. It is shown only once:
  TOKEN
  $ cli token add "$(printf 'n%.0s' {1..65})"
  tagferry-api: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" is not a valid name
  [1]
  $ cli token add 'a b'
  tagferry-api: "a b" is not a valid name
  [1]
  $ cli token add ''
  tagferry-api: "" is not a valid name
  [1]
  $ cli token add a/b
  tagferry-api: "a/b" is not a valid name
  [1]
  $ cli token list
  reader                   read  TIME
  writer                   write TIME
  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn read  TIME
  $ sed -E 's/[0-9a-f]{64} [0-9]{13}$/DIGEST TIME/' "$TOKENS"
  reader read DIGEST TIME
  writer write DIGEST TIME
  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn read DIGEST TIME
  $ stat -c %a "$TOKENS" "$TOKENS.lock"; ls "$(dirname "$TOKENS")" | grep tokens
  600
  600
  tokens
  tokens.lock

Requests with and without them: reading, writing, what is open to all.

  $ secret() { # makes a token and prints it alone
  >     SUDO_USER=ann "$TAGFERRY_BIN/tagferry-api" -c conf -o "common.database=$STORE" -o "api.token_file=$TOKENS" token add "$@" 2>/dev/null
  > }
  $ cli token add read2 | head -1; read=$(secret r); write=$(secret w --scope write)
  Added read2 (read) to TOP/tokens; every request needs a token now.
  $ await 401 api GET /devices
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"A token is required: send the header \"Authorization: Bearer TOKEN\".","errors":[]}
  $ headers GET /devices WWW-Authenticate Retry-After
  WWW-Authenticate: Bearer realm="tagferry"
  $ api GET /devices -H "Authorization: Bearer $read"
  200
  {"items":[],"total":0,"next":null}
  $ api GET /devices -H "authorization: bEARER    $read"
  200
  {"items":[],"total":0,"next":null}
  $ api GET /devices -H "Authorization: Bearer $read "
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"This token is unknown or revoked.","errors":[]}
  $ api GET /devices -H "Authorization: Bearer"
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"A token is required: send the header \"Authorization: Bearer TOKEN\".","errors":[]}
  $ api GET /devices -H "Authorization: Basic $read"
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"A token is required: send the header \"Authorization: Bearer TOKEN\".","errors":[]}
  $ api GET /devices -H "Authorization: Bearer tf_0"
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"This token is unknown or revoked.","errors":[]}
  $ curl -sS -o /dev/null -D - -H 'Authorization: Bearer x' "$API/api/v1/devices" | tr -d '\r' | grep -i '^www\|^HTTP'
  HTTP/1.1 401 Unauthorized
  WWW-Authenticate: Bearer realm="tagferry", error="invalid_token"
  $ api POST /devices '{"name": "a", "mqtt": {"topic": "a"}}' -H "Authorization: Bearer $read"
  403
  {"type":"about:blank","title":"Forbidden","status":403,"detail":"This token is read-only.","errors":[]}
  $ curl -sS -o /dev/null -D - -X POST -H "Authorization: Bearer $read" "$API/api/v1/devices" | tr -d '\r' | grep -i '^www\|^HTTP'
  HTTP/1.1 403 Forbidden
  WWW-Authenticate: Bearer realm="tagferry", error="insufficient_scope"
  $ api POST /devices '{"name": "a", "mqtt": {"topic": "a"}}' -H "Authorization: Bearer $write" | head -1
  201
  $ api OPTIONS /devices
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"A token is required: send the header \"Authorization: Bearer TOKEN\".","errors":[]}
  $ api GET /nothing
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"A token is required: send the header \"Authorization: Bearer TOKEN\".","errors":[]}
  $ api GET /nothing -H "Authorization: Bearer $read"
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ api GET /healthz
  200
  {"status":"ok"}
  $ api GET /readyz | head -1
  503
  $ api GET /openapi.json | head -1
  401
  $ api GET /metrics | head -1
  401
  $ api GET /session
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"A token is required: send the header \"Authorization: Bearer TOKEN\".","errors":[]}
  $ api GET /session -H "Authorization: Bearer $read" | sed 's/"version".*//'
  200
  {"tokens":true,"name":"r","scope":"read",
  $ api GET /session -H "Authorization: Bearer $write" | sed 's/"version".*//'
  200
  {"tokens":true,"name":"w","scope":"write",

After ten wrong ones within a minute the next are answered 429; a valid one is not.

  $ for i in {3..9}; do api GET /devices -H "Authorization: Bearer wrong" | head -1; done
  401
  401
  401
  401
  401
  401
  401
  $ api GET /devices -H "Authorization: Bearer wrong"
  429
  {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many wrong tokens from this address; wait a minute.","errors":[]}
  $ api GET /devices -H "Authorization: Bearer wrong"
  429
  {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many wrong tokens from this address; wait a minute.","errors":[]}
  $ curl -sS -o /dev/null -D - -H 'Authorization: Bearer x' "$API/api/v1/devices" | tr -d '\r' | sed -En 's/^(Retry-After: )([1-5]?[0-9]|60)$/\1SOON/p'
  Retry-After: SOON
  $ api GET /devices -H "Authorization: Bearer $read" | head -1
  200
  $ api GET /devices | head -1
  401

A file that is damaged, and one that loses its tokens, let nobody in.

  $ cp "$TOKENS" good; echo 'x' >>"$TOKENS"
  $ await 'cannot be read' api GET /devices -H "Authorization: Bearer $read"
  401
  {"type":"about:blank","title":"Unauthorized","status":401,"detail":"The token file cannot be read, so no token can be checked; see the log.","errors":[]}
  $ cli token list
  TIME error   tokens: TOP/tokens:7: not a token line; all requests are refused until this is fixed
  [1]
  $ cli token add late
  tagferry-api: TOP/tokens:7: not a token line
  [1]
  $ cli token revoke r
  tagferry-api: TOP/tokens:7: not a token line
  [1]
  $ for line in 'a read 00 1' 'a admin DIGEST 1' 'a read DIGEST x' 'a read DIGEST 1 more' 'a/b read DIGEST 1' 'a read XIGEST 1'; do
  >     printf '%s\n' "${line/DIGEST/$(printf '0%.0s' {1..64})}" | sed "s/XIGEST/$(printf 'G%.0s' {1..64})/" >"$TOKENS"; cli token list; done
  TIME error   tokens: TOP/tokens:1: not a token line; all requests are refused until this is fixed
  TIME error   tokens: TOP/tokens:1: not a token line; all requests are refused until this is fixed
  TIME error   tokens: TOP/tokens:1: not a token line; all requests are refused until this is fixed
  TIME error   tokens: TOP/tokens:1: not a token line; all requests are refused until this is fixed
  TIME error   tokens: TOP/tokens:1: not a token line; all requests are refused until this is fixed
  TIME error   tokens: TOP/tokens:1: not a token line; all requests are refused until this is fixed
  [1]
  $ : >"$TOKENS"; api GET /devices -H "Authorization: Bearer $read" | head -1
  401
  $ cp good "$TOKENS"; await '"items"' api GET /devices -H "Authorization: Bearer $read" | head -1
  200

Revoked ones count no more; without the last one no request needs a token.

  $ cli token revoke r
  Revoked r; 5 tokens are left in TOP/tokens.
  $ for name in "$(printf 'n%.0s' {1..64})" w writer read2; do cli token revoke "$name"; done
  Revoked nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn; 4 tokens are left in TOP/tokens.
  Revoked w; 3 tokens are left in TOP/tokens.
  Revoked writer; 2 tokens are left in TOP/tokens.
  Revoked read2; 1 token is left in TOP/tokens.
  $ cli token revoke reader
  Revoked reader, the last token in TOP/tokens; requests over loopback need no token now.
  $ cat "$TOKENS"; cli token list
  # no tokens
  $ await '"total":1' api GET /devices | head -1
  200
  $ cli token revoke reader
  tagferry-api: no token has the name reader
  [1]

The audit has these changes with the user who made them.

  $ changes() { api GET "/audit?limit=$1" | sed -E 's/,"who".*"action"/ ... "action"/; s/"label".*/.../'; }
  $ changes 30
  200
  {"items":[
  {"id":13,"revision":1,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_revoked":"reader","user":"ann"},"diff":[]},
  {"id":12,"revision":1,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_revoked":"read2","user":"ann"},"diff":[]},
  {"id":11,"revision":1,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_revoked":"writer","user":"ann"},"diff":[]},
  {"id":10,"revision":1,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_revoked":"w","user":"ann"},"diff":[]},
  {"id":9,"revision":1,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_revoked":"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn","user":"ann"},"diff":[]},
  {"id":8,"revision":1,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_revoked":"r","user":"ann"},"diff":[]},
  {"id":7,"revision":1,"at":"TIME" ... "action":"create","kind":"device","device":"a","tag":null,"profile":null,"before":null,"after":{"name":"a",...
  {"id":6,"revision":0,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_added":"w","scope":"write","user":"ann"},"diff":[]},
  {"id":5,"revision":0,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_added":"r","scope":"read","user":"ann"},"diff":[]},
  {"id":4,"revision":0,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_added":"read2","scope":"read","user":"ann"},"diff":[]},
  {"id":3,"revision":0,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_added":"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn","scope":"read","user":"ann"},"diff":[]},
  {"id":2,"revision":0,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_added":"writer","scope":"write","user":"ann"},"diff":[]},
  {"id":1,"revision":0,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"token_added":"reader","scope":"read","user":"ann"},"diff":[]}],"total":13,"next":null}

Backups: the numbers of one and of several, a file that is there, a folder that is not.

  $ cli backup one.db
  Copied TOP/tagferry.db to one.db: 1 device, 0 tags, revision 1
  $ for i in 1 2 3 4 5 6 7 8 9 10 11; do api POST /devices/a/tags "{\"name\": \"t$i\", \"mqtt\": {\"key\": \"t$i\"}}" | head -1; done | sort | uniq -c | sed 's/^ *//'
  11 201
  $ api POST /devices '{"name": "b", "mqtt": {"topic": "b"}}' | head -1
  201
  $ cli backup two.db; stat -c %a two.db; ls two*
  Copied TOP/tagferry.db to two.db: 2 devices, 11 tags, revision 13
  600
  two.db
  $ cli backup two.db
  tagferry-api: two.db: File exists
  [1]
  $ cli backup nowhere/two.db
  tagferry-api: nowhere/two.db: No such file or directory
  [1]
  $ cli -o common.database=nothing.db backup three.db; ls three.db
  tagferry-api: nothing.db: unable to open database file
  ls: cannot access 'three.db': No such file or directory
  [2]
  $ touch empty.db; cli -o common.database=empty.db backup three.db; ls three.db
  tagferry-api: the file is damaged or is not a store of tagferry-api
  ls: cannot access 'three.db': No such file or directory
  [2]

Restoring them, and what is no backup.

  $ cli restore one.db
  Restored TOP/tagferry.db from one.db: 1 device, 0 tags, revision 14
  $ api GET /devices | sed 's/,"label.*"total/ ... "total/'
  200
  {"items":[
  {"name":"a" ... "total":1,"next":null}
  $ cli restore two.db
  Restored TOP/tagferry.db from two.db: 2 devices, 11 tags, revision 15
  $ api GET '/devices/a/tags?limit=2' | tail -1 | sed 's/.*"total/"total/'
  "total":11,"next":"t10"}
  $ cli restore "$STORE"
  tagferry-api: TOP/tagferry.db is the store itself; nothing was done
  [1]
  $ cli restore nothing.db
  tagferry-api: nothing.db: unable to open database file
  [1]
  $ cli restore empty.db
  tagferry-api: the file is damaged or is not a store of tagferry-api
  [1]
  $ echo 'this is no database, but a file of text' >text.db; cli restore text.db
  tagferry-api: the file is damaged or is not a store of tagferry-api
  [1]
  $ sqlite3 other.db 'CREATE TABLE t (x)'; cli restore other.db
  tagferry-api: the file is damaged or is not a store of tagferry-api
  [1]
  $ cp two.db newer.db; sqlite3 newer.db 'PRAGMA user_version = 1000'; cli restore newer.db | sed -E 's/only [0-9]+/only VERSION/'
  tagferry-api: the store has schema version 1000, but this program supports only VERSION: a newer tagferry-api has written it. Nothing was changed. Install that version again, or use the backup that its upgrade made, as "Upgrade" in docs/operations.md says
  $ cp two.db damaged.db; printf 'damage%.0s' {1..500} | dd of=damaged.db bs=1 seek=20000 conv=notrunc status=none; cli restore damaged.db
  tagferry-api: the file is damaged or is not a store of tagferry-api
  [1]
  $ mkdir fresh; cli -o "common.database=$FOLDER/fresh/store.db" restore two.db; stat -c %a fresh/store.db; ls fresh
  Restored TOP/work/fresh/store.db from two.db: 2 devices, 11 tags, revision 14
  640
  store.db
  store.db-shm
  store.db-wal
  $ cli -o "common.database=$FOLDER/missing/store.db" restore two.db
  tagferry-api: TOP/work/missing/store.db: neither the store nor its folder exists, so its owner is unknown; is this the daemon's configuration (-c)?
  [1]
  $ changes 2
  200
  {"items":[
  {"id":27,"revision":15,"at":"TIME" ... "action":"import","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"restored":"two.db"},"diff":[]},
  {"id":26,"revision":14,"at":"TIME" ... "action":"import","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"restored":"one.db"},"diff":[]}],"total":27,"next":"26"}

Roles: this gateway leads; it is promoted again; the URLs that it might follow.

  $ cli promote --if-leaderless
  This gateway leads already: term 0, revision 15. Nothing is changed.
  $ cli promote
  This gateway leads now: term 1, revision 15.
  $ cli promote --if-leaderless
  This gateway leads already: term 1, revision 15. Nothing is changed.
  $ cli -o common.database=nothing.db promote
  tagferry-api: nothing.db: No such file or directory
  [1]
  $ for url in '' leader http:// http://a/b 'http://a?b' 'http://a#b' 'http://u@a' 'http://a b' ftp://a "http://$(printf 'h%.0s' {1..506})"; do cli follow "$url"; done
  tagferry-api: the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000
  tagferry-api: the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000
  tagferry-api: the URL is too long
  [2]
  $ cli follow http://127.0.0.1:1
  tagferry-api: Nothing is changed: http://127.0.0.1:PORT/api/v1/store: Failed to connect to 127.0.0.1 port 1 after MS ms: Couldn't connect to server.
  [1]
  $ cli follow "$API"
  tagferry-api: Nothing is changed: http://127.0.0.1:PORT is this gateway itself.
  [1]
  $ cli follow "$API/"
  tagferry-api: Nothing is changed: http://127.0.0.1:PORT is this gateway itself.
  [1]
  $ changes 1
  200
  {"items":[
  {"id":28,"revision":15,"at":"TIME" ... "action":"change","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"promoted_to_term":1,"user":"ann"},"diff":[]}],"total":28,"next":"28"}
  $ api GET /gateways | sed -E 's/"host":"[^"]*"/"host":"HOST"/'
  200
  {"items":[
  {"name":null,"host":"HOST","self":true,"role":"leader","leader":null,"term":1,"revision":15,"lag_s":null,"last_error":null,"devices":2,"last_seen":null,"ready":false,"parts":{"mqttd":{"state":"down","reason":"not_running"},"modbusd":{"state":"down","reason":"not_running"},"broker":{"state":"down","reason":"mqttd_down"},"store":{"state":"up","reason":null}}}],"total":1,"kept":[]}
