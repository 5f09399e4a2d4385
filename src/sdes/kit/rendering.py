"""Pages and fragments: templates by their path under `src/sdes`, rendered with what every page knows."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from cachetools import LRUCache
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from litestar import MediaType, Request, Response
from litestar.response import Redirect
from markupsafe import Markup

from sdes.kit import clock

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT.parents[1] / "static"

type_of_request = Request[Any, Any, Any]
Context = Callable[[type_of_request], Mapping[str, Any]]

MOST_DRAWN = 32 * 1024 * 1024  # characters of fragments that this process keeps

KEPT = 1800  # seconds: what was deleted for good does not live on in memory for long

_context: list[Context] = []


class _Drawn:
    """The fragments that this process keeps, all forgotten together when their time is up."""

    def __init__(self) -> None:
        self._until = 0.0
        self._texts: LRUCache[tuple[Any, ...], Markup] = LRUCache(0)

    def texts(self) -> LRUCache[tuple[Any, ...], Markup]:
        if (now := monotonic()) > self._until:
            self._texts, self._until = LRUCache(MOST_DRAWN, getsizeof=len), now + KEPT
        return self._texts


_drawn = _Drawn()


def every_page_knows(context: Context) -> None:
    """Sets what gives each template its common words (actor, menu, CSRF token); the application calls it once."""
    _context[:] = [context]


def page(request: type_of_request, name: str, /, status: int = 200, **words: Any) -> Response[str]:
    """The whole page or fragment `name` (a path under `src/sdes`) as an answer that no cache keeps."""
    return Response(
        render(request, name, **words),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Vary": "HX-Request", "Cache-Control": "no-store"},
    )


def render(request: type_of_request, name: str, /, **words: Any) -> str:
    """The text of the template `name` for this request."""
    common = _context[0](request) if _context else {}
    return environment().get_template(name).render({**common, **words})


def drawn(name: str, /, **words: Any) -> Markup:
    """The text of a fragment that depends on `words` alone, and on nothing that every page knows: drawn once for equal
    words, which have to be hashable, and kept while there is room.

    Whoever is shown it has given the very same words, so that nobody is shown what was drawn of another's.
    """
    key = (name, *words.values(), *map(type, words.values()))  # what is equal may still be another kind of thing
    texts = _drawn.texts()
    try:
        return texts[key]
    except KeyError:
        texts[key] = text = Markup(environment().get_template(name).render(words))  # noqa: S704 - it is escaped there
        return text


def wants_fragment(request: type_of_request) -> bool:
    """Whether htmx asks for a part of the page, rather than the browser or its history for the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def listing(request: type_of_request, page_name: str, rows_name: str, /, **words: Any) -> Response[str]:
    """The rows alone for htmx, the page around them for anybody else."""
    return page(request, rows_name if wants_fragment(request) else page_name, **words)


def go(request: type_of_request, path: str) -> Response[Any]:
    """Sends the browser to `path` of this site: 303, or for htmx the header that loads a whole page."""
    if wants_fragment(request):
        return Response(None, status_code=204, headers={"HX-Redirect": path})
    return Redirect(path, status_code=303)


def dom_id(*parts: object) -> str:
    """An element's id from what it shows: `dom_id("message", 3, "files")`."""
    return "-".join(str(part) for part in parts)


class _Template(Template):
    """A template whose macros are made once: all templates have the same globals, so none needs macros of its own."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module()


@cache
def environment() -> Environment:
    made = Environment(
        loader=PrefixLoader({name: FileSystemLoader(ROOT / name) for name in ("templates", "partials")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.template_class = _Template
    made.globals.update(static=static_path, dom_id=dom_id, drawn=drawn)
    made.filters.update(local=clock.local, pairs=pairs)
    return made


class Pairs(tuple[tuple[str, Any], ...]):
    """Options of a choice as (value, label); kept ones are hashed once, however long."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash


def pairs(options: Iterable[Any]) -> Pairs:
    """Options given as (value, label) or as plain words, so that they can be compared; what is so already, as it is."""
    if isinstance(options, Pairs):
        return options
    return Pairs((str(one), str(one)) if isinstance(one, (str, int)) else (str(one[0]), str(one[1])) for one in options)


def static_path(name: str) -> str:
    """The address of a static file. It changes whenever any of them does: browsers may keep them for ever."""
    return f"/static/{static_version()}/{name}"


@cache
def static_version() -> str:
    """A short hash over every static file."""
    digest = sha256()
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(STATIC)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
