"""The shape of `team.yml`: the organisation's words, its managers, and its engineers with what changes about them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from reports.settings.scalars import Email, FirstDay, Text, Username, Word, refusal
from reports.settings.shape import Shape, distinct

Words = Annotated[list[Word], Field(min_length=1), AfterValidator(distinct)]


class Organisation(Shape):
    """The organisation and the words its people are described with."""

    name: Text = Field(description="What the organisation is called in reports.")
    time_zone: Text = Field(description="The zone weeks are counted in, such as Europe/Lisbon or UTC.")
    levels: Words = Field(description="The levels of engineers, lowest first.")
    regions: Words = Field(description="The regions people work in.")
    focuses: Words = Field(description="The areas of focus.")


class ManagerEntry(Shape):
    """A support manager."""

    username: Username = Field(description="The GitLab username; the key by which other files name the person.")
    name: Text = Field(description="The name as reports show it.")
    email: Email = Field(description="The work address.")
    region: Word = Field(description="One of organisation.regions.")
    time_zone: Text = Field(description="The zone the person lives in, such as Asia/Tokyo.")


class FocusEntry(Shape):
    """An area of focus and its share of the person's time."""

    name: Word = Field(description="One of organisation.focuses.")
    percentage: int = Field(ge=1, le=100, description="The share of the person's time in percent; the shares add up to 100.")


def _whole(focuses: list[FocusEntry]) -> list[FocusEntry]:
    names = [focus.name for focus in focuses]
    if len(set(names)) < len(names):
        raise refusal("repeated-word", "the same focus is named twice", "add the two shares up")
    total = sum(focus.percentage for focus in focuses)
    if total != 100:
        raise refusal("focus-sum", f"the percentages add up to {total}", "they must add up to 100")
    return focuses


Focuses = Annotated[list[FocusEntry], Field(min_length=1), AfterValidator(_whole)]


class ChangeEntry(Shape):
    """What is different about a person from a day on; what is left out stays as it was."""

    valid_from: FirstDay = Field(
        alias="from", description="The first day it holds, after the start date; a week such as 2026-W26 means its Monday."
    )
    level: Word | None = Field(None, description="One of organisation.levels.")
    region: Word | None = Field(None, description="One of organisation.regions.")
    focuses: Focuses | None = Field(None, description="The areas of focus with their shares, 100 percent in all.")
    reports_to: Username | None = Field(None, description="The username of the new manager.")
    time_zone: Text | None = Field(None, description="The zone the person lives in, such as Europe/Lisbon.")
    country: Text | None = Field(None, description="Whose public holidays the person has off: two capital letters, such as PT.")
    subdivision: Text | None = Field(None, description="The part of that country; a new country begins without one.")
    entity: Text | None = Field(None, description="The legal entity that employs the person from that day on.")


class EngineerEntry(Shape):
    """A support engineer."""

    username: Username = Field(description="The GitLab username; the key by which other files name the person.")
    name: Text = Field(description="The name as reports show it.")
    email: Email = Field(description="The work address.")
    zendesk_id: int | None = Field(
        None, ge=1, description="The id of the Zendesk agent; without it ticket measures have no data."
    )
    other_usernames: list[Username] = Field(
        [], description="Further GitLab accounts of the person; what they did counts for the person."
    )
    other_zendesk_ids: list[Annotated[int, Field(ge=1)]] = Field(
        [], description="Further Zendesk agents of the person; their tickets count for the person."
    )
    pagerduty_id: Word | None = Field(None, description="The id of the PagerDuty user; needed for on-call days from there.")
    level: Word = Field(description="One of organisation.levels.")
    region: Word = Field(description="One of organisation.regions.")
    focuses: Focuses = Field(description="The areas of focus with their shares, 100 percent in all.")
    reports_to: Username = Field(description="The username of the manager.")
    start_date: FirstDay = Field(description="The first day in the team; the first weeks are not assessed.")
    time_zone: Text = Field(description="The zone the person lives in, such as Europe/Lisbon.")
    country: Text | None = Field(None, description="Whose public holidays the person has off: two capital letters, such as PT.")
    subdivision: Text | None = Field(None, description="The part of that country, where its holidays differ, such as BY in DE.")
    entity: Text | None = Field(None, description="The legal entity that employs the person, such as Acme GmbH; gates name it.")
    changes: list[ChangeEntry] | None = Field(
        None, description="What is different from which day on, the oldest first; all else here holds before the first change."
    )


class TeamFile(Shape):
    """team.yml: who is here."""

    organisation: Organisation = Field(description="The organisation and the words its people are described with.")
    managers: list[ManagerEntry] = Field(min_length=1, description="The support managers.")
    people: list[EngineerEntry] = Field(min_length=1, description="The support engineers.")
