"""Holds the documents against the programs: options, links, and what commands print."""

import re
import subprocess

import pytest

from harness import BIN, DEADLINE, ROOT, eventually

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n", re.M | re.S)
RUN = ("curl", "mbpoll", "mosquitto_pub")


def test_the_configuration_reference_says_what_the_programs_say():
    done = subprocess.run([ROOT / "scripts/gen-config-reference", "--check", BIN],
                          stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def anchors(page):
    text = BLOCK.sub("", page.read_text())
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        yield words.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text())):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), target
        if anchor:
            assert anchor in anchors(other), target


def commands(page):
    """The blocks of a page that can be run anywhere: [(kind, text, printed)]. What a block prints
    is the block right after it; kind is `watch` for a line of mosquitto_sub."""
    found = []
    text = page.read_text()
    end = None
    for match in BLOCK.finditer(text):
        language, body = match.groups()
        follows = end == match.start()
        end = match.end()
        if language == "sh":
            for line in re.findall(r"^mosquitto_sub .*$", body, re.M):
                found.append(["watch", line, None])
            body = re.sub(r"^mosquitto_sub .*\n", "", body, flags=re.M)
            if body.startswith(RUN):
                found.append(["run", body, None])
        elif language in ("", "json") and found:
            if follows:
                found[-1][2] = body
            elif re.match(r"[\w/-]+ \{", body):
                found[-1][2] = body
    return found


def pattern(printed):
    """White space is any white space, … is anything."""
    words = [re.escape(word).replace("…", ".*") for word in printed.split()]
    return re.compile(r"\s*".join(words), re.S)


def test_patterns_tell_right_from_wrong():
    assert pattern("[100]: \t71.5\n").search("-- Polling\n[100]: \t71.5\n\n")
    assert not pattern("[100]: \t71.5\n").search("[100]: \t71.6\n")
    assert pattern('{"value":71.5, …}').search('{"value":71.5,"raw":[1]}')


def test_alerts_are_about_metrics_that_exist(plant):
    metrics = plant.api.get("/metrics").body.decode()
    for page in (ROOT / "config/prometheus-rules.yml", ROOT / "docs/operations.md"):
        for name in set(re.findall(r"\btagferry_[a-z][a-z_]*", page.read_text())):
            assert re.search(rf"^(# TYPE )?{name}[ {{]", metrics, re.M), name


class Terminal:
    """Runs the commands of a page with the ports of this test's programs."""

    def __init__(self, plant):
        self.ports = {"127.0.0.1:5000": plant.api.options["api.listen"],
                      "-p 8502": "-p " + plant.modbusd.address().rpartition(":")[2],
                      "-p 1883": f"-p {plant.broker.number}"}
        self.watchers = []
        self.folder = plant.folder

    def _here(self, text):
        for there, here in self.ports.items():
            text = text.replace(there, here)
        return text

    def run(self, text):
        done = subprocess.run(["bash", "-ec", self._here(text)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=DEADLINE,
                              cwd=self.folder)
        return done.stdout

    def watch(self, text):
        path = self.folder / f"watched-{len(self.watchers)}"
        with open(path, "w") as output:
            process = subprocess.Popen(["bash", "-c", "exec " + self._here(text)], stdout=output)
        self.watchers.append((process, path))

    def prints(self, text, wanted, published):
        """Until the block prints what is wanted. A person types slower than a new device is taken
        up, so what was published just before is published again."""
        def probe():
            if wanted.search(self.run(text) + self.watched()):
                return True
            if published:
                self.run(published)
            return False
        eventually(probe, f"{text}\nprints {wanted.pattern}")

    def watched(self):
        return "".join(path.read_text() for _, path in self.watchers)

    def close(self):
        for process, _ in self.watchers:
            process.kill()
            process.wait()


@pytest.fixture
def terminal(plant):
    made = Terminal(plant)
    yield made
    made.close()


def example_device(api):
    """What README's scripts/run sets up."""
    api.device("boiler-7", "plant/boiler-7/telemetry", [
        {"name": "supply_temperature", "unit": "°C",
         "modbus": {"table": "input_register", "address": 100, "type": "float32"}},
        {"name": "burner", "modbus": {"table": "discrete_input", "address": 0}},
        {"name": "setpoint", "direction": "both", "mqtt": {"command_topic": "plant/boiler-7/set"},
         "modbus": {"table": "holding_register", "address": 200, "type": "int16", "scale": 0.1}}])


@pytest.mark.parametrize("name, prepared", [("README.md", True), ("docs/getting-started.md", False),
                                            ("docs/rest.md", True), ("docs/scada.md", True),
                                            ("docs/troubleshooting.md", True)])
def test_commands_print_what_the_page_says(plant, terminal, name, prepared):
    if prepared:
        example_device(plant.api)
    published = None
    for kind, text, printed in commands(ROOT / name):
        if kind == "watch":
            terminal.watch(text)
        elif printed is None:
            output = terminal.run(text)
            assert '"status":4' not in output and '"status":5' not in output, output
            published = text if text.startswith("mosquitto_pub") else published
        else:
            terminal.prints(text, pattern(printed), published)
