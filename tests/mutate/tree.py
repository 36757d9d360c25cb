"""A copy of the working tree with a build folder of its own. Only copies are mutated."""

import hashlib
import json
import os
import pathlib
import shlex
import subprocess

import process

BUILD_FLAGS = ["-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DTAGFERRY_WERROR=OFF"]
DASHBOARD = "build/check/src/api/web/made/web_files.c"  # of the working tree, if it has been built there
# Warnings that say that a mutant makes no sense.
MUTANT_FLAGS = "-Werror=incompatible-pointer-types -Werror=int-conversion -Werror=implicit-function-declaration"


class BuildError(Exception):
    pass


class Test:
    """One test of ctest."""

    def __init__(self, row, tree):
        properties = {p["name"]: p["value"] for p in row.get("properties", ())}
        self.name = row["name"]
        self.command = row["command"]
        self.folder = properties.get("WORKING_DIRECTORY", str(tree.build))
        self.environment = dict(v.split("=", 1) for v in properties.get("ENVIRONMENT", ()))
        self.is_unit = self.name.startswith("unit.")
        program = pathlib.Path(self.command[0])
        self.target = str(program.relative_to(tree.build)) if program.is_relative_to(tree.build) else None
        self.sources = [p for p in map(pathlib.Path, self.command) if p.suffix in (".py", ".t") and p.is_file()]
        if self.target:
            self.sources += [p for p in [tree.folder / "tests/unit" / (program.name + ".c")] if p.is_file()]

    def run(self, log, limit_s, environment=None, stopped=lambda: False):
        extra = ["-x", "-p", "no:cacheprovider"] if "pytest" in self.command else []
        return process.run([*self.command, *extra], log=log, limit_s=limit_s, stopped=stopped, cwd=self.folder,
                           env={**os.environ, **self.environment, **(environment or {})})


class Tree:
    def __init__(self, root, folder, c_flags):
        self.root = root
        self.folder = folder
        self.build = folder / "build/check"
        self.c_flags = c_flags
        self.log = folder.parent / (folder.name + ".log")

    def sync(self):
        """Makes the copy equal to the working tree. Files that are equal keep their time, for the build."""
        names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                               cwd=self.root, check=True, capture_output=True, text=True).stdout.split("\0")
        wanted = {n for n in names if n and (self.root / n).exists()}
        for name in wanted:
            source, copy = self.root / name, self.folder / name
            if source.is_symlink() or source.is_dir():
                continue
            data = source.read_bytes()
            if not copy.exists() or copy.read_bytes() != data:
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(data)
            copy.chmod(source.stat().st_mode)
        for folder in ("src", "tests"):
            for copy in (self.folder / folder).rglob("*"):
                name = str(copy.relative_to(self.folder))
                if copy.is_file() and name not in wanted and "__pycache__" not in name:
                    copy.unlink()
        if not (self.folder / ".git").exists():  # some tests ask git which files there are
            subprocess.run("git init -q && git add -A && git -c user.name=mutate -c user.email=mutate@localhost "
                           "commit -qm copy", shell=True, cwd=self.folder, check=True, capture_output=True)

    def make(self):
        """Configures and builds everything, with the working tree's text."""
        if not (self.build / "build.ninja").exists():
            made = self.root / DASHBOARD
            self.command("cmake", "--preset", "check", *BUILD_FLAGS, f"-DCMAKE_C_FLAGS={self.c_flags}",
                         f"-DTAGFERRY_DASHBOARD={made if made.exists() else 'OFF'}")
        self.command("cmake", "--build", str(self.build))

    def command(self, *words):
        status, _ = process.run(words, log=self.log, cwd=self.folder, env=dict(os.environ))
        if status != 0:
            raise BuildError(f"{' '.join(words)}: see {self.log}")

    def compile(self, targets, stopped=lambda: False):
        """Whether it builds. ccache does not learn mutants, but what it changes in commands stays the same."""
        status, _ = process.run(["ninja", *targets], log=self.log, cwd=self.build, stopped=stopped,
                                env={**os.environ, "CCACHE_READONLY": "1"})
        return status == 0

    def machine_code(self, path):
        """A digest of the code that the compiler makes of a source without sanitizers, None if it cannot be compiled."""
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            if entry["file"] != str(self.folder / path):
                continue
            words = [w for w in shlex.split(entry["command"]) if w != "-c" and not w.endswith("ccache")]
            words[words.index("-o") + 1] = "-"
            made = subprocess.run([*words, "-S", "-O2", "-g0", "-fno-sanitize=all"], cwd=entry["directory"],
                                  capture_output=True, check=False)
            return hashlib.sha256(made.stdout).hexdigest() if made.returncode == 0 else None
        return ""

    def tests(self, prefixes=("unit.", "integration.", "faults.")):
        text = subprocess.run(["ctest", "--test-dir", str(self.build), "--show-only=json-v1"], check=True,
                              capture_output=True, text=True).stdout
        return {t["name"]: Test(t, self) for t in json.loads(text)["tests"] if t["name"].startswith(prefixes)}

    def programs(self, tests):
        """Targets of all programs and shims that are no unit test."""
        text = subprocess.run(["ninja", "-t", "targets", "all"], cwd=self.build, check=True, capture_output=True,
                              text=True).stdout
        linked = [line.split(":")[0] for line in text.splitlines()
                  if "_EXECUTABLE_LINKER__" in line or "_SHARED_LIBRARY_LINKER__" in line]
        units = {t.target for t in tests.values()} | {None}
        return [t for t in linked if t not in units and "/unit/" not in t]
