"""What happens to one side when the other dies, stops, is late, posts strays, or speaks only the basic level; and the C# peers."""

import json
import os
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

from test_chappe import HERE, PATIENCE, ROOT, TOOL, Case, chappe, fnv1a, required

ATTACH_STEPS = ("AttachLocked", "AttachProcessWritten", "AttachIncarnationWritten", "AttachOpened")
TAKING_STEPS = ("RequestPostTaken", "TakerWritten")
IN_HAND_STEPS = ("TakenWritten", "NameRead", "RoomMade", "HeaderWritten", "StatusWritten")
ANSWERED_STEPS = ("DoneWritten", "ResponsePosted")
HOME_STEPS = ("HomeRequestsMade", "HomeResponsesMade", "HomeDataRecorded", "HomeDataPublished", "HomeHeaderRecorded", "HomeHeaderPublished",
              "HomeGenerationWritten", "HomeStateWritten")
BIRTH_STEPS = ("BirthMade", "BirthLocked", "BirthPublished", *HOME_STEPS)
MOVE_STEPS = ("ReHomeTicketCleared", "ReHomeStateWritten", "ReHomeUnlinked", *HOME_STEPS, "ReHomePosted")
ASK_STEPS = ("AskDrained", "AskNameWritten", "AskHeaderWritten", "AskPendingWritten", "AskTicketWritten", "AskPosted", "AnswerPostTaken", "AnswerSeen")
WITHDRAW_STEPS = ("WithdrawTicketCleared", "WithdrawPendingCleared")
CLOSE_STEPS = ("CloseStateWritten", "CloseHomeUnlinked", "CloseControlUnlinked", "ClosePosted")


def dying(step, passing=1):
    return {"CHAPPE_DIE_AT": f"{step}:{passing}"}


class FaultCase(Case):
    def setUp(self):
        super().setUp()
        self.content = self.file("a", os.urandom(100_000))

    def assert_all_is_well(self, server):
        for _ in range(10):
            self.assert_exchange(server, "a", self.content)

    def post(self, which, times):
        semaphore = chappe._Semaphore.open(f"/dev/shm/sem.SEM_{self.channel}_{which}", None)
        for _ in range(times):
            semaphore.post()
        semaphore.close()

    def wait_for_ticket(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            control = chappe._Control.open(f"/dev/shm/SEG_{self.channel}_CTRL")
            ticket = control.lines.ticket if control else 0
            if control:
                control.close()
            if ticket:
                return
            self.assertLess(time.monotonic(), deadline, "nothing was asked")
            time.sleep(0.01)


class DyingClients(FaultCase):
    def test_a_client_that_dies_while_it_attaches_leaves_the_request_to_the_next(self):
        for step in ATTACH_STEPS:
            with self.subTest(step=step), chappe.Server(self.channel) as server:
                dead = self.client(fault=dying(step))
                dead.expect("dies")
                self.assertEqual(-signal.SIGKILL, dead.end()[1])
                client = self.client("--count", 10)
                self.assert_all_is_well(server)
                self.assertEqual(0, client.end()[1])

    def test_a_request_of_a_client_that_dies_is_answered_by_the_stand_by(self):
        for step in (*TAKING_STEPS, *IN_HAND_STEPS, *ANSWERED_STEPS):
            with self.subTest(step=step), chappe.Server(self.channel) as server:
                dead = self.client(fault=dying(step))
                dead.expect("attached extended")
                stand_by = self.client()
                stand_by.expect("standing-by")
                self.assert_exchange(server, "a", self.content)
                if step != "RequestPostTaken":
                    dead.expect("dies")
                    self.assertEqual(-signal.SIGKILL, dead.end()[1])
                dead.discard()
                self.assert_all_is_well(server)
                stand_by.signal(signal.SIGTERM)
                served = [line for line in stand_by.end()[0] if line.startswith("served 0")]
                self.assertEqual(10 if step in ANSWERED_STEPS or dead.process.returncode == 0 else len(served), len(served))
                self.assertGreaterEqual(len(served), 10)

    def test_a_caller_that_wants_to_know_is_told_that_its_client_died(self):
        for step in IN_HAND_STEPS:
            with self.subTest(step=step), chappe.Server(self.channel) as server:
                dead = self.client(fault=dying(step))
                with self.assertRaisesRegex(chappe.PeerLost, str(dead.process.pid)):
                    server.ask("a", timeout=PATIENCE, retry=False)
                client = self.client("--count", 10)
                self.assert_all_is_well(server)
                client.end()

    def test_a_client_that_dies_while_it_follows_its_server_leaves_the_request_to_the_next(self):
        with chappe.Server(self.channel) as server:
            dead = self.client(fault=dying("FollowOpened"))
            self.assert_all_is_well(server)
            server.reset()
            dead.expect("dies")
            self.client()
            self.assert_all_is_well(server)

    def test_a_client_that_is_stopped_keeps_its_request_and_its_place(self):
        for step in IN_HAND_STEPS[1:]:
            with self.subTest(step=step), chappe.Server(self.channel) as server:
                stopped = self.client("--count", 1, fault={"CHAPPE_STOP_AT": step})
                stopped.expect("attached")
                stand_by = self.client()
                stand_by.expect("standing-by")
                with self.assertRaises(chappe.TimedOut):
                    server.ask("a", timeout=1.5)
                stopped.expect("stops")
                self.post("REQ", 1)
                self.post("RES", 1)
                with self.assertRaises(chappe.TimedOut):
                    server.ask("a", timeout=0.3)
                stopped.resume()
                stopped.expect("served 0 100000 a")
                stopped.end()
                self.assert_all_is_well(server)
                self.assertEqual(["standing-by"], stand_by.seen)
                stand_by.signal(signal.SIGTERM)
                stand_by.end()


class DyingServers(FaultCase):
    def test_a_server_that_dies_in_birth_leaves_a_channel_that_the_next_can_have(self):
        for step in BIRTH_STEPS:
            with self.subTest(step=step):
                client = self.client()
                client.expect("waiting")
                self.dies(step)
                with chappe.Server(self.channel) as server:
                    self.assert_all_is_well(server)
                client.signal(signal.SIGTERM)
                client.end()

    def test_a_server_that_dies_while_it_adopts_is_followed_by_a_third(self):
        for step in ("AdoptLocked", "AdoptOpened", "AdoptDrained"):
            with self.subTest(step=step):
                client = self.client()
                self.dies("AnswerSeen", "a")
                self.dies(step)
                with chappe.Server(self.channel) as server:
                    self.assert_all_is_well(server)
                client.signal(signal.SIGTERM)
                self.assertEqual(1, client.seen.count("attached extended") + client.end()[0].count("attached extended"), "it stays attached")

    def test_a_server_that_dies_while_it_moves_is_replaced(self):
        for step in MOVE_STEPS:
            with self.subTest(step=step):
                client = self.client()
                self.dies("HomeHeaderRecorded")
                self.dies(step)
                with chappe.Server(self.channel) as server:
                    self.assert_all_is_well(server)
                client.signal(signal.SIGTERM)
                client.end()

    def test_a_server_that_dies_with_a_request_is_replaced(self):
        for step in ASK_STEPS:
            with self.subTest(step=step):
                client = self.client()
                client.expect("waiting")
                self.dies(step, "a")
                with chappe.Server(self.channel) as server:
                    self.assert_all_is_well(server)
                client.signal(signal.SIGTERM)
                client.end()

    def test_a_server_that_dies_while_it_withdraws_is_replaced(self):
        for step in WITHDRAW_STEPS:
            with self.subTest(step=step):
                self.dies(step, "a", "--timeout", 100)
                client = self.client("--count", 10)
                with chappe.Server(self.channel) as server:
                    self.assert_all_is_well(server)
                    client.end()

    def test_a_server_that_dies_on_its_way_out_is_replaced(self):
        for step in CLOSE_STEPS:
            with self.subTest(step=step):
                client = self.client()
                self.dies(step, "a")
                with chappe.Server(self.channel) as server:
                    self.assert_all_is_well(server)
                client.signal(signal.SIGTERM)
                client.end()

    def test_the_next_server_waits_for_the_answer_that_a_client_has_in_hand(self):
        server = self.server_program("first")
        with chappe.Client(self.channel) as client:
            request = client.receive(timeout=PATIENCE)
            server.discard()
            after = self.server_program("--timeout", 1500, stdin=subprocess.PIPE)
            after.expect("open")
            after.tell("too early")
            after.expect("error timeout too early")
            request.answer_bytes(b"for the dead")
            after.tell("second")
            request = client.receive(timeout=PATIENCE)
            self.assertEqual("second", request.name)
            request.answer_bytes(b"for the living")
            self.assertIn(f"{fnv1a(b'for the living'):016x}", after.expect("answer"))
            self.assertEqual((["closed"], 1), after.end())

    def test_a_server_that_is_stopped_keeps_its_channel(self):
        for step in ("BirthPublished", "HomeDataPublished", "HomeStateWritten", "AskPosted", "CloseStateWritten"):
            with self.subTest(step=step):
                client = self.client("--count", 1)
                stopped = self.server_program("a", fault={"CHAPPE_STOP_AT": step})
                stopped.expect("stops")
                with self.assertRaisesRegex(chappe.ChannelInUse, str(stopped.process.pid)):
                    chappe.Server(self.channel)
                stopped.resume()
                self.assertEqual(0, stopped.end()[1])
                self.assertEqual(0, client.end()[1])

    def test_a_server_waits_a_moment_for_one_that_is_on_its_way_out(self):
        stopped = self.server_program("--list", "--timeout", 0, fault={"CHAPPE_STOP_AT": "CloseStateWritten"})
        stopped.expect("stops")
        timer = threading.Timer(0.3, stopped.resume)
        timer.start()
        with chappe.Server(self.channel) as server:
            self.client()
            self.assert_all_is_well(server)
        timer.join()

    def dies(self, step, *options):
        server = self.server_program(*options, fault=dying(step))
        server.expect("dies")
        self.assertEqual(-signal.SIGKILL, server.end()[1])


# This peer answers whole.
STREAMING = ("StartedWritten", "ProgressWritten")


class Steps(unittest.TestCase):
    def test_the_steps_are_those_of_the_other_peers(self):
        with open(os.path.join(ROOT, "src/Chappe.Exchange/Wire/FaultPoint.cs"), encoding="utf-8") as file:
            names = re.findall(r"^    ([A-Z]\w+),$", file.read(), re.MULTILINE)
        with open(os.path.join(HERE, "chappe.py"), encoding="utf-8") as file:
            source = file.read()
        self.assertGreater(len(names), 40)
        self.assertEqual([], [name for name in names if name not in STREAMING and f'"{name}"' not in source])


class LateAndCancelled(FaultCase):
    def test_a_late_answer_goes_to_nobody_and_the_next_request_waits_for_it(self):
        server = self.server_program("--timeout", 1500, stdin=subprocess.PIPE)
        with chappe.Client(self.channel) as client:
            server.tell("first")
            request = client.receive(timeout=PATIENCE)
            self.assertFalse(request.is_withdrawn)
            server.expect("error timeout first")
            self.assertTrue(request.is_withdrawn)
            server.tell("second")
            server.expect("error timeout second")
            request.answer_bytes(b"late")
            with self.assertRaises(chappe.TimedOut):
                client.receive(timeout=0.2)
            server.tell("third")
            request = client.receive(timeout=PATIENCE)
            self.assertEqual("third", request.name)
            request.answer_bytes(b"in time")
            self.assertIn(f"{fnv1a(b'in time'):016x} - third", server.expect("answer"))
            self.assertEqual(1, server.end()[1])

    def test_a_wait_ends_when_it_is_cancelled_or_its_time_is_over(self):
        with chappe.Server(self.channel) as server:
            for wants in (chappe.Wants.ANY, chappe.Wants.LIST):
                cancel = threading.Event()
                timer = threading.Timer(0.2, cancel.set)
                timer.start()
                with self.assertRaises(chappe.Cancelled):
                    server.ask("a", wants=wants, timeout=None, cancel=cancel)
                timer.join()
                with self.assertRaisesRegex(chappe.TimedOut, "no extended client"):
                    server.ask("a", wants=wants, timeout=0.1)
                with self.assertRaises(TimeoutError):
                    server.ask("a", wants=wants, timeout=0)
            self.client()
            self.assert_all_is_well(server)
        with chappe.Client(self.channel) as client:
            cancel = threading.Event()
            cancel.set()
            with self.assertRaises(chappe.Cancelled):
                client.receive(cancel=cancel)
            with self.assertRaises(chappe.TimedOut):
                client.receive(timeout=0.1)

    def test_a_client_that_never_answers_is_left_behind_by_a_reset(self):
        with chappe.Server(self.channel) as server:
            stopped = self.client(fault={"CHAPPE_STOP_AT": "NameRead"})
            stopped.expect("attached")
            with self.assertRaises(chappe.TimedOut):
                server.ask("a", timeout=1.5)
            stopped.expect("stops")
            server.reset()
            with self.assertRaises(chappe.TimedOut):
                server.ask("a", timeout=0.2)
            stopped.resume()
            self.assert_all_is_well(server)

    def test_a_request_withdrawn_under_its_taker_is_handed_back(self):
        with chappe.Server(self.channel) as server:
            for step in ("TakerWritten", "TakenWritten"):
                client = self.client("--count", 10, fault={"CHAPPE_STOP_AT": step})
                client.expect("attached")
                with self.assertRaises(chappe.TimedOut):
                    server.ask("nothing", timeout=1.5)
                client.expect("stops")
                client.resume()
                self.assert_all_is_well(server)
                self.assertNotIn("served 1 0 nothing", client.end()[0])

    def test_a_client_that_ends_with_a_request_in_hand_says_so(self):
        server = self.server_program("a")
        with chappe.Client(self.channel) as client:
            client.receive(timeout=PATIENCE)
        server.expect("failed 9 a")
        server.end()


class StraysAndNames(FaultCase):
    def test_stray_posts_change_nothing(self):
        with chappe.Server(self.channel) as server:
            client = self.client()
            self.assert_all_is_well(server)
            for _ in range(5):
                self.post("REQ", 50)
                self.post("RES", 50)
                self.assert_all_is_well(server)
            self.assertNotIn("error", " ".join(client.seen))

    def test_strays_while_a_request_is_in_hand_are_no_answer(self):
        server = self.server_program("x")
        with chappe.Client(self.channel) as client:
            request = client.receive(timeout=PATIENCE)
            self.post("RES", 500)
            time.sleep(0.2)  # for the server to have a chance to believe them
            request.answer_bytes(b"answer")
            self.assertIn(f"{fnv1a(b'answer'):016x}", server.expect("answer"))
            server.end()

    def test_a_flood_of_posts_is_an_error_and_the_channel_goes_on(self):
        server = self.server_program(stdin=subprocess.PIPE)
        with chappe.Client(self.channel) as client:
            server.tell("x")
            request = client.receive(timeout=PATIENCE)
            self.post("RES", 20_000)
            server.expect("error protocol x: more than 10000 posts")
            request.answer_bytes(b"late")
            self.post("REQ", 20_000)
            with self.assertRaisesRegex(chappe.ProtocolError, "more than 10000 posts"):
                client.receive(timeout=PATIENCE)
            server.tell("y")
            client.receive(timeout=PATIENCE).answer_bytes(b"answer")
            self.assertIn(f"{fnv1a(b'answer'):016x}", server.expect("answer"))
            server.end()

    def test_a_server_that_changes_its_request_without_end_is_an_error(self):
        with chappe.Server(self.channel), chappe.Client(self.channel) as client:
            with self.assertRaises(chappe.TimedOut):
                client.receive(timeout=0.2)
            control = client._attachment._control
            control.lines.ticket = 1
            chappe.step = lambda name: name == "TakenWritten" and setattr(control.lines, "ticket", control.lines.ticket + 1)
            try:
                with self.assertRaisesRegex(chappe.ProtocolError, "all the time"):
                    client.receive(timeout=PATIENCE)
            finally:
                chappe.step = None

    def test_requests_that_cannot_be_are_refused(self):
        with chappe.Server(self.channel) as server:
            self.client()
            self.assert_all_is_well(server)
            for lie, expected in ((lambda: setattr(server._control.lines, "wants", 4), chappe.Status.UNSUPPORTED),
                                  (lambda: server._home.head.write(struct.pack("Q", 4097)), chappe.Status.INVALID_NAME),
                                  (lambda: server._home.head.write(struct.pack("Q", 0)), chappe.Status.INVALID_NAME),
                                  (lambda: server._home.data.write(b"\xff"), chappe.Status.INVALID_NAME),
                                  (lambda: os.ftruncate(server._home.data.descriptor, 0), chappe.Status.INVALID_NAME)):
                chappe.step = lambda name: name == "AskPendingWritten" and lie()
                try:
                    with self.assertRaises(chappe.RequestFailed) as caught:
                        server.ask("a", timeout=PATIENCE)
                finally:
                    chappe.step = None
                self.assertEqual(expected, caught.exception.status)
                self.assert_all_is_well(server)

    def test_names_that_vanish_cost_no_exchange(self):
        with chappe.Server(self.channel) as server:
            client = self.client()
            self.assert_all_is_well(server)
            names = self.objects()
            for vanishing in ([name] for name in names):
                with self.subTest(vanishing=vanishing):
                    for name in vanishing:
                        os.unlink(f"/dev/shm/{name}")
                    self.assert_all_is_well(server)
                    self.assertEqual(names, self.objects())
            for name in names:
                os.unlink(f"/dev/shm/{name}")
            self.assert_all_is_well(server)
            self.assertNotIn("error", " ".join(client.seen))

    def test_names_that_vanish_before_a_client_is_there_are_made_again_for_it(self):
        server = self.server_program("a")
        self.wait_for_ticket()
        for name in self.objects():
            os.unlink(f"/dev/shm/{name}")
        self.client()
        server.expect("answer extended 1 100000")
        server.end()

    def test_names_that_vanish_while_a_request_is_in_hand_cost_no_answer(self):
        server = self.server_program("x")
        with chappe.Client(self.channel) as client:
            request = client.receive(timeout=PATIENCE)
            for name in self.objects():
                os.unlink(f"/dev/shm/{name}")
            time.sleep(0.2)  # for the server to notice
            request.answer_bytes(b"answer")
            self.assertIn(f"{fnv1a(b'answer'):016x}", server.expect("answer"))
            server.end()

    def test_a_second_server_is_refused(self):
        with chappe.Server(self.channel) as server:
            refused = self.server_program("a")
            refused.expect("error in-use : ")
            self.assertEqual(([], 2), refused.end())
            self.client()
            self.assert_all_is_well(server)

    def test_another_version_and_other_files_are_refused_and_left_alone(self):
        path = f"/dev/shm/SEG_{self.channel}_CTRL"
        for content, expected in ((struct.pack("8sII", b"CHAPPE\0\0", 2, 4096).ljust(4096, b"\0"), "version 2.*version 1"), (bytes(4096), "no CTRL"), (b"", "no CTRL")):
            with open(path, "wb") as file:
                file.write(content)
            for refused in (lambda: chappe.Server(self.channel), lambda: chappe.Client(self.channel).receive(timeout=PATIENCE)):
                with self.assertRaisesRegex(chappe.ProtocolError, expected):
                    refused()
            with open(path, "rb") as file:
                self.assertEqual(content, file.read())
            os.unlink(path)
        os.mkdir(path)
        with self.assertRaisesRegex(chappe.ProtocolError, "no file"):
            chappe.Server(self.channel)
        os.rmdir(path)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file to another user")
    def test_what_belongs_to_another_user_is_not_touched(self):
        with chappe.Server(self.channel):
            for name in self.objects():
                os.chown(f"/dev/shm/{name}", 12345, -1)
            with chappe.Client(self.channel) as client, self.assertRaisesRegex(chappe.ForeignObject, "12345"):
                client.receive(timeout=PATIENCE)
            with chappe.Client(self.channel, owner=12345) as client, self.assertRaises(chappe.TimedOut):
                client.receive(timeout=0.2)
            with self.assertRaises(chappe.ForeignObject):
                chappe.Server(self.channel)

    def test_a_fork_leaves_the_channel_to_its_parent(self):
        server = chappe.Server(self.channel)
        child = os.fork()
        if child == 0:
            server.close()
            time.sleep(PATIENCE)
            os._exit(0)
        try:
            time.sleep(0.2)
            self.assertEqual(5, len(self.objects()))
            server._control.close()  # as a death would: the names stay
            with chappe.Server(self.channel) as after:
                self.client()
                self.assert_all_is_well(after)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "only root can have a small /dev/shm of its own")
    def test_a_full_dev_shm_is_an_answer(self):
        program = (f"import sys; sys.path.insert(0, {HERE!r}); import test_faults; test_faults.exchange_without_room({self.channel!r}, {self.folder!r})")
        self.file("large", bytes(3 << 20))
        finished = subprocess.run(["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs /dev/shm && exec "$@"', "-", sys.executable, "-B", "-c", program],
                                  capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((0, ""), (finished.returncode, finished.stderr))


def exchange_without_room(channel, folder):
    client = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, "client.py"), channel, folder], stdout=subprocess.DEVNULL)
    try:
        with chappe.Server(channel) as server:
            for _ in range(3):
                try:
                    server.ask("large", timeout=PATIENCE)
                except chappe.RequestFailed as failure:
                    assert failure.status == chappe.Status.NO_SPACE and "3145728 bytes needed" in failure.message, failure
                else:
                    raise AssertionError("there was room")
                with server.ask("a", timeout=PATIENCE) as response:
                    assert response.length == 100_000
    finally:
        client.terminate()
        client.wait()
    with open("/dev/shm/filler", "wb") as filler:
        try:
            filler.write(bytes(2 << 20))
        except OSError:
            pass
    try:
        chappe.Server(channel)
    except chappe.NoSpace as error:
        assert "tmpfs" in str(error), error
    else:
        raise AssertionError("there was room")
    assert os.listdir("/dev/shm") == ["filler"], os.listdir("/dev/shm")


@required(shutil.which("cc"), "a C compiler")
class BasicPeers(FaultCase):
    @classmethod
    def setUpClass(cls):
        cls.build = tempfile.mkdtemp(prefix="chappe-")
        cls.addClassCleanup(shutil.rmtree, cls.build)
        cls.basic = os.path.join(cls.build, "basic")
        subprocess.run(["cc", "-std=c11", "-O2", "-pthread", os.path.join(ROOT, "tests/peers/basic.c"), "-o", cls.basic, "-lrt"], check=True)

    def start_basic(self, role, *words):
        return self.start(self.basic, role, "--channel", self.channel, "--timeout", PATIENCE, *words)

    def test_a_basic_client_answers_payloads_of_all_sizes(self):
        sizes = (0, 1, 4095, 4096, 4097, 3_000_000, 5, 70_000, 2)
        for size in sizes:
            self.file(f"f{size}", os.urandom(size))
        pixels = self.file("frame.20x10x3.raw", os.urandom(600))
        with chappe.Server(self.channel) as server:
            self.start_basic("client", "--die-on-missing=no", self.folder)
            for _ in range(3):
                for size in sizes:
                    with server.ask(f"f{size}", timeout=PATIENCE) as response:
                        with open(os.path.join(self.folder, f"f{size}"), "rb") as file:
                            self.assertEqual(file.read(), bytes(response.data))
                        self.assertEqual((chappe.Level.BASIC, size), (response.level, response.length))
                with server.ask("frame", timeout=PATIENCE) as response:
                    self.assertEqual((pixels, 20, 10, 3, chappe.Kind.PIXELS),
                                     (bytes(response.data), response.width, response.height, response.channels, response.kind))
                self.assert_exchange(server, "missing", b"")

    def test_a_basic_client_may_be_there_first_or_leave_and_be_followed(self):
        first = self.start_basic("client", "--count", 2, self.folder)
        deadline = time.monotonic() + PATIENCE
        while len(self.objects()) < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        with chappe.Server(self.channel) as server:
            self.assert_exchange(server, "a", self.content)
            self.assert_exchange(server, "a", self.content)
            self.assertEqual(0, first.end()[1])
            self.start_basic("client", "--count", 1, self.folder)
            self.assert_exchange(server, "a", self.content)
            self.client()
            self.assert_all_is_well(server)

    def test_a_basic_client_that_dies_costs_one_deadline_and_an_extended_one_needs_no_reset(self):
        for death in ("--die-before-post", "--die-after-header"):
            with self.subTest(death=death), chappe.Server(self.channel) as server:
                dead = self.start_basic("client", death, self.folder)
                with self.assertRaises(chappe.TimedOut):
                    server.ask("a", timeout=2)
                self.assertEqual(1, dead.end()[1])
                with self.assertRaises(chappe.TimedOut):
                    server.ask("a", timeout=0.2)
                client = self.client("--count", 10)
                self.assert_all_is_well(server)
                client.end()

    def test_a_late_basic_answer_goes_to_nobody(self):
        self.file("b", b"b" * 10)
        with chappe.Server(self.channel) as server:
            self.start_basic("client", "--slow-ms", 1500, self.folder)
            with self.assertRaises(chappe.TimedOut):
                server.ask("a", timeout=1)
            self.assert_exchange(server, "b", b"b" * 10)

    def test_a_client_answers_basic_servers_one_after_the_other(self):
        self.file("b", b"b" * 10)
        self.file("large", bytes(range(256)) * 20_000)
        client = self.client()
        for how in (("--unlink-on-exit", "yes"), ("--unlink-on-exit", "no"), ("--truncate-data-to-message", "no")):
            server = self.start_basic("server", *how, "a", "b", "large", "missing", "../x", "a")
            lines, status = server.end()
            self.assertEqual(0, status)
            self.assertEqual([f"a 100000 0 0 0 {fnv1a(self.content):016x}", f"b 10 0 0 0 {fnv1a(b'b' * 10):016x}",
                              f"large 5120000 0 0 0 {fnv1a(bytes(range(256)) * 20_000):016x}", f"missing 0 0 0 0 {fnv1a(b''):016x}",
                              f"../x 0 0 0 0 {fnv1a(b''):016x}", f"a 100000 0 0 0 {fnv1a(self.content):016x}"], lines)
        client.signal(signal.SIGTERM)
        lines, status = client.end()
        self.assertEqual((0, True), (status, "attached basic" in lines))

    def test_a_basic_server_gets_pixels(self):
        self.client("--frame", "50x40x3")
        lines, status = self.start_basic("server", "x").end()
        self.assertEqual(("x 6000 50 40 3", 0), (lines[0][:14], status))

    def test_a_client_finds_the_basic_server_that_came_after_an_extended_one_died_and_the_reverse(self):
        client = self.client()
        dead = self.server_program("a", fault=dying("AnswerSeen"))
        dead.expect("dies")
        dead.end()
        for end in ("SEG_{}_HEAD", "SEG_{}_DATA", "sem.SEM_{}_REQ", "sem.SEM_{}_RES"):
            os.unlink("/dev/shm/" + end.format(self.channel))
        basic = self.start_basic("server", "--pause-ms", 300, "a", "a", "a")
        self.assertEqual(0, basic.end()[1])
        client.expect("attached basic")
        client.expect("waiting")
        os.unlink(f"/dev/shm/SEG_{self.channel}_CTRL")
        with chappe.Server(self.channel) as server:
            self.assert_all_is_well(server)
        client.expect("attached extended")

    def test_a_server_refuses_the_channel_of_a_basic_one(self):
        self.start_basic("server", "a")
        deadline = time.monotonic() + PATIENCE
        while len(self.objects()) < 4:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        with self.assertRaisesRegex(chappe.ChannelInUse, "basic level"):
            chappe.Server(self.channel)
        self.client("--count", 1).end()


@required(os.access(TOOL, os.X_OK), "the tool: dotnet build src/Chappe.Tool -c Release")
class WithTheTool(FaultCase):
    """The programs in C#, in both roles."""

    def tool(self, *words, **how):
        return self.start(TOOL, *words, "-c", self.channel, "--json", **how)

    def test_its_server_asks_this_client(self):
        self.file("b.txt", b"text")
        client = self.client("--count", 3)
        out = os.path.join(self.folder, ".out")
        lines, status = self.tool("server", "a", "b.txt", "missing", "--out", out).end()
        answers = [json.loads(line) for line in lines]
        self.assertEqual([("a", "ok", 100_000), ("b.txt", "ok", 4), ("missing", "not-found", 0)], [(a["name"], a["status"], a["bytes"]) for a in answers])
        self.assertEqual(1, status)
        with open(answers[0]["file"], "rb") as file:
            self.assertEqual(self.content, file.read())
        client.end()

    def test_its_server_has_frames_of_this_client(self):
        self.client("--frame", "40x30x3")
        lines, status = self.tool("server", "x", "--want", "pixels", "--out", os.path.join(self.folder, ".out")).end()
        answer = json.loads(lines[0])
        self.assertEqual(0, status)
        self.assertEqual(("ok", "pixels", 3600, 40, 30, 3), tuple(answer[name] for name in ("status", "kind", "bytes", "width", "height", "channels")))

    def test_its_client_answers_this_server(self):
        for size in (0, 1, 4096, 3_000_000, 7):
            self.file(f"f{size}", os.urandom(size))
        self.tool("client", self.folder)
        with chappe.Server(self.channel) as server:
            for size in (0, 1, 4096, 3_000_000, 7, 4096):
                with open(os.path.join(self.folder, f"f{size}"), "rb") as file:
                    self.assert_exchange(server, f"f{size}", file.read())
            self.assertEqual({"a", "f0", "f1", "f4096", "f3000000", "f7"}, set(server.names(timeout=PATIENCE)))
            for name, expected in (("missing", chappe.Status.NOT_FOUND), ("../x", chappe.Status.FORBIDDEN)):
                with self.assertRaises(chappe.RequestFailed) as caught:
                    server.ask(name, timeout=PATIENCE)
                self.assertEqual(expected, caught.exception.status)

    def test_its_client_describes_pixels(self):
        client = self.start(TOOL, "client", os.path.join(ROOT, "samples/images"), "-c", self.channel, "--json")
        with chappe.Server(self.channel) as server, server.ask("ball.png", wants=chappe.Wants.PIXELS, timeout=PATIENCE) as response:
            self.assertEqual(chappe.Description(chappe.ElementType.U8, (660, 660, 4), None, chappe.PixelFormat.RGBA), response.description)
            self.assertEqual(660 * 660 * 4, response.length)
        client.signal(signal.SIGINT)
        client.end()

    def test_one_side_dies_and_another_language_goes_on(self):
        tool = self.tool("client", self.folder)
        for step in (*ASK_STEPS, "AdoptLocked", "AdoptDrained"):
            dead = self.server_program("a", fault=dying(step))
            dead.expect("dies")
            dead.end()
        lines, status = self.tool("server", "a", "--out", os.path.join(self.folder, ".out")).end()
        self.assertEqual(("ok", 0), (json.loads(lines[0])["status"], status))
        tool.signal(signal.SIGINT)
        tool.end()
        for step in (*ATTACH_STEPS, *IN_HAND_STEPS):
            with self.subTest(step=step):
                dead = self.client(fault=dying(step))
                server = self.tool("server", "a", "--out", os.path.join(self.folder, ".out"))
                dead.expect("dies")
                dead.end()
                client = self.client("--count", 1)
                self.assertEqual(("ok", 100_000), status_and_bytes(server.expect("{")))
                self.assertEqual(0, server.end()[1])
                client.end()


def status_and_bytes(line):
    answer = json.loads(line)
    return answer["status"], answer["bytes"]


del FaultCase, Case

if __name__ == "__main__":
    unittest.main()
