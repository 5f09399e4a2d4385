"""Closing the door of a server without shutting it in anybody's face who is just coming in."""

import ctypes
import socket
import struct
from contextlib import suppress

COMING_IN = 0.3  # seconds that whoever has begun to connect may take, which is one way of a packet and back

_ATTACH_FILTER, _DETACH_FILTER = 26, 27  # SO_ATTACH_FILTER and SO_DETACH_FILTER of Linux
_FLAGS, _SYN, _SYN_AND_ACK = 13, 0x02, 0x12  # where TCP has its flags, and those that begin and accept a connection
_INSTRUCTION = struct.Struct("HBBI")
_NOTHING_NEW = [
    (0x30, 0, 0, _FLAGS),  # load the byte
    (0x54, 0, 0, _SYN_AND_ACK),  # of it these two alone
    (0x15, 0, 1, _SYN),  # where it begins a connection
    (0x06, 0, 0, 0),  # drop it,
    (0x06, 0, 0, 0xFFFFFFFF),  # or else take it whole
]


def let_nobody_new_in(listening: socket.socket) -> None:
    """From now on nobody begins to connect, and those who have begun come in: were the socket closed at once, the
    kernel would reset them, though they may have sent a request already.

    Whoever knocks now hears nothing and, as TCP has it, knocks again a second later: then somebody else listens there,
    or they are refused before they have sent anything.
    """
    instructions = b"".join(_INSTRUCTION.pack(*one) for one in _NOTHING_NEW)
    held = ctypes.create_string_buffer(instructions, len(instructions))
    given = struct.pack("HP", len(_NOTHING_NEW), ctypes.addressof(held))
    with suppress(OSError):  # a kernel without filters, or a socket that is closed
        listening.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, given)


def let_everybody_in(listening: socket.socket) -> None:
    """As before: a socket that one process has closed for itself is opened again by the next."""
    with suppress(OSError):  # there was no filter
        listening.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)


def all_who_wait(listening: socket.socket) -> list[socket.socket]:
    """Those who have come in and whom nobody has received."""
    received = []
    with suppress(OSError):  # nobody else waits
        listening.setblocking(False)
        while True:
            received.append(listening.accept()[0])
    return received
