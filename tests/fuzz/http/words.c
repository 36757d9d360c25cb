/* The words of requests. */
#include "words.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define API          "/api/v1"

const char http_first_devices[] =
    "{\"devices\":[{\"name\":\"boiler\",\"mqtt\":{\"topic\":\"plant/boiler\"},\"tags\":["
    "{\"name\":\"temp\",\"modbus\":{\"table\":\"input_register\",\"address\":0,\"type\":"
    "\"float32\"}},{\"name\":\"on\",\"direction\":\"to_mqtt\",\"mqtt\":{\"command_topic\":\"c\"},"
    "\"modbus\":{\"table\":\"coil\",\"address\":1}}]}]}";
const char http_first_profile[] =
    "{\"name\":\"meter\",\"params\":{\"serial\":{}},\"room\":{},\"device\":{\"mqtt\":{\"topic\":"
    "\"meters/{serial}\"}},\"tags\":[{\"name\":\"power\",\"modbus\":{\"table\":"
    "\"input_register\",\"address\":0,\"type\":\"float32\"}}]}";

const char http_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBdTCCARugAwIBAgIUXbH8Qla2trd0VR1BXpw/CU3Urs0wCgYIKoZIzj0EAwIw\n"
                                "DzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMzAyMjA3MzJaGA8yMTI2MTEwNjIyMDcz\n"
                                "MlowDzENMAsGA1UEAwwEZnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFUV\n"
                                "IEzsYhOXq5uUuZsnsD5+ZPEvOeFDbCP0V1LedxoDat1k7CSqp6mH56wBVxvtL+LU\n"
                                "DJgv9VdhMOzHwoHDgwOjUzBRMB0GA1UdDgQWBBTBV/XpknIMT7xk+YsyFeI4fuyt\n"
                                "ojAfBgNVHSMEGDAWgBTBV/XpknIMT7xk+YsyFeI4fuytojAPBgNVHRMBAf8EBTAD\n"
                                "AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCrZQgP05LVRpyhvcNu7Leo6dvzE/3msHhG\n"
                                "s96XADReYQIgXAeqg5vsBslXLl9mVpMD1DYRfqgY7DxxX8mcSg+0STg=\n"
                                "-----END CERTIFICATE-----\n";
const char http_key[] = "-----BEGIN PRIVATE KEY-----\n"
                        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7vTrq2M9TpT76fGj\n"
                        "u+t86EYKZUrI9NK57abh9kIRNXyhRANCAARVFSBM7GITl6ublLmbJ7A+fmTxLznh\n"
                        "Q2wj9FdS3ncaA2rdZOwkqqeph+esAVcb7S/i1AyYL/VXYTDsx8KBw4MD\n"
                        "-----END PRIVATE KEY-----\n";

#define DEVICES   API "/devices"
#define DEVICE    DEVICES "/{device}"
#define TAGS      DEVICE "/tags"
#define TAG       TAGS "/{tag}"
#define PROFILE   API "/profiles/{profile}"
#define DISCOVERY API "/discoveries/{discovery}"

/* The last one is a stream, which costs time: it has the number 255 alone. */
const struct http_target http_targets[] = {
    {"/healthz", "/healthz"},
    {"/readyz", "/readyz"},
    {"/readyz?need=store", "/readyz"},
    {"/", "/"},
    {"/assets/app.js", "/assets/{file}"},
    {"/metrics", "/metrics"},
    {"/metrics/values", "/metrics/values"},
    {API "/session", API "/session"},
    {API "/openapi.json", API "/openapi.json"},
    {DEVICES, DEVICES},
    {DEVICES "?limit=1", DEVICES},
    {DEVICES "?live=true&quality=bad", DEVICES},
    {DEVICES "?dry_run=true", DEVICES},
    {DEVICES "?q=b&after=a", DEVICES},
    {DEVICES "/boiler", DEVICE},
    {DEVICES "/pump", DEVICE},
    {DEVICES "/%62oiler", DEVICE},
    {DEVICES "/boiler?confirm=3", DEVICE},
    {DEVICES "/boiler/network", DEVICE "/network"},
    {DEVICES "/boiler/mqtt", DEVICE "/mqtt"},
    {DEVICES "/boiler/status", DEVICE "/status"},
    {DEVICES "/boiler/copy", DEVICE "/copy"},
    {DEVICES "/boiler/copy?dry_run=true", DEVICE "/copy"},
    {DEVICES "/boiler/tags", TAGS},
    {DEVICES "/boiler/tags?limit=1", TAGS},
    {DEVICES "/pump/tags", TAGS},
    {DEVICES "/boiler/tags/temp", TAG},
    {DEVICES "/boiler/tags/on", TAG},
    {DEVICES "/pump/tags/x", TAG},
    {DEVICES "/boiler/tags/temp/mqtt", TAG "/mqtt"},
    {DEVICES "/boiler/tags/temp/modbus", TAG "/modbus"},
    {DEVICES "/boiler/tags/on/value", TAG "/value"},
    {DEVICES "/boiler/tags/temp/value", TAG "/value"},
    {DEVICES "/boiler/tags/temp/history", TAG "/history"},
    {DEVICES "/boiler/tags/temp/history?from=-1h&points=10", TAG "/history"},
    {API "/tags", API "/tags"},
    {API "/tags?table=coil&limit=1", API "/tags"},
    {API "/values", API "/values"},
    {API "/values?q=temp", API "/values"},
    {API "/registers", API "/registers"},
    {API "/registers/coil?start=0&count=8", API "/registers/{table}"},
    {API "/registers/input_register/owners", API "/registers/{table}/owners"},
    {API "/messages", API "/messages"},
    {API "/messages?newer_than=1", API "/messages"},
    {API "/modbus/clients", API "/modbus/clients"},
    {API "/profiles", API "/profiles"},
    {API "/profiles?library=true", API "/profiles"},
    {API "/profiles/meter", PROFILE},
    {API "/profiles/other", PROFILE},
    {API "/profiles/meter/devices", PROFILE "/devices"},
    {API "/discoveries", API "/discoveries"},
    {API "/discoveries/1", DISCOVERY},
    {API "/discoveries/1/proposal", DISCOVERY "/proposal"},
    {API "/discoveries/preview", API "/discoveries/preview"},
    {API "/export", API "/export"},
    {API "/export?format=csv&delimiter=semicolon", API "/export"},
    {API "/export?format=map", API "/export"},
    {API "/export?format=xlsx", API "/export"},
    {API "/import", API "/import"},
    {API "/import?mode=replace", API "/import"},
    {API "/import?dry_run=true", API "/import"},
    {API "/audit", API "/audit"},
    {API "/audit?device=boiler&limit=1", API "/audit"},
    {API "/audit/1/revert", API "/audit/{id}/revert"},
    {API "/revert?to=1", API "/revert"},
    {API "/revert?to=1&dry_run=true", API "/revert"},
    {API "/gateways", API "/gateways"},
    {API "/store", API "/store"},
    {API "/backup", API "/backup"},
    {"http://127.0.0.1/api/v1/devices", DEVICES},
    {"*", NULL},
    {API "/nothing", NULL},
    {API "/devices/", NULL},
    {API "/devices/..%2f", NULL},
    {API "/devices?limit=x", NULL},
    {API "/devices?unknown=1", NULL},
    {"/a b", NULL},
    {"", NULL},
    {API "/values/stream", API "/values/stream"},
};
const size_t http_target_count = COUNT(http_targets);

#define JSON "application/json"

const struct http_body http_bodies[] = {
    {NULL, ""},
    {JSON, "{\"name\":\"pump\",\"mqtt\":{\"topic\":\"plant/pump\"}}"},
    {JSON, "{\"mqtt\":{\"topic\":\"plant/pump\"}}"},
    {JSON, "{\"mqtt\":{\"topic\":\"plant/pump\"},\"network\":{\"unit_id\":1}}"},
    {JSON, "{\"enabled\":false}"},
    {"application/merge-patch+json", "{\"description\":\"d\",\"enabled\":null}"},
    {JSON, "{\"name\":\"renamed\"}"},
    {JSON, "{\"unit_id\":2}"},
    {JSON, "{\"modbus_host\":\"127.0.0.1\",\"modbus_port\":1}"},
    {JSON, "{\"topic\":\"plant/other\"}"},
    {JSON, "{\"key\":\"/temperature\"}"},
    {JSON, "{\"name\":\"x\",\"modbus\":{\"table\":\"holding_register\",\"address\":7}}"},
    {JSON, "{\"modbus\":{\"table\":\"coil\",\"address\":2}}"},
    {JSON, "{\"modbus\":{\"table\":\"input_register\",\"address\":0}}"},
    {JSON, "{\"table\":\"input_register\",\"type\":\"int32\",\"address\":65535}"},
    {JSON, "{\"value\":true}"},
    {JSON, "{\"value\":21.5}"},
    {JSON, "{\"copies\":[{\"name\":\"boiler-2\",\"topic\":\"plant/boiler-2\"}]}"},
    {JSON, "{\"topic\":\"tele/#\",\"seconds\":1}"},
    {JSON,
     "{\"device\":{\"name\":\"p\",\"mqtt\":{\"topic\":\"tele/p\"}},\"tag\":{\"name\":\"P\"}}"},
    {JSON, "[{\"name\":\"meter-1\",\"params\":{\"serial\":\"4711\"}}]"},
    {JSON, "{\"role\":\"leader\"}"},
    {JSON, "{\"devices\":[{\"name\":\"pump\",\"mqtt\":{\"topic\":\"p\"},\"tags\":[]}]}"},
    {JSON, "{\"devices\":[]}"},
    {"text/csv", "device,topic,tag\npump,plant/pump,x\n"},
    {"text/csv", "device;topic;tag;table;address\nboiler;t;temp;coil;99999\n"},
    {"text/csv", "\xef\xbb\xbf"
                 "device,tag\n\"a,\"\"b\",\n"},
    {"application/octet-stream", "PK\3\4"},
    {"application/x-www-form-urlencoded", "a=b"},
    {"text/html", "<p>"},
    {JSON, "{"},
    {JSON, "[]"},
    {JSON, "null"},
    {JSON, "{\"name\":\"\\u0000\"}"},
    {JSON, "{\"name\":\"\xc3\x28\",\"name\":1}"},
    {JSON, "{\"mqtt\":{\"topic\":\"a/#/b\"},\"slot\":1}"},
    {JSON, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["},
    {JSON, http_first_profile},
    {JSON, http_first_devices},
};
const size_t http_body_count = COUNT(http_bodies);

const char *const http_headers[] = {
    "",
    "Origin: http://elsewhere.example",
    "Origin: null",
    "Origin: http://127.0.0.1\r\nX-Requested-With: x",
    "Sec-Fetch-Site: cross-site",
    "Access-Control-Request-Method: PUT\r\nOrigin: http://hmi.example",
    "Authorization: Bearer abc",
    "Content-Encoding: gzip",
    "Host: second",
    "Accept: text/csv",
    "Accept: text/plain",
    "Accept: application/json;q=0, */*;q=0.1",
    "Accept-Language: de",
    "Accept-Encoding: gzip;q=0",
    "If-Match: \"1\"",
    "If-None-Match: *",
    "Content-Type: text/csv",
    "Content-Type: application/json; charset=utf-8",
    "Cookie: a=b; c=\"d",
    "Upgrade: h2c\r\nConnection: Upgrade",
    "Range: bytes=0-1",
    "X: \x01\x7f\xff",
    " folded: x",
    "NoColon",
    "Connection: keep-alive",
    "Content-Length : 1",
    "Transfer-Encoding: identity",
    "Transfer-Encoding:\r\n chunked",
};
const size_t http_header_count = COUNT(http_headers);

const char *const http_snippets[] = {
    "GET ",
    "HEAD ",
    "POST ",
    "PUT ",
    "DELETE ",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    " HTTP/1.1",
    " HTTP/1.0",
    " HTTP/2.0",
    " HTTP/1.1\r\nHost: x\r\n",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\n\n",
    "\r",
    "Host: x\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Content-Length: 5, 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Expect: 100-continue\r\n",
    "Expect: x\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\nTrailer: x\r\n\r\n",
    "ffffffffffffffff\r\n",
    "5;ext=\"\r\n",
    "-1\r\n",
    "{}",
    "/healthz",
    API "/devices",
    API "/devices/boiler",
    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /healthz\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n",
    "POST " API "/devices HTTP/1.1\r\nHost: x\r\n",
    "\x16\x03\x01",
    "\x15\x03\x03\x00\x02\x01\x00",
    "\x14\x03\x03\x00\x01\x01",
    "\x17\x03\x03\x40\x01",
    "\x16\x03\x01\x00\x04\x01\x00\x00\x00",
    "\x80\x2e\x01\x00\x02",
    "\x16\x03\x03\xff\xff",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
};
const size_t http_snippet_count = COUNT(http_snippets);
