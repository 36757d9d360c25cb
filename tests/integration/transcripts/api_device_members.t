Devices: each member with its least and greatest values and the ones beyond, rules between members, and what PUT, PATCH and the
parts of a device keep.

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ x() { printf "x%.0s" $(seq "$1"); }

All members with values that are not the defaults:

  $ api PUT /devices/all-1 '{"name": "all-1", "label": "Kessel é", "description": "in hall 12", "enabled": false,
  >   "network": {"address": "10.1.22.33", "modbus_host": "plc-7.example", "modbus_port": 1502, "framing": "rtu", "tls": false,
  >     "unit_id": 17, "max_write_registers": 100, "min_interval_ms": 250, "write_single": true, "poll_interval_ms": 3000,
  >     "rewrite_on_reconnect": false, "gateway": "north-1"},
  >   "mqtt": {"topic": "plant/+/k12", "qos": 2, "availability_topic": "plant/#", "availability_key": "/state",
  >     "payload_available": "up", "payload_unavailable": "down", "stale_after_s": 86400, "timestamp_key": "ts",
  >     "where": {"id": 37, "/a/0": "x", "b": true, "c": false, "d": -1.5},
  >     "request": {"topic": "plant/k12/get", "payload": "{\"all\":1}", "interval_s": 3600, "qos": 2}},
  >   "status": {"table": "holding_register", "address": 1234}}'
  201
  {"name":"all-1","label":"Kessel \xc3\xa9","description":"in hall 12","enabled":false,"profile":null,"network":{"address":"10.1.22.33","modbus_host":"plc-7.example","modbus_port":1502,"framing":"rtu","tls":false,"unit_id":17,"max_write_registers":100,"min_interval_ms":250,"write_single":true,"poll_interval_ms":3000,"rewrite_on_reconnect":false,"gateway":"north-1"},"mqtt":{"topic":"plant/+/k12","qos":2,"availability_topic":"plant/#","availability_key":"/state","payload_available":"up","payload_unavailable":"down","stale_after_s":86400,"timestamp_key":"ts","where":{"id":37,"/a/0":"x","b":true,"c":false,"d":-1.5},"request":{"topic":"plant/k12/get","payload":"{\\"all\\":1}","interval_s":3600,"qos":2}},"status":{"table":"holding_register","address":1234},"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"} (esc)
  $ api GET /devices/all-1/network
  200
  {"address":"10.1.22.33","modbus_host":"plc-7.example","modbus_port":1502,"framing":"rtu","tls":false,"unit_id":17,"max_write_registers":100,"min_interval_ms":250,"write_single":true,"poll_interval_ms":3000,"rewrite_on_reconnect":false,"gateway":"north-1"}
  $ api GET /devices/all-1/mqtt
  200
  {"topic":"plant/+/k12","qos":2,"availability_topic":"plant/#","availability_key":"/state","payload_available":"up","payload_unavailable":"down","stale_after_s":86400,"timestamp_key":"ts","where":{"id":37,"/a/0":"x","b":true,"c":false,"d":-1.5},"request":{"topic":"plant/k12/get","payload":"{\"all\":1}","interval_s":3600,"qos":2}}
  $ headers GET /devices/all-1 ETag Content-Type
  ETag: "1"
  Content-Type: application/json
  $ headers GET /devices/all-1/mqtt ETag
  ETag: "1"

The least and the greatest value of each member:

  $ api PUT /devices/low '{"label": "", "description": "", "network": {"address": "a", "modbus_host": "h", "modbus_port": 1, "unit_id": 0,
  >   "max_write_registers": 1, "min_interval_ms": 0, "poll_interval_ms": 1, "gateway": "g"}, "mqtt": {"topic": "t", "qos": 0,
  >   "availability_topic": "u", "availability_key": "", "payload_available": "", "payload_unavailable": "x", "stale_after_s": 0,
  >   "timestamp_key": "", "where": {}, "request": {"topic": "r", "interval_s": 1}}, "status": {"address": 0}}'
  201
  {"name":"low","label":"","description":"","enabled":true,"profile":null,"network":{"address":"a","modbus_host":"h","modbus_port":1,"framing":"tcp","tls":false,"unit_id":0,"max_write_registers":1,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1,"rewrite_on_reconnect":true,"gateway":"g"},"mqtt":{"topic":"t","qos":0,"availability_topic":"u","availability_key":"","payload_available":"","payload_unavailable":"x","stale_after_s":0,"timestamp_key":"","where":null,"request":{"topic":"r","payload":"","interval_s":1,"qos":0}},"status":{"table":"input_register","address":0},"id":2,"revision":2,"created_at":"TIME","updated_at":"TIME"}
  $ api PUT "/devices/$(x 64)" "{\"label\": \"$(x 128)\", \"description\": \"$(x 1024)\", \"network\": {\"address\": \"$(x 255)\",
  >   \"modbus_host\": \"$(x 253)\", \"modbus_port\": 65535, \"unit_id\": 255, \"max_write_registers\": 123, \"min_interval_ms\": 86400000,
  >   \"poll_interval_ms\": 86400000, \"gateway\": \"$(x 64)\"}, \"mqtt\": {\"topic\": \"$(x 1024)\", \"qos\": 2,
  >   \"availability_topic\": \"$(x 1024)\", \"availability_key\": \"$(x 1024)\", \"payload_available\": \"$(x 1024)\",
  >   \"payload_unavailable\": \"y$(x 1023)\", \"stale_after_s\": 31536000, \"timestamp_key\": \"$(x 1024)\",
  >   \"request\": {\"topic\": \"$(x 1024)\", \"payload\": \"$(x 4096)\", \"interval_s\": 31536000, \"qos\": 2}},
  >   \"status\": {\"address\": 65532}}" | sed -E 's/x{40,}/x../g'
  201
  {"name":"x..","label":"x..","description":"x..","enabled":true,"profile":null,"network":{"address":"x..","modbus_host":"x..","modbus_port":65535,"framing":"tcp","tls":false,"unit_id":255,"max_write_registers":123,"min_interval_ms":86400000,"write_single":false,"poll_interval_ms":86400000,"rewrite_on_reconnect":true,"gateway":"x.."},"mqtt":{"topic":"x..","qos":2,"availability_topic":"x..","availability_key":"x..","payload_available":"x..","payload_unavailable":"yx..","stale_after_s":31536000,"timestamp_key":"x..","where":null,"request":{"topic":"x..","payload":"x..","interval_s":31536000,"qos":2}},"status":{"table":"input_register","address":65532},"id":3,"revision":3,"created_at":"TIME","updated_at":"TIME"}

Beyond them:

  $ errors PUT /devices/beyond '{"network": {"address": "", "modbus_host": "", "modbus_port": 0, "unit_id": -1, "max_write_registers": 0,
  >   "min_interval_ms": -1, "poll_interval_ms": 0, "gateway": ""}, "mqtt": {"topic": "", "qos": -1, "availability_topic": "",
  >   "stale_after_s": -1, "where": {"": 1, "k": null}, "request": {"topic": "", "interval_s": 0, "qos": -1}}, "status": {"address": -1}}'
  422
  errors:
  {"pointer":"/network/address","code":"too_short","detail":"must not be empty"},
  {"pointer":"/network/modbus_host","code":"too_short","detail":"must not be empty"},
  {"pointer":"/network/modbus_port","code":"out_of_range","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be an integer from 0 to 255"},
  {"pointer":"/network/max_write_registers","code":"out_of_range","detail":"must be an integer from 1 to 123"},
  {"pointer":"/network/min_interval_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/network/poll_interval_ms","code":"out_of_range","detail":"must be an integer from 1 to 86400000"},
  {"pointer":"/network/gateway","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/topic","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/mqtt/availability_topic","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/stale_after_s","code":"out_of_range","detail":"must be an integer from 0 to 31536000"},
  {"pointer":"/mqtt/where/k","code":"wrong_type","detail":"must be a string, a number, true or false"},
  {"pointer":"/mqtt/request/topic","code":"invalid_topic","detail":"must be an MQTT topic without wildcards, without control characters, with at most 200 slashes"},
  {"pointer":"/mqtt/request/interval_s","code":"out_of_range","detail":"must be an integer from 1 to 31536000"},
  {"pointer":"/mqtt/request/qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/status/address","code":"out_of_range","detail":"must be an integer from 0 to 65532"}]}
  $ errors PUT "/devices/beyond" "{\"label\": \"$(x 129)\", \"description\": \"$(x 1025)\", \"network\": {\"address\": \"$(x 256)\",
  >   \"modbus_host\": \"$(x 254)\", \"modbus_port\": 65536, \"unit_id\": 256, \"max_write_registers\": 124, \"min_interval_ms\": 86400001,
  >   \"poll_interval_ms\": 86400001, \"gateway\": \"$(x 65)\"}, \"mqtt\": {\"topic\": \"t\", \"qos\": 3, \"availability_key\": \"$(x 1025)\",
  >   \"payload_available\": \"$(x 1025)\", \"payload_unavailable\": \"$(x 1026)\", \"stale_after_s\": 31536001,
  >   \"timestamp_key\": \"$(x 1025)\", \"where\": {\"$(x 1025)\": 1, \"k\": \"$(x 1025)\"},
  >   \"request\": {\"topic\": \"a\", \"payload\": \"$(x 4097)\", \"interval_s\": 31536001, \"qos\": 3}},
  >   \"status\": {\"address\": 65533}}" | sed -E 's/x{40,}/x../g'
  422
  errors:
  {"pointer":"/label","code":"too_long","detail":"must have at most 128 characters, but has 129"},
  {"pointer":"/description","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/network/address","code":"too_long","detail":"must have at most 255 characters, but has 256"},
  {"pointer":"/network/modbus_host","code":"too_long","detail":"must have at most 253 characters, but has 254"},
  {"pointer":"/network/modbus_port","code":"out_of_range","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be an integer from 0 to 255"},
  {"pointer":"/network/max_write_registers","code":"out_of_range","detail":"must be an integer from 1 to 123"},
  {"pointer":"/network/min_interval_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/network/poll_interval_ms","code":"out_of_range","detail":"must be an integer from 1 to 86400000"},
  {"pointer":"/network/gateway","code":"too_long","detail":"must have at most 64 characters, but has 65"},
  {"pointer":"/mqtt/qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/mqtt/availability_key","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/mqtt/payload_available","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/mqtt/payload_unavailable","code":"too_long","detail":"must have at most 1024 characters, but has 1026"},
  {"pointer":"/mqtt/stale_after_s","code":"out_of_range","detail":"must be an integer from 0 to 31536000"},
  {"pointer":"/mqtt/timestamp_key","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/mqtt/where/x..","code":"too_long","detail":"must have at most 1024 bytes in key and value"},
  {"pointer":"/mqtt/where/k","code":"too_long","detail":"must have at most 1024 bytes in key and value"},
  {"pointer":"/mqtt/request/payload","code":"too_long","detail":"must have at most 4096 bytes"},
  {"pointer":"/mqtt/request/interval_s","code":"out_of_range","detail":"must be an integer from 1 to 31536000"},
  {"pointer":"/mqtt/request/qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/status/address","code":"out_of_range","detail":"must be an integer from 0 to 65532"}]}
  $ for length in 65535 65536; do
  >   printf '{"mqtt": {"topic": "%s", "availability_topic": "%s", "request": {"topic": "%s", "interval_s": 12}}}' $(for i in 1 2 3; do x $length; echo; done) >body
  >   errors PUT '/devices/n?dry_run=true' --data-binary @body -H 'Content-Type: application/json' | sed -E 's/x{40,}/x../g'
  > done
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"x..","qos":1,"availability_topic":"x..","availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":{"topic":"x..","payload":"","interval_s":12,"qos":0}},"status":null,"id":4,"revision":4,"created_at":"TIME","updated_at":"TIME"}
  422
  errors:
  {"pointer":"/mqtt/topic","code":"too_long","detail":"must have at most 65535 characters, but has 65536"},
  {"pointer":"/mqtt/availability_topic","code":"too_long","detail":"must have at most 65535 characters, but has 65536"},
  {"pointer":"/mqtt/request/topic","code":"invalid_topic","detail":"must be an MQTT topic without wildcards, without control characters, with at most 200 slashes"}]}

Values of other types:

  $ errors POST /devices '{"name": 1, "label": 2, "description": true, "enabled": 1, "profile": 7, "network": {"address": 1, "modbus_host": 2,
  >   "modbus_port": "502", "framing": 1, "tls": "no", "unit_id": 1.5, "max_write_registers": true, "min_interval_ms": "x",
  >   "write_single": 0, "poll_interval_ms": [], "rewrite_on_reconnect": {}, "gateway": 3}, "mqtt": {"topic": 4, "qos": "1",
  >   "availability_topic": {}, "availability_key": 1, "payload_available": 1, "payload_unavailable": [], "stale_after_s": 0.5,
  >   "timestamp_key": false, "where": "id", "request": "get"}, "status": {"table": 1, "address": "0"}}'
  422
  errors:
  {"pointer":"/name","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/label","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/description","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/enabled","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/profile","code":"wrong_type","detail":"must be null, the name of a profile, or an object such as {\"name\": \"meter\", \"params\": {\"serial\": \"4711\"}}"},
  {"pointer":"/network/address","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/network/modbus_host","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/network/modbus_port","code":"wrong_type","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/network/framing","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/network/tls","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/network/unit_id","code":"wrong_type","detail":"must be an integer from 0 to 255"},
  {"pointer":"/network/max_write_registers","code":"wrong_type","detail":"must be an integer from 1 to 123"},
  {"pointer":"/network/min_interval_ms","code":"wrong_type","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/network/write_single","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/network/poll_interval_ms","code":"wrong_type","detail":"must be an integer from 1 to 86400000"},
  {"pointer":"/network/rewrite_on_reconnect","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/network/gateway","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/topic","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/qos","code":"wrong_type","detail":"must be an integer from 0 to 2"},
  {"pointer":"/mqtt/availability_topic","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/availability_key","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/payload_available","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/payload_unavailable","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/stale_after_s","code":"wrong_type","detail":"must be an integer from 0 to 31536000"},
  {"pointer":"/mqtt/timestamp_key","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/where","code":"wrong_type","detail":"must be null or an object from keys to values, such as {\"id\": 37}"},
  {"pointer":"/mqtt/request","code":"wrong_type","detail":"must be null or an object with \"topic\" and \"interval_s\""},
  {"pointer":"/status/table","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/status/address","code":"wrong_type","detail":"must be an integer from 0 to 65532"}]}
  $ errors POST /devices '{"network": [], "mqtt": "t", "status": 1}'
  422
  errors:
  {"pointer":"/network","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/mqtt","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/status","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"},
  {"pointer":"/status/address","code":"required","detail":"is required"}]}
  $ errors POST /devices '[]'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ errors POST /devices '{"name": "n", "mqtt": {"topic": "t", "request": {"topic": 1, "payload": 2, "interval_s": "3", "qos": true, "retain": true}}}'
  422
  errors:
  {"pointer":"/mqtt/request/retain","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/mqtt/request/topic","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/request/payload","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/request/interval_s","code":"wrong_type","detail":"must be an integer from 1 to 31536000"},
  {"pointer":"/mqtt/request/qos","code":"wrong_type","detail":"must be an integer from 0 to 2"}]}
  $ errors POST /devices '{"name": "n", "mqtt": {"topic": "t", "request": {"topic": "a/+", "interval_s": 1.5, "qos": 1.5}}}'
  422
  errors:
  {"pointer":"/mqtt/request/topic","code":"invalid_topic","detail":"must be an MQTT topic without wildcards, without control characters, with at most 200 slashes"},
  {"pointer":"/mqtt/request/interval_s","code":"wrong_type","detail":"must be an integer from 1 to 31536000"},
  {"pointer":"/mqtt/request/qos","code":"wrong_type","detail":"must be an integer from 0 to 2"}]}
  $ errors POST /devices '{"name": "n", "mqtt": {"topic": "t", "request": {}, "where": {"/a~2": 1, "b": [], "c": 9007199254740992, "d": -9007199254740992}}}'
  422
  errors:
  {"pointer":"/mqtt/request/topic","code":"required","detail":"is required"},
  {"pointer":"/mqtt/request/interval_s","code":"required","detail":"is required"},
  {"pointer":"/mqtt/where/~1a~02","code":"invalid_pointer","detail":"must be a JSON Pointer (RFC 6901), because it begins with '/'"},
  {"pointer":"/mqtt/where/b","code":"wrong_type","detail":"must be a string, a number, true or false"},
  {"pointer":"/mqtt/where/c","code":"out_of_range","detail":"must be a number below 2^53: greater ones are not told apart; let the device send it as a string"},
  {"pointer":"/mqtt/where/d","code":"out_of_range","detail":"must be a number below 2^53: greater ones are not told apart; let the device send it as a string"}]}
  $ errors POST /devices '{"name": "n", "mqtt": {"topic": "t", "request": {"topic": null, "payload": null, "interval_s": null, "qos": null}}}'
  422
  errors:
  {"pointer":"/mqtt/request/topic","code":"required","detail":"is required"},
  {"pointer":"/mqtt/request/interval_s","code":"required","detail":"is required"}]}

The numbers of `where` are below 2^53; it has at most 16 keys; an empty one is none:

  $ api POST /devices '{"name": "where-1", "mqtt": {"topic": "t", "where": {"a": 9007199254740991, "b": -9007199254740991, "~/c": ""},
  >   "request": {"topic": "get", "payload": null, "interval_s": 60, "qos": null}}}'
  201
  {"name":"where-1","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":{"a":9007199254740991,"b":-9007199254740991,"~/c":""},"request":{"topic":"get","payload":"","interval_s":60,"qos":0}},"status":null,"id":4,"revision":4,"created_at":"TIME","updated_at":"TIME"}
  $ entries() { for i in $(seq "$1"); do printf '%s"k%d": %d' "${comma:-}" "$i" "$i"; comma=', '; done; }
  $ errors POST /devices "{\"name\": \"where-2\", \"mqtt\": {\"topic\": \"t\", \"where\": {$(entries 17)}}}"
  422
  errors:
  {"pointer":"/mqtt/where","code":"too_long","detail":"must have at most 16 entries"}]}
  $ api PUT /devices/where-1/mqtt "{\"topic\": \"t\", \"where\": {$(entries 16)}}"
  200
  {"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16},"request":null}

Members that are unknown, repeated, or set by the server only:

  $ errors POST /devices '{"name": "n", "name": "m", "color": 1, "a/b~c": 2, "mqtt": {"topic": "t", "topic": "u", "host": "x", "qos": 1, "qos": 2}, "mqtt": {},
  >   "network": {"unit": 1}, "status": {"address": 1, "color": 2, "address": 3}}'
  422
  errors:
  {"pointer":"/name","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/color","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/a~1b~0c","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/mqtt/topic","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt/host","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/mqtt/qos","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/network/unit","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/status/color","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/status/address","code":"duplicate","detail":"appears more than once"}]}
  $ errors POST /devices '{"name": "n", "mqtt": {"topic": "t", "where": {"a": 1, "a": 2}, "request": {"topic": "t", "topic": "u", "interval_s": 1, "interval_s": 2, "qos": 0, "qos": 1, "payload": "", "payload": ""}}}'
  422
  errors:
  {"pointer":"/mqtt/where/a","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt/request/topic","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt/request/payload","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt/request/interval_s","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt/request/qos","code":"duplicate","detail":"appears more than once"}]}
  $ errors POST /devices '{"name": "n", "mqtt": {"topic": "t"}, "id": 1, "revision": 1, "created_at": "2026-01-02T03:04:05Z", "updated_at": 5, "warnings": [], "quality": "good", "reason": null, "live": {}}'
  422
  errors:
  {"pointer":"/id","code":"read_only","detail":"is set by the server; leave it out to create a resource"},
  {"pointer":"/revision","code":"read_only","detail":"is set by the server; leave it out to create a resource"},
  {"pointer":"/created_at","code":"read_only","detail":"is set by the server; leave it out to create a resource"},
  {"pointer":"/updated_at","code":"read_only","detail":"is set by the server; leave it out to create a resource"}]}
  $ errors PUT /devices/where-1 '{"mqtt": {"topic": "t"}, "id": 99, "revision": 98, "created_at": "2026-01-02T03:04:05Z", "updated_at": "x"}'
  422
  errors:
  {"pointer":"/id","code":"read_only","detail":"is 4 and cannot be changed"},
  {"pointer":"/revision","code":"read_only","detail":"is 5 now: the resource has changed since you read it; read it again, or leave out the revision to overwrite it"},
  {"pointer":"/created_at","code":"read_only","detail":"is set by the server and cannot be changed"},
  {"pointer":"/updated_at","code":"read_only","detail":"is set by the server: the resource has changed since you read it"}]}
  $ errors PATCH /devices/where-1 '{"id": 4.5, "revision": "5", "created_at": 1, "updated_at": 1}'
  422
  errors:
  {"pointer":"/id","code":"read_only","detail":"is 4 and cannot be changed"},
  {"pointer":"/revision","code":"read_only","detail":"is 5 now: the resource has changed since you read it; read it again, or leave out the revision to overwrite it"},
  {"pointer":"/created_at","code":"read_only","detail":"is set by the server and cannot be changed"},
  {"pointer":"/updated_at","code":"read_only","detail":"is set by the server: the resource has changed since you read it"}]}
  $ members() { for i in $(seq "$1"); do printf '%s"m%d": 1' "${comma:-}" "$i"; comma=', '; done; }
  $ errors POST /devices "{$(members 64)}" | wc -l
  68
  $ errors POST /devices "{$(members 65)}"
  422
  errors:
  {"pointer":"","code":"too_long","detail":"an object has more than 64 members"},
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ errors POST /devices "{\"name\": \"n\", \"mqtt\": {$(members 65)}}"
  422
  errors:
  {"pointer":"","code":"too_long","detail":"an object has more than 64 members"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}

What is required:

  $ errors POST /devices '{}'
  422
  errors:
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ errors POST /devices '{"name": null, "mqtt": null}'
  422
  errors:
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ errors PUT /devices/n '{"mqtt": {"topic": null}}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ errors PUT /devices/n '{"name": null, "mqtt": {"topic": "t"}, "status": {}}'
  422
  errors:
  {"pointer":"/name","code":"required","detail":"is required"},
  {"pointer":"/status/address","code":"required","detail":"is required"}]}
  $ errors PUT /devices/n '{"mqtt": {"topic": "t"}, "status": {"table": "input_register"}}'
  422
  errors:
  {"pointer":"/status/address","code":"required","detail":"is required"}]}
  $ errors PUT /devices/n '{"mqtt": {"topic": "t"}, "status": {"table": "coil", "address": 5}}'
  422
  errors:
  {"pointer":"/status/table","code":"invalid_choice","detail":"must be one of input_register, holding_register"}]}

Names: letters and digits, and in other places . _ -; in the path and in the body:

  $ for name in a 0 Z-. a_b a.b _a -a .a 'a b' 'a/b' é ''; do
  >   errors POST '/devices?dry_run=true' "{\"name\": \"$name\", \"mqtt\": {\"topic\": \"t\"}}" | cut -c1-160
  > done
  200
  {"name":"a","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false
  200
  {"name":"0","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false
  200
  {"name":"Z-.","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":fal
  200
  {"name":"a_b","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":fal
  200
  {"name":"a.b","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":fal
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  422
  errors:
  {"pointer":"/name","code":"too_short","detail":"must not be empty"}]}
  $ errors PUT /devices/_n '{"mqtt": {"topic": "t"}}'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"the name in the path is not a valid name"}]}
  $ errors PUT "/devices/$(x 65)" '{"mqtt": {"topic": "t"}}'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"the name in the path is not a valid name"}]}
  $ errors PUT /devices/n '{"name": "m", "mqtt": {"topic": "t"}}'
  422
  errors:
  {"pointer":"/name","code":"name_mismatch","detail":"must be the name in the path, n"}]}
  $ errors PUT /devices/n '{"name": "_m", "mqtt": {"topic": "t"}}'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}

Texts that are none, topics, keys, hosts, gateways:

  $ errors PUT /devices/n '{"label": "a\u0000b", "mqtt": {"topic": "t"}}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a string with \\u0000, which is not allowed.","errors":[]}
  $ errors PUT /devices/n '{"mqtt": {"topic": "a/#/b", "availability_topic": "a+", "availability_key": "/a~", "timestamp_key": "/~2"}}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"},
  {"pointer":"/mqtt/availability_topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"},
  {"pointer":"/mqtt/availability_key","code":"invalid_pointer","detail":"begins with '/', so it must be a JSON Pointer (RFC 6901), in which '~' in a name is written '~0', and '/' is written '~1'"},
  {"pointer":"/mqtt/timestamp_key","code":"invalid_pointer","detail":"begins with '/', so it must be a JSON Pointer (RFC 6901), in which '~' in a name is written '~0', and '/' is written '~1'"}]}
  $ errors PUT /devices/n '{"mqtt": {"topic": "a\u0001", "availability_topic": "#a", "request": {"topic": "#", "interval_s": 9}}}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"},
  {"pointer":"/mqtt/availability_topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"},
  {"pointer":"/mqtt/request/topic","code":"invalid_topic","detail":"must be an MQTT topic without wildcards, without control characters, with at most 200 slashes"}]}
  $ errors PUT '/devices/n?dry_run=true' "{\"mqtt\": {\"topic\": \"$(printf '/%.0s' {1..200})\"}}" | cut -c1-60
  200
  {"name":"n","label":"","description":"","enabled":true,"prof
  $ errors PUT '/devices/n?dry_run=true' "{\"mqtt\": {\"topic\": \"$(printf '/%.0s' {1..201})\"}}"
  422
  errors:
  {"pointer":"/mqtt/topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"}]}
  $ for host in plc 10.0.0.7 fe80::1%eth0 ::1 a:b 'a b' a/b serial:/dev/ttyS0:9600,8N1 serial:/dev/ttyS0 serial:x:9600 serial:/dev/ttyS0:9601 serial:/dev/ttyS0:9600,9N1; do
  >   errors PUT '/devices/n?dry_run=true' "{\"network\": {\"modbus_host\": \"$host\"}, \"mqtt\": {\"topic\": \"t\"}}" | cut -c1-330
  > done
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc","modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"10.0.0.7","modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"fe80::1%eth0","modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"top
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"::1","modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_host","detail":"must be a host name or an IP address, without a port, or a serial line such as serial:/dev/ttyUSB0:19200,8E1"}]}
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_host","detail":"must be a host name or an IP address, without a port, or a serial line such as serial:/dev/ttyUSB0:19200,8E1"}]}
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_host","detail":"must be a host name or an IP address, without a port, or a serial line such as serial:/dev/ttyUSB0:19200,8E1"}]}
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"serial:/dev/ttyS0:9600,8N1","modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"serial:/dev/ttyS0","modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_line","detail":"\"x:9600\" does not begin with the absolute path of a device, of at most 199 bytes and without \"..\", such as \"/dev/ttyUSB0:19200,8E1\""}]}
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_line","detail":"\"9601\" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200"}]}
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_line","detail":"\"9N1\" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop bits"}]}
  $ errors PUT /devices/n '{"network": {"gateway": "a.b", "framing": "ascii"}, "mqtt": {"topic": "t"}, "status": {"table": "discrete_input", "address": 1}}'
  422
  errors:
  {"pointer":"/network/gateway","code":"invalid_gateway","detail":"must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'"},
  {"pointer":"/network/framing","code":"invalid_choice","detail":"must be one of tcp, rtu"},
  {"pointer":"/status/table","code":"invalid_choice","detail":"must be one of input_register, holding_register"}]}

Availability: one of the payloads may be null, and they differ:

  $ errors PUT /devices/n '{"mqtt": {"topic": "t", "payload_available": null, "payload_unavailable": null}}'
  422
  errors:
  {"pointer":"/mqtt/payload_unavailable","code":"required","detail":"must not be null while payload_available is null, too"}]}
  $ errors PUT /devices/n '{"mqtt": {"topic": "t", "payload_available": " on ", "payload_unavailable": "on"}}'
  422
  errors:
  {"pointer":"/mqtt/payload_unavailable","code":"duplicate","detail":"must differ from payload_available; blanks around them do not count"}]}
  $ errors PUT /devices/n '{"mqtt": {"topic": "t", "payload_available": 1, "payload_unavailable": null}}'
  422
  errors:
  {"pointer":"/mqtt/payload_available","code":"wrong_type","detail":"must be a string"}]}
  $ api PUT '/devices/n?dry_run=true' '{"mqtt": {"topic": "t", "payload_available": null, "payload_unavailable": "on"}}'
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":null,"payload_unavailable":"on","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":5,"revision":6,"created_at":"TIME","updated_at":"TIME"}
  $ api PUT '/devices/n?dry_run=true' '{"mqtt": {"topic": "t", "payload_available": "off", "payload_unavailable": null}}'
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"off","payload_unavailable":null,"stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":5,"revision":6,"created_at":"TIME","updated_at":"TIME"}

Servers: TLS, units, framing:

  $ try() { errors PUT '/devices/n?dry_run=true' "{\"network\": {$1}, \"mqtt\": {\"topic\": \"t\"}}" | cut -c1-330; }
  $ try '"tls": true'
  422
  errors:
  {"pointer":"/network/tls","code":"foreign_only","detail":"must be false on the local server: it is for another Modbus server, which modbus_host names"}]}
  $ try '"tls": true, "modbus_host": "plc-9"'
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc-9","modbus_port":502,"framing":"tcp","tls":true,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t",
  $ try '"tls": true, "modbus_host": "plc-9", "framing": "rtu"'
  422
  errors:
  {"pointer":"/network/tls","code":"type_mismatch","detail":"must be false with framing rtu: TLS carries Modbus TCP, framing tcp"}]}
  $ try '"tls": true, "modbus_host": "serial:/dev/ttyS1:9600,8N1"'
  422
  errors:
  {"pointer":"/network/tls","code":"type_mismatch","detail":"must be false for a serial line, which has no TLS"}]}
  $ try '"tls": true, "modbus_host": "a b"'
  422
  errors:
  {"pointer":"/network/modbus_host","code":"invalid_host","detail":"must be a host name or an IP address, without a port, or a serial line such as serial:/dev/ttyUSB0:19200,8E1"}]}
  $ for unit in 0 1 2 247 248 254 255; do try "\"unit_id\": $unit"; done
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 0 is not on the local server; [common] units lists its units"}]}
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","q
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 2 is not on the local server; [common] units lists its units"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 247 is not on the local server; [common] units lists its units"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 248 is not on the local server; [common] units lists its units"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 254 is not on the local server; [common] units lists its units"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 255 is not on the local server; [common] units lists its units"}]}
  $ for unit in 247 248 254 255; do try "\"modbus_host\": \"plc-9\", \"unit_id\": $unit"; done
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc-9","modbus_port":502,"framing":"tcp","tls":false,"unit_id":247,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"
  422
  errors:
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be from 0 to 247, or 255: the ids in between are reserved"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be from 0 to 247, or 255: the ids in between are reserved"}]}
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc-9","modbus_port":502,"framing":"tcp","tls":false,"unit_id":255,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"
  $ for unit in 247 248 255; do try "\"modbus_host\": \"plc-9\", \"framing\": \"rtu\", \"unit_id\": $unit"; done
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc-9","modbus_port":502,"framing":"rtu","tls":false,"unit_id":247,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"
  422
  errors:
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be from 0 to 247 on a serial line; 0 stands for all its units"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be from 0 to 247 on a serial line; 0 stands for all its units"}]}
  $ for unit in 247 248 255; do try "\"modbus_host\": \"serial:/dev/ttyS1:9600,8N1\", \"unit_id\": $unit"; done
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"serial:/dev/ttyS1:9600,8N1","modbus_port":502,"framing":"tcp","tls":false,"unit_id":247,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":nu
  422
  errors:
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be from 0 to 247 on a serial line; 0 stands for all its units"}]}
  422
  errors:
  {"pointer":"/network/unit_id","code":"out_of_range","detail":"must be from 0 to 247 on a serial line; 0 stands for all its units"}]}

All devices of a server are reached in one way:

  $ try '"modbus_host": "plc-7.example", "modbus_port": 1502'
  409
  errors:
  {"pointer":"/network/framing","code":"other_framing","detail":"must be rtu, as the device all-1 on the same server plc-7.example:1502 has it"}]}
  $ try '"modbus_host": "plc-7.example", "modbus_port": 1503'
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc-7.example","modbus_port":1503,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"t
  $ api PUT /devices/s-1 '{"network": {"modbus_host": "plc-8", "tls": true}, "mqtt": {"topic": "t"}}' | head -1
  201
  $ api PUT /devices/s-2 '{"network": {"modbus_host": "serial:/dev/ttyS1:9600,8N1"}, "mqtt": {"topic": "t"}}' | head -1
  201
  $ try '"modbus_host": "plc-8"'
  409
  errors:
  {"pointer":"/network/tls","code":"other_tls","detail":"must be true, as the device s-1 on the same server plc-8:502 has it"}]}
  $ try '"modbus_host": "plc-8", "framing": "rtu"'
  409
  errors:
  {"pointer":"/network/framing","code":"other_framing","detail":"must be tcp, as the device s-1 on the same server plc-8:502 has it"}]}
  $ try '"modbus_host": "plc-8", "tls": true'
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc-8","modbus_port":502,"framing":"tcp","tls":true,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t",
  $ try '"modbus_host": "serial:/dev/ttyS1:19200,8N1"'
  409
  errors:
  {"pointer":"/network/modbus_host","code":"other_parameters","detail":"must be serial:/dev/ttyS1:9600,8N1, as the device s-2 has it: a line has the same parameters for all its devices, which an import changes together"}]}
  $ try '"modbus_host": "serial:/dev/ttyS1:9600,8E1", "unit_id": 9'
  409
  errors:
  {"pointer":"/network/modbus_host","code":"other_parameters","detail":"must be serial:/dev/ttyS1:9600,8N1, as the device s-2 has it: a line has the same parameters for all its devices, which an import changes together"}]}
  $ try '"modbus_host": "serial:/dev/ttyS1:9600,8N1", "unit_id": 9'
  200
  {"name":"n","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"serial:/dev/ttyS1:9600,8N1","modbus_port":502,"framing":"tcp","tls":false,"unit_id":9,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null
  $ api PUT /devices/s-3 '{"network": {"modbus_host": "plc-9"}, "mqtt": {"topic": "t"}}' | head -1
  201
  $ try '"modbus_host": "plc-9", "tls": true'
  409
  errors:
  {"pointer":"/network/tls","code":"other_tls","detail":"must be false, as the device s-3 on the same server plc-9:502 has it"}]}
  $ try '"modbus_host": "plc-9", "framing": "rtu"'
  409
  errors:
  {"pointer":"/network/framing","code":"other_framing","detail":"must be tcp, as the device s-3 on the same server plc-9:502 has it"}]}

PATCH keeps what it does not name, null is the default, objects are merged:

  $ api PATCH /devices/all-1 '{"label": null, "enabled": null, "network": {"unit_id": 18, "gateway": null, "framing": null}, "mqtt": {"where": {"id": 38, "b": null, "e": "new"}, "request": {"payload": "x", "qos": null}}}'
  200
  {"name":"all-1","label":"","description":"in hall 12","enabled":true,"profile":null,"network":{"address":"10.1.22.33","modbus_host":"plc-7.example","modbus_port":1502,"framing":"tcp","tls":false,"unit_id":18,"max_write_registers":100,"min_interval_ms":250,"write_single":true,"poll_interval_ms":3000,"rewrite_on_reconnect":false,"gateway":null},"mqtt":{"topic":"plant/+/k12","qos":2,"availability_topic":"plant/#","availability_key":"/state","payload_available":"up","payload_unavailable":"down","stale_after_s":86400,"timestamp_key":"ts","where":{"/a/0":"x","c":false,"d":-1.5,"id":38,"e":"new"},"request":{"topic":"plant/k12/get","payload":"x","interval_s":3600,"qos":0}},"status":{"table":"holding_register","address":1234},"id":1,"revision":9,"created_at":"TIME","updated_at":"TIME"}
  $ api PATCH /devices/all-1 '{"mqtt": {"request": null, "where": null, "payload_available": null}, "status": null}'
  200
  {"name":"all-1","label":"","description":"in hall 12","enabled":true,"profile":null,"network":{"address":"10.1.22.33","modbus_host":"plc-7.example","modbus_port":1502,"framing":"tcp","tls":false,"unit_id":18,"max_write_registers":100,"min_interval_ms":250,"write_single":true,"poll_interval_ms":3000,"rewrite_on_reconnect":false,"gateway":null},"mqtt":{"topic":"plant/+/k12","qos":2,"availability_topic":"plant/#","availability_key":"/state","payload_available":null,"payload_unavailable":"down","stale_after_s":86400,"timestamp_key":"ts","where":null,"request":null},"status":null,"id":1,"revision":10,"created_at":"TIME","updated_at":"TIME"}
  $ api PATCH /devices/all-1 '{"network": null}'
  200
  {"name":"all-1","label":"","description":"in hall 12","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"plant/+/k12","qos":2,"availability_topic":"plant/#","availability_key":"/state","payload_available":null,"payload_unavailable":"down","stale_after_s":86400,"timestamp_key":"ts","where":null,"request":null},"status":null,"id":1,"revision":11,"created_at":"TIME","updated_at":"TIME"}
  $ api PATCH /devices/all-1 '{}'
  200
  {"name":"all-1","label":"","description":"in hall 12","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"plant/+/k12","qos":2,"availability_topic":"plant/#","availability_key":"/state","payload_available":null,"payload_unavailable":"down","stale_after_s":86400,"timestamp_key":"ts","where":null,"request":null},"status":null,"id":1,"revision":11,"created_at":"TIME","updated_at":"TIME"}
  $ errors PATCH /devices/all-1 '{"mqtt": null}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ errors PATCH /devices/all-1 '{"mqtt": {"request": {"qos": 1}}, "status": {"table": "holding_register"}}'
  422
  errors:
  {"pointer":"/mqtt/request/topic","code":"required","detail":"is required"},
  {"pointer":"/mqtt/request/interval_s","code":"required","detail":"is required"},
  {"pointer":"/status/address","code":"required","detail":"is required"}]}
  $ errors PATCH /devices/none '{}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"none\".","errors":[]}
  $ errors PATCH /devices/all-1 '5'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an object"}]}

The parts of a device, which PUT replaces as a whole:

  $ api PUT /devices/all-1/network '{"unit_id": 1, "address": "k12"}'
  200
  {"address":"k12","modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null}
  $ api PUT /devices/all-1/mqtt '{"topic": "k12", "timestamp_key": "at"}'
  200
  {"topic":"k12","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":"at","where":null,"request":null}
  $ errors PUT /devices/all-1/mqtt '{"qos": 3, "name": "x"}'
  422
  errors:
  {"pointer":"/qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/name","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/topic","code":"required","detail":"is required"}]}
  $ errors PUT /devices/all-1/network '{"unit_id": 2, "mqtt": {}}'
  422
  errors:
  {"pointer":"/mqtt","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/unit_id","code":"unknown_unit","detail":"unit 2 is not on the local server; [common] units lists its units"}]}
  $ errors PUT /devices/all-1/network '{"id": 1}'
  422
  errors:
  {"pointer":"/id","code":"unknown_field","detail":"unknown member"}]}
  $ errors PUT /devices/none/network '{}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"none\".","errors":[]}
  $ errors PUT /devices/all-1/mqtt 'null'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/topic","code":"required","detail":"is required"}]}
  $ errors GET /devices/none/mqtt
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"none\".","errors":[]}
  $ errors GET /devices/all-1/status/x
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No resource has this path.","errors":[]}
  $ errors POST /devices/all-1/mqtt '{}'
  405
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, PUT, OPTIONS.","errors":[]}
  $ errors DELETE /devices/all-1/mqtt
  405
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, PUT, OPTIONS.","errors":[]}
  $ errors PUT '/devices/all-1/mqtt?dry_run=true' '{"topic": "k12"}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"dry_run\"; this path supports: none.","errors":[]}
  $ api GET /devices/all-1/status
  200
  {"device":"all-1","quality":"never","reason":"mqttd_down","gateway":null,"last_message_at":null,"messages":0,"rejects":0,"last_error":null}
  $ errors GET /devices/none/status
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"none\".","errors":[]}

A body that cannot be read:

  $ errors PUT /devices/all-1 ''
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is empty; JSON is expected.","errors":[]}
  $ errors PUT /devices/all-1 '{"mqtt": {"topic": "t"}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 23.","errors":[]}
  $ errors PUT /devices/all-1 '{"mqtt": {"topic": "t"}} x'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 25.","errors":[]}
  $ errors PUT /devices/all-1 '{"label": "\u0000"}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a string with \\u0000, which is not allowed.","errors":[]}
  $ errors PUT /devices/all-1 '{"label": "\\u0000", "mqtt": {"topic": "t"}}' | cut -c1-60
  200
  {"name":"all-1","label":"\\u0000","description":"","enabled"
  $ errors PATCH /devices/all-1 '{}' -H 'Content-Type: application/merge-patch+json' | cut -c1-60
  200
  {"name":"all-1","label":"\\u0000","description":"","enabled"
  $ errors PUT '/devices/all-1?dry_run=yes' '{}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  $ errors PUT '/devices/all-1?dry_run=' '{}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  $ errors PUT '/devices/all-1?color=1' '{}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"color\"; this path supports: confirm dry_run.","errors":[]}
  $ errors PUT '/devices/all-1?confirm=x' '{}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"confirm must be an integer from 0 to 9223372036854775807.","errors":[]}
