"""scripts/mutate on a small project, one of whose tests is weak: what survives, a kill in between, untouched sources."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "scripts/mutate"
FILES = {
    ".gitignore": "/build/\n",
    "CMakePresets.json": """{"version": 6, "configurePresets": [{"name": "check", "generator": "Ninja",
        "binaryDir": "${sourceDir}/build/check"}]}""",
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.25)
project(small C)
enable_testing()
add_library(limits STATIC src/common/limits.c)
add_executable(test_limits tests/unit/test_limits.c)
target_link_libraries(test_limits PRIVATE limits)
add_test(NAME unit.limits COMMAND test_limits)
add_executable(show src/api/show.c)
target_link_libraries(show PRIVATE limits)
find_program(PYTHON NAMES python3)
add_test(NAME integration.show COMMAND ${PYTHON} ${CMAKE_SOURCE_DIR}/tests/show.py $<TARGET_FILE:show>)
""",
    "src/common/limits.h": "int limit_is_over(int value);\n",
    "src/common/limits.c": """#include "limits.h"
#include <unistd.h>

int limit_is_over(int value)
{
    if (value == -1) /* never in the test: a mutant waits for ever */
        pause();
    return value > 'A' + 0;
}
""",
    "src/api/show.c": """#include "../common/limits.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argv;
    printf("%d", limit_is_over(argc));
    return 0;
}
""",
    "tests/unit/test_limits.c": """#include "../../src/common/limits.h"

int main(void)
{
    return limit_is_over('A' - 1) || !limit_is_over('A' + 1);
}
""",
    "tests/show.py": "import subprocess, sys\nassert subprocess.check_output(sys.argv[1:]) == b'0'\n",
}
EXPECTED = {
    ("common", "early-return: => if (1) return 0;"): "killed",
    ("common", "result: return value > 'A' + 0 => return 0"): "killed",
    ("common", "widen: > => >="): "survived",
    ("common", "negate: == => !="): "timed out",
    ("common", "negate: value == -1 => !(value == -1)"): "timed out",
    ("common", "constant: 1 => 2"): "equivalent",
    ("common", "constant: 1 => 0"): "survived",
    ("common", "operator: + => -"): "equivalent",
    ("common", "constant: 0 => 1"): "killed",
    ("common", "remove-call: pause() =>"): "survived",
    ("api", "early-return: => if (1) return 0;"): "killed",
    ("api", 'remove-call: printf("%d", limit_is_over(argc)) =>'): "killed",
    ("api", "result: return 0 => return 1"): "killed",
    ("api", "constant: 0 => 1"): "killed",
    ("api", "format: %d => %x"): "survived",
}
JUDGED = ("common", "constant: 1 => 2")
EQUIVALENT = """
src/common/limits.c limit_is_over
constant: 1 => 2
if (value == -1) /* never in the test: a mutant waits for ever */
No caller passes a negative number.
"""


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in FILES.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        listed = self.root / "tests/mutate/equivalent.txt"
        listed.parent.mkdir()
        listed.write_text(EQUIVALENT, encoding="utf-8")
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "all")

    def git(self, *words):
        return subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True, text=True).stdout

    def start(self, *options):
        return subprocess.Popen([sys.executable, TOOL, "--root", self.root, "--jobs", "1", "--limit", "0.5", *options],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def state(self):
        path = self.root / "build/mutate/state.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def test_a_run_that_is_killed_and_continued(self):
        first = self.start()
        for line in first.stdout:
            if line.startswith("3 "):
                break
        first.send_signal(signal.SIGKILL)
        first.communicate()
        before = self.state()
        self.assertGreaterEqual(len(before), 2)

        output, _ = self.start().communicate()
        rows = self.state()
        self.assertEqual(rows[:len(before)], before, output)
        self.assertEqual(len({r["id"] for r in rows}), len(rows), "a mutant was tried twice")
        found = {(r["module"], r["change"]): r["result"] for r in rows}
        wanted = {k: v for k, v in EXPECTED.items() if k != JUDGED}
        self.assertEqual({k: v for k, v in found.items() if v != "did not compile"}, wanted, output)

        report = (self.root / "build/mutate/report.md").read_text(encoding="utf-8")
        self.assertIn("| common | 10 | 3 | 2 | 3 | 0 | 0 | 2 | 62% |", report)
        self.assertIn("-    return value > 'A' + 0;\n+    return value >= 'A' + 0;", report)
        self.assertIn("src/common/limits.c:8 `limit_is_over`", report)
        self.assertIn("No caller passes a negative number.", report)

        self.assertEqual(self.git("status", "--porcelain"), "", "the sources were changed")
        self.the_survivors_again(rows)
        self.the_lines_since_a_revision()
        self.one_file_or_folder()

    def the_survivors_again(self, rows):
        output, _ = self.start("--survivors", "--seed", "9").communicate()
        again = self.state()[len(rows):]
        self.assertEqual({r["id"] for r in again}, {r["id"] for r in rows if r["result"] == "survived"}, output)
        self.assertGreaterEqual(len(again), 3)
        self.assertIn("survivors of earlier runs", (self.root / "build/mutate/report.md").read_text(encoding="utf-8"))

    def the_lines_since_a_revision(self):
        path = self.root / "src/api/show.c"
        path.write_text(path.read_text().replace("return 0;", "return argc < 0;"))
        output, _ = self.start("--list", "--changed", "HEAD").communicate()
        self.assertIn("src/api/show.c:8 main: widen: < => <=", output)
        self.assertEqual({line.split()[0] for line in output.splitlines()}, {"src/api/show.c:8"})
        self.assertEqual(self.start("--list", "--module", "common", "--changed", "HEAD").communicate()[0], "")

    def one_file_or_folder(self):
        for name in ("src/common/limits.c", "src/common", "src/common/"):
            output, _ = self.start("--list", "--path", name).communicate()
            self.assertEqual({line.split(":")[0] for line in output.splitlines()}, {"src/common/limits.c"}, name)
        both, _ = self.start("--list", "--path", "src/common", "--path", "src/api/show.c").communicate()
        self.assertEqual({line.split(":")[0] for line in both.splitlines()}, {"src/common/limits.c", "src/api/show.c"})
        for name in ("src/comm", "tests", "src/none.c"):
            refused = self.start("--list", "--path", name)
            self.assertIn(f"there is no file or folder {name} in src/", refused.communicate()[0])
            self.assertEqual(refused.returncode, 2)


if __name__ == "__main__":
    unittest.main()
