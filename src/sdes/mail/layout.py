"""The text of a mail as HTML: paragraphs, lists, links and what is to be copied, and nothing else."""

import re

from sdes.kit.rendering import environment


def as_html(subject: str, text: str, site: str) -> str:
    """The same mail as HTML. In `text`, an empty line ends a paragraph, `- ` begins an item of a list, four spaces
    set a line apart that is to be copied, and a line that is an address of `site` becomes a link."""
    frame = environment().get_template("templates/email/frame.html")
    return frame.render(subject=subject, blocks=blocks_of(text, site), site=site)


def blocks_of(text: str, site: str) -> list[dict[str, object]]:
    """The parts of a mail's text in their order: `kind` is text, list, copy or link, and `lines` what it says."""
    return [_block(part, site) for part in re.split(r"\n\s*\n", text.strip("\n"))]


def _block(part: str, site: str) -> dict[str, object]:
    lines = part.split("\n")
    if all(line.startswith("- ") for line in lines):
        return {"kind": "list", "lines": [line[2:] for line in lines]}
    if all(line.startswith("    ") for line in lines):
        return {"kind": "copy", "lines": [line.strip() for line in lines]}
    if len(lines) == 1 and lines[0].startswith(f"{site}/"):
        return {"kind": "link", "lines": lines}
    return {"kind": "text", "lines": lines}
