"""tagferryctl why: each row of the tables of reasons, codes and formats in docs/troubleshooting.md is caused for real,
and `why` ends with its code, at its link, and names what helps. (The table of faults is in test_troubleshooting.py.)"""

import csv
import io
import re
import shlex
import time
import zlib

import pytest

from ctl import NOT_FOUND, REFUSED, UNREACHABLE, USAGE, Ctl
from harness import ROOT, eventually, free_port
from mqttd_helpers import back, reloaded, served

PAGE = ROOT / "docs/troubleshooting.md"
FLOAT = {"type": "float32"}
GZIP = zlib.compress(b"x" * 40, wbits=31)


def rows_of(head):
    """The codes in the first cells of a table of the page."""
    table = PAGE.read_text().partition(f"\n| {head} |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (.*?) \|", table, re.M)
    return {code for cell in cells for code in re.findall(r"`(\w+)`|\b(null)\b", cell) for code in code if code}


class Case:
    """A device with a tag `t`, and what is published for it."""

    def __init__(self, code, error, link, helps, *payloads, tag=None, topic="p/{}", **device):
        self.code, self.error, self.link, self.helps = code, error, link, helps
        self.payloads, self.topic = payloads, topic
        self.tag, self.device = {"name": "t", **(tag or {})}, device


def refused(error, link, helps, payload, mqtt=None, **modbus):
    return Case("refused", error, link, helps, payload,
                tag={"mqtt": {"key": "t", **(mqtt or {})}, "modbus": {"type": "uint16", **modbus}})


def looks(helps, payload):
    return Case("not_json", "invalid_json", "message", helps, payload)


NOW = int(time.time())
# By device. "{}" in what helps is the device.
CASES = {
    "whole": Case("whole", "", "", "", {"t": 1}),
    # reasons
    "never_heard": Case("never_heard", "no_message", "message", "tagferryctl learn 'p/#'"),
    "disabled": Case("disabled", "", "device", "tagferryctl set {} enabled=true", {"t": 1}, enabled=False),
    "tag-disabled": Case("disabled", "", "device", "tagferryctl set {}/t enabled=true", {"t": 1}, tag={"enabled": False}),
    "other_gateway": Case("other_gateway", "", "device", "tagferryctl gateways", network={"gateway": "line-2"}),
    "silent": Case("silent", "", "message", "tagferryctl messages {}", {"t": 1}, mqtt={"stale_after_s": 1}),
    "unavailable": Case("unavailable", "", "availability", "tagferryctl get {}", {"t": 1},
                        mqtt={"availability_topic": "p/unavailable/state"}),
    "not_json": Case("not_json", "invalid_json", "message", "tagferryctl messages {}", '{"t": nan}'),
    "old_messages": Case("old_messages", "", "message", "Check the clock", {"t": 1, "at": NOW}, {"t": 1, "at": NOW - 3600},
                         mqtt={"timestamp_key": "at"}),
    "bad_quality": Case("bad_quality", "bad_quality", "quality", "If the quality key is wrong", {"t": 1, "q": False},
                        tag={"mqtt": {"quality_key": "q"}}),
    "target_down": Case("target_down", "modbus_unreachable", "server", "tagferryctl get {}", {"t": 1},
                        tag={"modbus": {"address": 1}}, network={"modbus_host": "127.0.0.1", "modbus_port": free_port()}),
    "expired": Case("expired", "", "scada", "tagferryctl clients",
                    tag=back("t", 900, "uint16", "p/expired/set", mqtt={"expires_s": 1, "expire_value": 7})),
    "not_written": Case("not_written", "", "scada", "tagferryctl clients", tag=back("t", 901, "uint16", "p/not_written/set")),
    # codes
    "invalid_json": looks("tagferryctl set {}/t mqtt.payload=text mqtt.key=", "hot"),
    "not_a_number": refused("not_a_number", "number", "tagferryctl get {}/t", {"t": "hot"}),
    "unmapped_string": refused("unmapped_string", "values", "Add the word", {"t": "IDLE"}, {"values": {"RUN": 1}}),
    "no_match": refused("no_match", "pattern", "Change the pattern", {"t": "x"}, {"pattern": "([0-9]+)"}),
    "null_value": refused("null_value", "number", "Nothing to do", {"t": None}),
    "out_of_range": refused("out_of_range", "type", "tagferryctl set {}/t modbus.on_overflow=clamp", {"t": 70000}),
    "inexact_integer": refused("inexact_integer", "number", "as a text", {"t": 2 ** 60 + 1}, type="uint64"),
    "not_a_string": refused("not_a_string", "type", "Choose another type", {"t": [1]}, type="string", length=4),
    "too_long": refused("too_long", "type", "Raise the length", {"t": "a long text"}, type="string", length=2),
    "long-text": refused("too_long", "pattern", "4096 bytes", {"t": "1" * 5000}, {"pattern": "([0-9]+)"}),
    "too_large": refused("too_large", "message", "max_payload", '{"t":' + " " * 70000 + "1}"),
    "invalid_sparkplug": Case("refused", "invalid_sparkplug", "message", "Correct the device", "rubbish",
                              tag={"mqtt": {"payload": "sparkplug"}}, topic="spBv1.0/g/DDATA/n/{}"),
    "no_birth": Case("refused", "no_birth", "message", "NCMD", bytes.fromhex("08b8cbd5f4c130120910012009650000ac41"),
                     tag={"mqtt": {"payload": "sparkplug"}}, topic="spBv1.0/g/DDATA/n/{}"),
    # formats
    "gzip": looks("Switch the compression off", GZIP),
    "zlib": looks("Switch the compression off", zlib.compress(b"x" * 40)),
    "zstd": looks("Switch the compression off", bytes.fromhex("28b52ffd0458")),
    "cbor": looks("Let the device send JSON", bytes.fromhex("a16474656d70fb4035800000000000")),
    "msgpack": looks("Let the device send JSON", bytes.fromhex("81a474656d70ca41ac0000")),
    "protobuf": looks("Let the device send JSON", bytes.fromhex("0a070843120301020312084c6f6e67466173741a09216131623263336434")),
    "nul_terminated": looks("payload of the tag to text", b"71.5\0\0"),
    "utf16": looks("send UTF-8", "\ufeff71.5 °C".encode("utf-16-le")),
    "latin1": looks("send UTF-8", '{"t": "71 °C"}'.encode("latin-1")),
    "jpeg": looks("Choose another topic", bytes.fromhex("ffd8ffe000104a464946")),
    "png": looks("Choose another topic", b"\x89PNG\r\n\x1a\n\0\0"),
    # the key
    "capitals": Case("key_not_found", "near_key", "key", "tagferryctl set {}/t mqtt.key=T", {"T": 1}),
    "pointer": Case("key_not_found", "near_key", "key", "tagferryctl set {}/t mqtt.key=/a/t", {"a": {"t": 1}}),
    "no-key": Case("key_not_found", "", "key", "pressure", {"pressure": 1}),
    "lost-key": Case("key_not_found", "near_key", "key", "mqtt.key=T", {"t": 1}, {"T": 2}),
    # the rest of the page
    "where": Case("not_selected", "", "message", "tagferryctl get {}", {"t": 1, "id": 37}, mqtt={"where": {"id": "37"}}),
}
# What these tests cause in another way, or test_troubleshooting.py does.
ELSEWHERE = {"broker_lost": "below", "mqttd_down": "below", "modbusd_down": "below", "subscription_refused": "its faults",
             "refused": "the codes", "not_bcd": "of registers that a client has written: test_types.py", "sparkplug": "by its topic, below", "null": "not a format"}


def test_every_row_of_the_page_is_tried():
    listed = rows_of("`reason`") | rows_of("code") | rows_of("`looks_like`")
    assert len(listed) > 30
    assert listed - set(CASES) - set(ELSEWHERE) == set()


@pytest.fixture
def devices(ctl, plant):
    """All devices of the cases, and their messages."""
    plant.api.must("POST", "/import", {"devices": [
        {"name": name, **case.device, "mqtt": {"topic": case.topic.format(name), **case.device.get("mqtt", {})},
         "tags": [case.tag]} for name, case in CASES.items()]})
    served(plant)
    for name, case in CASES.items():
        for payload in case.payloads:
            plant.broker.publish(case.topic.format(name), payload)
    plant.broker.publish("p/unavailable/state", "offline")
    with plant.modbusd.client() as client:
        client.write(900, 5)
    return plant


def test_every_case_ends_where_it_must(ctl, devices):
    wrong = dict(CASES)
    told = {}

    def all_end():
        for name, case in list(wrong.items()):
            status = REFUSED if case.link else 0
            try:
                told[name] = ctl.run("why", name, "t", "-o", "json", status=status).json()
            except AssertionError as error:
                told[name] = str(error)
                continue
            found = told[name]
            texts = "\n".join([found["remedy"], found["sentence"], *found["commands"]])
            if (found["code"], found["error"], found["link"]) == (case.code, case.error, case.link) and \
                    case.helps.replace("{}", name) in texts:
                del wrong[name]
        return not wrong
    try:
        eventually(all_end, "every case", 20)
    except AssertionError:
        raise AssertionError({name: told[name] for name in wrong}) from None
    known = set(re.findall(r"^  ([a-z][\w-]+) ", ctl.run("--help").out, re.M))
    for command in {command for found in told.values() for command in found["commands"]}:
        if command.split()[:1] == ["tagferryctl"] and command.split()[1] in known:
            ctl.run(*shlex.split(command)[1:], "--help")
    check_forms_and_statuses(ctl, devices)


def check_forms_and_statuses(ctl, plant):
    eventually(lambda: plant.api.value("whole", "t")["quality"] == "good")
    text = ctl.run("why", "whole/t").out
    assert re.search(r"^message +ok .* on p/whole, 8 bytes", text, re.M), text
    assert re.search(r"^register +ok +holding register \d+ \(4\d+\), unit 1: 0x3F80 0x0000", text, re.M), text
    assert re.search(r"^client +ok +function 3 reads 1 \(float32 ABCD\); set otherwise, CDAB 2.27795e-41", text, re.M), text
    assert "whole/t: the chain is whole" in text
    rows = list(csv.DictReader(io.StringIO(ctl.run("why", "whole", "t", "-o", "csv").out)))
    assert rows[-1]["link"] == "verdict" and rows[-1]["state"] == "whole"
    assert "\033[32m" in ctl.on_terminal("why", "whole/t").out
    device = ctl.run("why", "lost-key", "-o", "json", status=REFUSED).json()
    assert device["tag"] == "t" and device["link"] == "key"
    assert {"link": "tags", "state": "ok", "detail": "1 of 1 are good"} in device["links"]
    ctl.run("why", "nothing", status=NOT_FOUND)
    assert 'no tag "x"' in ctl.run("why", "whole/x", status=NOT_FOUND).err
    ctl.run("why", "a/b/c", status=USAGE)
    # A tag that SCADA writes, and whose device never tells the value.
    plant.api.must("PUT", "/devices/not_written/tags/t/value", {"value": 7})
    eventually(lambda: "the newest write, 7, was taken to be published on p/not_written/set" in
               ctl.run("why", "not_written/t", status=(0, REFUSED)).out)
    # The command that `why` names repairs it.
    for device in "disabled", "capitals", "pointer", "out_of_range":
        command, = ctl.run("why", device, "t", "-o", "json", status=REFUSED).json()["commands"]
        ctl.run(*shlex.split(command)[1:])
        served(plant)
        plant.broker.publish(f"p/{device}", CASES[device].payloads[0])
        eventually(lambda: plant.api.value(device, "t")["quality"] == "good", device)
        ctl.run("why", device, "t")
    plant.api.device("empty", "p/empty")
    served(plant)
    assert ctl.run("why", "empty", "-o", "json", status=REFUSED).json()["code"] == "never_heard"


def test_parts_that_are_down(ctl, plant, tmp_path):
    """The same plant loses one part after the other."""
    plant.api.device("d", "p/d", [{"name": "t", "modbus": FLOAT}])
    served(plant)

    def verdict(status=REFUSED):
        return ctl.run("why", "d/t", "-o", "json", status=status).json()

    def ends(code, link, command):
        def probe():
            found = verdict()
            return (found["code"], found["link"]) == (code, link) and command in found["commands"]
        eventually(probe, code)
    eventually(lambda: plant.broker.publish("p/d", {"t": 3}) or plant.api.value("d", "t")["quality"] == "good")
    assert verdict(0)["code"] == "whole"
    # Another client writes the register.
    with plant.modbusd.client() as client:
        client.write(plant.api.must("GET", "/devices/d/tags/t")["modbus"]["address"], 0x4000, 0)
    ends("register_differs", "register", "tagferryctl clients")
    plant.broker.publish("p/d", {"t": 4})
    eventually(lambda: plant.api.value("d", "t")["value"] == 4)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/t", {"modbus": {"scale": 10}}))
    found = verdict(0)
    assert found["code"] == "scale_changed" and found["commands"][0].startswith("tagferryctl revert ")
    plant.modbusd.kill()
    ends("modbusd_down", "modbusd", "systemctl start tagferry-modbusd")
    plant.broker.stop()
    ends("broker_lost", "broker", "journalctl -u tagferry-mqttd -n 50")
    plant.mqttd.kill()
    ends("mqttd_down", "mqttd", "systemctl start tagferry-mqttd")
    closed = Ctl(tmp_path, f"http://127.0.0.1:{free_port()}")
    down = closed.run("why", "d/t", "-o", "json", status=UNREACHABLE).json()
    assert down["code"] == "api_down" and down["commands"][0] == "systemctl status tagferry-api"
    assert re.search("^api +ends here +tagferry-api at http", closed.run("why", "d", status=UNREACHABLE).out, re.M)
