The command line: flags, operands, settings, help, the manual page and completion.

Where flags may stand, and what is wrong.

  @ GET /devices
  {"items":[],"total":0,"next":null}
  @ GET /tags
  {"items":[],"total":0,"next":null}
  @ GET /devices/a
  {}
  $ ctl
  Usage: tagferryctl [FLAG]... COMMAND [OPERAND]...
  Devices, tags and values of Tagferry from a terminal.
  \n
  Look:
    status           Show whether the gateway does its job
    devices          List devices
    tags             List tags with their keys and registers
    get              Show the members of a device, a tag or a profile
    value            Show values with quality and age
    history          Show what the value of a tag was
    watch            Show values as they change
    regs             Show what registers hold, and whose they are
    map              Show the register map, in the order of the registers
    clients          List the clients of the Modbus server
    messages         Show the newest MQTT messages and what became of them
    why              Find out where the way of a value ends
    audit            Show who changed what, the newest change first
    profiles         List profiles, or show one with its tags
    gateways         Show the gateways, or choose the leader
  \n
  Change:
    set              Change members of a device, a tag or a profile
    rm               Delete devices, tags and profiles
    rename           Give a device, a tag or a profile another name
    move             Move a tag to another device
    copy             Copy a device with its tags, once or many times
    write            Write a value to the register of a tag
    revert           Undo a change, or all changes after a revision
  \n
  Files:
    import           Create and change devices and tags from a file
    export           Write the whole configuration as a file
    backup           Save a copy of the store
  \n
  Set up:
    token            Show who the access token is, or save one
    learn            Listen to topics, and make devices and tags of what comes
    publish-test     Show what a message would write, without publishing it
    completion       Print a script that lets the shell complete command lines
  \n
  Flags of every command:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  tagferryctl COMMAND --help describes a command, tagferryctl(1) all of them.
  Exit status: 0 done, 1 refused, 2 wrong command line, 3 unreachable,
  4 not found, 5 changed meanwhile.
  [2]

  $ ctl --help
  Usage: tagferryctl [FLAG]... COMMAND [OPERAND]...
  Devices, tags and values of Tagferry from a terminal.
  \n
  Look:
    status           Show whether the gateway does its job
    devices          List devices
    tags             List tags with their keys and registers
    get              Show the members of a device, a tag or a profile
    value            Show values with quality and age
    history          Show what the value of a tag was
    watch            Show values as they change
    regs             Show what registers hold, and whose they are
    map              Show the register map, in the order of the registers
    clients          List the clients of the Modbus server
    messages         Show the newest MQTT messages and what became of them
    why              Find out where the way of a value ends
    audit            Show who changed what, the newest change first
    profiles         List profiles, or show one with its tags
    gateways         Show the gateways, or choose the leader
  \n
  Change:
    set              Change members of a device, a tag or a profile
    rm               Delete devices, tags and profiles
    rename           Give a device, a tag or a profile another name
    move             Move a tag to another device
    copy             Copy a device with its tags, once or many times
    write            Write a value to the register of a tag
    revert           Undo a change, or all changes after a revision
  \n
  Files:
    import           Create and change devices and tags from a file
    export           Write the whole configuration as a file
    backup           Save a copy of the store
  \n
  Set up:
    token            Show who the access token is, or save one
    learn            Listen to topics, and make devices and tags of what comes
    publish-test     Show what a message would write, without publishing it
    completion       Print a script that lets the shell complete command lines
  \n
  Flags of every command:
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  tagferryctl COMMAND --help describes a command, tagferryctl(1) all of them.
  Exit status: 0 done, 1 refused, 2 wrong command line, 3 unreachable,
  4 not found, 5 changed meanwhile.

  $ ctl -h devices
  Usage: tagferryctl devices [FLAG]...
  List devices.
  \n
  Each device with its quality, the age of its newest message, how many messages
  came and how many messages and values were refused since tagferry-mqttd started.
  \n
  On a terminal that is too narrow some columns are left out. -o csv has all.
  \n
  Flags:
    -q, --search TEXT          Only objects with this text in name, label,
                               description, key, topic or address
        --quality QUALITY      Only objects of this quality; may be repeated
        --reason REASON        Only objects whose quality has this reason; may be
                               repeated
    -w, --wrong                Only what is not good
    -n, --limit NUMBER         At most so many rows
    -u, --url URL              URL of tagferry-api, such as https://10.0.0.1:5000
    -t, --token-file FILE      File whose first line is the access token
        --ca-file FILE         Certificates that may sign the server's, in place
                               of those of the system
        --timeout TIME         Longest wait for a connection, and for the next
                               bytes of an answer: 500ms, 10s, 2m; without this
                               flag 10s, and for files 10m
    -c, --config FILE          Read this file in place of
                               ~/.config/tagferry/ctl.conf
    -o, --output FORMAT        Form of the output: table, json (as the API
                               answers) or csv
    -h, --help                 Print help and exit
        --version              Print the version and exit
  \n
  Examples:
    tagferryctl devices --wrong
    tagferryctl devices -q boiler -o csv

  $ ctl --version
  tagferryctl VERSION

  $ ctl devices --version
  tagferryctl VERSION

  $ ctl nothing
  tagferryctl: there is no command "nothing"
  Try: tagferryctl --help
  [2]

  $ ctl -o csv devices
  > GET /devices?live=true&limit=1000
  name,quality,reason,live.age_ms,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r

  $ ctl devices -ocsv -wn3
  > GET /devices?quality=bad%2Cstale%2Cnever&live=true&limit=3
  name,quality,reason,live.age_ms,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r

  $ ctl devices --output=csv --out json --limit=12
  > GET /devices?live=true&limit=12
  {"items":[],"total":0,"next":null}

  $ ctl --limit 3 devices
  tagferryctl: --limit belongs behind the command
  Try: tagferryctl --help
  [2]

  $ ctl -w devices
  tagferryctl: --wrong belongs behind the command
  Try: tagferryctl --help
  [2]

  $ ctl devices --nothing
  tagferryctl: there is no flag --nothing
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -x
  tagferryctl: there is no flag -x
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --wrong=yes
  tagferryctl: --wrong takes no value
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --limit
  tagferryctl: --limit needs a value
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -n
  tagferryctl: -n needs a value
  Try: tagferryctl devices --help
  [2]

  $ ctl status -n 3
  tagferryctl: the command status has no flag --limit
  Try: tagferryctl status --help
  [2]

  $ ctl devices --re x
  tagferryctl: --reason x: it must be never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled or other_gateway
  Try: tagferryctl devices --help
  [2]

  $ ctl tags -- -n
  > GET /tags?device=-n&limit=1000
  > GET /devices/-n
  tagferryctl: -n: it is not there
  [4]

  $ ctl tags -1 -.5 - -w
  > GET /tags?quality=bad%2Cstale%2Cnever&device=-1&limit=1000
  > GET /devices/-1
  > GET /tags?quality=bad%2Cstale%2Cnever&device=-.5&limit=1000
  > GET /devices/-.5
  > GET /tags?quality=bad%2Cstale%2Cnever&device=-&limit=1000
  > GET /devices/-
  tagferryctl: -1: it is not there
  tagferryctl: -.5: it is not there
  tagferryctl: -: it is not there
  [4]

  $ ctl tags a -w b -n 3 --wrong
  > GET /tags?quality=bad%2Cstale%2Cnever&device=a&limit=3
  > GET /devices/a
  > GET /tags?quality=bad%2Cstale%2Cnever&device=b&limit=3
  > GET /devices/b
  tagferryctl: b: it is not there
  [4]

  $ ctl devices -n 12x
  tagferryctl: --limit 12x: it must be a whole number from 1 to 1000000
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -n x
  tagferryctl: --limit x: it must be a whole number from 1 to 1000000
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -n ''
  tagferryctl: --limit "": it must be a whole number from 1 to 1000000
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --quality good,gut
  tagferryctl: --quality good,gut: it must be good, stale, bad or never
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --quality ''
  tagferryctl: --quality "": it must be good, stale, bad or never
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --quality good,
  tagferryctl: --quality good,: it must be good, stale, bad or never
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --reason refused,silent --reason no_such
  tagferryctl: --reason no_such: it must be never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled or other_gateway
  Try: tagferryctl devices --help
  [2]

  $ ctl tags --table coils
  tagferryctl: --table coils: it must be coil, discrete_input, input_register or holding_register
  Try: tagferryctl tags --help
  [2]

  $ ctl tags --table coil,coil
  tagferryctl: --table coil,coil: it must be coil, discrete_input, input_register or holding_register
  Try: tagferryctl tags --help
  [2]

  $ ctl messages -d ''
  tagferryctl: --device "": it must be the name of a device
  Try: tagferryctl messages --help
  [2]

  $ ctl messages -d a,b
  tagferryctl: --device a,b: it must be the name of a device
  Try: tagferryctl messages --help
  [2]

  $ ctl set a 'label=\xff'
  tagferryctl: "label=?" is not UTF-8
  Try: tagferryctl set --help
  [2]

  $ ctl devices -q '\xff'
  tagferryctl: "?" is not UTF-8
  Try: tagferryctl devices --help
  [2]

  $ ctl get 'a\n\x1b[31mb/'
  tagferryctl: "a??[31mb/" must be DEVICE, DEVICE/TAG or profile:NAME
  Try: tagferryctl get --help
  [2]

  $ ctl devices --timeout soon
  tagferryctl: the time-out "soon" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout 0
  tagferryctl: the time-out "0" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout 86400s
  > GET /devices?live=true&limit=1000
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  $ ctl devices --timeout 86401
  tagferryctl: the time-out "86401" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout 24h
  > GET /devices?live=true&limit=1000
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  $ ctl devices --timeout 25h
  tagferryctl: the time-out "25h" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout 1440m
  > GET /devices?live=true&limit=1000
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  $ ctl devices --timeout 1441m
  tagferryctl: the time-out "1441m" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout 86400001ms
  tagferryctl: the time-out "86400001ms" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout 5d
  tagferryctl: the time-out "5d" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices --timeout -5
  tagferryctl: the time-out "-5" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -o xml
  tagferryctl: the output "xml" must be table, json or csv
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -o ''
  tagferryctl: the output "" must be table, json or csv
  Try: tagferryctl devices --help
  [2]

Settings: flags win over the environment, it over the file, it over the default.

  $ mkdir -p .config/tagferry other/tagferry; printf '[ctl]\nurl = http://file:1\noutput = csv\ntimeout = 3s\n' > .config/tagferry/ctl.conf; printf '[ctl]\nurl = http://other:2\ntoken_file = tok\nca_file = ca\n' > other/tagferry/ctl.conf; echo abc > tok; echo x > ca; printf '[ctl]\nnothing = 1\n' > bad.conf; printf '[ctl]\noutput = xml\n' > xml.conf
  ! verbose
  $ ctl devices
  > GET /devices?live=true&limit=1000
  >   url: http://file:1/api/v1/devices?live=true&limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  name,quality,reason,live.age_ms,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r

  ! env TAGFERRY_CTL_URL=http://environment:3
  $ ctl devices -o table
  > GET /devices?live=true&limit=1000
  >   url: http://environment:3/api/v1/devices?live=true&limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  $ ctl devices --url http://flag:4
  > GET /devices?live=true&limit=1000
  >   url: http://flag:4/api/v1/devices?live=true&limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 3000
  >   low speed: 1
  >   low speed s: 3
  >   tls: 6
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  name,quality,reason,live.age_ms,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r

  ! env TAGFERRY_CTL_URL=
  $ pwd
  HOME

  $ ctl devices -c other/tagferry/ctl.conf
  > GET /devices?live=true&limit=1000 [Authorization: Bearer abc]
  >   url: http://other:2/api/v1/devices?live=true&limit=1000
  >   protocols: http,https
  >   path as is: 1
  >   no signal: 1
  >   encoding:\x20
  >   connect ms: 10000
  >   low speed: 1
  >   low speed s: 10
  >   tls: 6
  >   ca file: ca
  >   ca folder: (none)
  >   header Accept: application/json
  >   header User-Agent: tagferryctl/VERSION
  >   header Expect:\x20
  >   header Authorization: Bearer abc
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  ! brief
  ! env XDG_CONFIG_HOME=HOME/other
  $ ctl devices
  > GET /devices?live=true&limit=1000 [Authorization: Bearer abc]
  NAME  QUALITY  AGE  MESSAGES  REJECTS  TAGS  TOPIC

  ! env XDG_CONFIG_HOME=other
  $ ctl devices
  > GET /devices?live=true&limit=1000
  name,quality,reason,live.age_ms,live.messages,live.rejects,live.tags,mqtt.topic,label,profile.name,network.gateway,enabled,network.unit_id,live.last_message_at\r

  ! env XDG_CONFIG_HOME=
  $ ctl devices -c bad.conf
  bad.conf:2: unknown key "nothing" in [ctl]
  [2]

  $ ctl devices -c xml.conf
  tagferryctl: the output "xml" must be table, json or csv
  Try: tagferryctl devices --help
  [2]

  $ ctl devices -c nothere
  nothere: No such file or directory
  [2]

  ! env TAGFERRY_CTL_TIMEOUT=x
  $ ctl devices
  tagferryctl: the time-out "x" must be a time such as 500ms, 10s or 2m
  Try: tagferryctl devices --help
  [2]

  ! env TAGFERRY_CTL_TIMEOUT=
  ! env TAGFERRY_CTL_NOTHING=x
  $ ctl devices
  environment TAGFERRY_CTL_NOTHING: unknown key "nothing" in [ctl]
  [2]

  ! env TAGFERRY_CTL_NOTHING=
  $ rm -r .config
