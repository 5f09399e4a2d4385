"""One reader per kind of data item: what was typed gives a value to store, or the sentence that says what is wrong."""

import re
import unicodedata
from decimal import Decimal

from sdes.catalogue.dates import read_date
from sdes.catalogue.identifiers import mpan_is_valid, mprn_is_valid

Read = tuple[str | None, str | None]

MOST_TEXT = 200
MOST_TEXTAREA = 2_000
MOST_DIGITS = 40
MOST_MSN = 14

# They reorder or hide what is read: a value must look like what it is.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def one_line(text: str) -> str:
    """`text` in normal form, on one line, without what cannot be seen."""
    return " ".join(_visible(text).split())


def read_mpan(text: str) -> Read:
    """13 digits with their check digit; spaces and hyphens between them are taken out."""
    digits = _without_gaps(text)
    if not _is_digits(digits):
        return None, "Enter an MPAN with 13 digits and nothing else."
    if len(digits) == 21:
        return None, "Enter an MPAN with 13 digits. You entered 21: leave out the 8 of the top line."
    if len(digits) != 13:
        return None, f"Enter an MPAN with 13 digits. You entered {len(digits)}."
    if not mpan_is_valid(digits):
        return None, "Check the MPAN: its last digit does not match the others."
    return digits, None


def read_mprn(text: str) -> Read:
    """6 to 10 digits with their two check digits; spaces and hyphens between them are taken out."""
    digits = _without_gaps(text)
    if not _is_digits(digits):
        return None, "Enter an MPRN with 6 to 10 digits and nothing else."
    if not 6 <= len(digits) <= 10:
        return None, f"Enter an MPRN with 6 to 10 digits. You entered {len(digits)}."
    if not mprn_is_valid(digits):
        return None, "Check the MPRN: its last two digits do not match the others."
    return digits, None


def read_msn(text: str) -> Read:
    """Letters and digits, at most 14; spaces go, small letters become capitals, so that one meter is one text."""
    serial = one_line(text).replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z0-9]+", serial):
        return None, "Enter a meter serial number with letters, digits and spaces only."
    if len(serial) > MOST_MSN:
        return None, f"Enter a meter serial number of at most {MOST_MSN} characters. You entered {len(serial)}."
    return serial, None


def read_day(text: str) -> Read:
    """A date, day first; stored as 2026-11-03."""
    day, sentence = read_date(one_line(text))
    return (day.isoformat() if day else None), sentence


def read_text(text: str) -> Read:
    """One line of at most 200 characters."""
    line = one_line(text)
    if len(line) > MOST_TEXT:
        return None, f"Enter at most {MOST_TEXT} characters. You entered {len(line)}."
    return line, None


def read_textarea(text: str) -> Read:
    """Several lines, at most 2,000 characters in all; blanks at the ends of lines go."""
    lines = [line.rstrip() for line in _visible(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    whole = "\n".join(lines).strip()
    if len(whole) > MOST_TEXTAREA:
        return None, f"Enter at most {MOST_TEXTAREA:,} characters. You entered {len(whole):,}."
    return whole, None


def read_amount(text: str) -> Read:
    """Pounds and pence, with or without £ and commas; stored as 1234.50."""
    typed = one_line(text).removeprefix("£").strip()
    if not re.fullmatch(r"([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){0,2})(\.[0-9]{1,2})?", typed):
        return None, "Enter an amount in pounds and pence, for example 1,234.50."
    return f"{Decimal(typed.replace(',', '')):.2f}", None


def read_digits(text: str) -> Read:
    """Digits only, at most 40; spaces and hyphens between them are taken out."""
    digits = _without_gaps(text)
    if not _is_digits(digits):
        return None, "Enter digits only."
    if len(digits) > MOST_DIGITS:
        return None, f"Enter at most {MOST_DIGITS} digits. You entered {len(digits)}."
    return digits, None


def read_phone(text: str) -> Read:
    """A telephone number of the United Kingdom, with an extension if there is one; stored as 01632960123 ext 12."""
    typed = one_line(text).casefold()
    number, _, extension = re.sub(r"\s*(?:extension|ext\.?|x)\s*(?=[0-9]+$)", "#", typed, count=1).partition("#")
    number = re.sub(r"^(?:\+|00)44(?:\(0\))?", "0", re.sub(r"[ .-]", "", number))
    number = re.sub(r"^0+(?=0[1-9])", "", number).replace("(", "").replace(")", "")
    if not re.fullmatch(r"0[1-9][0-9]{8,9}", number) or len(extension) > 6:
        return None, "Enter a UK telephone number, for example 01632 960123."
    return (f"{number} ext {extension}" if extension else number), None


def read_eui64(text: str) -> Read:
    """Eight pairs of hexadecimal digits, bare or with hyphens or colons; stored as 90-B3-D5-1F-30-01-02-03."""
    typed = one_line(text).replace(" ", "").upper()
    if not re.fullmatch(r"[0-9A-F]{2}([-:]?)[0-9A-F]{2}(?:\1[0-9A-F]{2}){6}", typed):
        return None, "Enter a device id of eight pairs of the digits 0 to 9 and A to F, like 90-B3-D5-1F-30-01-02-03."
    bare = re.sub(r"[-:]", "", typed)
    return "-".join(bare[start : start + 2] for start in range(0, 16, 2)), None


def read_utrn(text: str) -> Read:
    """20 digits; spaces and hyphens between them are taken out."""
    digits = _without_gaps(text)
    if not _is_digits(digits):
        return None, "Enter a UTRN with 20 digits and nothing else."
    if len(digits) != 20:
        return None, f"Enter a UTRN with 20 digits. You entered {len(digits)}."
    return digits, None


def _visible(text: str) -> str:
    """`text` in normal form; a control character (NUL cannot be stored) or half a character is a blank."""
    normal = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\r\n\t" else c for c in normal)


def _without_gaps(text: str) -> str:
    # Compatibility form: digits pasted from a spreadsheet or an Asian keyboard may be full-width.
    return re.sub(r"[\s\u2010-\u2015-]", "", unicodedata.normalize("NFKC", _visible(text)))


def _is_digits(text: str) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None
