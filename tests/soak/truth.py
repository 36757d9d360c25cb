"""The model: the values, commands and changes that the clients sent, with their
acknowledgements."""

import collections
import threading
import time

MOMENT_S = 1.0  # after this time a command has arrived, if all parts run


class Wrong:
    """The findings, as text; printed immediately."""

    def __init__(self, say):
        self.say, self.found = say, []

    def add(self, text):
        text = str(text)[:2000]
        self.found.append(text)
        self.say(f"WRONG: {text}")


class Values:
    """The newest value of each tag that a device has sent. Only a broker's kill -9 may lose an
    acknowledged value, which it had not saved; devices then send all values once more."""

    def __init__(self):
        self.lock = threading.Lock()
        self.newest = {}

    def say(self, device, tag, value):
        with self.lock:
            self.newest[device, tag] = value

    def get(self, device, tag):
        with self.lock:
            return self.newest.get((device, tag))


class Commands:
    """The commands of one topic: written by SCADA, received by the device. `ordered` ones
    increase."""

    def __init__(self, ordered):
        self.lock = threading.Lock()
        self.ordered = ordered
        self.sure = []          # acknowledged writes
        self.sure_at = []       # and their times
        self.written = self.unanswered = self.repeats = self.excused = self.lost = 0
        self.seen = collections.Counter()
        self.arrived = 0
        self.highest = -1       # the newest received one
        self.excusable = set()
        self.newest = None      # acknowledged
        self.written_at = 0.0
        self.disorder = []

    def wrote(self, value, answered):
        with self.lock:
            self.written_at = time.monotonic()
            if not answered:
                self.unanswered += 1
                return
            self.written += 1
            self.sure.append(value)
            self.sure_at.append(self.written_at)
            self.newest = value

    def see(self, value):
        with self.lock:
            self.arrived += 1
            self.seen[value] += 1
            if not self.ordered:
                return
            if self.seen[value] > 1 or value == self.highest:
                self.repeats += 1
            elif value < self.highest:
                self.disorder.append((value, self.highest))
            else:
                self.highest = value

    def open(self):
        """Commands that were acknowledged and not received."""
        with self.lock:
            return [self.sure[at] for at in self._open()]

    def _open(self):
        """Their positions in `sure`."""
        if self.ordered:
            return [at for at, value in enumerate(self.sure) if not self.seen[value]]
        return range(min(self.arrived, len(self.sure)), len(self.sure))

    def are_on_their_way(self):
        """No command written longer than a moment ago is open."""
        with self.lock:
            before = time.monotonic() - MOMENT_S
            return all(self.sure_at[at] > before for at in self._open())

    def broker_died(self):
        """Commands that it received from mqttd recently and had not forwarded are lost with it."""
        with self.lock:
            before = time.monotonic() - 2 * MOMENT_S
            self.excusable.update(at for at in self._open() if self.sure_at[at] > before)

    def settled(self):
        """Only commands that a broker may have lost are open."""
        with self.lock:
            return self._missing() == 0

    def _missing(self):
        missing = self._open()
        if self.ordered:
            return len([at for at in missing if at not in self.excusable])
        return max(0, len(missing) - len(self.excusable))

    def close_round(self):
        """Counts the final losses and resets: (lost, out of order)."""
        with self.lock:
            lost, missing = self._missing(), len(self._open())
            self.lost += lost
            self.excused += missing - lost
            disorder, self.disorder = self.disorder, []
            self.sure, self.sure_at, self.arrived = [], [], 0
            # Repetitions may still arrive: keep the newest as known.
            self.seen = collections.Counter({value: n for value, n in self.seen.items()
                                             if self.ordered and value > self.highest - 100})
            self.excusable = set()
            return lost, disorder


class Gate:
    """Lets the load run, or blocks all of it."""

    def __init__(self):
        self.open = threading.Event()
        self.open.set()
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.users, self.parked = set(), set()

    def turn(self, who, seconds):
        """Waits a moment, longer while the gate is closed. False: the run has ended."""
        self.ended.wait(seconds)
        if not self.open.is_set():
            with self.lock:
                self.parked.add(who)
            self.open.wait()
            with self.lock:
                self.parked.discard(who)
        return not self.ended.is_set()

    def close(self):
        self.open.clear()

    def is_quiet(self):
        with self.lock:
            return self.parked >= self.users

    def reopen(self):
        self.open.set()

    def end(self):
        self.ended.set()
        self.open.set()
