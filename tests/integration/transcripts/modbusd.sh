# Functions of the transcripts modbusd_*.t, which read this file behind prelude.sh.
# shellcheck shell=bash disable=SC1090,SC2154

PATH=$TAGFERRY_BIN:$PATH

# check KEY=VALUE...: what --check-config prints with these settings of [modbusd], and its status if it is not 0. A KEY may
# begin with the name of another section and a dot.
check() {
    local setting words=()
    for setting in "$@"; do
        case ${setting%%=*} in *.*) ;; *) setting=modbusd.$setting ;; esac
        words+=(-o "$setting")
    done
    tagferry-modbusd -c /dev/null "${words[@]}" --check-config 2>&1
}

# values KEY VALUE...: which of the values are taken, and why others are not.
values() {
    local key=$1 value
    shift
    for value in "$@"; do
        if check "$key=$value" >checked; then echo "taken: $value"; else cat checked; fi
    done
}

# serve KEY=VALUE...: starts tagferry-modbusd with these settings at free ports, and waits until it serves. PORT is the first port
# of the SCADA side.
serve() {
    local setting begin=$SECONDS words=()
    for setting in "$@"; do
        case ${setting%%=*} in *.*) ;; *) setting=modbusd.$setting ;; esac
        words+=(-o "$setting")
    done
    : >modbusd.log
    tagferry-modbusd -c "${CONFIG:-/dev/null}" -o "common.runtime_dir=$FOLDER/run" -o "modbusd.image=$FOLDER/image" \
        -o modbusd.listen=127.0.0.1:0 -o modbusd.inputs_listen=127.0.0.1:0 -o modbusd.outputs_listen=127.0.0.1:0 \
        -o modbusd.revision=12.34 "${words[@]}" 2>modbusd.log &
    MODBUSD=$!
    until grep -q ' started, ' modbusd.log; do
        if ! kill -0 "$MODBUSD" 2>/dev/null || [ $((SECONDS - begin)) -gt 90 ]; then
            log
            return 1
        fi
        pause
    done
    PORT=$(sed -n 's/.* listening on .*:\([0-9]*\) (scada)$/\1/p' modbusd.log | head -n 1)
}

# log: the lines of the log.
log() {
    mask <modbusd.log | sed 's/\[::1\]:[0-9]*/[::1]:PORT/'
}

# await_log TEXT: waits until the log has this text.
await_log() {
    await "$1" log >/dev/null
}

# end: stops tagferry-modbusd; prints its status if it is not 0.
end() {
    kill -TERM "$MODBUSD"
    wait "$MODBUSD" || echo "status $?"
}

# connect [PORT]: opens a connection, which ask uses.
connect() {
    exec 3<>"/dev/tcp/127.0.0.1/${1:-$PORT}"
}

# digits COUNT: as many bytes of the connection, in hexadecimal digits.
digits() {
    timeout 60 head -c "$1" <&3 | od -An -v -tx1 -w300 | tr -d ' '
}

# receive: the next answer, without its transaction and length: unit and PDU, in hexadecimal digits.
receive() {
    local head
    head=$(digits 6)
    [ -n "$head" ] || { echo closed; return; }
    digits $((16#${head:8:4}))
}

# send DIGITS: bytes, given in hexadecimal digits.
send() {
    printf '%b' "$(fold -w 2 <<<"$1" | sed 's/^/\\x/' | tr -d '\n')" >&3
}

# ask UNIT PDU...: sends requests, one after the other, and prints the answers. UNIT and PDU are hexadecimal digits.
ask() {
    local unit=$1 pdu
    shift
    for pdu in "$@"; do
        pdu=${pdu// /}
        send "00010000$(printf %04x $((${#pdu} / 2 + 1)))$unit$pdu"
        receive
    done
}
