"""Breaks a plant in each way that docs/troubleshooting.md knows, and looks whether the commands there
print what it says."""

import re

import pytest

from harness import ROOT, eventually
from mqttd_helpers import reloaded, served
from pages import steps
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


def mqttd_down(plant):
    good(plant)
    plant.mqttd.kill()


def modbusd_down(plant):
    good(plant)
    plant.modbusd.kill()


def broker_down(plant):
    good(plant)
    plant.broker.kill()


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
    change(plant, "/tags/supply_temperature", {"modbus": {"byte_order": "CDAB"}})


def byte_order_wrong(plant):
    tag_changed(plant)
    good(plant)


def scale_wrong(plant):
    change(plant, "/tags/supply_temperature", {"modbus": {"scale": 0.1}})
    good(plant)


def out_of_reach(plant):
    plant.api.must("DELETE", "/devices/boiler-7/tags/burner")
    change(plant, "/tags/supply_temperature", {"modbus": {"table": "holding_register"}})
    change(plant, "", {"network": {"modbus_host": "127.0.0.1", "modbus_port": 1}})
    speak(plant)


FAULTS = {
    "tagferry-mqttd is down": mqttd_down,
    "tagferry-modbusd is down": modbusd_down,
    "the broker is down": broker_down,
    "the device is disabled": disabled,
    "the topic is never heard": never_heard,
    "the key is absent": key_absent,
    "the value is refused": refused,
    "the tag was changed": tag_changed,
    "the byte order is wrong": byte_order_wrong,
    "the scale is wrong": scale_wrong,
    "the device's own Modbus server is out of reach": out_of_reach,
}


def told():
    """{fault: {number of the command: [what it prints]}}, from the page's last table of faults."""
    table = PAGE.read_text().partition("### What each fault looks like")[2].partition("\n## ")[0]
    found = {}
    for fault, prints in re.findall(r"^\| (.*?) \| (\d: .*) \|$", table, re.M):
        cells = re.findall(r"(\d): (.*?)(?=; \d: |$)", prints)
        found[fault] = {int(number): re.findall(r"`([^`]+)`", text) for number, text in cells}
    return found


def test_every_fault_of_the_page_is_tried():
    assert set(told()) == set(FAULTS)


@pytest.mark.parametrize("source, table, good", [("value", "fault", "none"),
                                                 ("explain", "explain_verdict", "taken")])
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


@pytest.mark.parametrize("fault", FAULTS)
def test_the_commands_show_the_fault(plant, fault):
    example_device(plant.api)
    served(plant)
    terminal = Terminal(plant)
    commands = five_commands()
    assert len(commands) == 6
    FAULTS[fault](plant)
    try:
        for number, words in told()[fault].items():
            assert words
            for kind, text in commands[number]:
                if kind == "watch":
                    terminal.watch(text)

            def printed():
                runs = [terminal.run(text, must=False) for kind, text in commands[number]
                        if kind == "run"]
                return "".join(runs) + terminal.watched()
            eventually(lambda: all(word in printed() for word in words),
                       f"{number} printing {words}; printed {printed()}")
    finally:
        terminal.close()


@pytest.mark.parametrize("sent, named", [
    (bytes.fromhex("01030000000ac5cd"), "Modbus RTU over TCP"), (b"\x16\x03\x01\x02\0\x01\0", "TLS"),
    (b"GET / HTTP/1.1\r\n\r\n", "HTTP")], ids=["rtu_over_tcp", "tls", "http"])
def test_the_log_names_what_a_client_speaks(stack, sent, named):
    """In the words of the page, and with the client's address."""
    assert f"`sends no Modbus TCP but {named}`" in PAGE.read_text()
    modbusd = stack.start_modbusd()
    with Wire(modbusd.address()) as wire:
        wire.send(sent)
        modbusd.wait_log(rf"127\.0\.0\.1 sends no Modbus TCP but {named} ")
