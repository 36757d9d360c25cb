"""Transcripts: files of commands with all that they print, compared as a whole. transcripts/README.md says how to write
and approve them."""

import os
import pathlib
import re
import subprocess

import cram
import pytest

from harness import BIN, ROOT

FOLDER = pathlib.Path(__file__).parent / "transcripts"


def options_of(text, daemon):
    """The settings of `Options:` lines for this daemon, such as common.units=1-20."""
    words = " ".join(re.findall(r"^Options: (.*)$", text, re.MULTILINE)).split()
    pairs = dict(word.split("=", 1) for word in words)
    return {key: value for key, value in pairs.items() if key.split(".")[0] in (daemon, "common")}


def start(stack, path, text):
    """tagferry-api alone for api_*.t, nothing for modbusd_*.t, which start tagferry-modbusd themselves, all parts for
    others. Returns the environment of the commands."""
    if path.name.startswith("modbusd_"):
        return {"API": ""}
    alone = path.name.startswith("api_")
    found = {"STORE": str(stack.common["common.database"])}
    if not alone:
        found["BROKER"] = stack.start_broker().address().split(":")[1]
        found["SCADA"] = stack.start_modbusd(**options_of(text, "modbusd")).address().split(":")[1]
    api = stack.start_api(**options_of(text, "api"))
    found["API"] = f"http://{api.options['api.listen']}"
    if not alone:
        found["MQTTD_LOG"] = str(stack.start_mqttd(**options_of(text, "mqttd")).log_path)
    return found


def run_transcript(path, stack):
    """The lines that differ, as a diff."""
    work = stack.folder / "work"
    work.mkdir()
    kept = {key: os.environ[key] for key in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if key in os.environ}
    env = dict(kept, **start(stack, path, path.read_text(encoding="utf-8")), FOLDER=str(work), HOME=str(work),
               TAGFERRY_BIN=str(BIN), TAGFERRY_ROOT=str(ROOT), BASH_ENV=str(FOLDER / "prelude.sh"), TERM="dumb")
    env["TAGFERRY_CTL_URL"] = env["API"]
    _, shown, diff = cram.testfile(str(path).encode(), shell=["/bin/bash"], env=env, testname=path.name.encode())
    assert shown is not None, "the shell ended with status 80, with which a file of cram asks to be skipped"
    return b"".join(diff).decode(errors="replace")


def pytest_generate_tests(metafunc):
    """One case, the file of --transcript, or all."""
    one = metafunc.config.getoption("transcript")
    metafunc.parametrize("path", [pathlib.Path(one)] if one else sorted(FOLDER.glob("*.t")), ids=lambda path: path.stem)


def test_transcript(path, stack):
    diff = run_transcript(path, stack)
    if diff and os.environ.get("TAGFERRY_APPROVE"):
        subprocess.run(["patch", "--quiet", "--no-backup-if-mismatch", path], input=diff, text=True, check=True)
        pytest.fail(f"{path.name} is changed: read it, it is right only now that somebody has")
    assert not diff, diff
