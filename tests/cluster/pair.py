"""A pair of gateways under load, and what a fault did to it."""

import collections
import itertools
import time

from harness import Modbus, eventually
from load import NEWEST, SETPOINTS, VALUES, Devices, Scada, configure
from netns import Network
from parts import Gateway, HousedBroker
from story import Stories

# What SCADA and the devices saw of a fault. The times are in seconds.
Figures = collections.namedtuple(
    "Figures", "unanswered still followed lost backwards commands_lost repeated superseded differ")


def numbers(read, count):
    """32-bit numbers from register 0 on."""
    words = []
    while len(words) < 2 * count:
        words += read(len(words), min(120, 2 * count - len(words)))
    return [high << 16 | low for high, low in zip(words[::2], words[1::2])]


def longest(times):
    return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


class Pair:
    """Two gateways with a floating address, their broker, a SCADA client, and devices."""

    def __init__(self, folder):
        self.network = Network("gw-a", "gw-b", "broker", "scada", "plant")
        self.gateways, self.devices, self.scada = [], None, None
        self.broker = None
        try:
            self._start(folder)
        except BaseException:
            self.network.close()
            raise

    def _start(self, folder):
        where = folder / "broker"
        where.mkdir()
        self.broker = HousedBroker(self.network["broker"], where).start()
        self.gateways = [Gateway(self.network[name], folder / name, self.network["broker"],
                                 clock=name == "gw-b") for name in ("gw-a", "gw-b")]
        leader, follower = self.gateways
        follower.share_token(leader)
        follower.api.options["api.follow"] = leader.url
        for gateway in self.gateways:
            gateway.start_daemons()
        configure(leader.api)
        leader.start_keepalived(follower.machine)
        follower.start_keepalived(leader.machine)
        self.devices = Devices(self.network["plant"], self.network["broker"])
        self.scada = Scada(self.network["scada"])
        self.settle()
        self.follow()

    def settle(self):
        """Waits until one of the gateways has the address, and the other one could take over."""
        for gateway in self.gateways:
            eventually(gateway.is_ready, f"{gateway.name} to be ready")
        eventually(lambda: {each.keepalived.state() for each in self.gateways} ==
                   {("MASTER", 0), ("BACKUP", 0)}, "a master and a backup")

    def roles(self):
        """The master and the backup."""
        return sorted(self.gateways, key=lambda each: not each.is_master())

    def begin(self):
        """Values and setpoints flow. Answers with the master and the backup."""
        self.settle()
        self.devices.flowing.set()
        self.scada.start()
        self.scada.sees_new()
        self.mark = len(self.scada.record), len(self.devices.heard)
        # The write before may be under way, or heard and not recorded yet: it is not counted.
        self.first = self.scada.number + 1
        self.dropped = [each.count_superseded() for each in self.gateways]
        self.stories = Stories(self)
        return self.roles()

    def switched(self, old, new):
        """Waits until SCADA sees values move at the other gateway."""
        eventually(lambda: not old.is_master(), f"{old.name} to give up")
        self.served_by(new)

    def served_by(self, gateway):
        eventually(gateway.is_master, f"{gateway.name} to take over")
        self.scada.sees_new()

    def follow(self):
        """Changes the configuration at its leader; the seconds until it is the same at the other one.
        Of two leaders, the older one has to be told to follow: both go on to serve until then."""
        def roles():
            found = sorted(((each.itself(), each) for each in self.gateways),
                           key=lambda pair: (pair[0]["role"] != "leader", -pair[0]["term"]))
            if found[1][0]["role"] == "leader":
                found[1][1].command("follow", found[0][1].url)
                return None
            return found[0][0]["role"] == "leader" and [each for _, each in found]
        leader, follower = eventually(roles, "one leader")
        leader.api.must("PATCH", "/devices/plant", {"description": f"changed {time.monotonic()}"})
        began, revision = time.monotonic(), leader.itself()["revision"]
        eventually(lambda: follower.itself()["revision"] == revision, f"{follower.name} to follow")
        return time.monotonic() - began

    def end(self):
        """The figures since `begin`; all parts must work again."""
        self.scada.sees_new()
        self.settle()
        followed = self.follow()
        self.devices.flowing.clear()
        self.scada.pause()
        self.devices.settle()
        return Figures(*self._times(), followed, self._lost_values(), self._backwards(), *self._commands(),
                       self._differing_setpoints())

    def _seen(self, kind):
        return [each for each in self.scada.record[self.mark[0] - 1:]
                if each.kind == kind and each.answered]

    def _times(self):
        record = self.scada.record[self.mark[0] - 1:]
        changes = [list(same)[0] for _, same in
                   itertools.groupby(self._seen("read"), key=lambda each: each.number)]
        return (longest([each.at for each in record if each.answered]),
                longest([each.at for each in changes]))

    def _backwards(self):
        return sum(later.number < earlier.number
                   for earlier, later in itertools.pairwise(self._seen("read")))

    def _lost_values(self):
        """Of both gateways: values that the broker has acknowledged, and a register does not show."""
        expected = dict(self.devices.sent, newest=self.devices.number)
        return sum(self._until_none(lambda each=gateway: self._wrong(each, expected))
                   for gateway in self.gateways)

    @staticmethod
    def _wrong(gateway, expected):
        with gateway.machine.inside(), Modbus("127.0.0.1:502") as modbus:
            shown = numbers(modbus.inputs, NEWEST // 2 + 1)
        names = [*(f"v{n}" for n in range(VALUES)), "newest"]
        return sum(expected.get(name, 0) != number for name, number in zip(names, shown))

    @staticmethod
    def _until_none(count):
        """What `count` says when it has had time to become 0."""
        try:
            eventually(lambda: count() == 0)
        except AssertionError:
            pass
        return count()

    def _commands(self):
        """Those that SCADA wrote and no device heard, except those that a gateway did not publish since
        the other one had a newer one; those that were heard twice; and those that were heard after a
        newer one of the same setpoint."""
        wanted = {each.number for each in self._seen("write") if each.number >= self.first}

        def heard():
            return collections.Counter(each.number for each in self.devices.heard
                                       if each.number >= self.first)

        def dropped():
            now = [each.count_superseded() for each in self.gateways]
            return sum(each - before if each >= before else each  # it began again with 0
                       for each, before in zip(now, self.dropped))
        lost = self._until_none(lambda: max(len(wanted - set(heard())) - dropped(), 0))
        self.unheard = sorted(wanted - set(heard()))
        newest, superseded = {}, 0
        for _, name, number in self.devices.heard[self.mark[1]:]:
            superseded += number < newest.get(name, 0)
            newest[name] = max(number, newest.get(name, 0))
        return lost, sum(times - 1 for times in heard().values()), superseded

    def _differing_setpoints(self):
        """Setpoints whose newest number is not the same at SCADA, both gateways and the device."""
        def count():
            return sum(map(self._differs, range(SETPOINTS), *self._setpoints()))
        return self._until_none(count)

    def _setpoints(self):
        for gateway in self.gateways:
            with gateway.machine.inside(), Modbus("127.0.0.1:502") as modbus:
                yield numbers(modbus.holding, SETPOINTS)

    def _differs(self, setpoint, *shown):
        """A write without an answer may have been executed."""
        writes = [each for each in self.scada.record
                  if each.kind == "write" and each.number % SETPOINTS == setpoint]
        answered = [each.number for each in writes if each.answered]
        least = answered[-1] if answered else 0
        heard = [each.number for each in self.devices.heard if each.tag == f"s{setpoint}"]
        found = {*shown, heard[-1] if heard else 0}
        return len(found) != 1 or found.pop() < least

    def tell(self):
        """What is known of the commands that no device heard and of the setpoints that differ."""
        lines = [self.stories.of_setpoint(number % SETPOINTS, number) for number in self.unheard]
        for setpoint, shown in enumerate(zip(*self._setpoints())):
            if self._differs(setpoint, *shown):
                held = ", ".join(f"{number} at {each.name}" for number, each in zip(shown, self.gateways))
                lines.append(f"{self.stories.of_setpoint(setpoint)}\n    registers hold {held}")
        return "\n".join([*lines, *self.stories.of_gateways()])

    def close(self):
        faults = []
        if self.scada:
            self.scada.close()
        if self.devices:
            self.devices.close()
        for gateway in self.gateways:
            try:
                gateway.finish()
            except AssertionError as fault:
                faults.append(str(fault))
        self.broker.stop()
        self.network.close()
        assert not faults, "\n".join(faults)
