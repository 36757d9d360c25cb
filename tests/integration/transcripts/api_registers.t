Registers: which addresses are allocated, what overlaps with what, and how registers move with devices, units, servers and gateways.

Options: common.units=1-3,9,20=1

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ place() { api "$@" | grep -o '^[0-9]*$\|"table":"[a-z_]*","address":[0-9]*\|^{"pointer.*\|"warnings"'; }
  $ tag() { place PUT "/devices/$1" "{\"modbus\": {$2}}"; }
  $ device() { api PUT "/devices/$1" "{\"mqtt\": {\"topic\": \"t\"}, \"network\": {$2}}" | head -1; }
  $ device a ''; device b ''; device far '"modbus_host": "plc-1"'; device far-2 '"modbus_host": "plc-1"'; device unit-2 '"unit_id": 2'; device far-3 '"modbus_host": "plc-1", "unit_id": 3'
  201
  201
  201
  201
  201
  201

The next address above the highest allocated one, an even one for several registers; given addresses are skipped and do not count:

  $ tag a/tags/i1 '"type": "int16"'
  201
  "table":"holding_register","address":0
  $ tag a/tags/f1 '"type": "float32"'
  201
  "table":"holding_register","address":2
  $ tag b/tags/i2 '"type": "int16"'
  201
  "table":"holding_register","address":4
  $ tag b/tags/given '"type": "int16", "address": 6'
  201
  "table":"holding_register","address":6
  $ tag b/tags/given-2 '"type": "int16", "address": 8'
  201
  "table":"holding_register","address":8
  $ tag a/tags/i3 '"type": "int16"'
  201
  "table":"holding_register","address":5
  $ tag a/tags/i4 '"type": "int16"'
  201
  "table":"holding_register","address":7
  $ tag a/tags/f2 '"type": "float64"'
  201
  "table":"holding_register","address":10
  $ tag a/tags/s1 '"type": "string", "length": 3'
  201
  "table":"holding_register","address":14
  $ tag a/tags/b1 '"type": "bool"'
  201
  "table":"discrete_input","address":0
  $ tag a/tags/b2 '"type": "bool", "bit": 15'
  201
  "table":"holding_register","address":17
  $ tag a/tags/u8 '"type": "uint8", "byte": "high"'
  201
  "table":"holding_register","address":18
  $ tag a/tags/in1 '"table": "input_register"'
  201
  "table":"input_register","address":0
  $ tag a/tags/in2 '"table": "input_register"'
  201
  "table":"input_register","address":2
  $ tag unit-2/tags/i1 '"type": "int16"'
  201
  "table":"holding_register","address":0
  $ tag unit-2/tags/f1 '"type": "int64"'
  201
  "table":"holding_register","address":2

An allocated address is not allocated again; a given one may be:

  $ api DELETE /devices/b/tags/i2; api DELETE /devices/b/tags/given-2; api DELETE /devices/a/tags/u8
  204
  204
  204
  $ tag a/tags/i5 '"type": "int16"'
  201
  "table":"holding_register","address":19
  $ tag a/tags/given-3 '"type": "int16", "address": 50'
  201
  "table":"holding_register","address":50
  $ api DELETE /devices/a/tags/given-3
  204
  $ tag a/tags/i6 '"type": "int16"'
  201
  "table":"holding_register","address":20

Overlaps with a register, with several, with bits and with bytes:

  $ tag b/tags/x '"type": "int16", "address": 0'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 0 (400001) in unit 1 belongs to a/i1"}]}
  $ tag b/tags/x '"type": "float32", "address": 1'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 2 to 3 (400003 to 400004) in unit 1 belong to a/f1"}]}
  $ tag b/tags/x '"type": "float32", "address": 4'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 5 (400006) in unit 1 belongs to a/i3"}]}
  $ tag b/tags/x '"type": "float64", "address": 1'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 2 to 3 (400003 to 400004) in unit 1 belong to a/f1"}]}
  $ tag b/tags/x '"type": "string", "length": 123, "address": 0'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 0 (400001) in unit 1 belongs to a/i1"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 2 to 3 (400003 to 400004) in unit 1 belong to a/f1"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 5 (400006) in unit 1 belongs to a/i3"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 6 (400007) in unit 1 belongs to b/given"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 7 (400008) in unit 1 belongs to a/i4"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 10 to 13 (400011 to 400014) in unit 1 belong to a/f2"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 14 to 16 (400015 to 400017) in unit 1 belong to a/s1"},
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 15 of holding_register 17 (400018.15) in unit 1 belongs to a/b2"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 19 (400020) in unit 1 belongs to a/i5"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 20 (400021) in unit 1 belongs to a/i6"}]}
  $ tag b/tags/bits-0 '"type": "bool", "bit": 0, "address": 100'
  201
  "table":"holding_register","address":100
  $ tag b/tags/bits-7 '"type": "bool", "bit": 7, "address": 100'
  201
  "table":"holding_register","address":100
  $ tag b/tags/bits-8 '"type": "bool", "bit": 8, "address": 100'
  201
  "table":"holding_register","address":100
  $ tag b/tags/x '"type": "bool", "bit": 7, "address": 100'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 7 of holding_register 100 (400101.7) in unit 1 belongs to b/bits-7"}]}
  $ tag b/tags/x '"type": "uint8", "byte": "low", "address": 100'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 0 of holding_register 100 (400101.0) in unit 1 belongs to b/bits-0"},
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 7 of holding_register 100 (400101.7) in unit 1 belongs to b/bits-7"}]}
  $ tag b/tags/x '"type": "int8", "byte": "high", "address": 100'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 8 of holding_register 100 (400101.8) in unit 1 belongs to b/bits-8"}]}
  $ tag b/tags/x '"type": "int16", "address": 100'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 0 of holding_register 100 (400101.0) in unit 1 belongs to b/bits-0"},
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 7 of holding_register 100 (400101.7) in unit 1 belongs to b/bits-7"},
  {"pointer":"/modbus/address","code":"overlap","detail":"bit 8 of holding_register 100 (400101.8) in unit 1 belongs to b/bits-8"}]}
  $ tag b/tags/bits-9 '"type": "bool", "bit": 9, "address": 100'
  201
  "table":"holding_register","address":100
  $ tag b/tags/low '"type": "uint8", "byte": "low", "address": 101'
  201
  "table":"holding_register","address":101
  $ tag b/tags/x '"type": "bool", "bit": 7, "address": 101'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"the low byte of holding_register 101 (400102) in unit 1 belongs to b/low"}]}
  $ tag b/tags/high-8 '"type": "bool", "bit": 8, "address": 101'
  201
  "table":"holding_register","address":101
  $ tag b/tags/high '"type": "uint8", "byte": "high", "address": 102'
  201
  "table":"holding_register","address":102
  $ tag b/tags/x '"type": "int8", "byte": "high", "address": 102'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"the high byte of holding_register 102 (400103) in unit 1 belongs to b/high"}]}
  $ tag b/tags/low-2 '"type": "int8", "address": 102'
  201
  "table":"holding_register","address":102
  $ tag b/tags/x '"type": "int16", "address": 102'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"the high byte of holding_register 102 (400103) in unit 1 belongs to b/high"},
  {"pointer":"/modbus/address","code":"overlap","detail":"the low byte of holding_register 102 (400103) in unit 1 belongs to b/low-2"}]}
  $ tag b/tags/x '"table": "discrete_input", "address": 0'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"discrete_input 0 (100001) in unit 1 belongs to a/b1"}]}
  $ tag b/tags/in3 '"table": "input_register", "address": 4, "type": "int16"'
  201
  "table":"input_register","address":4
  $ tag b/tags/last '"type": "string", "length": 123, "address": 1000'
  201
  "table":"holding_register","address":1000
  $ tag b/tags/x '"type": "int16", "address": 1122'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 1000 to 1122 (401001 to 401123) in unit 1 belong to b/last"}]}
  $ tag b/tags/before '"type": "int16", "address": 999'
  201
  "table":"holding_register","address":999
  $ tag b/tags/after '"type": "int16", "address": 1123'
  201
  "table":"holding_register","address":1123
  $ tag b/tags/before '"type": "int32"'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 1000 to 1122 (401001 to 401123) in unit 1 belong to b/last"}]}
  $ tag b/tags/before '"type": "int16"'
  200
  "table":"holding_register","address":999
  $ tag b/tags/after '"address": 1122'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 1000 to 1122 (401001 to 401123) in unit 1 belong to b/last"}]}

On another server registers are compared by server and unit:

  $ tag far/tags/x '"type": "int16", "address": 100'
  201
  "table":"holding_register","address":100
  $ tag far-2/tags/x '"type": "int32", "address": 99'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 100 (400101) in unit 1 belongs to far/x"}]}
  $ tag far-2/tags/y '"type": "int16", "address": 101'
  201
  "table":"holding_register","address":101
  $ tag far-3/tags/x '"type": "int16", "address": 100'
  201
  "table":"holding_register","address":100
  $ errors PATCH /devices/far-3 '{"network": {"unit_id": 1}}'
  409
  errors:
  {"pointer":"/network/unit_id","code":"overlap","detail":"far-3/x would overlap: holding_register 100 (400101) in unit 1 belongs to far/x"}]}
  $ errors PATCH /devices/far-3 '{"network": {"modbus_port": 503, "unit_id": 1}}' | head -1
  200
  $ errors PATCH /devices/far-3 '{"network": {"modbus_port": 502}}'
  409
  errors:
  {"pointer":"/network/modbus_port","code":"overlap","detail":"far-3/x would overlap: holding_register 100 (400101) in unit 1 belongs to far/x"}]}

Status blocks are four registers:

  $ status() { api PATCH "/devices/$1" "{\"status\": $2}" | grep -o '^[0-9]*$\|^{"pointer.*\|"status":{[^}]*}\|"status":null'; }
  $ status a '{"address": 1}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"input_register 0 to 1 (300001 to 300002) in unit 1 belong to a/in1"},
  {"pointer":"/status/address","code":"overlap","detail":"input_register 2 to 3 (300003 to 300004) in unit 1 belong to a/in2"},
  {"pointer":"/status/address","code":"overlap","detail":"input_register 4 (300005) in unit 1 belongs to b/in3"}]}
  $ status a '{"address": 5}'
  200
  "status":{"table":"input_register","address":5}
  $ status a '{"address": 4}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"input_register 4 (300005) in unit 1 belongs to b/in3"}]}
  $ status a '{"address": 100, "table": "holding_register"}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"bit 0 of holding_register 100 (400101.0) in unit 1 belongs to b/bits-0"},
  {"pointer":"/status/address","code":"overlap","detail":"bit 7 of holding_register 100 (400101.7) in unit 1 belongs to b/bits-7"},
  {"pointer":"/status/address","code":"overlap","detail":"bit 8 of holding_register 100 (400101.8) in unit 1 belongs to b/bits-8"},
  {"pointer":"/status/address","code":"overlap","detail":"bit 9 of holding_register 100 (400101.9) in unit 1 belongs to b/bits-9"},
  {"pointer":"/status/address","code":"overlap","detail":"the low byte of holding_register 101 (400102) in unit 1 belongs to b/low"},
  {"pointer":"/status/address","code":"overlap","detail":"bit 8 of holding_register 101 (400102.8) in unit 1 belongs to b/high-8"},
  {"pointer":"/status/address","code":"overlap","detail":"the high byte of holding_register 102 (400103) in unit 1 belongs to b/high"},
  {"pointer":"/status/address","code":"overlap","detail":"the low byte of holding_register 102 (400103) in unit 1 belongs to b/low-2"}]}
  $ status a '{"address": 103, "table": "holding_register"}'
  200
  "status":{"table":"holding_register","address":103}
  $ status b '{"address": 106, "table": "holding_register"}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"holding_register 103 to 106 (400104 to 400107) in unit 1 belong to the status block of a"}]}
  $ status b '{"address": 107, "table": "holding_register"}'
  200
  "status":{"table":"holding_register","address":107}
  $ status b '{"address": 1120, "table": "holding_register"}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"holding_register 1000 to 1122 (401001 to 401123) in unit 1 belong to b/last"},
  {"pointer":"/status/address","code":"overlap","detail":"holding_register 1123 (401124) in unit 1 belongs to b/after"}]}
  $ tag b/tags/x '"type": "int16", "address": 106'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 103 to 106 (400104 to 400107) in unit 1 belong to the status block of a"}]}
  $ tag b/tags/x '"type": "int16", "address": 110'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 107 to 110 (400108 to 400111) in unit 1 belong to the status block of b"}]}
  $ status far '{"address": 103, "table": "holding_register"}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"holding_register 103 to 106 (400104 to 400107) in unit 1 belong to the status block of a"}]}
  $ status far '{"address": 200, "table": "holding_register"}'
  200
  "status":{"table":"holding_register","address":200}
  $ status far null
  200
  "status":null
  $ api PUT /devices/c '{"mqtt": {"topic": "t"}, "status": {"address": 110, "table": "holding_register"}}' | tail -1
  {"pointer":"/status/address","code":"overlap","detail":"holding_register 107 to 110 (400108 to 400111) in unit 1 belong to the status block of b"}]}
  $ tag a/tags/i7 '"type": "int16"'
  201
  "table":"holding_register","address":21

A device moves to another unit or server with its registers:

  $ errors PATCH /devices/unit-2 '{"network": {"unit_id": 1}}'
  409
  errors:
  {"pointer":"/network/unit_id","code":"overlap","detail":"unit-2/i1 would overlap: holding_register 0 (400001) in unit 1 belongs to a/i1"},
  {"pointer":"/network/unit_id","code":"overlap","detail":"unit-2/f1 would overlap: holding_register 2 to 3 (400003 to 400004) in unit 1 belong to a/f1"},
  {"pointer":"/network/unit_id","code":"overlap","detail":"unit-2/f1 would overlap: holding_register 5 (400006) in unit 1 belongs to a/i3"}]}
  $ errors PATCH /devices/unit-2 '{"network": {"unit_id": 3}}' | head -1
  200
  $ errors PATCH /devices/unit-2 '{"network": {"unit_id": 9}}' | head -1
  200
  $ errors PATCH /devices/unit-2 '{"network": {"unit_id": 4}}'
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 4 is not on the local server; [common] units lists its units"}]}
  $ errors PATCH /devices/unit-2 '{"network": {"unit_id": 20}}'
  422
  errors:
  {"pointer":"/network/unit_id","code":"unknown_unit","detail":"unit 20 is another name of unit 1 for SCADA clients; the device needs unit_id 1"}]}
  $ place GET /devices/unit-2/tags/f1
  200
  "table":"holding_register","address":2
  $ errors PATCH /devices/a '{"network": {"modbus_host": "plc-7"}}'
  422
  errors:
  {"pointer":"/network/modbus_host","code":"read_only_table","detail":"the tag b1 is in discrete_input, which Tagferry can write only on the local server"},
  {"pointer":"/network/modbus_host","code":"read_only_table","detail":"the tag in1 is in input_register, which Tagferry can write only on the local server"},
  {"pointer":"/network/modbus_host","code":"read_only_table","detail":"the tag in2 is in input_register, which Tagferry can write only on the local server"}]}
  $ errors PATCH /devices/unit-2 '{"network": {"modbus_host": "plc-7"}}' | head -1
  200
  $ tag unit-2/tags/slow '"type": "int16", "address": 77, "min_interval_ms": 12'
  201
  "table":"holding_register","address":77
  $ tag unit-2/tags/slow-2 '"type": "int16", "address": 78, "min_change": 1.5'
  201
  "table":"holding_register","address":78
  $ api PUT /devices/unit-2/tags/slow-3 '{"direction": "both", "mqtt": {"command_topic": "c", "min_change": 2}, "modbus": {"address": 79, "type": "int16"}}' | head -1
  201
  $ errors PATCH /devices/unit-2 '{"network": {"modbus_host": null}}'
  422
  errors:
  {"pointer":"/network/modbus_host","code":"foreign_only","detail":"the tag slow has modbus.min_change or min_interval_ms, or mqtt.min_change without command_on change, which are possible only on a foreign Modbus server"},
  {"pointer":"/network/modbus_host","code":"foreign_only","detail":"the tag slow-2 has modbus.min_change or min_interval_ms, or mqtt.min_change without command_on change, which are possible only on a foreign Modbus server"},
  {"pointer":"/network/modbus_host","code":"foreign_only","detail":"the tag slow-3 has modbus.min_change or min_interval_ms, or mqtt.min_change without command_on change, which are possible only on a foreign Modbus server"}]}
  $ device d '"unit_id": 3'
  201
  $ api PUT /devices/d/tags/exp '{"direction": "both", "mqtt": {"command_topic": "c", "expires_s": 10}}' | head -1
  201
  $ errors PATCH /devices/d '{"network": {"modbus_host": "plc-7"}}'
  422
  errors:
  {"pointer":"/network/modbus_host","code":"local_only","detail":"the tag exp has mqtt.expires_s, which is possible only on the local server"}]}
  $ errors PATCH /devices/d/tags/exp '{"device": "far"}'
  422
  errors:
  {"pointer":"/mqtt/expires_s","code":"local_only","detail":"must be 0 on a Modbus server that is not the local one: it does not tell when SCADA writes the same value again"}]}

Devices of one gateway share registers with those of another, but with none of all gateways:

  $ device north '"gateway": "north", "unit_id": 9'; device south '"gateway": "south", "unit_id": 9'; device all '"unit_id": 9'
  201
  201
  201
  $ tag north/tags/n '"type": "int16"'
  201
  "table":"holding_register","address":0
  $ tag south/tags/s '"type": "int16"'
  201
  "table":"holding_register","address":0
  $ tag all/tags/a '"type": "int16"'
  201
  "table":"holding_register","address":1
  $ tag north/tags/n2 '"type": "int16"'
  201
  "table":"holding_register","address":2
  $ tag south/tags/s2 '"type": "int16"'
  201
  "table":"holding_register","address":2
  $ tag all/tags/x '"type": "int16", "address": 0'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 0 (400001) in unit 9 at north belongs to north/n"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 0 (400001) in unit 9 at south belongs to south/s"}]}
  $ tag all/tags/x '"type": "int32", "address": 2'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 2 (400003) in unit 9 at north belongs to north/n2"},
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 2 (400003) in unit 9 at south belongs to south/s2"}]}
  $ tag north/tags/x '"type": "int16", "address": 1'
  409
  {"pointer":"/modbus/address","code":"overlap","detail":"holding_register 1 (400002) in unit 9 belongs to all/a"}]}
  $ errors PATCH /devices/north '{"network": {"gateway": "south"}}'
  409
  errors:
  {"pointer":"/network/gateway","code":"overlap","detail":"north/n would overlap: holding_register 0 (400001) in unit 9 at south belongs to south/s"},
  {"pointer":"/network/gateway","code":"overlap","detail":"north/n2 would overlap: holding_register 2 (400003) in unit 9 at south belongs to south/s2"}]}
  $ errors PATCH /devices/north '{"network": {"gateway": null}}'
  409
  errors:
  {"pointer":"/network/gateway","code":"overlap","detail":"north/n would overlap: holding_register 0 (400001) in unit 9 at south belongs to south/s"},
  {"pointer":"/network/gateway","code":"overlap","detail":"north/n2 would overlap: holding_register 2 (400003) in unit 9 at south belongs to south/s2"}]}
  $ errors PATCH /devices/all '{"network": {"gateway": "north"}}' | head -1
  200
  $ errors PATCH /devices/all '{"network": {"gateway": "south"}}' | head -1
  200
  $ status north '{"address": 12}'
  200
  "status":{"table":"input_register","address":12}
  $ status south '{"address": 12}'
  200
  "status":{"table":"input_register","address":12}
  $ errors PATCH /devices/south '{"network": {"gateway": "north"}}'
  409
  errors:
  {"pointer":"/network/gateway","code":"overlap","detail":"south/s would overlap: holding_register 0 (400001) in unit 9 at north belongs to north/n"},
  {"pointer":"/network/gateway","code":"overlap","detail":"south/s2 would overlap: holding_register 2 (400003) in unit 9 at north belongs to north/n2"},
  {"pointer":"/network/gateway","code":"overlap","detail":"the status block of south would overlap: input_register 12 to 15 (300013 to 300016) in unit 9 at north belong to the status block of north"}]}
  $ status all '{"address": 14}'
  409
  {"pointer":"/status/address","code":"overlap","detail":"input_register 12 to 15 (300013 to 300016) in unit 9 at south belong to the status block of south"}]}

A full table: the lowest gap that fits, with a warning if it was allocated before; none:

  $ device full '"unit_id": 3'
  201
  $ tag full/tags/first '"type": "string", "length": 122, "table": "input_register"'
  201
  "table":"input_register","address":0
  $ tag full/tags/second '"type": "int16", "table": "input_register"'
  201
  "table":"input_register","address":122
  $ strings() { for i in $(seq 1 531); do printf '%s{"name": "s%d", "modbus": {"table": "input_register", "address": %d, "type": "string", "length": 123}}' "$comma" $i $((123 * i)); comma=, ; done; }
  $ printf '{"devices": [{"name": "full", "network": {"unit_id": 3}, "mqtt": {"topic": "t"}, "tags": [%s, {"name": "end", "modbus": {"table": "input_register", "address": 65436, "type": "string", "length": 99}}]}]}' "$(strings)" >body
  $ api POST '/import?mode=merge&changes=none' --data-binary @body -H 'Content-Type: application/json' | sed -n '1p; 2s/,"warnings.*//p'
  200
  {"created":532,"changed":0,"deleted":0,"dry_run":false
  $ tag full/tags/last '"type": "int16", "table": "input_register"'
  201
  "table":"input_register","address":65535
  $ tag full/tags/none '"type": "int16", "table": "input_register"'
  409
  {"pointer":"/modbus/address","code":"table_full","detail":"input_register of unit 3 has no gap of 1 free register"}]}
  $ tag full/tags/none '"type": "float64", "table": "input_register"'
  409
  {"pointer":"/modbus/address","code":"table_full","detail":"input_register of unit 3 has no gap of 4 free registers"}]}
  $ api DELETE /devices/full/tags/second; api DELETE /devices/full/tags/s3
  204
  204
  $ place POST '/devices/full/tags?dry_run=true' '{"name": "none", "modbus": {"type": "int16", "table": "input_register"}}'
  200
  "table":"input_register","address":122
  "warnings"
  {"pointer":"/modbus/address","code":"address_reused","detail":"all addresses above the highest one that was ever allocated in input_register of unit 3 are used: 122 is the lowest free address, and an earlier tag may have had it"}]}
  $ place POST '/devices/full/tags?dry_run=true' '{"name": "none", "modbus": {"type": "int32", "table": "input_register"}}'
  200
  "table":"input_register","address":370
  "warnings"
  {"pointer":"/modbus/address","code":"address_reused","detail":"all addresses above the highest one that was ever allocated in input_register of unit 3 are used: 370 is the lowest free address, and an earlier tag may have had it"}]}
  $ place POST '/devices/full/tags?dry_run=true' '{"name": "none", "modbus": {"type": "string", "length": 122, "table": "input_register"}}'
  200
  "table":"input_register","address":370
  "warnings"
  {"pointer":"/modbus/address","code":"address_reused","detail":"all addresses above the highest one that was ever allocated in input_register of unit 3 are used: 370 is the lowest free address, and an earlier tag may have had it"}]}
  $ place POST '/devices/full/tags?dry_run=true' '{"name": "none", "modbus": {"type": "string", "length": 123, "table": "input_register"}}'
  409
  {"pointer":"/modbus/address","code":"table_full","detail":"input_register of unit 3 has no gap of 123 free registers"}]}
  $ errors POST /devices/full/copy '{"copies": [{"name": "full-2", "topic": "u"}]}'
  409
  errors:
  {"pointer":"/copies/0","code":"table_full","detail":"input_register of unit 3 has no gap of 65536 free registers; a stride for it may fit"}]}
  $ errors DELETE /devices/full
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"This deletes 534 objects: the device full with its 533 tags. Repeat the request with confirm=534 to delete them."}],"confirm":534}
  $ errors DELETE '/devices/full?confirm=1'
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"confirm is 1, but this deletes 534 objects: the device full with its 533 tags. Nothing was changed."}],"confirm":534}
  $ errors DELETE '/devices/full?confirm=533'
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"confirm is 533, but this deletes 534 objects: the device full with its 533 tags. Nothing was changed."}],"confirm":534}
  $ device full '"unit_id": 3'
  200
  $ tag full/tags/again '"type": "int16", "table": "input_register"'
  201
  "table":"input_register","address":122
  "warnings"
  {"pointer":"/modbus/address","code":"address_reused","detail":"all addresses above the highest one that was ever allocated in input_register of unit 3 are used: 122 is the lowest free address, and an earlier tag may have had it"}]}

The registers that have owners:

  $ api GET /registers
  200
  {"server":"127.0.0.1:PORT","gateway":null,"units":[1,2,3,9],"items":[
  {"server":null,"gateway":null,"unit":1,"table":"discrete_input","owners":1,"first":0,"last":0},
  {"server":null,"gateway":null,"unit":1,"table":"holding_register","owners":24,"first":0,"last":1123},
  {"server":null,"gateway":null,"unit":1,"table":"input_register","owners":3,"first":0,"last":4},
  {"server":null,"gateway":null,"unit":3,"table":"holding_register","owners":1,"first":0,"last":1},
  {"server":null,"gateway":null,"unit":3,"table":"input_register","owners":534,"first":0,"last":65535},
  {"server":null,"gateway":"north","unit":9,"table":"holding_register","owners":2,"first":0,"last":2},
  {"server":null,"gateway":"north","unit":9,"table":"input_register","owners":1,"first":12,"last":15},
  {"server":null,"gateway":"south","unit":9,"table":"holding_register","owners":3,"first":0,"last":2},
  {"server":null,"gateway":"south","unit":9,"table":"input_register","owners":1,"first":12,"last":15},
  {"server":"plc-1:502","gateway":null,"unit":1,"table":"holding_register","owners":2,"first":100,"last":101},
  {"server":"plc-1:503","gateway":null,"unit":1,"table":"holding_register","owners":1,"first":100,"last":100},
  {"server":"plc-7:502","gateway":null,"unit":9,"table":"holding_register","owners":5,"first":0,"last":79}]}
  $ api GET '/registers/holding_register/owners?unit=1' | head -12
  200
  {"server":null,"gateway":null,"unit":1,"table":"holding_register","items":[
  {"first":0,"last":0,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"i1","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":2,"last":3,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"f1","type":"float32","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":5,"last":5,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"i3","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":6,"last":6,"bit":null,"byte":null,"gateway":null,"device":"b","tag":"given","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":7,"last":7,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"i4","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":10,"last":13,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"f2","type":"float64","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":14,"last":16,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"s1","type":"string","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":17,"last":17,"bit":15,"byte":null,"gateway":null,"device":"a","tag":"b2","type":"bool","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":19,"last":19,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"i5","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":20,"last":20,"bit":null,"byte":null,"gateway":null,"device":"a","tag":"i6","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
