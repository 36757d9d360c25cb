"""Writes the file of the history as tagferry-api does, see src/api/history/history_ring.c."""

import os
import struct

HEAD, ENTRY, MASK = 64, 24, (1 << 64) - 1
NEXT_AT = 32  # of the number of the next entry, and the time when the ring was empty


def capacity(megabytes):
    return ((megabytes << 20) - HEAD) // ENTRY


def mix(left, right):
    left = (left ^ right) * 0x9e3779b97f4a7c15 & MASK
    left = (left ^ left >> 32) * 0xd6e8feb86659fd93 & MASK
    return left ^ left >> 29


def pack_entry(sequence, wall_ms, tag_id, value):
    """An entry that is a new value."""
    first = wall_ms | 1 << 44
    bits = struct.unpack("<Q", struct.pack("<d", value))[0]
    check = mix(mix(mix(mix(1, sequence), first), bits), tag_id) >> 40
    return struct.pack("<QdQ", first, value, tag_id | check << 40)


def write_file(path, entries):
    """Fills a new file of the daemon, which is stopped, with (time in ms, id of a tag, value), oldest
    first, at most as many as it holds."""
    ring, count, began_ms = bytearray(ENTRY), 0, 0  # the place of number 0 is free
    for count, (wall_ms, tag_id, value) in enumerate(entries, 1):
        began_ms = began_ms or wall_ms
        ring += pack_entry(count, wall_ms, tag_id, value)
    room = capacity(path.stat().st_size >> 20)
    if count == room:  # the last one is in the first place
        ring[:ENTRY] = ring[-ENTRY:]
        del ring[-ENTRY:]
    assert len(ring) <= room * ENTRY
    with open(path, "r+b") as file:
        os.pwrite(file.fileno(), struct.pack("<QQ", count + 1, began_ms), NEXT_AT)
        os.pwrite(file.fileno(), bytes(ring), HEAD)
