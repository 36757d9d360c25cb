"""All parts, whose disk, memory and clock misbehave as ordered."""

import os
import struct
import subprocess

from harness import ROOT, Daemon, Stack


class Plant(Stack):
    """A stack whose daemons run with the shim, each with its own folder."""

    def __init__(self, folder):
        super().__init__(folder)
        self.shim = folder / "shim.so"
        # With frame pointers, AddressSanitizer shows who asked the shim for memory.
        subprocess.run(["cc", "-std=c11", "-O1", "-fno-omit-frame-pointer", "-shared", "-fPIC", "-o",
                        self.shim, ROOT / "tests/faults/shim.c", "-ldl"], check=True)
        for name in ("store", "registers"):
            (folder / name).mkdir()
        self.common["common.database"] = folder / "store/tagferry.db"
        self.image = folder / "registers/image"

    def add(self, part):
        if isinstance(part, Daemon):
            orders = self.folder / f"{part.name}.orders"
            orders.mkdir()
            (orders / "allocations").write_bytes(bytes(48))
            part.orders = orders
            part.env.update(LD_PRELOAD=str(self.shim), TAGFERRY_FAULTS=str(orders),
                            ASAN_OPTIONS="verify_asan_link_order=0:allocator_may_return_null=1")
        return super().add(part)

    def files(self, daemon):
        """The folder below which a daemon's files are."""
        return self.folder / {"api": "store", "modbusd": "registers", "mqttd": "runtime"}[daemon]

    def order(self, name, what, text):
        """Gives the shim of a daemon an order; None cancels an order."""
        path = getattr(self, name).orders / what
        if text is None:
            path.unlink(missing_ok=True)
            return
        draft = path.with_suffix(".new")
        draft.write_text(str(text))
        draft.rename(path)

    def refuse(self, name, first, times=1, every=1, own=False):
        """Refuses allocation number `first` of a daemon that runs, or starts next, and then each so
        many after it, a given total; with `own` only allocations of its own code count, not those
        of its libraries. 0 cancels the order."""
        with open(getattr(self, name).orders / "allocations", "r+b", buffering=0) as file:
            os.pwrite(file.fileno(), bytes(8), 0)
            os.pwrite(file.fileno(), struct.pack("<5Q", times, every, own, 0, 0), 8)
            os.pwrite(file.fileno(), struct.pack("<Q", first), 0)

    def refused(self, name):
        """The number of allocations since the order, and of refused ones."""
        words = (getattr(self, name).orders / "allocations").read_bytes()
        return struct.unpack_from("<2Q", words, 32)
