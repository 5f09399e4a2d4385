"""The tree: every package and module says what belongs in it, folders of templates are named after features."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, SDES, modules, shown, tree

PACKAGES = sorted(file.parent for file in modules(SDES) if file.name == "__init__.py")
BESIDE_FEATURES = {"ui", "errors"}


@pytest.mark.parametrize("file", modules(SDES, ROOT / "jobs", ROOT / "bench"), ids=shown)
def test_every_module_says_first_what_belongs_in_it(file: Path) -> None:
    words = ast.get_docstring(tree(file))
    assert words, f'{shown(file)}: open it with """One sentence that says what belongs in it."""'


def test_tests_say_what_they_are_about() -> None:
    for file in modules(ROOT / "tests"):
        if "node_modules" not in file.parts:
            assert ast.get_docstring(tree(file)), f"{shown(file)}: open it with one sentence"


def test_every_folder_of_modules_is_a_package_with_a_docstring() -> None:
    folders = {file.parent for file in modules(SDES)}
    assert folders == set(PACKAGES), f"give these an __init__.py that says what they are for: {folders - set(PACKAGES)}"


@pytest.mark.parametrize("kind", ["templates", "partials"])
def test_folders_of_templates_are_named_after_features(kind: str) -> None:
    features = {folder.name for folder in PACKAGES if folder.parent == SDES}
    folders = {folder.name for folder in (SDES / kind).iterdir() if folder.is_dir()}
    assert folders <= features | BESIDE_FEATURES | {"email"}, f"{kind}: rename {folders - features - BESIDE_FEATURES}"


def test_names_say_what_a_thing_is() -> None:
    for file in modules(SDES, ROOT / "jobs"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.ClassDef):
                empty = node.name.endswith(("Manager", "Service", "Helper", "Util", "Utils"))
                assert not empty, f"{shown(file)}:{node.lineno} {node.name}: give it the trade's name"
        assert file.stem not in ("utils", "helpers", "common", "misc"), f"{shown(file)}: name it after what it holds"
