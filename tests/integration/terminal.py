"""A reader's terminal: runs the commands of the documents with the programs of a test."""

import os
import re
import subprocess

from harness import BIN, DEADLINE, eventually


def example_device(api):
    """The setup of scripts/run, as in the README."""
    api.device("boiler-7", "plant/boiler-7/telemetry", [
        {"name": "supply_temperature", "unit": "°C",
         "modbus": {"table": "input_register", "address": 100, "type": "float32"}},
        {"name": "burner", "modbus": {"table": "discrete_input", "address": 0}},
        {"name": "setpoint", "unit": "°C", "direction": "both", "mqtt": {"command_topic": "plant/boiler-7/set"},
         "modbus": {"table": "holding_register", "address": 200, "type": "int16", "scale": 0.1}}])


class Terminal:
    """Runs the commands of a page with the ports, paths and programs of this test."""

    def __init__(self, plant):
        self.folder = plant.folder
        self.there = {"127.0.0.1:5000": plant.api.options["api.listen"],
                      "-p 8502": "-p " + plant.modbusd.address().rpartition(":")[2],
                      "-p 1883": f"-p {plant.broker.number}",
                      "sudo -u tagferry ": "", "/var/lib/tagferry": str(plant.folder)}
        options = {**plant.modbusd.options, **plant.mqttd.options, **plant.api.options}
        self.env = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}")
        for key, value in options.items():
            self.env["TAGFERRY_" + key.replace(".", "_").upper()] = str(value)
        self.env["TAGFERRY_CTL_URL"] = f"http://{plant.api.options['api.listen']}"
        self.watchers = []

    def _here(self, text):
        for there, here in self.there.items():
            text = text.replace(there, here)
        return text

    def run(self, text, must=True):
        done = subprocess.run(["bash", "-ec", self._here(text)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=DEADLINE,
                              cwd=self.folder, env=self.env)
        assert done.returncode == 0 or not must, f"{text}\nends with {done.returncode}: {done.stdout}"
        # Later commands use the token that was created.
        token = re.search(r"^tf_\w+$", done.stdout, re.M)
        if "token add" in text and token:
            self.there["TOKEN"] = token.group()
        return done.stdout

    def watch(self, text):
        path = self.folder / f"watched-{len(self.watchers)}"
        with open(path, "w") as output:
            process = subprocess.Popen(["bash", "-c", "exec " + self._here(text)], stdout=output,
                                       stderr=subprocess.STDOUT)
        self.watchers.append((process, path))

    def prints(self, text, wanted, published):
        """Repeats until the block prints the expected text. A person types more slowly than mqttd
        applies a new device, so it publishes the last message again."""
        def probe():
            if wanted.search(self.run(text, must=False) + self.watched()):
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
