"""Summary of a run: a line per minute, and tables at the end."""

import os
import statistics
import time


def memory(soak, name):
    newest = soak.watch.newest(f"tagferry-{name}")
    return f"{name} {newest.rss / 1024:.1f} MiB {newest.descriptors} fds" if newest else f"{name} -"


def commands(soak, what):
    return sum(getattr(each, what) for each in soak.devices.commands.values())


def line(soak):
    return (f"{soak.publisher.messages} messages, {commands(soak, 'written')} commands, "
            f"{sum(soak.changes.done.values())} changes, "
            f"{sum(soak.disturber.counts.values())} faults, {soak.quiet.points} quiet points, "
            f"{len(soak.wrong.found)} findings; "
            + ", ".join(memory(soak, name) for name in ("api", "modbusd", "mqttd")))


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]


def totals(soak):
    changes = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in
                        sorted(soak.changes.done.items()))
    kills = ", ".join(f"{n} of {name}" for name, n in sorted(soak.disturber.kills.items()))
    return [
        ("messages published", f"{soak.publisher.messages}, "
         f"{soak.publisher.acknowledged} acknowledged, {soak.publisher.invalid} of them invalid"),
        ("quiet moments", f"{soak.quiet.points}, {soak.quiet.compared} comparisons of values"),
        ("commands written by SCADA", f"{commands(soak, 'written')} answered, "
         f"{commands(soak, 'unanswered')} interrupted by a kill"),
        ("commands lost", commands(soak, "lost")),
        ("commands lost by a kill -9 of the broker", commands(soak, "excused")),
        ("commands repeated", commands(soak, "repeats")),
        ("reads checked for half-written values", soak.scada.reads),
        ("REST changes answered", f"{sum(soak.changes.done.values())} ({changes})"),
        ("REST changes interrupted by a kill", soak.changes.unsure),
        ("events of the stream", f"{soak.reader.events} over {soak.reader.connects} connections"),
        ("kill -9", kills or "none"),
        ("faults", sum(soak.disturber.counts.values())),
        ("findings", len(soak.wrong.found)),
    ]


def recoveries(soak):
    for kind, times in sorted(soak.disturber.recoveries.items()):
        yield (kind, soak.disturber.counts[kind], f"{statistics.median(times) * 1000:.0f}",
               f"{max(times) * 1000:.0f}")


def lives(soak):
    for name in soak.watch.lives:
        life = soak.watch.longest(name)
        if not life:
            continue
        first, last = life[min(len(life) - 1, len(life) // 4)], life[-1]
        yield (name, f"{(last.at - life[0].at) / 60:.1f}",
               f"{first.rss} / {last.rss}", f"{first.anonymous} / {last.anonymous}",
               f"{first.descriptors} / {last.descriptors}", f"{first.threads} / {last.threads}")


def write(soak):
    """The whole summary, in Markdown."""
    lines = [f"{soak.seconds() / 60:.0f} minutes on {time.strftime('%Y-%m-%d')}, "
             f"{os.cpu_count()} cores, seed {soak.options.seed}, "
             f"{soak.options.rate:g} messages a second.", ""]
    lines += table(("", ""), totals(soak))
    lines += table(("fault", "times", "recovery, median ms", "longest ms"), recoveries(soak))
    lines += table(("daemon", "longest run, min", "RSS after a quarter / at the end, KiB",
                    "anonymous, KiB", "descriptors", "threads"), lives(soak))
    lines += [f"- {text}" for text in soak.wrong.found]
    return "\n".join(lines)
