"""Six of the measures in plain pandas, as one would write them in a notebook, from the same files that ours are read from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

#: What a question comes to: how many cases, and the sum of their values, per engineer and day.
Answer = Mapping[tuple[str, str], tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Frames:
    """The facts as data frames, times in UTC, and the engineers."""

    events: Any
    tickets: Any
    people: Any
    zone: str


def frames(store: Path, people: Mapping[int, str], zone: str) -> Frames:
    """What these measures need of a store's facts; `people` are usernames by Zendesk id."""
    import pandas as pd  # noqa: PLC0415  (other benches do without it)

    columns = {"ticket_events": 'id, ticket_id, "at", actor_id, kind, old, new, created', "tickets": "id, assignee_id"}
    with duckdb.connect() as connection:
        events, tickets = (
            connection.execute(f"SELECT {names} FROM read_parquet('{store}/facts/{table}/*/*.parquet')").df()
            for table, names in columns.items()
        )
    engineers = pd.DataFrame({"zendesk_id": list(people), "engineer": list(people.values())})
    return Frames(events, tickets, engineers, zone)


def public_comments(facts: Frames) -> Answer:
    """Comments that the requester can read, by who wrote them."""
    return _by_author(facts, "public")


def internal_notes(facts: Frames) -> Answer:
    """Comments that only agents can read, by who wrote them."""
    return _by_author(facts, "internal")


def _by_author(facts: Frames, visibility: str) -> Answer:
    comments = facts.events[(facts.events["kind"] == "comment") & (facts.events["new"] == visibility)]
    comments = comments.merge(facts.people, left_on="actor_id", right_on="zendesk_id")
    return _answer(comments.assign(value=1), facts.zone)


def new_tickets(facts: Frames) -> Answer:
    """Tickets by whom they were first assigned to, if they were nobody's before."""
    changes = facts.events[facts.events["kind"] == "assignee"].sort_values(["at", "id"])
    first = changes.drop_duplicates("ticket_id")
    first = first[first["old"].isna() & first["new"].notna()]
    first = first.assign(to=first["new"].astype("int64")).merge(facts.people, left_on="to", right_on="zendesk_id")
    return _answer(first.assign(value=1), facts.zone)


def solved_tickets(facts: Frames) -> Answer:
    """Tickets solved, by whose they were then, once in a week."""
    solves = facts.events[(facts.events["kind"] == "status") & (facts.events["new"] == "solved")].sort_values(["at", "id"])
    monday = _local(solves["at"], facts.zone).dt.to_period("W")
    solves = solves.assign(monday=monday).drop_duplicates(["ticket_id", "monday"])
    solves = _with_holder(solves, facts).merge(facts.people, left_on="holder", right_on="zendesk_id")
    return _answer(solves.assign(value=1), facts.zone)


def own_ticket_reply_share(facts: Frames) -> Answer:
    """Public replies, and which of them were on tickets of who wrote them."""
    events = facts.events
    replies = events[(events["kind"] == "comment") & (events["new"] == "public") & ~events["created"]]
    replies = _with_holder(replies, facts).merge(facts.people, left_on="actor_id", right_on="zendesk_id")
    return _answer(replies.assign(value=(replies["holder"] == replies["actor_id"]).astype(int)), facts.zone)


def time_to_resolve(facts: Frames) -> Answer:
    """Hours from creation to the first solve without those on hold, by whose the ticket was then."""
    statuses = facts.events[facts.events["kind"] == "status"].sort_values(["ticket_id", "at", "id"])
    by_ticket = statuses.groupby("ticket_id")
    statuses = statuses.assign(until=by_ticket["at"].shift(-1), began=by_ticket["at"].transform("first"))
    known = by_ticket.head(1)
    whole = known[known["old"].isna()]["ticket_id"]
    solves = statuses[statuses["new"] == "solved"].drop_duplicates("ticket_id")
    solves = solves[solves["ticket_id"].isin(whole)]
    holds = statuses[statuses["new"] == "hold"].merge(
        solves[["ticket_id", "at"]].rename(columns={"at": "solved"}), on="ticket_id"
    )
    holds = holds[holds["until"] <= holds["solved"]]
    on_hold = ((holds["until"] - holds["at"]).dt.total_seconds() / 3600).groupby(holds["ticket_id"]).sum().rename("on_hold")
    solves = solves.merge(on_hold, left_on="ticket_id", right_index=True, how="left")
    hours = (solves["at"] - solves["began"]).dt.total_seconds() / 3600 - solves["on_hold"].fillna(0)
    solves = _with_holder(solves.assign(value=hours), facts).merge(facts.people, left_on="holder", right_on="zendesk_id")
    return _answer(solves, facts.zone)


QUESTIONS: Mapping[str, Callable[[Frames], Answer]] = {
    "public_comments": public_comments,
    "internal_notes": internal_notes,
    "new_tickets": new_tickets,
    "solved_tickets": solved_tickets,
    "own_ticket_reply_share": own_ticket_reply_share,
    "time_to_resolve": time_to_resolve,
}


def _with_holder(events: Any, facts: Frames) -> Any:
    """Events with whose ticket it was: after the last change, else before the next one, else whoever has it now."""
    import pandas as pd  # noqa: PLC0415

    changes = facts.events[facts.events["kind"] == "assignee"][["ticket_id", "at", "id", "old", "new"]].sort_values(["at", "id"])
    changes = changes.assign(before=changes["old"].astype("Float64"), after=changes["new"].astype("Float64"), is_known=True)
    later = changes.drop_duplicates(["ticket_id", "at"])[["ticket_id", "at", "before"]]
    earlier = changes.drop_duplicates(["ticket_id", "at"], keep="last")[["ticket_id", "at", "after", "is_known"]]
    found = pd.merge_asof(events.sort_values("at"), earlier, on="at", by="ticket_id")
    found = pd.merge_asof(found, later, on="at", by="ticket_id", direction="forward", allow_exact_matches=False)
    found = found.merge(facts.tickets[["id", "assignee_id"]].rename(columns={"id": "ticket_id"}), on="ticket_id", how="left")
    changed = found["ticket_id"].isin(changes["ticket_id"])
    guessed = found["before"].where(changed, found["assignee_id"])
    return found.assign(holder=found["after"].where(found["is_known"].notna(), guessed).astype("Float64"))


def _local(moments: Any, zone: str) -> Any:
    return moments.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


def _answer(cases: Any, zone: str) -> Answer:
    days = _local(cases["at"], zone).dt.normalize()
    table = cases.assign(day=days).groupby(["engineer", "day"])["value"].agg(["size", "sum"])
    return {(who, f"{day:%Y-%m-%d}"): (int(size), float(total)) for (who, day), size, total in table.itertuples()}
