"""Joins the icons named in icons.txt, from an unpacked lucide-static 1.62.0 package, into static/icons.svg.

Run by hand when a name is added: `python make_icons.py PACKAGE_FOLDER`; the result is committed.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "icons.svg"
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
    names = (HERE / "icons.txt").read_text().split()
    lines = [f'{CREDIT}<svg xmlns="http://www.w3.org/2000/svg">', *(symbol(icons, name) for name in names), "</svg>"]
    TARGET.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
