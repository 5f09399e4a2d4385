"""Joins the icons that the pages use, from an unpacked lucide-static 1.62.0 package, into static/icons.svg.

Run by hand when an icon is added: `python make_icons.py PACKAGE_FOLDER`; the result is committed.
"""

import re
import sys
from pathlib import Path

NAMES = ["activity", "archive", "arrow-down", "arrow-down-left", "arrow-up", "arrow-up-right", "bell", "building-2", "calendar-clock", "chart-column", "check", "chevron-down", "chevron-left", "chevron-right", "circle-alert", "circle-check", "circle-question-mark", "circle-x", "clipboard-list", "clock", "copy", "database", "download", "ellipsis", "eye", "file-archive", "file-clock", "file-image", "file-pen", "file-spreadsheet", "file-text", "flag", "gauge", "hard-drive", "history", "hourglass", "inbox", "info", "key-round", "keyboard", "link", "list-filter", "lock", "log-in", "log-out", "mail", "map-pin", "menu", "message-square", "monitor", "moon", "paperclip", "pencil", "plug", "plus", "printer", "refresh-cw", "reply", "rows-2", "rows-4", "save", "search", "send", "server", "settings", "shield", "shield-alert", "shield-check", "shield-question-mark", "shield-x", "sun", "sun-moon", "tag", "timer", "trash-2", "trending-up", "triangle-alert", "unlink", "upload", "user", "user-check", "user-x", "users", "x", "zap"]
TARGET = Path(__file__).parents[2] / "icons.svg"
CREDIT = "<!-- Icons from lucide-static 1.62.0 (ISC licence, see vendor/lucide-1.62.0/LICENSE) -->"


def symbol(folder: Path, name: str) -> str:
    """One icon as a <symbol>: the drawing without the outer <svg>, whitespace between tags removed."""
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", (folder / f"{name}.svg").read_text(), re.DOTALL)
    if drawing is None:
        raise SystemExit(f"{name}.svg holds no drawing")
    body = re.sub(r">\s+<", "><", drawing.group(1).strip())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def main() -> None:
    icons = Path(sys.argv[1]) / "icons"
    lines = [f'{CREDIT}<svg xmlns="http://www.w3.org/2000/svg">', *(symbol(icons, name) for name in NAMES), "</svg>"]
    TARGET.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
