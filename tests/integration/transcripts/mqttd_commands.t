Commands: what SCADA writes, and what tagferry-mqttd publishes then. A subscriber writes each command into a file, with its topic,
QoS, retain flag and payload. `commands` runs a command and prints so many messages that it brings, so that a message
too many shows, too. `show` prints the value of a tag.

  $ tag() { api PUT "/devices/d/tags/$1" "{\"direction\": \"${4:-to_mqtt}\", \"mqtt\": {\"command_topic\": \"cmd/$1\"$2}, \"modbus\": {$3}}" | sed -n '1{/^20[01]/!p}'; }
  $ coil() { mbpoll -m tcp -0 -1 -q -a 1 -r "$1" -t 0 -p "$SCADA" 127.0.0.1 "${@:2}" 2>&1 | grep -i 'written\|failed'; }
  $ commands() {
  >   local begin=$SECONDS count=$1
  >   shift; "$@" >/dev/null
  >   until [ "$(wc -l <commands)" -ge $((lines + count)) ]; do [ $((SECONDS - begin)) -lt 90 ] || { echo "no command came"; break; }; pause; done
  >   sed -n "$((lines + 1)),$((lines += count))p" commands
  > }
  $ command() { commands 1 "$@"; }
  $ show() { api GET "/devices/d/tags/$1/value" | sed -n '2{s/"device":"d",//; s/"\(received_at\|age_ms\|written_at\)":[^,]*,//g; p}'; }
  $ mosquitto_sub -p "$BROKER" -V mqttv5 --retain-as-published -q 2 -t 'cmd/#' -F '%t %q %r %p' >commands 2>&1 & subscriber=$!
  $ mosquitto_pub -p "$BROKER" -r -t cmd/ready -m 1; await ready cat commands; lines=1
  cmd/ready 0 1 1
  $ api PUT /devices/d '{"mqtt": {"topic": "plant/d"}}' | head -1
  201

Each type, written to registers, with the message that is sent without a template.

  $ tag int16 ', "key": "/a/b~1c~0"' '"address": 10, "type": "int16", "scale": 0.1'; tag uint16 ', "command_qos": 0' '"address": 11, "type": "uint16", "offset": -100'
  $ tag int32 ', "command_qos": 2' '"address": 12, "type": "int32"'; tag uint32 ', "command_retain": true' '"address": 14, "type": "uint32", "byte_order": "CDAB"'
  $ tag int64 '' '"address": 16, "type": "int64"'; tag uint64 '' '"address": 20, "type": "uint64"'; tag float32 '' '"address": 24, "type": "float32"'; tag float64 '' '"address": 26, "type": "float64"'
  $ tag string ', "key": "a \"quoted\" name"' '"address": 30, "type": "string", "length": 4'; tag bcd16 '' '"address": 35, "type": "bcd16", "scale": 0.01'; tag bcd32 '' '"address": 36, "type": "bcd32"'
  $ tag coil ', "key": ""' '"table": "coil", "address": 10'; tag bit3 '' '"address": 38, "type": "bool", "bit": 3'; tag bit12 '' '"address": 38, "type": "bool", "bit": 12'
  $ tag high '' '"address": 39, "type": "int8", "byte": "high"'; tag low '' '"address": 39, "type": "uint8", "byte": "low"'
  $ settle
  $ for value in 0 1 32767 32768 65535; do command write_registers 10 $value; done
  cmd/int16 1 0 {"b/c~": 0}
  cmd/int16 1 0 {"b/c~": 0.1}
  cmd/int16 1 0 {"b/c~": 3276.7}
  cmd/int16 1 0 {"b/c~": -3276.8}
  cmd/int16 1 0 {"b/c~": -0.1}
  $ for value in 0 100 65535; do command write_registers 11 $value; done
  cmd/uint16 0 0 {"uint16": -100}
  cmd/uint16 0 0 {"uint16": 0}
  cmd/uint16 0 0 {"uint16": 65435}
  $ command write_registers 12 0 1; command write_registers 12 32768 0; command write_registers 12 65535 65534
  cmd/int32 2 0 {"int32": 1}
  cmd/int32 2 0 {"int32": -2147483648}
  cmd/int32 2 0 {"int32": -2}
  $ command write_registers 14 1 0; command write_registers 14 65535 65535
  cmd/uint32 1 1 {"uint32": 1}
  cmd/uint32 1 1 {"uint32": 4294967295}
  $ command write_registers 16 0 31 65535 65535; command write_registers 16 0 32 0 0; command write_registers 16 65535 65503 65535 65535; command write_registers 16 32768 0 0 0
  cmd/int64 1 0 {"int64": 137438953471}
  cmd/int64 1 0 {"int64": 137438953472}
  cmd/int64 1 0 {"int64": -137438953473}
  cmd/int64 1 0 {"int64": "-9223372036854775808"}
  $ command write_registers 20 31 65535 65535 65535; command write_registers 20 32 0 0 0; command write_registers 20 65535 65535 65535 65535
  cmd/uint64 1 0 {"uint64": 9007199254740991}
  cmd/uint64 1 0 {"uint64": "9007199254740992"}
  cmd/uint64 1 0 {"uint64": "18446744073709551615"}
  $ command write_registers 24 16810 26214; command write_registers 24 32768 0; command write_registers 24 32639 65535; command write_registers 24 0 1
  cmd/float32 1 0 {"float32": 21.3}
  cmd/float32 1 0 {"float32": 0}
  cmd/float32 1 0 {"float32": 3.4028235e+38}
  cmd/float32 1 0 {"float32": 1e-45}
  $ command write_registers 26 49081 39321 39321 39322; command write_registers 26 32751 65535 65535 65535; command write_registers 26 0 0 0 1
  cmd/float64 1 0 {"float64": -0.1}
  cmd/float64 1 0 {"float64": 1.7976931348623157e+308}
  cmd/float64 1 0 {"float64": 5e-324}
  $ command write_registers 30 16706 17220 17734 18248; command write_registers 30 8796 2313 0 16706; command write_registers 30 0 0 0 0; command write_registers 30 50084 50102 50108 97
  cmd/string 1 0 {"a \"quoted\" name": "ABCDEFGH"}
  cmd/string 1 0 {"a \"quoted\" name": "\"\\\u0009\u0009"}
  cmd/string 1 0 {"a \"quoted\" name": ""}
  cmd/string 1 0 {"a \\"quoted\\" name": "\xc3\xa4\xc3\xb6\xc3\xbc"} (esc)
  $ command write_registers 35 39321; command write_registers 35 4660; command write_registers 36 4660 22136
  cmd/bcd16 1 0 {"bcd16": 99.99}
  cmd/bcd16 1 0 {"bcd16": 12.34}
  cmd/bcd32 1 0 {"bcd32": 12345678}
  $ command coil 10 1; command coil 10 0
  cmd/coil 1 0 true
  cmd/coil 1 0 false
  $ command write_registers 38 8; commands 2 write_registers 38 4096
  cmd/bit3 1 0 {"bit3": true}
  cmd/bit3 1 0 {"bit3": false}
  cmd/bit12 1 0 {"bit12": true}
  $ commands 2 write_registers 39 32767; commands 2 write_registers 39 32768; command write_registers 39 32778
  cmd/high 1 0 {"high": 127}
  cmd/low 1 0 {"low": 255}
  cmd/high 1 0 {"high": -128}
  cmd/low 1 0 {"low": 0}
  cmd/low 1 0 {"low": 10}

Registers that are no value: nothing is published, and the tag says why. The last command shows that no other came before.

  $ write_registers 35 4666; await not_bcd show bcd16; write_registers 36 4096 160; await not_bcd show bcd32
  Written 1 references.
  {"tag":"bcd16","value":null,"raw":[4666],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"not_bcd","detail":"0x123a","at":"TIME"}}
  Written 2 references.
  {"tag":"bcd32","value":null,"raw":[4096,160],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"not_bcd","detail":"0x1000 0x00a0","at":"TIME"}}
  $ write_registers 24 32704 0; await not_a show float32; write_registers 24 32640 0; await out_of show float32; write_registers 24 65408 0; await '"-inf' show float32
  Written 2 references.
  {"tag":"float32","value":null,"raw":[32704,0],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"not_a_number","detail":"nan","at":"TIME"}}
  Written 2 references.
  {"tag":"float32","value":null,"raw":[32640,0],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":2,"last_error":{"code":"out_of_range","detail":"inf","at":"TIME"}}
  Written 2 references.
  {"tag":"float32","value":null,"raw":[65408,0],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":3,"last_error":{"code":"out_of_range","detail":"-inf","at":"TIME"}}
  $ write_registers 30 16895 0 0 0; await not_a_string show string
  Written 4 references.
  {"tag":"string","value":"A","raw":[16895,0,0,0],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"not_a_string","detail":"A","at":"TIME"}}
  $ command write_registers 10 7; show int16
  cmd/int16 1 0 {"b/c~": 0.7}
  {"tag":"int16","value":0.7,"raw":[7],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":0,"last_error":null}

Templates: with quotes and without, with the names, and with braces that are no placeholder.

  $ tag t1 ', "command_template": "{value}"' '"address": 50, "type": "uint64"'; tag t2 ', "command_template": "{\"v\": {value}, \"text\": \"<{value}>\", \"of\": \"{device}/{tag}\", \"x\": {}}"' '"address": 54, "type": "uint64"'
  $ tag t3 ', "command_template": " [\"{value}\", {value}]"' '"address": 58, "type": "string", "length": 3'; tag t4 ', "command_template": "set {tag} of {device} to \"{value}\" {values}"' '"address": 61, "type": "string", "length": 3'
  $ tag t5 ', "command_template": ""' '"address": 64, "type": "uint16"'; tag t6 ', "payload": "text", "key": ""' '"address": 65, "type": "string", "length": 3'; tag t7 ', "key": ""' '"address": 68, "type": "string", "length": 3'
  $ tag t8 ', "command_template": "{\"a\\\"{value}\": \"\\\\{value}\"}"' '"address": 71, "type": "uint16"'; tag t9 ', "command_template": "{{value}"' '"address": 72, "type": "uint16"'
  $ settle
  $ for at in 50 54; do command write_registers $at 0 0 0 12345; command write_registers $at 65535 0 0 1; done
  cmd/t1 1 0 12345
  cmd/t1 1 0 18446462598732840961
  cmd/t2 1 0 {"v": 12345, "text": "<12345>", "of": "d/t2", "x": {}}
  cmd/t2 1 0 {"v": "18446462598732840961", "text": "<18446462598732840961>", "of": "d/t2", "x": {}}
  $ for at in 58 61 65 68; do command write_registers $at 8796 2369 0; done
  cmd/t3 1 0  ["\"\\\u0009A", "\"\\\u0009A"]
  cmd/t4 1 0 set t4 of d to ""\\\tA" {values} (esc)
  cmd/t6 1 0 "\\\tA (esc)
  cmd/t7 1 0 "\"\\\u0009A"
  $ command write_registers 64 5; command write_registers 71 99; command write_registers 72 98
  cmd/t5 1 0 
  cmd/t8 1 0 {"a\"99": "\\99"}
  cmd/t9 1 0 {98

Words: each number has a word, or the write is refused. Words that are JSON come without quotes.

  $ tag words ', "values": {"off": 0, "true": 1, "12.5": 2, "-1": 3, "on \"2\"": 4, "1.": 5}' '"address": 80, "type": "uint16"'; tag both_words ', "values": {"AUTO": -1, "HAND": 2.5}, "command_template": "mode={value}"' '"address": 81, "type": "int16", "scale": 0.5'
  $ settle
  $ for value in 0 1 2 3 4 5; do command write_registers 80 $value; done
  cmd/words 1 0 {"words": "off"}
  cmd/words 1 0 {"words": true}
  cmd/words 1 0 {"words": 12.5}
  cmd/words 1 0 {"words": -1}
  cmd/words 1 0 {"words": "on \"2\""}
  cmd/words 1 0 {"words": "1."}
  $ command write_registers 81 65534; command write_registers 81 5
  cmd/both_words 1 0 mode=AUTO
  cmd/both_words 1 0 mode=HAND
  $ write_registers 80 6; await unmapped show words; write_registers 81 1; await unmapped show both_words
  Written 1 references.
  {"tag":"words","value":6,"raw":[6],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"unmapped_number","detail":"6","at":"TIME"}}
  Written 1 references.
  {"tag":"both_words","value":0.5,"raw":[1],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"unmapped_number","detail":"0.5","at":"TIME"}}

PUT of a value is a write of SCADA, too.

  $ command api PUT /devices/d/tags/int16/value '{"value": 12.34}'; command api PUT /devices/d/tags/uint64/value '{"value": "18446744073709551615"}'
  cmd/int16 1 0 {"b/c~": 12.3}
  cmd/uint64 1 0 {"uint64": "18446744073709551615"}
  $ command api PUT /devices/d/tags/string/value '{"value": "Grün"}'; command api PUT /devices/d/tags/bit3/value '{"value": true}'; command api PUT /devices/d/tags/words/value '{"value": "12.5"}'; command api PUT /devices/d/tags/words/value '{"value": 3}'
  cmd/string 1 0 {"a \\"quoted\\" name": "Gr\xc3\xbcn"} (esc)
  cmd/bit3 1 0 {"bit3": true}
  cmd/words 1 0 {"words": 12.5}
  cmd/words 1 0 {"words": -1}
  $ for row in int16:3276.8 int16:-3276.85 int16:'"abc"' int16:null int16:'[1]' int16:true uint64:18446744073709551615 uint64:-1 string:'"123456789"' string:5 bcd16:100 coil:2 coil:'"maybe"' words:'"on"' words:6 both_words:'"HAND"' both_words:0 high:128 high:-127 low:256; do
  >   echo "$row"; api PUT "/devices/d/tags/${row%%:*}/value" "{\"value\": ${row#*:}}" | sed 's/"\(received_at\|age_ms\|written_at\)":[^,]*,//g'
  > done
  int16:3276.8
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type int16, which goes from -3276.8 to 3276.7 with its scale"}]}
  int16:-3276.85
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type int16, which goes from -3276.8 to 3276.7 with its scale"}]}
  int16:"abc"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"not_a_number","detail":"is not a value of type int16, which goes from -3276.8 to 3276.7 with its scale"}]}
  int16:null
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"null_value","detail":"is not a value of type int16, which goes from -3276.8 to 3276.7 with its scale"}]}
  int16:[1]
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"not_a_number","detail":"is not a value of type int16, which goes from -3276.8 to 3276.7 with its scale"}]}
  int16:true
  200
  {"device":"d","tag":"int16","value":1,"raw":[10],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":0,"last_error":null}
  uint64:18446744073709551615
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint64, which goes from 0 to 18446744073709551615; an integer of 2^53 or more is exact only as a string"}]}
  uint64:-1
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint64, which goes from 0 to 18446744073709551615"}]}
  string:"123456789"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"too_long","detail":"is not a value of type string, which is a text of at most 8 bytes"}]}
  string:5
  200
  {"device":"d","tag":"string","value":"5","raw":[13568,0,0,0],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"not_a_string","detail":"A","at":"TIME"}}
  bcd16:100
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type bcd16, which goes from 0 to 99.99 with its scale"}]}
  coil:2
  200
  {"device":"d","tag":"coil","value":true,"raw":[1],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":0,"last_error":null}
  coil:"maybe"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"not_a_number","detail":"is not a value of type bool; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}]}
  words:"on"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"unmapped_string","detail":"is not a value of type uint16, which goes from 0 to 65535; mqtt.values has the words -1, 1., 12.5, off, on \"2\", true"}]}
  words:6
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"unmapped_number","detail":"is not a value of type uint16, which goes from 0 to 65535; mqtt.values has the words -1, 1., 12.5, off, on \"2\", true"}]}
  both_words:"HAND"
  200
  {"device":"d","tag":"both_words","value":2.5,"raw":[5],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":1,"last_error":{"code":"unmapped_number","detail":"0.5","at":"TIME"}}
  both_words:0
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"unmapped_number","detail":"is not a value of type int16, which goes from -16384 to 16383.5 with its scale; mqtt.values has the words AUTO, HAND"}]}
  high:128
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type int8, which goes from -128 to 127"}]}
  high:-127
  200
  {"device":"d","tag":"high","value":-127,"raw":[33034],"quality":"never","reason":"never_heard","expires_at":null,"messages":0,"rejects":0,"last_error":null}
  low:256
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint8, which goes from 0 to 255"}]}
  $ commands 5 true
  cmd/int16 1 0 {"b/c~": 1}
  cmd/string 1 0 {"a \"quoted\" name": "5"}
  cmd/coil 1 0 true
  cmd/both_words 1 0 mode=HAND
  cmd/high 1 0 {"high": -127}

Commands on change: only a value that differs by min_change or more from the one that the device has.

  $ tag change ', "command_on": "change", "min_change": 0.5, "hold_off_ms": 0' '"address": 90, "type": "int16", "scale": 0.1' both; tag text ', "command_on": "change"' '"address": 91, "type": "string", "length": 2'; settle
  $ for value in 600 604 605 607 610 606 605; do write_registers 90 $value; done; commands 4 true
  Written 1 references.
  Written 1 references.
  Written 1 references.
  Written 1 references.
  Written 1 references.
  Written 1 references.
  Written 1 references.
  cmd/change 1 0 {"change": 60}
  cmd/change 1 0 {"change": 60.5}
  cmd/change 1 0 {"change": 61}
  cmd/change 1 0 {"change": 60.5}
  $ mosquitto_pub -p "$BROKER" -q 1 -t plant/d -m '{"change": 70}'; await '90: 700' registers 90 1; for value in 704 696 705; do write_registers 90 $value; done
  90: 700
  Written 1 references.
  Written 1 references.
  Written 1 references.
  $ command true; show change
  cmd/change 1 0 {"change": 70.5}
  {"tag":"change","value":70.5,"raw":[705],"quality":"good","reason":null,"expires_at":null,"messages":1,"rejects":0,"last_error":null}
  $ command write_registers 91 16705 0; write_registers 91 16705 0; command write_registers 91 16705 16640; api GET /metrics | grep '^tagferry_mqttd_commands'
  cmd/text 1 0 {"text": "AA"}
  Written 2 references.
  cmd/text 1 0 {"text": "AAA"}
  tagferry_mqttd_commands_refused_total 8
  tagferry_mqttd_commands_superseded_total 0
  tagferry_mqttd_commands_repeated_total 0
  tagferry_mqttd_commands_unchanged_total 6

A value of the device within hold_off_ms after a write is ignored, and what is written within min_interval_ms waits.

  $ tag hold ', "hold_off_ms": 86400000' '"address": 100, "type": "uint16"' both; tag wait ', "min_interval_ms": 86400000, "hold_off_ms": 0' '"address": 101, "type": "uint16"' both; settle
  $ mosquitto_pub -p "$BROKER" -q 1 -t plant/d -m '{"hold": 11, "wait": 12}'; await '101: 12' registers 100 2
  100: 11
  101: 12
  $ command write_registers 100 21; command write_registers 101 22; write_registers 101 23; command write_registers 10 8; show wait
  cmd/hold 1 0 {"hold": 21}
  cmd/wait 1 0 {"wait": 22}
  Written 1 references.
  cmd/int16 1 0 {"b/c~": 0.8}
  {"tag":"wait","value":23,"raw":[23],"quality":"good","reason":null,"expires_at":null,"messages":1,"rejects":0,"last_error":null}
  $ mosquitto_pub -p "$BROKER" -q 1 -t plant/d -m '{"hold": 31, "wait": 32}'; await '"held":2' api GET '/messages?limit=1' | sed '1d; s/.*"outcome"/"outcome"/'; registers 100 2
  {"items":[
  "outcome":"taken","tags":3,"written":0,"rejected":0,"held":2,"error":null,"keys":"hold, wait"}],"total":3,"next":null}
  100: 21
  101: 23
  $ show hold; show wait
  {"tag":"hold","value":21,"raw":[21],"quality":"good","reason":null,"expires_at":null,"messages":1,"rejects":0,"last_error":null}
  {"tag":"wait","value":23,"raw":[23],"quality":"good","reason":null,"expires_at":null,"messages":1,"rejects":0,"last_error":null}

Setpoints that expire: the value at the end is published like a write.

  $ tag expires ', "expires_s": 1, "expire_value": 45.5, "command_retain": true' '"address": 110, "type": "int16", "scale": 0.5'; tag expires_too ', "expires_s": 1' '"address": 111, "type": "uint16"'; settle
  $ command true; await '"bad"' show expires | sed 's/"expires_at":"[^"]*"/AT/'; await '"bad"' show expires_too | sed 's/"expires_at":"[^"]*"/AT/'
  cmd/expires 1 1 {"expires": 45.5}
  {"tag":"expires","value":45.5,"raw":[91],"quality":"bad","reason":"expired",AT,"messages":0,"rejects":0,"last_error":null}
  {"tag":"expires_too","value":0,"raw":[0],"quality":"bad","reason":"expired",AT,"messages":0,"rejects":0,"last_error":null}
  $ api PATCH /devices/d/tags/expires '{"mqtt": {"expires_s": 31536000, "expire_value": null}}' | head -1; settle; command write_registers 110 65535; await '"never"' show expires | sed 's/"expires_at":"[^"]*"/AT/'
  200
  cmd/expires 1 1 {"expires": -0.5}
  {"tag":"expires","value":-0.5,"raw":[65535],"quality":"never","reason":"never_heard",AT,"messages":0,"rejects":0,"last_error":null}
  $ sed -n 's/^[^ ]* warning *//p' "$MQTTD_LOG" | head -1; kill $subscriber; wait $subscriber
  d/bcd16: SCADA's value is not published, not_bcd: 0x123a
