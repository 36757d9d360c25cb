`tagferry-mqttd --check-config`: each setting at its limits and beside them, and the files that it names.

  $ check() { "$TAGFERRY_BIN/tagferry-mqttd" -c /dev/null "${@/#/-omqttd.}" --check-config 2>&1 | mask; return "${PIPESTATUS[0]}"; }
  $ shown() { "$TAGFERRY_BIN/tagferry-mqttd" -c /dev/null -o "mqttd.$1" --print-config 2>&1 | grep "^${1%%=*} " | mask; }
  $ text() { head -c "$1" /dev/zero | tr '\0' "${2:-x}"; }
  $ check

Numbers: each limit is taken, its neighbour is not.

  $ for pair in keepalive_s:5:65535 session_expiry_s:0:4294967295 max_payload:1:268435455 modbus_timeout_ms:50:30000 discovery_mb:1:1024 discovery_messages_per_s:1:1000000; do
  >     IFS=: read -r key low high <<<"$pair"
  >     for value in $((low - 1)) "$low" "$high" $((high + 1)); do
  >         check "$key=$value" && shown "$key=$value"
  >     done
  > done
  -o mqttd.keepalive_s: [mqttd] keepalive_s: "4" is not a whole number from 5 to 65535
  keepalive_s = 5
  keepalive_s = 65535
  -o mqttd.keepalive_s: [mqttd] keepalive_s: "65536" is not a whole number from 5 to 65535
  -o mqttd.session_expiry_s: [mqttd] session_expiry_s: "-1" is not a whole number from 0 to 4294967295
  session_expiry_s = 0
  session_expiry_s = 4294967295
  -o mqttd.session_expiry_s: [mqttd] session_expiry_s: "4294967296" is not a whole number from 0 to 4294967295
  -o mqttd.max_payload: [mqttd] max_payload: "0" is not a whole number from 1 to 268435455
  max_payload = 1
  max_payload = 268435455
  -o mqttd.max_payload: [mqttd] max_payload: "268435456" is not a whole number from 1 to 268435455
  -o mqttd.modbus_timeout_ms: [mqttd] modbus_timeout_ms: "49" is not a whole number from 50 to 30000
  modbus_timeout_ms = 50
  modbus_timeout_ms = 30000
  -o mqttd.modbus_timeout_ms: [mqttd] modbus_timeout_ms: "30001" is not a whole number from 50 to 30000
  -o mqttd.discovery_mb: [mqttd] discovery_mb: "0" is not a whole number from 1 to 1024
  discovery_mb = 1
  discovery_mb = 1024
  -o mqttd.discovery_mb: [mqttd] discovery_mb: "1025" is not a whole number from 1 to 1024
  -o mqttd.discovery_messages_per_s: [mqttd] discovery_messages_per_s: "0" is not a whole number from 1 to 1000000
  discovery_messages_per_s = 1
  discovery_messages_per_s = 1000000
  -o mqttd.discovery_messages_per_s: [mqttd] discovery_messages_per_s: "1000001" is not a whole number from 1 to 1000000
  [2]
  $ check keepalive_s= keepalive_s=ten
  -o mqttd.keepalive_s: [mqttd] keepalive_s: "ten" is not a whole number from 5 to 65535
  [2]
  $ check max_payload=1.5
  -o mqttd.max_payload: [mqttd] max_payload: "1.5" is not a whole number from 1 to 268435455
  [2]
  $ check tls=maybe
  -o mqttd.tls: [mqttd] tls: "maybe" is neither yes nor no
  [2]
  $ shown tls=yes
  tls = yes
  $ check protocol=4
  -o mqttd.protocol: [mqttd] protocol: "4" is not one of auto 5 3.1.1
  [2]
  $ for version in auto 5 3.1.1; do shown "protocol=$version"; done
  protocol = auto
  protocol = 5
  protocol = 3.1.1

Addresses of brokers.

  $ check broker=
  -o mqttd.broker: [mqttd] broker: must name at least one address
  [2]
  $ check broker=host
  -o mqttd.broker: [mqttd] broker: "host" is not an address such as "127.0.0.1:PORT" or "[::1]:8502"
  [2]
  $ check broker=host:65536
  -o mqttd.broker: [mqttd] broker: "host:65536" is not an address such as "127.0.0.1:PORT" or "[::1]:8502"
  [2]
  $ shown broker=host:65535
  broker = host:65535
  $ shown broker='a:1, b:22, [::1]:333'
  broker = a:1, b:22, [::1]:333
  $ check broker="$(printf 'h%d:1,' {1..15})x:1"
  $ check broker="$(printf 'h%d:1,' {1..16})x:1"
  -o mqttd.broker: [mqttd] broker: more than 16 addresses, or one that is too long
  [2]
  $ check broker=a:1,
  $ check broker=a:1,,b:2

The topic of birth and will: 256 bytes, the placeholder once. That of the mirror: 200 bytes, no slash at its end.

  $ check status_topic=
  $ check status_topic="$(text 256)"
  $ check status_topic="$(text 257)"
  -o mqttd.status_topic: [mqttd] status_topic: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is not a topic to publish to, of at most 256 bytes and with {client_id} at most once
  [2]
  $ check status_topic="$(text 245){client_id}"
  $ check status_topic="$(text 246){client_id}"
  -o mqttd.status_topic: [mqttd] status_topic: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is not a topic to publish to, of at most 256 bytes and with {client_id} at most once
  [2]
  $ check status_topic='a/{client_id}/{client_id}'
  -o mqttd.status_topic: [mqttd] status_topic: "a/{client_id}/{client_id}" is not a topic to publish to, of at most 256 bytes and with {client_id} at most once
  [2]
  $ check status_topic='a/{client_id}/b'
  $ check status_topic='a/+/b'
  -o mqttd.status_topic: [mqttd] status_topic: "a/+/b" is not a topic to publish to, of at most 256 bytes and with {client_id} at most once
  [2]
  $ check status_topic='{client_id}#'
  -o mqttd.status_topic: [mqttd] status_topic: "{client_id}#" is not a topic to publish to, of at most 256 bytes and with {client_id} at most once
  [2]
  $ check status_topic='$SYS/x'
  $ check mirror_topic=
  $ check mirror_topic="$(text 200)"
  $ check mirror_topic="$(text 201)"
  -o mqttd.mirror_topic: [mqttd] mirror_topic: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is not a topic to publish to, of at most 200 bytes, without a slash at its end or $ at its beginning
  [2]
  $ check mirror_topic=a/b/
  -o mqttd.mirror_topic: [mqttd] mirror_topic: "a/b/" is not a topic to publish to, of at most 200 bytes, without a slash at its end or $ at its beginning
  [2]
  $ check mirror_topic=/
  -o mqttd.mirror_topic: [mqttd] mirror_topic: "/" is not a topic to publish to, of at most 200 bytes, without a slash at its end or $ at its beginning
  [2]
  $ check mirror_topic='$a'
  -o mqttd.mirror_topic: [mqttd] mirror_topic: "$a" is not a topic to publish to, of at most 200 bytes, without a slash at its end or $ at its beginning
  [2]
  $ check mirror_topic='a$'
  $ check mirror_topic='a/#'
  -o mqttd.mirror_topic: [mqttd] mirror_topic: "a/#" is not a topic to publish to, of at most 200 bytes, without a slash at its end or $ at its beginning
  [2]

The place of the status registers: four of them, in a table of registers.

  $ for place in '' 1:input_register:0 1:input_register:65532 1:input_register:65533 247:holding_register:12 248:holding_register:12 255:holding_register:12 256:holding_register:12 0:holding_register:12 1:coil:1 1:discrete_input:1 1:input_register:123456 1:input_register:1x x 1:input_register: 01:input_register:0012; do
  >     check gateway_status="$place" && shown "gateway_status=$place"
  > done
  gateway_status = 
  gateway_status = 1:input_register:0
  gateway_status = 1:input_register:65532
  -o mqttd.gateway_status: [mqttd] gateway_status: "1:input_register:65533" is not a location of four registers such as "1:input_register:9000"
  gateway_status = 247:holding_register:12
  -o mqttd.gateway_status: [mqttd] gateway_status: "248:holding_register:12" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "255:holding_register:12" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "256:holding_register:12" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "0:holding_register:12" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "1:coil:1" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "1:discrete_input:1" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "1:input_register:123456" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "1:input_register:1x" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "x" is not a location of four registers such as "1:input_register:9000"
  -o mqttd.gateway_status: [mqttd] gateway_status: "1:input_register:" is not a location of four registers such as "1:input_register:9000"
  gateway_status = 01:input_register:0012
  $ check gateway_status="$(text 70)"
  -o mqttd.gateway_status: [mqttd] gateway_status: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is not a location of four registers such as "1:input_register:9000"
  [2]

The password: the first line of a file, of at most 8190 bytes.

  $ umask 077
  $ check password_file=none
  tagferry-mqttd: [mqttd] password_file: none: No such file or directory
  [2]
  $ : >empty; check password_file=empty
  $ text 8190 >long; check password_file=long
  $ text 8191 >long; check password_file=long
  tagferry-mqttd: [mqttd] password_file: long: the line is too long
  [2]
  $ (text 8190; echo; echo more) >long; check password_file=long
  $ text 70000 >long; check password_file=long
  tagferry-mqttd: [mqttd] password_file: long: the line is too long
  [2]
  $ check password_file=.
  tagferry-mqttd: [mqttd] password_file: .: Is a directory
  [2]
  $ CREDENTIALS_DIRECTORY=. check
  $ mkdir tagferry.mqtt-password; CREDENTIALS_DIRECTORY=. check
  tagferry-mqttd: [mqttd] password_file: ./tagferry.mqtt-password: Is a directory
  [2]
  $ rmdir tagferry.mqtt-password; cp long tagferry.mqtt-password; CREDENTIALS_DIRECTORY=. check
  tagferry-mqttd: [mqttd] password_file: ./tagferry.mqtt-password: the line is too long
  [2]
  $ CREDENTIALS_DIRECTORY=. check password_file=empty
  $ chmod 644 empty; check password_file=empty
  TIME warning empty holds a secret, and every user of this machine can read it: chmod o= empty

Certificates for the broker: read only with TLS. A certificate and a key need one another.

  $ openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 9000 2>/dev/null
  $ check ca_file=none cert_file=none
  $ check tls=yes ca_file=none
  tagferry-mqttd: [mqttd] ca_file: none: No such file or directory
  [2]
  $ check tls=yes ca_file=empty
  tagferry-mqttd: [mqttd] ca_file: empty: the file has no data in PEM format
  [2]
  $ check tls=yes ca_file=.
  tagferry-mqttd: [mqttd] ca_file: .: Is a directory
  [2]
  $ check tls=yes cert_file=cert.pem
  tagferry-mqttd: [mqttd] cert_file and key_file need one another
  [2]
  $ check tls=yes key_file=key.pem
  tagferry-mqttd: [mqttd] cert_file and key_file need one another
  [2]
  $ check tls=yes cert_file=none key_file=key.pem
  tagferry-mqttd: [mqttd] cert_file: none: No such file or directory
  [2]
  $ check tls=yes cert_file=cert.pem key_file=none
  tagferry-mqttd: [mqttd] key_file: none: No such file or directory
  [2]
  $ check tls=yes cert_file=cert.pem key_file=empty
  TIME warning empty holds a secret, and every user of this machine can read it: chmod o= empty
  tagferry-mqttd: [mqttd] key_file: empty: the file has no data in PEM format
  [2]
  $ check tls=yes ca_file=cert.pem cert_file=cert.pem key_file=key.pem
  $ cp key.pem open.pem; chmod 644 open.pem; check tls=yes cert_file=cert.pem key_file=open.pem
  TIME warning open.pem holds a secret, and every user of this machine can read it: chmod o= open.pem

Certificates for Modbus servers: a certificate needs its key and a CA.

  $ check modbus_tls_ca=none
  tagferry-mqttd: [mqttd] modbus_tls_ca: none: No such file or directory
  [2]
  $ check modbus_tls_ca=empty
  tagferry-mqttd: [mqttd] modbus_tls_ca: empty: No certificate was found.
  [2]
  $ check modbus_tls_ca=cert.pem
  $ check modbus_tls_certificate=cert.pem
  tagferry-mqttd: [mqttd] modbus_tls_certificate and modbus_tls_key need one another
  [2]
  $ check modbus_tls_key=key.pem
  tagferry-mqttd: [mqttd] modbus_tls_certificate and modbus_tls_key need one another
  [2]
  $ check modbus_tls_ca=cert.pem modbus_tls_key=key.pem
  tagferry-mqttd: [mqttd] modbus_tls_certificate and modbus_tls_key need one another
  [2]
  $ check modbus_tls_ca=cert.pem modbus_tls_certificate=cert.pem
  tagferry-mqttd: [mqttd] modbus_tls_certificate and modbus_tls_key need one another
  [2]
  $ check modbus_tls_certificate=cert.pem modbus_tls_key=key.pem
  tagferry-mqttd: [mqttd] modbus_tls_certificate needs modbus_tls_ca: without the CA that signs the servers' certificates no server could be trusted
  [2]
  $ check modbus_tls_ca=cert.pem modbus_tls_certificate=cert.pem modbus_tls_key=key.pem
  $ check modbus_tls_ca=cert.pem modbus_tls_certificate=cert.pem modbus_tls_key=none
  tagferry-mqttd: [mqttd] modbus_tls_key: none: No such file or directory
  [2]
  $ check modbus_tls_ca=cert.pem modbus_tls_certificate=cert.pem modbus_tls_key=cert.pem
  tagferry-mqttd: [mqttd] modbus_tls_key: cert.pem: The requested data were not available.
  [2]
  $ check modbus_tls_ca=cert.pem modbus_tls_certificate=cert.pem modbus_tls_key=open.pem
  TIME warning open.pem holds a secret, and every user of this machine can read it: chmod o= open.pem

Keys that do not exist, and the words of a command line.

  $ check nonsense=1
  -o mqttd.nonsense: unknown key "nonsense" in [mqttd]
  [2]
  $ check broker
  -o mqttd.broker: expected section.key=value
  [2]
  $ "$TAGFERRY_BIN/tagferry-mqttd" -c none --check-config 2>&1 | mask
  none: No such file or directory
  $ "$TAGFERRY_BIN/tagferry-mqttd" --wrong 2>&1 | mask
  ROOT/build/check/bin/tagferry-mqttd: unrecognized option '--wrong'
  Try tagferry-mqttd --help.
  $ printf '[mqttd]\nkeepalive_s = 4\n' >file; "$TAGFERRY_BIN/tagferry-mqttd" -c file --check-config 2>&1 | mask
  file:2: [mqttd] keepalive_s: "4" is not a whole number from 5 to 65535
  $ printf '[mqttd]\nkeepalive = 40\n' >file; "$TAGFERRY_BIN/tagferry-mqttd" -c file --check-config 2>&1 | mask
  file:2: unknown key "keepalive" in [mqttd]
  $ "$TAGFERRY_BIN/tagferry-mqttd" -c /dev/null --print-config
  [common]
  database = /var/lib/tagferry/tagferry.db
  gateway = 
  runtime_dir = /run/tagferry
  log_level = info
  units = 1
  modbus = 127.0.0.1:8502
  modbus_inputs = 127.0.0.1:8503
  modbus_outputs = 127.0.0.1:8504
  
  [mqttd]
  broker = 127.0.0.1:1883
  client_id = 
  protocol = auto
  status_topic = tagferry/{client_id}/status
  mirror_topic = tagferry/mirror
  username = 
  password_file = 
  tls = no
  ca_file = 
  cert_file = 
  key_file = 
  keepalive_s = 30
  session_expiry_s = 604800
  max_payload = 65536
  modbus_timeout_ms = 1000
  modbus_tls_ca = 
  modbus_tls_certificate = 
  modbus_tls_key = 
  discovery_mb = 16
  discovery_messages_per_s = 5000
  gateway_status = 
