import, export and backup.

import: the type of a file by its content, all options, the answer as a text.

  @ POST /import type=text/plain
  created 2 devices
  changed 12 tags ü
  @ POST /import?dry_run=true&changes=x
  {}
  $ printf 'device,name\r\n' > a.csv; printf '\357\273\277 \n[{"x":1}]' > a.json; printf 'PK\003\004xx' > a.bin; printf 'PK\003' > b.bin; : > e.json; : > e; printf '{"tags":[{"tagType":"x"}]}' > i.json; printf '{"a":{"opcItemPath":"x"}}' > j.json; printf '{"common.ALLTYPES_NAME":"x"}' > k.json; printf 'tag NAME,Address,Type' > k.csv; printf ' {"devices":[]}' > p.json; printf '.json' > .json; : > .json
  $ ctl import a.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  created 2 devices
  changed 12 tags ü

  $ ctl import a.json
  > POST /import?changes=none [Accept: text/plain] <- ﻿\x20
  [{"x":1}]
  created 2 devices
  changed 12 tags ü

  $ ctl import a.bin
  > POST /import?changes=none [Accept: text/plain] [Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet] <- PK\x03\x04xx
  created 2 devices
  changed 12 tags ü

  $ ctl import b.bin
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- PK\x03
  created 2 devices
  changed 12 tags ü

  $ ctl import e.json
  > POST /import?changes=none [Accept: text/plain] <-\x20
  created 2 devices
  changed 12 tags ü

  $ ctl import e
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <-\x20
  created 2 devices
  changed 12 tags ü

  $ ctl import .json
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <-\x20
  created 2 devices
  changed 12 tags ü

  $ ctl import i.json
  > POST /import?format=ignition&changes=none [Accept: text/plain] <- {"tags":[{"tagType":"x"}]}
  created 2 devices
  changed 12 tags ü

  $ ctl import j.json
  > POST /import?format=ignition&changes=none [Accept: text/plain] <- {"a":{"opcItemPath":"x"}}
  created 2 devices
  changed 12 tags ü

  $ ctl import k.json
  > POST /import?format=kepware&changes=none [Accept: text/plain] <- {"common.ALLTYPES_NAME":"x"}
  created 2 devices
  changed 12 tags ü

  $ ctl import k.csv
  > POST /import?format=kepware&changes=none [Accept: text/plain] [Content-Type: text/csv] <- tag NAME,Address,Type
  created 2 devices
  changed 12 tags ü

  $ ctl import k.csv --format csv
  > POST /import?format=csv&changes=none [Accept: text/plain] [Content-Type: text/csv] <- tag NAME,Address,Type
  created 2 devices
  changed 12 tags ü

  $ ctl import i.json --format json
  > POST /import?format=json&changes=none [Accept: text/plain] <- {"tags":[{"tagType":"x"}]}
  created 2 devices
  changed 12 tags ü

  $ ctl import a.csv --format neuron
  > POST /import?format=neuron&changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  created 2 devices
  changed 12 tags ü

  ! stdin {"devices": []}
  $ ctl import -
  > POST /import?changes=none [Accept: text/plain] <- {"devices": []}
  created 2 devices
  changed 12 tags ü

  $ ctl import p.json --mode replace --sheet 'S 1' --topic t/{device} --command-topic c --byte-order CDAB --unit 3 --base 1 --device a --device b --dry-run
  > POST /import?mode=replace&sheet=S%201&topic=t%2F%7Bdevice%7D&command_topic=c&byte_order=CDAB&unit=3&base=1&device=a%2Cb&dry_run=true [Accept: text/plain] <-  {"devices":[]}
  created 2 devices
  changed 12 tags ü

  $ ctl import a.csv --format map
  tagferryctl: a register map cannot be imported
  Try: tagferryctl import --help
  [2]

  $ ctl import a.csv --format pdf
  tagferryctl: --format pdf: it must be csv, json, xlsx, kepware, ignition or neuron
  Try: tagferryctl import --help
  [2]

  $ ctl import nothere
  tagferryctl: nothere: No such file or directory
  [1]

  $ ctl import .
  tagferryctl: .: Is a directory
  [1]

  $ ctl import ''
  tagferryctl: "" must be FILE
  Try: tagferryctl import --help
  [2]

  $ ctl import a.csv --mode add
  tagferryctl: --mode add: it must be merge or replace
  Try: tagferryctl import --help
  [2]

  $ ctl import a.csv --device a/b
  tagferryctl: --device a/b: it must be the name of a device
  Try: tagferryctl import --help
  [2]

The answer as JSON and CSV; warnings.

  @ POST /import
  {"changes":[{"action":"create","device":"a","tag":"t","table":"coil","address":12,"before":null,"after":"x, y"},{"action":"delete","device":"b"}],
   "warnings":[{"row":2,"column":"scale","detail":"odd"},{"row":13,"column":"scale","detail":"odd"},{"detail":"other"}]}
  $ ctl import a.csv -o csv
  > POST /import [Content-Type: text/csv] <- device,name\r
  \n
  action,device,tag,table,address,before,after\r
  create,a,t,coil,12,,"x, y"\r
  delete,b,,,,,\r
  a.csv: warnings:
    row 2, column scale; row 13, column scale: odd
    other

  $ ctl import a.csv -o json
  > POST /import [Content-Type: text/csv] <- device,name\r
  \n
  {"changes":[{"action":"create","device":"a","tag":"t","table":"coil","address":12,"before":null,"after":"x, y"},{"action":"delete","device":"b"}],
   "warnings":[{"row":2,"column":"scale","detail":"odd"},{"row":13,"column":"scale","detail":"odd"},{"detail":"other"}]}

  @ POST /import
  {"changes":[],"warnings":[]}
  $ ctl import a.csv -o csv --dry-run
  > POST /import?dry_run=true [Content-Type: text/csv] <- device,name\r
  \n
  action,device,tag,table,address,before,after\r

Faults of a file.

  @ POST /import 422 type=text/plain
  row 3: must not be 0
  $ ctl import a.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  row 3: must not be 0
  [1]

  @ POST /import 422
  {"status":422,"detail":"There are 2 errors; see errors.","errors":[{"row":3,"column":"scale","cell":"0","detail":"must not be 0"},{"row":4,"column":"key","detail":"is needed"}]}
  $ ctl import a.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  tagferryctl: a.csv: 2 errors:
    row 3, column scale "0": must not be 0
    row 4, column key: is needed
  [1]

  $ ctl import a.csv -o csv
  > POST /import [Content-Type: text/csv] <- device,name\r
  \n
  tagferryctl: a.csv: 2 errors:
    row 3, column scale "0": must not be 0
    row 4, column key: is needed
  [1]

Deletions are asked for.

  @ POST /import 409
  {"status":409,"errors":[{"code":"confirm_required"}],"confirm":21}
  @ POST /import?changes=none&confirm=21 type=text/plain
  deleted 21 tags
  $ ctl import a.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  a.csv: this deletes 21 devices and tags. Go on?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  $ ctl import a.csv --yes
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  > POST /import?changes=none&confirm=21 [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  deleted 21 tags

  ! terminal 40x24
  ! stdin y\n
  $ ctl import a.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  > POST /import?changes=none&confirm=21 [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  \ra.csv [####                ]  23%\e[K\ra.csv [#########           ]  46%\e[K\ra.csv [#############       ]  69%\e[K\ra.csv is sent, the server works |\e[K\ra.csv is sent, the server works /\e[K\ra.csv is sent, the server works -\e[K\r\e[Ka.csv: this deletes 21 devices and tags. Go on? [y/N] \ra.csv [####                ]  23%\e[K\ra.csv [#########           ]  46%\e[K\ra.csv [#############       ]  69%\e[K\ra.csv is sent, the server works |\e[K\ra.csv is sent, the server works /\e[K\ra.csv is sent, the server works -\e[K\r\e[Kdeleted 21 tags

A terminal shows how far it is: a bar, then that the server works.

  @ POST /import type=text/plain
  created one device, and much more that has no room on this narrow terminal
  $ printf '%0100d' 0 > a-file-with-a-very-long-name.csv
  $ ctl import ./a-file-with-a-very-long-name.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- 0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
  \ra-file-with-a-very-long… [#####               ]  25%\e[K\ra-file-with-a-very-long… [##########          ]  50%\e[K\ra-file-with-a-very-long… [###############     ]  75%\e[K\ra-file-with-a-very-long… is sent, the server works |\e[K\ra-file-with-a-very-long… is sent, the server works /\e[K\ra-file-with-a-very-long… is sent, the server works -\e[K\r\e[Kcreated one device, and much more that …

  $ ctl import a.csv -o json
  > POST /import [Content-Type: text/csv] <- device,name\r
  \n
  \ra.csv [####                ]  23%\e[K\ra.csv [#########           ]  46%\e[K\ra.csv [#############       ]  69%\e[K\ra.csv is sent, the server works |\e[K\ra.csv is sent, the server works /\e[K\ra.csv is sent, the server works -\e[K\r\e[Ktagferryctl: http://127.0.0.1:5000: it answers, but not as tagferry-api does (status 200, text/plain)
  The change may have been made: look before you repeat it.
  [3]

  ! env TERM=dumb
  $ ctl import a.csv
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,name\r
  \n
  created one device, and much more that …

  ! env TERM=xterm
  ! pipe

export: formats by name, by the end of the name, by --output.

  @ GET /export?format=json
  {"devices":[]}
  @ GET /export?format=csv type=text/csv
  device,name
  a,ü
  @ GET /export?format=xlsx type=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
  PK
  @ GET /export?format=map type=text/html
  <html>
  @ GET /export?format=kepware type=text/csv
  Tag Name
  @ GET /export?format=ignition
  {"tags":[]}
  $ ctl export
  > GET /export?format=json
  {"devices":[]}(no newline)

  $ ctl export -
  > GET /export?format=json
  {"devices":[]}(no newline)

  $ ctl export -o csv
  > GET /export?format=csv [Accept: text/csv]
  device,name
  a,ü(no newline)

  $ ctl export --format csv
  > GET /export?format=csv [Accept: text/csv]
  device,name
  a,ü(no newline)

  $ ctl export --format xlsx
  > GET /export?format=xlsx [Accept: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet]
  PK(no newline)

  $ ctl export --format map
  > GET /export?format=map [Accept: text/html]
  <html>(no newline)

  $ ctl export --format kepware
  > GET /export?format=kepware [Accept: text/csv]
  Tag Name(no newline)

  $ ctl export --format ignition
  > GET /export?format=ignition
  {"tags":[]}(no newline)

  $ ctl export --format neuron
  tagferryctl: --format neuron: it must be json, csv, xlsx, map, kepware or ignition
  Try: tagferryctl export --help
  [2]

  $ ctl export --format pdf
  tagferryctl: --format pdf: it must be json, csv, xlsx, map, kepware or ignition
  Try: tagferryctl export --help
  [2]

  $ ctl export a.json
  > GET /export?format=json
  a.json written: 14 bytes

  $ ctl export b.CSV
  > GET /export?format=csv [Accept: text/csv]
  b.CSV written: 16 bytes

  $ ctl export c.xlsx -o csv
  > GET /export?format=xlsx [Accept: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet]
  file,bytes\r
  c.xlsx,2\r

  $ ctl export d.html -o json
  > GET /export?format=map [Accept: text/html]
  {"file":"d.html","bytes":6}

  $ ctl export plain
  > GET /export?format=json
  plain written: 14 bytes

  $ ctl export ./dir.x/plain
  > GET /export?format=json
  tagferryctl: ./dir.x/plain: No such file or directory
  [1]

  $ ctl export .hidden
  > GET /export?format=json
  .hidden written: 14 bytes

  $ ctl export .csv
  > GET /export?format=json
  .csv written: 14 bytes

  $ ctl export a.xls
  tagferryctl: a.xls: the end of the name says no format: .json, .csv, .xlsx and .html do; else name it with --format
  Try: tagferryctl export --help
  [2]

  $ ctl export a.
  tagferryctl: a.: the end of the name says no format: .json, .csv, .xlsx and .html do; else name it with --format
  Try: tagferryctl export --help
  [2]

  @ GET /export?format=map type=text/csv
  Device
  $ ctl export map.csv --format map
  > GET /export?format=map [Accept: text/csv]
  map.csv written: 6 bytes

  $ ctl export --format map -o csv
  > GET /export?format=map [Accept: text/csv]
  Device(no newline)

  $ ctl export plain --format json
  > GET /export?format=json
  plain written: 14 bytes

  @ GET /export?format=csv&delimiter=semicolon&device=a%2Cb&unit=3 type=text/csv
  device;name
  $ ctl export --format csv --delimiter semicolon --device a --device b --unit 3
  > GET /export?format=csv&delimiter=semicolon&device=a%2Cb&unit=3 [Accept: text/csv]
  device;name(no newline)

  $ cat a.json b.CSV plain; ls -A
  {"devices":[]}device,name
  a,ü{"devices":[]}.csv
  .hidden
  .json
  a-file-with-a-very-long-name.csv
  a.bin
  a.csv
  a.json
  b.CSV
  b.bin
  c.xlsx
  d.html
  e
  e.json
  i.json
  j.json
  k.csv
  k.json
  map.csv
  p.json
  plain

  ! terminal 20x24
  $ ctl export --format csv
  > GET /export?format=csv [Accept: text/csv]
  device,name
  a,ü

  $ ctl export --format xlsx
  tagferryctl: a workbook is nothing for a terminal: name a file
  Try: tagferryctl export --help
  [2]

  $ ctl export c.xlsx
  > GET /export?format=xlsx [Accept: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet]
  c.xlsx written: 2 bytes

  ! pipe
  @ GET /export?format=json 401
  {"status":401,"detail":"no"}
  $ ctl export
  > GET /export?format=json
  tagferryctl: the export: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

Files: rights stay, links are followed, a folder that is not there.

  @ GET /export?format=csv type=text/csv
  x
  $ umask 027; printf old > kept.csv; chmod 640 kept.csv; ln -sf kept.csv link.csv; rm -f new.csv
  $ ctl export link.csv
  > GET /export?format=csv [Accept: text/csv]
  link.csv written: 1 byte

  $ ctl export new.csv
  > GET /export?format=csv [Accept: text/csv]
  new.csv written: 1 byte

  $ stat -c '%A %n %s' kept.csv link.csv; cat kept.csv; ls -A | grep -c 'csv[.]'
  -rw-r----- kept.csv 1
  lrwxrwxrwx link.csv 8
  x0

  $ ctl export nothere/new.csv
  > GET /export?format=csv [Accept: text/csv]
  tagferryctl: nothere/new.csv: No such file or directory
  [1]

  $ ctl export --format csv /dev/null
  > GET /export?format=csv [Accept: text/csv]
  /dev/null written: 1 byte

  $ ctl export --format csv /dev/full
  > GET /export?format=csv [Accept: text/csv]
  tagferryctl: /dev/full: No space left on device
  [1]

  $ mkdir folder.csv
  $ ctl export folder.csv
  > GET /export?format=csv [Accept: text/csv]
  tagferryctl: folder.csv: Is a directory
  [1]

backup.

  @ GET /backup type=application/vnd.sqlite3 escapes
  SQLite format 3\x00 and \xff more
  $ ctl backup b.db
  > GET /backup [Accept: application/vnd.sqlite3]
  b.db written: 27 bytes

  $ od -c b.db; stat -c '%A' b.db
  0000000   S   Q   L   i   t   e       f   o   r   m   a   t       3  \\0
  0000020       a   n   d     377       m   o   r   e
  0000033
  -rw-r-----

  @ GET /backup type=application/vnd.sqlite3
  no backup at all, but long
  $ ctl backup c.db
  > GET /backup [Accept: application/vnd.sqlite3]
  tagferryctl: http://127.0.0.1:5000 answers with something that is no backup
  [3]

  @ GET /backup type=application/vnd.sqlite3 escapes
  SQLite format 3\x00
  $ ctl backup c.db
  > GET /backup [Accept: application/vnd.sqlite3]
  c.db written: 16 bytes

  @ GET /backup type=application/vnd.sqlite3
  SQLite format 3
  $ ctl backup c.db
  > GET /backup [Accept: application/vnd.sqlite3]
  tagferryctl: http://127.0.0.1:5000 answers with something that is no backup
  [3]

  @ GET /backup 403
  {"status":403,"detail":"no"}
  $ ctl backup c.db
  > GET /backup [Accept: application/vnd.sqlite3]
  tagferryctl: the backup: no
  [1]

  $ ctl backup
  tagferryctl: operands are missing: the command is tagferryctl backup FILE
  Try: tagferryctl backup --help
  [2]
