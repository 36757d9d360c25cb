What tagferry-modbusd logs: at its start, of clients that speak something else, of failures, at a reload.

  $ . "$TESTDIR/modbusd.sh"

A start with all kinds of listeners, and its end.

  $ serve common.units=1-12,20=1,30-31=12 rtu_listen=127.0.0.1:0 udp_listen=127.0.0.1:0 serial=/dev/missing:9600,8N1,rs485,rts=low,before=12,after=34 'listen=[::1]:0'
  $ await_log 'serial line'
  $ end
  $ log | sort -k 3
  TIME info    listening on 127.0.0.1:PORT (inputs)
  TIME info    listening on 127.0.0.1:PORT (outputs)
  TIME info    listening on 127.0.0.1:PORT (scada)
  TIME info    listening on 127.0.0.1:PORT (scada, Modbus RTU over TCP)
  TIME info    listening on 127.0.0.1:PORT (scada, UDP)
  TIME info    listening on [::1]:PORT (scada)
  TIME info    started, 12 units, image FOLDER/image
  TIME info    stopping
  TIME warning serial line: /dev/missing: No such file or directory; it is tried again until it can be opened

What is not Modbus TCP is closed, with a line that says what it is.

  $ first() { serve "${@:2}" && connect && send "$1" && receive; end; log | sed -n 's/.* warning //p'; }
  $ first 0001000100060103000000
  closed
  127.0.0.1 sends something else instead of Modbus TCP (11 bytes: 00 01 00 01 00 06 01 03): this port supports only Modbus TCP; 1 such connection since the last line
  $ first 000100000100010300000001
  closed
  127.0.0.1 sends something else instead of Modbus TCP (12 bytes: 00 01 00 00 01 00 01 03): this port supports only Modbus TCP; 1 such connection since the last line
  $ first 474554202f20485454502f312e31
  closed
  127.0.0.1 sends HTTP instead of Modbus TCP (14 bytes: 47 45 54 20 2F 20 48 54): the REST API has another port, [api] listen; 1 such connection since the last line
  $ first 16030100a5010000a10303
  closed
  127.0.0.1 sends TLS instead of Modbus TCP (11 bytes: 16 03 01 00 A5 01 00 00): set the client to plain Modbus TCP, or to the port of [modbusd] tls_listen; 1 such connection since the last line
  $ first 3a303130333030
  closed
  127.0.0.1 sends Modbus ASCII over TCP instead of Modbus TCP (7 bytes: 3A 30 31 30 33 30 30): set the client to Modbus TCP; 1 such connection since the last line
  $ first 50524f585920544350342031302e302e302e37
  closed
  127.0.0.1 sends a header of the PROXY protocol instead of Modbus TCP (19 bytes: 50 52 4F 58 59 20 54 43): add the proxy's address to [modbusd] proxy_protocol_from; 1 such connection since the last line
  $ serve && connect && send 010300000001840a && await_log RTU; end; log | sed -n 's/.* warning //p'
  127.0.0.1 sends Modbus RTU over TCP instead of Modbus TCP (8 bytes: 01 03 00 00 00 01 84 0A): set the client to Modbus TCP, or its port to rtu_listen; 1 such connection since the last line
  $ cut() { serve "$@" && connect && send 00010000 && receive; end; log | sed -n 's/.* warning //p'; }
  $ cut frame_timeout_ms=1
  closed
  $ cut frame_timeout_ms=1 common.log_level=debug; log | grep -c 'closed: frame_timeout_ms exceeded'
  closed
  1

A second one with the same files, a port that is taken, folders that cannot be made.

  $ serve
  $ serve_again() { tagferry-modbusd -c /dev/null -o "common.runtime_dir=$FOLDER/run" -o "modbusd.image=$FOLDER/image" "$@" 2>&1 | mask; return "${PIPESTATUS[0]}"; }
  $ serve_again
  TIME error   FOLDER/run/modbusd.counters: is in use by another process
  [1]
  $ serve_again -o "common.runtime_dir=$FOLDER/other"
  TIME error   image FOLDER/image: is in use by another process. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]
  $ serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=$FOLDER/other/image" -o "modbusd.listen=127.0.0.1:$PORT"
  TIME error   cannot listen on 127.0.0.1:PORT: Address already in use
  [3]
  $ serve_again -o "common.runtime_dir=/dev/null/run"
  TIME error   /dev/null/run: Not a directory
  [1]
  $ serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=/dev/null/image"
  TIME error   image /dev/null/image: Not a directory. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]
  $ serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=$FOLDER"
  TIME error   image FOLDER: Is a directory. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]
  $ end

A file that is no image, or is damaged.

  $ printf 'nothing' >other/image; serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=$FOLDER/other/image"
  TIME error   image FOLDER/other/image: is cut short. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]
  $ head -c 400000 /dev/zero >other/image; serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=$FOLDER/other/image"
  TIME error   image FOLDER/other/image: is not a file of this kind. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]
  $ cp image other/image; printf '\377' | dd of=other/image bs=1 seek=45 conv=notrunc status=none; serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=$FOLDER/other/image"
  TIME error   image FOLDER/other/image: its table of units is damaged. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]
  $ head -c 100000 image >other/image; serve_again -o "common.runtime_dir=$FOLDER/other" -o "modbusd.image=$FOLDER/other/image"
  TIME error   image FOLDER/other/image: is cut short. Nothing was changed. If the file is damaged or from another version, restore a copy of it, or move it away to start with all registers 0
  [1]

SIGHUP: what takes effect, what takes a restart, what is wrong.

  $ cat >modbusd.conf <<'END'
  > [modbusd]
  > max_connections = 11
  > END
  $ CONFIG=modbusd.conf
  $ serve common.units=1-12
  $ reload() { log >before; kill -HUP "$MODBUSD"; await_log "$1"; log | tail -n "+$(($(wc -l <before) + 1))"; }
  $ reload 'configuration reloaded'
  TIME info    configuration reloaded
  $ cat >modbusd.conf <<'END'
  > [common]
  > log_level = debug
  > runtime_dir = other
  > database = other
  > [modbusd]
  > max_connections = 12
  > sync_interval_ms = 12
  > persist = never
  > gaps = strict
  > image = other
  > vendor_name = Hall 12
  > END
  $ reload 'configuration reloaded'
  TIME warning [common] database has changed, which takes a restart
  TIME warning [modbusd] persist has changed, which takes a restart
  TIME warning [modbusd] sync_interval_ms has changed, which takes a restart
  TIME warning registers without a tag are not known until tagferry-mqttd has read the configuration: [modbusd] gaps and writes do not apply yet (FOLDER/run/register-owners)
  TIME info    configuration reloaded
  $ connect && ask 01 11
  01111801ff48616c6c2031322054616766657272792031322e3334
  $ printf '[modbusd]\nmax_connections = 60001\nnobody = 1\n' >modbusd.conf
  $ reload 'not reloaded'
  modbusd.conf:3: unknown key "nobody" in [modbusd]
  TIME error   configuration not reloaded: it has errors; the old one stays in effect
  $ ask 01 11
  01111801ff48616c6c2031322054616766657272792031322e3334
  $ rm modbusd.conf
  $ reload 'not reloaded: it has errors; the old one stays in effect'
  modbusd.conf: No such file or directory
  TIME error   configuration not reloaded: it has errors; the old one stays in effect
  $ printf '[modbusd]\nallow = 10.0.0.0/8 rw\n' >modbusd.conf
  $ reload 'configuration reloaded'
  TIME info    configuration reloaded
  $ receive
  closed
  $ end
