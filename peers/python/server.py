"""server.py CHANNEL [NAME...] [--out FOLDER] [--list] [--wants any|file|pixels] [--repeat N] [--timeout MS] [--lost]

Asks for each NAME, or for each line of standard input, and prints a line for each answer.
"""

import os
import select

import chappe
from program import Parser, fnv1a, install_faults, say, stop_at_signals

ERRORS = (
    (chappe.TimedOut, "timeout"), (chappe.PeerLost, "lost"), (chappe.ProtocolError, "protocol"),
    (chappe.NoSpace, "full"), (chappe.ChannelInUse, "in-use"),
)


def main() -> int:
    parser = Parser(prog="server.py")
    parser.add_argument("channel")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", metavar="FOLDER")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--wants", choices=("any", "file", "pixels"), default="any")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=30_000, metavar="MS")
    parser.add_argument("--lost", action="store_true")
    options = parser.parse_intermixed_args()
    install_faults()
    stop = stop_at_signals()
    try:
        if options.out:
            os.makedirs(options.out, exist_ok=True)
        server = chappe.Server(options.channel)
    except (chappe.ChappeError, OSError) as error:
        say_error("", error)
        return 2
    with server:
        say("open")
        all_answered = Asker(server, options, stop).ask_all()
    say("closed")
    return 0 if all_answered else 1


class Asker:
    def __init__(self, server, options, stop):
        self.server, self.options, self.stop, self.number = server, options, stop, 0

    def ask_all(self):
        names = self.options.names * self.options.repeat
        if not names and not self.options.list:
            names = lines_of_input(self.stop)
        wants = chappe.Wants[self.options.wants.upper()]
        all_answered = not self.options.list or self.ask("", chappe.Wants.LIST)
        for name in names:
            if self.stop.is_set():
                break
            all_answered &= self.ask(name, wants)
        return all_answered

    def ask(self, name, wants):
        """Whether it was answered with ok, or withdrawn since this program has to end."""
        try:
            with self.server.ask(name, wants=wants, timeout=self.options.timeout / 1000, cancel=self.stop,
                                 retry=not self.options.lost) as response:
                self.show(response)
            return True
        except chappe.Cancelled:
            return True
        except chappe.RequestFailed as failure:
            say(f"failed {int(failure.status)} {name}: {failure.message}")
        except (chappe.ChappeError, OSError, ValueError) as error:
            say_error(name, error)
        finally:
            self.number += 1
        return False

    def show(self, response):
        if self.options.out:
            with open(os.path.join(self.options.out, str(self.number)), "wb") as file:
                file.write(response.data)
        if response.kind == chappe.Kind.LIST:
            for name in response.names():
                say(f"listed {name}")
        if response.description:
            told = response.description
            say(f"description {int(told.element_type)} {int(told.pixel_format)} {len(told.shape)} {joined(told.shape)} {joined(told.strides)}")
        kind = int(response.kind) if response.level is chappe.Level.EXTENDED else 0
        say(f"answer {response.level.value} {kind} {response.length} {response.width} {response.height} {response.channels} "
            f"{fnv1a(response.data):016x} {response.media_type or '-'} {response.name}")


def lines_of_input(stop):
    rest = b""
    while not stop.is_set():
        if select.select([0], [], [], 0.05)[0]:
            content = os.read(0, 65_536)
            *lines, rest = (rest + content or b"\n").split(b"\n")
            yield from (os.fsdecode(line) for line in lines if line)
            if not content:
                return


def joined(numbers):
    return ",".join(map(str, numbers)) or "-"


def say_error(name, error):
    what = next((word for kind, word in ERRORS if isinstance(error, kind)), "other")
    say(f"error {what} {name}: {error}")


if __name__ == "__main__":
    raise SystemExit(main())
