"""Spans as a real receiver of OTLP gets them: requests, statements and jobs, and no words of anybody."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sdes.kit import db as database
from sdes.status import tracing
from tests.support.communications import sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


class Receiver(BaseHTTPRequestHandler):
    """Takes what is exported and keeps it."""

    received: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        told = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).received.append(told)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


class Collector:
    """A receiver on this machine, and what it has got."""

    def __init__(self) -> None:
        self.handler = type("Kept", (Receiver,), {"received": []})
        self.server = HTTPServer(("127.0.0.1", 0), self.handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def spans(self) -> list[dict[str, object]]:
        """Every span that has come, with its attributes as a plain mapping."""
        return [
            {**MessageToDict(span), "attributes": {a.key: _plain(a.value) for a in span.attributes}}
            for told in self.handler.received  # type: ignore[attr-defined]
            for resource in told.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def _plain(value: object) -> object:
    return getattr(value, value.WhichOneof("value"))  # type: ignore[attr-defined]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    tracing.end()
    made.server.shutdown()
    thread.join()
    made.server.server_close()


async def test_a_request_and_its_statements_are_spans_of_one_trace(asha: Browser, collector: Collector) -> None:
    reference = await sent(asha, subject="zanzibar", text="confidential")
    tracing.begin(collector.url, "web")
    answer = await asha.get(f"/sdep/communications/{reference}?q=zanzibar")
    await asha.get("/sdep/communications?q=zanzibar+confidential")
    tracing.end()
    spans = collector.spans()
    (page,) = (s for s in spans if s["name"] == "GET /sdep/communications/{reference}")
    assert page["attributes"] == {
        "http.request.method": "GET",
        "http.route": "/sdep/communications/{reference}",
        "http.response.status_code": 200,
        "sdes.request_id": answer.headers["x-request-id"],
    }
    within = [s for s in spans if s["traceId"] == page["traceId"] and s is not page]
    assert [s for s in within if "sdes_enter" in str(s["attributes"])], "the look-up of the session is one"
    told = json.dumps(spans)
    assert [word for word in ("zanzibar", "confidential", reference, "asha", "@") if word in told] == []


async def test_a_failed_statement_keeps_its_values_to_itself(db: None, collector: Collector) -> None:
    tracing.begin(collector.url, "worker")
    with pytest.raises(Exception, match="zanzibar"):
        async with database.transaction():
            await database.fetch("SELECT ('zan' || $1)::int", "zibar")
    tracing.end()
    (failed,) = (s for s in collector.spans() if s.get("status"))
    assert failed["status"] == {"code": "STATUS_CODE_ERROR"}
    assert "zanzibar" not in json.dumps(collector.spans())


async def test_a_job_is_a_span(collector: Collector) -> None:
    tracing.begin(collector.url, "worker")
    tracing.end_job(tracing.start_job("mail_sweep"), failed=True)
    tracing.end()
    (job,) = collector.spans()
    assert (job["name"], job["status"]) == ("job mail_sweep", {"code": "STATUS_CODE_ERROR"})


async def test_without_the_setting_nothing_of_it_is_loaded(asha: Browser, collector: Collector) -> None:
    await asha.get("/status")
    assert collector.spans() == []
    assert tracing.start_job("mail_sweep") is None
