token, learn, publish-test and completion.

token: who it is.

  @ GET /session
  {"name":"hmi","scope":"read","tokens":true,"version":"1.2.3"}
  $ ctl token
  > GET /session
  TOKEN  SCOPE                         SERVER                 VERSION
  hmi    may read, and change nothing  http://127.0.0.1:5000  1.2.3

  $ ctl token -o csv
  > GET /session
  name,scope,server,version,tokens\r
  hmi,read,http://127.0.0.1:5000,1.2.3,true\r

  $ ctl token -o json
  > GET /session
  {"name":"hmi","scope":"read","tokens":true,"version":"1.2.3"}

  @ GET /session
  {"name":null,"scope":"write","tokens":false,"version":"1.2.3"}
  $ ctl token
  > GET /session
  TOKEN         SCOPE                           SERVER                 VERSION
  (not needed)  may read and change everything  http://127.0.0.1:5000  1.2.3

  $ ctl token -o csv
  > GET /session
  name,scope,server,version,tokens\r
  ,write,http://127.0.0.1:5000,1.2.3,false\r

  @ GET /session
  {"name":"x","scope":"odd","tokens":true}
  $ ctl token
  > GET /session
  TOKEN  SCOPE  SERVER                 VERSION
  x      odd    http://127.0.0.1:5000

  @ GET /session 401
  {"status":401,"detail":"no"}
  $ ctl token
  > GET /session
  tagferryctl: the token: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  $ ctl token what
  tagferryctl: "what" must be save, or nothing
  Try: tagferryctl token --help
  [2]

  $ ctl token -u ftp://x
  tagferryctl: the URL "ftp://x" must begin with http:// or https://, such as http://127.0.0.1:5000
  [2]

token save: where it is kept, and what is refused.

  @ GET /session
  {"name":"hmi","scope":"write","tokens":true}
  ! stdin \t secret \r\nrest
  $ ctl token save
  > GET /session [Authorization: Bearer secret]
  The token hmi may read and change everything.
  It is saved in HOME/.config/tagferry/token, which is named in HOME/.config/tagferry/ctl.conf.

  $ find .config -type f -printf '%M %p\n' | sort; find .config -type d -printf '%M %p\n'; cat .config/tagferry/token .config/tagferry/ctl.conf
  -rw------- .config/tagferry/token
  -rw-r----- .config/tagferry/ctl.conf
  drwx------ .config
  drwx------ .config/tagferry
  secret
  [ctl]
  token_file = HOME/.config/tagferry/token

The second time its file is named already.

  ! stdin other
  $ ctl token save
  > GET /session [Authorization: Bearer other]
  The token hmi may read and change everything.
  It is saved in HOME/.config/tagferry/token.

  $ cat .config/tagferry/token .config/tagferry/ctl.conf
  other
  [ctl]
  token_file = HOME/.config/tagferry/token
  ! stdin other\n
  $ ctl token save --token-file x/y/token
  > GET /session [Authorization: Bearer other]
  The token hmi may read and change everything.
  It is saved in x/y/token.

  $ stat -c '%A' x x/y x/y/token; ls -A x/y
  drwx------
  drwx------
  -rw-------
  token

  ! stdin other\n
  $ ctl token save -t x/y
  > GET /session [Authorization: Bearer other]
  The token hmi may read and change everything.
  tagferryctl: x/y cannot be written: Is a directory
  [1]

  $ ls -A x
  y

  ! stdin other\n
  $ ctl token save -t x/y/token/z
  tagferryctl: x/y/token/z.new cannot be written: Not a directory
  [1]

  ! stdin \n
  $ ctl token save -t t
  tagferryctl: there is no token on the standard input
  [1]

  ! stdin a b\n
  $ ctl token save -t t
  tagferryctl: a token has no blanks
  [1]

  $ ctl token save -t t
  tagferryctl: there is no token on the standard input
  [1]

  ! env XDG_CONFIG_HOME=relative
  ! stdin other\n
  $ ctl token save -t t
  > GET /session [Authorization: Bearer other]
  The token hmi may read and change everything.
  It is saved in t.

  $ mkdir -p xdg/tagferry; printf '[ctl]\noutput = table' > xdg/tagferry/ctl.conf; rm -r .config
  $ pwd
  HOME

  ! env XDG_CONFIG_HOME=
  ! stdin other\n
  $ ctl token save -c xdg/tagferry/ctl.conf
  > GET /session [Authorization: Bearer other]
  The token hmi may read and change everything.
  It is saved in xdg/tagferry/token, which is named in xdg/tagferry/ctl.conf.

  $ cat xdg/tagferry/ctl.conf
  [ctl]
  output = table
  [ctl]
  token_file = xdg/tagferry/token

  ! env HOME=
  ! stdin other\n
  $ ctl token save
  tagferryctl: there is no home folder: name a file with --token-file
  Try: tagferryctl token --help
  [2]

  $ ctl devices -u http://10.0.0.1:1
  > GET /devices?live=true&limit=1000
  tagferryctl: the devices: it is not there
  [4]

  @ GET /session 401
  {"status":401}
  ! stdin other\n
  $ ctl token save -t t2
  > GET /session [Authorization: Bearer other]
  tagferryctl: http://127.0.0.1:5000 does not know this token; nothing was saved
  [1]

  @ GET /session 500
  {"status":500,"detail":"broken"}
  ! stdin other\n
  $ ctl token save -t t2
  > GET /session [Authorization: Bearer other]
  tagferryctl: the token: broken
  [1]

  @ GET /session
  {"tokens":false}
  ! stdin other\n
  $ ctl token save -t t2
  > GET /session [Authorization: Bearer other]
  tagferryctl: http://127.0.0.1:5000 needs no token; nothing was saved
  [1]

  @ GET /session code=6 reason=gone
  ! stdin other\n
  $ ctl token save -t t2
  > GET /session [Authorization: Bearer other]
  tagferryctl: http://127.0.0.1:5000 does not answer: gone
  [3]

  ! stdin other\n
  $ ctl token save -t t2 -u ftp://x
  tagferryctl: the URL "ftp://x" must begin with http:// or https://, such as http://127.0.0.1:5000
  [2]

  $ ls t2*

On a terminal the token is not shown. It has at most 499 characters.

  @ GET /session
  {"name":"hmi","scope":"read","tokens":true}
  ! terminal 80x24
  ! stdin secret\nmore\n
  $ ctl token save -t t3
  > terminal 0: echo off, lines on, input dropped
  > terminal 0: echo on, lines on, input dropped
  > GET /session [Authorization: Bearer secret]
  Token:\x20
  The token hmi may read, and change nothing.
  It is saved in t3.

  $ cat t3
  secret
  ! stdin xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  $ ctl token save -t t3
  > terminal 0: echo off, lines on, input dropped
  > terminal 0: echo on, lines on, input dropped
  > GET /session [Authorization: Bearer xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]
  Token:\x20
  The token hmi may read, and change nothing.
  It is saved in t3.

  $ wc -c t3
  500 t3
  ! pipe
  ! env HOME=HOME

learn: lines for keys as they come, then the proposal.

  @ POST /discoveries 201
  {"id":"7"}
  @ GET /discoveries/7
  {"state":"waiting","items":[],"totals":{"messages":0,"topics":0}}
  + GET /discoveries/7
  {"state":"running","items":[{"topic":"a","messages":1,"keys":[{"key":"x","types":["number"],"sample":1.5}]},{"topic":"b","messages":12,"keys":[]}]}
  + GET /discoveries/7
  {"state":"running","items":[{"topic":"a","messages":2,"keys":[{"key":"x","types":["number","null"],"sample":2},{"key":"y","sample":"\u001bz"}]},{"topic":"b","keys":[{"key":"","sample":true}]}]}
  + GET /discoveries/7
  {"state":"done","items":[{"topic":"a","keys":[{"key":"x","sample":3},{"key":"y"},{"key":"z","sample":{"a":1}}]},{"topic":"b"},{"topic":"c","keys":[{"key":"k"}]}]}
  @ GET /discoveries/7/proposal type=text/csv
  device,tag
  a,x
  ! verbose
  $ ctl learn a/# b
  > POST /discoveries <- {"topics":["a/#","b"],"seconds":60}
  >   url: http://127.0.0.1:5000/api/v1/discoveries
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   bytes: 35
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   header Content-Type: application/json
  > GET /discoveries/7?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/discoveries/7?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > waits 500 ms
  > GET /discoveries/7?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/discoveries/7?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > waits 500 ms
  > GET /discoveries/7?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/discoveries/7?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > waits 500 ms
  > GET /discoveries/7?limit=1000
  >   url: http://127.0.0.1:5000/api/v1/discoveries/7?limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  > GET /discoveries/7/proposal [Accept: text/csv]
  >   url: http://127.0.0.1:5000/api/v1/discoveries/7/proposal
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 600
  >   tls: 6
  >   header Accept: text/csv
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  a  x  1.5
  a  y  ?z
  b    true
  a  z  {"a":1}
  c  k \x20
  device,tag
  a,xThis is the proposal. To import it: tagferryctl import FILE --dry-run, then without --dry-run.
  (4 marks, 4 released, replies forgotten 4 times)

  ! brief
  @ GET /discoveries/7
  {"state":"done","items":[]}
  $ ctl learn a --seconds 1 --key x --key 'y z' --unit 3 --table coil -o csv
  > POST /discoveries <- {"topics":["a"],"seconds":1}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal?key=x&key=y%20z&unit_id=3&table=coil [Accept: text/csv]
  device,tag
  a,xThis is the proposal. To import it: tagferryctl import FILE --dry-run, then without --dry-run.

  @ GET /discoveries/7/proposal
  {"devices":[{"name":"a"}]}
  $ ctl learn a --seconds 3600 --profile
  > POST /discoveries <- {"topics":["a"],"seconds":3600}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal?profile=true
  {"devices":[{"name":"a"}]}This is the proposal. To import it: tagferryctl import FILE --dry-run, then without --dry-run.

  $ ctl learn a -o json
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal
  {"devices":[{"name":"a"}]}This is the proposal. To import it: tagferryctl import FILE --dry-run, then without --dry-run.

  @ GET /discoveries/7/proposal
  {"devices":[]}
  $ ctl learn a -o json
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal
  Nothing new was heard: no value, or only values that are configured already.
  {"devices":[]}(no newline)

  @ GET /discoveries/7/proposal type=text/csv
  device,tag
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal [Accept: text/csv]
  Nothing new was heard: no value, or only values that are configured already.
  device,tag(no newline)

  @ GET /discoveries/7/proposal type=text/csv
  device
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal [Accept: text/csv]
  Nothing new was heard: no value, or only values that are configured already.
  device(no newline)

  $ ctl learn a --seconds 0
  tagferryctl: --seconds 0: it must be a whole number from 1 to 3600
  Try: tagferryctl learn --help
  [2]

  $ ctl learn a --seconds 3601
  tagferryctl: --seconds 3601: it must be a whole number from 1 to 3600
  Try: tagferryctl learn --help
  [2]

  $ ctl learn
  tagferryctl: operands are missing: the command is tagferryctl learn TOPIC...
  Try: tagferryctl learn --help
  [2]

  $ ctl learn 1 2 3 4 5 6 7 8 9
  tagferryctl: too many operands: the command is tagferryctl learn TOPIC...
  Try: tagferryctl learn --help
  [2]

  @ GET /discoveries/7/proposal 409
  {"status":409,"detail":"nothing was heard"}
  $ ctl learn 1 2 3 4 5 6 7 8
  > POST /discoveries <- {"topics":["1","2","3","4","5","6","7","8"],"seconds":60}
  > GET /discoveries/7?limit=1000
  > GET /discoveries/7/proposal [Accept: text/csv]
  tagferryctl: the proposal: nothing was heard
  [1]

  @ GET /discoveries/7
  {"state":"refused","reason":"not \u001b authorized","items":[]}
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/7?limit=1000
  tagferryctl: the broker refuses the topics: not ? authorized
  [1]

  @ GET /discoveries/7 401
  {"status":401,"detail":"no"}
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/7?limit=1000
  > DELETE /discoveries/7
  tagferryctl: the discovery: this server needs an access token
    Its file is named with --token-file FILE; tagferryctl token save keeps one.
  [1]

  @ POST /discoveries 422
  {"status":422,"detail":"There is one error; see errors.","errors":[{"pointer":"/topics/0","detail":"is no filter"}]}
  $ ctl learn a/#/b
  > POST /discoveries <- {"topics":["a/#/b"],"seconds":60}
  tagferryctl: the discovery: topics.0: is no filter
  [1]

On a terminal: a table, then the editor, the changes, a question.

  @ POST /discoveries 201
  {"id":"8"}
  @ GET /discoveries/8
  {"state":"running","reason":"the broker is away","items":[{"topic":"a/with/a/long/name","messages":12,"keys":[{"key":"x","types":["number","null"],"sample":1.5},{"key":"","types":[],"sample":"größe"}]},{"topic":"b","messages":1,"keys":[]},{"topic":"c"},{"topic":"d"}],"totals":{"messages":14,"topics":2}}
  + GET /discoveries/8
  {"state":"running","items":[],"totals":{"messages":15,"topics":3}}
  + GET /discoveries/8
  {"state":"done","items":[{"topic":"b"}],"totals":{"messages":16,"topics":3}}
  @ GET /discoveries/8/proposal type=text/csv
  device,tag
  a,x
  b,y
  @ POST /import?dry_run=true type=text/plain
  would create 2 tags
  @ POST /import?changes=none type=text/plain
  created 2 tags
  ! terminal 60x24
  ! env EDITOR=sh ./edit
  $ printf 'sed -i /b,y/d "$1"; cat "$1"' > edit
  ! stdin xy
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > GET /discoveries/8?limit=1000
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: 14, topics: 2, 60 s left. q ends it. the broker i…
  \e[1mTOPIC\e[0m          \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m            \e[1mTYPES\e[0m         \e[1mNEWEST\e[0m
  a/with/a/lon…        12  x              number, null  1.5
                           (whole paylo…                größe
  b                     1
  c
  d
  \e[7A\e[JMessages: 15, topics: 3, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  \e[2A\e[JMessages: 16, topics: 3, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  b
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  Import this? [y/N]\x20
  Nothing was changed.
  The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [1]

  ! stdin y\n
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: 16, topics: 3, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  b
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  Import this? [y/N] \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kcreated 2 tags

  ! stdin n\n
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: 16, topics: 3, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  b
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  Import this? [y/N] Nothing was changed.
  The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [1]

  ! terminal 60x7
  ! stdin aa
  $ ctl learn a --yes
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: 16, topics: 3, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  b
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[K\rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  created 2 tags

  ! terminal 60x6
  @ GET /discoveries/8
  {"state":"running","items":[{"topic":"a","keys":[{"key":"x"},{"key":"y"},{"key":"z"},{"key":"w"}]}],"totals":{}}
  + GET /discoveries/8
  {"state":"done","items":[{"topic":"a","keys":[{"key":"x"},{"key":"y"},{"key":"z"},{"key":"w"}]}],"totals":{}}
  ! stdin a
  $ ctl learn a --yes
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  a                x
                   y
                   z
  \e[5A\e[JMessages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  a                x
                   y
                   z
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[K\rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  created 2 tags

Twelve lines, drawn twice, and with room for eleven.

  @ GET /discoveries/8
  {"state":"running","items":[{"topic":"a","keys":[{"key":"k0"},{"key":"k1"},{"key":"k2"},{"key":"k3"},{"key":"k4"},{"key":"k5"},{"key":"k6"},{"key":"k7"},{"key":"k8"},{"key":"k9"},{"key":"k10"},{"key":"k11"}]}],"totals":{"messages":12,"topics":1}}
  + GET /discoveries/8
  {"state":"done","items":[{"topic":"a","keys":[{"key":"k0"},{"key":"k1"},{"key":"k2"},{"key":"k3"},{"key":"k4"},{"key":"k5"},{"key":"k6"},{"key":"k7"},{"key":"k8"},{"key":"k9"},{"key":"k10"},{"key":"k11"}]}],"totals":{"messages":12,"topics":1}}
  ! terminal 60x24
  ! stdin a
  $ ctl learn a --yes
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: 12, topics: 1, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  a                k0
                   k1
                   k2
                   k3
                   k4
                   k5
                   k6
                   k7
                   k8
                   k9
                   k10
                   k11
  \e[14A\e[JMessages: 12, topics: 1, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  a                k0
                   k1
                   k2
                   k3
                   k4
                   k5
                   k6
                   k7
                   k8
                   k9
                   k10
                   k11
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[K\rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  created 2 tags

  ! terminal 60x14
  ! stdin a
  $ ctl learn a --yes
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: 12, topics: 1, 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  a                k0
                   k1
                   k2
                   k3
                   k4
                   k5
                   k6
                   k7
                   k8
                   k9
                   k10
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[K\rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  created 2 tags

  @ GET /discoveries/8
  {"state":"running","items":[],"totals":{}}
  ! stdin qn\n
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > DELETE /discoveries/8
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  Import this? [y/N] Nothing was changed.
  The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [1]

  ! stdin Q
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > DELETE /discoveries/8
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  \n
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  device,tag
  a,x
  \rtagferry-XXXXXX.csv [####                ]  20%\e[K\rtagferry-XXXXXX.csv [#########           ]  46%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  Import this? [y/N]\x20
  Nothing was changed.
  The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [1]

  @ GET /discoveries/8
  {"state":"done","items":[],"totals":{}}
  $ ctl learn a -o csv
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > GET /discoveries/8?limit=1000
  > GET /discoveries/8/proposal [Accept: text/csv]
  device,tag
  a,x
  b,y
  This is the proposal. To import it: tagferryctl import FILE --dry-run, then without --dry-run.

  ! env EDITOR=
  ! env VISUAL=true
  ! stdin y\n
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  b,y
  > POST /import?changes=none [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  b,y
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  \rtagferry-XXXXXX.csv [####                ]  22%\e[K\rtagferry-XXXXXX.csv [##########          ]  50%\e[K\rtagferry-XXXXXX.csv [##############      ]  72%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  The proposal is unchanged. Import it as it is? [y/N] \rtagferry-XXXXXX.csv [####                ]  22%\e[K\rtagferry-XXXXXX.csv [##########          ]  50%\e[K\rtagferry-XXXXXX.csv [##############      ]  72%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kcreated 2 tags

  ! stdin n\n
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  b,y
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  \rtagferry-XXXXXX.csv [####                ]  22%\e[K\rtagferry-XXXXXX.csv [##########          ]  50%\e[K\rtagferry-XXXXXX.csv [##############      ]  72%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Kwould create 2 tags
  The proposal is unchanged. Import it as it is? [y/N] Nothing is imported.

  $ ctl learn a --yes
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  The file is unchanged: nothing is imported.

  ! env VISUAL=false
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  tagferryctl: the editor "false" has failed; VISUAL or EDITOR names another
  The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [1]

  ! env VISUAL=: >
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  The file is empty: nothing is imported.

  ! env VISUAL=printf '\n ' >
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  The file is empty: nothing is imported.

  ! env VISUAL=printf x >>
  @ POST /import?dry_run=true 422 type=text/plain
  row 3: faulty
  ! stdin y\nn\n
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  b,yx
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  b,yxx
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  \rtagferry-XXXXXX.csv [####                ]  21%\e[K\rtagferry-XXXXXX.csv [#########           ]  47%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Krow 3: faulty
  Edit the file again? [y/N] \rtagferry-XXXXXX.csv [#####               ]  25%\e[K\rtagferry-XXXXXX.csv [##########          ]  50%\e[K\rtagferry-XXXXXX.csv [###############     ]  75%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Krow 3: faulty
  Edit the file again? [y/N] The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [1]

  @ POST /import?dry_run=true code=6 reason=gone
  $ ctl learn a
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal [Accept: text/csv]
  > POST /import?dry_run=true [Accept: text/plain] [Content-Type: text/csv] <- device,tag
  a,x
  b,yx
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  \rtagferry-XXXXXX.csv [####                ]  21%\e[K\rtagferry-XXXXXX.csv [#########           ]  47%\e[K\rtagferry-XXXXXX.csv [##############      ]  73%\e[K\rtagferry-XXXXXX.csv is sent, the server works |\e[K\rtagferry-XXXXXX.csv is sent, the server works /\e[K\rtagferry-XXXXXX.csv is sent, the server works -\e[K\r\e[Ktagferryctl: http://127.0.0.1:5000 does not answer: gone
  The file stays in HOME/tagferry-XXXXXX.csv; tagferryctl import reads it.
  [3]

  @ GET /discoveries/8/proposal
  {"devices":[{"name":"a"}]}
  @ POST /import?dry_run=true type=text/plain
  would create a profile
  ! env VISUAL=printf ' ' >>
  ! stdin y\n
  $ ctl learn a --profile
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal?profile=true
  > POST /import?dry_run=true [Accept: text/plain] <- {"devices":[{"name":"a"}]}\x20
  > POST /import?changes=none [Accept: text/plain] <- {"devices":[{"name":"a"}]}\x20
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  \rtagferry-XXXXXX.json [####                ]  22%\e[K\rtagferry-XXXXXX.json [#########           ]  48%\e[K\rtagferry-XXXXXX.json [##############      ]  74%\e[K\rtagferry-XXXXXX.json is sent, the server works |\e[K\rtagferry-XXXXXX.json is sent, the server works /\e[K\rtagferry-XXXXXX.json is sent, the server works -\e[K\r\e[Kwould create a profile
  Import this? [y/N] \rtagferry-XXXXXX.json [####                ]  22%\e[K\rtagferry-XXXXXX.json [#########           ]  48%\e[K\rtagferry-XXXXXX.json [##############      ]  74%\e[K\rtagferry-XXXXXX.json is sent, the server works |\e[K\rtagferry-XXXXXX.json is sent, the server works /\e[K\rtagferry-XXXXXX.json is sent, the server works -\e[K\r\e[Kcreated 2 tags

  ! env TMPDIR=/nowhere
  $ ctl learn a --profile
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal?profile=true
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  tagferryctl: /nowhere/tagferry-XXXXXX.json: No such file or directory
  [1]

  @ GET /discoveries/8/proposal
  {"devices":[]}
  $ ctl learn a --profile
  > POST /discoveries <- {"topics":["a"],"seconds":60}
  > terminal 0: echo off, lines off, input kept
  > GET /discoveries/8?limit=1000
  > terminal 0: echo on, lines on, input dropped
  > GET /discoveries/8/proposal?profile=true
  Messages: , topics: , 60 s left. q ends it.
  \e[1mTOPIC\e[0m  \e[1mMESSAGES\e[0m  \e[1mKEY\e[0m  \e[1mTYPES\e[0m  \e[1mNEWEST\e[0m
  Nothing new was heard: no value, or only values that are configured already.

  ! env TMPDIR=
  ! env VISUAL=
  ! pipe

publish-test.

  @ GET /devices/a
  {"mqtt":{"topic":"$share/g/t/a"}}
  @ GET /devices/a/tags?limit=1000
  {"items":[{"name":"x"},{"name":"y"},{"name":"z"}],"total":3,"next":null}
  @ GET /devices/a/tags/x
  {"name":"x"}
  @ POST /discoveries/preview
  {"tag":"x","found":true,"json":{"a":1},"value":21.5,"hex":["41AC","0000"],"table":"input_register","modicon":"300001","error":null}
  + POST /discoveries/preview
  {"tag":"y","found":false,"error":{"code":"key_not_found","detail":"the message has no key y"}}
  + POST /discoveries/preview
  {"tag":"z","found":true,"json":"hot","error":{"code":"not_a_number","detail":"hot"}}
  + POST /discoveries/preview
  {"tag":"x","found":true,"json":1,"value":1,"hex":[],"error":{"code":"other_topic","detail":"another topic"}}
  $ ctl publish-test a '{"x": 21.5}'
  > GET /devices/a
  > GET /devices/a/tags?limit=1000
  > POST /discoveries/preview <- {"message":{"topic":"t/a","payload":"{\\"x\\": 21.5}"},"device":"a","tag":{"name":"x"}}
  > POST /discoveries/preview <- {"message":{"topic":"t/a","payload":"{\\"x\\": 21.5}"},"device":"a","tag":{"name":"y"}}
  > POST /discoveries/preview <- {"message":{"topic":"t/a","payload":"{\\"x\\": 21.5}"},"device":"a","tag":{"name":"z"}}
  TAG  FOUND  JSON     VALUE  REGISTERS  TABLE           MODICON  ERROR
  x    yes    {"a":1}   21.5  41AC 0000  input_register   300001
  y    no                                                         the message has no key y
  z    yes    hot                                                 the value is not a number: hot

  $ ctl publish-test a/x '{"x": 1}' --check
  > GET /devices/a/tags/x
  > POST /discoveries/preview <- {"message":{"payload":"{\\"x\\": 1}"},"device":"a","tag":{"name":"x"}}
  TAG  FOUND  JSON  VALUE  REGISTERS  TABLE  MODICON  ERROR
  x    yes    1         1                             another topic
  [1]

  $ ctl publish-test a x -o csv --topic other/t
  > GET /devices/a/tags?limit=1000
  > POST /discoveries/preview <- {"message":{"topic":"other/t","payload":"x"},"device":"a","tag":{"name":"x"}}
  > POST /discoveries/preview <- {"message":{"topic":"other/t","payload":"x"},"device":"a","tag":{"name":"y"}}
  > POST /discoveries/preview <- {"message":{"topic":"other/t","payload":"x"},"device":"a","tag":{"name":"z"}}
  tag,found,json,value,hex,table,modicon,error\r
  x,yes,1,1,,,,another topic\r
  x,yes,1,1,,,,another topic\r
  x,yes,1,1,,,,another topic\r

  $ ctl publish-test a/x x -o json
  > GET /devices/a/tags/x
  > POST /discoveries/preview <- {"message":{"payload":"x"},"device":"a","tag":{"name":"x"}}
  {"items":[{"tag":"x","found":true,"json":1,"value":1,"hex":[],"error":{"code":"other_topic","detail":"another topic"}}]}

  @ GET /devices/a
  {"mqtt":{"topic":"t/+/a"}}
  $ ctl publish-test a x -o json
  > GET /devices/a
  > GET /devices/a/tags?limit=1000
  > POST /discoveries/preview <- {"message":{"payload":"x"},"device":"a","tag":{"name":"x"}}
  > POST /discoveries/preview <- {"message":{"payload":"x"},"device":"a","tag":{"name":"y"}}
  > POST /discoveries/preview <- {"message":{"payload":"x"},"device":"a","tag":{"name":"z"}}
  {"items":[{"tag":"x","found":true,"json":1,"value":1,"hex":[],"error":{"code":"other_topic","detail":"another topic"}},{"tag":"x","found":true,"json":1,"value":1,"hex":[],"error":{"code":"other_topic","detail":"another topic"}},{"tag":"x","found":true,"json":1,"value":1,"hex":[],"error":{"code":"other_topic","detail":"another topic"}}]}

  $ printf 'text' > payload; printf 'a\0b' > nul
  $ ctl publish-test a/x @payload
  > GET /devices/a/tags/x
  > POST /discoveries/preview <- {"message":{"payload":"text"},"device":"a","tag":{"name":"x"}}
  TAG  FOUND  JSON  VALUE  REGISTERS  TABLE  MODICON  ERROR
  x    yes    1         1                             another topic

  ! stdin from stdin
  $ ctl publish-test a/x -
  > GET /devices/a/tags/x
  > POST /discoveries/preview <- {"message":{"payload":"from stdin"},"device":"a","tag":{"name":"x"}}
  TAG  FOUND  JSON  VALUE  REGISTERS  TABLE  MODICON  ERROR
  x    yes    1         1                             another topic

  $ ctl publish-test a/x @nul
  tagferryctl: @nul has bytes that are no text
  [1]

  $ ctl publish-test a/x @nothere
  tagferryctl: nothere: No such file or directory
  [1]

  @ POST /discoveries/preview
  {"tag":"x","found":true,"value":1,"error":null}
  $ ctl publish-test a/x 1 --check
  > GET /devices/a/tags/x
  > POST /discoveries/preview <- {"message":{"payload":"1"},"device":"a","tag":{"name":"x"}}
  TAG  FOUND  JSON  VALUE  REGISTERS  TABLE  MODICON  ERROR
  x    yes              1

  @ POST /discoveries/preview 422
  {"status":422,"detail":"no"}
  $ ctl publish-test a 1
  > GET /devices/a
  > GET /devices/a/tags?limit=1000
  > POST /discoveries/preview <- {"message":{"payload":"1"},"device":"a","tag":{"name":"x"}}
  tagferryctl: a/x: no
  [1]

  $ ctl publish-test a/none 1
  > GET /devices/a/tags/none
  tagferryctl: the tag a/none: it is not there
  [4]

  $ ctl publish-test none 1
  > GET /devices/none
  tagferryctl: the device none: it is not there
  [4]

  $ ctl publish-test profile:a 1
  tagferryctl: "profile:a" must be DEVICE or DEVICE/TAG
  Try: tagferryctl publish-test --help
  [2]
