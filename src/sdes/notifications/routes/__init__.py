"""The doors of notifications."""

from litestar import Router

from sdes.notifications.routes import own, setting

router = Router(
    path="/",
    route_handlers=[
        own.index,
        own.bell,
        own.read_all,
        setting.show,
        setting.change,
    ],
)
