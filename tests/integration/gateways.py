"""Several gateways: each has a folder and daemons of its own, and all have one broker."""

import subprocess

from harness import BIN, Stack


class Gateway(Stack):
    """Without a name it is as one that stands alone."""

    def __init__(self, folder, name="", broker=None):
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        self.broker = broker
        if name:
            self.common["common.gateway"] = name

    def start_daemons(self, api=None, mqttd=None):
        """All three; the options are by section and key."""
        self.start_modbusd()
        self.start_api(**(api or {}))
        self.start_mqttd(**(mqttd or {}))
        return self

    @property
    def url(self):
        return f"http://{self.api.options['api.listen']}"

    def itself(self):
        """What it says of itself in /gateways."""
        return next(each for each in self.api.must("GET", "/gateways")["items"] if each["self"])

    def run_api(self, *words):
        """Runs a command of tagferry-api."""
        options = [word for key, value in self.api.options.items() for word in ("-o", f"{key}={value}")]
        return subprocess.run([BIN / "tagferry-api", "-c", "/dev/null", *options, *words],
                              capture_output=True, text=True)


def finish_all(parts):
    """Stops all, the newest first, whatever one of them has to say."""
    faults = []
    for part in reversed(parts):
        try:
            part.finish()
        except AssertionError as fault:
            faults.append(str(fault))
    assert not faults, "\n".join(faults)
