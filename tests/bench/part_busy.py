"""MQTT to register on a small or busy machine: the same stacks as in part_flow, alone, beside loops that keep all cores
busy, and on one core. 10 keys, one device."""

import concurrent.futures
import contextlib
import os
import subprocess
import time

from measure import say, tasks
from part_flow import Field, Run

RATES = (1, 200, 2000)  # messages/s
SPARE = 1.2  # a stack that cannot carry so many times a rate is not measured at it
NICE = 10
# Publisher and poller stand for other machines, which the neighbour does not hold up.
AS_ANOTHER_MACHINE = ("chrt", "--fifo", "1")
LATENCY_SECONDS = 3  # a p99 needs some hundred messages, in a quick run, too


@contextlib.contextmanager
def alone(_runs):
    yield


def generator_prefix():
    """What gives publisher and poller the processor at once; nothing where that is not allowed."""
    if subprocess.run([*AS_ANOTHER_MACHINE, "true"], capture_output=True, check=False).returncode == 0:
        return AS_ANOTHER_MACHINE
    say("busy: publisher and poller need the privilege CAP_SYS_NICE, or the neighbour delays them as well")
    return ()


@contextlib.contextmanager
def busy_neighbour(_runs):
    """A loop on each core, of lower priority. The loops end with this process, however it ends."""
    loops, before_all = [], Run.before_all
    try:
        Run.before_all = generator_prefix()
        for core in sorted(os.sched_getaffinity(0)):
            loops.append(subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "nice", "-n", str(NICE), "taskset", "-c", str(core),
                 "sh", "-c", "while :; do :; done"]))
        yield
    finally:
        Run.before_all = before_all
        for loop in loops:
            loop.kill()
            loop.wait()


def pin(pids, cores):
    for pid in pids:
        for task in tasks(pid):
            os.sched_setaffinity(int(task.rsplit("/", 1)[1]), cores)


@contextlib.contextmanager
def one_core(runs):
    """The stacks and their brokers on the first core, publisher and poller on the last one."""
    cores = sorted(os.sched_getaffinity(0))
    try:
        for run in runs:
            pin(run.stack.pids(), cores[:1])
            run.prefix = ("taskset", "-c", cores[-1])
        yield
    finally:
        for run in runs:
            pin(run.stack.pids(), cores)
            run.prefix = ()


CONDITIONS = {"alone": alone, "beside a busy neighbour": busy_neighbour, "on one core": one_core}


def figure_of(condition, rate):
    return f"{condition}, {rate:,} message{'s' if rate > 1 else ''}/s"


def measure_rate(run, results, condition, rate, seconds, speeds):
    if speeds.get(run.name, 0) < SPARE * rate:
        say(f"busy: {condition}: {run.name} cannot carry {rate} messages/s")
        return
    run.measure_latency(results, figure_of(condition, rate), seconds, rate)


def measure_slowly(results, field, condition, seconds):
    """One message per second: all stacks at the same time, each in its own part of the second."""
    def measure_one(place, run):
        time.sleep(place / len(field.runs))
        figure = figure_of(condition, RATES[0])
        results.attempt(figure, run.name, run.measure_latency, results, figure, seconds, RATES[0])
    with concurrent.futures.ThreadPoolExecutor(len(field.runs)) as pool:
        list(pool.map(measure_one, range(len(field.runs)), field.runs))


def measure_condition(results, options, field, condition):
    speeds, seconds = {}, LATENCY_SECONDS

    def measure_speed(run):
        speeds[run.name] = run.measure_speed(results, condition, 0, options.seconds)
    field.each(f"{condition}, speed", measure_speed)
    for rate in RATES[1:]:
        field.each(figure_of(condition, rate), measure_rate, results, condition, rate, seconds, speeds)
    measure_slowly(results, field, condition, 2 * seconds)


def measure(results, options, folder):
    field = Field(results, "busy", folder, 1, 10)
    try:
        assert field.runs, "no stack starts"
        for run in field.runs:
            results.attempt("busy, size", run.name, run.size, 0, options.seconds)
        for number in range(options.rounds):
            for condition, manager in CONDITIONS.items():
                say(f"busy: {condition}, round {number + 1}")
                with manager(field.runs):
                    measure_condition(results, options, field, condition)
    finally:
        field.finish()


STEPS = {"busy": measure}
