"""A limit of memory for processes, as a small machine has it: a cgroup, of version 2 or 1. Needs root."""

import os
import pathlib
import threading

ROOTS = (pathlib.Path("/sys/fs/cgroup"), pathlib.Path("/sys/fs/cgroup/memory"))
SAMPLE_S = 0.05


class MemoryLimit:
    """Processes that start within the block have at most this memory together, page cache included and no swap. `peak_kb`
    is the most of what the kernel cannot take back by dropping cache: memory of their own and of /run."""

    # Limits, what is used, and the names in memory.stat of memory of their own, by the version of cgroups.
    FILES = {2: (("memory.max", "memory.swap.max"), ("anon", "shmem")),
             1: (("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), ("rss", "shmem"))}

    def __init__(self, megabytes):
        self.bytes, self.peak_kb, self.peak_with_cache_kb = megabytes << 20, 0, 0
        self.folder, self.version = self._make_folder()
        self.ending = threading.Event()
        self.sampler = threading.Thread(target=self._sample, daemon=True)

    @staticmethod
    def _make_folder():
        for root, version in zip(ROOTS, (2, 1)):
            folder = root / f"tagferry-bench-{os.getpid()}"
            limit = MemoryLimit.FILES[version][0][0]
            try:
                if version == 2 and (root / "cgroup.controllers").exists():
                    (root / "cgroup.subtree_control").write_text("+memory")
                folder.mkdir()
            except OSError:
                continue
            if (folder / limit).exists():
                return folder, version
            folder.rmdir()
        raise RuntimeError("no cgroup with a limit of memory can be made here; root can")

    def __enter__(self):
        limits = self.FILES[self.version][0]
        (self.folder / limits[0]).write_text(str(self.bytes))
        if (self.folder / limits[1]).exists():
            (self.folder / limits[1]).write_text("0" if self.version == 2 else str(self.bytes))
        self.sampler.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.sampler.join()
        self.folder.rmdir()  # its processes have ended

    def start(self, action):
        """Runs what starts processes: they inherit the group that this process has meanwhile."""
        home = self._home()
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))
        try:
            return action()
        finally:
            (home / "cgroup.procs").write_text(str(os.getpid()))

    def _home(self):
        for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == ("" if self.version == 2 else "memory"):
                return ROOTS[0 if self.version == 2 else 1] / path.lstrip("/")
        raise RuntimeError("this process is in no cgroup")

    def _stat(self):
        return {name: int(value) for name, value in
                (line.split() for line in (self.folder / "memory.stat").read_text().splitlines())}

    def _sample(self):
        while not self.ending.wait(SAMPLE_S):
            stat = self._stat()
            used = self.folder / ("memory.current" if self.version == 2 else "memory.usage_in_bytes")
            self.peak_kb = max(self.peak_kb, sum(stat.get(name, 0) for name in self.FILES[self.version][1]) // 1024)
            self.peak_with_cache_kb = max(self.peak_with_cache_kb, int(used.read_text()) // 1024)

    def kills(self):
        """Processes that the kernel has killed for lack of memory."""
        file = self.folder / ("memory.events" if self.version == 2 else "memory.oom_control")
        return sum(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith("oom_kill "))
