Names of devices: a name of 64 characters is one, of 65 it is not; two devices cannot have the same.

  $ api POST /devices '{"name": "press-1", "mqtt": {"topic": "hall/press"}}'
  201
  {"name":"press-1","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"hall/press","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}
  $ api POST /devices '{"name": "press-1", "mqtt": {"topic": "hall/press2"}}'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"/name","code":"name_taken","detail":"a device named press-1 already exists"}]}
  $ api POST /devices "{\"name\": \"$(printf 'x%.0s' {1..64})\", \"mqtt\": {\"topic\": \"a\"}}"
  201
  {"name":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"a","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":2,"revision":2,"created_at":"TIME","updated_at":"TIME"}
  $ api POST /devices "{\"name\": \"$(printf 'x%.0s' {1..65})\", \"mqtt\": {\"topic\": \"a\"}}"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/name","code":"too_long","detail":"must have at most 64 characters, but has 65"}]}
  $ api GET '/devices?limit=1'
  200
  {"items":[
  {"name":"press-1","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"hall/press","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}],"total":2,"next":"press-1"}
  $ headers GET /devices Content-Type ETag
  Content-Type: application/json
  ETag: "2"
  $ ctl devices
  NAME                                                              QUALITY  REASON      AGE  MESSAGES  REJECTS  TAGS  TOPIC
  press-1                                                           never    mqttd_down              0        0     0  hall/press
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  never    mqttd_down              0        0     0  a
