"""Each test has processes of its own: the programs client.py and server.py, or this module's Client and Server beside them."""

import ctypes
import itertools
import multiprocessing
import os
import queue
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import chappe  # noqa: E402
from program import fnv1a  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None

IN_CI = os.environ.get("CI") == "true"
PATIENCE = 60.0  # seconds; generous, the machine may do much else
TOOL = os.path.join(ROOT, "artifacts/bin/Chappe.Tool/release/chappe")
spawn = multiprocessing.get_context("spawn")
numbers = itertools.count()


def required(is_there, what):
    """Skips a test for want of something, except where it has to be there."""
    return unittest.skipUnless(is_there or IN_CI, f"{what} is missing")


class Program:
    """A process and the lines that it prints."""

    def __init__(self, *command, fault=None, stdin=None):
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **(fault or {}))
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stdin=stdin or subprocess.DEVNULL,
                                        env=environment, text=True)
        self.seen, self._lines = [], queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def expect(self, start):
        """Reads on to the line that begins so."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"{self.process.args} printed no line {start!r} but {self.seen}")
            self.seen.append(line)
            if line.startswith(start):
                return line

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def resume(self):
        """Continues a process once it has stopped: it says so before."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
                state = file.read().rpartition(")")[2].split()[0]
            if state == "T":
                return self.signal(signal.SIGCONT)
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.process.args} does not stop but is {state}")
            time.sleep(0.001)

    def end(self):
        """All lines that were not read yet, and the exit status."""
        if self.process.stdin:
            self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        self._reader.join()
        lines = list(iter(self._lines.get, None))
        self.seen += lines
        return lines, status

    def discard(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.send_signal(signal.SIGCONT)
        self.process.wait()
        self._reader.join()
        if self.process.stdin:
            self.process.stdin.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.channel = f"chappe-py-{os.getpid()}-{next(numbers)}"
        self.folder = tempfile.mkdtemp(prefix="chappe-")
        self.addCleanup(self.nothing_is_left)
        self.addCleanup(shutil.rmtree, self.folder)

    def objects(self):
        return sorted(name for name in os.listdir("/dev/shm") if f"_{self.channel}_" in name)

    def nothing_is_left(self):
        left = self.objects()
        for name in left:
            os.unlink(f"/dev/shm/{name}")
        self.assertEqual([], left)

    def start(self, *command, **how):
        program = Program(*command, **how)
        self.addCleanup(program.discard)
        return program

    def client(self, *options, **how):
        return self.start(sys.executable, os.path.join(HERE, "client.py"), self.channel, self.folder, *options, **how)

    def server_program(self, *options, **how):
        return self.start(sys.executable, os.path.join(HERE, "server.py"), self.channel, *options, **how)

    def server(self):
        server = chappe.Server(self.channel)
        self.addCleanup(server.close)
        return server

    def file(self, name, content):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(content)
        return content

    def background(self, target, *arguments):
        """A process of this module's own, for what the programs do not do."""
        process = spawn.Process(target=target, args=(self.channel, *arguments), daemon=True)
        process.start()
        self.addCleanup(process.join)
        self.addCleanup(process.kill)
        return process

    def ends_well(self, process):
        process.join(PATIENCE)
        self.assertEqual(0, process.exitcode)

    def assert_exchange(self, server, name, content):
        with server.ask(name, timeout=PATIENCE) as response:
            self.assertEqual(content, bytes(response.data))


class Exchange(Case):
    def test_payloads_of_all_sizes_arrive_in_any_order(self):
        contents = {f"{size}": self.file(f"{size}", os.urandom(size)) for size in (0, 1, 31, 4095, 4096, 4097, 65_536, 5_000_001)}
        self.client()
        with chappe.Server(self.channel) as server:
            for name in [*contents, *reversed(contents), *contents]:
                with server.ask(name, timeout=PATIENCE) as response:
                    self.assertEqual(contents[name], bytes(response.data))
                    self.assertEqual((len(contents[name]), 0, 0, 0), (response.length, response.width, response.height, response.channels))
                    self.assertEqual((chappe.Kind.FILE, chappe.Level.EXTENDED), (response.kind, response.level))

    def test_the_payload_is_lent_until_the_response_is_closed(self):
        self.file("first.txt", b"first")
        self.file("second.txt", b"other")
        self.client()
        with chappe.Server(self.channel) as server:
            response = server.ask("first.txt", timeout=PATIENCE)
            self.assertEqual("text/plain", response.media_type)
            self.assertTrue(response.data.readonly)
            with self.assertRaisesRegex(ValueError, "close it first"):
                server.ask("second.txt")
            kept = response.data[:]
            response.close()
            with self.assertRaises(ValueError):
                response.data[0]
            self.assert_exchange(server, "second.txt", b"other")
            self.assertEqual(b"other", bytes(kept))  # still mapped, but no longer the first answer

    def test_a_slice_that_is_kept_survives_growth_and_the_end(self):
        self.file("small", b"s" * 100)
        self.file("large", b"l" * 3_000_000)
        self.client()
        server = self.server()
        with server.ask("small", timeout=PATIENCE) as response:
            kept = response.data[:]
        self.assert_exchange(server, "large", b"l" * 3_000_000)
        server.close()
        self.assertEqual(b"l" * 100, bytes(kept))

    def test_the_programs_exchange_as_their_command_line_says(self):
        content = self.file("a b.txt", b"hello\n")
        self.file("b.bin", b"\0\1\2")
        client = self.client("--count", 4)
        client.expect("waiting")
        server = self.server_program("a b.txt", "b.bin", "missing", "--list", "--out", os.path.join(self.folder, ".out"))
        lines, status = server.end()
        self.assertEqual(["open", "listed a b.txt", "listed b.bin", f"answer extended 3 14 0 0 0 {fnv1a(b'a b.txt' + bytes(1) + b'b.bin' + bytes(1)):016x} - ",
                          f"answer extended 1 6 0 0 0 {fnv1a(content):016x} text/plain a b.txt",
                          f"answer extended 1 3 0 0 0 {fnv1a(bytes([0, 1, 2])):016x} application/octet-stream b.bin",
                          "failed 1 missing: No such file or directory", "closed"], lines)
        self.assertEqual(1, status)
        self.assertEqual((["attached extended", "served 0 14 ", "served 0 6 a b.txt", "served 0 3 b.bin", "served 1 0 missing"], 0), client.end())
        with open(os.path.join(self.folder, ".out", "1"), "rb") as file:
            self.assertEqual(content, file.read())

    def test_names_come_from_standard_input_too(self):
        self.file("a", b"a")
        self.client()
        server = self.server_program(stdin=subprocess.PIPE)
        server.tell("a")
        server.expect("answer extended 1 1 0 0 0")
        server.tell("")
        server.tell("a")
        server.expect("answer extended 1 1 0 0 0")
        self.assertEqual((["closed"], 0), server.end())

    def test_wrong_usage_is_said(self):
        for command in (("client.py",), ("client.py", "c", "f", "--frame", "1x2"), ("server.py",), ("server.py", "c", "--wants", "list")):
            with self.subTest(command=command):
                finished = subprocess.run([sys.executable, os.path.join(HERE, command[0]), *command[1:]], capture_output=True, text=True)
                self.assertEqual(64, finished.returncode)
                self.assertIn("usage", finished.stderr)

    def test_both_programs_end_in_order_at_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            server = self.server_program("a", "b")
            server.expect("open")
            server.signal(number)
            self.assertEqual((["closed"], 0), server.end())
            client = self.client()
            client.expect("waiting")
            client.signal(number)
            self.assertEqual(([], 0), client.end())

    def test_only_files_of_the_folder_are_served(self):
        os.mkdir(os.path.join(self.folder, "sub"))
        self.file("sub/in", b"inside")
        os.symlink("sub/in", os.path.join(self.folder, "link"))
        os.symlink("/etc/passwd", os.path.join(self.folder, "out"))
        os.symlink("/etc", os.path.join(self.folder, "etc"))
        os.mkfifo(os.path.join(self.folder, "pipe"))
        self.file(".hidden", b"")
        self.client()
        with chappe.Server(self.channel) as server:
            for name in ("sub/in", "link", "./sub/in"):
                self.assert_exchange(server, name, b"inside")
            for name, expected in (("out", chappe.Status.FORBIDDEN), ("etc/passwd", chappe.Status.FORBIDDEN), ("../x", chappe.Status.FORBIDDEN),
                                   ("sub/../link", chappe.Status.FORBIDDEN), ("/etc/passwd", chappe.Status.FORBIDDEN),
                                   ("a\0b", chappe.Status.INVALID_NAME), ("sub", chappe.Status.FORBIDDEN), ("pipe", chappe.Status.FORBIDDEN),
                                   ("missing", chappe.Status.NOT_FOUND), ("link/x", chappe.Status.NOT_FOUND), ("x" * 300, chappe.Status.NOT_FOUND)):
                with self.subTest(name=name), self.assertRaises(chappe.RequestFailed) as caught:
                    server.ask(name, timeout=PATIENCE)
                self.assertEqual(expected, caught.exception.status)
            with self.assertRaises(chappe.RequestFailed) as caught:
                server.ask("link", wants=chappe.Wants.PIXELS, timeout=PATIENCE)
            self.assertEqual(chappe.Status.UNSUPPORTED, caught.exception.status)
            self.assertEqual([], server.names(timeout=PATIENCE))
            self.file("b", b"")
            self.file("a", b"")
            self.assertEqual(["a", "b"], server.names(timeout=PATIENCE))

    def test_names_have_limits(self):
        with chappe.Server(self.channel) as server:
            for name in ("", "x" * 4097, "é" * 2049):
                with self.assertRaisesRegex(ValueError, "1 to 4096 bytes"):
                    server.ask(name)
        for channel in ("", "a\0b", "x" * 244):
            with self.assertRaisesRegex(ValueError, "no channel"):
                chappe.Server(channel)

    def test_every_status_and_message_arrives(self):
        client = self.background(fail_with_each_status)
        with chappe.Server(self.channel) as server:
            for status in list(chappe.Status)[1:]:
                with self.assertRaises(chappe.RequestFailed) as caught:
                    server.ask("x", timeout=PATIENCE)
                self.assertEqual((status, "é" * 512), (caught.exception.status, caught.exception.message))
            with self.assertRaises(chappe.RequestFailed) as caught:
                server.ask("a handler that raises", timeout=PATIENCE)
            self.assertEqual((chappe.Status.INTERNAL, "ZeroDivisionError: no reason"), (caught.exception.status, caught.exception.message))
            with self.assertRaises(chappe.RequestFailed) as caught:
                server.ask("a payload too large", timeout=PATIENCE)
            self.assertEqual(chappe.Status.TOO_LARGE, caught.exception.status)
        self.ends_well(client)

    def test_an_answer_larger_than_the_server_takes_is_refused(self):
        self.file("large", bytes(1001))
        self.file("fits", bytes(1000))
        self.client()
        with chappe.Server(self.channel, max_payload=1000) as server:
            with self.assertRaisesRegex(chappe.ProtocolError, "max_payload"):
                server.ask("large", timeout=PATIENCE)
            self.assert_exchange(server, "fits", bytes(1000))

    def test_the_mode_is_what_was_asked_for_whatever_the_umask(self):
        before = os.umask(0o077)
        try:
            with chappe.Server(self.channel, mode=0o660):
                self.assertEqual({0o660}, {os.stat(f"/dev/shm/{name}").st_mode & 0o777 for name in self.objects()})
                self.assertEqual(5, len(self.objects()))
        finally:
            os.umask(before)

    def test_the_layout_is_the_one_of_the_protocol_page(self):
        with open(os.path.join(ROOT, "docs/protocol.md"), encoding="utf-8") as page:
            rows = re.findall(r"^\| (\d+) \| ([ui]\d+)(?:\[(\d+)\])? \| ([A-Za-z ]+?) \|", page.read(), re.MULTILINE)
        self.assertGreater(len(rows), 35)
        other_names = {
            "REQ_inode": "requests_inode", "RES_inode": "responses_inode", "HEAD_inode": "head_inode", "DATA_inode": "data_inode",
            "requester_pid": "server_pid", "responder_pid": "client_pid",
        }
        for offset, kind, count, name in rows:
            name = name.replace(" ", "_")
            field = getattr(chappe._Lines, other_names.get(name, name))
            self.assertEqual((int(offset), int(kind[1:]) // 8 * int(count or 1)), (field.offset, field.size), name)
        self.assertEqual(4096, ctypes.sizeof(chappe._Lines))


def fail_with_each_status(channel):
    with chappe.Client(channel, max_payload=10) as client:
        for status in list(chappe.Status)[1:]:
            client.receive(timeout=PATIENCE).fail(status, "é" * 600)
        try:
            with client.receive(timeout=PATIENCE):
                raise ZeroDivisionError("no reason")
        except ZeroDivisionError:
            pass
        try:
            with client.receive(timeout=PATIENCE) as request:
                request.buffer(11)
        except chappe.TooLarge:
            pass


class Descriptions(Case):
    def test_a_frame_arrives_with_its_description(self):
        self.client("--frame", "7x5x3")
        with chappe.Server(self.channel) as server, server.ask("é", timeout=PATIENCE) as response:
            self.assertEqual((105, 7, 5, 3, chappe.Kind.PIXELS), (response.length, response.width, response.height, response.channels, response.kind))
            self.assertEqual(chappe.Description(chappe.ElementType.U8, (5, 7, 3), (21, 3, 1), chappe.PixelFormat.RGB), response.description)
            seed = fnv1a("é".encode()) & 255
            self.assertEqual(bytes((seed + i % 251) & 255 for i in range(105)), bytes(response.data))

    def test_what_a_description_can_reach_is_inside_the_payload(self):
        u8, f64, rgb = chappe.ElementType.U8, chappe.ElementType.FLOAT64, chappe.PixelFormat.RGB
        good = ((u8, (), None, 0, 1), (f64, (2, 3), None, 0, 48), (f64, (2, 3), (8, 16), 0, 48), (u8, (4,), (0,), 0, 1), (u8, (0, 5), None, 0, 0),
                (u8, (1,), (-99,), 0, 1), (u8, (2, 2), (10, 1), 0, 12), (u8, (2, 2, 3), None, rgb, 12), (u8, (0,), (1 << 62,), 0, 0))
        bad = ((u8, (), None, 0, 0), (f64, (2, 3), None, 0, 47), (u8, (2,), (-1,), 0, 99), (u8, (3,), (1 << 62,), 0, 99), (u8, (1 << 62, 1 << 62), None, 0, 99),
               (u8, (2, 2), (10, 1), 0, 11), (u8, (2, 2), None, rgb, 4), (u8, (1, 1, 4), None, rgb, 4), (u8, (1,) * 9, None, 0, 1), (u8, (2,), (1, 1), 0, 9),
               (u8, (-1,), None, 0, 9), (u8, (1 << 63,), (0,), 0, 1))
        for element_type, shape, strides, pixel_format, length in good:
            self.assertIsNone(chappe.Description(element_type, shape, strides, pixel_format).fault(length), (shape, strides))
        for element_type, shape, strides, pixel_format, length in bad:
            self.assertIsNotNone(chappe.Description(element_type, shape, strides, pixel_format).fault(length), (shape, strides))

    def test_a_client_cannot_send_a_description_that_does_not_fit(self):
        client = self.background(describe_wrongly)
        with chappe.Server(self.channel) as server:
            self.assert_exchange(server, "x", b"12345678")
        self.ends_well(client)

    def test_a_server_believes_no_lines_that_cannot_be(self):
        client = self.background(answer_with_lies)
        with chappe.Server(self.channel) as server:
            for lie in LIES:
                with self.subTest(lie=lie), self.assertRaises(chappe.ProtocolError):
                    server.ask("x", timeout=PATIENCE)
                self.assert_exchange(server, "x", b"12345678")
        self.ends_well(client)

    def test_a_list_is_ended_by_NUL(self):
        client = self.background(answer_with_half_a_list)
        with chappe.Server(self.channel) as server, self.assertRaises(chappe.ProtocolError):
            server.names(timeout=PATIENCE)
        self.ends_well(client)


LIES = (("status", 11), ("kind", 6), ("kind", 0), ("kind", 5), ("media_type_length", 129), ("message_length", 1025), ("element_type", 14), ("pixel_format", 7),
        ("pixel_format", 3), ("rank", 9), ("shape", [9]), ("shape", [1 << 63]), ("shape", [(1 << 64) - 1]), ("strides", [-1]), ("strides", [1 << 61]),
        ("head", struct.pack("4Q", 1 << 63, 0, 0, 0)), ("head", struct.pack("4Q", 100_000, 0, 0, 0)), ("truncate", 3), ("truncate", 0), ("hole", 1 << 20))


def answer_with_lies(channel):
    with chappe.Client(channel) as client:
        for field, value in LIES:
            with client.receive(timeout=PATIENCE) as request:
                view = request.buffer(8)
                view[:] = b"12345678"
                chappe.step = lambda name: name == "StatusWritten" and lie(client._attachment, field, value)
                request.answer(description=chappe.Description(chappe.ElementType.U8, (8,)))
                chappe.step = None
            with client.receive(timeout=PATIENCE) as request:
                request.answer_bytes(b"12345678")


def lie(attachment, field, value):
    lines = attachment._control.lines
    if field == "head":
        attachment._home.head.write(value)
    elif field == "truncate":
        os.ftruncate(attachment.data.descriptor, value)
    elif field == "hole":
        os.ftruncate(attachment.data.descriptor, value)
        attachment._home.head.write(struct.pack("4Q", value, 0, 0, 0))
    elif isinstance(value, list):
        getattr(lines, field)[:len(value)] = value
    else:
        setattr(lines, field, value)


def describe_wrongly(channel):
    with chappe.Client(channel) as client, client.receive(timeout=PATIENCE) as request:
        for wrong in (dict(description=chappe.Description(chappe.ElementType.U8, (9,))), dict(kind=chappe.Kind.ERROR), dict(media_type="x" * 129),
                      dict(media_type="é"), dict(width=-1)):
            try:
                request.answer_bytes(b"12345678", **wrong)
            except ValueError:
                continue
            raise AssertionError(f"{wrong} was sent")
        request.answer_bytes(b"12345678")


def answer_with_half_a_list(channel):
    with chappe.Client(channel) as client, client.receive(timeout=PATIENCE) as request:
        request.answer_bytes(b"a\0b", kind=chappe.Kind.LIST)


@required(numpy is not None, "numpy")
class Arrays(Case):
    def test_an_array_is_the_memory_of_the_payload(self):
        self.client("--frame", "6x4x2")
        with chappe.Server(self.channel) as server:
            with server.ask("x", timeout=PATIENCE) as response:
                array = response.array()
                self.assertEqual(((4, 6, 2), numpy.uint8, False), (array.shape, array.dtype, array.flags.writeable))
                self.assertTrue(numpy.shares_memory(array, numpy.frombuffer(response.data, numpy.uint8)))
                self.assertEqual(bytes(response.data), array.tobytes())
            self.assert_exchange(server, "x", array.tobytes())  # the array lives on, and sees the next answer

    def test_every_kind_of_array_arrives(self):
        client = self.background(answer_arrays)
        with chappe.Server(self.channel) as server:
            for expected in arrays():
                with server.ask("x", timeout=PATIENCE) as response:
                    actual = response.array()
                    self.assertEqual((expected.dtype, expected.shape), (actual.dtype, actual.shape))
                    numpy.testing.assert_array_equal(expected, actual)
                    del actual
            with server.ask("in place", timeout=PATIENCE) as response:
                self.assertEqual((7, 5, 3, chappe.PixelFormat.BGR), (response.width, response.height, response.channels, response.description.pixel_format))
                numpy.testing.assert_array_equal(numpy.full((5, 7, 3), 9, numpy.uint8), response.array())
            with server.ask("strided", timeout=PATIENCE) as response:
                numpy.testing.assert_array_equal(numpy.arange(12, dtype=numpy.int32).reshape(3, 4).T, response.array())
            with server.ask("bfloat16", timeout=PATIENCE) as response, self.assertRaisesRegex(ValueError, "BFLOAT16"):
                response.array()
        self.ends_well(client)


def arrays():
    for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "?"):
        yield numpy.arange(24).astype(dtype).reshape(2, 3, 4)
    yield numpy.arange(24, dtype="f4").reshape(2, 3, 4)[:, ::2, ::-1]
    yield numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3))
    yield numpy.float64(1.5).reshape(())
    yield numpy.zeros((0, 3), "i8")


def answer_arrays(channel):
    with chappe.Client(channel) as client:
        for array in arrays():
            with client.receive(timeout=PATIENCE) as request:
                request.answer_array(array)
        with client.receive(timeout=PATIENCE) as request:
            frame = request.array((5, 7, 3))
            frame[...] = 9
            request.answer_array(frame, pixel_format=chappe.PixelFormat.BGR)
        with client.receive(timeout=PATIENCE) as request:
            request.answer_bytes(numpy.arange(12, dtype=numpy.int32), description=chappe.Description(chappe.ElementType.I32, (4, 3), (4, 16)))
        with client.receive(timeout=PATIENCE) as request:
            for wrong in (numpy.zeros(3, ">f4"), numpy.zeros(3, "c8"), numpy.zeros((2, 2), "u1")):
                try:
                    request.answer_array(wrong, pixel_format=chappe.PixelFormat.RGB)
                except ValueError:
                    continue
                raise AssertionError(f"{wrong} was sent")
            request.answer_bytes(b"12", description=chappe.Description(chappe.ElementType.BFLOAT16, (1,)))


class WithoutNumpy(Case):
    def test_arrays_say_what_they_need(self):
        hidden = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "numpy"}
        sys.modules.update({"numpy": None})
        try:
            with self.assertRaisesRegex(ImportError, "python3-numpy"):
                chappe._numpy()
        finally:
            del sys.modules["numpy"]
            sys.modules.update(hidden)
