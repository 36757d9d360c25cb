"""Causes each fault of docs/troubleshooting.md, and checks that its commands print what the page
shows, and that tagferryctl why ends where the page says."""

import glob
import re
import socket
import time

import pytest

from conftest import Disk
from gateway import Gateway
from harness import DEADLINE, ROOT, eventually
from mqttd_helpers import reloaded, served
from pages import steps
from test_mqttd_broker import refuse
from terminal import Terminal, example_device
from wire import Wire

PAGE = ROOT / "docs/troubleshooting.md"
TOPIC = "plant/boiler-7/telemetry"


def speak(plant, **values):
    plant.broker.publish(TOPIC, values or {"supply_temperature": 71.5})


def good(plant):
    speak(plant)
    eventually(lambda: plant.api.value("boiler-7", "supply_temperature")["written_at"], "a value")


def change(plant, path, body):
    reloaded(plant, lambda: plant.api.must("PATCH", f"/devices/boiler-7{path}", body))


def api_down(plant):
    good(plant)
    plant.api.kill()


def mqttd_down(plant):
    good(plant)
    plant.mqttd.kill()


def modbusd_down(plant):
    good(plant)
    plant.modbusd.kill()


def broker_down(plant):
    good(plant)
    plant.broker.kill()


def password_changed(plant):
    good(plant)
    with_anonymous = plant.broker._write_config

    def write_config(port):
        with_anonymous(port)
        path = plant.folder / "mosquitto.conf"
        path.write_text(path.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    plant.broker._write_config = write_config
    plant.broker.stop()
    plant.broker.start()


def topic_refused(plant):
    plugin = glob.glob("/usr/lib/*/mosquitto_dynamic_security.so")[0]
    good(plant)
    refuse(plant, TOPIC)
    plant.broker.lines += [f"plugin {plugin}", f"plugin_opt_config_file {plant.folder}/rules.json"]
    plant.broker.stop()
    plant.broker.start()


def silent(plant):
    change(plant, "", {"mqtt": {"stale_after_s": 1}})
    good(plant)


def away(plant):
    change(plant, "", {"mqtt": {"availability_topic": "plant/boiler-7/state"}})
    good(plant)
    plant.broker.publish("plant/boiler-7/state", "offline")


def rubbish(plant):
    good(plant)
    plant.broker.publish(TOPIC, "rubbish")


def clock_set_back(plant):
    change(plant, "", {"mqtt": {"timestamp_key": "time"}})
    now = int(time.time())
    speak(plant, supply_temperature=71.5, time=now)
    speak(plant, supply_temperature=71.5, time=now - 3600)


def disabled(plant):
    change(plant, "", {"enabled": False})
    speak(plant)


def never_heard(plant):
    change(plant, "", {"mqtt": {"topic": "plant/boiler_7/telemetry"}})
    speak(plant)


def key_absent(plant):
    good(plant)
    speak(plant, Supply_Temperature=72)


def refused(plant):
    good(plant)
    speak(plant, supply_temperature="hot")


def tag_changed(plant):
    good(plant)
    change(plant, "/tags/supply_temperature", {"modbus": {"byte_order": "CDAB"}})


def byte_order_wrong(plant):
    tag_changed(plant)
    good(plant)


def scale_wrong(plant):
    good(plant)
    change(plant, "/tags/supply_temperature", {"modbus": {"scale": 0.1}})
    good(plant)


def out_of_reach(plant):
    plant.api.must("DELETE", "/devices/boiler-7/tags/burner")
    change(plant, "/tags/supply_temperature", {"modbus": {"table": "holding_register"}})
    change(plant, "", {"network": {"modbus_host": "127.0.0.1", "modbus_port": 1}})
    speak(plant)


def rtu_over_tcp(plant):
    """Two registers from 100 on, with a CRC, as a serial line has it."""
    good(plant)
    host, port = plant.modbusd.address().rsplit(":", 1)
    with socket.create_connection((host, int(port)), DEADLINE) as client:
        client.sendall(bytes.fromhex("01030064000285d4"))
        plant.modbusd.wait_log("instead of Modbus TCP")


def disk_full(plant):
    good(plant)
    plant.api.stop()
    disk = Disk(plant)
    plant.api.env.update(disk.env())
    plant.api.start()
    disk.say("full")
    assert plant.api.request("PATCH", "/devices/boiler-7", {"description": "x"}).status == 503


def unit_silent(plant):
    gateway = Gateway(units=(1, 2))
    gateway.silent = {2}
    plant.api.must("DELETE", "/devices/boiler-7/tags/burner")
    change(plant, "/tags/supply_temperature", {"modbus": {"table": "holding_register"}})
    change(plant, "", {"network": {"modbus_host": "127.0.0.1", "modbus_port": gateway.port,
                                   "unit_id": 2}})
    speak(plant)


FAULTS = {
    "tagferry-api is down": api_down,
    "tagferry-mqttd is down": mqttd_down,
    "tagferry-modbusd is down": modbusd_down,
    "the broker is down": broker_down,
    "the broker's password was changed": password_changed,
    "the broker refuses the topic": topic_refused,
    "the device is disabled": disabled,
    "the device is silent": silent,
    "the device reports itself unavailable": away,
    "the messages are not JSON": rubbish,
    "the device's clock was set back": clock_set_back,
    "a client speaks RTU over TCP": rtu_over_tcp,
    "the disk is full": disk_full,
    "no message arrives on the topic": never_heard,
    "the key is missing": key_absent,
    "the value is refused": refused,
    "the tag was changed": tag_changed,
    "the byte order is wrong": byte_order_wrong,
    "the scale is wrong": scale_wrong,
    "the device's own Modbus server is unreachable": out_of_reach,
    "one unit behind a foreign server does not answer": unit_silent,
}


WHERE = r"(?:\d|log(?: of tagferry-\w+)?)"


def told():
    """{fault: {number of the command, the log's name, or why: [what it prints]}}, from the page's table of
    faults."""
    table = PAGE.read_text().partition("### Symptoms of each fault")[2].partition("\n## ")[0]
    found = {}
    for fault, prints, why in re.findall(rf"^\| (.*?) \| ({WHERE}: .*) \| (.*) \|$", table, re.M):
        cells = re.findall(rf"({WHERE}): (.*?)(?=; {WHERE}: |$)", prints)
        found[fault] = {where: re.findall(r"`([^`]+)`", text) for where, text in [*cells, ("why", why)]}
        found[fault]["why"][0] = f'"code":"{found[fault]["why"][0]}"'
    return found


def test_every_fault_of_the_page_is_tried():
    assert set(told()) == set(FAULTS)


@pytest.mark.parametrize("source, table, good", [
    ("model/value", "fault", "none"), ("shared/message_trace", "message_trace_verdict", "taken")])
def test_the_page_explains_what_can_become_of_a_message(source, table, good):
    text = (ROOT / f"src/common/{source}.c").read_text()
    names = re.search(rf"\b{table}_names\[\] = \{{(.*?)\}};", text, re.S).group(1)
    codes = set(re.findall(r'"(\w+)"', names)) - {good}
    assert len(codes) > 3
    page = PAGE.read_text()
    assert not [code for code in codes if f"`{code}`" not in page and f'"{code}"' not in page]


def five_commands():
    """[[(kind, text), ...], ...], numbered as on the page from 1."""
    numbered = [[]]
    text = PAGE.read_text()
    for kind, command, _ in steps(PAGE):
        number = text[:text.index(command)].count("\n**")
        while len(numbered) <= number:
            numbered.append([])
        numbered[number].append((kind, command))
    return numbered


def log_reader(plant, where):
    """The function that reads the named log, or None for a command."""
    if not where.startswith("log"):
        return None
    daemon = where.partition(" of tagferry-")[2] or "mqttd"
    return getattr(plant, daemon).log


def outputs(terminal, commands):
    """What runs the commands. Those that watch are started now."""
    for kind, text in commands:
        if kind == "watch":
            terminal.watch(text)

    def printed():
        runs = [terminal.run(text, must=False) for kind, text in commands if kind == "run"]
        return "".join(runs) + terminal.watched()
    return printed


@pytest.mark.parametrize("fault", FAULTS)
def test_the_commands_show_the_fault(plant, fault):
    example_device(plant.api)
    served(plant)
    terminal = Terminal(plant)
    commands = five_commands()
    assert len(commands) == 6
    FAULTS[fault](plant)
    try:
        for where, words in told()[fault].items():
            assert words
            if where == "why":
                printed = outputs(terminal, [("run", "tagferryctl why boiler-7/supply_temperature -o json")])
            else:
                printed = log_reader(plant, where) or outputs(terminal, commands[int(where)])
            eventually(lambda: all(word in printed() for word in words),
                       f"{where} printing {words}; printed {printed()}")
    finally:
        terminal.close()


@pytest.mark.parametrize("sent, named", [
    (bytes.fromhex("01030000000ac5cd"), "Modbus RTU over TCP"), (b"\x16\x03\x01\x02\0\x01\0", "TLS"),
    (b"GET / HTTP/1.1\r\n\r\n", "HTTP")], ids=["rtu_over_tcp", "tls", "http"])
def test_the_log_names_what_a_client_speaks(stack, sent, named):
    """In the words of the page, and with the client's address."""
    assert f"`sends {named} instead of Modbus TCP`" in PAGE.read_text()
    modbusd = stack.start_modbusd()
    with Wire(modbusd.address()) as wire:
        wire.send(sent)
        modbusd.wait_log(rf"127\.0\.0\.1 sends {named} instead of Modbus TCP ")
