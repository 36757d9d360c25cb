What messages become in registers: each type at its limits and the values next to them, each byte order, scale, offset, and
what is refused. One device has a tag of each type. `take` publishes a message whose member `seq` comes last, and waits until
its register has it; `show` prints of each tag the value, the registers, the quality with its reason, the numbers of messages
and refusals, and the last error.

Options: common.units=1-2

  $ tag() { api PUT "/devices/a/tags/$1" "{\"mqtt\": {\"key\": \"$1\"}, \"modbus\": {$2}}" | sed -n '1{/^20[01]/!p}'; }
  $ take() { n=$((n + 1)); publish plant/a "${1%\}}, \"seq\": $n}"; await "999: $n" registers 999 1 >/dev/null; }
  $ show() {
  >   api GET "/values?device=a&limit=100" | sed -n '/"seq"/d; s/},$/}/; s/\],"total.*//; s/.*"tag"/"tag"/; s/"received_at.*"messages"/"messages"/; s/,"at":"TIME"//; s/"[a-z_]*"://g; s/,\("good\|"bad\|"never\)/ \1/; s/}$//p'
  > }
  $ n=1000
  $ api PUT /devices/a '{"mqtt": {"topic": "plant/a"}}' | head -1
  201
  $ tag seq '"address": 999, "type": "uint16"'; tag bool '"table": "coil", "address": 10'; tag bit '"address": 10, "type": "bool", "bit": 11'
  $ tag int16 '"address": 12, "type": "int16"'; tag uint16 '"address": 13, "type": "uint16"'; tag int32 '"address": 14, "type": "int32"'
  $ tag uint32 '"address": 16, "type": "uint32"'; tag int64 '"address": 18, "type": "int64"'; tag uint64 '"address": 22, "type": "uint64"'
  $ tag float32 '"address": 26, "type": "float32"'; tag float64 '"address": 28, "type": "float64"'; tag string '"address": 32, "type": "string", "length": 3'
  $ tag bcd16 '"address": 36, "type": "bcd16"'; tag bcd32 '"address": 38, "type": "bcd32"'
  $ tag high '"address": 40, "type": "int8", "byte": "high"'; tag low '"address": 40, "type": "uint8", "byte": "low"'
  $ show
  "bcd16",0,[0] "never","never_heard",0,0,null
  "bcd32",0,[0,0] "never","never_heard",0,0,null
  "bit",false,[0] "never","never_heard",0,0,null
  "bool",false,[0] "never","never_heard",0,0,null
  "float32",0,[0,0] "never","never_heard",0,0,null
  "float64",0,[0,0,0,0] "never","never_heard",0,0,null
  "high",0,[0] "never","never_heard",0,0,null
  "int16",0,[0] "never","never_heard",0,0,null
  "int32",0,[0,0] "never","never_heard",0,0,null
  "int64",0,[0,0,0,0] "never","never_heard",0,0,null
  "low",0,[0] "never","never_heard",0,0,null
  "string","",[0,0,0] "never","never_heard",0,0,null
  "uint16",0,[0] "never","never_heard",0,0,null
  "uint32",0,[0,0] "never","never_heard",0,0,null
  "uint64",0,[0,0,0,0] "never","never_heard",0,0,null

A usual value of each.

  $ take '{"bool": true, "bit": true, "int16": -12345, "uint16": 54321, "int32": -1234567890, "uint32": 3234567890, "int64": "-1234567890123456789", "uint64": "12345678901234567890", "float32": 21.3, "float64": -0.1, "string": "Abc12", "bcd16": 1234, "bcd32": 12345678, "high": -100, "low": 200}'
  $ show
  "bcd16",1234,[4660] "good",null,1,0,null
  "bcd32",12345678,[4660,22136] "good",null,1,0,null
  "bit",true,[2048] "good",null,1,0,null
  "bool",true,[1] "good",null,1,0,null
  "float32",21.3,[16810,26214] "good",null,1,0,null
  "float64",-0.1,[49081,39321,39321,39322] "good",null,1,0,null
  "high",-100,[40136] "good",null,1,0,null
  "int16",-12345,[53191] "good",null,1,0,null
  "int32",-1234567890,[46697,64814] "good",null,1,0,null
  "int64","-1234567890123456789",[61149,61195,33302,32491] "good",null,1,0,null
  "low",200,[40136] "good",null,1,0,null
  "string","Abc12",[16738,25393,12800] "good",null,1,0,null
  "uint16",54321,[54321] "good",null,1,0,null
  "uint32",3234567890,[49355,38610] "good",null,1,0,null
  "uint64","12345678901234567890",[43860,43404,60191,2770] "good",null,1,0,null
  $ registers 9 33
  9: 0
  10: 2048
  11: 0
  12: 53191 (-12345)
  13: 54321 (-11215)
  14: 46697 (-18839)
  15: 64814 (-722)
  16: 49355 (-16181)
  17: 38610 (-26926)
  18: 61149 (-4387)
  19: 61195 (-4341)
  20: 33302 (-32234)
  21: 32491
  22: 43860 (-21676)
  23: 43404 (-22132)
  24: 60191 (-5345)
  25: 2770
  26: 16810
  27: 26214
  28: 49081 (-16455)
  29: 39321 (-26215)
  30: 39321 (-26215)
  31: 39322 (-26214)
  32: 16738
  33: 25393
  34: 12800
  35: 0
  36: 4660
  37: 0
  38: 4660
  39: 22136
  40: 40136 (-25400)
  41: 0
  $ registers 9 3 1 0
  9: 0
  10: 1
  11: 0

The largest value of each type.

  $ take '{"bool": 1, "bit": 1, "int16": 32767, "uint16": 65535, "int32": 2147483647, "uint32": 4294967295, "int64": "9223372036854775807", "uint64": "18446744073709551615", "float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308, "string": "123456", "bcd16": 9999, "bcd32": 99999999, "high": 127, "low": 255}'
  $ show
  "bcd16",9999,[39321] "good",null,2,0,null
  "bcd32",99999999,[39321,39321] "good",null,2,0,null
  "bit",true,[2048] "good",null,2,0,null
  "bool",true,[1] "good",null,2,0,null
  "float32",3.4028235e+38,[32639,65535] "good",null,2,0,null
  "float64",1.7976931348623157e+308,[32751,65535,65535,65535] "good",null,2,0,null
  "high",127,[32767] "good",null,2,0,null
  "int16",32767,[32767] "good",null,2,0,null
  "int32",2147483647,[32767,65535] "good",null,2,0,null
  "int64","9223372036854775807",[32767,65535,65535,65535] "good",null,2,0,null
  "low",255,[32767] "good",null,2,0,null
  "string","123456",[12594,13108,13622] "good",null,2,0,null
  "uint16",65535,[65535] "good",null,2,0,null
  "uint32",4294967295,[65535,65535] "good",null,2,0,null
  "uint64","18446744073709551615",[65535,65535,65535,65535] "good",null,2,0,null

The first ones above: all are refused, and the registers stay. For a bool each number but 0 is true.

  $ take '{"bool": 2, "bit": 0.001, "int16": 32768, "uint16": 65536, "int32": 2147483648, "uint32": 4294967296, "int64": "9223372036854775808", "uint64": "18446744073709551616", "float32": 3.5e38, "float64": "1e309", "string": "1234567", "bcd16": 10000, "bcd32": 100000000, "high": 128, "low": 256}'
  $ show
  "bcd16",9999,[39321] "bad","refused",3,1,{"out_of_range","10000"}
  "bcd32",99999999,[39321,39321] "bad","refused",3,1,{"out_of_range","100000000"}
  "bit",true,[2048] "good",null,3,0,null
  "bool",true,[1] "good",null,3,0,null
  "float32",3.4028235e+38,[32639,65535] "bad","refused",3,1,{"out_of_range","3.5e+38"}
  "float64",1.7976931348623157e+308,[32751,65535,65535,65535] "bad","refused",3,1,{"out_of_range","1e309"}
  "high",127,[32767] "bad","refused",3,1,{"out_of_range","128"}
  "int16",32767,[32767] "bad","refused",3,1,{"out_of_range","32768"}
  "int32",2147483647,[32767,65535] "bad","refused",3,1,{"out_of_range","2147483648"}
  "int64","9223372036854775807",[32767,65535,65535,65535] "bad","refused",3,1,{"out_of_range","9223372036854775808"}
  "low",255,[32767] "bad","refused",3,1,{"out_of_range","256"}
  "string","123456",[12594,13108,13622] "bad","refused",3,1,{"too_long","1234567"}
  "uint16",65535,[65535] "bad","refused",3,1,{"out_of_range","65536"}
  "uint32",4294967295,[65535,65535] "bad","refused",3,1,{"out_of_range","4294967296"}
  "uint64","18446744073709551615",[65535,65535,65535,65535] "bad","refused",3,1,{"out_of_range","18446744073709551616"}

Numbers that are rounded up to the first one above, and those that are just rounded down.

  $ take '{"bool": -1, "bit": "0.0", "int16": 32767.5, "uint16": 65535.5, "int32": 2147483647.5, "uint32": 4294967295.5, "int64": 9223372036854775807, "uint64": 18446744073709551615, "float32": 3.40282357e38, "float64": 5e-324, "string": "", "bcd16": 9999.5, "bcd32": 99999999.5, "high": 127.5, "low": 255.5}'
  $ show
  "bcd16",9999,[39321] "bad","refused",4,2,{"out_of_range","9999.5"}
  "bcd32",99999999,[39321,39321] "bad","refused",4,2,{"out_of_range","99999999.5"}
  "bit",false,[0] "good",null,4,0,null
  "bool",true,[1] "good",null,4,0,null
  "float32",3.4028235e+38,[32639,65535] "bad","refused",4,2,{"out_of_range","3.40282357e+38"}
  "float64",5e-324,[0,0,0,1] "good",null,4,1,{"out_of_range","1e309"}
  "high",127,[32767] "bad","refused",4,2,{"out_of_range","127.5"}
  "int16",32767,[32767] "bad","refused",4,2,{"out_of_range","32767.5"}
  "int32",2147483647,[32767,65535] "bad","refused",4,2,{"out_of_range","2147483647.5"}
  "int64","9223372036854775807",[32767,65535,65535,65535] "bad","refused",4,2,{"out_of_range","9.223372036854776e+18"}
  "low",255,[32767] "bad","refused",4,2,{"out_of_range","255.5"}
  "string","",[0,0,0] "good",null,4,1,{"too_long","1234567"}
  "uint16",65535,[65535] "bad","refused",4,2,{"out_of_range","65535.5"}
  "uint32",4294967295,[65535,65535] "bad","refused",4,2,{"out_of_range","4294967295.5"}
  "uint64","18446744073709551615",[65535,65535,65535,65535] "bad","refused",4,2,{"out_of_range","1.8446744073709552e+19"}
  $ take '{"bool": 0, "bit": 0, "int16": 32767.4, "uint16": 65535.4, "int32": 2147483647.4, "uint32": 4294967295.4, "int64": 9007199254740991, "uint64": 9007199254740992, "float32": 3.4028235e38, "float64": 0.1, "string": "äöü", "bcd16": 9999.4, "bcd32": 99999999.4, "high": 127.4, "low": 255.4}'
  $ show
  "bcd16",9999,[39321] "good",null,5,2,{"out_of_range","9999.5"}
  "bcd32",99999999,[39321,39321] "good",null,5,2,{"out_of_range","99999999.5"}
  "bit",false,[0] "good",null,5,0,null
  "bool",false,[0] "good",null,5,0,null
  "float32",3.4028235e+38,[32639,65535] "good",null,5,2,{"out_of_range","3.40282357e+38"}
  "float64",0.1,[16313,39321,39321,39322] "good",null,5,1,{"out_of_range","1e309"}
  "high",127,[32767] "good",null,5,2,{"out_of_range","127.5"}
  "int16",32767,[32767] "good",null,5,2,{"out_of_range","32767.5"}
  "int32",2147483647,[32767,65535] "good",null,5,2,{"out_of_range","2147483647.5"}
  "int64",9007199254740991,[31,65535,65535,65535] "good",null,5,2,{"out_of_range","9.223372036854776e+18"}
  "low",255,[32767] "good",null,5,2,{"out_of_range","255.5"}
  "string","\xc3\xa4\xc3\xb6\xc3\xbc",[50084,50102,50108] "good",null,5,1,{"too_long","1234567"} (esc)
  "uint16",65535,[65535] "good",null,5,2,{"out_of_range","65535.5"}
  "uint32",4294967295,[65535,65535] "good",null,5,2,{"out_of_range","4294967295.5"}
  "uint64","18446744073709551615",[65535,65535,65535,65535] "bad","refused",5,3,{"inexact_integer","9007199254740992; an integer of 2^53 or more is exact only as a string"}

The smallest value of each type, and the first one below.

  $ take '{"bool": false, "bit": "off", "int16": -32768, "uint16": 0, "int32": -2147483648, "uint32": 0, "int64": "-9223372036854775808", "uint64": 0, "float32": -3.4028234663852886e38, "float64": -1.7976931348623157e308, "string": "a", "bcd16": 0, "bcd32": 0, "high": -128, "low": 0}'
  $ show
  "bcd16",0,[0] "good",null,6,2,{"out_of_range","9999.5"}
  "bcd32",0,[0,0] "good",null,6,2,{"out_of_range","99999999.5"}
  "bit",false,[0] "good",null,6,0,null
  "bool",false,[0] "good",null,6,0,null
  "float32",-3.4028235e+38,[65407,65535] "good",null,6,2,{"out_of_range","3.40282357e+38"}
  "float64",-1.7976931348623157e+308,[65519,65535,65535,65535] "good",null,6,1,{"out_of_range","1e309"}
  "high",-128,[32768] "good",null,6,2,{"out_of_range","127.5"}
  "int16",-32768,[32768] "good",null,6,2,{"out_of_range","32767.5"}
  "int32",-2147483648,[32768,0] "good",null,6,2,{"out_of_range","2147483647.5"}
  "int64","-9223372036854775808",[32768,0,0,0] "good",null,6,2,{"out_of_range","9.223372036854776e+18"}
  "low",0,[32768] "good",null,6,2,{"out_of_range","255.5"}
  "string","a",[24832,0,0] "good",null,6,1,{"too_long","1234567"}
  "uint16",0,[0] "good",null,6,2,{"out_of_range","65535.5"}
  "uint32",0,[0,0] "good",null,6,2,{"out_of_range","4294967295.5"}
  "uint64",0,[0,0,0,0] "good",null,6,3,{"inexact_integer","9007199254740992; an integer of 2^53 or more is exact only as a string"}
  $ take '{"bool": "on", "bit": "yes", "int16": -32769, "uint16": -1, "int32": -2147483649, "uint32": -1, "int64": "-9223372036854775809", "uint64": "-1", "float32": -3.5e38, "float64": "-1e309", "string": true, "bcd16": -1, "bcd32": -1, "high": -129, "low": -1}'
  $ show
  "bcd16",0,[0] "bad","refused",7,3,{"out_of_range","-1"}
  "bcd32",0,[0,0] "bad","refused",7,3,{"out_of_range","-1"}
  "bit",true,[2048] "good",null,7,0,null
  "bool",true,[1] "good",null,7,0,null
  "float32",-3.4028235e+38,[65407,65535] "bad","refused",7,3,{"out_of_range","-3.5e+38"}
  "float64",-1.7976931348623157e+308,[65519,65535,65535,65535] "bad","refused",7,2,{"out_of_range","-1e309"}
  "high",-128,[32768] "bad","refused",7,3,{"out_of_range","-129"}
  "int16",-32768,[32768] "bad","refused",7,3,{"out_of_range","-32769"}
  "int32",-2147483648,[32768,0] "bad","refused",7,3,{"out_of_range","-2147483649"}
  "int64","-9223372036854775808",[32768,0,0,0] "bad","refused",7,3,{"out_of_range","-9223372036854775809"}
  "low",0,[32768] "bad","refused",7,3,{"out_of_range","-1"}
  "string","true",[29810,30053,0] "good",null,7,1,{"too_long","1234567"}
  "uint16",0,[0] "bad","refused",7,3,{"out_of_range","-1"}
  "uint32",0,[0,0] "bad","refused",7,3,{"out_of_range","-1"}
  "uint64",0,[0,0,0,0] "bad","refused",7,4,{"out_of_range","-1"}

Halves are rounded away from zero, and a zero has no sign in registers of integers.

  $ take '{"int16": -0.5, "uint16": 0.5, "int32": -1.5, "uint32": 2.5, "int64": -2.5, "uint64": -0.4, "float32": -0.0, "float64": -0.0, "bcd16": -0.4, "bcd32": 1.5, "high": -1.5, "low": 1.5}'
  $ show
  "bcd16",0,[0] "good",null,8,3,{"out_of_range","-1"}
  "bcd32",2,[0,2] "good",null,8,3,{"out_of_range","-1"}
  "bit",true,[2048] "good",null,7,0,null
  "bool",true,[1] "good",null,7,0,null
  "float32",0,[0,0] "good",null,8,3,{"out_of_range","-3.5e+38"}
  "float64",0,[0,0,0,0] "good",null,8,2,{"out_of_range","-1e309"}
  "high",-2,[65026] "good",null,8,3,{"out_of_range","-129"}
  "int16",-1,[65535] "good",null,8,3,{"out_of_range","-32769"}
  "int32",-2,[65535,65534] "good",null,8,3,{"out_of_range","-2147483649"}
  "int64",-3,[65535,65535,65535,65533] "good",null,8,3,{"out_of_range","-9223372036854775809"}
  "low",2,[65026] "good",null,8,3,{"out_of_range","-1"}
  "string","true",[29810,30053,0] "good",null,7,1,{"too_long","1234567"}
  "uint16",1,[1] "good",null,8,3,{"out_of_range","-1"}
  "uint32",3,[0,3] "good",null,8,3,{"out_of_range","-1"}
  "uint64",0,[0,0,0,0] "good",null,8,4,{"out_of_range","-1"}

Values of other kinds: texts that are numbers, words, null, arrays and objects; a long text is shown in part.

  $ take '{"bool": "Closed", "bit": "OPEN", "int16": " -7 ", "uint16": "+7", "int32": "7e3", "uint32": "7.5e3", "int64": "1e18", "uint64": "1e19", "float32": "1e-3", "float64": "0x10", "string": 12.5, "bcd16": "12", "bcd32": "1 2", "high": "-1", "low": "1,5"}'
  $ show
  "bcd16",12,[18] "good",null,9,3,{"out_of_range","-1"}
  "bcd32",2,[0,2] "bad","refused",9,4,{"not_a_number","1 2"}
  "bit",true,[2048] "good",null,8,0,null
  "bool",false,[0] "good",null,8,0,null
  "float32",0.001,[14979,4719] "good",null,9,3,{"out_of_range","-3.5e+38"}
  "float64",0,[0,0,0,0] "bad","refused",9,3,{"not_a_number","0x10"}
  "high",-1,[65282] "good",null,9,3,{"out_of_range","-129"}
  "int16",-7,[65529] "good",null,9,3,{"out_of_range","-32769"}
  "int32",7000,[0,7000] "good",null,9,3,{"out_of_range","-2147483649"}
  "int64",-3,[65535,65535,65535,65533] "bad","refused",9,4,{"inexact_integer","1e18; an integer of 2^53 or more is exact only as a string"}
  "low",2,[65282] "bad","refused",9,4,{"not_a_number","1,5"}
  "string","12.5",[12594,11829,0] "good",null,8,1,{"too_long","1234567"}
  "uint16",7,[7] "good",null,9,3,{"out_of_range","-1"}
  "uint32",7500,[0,7500] "good",null,9,3,{"out_of_range","-1"}
  "uint64",0,[0,0,0,0] "bad","refused",9,5,{"inexact_integer","1e19; an integer of 2^53 or more is exact only as a string"}
  $ take '{"bool": null, "bit": "maybe", "int16": true, "uint16": false, "int32": [], "uint32": {}, "int64": [1, 2], "uint64": {"a": 1}, "float32": "", "float64": "NaN", "string": null, "bcd16": "a text of more than forty characters, which is not a number", "bcd32": "--1", "high": ".5", "low": "5."}'
  $ show
  "bcd16",12,[18] "bad","refused",10,4,{"not_a_number","a text of more than forty chara"}
  "bcd32",2,[0,2] "bad","refused",10,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",9,1,{"null_value","null"}
  "float32",0.001,[14979,4719] "bad","refused",10,4,{"not_a_number",""}
  "float64",0,[0,0,0,0] "bad","refused",10,4,{"not_a_number","NaN"}
  "high",-1,[65282] "bad","refused",10,4,{"not_a_number",".5"}
  "int16",1,[1] "good",null,10,3,{"out_of_range","-32769"}
  "int32",7000,[0,7000] "bad","refused",10,4,{"not_a_number","an array or object"}
  "int64",-3,[65535,65535,65535,65533] "bad","refused",10,5,{"not_a_number","an array or object"}
  "low",2,[65282] "bad","refused",10,5,{"not_a_number","5."}
  "string","12.5",[12594,11829,0] "bad","refused",9,2,{"null_value","null"}
  "uint16",0,[0] "good",null,10,3,{"out_of_range","-1"}
  "uint32",7500,[0,7500] "bad","refused",10,4,{"not_a_number","an array or object"}
  "uint64",0,[0,0,0,0] "bad","refused",10,6,{"not_a_number","an array or object"}
  $ take '{"string": ["a"], "bool": "a \"quoted\" \\ word\nand a line", "int16": "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"}'
  $ show
  "bcd16",12,[18] "bad","refused",10,4,{"not_a_number","a text of more than forty chara"}
  "bcd32",2,[0,2] "bad","refused",10,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",0.001,[14979,4719] "bad","refused",10,4,{"not_a_number",""}
  "float64",0,[0,0,0,0] "bad","refused",10,4,{"not_a_number","NaN"}
  "high",-1,[65282] "bad","refused",10,4,{"not_a_number",".5"}
  "int16",1,[1] "bad","refused",11,4,{"not_a_number","\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc"} (esc)
  "int32",7000,[0,7000] "bad","refused",10,4,{"not_a_number","an array or object"}
  "int64",-3,[65535,65535,65535,65533] "bad","refused",10,5,{"not_a_number","an array or object"}
  "low",2,[65282] "bad","refused",10,5,{"not_a_number","5."}
  "string","12.5",[12594,11829,0] "bad","refused",10,3,{"not_a_string","an array or object"}
  "uint16",0,[0] "good",null,10,3,{"out_of_range","-1"}
  "uint32",7500,[0,7500] "bad","refused",10,4,{"not_a_number","an array or object"}
  "uint64",0,[0,0,0,0] "bad","refused",10,6,{"not_a_number","an array or object"}

Numbers out of range are limited with clamp; a NaN or a text cannot be.

  $ for type in int16 uint16 int32 uint32 int64 uint64 float32 float64 string bcd16 bcd32 high low; do api PATCH "/devices/a/tags/$type" '{"modbus": {"on_overflow": "clamp"}}' | sed -n '1{/^20[01]/!p}'; done
  $ take '{"int16": 40000, "uint16": 70000, "int32": 3e9, "uint32": 5e9, "int64": 1e19, "uint64": 1e20, "float32": 1e39, "float64": 1.5, "string": "1234567", "bcd16": 12345, "bcd32": 123456789, "high": 200, "low": 300}'
  $ show
  "bcd16",9999,[39321] "good",null,11,4,{"not_a_number","a text of more than forty chara"}
  "bcd32",99999999,[39321,39321] "good",null,11,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",3.4028235e+38,[32639,65535] "good",null,11,4,{"not_a_number",""}
  "float64",1.5,[16376,0,0,0] "good",null,11,4,{"not_a_number","NaN"}
  "high",127,[32767] "good",null,11,4,{"not_a_number",".5"}
  "int16",32767,[32767] "good",null,12,4,{"not_a_number","\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc"} (esc)
  "int32",2147483647,[32767,65535] "good",null,11,4,{"not_a_number","an array or object"}
  "int64","9223372036854775807",[32767,65535,65535,65535] "good",null,11,5,{"not_a_number","an array or object"}
  "low",255,[32767] "good",null,11,5,{"not_a_number","5."}
  "string","123456",[12594,13108,13622] "good",null,11,3,{"not_a_string","an array or object"}
  "uint16",65535,[65535] "good",null,11,3,{"out_of_range","-1"}
  "uint32",4294967295,[65535,65535] "good",null,11,4,{"not_a_number","an array or object"}
  "uint64","18446744073709551615",[65535,65535,65535,65535] "good",null,11,6,{"not_a_number","an array or object"}
  $ take '{"int16": -40000, "uint16": -70000, "int32": -3e9, "uint32": -5e9, "int64": -1e19, "uint64": -1e20, "float32": -1e39, "float64": "abc", "string": "äöüß", "bcd16": -12345, "bcd32": -1, "high": -200, "low": -300}'
  $ show
  "bcd16",0,[0] "good",null,12,4,{"not_a_number","a text of more than forty chara"}
  "bcd32",0,[0,0] "good",null,12,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",-3.4028235e+38,[65407,65535] "good",null,12,4,{"not_a_number",""}
  "float64",1.5,[16376,0,0,0] "bad","refused",12,5,{"not_a_number","abc"}
  "high",-128,[32768] "good",null,12,4,{"not_a_number",".5"}
  "int16",-32768,[32768] "good",null,13,4,{"not_a_number","\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc"} (esc)
  "int32",-2147483648,[32768,0] "good",null,12,4,{"not_a_number","an array or object"}
  "int64","-9223372036854775808",[32768,0,0,0] "good",null,12,5,{"not_a_number","an array or object"}
  "low",0,[32768] "good",null,12,5,{"not_a_number","5."}
  "string","\xc3\xa4\xc3\xb6\xc3\xbc",[50084,50102,50108] "good",null,12,3,{"not_a_string","an array or object"} (esc)
  "uint16",0,[0] "good",null,12,3,{"out_of_range","-1"}
  "uint32",0,[0,0] "good",null,12,4,{"not_a_number","an array or object"}
  "uint64",0,[0,0,0,0] "good",null,12,6,{"not_a_number","an array or object"}
  $ take '{"int64": "9223372036854775808", "uint64": "18446744073709551616", "string": "12345ä"}'
  $ show | grep '64\|string'
  "float64",1.5,[16376,0,0,0] "bad","refused",12,5,{"not_a_number","abc"}
  "int32",-2147483648,[32768,0] "good",null,12,4,{"not_a_number","an array or object"}
  "int64","9223372036854775807",[32767,65535,65535,65535] "good",null,13,5,{"not_a_number","an array or object"}
  "string","12345",[12594,13108,13568] "good",null,13,3,{"not_a_string","an array or object"}
  "uint64","18446744073709551615",[65535,65535,65535,65535] "good",null,13,6,{"not_a_number","an array or object"}

Scale and offset: the register is (value - offset) / scale, and the value is rounded to 15 digits.

  $ tag int16 '"address": 12, "type": "int16", "scale": 0.1, "offset": -40'; tag uint16 '"address": 13, "type": "uint16", "scale": 0.001'
  $ tag int32 '"address": 14, "type": "int32", "scale": -0.01, "offset": 100'; tag uint32 '"address": 16, "type": "uint32", "scale": 60'
  $ tag int64 '"address": 18, "type": "int64", "scale": 1e-6'; tag uint64 '"address": 22, "type": "uint64", "offset": 1000'
  $ tag float32 '"address": 26, "type": "float32", "scale": 1.8, "offset": 32'; tag float64 '"address": 28, "type": "float64", "scale": 0.001'
  $ tag bcd16 '"address": 36, "type": "bcd16", "scale": 0.1'; tag bcd32 '"address": 38, "type": "bcd32", "scale": 0.01, "offset": -1'
  $ tag high '"address": 40, "type": "int8", "byte": "high", "scale": 0.5'; tag low '"address": 40, "type": "uint8", "byte": "low", "scale": 0.4, "offset": -20'
  $ settle; show
  "bcd16",0,[0] "good",null,12,4,{"not_a_number","a text of more than forty chara"}
  "bcd32",0,[0,256] "good",null,12,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",-3.4028235e+38,[65294,14563] "good",null,12,4,{"not_a_number",""}
  "float64",1.5,[16535,28672,0,0] "bad","refused",12,5,{"not_a_number","abc"}
  "high",0,[50] "bad","refused",12,5,{"out_of_range","0"}
  "int16",-40,[0] "bad","refused",13,5,{"out_of_range","-32768"}
  "int32",100,[0,0] "bad","refused",12,5,{"out_of_range","-2147483648"}
  "int64",0,[0,0,0,0] "bad","refused",13,6,{"out_of_range","9223372036854775807"}
  "low",0,[50] "good",null,12,5,{"not_a_number","5."}
  "string","12345",[12594,13108,13568] "good",null,13,3,{"not_a_string","an array or object"}
  "uint16",0,[0] "good",null,12,3,{"out_of_range","-1"}
  "uint32",0,[0,0] "good",null,12,4,{"not_a_number","an array or object"}
  "uint64",1000,[0,0,0,0] "bad","refused",13,7,{"out_of_range","18446744073709551615"}
  $ take '{"int16": 21.35, "uint16": 65.535, "int32": 123.456, "uint32": 90, "int64": 12.3456789, "uint64": 1234.5, "float32": 212, "float64": 12.345, "bcd16": 999.94, "bcd32": 1234.567, "high": 63.74, "low": 82}'
  $ show
  "bcd16",999.9,[39321] "good",null,13,4,{"not_a_number","a text of more than forty chara"}
  "bcd32",1234.57,[18,13655] "good",null,13,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",212,[17096,0] "good",null,13,4,{"not_a_number",""}
  "float64",12.345,[16584,7296,0,0] "good",null,13,5,{"not_a_number","abc"}
  "high",63.5,[32767] "good",null,13,5,{"out_of_range","0"}
  "int16",21.4,[614] "good",null,14,5,{"out_of_range","-32768"}
  "int32",123.46,[65535,63190] "good",null,13,5,{"out_of_range","-2147483648"}
  "int64",12.345679,[0,0,188,24911] "good",null,14,6,{"out_of_range","9223372036854775807"}
  "low",82,[32767] "good",null,13,5,{"not_a_number","5."}
  "string","12345",[12594,13108,13568] "good",null,13,3,{"not_a_string","an array or object"}
  "uint16",65.535,[65535] "good",null,13,3,{"out_of_range","-1"}
  "uint32",120,[0,2] "good",null,13,4,{"not_a_number","an array or object"}
  "uint64",1235,[0,0,0,235] "good",null,14,7,{"out_of_range","18446744073709551615"}
  $ take '{"int16": 3236.75, "uint16": 65.5355, "int32": -21474736.48, "uint32": 29, "int64": -0.0000005, "uint64": 999.5, "float32": -40, "float64": -1e-300, "bcd16": 999.95, "bcd32": 999998.99, "high": -64.26, "low": 82.2}'
  $ show
  "bcd16",999.9,[39321] "bad","refused",14,5,{"out_of_range","999.95"}
  "bcd32",999998.99,[39321,39321] "good",null,14,5,{"not_a_number","--1"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",-40,[49696,0] "good",null,14,4,{"not_a_number",""}
  "float64",-1e-300,[33348,60811,1127,7589] "good",null,14,5,{"not_a_number","abc"}
  "high",63.5,[32767] "bad","refused",14,6,{"out_of_range","-64.26"}
  "int16",21.4,[614] "bad","refused",15,6,{"out_of_range","3236.75"}
  "int32",123.46,[65535,63190] "bad","refused",14,6,{"out_of_range","-21474736.48"}
  "int64",-1e-06,[65535,65535,65535,65535] "good",null,15,6,{"out_of_range","9223372036854775807"}
  "low",82,[32767] "bad","refused",14,6,{"out_of_range","82.2"}
  "string","12345",[12594,13108,13568] "good",null,13,3,{"not_a_string","an array or object"}
  "uint16",65.535,[65535] "bad","refused",14,4,{"out_of_range","65.5355"}
  "uint32",0,[0,0] "good",null,14,4,{"not_a_number","an array or object"}
  "uint64",1235,[0,0,0,235] "bad","refused",15,8,{"out_of_range","999.5"}
  $ take '{"int16": 3236.74, "uint16": 65.5354, "int32": -21474736.47, "uint32": 30, "int64": -0.0000004, "uint64": 999.4, "bcd16": 0.05, "bcd32": 999999, "high": -64.24, "low": 82.19}'
  $ show
  "bcd16",0.1,[1] "good",null,15,5,{"out_of_range","999.95"}
  "bcd32",999998.99,[39321,39321] "bad","refused",15,6,{"out_of_range","999999"}
  "bit",true,[2048] "bad","refused",9,1,{"not_a_number","maybe; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "bool",false,[0] "bad","refused",10,2,{"not_a_number","a \"quoted\" \\ word\nand a line; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values defines other words"}
  "float32",-40,[49696,0] "good",null,14,4,{"not_a_number",""}
  "float64",-1e-300,[33348,60811,1127,7589] "good",null,14,5,{"not_a_number","abc"}
  "high",-64,[33023] "good",null,15,6,{"out_of_range","-64.26"}
  "int16",3236.7,[32767] "good",null,16,6,{"out_of_range","3236.75"}
  "int32",-21474736.47,[32767,65535] "good",null,15,6,{"out_of_range","-21474736.48"}
  "int64",0,[0,0,0,0] "good",null,16,6,{"out_of_range","9223372036854775807"}
  "low",82,[33023] "good",null,15,6,{"out_of_range","82.2"}
  "string","12345",[12594,13108,13568] "good",null,13,3,{"not_a_string","an array or object"}
  "uint16",65.535,[65535] "good",null,15,4,{"out_of_range","65.5355"}
  "uint32",60,[0,1] "good",null,15,4,{"not_a_number","an array or object"}
  "uint64",1235,[0,0,0,235] "bad","refused",16,9,{"out_of_range","999.4"}

The order of bytes: the bytes of 0x0123456789abcdef and of 0x12345678, and of a text.

  $ api PUT /devices/b '{"mqtt": {"topic": "plant/b"}, "network": {"unit_id": 2}}' | head -1
  201
  $ at=100; for order in ABCD CDAB BADC DCBA ABCDEFGH BADCFEHG CDABGHEF DCBAHGFE EFGHABCD FEHGBADC GHEFCDAB HGFEDCBA; do
  >   types=uint64:4; [ ${#order} = 8 ] || types='uint64:4 int32:2 float32:2 bcd32:2'
  >   for type in $types; do
  >     api PUT "/devices/b/tags/$order-${type%:*}" "{\"mqtt\": {\"key\": \"${type%:*}\"}, \"modbus\": {\"address\": $at, \"type\": \"${type%:*}\", \"byte_order\": \"$order\"}}" | sed -n '1{/^20[01]/!p}'; at=$((at + ${type#*:}))
  >   done
  > done
  $ api PUT /devices/b/tags/text-BADC '{"mqtt": {"key": "text"}, "modbus": {"address": 300, "type": "string", "length": 3, "byte_order": "BADC"}}' | head -1
  201
  $ api PUT /devices/b/tags/seq '{"modbus": {"address": 999, "type": "uint16"}}' | head -1
  201
  $ publish plant/b '{"uint64": "81985529216486895", "int32": 305419896, "float32": 1.5, "bcd32": 12345678, "text": "Abcde", "seq": 77}'
  $ await '999: 77' registers 999 1 2
  999: 77
  $ api GET '/values?device=b&limit=100' | sed -n 's/.*"tag":"\(.*\)","value":\(.*\),"raw":\(.*\),"quality":"\([a-z]*\)".*/\1 \2 \3 \4/p'
  ABCD-bcd32 12345678 [4660,22136] good
  ABCD-float32 1.5 [16320,0] good
  ABCD-int32 305419896 [4660,22136] good
  ABCD-uint64 "81985529216486895" [291,17767,35243,52719] good
  ABCDEFGH-uint64 "81985529216486895" [291,17767,35243,52719] good
  BADC-bcd32 12345678 [13330,30806] good
  BADC-float32 1.5 [49215,0] good
  BADC-int32 305419896 [13330,30806] good
  BADC-uint64 "81985529216486895" [8961,26437,43913,61389] good
  BADCFEHG-uint64 "81985529216486895" [8961,26437,43913,61389] good
  CDAB-bcd32 12345678 [22136,4660] good
  CDAB-float32 1.5 [0,16320] good
  CDAB-int32 305419896 [22136,4660] good
  CDAB-uint64 "81985529216486895" [52719,35243,17767,291] good
  CDABGHEF-uint64 "81985529216486895" [17767,291,52719,35243] good
  DCBA-bcd32 12345678 [30806,13330] good
  DCBA-float32 1.5 [0,49215] good
  DCBA-int32 305419896 [30806,13330] good
  DCBA-uint64 "81985529216486895" [61389,43913,26437,8961] good
  DCBAHGFE-uint64 "81985529216486895" [26437,8961,61389,43913] good
  EFGHABCD-uint64 "81985529216486895" [35243,52719,291,17767] good
  FEHGBADC-uint64 "81985529216486895" [43913,61389,8961,26437] good
  GHEFCDAB-uint64 "81985529216486895" [52719,35243,17767,291] good
  HGFEDCBA-uint64 "81985529216486895" [61389,43913,26437,8961] good
  seq 77 [77] good
  text-BADC "Abcde" [25153,25699,101] good
