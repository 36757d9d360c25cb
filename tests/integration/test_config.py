"""The sample file, the option tables and the command line agree."""

import re
import subprocess

import pytest

from harness import BIN, DEADLINE, ROOT

DAEMONS = {"tagferry-api": "api", "tagferry-modbusd": "modbusd", "tagferry-mqttd": "mqttd"}
SAMPLE = ROOT / "config/tagferry.conf"


def run(daemon, *arguments, env=None):
    return subprocess.run([BIN / daemon, *arguments], capture_output=True, text=True, timeout=DEADLINE,
                          env=env)


def parse(text, commented):
    """{section: {key: value}} of an INI text."""
    sections, section = {}, None
    pattern = re.compile(r"#(\w+) = ?(.*)" if commented else r"(\w+) = ?(.*)")
    for line in text.splitlines():
        head, option = re.fullmatch(r"\[(\w+)\]", line), pattern.fullmatch(line)
        if head:
            section = sections.setdefault(head.group(1), {})
        elif option:
            section[option.group(1)] = option.group(2).strip()
    return sections


@pytest.mark.parametrize("daemon", DAEMONS)
def test_sample_has_every_key_at_its_default(daemon):
    printed = run(daemon, "-c", "/dev/null", "--print-config")
    assert printed.returncode == 0, printed.stderr
    sample = parse(SAMPLE.read_text(), commented=True)
    options = parse(printed.stdout, commented=False)
    assert set(options) == {"common", DAEMONS[daemon]}
    for section, keys in options.items():
        assert keys == sample[section]


@pytest.mark.parametrize("daemon", DAEMONS)
def test_sample_is_accepted(daemon):
    assert run(daemon, "-c", SAMPLE, "--check-config").returncode == 0


@pytest.mark.parametrize("daemon", DAEMONS)
def test_version_and_help(daemon):
    assert re.fullmatch(rf"{daemon} \d+\.\d+\.\d+\n", run(daemon, "--version").stdout)
    assert "--print-config" in run(daemon, "--help").stdout


@pytest.mark.parametrize("daemon", DAEMONS)
@pytest.mark.parametrize("line,said", [
    ("[common]\nlog_level = loud\n", ':2: [common] log_level: "loud" is not one of error'),
    ("[common]\nunknown = 1\n", ':2: unknown key "unknown" in [common]'),
    ("[plant]\nname = x\n", ":2: unknown section [plant]"),
    ("[common]\nunits = 300\n", ":2: [common] units:"),
    ("[common]\nmodbus = nowhere\n", ":2: [common] modbus:"),
])
def test_bad_configuration_is_refused(daemon, line, said, tmp_path):
    path = tmp_path / "bad.conf"
    path.write_text(line)
    done = run(daemon, "-c", path)
    assert done.returncode == 2
    assert f"{path}{said}" in done.stderr


@pytest.mark.parametrize("daemon", DAEMONS)
def test_command_line_faults(daemon, tmp_path):
    assert run(daemon, "--nonsense").returncode == 2
    assert run(daemon, "-c", tmp_path / "missing.conf").returncode == 2
    assert run(daemon, "-o", "common.log_level=loud", "--check-config").returncode == 2
    assert run(daemon, "-o", "nonsense", "--check-config").returncode == 2
    bad = run(daemon, "-c", "/dev/null", "--check-config", env={"TAGFERRY_COMMON_UNITS": "x"})
    assert bad.returncode == 2 and "TAGFERRY_COMMON_UNITS" in bad.stderr
