"""The fourteen file types of SD 11.1(g): which names are taken, and whether a file's content is what its name says."""

import re
import unicodedata

from sdes.attachments import contents
from sdes.kit.errors import Refused

LONGEST_NAME = 150

# What a sentence calls a file of each extension.
TYPES = {
    "7z": "a 7z archive",
    "csv": "a CSV file",
    "dat": "a data file of plain text",
    "doc": "a Word 97-2003 document",
    "docx": "a Word document",
    "gif": "a GIF image",
    "jpeg": "a JPEG image",
    "jpg": "a JPEG image",
    "pdf": "a PDF file",
    "png": "a PNG image",
    "txt": "a text file",
    "xls": "an Excel 97-2003 workbook",
    "xlsx": "an Excel workbook",
    "zip": "a ZIP archive",
}

ACCEPT = ",".join(f".{extension}" for extension in TYPES)  # for the accept attribute of a file field

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, format (with all bidi marks), half characters


def clean_name(raw: str) -> str:
    """The name under which a file is kept: no path, no control or direction characters, at most 150 characters.

    Keeps the extension when it shortens. Raises Refused where nothing of a name is left.
    """
    name = re.split(r"[/\\]", raw)[-1]
    name = "".join(
        " " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c) not in _UNPRINTABLE
    )
    # Windows drops dots and spaces at the end, and with them what tells the type.
    name = " ".join(unicodedata.normalize("NFC", name).split()).rstrip(". ")
    if not name.strip(". "):
        raise Refused("A file without a name cannot be attached. Give it a name and add it again.")
    if len(name) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        if not dot or len(extension) > 10:
            return name[:LONGEST_NAME].rstrip()
        name = f"{stem[: LONGEST_NAME - len(extension) - 1].rstrip()}.{extension}"
    return name


def extension_of(name: str) -> str:
    """The extension in lower case without its dot; empty where there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def extension_allowed(name: str) -> bool:
    """Whether the name ends in one of the fourteen extensions."""
    return extension_of(name) in TYPES


def extension_refusal(name: str) -> str | None:
    """The sentence for a name whose type is not taken, or None."""
    if extension_allowed(name):
        return None
    return f"{name} is of a type that cannot be attached. These can: {', '.join(TYPES)}."


class ContentCheck:
    """Fed with a file as it streams in, says at its end whether the content is what the name promises.

    Holds at most 64 KiB of the head and 256 KiB of the tail (for a moment twice that). A gate, not the virus check.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._type = extension_of(name)
        self._seen = contents.Seen()

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the file."""
        self._seen.add(chunk)

    def finish(self) -> str | None:
        """The sentence of refusal, or None when the file may be taken."""
        if refusal := extension_refusal(self._name):
            return refusal
        if not self._seen.size:
            return f"{self._name} is empty. Choose the file again, or leave it out."
        match contents.judge(self._type, self._seen):
            case None:
                return None
            case contents.Fault.OTHER:
                return f"{self._name} is not {TYPES[self._type]}: its content does not match its name."
            case contents.Fault.PROGRAM:
                return f"{self._name} is a program, not {TYPES[self._type]}. Programs cannot be attached."
            case contents.Fault.LOCKED:
                return (
                    f"{self._name} is protected with a password, so it cannot be virus checked. "
                    "Save it without the password and add it again."
                )
            case contents.Fault.MACROS:
                return f"{self._name} contains macros. Save it without macros and add it again."
            case contents.Fault.CUT:
                return f"{self._name} is damaged or not complete. Save it again and add it again."
