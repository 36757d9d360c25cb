The configuration of tagferry-modbusd: the help, each setting at its limits and beside them, each text of a refusal.

  $ . "$TESTDIR/modbusd.sh"

What the program says of itself.

  $ tagferry-modbusd --help
  tagferry-modbusd: serves the registers over Modbus TCP
  
  Usage: tagferry-modbusd [options]
  
    -c, --config FILE               read FILE instead of /etc/tagferry/tagferry.conf
    -o, --option SECTION.KEY=VALUE  set one option; it overrides file and environment
        --check-config              check the configuration and exit
        --print-config              print the configuration that is used and exit
        --version                   print the version and exit
    -h, --help                      print this help and exit
  
  Options, for the file, for -o, or as TAGFERRY_SECTION_KEY in the environment:
    common.database=/var/lib/tagferry/tagferry.db
        Path of the store, an SQLite database of devices and tags. Only tagferry-api writes it.
    common.gateway=
        Name of this gateway, where several share devices or a configuration: it holds the devices that name it and those that name none. Two machines with the same name are a pair. Empty: none.
    common.runtime_dir=/run/tagferry
        Folder of the files that the daemons share: live table, journal, counters.
    common.log_level=info
        The least severe messages that are logged: error, warning, info or debug. A reload is enough.
    common.units=1
        The Modbus unit ids of the local server, such as 1 or 1-16,20. SCADA clients may use other names of units: with 1-16,20=1 unit 20 is unit 1.
    common.modbus=127.0.0.1:8502
        Address of the SCADA side of tagferry-modbusd, for the other two daemons.
    common.modbus_inputs=127.0.0.1:8503
        Address at which the other two daemons write input registers and discrete inputs.
    common.modbus_outputs=127.0.0.1:8504
        Address at which the other two daemons write holding registers and coils.
    modbusd.listen=127.0.0.1:8502
        Addresses for SCADA clients, such as 0.0.0.0:502, or [::]:502 for IPv6 and IPv4. May be repeated.
    modbusd.rtu_listen=
        Addresses for SCADA clients that speak Modbus RTU over TCP, such as 0.0.0.0:5020. Empty: none. May be repeated.
    modbusd.tls_listen=
        Addresses for SCADA clients with Modbus/TCP Security (TLS), such as 0.0.0.0:802; empty: none. Needs tls_certificate, tls_key and tls_client_ca. May be repeated.
    modbusd.tls_certificate=
        Path of the server's certificate for TLS, PEM, with those between it and the root. A reload is enough.
    modbusd.tls_key=
        Path of the key of tls_certificate, PEM, readable only for the service. A reload is enough.
    modbusd.tls_client_ca=
        Path of the certificates of the CAs that sign those of TLS clients, PEM, and, if wanted, of their revocation lists. Each client needs a certificate of one of them. A reload is enough.
    modbusd.udp_listen=
        Addresses for SCADA clients that send Modbus TCP frames in UDP datagrams, such as 0.0.0.0:8502. Empty: none. May be repeated.
    modbusd.serial=
        Serial lines on which the units answer as devices of Modbus RTU, such as /dev/ttyUSB0:19200,8E1, or /dev/ttyS1:9600,8N1,rs485 for a driver that switches RS-485 itself. Empty: none. May be repeated.
    modbusd.inputs_listen=127.0.0.1:8503
        Loopback address where the process side writes input registers and discrete inputs.
    modbusd.outputs_listen=127.0.0.1:8504
        Loopback address where the process side writes holding registers and coils.
    modbusd.image=/var/lib/tagferry/image
        Path of the file that stores the registers.
    modbusd.persist=interval
        When changed registers are written to the disk: interval (every sync_interval_ms), always (before a write is answered) or never (when the kernel decides). With all three they survive kill -9.
    modbusd.sync_interval_ms=1000
        Interval in ms at which changed registers are written to the disk. (1 to 3600000)
    modbusd.max_connections=2048
        Maximum number of SCADA clients connected at the same time; further ones are disconnected at once. A reload is enough. (1 to 60000)
    modbusd.max_connections_per_ip=0
        Maximum number of SCADA clients from one IP address; 0: no such limit. A reload is enough. (0 to 60000)
    modbusd.idle_timeout_s=0
        Seconds without a request after which a client is disconnected; 0: never. A reload is enough. (0 to 86400)
    modbusd.frame_timeout_ms=5000
        Maximum time in ms from the first to the last byte of a request. A reload is enough. (1 to 3600000)
    modbusd.write_timeout_ms=5000
        Maximum time in ms for which a client may leave its answers unread. A reload is enough. (1 to 3600000)
    modbusd.allow=any rw
        Access rules of the SCADA side, such as 10.0.0.0/8 rw or any ro unit=1-4, also with registers and functions: 10.1.0.0/16 rw unit=1-4 holding_register=200-299 fc=3,6,16. May be repeated; the first rule that matches the client, the unit, the function and the register decides, and without a match access is refused. --check-config says in words what they mean. tagferry-api is a client, too, from 127.0.0.1. A reload is enough.
    modbusd.unknown_unit=exception
        How a SCADA client's request to a unit that is not in units is answered: exception (11), or first (by the first unit, under the id of the request). A reload is enough.
    modbusd.proxy_protocol_from=
        Addresses or networks of proxies, such as 10.0.0.9 or 10.0.9.0/24, whose connections must begin with a header of the PROXY protocol (version 1 or 2). The access rules, the limits and the log use the address of the client that it names. May be repeated. A reload is enough.
    modbusd.gaps=zero
        Answer to reads of addresses without a tag: zero (their contents, 0 unless they were written), strict (exception 2 when no address of the request belongs to a tag) or exception (exception 2 when any of them belongs to no tag). Units may differ: zero, 3=strict, 5-8=exception. A reload is enough.
    modbusd.writes=any
        What SCADA may write: any registers, or tags (exception 2 when no register of the request belongs to a tag that takes writes). A reload is enough.
    modbusd.on_process_loss=hold
        While tagferry-mqttd does not run: hold answers reads with the last values, exception answers them with exception 11. A reload is enough.
    modbusd.process_timeout_s=10
        Seconds without a request from tagferry-mqttd after which it counts as not running. A reload is enough. (1 to 3600)
    modbusd.vendor_name=Tagferry
        Vendor name in the answers to functions 17 and 43/14. A reload is enough.
    modbusd.product_code=tagferry-modbusd
        Product code in the answer to function 43/14. A reload is enough.
    modbusd.revision=
        Version in the answers to functions 17 and 43/14; empty: the version of this program. A reload is enough.
    modbusd.vendor_url=
        Vendor's web address in the answer to function 43/14; empty: none. A reload is enough.
    modbusd.product_name=Tagferry
        Product name in the answers to functions 17 and 43/14. A reload is enough.
    modbusd.model_name=
        Model name in the answer to function 43/14; empty: none. A reload is enough.
    modbusd.application_name=
        Application name, such as the plant's name, in the answer to function 43/14; empty: none. A reload is enough.
  $ tagferry-modbusd --version | sed 's/[0-9].*/VERSION/'
  tagferry-modbusd VERSION
  $ tagferry-modbusd --nothing
  tagferry-modbusd: unrecognized option '--nothing'
  Try tagferry-modbusd --help.
  [2]
  $ tagferry-modbusd -o
  tagferry-modbusd: option requires an argument -- 'o'
  Try tagferry-modbusd --help.
  [2]
  $ tagferry-modbusd now
  tagferry-modbusd: unexpected "now". Try --help.
  [2]
  $ tagferry-modbusd -c missing.conf
  missing.conf: No such file or directory
  [2]
  $ tagferry-modbusd -c . --check-config
  .: cannot be read
  [2]

Where settings come from, and what is wrong with them.

  $ check listen
  -o modbusd.listen: expected section.key=value
  [2]
  $ check nothing.else=1
  -o nothing.else: unknown section [nothing]; there are common, api, modbusd, mqttd and ctl
  [2]
  $ check units=1
  -o modbusd.units: unknown key "units" in [modbusd]
  [2]
  $ check mqttd.whatever=1
  rule 1: all clients may read and write all units
  $ check listen=127.0.0.1:1 listen=127.0.0.1:2 idle_timeout_s=1 idle_timeout_s=9
  rule 1: all clients may read and write all units
  $ check idle_timeout_s=x persist=x listen=x
  -o modbusd.listen: [modbusd] listen: "x" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.persist: [modbusd] persist: "x" is not one of interval always never
  -o modbusd.idle_timeout_s: [modbusd] idle_timeout_s: "x" is not a whole number from 0 to 86400
  [2]
  $ TAGFERRY_MODBUSD_IDLE_TIMEOUT_S=86401 check
  environment TAGFERRY_MODBUSD_IDLE_TIMEOUT_S: [modbusd] idle_timeout_s: "86401" is not a whole number from 0 to 86400
  [2]
  $ TAGFERRY_MODBUSD_IDLE_TIMEOUT_S=86401 check idle_timeout_s=86400
  rule 1: all clients may read and write all units
  $ TAGFERRY_MODBUSD_NO_KEY=1 TAGFERRY_OTHER_KEY=1 TAGFERRY_MODBUSD=1 check
  environment TAGFERRY_MODBUSD_NO_KEY: unknown key "no_key" in [modbusd]
  [2]
  $ cat >one.conf <<'END'
  > # a comment
  > [modbusd]
  > max_connections = 60000
  > listen = 127.0.0.1:10
  > listen = [::1]:11
  > [mqttd]
  > unknown = yes
  > END
  $ tagferry-modbusd -c one.conf -o modbusd.idle_timeout_s=86400 --print-config | grep -v '^image\|^database\|^runtime'
  [common]
  gateway = 
  log_level = info
  units = 1
  modbus = 127.0.0.1:8502
  modbus_inputs = 127.0.0.1:8503
  modbus_outputs = 127.0.0.1:8504
  
  [modbusd]
  listen = 127.0.0.1:10,[::1]:11
  rtu_listen = 
  tls_listen = 
  tls_certificate = 
  tls_key = 
  tls_client_ca = 
  udp_listen = 
  serial = 
  inputs_listen = 127.0.0.1:8503
  outputs_listen = 127.0.0.1:8504
  persist = interval
  sync_interval_ms = 1000
  max_connections = 60000
  max_connections_per_ip = 0
  idle_timeout_s = 86400
  frame_timeout_ms = 5000
  write_timeout_ms = 5000
  allow = any rw
  unknown_unit = exception
  proxy_protocol_from = 
  gaps = zero
  writes = any
  on_process_loss = hold
  process_timeout_s = 10
  vendor_name = Tagferry
  product_code = tagferry-modbusd
  revision = 
  vendor_url = 
  product_name = Tagferry
  model_name = 
  application_name = 
  $ cat >wrong.conf <<'END'
  > [modbusd]
  > max_connections = 60001
  > max_connections = 60000
  > unknown = 1
  > [nobody]
  > key = 1
  > [modbusd]
  > not a line
  > idle_timeout_s = -1
  > END
  $ tagferry-modbusd -c wrong.conf --check-config
  wrong.conf:3: [modbusd] max_connections appears twice; the first is at wrong.conf:2
  wrong.conf:4: unknown key "unknown" in [modbusd]
  wrong.conf:6: unknown section [nobody]; there are common, api, modbusd, mqttd and ctl
  wrong.conf:8: neither "[section]" nor "key = value"
  wrong.conf:2: [modbusd] max_connections: "60001" is not a whole number from 1 to 60000
  wrong.conf:9: [modbusd] idle_timeout_s: "-1" is not a whole number from 0 to 86400
  [2]

Numbers.

  $ values sync_interval_ms 0 1 3600000 3600001
  -o modbusd.sync_interval_ms: [modbusd] sync_interval_ms: "0" is not a whole number from 1 to 3600000
  taken: 1
  taken: 3600000
  -o modbusd.sync_interval_ms: [modbusd] sync_interval_ms: "3600001" is not a whole number from 1 to 3600000
  $ values max_connections 0 1 60000 60001
  -o modbusd.max_connections: [modbusd] max_connections: "0" is not a whole number from 1 to 60000
  taken: 1
  taken: 60000
  -o modbusd.max_connections: [modbusd] max_connections: "60001" is not a whole number from 1 to 60000
  $ values max_connections_per_ip -1 0 60000 60001
  -o modbusd.max_connections_per_ip: [modbusd] max_connections_per_ip: "-1" is not a whole number from 0 to 60000
  taken: 0
  taken: 60000
  -o modbusd.max_connections_per_ip: [modbusd] max_connections_per_ip: "60001" is not a whole number from 0 to 60000
  $ values idle_timeout_s -1 0 86400 86401
  -o modbusd.idle_timeout_s: [modbusd] idle_timeout_s: "-1" is not a whole number from 0 to 86400
  taken: 0
  taken: 86400
  -o modbusd.idle_timeout_s: [modbusd] idle_timeout_s: "86401" is not a whole number from 0 to 86400
  $ values frame_timeout_ms 0 1 3600000 3600001
  -o modbusd.frame_timeout_ms: [modbusd] frame_timeout_ms: "0" is not a whole number from 1 to 3600000
  taken: 1
  taken: 3600000
  -o modbusd.frame_timeout_ms: [modbusd] frame_timeout_ms: "3600001" is not a whole number from 1 to 3600000
  $ values write_timeout_ms 0 1 3600000 3600001
  -o modbusd.write_timeout_ms: [modbusd] write_timeout_ms: "0" is not a whole number from 1 to 3600000
  taken: 1
  taken: 3600000
  -o modbusd.write_timeout_ms: [modbusd] write_timeout_ms: "3600001" is not a whole number from 1 to 3600000
  $ values process_timeout_s 0 1 3600 3601
  -o modbusd.process_timeout_s: [modbusd] process_timeout_s: "0" is not a whole number from 1 to 3600
  taken: 1
  taken: 3600
  -o modbusd.process_timeout_s: [modbusd] process_timeout_s: "3601" is not a whole number from 1 to 3600
  $ values max_connections '' ' 7' 7x 1.0 1e3 0x10 99999999999999999999
  -o modbusd.max_connections: [modbusd] max_connections: "" is not a whole number from 1 to 60000
  -o modbusd.max_connections: [modbusd] max_connections: " 7" begins or ends with a space, which a file does not keep
  -o modbusd.max_connections: [modbusd] max_connections: "7x" is not a whole number from 1 to 60000
  -o modbusd.max_connections: [modbusd] max_connections: "1.0" is not a whole number from 1 to 60000
  -o modbusd.max_connections: [modbusd] max_connections: "1e3" is not a whole number from 1 to 60000
  -o modbusd.max_connections: [modbusd] max_connections: "0x10" is not a whole number from 1 to 60000
  -o modbusd.max_connections: [modbusd] max_connections: "99999999999999999999" is not a whole number from 1 to 60000

Choices.

  $ values persist interval always never '' Always sometimes
  taken: interval
  taken: always
  taken: never
  -o modbusd.persist: [modbusd] persist: "" is not one of interval always never
  -o modbusd.persist: [modbusd] persist: "Always" is not one of interval always never
  -o modbusd.persist: [modbusd] persist: "sometimes" is not one of interval always never
  $ values unknown_unit exception first second
  taken: exception
  taken: first
  -o modbusd.unknown_unit: [modbusd] unknown_unit: "second" is not one of exception first
  $ values writes any tags none
  taken: any
  taken: tags
  -o modbusd.writes: [modbusd] writes: "none" is not one of any tags
  $ values on_process_loss hold exception zero
  taken: hold
  taken: exception
  -o modbusd.on_process_loss: [modbusd] on_process_loss: "zero" is not one of hold exception
  $ values common.log_level error warning info debug trace
  taken: error
  taken: warning
  taken: info
  taken: debug
  -o common.log_level: [common] log_level: "trace" is not one of error warning info debug

Texts.

  $ values vendor_name '' $(printf 'v%.0s' {1..64}) $(printf 'v%.0s' {1..65})
  taken: 
  taken: vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
  -o modbusd.vendor_name: [modbusd] vendor_name: longer than 64 bytes
  $ values application_name 'Plant 12' $(printf 'é%.0s' {1..32}) $(printf 'é%.0s' {1..33})
  taken: Plant 12
  taken: \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 (esc)
  -o modbusd.application_name: [modbusd] application_name: longer than 64 bytes
  $ values image '' image
  -o modbusd.image: [modbusd] image: must name a path
  taken: image
  $ values common.database ''
  -o common.database: [common] database: must name a path
  $ values common.gateway '' a east-1 $(printf 'g%.0s' {1..64}) $(printf 'g%.0s' {1..65}) 'a b' -a a- A_1
  taken: 
  taken: a
  taken: east-1
  taken: gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg
  -o common.gateway: [common] gateway: "ggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg" is not the name of a gateway: it must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'
  -o common.gateway: [common] gateway: "a b" is not the name of a gateway: it must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'
  -o common.gateway: [common] gateway: "-a" is not the name of a gateway: it must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'
  taken: a-
  taken: A_1
  $ values common.gateway $(printf 'g/%.0s' {1..50})
  -o common.gateway: [common] gateway: "g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/" is not the name of a gateway: it must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'

Addresses.

  $ tagferry-mqttd -c /dev/null --check-config -o common.modbus=plc:0 -o common.modbus_inputs=127.0.0.1:0 -o mqttd.broker=a:1883,b:0
  -o common.modbus: [common] modbus: "plc:0" has port 0, on which no server can be reached
  -o common.modbus_inputs: [common] modbus_inputs: "127.0.0.1:0" has port 0, on which no server can be reached
  -o mqttd.broker: [mqttd] broker: "b:0" has port 0, on which no server can be reached
  [2]
  $ values listen '' ' , ' 127.0.0.1:0 0.0.0.0:65535 127.0.0.1:65536 127.0.0.1:123456 '[::1]:1,127.0.0.1:2' ::1:502 '[::1]' '[::1]502' host:502 'host:' ':502' '127.0.0.1:5 2' 127.0.0.1:+1 127.0.0.1:1x
  -o modbusd.listen: [modbusd] listen: must name at least one address
  -o modbusd.listen: [modbusd] listen: " , " begins or ends with a space, which a file does not keep
  taken: 127.0.0.1:0
  taken: 0.0.0.0:65535
  -o modbusd.listen: [modbusd] listen: "127.0.0.1:65536" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: "127.0.0.1:123456" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  taken: [::1]:1,127.0.0.1:2
  -o modbusd.listen: [modbusd] listen: "::1:502" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: "[::1]" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: "[::1]502" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  taken: host:502
  -o modbusd.listen: [modbusd] listen: "host:" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: ":502" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: "127.0.0.1:5 2" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: "127.0.0.1:+1" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  -o modbusd.listen: [modbusd] listen: "127.0.0.1:1x" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values listen $(printf 'h%.0s' {1..255}):1 $(printf 'h%.0s' {1..256}):1 | sed 's/h\{200,\}/HOST/'
  taken: HOST:1
  -o modbusd.listen: [modbusd] listen: "HOST:1" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values listen $(printf '127.0.0.1:%d,' {1..16}) | tail -c 60
  0.1:12,127.0.0.1:13,127.0.0.1:14,127.0.0.1:15,127.0.0.1:16,
  $ values listen $(printf '127.0.0.1:%d,' {1..17})
  -o modbusd.listen: [modbusd] listen: more than 16 addresses, or one that is too long
  $ values rtu_listen '' ' , ' 127.0.0.1:502 127.0.0.1
  taken: 
  -o modbusd.rtu_listen: [modbusd] rtu_listen: " , " begins or ends with a space, which a file does not keep
  taken: 127.0.0.1:502
  -o modbusd.rtu_listen: [modbusd] rtu_listen: "127.0.0.1" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values udp_listen '' 127.0.0.1:502 127.0.0.1
  taken: 
  taken: 127.0.0.1:502
  -o modbusd.udp_listen: [modbusd] udp_listen: "127.0.0.1" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values tls_listen '' 127.0.0.1
  taken: 
  -o modbusd.tls_listen: [modbusd] tls_listen: "127.0.0.1" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values inputs_listen '' 127.0.0.1:1 127.255.255.255:1 128.0.0.1:1 126.255.255.255:1 localhost:1 LOCALHOST:1 '[::1]:1' '[::2]:1' '[::]:1' plant:1 127.0.0.1:1,10.0.0.1:2
  -o modbusd.inputs_listen: [modbusd] inputs_listen: must name at least one address
  taken: 127.0.0.1:1
  taken: 127.255.255.255:1
  -o modbusd.inputs_listen: [modbusd] inputs_listen: 128.0.0.1 is not a loopback address
  -o modbusd.inputs_listen: [modbusd] inputs_listen: 126.255.255.255 is not a loopback address
  taken: localhost:1
  taken: LOCALHOST:1
  taken: [::1]:1
  -o modbusd.inputs_listen: [modbusd] inputs_listen: ::2 is not a loopback address
  -o modbusd.inputs_listen: [modbusd] inputs_listen: :: is not a loopback address
  -o modbusd.inputs_listen: [modbusd] inputs_listen: plant is not a loopback address
  -o modbusd.inputs_listen: [modbusd] inputs_listen: 10.0.0.1 is not a loopback address
  $ values outputs_listen 127.0.0.1:1,127.0.0.2:1 0.0.0.0:1
  taken: 127.0.0.1:1,127.0.0.2:1
  -o modbusd.outputs_listen: [modbusd] outputs_listen: 0.0.0.0 is not a loopback address
  $ values common.modbus 10.0.0.9:502 10.0.0.9
  taken: 10.0.0.9:502
  -o common.modbus: [common] modbus: "10.0.0.9" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values common.modbus_inputs '[fe80::1]:503' '10.0.0.9:'
  taken: [fe80::1]:503
  -o common.modbus_inputs: [common] modbus_inputs: "10.0.0.9:" is not an address such as "127.0.0.1:8502" or "[::1]:8502"
  $ values common.modbus_outputs 10.0.0.9:504 ''
  taken: 10.0.0.9:504
  -o common.modbus_outputs: [common] modbus_outputs: "" is not an address such as "127.0.0.1:8502" or "[::1]:8502"

TLS needs three files, which are read.

  $ check tls_listen=127.0.0.1:802
  tagferry-modbusd: [modbusd] tls_listen needs tls_certificate, tls_key and tls_client_ca: without the CA that signs the clients' certificates it could admit none
  [2]
  $ check tls_listen=127.0.0.1:802 tls_certificate=a tls_key=b
  tagferry-modbusd: [modbusd] tls_listen needs tls_certificate, tls_key and tls_client_ca: without the CA that signs the clients' certificates it could admit none
  [2]
  $ check tls_listen=127.0.0.1:802 tls_certificate=a tls_client_ca=c
  tagferry-modbusd: [modbusd] tls_listen needs tls_certificate, tls_key and tls_client_ca: without the CA that signs the clients' certificates it could admit none
  [2]
  $ check tls_listen=127.0.0.1:802 tls_key=b tls_client_ca=c
  tagferry-modbusd: [modbusd] tls_listen needs tls_certificate, tls_key and tls_client_ca: without the CA that signs the clients' certificates it could admit none
  [2]
  $ check tls_listen=127.0.0.1:802 tls_certificate=a tls_key=b tls_client_ca=c
  tagferry-modbusd: [modbusd] a: No such file or directory
  [2]
  $ check tls_certificate=a tls_key=b tls_client_ca=c
  rule 1: all clients may read and write all units

Serial lines.

  $ values serial '' /dev/a:9600,7E1 /dev/a:9601 /dev/a:0 /dev/a:9600,8X1 /dev/a:9600,8N3 /dev/a,rs422 a:9600 /dev/a,rs485,rs485
  taken: 
  -o modbusd.serial: [modbusd] serial: "7E1": Modbus RTU needs 8 data bits, such as 8E1; 7 are for Modbus ASCII
  -o modbusd.serial: [modbusd] serial: "9601" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  -o modbusd.serial: [modbusd] serial: "0" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  -o modbusd.serial: [modbusd] serial: "8X1" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop bits
  -o modbusd.serial: [modbusd] serial: "8N3" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop bits
  -o modbusd.serial: [modbusd] serial: "rs422" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  -o modbusd.serial: [modbusd] serial: "a:9600" does not begin with the absolute path of a device, of at most 199 bytes and without "..", such as "/dev/ttyUSB0:19200,8E1"
  taken: /dev/a,rs485,rs485
  $ values serial /dev/a,/dev/b:9600,8N1,rs485,/dev/c:300 /dev/a:9600,/dev/a:19200 /dev/a,/dev/b,/dev/a
  taken: /dev/a,/dev/b:9600,8N1,rs485,/dev/c:300
  -o modbusd.serial: [modbusd] serial: /dev/a is listed twice
  -o modbusd.serial: [modbusd] serial: /dev/a is listed twice
  $ values serial $(printf '/dev/tty%d,' {1..16}) | tail -c 60
  y11,/dev/tty12,/dev/tty13,/dev/tty14,/dev/tty15,/dev/tty16,
  $ values serial $(printf '/dev/tty%d,' {1..17})
  -o modbusd.serial: [modbusd] serial: more than 16 lines, or one that is too long
  $ values serial /dev/a:300,/dev/b:600,/dev/c:1200,/dev/d:1800,/dev/e:2400,/dev/f:4800,/dev/g:9600,/dev/h:19200,/dev/i:38400,/dev/j:57600,/dev/k:115200,/dev/l:230400
  taken: /dev/a:300,/dev/b:600,/dev/c:1200,/dev/d:1800,/dev/e:2400,/dev/f:4800,/dev/g:9600,/dev/h:19200,/dev/i:38400,/dev/j:57600,/dev/k:115200,/dev/l:230400
  $ values serial /dev/a:460800,/dev/b:500000,/dev/c:576000,/dev/d:921600,/dev/e:1000000,/dev/f:1152000,/dev/g:1500000,/dev/h:2000000,/dev/i:2500000,/dev/j:3000000,/dev/k:3500000,/dev/l:4000000
  taken: /dev/a:460800,/dev/b:500000,/dev/c:576000,/dev/d:921600,/dev/e:1000000,/dev/f:1152000,/dev/g:1500000,/dev/h:2000000,/dev/i:2500000,/dev/j:3000000,/dev/k:3500000,/dev/l:4000000
  $ values serial /dev/a:299 /dev/a:4000001 /dev/a:12345678 /dev/a: /dev/a:9600, '/dev/a: 9600' /dev/../a /dev/a,8N1
  -o modbusd.serial: [modbusd] serial: "299" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  -o modbusd.serial: [modbusd] serial: "4000001" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  -o modbusd.serial: [modbusd] serial: "12345678" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  -o modbusd.serial: [modbusd] serial: "" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  taken: /dev/a:9600,
  -o modbusd.serial: [modbusd] serial: " 9600" is not a speed of serial lines, such as 9600, 19200, 38400, 57600 or 115200
  -o modbusd.serial: [modbusd] serial: "/dev/../a" does not begin with the absolute path of a device, of at most 199 bytes and without "..", such as "/dev/ttyUSB0:19200,8E1"
  taken: /dev/a,8N1
  $ values serial /dev/a:9600,8n1 /dev/a:9600,8O2 /dev/a:9600,8N2 /dev/a:9600,8N0 /dev/a:9600,8N1,8E1 /dev/a:9600,8N1x /dev/a:9600,8
  taken: /dev/a:9600,8n1
  taken: /dev/a:9600,8O2
  taken: /dev/a:9600,8N2
  -o modbusd.serial: [modbusd] serial: "8N0" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop bits
  taken: /dev/a:9600,8N1,8E1
  -o modbusd.serial: [modbusd] serial: "8N1x" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop bits
  -o modbusd.serial: [modbusd] serial: "8" is not a format such as 8E1: 8 data bits, parity N, E or O, 1 or 2 stop bits
  $ values serial /dev/a:9600,rs485,rts=high /dev/a:9600,rs485,rts=low,before=0,after=100 /dev/a,rs485,before=101 /dev/a,rs485,after=101 /dev/a,before=5 /dev/a,rs485,rts=up /dev/a,rts=high /dev/a,after=1 /dev/a,rs485,before=x /dev/a,rs485,after=0001 /dev/a,rs485,before=
  taken: /dev/a:9600,rs485,rts=high
  taken: /dev/a:9600,rs485,rts=low,before=0,after=100
  -o modbusd.serial: [modbusd] serial: "before=101" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  -o modbusd.serial: [modbusd] serial: "after=101" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  -o modbusd.serial: [modbusd] serial: "before=5" needs rs485 before it
  -o modbusd.serial: [modbusd] serial: "rts=up" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  -o modbusd.serial: [modbusd] serial: "rts=high" needs rs485 before it
  -o modbusd.serial: [modbusd] serial: "after=1" needs rs485 before it
  -o modbusd.serial: [modbusd] serial: "before=x" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  -o modbusd.serial: [modbusd] serial: "after=0001" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  -o modbusd.serial: [modbusd] serial: "before=" is not an option of a serial line: a format such as 8E1, rs485, rts=high, rts=low, before=MS or after=MS with 0 to 100 ms
  $ values serial /dev/$(printf 'd%.0s' {1..194}) /dev/$(printf 'd%.0s' {1..195})
  -o modbusd.serial: [modbusd] serial: more than 64 values, or one longer than 127 bytes
  -o modbusd.serial: [modbusd] serial: more than 64 values, or one longer than 127 bytes

Units.

  $ values common.units 1 247 1-247,1 0 248 5-4 '1 - 3 , 5' 1, 0001 1=2 1-16,20=1 1-16,20=21 1,1=1 1,2,20=1,20=2 1,248=1 1,20=0
  taken: 1
  taken: 247
  taken: 1-247,1
  -o common.units: [common] units: "0" is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit
  -o common.units: [common] units: "248" is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit
  -o common.units: [common] units: "5-4" is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit
  taken: 1 - 3 , 5
  -o common.units: [common] units: "1," is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit
  taken: 0001
  -o common.units: [common] units: 1=2: 2 is not one of the units in the list
  taken: 1-16,20=1
  -o common.units: [common] units: 20=21: 21 is not one of the units in the list
  -o common.units: [common] units: 1=1: 1 is a unit of its own in the same list
  -o common.units: [common] units: "1,2,20=1,20=2" is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit
  -o common.units: [common] units: "1,248=1" is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit
  -o common.units: [common] units: "1,20=0" is not a list of unit ids 1 to 247 such as "1" or "1-16,20", or "1-16,20=1" with another name of a unit

Gaps.

  $ values gaps '' other 3=strict,5-8=exception 3=strict,3=zero 2-4=strict,4=zero zero,strict 0=zero 247=zero 3= '3 = strict'
  taken: 
  -o modbusd.gaps: [modbusd] gaps: "other" must be zero, strict or exception, or one of them after units, such as 3=strict or 5-8=exception
  taken: 3=strict,5-8=exception
  -o modbusd.gaps: [modbusd] gaps: "3=zero" names unit 3 again
  -o modbusd.gaps: [modbusd] gaps: "4=zero" names unit 4 again
  -o modbusd.gaps: [modbusd] gaps: "strict" is a second answer for all other units
  -o modbusd.gaps: [modbusd] gaps: "0=zero" must be zero, strict or exception, or one of them after units, such as 3=strict or 5-8=exception
  taken: 247=zero
  -o modbusd.gaps: [modbusd] gaps: "3=" must be zero, strict or exception, or one of them after units, such as 3=strict or 5-8=exception
  taken: 3 = strict
  $ values gaps $(printf '%d,' {1..12})=zero
  -o modbusd.gaps: [modbusd] gaps: "1" must be zero, strict or exception, or one of them after units, such as 3=strict or 5-8=exception

Proxies.

  $ values proxy_protocol_from '' 10.0.0.9 10.0.9.0/24 10.0.9.1/24 127.0.0.1 127.0.0.2 127.0.0.0/8 126.0.0.0/7 0.0.0.0/0 ::1 ::/0 ::2 fe80::/10 10.0.0.9/33 10.0.0.9/32 10.0.0.9,nonsense any
  taken: 
  taken: 10.0.0.9
  taken: 10.0.9.0/24
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: "10.0.9.1/24" must be an address or a network such as 10.0.0.0/8
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: 127.0.0.1 contains 127.0.0.1, from which tagferry-api connects; a proxy on this machine needs another source address, such as 127.0.0.2
  taken: 127.0.0.2
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: 127.0.0.0/8 contains 127.0.0.1, from which tagferry-api connects; a proxy on this machine needs another source address, such as 127.0.0.2
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: 126.0.0.0/7 contains 127.0.0.1, from which tagferry-api connects; a proxy on this machine needs another source address, such as 127.0.0.2
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: 0.0.0.0/0 contains 127.0.0.1, from which tagferry-api connects; a proxy on this machine needs another source address, such as 127.0.0.2
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: ::1 contains ::1, from which tagferry-api connects; a proxy on this machine needs another source address, such as 127.0.0.2
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: ::/0 contains ::1, from which tagferry-api connects; a proxy on this machine needs another source address, such as 127.0.0.2
  taken: ::2
  taken: fe80::/10
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: "10.0.0.9/33" must be an address or a network such as 10.0.0.0/8
  taken: 10.0.0.9/32
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: "nonsense" must be an address or a network such as 10.0.0.0/8
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: "any" must be an address or a network such as 10.0.0.0/8
  $ values proxy_protocol_from $(printf '10.0.0.%d,' {1..64}) | tail -c 30
  0.0.0.62,10.0.0.63,10.0.0.64,
  $ values proxy_protocol_from $(printf '10.0.0.%d,' {1..65})
  -o modbusd.proxy_protocol_from: [modbusd] proxy_protocol_from: more than 64 values, or one longer than 127 bytes
