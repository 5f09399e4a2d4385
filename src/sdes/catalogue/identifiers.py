"""The arithmetic of MPANs and MPRNs: check digits and the way they are printed."""

import re

MPAN_WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
DISTRIBUTORS = range(10, 39)


def mpan_is_valid(mpan: str) -> bool:
    """Whether `mpan` is 13 digits, nothing else, of which the last fits the first twelve.

    A wrong last digit is always found. Another single wrong digit, or two neighbours of the first twelve exchanged, is
    found but for about one in fifty-five: remainders 0 and 10 share the check digit 0. An exchange of the 3rd and 8th
    or the 6th and 11th digit is never found, since their weights are equal modulo 11.
    """
    return _is_digits(mpan, 13, 13) and mpan_check_digit(mpan[:12]) == mpan[12]


def mpan_check_digit(twelve: str) -> str:
    """The thirteenth digit for the first twelve."""
    total = sum(int(digit) * weight for digit, weight in zip(twelve, MPAN_WEIGHTS, strict=True))
    return str(total % 11 % 10)


def mprn_is_valid(mprn: str) -> bool:
    """Whether `mprn` is 6 to 10 digits, nothing else, of which the last two fit those before.

    Every single wrong digit and every exchange of two different ones among the leading digits is found: the weights
    1 to 8 differ modulo 11, and the check is both digits of the remainder.
    """
    return _is_digits(mprn, 6, 10) and mprn_check_digits(mprn[:-2]) == mprn[-2:]


def mprn_check_digits(leading: str) -> str:
    """The last two digits for the digits before them: weights count down to 1 at the last of them."""
    total = sum(int(digit) * weight for weight, digit in enumerate(reversed(leading), start=1))
    return f"{total % 11:02d}"


def format_mpan(mpan: str) -> str:
    """An MPAN as it is printed, 2-4-4-3: "10 9000 0000 010". Anything but 13 digits comes back as it is."""
    if not _is_digits(mpan, 13, 13):
        return mpan
    return f"{mpan[:2]} {mpan[2:6]} {mpan[6:10]} {mpan[10:]}"


def distributor_is_known(mpan: str) -> bool:
    """Whether the first two digits are the id of a distributor that was known when this was written (10 to 38).

    New distributors get higher ids, so this may make a hint, never a refusal.
    """
    return _is_digits(mpan, 13, 13) and int(mpan[:2]) in DISTRIBUTORS


def _is_digits(text: str, least: int, most: int) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None and least <= len(text) <= most
