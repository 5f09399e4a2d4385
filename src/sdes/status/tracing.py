"""Spans of requests, statements and jobs, sent by OTLP where `SDES_OTLP_URL` says. Without it nothing of it is loaded.

A span says what a log line says: a route's template, a statement with its placeholders, a job's name. What an error
says is left out, since PostgreSQL repeats values in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sdes.kit.errors import SdesError

_tracer: list[Any] = []
_provider: list[Any] = []


class Span:
    """The span of one request, or none at all."""

    def __init__(self, inner: Any = None) -> None:
        self._inner = inner

    def answered(self, route: str, status: int, id: str) -> None:
        """What has become of the request; `route` is its template."""
        if self._inner is None:
            return
        method = self._inner.attributes["http.request.method"]
        self._inner.update_name(f"{method} {route}")
        self._inner.set_attributes({"http.route": route, "http.response.status_code": status, "sdes.request_id": id})
        if status >= 500:
            self._inner.set_status(_codes().ERROR)


_NO_SPAN = Span()


def begin(url: str, part: str) -> None:
    """Sends the spans of this process, the `part` web or worker, to `url` from now on. Refuses where the libraries are
    not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as cause:
        raise SdesError(
            "SDES_OTLP_URL is set, but its libraries are not installed: install sdes[telemetry]."
        ) from cause
    provider = TracerProvider(resource=Resource.create({"service.name": f"sdes-{part}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url, timeout=3)))
    _provider[:] = [provider]
    _tracer[:] = [provider.get_tracer("sdes")]
    AsyncPGInstrumentor().instrument(tracer_provider=_Discreet(provider))  # type: ignore[no-untyped-call]


def end() -> None:
    """Sends what is left and stops."""
    if not _provider:
        return
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

    AsyncPGInstrumentor().uninstrument()  # type: ignore[no-untyped-call]
    _tracer.clear()
    _provider.pop().shutdown()


@contextmanager
def request(method: str) -> Iterator[Span]:
    """The span of one request, around what answers it."""
    if not _tracer:
        yield _NO_SPAN
        return
    from opentelemetry.trace import SpanKind

    with _tracer[0].start_as_current_span(
        method,
        kind=SpanKind.SERVER,
        attributes={"http.request.method": method},
        record_exception=False,
        set_status_on_exception=False,
    ) as inner:
        yield Span(inner)


def start_job(name: str) -> Any:
    """Opens the span of a job that begins here; `end_job` closes it. What the job's task asks belongs to it."""
    if not _tracer:
        return None
    from opentelemetry import context, trace

    inner = _tracer[0].start_span(f"job {name}", attributes={"sdes.job": name})
    context.attach(trace.set_span_in_context(inner))
    return inner


def end_job(inner: Any, *, failed: bool) -> None:
    """Closes what `start_job` gave."""
    if inner is None:
        return
    if failed:
        inner.set_status(_codes().ERROR)
    inner.end()


def _codes() -> Any:
    from opentelemetry.trace import StatusCode

    return StatusCode


class _Discreet:
    """A provider of tracers for the library that watches asyncpg: its spans keep nothing that an error says."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def get_tracer(self, *words: Any, **more: Any) -> "_DiscreetTracer":
        return _DiscreetTracer(self._provider.get_tracer(*words, **more))


class _DiscreetTracer:
    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    def start_as_current_span(self, name: str, **words: Any) -> Any:
        silent = {"record_exception": False, "set_status_on_exception": False}
        return self._tracer.start_as_current_span(name, **{**words, **silent})
