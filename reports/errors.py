"""Expected failures: each says what is wrong, where, and what to do, and carries its exit code.

What others wrote may stand in a message, so no sign stays in it that a terminal would obey.
"""

from reports.core.plain_text import for_terminal


class ReportsError(Exception):
    """A failure the reader can mend; `message` says what and where, `hint` says what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = for_terminal(message)
        self.hint = for_terminal(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(ReportsError):
    """The command was called in a way it cannot serve."""

    exit_code = 2


class ConfigError(ReportsError):
    """The YAML in `config/` cannot be used; the message lists every problem found."""

    exit_code = 3


class SourceError(ReportsError):
    """GitLab or Zendesk could not be read, so its measures have no data."""

    exit_code = 4


class StoreError(ReportsError):
    """The store of facts or a stage file cannot be read or written."""

    exit_code = 5


class RenderError(ReportsError):
    """A template cannot be rendered."""

    exit_code = 6


class PublishError(ReportsError):
    """An issue could not be listed, created, updated or closed."""

    exit_code = 7


class UnreachableError(PublishError):
    """The tracker takes no more writes for now, whatever they are."""


class AudienceError(ReportsError):
    """A write was refused because somebody could read it who must not."""

    exit_code = 8


#: Reports were made, but some data is missing; the run summary says which.
EXIT_PARTIAL = 9
