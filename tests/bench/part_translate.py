"""Instructions from a message's bytes to its registers, and into the survey of a discovery, counted by
callgrind: the same in each run, independent of the load of the machine."""

import functools
import re
import subprocess

import harness
from measure import say

KEYS = (1, 10, 100)
# Step, what counts it.
PROGRAMS = {"translate": ("bench_translate",), "select": ("bench_translate", "selectors"), "survey": ("bench_survey",)}


def instructions(program, words, keys, messages, folder):
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out",
               harness.BIN / program, keys, messages, *words]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=120, check=True)
    return int(re.search(r"Collected : (\d+)", answer.stderr).group(1))


def measure_keys(results, _options, folder, keys):
    say(f"translate: {keys} keys")
    for step, (program, *words) in PROGRAMS.items():
        more, fewer = (instructions(program, words, keys, count, folder) for count in (600, 100))
        results.add(f"{step}, message of {keys} keys, instructions", "tagferry", (more - fewer) / 500)
        results.add(f"message of {keys} keys, instructions/key", step, (more - fewer) / 500 / keys)


STEPS = {f"{keys} keys": functools.partial(measure_keys, keys=keys) for keys in KEYS}
