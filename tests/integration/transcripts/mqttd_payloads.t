How payloads are read: keys, bare values, qualities, conditions and times. `take` publishes a payload and
then the number of the payload on the topic mark, and waits until this number is in a register; `messages` prints what became of
the newest message on plant/..., `show` the values of the device.

  $ device() { api PUT "/devices/$1" "{\"mqtt\": {\"topic\": \"plant/$1\"$2}}" | sed -n '1{/^20[01]/!p}'; }
  $ tag() { api PUT "/devices/$1" "{\"mqtt\": {$2}, \"modbus\": {$3}}" | sed -n '1{/^20[01]/!p}'; }
  $ take() {
  >   mosquitto_pub -p "$BROKER" -q 1 -t "$1" -m "$2"; mosquitto_pub -p "$BROKER" -q 1 -t mark -m "$((n += 1))"
  >   await "999: $n" registers 999 1 >/dev/null
  > }
  $ messages() { api GET '/messages?limit=2' | sed -n '3,${/"topic":"mark"/!{s/"sequence":[0-9]*,//; s/"received_at":"TIME",//; p}}'; }
  $ show() {
  >   api GET "/values?device=$1&limit=100" | sed -n 's/},$/}/; s/\],"total.*//; s/.*"tag"/"tag"/; s/"received_at.*"messages"/"messages"/; s/,"at":"TIME"//; s/"[a-z_]*"://g; s/,\("good\|"bad\|"never\|"stale\)/ \1/; s/}$//p'
  > }
  $ n=100
  $ device mark; tag mark/tags/mark '"key": "", "topic": "mark"' '"address": 999, "type": "uint16"'; settle

Keys: members, pointers, elements from the front and the back, by a member, and within a text of JSON.

  $ device keys; for key in temp /a/b /list/0 /list/1 /list/-1 /list/-2 /list/2 /a~1b /t~0d /rows/id=T1/v /rows/id=7/v /rows/id=5.5/v /rows/ok=true/v /rows/-1/v /json/x /json/y/1 /map/id=28-EA/t /odd=1; do
  >   tag "keys/tags/k$((k += 1))" "\"key\": \"$key\"" '"table": "input_register"'
  > done; settle
  $ take plant/keys '{"temp": 1.5, "a": {"b": 2.5}, "list": [3.5, 4.5], "a/b": 5.5, "t~d": 6.5, "rows": [{"id": "T0", "v": 10}, {"id": "T1", "v": 11}, {"id": "T1", "v": 12}, {"id": 7.0, "v": 13}, {"id": 5.5, "v": 14}, {"ok": true, "v": 15}], "json": "{\"x\": 16, \"y\": [17, 18]}", "map": {"s1": {"id": "28-FF", "t": 19}, "s2": {"id": "28-EA", "t": 20}}, "odd=1": 21}'
  $ messages; show keys
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{\"temp\": 1.5, \"a\": {\"b\": 2.5}, \"list\": [3.5, 4.5], \"a/b\": 5.5, \"t~d\": 6.5, \"rows\": [{\"id\": \"T0\", \"v\": 10}, {\"id\": \"T1\", \"v\": 11}, {\"id\": \"T1\", \"v\": 12}, {\"id\": 7.0, \"v\": 13}, {\"id\": 5.5, \"v\": 14}, {\"ok\": true, \"v\": 15}], \"json\": \"{\\\"x\\\": 16, \\\"y\\\": [17, 18]}\", \"map\": {\"s1\": {\"id\": \"28-FF\", \"t\": 19}, \"s2\": {\"id\": \"28-EA\", \"t\": 20}}, \"odd=1\": 21}","encoding":"text","looks_like":null,"bytes":346,"retained":false,"outcome":"taken","tags":18,"written":17,"rejected":0,"held":0,"error":null,"keys":"temp, a, list, a/b, t~d, rows, json, map, odd=1"}],"total":2,"next":null}
  "k1",1.5,[16320,0] "good",null,1,0,null
  "k10",11,[16688,0] "good",null,1,0,null
  "k11",13,[16720,0] "good",null,1,0,null
  "k12",14,[16736,0] "good",null,1,0,null
  "k13",15,[16752,0] "good",null,1,0,null
  "k14",15,[16752,0] "good",null,1,0,null
  "k15",16,[16768,0] "good",null,1,0,null
  "k16",18,[16784,0] "good",null,1,0,null
  "k17",20,[16800,0] "good",null,1,0,null
  "k18",21,[16808,0] "good",null,1,0,null
  "k2",2.5,[16416,0] "good",null,1,0,null
  "k3",3.5,[16480,0] "good",null,1,0,null
  "k4",4.5,[16528,0] "good",null,1,0,null
  "k5",4.5,[16528,0] "good",null,1,0,null
  "k6",3.5,[16480,0] "good",null,1,0,null
  "k7",0,[0,0] "never","never_heard",0,0,null
  "k8",5.5,[16560,0] "good",null,1,0,null
  "k9",6.5,[16592,0] "good",null,1,0,null
  $ take plant/keys '{"Temp": 30, "temp": 31, "temp": 32, "a": {"b": {"c": 1}}, "list": [33, 34, 35], "rows": [{"id": "T1"}, {"id": "T1", "v": 36}], "json": "{\"x\": }", "map": {"id=28-EA": {"t": 37}}}'
  $ messages; show keys
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{\"Temp\": 30, \"temp\": 31, \"temp\": 32, \"a\": {\"b\": {\"c\": 1}}, \"list\": [33, 34, 35], \"rows\": [{\"id\": \"T1\"}, {\"id\": \"T1\", \"v\": 36}], \"json\": \"{\\\"x\\\": }\", \"map\": {\"id=28-EA\": {\"t\": 37}}}","encoding":"text","looks_like":null,"bytes":180,"retained":false,"outcome":"taken","tags":18,"written":8,"rejected":1,"held":0,"error":{"code":"not_a_number","tag":"k2","byte":null},"keys":"Temp, temp, temp, a, list, rows, json, map"}],"total":4,"next":null}
  "k1",32,[16896,0] "good",null,2,0,null
  "k10",11,[16688,0] "good",null,1,0,null
  "k11",13,[16720,0] "good",null,1,0,null
  "k12",14,[16736,0] "good",null,1,0,null
  "k13",15,[16752,0] "good",null,1,0,null
  "k14",36,[16912,0] "good",null,2,0,null
  "k15",16,[16768,0] "good",null,1,0,null
  "k16",18,[16784,0] "good",null,1,0,null
  "k17",37,[16916,0] "good",null,2,0,null
  "k18",21,[16808,0] "good",null,1,0,null
  "k2",2.5,[16416,0] "bad","refused",2,1,{"not_a_number","an array or object"}
  "k3",33,[16900,0] "good",null,2,0,null
  "k4",34,[16904,0] "good",null,2,0,null
  "k5",35,[16908,0] "good",null,2,0,null
  "k6",34,[16904,0] "good",null,2,0,null
  "k7",35,[16908,0] "good",null,1,0,null
  "k8",5.5,[16560,0] "good",null,1,0,null
  "k9",6.5,[16592,0] "good",null,1,0,null
  $ take plant/keys '{"list": [], "rows": {}, "json": 5, "map": [], "a": null}'
  $ messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{\"list\": [], \"rows\": {}, \"json\": 5, \"map\": [], \"a\": null}","encoding":"text","looks_like":null,"bytes":57,"retained":false,"outcome":"taken","tags":18,"written":0,"rejected":0,"held":0,"error":null,"keys":"list, rows, json, map, a"}],"total":6,"next":null}
  $ take plant/keys '[1, 2]'; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"[1, 2]","encoding":"text","looks_like":null,"bytes":6,"retained":false,"outcome":"taken","tags":18,"written":0,"rejected":0,"held":0,"error":null,"keys":null}],"total":8,"next":null}
  $ take plant/keys '{}'; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{}","encoding":"text","looks_like":null,"bytes":2,"retained":false,"outcome":"taken","tags":18,"written":0,"rejected":0,"held":0,"error":null,"keys":null}],"total":10,"next":null}
  $ take plant/keys ''; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"","encoding":"text","looks_like":null,"bytes":0,"retained":false,"outcome":"not_json","tags":18,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null}],"total":12,"next":null}
  $ take plant/keys '{"temp": 1'; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{\"temp\": 1","encoding":"text","looks_like":null,"bytes":10,"retained":false,"outcome":"not_json","tags":18,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":10},"keys":null}],"total":14,"next":null}
  $ take plant/keys '{"temp": 01}'; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{\"temp\": 01}","encoding":"text","looks_like":null,"bytes":12,"retained":false,"outcome":"not_json","tags":18,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":10},"keys":null}],"total":16,"next":null}
  $ take plant/keys '{"temp": 1} x'; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"{\"temp\": 1} x","encoding":"text","looks_like":null,"bytes":13,"retained":false,"outcome":"not_json","tags":18,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":12},"keys":null}],"total":18,"next":null}
  $ take plant/keys "$(printf '\xef\xbb\xbf{"temp": 38}')"; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"\xef\xbb\xbf{\\"temp\\": 38}","encoding":"text","looks_like":null,"bytes":15,"retained":false,"outcome":"taken","tags":18,"written":1,"rejected":0,"held":0,"error":null,"keys":"temp"}],"total":20,"next":null} (esc)
  $ take plant/keys "$(printf '{"temp": "\xff"}')"; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"7b2274656d70223a2022ff227d","encoding":"hex","looks_like":"latin1","bytes":13,"retained":false,"outcome":"not_json","tags":18,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":10},"keys":null}],"total":22,"next":null}
  $ take plant/keys 'unavailable'; messages
  {"at":"TIME","device":"keys","topic":"plant/keys","payload":"unavailable","encoding":"text","looks_like":null,"bytes":11,"retained":false,"outcome":"not_json","tags":18,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null}],"total":24,"next":null}
  $ show keys | head -3
  "k1",38,[16920,0] "bad","not_json",3,0,{"invalid_json","unavailable"}
  "k10",11,[16688,0] "bad","not_json",1,0,{"invalid_json","unavailable"}
  "k11",13,[16720,0] "bad","not_json",1,0,{"invalid_json","unavailable"}

Bare numbers and words as the whole payload; as JSON, and as text.

  $ device bare; tag bare/tags/json '"key": ""' '"address": 200'; tag bare/tags/word '"key": "", "payload": "text"' '"address": 202'
  $ tag bare/tags/string '"key": "", "payload": "text"' '"address": 204, "type": "string", "length": 6'; tag bare/tags/truth '"key": "", "payload": "text"' '"table": "coil", "address": 20'; settle
  $ for payload in 21.5 '"22.5"' ' 23.5 ' nan ON true null '' '{"a": 1}' 1e3 -0 '+5' 0x1F 1,5; do
  >   take plant/bare "$payload"; messages; show bare
  > done
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"21.5","encoding":"text","looks_like":null,"bytes":4,"retained":false,"outcome":"taken","tags":4,"written":4,"rejected":0,"held":0,"error":null,"keys":null}],"total":26,"next":null}
  "json",21.5,[16812,0] "good",null,1,0,null
  "string","21.5",[12849,11829,0,0,0,0] "good",null,1,0,null
  "truth",true,[1] "good",null,1,0,null
  "word",21.5,[16812,0] "good",null,1,0,null
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"\"22.5\"","encoding":"text","looks_like":null,"bytes":6,"retained":false,"outcome":"taken","tags":4,"written":2,"rejected":2,"held":0,"error":{"code":"not_a_number","tag":"truth","byte":null},"keys":null}],"total":28,"next":null}
  "json",22.5,[16820,0] "good",null,2,0,null
  "string","\"22.5\"",[8754,12846,13602,0,0,0] "good",null,2,0,null
  "truth",true,[1] "bad","refused",2,1,{"not_a_number","\"22.5\"; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",21.5,[16812,0] "bad","refused",2,1,{"not_a_number","\"22.5\""}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":" 23.5 ","encoding":"text","looks_like":null,"bytes":6,"retained":false,"outcome":"taken","tags":4,"written":4,"rejected":0,"held":0,"error":null,"keys":null}],"total":30,"next":null}
  "json",23.5,[16828,0] "good",null,3,0,null
  "string"," 23.5 ",[8242,13102,13600,0,0,0] "good",null,3,0,null
  "truth",true,[1] "good",null,3,1,{"not_a_number","\"22.5\"; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "good",null,3,1,{"not_a_number","\"22.5\""}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"nan","encoding":"text","looks_like":null,"bytes":3,"retained":false,"outcome":"not_json","tags":4,"written":1,"rejected":2,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null}],"total":32,"next":null}
  "json",23.5,[16828,0] "bad","not_json",4,1,{"invalid_json","nan"}
  "string","nan",[28257,28160,0,0,0,0] "good",null,4,0,null
  "truth",true,[1] "bad","refused",4,2,{"not_a_number","nan; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "bad","refused",4,2,{"not_a_number","nan"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"ON","encoding":"text","looks_like":null,"bytes":2,"retained":false,"outcome":"not_json","tags":4,"written":2,"rejected":1,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null}],"total":34,"next":null}
  "json",23.5,[16828,0] "bad","not_json",5,2,{"invalid_json","ON"}
  "string","ON",[20302,0,0,0,0,0] "good",null,5,0,null
  "truth",true,[1] "good",null,5,2,{"not_a_number","nan; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "bad","refused",5,3,{"not_a_number","ON"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"true","encoding":"text","looks_like":null,"bytes":4,"retained":false,"outcome":"taken","tags":4,"written":3,"rejected":1,"held":0,"error":{"code":"not_a_number","tag":"word","byte":null},"keys":null}],"total":36,"next":null}
  "json",1,[16256,0] "good",null,6,2,{"invalid_json","ON"}
  "string","true",[29810,30053,0,0,0,0] "good",null,6,0,null
  "truth",true,[1] "good",null,6,2,{"not_a_number","nan; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "bad","refused",6,4,{"not_a_number","true"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"null","encoding":"text","looks_like":null,"bytes":4,"retained":false,"outcome":"taken","tags":4,"written":1,"rejected":3,"held":0,"error":{"code":"not_a_number","tag":"truth","byte":null},"keys":null}],"total":38,"next":null}
  "json",1,[16256,0] "bad","refused",7,3,{"null_value","null"}
  "string","null",[28277,27756,0,0,0,0] "good",null,7,0,null
  "truth",true,[1] "bad","refused",7,3,{"not_a_number","null; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "bad","refused",7,5,{"not_a_number","null"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"","encoding":"text","looks_like":null,"bytes":0,"retained":false,"outcome":"not_json","tags":4,"written":1,"rejected":2,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null}],"total":40,"next":null}
  "json",1,[16256,0] "bad","not_json",8,4,{"invalid_json","an empty payload"}
  "string","",[0,0,0,0,0,0] "good",null,8,0,null
  "truth",true,[1] "bad","refused",8,4,{"not_a_number","; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "bad","refused",8,6,{"not_a_number",""}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"{\"a\": 1}","encoding":"text","looks_like":null,"bytes":8,"retained":false,"outcome":"taken","tags":4,"written":1,"rejected":3,"held":0,"error":{"code":"not_a_number","tag":"truth","byte":null},"keys":null}],"total":42,"next":null}
  "json",1,[16256,0] "bad","refused",9,5,{"not_a_number","an array or object"}
  "string","{\"a\": 1}",[31522,24866,14880,12669,0,0] "good",null,9,0,null
  "truth",true,[1] "bad","refused",9,5,{"not_a_number","{\"a\": 1}; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",23.5,[16828,0] "bad","refused",9,7,{"not_a_number","{\"a\": 1}"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"1e3","encoding":"text","looks_like":null,"bytes":3,"retained":false,"outcome":"taken","tags":4,"written":4,"rejected":0,"held":0,"error":null,"keys":null}],"total":44,"next":null}
  "json",1000,[17530,0] "good",null,10,5,{"not_a_number","an array or object"}
  "string","1e3",[12645,13056,0,0,0,0] "good",null,10,0,null
  "truth",true,[1] "good",null,10,5,{"not_a_number","{\"a\": 1}; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",1000,[17530,0] "good",null,10,7,{"not_a_number","{\"a\": 1}"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"-0","encoding":"text","looks_like":null,"bytes":2,"retained":false,"outcome":"taken","tags":4,"written":4,"rejected":0,"held":0,"error":null,"keys":null}],"total":46,"next":null}
  "json",0,[0,0] "good",null,11,5,{"not_a_number","an array or object"}
  "string","-0",[11568,0,0,0,0,0] "good",null,11,0,null
  "truth",false,[0] "good",null,11,5,{"not_a_number","{\"a\": 1}; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",0,[0,0] "good",null,11,7,{"not_a_number","{\"a\": 1}"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"+5","encoding":"text","looks_like":null,"bytes":2,"retained":false,"outcome":"not_json","tags":4,"written":3,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null}],"total":48,"next":null}
  "json",0,[0,0] "bad","not_json",12,6,{"invalid_json","+5"}
  "string","+5",[11061,0,0,0,0,0] "good",null,12,0,null
  "truth",true,[1] "good",null,12,5,{"not_a_number","{\"a\": 1}; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",5,[16544,0] "good",null,12,7,{"not_a_number","{\"a\": 1}"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"0x1F","encoding":"text","looks_like":null,"bytes":4,"retained":false,"outcome":"not_json","tags":4,"written":1,"rejected":2,"held":0,"error":{"code":"invalid_json","tag":null,"byte":1},"keys":null}],"total":50,"next":null}
  "json",0,[0,0] "bad","not_json",13,7,{"invalid_json","x1F"}
  "string","0x1F",[12408,12614,0,0,0,0] "good",null,13,0,null
  "truth",true,[1] "bad","refused",13,6,{"not_a_number","0x1F; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",5,[16544,0] "bad","refused",13,8,{"not_a_number","0x1F"}
  {"at":"TIME","device":"bare","topic":"plant/bare","payload":"1,5","encoding":"text","looks_like":null,"bytes":3,"retained":false,"outcome":"not_json","tags":4,"written":1,"rejected":2,"held":0,"error":{"code":"invalid_json","tag":null,"byte":1},"keys":null}],"total":52,"next":null}
  "json",0,[0,0] "bad","not_json",14,8,{"invalid_json",",5"}
  "string","1,5",[12588,13568,0,0,0,0] "good",null,14,0,null
  "truth",true,[1] "bad","refused",14,7,{"not_a_number","1,5; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "word",5,[16544,0] "bad","refused",14,9,{"not_a_number","1,5"}

The quality beside the value: 192 to 255, true and good are good.

  $ device quality; tag quality/tags/near '"key": "/r/v", "quality_key": "./q"' '"address": 500, "type": "uint16"'; tag quality/tags/far '"key": "/r/v", "quality_key": "/quality"' '"address": 501, "type": "uint16"'; settle
  $ v=10; for q in 192 191 255 256 true false '"Good"' '"goodish"' '""' null '[]' 191.9; do
  >   take plant/quality "{\"r\": {\"v\": $((v += 1)), \"q\": $q}, \"quality\": $q}"; echo "$q"; show quality
  > done
  192
  "far",11,[11] "good",null,1,0,null
  "near",11,[11] "good",null,1,0,null
  191
  "far",11,[11] "bad","bad_quality",2,1,{"bad_quality","191"}
  "near",11,[11] "bad","bad_quality",2,1,{"bad_quality","191"}
  255
  "far",13,[13] "good",null,3,1,{"bad_quality","191"}
  "near",13,[13] "good",null,3,1,{"bad_quality","191"}
  256
  "far",13,[13] "bad","bad_quality",4,2,{"bad_quality","256"}
  "near",13,[13] "bad","bad_quality",4,2,{"bad_quality","256"}
  true
  "far",15,[15] "good",null,5,2,{"bad_quality","256"}
  "near",15,[15] "good",null,5,2,{"bad_quality","256"}
  false
  "far",15,[15] "bad","bad_quality",6,3,{"bad_quality","false"}
  "near",15,[15] "bad","bad_quality",6,3,{"bad_quality","false"}
  "Good"
  "far",17,[17] "good",null,7,3,{"bad_quality","false"}
  "near",17,[17] "good",null,7,3,{"bad_quality","false"}
  "goodish"
  "far",17,[17] "bad","bad_quality",8,4,{"bad_quality","goodish"}
  "near",17,[17] "bad","bad_quality",8,4,{"bad_quality","goodish"}
  ""
  "far",17,[17] "bad","bad_quality",9,5,{"bad_quality",""}
  "near",17,[17] "bad","bad_quality",9,5,{"bad_quality",""}
  null
  "far",17,[17] "bad","bad_quality",10,6,{"bad_quality","null"}
  "near",17,[17] "bad","bad_quality",10,6,{"bad_quality","null"}
  []
  "far",17,[17] "bad","bad_quality",11,7,{"bad_quality","an array or object"}
  "near",17,[17] "bad","bad_quality",11,7,{"bad_quality","an array or object"}
  191.9
  "far",17,[17] "bad","bad_quality",12,8,{"bad_quality","191.9"}
  "near",17,[17] "bad","bad_quality",12,8,{"bad_quality","191.9"}
  $ take plant/quality '{"r": {"v": 50}, "quality": 200}'; messages; show quality
  {"at":"TIME","device":"quality","topic":"plant/quality","payload":"{\"r\": {\"v\": 50}, \"quality\": 200}","encoding":"text","looks_like":null,"bytes":32,"retained":false,"outcome":"taken","tags":2,"written":1,"rejected":1,"held":0,"error":{"code":"bad_quality","tag":"near","byte":null},"keys":null}],"total":78,"next":null}
  "far",50,[50] "good",null,13,8,{"bad_quality","191.9"}
  "near",17,[17] "bad","bad_quality",13,9,{"bad_quality","no quality"}

Conditions choose the device among those of a topic: texts, numbers, true and false.

  $ for row in 'one:{"id": 7}' 'two:{"id": "7"}' 'three:{"/a/id": 12.5, "on": true}' 'four:{"on": false}'; do
  >   api PUT "/devices/where-${row%%:*}" "{\"mqtt\": {\"topic\": \"plant/shared\", \"where\": ${row#*:}}}" | sed -n '1{/^20[01]/!p}'; tag "where-${row%%:*}/tags/v" '"key": "v"' '"table": "input_register", "type": "uint16"'
  > done; settle
  $ v=600; for members in '"id": 7' '"id": 7.0' '"id": "7"' '"id": 70' '"a": {"id": 12.5}, "on": true' '"a": {"id": 12.5}, "on": 1' '"on": false, "id": 7' '"on": null' '"x": 1'; do
  >   take plant/shared "{$members, \"v\": $((v += 1))}"; echo "$members"; api GET '/messages?limit=4' | sed -n "/v....$v}/s/.*\"device\":\([^,]*\),.*\"outcome\":\"\([a-z_]*\)\".*/\1 \2/p"
  > done
  "id": 7
  "where-one" taken
  "id": 7.0
  "where-one" taken
  "id": "7"
  "where-two" taken
  "id": 70
  null not_selected
  "a": {"id": 12.5}, "on": true
  "where-three" taken
  "a": {"id": 12.5}, "on": 1
  null not_selected
  "on": false, "id": 7
  "where-four" taken
  "where-one" taken
  "on": null
  null not_selected
  "x": 1
  null not_selected
  $ for name in one two three four; do show where-$name; done
  "v",607,[607] "good",null,3,0,null
  "v",603,[603] "good",null,1,0,null
  "v",605,[605] "good",null,1,0,null
  "v",607,[607] "good",null,1,0,null

Times of the sender: of a message that is older than the newest one nothing is taken.

  $ device times ', "timestamp_key": "at"'; tag times/tags/v '"key": "v"' '"address": 700, "type": "uint16"'; settle
  $ v=700; for at in 1767323045 1767323044 '"2026-01-02T03:04:05.001Z"' '"2026-01-02T03:04:05Z"' 1767323045001 1767323045000.4 '"2026-01-02 04:04:06+01:00"' '"no time"' null '[1]' 4102444800 0 -1; do
  >   take plant/times "{\"v\": $((v += 1)), \"at\": $at}"; echo "$at"; messages | grep -o '"outcome.*'; show times
  > done
  1767323045
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":99,"next":null}
  "v",701,[701] "good",null,1,0,null
  1767323044
  "outcome":"old","tags":1,"written":0,"rejected":0,"held":0,"error":null,"keys":null}],"total":101,"next":null}
  "v",701,[701] "stale","old_messages",1,0,null
  "2026-01-02T03:04:05.001Z"
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":103,"next":null}
  "v",703,[703] "good",null,2,0,null
  "2026-01-02T03:04:05Z"
  "outcome":"old","tags":1,"written":0,"rejected":0,"held":0,"error":null,"keys":null}],"total":105,"next":null}
  "v",703,[703] "stale","old_messages",2,0,null
  1767323045001
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":107,"next":null}
  "v",705,[705] "good",null,3,0,null
  1767323045000.4
  "outcome":"old","tags":1,"written":0,"rejected":0,"held":0,"error":null,"keys":null}],"total":109,"next":null}
  "v",705,[705] "stale","old_messages",3,0,null
  "2026-01-02 04:04:06+01:00"
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":111,"next":null}
  "v",707,[707] "good",null,4,0,null
  "no time"
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":113,"next":null}
  "v",708,[708] "good",null,5,0,null
  null
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":115,"next":null}
  "v",709,[709] "good",null,6,0,null
  [1]
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":117,"next":null}
  "v",710,[710] "good",null,7,0,null
  4102444800
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":119,"next":null}
  "v",711,[711] "good",null,8,0,null
  0
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":121,"next":null}
  "v",712,[712] "good",null,9,0,null
  -1
  "outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":123,"next":null}
  "v",713,[713] "good",null,10,0,null
  $ take plant/times '{"v": 799}'; messages; show times
  {"at":"TIME","device":"times","topic":"plant/times","payload":"{\"v\": 799}","encoding":"text","looks_like":null,"bytes":10,"retained":false,"outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null}],"total":125,"next":null}
  "v",799,[799] "good",null,11,0,null
