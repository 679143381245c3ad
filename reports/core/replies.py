"""What the bot says below an issue: one note, once; its hidden marker tells later runs that it was said."""

from dataclasses import dataclass

from reports.core.publication import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A note to post below an issue; `marker` is the hidden line that is in it and nowhere else.

    `comment` is the comment it answers, which gets the `emoji` as well; None when it answers none.
    """

    audience: Audience
    iid: int
    marker: str
    body: str
    comment: int | None = None
    emoji: str = ""
