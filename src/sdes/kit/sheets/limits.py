"""How large a spreadsheet may be, and the refusal of what is larger or is none."""

from sdes.kit.errors import SdesError

MOST_BYTES = 10 * 1024 * 1024  # of the file
MOST_ROWS = 20_000  # beside the heading
MOST_COLUMNS = 50
MOST_TEXT = 10 * 1024 * 1024  # characters of all cells: a workbook may name one long text a million times

Sheet = list[list[str]]  # rows of cells, the heading first


class Unreadable(SdesError):
    """The file cannot be read as a spreadsheet; the text says why and what to do."""

    status = 422
    title = "The file could not be read"
