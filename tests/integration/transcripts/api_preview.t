What a message would write: POST /discoveries/preview, each step of a value from the payload to the registers. And discoveries
as far as tagferry-api knows them alone.

  $ preview() { api POST /discoveries/preview "$1"; }
  $ tag() { preview "{\"device\": {\"mqtt\": {\"topic\": \"hall/+/press\"}}, \"tag\": {\"mqtt\": {\"key\": \"v\"${3+, $3}}, \"modbus\": {$1}}, \"message\": {\"payload\": \"{\\\"v\\\": $2}\"}}" | sed -n '2,$s/.*"key":"v",//p;$!d'; }

The types: the largest and smallest value that is taken, the next one, and how the registers are arranged.

  $ tag '"type": "int16"' 32767
  "found":true,"json":32767,"matched":null,"read":32767,"value":32767,"raw":[32767],"hex":["7FFF"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int16"' 32768
  "found":true,"json":32768,"matched":null,"read":32768,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"32768"}}
  $ tag '"type": "int16"' -32768
  "found":true,"json":-32768,"matched":null,"read":-32768,"value":-32768,"raw":[32768],"hex":["8000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int16"' -32769
  "found":true,"json":-32769,"matched":null,"read":-32769,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"-32769"}}
  $ tag '"type": "int16", "on_overflow": "clamp"' -32769
  "found":true,"json":-32769,"matched":null,"read":-32769,"value":-32768,"raw":[32768],"hex":["8000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16"' 65535
  "found":true,"json":65535,"matched":null,"read":65535,"value":65535,"raw":[65535],"hex":["FFFF"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16"' 65536
  "found":true,"json":65536,"matched":null,"read":65536,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"65536"}}
  $ tag '"type": "uint16"' -1
  "found":true,"json":-1,"matched":null,"read":-1,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"-1"}}
  $ tag '"type": "uint16", "on_overflow": "clamp"' 1e9
  "found":true,"json":1000000000,"matched":null,"read":1000000000,"value":65535,"raw":[65535],"hex":["FFFF"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int8", "byte": "high"' 127
  "found":true,"json":127,"matched":null,"read":127,"value":127,"raw":[32512],"hex":["7F00"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int8"' 128
  "found":true,"json":128,"matched":null,"read":128,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"128"}}
  $ tag '"type": "int8"' -128
  "found":true,"json":-128,"matched":null,"read":-128,"value":-128,"raw":[128],"hex":["0080"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint8", "byte": "low"' 255
  "found":true,"json":255,"matched":null,"read":255,"value":255,"raw":[255],"hex":["00FF"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint8"' 256
  "found":true,"json":256,"matched":null,"read":256,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"256"}}
  $ tag '"type": "int32", "byte_order": "CDAB"' -2147483648
  "found":true,"json":-2147483648,"matched":null,"read":-2147483648,"value":-2147483648,"raw":[0,32768],"hex":["0000","8000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int32"' 2147483648
  "found":true,"json":2147483648,"matched":null,"read":2147483648,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"2147483648"}}
  $ tag '"type": "uint32", "byte_order": "BADC"' 4294967295
  "found":true,"json":4294967295,"matched":null,"read":4294967295,"value":4294967295,"raw":[65535,65535],"hex":["FFFF","FFFF"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint32", "byte_order": "DCBA"' 305419896
  "found":true,"json":305419896,"matched":null,"read":305419896,"value":305419896,"raw":[30806,13330],"hex":["7856","3412"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int64", "byte_order": "EFGHABCD"' -9007199254740993
  "found":true,"json":-9007199254740992,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"inexact_integer","detail":"-9007199254740992; an integer of 2^53 or more is exact only as a string"}}
  $ tag '"type": "uint64"' 18446744073709551615
  "found":true,"json":1.8446744073709552e+19,"matched":null,"read":1.8446744073709552e+19,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"1.8446744073709552e+19"}}
  $ tag '"type": "uint64"' 18446744073709551616
  "found":true,"json":1.8446744073709552e+19,"matched":null,"read":1.8446744073709552e+19,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"1.8446744073709552e+19"}}
  $ tag '"type": "float32"' 3.4e38
  "found":true,"json":3.4e+38,"matched":null,"read":3.4e+38,"value":3.4e+38,"raw":[32639,51614],"hex":["7F7F","C99E"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "float32"' 3.5e38
  "found":true,"json":3.5e+38,"matched":null,"read":3.5e+38,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"3.5e+38"}}
  $ tag '"type": "float64", "byte_order": "GHEFCDAB"' -0.1
  "found":true,"json":-0.1,"matched":null,"read":-0.1,"value":-0.1,"raw":[39322,39321,39321,49081],"hex":["999A","9999","9999","BFB9"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "bcd16"' 9999
  "found":true,"json":9999,"matched":null,"read":9999,"value":9999,"raw":[39321],"hex":["9999"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "bcd16"' 10000
  "found":true,"json":10000,"matched":null,"read":10000,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"out_of_range","detail":"10000"}}
  $ tag '"type": "bcd32"' 12345678
  "found":true,"json":12345678,"matched":null,"read":12345678,"value":12345678,"raw":[4660,22136],"hex":["1234","5678"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "bool", "bit": 11' true
  "found":true,"json":true,"matched":null,"read":true,"value":true,"raw":[2048],"hex":["0800"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "bool", "table": "coil"' false
  "found":true,"json":false,"matched":null,"read":false,"value":false,"raw":[0],"hex":["0000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"coil","address":0,"modicon":"000001","is_new_address":true,"error":null}
  $ tag '"type": "bool", "table": "discrete_input"' 2
  "found":true,"json":2,"matched":null,"read":true,"value":true,"raw":[1],"hex":["0001"],"is_on_stale":false,"unit_id":1,"server":null,"table":"discrete_input","address":0,"modicon":"100001","is_new_address":true,"error":null}
  $ tag '"type": "string", "length": 2' '\"abcd\"'
  "found":true,"json":"abcd","matched":null,"read":null,"value":"abcd","raw":[24930,25444],"hex":["6162","6364"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "string", "length": 2' '\"abcde\"'
  "found":true,"json":"abcde","matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"too_long","detail":"abcde"}}
  $ tag '"type": "string", "length": 2, "on_overflow": "clamp", "byte_order": "BADC"' '\"abcäe\"'
  "found":true,"json":"abc\xc3\xa4e","matched":null,"read":null,"value":"abc","raw":[25185,99],"hex":["6261","0063"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null} (esc)
  $ tag '"type": "string", "length": 3' 12.5
  "found":true,"json":12.5,"matched":null,"read":null,"value":"12.5","raw":[12594,11829,0],"hex":["3132","2E35","0000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}

Scale and offset, values, patterns, numbers as text, null, and what is refused.

  $ tag '"type": "int16", "scale": 0.1, "offset": -40' 21.55
  "found":true,"json":21.55,"matched":null,"read":21.55,"value":21.6,"raw":[616],"hex":["0268"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16", "scale": 0.5' 0.25
  "found":true,"json":0.25,"matched":null,"read":0.25,"value":0.5,"raw":[1],"hex":["0001"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16"' '\"RUN\"' '"values": {"RUN": 17, "STOP": 0}'
  "found":true,"json":"RUN","matched":null,"read":17,"value":17,"raw":[17],"hex":["0011"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16"' '\"WALK\"' '"values": {"RUN": 17, "STOP": 0}'
  "found":true,"json":"WALK","matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"unmapped_string","detail":"WALK"}}
  $ tag '"type": "float32"' '\"21,5 kg\"' '"pattern": "[0-9,]+", "number": "decimal_comma"'
  "found":true,"json":"21,5 kg","matched":"21,5","read":21.5,"value":21.5,"raw":[16812,0],"hex":["41AC","0000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "float32"' '\"none\"' '"pattern": "[0-9,]+"'
  "found":true,"json":"none","matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"no_match","detail":"none"}}
  $ tag '"type": "uint16"' '\"0x1F\"' '"number": "hex"'
  "found":true,"json":"0x1F","matched":null,"read":31,"value":31,"raw":[31],"hex":["001F"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16"' '\"1F\"'
  "found":true,"json":"1F","matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"not_a_number","detail":"1F"}}
  $ tag '"type": "uint16"' null
  "found":true,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"null_value","detail":"null"}}
  $ tag '"type": "float32", "on_null": "stale", "on_stale": "nan"' null
  "found":true,"json":null,"matched":null,"read":null,"value":null,"raw":[32704,0],"hex":["7FC0","0000"],"is_on_stale":true,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int16", "on_null": "stale", "on_stale": -99' null
  "found":true,"json":null,"matched":null,"read":null,"value":-99,"raw":[65437],"hex":["FF9D"],"is_on_stale":true,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int16", "on_null": "stale"' null
  "found":true,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"null_value","detail":"null"}}
  $ tag '"type": "int16", "on_stale": -99' null
  "found":true,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"null_value","detail":"null"}}
  $ tag '"type": "int16", "on_null": "stale", "on_stale": -99, "scale": 0.1, "offset": 7' null
  "found":true,"json":null,"matched":null,"read":null,"value":-2.9,"raw":[65437],"hex":["FF9D"],"is_on_stale":true,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "float64", "on_null": "stale", "on_stale": "nan"' null
  "found":true,"json":null,"matched":null,"read":null,"value":null,"raw":[32760,0,0,0],"hex":["7FF8","0000","0000","0000"],"is_on_stale":true,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "int16", "on_null": "stale", "on_stale": -99' -1
  "found":true,"json":-1,"matched":null,"read":-1,"value":-1,"raw":[65535],"hex":["FFFF"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ tag '"type": "uint16"' '[1, 2]'
  "found":true,"json":[1,2],"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"not_a_number","detail":"an array or object"}}
  $ tag '"type": "uint16"' '{\"a\": 1}'
  "found":true,"json":{"a":1},"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"not_a_number","detail":"an array or object"}}
  $ tag '"type": "uint16"' '\"\"'
  "found":true,"json":"","matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"not_a_number","detail":""}}
  $ tag '"type": "float32"' '\"NaN\"'
  "found":true,"json":"NaN","matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"not_a_number","detail":"NaN"}}
  $ tag '"type": "uint16", "address": 65535' 1
  "found":true,"json":1,"matched":null,"read":1,"value":1,"raw":[1],"hex":["0001"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":65535,"modicon":"465536","is_new_address":false,"error":null}
  $ tag '"type": "float32", "table": "input_register", "address": 65534' 1.5
  "found":true,"json":1.5,"matched":null,"read":1.5,"value":1.5,"raw":[16320,0],"hex":["3FC0","0000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"input_register","address":65534,"modicon":"365535","is_new_address":false,"error":null}

The key, the quality beside it, the topic, the conditions of the device; payloads of text.

  $ body() { printf '{"device": {"mqtt": {"topic": "a/+", "where": {"/id/n": 37, "on": true}}}, "tag": {"name": "t", "mqtt": {"key": "%s"}, "modbus": {"type": "uint16"}}, "message": {"topic": "%s", "payload": "%s"}}' "$@"; }
  $ preview "$(body /list/1/v a/b '{\"id\": {\"n\": 37}, \"on\": true, \"list\": [0, {\"v\": 12}]}')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"{\"id\": {\"n\": 37}, \"on\": true, \"list\": [0, {\"v\": 12}]}","encoding":"text","looks_like":null,"bytes":53,"discovery":null},"key":"/list/1/v","found":true,"json":12,"matched":null,"read":12,"value":12,"raw":[12],"hex":["000C"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ preview "$(body /list/2/v a/b '{\"id\": {\"n\": 37}, \"on\": true, \"list\": [0, {\"v\": 12}]}')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"{\"id\": {\"n\": 37}, \"on\": true, \"list\": [0, {\"v\": 12}]}","encoding":"text","looks_like":null,"bytes":53,"discovery":null},"key":"/list/2/v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"key_not_found","detail":"the message does not have the key"}}
  $ preview "$(body v a/b '{\"id\": {\"n\": 37}, \"on\": false, \"v\": 1}')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"{\"id\": {\"n\": 37}, \"on\": false, \"v\": 1}","encoding":"text","looks_like":null,"bytes":38,"discovery":null},"key":"v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"other_device","detail":"mqtt.where of the device does not hold for the message"}}
  $ preview "$(body v a/b '{\"id\": {\"n\": \"37\"}, \"on\": true, \"v\": 1}')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"{\"id\": {\"n\": \"37\"}, \"on\": true, \"v\": 1}","encoding":"text","looks_like":null,"bytes":39,"discovery":null},"key":"v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"other_device","detail":"mqtt.where of the device does not hold for the message"}}
  $ preview "$(body v a/b '{\"on\": true, \"v\": 1}')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"{\"on\": true, \"v\": 1}","encoding":"text","looks_like":null,"bytes":20,"discovery":null},"key":"v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"other_device","detail":"mqtt.where of the device does not hold for the message"}}
  $ preview "$(body v a/b/c '{\"id\": {\"n\": 37}, \"on\": true, \"v\": 1}')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b/c","at":"TIME","retained":false,"payload":"{\"id\": {\"n\": 37}, \"on\": true, \"v\": 1}","encoding":"text","looks_like":null,"bytes":37,"discovery":null},"key":"v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"other_topic","detail":"the topic of the tag is a/+"}}
  $ preview "$(body v a/b '{\"id\": {\"n\": 37}, ')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"{\"id\": {\"n\": 37}, ","encoding":"text","looks_like":null,"bytes":18,"discovery":null},"key":"v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"other_device","detail":"mqtt.where of the device does not hold for the message"}}
  $ preview "$(body v a/b '')"
  200
  {"device":"new","tag":"t","message":{"topic":"a/b","at":"TIME","retained":false,"payload":"","encoding":"text","looks_like":null,"bytes":0,"discovery":null},"key":"v","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"other_device","detail":"mqtt.where of the device does not hold for the message"}}
  $ quality() { preview "{\"tag\": {\"mqtt\": {\"topic\": \"q\", \"key\": \"/x/v\", \"quality_key\": \"./q\"}, \"modbus\": {\"type\": \"uint16\"}}, \"message\": {\"payload\": \"{\\\"x\\\": {\\\"v\\\": 7$1}}\"}}"; }
  $ quality ', \"q\": true'
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"{\"x\": {\"v\": 7, \"q\": true}}","encoding":"text","looks_like":null,"bytes":26,"discovery":null},"key":"/x/v","found":true,"json":7,"matched":null,"read":7,"value":7,"raw":[7],"hex":["0007"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ quality ', \"q\": false'
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"{\"x\": {\"v\": 7, \"q\": false}}","encoding":"text","looks_like":null,"bytes":27,"discovery":null},"key":"/x/v","found":true,"json":7,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"bad_quality","detail":"false"}}
  $ quality ', \"q\": \"bad\"'
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"{\"x\": {\"v\": 7, \"q\": \"bad\"}}","encoding":"text","looks_like":null,"bytes":27,"discovery":null},"key":"/x/v","found":true,"json":7,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"bad_quality","detail":"bad"}}
  $ quality ''
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"{\"x\": {\"v\": 7}}","encoding":"text","looks_like":null,"bytes":15,"discovery":null},"key":"/x/v","found":true,"json":7,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"bad_quality","detail":"no quality"}}
  $ text() { preview "{\"tag\": {\"mqtt\": {\"topic\": \"q\", \"key\": \"\", \"payload\": \"$1\"}, \"modbus\": {\"type\": \"$2\"$4}}, \"message\": {\"payload\": \"$3\"}}"; }
  $ text text uint16 12345
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"12345","encoding":"text","looks_like":null,"bytes":5,"discovery":null},"key":"","found":true,"json":null,"matched":null,"read":12345,"value":12345,"raw":[12345],"hex":["3039"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ text text uint16 twelve
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"twelve","encoding":"text","looks_like":null,"bytes":6,"discovery":null},"key":"","found":true,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"not_a_number","detail":"twelve"}}
  $ text text string ' a b ' ', "length": 4'
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":" a b ","encoding":"text","looks_like":null,"bytes":5,"discovery":null},"key":"","found":true,"json":null,"matched":null,"read":null,"value":" a b ","raw":[8289,8290,8192,0],"hex":["2061","2062","2000","0000"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ text text bool ON ', "bit": 1'
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"ON","encoding":"text","looks_like":null,"bytes":2,"discovery":null},"key":"","found":true,"json":null,"matched":null,"read":true,"value":true,"raw":[2],"hex":["0002"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ text json uint16 12345
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"12345","encoding":"text","looks_like":null,"bytes":5,"discovery":null},"key":"","found":true,"json":12345,"matched":null,"read":12345,"value":12345,"raw":[12345],"hex":["3039"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ text json uint16 twelve
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"twelve","encoding":"text","looks_like":null,"bytes":6,"discovery":null},"key":"","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"invalid_json","detail":"twelve"}}
  $ text json uint16 '\u0001\u0002'
  200
  {"device":"new","tag":"new","message":{"topic":"q","at":"TIME","retained":false,"payload":"0102","encoding":"hex","looks_like":null,"bytes":2,"discovery":null},"key":"","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"invalid_json","detail":"0102 (binary)"}}
  $ text sparkplug uint16 1
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/tag/mqtt/key","code":"required","detail":"must be the name of the metric with the payload sparkplug"}]}

Devices and tags of the store: the request changes them as a merge patch. A new tag gets the next free address.

  $ api POST /devices '{"name": "press-1", "network": {"unit_id": 1}, "mqtt": {"topic": "hall/press"}}' >/dev/null
  $ api POST /devices/press-1/tags '{"name": "t", "mqtt": {"key": "t"}, "modbus": {"address": 0, "type": "uint16", "scale": 0.1}}' >/dev/null
  $ api POST /devices/press-1/tags '{"name": "c", "direction": "constant", "modbus": {"address": 11, "type": "uint16", "constant": 5}}' >/dev/null
  $ api POST /devices '{"name": "far", "network": {"modbus_host": "192.0.2.7", "modbus_port": 1502, "unit_id": 17}, "mqtt": {"topic": "hall/far"}}' >/dev/null
  $ preview '{"device": "press-1", "tag": {"name": "t"}, "message": {"payload": "{\"t\": 12.3}"}}'
  200
  {"device":"press-1","tag":"t","message":{"topic":"hall/press","at":"TIME","retained":false,"payload":"{\"t\": 12.3}","encoding":"text","looks_like":null,"bytes":11,"discovery":null},"key":"t","found":true,"json":12.3,"matched":null,"read":12.3,"value":12.3,"raw":[123],"hex":["007B"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":false,"error":null}
  $ preview '{"device": "press-1", "tag": {"name": "t", "modbus": {"scale": 0.01}}, "message": {"payload": "{\"t\": 12.3}"}}'
  200
  {"device":"press-1","tag":"t","message":{"topic":"hall/press","at":"TIME","retained":false,"payload":"{\"t\": 12.3}","encoding":"text","looks_like":null,"bytes":11,"discovery":null},"key":"t","found":true,"json":12.3,"matched":null,"read":12.3,"value":12.3,"raw":[1230],"hex":["04CE"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":false,"error":null}
  $ preview '{"device": "press-1", "tag": {"name": "new", "mqtt": {"key": "n"}, "modbus": {"type": "float64"}}, "message": {"payload": "{\"n\": 12.3}"}}'
  200
  {"device":"press-1","tag":"new","message":{"topic":"hall/press","at":"TIME","retained":false,"payload":"{\"n\": 12.3}","encoding":"text","looks_like":null,"bytes":11,"discovery":null},"key":"n","found":true,"json":12.3,"matched":null,"read":12.3,"value":12.3,"raw":[16424,39321,39321,39322],"hex":["4028","9999","9999","999A"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":2,"modicon":"400003","is_new_address":true,"error":null}
  $ preview '{"device": "press-1", "tag": {"name": "c"}, "message": {"payload": "{\"n\": 12.3}"}}'
  200
  {"device":"press-1","tag":"c","message":{"topic":"hall/press","at":"TIME","retained":false,"payload":"{\"n\": 12.3}","encoding":"text","looks_like":null,"bytes":11,"discovery":null},"key":"c","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":11,"modicon":"400012","is_new_address":false,"error":{"code":"no_values","detail":"the direction is constant: messages do not change the registers"}}
  $ preview '{"device": {"name": "press-1", "network": {"unit_id": 1}, "mqtt": {"topic": "hall/other"}}, "tag": {"name": "t"}, "message": {"payload": "{\"t\": 12.3}"}}'
  200
  {"device":"press-1","tag":"t","message":{"topic":"hall/other","at":"TIME","retained":false,"payload":"{\"t\": 12.3}","encoding":"text","looks_like":null,"bytes":11,"discovery":null},"key":"t","found":true,"json":12.3,"matched":null,"read":12.3,"value":12.3,"raw":[123],"hex":["007B"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":false,"error":null}
  $ preview '{"device": "far", "tag": {"name": "t", "mqtt": {"key": "n"}, "modbus": {"type": "int16"}}, "message": {"payload": "1"}}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/tag/modbus/address","code":"required","detail":"is required on a Modbus server that is not the local one"}]}
  $ preview '{"device": "far", "tag": {"name": "t", "mqtt": {"key": "n"}, "modbus": {"type": "int16", "address": 65535}}, "message": {"topic": "hall/far", "payload": "{\"n\": 12}"}}'
  200
  {"device":"far","tag":"t","message":{"topic":"hall/far","at":"TIME","retained":false,"payload":"{\"n\": 12}","encoding":"text","looks_like":null,"bytes":9,"discovery":null},"key":"n","found":true,"json":12,"matched":null,"read":12,"value":12,"raw":[12],"hex":["000C"],"is_on_stale":false,"unit_id":17,"server":"192.0.2.7:1502","table":"holding_register","address":65535,"modicon":"465536","is_new_address":false,"error":null}
  $ preview '{"device": "press-1", "tag": {"name": "t"}}'
  200
  {"device":"press-1","tag":"t","message":null,"key":"t","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":false,"error":{"code":"no_message","detail":"no message of this topic is known; start a discovery of it (POST /api/v1/discoveries), and ask again when it was heard"}}

What the request must have.

  $ preview '[]'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"","code":"wrong_type","detail":"must be an object with the members device and tag"}]}
  $ preview '{}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 2 errors; see errors.","errors":[
  {"pointer":"/device","code":"required","detail":"must be the name of a device, or a device; only a tag with an mqtt.topic of its own needs none"},
  {"pointer":"/tag","code":"required","detail":"must be a tag"}]}
  $ preview '{"device": 7, "tag": 7, "message": 7, "other": 7}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 4 errors; see errors.","errors":[
  {"pointer":"/other","code":"unknown_field","detail":"unknown member; expected one of: device, tag, message"},
  {"pointer":"/device","code":"wrong_type","detail":"must be the name of a device, or a device; only a tag with an mqtt.topic of its own needs none"},
  {"pointer":"/tag","code":"wrong_type","detail":"must be a tag"},
  {"pointer":"/message","code":"wrong_type","detail":"must be an object with the members topic and payload"}]}
  $ preview '{"device": "nobody", "tag": {"name": "t"}}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/device","code":"unknown_device","detail":"no device has the name \"nobody\""}]}
  $ preview '{"device": "press-1", "tag": {"name": "t"}, "message": {}}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/message/payload","code":"required","detail":"must be the payload as text"}]}
  $ preview '{"device": "press-1", "tag": {"name": "t"}, "message": {"payload": 12, "topic": "a/#", "qos": 1}}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 3 errors; see errors.","errors":[
  {"pointer":"/message/qos","code":"unknown_field","detail":"unknown member; expected one of: topic, payload"},
  {"pointer":"/message/payload","code":"wrong_type","detail":"must be the payload as text"},
  {"pointer":"/message/topic","code":"invalid_topic","detail":"must be a topic without wildcards"}]}
  $ preview '{"device": {"name": "press-1", "network": {"unit_id": 300}}, "tag": {"name": "t", "modbus": {"type": "int17", "scale": 0}}}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 3 errors; see errors.","errors":[
  {"pointer":"/device/network/unit_id","code":"out_of_range","detail":"must be an integer from 0 to 255"},
  {"pointer":"/tag/modbus/type","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"},
  {"pointer":"/tag/modbus/scale","code":"out_of_range","detail":"must not be 0"}]}
  $ preview '{"tag": {"mqtt": {"topic": "q"}}, "message": {"payload": "1"}}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/tag/name","code":"required","detail":"is required"}]}
  $ preview '{"tag": '
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 8.","errors":[]}
  $ api GET /discoveries/preview
  405
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports POST, OPTIONS.","errors":[]}

Discoveries: what may be asked for, how many run, what is kept. tagferry-mqttd does not run here.

  $ api POST /discoveries '{"topic": "tele/#"}'
  201
  {"id":1,"topics":["tele/#"],"seconds":60,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}
  $ api GET /discoveries/1
  200
  {"id":1,"topics":["tele/#"],"seconds":60,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[],"total":0,"next":null}
  $ api DELETE /discoveries/1
  204
  $ api POST /discoveries '{"topics": ["a/+", "b/#"], "seconds": 3600}'
  201
  {"id":2,"topics":["a/+","b/#"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}
  $ api POST /discoveries '{"topic": "a", "seconds": 3601}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/seconds","code":"out_of_range","detail":"must be an integer from 1 to 3600"}]}
  $ api POST /discoveries '{"topic": "a", "seconds": 0}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/seconds","code":"out_of_range","detail":"must be an integer from 1 to 3600"}]}
  $ api POST /discoveries '{"topic": "a", "seconds": 1.5}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/seconds","code":"wrong_type","detail":"must be an integer from 1 to 3600"}]}
  $ api POST /discoveries '{"topic": "a", "seconds": "1", "other": 1}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 2 errors; see errors.","errors":[
  {"pointer":"/other","code":"unknown_field","detail":"unknown member; expected one of: topic, topics, seconds"},
  {"pointer":"/seconds","code":"wrong_type","detail":"must be an integer from 1 to 3600"}]}
  $ api POST /discoveries '{"seconds": 1}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/topic","code":"required","detail":"topic or topics is required"}]}
  $ api POST /discoveries '{"topic": "a", "topics": ["b"]}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/topics","code":"duplicate","detail":"topic and topics exclude each other"}]}
  $ api POST /discoveries '{"topics": []}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/topics","code":"wrong_type","detail":"must be an array of 1 to 8 topic filters"}]}
  $ api POST /discoveries '{"topics": "a"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/topics","code":"wrong_type","detail":"must be an array of 1 to 8 topic filters"}]}
  $ api POST /discoveries '{"topics": ["a", 7, "a/#/b", "$share/g/a"]}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 3 errors; see errors.","errors":[
  {"pointer":"/topics/1","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/topics/2","code":"bad_topic","detail":"must be an MQTT topic filter, such as tele/# or plant/+/state"},
  {"pointer":"/topics/3","code":"bad_topic","detail":"must not be a shared subscription: it would take messages away from the others that share it"}]}
  $ api POST /discoveries '{"topic": 7}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/topic","code":"wrong_type","detail":"must be a string"}]}
  $ api POST /discoveries '[]'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"","code":"wrong_type","detail":"must be an object such as {\"topic\": \"tele/#\", \"seconds\": 60}"}]}
  $ api POST /discoveries "{\"topics\": [$(printf '"a/%s",' {1..8})\"a/9\"]}"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/topics","code":"wrong_type","detail":"must be an array of 1 to 8 topic filters"}]}
  $ api POST /discoveries "{\"seconds\": 3600, \"topics\": [$(printf '"a/%s",' {1..7})\"a/8\"]}"
  201
  {"id":3,"topics":["a/1","a/2","a/3","a/4","a/5","a/6","a/7","a/8"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}
  $ api POST /discoveries '{"topic": "d", "seconds": 3000}'
  201
  {"id":4,"topics":["d"],"seconds":3000,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}
  $ api POST /discoveries '{"topic": "e", "seconds": 2000}'
  201
  {"id":5,"topics":["e"],"seconds":2000,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}
  $ api POST /discoveries '{"topic": "f", "seconds": 1}'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"4 discoveries are running, which is the most. The next one ends at TIME: wait, or end one now with DELETE /api/v1/discoveries/5.","errors":[]}
  $ api GET /discoveries
  200
  {"items":[
  {"id":5,"topics":["e"],"seconds":2000,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}},
  {"id":4,"topics":["d"],"seconds":3000,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}},
  {"id":3,"topics":["a/1","a/2","a/3","a/4","a/5","a/6","a/7","a/8"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}},
  {"id":2,"topics":["a/+","b/#"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}],"total":4,"next":null}
  $ api GET /discoveries/3
  200
  {"id":3,"topics":["a/1","a/2","a/3","a/4","a/5","a/6","a/7","a/8"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[],"total":0,"next":null}
  $ api GET '/discoveries/3?limit=1000&after=2147483647&q=x'
  200
  {"id":3,"topics":["a/1","a/2","a/3","a/4","a/5","a/6","a/7","a/8"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[],"total":0,"next":null}
  $ for query in limit=0 limit=1001 after=-1 after=2147483648 other=1; do api GET "/discoveries/3?$query"; done
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"after must be an integer from 0 to 2147483647.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"after must be an integer from 0 to 2147483647.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"other\"; this path supports: limit after q.","errors":[]}
  $ for id in 0 99 1 03 1x x -1 999999999999999999 9999999999999999999; do echo "# $id"; api GET "/discoveries/$id"; done
  # 0
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 0. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # 99
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 99. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # 1
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 1. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # 03
  200
  {"id":3,"topics":["a/1","a/2","a/3","a/4","a/5","a/6","a/7","a/8"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"waiting","reason":"tagferry-mqttd does not run. The discovery begins when it does.","totals":{"messages":0,"topics":0,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[],"total":0,"next":null}
  # 1x
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 1x. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # x
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery x. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # -1
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery -1. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # 999999999999999999
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 999999999999999999. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  # 9999999999999999999
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 9999999999999999999. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  $ api GET /discoveries/3/proposal
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is nothing to propose yet. tagferry-mqttd does not run. The discovery begins when it does.","errors":[]}
  $ for query in 'topic=a/%23/b' profile=yes configured=1 table=coil unit_id=0 unit_id=2 unit_id=248 'unit_id=x' other=1; do echo "# $query"; api GET "/discoveries/3/proposal?$query"; done
  # topic=a/%23/b
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"topic must be a topic or a filter with + and #, in a URL written as %2B and %23.","errors":[]}
  # profile=yes
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"profile must be true or false.","errors":[]}
  # configured=1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"configured must be true or false.","errors":[]}
  # table=coil
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"table can only be holding_register: all values are then proposed there. Without it each value gets the table that fits it.","errors":[]}
  # unit_id=0
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit_id must be an integer from 1 to 247.","errors":[]}
  # unit_id=2
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit_id 2 is no unit of the local server: [common] units has them.","errors":[]}
  # unit_id=248
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit_id must be an integer from 1 to 247.","errors":[]}
  # unit_id=x
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit_id must be an integer from 1 to 247.","errors":[]}
  # other=1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"other\"; this path supports: topic* key* profile configured unit_id table.","errors":[]}
  $ api GET /discoveries/99/proposal
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 99. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  $ api DELETE /discoveries/2
  204
  $ api DELETE /discoveries/2
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no discovery 2. GET /api/v1/discoveries lists those that are kept.","errors":[]}
  $ api GET '/audit?limit=3' | sed -E 's/"request_id":"[^"]*"/"request_id":ID/'
  200
  {"items":[
  {"id":11,"revision":4,"at":"TIME","who":"","remote":"127.0.0.1","request_id":ID,"action":"delete","kind":"discovery","device":null,"tag":null,"profile":null,"before":{"id":2,"topics":["a/+","b/#"],"seconds":3600},"after":null,"diff":[]},
  {"id":10,"revision":4,"at":"TIME","who":"","remote":"127.0.0.1","request_id":ID,"action":"create","kind":"discovery","device":null,"tag":null,"profile":null,"before":null,"after":{"id":5,"topics":["e"],"seconds":2000},"diff":[]},
  {"id":9,"revision":4,"at":"TIME","who":"","remote":"127.0.0.1","request_id":ID,"action":"create","kind":"discovery","device":null,"tag":null,"profile":null,"before":null,"after":{"id":4,"topics":["d"],"seconds":3000},"diff":[]}],"total":11,"next":"9"}
