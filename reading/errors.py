"""Why a file cannot be read. Each error is a different sentence to the person who sent it."""


class CannotRead(Exception):
    """The file cannot be read; `reason` is a stable word for programs (the class name says the same)."""

    reason = "unreadable"


class Empty(CannotRead):
    reason = "empty"


class WrongType(CannotRead):
    """Not a PDF, PNG or JPEG by its content. `found` names the type in plain words where it is known ("Word")."""

    reason = "type"

    def __init__(self, found: str = "") -> None:
        super().__init__(found)
        self.found = found


class Damaged(CannotRead):
    reason = "damaged"


class PasswordNeeded(CannotRead):
    """Encrypted. `tried` tells whether a password was given and did not open it."""

    reason = "password"

    def __init__(self, tried: bool = False) -> None:
        super().__init__(tried)
        self.tried = tried


class TooManyPages(CannotRead):
    reason = "pages"

    def __init__(self, pages: int, limit: int) -> None:
        super().__init__(pages, limit)
        self.pages, self.limit = pages, limit


class TooLarge(CannotRead):
    """More pixels than the limit allows."""

    reason = "pixels"


class OutputTooLarge(CannotRead):
    """What would be written exceeds the limit (bytes)."""

    reason = "size"

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class PageOutside(CannotRead):
    """The page range does not lie within the document."""

    reason = "range"

    def __init__(self, pages: int) -> None:
        super().__init__(pages)
        self.pages = pages


class ChildDied(CannotRead):
    """The child process that worked on the file ended, mostly because of the file."""

    reason = "crash"


class ChildTimedOut(ChildDied):
    reason = "timeout"


class ChildOutOfMemory(ChildDied):
    reason = "memory"


class ModelMissing(Exception):
    """A model is not installed, or not the one that this code was measured with: no fault of the document."""
