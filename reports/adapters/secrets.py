"""Secrets that no representation shows: in a traceback with its variables, or wherever a program prints what it holds."""


class Secret(str):
    """A token or password; whoever formats it on purpose still gets it, as a header has to."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"


class HiddenEnvironment(dict[str, str]):
    """The environment, whose values are not to be shown."""

    def __repr__(self) -> str:
        return "<environment>"


def forget_what_was_said(error: BaseException) -> None:
    """Leave of a library's failure its kind alone: its frames hold the request, and its words may repeat what was sent."""
    error.__cause__ = error.__context__ = error.__traceback__ = None
    error.args = ()
