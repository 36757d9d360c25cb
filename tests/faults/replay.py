"""The states of a disk that a power cut can leave, from a log of write_shim.c.

A state is a cut after an event, and what of the changes until then is on the disk. Names change in the order
of their calls, and are safe when the folder is synced. What was written to a file before a sync of it began
is safe when the sync ends; of what was written later any part may be on the disk:

- `W`, bytes that a call wrote: all of them, none, or some of their sectors;
- `M`, words of a mapped file: the kernel may write a page at any time, and reads it while the program changes
  it. Each sector, or each line of the cache or word in it, may be of another moment;
- `T`, the size of a file: with or without it.

A sync that fails, `F`, loses what was written before: no later sync brings it to the disk, until its page is changed
again, by a write or by a store of the same value (`P`).
"""

import hashlib
import struct

PAGE, SECTOR, LINE, WORD = 4096, 512, 64, 8
HEAD = struct.Struct("<5Q")  # struct record of write_shim.c


class Event:
    """One record. `file` is the number of the file, `at` an offset or size."""

    def __init__(self, index, time_ns, kind, file, at, data):
        self.index, self.time_ns, self.kind, self.file, self.at, self.data = (
            index, time_ns, kind, file, at, data)


def read_log(path, base=()):
    """The events. A file keeps its number, also under another name; a new file gets a new one. The files of `base`
    were there before, and safe: for them there are events in front."""
    data, events, numbers, at = path.read_bytes(), [], {}, 0
    for number, (name, inode, content) in enumerate(base):
        numbers[inode] = -1 - number
        for kind, what in (("O", name.encode()), ("W", content), ("B", b""), ("S", b""), ("B", b""),
                           ("D", b"")):
            events.append(Event(len(events), 0, kind, numbers[inode], 0, what))
    while at + HEAD.size <= len(data):
        time_ns, kind, inode, offset, size = HEAD.unpack_from(data, at)
        payload = data[at + HEAD.size:at + HEAD.size + size]
        at += HEAD.size + size
        kind = chr(kind)
        if kind == "O" or inode not in numbers:
            numbers[inode] = len(events)
        events.append(Event(len(events), time_ns, kind, numbers[inode], offset, payload))
    return events


def put(content, at, data):
    if at > len(content):
        content.extend(bytes(at - len(content)))
    content[at:at + len(data)] = data


def pieces(event, unit):
    """The parts of an event's bytes, each within one aligned unit."""
    at, end = event.at, event.at + len(event.data)
    while at < end:
        to = min(end, (at // unit + 1) * unit)
        yield at, event.data[at - event.at:to - event.at]
        at = to


def lose_failed(events):
    """The events as they reach the disk: without what a failed sync has lost. If its page is changed again later, it is
    there again, right before that change."""
    kept, pending, marks, lost = [], {}, {}, {}

    def keep(event, data=None, at=None, time_ns=None):
        kept.append(Event(len(kept), time_ns or event.time_ns, event.kind, event.file, event.at if at is None else at,
                          event.data if data is None else data))
        return kept[-1]

    for event in events:
        waiting, pages = pending.setdefault(event.file, []), lost.setdefault(event.file, {})
        if event.kind in "WMP":
            for page in range(event.at // PAGE, (event.at + max(len(event.data), 1) - 1) // PAGE + 1):
                waiting += [keep(old, data, at, event.time_ns) for old, at, data in pages.pop(page, ())]
        if event.kind in "WM":
            waiting.append(keep(event))
        elif event.kind == "B":
            marks[event.file] = len(waiting)
            keep(event)
        elif event.kind == "F":
            for old in waiting[:marks[event.file]]:
                for at, data in pieces(old, PAGE):
                    pages.setdefault(at // PAGE, []).append((old, at, data))
                old.data = b""
            del waiting[:marks[event.file]]
            keep(event)
        else:
            if event.kind == "S":
                del waiting[:marks[event.file]]
            keep(event)
    return kept


class Choice:
    """What of the pending changes is on the disk. Without a change, all is; see the subclasses."""

    def names(self, ops, safe):
        """How many of the changes of names have been made."""
        return len(ops)

    def apply(self, content, pending):
        for event in pending:
            self.apply_whole(content, event)

    @staticmethod
    def apply_whole(content, event):
        if event.kind != "T":
            put(content, event.at, event.data)
        elif event.at < len(content):
            del content[event.at:]
        else:
            content.extend(bytes(event.at - len(content)))


class Nothing(Choice):
    """Nothing but what is safe."""

    def names(self, ops, safe):
        return safe

    def apply(self, content, pending):
        pass


class OnlyNames(Nothing):
    """The names are ahead of the contents."""

    def names(self, ops, safe):
        return len(ops)


class Prefix(Choice):
    """All until a moment; the change at this moment only in part."""

    def __init__(self, chance, cut, oldest):
        self.chance, self.until = chance, chance.randint(oldest, cut)

    def names(self, ops, safe):
        return max(safe, sum(op.index < self.until for op in ops))

    def apply(self, content, pending):
        for event in pending:
            if event.index < self.until:
                self.apply_whole(content, event)
            elif event.index == self.until and event.kind != "T":
                parts = list(pieces(event, SECTOR))
                for at, data in parts[:self.chance.randint(0, len(parts))]:
                    put(content, at, data)


class Subset(Choice):
    """Any part of each change."""

    def __init__(self, chance, units):
        self.chance, self.unit = chance, chance.choice(units)

    def names(self, ops, safe):
        return self.chance.randint(safe, len(ops))

    def apply(self, content, pending):
        chance, moments = self.chance, {}
        share = chance.choice((0.1, 0.5, 0.9))
        mapped = [event.index for event in pending if event.kind == "M"] + [-1]
        for event in pending:
            if event.kind == "M":
                for at, data in pieces(event, self.unit):
                    unit = at // self.unit
                    if unit not in moments:
                        moments[unit] = chance.choice(mapped)
                    if event.index <= moments[unit]:
                        put(content, at, data)
            elif chance.random() < share:
                if event.kind == "T" or chance.random() < 0.7:
                    self.apply_whole(content, event)
                    continue
                for at, data in pieces(event, SECTOR):
                    if chance.random() < 0.5:
                        put(content, at, data)


class State:
    """Files by name, and the times of the cut."""

    def __init__(self, disk, event, next_ns, choice):
        self.index, self.next_ns, self.choice = event.index, next_ns, type(choice).__name__
        self.synced_ns = dict(disk.synced_ns)
        self.files = {}
        for name, number in disk.names_after(choice).items():
            content = bytearray(disk.safe.get(number, b""))
            choice.apply(content, disk.pending.get(number, []))
            self.files[name] = bytes(content)

    def digest(self):
        whole = hashlib.blake2b()
        for name, content in sorted(self.files.items()):
            whole.update(name.encode() + b"\0" + content + b"\0")
        return whole.digest()

    def write(self, below, folder):
        """Writes the files into a new folder, in place of the one that was recorded."""
        folder.mkdir()
        for name, content in self.files.items():
            path = folder / name.removeprefix(f"{below}/")
            path.write_bytes(content)
        return folder

    def __str__(self):
        return f"cut after event {self.index}, {self.choice}"


class Disk:
    """Follows the events."""

    def __init__(self):
        self.safe, self.pending, self.marks = {}, {}, {}
        self.ops, self.safe_ops = [], 0
        self.synced_ns = {}  # file: the beginning of its last complete sync

    def names_after(self, choice):
        names = {}
        for op in self.ops[:choice.names(self.ops, self.safe_ops)]:
            first, _, second = op.data.decode().partition("\n")
            if op.kind == "O":
                names[first] = op.file
            elif op.kind == "R":
                names[second] = names.pop(first)
            elif op.kind == "L":
                names[second] = names[first]
            else:
                names.pop(first, None)
        return names

    def oldest(self):
        """The index of the oldest change that is not safe, or None."""
        waiting = [events[0].index for events in self.pending.values() if events]
        waiting += [op.index for op in self.ops[self.safe_ops:self.safe_ops + 1]]
        return min(waiting, default=None)

    def take(self, event):
        pending = self.pending.setdefault(event.file, [])
        if event.kind in "WMT":
            pending.append(event)
        elif event.kind in "ORLU":
            self.ops.append(event)
        elif event.kind == "B":
            self.marks[event.file] = (len(pending), len(self.ops), event.time_ns)
        elif event.kind in "FP":
            pass
        elif event.kind == "D":
            self.safe_ops = max(self.safe_ops, self.marks[event.file][1])
        else:
            done, _, self.synced_ns[event.file] = self.marks[event.file]
            content = self.safe.setdefault(event.file, bytearray())
            for change in pending[:done]:
                Choice.apply_whole(content, change)
            del pending[:done]
            self.marks[event.file] = (0, 0, event.time_ns)


def states(events, chance, most, weights=(2, 1, 1, 3, 5), since=0, units=(SECTOR, SECTOR, LINE, WORD)):
    """Up to `most` different states: the first and the last moment from event `since` on, and moments in between.
    The weights are for Choice, Nothing, OnlyNames, Prefix and Subset; `units` are what is torn of mapped files."""
    cuts = {since, len(events) - 1}
    changes = [event.index for event in events[since:] if event.kind in "ORLUD"]
    times = {}
    for number in range(most):
        cut = chance.randrange(since, len(events))
        if number % 4 == 0 and changes:  # about changes of names, which are rare
            cut = min(len(events) - 1, max(since, chance.choice(changes) + chance.randint(-1, 2)))
        times[cut] = times.get(cut, 0) + 1
    disk, seen = Disk(), set()
    for event in events:
        disk.take(event)
        next_ns = events[event.index + 1].time_ns if event.index + 1 < len(events) else 1 << 63
        oldest = disk.oldest()
        for number in range(times.get(event.index, 0) or event.index in cuts):
            kind = chance.choices(range(5), weights)[0] if event.index not in cuts or number else 0
            choice = (Choice() if kind == 0 or oldest is None else Nothing() if kind == 1 else
                      OnlyNames() if kind == 2 else Prefix(chance, event.index, oldest) if kind == 3
                      else Subset(chance, units))
            state = State(disk, event, next_ns, choice)
            digest = state.digest()
            if digest not in seen:
                seen.add(digest)
                yield state
