"""Templates: fragments say what they are given, forms prove themselves, nothing is inline, no file grows too long."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from jinja2 import meta

from sdes import app as application
from sdes.kit.rendering import environment
from tests.architecture.source import ROOT, SDES, modules, shown, templates

PARTIALS = [file for file in templates() if SDES / "partials" in file.parents]
LONGEST_TEMPLATE = 150  # lines
LONGEST_MODULE = 300

INLINE = {  # what the Content-Security-Policy forbids
    "a style element": r"<style",
    "a style attribute": r"\bstyle\s*=",
    "an event attribute": r"\son[a-z]+\s*=",
    "a script that is not a file": r"<script(?![^>]*\bsrc=)",
    "text in a script": r"<script[^>]*>\s*[^<\s]",
    "a javascript: address": r"javascript:",
    "hx-on, which htmx evaluates": r"hx-on[:-]",
    "a condition that htmx evaluates": r"hx-trigger=\"[^\"]*\[",
    "values that htmx evaluates": r"['\"]js:",
}
CONTROL = re.compile(
    r"<(?:input|select|textarea|button)\b|{{-?\s*(?:field|select|textarea|password|choices|file_drop)\("
)
TOKEN = '<input type="hidden" name="csrf_token" value="{{ csrf_token }}">'


def test_what_every_page_knows_is_found() -> None:
    assert {"actor", "csrf_token", "now"} <= _common_words()


@pytest.mark.parametrize("file", PARTIALS, ids=shown)
def test_a_partial_says_in_its_first_line_what_it_is_given(file: Path) -> None:
    text = file.read_text()
    used = meta.find_undeclared_variables(environment().parse(text)) - set(environment().globals) - _common_words()
    stated = re.match(r"{# inputs:(.*?)#}", text)
    if not stated and file.parent.name == "ui":  # macros, which state their own
        assert not used, f"{shown(file)} needs {sorted(used)}: make them arguments of its macros"
        return
    line = f"{{# inputs: {', '.join(sorted(used))} #}}"
    assert stated, f"{shown(file)} must begin with {line}"
    assert set(re.findall(r"\w+", stated[1])) == used, f"the first line of {shown(file)} must be {line}"


PAGES = [file for file in templates() if file.parent.name != "email"]  # mail programs know no stylesheets


@pytest.mark.parametrize("file", PAGES, ids=shown)
def test_nothing_is_inline(file: Path) -> None:
    text = re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL)
    for what, pattern in INLINE.items():
        found = re.search(pattern, text, re.IGNORECASE)
        assert not found, f"{shown(file)} has {what}: put it into static/sdes.css or static/sdes.js: {found[0]}"


@pytest.mark.parametrize("file", templates(), ids=shown)
def test_the_token_is_the_first_field_of_every_form(file: Path) -> None:
    """Uploads are read as a stream, and no file is taken before the token."""
    for form in re.findall(r"<form\b[^>]*\bmethod=\"?post\b.*?</form>", file.read_text(), re.DOTALL | re.IGNORECASE):
        first = CONTROL.search(form)
        assert first, f"{shown(file)}: a form without fields: {form[:80]}"
        assert form.startswith(TOKEN, first.start()), f"{shown(file)}: begin this form with {TOKEN}: {form[:80]}"


def test_forms_change_things_by_post_only() -> None:
    for file in templates():
        for form in re.findall(r"<form\b[^>]*>", file.read_text()):
            assert re.search(r"method=\"(post|get)\"", form), f"{shown(file)}: state method= in {form}"


@pytest.mark.parametrize("file", templates(), ids=shown)
def test_moments_are_put_into_words_by_the_macros_only(file: Path) -> None:
    """They tell London's time; whoever formats a moment elsewhere forgets to."""
    if file.name != "dates.html":
        found = re.search(r"\b(strftime|isoformat|astimezone)\b|{{[^}(]*\w_at\s*(\|[^}]*)?}}", file.read_text())
        assert not found, f"{shown(file)}: write it with a macro of partials/ui/dates.html: {found[0]}"


@pytest.mark.parametrize("file", templates(), ids=shown)
def test_a_template_is_short(file: Path) -> None:
    lines = len(file.read_text().splitlines())
    assert lines < LONGEST_TEMPLATE, f"{shown(file)} has {lines} lines: take a fragment out of it"


def test_modules_are_short() -> None:
    for file in modules(ROOT / "src", ROOT / "jobs", ROOT / "tests", ROOT / "bench"):
        if "node_modules" not in file.parts:
            lines = len(file.read_text().splitlines())
            assert lines < LONGEST_MODULE, f"{shown(file)} has {lines} lines: make it a package, split by capability"


def _common_words() -> set[str]:
    """What `app._common_words` gives to every template."""
    source = ast.parse(inspect.getsource(application._common_words))
    returned = next(node.value for node in ast.walk(source) if isinstance(node, ast.Return))
    assert isinstance(returned, ast.Dict)
    return {key.value for key in returned.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
