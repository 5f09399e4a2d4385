"""The database is asked in queries, actions and access only, and every one of them is told first who asks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdes.database.piccolo_app import APP_CONFIG
from tests.architecture.source import ROOT, SDES, modules, public_functions, shown, tree

TABLES = {table.__name__ for table in APP_CONFIG.table_classes}
AT_HOME = {"tables", "access", "queries", "actions"}  # modules or packages of a feature

# What asks the database elsewhere, and why.
ELSEWHERE = {
    "src/sdes/database/": "makes, migrates and fills the tables, as their owner",
    "src/sdes/backup/": "the owner's own work, for the whole house",
    "src/sdes/kit/restoring.py": "the mark of a restore stands for everybody",
    "src/sdes/kit/true_clock.py": "what time the database has it",
    "src/sdes/auditlog/__init__.py": "record() is the package's one public write",
    "src/sdes/accounts/sessions.py": "finds out who asks, so nobody can be told before",
    "src/sdes/accounts/rate_limits.py": "counts attempts before anybody is known",
    "src/sdes/attachments/checking.py": "the system's own job, which sees every company's files",
    "src/sdes/mail/": "writes for whoever is there, and sends as the system, which sees every company's mails",
    "src/sdes/catalogue/load.py": "loads the reference data, which is nobody's",
}
# Public functions of queries and actions that are not told who asks, and why.
NOBODY_ASKS = {
    "src/sdes/status/queries.py": "numbers and times of the service itself",
    "src/sdes/status/actions.py": "the service's own processes tell of themselves",
    "src/sdes/catalogue/queries.py": "the catalogue is everybody's",
    "src/sdes/workingdays/queries.py": "the calendar is everybody's",
    "src/sdes/mail/queries.py": "two figures, and the demo's mails, which are everybody's",
    "src/sdes/accounts/actions/sign_in.py": "nobody is known before it",
    "src/sdes/accounts/actions/resets.py": "nobody is known before it",
    "src/sdes/accounts/actions/links.py": "whoever holds a link may follow it, signed in or not",
    "src/sdes/accounts/actions/refusals.py": "who was refused is not known",
    "src/sdes/accounts/actions/known_browsers.py": "nobody is known before the end of it",
    "src/sdes/accounts/actions/passwords.py:replace_password": "of a person who signs in, or follows a link",
    "src/sdes/accounts/actions/passwords.py:tell_of_change": "of a person who follows a link, too",
    "src/sdes/accounts/actions/passwords.py:use_up_single_use": "nobody is known before it",
    "src/sdes/accounts/actions/passwords.py:end_sessions": "of a person who follows a link, too",
    "src/sdes/accounts/queries.py:has_second_factor": "asked at sign-in, before anybody is known",
    "src/sdes/accounts/queries.py:person_row": "asked at sign-in, before anybody is known",
    "src/sdes/accounts/queries.py:who_helps": "asked at sign-in, before anybody is known",
    "src/sdes/accounts/queries.py:master_admin_name": "asked at sign-in, before anybody is known",
    "src/sdes/accounts/queries.py:overseer_companies": "asked at sign-in, before anybody is known",
    "src/sdes/single_sign_on/actions/keys.py": "the keys are the service's own",
    "src/sdes/single_sign_on/actions/granting.py:exchange": "a program asks, with a code",
    "src/sdes/single_sign_on/actions/granting.py:next_refresh_token": "the same",
    "src/sdes/single_sign_on/actions/refreshing.py:refresh": "a program asks, with a refresh token",
    "src/sdes/single_sign_on/actions/elsewhere.py": "nobody is known before it",
    "src/sdes/accounts/actions/company_credentials.py": "the enquiry service says so, too",
    "src/sdes/single_sign_on/actions/master_admin.py:become_master_admin": "the enquiry service says so",
    "src/sdes/single_sign_on/actions/providers.py:sealed": "seals a secret; touches no row",
    "src/sdes/single_sign_on/actions/providers.py:unsealed": "opens a secret; touches no row",
    "src/sdes/single_sign_on/queries.py:client_in_use": "a program asks, before anybody is known",
    "src/sdes/single_sign_on/queries.py:holder_of_token": "a program asks, with a token",
    "src/sdes/single_sign_on/queries.py:holder_of_grant": "a program asks, with a code",
    "src/sdes/single_sign_on/queries.py:provider_at": "the sign-in page asks, before anybody is known",
    "src/sdes/single_sign_on/queries.py:enabled_providers": "the sign-in page asks, before anybody is known",
    "src/sdes/administration/actions/assignments.py:left_with_nobody": "counts; touches no row",
    "src/sdes/administration/actions/people.py:insert": "in the open transaction's company",
    "src/sdes/administration/actions/people.py:shut_out": "in the open transaction's company",
    "src/sdes/administration/actions/people.py:blank": "in the open transaction's company",
    "src/sdes/accounts/actions/master_admins.py:take_over_default_contacts": "in the open transaction's company",
    "src/sdes/attachments/actions.py:nudge": "asks the worker; touches no row",
    "src/sdes/sdep/actions/holding.py:if_still_there": "touches no row",
    "src/sdes/sdep/actions/history.py:file_mark": "writes a mark; touches no row",
    "src/sdes/attachments/queries.py:size_text": "writes a number; touches no row",
}


@pytest.mark.parametrize("file", modules(SDES, ROOT / "jobs"), ids=shown)
def test_the_database_is_asked_at_home(file: Path) -> None:
    if _is_at_home(file) or _reason(file):
        return
    for line, what in _asked(file):
        pytest.fail(
            f"{shown(file)}:{line} uses {what}: put the read into the feature's queries, the write into its actions"
            " (or, if it must be here, name the file with the reason in ELSEWHERE)"
        )


def test_queries_and_actions_are_told_first_who_asks() -> None:
    for file in modules(SDES):
        if not {"queries", "actions"} & set(file.relative_to(SDES).with_suffix("").parts) or shown(file) in NOBODY_ASKS:
            continue
        for function in public_functions(file):
            if f"{shown(file)}:{function.name}" in NOBODY_ASKS:
                continue
            arguments = [*function.args.posonlyargs, *function.args.args]
            first = (arguments[0].arg, ast.unparse(arguments[0].annotation or ast.Constant(None))) if arguments else ()
            assert first == ("actor", "Actor"), (
                f"{shown(file)}:{function.lineno} {function.name}() must begin (actor: Actor, ...)"
                " (or, if nobody asks, be named with the reason in NOBODY_ASKS)"
            )


def test_exceptions_are_still_needed() -> None:
    for place in ELSEWHERE:
        files = modules(ROOT / place) if place.endswith("/") else [ROOT / place]
        assert any(list(_asked(file)) for file in files if file.exists()), (
            f"{place} asks nothing: drop it from ELSEWHERE"
        )


def _is_at_home(file: Path) -> bool:
    return any(part in AT_HOME for part in file.relative_to(ROOT).with_suffix("").parts)


def _reason(file: Path) -> str:
    return next((why for place, why in ELSEWHERE.items() if shown(file).startswith(place)), "")


def _asked(file: Path) -> Iterator[tuple[int, str]]:
    """Lines that name a table's class, imported from a feature's tables, or that hand SQL to the database."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                if module.endswith(".tables") and alias.name in TABLES:
                    yield node.lineno, f"the table {alias.name}"
                if alias.name == "tables" or (module == "sdes.kit.db" and alias.name in ("fetch", "DB")):
                    yield node.lineno, alias.name
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("db.fetch", "db.DB"):
            yield node.lineno, ast.unparse(node)


def test_functions_that_nobody_asks_are_still_there() -> None:
    for place in NOBODY_ASKS:
        file, _, name = place.partition(":")
        names = {function.name for function in public_functions(ROOT / file)}
        assert not name or name in names, f"there is no {place} any more: drop it from NOBODY_ASKS"
