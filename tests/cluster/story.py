"""What became of single setpoints, for the message of a test that fails."""

import re
import time

from load import SETPOINTS

SHOWN = 6  # writes of a setpoint, and commands
COUNTERS = re.compile(r"^tagferry_mqttd_((?:commands|mirror|journal)\w*(?:\{.*\})?) (\d+)$", re.M)


def read_counters(gateway):
    """What has to do with commands, by name."""
    return {name: int(value)
            for name, value in COUNTERS.findall(gateway.api.get("/metrics").body.decode())}


def changes(before, now):
    """A counter that is lower than before began again with 0."""
    steps = {name: value - before.get(name, 0) if value >= before.get(name, 0) else value
             for name, value in now.items()}
    return ", ".join(f"{name} +{step}" for name, step in steps.items() if step) or "nothing"


class Stories:
    """Of a pair, from now on."""

    def __init__(self, pair):
        self.pair = pair
        self.ahead = time.time() - time.monotonic()
        self.counters = [read_counters(each) for each in pair.gateways]
        self.names = {each.machine.mac(): each.name for each in pair.gateways}

    def _time(self, at):
        """As in the logs."""
        seconds = at + self.ahead
        return time.strftime("%H:%M:%S", time.gmtime(seconds)) + f"{seconds % 1:.3f}"[1:]

    def _write(self, exchange):
        return (f"{exchange.number} at {self._time(exchange.at)} to "
                f"{self.names.get(exchange.mac, 'nobody')}{'' if exchange.answered else ', no answer'}")

    def of_setpoint(self, setpoint, about=None):
        """What SCADA wrote and what devices heard: the newest, or those around the write of a number."""
        found = {"SCADA wrote": [each for each in self.pair.scada.record
                                 if each.kind == "write" and each.number % SETPOINTS == setpoint],
                 "devices heard": [each for each in self.pair.devices.heard
                                   if each.tag == f"s{setpoint}"]}
        near = max([each.at for each in found["SCADA wrote"] if about in (each.number, None)],
                   default=0.0)
        lines = [f"s{setpoint}:" if about is None else f"s{setpoint}, {about}:"]
        for what, all_of_it in found.items():
            nearest = sorted(all_of_it, key=lambda each: abs(each.at - near))[:SHOWN]
            lines.append(f"    {what} " + "; ".join(
                self._write(each) if what == "SCADA wrote" else f"{each.number} at {self._time(each.at)}"
                for each in sorted(nearest, key=lambda each: each.at)))
        return "\n".join(lines)

    def of_gateways(self):
        """What their counters say; the log of mqttd has a line for each command and mirrored setpoint."""
        return [f"{each.name} counted {changes(before, read_counters(each))}; log: {each.mqttd.log_path}"
                for each, before in zip(self.pair.gateways, self.counters)]
