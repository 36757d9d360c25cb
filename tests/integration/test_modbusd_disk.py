"""The register image on a real disk that fills up: a file system in a file that lies on a file system
too small for it. It takes root and a loop device; without them these tests are skipped, and say so."""

import collections
import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import struct
import subprocess

import pytest

from harness import DEADLINE, eventually

SMALL = "16m"            # of the file system below
DISK = 48 << 20          # what the disk claims to have
SOLID = 576              # offset of the word that says so
FIRST, LAST = 10, 60000  # registers in pages of their own
FS_IOC_FIEMAP, UNWRITTEN, PUNCH_HOLE = 0xC020660B, 0x800, 3
FAILS, WRITTEN = "cannot be written to disk", "written to disk again"


def run(*command):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=DEADLINE,
                          check=False)


def unmount(folder):
    run("umount", "--lazy", folder)


Extent = collections.namedtuple("Extent", "logical physical length flags")


def extents(path):
    """The blocks of a file on its disk."""
    most = 64
    with open(path, "rb") as file:
        asked = bytearray(struct.pack("=QQIIII", 0, 2**64 - 1, 1, 0, most, 0) + bytes(56 * most))
        fcntl.ioctl(file, FS_IOC_FIEMAP, asked)
    count = struct.unpack_from("=I", asked, 20)[0]
    return [Extent(*struct.unpack_from("=QQQ", asked, 32 + 56 * n),
                   *struct.unpack_from("=I", asked, 72 + 56 * n)) for n in range(count)]


def punch(file, at, length):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate64.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    assert libc.fallocate64(file.fileno(), PUNCH_HOLE, at, length) == 0, os.strerror(
        ctypes.get_errno())


class FullDisk:
    """`folder` is on the disk. While the disk is full, writes that need new blocks fail with an I/O
    error at writeback, when the pages of a mapped file are written. A journal would be another file
    that fails, and ext4 then becomes read-only permanently. With blocks smaller than pages, Linux
    6.18 does not report each failed write."""

    def __init__(self, below):
        self.below, self.disk = below, below / "disk"
        self.folder = below.parent / "mounted"
        self.filler = below / "filler"

    def make(self):
        self.below.mkdir()
        self.folder.mkdir()
        if run("mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tagferry-test", self.below).returncode:
            return False
        with open(self.disk, "wb") as file:
            file.truncate(DISK)
        made = run("mkfs.ext4", "-q", "-b", "4096", "-O", "^has_journal", self.disk)
        assert made.returncode == 0, made.stderr
        return run("mount", "-o", "loop", self.disk, self.folder).returncode == 0

    def fill(self, image):
        """No space is left below, and the image needs new blocks there, like on a thin or
        copy-on-write disk."""
        os.sync()
        with open(self.disk, "r+b", buffering=0) as disk:
            for extent in extents(image):
                punch(disk, extent.physical, extent.length)
        with open(self.filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        with open(self.filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1))

    def drain(self):
        self.filler.unlink()

    @contextlib.contextmanager
    def after_a_power_cut(self, folder):
        """The current content of the disk, without caches."""
        copy = folder / "copy"
        shutil.copyfile(self.disk, copy)
        mounted = folder / "after"
        mounted.mkdir()
        done = run("mount", "-o", "loop", copy, mounted)
        assert done.returncode == 0, done.stderr
        try:
            yield mounted
        finally:
            unmount(mounted)
            copy.unlink()
            mounted.rmdir()

    def finish(self):
        unmount(self.folder)
        unmount(self.below)


@pytest.fixture
def full_disk(tmp_path):
    disk = FullDisk(tmp_path / "below")
    try:
        if not disk.make():
            pytest.skip("needs root and a loop device: nothing may be mounted here")
        yield disk
    finally:
        disk.finish()


def register(image, address):
    """A holding register of the first unit, from the file."""
    return struct.unpack_from("=H", image.read_bytes(), 4096 + 2 * address)[0]


def syncs(modbusd):
    return modbusd.counter("MODBUSD_IMAGE_SYNCS"), modbusd.counter("MODBUSD_IMAGE_SYNC_FAILURES")


def fail_once(modbusd, disk, client):
    """Writes registers for which the full disk has no blocks."""
    client.write(FIRST, 11)
    eventually(lambda: syncs(modbusd)[0] > 0, "a sync")
    disk.fill(disk.folder / "image")
    client.write(LAST, 4711)
    modbusd.wait_log(FAILS)


def test_registers_reach_a_disk_that_was_full(stack, full_disk):
    modbusd = stack.start_modbusd(modbusd__image=full_disk.folder / "image",
                                  modbusd__sync_interval_ms=20)
    with modbusd.client() as client:
        fail_once(modbusd, full_disk, client)
        failures = syncs(modbusd)[1]
        eventually(lambda: syncs(modbusd)[1] >= failures + 5 or WRITTEN in modbusd.log(), "retries")
        assert WRITTEN not in modbusd.log(), "the disk is still full"
        full_disk.drain()
        modbusd.wait_log(WRITTEN)
        with full_disk.after_a_power_cut(stack.folder) as after:
            assert register(after / "image", FIRST) == 11
            assert register(after / "image", LAST) == 4711
        assert client.holding(LAST) == [4711]
        assert len(re.findall(FAILS, modbusd.log())) == 1


def test_nothing_is_acknowledged_while_the_disk_is_full(stack, full_disk):
    """Also with `always`, failed writes are repeated later without a new request."""
    modbusd = stack.start_modbusd(modbusd__image=full_disk.folder / "image", modbusd__persist="always")
    with modbusd.client() as client:
        client.write(FIRST, 11)
    full_disk.fill(full_disk.folder / "image")
    with pytest.raises(Exception):  # noqa: B017 - the library's, or of the connection that is closed
        with modbusd.client() as client:
            client.client.params.timeout = 3
            client.write(LAST, 4711)
    modbusd.wait_log(FAILS)
    full_disk.drain()
    modbusd.wait_log(WRITTEN)
    with full_disk.after_a_power_cut(stack.folder) as after:
        assert register(after / "image", LAST) == 4711


def test_a_new_process_writes_what_the_old_one_could_not(stack, full_disk):
    modbusd = stack.start_modbusd(modbusd__image=full_disk.folder / "image",
                                  modbusd__sync_interval_ms=20)
    with modbusd.client() as client:
        fail_once(modbusd, full_disk, client)
    modbusd.kill()
    full_disk.drain()
    modbusd.start()
    eventually(lambda: syncs(modbusd)[0] > 0, "a sync")
    with full_disk.after_a_power_cut(stack.folder) as after:
        assert register(after / "image", LAST) == 4711


def unwritten(image):
    return [extent for extent in extents(image) if extent.flags & UNWRITTEN]


def test_every_page_is_written_once(stack, full_disk):
    """ext4 loses a page whose first write failed. An image of an older version has such pages."""
    image = full_disk.folder / "image"
    modbusd = stack.start_modbusd(modbusd__image=image, modbusd__sync_interval_ms=20)
    assert unwritten(image) == []
    modbusd.stop()
    words = image.read_bytes()
    image.unlink()
    with open(image, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, len(words))
        file.write(words[:SOLID] + bytes(8) + words[SOLID + 8:4096])
        os.fsync(file.fileno())
    assert unwritten(image)
    modbusd.start()
    eventually(lambda: not unwritten(image), "all pages written")
