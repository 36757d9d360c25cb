Files of other products: KEPServerEX, Ignition and Neuron, read and written; what they cannot say, and where each fault is.
Options: common.units=1-20

  $ read_file() { api POST "/import?format=$1" -H "Content-Type: ${2-text/csv}" -H 'Accept: text/plain' --data-binary @-; }
  $ rows() { printf '%b\n' "$@"; }
  $ replace() { echo '{"devices": []}' | api POST "/import?mode=replace&changes=none&confirm=$1" -H 'Content-Type: application/json' --data-binary @-; }
  $ empty() { replace "$(replace 0 | sed -n 's/.*"confirm":\([0-9]*\)}$/\1/p')"; }
  $ export_csv() { api GET "/export?format=csv&device=$1" | tr -d '\r'; }

KEPServerEX, tag CSV: types, arrays, bits, texts, scalings, groups, the columns that have no counterpart.

  $ head='Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value'
  $ rows "$head" 'Plant.Boiler.temp,400001,Float,1,RO,100,Linear,0,1000,-50,50,Double,1,0,°C,outside,' 'Plant.Boiler.raw,400003,Word,1,R/W,100,,,,,,,0,True,,,' \
  >   'Plant.Boiler.list,400010 [3],Short Array,1,RO,100,None,,,,,,,,,,' 'Plant.Boiler.run,000017,Boolean,1,R/W,,,,,,,,,,,,' 'Plant.Boiler.bit,400020.15,Boolean,,RO,,,,,,,,,,,,' \
  >   'Plant.Boiler.text,400030.20H,String,,RO,,,,,,,,,,,,' 'Plant.Boiler.back,400040.12L,String,,RO,,,,,,,,,,,,1' 'Plant.Boiler.neg,H400AA,Word,,RO,,linear,0,10,0,5,,,,bar,,true' \
  >   'Plant.Boiler.def,300001,Default,,RO,,0,,,,,,,,,,' 'Plant.Boiler.lbcd,400200,LBCD,,RO,,,,,,,,,,,,' ',,,' | read_file 'kepware&topic=plant/{device}/{tag}&unit=12'
  200
  Imported: 13 created, 0 changed, 0 deleted.
  action  name                 address    type     difference
  create  Plant.Boiler
  create  Plant.Boiler/temp    400001     float32
  create  Plant.Boiler/raw     400003     uint16
  create  Plant.Boiler/list_0  400010     int16
  create  Plant.Boiler/list_1  400011     int16
  create  Plant.Boiler/list_2  400012     int16
  create  Plant.Boiler/run     000017     bool
  create  Plant.Boiler/bit     400020.15  bool
  create  Plant.Boiler/text    400030     string
  create  Plant.Boiler/back    400040     string
  create  Plant.Boiler/neg     400170     uint16
  create  Plant.Boiler/def     300001     uint16
  create  Plant.Boiler/lbcd    400200     bcd32
  Warnings:
  place  what is right
         Clamp Low, Scan Rate, Clamp High: no counterpart here, so ignored
         temp, lbcd: the order of registers is a setting of the product's device, which the file does not have: its default is assumed; if a value is wrong, import again with byte_order=ABCD
         raw, run: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ export_csv Plant.Boiler
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description
  Plant.Boiler,plant/Plant.Boiler/temp,12,back,back,to_modbus,holding_register,39,string,BADC,,6,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,bit,bit,to_modbus,holding_register,19,bool,ABCD,15,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,def,def,to_modbus,input_register,0,uint16,ABCD,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,lbcd,lbcd,to_modbus,holding_register,199,bcd32,CDAB,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,list_0,/list/0,to_modbus,holding_register,9,int16,ABCD,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,list_1,/list/1,to_modbus,holding_register,10,int16,ABCD,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,list_2,/list/2,to_modbus,holding_register,11,int16,ABCD,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,neg,neg,to_modbus,holding_register,169,uint16,ABCD,,,-0.5,0,reject,,bar,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,raw,raw,to_modbus,holding_register,2,uint16,ABCD,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,run,run,to_modbus,coil,16,bool,ABCD,,,1,0,reject,,,true,
  Plant.Boiler,plant/Plant.Boiler/temp,12,temp,temp,to_modbus,holding_register,0,float32,CDAB,,,0.1,-50,reject,,\xc2\xb0C,true,outside (esc)
  Plant.Boiler,plant/Plant.Boiler/temp,12,text,text,to_modbus,holding_register,29,string,ABCD,,10,1,0,reject,,,true,
  $ rows "$head,Extra,Extra,More,A,B,C,D" 'one,400001,Word' 'G.,400001,Word' '.x,400001,Word' ',400001,Word' 'G.a,500001,Word' 'G.b,4,Word' 'G.c,400001.16,Boolean' 'G.d,400001,Boolean' 'G.e,400001.3,Word' 'G.f,000001,Word' \
  >   'G.g,400001,String' 'G.h,400001.20H,Word' 'G.i,400001,Date' 'G.j,400001,Word,,,,Square Root' 'G.k,400001,Word,,,,Linear,0,x,,10' 'G.l,400001,Word,,,,Linear,5,5,0,10' 'G.m,400001 [0],Word' 'G.n,400001 [2001],Word' \
  >   'G.o,465536 [2],Word' 'G.p,400001 [2][2],Word' 'G.q,400001.241H,String' 'G.r,400001.3X,String' 'G.s,400001x,Word' 'G.t,400001.20H [2],String' 'G.u,465537,Word' 'G.v,400000,Word' 'G.w,000001.1,Boolean' 'G.x,400001.2H,String' 'G.y,400001.2H,String,,RO,,1,0,10,0,100,,,,,,1' ' , ,,' | read_file 'kepware'
  422
  Nothing was imported: there are 29 faults.
  rows   column      cell                           what is right
  2      Tag Name    "one"                          "one" is in no group, so that the file does not say its device: import with device=, the name of the device
  3      Tag Name    "G."                           "G." is in no group, so that the file does not say its device: import with device=, the name of the device
  4      Tag Name    ".x"                           ".x" is in no group, so that the file does not say its device: import with device=, the name of the device
  5      Tag Name    ""                             must have the name of a tag
  6      Address     "500001"                       must begin with the digit of a table: 0 coils, 1 discrete inputs, 3 input registers, 4 holding registers
  7      Address     "4"                            must be the digit of a table and up to five digits, such as 400001, 400001.3, 400001.20H, 400001 [10]
  8, 25  Address     "400001.16", "400001.20H [2]"  the bit must be a number from 0 to 15, 0 the least significant
  9      Data Type   "Boolean"                      a bit in a register needs its number after the address, such as 400001.3
  10     Data Type   "Word"                         the address names a bit, so the type must be a bit
  11     Data Type   "Word"                         coils and discrete inputs are bits, so the type must be a bit
  12     Data Type   "String"                       a text needs its length after the address, such as 400001.20H
  13     Data Type   "Word"                         the address names a text, so the type must be a text
  14     Data Type   "Date"                         "Date" has no counterpart here: must be Boolean, Short, Word, Long, DWord, LLong, QWord, Float, Double, BCD, LBCD or String
  15     Scaling     "Square Root"                  "Square Root" has no counterpart here: must be Linear or empty; scale the value in the SCADA system
  16     Raw High    "x"                            with a linear scaling must be a number, such as 1000
  16     Scaled Low  ""                             with a linear scaling must be a number, such as 1000
  17     Raw High    "5"                            low and high must be different
  18-19  Address     "400001 [0]", "400001 [2001]"  the size of the array must be a number from 1 to 2000 in [ ]
  20     Address     "465536 [2]"                   the array does not end within 65536 registers
  21     Address     "400001 [2][2]"                an array can have one dimension only, such as 400001 [10]
  22     Address     "400001.241H"                  the length of the text must be an even number, at most 240 bytes
  23     Address     "400001.3X"                    a text ends with H, high byte first, or L, low byte first, such as 400300.20H
  24     Address     "400001x"                      "x" is not part of an address: a bit is .3, a text .20H, an array [10]
  26-27  Address     "465537", "400000"             the number after the digit of the table must be 1 to 65536
  28     Address     "000001.1"                     coils and discrete inputs are bits already: leave ".1" out
  30     Scaling                                    is not allowed for the type string
  Warnings:
  place  what is right
         Extra, More, A, B, C and 1 more: no counterpart here, so ignored
         G: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ rows 'Tag Name;Address;Scaling;Raw Low;Raw High;Scaled Low;Scaled High' 'G.a;400001;Linear;0;1,5;0;3' 'G.b;400002;Linear;0;1.5;0;3' | read_file 'kepware&dry_run=true'
  200
  Nothing is imported yet, this is a dry run: 3 created, 0 changed, 0 deleted.
  action  name  address  type    difference
  create  G
  create  G/a   400001   uint16
  create  G/b   400002   uint16
  Warnings:
  place  what is right
         G: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ rows 'Tag Name,Type' 'a.b,Word' | read_file kepware
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the first row must have the columns "Tag Name" and "Address", as in the CSV that KEPServerEX exports for the tags of a device
  $ printf '' | read_file kepware
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the file is empty
  $ rows 'Tag Name,Address' | read_file kepware
  422
  Nothing was imported: there is 1 fault.
  place  what is right
         the file has no tag with a Modbus address
  $ printf 'Tag Name,Address\na.b,400001\nc.\xe4,"400002\n' | read_file kepware
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  3                   is not text in UTF-8 with closed quotes
  Warnings:
  rows  column  cell  what is right
  1                   the file is not UTF-8 and was read as Windows-1252; check the letters beyond ASCII
                      a: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ printf 'Tag Name,Address\nOfen.\xd6l,400001\nOfen.\xe4,400002\n' | read_file 'kepware&dry_run=true'
  200
  Nothing is imported yet, this is a dry run: 3 created, 0 changed, 0 deleted.
  action  name      address  type    difference
  create  Ofen
  create  Ofen/Oel  400001   uint16
  create  Ofen/ae   400002   uint16
  Warnings:
  rows  column  cell  what is right
  1                   the file is not UTF-8 and was read as Windows-1252; check the letters beyond ASCII
                      Ofen: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
                      \xc3\x96l \xe2\x86\x92 Oel, \xc3\xa4 \xe2\x86\x92 ae: a name has only letters, digits, '.', '_' and '-'; the label keeps the original, which is also the key (esc)
  $ (rows 'Tag Name,Address'; for i in {1..7}; do echo "ö$i.t,40010$i"; done) | read_file 'kepware&dry_run=true&topic=same'
  200
  Nothing is imported yet, this is a dry run: 14 created, 0 changed, 0 deleted.
  action  name   address  type    difference
  create  oe1
  create  oe1/t  400101   uint16
  create  oe2
  create  oe2/t  400102   uint16
  create  oe3
  create  oe3/t  400103   uint16
  create  oe4
  create  oe4/t  400104   uint16
  create  oe5
  create  oe5/t  400105   uint16
  create  oe6
  create  oe6/t  400106   uint16
  create  oe7
  create  oe7/t  400107   uint16
  Warnings:
  place  what is right
         \xc3\xb61 \xe2\x86\x92 oe1, \xc3\xb62 \xe2\x86\x92 oe2, \xc3\xb63 \xe2\x86\x92 oe3, \xc3\xb64 \xe2\x86\x92 oe4, \xc3\xb65 \xe2\x86\x92 oe5 and 2 more: a name has only letters, digits, '.', '_' and '-'; the label keeps the original, which is also the key (esc)
         topic=same is the same for all; {device} and {tag} in it stand for the names, but curl takes the braces away unless it has the option -g
  $ (rows 'Tag Name,Address,Client Access'; for i in {1..5}; do echo "w.t$i,40010$i,R/W"; done) | read_file 'kepware&dry_run=true&command_topic=same'
  200
  Nothing is imported yet, this is a dry run: 6 created, 0 changed, 0 deleted.
  action  name  address  type    difference
  create  w
  create  w/t1  400101   uint16
  create  w/t2  400102   uint16
  create  w/t3  400103   uint16
  create  w/t4  400104   uint16
  create  w/t5  400105   uint16
  Warnings:
  place  what is right
         w: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
         command_topic=same is the same for all; {device} and {tag} in it stand for the names, but curl takes the braces away unless it has the option -g
  $ (rows 'Tag Name,Address,Client Access'; for i in {1..6}; do echo "w.t$i,40010$i,R/W"; done) | read_file 'kepware&topic=w'
  200
  Imported: 7 created, 0 changed, 0 deleted.
  action  name  address  type    difference
  create  w
  create  w/t1  400101   uint16
  create  w/t2  400102   uint16
  create  w/t3  400103   uint16
  create  w/t4  400104   uint16
  create  w/t5  400105   uint16
  create  w/t6  400106   uint16
  Warnings:
  place  what is right
         t1, t2, t3, t4, t5 and 1 more: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ rows 'Tag Name,Address,Client Access,Data Type' 'x.t1,400001,R/W,Long' 'x.t2,400003,W,Double' | read_file "kepware&device=all&command_topic=set/{tag}/'{device}&byte_order=DCBA&base=0"
  200
  Imported: 3 created, 0 changed, 0 deleted.
  action  name      address  type     difference
  create  all
  create  all/x.t1  400002   int32
  create  all/x.t2  400004   float64
  Warnings:
  place  what is right
         all: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ export_csv all
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,command_topic
  all,all,1,x.t1,x.t1,both,holding_register,1,int32,DCBA,,,1,0,reject,,,true,,set/x.t1/'all
  all,all,1,x.t2,x.t2,both,holding_register,3,float64,DCBA,,,1,0,reject,,,true,,set/x.t2/'all
  $ rows 'Tag Name,Address,Data Type' 'y.t1,400001,Long' 'y.t2,400003,QWord' | read_file "kepware&unit=2"
  200
  Imported: 3 created, 0 changed, 0 deleted.
  action  name  address  type    difference
  create  y
  create  y/t1  400001   int32
  create  y/t2  400003   uint64
  Warnings:
  place  what is right
         t1, t2: the order of registers is a setting of the product's device, which the file does not have: its default is assumed; if a value is wrong, import again with byte_order=ABCD
         y: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ rows 'Tag Name,Address,Data Type' 'y.t1,400001,Long' 'y.t2,400003,QWord' 'y.t3,400007,Float' | read_file "kepware&unit=2"
  200
  Imported: 1 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  y/t3  400007   float32
  Warnings:
  place  what is right
         t3: the order of registers is a setting of the product's device, which the file does not have: its default is assumed; if a value is wrong, import again with byte_order=ABCD
  $ export_csv y
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description
  y,y,2,t1,t1,to_modbus,holding_register,0,int32,CDAB,,,1,0,reject,,,true,
  y,y,2,t2,t2,to_modbus,holding_register,2,uint64,CDAB,,,1,0,reject,,,true,
  y,y,2,t3,t3,to_modbus,holding_register,6,float32,CDAB,,,1,0,reject,,,true,

KEPServerEX, project: channels, devices, groups, the settings of a device.

  $ empty
  200
  {"created":0,"changed":0,"deleted":27,"dry_run":false}
  $ cat >project.json <<'END'
  > {"project": {"channels": [
  >  {"common.ALLTYPES_NAME": "sim", "servermain.MULTIPLE_TYPES_DEVICE_DRIVER": "Simulator", "devices": [{"tags": [{}]}]},
  >  {"common.ALLTYPES_NAME": "bus", "servermain.MULTIPLE_TYPES_DEVICE_DRIVER": "Modbus TCP/IP Ethernet", "devices": [
  >   {"common.ALLTYPES_NAME": "K1", "servermain.DEVICE_ID_STRING": "<192.0.2.1>.7", "tags": [
  >     {"common.ALLTYPES_NAME": "a", "common.ALLTYPES_DESCRIPTION": "first", "servermain.TAG_ADDRESS": "400001", "servermain.TAG_DATA_TYPE": 8, "servermain.TAG_READ_WRITE_ACCESS": 1},
  >     {"common.ALLTYPES_NAME": "b", "servermain.TAG_ADDRESS": "400010 [2]", "servermain.TAG_DATA_TYPE": 25, "servermain.TAG_READ_WRITE_ACCESS": 0}],
  >    "tag_groups": [{"common.ALLTYPES_NAME": "Sub", "tags": [
  >     {"common.ALLTYPES_NAME": "c", "servermain.TAG_ADDRESS": "400020", "servermain.TAG_DATA_TYPE": 5, "servermain.TAG_SCALING_TYPE": 1, "servermain.TAG_SCALING_RAW_LOW": 0, "servermain.TAG_SCALING_RAW_HIGH": 1000, "servermain.TAG_SCALING_SCALED_LOW": -10, "servermain.TAG_SCALING_SCALED_HIGH": 15.5, "servermain.TAG_SCALING_UNITS": "l/h", "servermain.TAG_SCALING_NEGATE_VALUE": true},
  >     {"common.ALLTYPES_NAME": "d", "servermain.TAG_ADDRESS": "400021", "servermain.TAG_DATA_TYPE": 14}]}]},
  >   {"common.ALLTYPES_NAME": "K2", "servermain.DEVICE_ID_DECIMAL": 9, "modbus_ethernet.DEVICE_ZERO_BASED_ADDRESSING": false, "modbus_ethernet.DEVICE_MODBUS_BYTE_ORDER": false, "modbus_ethernet.DEVICE_FIRST_WORD_LOW": false, "tags": [
  >     {"common.ALLTYPES_NAME": "a", "servermain.TAG_ADDRESS": "400000", "servermain.TAG_DATA_TYPE": 6},
  >     {"common.ALLTYPES_NAME": "b", "servermain.TAG_ADDRESS": "400002", "servermain.TAG_DATA_TYPE": 13},
  >     {"common.ALLTYPES_NAME": "c", "servermain.TAG_ADDRESS": "400006", "servermain.TAG_DATA_TYPE": 4}]},
  >   {"common.ALLTYPES_NAME": "K3", "servermain.DEVICE_ID_DECIMAL": 3, "modbus_ethernet.DEVICE_FIRST_DWORD_LOW": false, "tags": [
  >     {"common.ALLTYPES_NAME": "a", "servermain.TAG_ADDRESS": "400101", "servermain.TAG_DATA_TYPE": 9}]}
  >  ]}]}}
  > END
  $ read_file 'kepware&topic=k/{device}' application/json <project.json
  200
  Imported: 13 created, 0 changed, 0 deleted.
  action  name      address  type     difference
  create  K1
  create  K1/a      400001   float32
  create  K1/b_0    400010   uint16
  create  K1/b_1    400011   uint16
  create  K1.Sub
  create  K1.Sub/c  400020   uint16
  create  K1.Sub/d  400021   uint64
  create  K2
  create  K2/a      400001   int32
  create  K2/b      400003   int64
  create  K2/c      400007   int16
  create  K3
  create  K3/a      400101   float64
  Warnings:
  place  what is right
         sim: no Modbus address, so left out
         a: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ export_csv K1,K1.Sub,K2,K3
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description
  K1,k/K1,7,a,a,to_modbus,holding_register,0,float32,CDAB,,,1,0,reject,,,true,first
  K1,k/K1,7,b_0,/b/0,to_modbus,holding_register,9,uint16,ABCD,,,1,0,reject,,,true,
  K1,k/K1,7,b_1,/b/1,to_modbus,holding_register,10,uint16,ABCD,,,1,0,reject,,,true,
  K1.Sub,k/K1.Sub,7,c,c,to_modbus,holding_register,19,uint16,ABCD,,,-0.0255,10,reject,,l/h,true,
  K1.Sub,k/K1.Sub,7,d,d,to_modbus,holding_register,20,uint64,CDAB,,,1,0,reject,,,true,
  K2,k/K2,9,a,a,to_modbus,holding_register,0,int32,BADC,,,1,0,reject,,,true,
  K2,k/K2,9,b,b,to_modbus,holding_register,2,int64,FEHGBADC,,,1,0,reject,,,true,
  K2,k/K2,9,c,c,to_modbus,holding_register,6,int16,BADC,,,1,0,reject,,,true,
  K3,k/K3,3,a,a,to_modbus,holding_register,100,float64,CDABGHEF,,,1,0,reject,,,true,
  $ sed 's/"400001"/"500001"/; s/"servermain.TAG_DATA_TYPE": 25/"servermain.TAG_DATA_TYPE": 32/; s/"servermain.TAG_SCALING_TYPE": 1/"servermain.TAG_SCALING_TYPE": 2/; s/"d"/""/; s/"modbus_ethernet.DEVICE_FIRST_DWORD_LOW"/"modbus_ethernet.DEVICE_ZERO_BASED_BIT_ADDRESSING"/' project.json >wrong.json
  $ read_file kepware application/json <wrong.json
  422
  Nothing was imported: there are 5 faults.
  place  what is right
  /project/channels/1/devices/2/modbus_ethernet.DEVICE_ZERO_BASED_BIT_ADDRESSING  must be true: here bits count from 0
  /project/channels/1/devices/0/tags/0/servermain.TAG_ADDRESS  must begin with the digit of a table: 0 coils, 1 discrete inputs, 3 input registers, 4 holding registers
  /project/channels/1/devices/0/tags/1/servermain.TAG_DATA_TYPE  "Date" has no counterpart here: must be Boolean, Short, Word, Long, DWord, LLong, QWord, Float, Double, BCD, LBCD or String
  /project/channels/1/devices/0/tag_groups/0/tags/0/servermain.TAG_SCALING_TYPE  "Square Root" has no counterpart here: must be Linear or empty; scale the value in the SCADA system
  /project/channels/1/devices/0/tag_groups/0/tags/1/common.ALLTYPES_NAME  must have the name of a tag
  Warnings:
  place  what is right
         sim: no Modbus address, so left out
  $ api POST '/import?format=kepware' -H 'Content-Type: application/json' --data-binary @wrong.json
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 5 errors; see errors.","errors":[
  {"pointer":"/project/channels/1/devices/2/modbus_ethernet.DEVICE_ZERO_BASED_BIT_ADDRESSING","code":"invalid_choice","detail":"must be true: here bits count from 0"},
  {"pointer":"/project/channels/1/devices/0/tags/0/servermain.TAG_ADDRESS","code":"invalid_address","detail":"must begin with the digit of a table: 0 coils, 1 discrete inputs, 3 input registers, 4 holding registers"},
  {"pointer":"/project/channels/1/devices/0/tags/1/servermain.TAG_DATA_TYPE","code":"invalid_type","detail":"\"Date\" has no counterpart here: must be Boolean, Short, Word, Long, DWord, LLong, QWord, Float, Double, BCD, LBCD or String"},
  {"pointer":"/project/channels/1/devices/0/tag_groups/0/tags/0/servermain.TAG_SCALING_TYPE","code":"invalid_scaling","detail":"\"Square Root\" has no counterpart here: must be Linear or empty; scale the value in the SCADA system"},
  {"pointer":"/project/channels/1/devices/0/tag_groups/0/tags/1/common.ALLTYPES_NAME","code":"required","detail":"must have the name of a tag"}]}
  $ echo '{"project": {}}' | read_file kepware application/json
  422
  Nothing was imported: there is 1 fault.
  place     what is right
  /project  must be a project that KEPServerEX has saved as JSON, with "channels"
  $ echo '{"channels": [{"common.ALLTYPES_NAME": "x"}]}' | read_file kepware application/json
  422
  Nothing was imported: there is 1 fault.
  place  what is right
         the file has no tag with a Modbus address
  $ echo '{"channels": ' | read_file kepware application/json
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 14.","errors":[]}

Ignition: folders, a UDT with parameters, scalings, members without a counterpart.

  $ empty
  200
  {"created":0,"changed":0,"deleted":13,"dry_run":false}
  $ cat >ignition.json <<'END'
  > {"tags": [
  >  {"name": "_types_", "tags": [{"name": "Motors", "tags": [{"name": "Motor", "tagType": "UdtType", "parameters": {"start": {"value": 100}, "unit": "2"}, "tags": [
  >    {"name": "speed", "valueSource": "opc", "opcItemPath": {"bindType": "parameter", "binding": "ns=1;s=[Line]{unit}.HRF{start+1}"}, "documentation": "of {InstanceName}"},
  >    {"name": "on", "valueSource": "opc", "opcItemPath": "[Line]{unit}.C{start}", "readOnly": true}]}]}]},
  >  {"name": "Hall", "tagType": "Folder", "tags": [
  >    {"name": "temp", "valueSource": "opc", "opcItemPath": "ns=1;s=[Line]HRUS10", "scaleMode": "Linear", "rawHigh": 1000, "scaledLow": -40, "scaledHigh": 60, "engUnit": "°C", "clampMode": "Clamp_High", "historyEnabled": true, "enabled": false},
  >    {"name": "half", "valueSource": "opc", "opcItemPath": "ns=1;s=[Line]IR11", "scaleMode": "Linear", "scaledHigh": 5, "clampMode": "No_Clamp"},
  >    {"name": "bit", "opcItemPath": "[Line]HR12.15"}, {"name": "text", "opcItemPath": "[Line]HRS13:20"}, {"name": "big", "opcItemPath": "[Line]HRUI_64_30"},
  >    {"name": "wide", "opcItemPath": "[Line]HRI_6430"}, {"name": "calc", "valueSource": "expr"},
  >    {"name": "m1", "tagType": "UdtInstance", "typeId": "Motors/Motor", "parameters": {"start": 200}, "tags": [{"name": "speed", "engUnit": "rpm"}]},
  >    {"name": "m2", "tagType": "UdtInstance", "typeId": "Motors/Motor", "parameters": {"unit": {"value": 3}}}]},
  >  {"name": "top", "opcItemPath": "[Line]DI7"}]}
  > END
  $ sed 's/HRUI_64_30/HRUI_6440/' ignition.json | read_file 'ignition&topic=i/{device}' application/json
  200
  Imported: 15 created, 0 changed, 0 deleted.
  action  name           address    type     difference
  create  Hall
  create  Hall/temp      400010     uint16
  create  Hall/half      300011     int16
  create  Hall/bit       400012.15  bool
  create  Hall/text      400013     string
  create  Hall/big       400040     uint64
  create  Hall/wide      400030     int64
  create  Hall.m1
  create  Hall.m1/speed  400201     float32
  create  Hall.m1/on     000200     bool
  create  Hall.m2
  create  Hall.m2/speed  400101     float32
  create  Hall.m2/on     000100     bool
  create  Line
  create  Line/top       100007     bool
  Warnings:
  place  what is right
         clampMode, historyEnabled: no counterpart here, so ignored
         Hall.calc: no Modbus address, so left out
         half: the file leaves out limits of the scaling: read as raw 0 to 10, scaled 0 to 10
         big, wide, speed, speed: the order of registers is a setting of the product's device, which the file does not have: its default is assumed; if a value is wrong, import again with byte_order=CDAB
         temp, bit, text, big, wide and 2 more: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ api GET '/export?format=csv&device=Hall,Hall.m1,Hall.m2,Line' | tr -d '\r'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description
  Hall,i/Hall,1,big,big,to_modbus,holding_register,39,uint64,ABCD,,,1,0,reject,,,true,
  Hall,i/Hall,1,bit,bit,to_modbus,holding_register,11,bool,ABCD,15,,1,0,reject,,,true,
  Hall,i/Hall,1,half,half,to_modbus,input_register,10,int16,ABCD,,,0.5,0,reject,,,true,
  Hall,i/Hall,1,temp,temp,to_modbus,holding_register,9,uint16,ABCD,,,0.1,-40,reject,,\xc2\xb0C,false, (esc)
  Hall,i/Hall,1,text,text,to_modbus,holding_register,12,string,ABCD,,10,1,0,reject,,,true,
  Hall,i/Hall,1,wide,wide,to_modbus,holding_register,29,int64,ABCD,,,1,0,reject,,,true,
  Hall.m1,i/Hall.m1,2,on,on,to_modbus,coil,199,bool,ABCD,,,1,0,reject,,,true,
  Hall.m1,i/Hall.m1,2,speed,speed,to_modbus,holding_register,200,float32,ABCD,,,1,0,reject,,rpm,true,of m1
  Hall.m2,i/Hall.m2,3,on,on,to_modbus,coil,99,bool,ABCD,,,1,0,reject,,,true,
  Hall.m2,i/Hall.m2,3,speed,speed,to_modbus,holding_register,100,float32,ABCD,,,1,0,reject,,,true,of m2
  Line,i/Line,1,top,top,to_modbus,discrete_input,6,bool,ABCD,,,1,0,reject,,,true,
  $ read_file 'ignition' application/json <ignition.json
  422
  Nothing was imported: there is 1 fault.
  place                       what is right
  /tags/1/tags/4/opcItemPath  "HRUI_64_30": must be an address of the Modbus driver, such as HR1, HRF1, IRUS1, C1, DI1, HR1.3, HRS1:20, 2.HR1; names of an address mapping are not known here
  Warnings:
  place  what is right
         clampMode, historyEnabled: no counterpart here, so ignored
         Hall.calc: no Modbus address, so left out
         half: the file leaves out limits of the scaling: read as raw 0 to 10, scaled 0 to 10
         temp, bit, text, wide, speed and 1 more: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ sed 's/"Linear", "rawHigh"/"Square", "rawHigh"/; s/"scaledHigh": 5/"scaledHigh": 0/; s/HR12.15/HRF12.15/; s/HRS13:20/HRS13/; s/{unit}.C/{units}.C/; s/"m2", "tagType": "UdtInstance", "typeId": "Motors/"m2", "tagType": "UdtInstance", "typeId": "Motor/; s/.Line.DI7/Line]DI7/' ignition.json | read_file ignition application/json
  422
  Nothing was imported: there are 8 faults.
  place                       what is right
  /tags/1/tags/0/scaleMode    "Square" has no counterpart here: must be Off or Linear
  /tags/1/tags/1/rawHigh      low and high must be different
  /tags/1/tags/2/opcItemPath  "HRF12.15": is a bit of a value of several registers: write the register that holds it, such as HR1.3
  /tags/1/tags/3/opcItemPath  "HRS13": a text needs its length in bytes, such as HRS1:20
  /tags/1/tags/4/opcItemPath  "HRUI_64_30": must be an address of the Modbus driver, such as HR1, HRF1, IRUS1, C1, DI1, HR1.3, HRS1:20, 2.HR1; names of an address mapping are not known here
  /tags/1/tags/7/opcItemPath  has {units}, for which neither the instance nor its UDT has a value
  /tags/1/tags/8/typeId       the file does not have the UDT "Motor/Motor": export its definition, too (UDT Definitions in the Tag Browser), into one file
  /tags/2/opcItemPath         must be a path such as ns=1;s=[Connection]HR1
  Warnings:
  place  what is right
         clampMode, historyEnabled: no counterpart here, so ignored
         Hall.calc: no Modbus address, so left out
         half: the file leaves out limits of the scaling: read as raw 0 to 10, scaled 0 to 10
         wide, speed: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ sed 's/"name": "half", //; s/HRUI_64_30/HR0/; s/HRI_6430/300.HR1/; s/DI7/DI7.1/; s/HR12.15/HR12.16/; s/HRS13:20/HRS13:251/' ignition.json | api POST '/import?format=ignition' -H 'Content-Type: application/json' --data-binary @-
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 6 errors; see errors.","errors":[
  {"pointer":"/tags/1/tags/1/name","code":"required","detail":"is required"},
  {"pointer":"/tags/1/tags/2/opcItemPath","code":"invalid_address","detail":"\"HR12.16\": the bit must be a number from 0 to 15, 0 the least significant"},
  {"pointer":"/tags/1/tags/3/opcItemPath","code":"invalid_address","detail":"\"HRS13:251\": the length of the text must be an even number, at most 250 bytes"},
  {"pointer":"/tags/1/tags/4/opcItemPath","code":"invalid_address","detail":"\"HR0\": the number after the digit of the table must be 1 to 65536"},
  {"pointer":"/tags/1/tags/5/opcItemPath","code":"invalid_address","detail":"\"300.HR1\": a unit from 0 to 255 and a point come before the address, such as 2.HR1"},
  {"pointer":"/tags/2/opcItemPath","code":"invalid_address","detail":"\"DI7.1\": coils and discrete inputs are bits already: leave \".1\" out"}]}
  $ echo '{"name": "x"}' | read_file ignition application/json
  422
  Nothing was imported: there is 1 fault.
  place  what is right
  /tags  must be the JSON that Ignition exports in the Tag Browser: an object with "tags"
  $ echo '[{"name": "x", "opcItemPath": "[A]HR1"}, 7, {"name": "y", "opcItemPath": "[B]HR1"}]' | read_file 'ignition&dry_run=true&device=one' application/json
  409
  Nothing was imported: there are 2 faults.
  place           what is right
  /0/opcItemPath  holding_register 0 (400001) in unit 1 belongs to one/y
  /2/opcItemPath  holding_register 0 (400001) in unit 1 belongs to one/x
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  Warnings:
  place  what is right
         x, y: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
         one: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ echo '{"name": "x", "opcItemPath": "[A]HR65536", "readOnly": true}' | read_file 'ignition&dry_run=true' application/json
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type   difference
  create  A
  create  A/x   465536   int16
  Warnings:
  place  what is right
         A: the file has no MQTT topic: the device's name is assumed; import with topic=, such as plant/{device}
  $ echo '{"name": "x", "opcItemPath": "[A]HR65536", "readOnly": true}' | read_file 'ignition&dry_run=true&base=0' application/json
  422
  Nothing was imported: there is 1 fault.
  place         what is right
  /opcItemPath  "HR65536": the number after the digit of the table must be 0 to 65535
  $ echo '{"tags": []}' | read_file ignition application/json
  422
  Nothing was imported: there is 1 fault.
  place  what is right
         the file has no tag with a Modbus address

Neuron: JSON of nodes and groups, tables, attributes, orders.

  $ empty
  200
  {"created":0,"changed":0,"deleted":15,"dry_run":false}
  $ cat >neuron.json <<'END'
  > {"node": "plc", "groups": [{"group": "fast", "interval": 100, "tags": [
  >   {"name": "a", "address": "1!400001", "attribute": 3, "type": 9, "decimal": 0.1, "bias": -5, "unit": "K", "description": "first", "precision": 2},
  >   {"name": "b", "address": "1!400003#BL", "attribute": 1, "type": 6}, {"name": "c", "address": "1!400005.15", "attribute": 1, "type": 11}, {"name": "d", "address": "1!400006.20L", "attribute": 1, "type": 13},
  >   {"name": "e", "address": "2!400020#WR", "attribute": 2, "type": 8}, {"name": "f", "attribute": 1, "type": 4, "address": ""}, {"name": "g", "address": "2!000012", "attribute": "Read Write", "type": "bool"}]}],
  >  "plugins": [1]}
  > END
  $ read_file 'neuron&topic=n/{device}&command_topic=n/{device}/set/{tag}' application/json <neuron.json
  200
  Imported: 8 created, 0 changed, 0 deleted.
  action  name     address    type     difference
  create  plc-1
  create  plc-1/a  400001     float32
  create  plc-1/b  400003     uint32
  create  plc-1/c  400005.15  bool
  create  plc-1/d  400006     string
  create  plc-2
  create  plc-2/e  400020     uint64
  create  plc-2/g  000012     bool
  Warnings:
  place  what is right
         precision, plugins: no counterpart here, so ignored
         f: no Modbus address, so left out
         a: the order of registers is a setting of the product's device, which the file does not have: its default is assumed; if a value is wrong, import again with byte_order=CDAB
  $ export_csv plc-1,plc-2
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,command_topic
  plc-1,n/plc-1,1,a,a,both,holding_register,0,float32,ABCD,,,0.1,-5,reject,,K,true,first,n/plc-1/set/a
  plc-1,n/plc-1,1,b,b,to_modbus,holding_register,2,uint32,CDAB,,,1,0,reject,,,true,,
  plc-1,n/plc-1,1,c,c,to_modbus,holding_register,4,bool,ABCD,15,,1,0,reject,,,true,,
  plc-1,n/plc-1,1,d,d,to_modbus,holding_register,5,string,BADC,,10,1,0,reject,,,true,,
  plc-2,n/plc-2,2,e,e,both,holding_register,19,uint64,EFGHABCD,,,1,0,reject,,,true,,n/plc-2/set/e
  plc-2,n/plc-2,2,g,g,both,coil,11,bool,ABCD,,,1,0,reject,,,true,,n/plc-2/set/g
  $ sed 's/"type": 9/"type": 99/; s/1!400003#BL/256!400003/; s/#WR/#XX/; s/0012"/"/; s/5.15/5.16/; s/6.20L/6/; s/"decimal": 0.1/"decimal": "x"/' neuron.json | read_file neuron application/json
  422
  Nothing was imported: there are 7 faults.
  place                     what is right
  /groups/0/tags/0/decimal  must be a number, such as 0.1
  /groups/0/tags/0/type     "99" has no counterpart here: must be INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE, BIT, BOOL, STRING, WORD, DWORD or LWORD
  /groups/0/tags/1/address  "256!400003": must begin with a unit from 0 to 255 and !, such as 1!400001
  /groups/0/tags/2/address  "1!400005.16": the bit must be a number from 0 to 15, 0 the least significant
  /groups/0/tags/3/address  "1!400006": a text needs its length in bytes, such as 1!400001.20H
  /groups/0/tags/4/address  "2!400020#XX": the byte order after # must be L or B, with 32 bits LL, LB, BB or BL, with 64 bits also WS or WR
  /groups/0/tags/6/address  "2!00": the number after the digit of the table must be 1 to 65536
  $ sed 's/"type": 9/"type": 99/; s/1!400003#BL/256!400003/; s/#WR/#XX/; s/0012"/"/; s/5.15/5.16/; s/6.20L/6/; s/"decimal": 0.1/"decimal": "x"/' neuron.json | api POST '/import?format=neuron' -H 'Content-Type: application/json' --data-binary @-
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 7 errors; see errors.","errors":[
  {"pointer":"/groups/0/tags/0/decimal","code":"wrong_type","detail":"must be a number, such as 0.1"},
  {"pointer":"/groups/0/tags/0/type","code":"invalid_type","detail":"\"99\" has no counterpart here: must be INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE, BIT, BOOL, STRING, WORD, DWORD or LWORD"},
  {"pointer":"/groups/0/tags/1/address","code":"invalid_address","detail":"\"256!400003\": must begin with a unit from 0 to 255 and !, such as 1!400001"},
  {"pointer":"/groups/0/tags/2/address","code":"invalid_address","detail":"\"1!400005.16\": the bit must be a number from 0 to 15, 0 the least significant"},
  {"pointer":"/groups/0/tags/3/address","code":"invalid_address","detail":"\"1!400006\": a text needs its length in bytes, such as 1!400001.20H"},
  {"pointer":"/groups/0/tags/4/address","code":"invalid_address","detail":"\"2!400020#XX\": the byte order after # must be L or B, with 32 bits LL, LB, BB or BL, with 64 bits also WS or WR"},
  {"pointer":"/groups/0/tags/6/address","code":"invalid_address","detail":"\"2!00\": the number after the digit of the table must be 1 to 65536"}]}
  $ rows 'group,name,address,attribute,type,description,decimal,bias,other' 'grp,a,1!400001,Read Write,INT16,one,0.5,10,z' 'grp,b,1!400002,Read,UINT32,,,,' ',,,,,,,,' 'grp,c,,Read,INT8,,,,' 'grp,d,1!400010.3,Write,BIT,,,,' | read_file 'neuron&topic=n/{device}&unit=3'
  200
  Imported: 4 created, 0 changed, 0 deleted.
  action  name   address   type    difference
  create  grp
  create  grp/a  400001    int16
  create  grp/b  400002    uint32
  create  grp/d  400010.3  bool
  Warnings:
  place  what is right
         other: no counterpart here, so ignored
         c: no Modbus address, so left out
         b: the order of registers is a setting of the product's device, which the file does not have: its default is assumed; if a value is wrong, import again with byte_order=CDAB
         a, d: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ rows 'group,name,address,attribute,type,decimal' ',a,1!400001,Read,INT16,1' 'grp,,1!400001,Read,INT16,1' 'grp,b,1-400001,Read,INT16,x' 'grp,c,1!400001,Read,CHAR,1' 'grp,d,1!400001,Read,INT16,1e999' 'grp,e,1!400001#WS,Read,INT16,' 'grp,f,1!4x,Read,INT16,' 'grp,g,1!400001.128H,Read,STRING,' 'grp,h,1!400001.20X,Read,STRING,' | read_file neuron
  422
  Nothing was imported: there are 10 faults.
  rows  column   cell             what is right
  2     group    ""               the file has neither a node nor a group, so that it does not say the device: import with device=, the name of the device
  3     name     ""               must have the name of the tag
  4, 6  decimal  "x", "1e999"     must be a number, such as 0.1
  4     address  "1-400001"       "1-400001": must begin with a unit from 0 to 255 and !, such as 1!400001
  5     type     "CHAR"           "CHAR" has no counterpart here: must be INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE, BIT, BOOL, STRING, WORD, DWORD or LWORD
  7     address  "1!400001#WS"    the byte order CDABGHEF is one of 64 bits, and the type int16 is not
  8     address  "1!4x"           "1!4x": after ! come the digit of a table and up to five digits, such as 1!400001
  9     address  "1!400001.128H"  "1!400001.128H": the length of the text must be a number, at most 127 bytes
  10    address  "1!400001.20X"   "1!400001.20X": a text has its length in bytes and H, high byte first, or L, low byte first, such as 1!400001.20H; other letters are not known here
  $ rows 'group,name,type' 'a,b,INT16' | read_file neuron
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the first row must have the columns name, address and type, as in the tables that Neuron exports
  $ printf '' | read_file neuron
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the file is empty
  $ echo '{}' | read_file neuron application/json
  422
  Nothing was imported: there is 1 fault.
  place  what is right
  /tags  must be the JSON of Neuron: an object with "tags", or with "groups" that have "tags"

Options.

  $ for query in 'kepware&unit=256' 'kepware&base=2' 'kepware&byte_order=ABDC' 'kepware&byte_order=CDABGHEF' 'kepware&device=' 'kepware&device=a,b' 'neuron&sheet=x' 'kepware&topic='; do echo "# $query"; rows 'Tag Name,Address' 'a.b,400001' | read_file "$query&dry_run=true"; done
  # kepware&unit=256
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit must be an integer from 0 to 255.","errors":[]}
  # kepware&base=2
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"base must be an integer from 0 to 1.","errors":[]}
  # kepware&byte_order=ABDC
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"byte_order must be ABCD, CDAB, BADC or DCBA.","errors":[]}
  # kepware&byte_order=CDABGHEF
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"byte_order must be ABCD, CDAB, BADC or DCBA.","errors":[]}
  # kepware&device=
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device must be the name of one device, which has all tags of the file.","errors":[]}
  # kepware&device=a,b
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device must be the name of one device, which has all tags of the file.","errors":[]}
  # neuron&sheet=x
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the first row must have the columns name, address and type, as in the tables that Neuron exports
  # kepware&topic=
  422
  Nothing was imported: there is 1 fault.
  rows  column    cell  what is right
  2     Tag Name  "b"   is required

What is written: for KEPServerEX and Ignition; what they cannot say is in a remark, and all of it is read back without a change.

  $ empty
  200
  {"created":0,"changed":0,"deleted":12,"dry_run":false}
  $ cat >own.csv <<'END'
  > device,topic,unit_id,tag,table,address,type,byte_order,bit,byte,length,scale,offset,unit,enabled,description,direction,command_topic
  > odd.1,o/1,15,a,holding_register,10,float32,ABCD,,,,0.1,-40,°C,true,plain,to_modbus,
  > odd.1,,,b.c,holding_register,12,int32,CDAB,,,,1,0,,false,,both,o/1/set
  > odd.1,,,c,holding_register,14,uint8,ABCD,,high,,0.3,0.7,,true,"a [Tagferry: x]",to_modbus,
  > odd.1,,,d,holding_register,15,string,DCBA,,,123,,,,true,text,to_modbus,
  > odd.1,,,e,holding_register,138,string,BADC,,,120,,,,true,,to_modbus,
  > odd.1,,,f,coil,10,bool,,,,,,,,true,,to_mqtt,o/1/f
  > odd.1,,,g,discrete_input,11,bool,,,,,,,,true,,to_modbus,
  > odd.1,,,h,input_register,12,int16,BADC,,,,-2,5,l,true,,to_modbus,
  > odd.1,,,i,holding_register,258,bool,,13,,,,,,true,,to_modbus,
  > odd.1,,,j,holding_register,260,uint64,EFGHABCD,,,,,,,true,,to_modbus,
  > odd.1,,,k,holding_register,264,bcd32,,,,,,,,true,,to_modbus,
  > odd.1,,,l,holding_register,266,int8,,,,,1e-300,1e300,,true,,to_modbus,
  > odd.1,,,m,holding_register,267,float64,GHEFCDAB,,,,1000,,,true,,to_modbus,
  > odd.1,,,n,holding_register,271,bool,,,,,,,,true,,to_modbus,
  > END
  $ api POST '/import?changes=none' -H 'Content-Type: text/csv' --data-binary @own.csv
  200
  {"created":15,"changed":0,"deleted":0,"dry_run":false}
  $ api GET '/export?format=kepware&device=odd.1' | tr -d '\r'
  200
  Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value
  odd.1.a,400011,Float,1,RO,1000,Linear,0,1000,-40,60.00000000000001,Double,0,0,\xc2\xb0C,plain [Tagferry: byte order ABCD],0 (esc)
  odd.1.b.c,400013,Long,1,R/W,1000,,,,,,,,,,"[Tagferry: device odd.1; disabled]",
  odd.1.c,400015,Word,1,RO,1000,Linear,0,1000,0.7,300.7,Double,0,0,,"a [Tagferry: x] [Tagferry: type uint8; byte high]",0
  odd.1.d,400016.240L,String,1,RO,1000,,,,,,,,,,"text [Tagferry: length 123; byte order DCBA]",
  odd.1.e,400139.240L,String,1,RO,1000,,,,,,,,,,,
  odd.1.f,000011,Boolean,1,R/W,1000,,,,,,,,,,,
  odd.1.g,100012,Boolean,1,RO,1000,,,,,,,,,,,
  odd.1.h,300013,Short,1,RO,1000,Linear,0,1000,-5,1995,Double,0,0,l,[Tagferry: byte order BADC],1
  odd.1.i,400259.13,Boolean,1,RO,1000,,,,,,,,,,,
  odd.1.j,400261,QWord,1,RO,1000,,,,,,,,,,[Tagferry: byte order EFGHABCD],
  odd.1.k,400265,LBCD,1,RO,1000,,,,,,,,,,[Tagferry: byte order ABCD],
  odd.1.l,400267,Word,1,RO,1000,,,,,,,,,,"[Tagferry: type int8; scale 1e-300; add 1e+300]",
  odd.1.m,400268,Double,1,RO,1000,Linear,0,1000,0,1000000,Double,0,0,,,0
  odd.1.n,400272,Word,1,RO,1000,,,,,,,,,,[Tagferry: type bool],
  $ api GET '/export?format=ignition&device=odd.1&connection=Line%207'
  200
  {"tags":[
  {"name":"odd_1","tagType":"Folder","tags":[
  {"name":"a","tagType":"AtomicTag","valueSource":"opc","dataType":"Float8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRF11","scaleMode":"Linear","rawLow":0,"rawHigh":1000,"scaledLow":-40,"scaledHigh":60.00000000000001,"clampMode":"No_Clamp","engUnit":"\xc2\xb0C","readOnly":true,"enabled":true,"documentation":"plain [Tagferry: device odd.1]"}, (esc)
  {"name":"b_c","tagType":"AtomicTag","valueSource":"opc","dataType":"Int4","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRI13","enabled":false,"documentation":"[Tagferry: device odd.1; tag b.c; byte order CDAB]"},
  {"name":"c","tagType":"AtomicTag","valueSource":"opc","dataType":"Float8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRUS15","scaleMode":"Linear","rawLow":0,"rawHigh":1000,"scaledLow":0.7,"scaledHigh":300.7,"clampMode":"No_Clamp","readOnly":true,"enabled":true,"documentation":"a [Tagferry: x] [Tagferry: device odd.1; type uint8; byte high]"},
  {"name":"d","tagType":"AtomicTag","valueSource":"opc","dataType":"String","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRS16:246","readOnly":true,"enabled":true,"documentation":"text [Tagferry: device odd.1; byte order DCBA]"},
  {"name":"e","tagType":"AtomicTag","valueSource":"opc","dataType":"String","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRS139:240","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1; byte order BADC]"},
  {"name":"f","tagType":"AtomicTag","valueSource":"opc","dataType":"Boolean","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.C11","enabled":true,"documentation":"[Tagferry: device odd.1]"},
  {"name":"g","tagType":"AtomicTag","valueSource":"opc","dataType":"Boolean","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.DI12","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1]"},
  {"name":"h","tagType":"AtomicTag","valueSource":"opc","dataType":"Float8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.IR13","scaleMode":"Linear","rawLow":0,"rawHigh":1000,"scaledLow":5,"scaledHigh":-1995,"clampMode":"No_Clamp","engUnit":"l","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1; byte order BADC]"},
  {"name":"i","tagType":"AtomicTag","valueSource":"opc","dataType":"Boolean","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HR259.13","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1]"},
  {"name":"j","tagType":"AtomicTag","valueSource":"opc","dataType":"Int8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRUI_64261","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1; byte order EFGHABCD]"},
  {"name":"k","tagType":"AtomicTag","valueSource":"opc","dataType":"Int8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRBCD_32265","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1]"},
  {"name":"l","tagType":"AtomicTag","valueSource":"opc","dataType":"Float8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRUS267","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1; type int8; scale 1e-300; add 1e+300]"},
  {"name":"m","tagType":"AtomicTag","valueSource":"opc","dataType":"Float8","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRD268","scaleMode":"Linear","rawLow":0,"rawHigh":1000,"scaledLow":0,"scaledHigh":1000000,"clampMode":"No_Clamp","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1; byte order GHEFCDAB]"},
  {"name":"n","tagType":"AtomicTag","valueSource":"opc","dataType":"Int4","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[Line 7]15.HRUS272","readOnly":true,"enabled":true,"documentation":"[Tagferry: device odd.1; type bool]"}]}]}
  $ api GET '/export?format=kepware&unit=15' -o kepware.csv >/dev/null; read_file 'kepware&dry_run=true&unit=15' <kepware.csv
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  action     name       address    type     difference
  unchanged  odd.1/a    400011     float32
  unchanged  odd.1/b.c  400013     int32
  unchanged  odd.1/c    400015     uint8
  unchanged  odd.1/d    400016     string
  unchanged  odd.1/e    400139     string
  unchanged  odd.1/f    000011     bool
  unchanged  odd.1/g    100012     bool
  unchanged  odd.1/h    300013     int16
  unchanged  odd.1/i    400259.13  bool
  unchanged  odd.1/j    400261     uint64
  unchanged  odd.1/k    400265     bcd32
  unchanged  odd.1/l    400267     int8
  unchanged  odd.1/m    400268     float64
  unchanged  odd.1/n    400272     bool
  Warnings:
  place  what is right
         Scan Rate: no counterpart here, so ignored
         b.c, f: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ api GET '/export?format=ignition&unit=15' -o ignition.json >/dev/null; read_file 'ignition&dry_run=true&unit=15' application/json <ignition.json
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  action     name       address    type     difference
  unchanged  odd.1/a    400011     float32
  unchanged  odd.1/b.c  400013     int32
  unchanged  odd.1/c    400015     uint8
  unchanged  odd.1/d    400016     string
  unchanged  odd.1/e    400139     string
  unchanged  odd.1/f    000011     bool
  unchanged  odd.1/g    100012     bool
  unchanged  odd.1/h    300013     int16
  unchanged  odd.1/i    400259.13  bool
  unchanged  odd.1/j    400261     uint64
  unchanged  odd.1/k    400265     bcd32
  unchanged  odd.1/l    400267     int8
  unchanged  odd.1/m    400268     float64
  unchanged  odd.1/n    400272     bool
  Warnings:
  place  what is right
         b.c, f: writable in the file, but without a command topic here, so that writes do not reach the device; import with command_topic=, such as plant/{device}/set/{tag}
  $ api GET '/export?format=kepware'
  200
  Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value\r (esc)
  odd.1.a,400011,Float,1,RO,1000,Linear,0,1000,-40,60.00000000000001,Double,0,0,\xc2\xb0C,plain [Tagferry: byte order ABCD],0\r (esc)
  odd.1.b.c,400013,Long,1,R/W,1000,,,,,,,,,,"[Tagferry: device odd.1; disabled]",\r (esc)
  odd.1.c,400015,Word,1,RO,1000,Linear,0,1000,0.7,300.7,Double,0,0,,"a [Tagferry: x] [Tagferry: type uint8; byte high]",0\r (esc)
  odd.1.d,400016.240L,String,1,RO,1000,,,,,,,,,,"text [Tagferry: length 123; byte order DCBA]",\r (esc)
  odd.1.e,400139.240L,String,1,RO,1000,,,,,,,,,,,\r (esc)
  odd.1.f,000011,Boolean,1,R/W,1000,,,,,,,,,,,\r (esc)
  odd.1.g,100012,Boolean,1,RO,1000,,,,,,,,,,,\r (esc)
  odd.1.h,300013,Short,1,RO,1000,Linear,0,1000,-5,1995,Double,0,0,l,[Tagferry: byte order BADC],1\r (esc)
  odd.1.i,400259.13,Boolean,1,RO,1000,,,,,,,,,,,\r (esc)
  odd.1.j,400261,QWord,1,RO,1000,,,,,,,,,,[Tagferry: byte order EFGHABCD],\r (esc)
  odd.1.k,400265,LBCD,1,RO,1000,,,,,,,,,,[Tagferry: byte order ABCD],\r (esc)
  odd.1.l,400267,Word,1,RO,1000,,,,,,,,,,"[Tagferry: type int8; scale 1e-300; add 1e+300]",\r (esc)
  odd.1.m,400268,Double,1,RO,1000,Linear,0,1000,0,1000000,Double,0,0,,,0\r (esc)
  odd.1.n,400272,Word,1,RO,1000,,,,,,,,,,[Tagferry: type bool],\r (esc)
  $ for query in format=kepware\&unit=20 format=kepware\&unit=256 format=ignition\&connection= format=ignition\&connection=a[b format=kepware\&device=nobody format=ignition\&gateway=a/b format=ignition\&gateway=line-9\&unit=20 format=text format=csv\&delimiter=tab format=csv\&unit=1 format=json\&gateway=a format=map\&device=odd.1 device=odd.1,no format=xlsx\&connection=x; do echo "# $query"; api GET "/export?$query" | tr -d '\r'; done
  # format=kepware&unit=20
  200
  Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value
  # format=kepware&unit=256
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit must be an integer from 0 to 255.","errors":[]}
  # format=ignition&connection=
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"connection must be the name of the device connection in Ignition, without brackets.","errors":[]}
  # format=ignition&connection=a[b
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"connection must be the name of the device connection in Ignition, without brackets.","errors":[]}
  # format=kepware&device=nobody
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"nobody\".","errors":[]}
  # format=ignition&gateway=a/b
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"gateway must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'.","errors":[]}
  # format=ignition&gateway=line-9&unit=20
  200
  {"tags":[]}
  # format=text
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"format must be json, csv, xlsx, map, kepware or ignition.","errors":[]}
  # format=csv&delimiter=tab
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"delimiter must be comma or semicolon.","errors":[]}
  # format=csv&unit=1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit goes only with format=kepware or ignition.","errors":[]}
  # format=json&gateway=a
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"gateway goes only with format=kepware or ignition.","errors":[]}
  # format=map&device=odd.1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device does not go with format=map.","errors":[]}
  # device=odd.1,no
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"no\".","errors":[]}
  # format=xlsx&connection=x
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"connection goes only with format=kepware or ignition.","errors":[]}
  $ headers GET '/export?format=kepware&device=odd.1' Content-Type Content-Disposition ETag
  Content-Type: text/csv; charset=utf-8; header=present
  Content-Disposition: attachment; filename="tagferry-kepware.csv"
  ETag: "14"
  $ headers GET '/export?format=ignition&device=odd.1' Content-Type Content-Disposition
  Content-Type: application/json
  Content-Disposition: attachment; filename="tagferry-ignition.json"
  $ headers GET '/export?format=csv' Content-Type Content-Disposition ETag
  Content-Type: text/csv; charset=utf-8; header=present
  Content-Disposition: attachment; filename="tagferry.csv"
  ETag: "14"
  $ headers GET '/export?format=xlsx' Content-Type Content-Disposition
  Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
  Content-Disposition: attachment; filename="tagferry.xlsx"
  $ headers GET '/export?format=json' Content-Type Content-Disposition
  Content-Type: application/json
  $ headers GET '/export?format=map' Content-Type Content-Disposition
  Content-Type: text/html; charset=utf-8
