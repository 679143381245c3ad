"""The shapes that several GraphQL answers of GitLab share; decoding only."""

import msgspec


class Camel(msgspec.Struct, rename="camel", frozen=True):
    """GraphQL names its fields in camel case."""


class PageInfo(Camel, frozen=True):
    """Whether a connection goes on, and from where."""

    has_next_page: bool
    end_cursor: str | None


class Account(Camel, frozen=True):
    """Somebody's username, and whether GitLab says that it is a bot's or a service account's, where it was asked."""

    username: str
    bot: bool = False


class Accounts(Camel, frozen=True):
    """Several accounts."""

    nodes: list[Account]

    def usernames(self) -> tuple[str, ...]:
        """Their usernames in alphabetical order."""
        return tuple(sorted(account.username for account in self.nodes))


class Titled(Camel, frozen=True):
    """Something with a title, such as a label."""

    title: str


class Labels(Camel, frozen=True):
    """The labels of an issue or merge request."""

    nodes: list[Titled]

    def titles(self) -> tuple[str, ...]:
        """Their titles in alphabetical order."""
        return tuple(sorted(node.title for node in self.nodes))


class Complexity(Camel, frozen=True):
    """What a query cost by GitLab's own count."""

    score: int
    limit: int


class TaskCounts(Camel, frozen=True):
    """The boxes of a checklist."""

    count: int
    completed_count: int
