Import of tables: separators, headers, words, numbers, addresses, names, and where each fault is.
Options: common.units=1-20

  $ table() { api POST "/import?${1-}" -H "Content-Type: ${2-text/csv}" -H 'Accept: text/plain' --data-binary @-; }
  $ rows() { printf '%b\n' "$@"; }

A table is tried, imported, imported again, and changed. The text of the answer is for people; JSON is for programs.

  $ cat >first.csv <<'END'
  > device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,byte,length,scale,offset,on_overflow,on_stale,unit,enabled,description,label
  > press-1,hall/press,12,temp,t,to_modbus,holding_register,100,float32,CDAB,,,,0.1,-40,clamp,nan,°C,true,oil; in,Öl
  > press-1,,,run,/a/b,to_modbus,coil,15,bool,,,,,,,,,,false,,
  > press-1,,,word,w,to_modbus,input_register,10,string,,,,16,,,,,,true,,
  > press-1,,,flag,f,to_modbus,holding_register,200,bool,,11,,,,,,,,true,,
  > press-1,,,low,l,to_modbus,holding_register,201,uint8,,,high,,,,,,,true,,
  > oven,hall/oven,13,,,,,,,,,,,,,,,,,,
  > END
  $ table 'dry_run=true' <first.csv
  200
  Nothing is imported yet, this is a dry run: 7 created, 0 changed, 0 deleted.
  action  name          address    type     difference
  create  press-1
  create  press-1/temp  400101     float32
  create  press-1/run   000016     bool
  create  press-1/word  300011     string
  create  press-1/flag  400201.11  bool
  create  press-1/low   400202     uint8
  create  oven
  Warnings:
  rows  column    cell   what is right
  2     on_stale  "nan"  is written only when the broker is lost: set stale_after_s or availability_topic in the device's mqtt, or on_null to "stale"
  $ table <first.csv
  200
  Imported: 7 created, 0 changed, 0 deleted.
  action  name          address    type     difference
  create  press-1
  create  press-1/temp  400101     float32
  create  press-1/run   000016     bool
  create  press-1/word  300011     string
  create  press-1/flag  400201.11  bool
  create  press-1/low   400202     uint8
  create  oven
  Warnings:
  rows  column    cell   what is right
  2     on_stale  "nan"  is written only when the broker is lost: set stale_after_s or availability_topic in the device's mqtt, or on_null to "stale"
  $ table 'dry_run=true' <first.csv
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  action     name          address    type     difference
  unchanged  press-1/temp  400101     float32
  unchanged  press-1/run   000016     bool
  unchanged  press-1/word  300011     string
  unchanged  press-1/flag  400201.11  bool
  unchanged  press-1/low   400202     uint8
  $ table <first.csv
  200
  Imported: 0 created, 0 changed, 0 deleted.
  $ sed -e 's/,0.1,-40,/,0.25,1e3,/; s/,coil,15,/,coil,16,/; s/^oven,/kiln,/; s/°C/K/' first.csv | table 'changes=none&dry_run=true'
  200
  Nothing is imported yet, this is a dry run: 1 created, 2 changed, 0 deleted.
  $ sed -e 's/,0.1,-40,/,0.25,1e3,/; s/,coil,15,/,coil,16,/; s/^oven,/kiln,/; s/°C/K/' first.csv | table
  200
  Imported: 1 created, 2 changed, 0 deleted.
  action  name          address  type     difference
  change  press-1/temp  400101   float32  unit "\xc2\xb0C" -> "K"; modbus.scale 0.1 -> 0.25; modbus.offset -40 -> 1000 (esc)
  change  press-1/run   000017   bool     modbus.address 15 -> 16
  create  kiln
  $ api GET '/export?format=csv'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,label,byte\r (esc)
  kiln,hall/oven,13,,,,,,,,,,,,,,,,,,\r (esc)
  oven,hall/oven,13,,,,,,,,,,,,,,,,,,\r (esc)
  press-1,hall/press,12,flag,f,to_modbus,holding_register,200,bool,ABCD,11,,1,0,reject,,,true,,,\r (esc)
  press-1,hall/press,12,low,l,to_modbus,holding_register,201,uint8,ABCD,,,1,0,reject,,,true,,,high\r (esc)
  press-1,hall/press,12,run,/a/b,to_modbus,coil,16,bool,ABCD,,,1,0,reject,,,false,,,\r (esc)
  press-1,hall/press,12,temp,t,to_modbus,holding_register,100,float32,CDAB,,,0.25,1000,clamp,nan,K,true,"oil; in",\xc3\x96l,\r (esc)
  press-1,hall/press,12,word,w,to_modbus,input_register,10,string,ABCD,,16,1,0,reject,,,true,,,\r (esc)
  $ api POST '/import?dry_run=true' -H 'Content-Type: text/csv' --data-binary @first.csv
  200
  {"created":0,"changed":2,"deleted":0,"dry_run":true,"changes":[
  {"action":"change","device":"press-1","tag":"temp","table":"holding_register","address":100,"modicon":"400101","before":{"unit":"K","modbus":{"scale":0.25,"offset":1000}},"after":{"unit":"\xc2\xb0C","modbus":{"scale":0.1,"offset":-40}}}, (esc)
  {"action":"change","device":"press-1","tag":"run","table":"coil","address":15,"modicon":"000016","before":{"modbus":{"address":16}},"after":{"modbus":{"address":15}}},
  {"action":"unchanged","device":"press-1","tag":"word","table":"input_register","address":10,"modicon":"300011"},
  {"action":"unchanged","device":"press-1","tag":"flag","table":"holding_register","address":200,"modicon":"400201"},
  {"action":"unchanged","device":"press-1","tag":"low","table":"holding_register","address":201,"modicon":"400202"}]}
  $ api POST '/import?changes=none' -H 'Content-Type: text/csv' --data-binary @first.csv
  200
  {"created":0,"changed":2,"deleted":0,"dry_run":false}
  $ table 'mode=replace&confirm=1' <<'END'
  > device,topic,tag
  > press-1,hall/press,temp
  > END
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"confirm is 1, but this deletes 4 objects: 0 devices and 4 tags that the file does not have. Nothing was changed."}],"confirm":4}
  $ table 'mode=replace&dry_run=true' <<'END'
  > device,topic,tag
  > press-1,hall/press,temp
  > END
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 4 deleted.
  action     name          address    type     difference
  unchanged  press-1/temp  400101     float32
  delete     press-1/word  300011     string
  delete     press-1/run   000016     bool
  delete     press-1/low   400202     uint8
  delete     press-1/flag  400201.11  bool
  $ table 'mode=replace&confirm=4' <<'END'
  > device,topic,tag
  > press-1,hall/press,temp
  > END
  200
  Imported: 0 created, 0 changed, 4 deleted.
  action  name          address    type    difference
  delete  press-1/word  300011     string
  delete  press-1/run   000016     bool
  delete  press-1/low   400202     uint8
  delete  press-1/flag  400201.11  bool
  $ table 'mode=replace&device=kiln,oven&confirm=0' <<'END'
  > device,topic,tag
  > oven,hall/oven,x
  > END
  200
  Imported: 1 created, 0 changed, 0 deleted.
  action  name    address  type     difference
  create  oven/x  400001   float32
  $ table 'mode=replace&device=kiln,oven,nowhere&confirm=0' <<'END'
  > device,topic,tag
  > oven,hall/oven,x
  > END
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device: neither the store nor the file has a device \"nowhere\".","errors":[]}
  $ api GET '/export?format=csv'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,label\r (esc)
  kiln,hall/oven,13,,,,,,,,,,,,,,,,,\r (esc)
  oven,hall/oven,13,x,x,to_modbus,holding_register,0,float32,ABCD,,,1,0,reject,,,true,,\r (esc)
  press-1,hall/press,12,temp,t,to_modbus,holding_register,100,float32,CDAB,,,0.1,-40,clamp,nan,\xc2\xb0C,true,"oil; in",\xc3\x96l\r (esc)

Separators: a comma, a semicolon, a tab; a line sep=; a byte order mark; any end of line; quotes.

  $ rows 'device;topic;tag;scale' 's;a/s;x;1,5' 's;a/s;y;1.000,25' | table
  200
  Imported: 3 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  s
  create  s/x   400001   float32
  create  s/y   400003   float32
  $ rows 'device\ttopic\ttag\tdescription' 's\ta/s\tx\ta, b, c' | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "" -> "a, b, c"
  $ rows 'sep=;' 'device;topic;tag;description' 's;a/s;x;d,e' | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "a, b, c" -> "d,e"
  $ rows '"sep=,"' 'device,topic,tag,description' 's,a/s,x,e;f;g;h' | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "d,e" -> "e;f;g;h"
  $ rows '\xef\xbb\xbfsep=\t' 'device\ttopic\ttag\tdescription' 's\ta/s\tx\tg' | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "e;f;g;h" -> "g"
  $ rows '\xef\xbb\xbfdevice,topic,tag,description\r' 's,a/s,x,"h ""q"" i"\r' | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "g" -> "h \"q\" i"
  $ printf 'device,topic,tag,description\rs,a/s,x,"two\rlines"\rs,a/s,,\rs,a/s,y,third\r' | table
  200
  Imported: 0 created, 2 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "h \"q\" i" -> "two\rlines"
  change  s/y   400003   float32  description "" -> "third"
  $ printf 'device,topic,tag,description\n\n\ns,a/s,x,"one\ntwo\r\nthree"\n\n,,,\ns,a/s,y\n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  9                   has 3 fields, but the header has 4
  $ printf 'device,topic,tag,description\ns,a/s,x,caf\xe9\n' | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "two\\rlines" -> "caf\xc3\xa9" (esc)
  Warnings:
  rows  column  cell  what is right
  1                   the file is not UTF-8 and was read as Windows-1252; check the letters beyond ASCII, or save the table as "CSV UTF-8"
  $ rows '\xef\xbb\xbfdevice,topic,tag,description' 's,a/s,x,ä €' | iconv -f UTF-8 -t UTF-16LE | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "caf\xc3\xa9" -> "\xc3\xa4 \xe2\x82\xac" (esc)
  $ rows '\xef\xbb\xbfdevice\ttopic\ttag\tdescription' 's\ta/s\tx\t𝄞' | iconv -f UTF-8 -t UTF-16BE | table
  200
  Imported: 0 created, 1 changed, 0 deleted.
  action  name  address  type     difference
  change  s/x   400001   float32  description "\xc3\xa4 \xe2\x82\xac" -> "\xf0\x9d\x84\x9e" (esc)
  $ (rows '\xef\xbb\xbfdevice\ttopic\ttag' 's\ta/s\tx' | iconv -f UTF-8 -t UTF-16LE; printf x) | table
  200
  Imported: 0 created, 0 changed, 0 deleted.
  $ printf 'device,topic,tag,description\ns,a/s,x,\x80 \x81 \x9f \xff\n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   is not UTF-8, or has a NUL; save the table as "CSV UTF-8"
  $ printf 'device,topic,tag,description\ns,a/s,x,nul\0nul\ns,a/s,y,z\n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   is not UTF-8, or has a NUL; save the table as "CSV UTF-8"
  $ printf 'device,topic,tag,description\ns,a/s,x,"open\ns,a/s,y,z\n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   a quoted field is not closed, or text follows its closing quote
  $ printf 'device,topic,tag,description\ns,a/s,x,"closed" text,\nt,"a/t"x,x\ns,a/s,y,z,zz\ns,a/s,y\ns,a/s,y,,,,\n' | table
  422
  Nothing was imported: there are 4 faults.
  rows  column  cell  what is right
  2-3                 a quoted field is not closed, or text follows its closing quote
  4                   has 5 fields, but the header has 4
  5                   has 3 fields, but the header has 4
  $ printf '' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the header row is missing
  $ printf '\n\n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   the header row is missing
  $ printf '"a\n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   a quoted field is not closed, or text follows its closing quote

The header: the first row that names a tag and another column, within the first 20 rows; words in other languages; what is not known.

  $ (printf 'list %s,of\n' {1..19}; rows 'device,topic,tag,description' 'h,a/h,x,row 21') | table
  200
  Imported: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  h
  create  h/x   400005   float32
  $ (printf 'list %s,of\n' {1..20}; rows 'device,topic,tag,description' 'h,a/h,x,row 22') | table
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  1     tag           this column, with the names of the tags, is required
  Warnings:
  rows  column  cell  what is right
  1     list 1        this column is ignored: it is none of the table
  1     of            this column is ignored: it is none of the table
  $ rows 'Gerät;MQTT-Topic;Slave ID;Datenpunkt;Schlüssel;Registerart;Adresse (Modbus);Datentyp;Faktor;Versatz;Einheit [SI];Aktiv;Bemerkung' \
  >      'w;a/w;14;d1;k1;Halteregister;11;Real;0,5;2;kg;nein;erste' 'w;;;d2;k2;Eingangsregister;12;INT;;;;x;zweite' 'w;;;d3;k3;DI;13;bool;;;;ja;' | table
  200
  Imported: 4 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  w
  create  w/d1  400012   float32
  create  w/d2  300013   int16
  create  w/d3  100014   bool
  $ rows 'device,topic,Bezeichnung' 'l,a/l,Öl 1' 'l,,Öl 1' 'l,,oel-1' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column       cell    what is right
  3     Bezeichnung  "\xc3\x96l 1"  already appears in an earlier row (esc)
  Warnings:
  rows  column       cell    what is right
  2     Bezeichnung  "\xc3\x96l 1"  "\xc3\x96l 1" became Oel_1: a name has only letters, digits, '.', '_' and '-'; the label keeps the original (esc)
  $ rows 'device,topic,label,name' 'l,a/l,Öl 1,oil' | table
  200
  Imported: 2 created, 0 changed, 0 deleted.
  action  name   address  type     difference
  create  l
  create  l/oil  400007   float32
  $ rows 'device,topic,tag,tag,name,adress,adres,foo,,tgas,endian,byte_order' 'l,a/l,x,y,z,1,2,3,4,5,6,7' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     tag           appears more than once
  Warnings:
  rows  column  cell  what is right
  1     name          this column is ignored: the file has a column tag, too
  1     adres         this column is ignored: it is none of the table; the column address has a similar name
  1     foo           this column is ignored: it is none of the table
  1     tgas          this column is ignored: it is none of the table
  1     endian        this column is ignored: the file has a column byte_order, too
  $ rows 'device,topic,tag,foo,,adres' 'l,a/l,lx,3,4,5' 'l,a/l,ly,,6,' | table
  200
  Imported: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  l/lx  400009   float32
  create  l/ly  400011   float32
  Warnings:
  rows  column  cell  what is right
  1     foo           this column is ignored: it is none of the table
  1     adres         this column is ignored: it is none of the table; the column address has a similar name
  2                   "4" is in a column that has no name; the column is ignored
  $ rows "device,topic,tag,$(printf 'ä%.0s' {1..32}),$(printf 'x%.0s' {1..65}),x$(printf 'ä%.0s' {1..32})" 'l,a/l,lz,1,2,3' | table
  200
  Imported: 1 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  l/lz  400013   float32
  Warnings:
  rows  column                            cell  what is right
  1     \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4        this column is ignored: it is none of the table (esc)
  1     xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx        this column is ignored: it is none of the table
  1     x\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4        this column is ignored: it is none of the table (esc)
  $ rows 'topic,tag' 'a/l,x' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  $ rows 'device,topic' 'l,a/l' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     tag           this column, with the names of the tags, is required
  $ rows 'one,two,three' '1,2,3' | table
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  1     tag           this column, with the names of the tags, is required
  Warnings:
  rows  column  cell  what is right
  1     one           this column is ignored: it is none of the table
  1     two           this column is ignored: it is none of the table
  1     three         this column is ignored: it is none of the table
  $ rows 'tag,type' 'x,int16' | table 'device=noun&topic=a/noun/{device}/{tag}'
  200
  Imported: 2 created, 0 changed, 0 deleted.
  action  name    address  type   difference
  create  noun
  create  noun/x  400015   int16
  $ rows 'device,tag,type' 'noun,x,int16' | table 'device=noun&topic=a/noun'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     device        the table has this column: device= in the query is for one without it, or bounds what mode=replace deletes
  $ rows 'device,tag,type' 'noun,x,int16' | table 'device=noun&mode=replace&topic=a/noun&dry_run=true'
  200
  Nothing is imported yet, this is a dry run: 0 created, 1 changed, 0 deleted.
  action     name    address  type   difference
  change     noun                    mqtt.topic "a/noun/noun/{tag}" -> "a/noun"
  unchanged  noun/x  400015   int16
  $ rows 'tag,type' 'x,int16' | table 'device=noun,nouns&topic=a'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  $ rows "device,topic,tag$(printf ',c%s' {1..189})" "m,a/m,x$(printf ',%s' {1..189})" | table | cut -c1-100 | sed -n '1,5p;$p'
  200
  Imported: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  m
  create  m/x   400017   float32
  1     c189          this column is ignored: it is none of the table
  $ rows "device,topic,tag$(printf ',c%s' {1..190})" "m,a/m,x$(printf ',%s' {1..190})" | table | cut -c1-100 | sed -n '1,5p;$p'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1                   there are more than 192 columns
  Warnings:
  1     c189          this column is ignored: it is none of the table

The number of fields: blank ones at the end do not matter; others do.

  $ printf 'device,topic,tag\nn,a/n,x,,,\nn,a/n\nn,a/n,y,1\nn,a/n,z,,2\n' | table
  422
  Nothing was imported: there are 3 faults.
  rows  column  cell  what is right
  3                   has 2 fields, but the header has 3
  4                   has 4 fields, but the header has 3
  5                   has 5 fields, but the header has 3

Numbers, with each mark. A file with commas has points; the others have what most of their numbers say.

  $ numbers() { rows "device$1topic$1tag$1scale"; for cell in "${@:2}"; do echo "num$1a/num$1t$((++n))$1$cell"; done; }
  $ n=0; numbers ',' 1.5 -0.25 1e-3 +7 .5 '"1 000.5"' "1'000" '"1,000.5"' '"1,5"' '"1.000,5"' 1.5.2026 01.05. 05-Jan 1/5/26 2026-05-01 '#REF!' '###' '##' Err:502 x 1.2.3 0x10 1e999 --1 '1 00' NaN | table
  422
  Nothing was imported: there are 18 faults.
  rows               column  cell                                what is right
  10-11              scale   "1,5", "1.000,5"                    must be a number such as 1000.5; a decimal comma is accepted only in files whose separator is ; or a tab
  12-16, 22          scale   "1.5.2026", "01.05.", "05-Jan" ...  is a date, which a spreadsheet may have made of a number such as 1.5; give the column the format text and write the number again
  17-18, 20          scale   "#REF!", "###", "Err:502"           is an error of the spreadsheet; mend the formula, or write the value
  19, 21, 23, 25-27  scale   "##", "x", "0x10" ...               must be a number
  24                 scale   "1e999"                             must be a number in the range of a 64-bit float
  $ n=0; numbers ';' 1,5 1.000,5 1.000.000 1.000 1,000 '1 000,5' "1'000'000,25" 1e3 ',5' 1.5 1,000.5 1,2,3 | table
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell     what is right
  5     scale   "1.000"  may be 1 or 1000: write it without the point, or with a decimal comma
  13    scale   "1,2,3"  must be a number
  $ n=0; numbers ';' 1.000 2.500 | table
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell     what is right
  2     scale   "1.000"  may be 1 or 1000: write it without the point, or with a decimal comma
  3     scale   "2.500"  may be 2.5 or 2500: write it without the point, or with a decimal comma
  $ n=0; numbers ';' 1.000 2.5 | table
  200
  Imported: 3 created, 0 changed, 0 deleted.
  action  name    address  type     difference
  create  num
  create  num/t1  400019   float32
  create  num/t2  400021   float32
  $ n=0; numbers ';' 1.000 2,5 '1 000' 1.000.000 | table
  200
  Imported: 2 created, 1 changed, 0 deleted.
  action  name    address  type     difference
  change  num/t1  400019   float32  modbus.scale 1 -> 1000
  create  num/t3  400023   float32
  create  num/t4  400025   float32
  $ n=0; numbers ';' 1,000.25 1,000 1.5 1,000,000 | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell     what is right
  3     scale   "1,000"  must be a number such as 1000.5; a decimal comma is accepted only in files whose separator is ; or a tab
  $ n=0; numbers ';' 1,000 1.000 | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell     what is right
  3     scale   "1.000"  may be 1 or 1000: write it without the point, or with a decimal comma

Addresses: of Modicon, offsets with a table, thousands, bits, other notations; function codes are tables.

  $ addresses() { rows "device,topic,unit_id,tag,address,type"; for cell in "$@"; do echo "ad,a/ad,2,t$((++n)),$cell,int16"; done; }
  $ n=0; addresses 400001 40002 465536 465537 365535 300003 0 65535 '"400,101"' 400.102 '400 103' 4x00104 4x104 %MW105 3x00106 HR1 IR1 %MD5 %MF5 %ML5 %MB5 %IW5 %QW5 DB1.DBW2 0x10 abc 1.5.2026 '#N/A' 500001 | table
  422
  Nothing was imported: there are 20 faults.
  rows        column   cell                        what is right
  5, 8-9, 30  address  "465537", "0", "65535" ...  is not a Modicon address; an offset from 0 needs a table in the column table
  11          address  "400.102"                   must be an offset from 0, or a Modicon address such as "40101", "400101", "4x00101", "%MW100"
  13          address                              holding_register 103 (400104) in unit 2 belongs to ad/t13
  14          address                              holding_register 103 (400104) in unit 2 belongs to ad/t12
  17          address  "HR1"                       HR1 is register 0 in one product and 1 in another: write 400001
  18          address  "IR1"                       IR1 is register 0 in one product and 1 in another: write 300001
  19          address  "%MD5"                      %MD is two registers, but which ones depends on the controller: write the first one, such as %MW100, and a type of 32 bits
  20          address  "%MF5"                      %MF is two registers, but which ones depends on the controller: write the first one, such as %MW100, and the type float32
  21          address  "%ML5"                      %ML is four registers, but which ones depends on the controller: write the first one, such as %MW100, and a type of 64 bits
  22          address  "%MB5"                      %MB is a byte: write its register, such as %MW50
  23          address  "%IW5"                      %I lies in another Modbus table in each controller: write the table and the offset
  24          address  "%QW5"                      %Q lies in another Modbus table in each controller: write the table and the offset
  25          address  "DB1.DBW2"                  is an address of a Siemens data block, which is not Modbus: write the register
  26          address  "0x10"                      looks hexadecimal: write five digits after 0x for a coil, such as 0x00101
  27, 29      address  "abc", "#N/A"               must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3
  28          address  "1.5.2026"                  is a date, which a spreadsheet may have made of a number such as 1.5; give the column the format text and write the number again
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  $ n=0; addresses 400210.3 400211.15 400212.16 400213.0 %MX214.3 %MX215.8 %MX216.16 %MX65536.0 %MX1 %IX1.2 %QX8191.7 %QX8192.0 %IX1.8 40217:5 40218:X6 40219.1X 100001.2 | sed 's/,int16$/,/' | table
  422
  Nothing was imported: there are 10 faults.
  rows   column   cell                       what is right
  4      address  "400212.16"                the bit behind the point must be from 0 to 15
  4      address                             bit 0 of holding_register 212 (400213.0) in unit 2 belongs to ad/t4
  5      address                             holding_register 211 to 212 (400212 to 400213) in unit 2 belong to ad/t3
  8-9    address  "%MX216.16", "%MX65536.0"  must be word 0 to 65535 and bit 0 to 15
  10     address  "%MX1"                     must name a word and a bit, such as %MX100.3
  13-14  address  "%QX8192.0", "%IX1.8"      must be byte 0 to 8191 and bit 0 to 7
  17     address  "40219.1X"                 the bit must be a number from 0 to 15, 0 the least significant
  18     bit                                 must be null in the table discrete_input
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  Warnings:
  rows   column   cell                   what is right
  6      address  "%MX214.3"             is read as a bit of word %MW; controllers that count bytes (CODESYS 3, EcoStruxure) mean another register: write %MW50.3 for theirs
  11-12  address  "%IX1.2", "%QX8191.7"  is read as bit 8 \xc3\x97 byte + bit of the table, as in OpenPLC (esc)
  15     address  "40217:5"              is read as a bit of the register, 0 the least significant
  $ n=0; addresses 400001 40002 465536 365535 300003 '"400,101"' '400 103' 4x00104 %MW105 3x00106 | table
  200
  Imported: 11 created, 0 changed, 0 deleted.
  action  name    address  type   difference
  create  ad
  create  ad/t1   400001   int16
  create  ad/t2   400002   int16
  create  ad/t3   465536   int16
  create  ad/t4   365535   int16
  create  ad/t5   300003   int16
  create  ad/t6   400101   int16
  create  ad/t7   400103   int16
  create  ad/t8   400104   int16
  create  ad/t9   400106   int16
  create  ad/t10  300106   int16
  $ n=10; addresses 400210.3 400211.15 %MX214.3 %MX215.8 %IX1.2 %QX8191.7 40217:5 40218:X6 | sed 's/,int16$/,/' | table
  200
  Imported: 8 created, 0 changed, 0 deleted.
  action  name    address    type  difference
  create  ad/t11  400210.3   bool
  create  ad/t12  400211.15  bool
  create  ad/t13  400215.3   bool
  create  ad/t14  400216.8   bool
  create  ad/t15  100011     bool
  create  ad/t16  065536     bool
  create  ad/t17  400217.5   bool
  create  ad/t18  400218.6   bool
  Warnings:
  rows  column   cell                   what is right
  4     address  "%MX214.3"             is read as a bit of word %MW; controllers that count bytes (CODESYS 3, EcoStruxure) mean another register: write %MW50.3 for theirs
  6-7   address  "%IX1.2", "%QX8191.7"  is read as bit 8 \xc3\x97 byte + bit of the table, as in OpenPLC (esc)
  8     address  "40217:5"              is read as a bit of the register, 0 the least significant
  $ api GET '/export?format=csv&device=ad'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description\r (esc)
  ad,a/ad,2,t1,t1,to_modbus,holding_register,0,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t10,t10,to_modbus,input_register,105,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t11,t11,to_modbus,holding_register,209,bool,ABCD,3,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t12,t12,to_modbus,holding_register,210,bool,ABCD,15,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t13,t13,to_modbus,holding_register,214,bool,ABCD,3,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t14,t14,to_modbus,holding_register,215,bool,ABCD,8,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t15,t15,to_modbus,discrete_input,10,bool,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t16,t16,to_modbus,coil,65535,bool,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t17,t17,to_modbus,holding_register,216,bool,ABCD,5,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t18,t18,to_modbus,holding_register,217,bool,ABCD,6,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t2,t2,to_modbus,holding_register,1,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t3,t3,to_modbus,holding_register,65535,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t4,t4,to_modbus,input_register,65534,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t5,t5,to_modbus,input_register,2,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t6,t6,to_modbus,holding_register,100,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t7,t7,to_modbus,holding_register,102,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t8,t8,to_modbus,holding_register,103,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  ad,a/ad,2,t9,t9,to_modbus,holding_register,105,int16,ABCD,,,1,0,reject,,,true,\r (esc)
  $ rows 'device,topic,tag,table,address,type,unit_id' 'of,a/of,a,holding_register,65535,int16,3' 'of,a/of,b,holding_register,65536,int16,' 'of,a/of,c,coil,65535,bool,' \
  >      'of,a/of,d,input_register,65534,float32,' 'of,a/of,e,input_register,65535,float32,' 'of,a/of,f,holding_register,400101,int16,' 'of,a/of,g,input_register,400102,int16,' \
  >      'of,a/of,h,holding,-1,int16,' 'of,a/of,i,,100,int16,' 'of,a/of,j,holdng_register,7,int16,' | table
  422
  Nothing was imported: there are 6 faults.
  rows  column   cell               what is right
  3     address  "65536"            is greater than 65535, the last offset, and no Modicon address
  6     address  "65535"            2 registers from this address go beyond the last one, 65535
  8     address  "400102"           400102 is in holding_register, but table is input_register
  9     address  "-1"               must be an integer from 0 to 65535
  10    address  "100"              is not a Modicon address; an offset from 0 needs a table in the column table
  11    table    "holdng_register"  must be one of coil, discrete_input, input_register, holding_register; holding_register is similar
  $ rows 'device,topic,unit_id,tag,address,bit,type' 'bi,a/bi,4,a,400210.3,3,' 'bi,a/bi,4,b,400211.3,4,' 'bi,a/bi,4,c,400212.03,,bool' 'bi,a/bi,4,d,400213,16,bool' 'bi,a/bi,4,e,400214,15,bool' 'bi,a/bi,4,f,400215,x,bool' 'bi,a/bi,4,g,400216.3,,int16' | table
  422
  Nothing was imported: there are 5 faults.
  rows  column  cell       what is right
  3     bit     "4"        differs from the bit in the address
  3, 8  bit     "4", ""    is allowed only for the type bool
  5, 7  bit     "16", "x"  must be an integer from 0 to 15
  $ rows 'device,topic,unit_id,tag,FC,address,type' 'fc,a/fc,5,a,3,10,int16' 'fc,a/fc,5,b,"3,16",11,int16' 'fc,a/fc,5,c,FC04,12,int16' 'fc,a/fc,5,d,0x02,13,bool' 'fc,a/fc,5,e,1/5/15,14,bool' \
  >      'fc,a/fc,5,f,3/4,15,int16' 'fc,a/fc,5,g,22+23,16,int16' 'fc,a/fc,5,h,7,17,int16' 'fc,a/fc,5,i,6;3,18,int16' 'fc,a/fc,5,j,24,19,int16' 'fc,a/fc,5,k,holding,20,int16' | table
  422
  Nothing was imported: there are 3 faults.
  rows      column  cell              what is right
  7, 9, 11  FC      "3/4", "7", "24"  must be one of coil, discrete_input, input_register, holding_register
  $ rows 'device,topic,unit_id,tag,Function Code,address,type' 'fc,a/fc,5,a,3,10,int16' 'fc,a/fc,5,b,"3,16",11,int16' 'fc,a/fc,5,c,FC04,12,int16' 'fc,a/fc,5,d,0x02,13,bool' 'fc,a/fc,5,e,1/5/15,14,bool' 'fc,a/fc,5,i,6;3,18,int16' 'fc,a/fc,5,g,22+23,16,int16' | table
  200
  Imported: 8 created, 0 changed, 0 deleted.
  action  name  address  type   difference
  create  fc
  create  fc/a  400011   int16
  create  fc/b  400012   int16
  create  fc/c  300013   int16
  create  fc/d  100014   bool
  create  fc/e  000015   bool
  create  fc/i  400019   int16
  create  fc/g  400017   int16

Words of types, byte orders, bytes, directions and flags; a text with its length.

  $ rows 'device,topic,tag,type,byte_order,byte,length,enabled' 'wo,a/wo,a,REAL,Big Endian,,,1' 'wo,a/wo,b,dint,word swap,,2,0' 'wo,a/wo,c,U_INT,little-endian,,1,ja' 'wo,a/wo,d,Byte,,MSB,1,nein' \
  >      'wo,a/wo,e,STRING[16],,,,on' 'wo,a/wo,f,string(17),,,,off' 'wo,a/wo,g,string[250],,,,true' 'wo,a/wo,h,string [3],byte swap,,9,x' 'wo,a/wo,i,LREAL,BADC,,4,y' 'wo,a/wo,j,INT64,EFGHABCD,,4,n' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell           what is right
  8     type    "string[250]"  the length in registers must be an integer from 1 to 123
  $ rows 'device,topic,tag,type,byte_order,byte,length,enabled' 'wo,a/wo,a,REAL,Big Endian,,,1' 'wo,a/wo,b,dint,word swap,,2,0' 'wo,a/wo,c,U_INT,little-endian,,1,ja' 'wo,a/wo,d,Byte,,MSB,1,nein' 'wo,a/wo,e,STRING[16],,,,on' 'wo,a/wo,f,string(17),,,,off' 'wo,a/wo,g,string[246],,,,true' 'wo,a/wo,h,string [3],byte swap,,9,x' 'wo,a/wo,i,LREAL,BADC,,4,y' 'wo,a/wo,j,INT64,EFGHABCD,,4,n' | table
  200
  Imported: 11 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  wo
  create  wo/a  400027   float32
  create  wo/b  400029   int32
  create  wo/c  400031   uint16
  create  wo/d  400032   uint8
  create  wo/e  400033   string
  create  wo/f  400041   string
  create  wo/g  400051   string
  create  wo/h  400175   string
  create  wo/i  400185   float64
  create  wo/j  400189   int64
  $ api GET '/export?format=csv&device=wo'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,byte\r (esc)
  wo,a/wo,1,a,a,to_modbus,holding_register,26,float32,ABCD,,,1,0,reject,,,true,,\r (esc)
  wo,a/wo,1,b,b,to_modbus,holding_register,28,int32,CDAB,,,1,0,reject,,,false,,\r (esc)
  wo,a/wo,1,c,c,to_modbus,holding_register,30,uint16,DCBA,,,1,0,reject,,,true,,\r (esc)
  wo,a/wo,1,d,d,to_modbus,holding_register,31,uint8,ABCD,,,1,0,reject,,,false,,high\r (esc)
  wo,a/wo,1,e,e,to_modbus,holding_register,32,string,ABCD,,8,1,0,reject,,,true,,\r (esc)
  wo,a/wo,1,f,f,to_modbus,holding_register,40,string,ABCD,,9,1,0,reject,,,false,,\r (esc)
  wo,a/wo,1,g,g,to_modbus,holding_register,50,string,ABCD,,123,1,0,reject,,,true,,\r (esc)
  wo,a/wo,1,h,h,to_modbus,holding_register,174,string,BADC,,9,1,0,reject,,,true,,\r (esc)
  wo,a/wo,1,i,i,to_modbus,holding_register,184,float64,BADC,,,1,0,reject,,,true,,\r (esc)
  wo,a/wo,1,j,j,to_modbus,holding_register,188,int64,EFGHABCD,,,1,0,reject,,,false,,\r (esc)
  $ rows 'device,topic,tag,type,byte_order,byte,length,enabled' 'wp,a/wp,a,string[251],,,,1' 'wp,a/wp,b,string[0],,,,2' 'wp,a/wp,c,string[1234],,,,' 'wp,a/wp,d,string[16,,,,maybe' 'wp,a/wp,e,integer,,,,true' \
  >      'wp,a/wp,f,flaot32,,,,true' 'wp,a/wp,g,REAL?,,,,true' 'wp,a/wp,h,int16,ABDC,,2,true' 'wp,a/wp,i,uint8,,lwo,,true' 'wp,a/wp,j,float32,,,3,true' 'wp,a/wp,k,float32,CDABGHEF,,,true' | table
  422
  Nothing was imported: there are 14 faults.
  rows   column      cell                         what is right
  2-3    type        "string[251]", "string[0]"   the length in registers must be an integer from 1 to 123
  3, 5   enabled     "2", "maybe"                 must be true or false, 1 or 0
  4-5    type        "string[1234]", "string[16"  must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8
  6      type        "integer"                    is 16 bits in some programs and 32 in others: write int16, uint16, int32 or uint32
  7-8    type        "flaot32", "REAL?"           must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8; float32 is similar
  9      byte_order  "ABDC"                       must be one of ABCD, CDAB, BADC, DCBA, ABCDEFGH, BADCFEHG, CDABGHEF, DCBAHGFE, EFGHABCD, FEHGBADC, GHEFCDAB, HGFEDCBA; ABCD is similar
  9, 11  length      "2", "3"                     is allowed only for the type string
  10     byte        "lwo"                        must be one of low, high; low is similar
  12     byte_order  "CDABGHEF"                   has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or DCBA for the type float32
  $ rows 'device,topic,tag,enabled,direction' 'fl,a/fl,a,x,r' 'fl,a/fl,b,,lesen' 'fl,a/fl,c,✓,const' 'fl,a/fl,d,,wo' | table
  422
  Nothing was imported: there are 3 faults.
  rows  column         cell  what is right
  3     enabled              an empty cell means the default, but other rows say yes with a mark: write yes or no in each row
  4     constant             is required for direction constant: the value of the registers
  5     command_topic        is required for direction to_mqtt
  $ rows 'device,topic,tag,direction,command_topic' 'di,a/di,a,R/W,' 'di,a/di,b,rw,' 'di,a/di,c,read/write,a/di/set' 'di,a/di,d,ro,' | table
  200
  Imported: 5 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  di
  create  di/a  400193   float32
  create  di/b  400195   float32
  create  di/c  400197   float32
  create  di/d  400199   float32
  Warnings:
  rows  column     cell  what is right
  2     direction        2 tags may be written, but have no command topic, so that writes do not reach the device: the direction is to_modbus; import with command_topic=, such as plant/{device}/set/{tag}
  $ rows 'device,topic,tag,direction,command_topic' 'dj,a/dj,a,both,' 'dj,a/dj,b,to_mqtt,' 'dj,a/dj,c,write only,' 'dj,a/dj,d,biht,' | table
  422
  Nothing was imported: there are 4 faults.
  rows  column         cell    what is right
  2     command_topic  ""      is required for direction both
  3-4   command_topic  ""      is required for direction to_mqtt
  5     direction      "biht"  must be one of to_modbus, to_mqtt, both, constant, companion
  $ rows 'device,tag,direction' 'dk,a,R/W' 'dk,b,W' 'dk,c,R' | table 'topic=plant/{device}&command_topic=plant/{device}/set/{tag}&changes=all'
  200
  Imported: 4 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  dk
  create  dk/a  400201   float32
  create  dk/b  400203   float32
  create  dk/c  400205   float32
  $ api GET '/export?format=csv&device=dk,di'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,command_topic\r (esc)
  di,a/di,1,a,a,to_modbus,holding_register,192,float32,ABCD,,,1,0,reject,,,true,,\r (esc)
  di,a/di,1,b,b,to_modbus,holding_register,194,float32,ABCD,,,1,0,reject,,,true,,\r (esc)
  di,a/di,1,c,c,both,holding_register,196,float32,ABCD,,,1,0,reject,,,true,,a/di/set\r (esc)
  di,a/di,1,d,d,to_modbus,holding_register,198,float32,ABCD,,,1,0,reject,,,true,,\r (esc)
  dk,plant/dk,1,a,a,both,holding_register,200,float32,ABCD,,,1,0,reject,,,true,,plant/dk/set/a\r (esc)
  dk,plant/dk,1,b,b,to_mqtt,holding_register,202,float32,ABCD,,,1,0,reject,,,true,,plant/dk/set/b\r (esc)
  dk,plant/dk,1,c,c,to_modbus,holding_register,204,float32,ABCD,,,1,0,reject,,,true,,\r (esc)
  $ rows 'device,topic,tag,direction' 'dl,a/dl,a,R/W' | table 'command_topic=plant/%23/{tag}'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   command_topic=plant/#/a in the query: the topic must be an MQTT topic without wildcards, without control characters, with at most 200 slashes
  $ rows 'device,tag' 'dm,a' | table 'topic=plant/%23/{tag}/{device'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2                   topic=plant/#/{tag}/{device in the query: the topic must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes

Names: what is not a name is made plain, and kept as the label; equal ones get a number.

  $ rows 'device,topic,tag,label' 'Presse 1,p/1,Öl Temp,' 'Presse 1,,Öl-Temp,' 'Presse 1,,Öl Temp.,mine' 'Presse-1,p/2,a b,' 'presse 1,p/3,a/b,' | table
  200
  Imported: 8 created, 0 changed, 0 deleted.
  action  name                 address  type     difference
  create  Presse_1
  create  Presse-1
  create  presse_1
  create  Presse_1/Oel_Temp    400207   float32
  create  Presse_1/Oel-Temp    400209   float32
  create  Presse_1/Oel_Temp_2  400211   float32
  create  Presse-1/a_b         400213   float32
  create  presse_1/a_b         400215   float32
  Warnings:
  rows  column  cell        what is right
  2     device  "Presse 1"  "Presse 1" became Presse_1, and 6 more like this: a name has only letters, digits, '.', '_' and '-'; the label keeps the original
  $ rows 'device,topic,tag' 'Presse 1,p/1,Öl Temp' 'Presse 1,,Öl Temp' 'Presse 1,,Oel_Temp' 'Presse 1,,!!!' | table
  422
  Nothing was imported: there are 3 faults.
  rows  column  cell        what is right
  3     tag     "\xc3\x96l Temp"   already appears in an earlier row (esc)
  4     tag     "Oel_Temp"  is what "\xc3\x96l Temp" of an earlier row was made; change one of the two (esc)
  5     tag     "!!!"       must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'
  Warnings:
  rows  column  cell        what is right
  2     device  "Presse 1"  "Presse 1" became Presse_1, and 1 more like this: a name has only letters, digits, '.', '_' and '-'; the label keeps the original
  $ rows 'device,topic,tag' "$(printf 'n%.0s' {1..64}),p/n,$(printf 't%.0s' {1..64})" "$(printf 'n%.0s' {1..65}),p/m,$(printf 't%.0s' {1..65})" | table
  200
  Imported: 4 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
  create  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn_2
  create  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn/tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt  400217   float32
  create  nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn_2/tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt  400219   float32
  Warnings:
  rows  column  cell  what is right
  3     device  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" became nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn_2, and 1 more like this: a name has only letters, digits, '.', '_' and '-'; the label keeps the original
  $ rows 'device,topic,tag' "q,p/q,$(printf 'ä%.0s' {1..128})" "q,p/q,$(printf 'ö%.0s' {1..129})" | table | sed 's/ö*ö/O/g; s/ä*ä/A/g'
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  3     tag     "OOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOO\xc3\xb6"  is made plain, and as a label it must have at most 128 characters, but has 129 (esc)
  Warnings:
  rows  column  cell  what is right
  2     tag     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" became aeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae, and 1 more like this: a name has only letters, digits, '.', '_' and '-'; the label keeps the original
  $ rows 'device,topic,tag' 'dup,p/d,a' 'dup,p/d,a' 'dup,p/e,b' 'dup,,c' ',,d' | table
  422
  Nothing was imported: there are 2 faults.
  rows  column  cell   what is right
  3     tag     "a"    already appears in an earlier row
  4     topic   "p/e"  differs from an earlier row of the same device; a topic of one tag goes into the column tag_topic
  $ rows 'device,topic,tag' ',p/d,a' | table
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  2     device  ""    is required
  $ rows 'device,topic,unit_id,tag,description' 'rep,a/r,7,a,one' 'rep,a/r,7,b,two' 'rep,,,c,' 'rep,a/r,8,d,' 'rep,,x,e,' 'rep,a/s,7,f,' | table
  422
  Nothing was imported: there are 3 faults.
  rows  column   cell      what is right
  5-6   unit_id  "8", "x"  differs from an earlier row of the same device
  7     topic    "a/s"     differs from an earlier row of the same device; a topic of one tag goes into the column tag_topic
  $ rows 'device,topic,unit_id,tag' 'rep,a/r,x,a' 'rep,a/r,x,b' 'rep,a/r,y,c' 'rep,a/r,7,c' | table
  422
  Nothing was imported: there are 3 faults.
  rows  column   cell  what is right
  2     unit_id  "x"   must be an integer from 0 to 255
  5     unit_id  "7"   differs from an earlier row of the same device
  5     tag      "c"   already appears in an earlier row

Columns of JSON and of null: values, scalars, texts that begin with a mark.

  $ rows "device;topic;tag;type;values;on_stale;description" "js;a/js;a;int16;{\"ON\": 1, \"OFF\": 0};nan;'=1+1" "js;a/js;b;int16;{\"ON\": };12;''x" "js;a/js;c;int16;[1];1,5;-" "js;a/js;d;float32;;NaN;" "js;a/js;e;int16;{\"ON\":\"x\"};null;" | table
  422
  Nothing was imported: there are 6 faults.
  rows  column    cell               what is right
  2     on_stale  "nan"              can be "nan" only for float32 and float64
  3-4   values    "{"ON": }", "[1]"  must be empty or the JSON of an object of numbers
  4     on_stale  "1,5"              must be a register value of the type int16
  6     values    "{"ON":"x"}"       must be a number
  6     on_stale  "null"             must be null, a number, or "nan"
  Warnings:
  rows  column    cell                    what is right
  2-5   on_stale  "nan", "12", "1,5" ...  is written only when the broker is lost: set stale_after_s or availability_topic in the device's mqtt, or on_null to "stale"
  $ rows "device;topic;tag;type;values;on_stale;description;unit" "js;a/js;a;float64;{\"ON\": 1, \"OFF\": 0};nan;'=1+1;'" "js;;b;int16;;12;''x;" "js;;c;int16;;;-;" "js;;d;float32;;NaN;null;K" | table
  200
  Imported: 5 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  js
  create  js/a  400221   float64
  create  js/b  400225   int16
  create  js/c  400226   int16
  create  js/d  400227   float32
  Warnings:
  rows    column    cell                what is right
  2-3, 5  on_stale  "nan", "12", "NaN"  is written only when the broker is lost: set stale_after_s or availability_topic in the device's mqtt, or on_null to "stale"
  $ api GET '/export?format=csv&device=js&delimiter=semicolon'
  200
  \xef\xbb\xbfdevice;topic;unit_id;tag;key;direction;table;address;type;byte_order;bit;length;scale;offset;on_overflow;on_stale;unit;enabled;description;values\r (esc)
  js;a/js;1;a;a;to_modbus;holding_register;220;float64;ABCD;;;1;0;reject;nan;;true;'=1+1;"{""ON"":1,""OFF"":0}"\r (esc)
  js;a/js;1;b;b;to_modbus;holding_register;224;int16;ABCD;;;1;0;reject;12;;true;''x;\r (esc)
  js;a/js;1;c;c;to_modbus;holding_register;225;int16;ABCD;;;1;0;reject;;;true;'-;\r (esc)
  js;a/js;1;d;d;to_modbus;holding_register;226;float32;ABCD;;;1;0;reject;nan;K;true;null;\r (esc)

Overlaps, and the faults of many rows: ranges of rows, up to 6 of them; up to 8 words of a cell, or 3 numbers.

  $ rows 'device,topic,unit_id,tag,table,address,type' 'ov,a/ov,6,a,holding_register,10,float32' 'ov,a/ov,6,b,holding_register,11,int16' 'ov,a/ov,6,c,holding_register,12,int16' 'ov,a/ov,6,d,holding_register,press,int16' | table
  422
  Nothing was imported: there are 3 faults.
  rows  column   cell     what is right
  2     address           holding_register 11 (400012) in unit 6 belongs to ov/b
  3     address           holding_register 10 to 11 (400011 to 400012) in unit 6 belong to ov/a
  5     address  "press"  must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  $ rows 'device,topic,unit_id,tag,table,address,type' 'ov,a/ov,6,a,holding_register,10,float32' 'ov,a/ov,6,b,holding_register,11,int16' 'ov,a/ov,6,c,holding_register,12,int16' | table
  409
  Nothing was imported: there are 2 faults.
  rows  column   cell  what is right
  2     address        holding_register 11 (400012) in unit 6 belongs to ov/b
  3     address        holding_register 10 to 11 (400011 to 400012) in unit 6 belong to ov/a
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  $ (rows 'device,topic,tag,type'; for i in {1..30}; do [ $((i % 4)) -ne 0 ] && echo "many,a/m,t$i,word$((i % 9))" || echo "many,a/m,t$i,int16"; done) | table
  422
  Nothing was imported: there are 23 faults.
  rows                                      column  cell  what is right
  2-4, 6-8, 10-12, 14-16, 18-20, 22-24 ...  type    "word1", "word2", "word3", "word5", "word6", "word7", "word0", "word4" ...  must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8; uint16 is similar
  $ (rows 'device,topic,tag,scale'; for i in {1..30}; do [ $((i % 5)) -ne 0 ] && echo "many,a/m,t$i,${i}x" || echo "many,a/m,t$i,1"; done) | table
  422
  Nothing was imported: there are 24 faults.
  rows                                   column  cell                  what is right
  2-5, 7-10, 12-15, 17-20, 22-25, 27-30  scale   "1x", "2x", "3x" ...  must be a number
  $ (rows 'device,topic,tag,scale'; for i in {1..24}; do [ $((i % 4)) -ne 0 ] && echo "many,a/m,t$i,x" || echo "many,a/m,t$i,1"; done) | table
  422
  Nothing was imported: there are 18 faults.
  rows                                  column  cell  what is right
  2-4, 6-8, 10-12, 14-16, 18-20, 22-24  scale   "x"   must be a number
  $ (rows 'device,topic,tag,type,scale'; for i in {1..1001}; do echo "many,a/m,t$i,wrong,1"; done; rows 'many,a/m,z,int16,y') | table
  422
  Nothing was imported: there are 1002 faults.
  rows    column  cell     what is right
  2-1001  type    "wrong"  must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8
  ... and 2 more
  $ (rows 'device,topic,tag,type'; for i in {1..3}; do echo "many,a/m,t$i,wrong"; done) | api POST /import -H 'Content-Type: text/csv' --data-binary @-
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 3 errors; see errors.","errors":[
  {"row":2,"column":"type","cell":"wrong","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"},
  {"row":3,"column":"type","cell":"wrong","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"},
  {"row":4,"column":"type","cell":"wrong","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"}]}

Options of the request.

  $ for query in mode=merged changes=some dry_run=yes confirm=-1 confirm=x format=text device= device=, 'device=,,&mode=replace' unit=12 base=1 byte_order=ABCD unit=256 sheet=x; do echo "# $query"; rows 'tag,topic' 'o,a/o' | table "$query"; done
  # mode=merged
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"mode must be merge or replace.","errors":[]}
  # changes=some
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"changes must be all or none.","errors":[]}
  # dry_run=yes
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  # confirm=-1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"confirm must be an integer from 0 to 9223372036854775807.","errors":[]}
  # confirm=x
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"confirm must be an integer from 0 to 9223372036854775807.","errors":[]}
  # format=text
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"format must be json, csv, xlsx, kepware, ignition or neuron; without it, Content-Type says whether the body is JSON, CSV or a workbook.","errors":[]}
  # device=
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device must have the name of a device, or several names separated by commas.","errors":[]}
  # device=,
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device must have the name of a device, or several names separated by commas.","errors":[]}
  # device=,,&mode=replace
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device must have the name of a device, or several names separated by commas.","errors":[]}
  # unit=12
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit goes only with format=kepware, ignition or neuron.","errors":[]}
  # base=1
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"base goes only with format=kepware, ignition or neuron.","errors":[]}
  # byte_order=ABCD
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"byte_order goes only with format=kepware, ignition or neuron.","errors":[]}
  # unit=256
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit goes only with format=kepware, ignition or neuron.","errors":[]}
  # sheet=x
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     device        this column is required; if all rows are of one device, name it in the query: device=NAME&topic=TOPIC
  $ for query in topic=a command_topic=b 'device=x' 'format=csv' 'format=json&device=x&mode=replace'; do echo "# $query"; echo '{"devices": []}' | table "$query" application/json; done
  # topic=a
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"topic goes only with format=kepware, ignition or neuron, or with a table.","errors":[]}
  # command_topic=b
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"command_topic goes only with format=kepware, ignition or neuron, or with a table.","errors":[]}
  # device=x
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device bounds what mode=replace deletes; mode is merge.","errors":[]}
  # format=csv
  422
  Nothing was imported: there is 1 fault.
  rows  column  cell  what is right
  1     tag           this column, with the names of the tags, is required
  # format=json&device=x&mode=replace
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"device: neither the store nor the file has a device \"x\".","errors":[]}
  $ rows 'device,topic,tag' 'o,a/o,a' | table 'dry_run=true' text/plain
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: text/csv' for a table, 'application/json', or for a workbook 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'.","errors":[]}
  $ echo '{"devices": []}' | table 'dry_run=true' text/plain
  415
  {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body's Content-Type is not supported here; send -H 'Content-Type: text/csv' for a table, 'application/json', or for a workbook 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'.","errors":[]}
  $ printf '\xef\xbb\xbf{"devices": []}' | table 'dry_run=true' application/json
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  $ printf '\xef\xbb\xbf \n{"devices": []}' | table 'dry_run=true' application/octet-stream
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  $ rows 'device,topic,tag' 'o,a/o,a' | table 'dry_run=true&format=csv' application/json
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  o
  create  o/a   400229   float32
  $ rows 'device,topic,tag' 'o,a/o,a' | table 'dry_run=true' 'TEXT/CSV; charset=utf-8'
  200
  Nothing is imported yet, this is a dry run: 2 created, 0 changed, 0 deleted.
  action  name  address  type     difference
  create  o
  create  o/a   400229   float32
  $ rows 'device,topic,tag' 'o,a/o,a' | table '' application/json
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 0.","errors":[]}
  $ rows 'device,topic,tag' 'o,a/o,a' | api POST /import -H 'Content-Type: text/csv' -H 'If-Match: "1"' --data-binary @-
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"33\".","errors":[]}
