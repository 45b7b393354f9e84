"""What client.py and server.py share: lines, signals, the usage, and the faults that tests ask for."""

import argparse
import os
import signal
import sys
import threading

import chappe


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(64)

    def report(self, error):
        print(f"{self.prog}: {error}", file=sys.stderr)


def say(line):
    sys.stdout.buffer.write(line.replace("\n", " ").encode(errors="replace") + b"\n")
    sys.stdout.buffer.flush()


def stop_at_signals():
    """An event that SIGINT and SIGTERM set: an exception in the midst of an exchange would end it anywhere."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def fnv1a(content):
    """64-bit FNV-1a."""
    value = 0xCBF29CE484222325
    for byte in content:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def install_faults():
    """CHAPPE_DIE_AT=STEP:N and CHAPPE_STOP_AT=STEP:N: this process kills or stops itself when it passes the step for the N-th time."""
    for variable, fault, word in (("CHAPPE_DIE_AT", signal.SIGKILL, "dies"), ("CHAPPE_STOP_AT", signal.SIGSTOP, "stops")):
        if variable in os.environ:
            name, _, passing = os.environ[variable].partition(":")
            chappe.step = counted(name, int(passing or 1), fault, word)


def counted(name, passing, fault, word):
    passings = 0

    def reached(step):
        nonlocal passings
        passings += step == name
        if step == name and passings == passing:
            say(f"{word} {name}")
            os.kill(os.getpid(), fault)
            say("continues")

    return reached
