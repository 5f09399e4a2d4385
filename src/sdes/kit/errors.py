"""The errors that a feature raises and that the application turns into an answer with a sentence."""


class SdesError(Exception):
    """An error whose text may be shown to the person; `status` is the HTTP answer."""

    status = 500
    title = "Something went wrong"
    draft_href = ""  # where what was typed has been kept
    members: dict[str, object] = {}  # what programs are told besides


class NotFound(SdesError):
    """The record does not exist for this actor; whether it exists for anybody is not told."""

    status = 404
    title = "Page not found"


class Gone(SdesError):
    """The record existed for this actor a moment ago, and has been deleted since."""

    status = 410
    title = "This has just been deleted"


class Forbidden(SdesError):
    """This kind of person may not open this door."""

    status = 403
    title = "You do not have access to this page"


class Refused(SdesError):
    """It may not be done to this record now; the text says why and what to do."""

    status = 409
    title = "That could not be done"


class TooMany(SdesError):
    """Asked too often; the text says when to try again, `retry_after` in how many seconds, where that is known."""

    status = 429
    title = "Too many attempts"

    def __init__(self, text: str, retry_after: int = 0) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Unavailable(SdesError):
    """A part that is needed (database, store of files) does not answer; nothing was saved."""

    status = 503
    title = "The service is not available"


class Full(Unavailable):
    """The store of files has no room for new ones; those that are there can be read."""
