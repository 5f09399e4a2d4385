"""What Piccolo's commands look for: the engine and the one app."""

from piccolo.conf.apps import AppRegistry

from sdes.kit.db import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["sdes.database.piccolo_app"])
