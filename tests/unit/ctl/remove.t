rm, copy and revert.

rm: all objects are read and asked for first; profiles go last.

  @ GET /devices/a etag='"3"'
  {"profile":{"name":"p"}}
  @ GET /devices/a/tags?limit=1
  {"items":[{}],"total":12}
  @ DELETE /devices/a?dry_run=true 204 type=
  @ DELETE /devices/a?confirm=13 204 type=
  @ GET /devices/b etag='"4"'
  {}
  @ GET /devices/b/tags?limit=1
  {"items":[{}],"total":1}
  @ DELETE /devices/b?dry_run=true 204 type=
  @ DELETE /devices/b?confirm=2 204 type=
  @ GET /devices/c/tags/t etag='"5"'
  {}
  @ DELETE /devices/c/tags/t?dry_run=true 204 type=
  @ DELETE /devices/c/tags/t 204 type=
  @ GET /profiles/p etag='"6"'
  {"devices":1}
  @ DELETE /profiles/p 204 type=
  $ ctl rm a
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > DELETE /devices/a?confirm=13 [If-Match: "3"]
  a deleted, with its 12 tags

  $ ctl rm profile:p a b a/t c/t a c/t
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > GET /profiles/p
  > DELETE /devices/a?confirm=13 [If-Match: "3"]
  > DELETE /devices/b?confirm=2 [If-Match: "4"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  > DELETE /profiles/p [If-Match: "6"]
  a deleted, with its 12 tags
  b deleted, with its tag
  c/t deleted
  profile:p deleted

  $ ctl rm profile:p a b c/t -o csv
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > GET /profiles/p
  > DELETE /devices/a?confirm=13 [If-Match: "3"]
  > DELETE /devices/b?confirm=2 [If-Match: "4"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  > DELETE /profiles/p [If-Match: "6"]
  object,tags,deleted\r
  a,12,true\r
  b,1,true\r
  c/t,0,true\r
  profile:p,0,true\r

  $ ctl rm b c/t -o json
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > DELETE /devices/b?confirm=2 [If-Match: "4"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  {"deleted":[{"object":"b","tags":1},{"object":"c/t","tags":0}],"dry_run":false}

  $ ctl rm profile:p a b c/t --dry-run
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > GET /profiles/p
  a would be deleted, with its 12 tags
  b would be deleted, with its tag
  c/t would be deleted
  profile:p would be deleted

  $ ctl rm a c/t --dry-run -o csv
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  object,tags,deleted\r
  a,12,false\r
  c/t,0,false\r

  $ ctl rm a c/t --dry-run -o json
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  {"deleted":[{"object":"a","tags":12},{"object":"c/t","tags":0}],"dry_run":true}

  $ ctl rm profile:p
  > GET /profiles/p
  tagferryctl: profile:p: 1 device uses it
  [1]

  @ GET /profiles/p etag='"6"'
  {"devices":3}
  $ ctl rm profile:p a
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /profiles/p
  tagferryctl: profile:p: 2 devices use it
  Nothing was deleted.
  [1]

  $ ctl rm c/t --if-match 5
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  c/t deleted

  $ ctl rm c/t b --if-match '*'
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: *]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: *]
  > DELETE /devices/c/tags/t [If-Match: *]
  > DELETE /devices/b?confirm=2 [If-Match: *]
  c/t deleted
  b deleted, with its tag

  $ ctl rm c/t b --if-match 5
  tagferryctl: --if-match "5" is the state of one object, but 2 are named
  Try: tagferryctl rm --help
  [2]

  $ ctl rm none
  > GET /devices/none
  tagferryctl: none: it is not there
  [4]

  $ ctl rm none c/t none/t
  > GET /devices/none
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  tagferryctl: none: it is not there
  Nothing was deleted.
  [4]

  $ ctl rm a/b/c
  tagferryctl: "a/b/c" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl rm --help
  [2]

More than twenty.

  @ GET /devices/a/tags?limit=1
  {"items":[{}],"total":19}
  @ DELETE /devices/a?confirm=20 204 type=
  $ ctl rm a
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > DELETE /devices/a?confirm=20 [If-Match: "3"]
  a deleted, with its 19 tags

  $ ctl rm a c/t
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  This deletes 21 devices and tags: a, with its 19 tags, and 1 more. Go on?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  $ ctl rm a c/t --yes
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > DELETE /devices/a?confirm=20 [If-Match: "3"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  a deleted, with its 19 tags
  c/t deleted

  ! terminal 80x24
  ! stdin y\n
  $ ctl rm a b c/t
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > DELETE /devices/a?confirm=20 [If-Match: "3"]
  > DELETE /devices/b?confirm=2 [If-Match: "4"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  This deletes 23 devices and tags: a, with its 19 tags, and 2 more. Go on? [y/N] a deleted, with its 19 tags
  b deleted, with its tag
  c/t deleted

  ! pipe
  @ GET /devices/a/tags?limit=1
  {"items":[],"total":20}
  $ ctl rm a
  > GET /devices/a
  > GET /devices/a/tags?limit=1
  > DELETE /devices/a?dry_run=true [If-Match: "3"]
  This deletes 21 devices and tags: a, with its 20 tags. Go on?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

Some are deleted, some not.

  @ DELETE /devices/b?confirm=2 409
  {"status":409,"code":"confirm_required","detail":"needs confirm=3"}
  $ ctl rm c/t b
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  > DELETE /devices/b?confirm=2 [If-Match: "4"]
  tagferryctl: b: needs confirm=3
  c/t deleted
  1 of 2 were deleted. tagferryctl audit has their IDs, with which tagferryctl revert ID brings them back.
  [5]

  $ ctl rm c/t b -o csv
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  > DELETE /devices/c/tags/t [If-Match: "5"]
  > DELETE /devices/b?confirm=2 [If-Match: "4"]
  tagferryctl: b: needs confirm=3
  object,tags,deleted\r
  c/t,0,true\r
  1 of 2 were deleted. tagferryctl audit has their IDs, with which tagferryctl revert ID brings them back.
  [5]

  @ DELETE /devices/b?dry_run=true 403
  {"status":403,"detail":"no"}
  $ ctl rm c/t b
  > GET /devices/c/tags/t
  > DELETE /devices/c/tags/t?dry_run=true [If-Match: "5"]
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  tagferryctl: b: no
  Nothing was deleted.
  [1]

  $ ctl rm b
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  tagferryctl: b: no
  [1]

  @ DELETE /devices/b?dry_run=true code=6 reason=gone
  $ ctl rm b c/t
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  > DELETE /devices/b?dry_run=true [If-Match: "4"]
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  Nothing was deleted.
  [3]

  @ GET /devices/b/tags?limit=1 401
  {"status":401,"detail":"no"}
  $ ctl rm b
  > GET /devices/b
  > GET /devices/b/tags?limit=1
  tagferryctl: b: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

copy: one or several, with what differs.

  @ POST /devices/m/copy
  {"dry_run":false,"devices":[{"name":"n","mqtt":{"topic":"t/n"},"network":{"unit_id":17},"tags":[
     {"name":"x","modbus":{"table":"input_register","address":24,"modicon":"300025","type":"int16"},"mqtt":{"key":"k"}},
     {"name":"y","modbus":{"table":"input_register","address":12,"type":"int16"}},{"name":"z","modbus":{"table":"coil","address":0}},{"name":"w","modbus":{"table":"input_register","address":30}}]},
   {"name":"o","mqtt":{"topic":"t/o"},"network":{"unit_id":1},"tags":[{"name":"x"}]},{"name":"p","tags":[]}],"warnings":[{"pointer":"/devices/0","detail":"w"}]}
  @ POST /devices/m/copy?dry_run=true
  {"dry_run":true,"devices":[{"name":"n","tags":[{"name":"x","modbus":{"table":"discrete_input","address":65535}}]}]}
  $ ctl copy m n o p
  > POST /devices/m/copy <- {"copies":[{"name":"n"},{"name":"o"},{"name":"p"}]}
  n created: topic t/n, unit 17, 4 tags, coil from 0, input_register from 12
  o created: topic t/o, unit 1, 1 tag
  p created: topic , unit , 0 tags
  warning: devices.0: w

  $ ctl copy m n o p -o csv
  > POST /devices/m/copy <- {"copies":[{"name":"n"},{"name":"o"},{"name":"p"}]}
  device,name,modbus.table,modbus.address,modbus.modicon,modbus.type,mqtt.key\r
  n,x,input_register,24,300025,int16,k\r
  n,y,input_register,12,,int16,\r
  n,z,coil,0,,,\r
  n,w,input_register,30,,,\r
  o,x,,,,,\r
  warning: devices.0: w

  $ ctl copy m n o p -o json
  > POST /devices/m/copy <- {"copies":[{"name":"n"},{"name":"o"},{"name":"p"}]}
  {"dry_run":false,"devices":[{"name":"n","mqtt":{"topic":"t/n"},"network":{"unit_id":17},"tags":[
     {"name":"x","modbus":{"table":"input_register","address":24,"modicon":"300025","type":"int16"},"mqtt":{"key":"k"}},
     {"name":"y","modbus":{"table":"input_register","address":12,"type":"int16"}},{"name":"z","modbus":{"table":"coil","address":0}},{"name":"w","modbus":{"table":"input_register","address":30}}]},
   {"name":"o","mqtt":{"topic":"t/o"},"network":{"unit_id":1},"tags":[{"name":"x"}]},{"name":"p","tags":[]}],"warnings":[{"pointer":"/devices/0","detail":"w"}]}
  warning: devices.0: w

  $ ctl copy m n --dry-run
  > POST /devices/m/copy?dry_run=true <- {"copies":[{"name":"n"}]}
  n would be created: topic , unit , 1 tag, discrete_input from 65535

  $ ctl copy m n --topic t/n --label 'N 1' --unit 255 --param serial=12 --param name=abc --param eq=a=b --where '{"id": 2}' --stride input_register=100 --stride coil=65535
  > POST /devices/m/copy <- {"copies":[{"name":"n","topic":"t/n","label":"N 1","unit_id":255,"params":{"serial":12,"name":"abc","eq":"a=b"},"where":{"id":2}}],"stride":{"input_register":100,"coil":65535}}
  n created: topic t/n, unit 17, 4 tags, coil from 0, input_register from 12
  o created: topic t/o, unit 1, 1 tag
  p created: topic , unit , 0 tags
  warning: devices.0: w

  $ ctl copy m n --unit 0 --stride coil=1
  > POST /devices/m/copy <- {"copies":[{"name":"n","unit_id":0}],"stride":{"coil":1}}
  n created: topic t/n, unit 17, 4 tags, coil from 0, input_register from 12
  o created: topic t/o, unit 1, 1 tag
  p created: topic , unit , 0 tags
  warning: devices.0: w

  $ ctl copy m n --unit 256
  tagferryctl: --unit 256: it must be a whole number from 0 to 255
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride coil=0
  tagferryctl: --stride coil=0: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride coil=65536
  tagferryctl: --stride coil=65536: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride coil
  tagferryctl: --stride coil: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride =5
  tagferryctl: --stride =5: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride coil=5x
  tagferryctl: --stride coil=5x: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride coil=
  tagferryctl: --stride coil=: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --stride coils=5
  tagferryctl: --stride coils=5: it must be TABLE=N, such as input_register=100; the tables are coil, discrete_input, input_register and holding_register
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --param serial
  tagferryctl: --param serial: it must be NAME=VALUE
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --param =1
  tagferryctl: --param =1: it must be NAME=VALUE
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --where 5
  tagferryctl: --where 5: it must be a JSON object, in the quotes of the shell: '{"id": 38}'
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n --where '{"id"'
  tagferryctl: --where {"id": it must be a JSON object, in the quotes of the shell: '{"id": 38}'
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n o --topic t
  tagferryctl: --topic belongs to one copy, but there are 2 new names: make them one by one
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n o --unit 5
  tagferryctl: --unit belongs to one copy, but there are 2 new names: make them one by one
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m n a/b
  tagferryctl: "a/b" must be DEVICE
  Try: tagferryctl copy --help
  [2]

  $ ctl copy m/x n
  tagferryctl: "m/x" must be DEVICE
  Try: tagferryctl copy --help
  [2]

  @ POST /devices/m/copy 422
  {"status":422,"detail":"There is one error; see errors.","errors":[{"pointer":"/copies/0/topic","code":"required","detail":"is needed"}]}
  $ ctl copy m n
  > POST /devices/m/copy <- {"copies":[{"name":"n"}]}
  tagferryctl: a copy of m: copies.0.topic: is needed
    --topic names the topic of one copy.
  [1]

  $ ctl copy m n --topic t
  > POST /devices/m/copy <- {"copies":[{"name":"n","topic":"t"}]}
  tagferryctl: a copy of m: copies.0.topic: is needed
  [1]

revert.

  @ POST /audit/newest/revert
  {"created":1,"changed":2,"deleted":0,"revision":43,"audit":119,"changes":[
   {"action":"create","device":"a","tag":"t","diff":[]},{"action":"change","device":"b","diff":[{"pointer":"/modbus/scale","before":0.1,"after":1},{"pointer":"label","before":"x"},{"pointer":"/unit","after":null}]},
   {"action":"change","profile":"p","device":"x"}]}
  $ ctl revert
  > POST /audit/newest/revert
  a/t comes back
  b is set back: modbus.scale 0.1 -> 1, label "x" -> nothing, unit nothing -> null
  profile:p is set back
  undone: 1 comes back, 2 are set back; revision 43; tagferryctl revert 119 takes this back

  $ ctl revert newest -o csv
  > POST /audit/newest/revert
  action,device,tag,profile,pointer,before,after\r
  create,a,t,,,,\r
  change,b,,,/modbus/scale,0.1,1\r
  change,b,,,label,x,\r
  change,b,,,/unit,,\r
  change,x,,p,,,\r

  $ ctl revert newest -o json
  > POST /audit/newest/revert
  {"created":1,"changed":2,"deleted":0,"revision":43,"audit":119,"changes":[
   {"action":"create","device":"a","tag":"t","diff":[]},{"action":"change","device":"b","diff":[{"pointer":"/modbus/scale","before":0.1,"after":1},{"pointer":"label","before":"x"},{"pointer":"/unit","after":null}]},
   {"action":"change","profile":"p","device":"x"}]}

  @ POST /audit/118/revert?dry_run=true
  {"dry_run":true,"created":2,"changed":1,"deleted":12,"changes":[{"action":"delete","device":"a"},{"action":"create","device":"b"},{"action":"change","device":"c"}]}
  $ ctl revert 118 --dry-run --if-match 7
  > POST /audit/118/revert?dry_run=true [If-Match: "7"]
  a would be deleted
  b would come back
  c would be set back
  in all: 2 come back, 1 is set back, 12 are deleted; nothing is changed yet

  @ POST /revert?to=42
  {"created":0,"changed":0,"deleted":1,"revision":44,"audit":120,"changes":[]}
  $ ctl revert --to 42
  > POST /revert?to=42
  there is nothing to undo

  @ POST /revert?dry_run=true&to=0
  {"dry_run":true,"changes":[]}
  $ ctl revert --to 0 --dry-run
  > POST /revert?dry_run=true&to=0
  there is nothing to undo

  $ ctl revert --to 2147483647
  > POST /revert?to=2147483647
  tagferryctl: back to revision 2147483647: it is not there
  [4]

  $ ctl revert --to 2147483648
  tagferryctl: --to 2147483648: it must be a whole number from 0 to 2147483647
  Try: tagferryctl revert --help
  [2]

  $ ctl revert --to -1
  tagferryctl: --to -1: it must be a whole number from 0 to 2147483647
  Try: tagferryctl revert --help
  [2]

  $ ctl revert 12 --to 5
  tagferryctl: an entry and --to exclude each other
  Try: tagferryctl revert --help
  [2]

  $ ctl revert 12a
  tagferryctl: "12a" must be ID, as audit prints it, or newest
  Try: tagferryctl revert --help
  [2]

  $ ctl revert ''
  tagferryctl: "" must be ID, as audit prints it, or newest
  Try: tagferryctl revert --help
  [2]

  @ POST /audit/1/revert 409
  {"status":409,"code":"changed_since","detail":"There are 2 conflicts; see errors.","errors":[{"code":"changed_since","pointer":"/a","detail":"changed"},{"code":"changed_since","pointer":"/b","detail":"deleted"}]}
  $ ctl revert 1
  > POST /audit/1/revert
  tagferryctl: change 1: 2 errors:
    a: changed
    b: deleted
    Nothing was undone. Undo the later changes first, newest first, or all with --to REVISION; tagferryctl audit lists them.
  [5]

  @ POST /audit/2/revert 409
  {"status":409,"code":"confirm_required","confirm":30}
  @ POST /audit/2/revert?confirm=30
  {"created":30,"changed":1,"deleted":1,"revision":45,"audit":121,"changes":[]}
  $ ctl revert 2 -y
  > POST /audit/2/revert
  > POST /audit/2/revert?confirm=30
  there is nothing to undo

  $ ctl revert 2
  > POST /audit/2/revert
  change 2: this deletes 30 devices and tags. Go on?
  tagferryctl: there is no terminal to answer on; --yes answers yes
  Nothing was changed.
  [1]

  @ POST /audit/3/revert
  {"deleted":20,"revision":1,"audit":2,"changes":[{"action":"delete","device":"d0"},{"action":"delete","device":"d1"},{"action":"delete","device":"d2"},{"action":"delete","device":"d3"},{"action":"delete","device":"d4"},{"action":"delete","device":"d5"},{"action":"delete","device":"d6"},{"action":"delete","device":"d7"},{"action":"delete","device":"d8"},{"action":"delete","device":"d9"},{"action":"delete","device":"d10"},{"action":"delete","device":"d11"},{"action":"delete","device":"d12"},{"action":"delete","device":"d13"},{"action":"delete","device":"d14"},{"action":"delete","device":"d15"},{"action":"delete","device":"d16"},{"action":"delete","device":"d17"},{"action":"delete","device":"d18"},{"action":"delete","device":"d19"}]}
  $ ctl revert 3
  > POST /audit/3/revert
  d0 is deleted
  d1 is deleted
  d2 is deleted
  d3 is deleted
  d4 is deleted
  d5 is deleted
  d6 is deleted
  d7 is deleted
  d8 is deleted
  d9 is deleted
  d10 is deleted
  d11 is deleted
  d12 is deleted
  d13 is deleted
  d14 is deleted
  d15 is deleted
  d16 is deleted
  d17 is deleted
  d18 is deleted
  d19 is deleted
  undone: 20 are deleted; revision 1; tagferryctl revert 2 takes this back

  @ POST /audit/3/revert
  {"deleted":21,"revision":1,"audit":2,"changes":[{"action":"delete","device":"d0"},{"action":"delete","device":"d1"},{"action":"delete","device":"d2"},{"action":"delete","device":"d3"},{"action":"delete","device":"d4"},{"action":"delete","device":"d5"},{"action":"delete","device":"d6"},{"action":"delete","device":"d7"},{"action":"delete","device":"d8"},{"action":"delete","device":"d9"},{"action":"delete","device":"d10"},{"action":"delete","device":"d11"},{"action":"delete","device":"d12"},{"action":"delete","device":"d13"},{"action":"delete","device":"d14"},{"action":"delete","device":"d15"},{"action":"delete","device":"d16"},{"action":"delete","device":"d17"},{"action":"delete","device":"d18"},{"action":"delete","device":"d19"},{"action":"delete","device":"d20"}]}
  $ ctl revert 3
  > POST /audit/3/revert
  d0 is deleted
  d1 is deleted
  d2 is deleted
  d3 is deleted
  d4 is deleted
  d5 is deleted
  d6 is deleted
  d7 is deleted
  d8 is deleted
  d9 is deleted
  d10 is deleted
  d11 is deleted
  d12 is deleted
  d13 is deleted
  d14 is deleted
  d15 is deleted
  d16 is deleted
  d17 is deleted
  d18 is deleted
  d19 is deleted
  ... and 1 more
  undone: 21 are deleted; revision 1; tagferryctl revert 2 takes this back

  @ POST /audit/3/revert
  {"deleted":32,"revision":1,"audit":2,"changes":[{"action":"delete","device":"d0"},{"action":"delete","device":"d1"},{"action":"delete","device":"d2"},{"action":"delete","device":"d3"},{"action":"delete","device":"d4"},{"action":"delete","device":"d5"},{"action":"delete","device":"d6"},{"action":"delete","device":"d7"},{"action":"delete","device":"d8"},{"action":"delete","device":"d9"},{"action":"delete","device":"d10"},{"action":"delete","device":"d11"},{"action":"delete","device":"d12"},{"action":"delete","device":"d13"},{"action":"delete","device":"d14"},{"action":"delete","device":"d15"},{"action":"delete","device":"d16"},{"action":"delete","device":"d17"},{"action":"delete","device":"d18"},{"action":"delete","device":"d19"},{"action":"delete","device":"d20"},{"action":"delete","device":"d21"},{"action":"delete","device":"d22"},{"action":"delete","device":"d23"},{"action":"delete","device":"d24"},{"action":"delete","device":"d25"},{"action":"delete","device":"d26"},{"action":"delete","device":"d27"},{"action":"delete","device":"d28"},{"action":"delete","device":"d29"},{"action":"delete","device":"d30"},{"action":"delete","device":"d31"}]}
  $ ctl revert 3
  > POST /audit/3/revert
  d0 is deleted
  d1 is deleted
  d2 is deleted
  d3 is deleted
  d4 is deleted
  d5 is deleted
  d6 is deleted
  d7 is deleted
  d8 is deleted
  d9 is deleted
  d10 is deleted
  d11 is deleted
  d12 is deleted
  d13 is deleted
  d14 is deleted
  d15 is deleted
  d16 is deleted
  d17 is deleted
  d18 is deleted
  d19 is deleted
  ... and 12 more
  undone: 32 are deleted; revision 1; tagferryctl revert 2 takes this back

  @ POST /audit/3/revert
  {"dry_run":true,"deleted":32,"changes":[{"action":"delete","device":"d0"},{"action":"delete","device":"d1"},{"action":"delete","device":"d2"},{"action":"delete","device":"d3"},{"action":"delete","device":"d4"},{"action":"delete","device":"d5"},{"action":"delete","device":"d6"},{"action":"delete","device":"d7"},{"action":"delete","device":"d8"},{"action":"delete","device":"d9"},{"action":"delete","device":"d10"},{"action":"delete","device":"d11"},{"action":"delete","device":"d12"},{"action":"delete","device":"d13"},{"action":"delete","device":"d14"},{"action":"delete","device":"d15"},{"action":"delete","device":"d16"},{"action":"delete","device":"d17"},{"action":"delete","device":"d18"},{"action":"delete","device":"d19"},{"action":"delete","device":"d20"},{"action":"delete","device":"d21"},{"action":"delete","device":"d22"},{"action":"delete","device":"d23"},{"action":"delete","device":"d24"},{"action":"delete","device":"d25"},{"action":"delete","device":"d26"},{"action":"delete","device":"d27"},{"action":"delete","device":"d28"},{"action":"delete","device":"d29"},{"action":"delete","device":"d30"},{"action":"delete","device":"d31"}]}
  $ ctl revert 3
  > POST /audit/3/revert
  d0 would be deleted
  d1 would be deleted
  d2 would be deleted
  d3 would be deleted
  d4 would be deleted
  d5 would be deleted
  d6 would be deleted
  d7 would be deleted
  d8 would be deleted
  d9 would be deleted
  d10 would be deleted
  d11 would be deleted
  d12 would be deleted
  d13 would be deleted
  d14 would be deleted
  d15 would be deleted
  d16 would be deleted
  d17 would be deleted
  d18 would be deleted
  d19 would be deleted
  d20 would be deleted
  d21 would be deleted
  d22 would be deleted
  d23 would be deleted
  d24 would be deleted
  d25 would be deleted
  d26 would be deleted
  d27 would be deleted
  d28 would be deleted
  d29 would be deleted
  d30 would be deleted
  d31 would be deleted
  in all: 32 are deleted; nothing is changed yet
