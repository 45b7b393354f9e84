"""client.py CHANNEL FOLDER [--frame WxHxC] [--count N]: serves the files of FOLDER, or generated frames."""

import mimetypes
import os
import re
import time

import chappe
from folder import Folder, Refusal
from program import Parser, fnv1a, install_faults, say, stop_at_signals


def main() -> int:
    parser = Parser(prog="client.py")
    parser.add_argument("channel")
    parser.add_argument("folder")
    parser.add_argument("--frame", type=dimensions, metavar="WxHxC")
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    install_faults()
    stop = stop_at_signals()
    try:
        folder = Folder(options.folder)
        with chappe.Client(options.channel, notice=say) as client:
            serve(client, folder, options, stop)
        return 0
    except (chappe.ChappeError, OSError) as error:
        parser.report(error)
        return 1


def serve(client, folder, options, stop):
    served = 0
    while options.count is None or served < options.count:
        try:
            with client.receive(cancel=stop) as request:
                status, length = answer(request, folder, options.frame)
            say(f"served {int(status)} {length} {request.name}")
            served += 1
        except chappe.Cancelled:
            return
        except chappe.ProtocolError as error:
            say(f"error protocol {error}")
            time.sleep(0.05)


def answer(request, folder, frame):
    """The status and the length of the answer."""
    try:
        if request.wants == chappe.Wants.LIST:
            content = b"".join(name + b"\0" for name in folder.names())
            request.answer_bytes(content, kind=chappe.Kind.LIST)
            return chappe.Status.OK, len(content)
        return chappe.Status.OK, answer_frame(request, *frame) if frame else answer_file(request, folder)
    except Refusal as refusal:
        status, message = refusal.args
    except (chappe.TooLarge, chappe.NoSpace, OSError) as error:
        statuses = {chappe.TooLarge: chappe.Status.TOO_LARGE, chappe.NoSpace: chappe.Status.NO_SPACE}
        status, message = statuses.get(type(error), chappe.Status.UNREADABLE), str(error)
    request.fail(status, message)
    return status, 0


def answer_file(request, folder):
    if request.wants == chappe.Wants.PIXELS:
        raise Refusal(chappe.Status.UNSUPPORTED, "this client decodes no images: ask for the file")
    with folder.open(request.name) as file:
        length = os.fstat(file.fileno()).st_size
        if file.readinto(request.buffer(length)) != length:
            raise Refusal(chappe.Status.UNREADABLE, "the file became shorter while it was read")
        request.answer(kind=chappe.Kind.FILE, media_type=mimetypes.guess_type(request.name)[0] or "application/octet-stream")
        return length


def answer_frame(request, width, height, channels):
    length = width * height * channels
    seed = fnv1a(request.name.encode()) & 255
    pattern = bytes((seed + i) & 255 for i in range(251))
    view = request.buffer(length)
    for start in range(0, length, len(pattern)):
        view[start:start + len(pattern)] = pattern[:length - start]
    description = chappe.Description(chappe.ElementType.U8, (height, width, channels), pixel_format=chappe.PixelFormat(channels))
    request.answer(width=width, height=height, channels=channels, kind=chappe.Kind.PIXELS,
                   media_type="application/octet-stream", description=description)
    return length


def dimensions(text):
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)x([1-4])", text)
    if match is None:
        raise ValueError(text)
    return tuple(int(number) for number in match.groups())


if __name__ == "__main__":
    raise SystemExit(main())
