"""The files of one folder, by name, and nothing outside it."""

import errno
import os
import stat

import chappe


class Refusal(Exception):
    """A status, and a message."""


class Folder:
    def __init__(self, path):
        self.root = os.path.realpath(path)
        os.listdir(self.root)

    def names(self):
        with os.scandir(os.fsencode(self.root)) as entries:
            return sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False) and not entry.name.startswith(b"."))

    def open(self, name):
        if "\0" in name:
            raise Refusal(chappe.Status.INVALID_NAME, "a name has no NUL byte")
        if name.startswith("/") or ".." in name.split("/"):
            raise Refusal(chappe.Status.FORBIDDEN, "a name leads to a file below the folder, without ..")
        try:
            descriptor = os.open(os.path.join(self.root, name), os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            missing = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
            raise Refusal(chappe.Status.NOT_FOUND if missing else chappe.Status.UNREADABLE, error.strerror) from None
        # Where a link led is asked of the open file: the link may be another one by now.
        is_outside = os.path.commonpath([self.root, os.path.realpath(f"/proc/self/fd/{descriptor}")]) != self.root
        if is_outside or not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Refusal(chappe.Status.FORBIDDEN, "it leads out of the folder" if is_outside else "it is no regular file")
        return open(descriptor, "rb")
