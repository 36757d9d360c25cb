Changes that are undone: one entry of the audit, the newest request, all after a revision; and what stands in the way.

Options: common.units=1-20

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ entries() { api GET "/audit?limit=${1:-5}" | sed -n 's/^{"id":\([0-9]*\),"revision":\([0-9]*\),.*"action":"\([a-z]*\)","kind":"\([a-z]*\)","device":\([^,]*\),"tag":\([^,]*\),"profile":\([^,]*\),.*/\1 \2 \3 \4 \5 \6 \7/p'; }
  $ newest() { api GET '/audit?limit=1' | sed -n 's/^{"id":\([0-9]*\),"revision".*/\1/p' | head -1; }
  $ undo() { errors POST "/audit/$1/revert"; }
  $ back() { errors POST "/revert?$1"; }
  $ device() { api PUT "/devices/$1" "{\"mqtt\": {\"topic\": \"t\"}$2}" | head -1; }
  $ tag() { api PUT "/devices/$1" "{\"modbus\": {\"type\": \"int16\"}$2}" | head -1; }

Nothing, and requests that are wrong:

  $ undo newest
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"newest\".","errors":[]}
  $ undo 1
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"1\".","errors":[]}
  $ back to=0
  200
  {"created":0,"changed":0,"deleted":0,"dry_run":false,"revision":null,"audit":null,"changes":[]}
  $ back to=1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"to is 1, but the newest revision is 0.","errors":[]}
  $ for query in '' to= to=-1 to=x to=2147483648 to=0\&dry_run=1 to=0\&changes=some to=0\&confirm=x x=1; do back "$query"; done
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"to is required: the revision whose state comes back.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"to must be an integer from 0 to 2147483647.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"to must be an integer from 0 to 2147483647.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"to must be an integer from 0 to 2147483647.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"to must be an integer from 0 to 2147483647.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"changes must be all or none.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"confirm must be an integer from 0 to 9223372036854775807.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"x\"; this path supports: to confirm dry_run changes.","errors":[]}
  $ for id in 0 x -1 1x 1234567890123456789 123456789012345678; do undo "$id"; done
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"0\".","errors":[]}
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"x\".","errors":[]}
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"-1\".","errors":[]}
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"1x\".","errors":[]}
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"1234567890123456789\".","errors":[]}
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The audit has no entry with the id \"123456789012345678\".","errors":[]}

A creation, a change, a deletion of a device:

  $ device a ', "label": "first"'
  201
  $ undo newest
  200
  {"created":0,"changed":0,"deleted":1,"dry_run":false,"revision":2,"audit":3,"changes":[
  {"action":"delete","device":"a","tag":null,"diff":[]}]}
  $ errors GET /devices/a
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"a\".","errors":[]}
  $ entries
  3 2 revert all null null null
  2 2 delete device "a" null null
  1 1 create device "a" null null
  $ undo newest
  200
  {"created":1,"changed":0,"deleted":0,"dry_run":false,"revision":3,"audit":5,"changes":[
  {"action":"create","device":"a","tag":null,"diff":[]}]}
  $ api GET /devices/a
  200
  {"name":"a","label":"first","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":1,"revision":3,"created_at":"TIME","updated_at":"TIME"}
  $ api PATCH /devices/a '{"label": "second", "mqtt": {"qos": 2, "where": {"a": 1, "b": 2}}, "network": {"unit_id": 3}}' | head -1
  200
  $ api PATCH /devices/a '{"description": "later"}' | head -1
  200
  $ entries 2
  7 5 change device "a" null null
  6 4 change device "a" null null
  $ undo 4
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"a was changed since it was created, by revision 5"}]}
  $ api GET /devices/a | tail -1 | grep -o '"label":.*"enabled"\|"unit_id":[0-9]*\|"qos":[0-9]'
  "label":"second","description":"later","enabled"
  "unit_id":3
  "qos":2
  $ undo 4
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"a was changed since it was created, by revision 5"}]}
  $ undo 6
  200
  {"created":0,"changed":1,"deleted":0,"dry_run":false,"revision":6,"audit":9,"changes":[
  {"action":"change","device":"a","tag":null,"diff":[
  {"pointer":"/label","before":"second","after":"first"},
  {"pointer":"/network/unit_id","before":3,"after":1},
  {"pointer":"/mqtt/qos","before":2,"after":1},
  {"pointer":"/mqtt/where","before":{"a":1,"b":2},"after":null}]}]}
  $ api PATCH /devices/a '{"label": "third", "mqtt": {"qos": 0}}' | head -1
  200
  $ undo 6
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"a: /label is \"third\" now; the change to undo set it to \"second\""},
  {"pointer":"","code":"changed_since","detail":"a: /mqtt/qos is 0 now; the change to undo set it to 2"}]}
  $ tag a/tags/x; tag a/tags/y
  201
  201
  $ api DELETE /devices/a
  204
  $ entries 3
  15 10 delete device "a" null null
  14 10 delete tag "a" "y" null
  13 10 delete tag "a" "x" null
  $ undo newest
  200
  {"created":3,"changed":0,"deleted":0,"dry_run":false,"revision":11,"audit":19,"changes":[
  {"action":"create","device":"a","tag":null,"diff":[]},
  {"action":"create","device":"a","tag":"y","diff":[]},
  {"action":"create","device":"a","tag":"x","diff":[]}]}
  $ api GET /devices/a/tags | grep -o '"name":"[^"]*"\|"address":[0-9]*\|"id":[0-9]*\|"total.*'
  "name":"x"
  "address":0
  "id":1
  "name":"y"
  "address":1
  "id":2
  "total":2,"next":null}
  $ api DELETE /devices/a
  204
  $ device a ', "label": "other"'
  201
  $ undo 15
  409
  errors:
  {"pointer":"","code":"name_taken","detail":"a was deleted, and another device has this name now"},
  {"pointer":"","code":"no_device","detail":"the tag y belongs to a device that does not exist any more: undo the deletion of the device"},
  {"pointer":"","code":"no_device","detail":"the tag x belongs to a device that does not exist any more: undo the deletion of the device"}]}
  $ undo 13
  409
  errors:
  {"pointer":"","code":"no_device","detail":"the tag x belongs to a device that does not exist any more: undo the deletion of the device"}]}
  $ api DELETE /devices/a
  204
  $ undo 15
  200
  {"created":3,"changed":0,"deleted":0,"dry_run":false,"revision":15,"audit":28,"changes":[
  {"action":"create","device":"a","tag":null,"diff":[]},
  {"action":"create","device":"a","tag":"y","diff":[]},
  {"action":"create","device":"a","tag":"x","diff":[]}]}
  $ errors POST '/audit/newest/revert?dry_run=true'
  200
  {"created":0,"changed":0,"deleted":3,"dry_run":true,"revision":null,"audit":null,"changes":[
  {"action":"delete","device":"a","tag":"x","diff":[]},
  {"action":"delete","device":"a","tag":"y","diff":[]},
  {"action":"delete","device":"a","tag":null,"diff":[]}]}
  $ errors POST '/audit/newest/revert?dry_run=true&changes=none'
  200
  {"created":0,"changed":0,"deleted":3,"dry_run":true,"revision":null,"audit":null}
  $ errors POST '/audit/newest/revert?changes=none'
  200
  {"created":0,"changed":0,"deleted":3,"dry_run":false,"revision":16,"audit":32}

Tags: created, changed, moved, deleted, and what has changed since:

  $ device b; device c; device g
  201
  201
  201
  $ tag b/tags/t ', "unit": "kW"'
  201
  $ tag b/tags/t ', "unit": "MW", "label": "l"'
  200
  $ api PATCH /devices/b/tags/t '{"device": "c", "name": "t-2"}' | head -1
  200
  $ api PATCH /devices/c/tags/t-2 '{"unit": "GW"}' | head -1
  200
  $ id=$(newest)
  $ undo $((id - 2))
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"c/t-2: /unit is \"GW\" now; the change to undo set it to \"MW\""}]}
  $ undo $((id - 1))
  200
  {"created":0,"changed":1,"deleted":0,"dry_run":false,"revision":24,"audit":41,"changes":[
  {"action":"change","device":"b","tag":"t","diff":[
  {"pointer":"/device","before":"c","after":"b"},
  {"pointer":"/name","before":"t-2","after":"t"}]}]}
  $ api GET /devices/b/tags/t | grep -o '"device":"[^"]*","name":"[^"]*"\|"unit":"[^"]*"'
  "device":"b","name":"t"
  "unit":"GW"
  $ undo $id
  200
  {"created":0,"changed":1,"deleted":0,"dry_run":false,"revision":25,"audit":43,"changes":[
  {"action":"change","device":"b","tag":"t","diff":[
  {"pointer":"/unit","before":"GW","after":"MW"}]}]}
  $ undo $((id - 3))
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"b/t was changed since it was created, by revision 25"}]}
  $ api PATCH /devices/b/tags/t '{"device": "g"}' | head -1
  200
  $ undo $((id - 1))
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"g/t has moved to another device since"}]}
  $ api DELETE /devices/g/tags/t
  204
  $ undo $((id - 2))
  409
  errors:
  {"pointer":"","code":"changed_since","detail":"the tag with the id 3 was deleted since"}]}
  $ undo newest
  200
  {"created":1,"changed":0,"deleted":0,"dry_run":false,"revision":28,"audit":47,"changes":[
  {"action":"create","device":"g","tag":"t","diff":[]}]}
  $ api DELETE /devices/g/tags/t
  204
  $ tag c/tags/in-the-way ', "label": "w"'
  201
  $ api PATCH /devices/c/tags/in-the-way '{"modbus": {"address": 0}}' | head -1
  200
  $ api DELETE /devices/c/tags/in-the-way
  204
  $ entries 3
  51 32 delete tag "c" "in-the-way" null
  50 31 change tag "c" "in-the-way" null
  49 30 create tag "c" "in-the-way" null
  $ tag b/tags/now
  201
  $ api PATCH /devices/b/tags/now '{"modbus": {"address": 0}}' | head -1
  200
  $ id=$(newest)
  $ undo $((id - 2))
  409
  errors:
  {"pointer":"","code":"overlap","detail":"b/now: holding_register 0 (400001) in unit 1 belongs to c/in-the-way"},
  {"pointer":"","code":"overlap","detail":"c/in-the-way: holding_register 0 (400001) in unit 1 belongs to b/now"}]}
  $ api DELETE /devices/c
  204
  $ undo $((id - 2))
  409
  errors:
  {"pointer":"","code":"no_device","detail":"the tag in-the-way belongs to a device that does not exist any more: undo the deletion of the device"}]}

Overlaps, rules, units:

  $ device d ', "network": {"unit_id": 5}'
  201
  $ tag d/tags/u
  201
  $ api PATCH /devices/d '{"network": {"modbus_host": "plc-1"}}' | head -1
  200
  $ api PUT /devices/d/tags/slow '{"modbus": {"type": "int16", "address": 9, "min_change": 2}}' | head -1
  201
  $ undo $(($(newest) - 1))
  409
  errors:
  {"pointer":"","code":"foreign_only","detail":"d/slow has modbus.min_change or min_interval_ms, or mqtt.min_change without command_on change, which are possible only on a foreign Modbus server"}]}

Everything after a revision:

  $ revision=$(api GET /readyz | grep -o '"revision":[0-9]*' | grep -o '[0-9]*')
  $ device e; tag e/tags/a; tag e/tags/b; device f
  201
  201
  201
  201
  $ api PATCH /devices/e '{"name": "e-2", "label": "l"}' | head -1
  200
  $ api DELETE /devices/e-2/tags/a
  204
  $ api PATCH /devices/d '{"label": "new"}' | head -1
  200
  $ back "to=$revision&dry_run=true"
  200
  {"created":0,"changed":1,"deleted":3,"dry_run":true,"revision":null,"audit":null,"changes":[
  {"action":"change","device":"d","tag":null,"diff":[
  {"pointer":"/label","before":"new","after":""}]},
  {"action":"create","device":"e-2","tag":"a","diff":[]},
  {"action":"change","device":"e","tag":null,"diff":[
  {"pointer":"/name","before":"e-2","after":"e"},
  {"pointer":"/label","before":"l","after":""}]},
  {"action":"delete","device":"f","tag":null,"diff":[]},
  {"action":"delete","device":"e","tag":"b","diff":[]},
  {"action":"delete","device":"e","tag":"a","diff":[]},
  {"action":"delete","device":"e","tag":null,"diff":[]}]}
  $ back "to=$((revision + 2))&dry_run=true&changes=none"
  200
  {"created":1,"changed":2,"deleted":2,"dry_run":true,"revision":null,"audit":null}
  $ back "to=$((revision + 6))&dry_run=true"
  200
  {"created":0,"changed":1,"deleted":0,"dry_run":true,"revision":null,"audit":null,"changes":[
  {"action":"change","device":"d","tag":null,"diff":[
  {"pointer":"/label","before":"new","after":""}]}]}
  $ back "to=$((revision + 7))"
  200
  {"created":0,"changed":0,"deleted":0,"dry_run":false,"revision":null,"audit":null,"changes":[]}
  $ back "to=$((revision + 8))" | sed -e 's/[0-9][0-9]*/N/g'
  N
  {"type":"about:blank","title":"Bad Request","status":N,"detail":"to is N, but the newest revision is N.","errors":[]}
  $ back "to=$revision" | sed -e 's/"revision":[0-9]*,"audit":[0-9]*/"revision":R,"audit":A/'
  200
  {"created":0,"changed":1,"deleted":3,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"change","device":"d","tag":null,"diff":[
  {"pointer":"/label","before":"new","after":""}]},
  {"action":"create","device":"e-2","tag":"a","diff":[]},
  {"action":"change","device":"e","tag":null,"diff":[
  {"pointer":"/name","before":"e-2","after":"e"},
  {"pointer":"/label","before":"l","after":""}]},
  {"action":"delete","device":"f","tag":null,"diff":[]},
  {"action":"delete","device":"e","tag":"b","diff":[]},
  {"action":"delete","device":"e","tag":"a","diff":[]},
  {"action":"delete","device":"e","tag":null,"diff":[]}]}
  $ api GET '/devices?q=e' | tail -1 | grep -o '"total.*'
  "total":0,"next":null}
  $ undo newest | sed -e 's/"revision":[0-9]*,"audit":[0-9]*/"revision":R,"audit":A/'
  200
  {"created":3,"changed":1,"deleted":0,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"create","device":"e","tag":null,"diff":[]},
  {"action":"create","device":"e","tag":"a","diff":[]},
  {"action":"create","device":"e","tag":"b","diff":[]},
  {"action":"create","device":"f","tag":null,"diff":[]},
  {"action":"change","device":"e-2","tag":null,"diff":[
  {"pointer":"/name","before":"e","after":"e-2"},
  {"pointer":"/label","before":"","after":"l"}]},
  {"action":"delete","device":"e-2","tag":"a","diff":[]},
  {"action":"change","device":"d","tag":null,"diff":[
  {"pointer":"/label","before":"","after":"new"}]}]}
  $ errors GET /devices/e-2/tags
  200
  {"items":[
  {"device":"e-2","name":"b","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"b","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":6,"modicon":"400007","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":9,"revision":48,"created_at":"TIME","updated_at":"TIME"}],"total":1,"next":null}
  $ api POST "/revert?to=$revision" -H 'If-Match: "1"' | sed -e 's/\\"[0-9]*\\"/\\"R\\"/'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"R\".","errors":[]}
  $ api POST /audit/newest/revert -H 'If-Match: "1"' | sed -e 's/\\"[0-9]*\\"/\\"R\\"/'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"R\".","errors":[]}

More than 20 deletions:

  $ device many
  201
  $ revision=$(api GET /readyz | grep -o '"revision":[0-9]*' | grep -o '[0-9]*')
  $ for i in $(seq 1 21); do tag "many/tags/t$i"; done | uniq -c
       21 201
  $ back "to=$revision"
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"This deletes 21 objects: 21 devices and tags that were created. Repeat the request with confirm=21 to delete them."}],"confirm":21}
  $ back "to=$revision&confirm=20"
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"confirm is 20, but this deletes 21 objects: 21 devices and tags that were created. Nothing was changed."}],"confirm":21}
  $ back "to=$revision&dry_run=true&changes=none"
  200
  {"created":0,"changed":0,"deleted":21,"dry_run":true,"revision":null,"audit":null}
  $ back "to=$((revision + 1))&dry_run=true&changes=none"
  200
  {"created":0,"changed":0,"deleted":20,"dry_run":true,"revision":null,"audit":null}
  $ back "to=$revision&confirm=21&changes=none" | sed -e 's/"revision":[0-9]*,"audit":[0-9]*/"revision":R,"audit":A/'
  200
  {"created":0,"changed":0,"deleted":21,"dry_run":false,"revision":R,"audit":A}
  $ api GET '/devices/many/tags' | tail -1
  {"items":[],"total":0,"next":null}

Profiles:

  $ hide() { sed -e 's/"revision":[0-9]*,"audit":[0-9]*/"revision":R,"audit":A/; s/revision [0-9]*/revision R/g'; }
  $ api PUT /profiles/p '{"params": {"s": {"default": "1"}}, "room": {"holding_register": 10}, "device": {"label": "p {s}"}, "tags": [{"name": "x", "modbus": {"type": "int16"}}]}' | head -1
  201
  $ device p-1 ', "profile": "p"'; device p-2 ', "profile": {"name": "p", "params": {"s": "2"}}'
  201
  201
  $ api PATCH /profiles/p '{"device": {"label": "q {s}"}, "tags": [{"name": "x", "unit": "kW", "modbus": {"type": "int16"}}, {"name": "y", "modbus": {"type": "int16"}}]}' | head -1
  200
  $ undo newest | hide
  200
  {"created":0,"changed":3,"deleted":2,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"change","device":"p-2","tag":null,"diff":[
  {"pointer":"/label","before":"q 2","after":"p 2"}]},
  {"action":"change","device":"p-1","tag":null,"diff":[
  {"pointer":"/label","before":"q 1","after":"p 1"}]},
  {"action":"change","profile":"p","diff":[
  {"pointer":"/device/label","before":"q {s}","after":"p {s}"},
  {"pointer":"/tags/1","before":{"id":2,"name":"y","modbus":{"type":"int16","table":"holding_register","address":1}},"after":null},
  {"pointer":"/tags/0/unit","before":"kW","after":null}]}]}
  $ api GET /devices/p-2 | grep -o '"label":"[^"]*"'; api GET /devices/p-2/tags | tail -1 | grep -o '"total.*'
  "label":"p 2"
  "total":1,"next":null}
  $ undo newest | hide
  200
  {"created":2,"changed":3,"deleted":0,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"change","profile":"p","diff":[
  {"pointer":"/device/label","before":"p {s}","after":"q {s}"},
  {"pointer":"/tags/0/unit","before":null,"after":"kW"},
  {"pointer":"/tags/1","before":null,"after":{"id":2,"name":"y","modbus":{"type":"int16","table":"holding_register","address":1}}}]},
  {"action":"change","device":"p-1","tag":null,"diff":[
  {"pointer":"/label","before":"p 1","after":"q 1"}]},
  {"action":"change","device":"p-2","tag":null,"diff":[
  {"pointer":"/label","before":"p 2","after":"q 2"}]}]}
  $ api GET /devices/p-2 | grep -o '"label":"[^"]*"'; api GET /devices/p-2/tags | tail -1 | grep -o '"total.*'
  "label":"q 2"
  "total":2,"next":null}
  $ api PATCH /devices/p-1 '{"profile": null}' | head -1
  200
  $ undo newest | hide
  200
  {"created":0,"changed":1,"deleted":0,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"change","device":"p-1","tag":null,"diff":[
  {"pointer":"/profile","before":null,"after":{"name":"p","params":{},"base":{"holding_register":28}}}]}]}
  $ api PATCH /devices/many '{"profile": "p"}' | head -1
  200
  $ entries 2 | cut -d ' ' -f 3-
  change device "many" null null
  revert all null null null
  $ undo newest | hide
  200
  {"created":0,"changed":1,"deleted":2,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"change","device":"many","tag":null,"diff":[
  {"pointer":"/label","before":"q 1","after":""},
  {"pointer":"/profile","before":{"name":"p","params":{},"base":{"holding_register":48}},"after":null}]}]}
  $ api GET /devices/many/tags | tail -1
  {"items":[],"total":0,"next":null}
  $ api DELETE /devices/p-1; api DELETE /devices/p-2; api DELETE /profiles/p
  204
  204
  204
  $ undo $(($(newest) - 1)) | hide
  409
  errors:
  {"pointer":"","code":"unknown_profile","detail":"p-2: /profile/name there is no profile p: create it, or take it from the library"}]}
  $ undo newest | hide
  200
  {"created":1,"changed":0,"deleted":0,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"create","profile":"p","diff":[]}]}
  $ undo $(($(newest) - 3)) | hide
  200
  {"created":1,"changed":0,"deleted":0,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"create","device":"p-2","tag":null,"diff":[]}]}
  $ api GET /devices/p-2/tags | grep -o '"name":"[^"]*"\|"profile":[a-z]*'
  "name":"x"
  "profile":true
  "name":"y"
  "profile":true
  $ api PATCH /profiles/p '{"label": "later"}' | head -1
  200
  $ undo $(($(newest) - 1)) | hide
  200
  {"created":0,"changed":0,"deleted":3,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"delete","device":"p-2","tag":null,"diff":[]}]}
  $ entries 3 | cut -d ' ' -f 3-
  revert all null null null
  delete device "p-2" null null
  change profile null null "p"

Copies, imports, many devices of a profile are undone as a whole:

  $ api POST /devices/b/copy '{"copies": [{"name": "b-2", "topic": "u"}, {"name": "b-3", "topic": "v"}]}' | head -1
  201
  $ undo newest | hide
  200
  {"created":0,"changed":0,"deleted":4,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"delete","device":"b-3","tag":"now","diff":[]},
  {"action":"delete","device":"b-3","tag":null,"diff":[]},
  {"action":"delete","device":"b-2","tag":"now","diff":[]},
  {"action":"delete","device":"b-2","tag":null,"diff":[]}]}
  $ api POST /profiles/p/devices '[{"name": "n-1", "mqtt": {"topic": "t"}}, {"name": "n-2", "mqtt": {"topic": "t"}}]' | head -1
  201
  $ errors POST '/audit/newest/revert?changes=none' | hide
  200
  {"created":0,"changed":0,"deleted":6,"dry_run":false,"revision":R,"audit":A}
  $ api POST '/import?mode=merge&changes=none' '{"devices": [{"name": "i-1", "mqtt": {"topic": "t"}, "tags": [{"name": "a"}]}, {"name": "b", "label": "imported", "mqtt": {"topic": "t"}}]}' | head -1
  200
  $ undo newest | hide
  200
  {"created":0,"changed":1,"deleted":2,"dry_run":false,"revision":R,"audit":A,"changes":[
  {"action":"delete","device":"i-1","tag":"a","diff":[]},
  {"action":"change","device":"b","tag":null,"diff":[
  {"pointer":"/label","before":"imported","after":""}]},
  {"action":"delete","device":"i-1","tag":null,"diff":[]}]}
