"""Exchange requests and large payloads with another process on this Linux machine, through shared memory.

The server asks, and owns the channel:

    with chappe.Server("ibis") as server:
        with server.ask("apple.jpg", timeout=5) as response:
            response.data                     # a memoryview of the shared memory itself, until the response is closed
            response.width, response.media_type, response.description
            response.array()                  # the same memory as a numpy array
        server.names()                        # what the client has

The client answers:

    with chappe.Client("ibis") as client:
        with client.receive() as request:     # waits for the server too, and stands by while another client serves
            view = request.buffer(1920 * 1080 * 3)     # shared memory to fill
            camera.readinto(view)
            request.answer(width=1920, height=1080, channels=3, kind=chappe.Kind.PIXELS)
            # or  request.answer_bytes(b"...")  request.answer_array(array)  request.answer_names([...])
            # or  request.fail(chappe.Status.NOT_FOUND, "no such file")

One exchange at a time. What a closed response or an answered request lent is to be left alone: the memory is still
mapped for whoever kept a slice or an array, but the next exchange writes there. A Server or Client is for one thread.
A process that forks without exec leaves the channel to the parent.

Everything that goes wrong is a ChappeError: TimedOut, Cancelled, RequestFailed (the client said no), PeerLost,
ChannelInUse, ProtocolError (the other side broke the rules), NoSpace, TooLarge, ForeignObject. Wrong arguments are ValueErrors.

Python 3.9, Linux with glibc 2.30, and nothing else. The protocol is docs/protocol.md; names and order here are its.
"""

from __future__ import annotations

import ctypes
import dataclasses
import enum
import errno
import fcntl
import mmap
import os
import secrets
import stat
import struct
import sys
import threading
import time
import weakref
from typing import Any, Callable, Iterable, Optional, Sequence

step: Optional[Callable[[str], None]] = None
"""For tests: called with the name of each step of the protocol once it is behind us."""


class Wants(enum.IntEnum):
    """What the server asks for."""

    ANY, FILE, PIXELS, LIST = range(4)


class Kind(enum.IntEnum):
    """What the payload is. ERROR and NONE carry none."""

    NONE, FILE, PIXELS, LIST, BYTES, ERROR = range(6)


class Status(enum.IntEnum):
    """How the client did."""

    OK, NOT_FOUND, FORBIDDEN, AMBIGUOUS, INVALID_NAME, TOO_LARGE, NO_SPACE, UNREADABLE, UNSUPPORTED, CANCELLED, INTERNAL = range(11)


class ElementType(enum.IntEnum):
    """The type of one element of a tensor, or of one sample of an image. NONE: not said."""

    NONE, U8, I8, U16, I16, U32, I32, U64, I64, FLOAT16, FLOAT32, FLOAT64, BFLOAT16, BOOLEAN = range(14)

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return (0, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 2, 1)[self]


class PixelFormat(enum.IntEnum):
    """The order of the samples of one pixel. NONE: not said, or no image. Alpha is not premultiplied."""

    NONE, GREY, GREY_ALPHA, RGB, RGBA, BGR, BGRA = range(7)

    @property
    def channels(self) -> int:
        """Samples of one pixel."""
        return (0, 1, 2, 3, 4, 3, 4)[self]


class Level(enum.Enum):
    """Whether the other side speaks the whole protocol or only HEAD, DATA and the two semaphores."""

    BASIC, EXTENDED = "basic", "extended"


@dataclasses.dataclass(frozen=True)
class Description:
    """What the bytes of a payload are: a tensor, or an image of the shape (height, width, channels).

    shape counts elements, strides bytes, the outermost dimension first. Without strides the elements are packed.
    """

    element_type: ElementType
    shape: tuple[int, ...]
    strides: Optional[tuple[int, ...]] = None
    pixel_format: PixelFormat = PixelFormat.NONE

    def __post_init__(self) -> None:
        object.__setattr__(self, "element_type", ElementType(self.element_type))
        object.__setattr__(self, "pixel_format", PixelFormat(self.pixel_format))
        object.__setattr__(self, "shape", tuple(int(length) for length in self.shape))
        if self.strides is None:
            strides, stride = [], self.element_type.size
            for length in reversed(self.shape):
                strides.append(stride)
                stride *= max(length, 1)
            object.__setattr__(self, "strides", tuple(reversed(strides)))
        else:
            object.__setattr__(self, "strides", tuple(int(stride) for stride in self.strides))

    @property
    def count(self) -> int:
        """The number of elements."""
        product = 1
        for length in self.shape:
            product *= length
        return product

    def fault(self, length: int) -> Optional[str]:
        """What keeps this from describing a payload of so many bytes; None if nothing does."""
        assert self.strides is not None
        if len(self.shape) > MAX_RANK or len(self.shape) != len(self.strides):
            return f"a shape of {len(self.shape)} dimensions with {len(self.strides)} strides (at most {MAX_RANK}, as many of each)"
        if any(not 0 <= n < 1 << 63 for n in self.shape) or any(not -(1 << 63) <= n < 1 << 63 for n in self.strides):
            return f"the shape {self.shape} with the strides {self.strides}: beyond any size"
        if self.pixel_format and (len(self.shape) != 3 or self.shape[2] != self.pixel_format.channels):
            return f"{self.pixel_format.name} for the shape {self.shape}: an image is height, width, {self.pixel_format.channels}"
        if self.count == 0:
            return None
        reaches = [(n - 1) * stride for n, stride in zip(self.shape, self.strides)]
        lowest = sum(reach for reach in reaches if reach < 0)
        end = sum(reach for reach in reaches if reach > 0) + self.element_type.size
        if lowest < 0 or end > length:
            return f"elements from byte {lowest} to byte {end} in a payload of {length}"
        return None


class ChappeError(Exception):
    """The base of what can go wrong in an exchange."""


class TimedOut(ChappeError, TimeoutError):
    """The time given was over first."""


class Cancelled(ChappeError):
    """The event given was set first."""


class RequestFailed(ChappeError):
    """The client answered that it cannot: status says how, message is the client's text."""

    def __init__(self, name: str, status: Status, message: str):
        super().__init__(f"{name!r}: {status.name.lower().replace('_', ' ')}{': ' if message else ''}{message}")
        self.name, self.status, self.message = name, status, message


class PeerLost(ChappeError):
    """The client died with the request in hand."""


class ChannelInUse(ChappeError):
    """Another server has the channel, or its names belong to somebody else."""


class ProtocolError(ChappeError):
    """What stands in shared memory is not what the protocol allows."""


class NoSpace(ChappeError):
    """/dev/shm has no room."""


class TooLarge(ChappeError):
    """The payload is larger than this side's maximum."""


class ForeignObject(ChappeError, PermissionError):
    """What stands under a name of the channel belongs to another user."""


MAX_PAYLOAD = 4 << 30
MAX_NAME, MAX_MEDIA_TYPE, MAX_MESSAGE, MAX_RANK = 4096, 128, 1024, 8


class Server:
    """Asks, and owns the channel: makes its names, or adopts those of a server that died, and removes them at the end.

    mode: of the names, whatever the umask. max_payload: the bytes beyond which an answer is refused.
    """

    def __init__(self, channel: str, *, mode: int = 0o600, max_payload: int = MAX_PAYLOAD):
        self._names = _Names(channel)
        self._mode, self._max_payload = mode, max_payload
        self._process = os.getpid()
        self._ticket = secrets.randbits(64)
        self._outstanding: Optional[Level] = None
        self._ticket_outstanding = 0
        self._response: Optional[Response] = None
        self._control: _Control
        self._home: Optional[_Home] = None
        self._open()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def client_pid(self) -> Optional[int]:
        """The process of the extended client that is there, as it sees itself. None if none is."""
        return self._control.lines.client_pid if self._control.client_is_alive() else None

    def ask(self, name: str, *, wants: Wants = Wants.ANY, timeout: Optional[float] = 30.0,
            cancel: Optional[threading.Event] = None, retry: bool = True) -> Response:
        """Asks for name and waits for the answer, for a client to come too. Close the response before the next request.

        A request that a dying client had in hand goes to the next client; with retry=False that is PeerLost.
        """
        if self._response is not None:
            raise ValueError("the last response is still in use: close it first, a channel carries one exchange at a time")
        encoded = name.encode()
        if not (wants == Wants.LIST or encoded) or len(encoded) > MAX_NAME:
            raise ValueError(f"a name has 1 to {MAX_NAME} bytes of UTF-8, this has {len(encoded)}")
        limit = _Limit(timeout, cancel)
        self._wait_until_nothing_is_outstanding(name, limit)
        while wants == Wants.LIST and not self._control.client_is_alive():
            self._give_up_past(limit, name)  # a basic client knows no list and must not see one asked for
            time.sleep(limit.slice_seconds())
        try:
            while True:
                self._post_request(encoded, wants)
                answer = self._wait_for_answer(name, limit, retry)
                if answer is not None:
                    break
                self._give_up_past(limit, name)
        except BaseException:
            self._withdraw()
            raise
        self._response = answer.to_response(name, self, self._home.data, self._max_payload)
        return self._response

    def names(self, *, timeout: Optional[float] = 30.0, cancel: Optional[threading.Event] = None) -> list[str]:
        """The names that the client can be asked for. Waits for an extended client: a basic one has no list."""
        with self.ask("", wants=Wants.LIST, timeout=timeout, cancel=cancel) as response:
            return response.names()

    def reset(self) -> None:
        """Leaves a client that does not answer behind: moves the channel to new objects under the same names."""
        self._move()

    def close(self) -> None:
        """Ends the channel and removes its names."""
        if self._control.is_closed:
            return
        if self._response is not None:
            self._response.close()
        if self._process == os.getpid():
            self._end()
        if self._home is not None:
            self._home.close()
        self._control.close()

    # Owning a channel.

    def _open(self) -> None:
        patience = _Limit(_CLOSING_PATIENCE, None)
        for _ in range(_ATTEMPTS):
            control = _Control.open(self._names.control)
            if control is None:
                self._refuse_a_basic_server()
                control = _Control.birth(self._names.control, self._mode)
                if control is None:
                    continue
                self._control = control
                try:
                    self._home = _Home.make(self._names, control, self._mode)
                except BaseException:
                    self.close()
                    raise
                return
            self._control = control
            try:
                if self._adopt(patience):
                    return
            except BaseException:
                self._control.close()
                raise
            self._control.close()
        raise ChannelInUse(f"the channel {self._names.channel!r} appears and vanishes all the time: see who else makes it")

    def _refuse_a_basic_server(self) -> None:
        for path in (self._names.head, self._names.data):
            if os.path.lexists(path):
                raise ChannelInUse(f"{path} belongs to a server of the basic level, living or dead: "
                                   f"end it, or remove the file if it is dead (chappe remove {self._names.channel})")

    def _adopt(self, patience: _Limit) -> bool:
        control, lines = self._control, self._control.lines
        if not control.lock(_SERVER_BYTE):
            if (lines.state == _CLOSED or not control.has_its_name()) and not patience.is_over():
                time.sleep(patience.slice_seconds())
                return False
            raise ChannelInUse(f"the channel {self._names.channel!r} is in use by the server with process id {lines.server_pid}")
        _passed("AdoptLocked")
        if not control.has_its_name():
            return False
        lines.server_pid = os.getpid()
        self._home = _Home.open(self._names, control) if lines.state == _OPEN else None
        if self._home is not None:
            _passed("AdoptOpened")
            pending, taken, done = lines.pending, lines.taken, lines.done
            in_hand = taken == pending != done and control.taker_is_alive()
            if pending == 0 or done == pending or in_hand:
                self._control.store("ticket", 0)
                self._home.drain()
                _passed("AdoptDrained")
                # The answer that an owner before this one asked for.
                self._ticket_outstanding, self._outstanding = pending, Level.EXTENDED if in_hand else None
                return True
        self._move()
        return True

    def _move(self) -> None:
        """Makes new semaphores, HEAD and DATA under the same names: re-homing."""
        lines, old = self._control.lines, self._home
        self._control.store("ticket", 0)
        _passed("ReHomeTicketCleared")
        lines.state = _BUILDING  # before pending: whoever adopts an open home in which nothing is pending writes to it
        _passed("ReHomeStateWritten")
        lines.pending = 0
        has_client = self._control.client_is_alive()
        requests = old.requests if old else _Semaphore.open(self._names.requests, lines.requests_inode)
        self._unlink_home()
        _passed("ReHomeUnlinked")
        if not self._control.has_its_name():
            lines.state = _CLOSED
            control = _Control.birth(self._names.control, self._mode)
            if control is None:
                raise ChannelInUse(f"{self._names.control} was removed, and made again by another server")
            self._control.close()
            self._control = control
            _passed("ControlReplaced")
        self._home = _Home.make(self._names, self._control, self._mode)
        self._outstanding = None
        if requests is not None and has_client:
            requests.post()  # a basic client would take it for a request
        _passed("ReHomePosted")
        if old is not None:
            old.close()
        elif requests is not None:
            requests.close()

    def _unlink_home(self) -> None:
        recorded = self._control.inodes()
        remembered = self._home.inodes if self._home is not None else recorded
        for path, *inodes in zip(self._names.home(), recorded, remembered):
            _unlink_if(path, inodes)

    def _end(self) -> None:
        self._control.store("ticket", 0)
        self._control.lines.state = _CLOSED
        _passed("CloseStateWritten")
        self._unlink_home()
        _passed("CloseHomeUnlinked")
        _unlink_if(self._names.control, [self._control.inode])
        _passed("CloseControlUnlinked")
        if self._home is not None and self._control.client_is_alive():
            self._home.requests.post()  # a basic client would take it for a request
        _passed("ClosePosted")

    def _home_stands(self) -> bool:
        return self._home is not None and self._home.has_its_names(self._names) and self._control.has_its_name()

    # A request.

    def _wait_until_nothing_is_outstanding(self, name: str, limit: _Limit) -> None:
        if self._outstanding is None and self._control.lines.pending == self._ticket and not self._is("done"):
            self._withdraw()  # an exception came between the last request and its withdrawal
        while self._outstanding is not None:
            posted = self._home.responses.wait(limit.slice_end())
            if self._outstanding is Level.EXTENDED:
                done = self._control.load("done") == self._ticket_outstanding or not self._control.taker_is_alive()
            else:
                done = posted
            if done:
                self._outstanding = None
                self._control.lines.pending = 0
            elif self._outstanding is Level.BASIC and (self._control.client_is_alive() or not self._home_stands()):
                self._move()  # nobody can tell what the basic client may still write: it keeps the old objects
            else:
                self._give_up_past(limit, name)
        if not self._home_stands():
            self._move()

    def _post_request(self, name: bytes, wants: Wants) -> None:
        home, lines = self._home, self._control.lines
        self._ticket = (self._ticket + 1) & _MAX or 1
        home.drain()
        _passed("AskDrained")
        home.data.grow(max(len(name), 1))
        home.data.write(name)
        _passed("AskNameWritten")
        home.head.write(_HEAD.pack(len(name), _MAX, _MAX, _MAX))
        _passed("AskHeaderWritten")
        lines.wants, lines.flags, lines.slot, lines.trace_context_length = wants, 0, 0, 0
        lines.asked_at = time.monotonic_ns() // 1_000_000
        lines.pending = self._ticket
        _passed("AskPendingWritten")
        self._control.store("ticket", self._ticket)
        _passed("AskTicketWritten")
        home.requests.post()
        _passed("AskPosted")

    def _wait_for_answer(self, name: str, limit: _Limit, retry: bool) -> Optional[_Answer]:
        """The answer; None if it has to be asked for again."""
        posts = 0
        while True:
            posted = self._home.responses.wait(limit.slice_end())
            if posted:
                _passed("AnswerPostTaken")
            if self._is("done"):
                return self._extended_answer()
            if posted:
                answer = self._basic_answer()
                if answer is not None:
                    return answer
                posts += 1
                if posts > _STRAY_POSTS:
                    raise ProtocolError(f"more than {_STRAY_POSTS} posts of {self._names.responses} without an answer: see who posts it")
            if self._is("taken"):
                if not self._control.taker_is_alive():
                    if self._is("done"):
                        continue  # it finished before it died
                    if not retry:
                        raise PeerLost(f"the client with process id {self._control.lines.client_pid} died before it answered {name!r}")
                    return None
            elif not self._home_stands():
                if self._home.responses.try_wait():
                    answer = self._basic_answer()  # a basic client posts before it unlinks on its way out
                    if answer is not None:
                        return answer
                self._give_up_past(limit, name)
                self._withdraw()
                self._move()
                return None
            self._give_up_past(limit, name)

    def _is(self, field: str) -> bool:
        return self._control.load(field) == self._ticket

    def _extended_answer(self) -> Optional[_Answer]:
        _passed("AnswerSeen")
        self._home.requests.drain()
        answer = _Answer.extended(self._home.head.read(_HEAD.size), self._control.copy())
        if answer.status == Status.CANCELLED and answer.kind == Kind.NONE:
            self._move()  # handed back: a basic client has been at HEAD
            return None
        return answer

    def _basic_answer(self) -> Optional[_Answer]:
        words = self._home.head.read(_HEAD.size)
        answer = _Answer.basic(words)
        if answer is None or not self._home.data.holds(answer.length) or self._is("taken"):
            return None
        self._control.lines.ticket = 0
        _passed("BasicTicketCleared")
        _full_barrier()
        if self._is("taken"):
            return None
        self._control.lines.pending = 0
        _passed("BasicPendingCleared")
        return answer

    def _withdraw(self) -> None:
        lines = self._control.lines
        lines.ticket = 0
        _passed("WithdrawTicketCleared")
        _full_barrier()
        self._outstanding, self._ticket_outstanding = None, self._ticket
        if self._is("taken"):
            self._home.requests.drain()  # its post would bring a basic client
            if not self._is("done") and self._control.taker_is_alive():
                self._outstanding = Level.EXTENDED
        elif lines.pending == self._ticket and not self._home.requests.try_wait() and not self._control.client_is_alive():
            self._outstanding = Level.BASIC
        if self._outstanding is None:
            lines.pending = 0
            _passed("WithdrawPendingCleared")

    def _give_up_past(self, limit: _Limit, name: str) -> None:
        client = f"the client with process id {self.client_pid} has not answered" if self.client_pid else "no extended client is there"
        limit.check(f"{name!r} on the channel {self._names.channel!r}: {client}")


class Response:
    """An answer. Its payload stands in shared memory until it is closed."""

    name: str
    length: int
    width: int
    height: int
    channels: int
    kind: Kind
    media_type: str
    description: Optional[Description]
    level: Level
    data: memoryview
    """The payload, in place and read-only. Released by close; what was sliced or made into an array of it outlives
    that, but not its content: copy what you keep."""

    def __init__(self, server: Server, name: str, answer: _Answer, data: memoryview):
        self._server: Optional[Server] = server
        self.name, self.data = name, data
        self.length, self.width, self.height, self.channels = answer.length, answer.width, answer.height, answer.channels
        self.kind, self.media_type, self.description, self.level = answer.kind, answer.media_type, answer.description, answer.level

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def array(self) -> Any:
        """The payload as a read-only numpy array in place: as described, else height × width × channels of pixels, else bytes."""
        numpy = _numpy()
        if self.description is not None:
            return _array(numpy, self.description, self.data)
        shape = (self.height, self.width, self.channels) if self.kind == Kind.PIXELS else (self.length,)
        if self.length != Description(ElementType.U8, shape).count:
            raise ProtocolError(f"{self.length} bytes are not {self.width} × {self.height} × {self.channels} samples of 8 bits")
        return numpy.ndarray(shape, numpy.uint8, self.data)

    def names(self) -> list[str]:
        """The names of a list."""
        content = bytes(self.data)
        if self.kind != Kind.LIST or content and content[-1]:
            raise ProtocolError(f"the client answered no list of names, each ended by NUL, but {self.kind.name.lower()}")
        return [name.decode(errors="replace") for name in content.split(b"\0")[:-1]]

    def close(self) -> None:
        """Gives the memory back to the channel."""
        if self._server is not None:
            self._server._response = None
            self._server = None
            _release(self.data)


class Client:
    """Answers. Creates and removes nothing: waits for a server, and for its turn if another client serves the channel.

    owner: the user id whose objects it may open besides its own. max_payload: the most bytes that it sends.
    notice: called with what it does when that changes, "waiting", "standing-by", "attached extended" or "attached basic".
    """

    def __init__(self, channel: str, *, owner: Optional[int] = None, max_payload: int = MAX_PAYLOAD,
                 notice: Optional[Callable[[str], None]] = None):
        self._names = _Names(channel)
        self._owner, self._max_payload, self._notice, self._noticed = owner, max_payload, notice, ""
        self._process = os.getpid()
        self._attachment: Optional[_Attachment] = None
        self._request: Optional[Request] = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def receive(self, *, timeout: Optional[float] = None, cancel: Optional[threading.Event] = None) -> Request:
        """Waits for a request. Answer it or let it fail before the next."""
        if self._request is not None:
            raise ValueError(f"the request for {self._request.name!r} is not answered yet: answer it, or let it fail")
        limit = _Limit(timeout, cancel)
        posts = 0
        while True:
            if self._attachment is None:
                self._attach()
            if self._attachment is not None:
                received = self._attachment.look(posted=False)
                if received is None and self._attachment.requests.wait(limit.slice_end()):
                    _passed("RequestPostTaken")
                    received = self._attachment.look(posted=True)
                    posts += 1
                    if received is None and posts > _STRAY_POSTS:
                        raise ProtocolError(f"more than {_STRAY_POSTS} posts of {self._names.requests} without a request: see who posts it")
                if received is not None:
                    ticket, name, wants = received
                    refusal = _refusal(name, wants)
                    if refusal is None:
                        self._request = Request(self, self._attachment, ticket, name, Wants(wants))
                        return self._request
                    self._attachment.complete(ticket, refusal[0], Kind.ERROR, message=refusal[1].encode())
                if self._attachment.is_over():
                    self._detach()
                    continue
            limit.check(f"no request on the channel {self._names.channel!r}")
            if self._attachment is None:
                time.sleep(limit.slice_seconds())

    def close(self) -> None:
        """Leaves the channel to the next client. A request in hand is failed."""
        if self._request is not None and self._process == os.getpid():
            self._request.fail(Status.CANCELLED, "the client ended")
        self._detach()

    def _attach(self) -> None:
        self._attachment, state = _attach(self._names, self._owner)
        if self._notice is not None and state != self._noticed:
            self._notice(state)
        self._noticed = state

    def _detach(self) -> None:
        if self._attachment is not None:
            self._attachment.close()
            self._attachment = None


class Request:
    """A request in hand. One of answer, answer_bytes, answer_array, answer_names and fail ends it.

    If level is BASIC the server expects decoded pixels, width × height × channels samples of 8 bits, and 0, 0, 0 for
    what is no image. A failure reaches it as an empty answer.
    """

    name: str
    wants: Wants
    level: Level

    def __init__(self, client: Client, attachment: _Attachment, ticket: int, name: str, wants: Wants):
        self._client: Optional[Client] = client
        self._attachment, self._ticket = attachment, ticket
        self._view: Optional[memoryview] = None
        self._array: Any = None
        self.name, self.wants, self.level = name, wants, attachment.level

    def __enter__(self) -> Request:
        return self

    def __exit__(self, kind: Any, error: Optional[BaseException], _: object) -> None:
        if self._client is None:
            return
        if isinstance(error, (NoSpace, TooLarge)):
            self.fail(Status.NO_SPACE if isinstance(error, NoSpace) else Status.TOO_LARGE, str(error))
        else:
            self.fail(Status.INTERNAL, "the client did not answer" if error is None else f"{type(error).__name__}: {error}")

    @property
    def is_withdrawn(self) -> bool:
        """Whether the server no longer waits for the answer. It has to be given all the same."""
        return self._attachment.is_withdrawn(self._ticket)

    def buffer(self, length: int) -> memoryview:
        """So many bytes of shared memory, to fill and then to answer. A second call takes the first one's place."""
        self._check()
        self._release()
        if length > self._client._max_payload:
            raise TooLarge(f"the payload of {length} bytes is larger than the {self._client._max_payload} that this client sends (max_payload)")
        self._attachment.data.grow(length)
        self._view = self._attachment.data.view(length)
        _passed("RoomMade")
        return self._view

    def array(self, shape: Sequence[int], dtype: Any = "uint8") -> Any:
        """The same as a numpy array, to fill and then to hand to answer_array: nothing is copied then."""
        numpy = _numpy()
        dtype = numpy.dtype(dtype)
        _element_type(dtype)
        view = self.buffer(Description(ElementType.U8, tuple(shape)).count * dtype.itemsize)
        self._array = numpy.ndarray(tuple(shape), dtype, view)
        return self._array

    def answer(self, *, width: int = 0, height: int = 0, channels: int = 0, kind: Kind = Kind.BYTES, media_type: str = "",
               description: Optional[Description] = None) -> None:
        """Answers with what was written to the buffer."""
        self._check()
        length = len(self._view) if self._view is not None else 0
        media = media_type.encode("ascii")
        if not Kind.FILE <= kind <= Kind.BYTES:
            raise ValueError(f"a payload is no {kind!r}; see Request.fail")
        if len(media) > MAX_MEDIA_TYPE:
            raise ValueError(f"a media type has at most {MAX_MEDIA_TYPE} characters, this has {len(media)}")
        if any(not 0 <= n <= _MAX for n in (width, height, channels)):
            raise ValueError(f"{width} × {height} × {channels} are no dimensions")
        if self.level is Level.BASIC and (width or height or channels) and width * height * channels != length:
            raise ValueError(f"a basic server reads exactly width × height × channels bytes: not {length} for {width} × {height} × {channels}")
        fault = description.fault(length) if description is not None else None
        if fault:
            raise ValueError(f"the description does not fit: {fault}")
        self._end(Status.OK, kind, words=(length, width, height, channels), media_type=media, description=description)

    def answer_bytes(self, content: Any, **how: Any) -> None:
        """Copies content, any contiguous buffer, and answers with it. how: as for answer."""
        with memoryview(content) as view, view.cast("B") as octets:
            self.buffer(len(octets))[:] = octets
        self.answer(**how)

    def answer_array(self, array: Any, *, pixel_format: PixelFormat = PixelFormat.NONE, media_type: str = "") -> None:
        """Answers with a numpy array and its description: what Request.array gave in place, any other as a packed copy.

        With a pixel format it is an image of the shape (height, width, channels).
        """
        numpy = _numpy()
        element_type = _element_type(array.dtype)
        description = Description(element_type, array.shape, pixel_format=pixel_format)
        fault = description.fault(array.nbytes)
        if fault:
            raise ValueError(f"the array cannot be sent: {fault}")
        if self._array is None or array is not self._array:
            numpy.copyto(self.array(array.shape, array.dtype), array)
        is_image = pixel_format != PixelFormat.NONE and element_type == ElementType.U8
        height, width, channels = array.shape if is_image else (0, 0, 0)
        self.answer(width=width, height=height, channels=channels, kind=Kind.PIXELS if is_image else Kind.BYTES,
                    media_type=media_type, description=description)

    def answer_names(self, names: Iterable[str]) -> None:
        """Answers a request that wants the list."""
        self.answer_bytes(b"".join(name.encode() + b"\0" for name in names), kind=Kind.LIST)

    def fail(self, status: Status, message: str) -> None:
        """Answers that it cannot be done. What is too long of the message is cut off."""
        self._check()
        if status == Status.OK:
            raise ValueError("a failure has a status other than OK")
        text = message.encode(errors="replace")[:MAX_MESSAGE].decode(errors="ignore").encode()
        self._end(Status(status), Kind.ERROR, message=text)

    def _check(self) -> None:
        if self._client is None:
            raise ValueError(f"the request for {self.name!r} has been answered")

    def _end(self, status: Status, kind: Kind, **answer: Any) -> None:
        self._attachment.complete(self._ticket, status, kind, **answer)
        self._release()
        self._client._request = None
        self._client = None

    def _release(self) -> None:
        self._array = None
        if self._view is not None:
            _release(self._view)
            self._view = None


# How a client is attached. An attachment looks for a request, completes it, and knows when the channel is over.


def _attach(names: _Names, owner: Optional[int]) -> tuple[Optional[_Attachment], str]:
    """The attachment, if there is something to attach to and nobody else serves it, and what this client does then."""
    waiting = None, "waiting"
    control = _Control.open(names.control, owner)
    if control is None:
        # A server of the extended level makes CTRL before HEAD.
        is_basic = os.path.lexists(names.head) and not os.path.lexists(names.control)
        return _BasicAttachment.attach(names, owner) if is_basic else waiting
    keeps_control = False
    try:
        if _is_a_basic_servers_channel(names, control):
            return _BasicAttachment.attach(names, owner)
        if control.lines.state == _CLOSED or not control.has_its_name():
            return waiting
        if not control.lock(_CLIENT_BYTE):
            return None, "standing-by"
        attachment = _ExtendedAttachment.attach(names, control, owner)
        keeps_control = attachment is not None
        return (attachment, "attached extended") if attachment is not None else waiting
    finally:
        if not keeps_control:
            control.close()


def _is_a_basic_servers_channel(names: _Names, control: _Control) -> bool:
    return not control.server_is_alive() and _inode(names.head) not in (0, control.lines.head_inode)


class _Attachment:
    level: Level
    requests: _Semaphore
    data: _Segment

    def look(self, posted: bool) -> Optional[tuple[int, Optional[str], int]]:
        """The ticket, name (None if it is none) and wants of a request that has come."""
        raise NotImplementedError

    def is_over(self) -> bool:
        raise NotImplementedError

    def is_withdrawn(self, ticket: int) -> bool:
        raise NotImplementedError

    def complete(self, ticket: int, status: Status, kind: Kind, words: tuple[int, int, int, int] = (0, 0, 0, 0), media_type: bytes = b"",
                 message: bytes = b"", description: Optional[Description] = None) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class _ExtendedAttachment(_Attachment):
    level = Level.EXTENDED

    def __init__(self, names: _Names, control: _Control, owner: Optional[int], incarnation: int):
        self._names, self._control, self._owner, self._incarnation = names, control, owner, incarnation
        self._generation, self._home = 0, None  # type: int, Optional[_Home]

    @staticmethod
    def attach(names: _Names, control: _Control, owner: Optional[int]) -> Optional[_ExtendedAttachment]:
        _passed("AttachLocked")
        incarnation = secrets.randbits(64) or 1
        control.lines.client_pid = os.getpid()
        _passed("AttachProcessWritten")
        control.store("incarnation", incarnation)
        _passed("AttachIncarnationWritten")
        attachment = _ExtendedAttachment(names, control, owner, incarnation)
        if not attachment._open_home():
            return None
        _passed("AttachOpened")
        return attachment

    @property
    def requests(self) -> _Semaphore:  # type: ignore[override]
        return self._home.requests

    @property
    def data(self) -> _Segment:  # type: ignore[override]
        return self._home.data

    def _open_home(self) -> bool:
        generation = self._control.load("generation")
        home = _Home.open(self._names, self._control, self._owner) if generation else None
        if home is None or self._control.load("generation") != generation:
            if home is not None:
                home.close()
            return False
        if self._home is not None:
            self._home.close()
        self._home, self._generation = home, generation
        return True

    def look(self, posted: bool) -> Optional[tuple[int, Optional[str], int]]:
        control, lines = self._control, self._control.lines
        for _ in range(_ATTEMPTS):
            ticket = control.load("ticket")
            if control.load("generation") != self._generation:
                if not self._open_home():
                    return None
                _passed("FollowOpened")
                continue
            if ticket in (0, lines.taken):
                return None
            lines.taker = self._incarnation
            _passed("TakerWritten")
            control.store("taken", ticket)
            _passed("TakenWritten")
            _full_barrier()
            is_withdrawn = control.load("ticket") != ticket
            words = _HEAD.unpack(self._home.head.read(_HEAD.size))
            if is_withdrawn or words[1:] != (_MAX, _MAX, _MAX):
                self._say_done(ticket, Status.CANCELLED, Kind.NONE, b"", b"", None)
                continue
            wants = lines.wants
            name = self._home.data.read_name(words[0])
            _passed("NameRead")
            return ticket, name, wants
        raise ProtocolError(f"the server of the channel {self._names.channel!r} changes its request all the time")

    def is_over(self) -> bool:
        control = self._control
        return control.lines.state == _CLOSED or not control.is_linked() or _is_a_basic_servers_channel(self._names, control)

    def is_withdrawn(self, ticket: int) -> bool:
        return self._control.load("ticket") != ticket

    def complete(self, ticket: int, status: Status, kind: Kind, words: tuple[int, int, int, int] = (0, 0, 0, 0), media_type: bytes = b"",
                 message: bytes = b"", description: Optional[Description] = None) -> None:
        self._home.head.write(_HEAD.pack(*words))
        _passed("HeaderWritten")
        self._say_done(ticket, status, kind, media_type, message, description)

    def _say_done(self, ticket: int, status: Status, kind: Kind, media_type: bytes, message: bytes, description: Optional[Description]) -> None:
        lines = self._control.lines
        lines.status, lines.kind = status, kind
        lines.media_type_length, lines.message_length = len(media_type), len(message)
        lines.media_type[:len(media_type)] = media_type
        lines.message[:len(message)] = message
        lines.has_description = description is not None
        if description is not None:
            lines.element_type, lines.pixel_format, lines.rank = description.element_type, description.pixel_format, len(description.shape)
            lines.shape[:] = _padded(description.shape)
            lines.strides[:] = _padded(description.strides)
        _passed("StatusWritten")
        self._control.store("done", ticket)
        _passed("DoneWritten")
        self._home.responses.post()
        _passed("ResponsePosted")

    def close(self) -> None:
        if self._home is not None:
            self._home.close()
        self._control.close()


class _BasicAttachment(_Attachment):
    level = Level.BASIC

    def __init__(self, names: _Names, owner: Optional[int], home: _Home):
        self._names, self._owner, self._home = names, owner, home
        self.requests, self.data = home.requests, home.data
        self._owes_answer = False

    @staticmethod
    def attach(names: _Names, owner: Optional[int]) -> tuple[Optional[_Attachment], str]:
        home = _Home.open(names, None, owner)
        return (_BasicAttachment(names, owner, home), "attached basic") if home is not None else (None, "waiting")

    def look(self, posted: bool) -> Optional[tuple[int, Optional[str], int]]:
        self._owes_answer |= posted
        if not self._owes_answer:
            return None
        if not self._home.head.is_linked() and not self._home.reopen_segments(self._names, self._owner):
            return None  # owed until the segments are there: the token has been taken
        self._owes_answer = False
        self.data = self._home.data
        name = self.data.read_name(_HEAD.unpack(self._home.head.read(_HEAD.size))[0])
        return (0, name, Wants.ANY) if name else None

    def is_over(self) -> bool:
        """Whether the semaphores are others, or an extended server has come."""
        has_control = os.path.lexists(self._names.control)
        return not self._home.semaphores_have_their_names(self._names) or has_control and not self._home.head.is_linked()

    def is_withdrawn(self, ticket: int) -> bool:
        return False

    def complete(self, ticket: int, status: Status, kind: Kind, words: tuple[int, int, int, int] = (0, 0, 0, 0), media_type: bytes = b"",
                 message: bytes = b"", description: Optional[Description] = None) -> None:
        self._home.head.write(_HEAD.pack(*words))
        _passed("HeaderWritten")
        self._home.responses.post()
        _passed("ResponsePosted")

    def close(self) -> None:
        self._home.close()


def _refusal(name: Optional[str], wants: int) -> Optional[tuple[Status, str]]:
    if wants > Wants.LIST:
        return Status.UNSUPPORTED, f"this client knows nothing of what is wanted, {wants}"
    if name is None or not name and wants != Wants.LIST:
        return Status.INVALID_NAME, f"a name has 1 to {MAX_NAME} bytes of UTF-8"
    return None


class _Answer:
    """A copy of what a client wrote, checked by itself. What it says of DATA is checked in to_response."""

    status, kind, media_type, message = Status.OK, Kind.FILE, "", ""
    description: Optional[Description] = None
    level = Level.BASIC

    def __init__(self, words: bytes):
        self.length, self.width, self.height, self.channels = _HEAD.unpack(words)

    @staticmethod
    def basic(words: bytes) -> Optional[_Answer]:
        answer = _Answer(words)
        if _MAX in (answer.width, answer.height, answer.channels):
            return None
        pixels = answer.width * answer.height * answer.channels
        if pixels != answer.length and (answer.width or answer.height or answer.channels):
            return None
        answer.kind = Kind.PIXELS if pixels else Kind.FILE
        return answer

    @staticmethod
    def extended(words: bytes, lines: _Lines) -> _Answer:
        answer = _Answer(words)
        answer.level = Level.EXTENDED
        if lines.status > Status.INTERNAL or lines.kind > Kind.ERROR or lines.media_type_length > MAX_MEDIA_TYPE or lines.message_length > MAX_MESSAGE:
            raise ProtocolError(f"the client answered with status {lines.status}, kind {lines.kind}, {lines.media_type_length} bytes of media type "
                                f"and {lines.message_length} of message: one of these is unknown or too long")
        answer.status, answer.kind = Status(lines.status), Kind(lines.kind)
        answer.media_type = bytes(lines.media_type[:lines.media_type_length]).decode("ascii", "replace")
        answer.message = bytes(lines.message[:lines.message_length]).decode(errors="replace")
        if answer.status == Status.OK and answer.kind in (Kind.NONE, Kind.ERROR):
            raise ProtocolError(f"the client answered ok with a payload of kind {lines.kind}")
        if answer.status == Status.OK and lines.has_description:
            answer.description = answer._described(lines)
        return answer

    def _described(self, lines: _Lines) -> Description:
        if lines.element_type > ElementType.BOOLEAN or lines.pixel_format > PixelFormat.BGRA or lines.rank > MAX_RANK:
            raise ProtocolError(f"the client describes its payload with element type {lines.element_type}, pixel format {lines.pixel_format} "
                                f"and rank {lines.rank}: one of these is unknown")
        description = Description(ElementType(lines.element_type), tuple(lines.shape[:lines.rank]), tuple(lines.strides[:lines.rank]),
                                  PixelFormat(lines.pixel_format))
        fault = description.fault(self.length)
        if fault:
            raise ProtocolError(f"the client's description does not fit its payload: {fault}")
        return description

    def to_response(self, name: str, server: Server, data: _Segment, max_payload: int) -> Response:
        if self.status != Status.OK:
            raise RequestFailed(name, self.status, self.message)
        if self.length > max_payload:
            raise ProtocolError(f"the client's payload of {self.length} bytes is larger than the {max_payload} that this server takes (max_payload)")
        # A hole on a full /dev/shm kills who reads it, as what lies past the end of the file does.
        if not data.holds(self.length):
            raise ProtocolError(f"the client says {self.length} bytes, but DATA has {data.length()}, or holes: it was truncated")
        view = data.view(self.length)
        readonly = view.toreadonly()
        view.release()
        return Response(server, name, self, readonly)


# What stands in /dev/shm.


_DIRECTORY = "/dev/shm"
_MAX = (1 << 64) - 1
_HEAD = struct.Struct("@4Q")
_BUILDING, _OPEN, _CLOSED = 1, 2, 3
_SERVER_BYTE, _CLIENT_BYTE = 0, 1
_SLICE = 50_000_000  # nanoseconds: who waits looks around at least this often
_CLOSING_PATIENCE = 2.0  # seconds for a server that is on its way out
_STRAY_POSTS = 10_000
_ATTEMPTS = 1_000
_FIRST_DATA = 4_096
_GROWTH = 64 << 20  # a signal interrupts posix_fallocate, which then undoes what it had done: so in pieces


class _Names:
    def __init__(self, channel: str):
        flat = channel.replace("/", "_")
        if not flat or "\0" in flat or len(flat.encode()) > 243:
            raise ValueError(f"{channel!r} names no channel: 1 to 243 bytes without NUL")
        self.channel = channel
        self.requests, self.responses = (f"{_DIRECTORY}/sem.SEM_{flat}_{end}" for end in ("REQ", "RES"))
        self.data, self.head, self.control = (f"{_DIRECTORY}/SEG_{flat}_{end}" for end in ("DATA", "HEAD", "CTRL"))

    def home(self) -> tuple[str, str, str, str]:
        return self.head, self.data, self.requests, self.responses


class _Home:
    """The two semaphores, DATA and HEAD of one generation. Inodes are in the order of _Names.home and of CTRL."""

    def __init__(self, requests: _Semaphore, responses: _Semaphore, data: _Segment, head: _Segment):
        self.requests, self.responses, self.data, self.head = requests, responses, data, head

    @property
    def inodes(self) -> tuple[int, int, int, int]:
        return self.head.inode, self.data.inode, self.requests.inode, self.responses.inode

    @staticmethod
    def make(names: _Names, control: _Control, mode: int) -> _Home:
        lines, made = control.lines, []  # type: Any, list[Any]
        try:
            for path, field, reached in ((names.requests, "requests_inode", "HomeRequestsMade"), (names.responses, "responses_inode", "HomeResponsesMade")):
                semaphore = _Semaphore.open_or_create(path, mode)
                made.append(semaphore)
                setattr(lines, field, semaphore.inode)
                semaphore.drain()
                _passed(reached)
            for path, field, length, recorded, published in (
                    (names.data, "data_inode", _FIRST_DATA, "HomeDataRecorded", "HomeDataPublished"),
                    (names.head, "head_inode", _HEAD.size, "HomeHeaderRecorded", "HomeHeaderPublished")):
                segment = _Segment(_temporary_file(mode))
                made.append(segment)
                segment.grow(length)
                setattr(lines, field, segment.inode)
                _passed(recorded)
                if not _link(segment.descriptor, path):
                    raise ChannelInUse(f"{path} belongs to somebody else: see who made it, and remove it if it is left over")
                _passed(published)
        except BaseException:
            for item in made:
                item.close()
            raise
        control.store("generation", lines.generation % (2**64 - 1) + 1)  # never 0, which means that there is no home
        _passed("HomeGenerationWritten")
        control.store("state", _OPEN)
        _passed("HomeStateWritten")
        return _Home(*made)

    @staticmethod
    def open(names: _Names, control: Optional[_Control], owner: Optional[int] = None) -> Optional[_Home]:
        """None unless all four are there, and are those that CTRL names, if it is given."""
        expected = control.inodes() if control is not None else (None,) * 4
        opened: list[Any] = []
        for path, inode, kind in zip(names.home(), expected, (_Segment, _Segment, _Semaphore, _Semaphore)):
            item = kind.open(path, inode, owner)  # type: ignore[attr-defined]
            if item is None:
                for other in opened:
                    other.close()
                return None
            opened.append(item)
        head, data, requests, responses = opened
        return _Home(requests, responses, data, head)

    def reopen_segments(self, names: _Names, owner: Optional[int]) -> bool:
        head, data = _Segment.open(names.head, None, owner), _Segment.open(names.data, None, owner)
        if head is None or data is None:
            for segment in (head, data):
                if segment is not None:
                    segment.close()
            return False
        self.head.close()
        self.data.close()
        self.head, self.data = head, data
        return True

    def has_its_names(self, names: _Names) -> bool:
        return all(_inode(path) == inode for path, inode in zip(names.home(), self.inodes))

    def semaphores_have_their_names(self, names: _Names) -> bool:
        return _inode(names.requests) == self.requests.inode and _inode(names.responses) == self.responses.inode

    def drain(self) -> None:
        self.requests.drain()
        self.responses.drain()

    def close(self) -> None:
        for item in (self.requests, self.responses, self.data, self.head):
            item.close()


class _Lines(ctypes.Structure):
    """CTRL. Its lines are in docs/protocol.md."""

    _fields_ = [
        ("magic", ctypes.c_uint8 * 8), ("version", ctypes.c_uint32), ("length", ctypes.c_uint32), ("generation", ctypes.c_uint64),
        ("_24", ctypes.c_uint8 * 40),
        ("ticket", ctypes.c_uint64), ("wants", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("slot", ctypes.c_uint64),
        ("asked_at", ctypes.c_uint64), ("pending", ctypes.c_uint64),
        ("_104", ctypes.c_uint8 * 24),
        ("server_pid", ctypes.c_uint32), ("state", ctypes.c_uint32),
        ("head_inode", ctypes.c_uint64), ("data_inode", ctypes.c_uint64), ("requests_inode", ctypes.c_uint64), ("responses_inode", ctypes.c_uint64),
        ("_168", ctypes.c_uint8 * 24),
        ("trace_context_length", ctypes.c_uint32), ("trace_context", ctypes.c_uint8 * 60),
        ("incarnation", ctypes.c_uint64), ("done", ctypes.c_uint64),
        ("status", ctypes.c_uint32), ("kind", ctypes.c_uint32), ("client_pid", ctypes.c_uint32),
        ("media_type_length", ctypes.c_uint16), ("message_length", ctypes.c_uint16), ("has_description", ctypes.c_uint32),
        ("_292", ctypes.c_uint8 * 28),
        ("taker", ctypes.c_uint64), ("taken", ctypes.c_uint64), ("started", ctypes.c_uint64), ("progress", ctypes.c_uint64),
        ("_352", ctypes.c_uint8 * 32),
        ("media_type", ctypes.c_uint8 * 128),
        ("element_type", ctypes.c_uint32), ("pixel_format", ctypes.c_uint32), ("rank", ctypes.c_uint32), ("_524", ctypes.c_uint32),
        ("shape", ctypes.c_uint64 * 8), ("strides", ctypes.c_int64 * 8),
        ("_656", ctypes.c_uint8 * 48),
        ("message", ctypes.c_uint8 * 1024),
        ("_1728", ctypes.c_uint8 * 2368),
    ]


class _Control:
    """CTRL, mapped, and a lock on it. A number of 64 bits is loaded and stored by one move of the processor."""

    MAGIC, VERSION, LENGTH = b"CHAPPE\0\0", 1, 4_096

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self.inode = os.fstat(descriptor).st_ino
        self._path = ""
        self._map = mmap.mmap(descriptor, self.LENGTH)
        self.lines = _Lines.from_buffer(self._map)
        self._lock = _Lock(descriptor)
        self.is_closed = False

    @staticmethod
    def birth(path: str, mode: int) -> Optional[_Control]:
        """None if CTRL stands already."""
        descriptor = _temporary_file(mode)
        try:
            _allocate(descriptor, 0, _Control.LENGTH)
            control = _Control(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        control._path = path
        try:
            lines = control.lines
            lines.magic[:] = _Control.MAGIC
            lines.version, lines.length, lines.state, lines.server_pid = _Control.VERSION, _Control.LENGTH, _BUILDING, os.getpid()
            _passed("BirthMade")
            control.lock(_SERVER_BYTE)
            _passed("BirthLocked")
            is_born = _link(descriptor, path)
        except BaseException:
            control.close()
            raise
        if not is_born:
            control.close()
            return None
        _passed("BirthPublished")
        return control

    @staticmethod
    def open(path: str, owner: Optional[int] = None) -> Optional[_Control]:
        """None if there is none."""
        descriptor = _open_file(path, owner)
        if descriptor is None:
            return None
        try:
            start = os.pread(descriptor, 16, 0)
            if os.fstat(descriptor).st_size != _Control.LENGTH or start[:8] != _Control.MAGIC:
                raise ProtocolError(f"{path} is no CTRL of Chappe: see who made it, and remove it if it is left over")
            version, length = struct.unpack("@II", start[8:])
            if version != _Control.VERSION or length != _Control.LENGTH:
                raise ProtocolError(f"{path} is of version {version} and {length} bytes, this program knows version {_Control.VERSION} "
                                    f"of {_Control.LENGTH}: use programs of one version")
            control = _Control(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        control._path = path
        return control

    def load(self, field: str) -> int:
        """With acquire: what is read after it is at least as new."""
        value = getattr(self.lines, field)
        _full_barrier()
        return value

    def store(self, field: str, value: int) -> None:
        """With release: who sees it sees what was written before."""
        _full_barrier()
        setattr(self.lines, field, value)

    def copy(self) -> _Lines:
        return _Lines.from_buffer_copy(self._map[:])

    def inodes(self) -> tuple[int, int, int, int]:
        lines = self.lines
        return lines.head_inode, lines.data_inode, lines.requests_inode, lines.responses_inode

    def lock(self, byte: int) -> bool:
        return self._lock.take(byte)

    def server_is_alive(self) -> bool:
        return self._lock.is_held_elsewhere(_SERVER_BYTE)

    def client_is_alive(self) -> bool:
        return self._lock.is_held_elsewhere(_CLIENT_BYTE)

    def taker_is_alive(self) -> bool:
        return self.client_is_alive() and self.load("taker") == self.load("incarnation")

    def has_its_name(self) -> bool:
        return _inode(self._path) == self.inode

    def is_linked(self) -> bool:
        return os.fstat(self._descriptor).st_nlink != 0

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._lock.close()
            del self.lines
            _close_map(self._map)
            os.close(self._descriptor)


class _Lock:
    """Open-file-description locks on bytes of CTRL. The kernel lets them go when the last copy of the description is gone.

    So the description is one of its own: the mapping of CTRL would keep it, and so would a child that was forked.
    """

    _all: weakref.WeakSet[_Lock] = weakref.WeakSet()
    _flock = struct.Struct("@hhqqi4x")

    def __init__(self, descriptor: int):
        self._descriptor = os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR | os.O_CLOEXEC)
        self._all.add(self)

    def take(self, byte: int) -> bool:
        try:
            fcntl.fcntl(self._descriptor, 37, self._request(byte))  # F_OFD_SETLK
            return True
        except (BlockingIOError, PermissionError):
            return False

    def is_held_elsewhere(self, byte: int) -> bool:
        answer = fcntl.fcntl(self._descriptor, 36, self._request(byte))  # F_OFD_GETLK
        return self._flock.unpack(answer)[0] != fcntl.F_UNLCK

    def _request(self, byte: int) -> bytes:
        return self._flock.pack(fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)

    def close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    @classmethod
    def leave_to_parent(cls) -> None:
        for lock in list(cls._all):
            lock.close()


os.register_at_fork(after_in_child=_Lock.leave_to_parent)


class _Segment:
    """HEAD or DATA. Short things are read and written by system calls, which survive a file that is truncated meanwhile."""

    def __init__(self, descriptor: int):
        self.descriptor = descriptor
        self.inode = os.fstat(descriptor).st_ino
        self._map: Optional[mmap.mmap] = None

    @staticmethod
    def open(path: str, inode: Optional[int], owner: Optional[int] = None) -> Optional[_Segment]:
        """None if it is not there, or is not this inode."""
        descriptor = _open_file(path, owner)
        if descriptor is None:
            return None
        segment = _Segment(descriptor)
        if inode in (None, segment.inode):
            return segment
        segment.close()
        return None

    def length(self) -> int:
        return os.fstat(self.descriptor).st_size

    def holds(self, length: int) -> bool:
        """Whether there is memory behind so many bytes: no end of the file, no hole."""
        status = os.fstat(self.descriptor)
        return status.st_size >= length and status.st_blocks * 512 >= length

    def is_linked(self) -> bool:
        return os.fstat(self.descriptor).st_nlink != 0

    def grow(self, length: int) -> None:
        if not self.holds(length):
            for start in range(0, length, _GROWTH):
                _allocate(self.descriptor, start, min(_GROWTH, length - start))

    def view(self, length: int) -> memoryview:
        """So many bytes in place. Only after holds or grow: beyond the end of the file a touch kills."""
        if length == 0:
            return memoryview(bytearray())
        if self._map is None or len(self._map) < length:
            self._unmap()
            try:
                self._map = mmap.mmap(self.descriptor, self.length())
            except ValueError as error:
                raise ProtocolError("DATA was truncated by the other side") from error
        return memoryview(self._map)[:length]

    def read(self, length: int) -> bytes:
        """Bytes from the start, NUL where the file has none."""
        return os.pread(self.descriptor, length, 0).ljust(length, b"\0")

    def read_name(self, length: int) -> Optional[str]:
        if length > MAX_NAME:
            return None
        content = os.pread(self.descriptor, length, 0)
        try:
            return content.decode() if len(content) == length else None
        except UnicodeDecodeError:
            return None

    def write(self, content: bytes) -> None:
        try:
            os.pwrite(self.descriptor, content, 0)
        except OSError as error:
            raise _explained(error, len(content)) from error

    def _unmap(self) -> None:
        if self._map is not None:
            _close_map(self._map)
            self._map = None

    def close(self) -> None:
        if self.descriptor >= 0:
            self._unmap()
            os.close(self.descriptor)
            self.descriptor = -1


class _Semaphore:
    def __init__(self, address: int, inode: int):
        self._address, self.inode = address, inode

    @staticmethod
    def open(path: str, inode: Optional[int], owner: Optional[int] = None) -> Optional[_Semaphore]:
        """None if it is not there, or is not this inode."""
        descriptor = _open_file(path, owner)
        if descriptor is None:
            return None
        try:
            # sem_open tells nothing of the file that it opened: held open here, its inode is nobody else's meanwhile.
            status = os.fstat(descriptor)
            if inode not in (None, status.st_ino):
                return None
            if status.st_size != _SEM_SIZE:
                raise ProtocolError(f"{path} has {status.st_size} bytes, a semaphore {_SEM_SIZE}: it was made by another libc, or is none")
            address = _libc.sem_open(_semaphore_name(path), 0)
            if not address and ctypes.get_errno() != errno.ENOENT:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
            if not address:
                return None
            if _inode(path) == status.st_ino:
                return _Semaphore(address, status.st_ino)
            _libc.sem_close(address)
            return None
        finally:
            os.close(descriptor)

    @staticmethod
    def open_or_create(path: str, mode: int) -> _Semaphore:
        for _ in range(_ATTEMPTS):
            semaphore = _Semaphore.open(path, None)
            if semaphore is not None:
                return semaphore
            address = _libc.sem_open(_semaphore_name(path), os.O_CREAT | os.O_EXCL, ctypes.c_uint(mode), ctypes.c_uint(0))
            if address:
                _libc.sem_close(address)
                os.chmod(path, mode)  # whatever the umask
            elif ctypes.get_errno() != errno.EEXIST:
                raise _explained(OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path), _SEM_SIZE)
        raise ChannelInUse(f"{path} appears and vanishes all the time: see who else makes it")

    def post(self) -> None:
        # EOVERFLOW: it rings already.
        if _libc.sem_post(self._address) != 0 and ctypes.get_errno() != errno.EOVERFLOW:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def try_wait(self) -> bool:
        return _libc.sem_trywait(self._address) == 0

    def wait(self, deadline: int) -> bool:
        """Until a post, a signal, or this time of CLOCK_MONOTONIC in nanoseconds. Whether there was a post."""
        until = _Timespec(*divmod(deadline, 1_000_000_000))
        return _libc.sem_clockwait(self._address, time.CLOCK_MONOTONIC, ctypes.byref(until)) == 0

    def drain(self) -> None:
        for _ in range(_STRAY_POSTS * 100):
            if not self.try_wait():
                return
        raise ProtocolError("a semaphore of the channel is posted faster than it can be drained: see who posts it")

    def close(self) -> None:
        if self._address:
            _libc.sem_close(self._address)
            self._address = 0


class _Limit:
    """The time and the event that end a wait."""

    def __init__(self, timeout: Optional[float], cancel: Optional[threading.Event]):
        self._timeout, self._cancel = timeout, cancel
        self._deadline = None if timeout in (None, float("inf")) else time.monotonic_ns() + max(0, int(timeout * 1e9))

    def slice_end(self) -> int:
        end = time.monotonic_ns() + _SLICE
        return end if self._deadline is None else min(end, self._deadline)

    def slice_seconds(self) -> float:
        return max(0, self.slice_end() - time.monotonic_ns()) / 1e9

    def is_over(self) -> bool:
        return self._deadline is not None and time.monotonic_ns() >= self._deadline

    def check(self, what: str) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled(f"{what}, and the wait was cancelled")
        if self.is_over():
            raise TimedOut(f"{what}, and {self._timeout:g} s are over")


# libc, and what else the system gives.


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


_SEM_SIZE = 32


def _load_libc() -> Any:
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8 or not hasattr(libc, "gnu_get_libc_version"):
        raise ImportError("chappe needs 64-bit Linux with glibc: other libcs name and lay out semaphores differently")
    if not hasattr(libc, "sem_clockwait"):
        raise ImportError("chappe needs sem_clockwait, which glibc has since 2.30")
    pointer = ctypes.c_void_p
    libc.sem_open.restype = pointer
    libc.sem_open.argtypes = [ctypes.c_char_p, ctypes.c_int]  # the mode and the value are variadic
    libc.sem_init.argtypes = [pointer, ctypes.c_int, ctypes.c_uint]
    for name in ("sem_close", "sem_post", "sem_trywait"):
        getattr(libc, name).argtypes = [pointer]
    libc.sem_clockwait.argtypes = [pointer, ctypes.c_int, pointer]
    libc.linkat.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    return libc


_libc = _load_libc()
_barrier_memory = (ctypes.c_uint64 * 4)()
_barrier_semaphore = ctypes.addressof(_barrier_memory)
_libc.sem_init(_barrier_semaphore, 0, 0)


def _full_barrier() -> None:
    """Orders all that this thread loaded and stored before against all that it does after, a store before a load too.

    Python has no barrier, but POSIX (XBD 4.12) has these two calls synchronize memory. In glibc each is an atomic
    read-modify-write: post a release, trywait an acquire that takes what the post gave. On x86-64 either is a locked
    instruction, which is a full barrier. On arm64 a release followed in program order by an acquire is one: what comes
    before is ordered before the release, that before the acquire, and that before what comes after.
    """
    _libc.sem_post(_barrier_semaphore)
    _libc.sem_trywait(_barrier_semaphore)


def _passed(name: str) -> None:
    if step is not None:
        step(name)


def _open_file(path: str, owner: Optional[int]) -> Optional[int]:
    """Opens what stands under a name, for reading and writing. None if nothing does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.EISDIR, errno.ELOOP, errno.ENXIO):
            raise ProtocolError(f"{path} is no file that a channel has: see who made it, and remove it if it is left over") from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise ForeignObject(f"{path} may not be opened: it belongs to the user {_owner_of(path)}, this process runs as {os.geteuid()}") from error
        raise
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_uid in (os.geteuid(), owner):
        return descriptor
    os.close(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ProtocolError(f"{path} is no file that a channel has: see who made it, and remove it if it is left over")
    raise ForeignObject(f"{path} belongs to the user {status.st_uid}, this process runs as {os.geteuid()}: "
                        f"a client may say owner={status.st_uid} if it trusts that user")


def _owner_of(path: str) -> Optional[int]:
    try:
        return os.lstat(path).st_uid
    except OSError:
        return None


def _temporary_file(mode: int) -> int:
    descriptor = os.open(_DIRECTORY, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode)
    os.fchmod(descriptor, mode)  # whatever the umask
    return descriptor


def _link(descriptor: int, path: str) -> bool:
    """Gives a file its name. False if something has that name."""
    if _libc.linkat(-100, b"/proc/self/fd/%d" % descriptor, -100, os.fsencode(path), 0x400) == 0:  # AT_FDCWD, AT_SYMLINK_FOLLOW
        return True
    if ctypes.get_errno() == errno.EEXIST:
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def _allocate(descriptor: int, start: int, length: int) -> None:
    """Takes the memory at once: a mere hole, on a full /dev/shm, kills who touches it."""
    try:
        os.posix_fallocate(descriptor, start, length)
    except OSError as error:
        raise _explained(error, length) from error


def _explained(error: OSError, needed: int) -> Exception:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    room = os.statvfs(_DIRECTORY)
    return NoSpace(f"{_DIRECTORY} has no room: {needed} bytes needed, {room.f_bavail * room.f_frsize} available; "
                   "raise the size= of its tmpfs, or --shm-size of the container")


def _unlink_if(path: str, inodes: Iterable[int]) -> None:
    inode = _inode(path)
    if inode and inode in inodes:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


def _inode(path: str) -> int:
    """0 if nothing stands there."""
    try:
        return os.lstat(path).st_ino
    except FileNotFoundError:
        return 0


def _semaphore_name(path: str) -> bytes:
    return os.fsencode("/" + path[len(_DIRECTORY + "/sem."):])


def _padded(numbers: Optional[Sequence[int]]) -> list[int]:
    numbers = list(numbers or ())
    return numbers + [0] * (MAX_RANK - len(numbers))


def _release(view: memoryview) -> None:
    try:
        view.release()
    except BufferError:
        pass  # an array made of it lives on, and keeps the mapping until it is gone


def _close_map(mapping: mmap.mmap) -> None:
    try:
        mapping.close()
    except BufferError:
        pass  # what was made of it lives on; the last of that unmaps it


_DTYPES = {1: "u1", 2: "i1", 3: "u2", 4: "i2", 5: "u4", 6: "i4", 7: "u8", 8: "i8", 9: "f2", 10: "f4", 11: "f8", 13: "?"}


def _numpy() -> Any:
    try:
        import numpy
    except ImportError as error:
        raise ImportError("arrays need numpy: install it (python3-numpy), or use the memoryviews data and buffer") from error
    return numpy


def _array(numpy: Any, description: Description, data: memoryview) -> Any:
    dtype = _DTYPES.get(description.element_type)
    if dtype is None:
        raise ValueError(f"numpy has no type for {description.element_type.name}: make what you need of the bytes in data")
    return numpy.ndarray(description.shape, dtype, data, strides=description.strides)


def _element_type(dtype: Any) -> ElementType:
    for number, name in _DTYPES.items():
        if dtype.str[1:] == {"?": "b1"}.get(name, name) and dtype.isnative:
            return ElementType(number)
    raise ValueError(f"an array of {dtype} cannot be described: use one of native byte order and one of {', '.join(t.name.lower() for t in ElementType)}")
