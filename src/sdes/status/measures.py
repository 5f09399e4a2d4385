"""What is measured of requests and of the pool, as Prometheus reads it: by route template, never by address."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from sdes.kit import pool

disable_created_metrics()  # type: ignore[no-untyped-call]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE = "(none)"  # the route of an address that leads nowhere
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)

registry = CollectorRegistry()
_requests = Counter("sdes_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
_seconds = Histogram(
    "sdes_request_seconds", "From a request to the end of its answer.", ["route"], buckets=SECONDS, registry=registry
)
in_progress = Gauge("sdes_requests_in_progress", "Requests under way.", multiprocess_mode="livesum", registry=registry)
_connections = Gauge(
    "sdes_database_connections",
    "Of the web's pool: in use, at most, and requests that wait for one.",
    ["what"],
    multiprocess_mode="livesum",
    registry=registry,
)
_counted: dict[tuple[str, str, int], Counter] = {}
_timed: dict[str, Histogram] = {}
_answered = [0]
_NOBODYS = ("/health/", "/metrics", "/static/")  # routes at which nobody waits to be served
_peoples = [0, 0]


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """One request was answered. `route` is a template of ours; a method that nobody knows counts as OTHER."""
    _answered[0] += 1
    if not route.startswith(_NOBODYS) and (route != NOWHERE or status >= 500):  # whom a crowd turns away came nowhere
        _peoples[0] += 1
        _peoples[1] += status >= 500
    method = method if method in METHODS else "OTHER"
    key = (route, method, status // 100)
    if (counter := _counted.get(key)) is None:
        counter = _counted[key] = _requests.labels(route, method, f"{status // 100}xx")
    counter.inc()
    if (histogram := _timed.get(route)) is None:
        histogram = _timed[route] = _seconds.labels(route)
    histogram.observe(seconds)


def answered() -> int:
    """How many requests this process has answered since it began."""
    return _answered[0]


def peoples() -> tuple[int, int]:
    """How many requests of people and their programs this process has answered since it began, and how many of them
    with a fault of ours."""
    return _peoples[0], _peoples[1]


def of_pool() -> dict[str, int]:
    """The connections of this process: how many are in use, how many there may be, how many requests wait for one."""
    if pool.DB.pool is None:
        return {"in_use": 0, "at_most": 0, "waiting": 0}
    held = pool.DB.pool
    free = held.get_idle_size()
    return {"in_use": held.get_size() - free, "at_most": held.get_max_size(), "waiting": pool.waiting()}


def look_at_pool() -> dict[str, int]:
    """As `of_pool`, for whoever reads the measures next."""
    found = of_pool()
    for what, number in found.items():
        _connections.labels(what).set(number)
    return found
