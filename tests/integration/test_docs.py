"""Holds the documents against the programs."""

import subprocess

from harness import BIN, ROOT


def test_the_configuration_reference_says_what_the_programs_say():
    done = subprocess.run([ROOT / "scripts/gen-config-reference", "--check", BIN],
                          stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")
