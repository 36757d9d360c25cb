What a discovery hears, topic by topic and key by key, and what is proposed of it. Messages have QoS 1 and come in this order.
Options: common.units=1-3

  $ pub() { mosquitto_pub -p "$BROKER" -V mqttv5 -q 1 -t "$@"; }
  $ rates() { sed -E 's/"rate":[0-9.e-]+/"rate":RATE/g; s/\},(\{"key")/},\n\1/g'; }
  $ api POST /discoveries '{"topics": ["plant/#", "radio", "zigbee2mqtt/#", "raw/+"], "seconds": 3600}' >/dev/null
  $ await '"state":"running"' api GET /discoveries/1 >/dev/null
  $ pub plant/press-1/state -m '{"temp": 21.5, "count": 70000, "run": true, "mode": "auto", "order": "A-17", "text": "12.25 kg", "nothing": null, "list": [1, 2]}'
  $ pub plant/press-1/state -m '{"temp": -3.25, "count": 12, "run": false, "mode": "eco", "order": "A-18", "text": "7 kg", "nothing": null, "list": [3]}'
  $ pub plant/press-2/state -m '{"temp": 100, "count": 70001, "run": true, "mode": "off", "order": "B-1", "text": "8 kg"}'
  $ pub plant/boiler/supply -m 61.5
  $ pub plant/boiler/valve -m OPEN -r
  $ pub plant/boiler/empty -n
  $ pub raw/one -m "$(printf 'x%.0s' {1..4096})"
  $ pub raw/two -m "$(printf 'x%.0s' {1..4097})"
  $ printf '\x00\x01\xfe\xff' | pub raw/three -s
  $ for word in {1..40}; do echo "{\"word\": \"w$((word % 20))\", \"few\": \"f$((word % 3))\", \"wide\": $((word * 1000))}"; done | pub raw/words -l
  $ for id in 37 38 37 38; do echo "{\"id\": $id, \"level\": $((id * 2))}"; done | pub radio -l
  $ pub zigbee2mqtt/bridge/devices -r -m '[{"ieee_address": "0x01", "friendly_name": "plug", "type": "Router", "definition": {"model": "P-1", "vendor": "V", "exposes": [{"type": "switch", "features": [{"type": "binary", "name": "state", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF"}]}, {"type": "numeric", "name": "power", "property": "power", "access": 1, "unit": "W"}]}}]'
  $ pub zigbee2mqtt/plug -m '{"state": "ON", "power": 12.5}'
  $ await '"messages":55,' api GET /discoveries | rates
  200
  {"items":[
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0}}],"total":1,"next":null}
  $ api GET /discoveries/1 | rates | cut -c1-700
  200
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[
  {"topic":"plant/press-1/state","where":null,"messages":2,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"temp\": -3.25, \"count\": 12, \"run\": false, \"mode\": \"eco\", \"order\": \"A-18\", \"text\": \"7 kg\", \"nothing\": null, \"list\": [3]}","encoding":"text","looks_like":null,"bytes":120,"keys":[
  {"key":"temp","types":["decimal"],"sample":"-3.25","smallest":-3.25,"largest":21.5,"decimals":2,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"count","types":["integer"],"sample":"12","smallest":12,"largest":70000,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"run","types":["boolean"],"sample":"false","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"mode","types":["text"],"sample":"eco","smallest":null,"largest":null,"decimals":0,"words":["auto","eco"],"more_words":false,"present":1,"tags":null},
  {"key":"order","types":["text"],"sample":"A-18","smallest":null,"largest":null,"decimals":0,"words":["A-17","A-18"],"more_words":false,"present":1,"tags":null},
  {"key":"text","types":["text"],"sample":"7 kg","smallest":null,"largest":null,"decimals":0,"words":["12.25 kg","7 kg"],"more_words":false,"present":1,"tags":null},
  {"key":"nothing","types":["null"],"sample":"null","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/0","types":["integer"],"sample":"3","smallest":1,"largest":3,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/1","types":["integer"],"sample":"2","smallest":2,"largest":2,"decimals":0,"words":[],"more_words":false,"present":0.5,"tags":null}],"lost_keys":0},
  {"topic":"plant/press-2/state","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"temp\": 100, \"count\": 70001, \"run\": true, \"mode\": \"off\", \"order\": \"B-1\", \"text\": \"8 kg\"}","encoding":"text","looks_like":null,"bytes":89,"keys":[
  {"key":"temp","types":["integer"],"sample":"100","smallest":100,"largest":100,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"count","types":["integer"],"sample":"70001","smallest":70001,"largest":70001,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"run","types":["boolean"],"sample":"true","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"mode","types":["text"],"sample":"off","smallest":null,"largest":null,"decimals":0,"words":["off"],"more_words":false,"present":1,"tags":null},
  {"key":"order","types":["text"],"sample":"B-1","smallest":null,"largest":null,"decimals":0,"words":["B-1"],"more_words":false,"present":1,"tags":null},
  {"key":"text","types":["text"],"sample":"8 kg","smallest":null,"largest":null,"decimals":0,"words":["8 kg"],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"plant/boiler/supply","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"61.5","encoding":"text","looks_like":null,"bytes":4,"keys":[
  {"key":"","types":["decimal"],"sample":"61.5","smallest":61.5,"largest":61.5,"decimals":1,"words":[],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"plant/boiler/valve","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"text","payload":"OPEN","encoding":"text","looks_like":null,"bytes":4,"keys":[
  {"key":"","types":["text"],"sample":"OPEN","smallest":null,"largest":null,"decimals":0,"words":["OPEN"],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"plant/boiler/empty","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"empty","payload":"","encoding":"text","looks_like":null,"bytes":0,"keys":[],"lost_keys":0},
  {"topic":"raw/one","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"text","payload":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  {"key":"","types":["text"],"sample":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":true,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"raw/two","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"text","payload":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  {"key":"","types":["text"],"sample":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":true,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"raw/three","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"binary","payload":"0001feff","encoding":"hex","looks_like":null,"bytes":4,"keys":[],"lost_keys":0},
  {"topic":"raw/words","where":null,"messages":40,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"word\": \"w0\", \"few\": \"f1\", \"wide\": 40000}","encoding":"text","looks_like":null,"bytes":42,"keys":[
  {"key":"word","types":["text"],"sample":"w0","smallest":null,"largest":null,"decimals":0,"words":["w1","w2","w3","w4","w5","w6","w7","w8","w9","w10","w11","w12","w13","w14","w15","w16"],"more_words":true,"present":1,"tags":null},
  {"key":"few","types":["text"],"sample":"f1","smallest":null,"largest":null,"decimals":0,"words":["f1","f2","f0"],"more_words":false,"present":1,"tags":null},
  {"key":"wide","types":["integer"],"sample":"40000","smallest":1000,"largest":40000,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"radio","where":{"id":37},"messages":2,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"id\": 37, \"level\": 74}","encoding":"text","looks_like":null,"bytes":23,"keys":[
  {"key":"id","types":["integer"],"sample":"37","smallest":37,"largest":37,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"level","types":["integer"],"sample":"74","smallest":74,"largest":74,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"radio","where":{"id":38},"messages":2,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"id\": 38, \"level\": 76}","encoding":"text","looks_like":null,"bytes":23,"keys":[
  {"key":"id","types":["integer"],"sample":"38","smallest":38,"largest":38,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"level","types":["integer"],"sample":"76","smallest":76,"largest":76,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"zigbee2mqtt/bridge/devices","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"[{\"ieee_address\": \"0x01\", \"friendly_name\": \"plug\", \"type\": \"Router\", \"definition\": {\"model\": \"P-1\", \"vendor\": \"V\", \"exposes\": [{\"type\": \"switch\", \"features\": [{\"type\": \"binary\", \"name\": \"state\", \"property\": \"state\", \"access\": 7, \"value_on\": \"ON\", \"value_off\": \"OFF\"}]}, {\"type\": \"numeric\", \"name\": \"power\", \"property\": \"power\", \"access\": 1, \"unit\": \"W\"}]}}]","encoding":"text","looks_like":null,"bytes":357,"keys":[
  {"key":"/0/ieee_address","types":["text"],"sample":"0x01","smallest":null,"largest":null,"decimals":0,"words":["0x01"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/friendly_name","types":["text"],"sample":"plug","smallest":null,"largest":null,"decimals":0,"words":["plug"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/type","types":["text"],"sample":"Router","smallest":null,"largest":null,"decimals":0,"words":["Router"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/model","types":["text"],"sample":"P-1","smallest":null,"largest":null,"decimals":0,"words":["P-1"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/vendor","types":["text"],"sample":"V","smallest":null,"largest":null,"decimals":0,"words":["V"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/0/type","types":["text"],"sample":"switch","smallest":null,"largest":null,"decimals":0,"words":["switch"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/0/features/name=state/type","types":["text"],"sample":"binary","smallest":null,"largest":null,"decimals":0,"words":["binary"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/0/features/name=state/property","types":["text"],"sample":"state","smallest":null,"largest":null,"decimals":0,"words":["state"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/0/features/name=state/access","types":["integer"],"sample":"7","smallest":7,"largest":7,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/0/features/name=state/value_on","types":["text"],"sample":"ON","smallest":null,"largest":null,"decimals":0,"words":["ON"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/0/features/name=state/value_off","types":["text"],"sample":"OFF","smallest":null,"largest":null,"decimals":0,"words":["OFF"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/1/type","types":["text"],"sample":"numeric","smallest":null,"largest":null,"decimals":0,"words":["numeric"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/1/name","types":["text"],"sample":"power","smallest":null,"largest":null,"decimals":0,"words":["power"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/1/property","types":["text"],"sample":"power","smallest":null,"largest":null,"decimals":0,"words":["power"],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/1/access","types":["integer"],"sample":"1","smallest":1,"largest":1,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/0/definition/exposes/1/unit","types":["text"],"sample":"W","smallest":null,"largest":null,"decimals":0,"words":["W"],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"zigbee2mqtt/plug","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"state\": \"ON\", \"power\": 12.5}","encoding":"text","looks_like":null,"bytes":30,"keys":[
  {"key":"state","types":["text"],"sample":"ON","smallest":null,"largest":null,"decimals":0,"words":["ON"],"more_words":false,"present":1,"tags":null},
  {"key":"power","types":["decimal"],"sample":"12.5","smallest":12.5,"largest":12.5,"decimals":1,"words":[],"more_words":false,"present":1,"tags":null}],"lost_keys":0}],"total":13,"next":null}
  $ api GET '/discoveries/1?limit=2' | rates | cut -c1-300
  200
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[
  {"topic":"plant/press-1/state","where":null,"messages":2,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"temp\": -3.25, \"count\": 12, \"run\": false, \"mode\": \"eco\", \"order\": \"A-18\", \"text\": \"7 kg\", \"nothing\": null, \"list\": [3]}","encod
  {"key":"temp","types":["decimal"],"sample":"-3.25","smallest":-3.25,"largest":21.5,"decimals":2,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"count","types":["integer"],"sample":"12","smallest":12,"largest":70000,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"run","types":["boolean"],"sample":"false","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"mode","types":["text"],"sample":"eco","smallest":null,"largest":null,"decimals":0,"words":["auto","eco"],"more_words":false,"present":1,"tags":null},
  {"key":"order","types":["text"],"sample":"A-18","smallest":null,"largest":null,"decimals":0,"words":["A-17","A-18"],"more_words":false,"present":1,"tags":null},
  {"key":"text","types":["text"],"sample":"7 kg","smallest":null,"largest":null,"decimals":0,"words":["12.25 kg","7 kg"],"more_words":false,"present":1,"tags":null},
  {"key":"nothing","types":["null"],"sample":"null","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/0","types":["integer"],"sample":"3","smallest":1,"largest":3,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/1","types":["integer"],"sample":"2","smallest":2,"largest":2,"decimals":0,"words":[],"more_words":false,"present":0.5,"tags":null}],"lost_keys":0},
  {"topic":"plant/press-2/state","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"temp\": 100, \"count\": 70001, \"run\": true, \"mode\": \"off\", \"order\": \"B-1\", \"text\": \"8 kg\"}","encoding":"text","looks_like":null,"byte
  {"key":"temp","types":["integer"],"sample":"100","smallest":100,"largest":100,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"count","types":["integer"],"sample":"70001","smallest":70001,"largest":70001,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"run","types":["boolean"],"sample":"true","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"mode","types":["text"],"sample":"off","smallest":null,"largest":null,"decimals":0,"words":["off"],"more_words":false,"present":1,"tags":null},
  {"key":"order","types":["text"],"sample":"B-1","smallest":null,"largest":null,"decimals":0,"words":["B-1"],"more_words":false,"present":1,"tags":null},
  {"key":"text","types":["text"],"sample":"8 kg","smallest":null,"largest":null,"decimals":0,"words":["8 kg"],"more_words":false,"present":1,"tags":null}],"lost_keys":0}],"total":13,"next":1}
  $ api GET '/discoveries/1?limit=2&after=1' | rates | cut -c1-300
  200
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[
  {"topic":"plant/boiler/supply","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"61.5","encoding":"text","looks_like":null,"bytes":4,"keys":[
  {"key":"","types":["decimal"],"sample":"61.5","smallest":61.5,"largest":61.5,"decimals":1,"words":[],"more_words":false,"present":1,"tags":null}],"lost_keys":0},
  {"topic":"plant/boiler/valve","where":null,"messages":1,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"text","payload":"OPEN","encoding":"text","looks_like":null,"bytes":4,"keys":[
  {"key":"","types":["text"],"sample":"OPEN","smallest":null,"largest":null,"decimals":0,"words":["OPEN"],"more_words":false,"present":1,"tags":null}],"lost_keys":0}],"total":13,"next":3}
  $ api GET '/discoveries/1?q=PRESS&limit=1' | rates | cut -c1-300
  200
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[
  {"topic":"plant/press-1/state","where":null,"messages":2,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"temp\": -3.25, \"count\": 12, \"run\": false, \"mode\": \"eco\", \"order\": \"A-18\", \"text\": \"7 kg\", \"nothing\": null, \"list\": [3]}","encod
  {"key":"temp","types":["decimal"],"sample":"-3.25","smallest":-3.25,"largest":21.5,"decimals":2,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"count","types":["integer"],"sample":"12","smallest":12,"largest":70000,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"run","types":["boolean"],"sample":"false","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"mode","types":["text"],"sample":"eco","smallest":null,"largest":null,"decimals":0,"words":["auto","eco"],"more_words":false,"present":1,"tags":null},
  {"key":"order","types":["text"],"sample":"A-18","smallest":null,"largest":null,"decimals":0,"words":["A-17","A-18"],"more_words":false,"present":1,"tags":null},
  {"key":"text","types":["text"],"sample":"7 kg","smallest":null,"largest":null,"decimals":0,"words":["12.25 kg","7 kg"],"more_words":false,"present":1,"tags":null},
  {"key":"nothing","types":["null"],"sample":"null","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/0","types":["integer"],"sample":"3","smallest":1,"largest":3,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/1","types":["integer"],"sample":"2","smallest":2,"largest":2,"decimals":0,"words":[],"more_words":false,"present":0.5,"tags":null}],"lost_keys":0}],"total":2,"next":0}
  $ api GET '/discoveries/1?q=nowhere' | rates
  200
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[],"total":0,"next":null}

The proposal: all of it, a table, parts of it, in another place.

  $ proposal() { api GET "/discoveries/1/proposal${1-}" "${@:2}" | tr -d '\r'; }
  $ proposal
  200
  {"devices":[
  {"name":"plug","mqtt":{"topic":"zigbee2mqtt/plug"},"description":"V P-1","tags":[
  {"name":"state","mqtt":{"key":"state","values":{"ON":1,"OFF":0},"command_topic":"zigbee2mqtt/plug/set"},"modbus":{"table":"coil","type":"bool","address":0},"direction":"both"},
  {"name":"power","mqtt":{"key":"power"},"unit":"W","modbus":{"table":"input_register","type":"float32","address":0}}]},
  {"name":"press-1","mqtt":{"topic":"plant/press-1/state"},"tags":[
  {"name":"temp","mqtt":{"key":"temp"},"modbus":{"table":"input_register","type":"float32","address":2}},
  {"name":"count","mqtt":{"key":"count"},"modbus":{"table":"input_register","type":"uint32","address":4}},
  {"name":"run","mqtt":{"key":"run"},"modbus":{"table":"discrete_input","type":"bool","address":0}},
  {"name":"mode","mqtt":{"key":"mode"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":6}},
  {"name":"order","mqtt":{"key":"order"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":14}},
  {"name":"text","mqtt":{"key":"text","pattern":"^[-+0-9.,]+"},"modbus":{"table":"input_register","type":"float32","address":22},"unit":"kg"},
  {"name":"list_0","mqtt":{"key":"/list/0"},"modbus":{"table":"input_register","type":"uint16","address":24}},
  {"name":"list_1","mqtt":{"key":"/list/1"},"modbus":{"table":"input_register","type":"uint16","address":25}}]},
  {"name":"press-2","mqtt":{"topic":"plant/press-2/state"},"tags":[
  {"name":"temp","mqtt":{"key":"temp"},"modbus":{"table":"input_register","type":"float32","address":26}},
  {"name":"count","mqtt":{"key":"count"},"modbus":{"table":"input_register","type":"uint32","address":28}},
  {"name":"run","mqtt":{"key":"run"},"modbus":{"table":"discrete_input","type":"bool","address":1}},
  {"name":"mode","mqtt":{"key":"mode"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":30}},
  {"name":"order","mqtt":{"key":"order"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":38}},
  {"name":"text","mqtt":{"key":"text","pattern":"^[-+0-9.,]+"},"modbus":{"table":"input_register","type":"float32","address":46},"unit":"kg"},
  {"name":"list_0","mqtt":{"key":"/list/0"},"modbus":{"table":"input_register","type":"uint16","address":48}},
  {"name":"list_1","mqtt":{"key":"/list/1"},"modbus":{"table":"input_register","type":"uint16","address":49}}]},
  {"name":"words","mqtt":{"topic":"raw/words"},"tags":[
  {"name":"word","mqtt":{"key":"word"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":50}},
  {"name":"few","mqtt":{"key":"few","values":{"f1":0,"f2":1,"f0":2}},"modbus":{"table":"input_register","type":"uint16","address":58}},
  {"name":"wide","mqtt":{"key":"wide"},"modbus":{"table":"input_register","type":"uint32","address":60}}]},
  {"name":"id_37","mqtt":{"topic":"radio","where":{"id":37}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":62}}]},
  {"name":"id_38","mqtt":{"topic":"radio","where":{"id":38}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":63}}]},
  {"name":"boiler","mqtt":{"topic":"plant/boiler/supply"},"tags":[
  {"name":"supply","mqtt":{"key":"","topic":"plant/boiler/supply"},"modbus":{"table":"input_register","type":"float32","address":64}},
  {"name":"valve","mqtt":{"key":"","topic":"plant/boiler/valve","payload":"text"},"modbus":{"table":"discrete_input","type":"bool","address":2}}]},
  {"name":"raw","mqtt":{"topic":"raw/one"},"tags":[
  {"name":"one","mqtt":{"key":"","topic":"raw/one","payload":"text"},"modbus":{"table":"input_register","type":"string","length":64,"on_overflow":"clamp","address":66}},
  {"name":"two","mqtt":{"key":"","topic":"raw/two","payload":"text"},"modbus":{"table":"input_register","type":"string","length":64,"on_overflow":"clamp","address":130}}]}],"notes":[
  {"recogniser":"zigbee2mqtt","devices":["plug"],"text":"Zigbee2MQTT"},
  {"recogniser":"shape","devices":["press-1","press-2","words","id_37","id_38","boiler","raw"],"text":"the shape of topics and payloads"},
  {"text":"1 topic has a payload that is not text, such as raw/three: it is not proposed."},
  {"text":"1 key is not proposed, that of plant/press-1/state: no value was heard, only null, {} or []."}]}
  $ proposal '?table=holding_register&unit_id=3' -H 'Accept: text/csv'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,device_description,where,tag_topic,payload,values,command_topic,pattern
  plug,zigbee2mqtt/plug,3,state,state,both,holding_register,0,bool,ABCD,,,1,0,reject,,,true,,V P-1,,,json,"{""ON"":1,""OFF"":0}",zigbee2mqtt/plug/set,
  plug,zigbee2mqtt/plug,3,power,power,to_modbus,holding_register,2,float32,ABCD,,,1,0,reject,,W,true,,V P-1,,,json,,,
  press-1,plant/press-1/state,3,temp,temp,to_modbus,holding_register,4,float32,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-1,plant/press-1/state,3,count,count,to_modbus,holding_register,6,uint32,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-1,plant/press-1/state,3,run,run,to_modbus,holding_register,8,bool,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-1,plant/press-1/state,3,mode,mode,to_modbus,holding_register,10,string,ABCD,,8,1,0,clamp,,,true,,,,,json,,,
  press-1,plant/press-1/state,3,order,order,to_modbus,holding_register,18,string,ABCD,,8,1,0,clamp,,,true,,,,,json,,,
  press-1,plant/press-1/state,3,text,text,to_modbus,holding_register,26,float32,ABCD,,,1,0,reject,,kg,true,,,,,json,,,"^[-+0-9.,]+"
  press-1,plant/press-1/state,3,list_0,/list/0,to_modbus,holding_register,28,uint16,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-1,plant/press-1/state,3,list_1,/list/1,to_modbus,holding_register,29,uint16,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,temp,temp,to_modbus,holding_register,30,float32,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,count,count,to_modbus,holding_register,32,uint32,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,run,run,to_modbus,holding_register,34,bool,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,mode,mode,to_modbus,holding_register,36,string,ABCD,,8,1,0,clamp,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,order,order,to_modbus,holding_register,44,string,ABCD,,8,1,0,clamp,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,text,text,to_modbus,holding_register,52,float32,ABCD,,,1,0,reject,,kg,true,,,,,json,,,"^[-+0-9.,]+"
  press-2,plant/press-2/state,3,list_0,/list/0,to_modbus,holding_register,54,uint16,ABCD,,,1,0,reject,,,true,,,,,json,,,
  press-2,plant/press-2/state,3,list_1,/list/1,to_modbus,holding_register,55,uint16,ABCD,,,1,0,reject,,,true,,,,,json,,,
  words,raw/words,3,word,word,to_modbus,holding_register,56,string,ABCD,,8,1,0,clamp,,,true,,,,,json,,,
  words,raw/words,3,few,few,to_modbus,holding_register,64,uint16,ABCD,,,1,0,reject,,,true,,,,,json,"{""f1"":0,""f2"":1,""f0"":2}",,
  words,raw/words,3,wide,wide,to_modbus,holding_register,66,uint32,ABCD,,,1,0,reject,,,true,,,,,json,,,
  id_37,radio,3,level,level,to_modbus,holding_register,68,uint16,ABCD,,,1,0,reject,,,true,,,"{""id"":37}",,json,,,
  id_38,radio,3,level,level,to_modbus,holding_register,69,uint16,ABCD,,,1,0,reject,,,true,,,"{""id"":38}",,json,,,
  boiler,plant/boiler/supply,3,supply,,to_modbus,holding_register,70,float32,ABCD,,,1,0,reject,,,true,,,,plant/boiler/supply,json,,,
  boiler,plant/boiler/supply,3,valve,,to_modbus,holding_register,72,bool,ABCD,,,1,0,reject,,,true,,,,plant/boiler/valve,text,,,
  raw,raw/one,3,one,,to_modbus,holding_register,74,string,ABCD,,64,1,0,clamp,,,true,,,,raw/one,text,,,
  raw,raw/one,3,two,,to_modbus,holding_register,138,string,ABCD,,64,1,0,clamp,,,true,,,,raw/two,text,,,
  $ proposal '?topic=plant/boiler/%2B&topic=radio'
  200
  {"devices":[
  {"name":"id_37","mqtt":{"topic":"radio","where":{"id":37}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":0}}]},
  {"name":"id_38","mqtt":{"topic":"radio","where":{"id":38}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":1}}]},
  {"name":"boiler","mqtt":{"topic":"plant/boiler/supply"},"tags":[
  {"name":"supply","mqtt":{"key":"","topic":"plant/boiler/supply"},"modbus":{"table":"input_register","type":"float32","address":2}},
  {"name":"valve","mqtt":{"key":"","topic":"plant/boiler/valve","payload":"text"},"modbus":{"table":"discrete_input","type":"bool","address":0}}]}],"notes":[
  {"recogniser":"shape","devices":["id_37","id_38","boiler"],"text":"the shape of topics and payloads"},
  {"text":"1 topic has a payload that is not text, such as raw/three: it is not proposed."},
  {"text":"1 key is not proposed, that of plant/press-1/state: no value was heard, only null, {} or []."}]}
  $ proposal '?key=temp&key=/word&key=level'
  200
  {"devices":[
  {"name":"press-1","mqtt":{"topic":"plant/press-1/state"},"tags":[
  {"name":"temp","mqtt":{"key":"temp"},"modbus":{"table":"input_register","type":"float32","address":0}}]},
  {"name":"press-2","mqtt":{"topic":"plant/press-2/state"},"tags":[
  {"name":"temp","mqtt":{"key":"temp"},"modbus":{"table":"input_register","type":"float32","address":2}}]},
  {"name":"id_37","mqtt":{"topic":"radio","where":{"id":37}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":4}}]},
  {"name":"id_38","mqtt":{"topic":"radio","where":{"id":38}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":5}}]}],"notes":[
  {"recogniser":"shape","devices":["press-1","press-2","id_37","id_38"],"text":"the shape of topics and payloads"},
  {"text":"1 topic has a payload that is not text, such as raw/three: it is not proposed."},
  {"text":"1 key is not proposed, that of plant/press-1/state: no value was heard, only null, {} or []."}]}
  $ proposal '?topic=plant/%2B/state&profile=true'
  200
  {"profiles":[
  {"name":"plant_state","params":{"id":{}},"device":{"mqtt":{"topic":"plant/{id}/state"}},"tags":[
  {"name":"temp","mqtt":{"key":"temp"},"modbus":{"table":"input_register","type":"float32","address":0}},
  {"name":"count","mqtt":{"key":"count"},"modbus":{"table":"input_register","type":"uint32","address":2}},
  {"name":"run","mqtt":{"key":"run"},"modbus":{"table":"discrete_input","type":"bool","address":0}},
  {"name":"mode","mqtt":{"key":"mode"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":4}},
  {"name":"order","mqtt":{"key":"order"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":12}},
  {"name":"text","mqtt":{"key":"text","pattern":"^[-+0-9.,]+"},"modbus":{"table":"input_register","type":"float32","address":20},"unit":"kg"},
  {"name":"list_0","mqtt":{"key":"/list/0"},"modbus":{"table":"input_register","type":"uint16","address":22}},
  {"name":"list_1","mqtt":{"key":"/list/1"},"modbus":{"table":"input_register","type":"uint16","address":23}}]}],"devices":[
  {"name":"press-1","profile":{"name":"plant_state","params":{"id":"press-1"},"base":{"discrete_input":0,"input_register":0}}},
  {"name":"press-2","profile":{"name":"plant_state","params":{"id":"press-2"},"base":{"discrete_input":1,"input_register":24}}}],"notes":[
  {"recogniser":"shape","devices":["press-1","press-2"],"text":"the shape of topics and payloads"},
  {"text":"1 topic has a payload that is not text, such as raw/three: it is not proposed."},
  {"text":"1 key is not proposed, that of plant/press-1/state: no value was heard, only null, {} or []."}]}
  $ proposal '?topic=nothing'
  200
  {"devices":[],"notes":[
  {"text":"1 topic has a payload that is not text, such as raw/three: it is not proposed."},
  {"text":"1 key is not proposed, that of plant/press-1/state: no value was heard, only null, {} or []."},
  {"text":"No value has a topic and a key that are asked for. In a URL, + is written as %2B and # as %23."}]}

What is configured is left out, and named beside its keys.

  $ api GET '/discoveries/1/proposal?topic=plant/%23&key=temp&key=&unit_id=2' -o part.json >/dev/null
  $ api POST '/import?changes=all' -H 'Accept: text/plain' -H 'Content-Type: application/json' --data-binary @part.json
  200
  Imported: 7 created, 0 changed, 0 deleted.
  action  name           address  type     difference
  create  press-1
  create  press-1/temp   300001   float32
  create  press-2
  create  press-2/temp   300003   float32
  create  boiler
  create  boiler/supply  300005   float32
  create  boiler/valve   100001   bool
  $ settle
  $ proposal
  200
  {"devices":[
  {"name":"plug","mqtt":{"topic":"zigbee2mqtt/plug"},"description":"V P-1","tags":[
  {"name":"state","mqtt":{"key":"state","values":{"ON":1,"OFF":0},"command_topic":"zigbee2mqtt/plug/set"},"modbus":{"table":"coil","type":"bool","address":0},"direction":"both"},
  {"name":"power","mqtt":{"key":"power"},"unit":"W","modbus":{"table":"input_register","type":"float32","address":0}}]},
  {"name":"press-1","tags":[
  {"name":"count","mqtt":{"key":"count"},"modbus":{"table":"input_register","type":"uint32","address":6}},
  {"name":"run","mqtt":{"key":"run"},"modbus":{"table":"discrete_input","type":"bool","address":1}},
  {"name":"mode","mqtt":{"key":"mode"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":8}},
  {"name":"order","mqtt":{"key":"order"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":16}},
  {"name":"text","mqtt":{"key":"text","pattern":"^[-+0-9.,]+"},"modbus":{"table":"input_register","type":"float32","address":24},"unit":"kg"},
  {"name":"list_0","mqtt":{"key":"/list/0"},"modbus":{"table":"input_register","type":"uint16","address":26}},
  {"name":"list_1","mqtt":{"key":"/list/1"},"modbus":{"table":"input_register","type":"uint16","address":27}}]},
  {"name":"press-2","tags":[
  {"name":"count","mqtt":{"key":"count"},"modbus":{"table":"input_register","type":"uint32","address":28}},
  {"name":"run","mqtt":{"key":"run"},"modbus":{"table":"discrete_input","type":"bool","address":2}},
  {"name":"mode","mqtt":{"key":"mode"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":30}},
  {"name":"order","mqtt":{"key":"order"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":38}},
  {"name":"text","mqtt":{"key":"text","pattern":"^[-+0-9.,]+"},"modbus":{"table":"input_register","type":"float32","address":46},"unit":"kg"},
  {"name":"list_0","mqtt":{"key":"/list/0"},"modbus":{"table":"input_register","type":"uint16","address":48}},
  {"name":"list_1","mqtt":{"key":"/list/1"},"modbus":{"table":"input_register","type":"uint16","address":49}}]},
  {"name":"words","mqtt":{"topic":"raw/words"},"tags":[
  {"name":"word","mqtt":{"key":"word"},"modbus":{"table":"input_register","type":"string","length":8,"on_overflow":"clamp","address":2}},
  {"name":"few","mqtt":{"key":"few","values":{"f1":0,"f2":1,"f0":2}},"modbus":{"table":"input_register","type":"uint16","address":10}},
  {"name":"wide","mqtt":{"key":"wide"},"modbus":{"table":"input_register","type":"uint32","address":12}}]},
  {"name":"id_37","mqtt":{"topic":"radio","where":{"id":37}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":14}}]},
  {"name":"id_38","mqtt":{"topic":"radio","where":{"id":38}},"tags":[
  {"name":"level","mqtt":{"key":"level"},"modbus":{"table":"input_register","type":"uint16","address":15}}]},
  {"name":"raw","mqtt":{"topic":"raw/one"},"tags":[
  {"name":"one","mqtt":{"key":"","topic":"raw/one","payload":"text"},"modbus":{"table":"input_register","type":"string","length":64,"on_overflow":"clamp","address":16}},
  {"name":"two","mqtt":{"key":"","topic":"raw/two","payload":"text"},"modbus":{"table":"input_register","type":"string","length":64,"on_overflow":"clamp","address":80}}]}],"notes":[
  {"recogniser":"zigbee2mqtt","devices":["plug"],"text":"Zigbee2MQTT"},
  {"recogniser":"shape","devices":["press-1","press-2","words","id_37","id_38","raw"],"text":"the shape of topics and payloads"},
  {"text":"1 topic has a payload that is not text, such as raw/three: it is not proposed."},
  {"text":"1 key is not proposed, that of plant/press-1/state: no value was heard, only null, {} or []."},
  {"text":"4 values are configured already, in press-1, press-2, boiler: they are left out. configured=true proposes all."}]}
  $ proposal '?configured=true&topic=plant/%23' -H 'Accept: text/csv'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,tag_topic,payload,pattern
  press-1_2,plant/press-1/state,1,temp,temp,to_modbus,input_register,0,float32,ABCD,,,1,0,reject,,,true,,,json,
  press-1_2,plant/press-1/state,1,count,count,to_modbus,input_register,2,uint32,ABCD,,,1,0,reject,,,true,,,json,
  press-1_2,plant/press-1/state,1,run,run,to_modbus,discrete_input,0,bool,ABCD,,,1,0,reject,,,true,,,json,
  press-1_2,plant/press-1/state,1,mode,mode,to_modbus,input_register,4,string,ABCD,,8,1,0,clamp,,,true,,,json,
  press-1_2,plant/press-1/state,1,order,order,to_modbus,input_register,12,string,ABCD,,8,1,0,clamp,,,true,,,json,
  press-1_2,plant/press-1/state,1,text,text,to_modbus,input_register,20,float32,ABCD,,,1,0,reject,,kg,true,,,json,"^[-+0-9.,]+"
  press-1_2,plant/press-1/state,1,list_0,/list/0,to_modbus,input_register,22,uint16,ABCD,,,1,0,reject,,,true,,,json,
  press-1_2,plant/press-1/state,1,list_1,/list/1,to_modbus,input_register,23,uint16,ABCD,,,1,0,reject,,,true,,,json,
  press-2_2,plant/press-2/state,1,temp,temp,to_modbus,input_register,24,float32,ABCD,,,1,0,reject,,,true,,,json,
  press-2_2,plant/press-2/state,1,count,count,to_modbus,input_register,26,uint32,ABCD,,,1,0,reject,,,true,,,json,
  press-2_2,plant/press-2/state,1,run,run,to_modbus,discrete_input,1,bool,ABCD,,,1,0,reject,,,true,,,json,
  press-2_2,plant/press-2/state,1,mode,mode,to_modbus,input_register,28,string,ABCD,,8,1,0,clamp,,,true,,,json,
  press-2_2,plant/press-2/state,1,order,order,to_modbus,input_register,36,string,ABCD,,8,1,0,clamp,,,true,,,json,
  press-2_2,plant/press-2/state,1,text,text,to_modbus,input_register,44,float32,ABCD,,,1,0,reject,,kg,true,,,json,"^[-+0-9.,]+"
  press-2_2,plant/press-2/state,1,list_0,/list/0,to_modbus,input_register,46,uint16,ABCD,,,1,0,reject,,,true,,,json,
  press-2_2,plant/press-2/state,1,list_1,/list/1,to_modbus,input_register,47,uint16,ABCD,,,1,0,reject,,,true,,,json,
  boiler_2,plant/boiler/supply,1,supply,,to_modbus,input_register,48,float32,ABCD,,,1,0,reject,,,true,,plant/boiler/supply,json,
  boiler_2,plant/boiler/supply,1,valve,,to_modbus,discrete_input,2,bool,ABCD,,,1,0,reject,,,true,,plant/boiler/valve,text,
  $ api GET '/discoveries/1?q=press-1' | rates | cut -c1-300
  200
  {"id":1,"topics":["plant/#","radio","zigbee2mqtt/#","raw/+"],"seconds":3600,"created_at":"TIME","ends_at":"TIME","who":"","state":"running","reason":null,"totals":{"messages":55,"topics":13,"dropped_messages":0,"lost_messages":0,"lost_keys":0,"cut_payloads":0},"items":[
  {"topic":"plant/press-1/state","where":null,"messages":2,"rate":RATE,"retained":false,"first_at":"TIME","newest_at":"TIME","format":"json","payload":"{\"temp\": -3.25, \"count\": 12, \"run\": false, \"mode\": \"eco\", \"order\": \"A-18\", \"text\": \"7 kg\", \"nothing\": null, \"list\": [3]}","encod
  {"key":"temp","types":["decimal"],"sample":"-3.25","smallest":-3.25,"largest":21.5,"decimals":2,"words":[],"more_words":false,"present":1,"tags":["press-1/temp"]},
  {"key":"count","types":["integer"],"sample":"12","smallest":12,"largest":70000,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"run","types":["boolean"],"sample":"false","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"mode","types":["text"],"sample":"eco","smallest":null,"largest":null,"decimals":0,"words":["auto","eco"],"more_words":false,"present":1,"tags":null},
  {"key":"order","types":["text"],"sample":"A-18","smallest":null,"largest":null,"decimals":0,"words":["A-17","A-18"],"more_words":false,"present":1,"tags":null},
  {"key":"text","types":["text"],"sample":"7 kg","smallest":null,"largest":null,"decimals":0,"words":["12.25 kg","7 kg"],"more_words":false,"present":1,"tags":null},
  {"key":"nothing","types":["null"],"sample":"null","smallest":null,"largest":null,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/0","types":["integer"],"sample":"3","smallest":1,"largest":3,"decimals":0,"words":[],"more_words":false,"present":1,"tags":null},
  {"key":"/list/1","types":["integer"],"sample":"2","smallest":2,"largest":2,"decimals":0,"words":[],"more_words":false,"present":0.5,"tags":null}],"lost_keys":0}],"total":1,"next":null}
  $ api POST /discoveries/preview '{"device": "press-1", "tag": {"name": "temp"}}'
  200
  {"device":"press-1","tag":"temp","message":{"topic":"plant/press-1/state","at":"TIME","retained":false,"payload":"{\"temp\": -3.25, \"count\": 12, \"run\": false, \"mode\": \"eco\", \"order\": \"A-18\", \"text\": \"7 kg\", \"nothing\": null, \"list\": [3]}","encoding":"text","looks_like":null,"bytes":120,"discovery":1},"key":"temp","found":true,"json":-3.25,"matched":null,"read":-3.25,"value":-3.25,"raw":[49232,0],"hex":["C050","0000"],"is_on_stale":false,"unit_id":2,"server":null,"table":"input_register","address":0,"modicon":"300001","is_new_address":false,"error":null}
  $ api POST /discoveries/preview '{"tag": {"mqtt": {"topic": "raw/two", "payload": "text", "key": ""}, "modbus": {"type": "string", "length": 20, "on_overflow": "clamp"}}}' | cut -c4000-
  
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","encoding":"text","looks_like":null,"bytes":4097,"discovery":1},"key":"","found":true,"json":null,"matched":null,"read":null,"value":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","raw":[30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840,30840],"hex":["7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878","7878"],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":null}
  $ api POST /discoveries/preview '{"tag": {"mqtt": {"topic": "raw/three", "key": "a"}, "modbus": {"type": "int16"}}}'
  200
  {"device":"new","tag":"new","message":{"topic":"raw/three","at":"TIME","retained":false,"payload":"0001feff","encoding":"hex","looks_like":null,"bytes":4,"discovery":1},"key":"a","found":false,"json":null,"matched":null,"read":null,"value":null,"raw":[],"hex":[],"is_on_stale":false,"unit_id":1,"server":null,"table":"holding_register","address":0,"modicon":"400001","is_new_address":true,"error":{"code":"invalid_json","detail":"0001feff (binary)"}}
  $ api DELETE /discoveries/1
  204
  $ api GET /discoveries
  200
  {"items":[],"total":0,"next":null}
