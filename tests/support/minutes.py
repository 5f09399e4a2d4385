"""Minutes in which the service was available, as its web processes would have kept them."""

from datetime import datetime, timedelta

from sdes.kit import db

MINUTE = timedelta(minutes=1)


async def fill(*spans: tuple[datetime, datetime]) -> None:
    """The service was available in every minute of these, the last of each left out."""
    for since, until in spans:
        await db.fetch(
            "INSERT INTO available_minute SELECT generate_series($1::timestamptz, $2, interval '1 minute')",
            since,
            until - MINUTE,
        )
