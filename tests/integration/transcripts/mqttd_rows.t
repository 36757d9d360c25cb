The rows of tags as devices come, change and go: what becomes of values, registers and status registers.

Options: mqttd.gateway_status=1:input_register:9000 mqttd.max_payload=300 common.units=1-20

  $ device() { local more="${3:+, $3}"; api POST /devices "{\"name\": \"$1\", \"mqtt\": {\"topic\": \"$2\"}$more}" | sed '/^201\|^{"name"/d'; }
  $ tag() { api POST "/devices/$1/tags" "{\"name\": \"$2\", \"modbus\": {$3}, \"mqtt\": {$4}}" | sed '/^201\|^{"device"/d'; }
  $ change() { api PATCH "/devices/$1" "$2" | sed '/^200\|^{"\(device\|name\)"/d'; fence; }
  $ value() { api GET "/devices/${1%/*}/tags/${1#*/}/value" | sed -n 's/"\(received_at\|written_at\|age_ms\|expires_at\)":[^,]*,//g; s/"at":"TIME"/at/; 2,$p'; }
  $ values() { for name; do value "$name"; done; }
  $ log() { sed -n "$((seen + 1)),\$p" "$MQTTD_LOG" | grep -E ' (warning|error) ' | mask; seen=$(wc -l <"$MQTTD_LOG"); }

The last registers of both sides show that all values before are written.

  $ fence() { publish fence "$((++count))"; await "\"value\":$count," value fence/a >/dev/null; await "\"value\":$count," value fence/b >/dev/null; }
  $ seen=0 count=0
  $ device fence fence; tag fence a '"address": 65534' '"key": ""'; tag fence b '"table": "input_register", "address": 65534' '"key": ""'

The four status registers of the gateway: beats, the broker, devices that are not good, rejects. Those of a device: quality, age,
messages and rejects.

  $ device dev data '"status": {"table": "input_register", "address": 100}'
  $ await '9002: 2' registers 9001 3 1 3
  9001: 1
  9002: 2
  9003: 0
  $ await '101: 65535' registers 100 4 1 3
  100: 0
  101: 65535 (-1)
  102: 0
  103: 0
  $ for t in uint16 int16 uint32 int32 float32 uint64 int64 float64; do tag dev "$t" "\"type\": \"$t\", \"address\": $((n += 10))"; done
  $ tag dev text '"type": "string", "length": 3, "address": 200'
  $ tag dev bit '"type": "bool", "bit": 3, "address": 210, "table": "holding_register"'
  $ tag dev bit5 '"type": "bool", "bit": 5, "address": 210, "table": "holding_register"'
  $ tag dev byte '"type": "uint8", "byte": "high", "address": 210, "table": "holding_register"'
  $ tag dev coil '"type": "bool", "table": "coil", "address": 12'
  $ tag dev discrete '"type": "bool", "table": "discrete_input", "address": 13'
  $ tag dev input '"type": "int16", "table": "input_register", "address": 300'
  $ all='dev/uint16 dev/int16 dev/uint32 dev/int32 dev/float32 dev/uint64 dev/int64 dev/float64 dev/text dev/bit dev/bit5 dev/byte dev/coil dev/discrete dev/input'
  $ fence; value dev/uint16
  {"device":"dev","tag":"uint16","value":0,"raw":[0],"quality":"never","reason":"never_heard","messages":0,"rejects":0,"last_error":null}
  $ publish data '{"uint16": 1234, "int16": -1234, "uint32": 123456789, "int32": -123456789, "float32": 12.5, "uint64": 12345678901234, "int64": -12345678901234, "float64": 12.25, "text": "abcde", "bit": true, "bit5": 1, "byte": 171, "coil": true, "discrete": 1, "input": -2}'
  $ fence
  $ values $all
  {"device":"dev","tag":"uint16","value":1234,"raw":[1234],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"int16","value":-1234,"raw":[64302],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"uint32","value":123456789,"raw":[1883,52501],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"int32","value":-123456789,"raw":[63652,13035],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"float32","value":12.5,"raw":[16712,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"uint64","value":12345678901234,"raw":[0,2874,29646,12274],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"int64","value":-12345678901234,"raw":[65535,62661,35889,53262],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"float64","value":12.25,"raw":[16424,32768,0,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"text","value":"abcde","raw":[24930,25444,25856],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"bit","value":true,"raw":[43816],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"bit5","value":true,"raw":[43816],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"byte","value":171,"raw":[43816],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"coil","value":true,"raw":[1],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"discrete","value":true,"raw":[1],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"input","value":-2,"raw":[65534],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  $ await '210: 43816' registers 210 1
  210: 43816 (-21720)
  $ for at in {10..80..10}; do registers $at 4; done
  10: 1234
  11: 0
  12: 0
  13: 0
  20: 64302 (-1234)
  21: 0
  22: 0
  23: 0
  30: 1883
  31: 52501 (-13035)
  32: 0
  33: 0
  40: 63652 (-1884)
  41: 13035
  42: 0
  43: 0
  50: 16712
  51: 0
  52: 0
  53: 0
  60: 0
  61: 2874
  62: 29646
  63: 12274
  70: 65535 (-1)
  71: 62661 (-2875)
  72: 35889 (-29647)
  73: 53262 (-12274)
  80: 16424
  81: 32768 (-32768)
  82: 0
  83: 0
  $ registers 200 3
  200: 24930
  201: 25444
  202: 25856
  $ registers 300 1 1 3; registers 12 1 1 0; registers 13 1 1 1
  300: 65534 (-2)
  12: 1
  13: 1
  $ await '102: 1' registers 102 2 1 3; registers 100 1 1 3
  102: 1
  103: 0
  100: 192

Values that are refused: the row shows why, and the log says it once for each device.

  $ publish data '{"uint16": 65536, "int16": -32769, "uint32": 4294967296, "int32": 2147483648, "float32": 1e39, "uint64": -1, "int64": 9223372036854775808, "text": "abcdefg", "bit": 2, "bit5": "x", "byte": 256, "coil": {}, "discrete": [], "input": null}'
  $ fence
  $ values $all
  {"device":"dev","tag":"uint16","value":1234,"raw":[1234],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"65536",at}}
  {"device":"dev","tag":"int16","value":-1234,"raw":[64302],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"-32769",at}}
  {"device":"dev","tag":"uint32","value":123456789,"raw":[1883,52501],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"4294967296",at}}
  {"device":"dev","tag":"int32","value":-123456789,"raw":[63652,13035],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"2147483648",at}}
  {"device":"dev","tag":"float32","value":12.5,"raw":[16712,0],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"1e+39",at}}
  {"device":"dev","tag":"uint64","value":12345678901234,"raw":[0,2874,29646,12274],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"-1",at}}
  {"device":"dev","tag":"int64","value":-12345678901234,"raw":[65535,62661,35889,53262],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"9.223372036854776e+18",at}}
  {"device":"dev","tag":"float64","value":12.25,"raw":[16424,32768,0,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"dev","tag":"text","value":"abcde","raw":[24930,25444,25856],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"too_long","detail":"abcdefg",at}}
  {"device":"dev","tag":"bit","value":true,"raw":[43816],"quality":"good","reason":null,"messages":2,"rejects":0,"last_error":null}
  {"device":"dev","tag":"bit5","value":true,"raw":[43816],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"not_a_number","detail":"x; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words",at}}
  {"device":"dev","tag":"byte","value":171,"raw":[43816],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"256",at}}
  {"device":"dev","tag":"coil","value":true,"raw":[1],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"not_a_number","detail":"an array or object; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words",at}}
  {"device":"dev","tag":"discrete","value":true,"raw":[1],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"not_a_number","detail":"an array or object; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words",at}}
  {"device":"dev","tag":"input","value":-2,"raw":[65534],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"null_value","detail":"null",at}}
  $ log
  TIME warning dev/uint16: the value was refused, out_of_range: 65536
  $ publish data 'no JSON'
  $ fence; values dev/uint16 dev/text; log
  {"device":"dev","tag":"uint16","value":1234,"raw":[1234],"quality":"bad","reason":"not_json","messages":2,"rejects":1,"last_error":{"code":"invalid_json","detail":"no JSON",at}}
  {"device":"dev","tag":"text","value":"abcde","raw":[24930,25444,25856],"quality":"bad","reason":"not_json","messages":2,"rejects":1,"last_error":{"code":"invalid_json","detail":"no JSON",at}}
  $ publish data "$(printf '[%.0s' {1..300})"; fence; value dev/uint16
  {"device":"dev","tag":"uint16","value":1234,"raw":[1234],"quality":"bad","reason":"not_json","messages":2,"rejects":1,"last_error":{"code":"invalid_json","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ publish data "$(printf '[%.0s' {1..301})"; fence; value dev/uint16; log
  {"device":"dev","tag":"uint16","value":1234,"raw":[1234],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ device wild 'wild/#'; tag wild w '"address": 400'
  $ publish wild/a '{"w": 65537}'; fence; log
  $ publish wild/b '{"w": 65'; fence; value wild/w; publish wild/b '{"w": 65'; fence; value wild/w
  {"device":"wild","tag":"w","value":65537,"raw":[18304,128],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  {"device":"wild","tag":"w","value":65537,"raw":[18304,128],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  $ publish wild/b '{"w": 65'; fence; value wild/w; publish wild/c '{"w": 650}'; fence; value wild/w
  {"device":"wild","tag":"w","value":65537,"raw":[18304,128],"quality":"bad","reason":"not_json","messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"{\"w\": 65",at}}
  {"device":"wild","tag":"w","value":650,"raw":[17442,32768],"quality":"good","reason":null,"messages":2,"rejects":0,"last_error":{"code":"invalid_json","detail":"{\"w\": 65",at}}
  $ await '103: 16' registers 103 2 1 3
  103: 16
  104: 0

A change of a tag converts its value; one that does not fit is refused.

  $ publish data '{"uint16": 1200, "int16": -12, "uint32": 70000, "int32": -7, "float32": 2.5, "uint64": 77, "int64": -77, "float64": 0.5, "text": "12.5", "bit": true, "byte": 5, "input": 40}'; fence
  $ change dev/tags/uint16 '{"modbus": {"scale": 0.1}}'; value dev/uint16
  {"device":"dev","tag":"uint16","value":1200,"raw":[12000],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/int16 '{"modbus": {"type": "int32", "byte_order": "CDAB"}}'; value dev/int16
  {"device":"dev","tag":"int16","value":-12,"raw":[65524,65535],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/uint32 '{"modbus": {"type": "uint16"}}'; value dev/uint32
  {"device":"dev","tag":"uint32","value":0,"raw":[0],"quality":"bad","reason":"refused","messages":3,"rejects":2,"last_error":{"code":"out_of_range","detail":"70000",at}}
  $ change dev/tags/int32 '{"modbus": {"type": "uint32"}}'; value dev/int32
  {"device":"dev","tag":"int32","value":0,"raw":[0,0],"quality":"bad","reason":"refused","messages":3,"rejects":2,"last_error":{"code":"out_of_range","detail":"-7",at}}
  $ change dev/tags/float32 '{"modbus": {"type": "string", "length": 2}}'; value dev/float32
  {"device":"dev","tag":"float32","value":"2.5","raw":[12846,13568],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/uint64 '{"modbus": {"offset": 7}}'; value dev/uint64
  {"device":"dev","tag":"uint64","value":77,"raw":[0,0,0,70],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/int64 '{"modbus": {"address": 74}}'; value dev/int64
  {"device":"dev","tag":"int64","value":-77,"raw":[65535,65535,65535,65459],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/text '{"modbus": {"type": "float32", "length": null}}'; value dev/text
  {"device":"dev","tag":"text","value":12.5,"raw":[16712,0],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/bit '{"modbus": {"bit": 6}}'; value dev/bit
  {"device":"dev","tag":"bit","value":true,"raw":[1376],"quality":"good","reason":null,"messages":3,"rejects":0,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/byte '{"modbus": {"address": 211, "byte": "low"}}'; value dev/byte
  {"device":"dev","tag":"byte","value":5,"raw":[5],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev/tags/input '{"modbus": {"table": "holding_register"}}'; value dev/input
  {"device":"dev","tag":"input","value":40,"raw":[40],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ change dev '{"network": {"unit_id": 20}}'; value dev/uint16
  {"device":"dev","tag":"uint16","value":1200,"raw":[12000],"quality":"good","reason":null,"messages":3,"rejects":1,"last_error":{"code":"too_large","detail":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",at}}
  $ await '10: 12000' registers 10 2 20; registers 210 2 20; await '10: 0' registers 10 1; await '210: 0' registers 210 2; registers 300 1 20
  10: 12000
  11: 0
  210: 96
  211: 5
  10: 0
  210: 0
  211: 0
  300: 40
  $ change dev '{"network": {"unit_id": 1}}'

Maps: texts become numbers; another number for the same text takes its place.

  $ tag dev mode '"address": 410' '"values": {"off": 10, "on": 11, "auto": 12}'
  $ publish data '{"mode": "auto"}'; fence; value dev/mode
  {"device":"dev","tag":"mode","value":12,"raw":[16704,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  $ change dev/tags/mode '{"mqtt": {"values": {"off": 10, "auto": 22, "on": 11}}}'; value dev/mode
  {"device":"dev","tag":"mode","value":22,"raw":[16816,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  $ change dev/tags/mode '{"mqtt": {"values": {"off": 10, "on": 11}}}'; value dev/mode
  {"device":"dev","tag":"mode","value":22,"raw":[16816,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  $ change dev/tags/mode '{"mqtt": {"values": null}}'; value dev/mode
  {"device":"dev","tag":"mode","value":22,"raw":[16816,0],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}
  $ publish data '{"mode": "auto"}'; fence; value dev/mode
  {"device":"dev","tag":"mode","value":22,"raw":[16816,0],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"not_a_number","detail":"auto",at}}

A tag that moves to another device keeps its value; one that is disabled does not.

  $ change dev/tags/mode '{"device": "wild"}'; value wild/mode
  {"device":"wild","tag":"mode","value":22,"raw":[16816,0],"quality":"bad","reason":"refused","messages":2,"rejects":1,"last_error":{"code":"not_a_number","detail":"auto",at}}
  $ publish data '{"uint16": 50}'; fence; change dev/tags/uint16 '{"enabled": false}'; value dev/uint16
  {"device":"dev","tag":"uint16","value":50,"raw":[500],"quality":"never","reason":"disabled","messages":0,"rejects":0,"last_error":null}
  $ change dev/tags/uint16 '{"enabled": true}'; value dev/uint16
  {"device":"dev","tag":"uint16","value":50,"raw":[500],"quality":"never","reason":"never_heard","messages":0,"rejects":0,"last_error":null}
  $ change dev '{"enabled": false}'; values dev/uint32
  {"device":"dev","tag":"uint32","value":0,"raw":[0],"quality":"never","reason":"disabled","messages":0,"rejects":0,"last_error":null}
  $ registers 30 1; change dev '{"enabled": true}'; values dev/uint32; publish data '{"uint32": 12}'; fence; values dev/uint32
  30: 0
  {"device":"dev","tag":"uint32","value":0,"raw":[0],"quality":"never","reason":"never_heard","messages":0,"rejects":0,"last_error":null}
  {"device":"dev","tag":"uint32","value":12,"raw":[12],"quality":"good","reason":null,"messages":1,"rejects":0,"last_error":null}

What is deleted leaves zeros, bit by bit.

  $ publish data '{"bit": true, "bit5": true, "uint16": 33, "int16": 44, "uint32": 55}'; fence; await '210: 96' registers 210 1
  210: 96
  $ api DELETE /devices/dev/tags/bit5; await '210: 64' registers 210 1
  204
  210: 64
  $ registers 10 1; registers 20 2; registers 30 1
  10: 330
  20: 44
  21: 0
  30: 55
  $ api DELETE /devices/dev/tags/uint16; api DELETE /devices/dev/tags/int16; await '20: 0' registers 20 2; await '10: 0' registers 10 1
  204
  204
  20: 0
  21: 0
  10: 0
  $ api DELETE /devices/dev; await '30: 0' registers 30 1; await '100: 0' registers 100 4 1 3
  204
  30: 0
  100: 0
  101: 0
  102: 0
  103: 0
  $ await '9003: 3' registers 9001 3 1 3 | grep -v 9002 # a device may just begin
  9001: 1
  9003: 3
  $ log
  TIME warning wild: a message of 8 bytes on wild/b was refused, invalid_json at byte 8; it begins with: {"w": 65
