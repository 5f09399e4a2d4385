"""Doors of the status: the page for people, health for load balancers, measures for Prometheus."""

from litestar import Router

from sdes.status.routes import availability, health, metrics, page

router = Router(
    path="/",
    route_handlers=[
        *(health.live, health.ready, metrics.show, page.show),
        *(availability.as_csv, availability.as_workbook),
    ],
)
