"""The commands of `python -m sdes`: each reads its arguments and calls what does the work."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sdes.backup import options as restoring
from sdes.embedded.refusal import CannotStart
from sdes.kit.errors import SdesError
from sdes.serving import options
from sdes.settings import Settings, load

if TYPE_CHECKING:
    from litestar import Litestar


_HOUSE = "sdes.app:create_app"


def main(arguments: list[str] | None = None) -> int:
    """Carries out one command; gives the exit code. What it refuses is one sentence on standard error."""
    chosen = _commands().parse_args(arguments)
    try:
        return chosen.command(chosen) or 0
    except (SdesError, CannotStart) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(chosen: argparse.Namespace) -> int:
    from sdes.embedded.supervisor import Supervisor
    from sdes.serving.listening import checked

    options.keep(chosen)
    return Supervisor(checked(load())).run()


def _web(chosen: argparse.Namespace) -> None:
    from sdes.serving.listening import checked
    from sdes.serving.processes import serve

    options.keep(chosen)
    settings = load()
    if chosen.factory == _HOUSE and not chosen.socket:
        options.refuse_unsettled(checked(settings))
    serve(settings, chosen.factory, chosen.socket)


def _migrate(_: argparse.Namespace) -> None:
    from sdes.database.migrate import migrate
    from sdes.kit import restoring

    async def migrated() -> None:
        await restoring.refuse_half_restored()
        await migrate(_owner_url())

    _as_owner(migrated)


def _migration(chosen: argparse.Namespace) -> None:
    from sdes.database.new_migration import write

    print(write(chosen.purpose) or "No table has changed.")


def _seed(chosen: argparse.Namespace) -> None:
    from sdes.database.seed import seed

    _as_owner(lambda: seed(demo=chosen.demo, only_if_empty=chosen.if_empty))


def _cast(_: argparse.Namespace) -> None:
    from sdes.database.world import cast_lines
    from sdes.embedded.demo_password import recorded

    settings = load()
    print("\n".join(cast_lines(recorded(settings.home) or settings.demo_password or "")))


def _worker(_: argparse.Namespace) -> None:
    from sdes.embedded.reaching import refuse_absent

    asyncio.run(refuse_absent(_owner_url()))
    _of_jobs("worker").work()


def _backup(chosen: argparse.Namespace) -> None:
    from sdes.backup.house import vault_of
    from sdes.backup.shelf import Shelf, line
    from sdes.backup.taking import take

    settings = load()
    keep = timedelta(days=chosen.keep_days) if chosen.keep_days else settings.backup_keep

    def whole() -> set[str]:
        return {one.name for one in Shelf(chosen.folder).backups()} if chosen.folder.is_dir() else set()

    async def taken() -> None:
        before = whole()
        with restoring.stopped_in_words():
            forgets = not chosen.keep_all
            print(line(await take(vault_of(settings), _owner_url(), chosen.folder, keep=keep, forgets=forgets)))
        for name in sorted(before - whole()):
            print(f"{name} was older than {keep.days} days and has been removed.")

    _as_owner(taken)


def _list_backups(chosen: argparse.Namespace) -> None:
    from sdes.backup.shelf import existing, lines

    print("\n".join(lines(existing(chosen.folder))) or f"There are no backups in {chosen.folder}.")


def _verify_backup(chosen: argparse.Namespace) -> None:
    from sdes.backup.checking import checked
    from sdes.backup.house import vault_of
    from sdes.backup.shelf import line

    found = asyncio.run(checked(chosen.backup, vault_of(load()).master))
    print(f"{line(found.manifest)}\nEvery byte of it is as it was written.")


def _restore(chosen: argparse.Namespace) -> None:
    from sdes.backup.deletions import notes_at
    from sdes.backup.house import vault_of
    from sdes.backup.restoring import lines, restore
    from sdes.backup.rolls import newest

    settings = load()
    vault = vault_of(settings)
    with _database_at_rest(settings) as url:

        async def build_up() -> None:
            place = chosen.deletions
            later = await notes_at(place, vault.master, settings.blob_account_key) if place else {}
            roll = None if chosen.as_it_was else await newest(chosen.backup, vault, place, settings.blob_account_key)
            told = restoring.told(chosen)
            restored = await restore(vault, url, chosen.backup, later=later, roll=roll, **told)
            print("\n".join(lines(restored)))

        _as_owner(build_up, url)


@contextmanager
def _database_at_rest(settings: Settings) -> Iterator[str]:
    """The owner's address of the database that the environment names, or else of our own PostgreSQL, run meanwhile."""
    from sdes.embedded.postgres import EmbeddedPostgres

    if settings.database_owner_url:
        yield settings.database_owner_url
        return
    with EmbeddedPostgres(settings.home) as postgres:
        yield postgres.url("sdes_owner", "sdes")


def _list_jobs(_: argparse.Namespace) -> None:
    print("\n".join(_of_jobs("by_hand").lines()))


def _run_job(chosen: argparse.Namespace) -> None:
    _as_owner(lambda: _of_jobs("by_hand").run(chosen.name, at=chosen.at))


def _routes(_: argparse.Namespace) -> None:
    from sdes.app import create_app

    print("\n".join(route_lines(create_app())))


def route_lines(app: "Litestar") -> list[str]:
    """Every door of `app`, sorted: path, method, permission. The version in addresses of static files is left open."""
    from litestar.routes import HTTPRoute

    from sdes.kit.rendering import static_version

    lines = []
    for route in app.routes:
        path = route.path.replace(static_version(), "VERSION")
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            for method in handler.http_methods - {"OPTIONS"}:
                lines.append(f"{path:70} {method:6} {handler.opt.get('permission', '')}")
    return sorted(lines)


def _spec(chosen: argparse.Namespace) -> None:
    table = import_module("tests.spec_table")  # beside the tests that it reads
    if chosen.write:
        table.write_proven()
    print("\n".join(table.lines()))


def _database_url(chosen: argparse.Namespace) -> None:
    from sdes.embedded.postgres import EmbeddedPostgres

    settings = load()
    user = "sdes_owner" if chosen.owner else "sdes_web"
    own = settings.database_owner_url if chosen.owner else settings.database_url
    print(own or EmbeddedPostgres(settings.home).url(user, "sdes"))


def _commands() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sdes", description="The Secure Data Exchange Service.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int | None], words: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=words)
        added.set_defaults(command=command)
        return added

    options.add_to(add("run", _run, "start everything on this machine; Ctrl-C stops it"))
    web = add("web", _web, "serve the web application")
    options.add_to(web, of_server=True)
    web.add_argument("--factory", default=_HOUSE, help=argparse.SUPPRESS)
    # what the process above has opened: this one's socket first, then the others'
    web.add_argument("--socket", type=int, nargs="+", default=(), help=argparse.SUPPRESS)
    add("migrate", _migrate, "bring the database to the present shape")
    add("migration", _migration, "write the next migration").add_argument("purpose")
    seed = add("seed", _seed, "load the reference data")
    seed.add_argument("--demo", action="store_true", help="and the demo world")
    seed.add_argument("--if-empty", action="store_true", help="only into a database without companies")
    add("cast", _cast, "the sign-ins of the demo world")
    add("worker", _worker, "carry out jobs and the timetable")
    add("routes", _routes, "every route: path, method, permission")
    spec = add("spec", _spec, "which paragraphs of the specification are proven")
    spec.add_argument("--write", action="store_true", help="and keep the list that the tests compare with")
    url = add("db-url", _database_url, "the address of the database, for psql and the like")
    url.add_argument("--owner", action="store_true", help="with the owner's login")
    backup = add("backup", _backup, "put by the whole house while it runs, and remove backups that are too old")
    backup.add_argument("folder", type=Path)
    backup.add_argument("--keep-days", type=_days, help="remove backups older than this (SDES_BACKUP_KEEP_DAYS, 30)")
    backup.add_argument("--keep-all", action="store_true", help="remove none: by a clock that is wrong")
    verbs = add("backups", _list_backups, "list backups, or read one whole").add_subparsers(required=True)
    listed = verbs.add_parser("list", help="every backup in a folder, its age and its size")
    listed.set_defaults(command=_list_backups)
    listed.add_argument("folder", type=Path)
    verify = verbs.add_parser("verify", help="read one whole, and say whether it is as it was written")
    verify.set_defaults(command=_verify_backup)
    verify.add_argument("backup", type=Path, metavar="FOLDER/NAME")
    restore = add("restore", _restore, "build up an empty house from a backup")
    restore.add_argument("backup", type=Path, metavar="FOLDER/NAME")
    restoring.add_to(restore)
    jobs = add("jobs", _list_jobs, "list the jobs, or run one by hand")
    verbs = jobs.add_subparsers(metavar="VERB")
    verbs.add_parser("list", help="every job and when it runs").set_defaults(command=_list_jobs)
    run = verbs.add_parser("run", help="run one now")
    run.set_defaults(command=_run_job)
    run.add_argument("name")
    run.add_argument("--at", type=datetime.fromisoformat, help="as at this time, for example 2026-11-03T18:00+00:00")
    return parser


def _as_owner(work: Callable[[], Awaitable[object]], url: str = "") -> None:
    """Does `work` with a pool of the owner's login, at the address of the settings unless another is given."""
    from sdes.embedded.reaching import refuse_absent
    from sdes.kit import db

    async def with_pool() -> None:
        await refuse_absent(url or _owner_url())
        await db.open_pool(url or _owner_url(), size=4)
        try:
            await work()
        finally:
            await db.close_pool()

    asyncio.run(with_pool())


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError("must be a whole number of days from 1 to 3650")
    return int(text)


def _owner_url() -> str:
    url = load().database_owner_url
    if url is None:
        raise CannotStart("Set DATABASE_OWNER_URL to the database's address with the owner's login.")
    return url


def _of_jobs(module: str):  # type: ignore[no-untyped-def]
    """The jobs stand above this package and import it, so they are reached by name only."""
    return import_module(f"jobs.{module}")
