"""Compares the documents with the programs: options, links, and the output of commands."""

import os
import re
import subprocess

import pytest

from harness import BIN, ROOT
from mqttd_helpers import served, shows
from pages import (HERE, INSIDE, PAGES, commands, configurations, pattern, steps,
                   without_blocks)
from terminal import Terminal, example_device
from tls_peer import Authority

PAIR = "by hand, on two machines; tests/cluster runs the same configuration"
RETURN = "test_upgrade_return.py runs the copy, with this program in the place of the older one"
IMAGE = "by hand, with an engine; scripts/image --test does the same without one"
PROXY = "by hand; test_modbusd_proxy.py runs the same configuration"
# Commands that neither this file nor the booted machine of scripts/package --test runs, and what
# runs them.
ELSEWHERE = {
    "./scripts/run": "test_run.py",
    "socat pty,raw,echo=0,link=/tmp/line-a pty,raw,echo=0,link=/tmp/line-b &": "test_modbusd_serial.py",
    "systemctl restart tagferry-modbusd": "test_modbusd_serial.py, without systemd",
    "journalctl -u tagferry-modbusd -n 1 -o cat": "test_modbusd_serial.py, without systemd",
    "socat pty,raw,echo=0,link=/tmp/line tcp:127.0.0.1:5020 &": "test_modbusd_rtu.py",
    "socat pty,raw,echo=0,link=/tmp/ttyGateway pty,raw,echo=0,link=/tmp/ttyUnits":
        "by hand, with the units of pymodbus; test_mqttd_rtu.py has both",
    "python3 units.py": "the same",
    "systemctl edit tagferry-mqttd": "by hand",
    "export PATH=$PWD/build/run/bin:$PATH": "test_run.py, as scripts/run prints it",
    "./scripts/run --demo": "test_run.py",
    "./scripts/test": "runs this",
    "scripts/lint": "scripts/test",
    "scripts/build-dashboard": "each build",
    "ctest --test-dir build/check -R web.types": "scripts/test",
    "ctest --test-dir build/check -R web.live": "scripts/test",
    "scripts/install-deps test": "scripts/test",
    "scripts/screenshots": "by hand, for the pictures of the dashboard",
    "scripts/install-deps run": "scripts/run",
    "scripts/check-folders": "scripts/lint",
    "scripts/gen-config-reference": "the test below, with --check",
    "scripts/measure-code": "by hand, for the figures of the code",
    "./scripts/bench": "by hand, for docs/performance.md",
    "./scripts/bench --quick --beside-load --report docs/performance.md": "by hand, for docs/performance.md",
    "./scripts/bench cluster": "by hand, for docs/scaling.md",
    "./scripts/bench --quick where": "by hand; test_bench.py checks the bench",
    "./scripts/screenshots": "by hand, for the pictures of the dashboard",
    "scripts/screenshots": "by hand, for the pictures of the dashboard",
    "scripts/install-deps test": "scripts/test",
    "ctest --test-dir build/check -R web.live": "scripts/test",
    "./scripts/run --no-dashboard": "its build is that of test_dashboard_build.py",
    "cmake -DTAGFERRY_DASHBOARD=OFF": "test_dashboard_build.py",
    "./scripts/soak MINUTES": "test_soak.py, for a few seconds",
    "./scripts/package": "its end product is what the booted machine gets",
    "./scripts/package --test": "boots the machine",
    "scripts/image": IMAGE,
    "./scripts/test-arch arm64": "by hand: it takes long, with the Debian of scripts/package --arch",
    "./scripts/test-arch s390x unit": "the same",
    "./scripts/test-arch arm64 figures": "the same",
    "scripts/test-arch": "the same",
    "./scripts/fuzz 10": "by hand, for hours",
    "./scripts/fuzz 1 http": "by hand, for an hour",
    "scripts/mutate --changed main": "by hand; its test is in tests/mutate",
    "scripts/mutate --seed 7": "the same",
    "ctest --preset check -R interleave": "scripts/test",
    "scripts/in-root": "scripts/package --arch, scripts/test-arch",
    "./scripts/image --test": "by hand: it takes ten minutes and a Debian mirror",
    "scripts/image --test": "the same",
    "docker compose run --rm --no-deps tagferry tagferry-api token add admin": IMAGE,
    "docker compose up --detach": IMAGE,
    "docker compose ps": IMAGE,
    "docker compose exec tagferry tagferryctl token save": IMAGE,
    "docker compose exec tagferry tagferryctl status": IMAGE,
    "docker compose logs --follow tagferry": IMAGE,
    "./scripts/package && sudo apt install ./build/package/tagferry_*.deb":
        "the machine, in two steps",
    "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build && "
    "sudo cmake --install build": "test_install.py",
    "cmake --preset check && cmake --build --preset check && ctest --preset check": "scripts/test",
    "cd tests/integration && TAGFERRY_BIN=../../build/check/bin python3 -m pytest test_config.py":
        "the test below",
    "sudo apt install ./tagferry_*.deb keepalived curl": PAIR,
    "sudo cp /usr/share/doc/tagferry/examples/keepalived.conf /etc/keepalived/keepalived.conf": PAIR,
    "sudo nano /etc/keepalived/keepalived.conf": PAIR,
    "sudo keepalived --config-test -f /etc/keepalived/keepalived.conf": "test_keepalived.py",
    "sudo systemctl enable keepalived": PAIR,
    "sudo systemctl restart keepalived": PAIR,
    "ip -brief address show eth0": PAIR,
    "journalctl -u keepalived": PAIR,
    "sudo systemctl stop tagferry-mqttd": PAIR,
    "sudo systemctl start tagferry-mqttd": PAIR,
    "sudo systemctl stop keepalived": PAIR,
    "sudo apt install haproxy": PROXY,
    "sudo cp /usr/share/doc/tagferry/examples/haproxy.cfg /etc/haproxy/haproxy.cfg": PROXY,
    "sudo nano /etc/haproxy/haproxy.cfg": PROXY,
    "haproxy -c -f /etc/haproxy/haproxy.cfg": PROXY,
    "sudo systemctl reload haproxy": PROXY,
    "./scripts/package --arch arm64": "by hand, it takes long",
    "scp build/package/tagferry_*_arm64.deb pi@raspberrypi.local:": "by hand",
    "sudo apt install ./tagferry_*_arm64.deb mosquitto mosquitto-clients mbpoll curl":
        "the booted machine, with the package of its architecture",
    "sudo systemctl stop tagferry.target": RETURN,
    "sudo -u tagferry sh -c 'cd /var/lib/tagferry && mkdir newer && mv tagferry.db* newer && "
    "cp newer/tagferry.db-schema-7-20261130T114532123Z tagferry.db && mv newer/tagferry.db-history .'": RETURN,
    "sudo apt install --allow-downgrades ./tagferry_0.1.0_amd64.deb": RETURN,
    "sudo systemctl start tagferry.target": RETURN,
}


def test_the_configuration_reference_says_what_the_programs_say():
    done = subprocess.run([ROOT / "scripts/gen-config-reference", "--check", BIN],
                          stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def anchors(page):
    text = without_blocks(page.read_text())
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        yield words.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page.read_text())):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), target
        if anchor:
            assert anchor in anchors(other), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_is_run_somewhere(page):
    """Here, or verbatim in the booted machine, or as listed above."""
    inside = INSIDE.read_text()
    nowhere = [line for line in commands(page)
               if not HERE.match(line) and line not in inside and line not in ELSEWHERE]
    assert not nowhere


@pytest.mark.parametrize("daemon", ["api", "modbusd", "mqttd"])
def test_configurations_are_accepted(tmp_path, daemon):
    shown = configurations(PAGES, "(common|api|modbusd|mqttd)")
    assert len(shown) > 2
    authority = Authority(tmp_path)
    for name in ("gateway", "modbusd", "pair"):
        authority.sign(name)
    for page, text in shown:
        text = re.sub(r"^(\w+ = )/etc/tagferry(?=/\w+\.(?:pem|key)$)", rf"\1{tmp_path}", text, flags=re.M)
        path = tmp_path / "tagferry.conf"
        path.write_text(text)
        done = subprocess.run([BIN / f"tagferry-{daemon}", "-c", path, "--check-config"],
                              capture_output=True, text=True)
        assert done.returncode == 0, (page.name, done.stderr)


def test_one_file_of_tests_alone():
    """As in CONTRIBUTING.md."""
    command, = (line for line in commands(ROOT / "CONTRIBUTING.md") if "pytest" in line)
    bin_ = os.path.relpath(BIN, ROOT / "tests/integration")
    for there, here in {"../../build/check/bin": bin_, " python3": " /usr/bin/python3"}.items():
        assert there in command
        command = command.replace(there, here)
    done = subprocess.run(["bash", "-ec", command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stdout


def test_patterns_tell_right_from_wrong():
    assert pattern("[100]: \t71.5\n").search("-- Polling\n[100]: \t71.5\n\n")
    assert not pattern("[100]: \t71.5\n").search("[100]: \t71.6\n")
    assert pattern('{"value":71.5, …}').search('{"value":71.5,"raw":[1]}')


def table_of(page, heading):
    """The rows of the first table below a heading: lists of cells, without the `marks`."""
    text = page.read_text().partition(f"\n{heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", text, re.M).group().splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_byte_orders_are_as_the_register_map_says(plant):
    rows = re.findall(r"^\| `(\w{4})`.*? \| (\w{4}) \| (\w{4}) \|",
                      (ROOT / "docs/scada.md").read_text(), re.M)
    assert [order for order, _, _ in rows] == ["ABCD", "CDAB", "BADC", "DCBA"]
    plant.api.device("d", "t", [
        {"name": order, "mqtt": {"key": "v"},
         "modbus": {"table": "input_register", "address": 2 * at, "byte_order": order}}
        for at, (order, _, _) in enumerate(rows)])
    served(plant)
    plant.broker.publish("t", {"v": 71.5})
    shows(plant.modbusd, "input_register", 0,
          [int(word, 16) for _, first, second in rows for word in (first, second)])


def test_addresses_are_as_the_register_map_says(plant):
    rows = table_of(ROOT / "docs/scada.md", "## Addresses")
    assert len(rows) == 4
    for table, address, modicon, five, one, *_ in rows:
        made = [plant.api.must("PUT", "/devices/d", {"mqtt": {"topic": "t"}}) and
                plant.api.must("PUT", "/devices/d/tags/t", {
                    "modbus": {"table": table, "address": given, "type": "bool"}})["modbus"]
                for given in (int(address), modicon, five)]
        assert {(place["address"], place["modicon"]) for place in made} == {(int(address), modicon)}
        assert int(one) == int(address) + 1


def test_clients_are_told_the_addresses_of_the_example(plant):
    example_device(plant.api)
    for tag in plant.api.must("GET", "/devices/boiler-7/tags")["items"]:
        place = tag["modbus"]
        wanted = {"### Ignition": str(place["address"] + 1), "### Kepware": place["modicon"],
                  "### Codesys": str(place["address"])}
        for client, number in wanted.items():
            row, = (row for row in table_of(ROOT / "docs/scada.md", client) if row[0] == tag["name"])
            assert re.search(rf"(?<!\d){number}\b", " ".join(row[1:])), (client, row)


def test_the_function_for_node_red_decodes_a_float():
    """The output of a Modbus-Read node for the example's two registers."""
    page = (ROOT / "docs/scada.md").read_text().partition("### Node-RED")[2]
    body = re.search(r"```js\n(.*?)```", page, re.S).group(1)
    script = f"console.log((msg => {{{body}}})({{payload: [0x428f, 0]}}).payload)"
    done = subprocess.run(["node", "-e", script], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "71.5\n"


def test_alerts_are_about_metrics_that_exist(plant):
    metrics = "".join(plant.api.get(path).body.decode() for path in ("/metrics", "/metrics/values"))
    for page in (ROOT / "config/prometheus-rules.yml", ROOT / "docs/operations.md"):
        for name in set(re.findall(r"\btagferry_[a-z][a-z_]*", page.read_text())):
            assert re.search(rf"^(# TYPE )?{name}[ {{]", metrics, re.M), name


def test_alerts_use_labels_that_exist(plant):
    metrics = plant.api.get("/metrics").body.decode()
    rules = (ROOT / "config/prometheus-rules.yml").read_text().split("- alert: ")[1:]
    seen = 0
    for rule in rules:
        name = re.search(r"\btagferry_[a-z_]+|\bup\b", rule).group()
        for label in re.findall(r"\$labels\.(\w+)", rule) + re.findall(r"(\w+)=~", rule):
            assert re.search(rf'^{name}{{.*\b{label}="', metrics, re.M), (name, label)
            seen += 1
    assert seen > 2


@pytest.fixture
def terminal(plant):
    made = Terminal(plant)
    yield made
    made.close()


# Pages that start without devices; the others use the example device.
FROM_NOTHING = ("getting-started.md", "discovery.md")


# rest.md and profiles.md show only some answers, payloads.md, which configures devices, none: other tests compare
# all answers with the OpenAPI document. test_troubleshooting.py checks the output of its commands.
UNCOMPARED = ("rest.md", "payloads.md", "profiles.md", "troubleshooting.md")


@pytest.mark.parametrize("page", [page for page in PAGES if any(
    kind != "elsewhere" for kind, _, _ in steps(page))], ids=lambda page: page.name)
def test_commands_print_what_the_page_says(plant, terminal, page):
    if page.name not in FROM_NOTHING:
        example_device(plant.api)
    published = None
    for kind, text, printed in steps(page):
        if kind == "watch":
            terminal.watch(text)
        elif kind == "run" and printed is None:
            # The exit status of `why` says whether a message has come.
            output = terminal.run(text, must=not text.startswith("tagferryctl why "))
            assert '"status":4' not in output and '"status":5' not in output, output
            assert not output or page.name in UNCOMPARED, f"{text}\nprints what the page does not show"
            published = text if text.startswith("mosquitto_pub") else published
        elif kind == "run":
            terminal.prints(text, pattern(printed), published)
