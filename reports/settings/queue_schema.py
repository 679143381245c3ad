"""The shape of `gitlab.queues` in `sources.yml`: what waits for the managers on call, by which labels, for how long."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from reports.settings.scalars import ClockTime, Label, ProjectPath, Text, Word, refusal
from reports.settings.shape import Shape, distinct

Labels = Annotated[list[Label], Field(min_length=1), AfterValidator(distinct)]
Projects = Annotated[list[ProjectPath], Field(min_length=1), AfterValidator(distinct)]
Tags = Annotated[list[Word], Field(min_length=1), AfterValidator(distinct)]


class SupportHoursEntry(Shape):
    """The hours in which somebody answers in a region, in its own time zone."""

    days: Annotated[
        list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
        Field(min_length=1, max_length=7),
        AfterValidator(distinct),
    ] = Field(["mon", "tue", "wed", "thu", "fri"], description="The days out of mon, tue, wed, thu, fri, sat and sun.")
    opens: ClockTime = Field("00:00", description="From when on, such as 09:00.")
    closes: ClockTime = Field("00:00", description="Until when, such as 17:00; on the next day unless it is after `opens`.")


class QueueRegionEntry(Shape):
    """A region with a queue; what is left out is that of the organisation, or made of the region's name."""

    time_zone: Text | None = Field(None, description="The zone its times are shown and counted in; else the organisation's.")
    country: Text | None = Field(None, description="Whose public holidays stop the 48 hours for a contact: two capital letters.")
    subdivision: Text | None = Field(None, description="The part of that country, where its holidays differ, such as BY in DE.")
    labels: Labels | None = Field(None, description="Labels of issues of the region; else OrganizationRegion::<region>.")
    tags: Tags | None = Field(None, description="Tags of tickets of the region; else handed_over_to_<region in small letters>.")
    support_hours: SupportHoursEntry = Field(
        SupportHoursEntry.model_validate({}),
        description="The hours in which requests and handovers are answered; else Monday to Friday.",
    )


class UrgencyEntry(Shape):
    """How long an attention request of some urgency may wait."""

    label: Label = Field(description="The label that says so.")
    hours: float = Field(gt=0, le=1000, description="So many support hours, 0.5 for half an hour.")


class AttentionRequestsEntry(Shape):
    """Attention requests (STAR): issues that ask a manager on call to look at a ticket."""

    projects: Projects = Field(description="The projects whose issues are attention requests.")
    urgent: UrgencyEntry = Field(UrgencyEntry(label="star-urgency::urgent", hours=0.5), description="The most urgent ones.")
    timely: UrgencyEntry = Field(UrgencyEntry(label="star-urgency::timely", hours=1), description="Those in between.")
    not_urgent: UrgencyEntry = Field(
        UrgencyEntry(label="star-urgency::not-urgent", hours=2), description="The others, and those without such a label."
    )
    dispositions: Labels = Field(
        ["Escalation::License-Issue", "Escalation::Response-Time", "unstarred"],
        description="Labels of which a closed request has one: how it ended.",
    )
    disposition_hours: float = Field(8, gt=0, le=1000, description="Support hours until a closed request needs one: a shift.")
    closed_days: int = Field(14, ge=1, le=90, description="How many days a closed request is looked at for it.")


class FeedbackEntry(Shape):
    """Feedback of customers in the middle of a ticket or after it."""

    projects: Projects = Field(description="The projects whose issues are feedback.")
    negative: Label = Field("satisfaction::bad", description="The label of negative feedback.")
    contact_requested: Label = Field("manager-contact-requested", description="The label of a customer who asks for contact.")
    contacted: Label = Field("ssat-manager-contacted-customer", description="The label once a manager has replied.")
    contact_hours: float = Field(48, gt=0, le=1000, description="Hours until then, from Monday to Friday, without holidays.")
    days: int = Field(7, ge=1, le=90, description="Days after which any other feedback is listed.")


class HandoversEntry(Shape):
    """Tickets that were handed over to a region, or sent home to one, and have no assignee there."""

    tags: Tags = Field(
        ["need_handover", "rehome_initiated"], description="Tags of such tickets, besides the tags of the regions."
    )
    hours: float = Field(8, gt=0, le=1000, description="Support hours until somebody should have it: a shift.")


class QueuesEntry(Shape):
    """What waits for the managers on call, region by region."""

    regions: dict[str, QueueRegionEntry] | None = Field(
        None, description="One of organisation.regions to its settings; each has a queue. All of them when left out."
    )
    attention_requests: AttentionRequestsEntry | None = Field(None, description="Attention requests (STAR); none when left out.")
    feedback: FeedbackEntry | None = Field(None, description="Feedback of customers; none when left out.")
    handovers: HandoversEntry | None = Field(
        None, description="Handed-over tickets without an assignee, from Zendesk; {} takes the defaults, none when left out."
    )

    @model_validator(mode="after")
    def _regions_differ(self) -> Self:
        for key in ("labels", "tags"):
            words = [word for region in (self.regions or {}).values() for word in getattr(region, key) or ()]
            if len(set(words)) < len(words):
                raise refusal("repeated-word", f"two regions have one of their {key} in common", "a word names one region")
        return self

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if self.attention_requests is None and self.feedback is None and self.handovers is None:
            hint = "name attention_requests, feedback or handovers, or leave queues out"
            raise refusal("empty-queue", "these queues read nothing", hint)
        return self
