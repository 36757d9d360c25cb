How texts become numbers: the forms of numbers, words, and a value within a text. `take` publishes a payload and then the number of
the payload on the topic mark, and waits until this number is in a register; `show` prints the values of the device.

  $ device() { api PUT "/devices/$1" "{\"mqtt\": {\"topic\": \"plant/$1\"$2}}" | sed -n '1{/^20[01]/!p}'; }
  $ tag() { api PUT "/devices/$1" "{\"mqtt\": {$2}, \"modbus\": {$3}}" | sed -n '1{/^20[01]/!p}'; }
  $ take() {
  >   mosquitto_pub -p "$BROKER" -q 1 -t "$1" -m "$2"; mosquitto_pub -p "$BROKER" -q 1 -t mark -m "$((n += 1))"
  >   await "999: $n" registers 999 1 >/dev/null
  > }
  $ show() {
  >   api GET "/values?device=$1&limit=100" | sed -n 's/},$/}/; s/\],"total.*//; s/.*"tag"/"tag"/; s/"received_at.*"messages"/"messages"/; s/,"at":"TIME"//; s/"[a-z_]*"://g; s/,\("good\|"bad\|"never\|"stale\)/ \1/; s/}$//p'
  > }
  $ n=100
  $ device mark; tag mark/tags/mark '"key": "", "topic": "mark"' '"address": 999, "type": "uint16"'; settle

Forms of numbers in texts; numbers of JSON are decimal.

  $ device forms
  $ for form in decimal decimal_comma hex; do
  >   tag "forms/tags/$form" "\"key\": \"n\", \"number\": \"$form\"" '"table": "input_register", "type": "float64"'; tag "forms/tags/$form-u32" "\"key\": \"n\", \"number\": \"$form\"" '"table": "input_register", "type": "uint32"'
  > done; settle
  $ for text in '"10"' '"1.234"' '"1.234,5"' '"1.234.567"' '"12,5"' '"0x10"' '"0X1f"' '"ffffffff"' '"100000000"' '"fffffffff"' '"ffffffffffffffff"' '"10000000000000000"' '"1e3"' '"1,5e1"' '"-7"' '"g"' 10; do
  >   take plant/forms "{\"n\": $text}"; echo "$text"; show forms
  > done
  "10"
  "decimal",10,[16420,0,0,0] "good",null,1,0,null
  "decimal-u32",10,[0,10] "good",null,1,0,null
  "decimal_comma",10,[16420,0,0,0] "good",null,1,0,null
  "decimal_comma-u32",10,[0,10] "good",null,1,0,null
  "hex",16,[16432,0,0,0] "good",null,1,0,null
  "hex-u32",16,[0,16] "good",null,1,0,null
  "1.234"
  "decimal",1.234,[16371,48758,51380,14680] "good",null,2,0,null
  "decimal-u32",1,[0,1] "good",null,2,0,null
  "decimal_comma",10,[16420,0,0,0] "bad","refused",2,1,{"not_a_number","1.234"}
  "decimal_comma-u32",10,[0,10] "bad","refused",2,1,{"not_a_number","1.234"}
  "hex",16,[16432,0,0,0] "bad","refused",2,1,{"not_a_number","1.234"}
  "hex-u32",16,[0,16] "bad","refused",2,1,{"not_a_number","1.234"}
  "1.234,5"
  "decimal",1.234,[16371,48758,51380,14680] "bad","refused",3,1,{"not_a_number","1.234,5"}
  "decimal-u32",1,[0,1] "bad","refused",3,1,{"not_a_number","1.234,5"}
  "decimal_comma",1234.5,[16531,18944,0,0] "good",null,3,1,{"not_a_number","1.234"}
  "decimal_comma-u32",1235,[0,1235] "good",null,3,1,{"not_a_number","1.234"}
  "hex",16,[16432,0,0,0] "bad","refused",3,2,{"not_a_number","1.234,5"}
  "hex-u32",16,[0,16] "bad","refused",3,2,{"not_a_number","1.234,5"}
  "1.234.567"
  "decimal",1.234,[16371,48758,51380,14680] "bad","refused",4,2,{"not_a_number","1.234.567"}
  "decimal-u32",1,[0,1] "bad","refused",4,2,{"not_a_number","1.234.567"}
  "decimal_comma",1234567,[16690,54919,0,0] "good",null,4,1,{"not_a_number","1.234"}
  "decimal_comma-u32",1234567,[18,54919] "good",null,4,1,{"not_a_number","1.234"}
  "hex",16,[16432,0,0,0] "bad","refused",4,3,{"not_a_number","1.234.567"}
  "hex-u32",16,[0,16] "bad","refused",4,3,{"not_a_number","1.234.567"}
  "12,5"
  "decimal",1.234,[16371,48758,51380,14680] "bad","refused",5,3,{"not_a_number","12,5"}
  "decimal-u32",1,[0,1] "bad","refused",5,3,{"not_a_number","12,5"}
  "decimal_comma",12.5,[16425,0,0,0] "good",null,5,1,{"not_a_number","1.234"}
  "decimal_comma-u32",13,[0,13] "good",null,5,1,{"not_a_number","1.234"}
  "hex",16,[16432,0,0,0] "bad","refused",5,4,{"not_a_number","12,5"}
  "hex-u32",16,[0,16] "bad","refused",5,4,{"not_a_number","12,5"}
  "0x10"
  "decimal",1.234,[16371,48758,51380,14680] "bad","refused",6,4,{"not_a_number","0x10"}
  "decimal-u32",1,[0,1] "bad","refused",6,4,{"not_a_number","0x10"}
  "decimal_comma",12.5,[16425,0,0,0] "bad","refused",6,2,{"not_a_number","0x10"}
  "decimal_comma-u32",13,[0,13] "bad","refused",6,2,{"not_a_number","0x10"}
  "hex",16,[16432,0,0,0] "good",null,6,4,{"not_a_number","12,5"}
  "hex-u32",16,[0,16] "good",null,6,4,{"not_a_number","12,5"}
  "0X1f"
  "decimal",1.234,[16371,48758,51380,14680] "bad","refused",7,5,{"not_a_number","0X1f"}
  "decimal-u32",1,[0,1] "bad","refused",7,5,{"not_a_number","0X1f"}
  "decimal_comma",12.5,[16425,0,0,0] "bad","refused",7,3,{"not_a_number","0X1f"}
  "decimal_comma-u32",13,[0,13] "bad","refused",7,3,{"not_a_number","0X1f"}
  "hex",31,[16447,0,0,0] "good",null,7,4,{"not_a_number","12,5"}
  "hex-u32",31,[0,31] "good",null,7,4,{"not_a_number","12,5"}
  "ffffffff"
  "decimal",1.234,[16371,48758,51380,14680] "bad","refused",8,6,{"not_a_number","ffffffff"}
  "decimal-u32",1,[0,1] "bad","refused",8,6,{"not_a_number","ffffffff"}
  "decimal_comma",12.5,[16425,0,0,0] "bad","refused",8,4,{"not_a_number","ffffffff"}
  "decimal_comma-u32",13,[0,13] "bad","refused",8,4,{"not_a_number","ffffffff"}
  "hex",4294967295,[16879,65535,65504,0] "good",null,8,4,{"not_a_number","12,5"}
  "hex-u32",4294967295,[65535,65535] "good",null,8,4,{"not_a_number","12,5"}
  "100000000"
  "decimal",100000000,[16791,55172,0,0] "good",null,9,6,{"not_a_number","ffffffff"}
  "decimal-u32",100000000,[1525,57600] "good",null,9,6,{"not_a_number","ffffffff"}
  "decimal_comma",100000000,[16791,55172,0,0] "good",null,9,4,{"not_a_number","ffffffff"}
  "decimal_comma-u32",100000000,[1525,57600] "good",null,9,4,{"not_a_number","ffffffff"}
  "hex",4294967296,[16880,0,0,0] "good",null,9,4,{"not_a_number","12,5"}
  "hex-u32",4294967295,[65535,65535] "bad","refused",9,5,{"out_of_range","100000000"}
  "fffffffff"
  "decimal",100000000,[16791,55172,0,0] "bad","refused",10,7,{"not_a_number","fffffffff"}
  "decimal-u32",100000000,[1525,57600] "bad","refused",10,7,{"not_a_number","fffffffff"}
  "decimal_comma",100000000,[16791,55172,0,0] "bad","refused",10,5,{"not_a_number","fffffffff"}
  "decimal_comma-u32",100000000,[1525,57600] "bad","refused",10,5,{"not_a_number","fffffffff"}
  "hex",68719476735,[16943,65535,65534,0] "good",null,10,4,{"not_a_number","12,5"}
  "hex-u32",4294967295,[65535,65535] "bad","refused",10,6,{"out_of_range","fffffffff"}
  "ffffffffffffffff"
  "decimal",100000000,[16791,55172,0,0] "bad","refused",11,8,{"not_a_number","ffffffffffffffff"}
  "decimal-u32",100000000,[1525,57600] "bad","refused",11,8,{"not_a_number","ffffffffffffffff"}
  "decimal_comma",100000000,[16791,55172,0,0] "bad","refused",11,6,{"not_a_number","ffffffffffffffff"}
  "decimal_comma-u32",100000000,[1525,57600] "bad","refused",11,6,{"not_a_number","ffffffffffffffff"}
  "hex",1.8446744073709552e+19,[17392,0,0,0] "good",null,11,4,{"not_a_number","12,5"}
  "hex-u32",4294967295,[65535,65535] "bad","refused",11,7,{"out_of_range","ffffffffffffffff"}
  "10000000000000000"
  "decimal",1e+16,[17217,50041,14304,32768] "good",null,12,8,{"not_a_number","ffffffffffffffff"}
  "decimal-u32",100000000,[1525,57600] "bad","refused",12,9,{"out_of_range","10000000000000000"}
  "decimal_comma",1e+16,[17217,50041,14304,32768] "good",null,12,6,{"not_a_number","ffffffffffffffff"}
  "decimal_comma-u32",100000000,[1525,57600] "bad","refused",12,7,{"out_of_range","10000000000000000"}
  "hex",1.8446744073709552e+19,[17392,0,0,0] "bad","refused",12,5,{"out_of_range","10000000000000000"}
  "hex-u32",4294967295,[65535,65535] "bad","refused",12,8,{"out_of_range","10000000000000000"}
  "1e3"
  "decimal",1000,[16527,16384,0,0] "good",null,13,8,{"not_a_number","ffffffffffffffff"}
  "decimal-u32",1000,[0,1000] "good",null,13,9,{"out_of_range","10000000000000000"}
  "decimal_comma",1000,[16527,16384,0,0] "good",null,13,6,{"not_a_number","ffffffffffffffff"}
  "decimal_comma-u32",1000,[0,1000] "good",null,13,7,{"out_of_range","10000000000000000"}
  "hex",483,[16510,12288,0,0] "good",null,13,5,{"out_of_range","10000000000000000"}
  "hex-u32",483,[0,483] "good",null,13,8,{"out_of_range","10000000000000000"}
  "1,5e1"
  "decimal",1000,[16527,16384,0,0] "bad","refused",14,9,{"not_a_number","1,5e1"}
  "decimal-u32",1000,[0,1000] "bad","refused",14,10,{"not_a_number","1,5e1"}
  "decimal_comma",15,[16430,0,0,0] "good",null,14,6,{"not_a_number","ffffffffffffffff"}
  "decimal_comma-u32",15,[0,15] "good",null,14,7,{"out_of_range","10000000000000000"}
  "hex",483,[16510,12288,0,0] "bad","refused",14,6,{"not_a_number","1,5e1"}
  "hex-u32",483,[0,483] "bad","refused",14,9,{"not_a_number","1,5e1"}
  "-7"
  "decimal",-7,[49180,0,0,0] "good",null,15,9,{"not_a_number","1,5e1"}
  "decimal-u32",1000,[0,1000] "bad","refused",15,11,{"out_of_range","-7"}
  "decimal_comma",-7,[49180,0,0,0] "good",null,15,6,{"not_a_number","ffffffffffffffff"}
  "decimal_comma-u32",15,[0,15] "bad","refused",15,8,{"out_of_range","-7"}
  "hex",483,[16510,12288,0,0] "bad","refused",15,7,{"not_a_number","-7"}
  "hex-u32",483,[0,483] "bad","refused",15,10,{"not_a_number","-7"}
  "g"
  "decimal",-7,[49180,0,0,0] "bad","refused",16,10,{"not_a_number","g"}
  "decimal-u32",1000,[0,1000] "bad","refused",16,12,{"not_a_number","g"}
  "decimal_comma",-7,[49180,0,0,0] "bad","refused",16,7,{"not_a_number","g"}
  "decimal_comma-u32",15,[0,15] "bad","refused",16,9,{"not_a_number","g"}
  "hex",483,[16510,12288,0,0] "bad","refused",16,8,{"not_a_number","g"}
  "hex-u32",483,[0,483] "bad","refused",16,11,{"not_a_number","g"}
  10
  "decimal",10,[16420,0,0,0] "good",null,17,10,{"not_a_number","g"}
  "decimal-u32",10,[0,10] "good",null,17,12,{"not_a_number","g"}
  "decimal_comma",10,[16420,0,0,0] "good",null,17,7,{"not_a_number","g"}
  "decimal_comma-u32",10,[0,10] "good",null,17,9,{"not_a_number","g"}
  "hex",10,[16420,0,0,0] "good",null,17,8,{"not_a_number","g"}
  "hex-u32",10,[0,10] "good",null,17,11,{"not_a_number","g"}

Words that stand for numbers; and those in both cases of letters.

  $ device words; tag words/tags/mode '"values": {"OFF": 0, "auto": 2.5, "MANUAL": -3, "7": 70, "true": 8}' '"address": 300'; tag words/tags/run '"key": "mode", "values": {"RUN": 1, "STOP": 0, "7": 0}' '"table": "coil", "address": 30'; settle
  $ for text in '"OFF"' '" auto "' '"MANUAL"' '"Auto"' '"RUN"' '"STOP"' '"7"' 7 7.5 '"8"' true false '""' null; do
  >   take plant/words "{\"mode\": $text}"; echo "$text"; show words
  > done
  "OFF"
  "mode",0,[0,0] "good",null,1,0,null
  "run",false,[0] "good",null,1,0,null
  " auto "
  "mode",2.5,[16416,0] "good",null,2,0,null
  "run",false,[0] "bad","refused",2,1,{"unmapped_string"," auto "}
  "MANUAL"
  "mode",-3,[49216,0] "good",null,3,0,null
  "run",false,[0] "bad","refused",3,2,{"unmapped_string","MANUAL"}
  "Auto"
  "mode",-3,[49216,0] "bad","refused",4,1,{"unmapped_string","Auto"}
  "run",false,[0] "bad","refused",4,3,{"unmapped_string","Auto"}
  "RUN"
  "mode",-3,[49216,0] "bad","refused",5,2,{"unmapped_string","RUN"}
  "run",true,[1] "good",null,5,3,{"unmapped_string","Auto"}
  "STOP"
  "mode",-3,[49216,0] "bad","refused",6,3,{"unmapped_string","STOP"}
  "run",false,[0] "good",null,6,3,{"unmapped_string","Auto"}
  "7"
  "mode",70,[17036,0] "good",null,7,3,{"unmapped_string","STOP"}
  "run",false,[0] "good",null,7,3,{"unmapped_string","Auto"}
  7
  "mode",70,[17036,0] "good",null,8,3,{"unmapped_string","STOP"}
  "run",false,[0] "good",null,8,3,{"unmapped_string","Auto"}
  7.5
  "mode",7.5,[16624,0] "good",null,9,3,{"unmapped_string","STOP"}
  "run",true,[1] "good",null,9,3,{"unmapped_string","Auto"}
  "8"
  "mode",8,[16640,0] "good",null,10,3,{"unmapped_string","STOP"}
  "run",true,[1] "good",null,10,3,{"unmapped_string","Auto"}
  true
  "mode",8,[16640,0] "good",null,11,3,{"unmapped_string","STOP"}
  "run",true,[1] "good",null,11,3,{"unmapped_string","Auto"}
  false
  "mode",0,[0,0] "good",null,12,3,{"unmapped_string","STOP"}
  "run",false,[0] "good",null,12,3,{"unmapped_string","Auto"}
  ""
  "mode",0,[0,0] "bad","refused",13,4,{"unmapped_string",""}
  "run",false,[0] "bad","refused",13,4,{"unmapped_string",""}
  null
  "mode",0,[0,0] "bad","refused",14,5,{"null_value","null"}
  "run",false,[0] "bad","refused",14,5,{"null_value","null"}

A value within a text.

  $ device pattern; tag pattern/tags/number '"key": "t", "pattern": "^(-?[0-9.]+)"' '"address": 400'; tag pattern/tags/unit '"key": "t", "pattern": "[^0-9. -]+$"' '"address": 402, "type": "string", "length": 3'
  $ tag pattern/tags/word '"key": "t", "pattern": "state=(.*);", "values": {"on": 1, "off": 0}' '"address": 405, "type": "uint16"'; tag pattern/tags/hex '"key": "t", "pattern": "^..(..)", "number": "hex"' '"address": 406, "type": "uint16"'; settle
  $ for text in '"20.5 °C"' '"-7%"' '"state=on;"' '"state=dim;"' '"01ff02"' '""' 116084 true "\"$(printf '9%.0s' {1..1100})\""; do
  >   take plant/pattern "{\"t\": $text}"; echo "$text" | cut -c 1-20; show pattern | cut -c 1-150
  > done
  "20.5 \xc2\xb0C" (esc)
  "hex",0,[0] "bad","refused",1,1,{"not_a_number","20.5 \xc2\xb0C"} (esc)
  "number",20.5,[16804,0] "good",null,1,0,null
  "unit","\xc2\xb0C",[49840,17152,0] "good",null,1,0,null (esc)
  "word",0,[0] "bad","refused",1,1,{"no_match","20.5 \xc2\xb0C"} (esc)
  "-7%"
  "hex",0,[0] "bad","refused",2,2,{"no_match","-7%"}
  "number",-7,[49376,0] "good",null,2,0,null
  "unit","%",[9472,0,0] "good",null,2,0,null
  "word",0,[0] "bad","refused",2,2,{"no_match","-7%"}
  "state=on;"
  "hex",0,[0] "bad","refused",3,3,{"not_a_number","state=on;"}
  "number",-7,[49376,0] "bad","refused",3,1,{"no_match","state=on;"}
  "unit","%",[9472,0,0] "bad","refused",3,1,{"too_long","state=on;"}
  "word",1,[1] "good",null,3,2,{"no_match","-7%"}
  "state=dim;"
  "hex",0,[0] "bad","refused",4,4,{"not_a_number","state=dim;"}
  "number",-7,[49376,0] "bad","refused",4,2,{"no_match","state=dim;"}
  "unit","%",[9472,0,0] "bad","refused",4,2,{"too_long","state=dim;"}
  "word",1,[1] "bad","refused",4,3,{"unmapped_string","state=dim;"}
  "01ff02"
  "hex",255,[255] "good",null,5,4,{"not_a_number","state=dim;"}
  "number",1,[16256,0] "good",null,5,2,{"no_match","state=dim;"}
  "unit","%",[9472,0,0] "bad","refused",5,3,{"no_match","01ff02"}
  "word",1,[1] "bad","refused",5,4,{"no_match","01ff02"}
  ""
  "hex",255,[255] "bad","refused",6,5,{"no_match",""}
  "number",1,[16256,0] "bad","refused",6,3,{"no_match",""}
  "unit","%",[9472,0,0] "bad","refused",6,4,{"no_match",""}
  "word",1,[1] "bad","refused",6,5,{"no_match",""}
  116084
  "hex",96,[96] "good",null,7,5,{"no_match",""}
  "number",116084,[18402,47616] "good",null,7,3,{"no_match",""}
  "unit","%",[9472,0,0] "bad","refused",7,5,{"no_match","116084"}
  "word",1,[1] "bad","refused",7,6,{"no_match","116084"}
  true
  "hex",96,[96] "bad","refused",8,6,{"not_a_number","true"}
  "number",116084,[18402,47616] "bad","refused",8,4,{"no_match","true"}
  "unit","true",[29810,30053,0] "good",null,8,5,{"no_match","116084"}
  "word",1,[1] "bad","refused",8,7,{"no_match","true"}
  "9999999999999999999
  "hex",153,[153] "good",null,9,6,{"not_a_number","true"}
  "number",116084,[18402,47616] "bad","refused",9,5,{"not_a_number","9999999999999999999999999999999"}
  "unit","true",[29810,30053,0] "bad","refused",9,6,{"no_match","9999999999999999999999999999999"}
  "word",1,[1] "bad","refused",9,8,{"no_match","9999999999999999999999999999999"}
