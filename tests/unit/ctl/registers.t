Registers, the register map and clients of the Modbus server.

Places in use.

  @ GET /registers
  {"server":"10.0.0.1:502","units":[1,2,17],"gateway":"g1","items":[
   {"server":"","gateway":"","unit":1,"table":"holding_register","first":0,"last":65535,"owners":123},
   {"server":"","unit":1,"table":"holding_register","first":90,"last":100,"owners":1},
   {"server":"","unit":2,"table":"coil","first":5,"last":17,"owners":2},
   {"server":"10.0.0.9:502","gateway":"g2","unit":3,"table":"input_register","first":12,"last":13,"owners":4},
   {"server":"","unit":1,"table":"discrete_input","first":12,"last":1010,"owners":4},
   {"server":"","unit":1,"table":"input_register","first":12,"last":1011,"owners":4},
   {"server":"","unit":1,"table":"input_register","first":11,"last":20,"owners":4},
   {"server":"","unit":17,"table":"no_table","first":1,"last":2,"owners":0}]}
  $ ctl regs
  > GET /registers
  SERVER        GATEWAY  UNIT ID  TABLE             FIRST   LAST  MODICON        TAGS
                               1  holding_register      0  65535  400001-465536   123
                               1  holding_register     90    100  400091-400101     1
                               2  coil                  5     17  000006-000018     2
  10.0.0.9:502  g2             3  input_register       12     13  300013-300014     4
                               1  discrete_input       12   1010  100013-101011     4
                               1  input_register       12   1011  300013-301012     4
                               1  input_register       11     20  300012-300021     4
                              17  no_table              1      2  -                 0

  $ ctl regs -o csv
  > GET /registers
  server,gateway,unit,table,first,last,modicon,owners\r
  ,,1,holding_register,0,65535,400001-465536,123\r
  ,,1,holding_register,90,100,400091-400101,1\r
  ,,2,coil,5,17,000006-000018,2\r
  10.0.0.9:502,g2,3,input_register,12,13,300013-300014,4\r
  ,,1,discrete_input,12,1010,100013-101011,4\r
  ,,1,input_register,12,1011,300013-301012,4\r
  ,,1,input_register,11,20,300012-300021,4\r
  ,,17,no_table,1,2,-,0\r

  $ ctl regs -o json
  > GET /registers
  {"server":"10.0.0.1:502","units":[1,2,17],"gateway":"g1","items":[
   {"server":"","gateway":"","unit":1,"table":"holding_register","first":0,"last":65535,"owners":123},
   {"server":"","unit":1,"table":"holding_register","first":90,"last":100,"owners":1},
   {"server":"","unit":2,"table":"coil","first":5,"last":17,"owners":2},
   {"server":"10.0.0.9:502","gateway":"g2","unit":3,"table":"input_register","first":12,"last":13,"owners":4},
   {"server":"","unit":1,"table":"discrete_input","first":12,"last":1010,"owners":4},
   {"server":"","unit":1,"table":"input_register","first":12,"last":1011,"owners":4},
   {"server":"","unit":1,"table":"input_register","first":11,"last":20,"owners":4},
   {"server":"","unit":17,"table":"no_table","first":1,"last":2,"owners":0}]}

  ! terminal 120x24
  $ ctl regs
  > GET /registers
  \e[1mSERVER\e[0m        \e[1mGATEWAY\e[0m  \e[1mUNIT ID\e[0m  \e[1mTABLE\e[0m             \e[1mFIRST\e[0m   \e[1mLAST\e[0m  \e[1mMODICON\e[0m        \e[1mTAGS\e[0m
                               1  holding_register      0  65535  400001-465536   123
                               1  holding_register     90    100  400091-400101     1
                               2  coil                  5     17  000006-000018     2
  10.0.0.9:502  g2             3  input_register       12     13  300013-300014     4
                               1  discrete_input       12   1010  100013-101011     4
                               1  input_register       12   1011  300013-301012     4
                               1  input_register       11     20  300012-300021     4
                              17  no_table              1      2  -                 0
  Modbus server 10.0.0.1:502, units 1 2 17

  ! pipe

Ranges: what START is behind a table and in Modicon form, and their limits.

  @ GET /registers/holding_register
  {"items":[{"address":100,"modicon":"400101","raw":65535,"owners":[{"device":"a","tag":"t"}]},{"address":101,"modicon":"400102","raw":10,"owners":[]},
   {"address":102,"modicon":"400103","raw":null,"owners":[{"device":"a","tag":""},{"device":"a","tag":"x","bit":15},{"device":"b","tag":"y","byte":"high"},{"device":"b","tag":"z","bit":0,"byte":"low"}]}]}
  @ GET /registers/coil
  {"items":[{"address":0,"modicon":"000001","raw":1,"owners":[{"device":"a","tag":"t"}]},{"address":1,"modicon":"000002","raw":0}]}
  @ GET /registers/discrete_input
  {"items":[]}
  @ GET /registers/input_register
  {"items":[{"address":12,"raw":291}]}
  $ ctl regs holding_register 100
  > GET /registers/holding_register?start=100&count=1
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs holding_register 100-102 -o csv
  > GET /registers/holding_register?start=100&count=3
  address,modicon,hex,raw,owners\r
  100,400101,FFFF,65535,a/t\r
  101,400102,000A,10,\r
  102,400103,0000,,"a status, a/x bit 15, b/y high byte, b/z bit 0 low byte"\r

  $ ctl regs holding_register 100+3 -o json
  > GET /registers/holding_register?start=100&count=3
  {"items":[{"address":100,"modicon":"400101","raw":65535,"owners":[{"device":"a","tag":"t"}]},{"address":101,"modicon":"400102","raw":10,"owners":[]},
   {"address":102,"modicon":"400103","raw":null,"owners":[{"device":"a","tag":""},{"device":"a","tag":"x","bit":15},{"device":"b","tag":"y","byte":"high"},{"device":"b","tag":"z","bit":0,"byte":"low"}]}]}

  $ ctl regs holding_register 400101
  > GET /registers/holding_register?start=100&count=1
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs holding_register 40101
  > GET /registers/holding_register?start=40101&count=1
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs 40101
  > GET /registers/holding_register?start=100&count=1
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs 400101-400110
  > GET /registers/holding_register?start=100&count=10
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs 400101+10
  > GET /registers/holding_register?start=100&count=10
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs 465536
  > GET /registers/holding_register?start=65535&count=1
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs 49999
  > GET /registers/holding_register?start=9998&count=1
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      101   400102  000A       10
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs 00001
  > GET /registers/coil?start=0&count=1
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs 10001-10010
  tagferryctl: at most 1000 registers can be read at once
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 30001+1000
  > GET /registers/input_register?start=0&count=1000
  ADDRESS  MODICON  HEX   DECIMAL  TAG
       12           0123      291

  $ ctl regs coil 0
  > GET /registers/coil?start=0&count=1
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 65535
  > GET /registers/coil?start=65535&count=1
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 0-999
  > GET /registers/coil?start=0&count=1000
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 64536+1000
  > GET /registers/coil?start=64536&count=1000
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 65535+1 --unit 0
  > GET /registers/coil?start=65535&count=1&unit=0
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 1 --unit 255
  > GET /registers/coil?start=1&count=1&unit=255
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 000001-10
  > GET /registers/coil?start=0&count=11
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 1 --unit 256
  tagferryctl: --unit 256: it must be a whole number from 0 to 255
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 1 --unit -1
  tagferryctl: --unit -1: it must be a whole number from 0 to 255
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 65536
  tagferryctl: "65536" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 65535+2
  tagferryctl: "65535+2" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 5-4
  tagferryctl: "5-4" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 5-5
  > GET /registers/coil?start=5&count=1
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t
        1   000002        0

  $ ctl regs coil 1+0
  tagferryctl: "1+0" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 1+
  tagferryctl: "1+" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 1-
  tagferryctl: "1-" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 1x
  tagferryctl: "1x" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil x
  tagferryctl: "x" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 0+1001
  tagferryctl: at most 1000 registers can be read at once
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 0000001
  tagferryctl: "0000001" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 400001
  tagferryctl: "400001" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 465537
  tagferryctl: "465537" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 400000
  tagferryctl: "400000" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 500001
  tagferryctl: "500001" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 100
  tagferryctl: "100" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 1000001
  tagferryctl: "1000001" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 400101-300110
  tagferryctl: "400101-300110" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 400101-50
  tagferryctl: "400101-50" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs 400101-40110
  tagferryctl: at most 1000 registers can be read at once
  Try: tagferryctl regs --help
  [2]

  $ ctl regs ''
  tagferryctl: "" names no registers: START, START-END or START+COUNT, behind a table from 0 to 65535, or in Modicon form such as 400101
  Try: tagferryctl regs --help
  [2]

  $ ctl regs foo 1
  tagferryctl: the table "foo" must be coil, discrete_input, input_register or holding_register
  Try: tagferryctl regs --help
  [2]

  $ ctl regs coil 1 2
  tagferryctl: too many operands: the command is tagferryctl regs [TABLE] [START[-END] | START+COUNT]
  Try: tagferryctl regs --help
  [2]

All registers of a table that are in use: without a unit those of the first one.

  $ ctl regs coil
  > GET /registers
  tagferryctl: no tag has a register in coil of unit 1
  [4]

  $ ctl regs coil --unit 2
  > GET /registers
  > GET /registers/coil?start=5&count=13&unit=2
  ADDRESS  MODICON  DECIMAL  TAG
        0   000001        1  a/t

  $ ctl regs discrete_input
  > GET /registers
  > GET /registers/discrete_input?start=12&count=999
  ADDRESS  MODICON  DECIMAL  TAG

  $ ctl regs input_register
  > GET /registers
  > GET /registers/input_register?start=11&count=1000
  The first 1000 registers; more with: input_register 1011-1011
  ADDRESS  MODICON  DECIMAL  TAG

  $ ctl regs holding_register
  > GET /registers
  > GET /registers/holding_register?start=0&count=1000
  The first 1000 registers; more with: holding_register 1000-65535
  ADDRESS  MODICON  HEX   DECIMAL  TAG
      100   400101  FFFF    65535  a/t
      102   400103  0000           a status, a/x bit 15, b/y high byte, b/z bit 0 low byte

  $ ctl regs input_register --unit 3
  > GET /registers
  tagferryctl: no tag has a register in input_register of unit 3
  [4]

The register map: in order, with the owners of each place.

  @ GET /tags?limit=1000
  {"items":[{"device":"a","name":"t1","direction":"both","label":"L","modbus":{"type":"int16","byte_order":"ABCD","scale":0.5,"offset":3}},
   {"device":"a","name":"t2","direction":"to_mqtt","modbus":{"type":"int8","byte":"high"}},
   {"device":"b","name":"t1","direction":"to_modbus","modbus":{"type":"float32","byte_order":"CDAB","scale":1}}],"total":3,"next":null}
  @ GET /registers/holding_register/owners?unit=1
  {"items":[{"device":"a","tag":"t1","first":65535,"last":65535,"type":"int16","scale":0.5,"offset":3,"unit":"kW","direction":"x"},
   {"device":"a","tag":"t2","first":7,"last":7,"type":"int8","byte":"high"},
   {"device":"z","tag":"gone","first":7,"last":7,"type":"bool","bit":9},
   {"device":"z","tag":"gone2","first":7,"last":7,"type":"bool","bit":3},
   {"device":"b","tag":"t1","first":8,"last":9,"type":"float32"},
   {"device":"b","tag":"","first":100,"last":111,"type":"status"}]}
  @ GET /registers/coil/owners?unit=2
  {"items":[{"device":"c","tag":"t","first":5,"last":17,"type":"bool"}]}
  @ GET /registers/discrete_input/owners?unit=1
  {"items":[{"device":"c","tag":"d","first":5,"last":5,"type":"bool"}]}
  @ GET /registers/input_register/owners?unit=1
  {"items":[]}
  @ GET /registers/input_register/owners?unit=3&server=10.0.0.9%3A502
  {"items":[{"device":"e","tag":"far","first":12,"last":13,"type":"uint32"}]}
  @ GET /registers/no_table/owners?unit=17
  {"items":[{"device":"e","tag":"odd","first":1,"last":2,"type":"uint32"}]}
  @ GET /devices/a
  {}
  @ GET /devices/b
  {}
  $ ctl map
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/holding_register/owners?unit=1
  > GET /registers/coil/owners?unit=2
  > GET /registers/discrete_input/owners?unit=1
  > GET /registers/input_register/owners?unit=1
  > GET /registers/no_table/owners?unit=17
  UNIT ID  TABLE             ADDRESS  MODICON  COUNT  TYPE            SCALE    UNIT  ACCESS       TAG       LABEL
        1  discrete_input          5   100006      1  bool                           read         c/d
        1  holding_register        7   400008      1  bool                           read         z/gone2
        1  holding_register        7   400008      1  int8 high byte                 read, write  a/t2
        1  holding_register        7   400008      1  bool                           read         z/gone
        1  holding_register        8   400009      2  float32 CDAB    1              read         b/t1
        1  holding_register      100   400101     12  status                         read         b status
        1  holding_register    65535   465536      1  int16           0.5 + 3  kW    read, write  a/t1      L
        2  coil                    5   000006     13  bool                           read         c/t
       17  no_table                1               2  uint32                         read         e/odd

  $ ctl map -o csv
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/holding_register/owners?unit=1
  > GET /registers/coil/owners?unit=2
  > GET /registers/discrete_input/owners?unit=1
  > GET /registers/input_register/owners?unit=1
  > GET /registers/no_table/owners?unit=17
  server,unit,table,first,last,modicon,count,type,byte_order,bit,byte,scale,offset,engineering_unit,direction,device,tag,label\r
  ,1,discrete_input,5,5,100006,1,bool,,,,,,,,c,d,\r
  ,1,holding_register,7,7,400008,1,bool,,3,,,,,,z,gone2,\r
  ,1,holding_register,7,7,400008,1,int8,,,high,,,,to_mqtt,a,t2,\r
  ,1,holding_register,7,7,400008,1,bool,,9,,,,,,z,gone,\r
  ,1,holding_register,8,9,400009,2,float32,,,,,,,to_modbus,b,t1,\r
  ,1,holding_register,100,111,400101,12,status,,,,,,,,b,,\r
  ,1,holding_register,65535,65535,465536,1,int16,,,,0.5,3,kW,both,a,t1,L\r
  ,2,coil,5,17,000006,13,bool,,,,,,,,c,t,\r
  ,17,no_table,1,2,,2,uint32,,,,,,,,e,odd,\r

  $ ctl map -o json
  > GET /registers
  > GET /registers/holding_register/owners?unit=1
  > GET /registers/coil/owners?unit=2
  > GET /registers/discrete_input/owners?unit=1
  > GET /registers/input_register/owners?unit=1
  > GET /registers/no_table/owners?unit=17
  {"registers":{"server":"10.0.0.1:502","units":[1,2,17],"gateway":"g1","items":[
   {"server":"","gateway":"","unit":1,"table":"holding_register","first":0,"last":65535,"owners":123},
   {"server":"","unit":1,"table":"holding_register","first":90,"last":100,"owners":1},
   {"server":"","unit":2,"table":"coil","first":5,"last":17,"owners":2},
   {"server":"10.0.0.9:502","gateway":"g2","unit":3,"table":"input_register","first":12,"last":13,"owners":4},
   {"server":"","unit":1,"table":"discrete_input","first":12,"last":1010,"owners":4},
   {"server":"","unit":1,"table":"input_register","first":12,"last":1011,"owners":4},
   {"server":"","unit":1,"table":"input_register","first":11,"last":20,"owners":4},
   {"server":"","unit":17,"table":"no_table","first":1,"last":2,"owners":0}]},"owners":[{"items":[{"device":"a","tag":"t1","first":65535,"last":65535,"type":"int16","scale":0.5,"offset":3,"unit":"kW","direction":"x"},
   {"device":"a","tag":"t2","first":7,"last":7,"type":"int8","byte":"high"},
   {"device":"z","tag":"gone","first":7,"last":7,"type":"bool","bit":9},
   {"device":"z","tag":"gone2","first":7,"last":7,"type":"bool","bit":3},
   {"device":"b","tag":"t1","first":8,"last":9,"type":"float32"},
   {"device":"b","tag":"","first":100,"last":111,"type":"status"}]},{"items":[{"device":"c","tag":"t","first":5,"last":17,"type":"bool"}]},{"items":[{"device":"c","tag":"d","first":5,"last":5,"type":"bool"}]},{"items":[]},{"items":[{"device":"e","tag":"odd","first":1,"last":2,"type":"uint32"}]}]}

  $ ctl map --unit 002
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/coil/owners?unit=2
  UNIT ID  TABLE  ADDRESS  MODICON  COUNT  TYPE  SCALE  ACCESS  TAG
        2  coil         5   000006     13  bool         read    c/t

  $ ctl map --unit 1 --table coil
  > GET /registers
  > GET /tags?limit=1000
  UNIT ID  TABLE  ADDRESS  MODICON  COUNT  TYPE  SCALE  ACCESS  TAG

  $ ctl map --table coil,holding_register
  tagferryctl: --table coil,holding_register: it must be coil, discrete_input, input_register or holding_register
  Try: tagferryctl map --help
  [2]

  $ ctl map --unit ''
  tagferryctl: --unit "": it must be a whole number from 0 to 255
  Try: tagferryctl map --help
  [2]

  $ ctl map --table holding_register -d a -d b
  > GET /devices/a
  > GET /devices/b
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/holding_register/owners?unit=1
  UNIT ID  TABLE             ADDRESS  MODICON  COUNT  TYPE            SCALE    UNIT  ACCESS       TAG       LABEL
        1  holding_register        7   400008      1  int8 high byte                 read, write  a/t2
        1  holding_register        8   400009      2  float32 CDAB    1              read         b/t1
        1  holding_register      100   400101     12  status                         read         b status
        1  holding_register    65535   465536      1  int16           0.5 + 3  kW    read, write  a/t1      L

  $ ctl map -d a -d none -d b
  > GET /devices/a
  > GET /devices/none
  tagferryctl: none: it is not there
  [4]

  $ ctl map --unit 256
  tagferryctl: --unit 256: it must be a whole number from 0 to 255
  Try: tagferryctl map --help
  [2]

  ! terminal 100x24
  $ ctl map
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/holding_register/owners?unit=1
  > GET /registers/coil/owners?unit=2
  > GET /registers/discrete_input/owners?unit=1
  > GET /registers/input_register/owners?unit=1
  > GET /registers/no_table/owners?unit=17
  \e[1mUNIT ID\e[0m  \e[1mTABLE\e[0m             \e[1mADDRESS\e[0m  \e[1mMODICON\e[0m  \e[1mTYPE\e[0m            \e[1mSCALE\e[0m    \e[1mUNIT\e[0m  \e[1mACCESS\e[0m       \e[1mTAG\e[0m
        1  discrete_input          5   100006  bool                           read         c/d
        1  holding_register        7   400008  bool                           read         z/gone2
        1  holding_register        7   400008  int8 high byte                 read, write  a/t2
        1  holding_register        7   400008  bool                           read         z/gone
        1  holding_register        8   400009  float32 CDAB    1              read         b/t1
        1  holding_register      100   400101  status                         read         b status
        1  holding_register    65535   465536  int16           0.5 + 3  kW    read, write  a/t1
        2  coil                    5   000006  bool                           read         c/t
       17  no_table                1           uint32                         read         e/odd

  ! pipe

One place of this gateway, one of another, and one of all.

  @ GET /registers
  {"gateway":"g1","items":[{"server":"","gateway":"g1","unit":1,"table":"coil"},{"server":"","gateway":"g2","unit":1,"table":"coil"},{"server":"","gateway":"","unit":1,"table":"coil"},
    {"server":"s","gateway":"","unit":1,"table":"coil"},{"server":"","unit":1,"table":"discrete_input"}]}
  @ GET /registers/coil/owners?unit=1
  {"items":[{"device":"a","tag":"t1","first":1,"last":1}]}
  @ GET /registers/coil/owners?unit=1&server=s
  {"items":[{"device":"a","tag":"t2","first":1,"last":1}]}
  $ ctl map
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/coil/owners?unit=1
  > GET /registers/coil/owners?unit=1&server=s
  > GET /registers/discrete_input/owners?unit=1
  SERVER  UNIT ID  TABLE           ADDRESS  MODICON  COUNT  TYPE            SCALE    ACCESS       TAG   LABEL
                1  coil                  1   000002      1  int16           0.5 + 3  read, write  a/t1  L
                1  discrete_input        5   100006      1  bool                     read         c/d
  s             1  coil                  1   000002      1  int8 high byte           read, write  a/t2

  @ GET /registers/discrete_input/owners?unit=1 401
  {"status":401,"detail":"no"}
  $ ctl map
  > GET /registers
  > GET /tags?limit=1000
  > GET /registers/coil/owners?unit=1
  > GET /registers/coil/owners?unit=1&server=s
  > GET /registers/discrete_input/owners?unit=1
  tagferryctl: the register map: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /registers
  {"items":[]}
  $ ctl map -o json
  > GET /registers
  {"registers":{"items":[]},"owners":[]}

  $ ctl map
  > GET /registers
  > GET /tags?limit=1000
  UNIT ID  TABLE  ADDRESS  MODICON  COUNT  TYPE  SCALE  ACCESS  TAG

Clients.

  @ GET /modbus/clients?limit=10000
  {"state":"up","items":[
   {"address":"10.0.0.7","port":50123,"side":"scada","protocol":"tcp","role":"operator","since":"2026-01-02T02:00:00.000Z","units":[1,17,255],"requests":123456,"rate":12.5,"exceptions":17,
    "last_request":{"function":3,"start":100,"count":12,"unit":17,"exception":2,"at":"2026-01-02T03:04:00.000Z"},"functions":{"3":12}},
   {"address":"fe80::1","port":502,"side":"inputs","protocol":"tls","since":"2026-01-02T03:04:06.000Z","units":[],"requests":0,"rate":0,"exceptions":0,
    "last_request":{"function":6,"start":10,"unit":1,"exception":0}},
   {"address":"/dev/ttyS0","protocol":"serial","side":"scada","last_request":{"function":99,"unit":1,"exception":11}},
   {"address":"h","port":1,"side":"outputs","last_request":{"function":16,"start":0,"count":1,"unit":2,"exception":99}}],
   "refused":[{"address":"10.0.0.8","port":17,"side":"scada","count":12,"at":"2026-01-02T03:00:00.000Z","since":"2026-01-01T03:00:00.000Z","detail":"sends TLS, not Modbus","reason":"not_modbus"},
   {"address":"::1","port":18,"count":1,"detail":"x"}]}
  $ ctl clients
  > GET /modbus/clients?limit=10000
  CLIENT          SIDE     PROTOCOL  ROLE       SINCE  UNITS     REQUESTS  RATE  EXCEPTIONS  LAST REQUEST                                                                       AGE
  10.0.0.7:50123  scada    tcp       operator  64 min  1 17 255    123456  12.5          17  read holding registers 100+12 of unit 17: exception 2, address beyond the table  5.0 s
  [fe80::1]:502   inputs   tls                  0.0 s                   0     0           0  write a holding register 10 of unit 1
  /dev/ttyS0      scada    serial                                                            function 99 of unit 1: exception 11, unknown unit, or the process is lost
  h:1             outputs                                                                    write holding registers 0+1 of unit 2: exception 99

  $ ctl clients -o csv
  > GET /modbus/clients?limit=10000
  address,port,side,protocol,role,since,units,requests,rate,exceptions,last_request,last_request.at,functions\r
  10.0.0.7,50123,scada,tcp,operator,2026-01-02T02:00:00.000Z,"[1,17,255]",123456,12.5,17,"{""function"":3,""start"":100,""count"":12,""unit"":17,""exception"":2,""at"":""2026-01-02T03:04:00.000Z""}",2026-01-02T03:04:00.000Z,"{""3"":12}"\r
  fe80::1,502,inputs,tls,,2026-01-02T03:04:06.000Z,[],0,0,0,"{""function"":6,""start"":10,""unit"":1,""exception"":0}",,\r
  /dev/ttyS0,,scada,serial,,,,,,,"{""function"":99,""unit"":1,""exception"":11}",,\r
  h,1,outputs,,,,,,,,"{""function"":16,""start"":0,""count"":1,""unit"":2,""exception"":99}",,\r

  $ ctl clients -o json
  > GET /modbus/clients?limit=10000
  {"state":"up","items":[
   {"address":"10.0.0.7","port":50123,"side":"scada","protocol":"tcp","role":"operator","since":"2026-01-02T02:00:00.000Z","units":[1,17,255],"requests":123456,"rate":12.5,"exceptions":17,
    "last_request":{"function":3,"start":100,"count":12,"unit":17,"exception":2,"at":"2026-01-02T03:04:00.000Z"},"functions":{"3":12}},
   {"address":"fe80::1","port":502,"side":"inputs","protocol":"tls","since":"2026-01-02T03:04:06.000Z","units":[],"requests":0,"rate":0,"exceptions":0,
    "last_request":{"function":6,"start":10,"unit":1,"exception":0}},
   {"address":"/dev/ttyS0","protocol":"serial","side":"scada","last_request":{"function":99,"unit":1,"exception":11}},
   {"address":"h","port":1,"side":"outputs","last_request":{"function":16,"start":0,"count":1,"unit":2,"exception":99}}],
   "refused":[{"address":"10.0.0.8","port":17,"side":"scada","count":12,"at":"2026-01-02T03:00:00.000Z","since":"2026-01-01T03:00:00.000Z","detail":"sends TLS, not Modbus","reason":"not_modbus"},
   {"address":"::1","port":18,"count":1,"detail":"x"}]}

  $ ctl clients --wrong
  > GET /modbus/clients?limit=10000
  CLIENT       SIDE   TIMES   LAST  FIRST  WHY
  10.0.0.8:17  scada     12  4 min   24 h  sends TLS, not Modbus
  [::1]:18                1                x

  $ ctl clients -w -o csv
  > GET /modbus/clients?limit=10000
  address,port,side,count,at,since,detail,reason\r
  10.0.0.8,17,scada,12,2026-01-02T03:00:00.000Z,2026-01-01T03:00:00.000Z,"sends TLS, not Modbus",not_modbus\r
  ::1,18,,1,,,x,\r

  ! terminal 120x24
  $ ctl clients
  > GET /modbus/clients?limit=10000
  \e[1mCLIENT\e[0m          \e[1mSIDE\e[0m     \e[1mPROTOCOL\e[0m   \e[1mSINCE\e[0m  \e[1mUNITS\e[0m     \e[1mREQUESTS\e[0m  \e[1mRATE\e[0m  \e[1mEXCEPTIONS\e[0m  \e[1mLAST REQUEST\e[0m                        \e[1mAGE\e[0m
  10.0.0.7:50123  scada    tcp       64 min  1 17 255    123456  12.5          17  \e[33mread holding registers 100+12 o…\e[0m  5.0 s
  \e[2m[fe80::1]:502\e[0m   inputs   tls        0.0 s                   0     0           0  write a holding register 10 of …
  /dev/ttyS0      scada    serial                                                  \e[33mfunction 99 of unit 1: exceptio…\e[0m
  \e[2mh:1\e[0m             outputs                                                          \e[33mwrite holding registers 0+1 of …\e[0m
  2 refused: tagferryctl clients --wrong

  $ ctl clients -w
  > GET /modbus/clients?limit=10000
  \e[1mCLIENT\e[0m       \e[1mSIDE\e[0m   \e[1mTIMES\e[0m   \e[1mLAST\e[0m  \e[1mFIRST\e[0m  \e[1mWHY\e[0m
  10.0.0.8:17  scada     12  4 min   24 h  \e[31msends TLS, not Modbus\e[0m
  [::1]:18                1                \e[31mx\e[0m

  ! terminal 60x24
  $ ctl clients
  > GET /modbus/clients?limit=10000
  \e[1mCLIENT\e[0m     \e[1mSIDE\e[0m     \e[1mUNITS\e[0m     \e[1mREQUESTS\e[0m  \e[1mEXCEPTIO…\e[0m  \e[1mLAST REQ…\e[0m
  10.0.0.7…  scada    1 17 255    123456         17  \e[33mread hol…\e[0m
  \e[2m[fe80::1…\e[0m  inputs                    0          0  write a …
  /dev/tty…  scada                                   \e[33mfunction…\e[0m
  \e[2mh:1\e[0m        outputs                                 \e[33mwrite ho…\e[0m
  2 refused: tagferryctl clients --wrong

  ! pipe
  @ GET /modbus/clients?limit=10000
  {"state":"down","items":[],"refused":[]}
  $ ctl clients
  > GET /modbus/clients?limit=10000
  tagferryctl: tagferry-modbusd is down: it has no clients
  CLIENT  SIDE  PROTOCOL  ROLE  SINCE  UNITS  REQUESTS  RATE  EXCEPTIONS  LAST REQUEST  AGE

  ! terminal 60x24
  $ ctl clients -w
  > GET /modbus/clients?limit=10000
  tagferryctl: tagferry-modbusd is down: it has no clients
  \e[1mCLIENT\e[0m  \e[1mSIDE\e[0m  \e[1mTIMES\e[0m  \e[1mLAST\e[0m  \e[1mFIRST\e[0m  \e[1mWHY\e[0m

  ! pipe
  @ GET /modbus/clients?limit=10000
  {"state":"up","items":[{"address":"a","port":1,"side":"scada","last_request":null}]}
  $ ctl clients
  > GET /modbus/clients?limit=10000
  CLIENT  SIDE   PROTOCOL  ROLE  SINCE  UNITS  REQUESTS  RATE  EXCEPTIONS  LAST REQUEST  AGE
  a:1     scada

What is refused.

  @ GET /modbus/clients?limit=10000 401
  {"status":401,"detail":"no"}
  $ ctl clients
  > GET /modbus/clients?limit=10000
  tagferryctl: the Modbus clients: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ GET /registers/coil 503
  {"status":503,"detail":"the Modbus server does not answer"}
  $ ctl regs coil 5
  > GET /registers/coil?start=5&count=1
  tagferryctl: the registers: the Modbus server does not answer
  [1]

  @ GET /registers 401
  {"status":401,"detail":"no"}
  $ ctl regs
  > GET /registers
  tagferryctl: the registers: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  $ ctl regs coil
  > GET /registers
  tagferryctl: the registers: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  $ ctl map
  > GET /registers
  tagferryctl: the register map: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]
