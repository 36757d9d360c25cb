# Functions of the transcripts; bash reads this file before each of them. API, BROKER, SCADA, STORE, MQTTD_LOG and FOLDER
# come from test_transcripts.py, FOLDER with the files of the run.
# shellcheck shell=bash
cd "$FOLDER" || exit 1

# What differs from run to run: times, ports, folders, versions of others. Objects of a list get a line each.
MASK=(-e "/^libgcov profiling error/d; s#$FOLDER#FOLDER#g; s#$TAGFERRY_ROOT#ROOT#g"
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g; s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}(\.[0-9]+)?/TIME/g'
    -e 's/"age_ms":[0-9]+/"age_ms":MS/g; s/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g; s/^\s+$//'
    -e 's/\},\{/},\n{/g; s/(":\[)(\{)/\1\n\2/g')

# Hides it.
mask() {
    sed -E "${MASK[@]}"
}

# api METHOD PATH [BODY] [OPTION of curl...]: the status, then the body. PATH begins behind /api/v1, or is whole.
api() {
    local method=$1 path=$2 prefix=/api/v1
    shift 2
    case $path in /healthz* | /readyz* | /metrics* | /api/* | /assets/*) prefix= ;; esac
    if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
        set -- --data-binary "$1" -H 'Content-Type: application/json' "${@:2}"
    fi
    # The last commands of sed put the last line, the status, before the others.
    curl -sS -g -X "$method" -w '\n%{http_code}\n' "$@" "$API$prefix$path" |
        sed -E -e '/^$/d' "${MASK[@]}" -e 'H; $!d; x; s/^\n//; s/^(.*)\n([^\n]*)$/\2\n\1/'
}

# headers METHOD PATH NAME...: these headers of the answer.
headers() {
    local method=$1 path=$2 name
    shift 2
    curl -sS -g -o /dev/null -D - -X "$method" "$API/api/v1$path" | tr -d '\r' >"$FOLDER/headers"
    for name in "$@"; do
        grep -i "^$name:" "$FOLDER/headers" | mask || echo "$name is not there"
    done
}

# ctl WORD...: tagferryctl, what it prints, and its status.
ctl() {
    "$TAGFERRY_BIN/tagferryctl" "$@" 2>&1 | mask
    return "${PIPESTATUS[0]}"
}

# settle: waits until tagferry-mqttd has the newest revision of the store, and its topics.
settle() {
    local begin=$SECONDS revision
    revision=$(sqlite3 "file:$STORE?mode=ro" 'SELECT revision FROM store')
    until awk -v revision="$revision" '
            /loaded .* revision / { split($0, part, / revision /); found = part[2] + 0 }
            / subscribing to / { asked = NR }
            / subscribed to / { done = NR }
            END { exit !(found == revision && asked <= done) }' "$MQTTD_LOG"; do
        [ $((SECONDS - begin)) -lt 90 ] || { echo "tagferry-mqttd does not take revision $revision"; return 1; }
        pause
    done
}

# pause: until a condition is tried again.
pause() {
    read -r -t 0.05 _ <> <(:) || true
}

# publish TOPIC PAYLOAD [OPTION of mosquitto_pub...]
publish() {
    settle
    mosquitto_pub -p "$BROKER" -V mqttv5 -q 1 -t "$1" -m "$2" "${@:3}"
}

# registers ADDRESS COUNT [UNIT [TYPE]]: what a SCADA reads. TYPE is 4 (holding), 3 (input), 0 (coils) or 1 (discrete).
registers() {
    mbpoll -m tcp -0 -1 -q -a "${3:-1}" -r "$1" -c "$2" -t "${4:-4}" -p "$SCADA" 127.0.0.1 2>&1 | sed -n 's/^\[\([0-9]*\)\]:\s*/\1: /p'
}

# write_registers ADDRESS VALUE...: as a SCADA writes holding registers of unit 1.
write_registers() {
    mbpoll -m tcp -0 -1 -q -a 1 -r "$1" -t 4 -p "$SCADA" 127.0.0.1 "${@:2}" 2>&1 | grep -i 'written\|failed'
}

# await TEXT COMMAND...: runs the command until its output has this text, and prints it then.
await() {
    local text=$1 shown='' begin=$SECONDS
    shift
    while shown=$("$@"); do
        [[ $shown == *"$text"* ]] && break
        [ $((SECONDS - begin)) -lt 90 ] || { echo "\"$text\" did not come; last:"; break; }
        pause
    done
    printf '%s\n' "$shown"
}
