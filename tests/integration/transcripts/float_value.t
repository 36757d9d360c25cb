A message becomes registers: 42 as a float32 in two of them.

  $ api POST /devices '{"name": "press-1", "mqtt": {"topic": "hall/press"}}' >/dev/null
  $ api POST /devices/press-1/tags '{"name": "t", "mqtt": {"key": "t"}, "modbus": {"address": 100}}' >/dev/null
  $ publish hall/press '{"t": 42}'
  $ await '100: 16936' registers 100 2
  100: 16936
  101: 0
  $ api GET /devices/press-1/tags/t/value
  200
  {"device":"press-1","tag":"t","value":42,"raw":[16936,0],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":null}
