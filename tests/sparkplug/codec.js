// Payloads of Sparkplug B for the integration tests, by the codec of Eclipse Tahu: a JSON object a
// line in, a line out. {"encode": payload} becomes the bytes as hex, {"decode": hex} the payload as
// JSON. Integers that a double does not hold are texts in both. {"$bytes": hex} is a value of bytes.
"use strict";

const readline = require("readline");
const Long = require("long");
const codec = require("sparkplug-payload").get("spBv1.0");

const WIDE = new Set(["Int64", "UInt32", "UInt64", "DateTime"]);

function prepare(payload) {
    for (const metric of payload.metrics || []) {
        if (WIDE.has(metric.type) && typeof metric.value === "string")
            metric.value = Long.fromString(metric.value, metric.type !== "Int64");
        if (metric.value && metric.value.$bytes !== undefined)
            metric.value = Buffer.from(metric.value.$bytes, "hex");
    }
    return payload;
}

function show(key, value) {
    if (Long.isLong(value))
        return value.lessThan(Number.MAX_SAFE_INTEGER) ? value.toNumber() : value.toString();
    return value;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const order = JSON.parse(line);
    const answer = order.encode
        ? Buffer.from(codec.encodePayload(prepare(order.encode))).toString("hex")
        : JSON.stringify(codec.decodePayload(Buffer.from(order.decode, "hex")), show);
    process.stdout.write(answer + "\n");
});
