"""What is measured of requests and of the pool, as Prometheus reads it: by route template, never by address."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from sdes.kit import db

disable_created_metrics()  # type: ignore[no-untyped-call]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
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


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """One request was answered. `route` is a template of ours; a method that nobody knows counts as OTHER."""
    _answered[0] += 1
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


def pool() -> dict[str, int]:
    """The connections of this process: how many are in use, how many there may be, how many requests wait for one."""
    if db.DB.pool is None:
        return {"in_use": 0, "at_most": 0, "waiting": 0}
    held = db.DB.pool
    free = held.get_idle_size()
    return {"in_use": held.get_size() - free, "at_most": held.get_max_size(), "waiting": db.waiting()}


def look_at_pool() -> dict[str, int]:
    """As `pool`, for whoever reads the measures next."""
    found = pool()
    for what, number in found.items():
        _connections.labels(what).set(number)
    return found
