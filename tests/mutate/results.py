"""The state file, to which each result is one line of JSON, and the report."""

import json
import threading

SEEN = ("killed", "timed out")
COLUMNS = ("killed", "timed out", "survived", "not covered", "did not compile", "equivalent")


class Results:
    """`state.jsonl`. A later line of the same mutant replaces an earlier one."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.rows = {}
        if path.exists():
            for line in path.read_text().splitlines():
                try:
                    row = json.loads(line)
                except ValueError:
                    continue  # the run was killed while it wrote this line
                self.rows[row["id"]] = row

    def add(self, row):
        with self.lock:
            self.rows[row["id"]] = row
            torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n") and self.path.stat().st_size
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(("\n" if torn else "") + json.dumps(row) + "\n")

    def has_survived(self, identity):
        return self.rows.get(identity, {}).get("result") in ("survived", "not covered")

    def killers(self, path):
        """The tests that have killed mutants of this file, one for each."""
        with self.lock:
            return [r["tests"][-1][0] for r in self.rows.values()
                    if r["path"] == path and r["result"] in SEEN and r["tests"]]


def score(rows):
    seen = sum(r["result"] in SEEN for r in rows)
    missed = sum(r["result"] in ("survived", "not covered") for r in rows)
    return f"{100 * seen / (seen + missed):.0f}%" if seen + missed else "-"


def report(rows, head):
    """Markdown: a table of modules, then each survivor with its change and the tests that ran."""
    lines = ["# Mutation test", "", head, "",
             "| module | mutants | " + " | ".join(COLUMNS) + " | score |",
             "| --- |" + " ---: |" * (len(COLUMNS) + 2)]
    modules = sorted({r["module"] for r in rows})
    for name in [*modules, "all"]:
        own = [r for r in rows if name in (r["module"], "all")]
        lines.append(f"| {name} | {len(own)} | " + " | ".join(
            str(sum(r["result"] == c for r in own)) for c in COLUMNS) + f" | {score(own)} |")
    lines += ["", "The score is the share that tests saw (killed, timed out) of those that compile and are not judged "
              "equivalent.", "", "## Survivors", ""]
    for row in sorted(rows, key=lambda r: (r["path"], r["line"])):
        if row["result"] not in ("survived", "not covered"):
            continue
        tests = ", ".join(f"{name} ({seconds:.0f} s)" for name, seconds, _ in row["tests"]) or "none"
        lines += [f"### {row['path']}:{row['line']} `{row['function']}`", "",
                  f"{row['id']}, {row['result']}. Tests that ran: {tests}.", "", "```diff",
                  row["diff"].rstrip("\n"), "```", "", "```", f"{row['path']} {row['function']}", row["change"],
                  row["text"], "```", ""]
    for title, wanted in (("Judged equivalent", "equivalent"), ("Seen", None)):
        lines += [f"## {title}", ""]
        for row in sorted(rows, key=lambda r: (r["path"], r["line"])):
            if row["result"] == wanted:
                lines.append(f"- {row['path']}:{row['line']} `{row['change']}`: {row['reason']}")
            elif wanted is None and row["result"] in SEEN:
                lines.append(f"- {row['path']}:{row['line']} `{row['change']}`: {row['result']} by {row['tests'][-1][0]}")
        lines.append("")
    return "\n".join(lines)
