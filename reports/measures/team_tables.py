"""The team as rows of the tables that `facts.sql` keeps for it, whichever engine they go to; it runs nothing."""

from collections.abc import Iterable, Mapping, Sequence

from reports.core.people import Engineer


def team_tables(engineers: Iterable[Engineer]) -> Mapping[str, Sequence[tuple[str | int | None, ...]]]:
    """The rows of each table about people, in the order of its columns."""
    everybody = tuple(engineers)
    return {
        "people": [(one.username, next(iter(_zendesk_ids(one)), None), one.name) for one in everybody],
        "accounts": [(one.username, account.lower()) for one in everybody for account in one.usernames],
        "agents_of": [(one.username, own, ids[0]) for one in everybody if (ids := _zendesk_ids(one)) for own in ids],
        "pagers": [(one.username, one.pagerduty_id) for one in everybody if one.pagerduty_id is not None],
    }


def _zendesk_ids(engineer: Engineer) -> tuple[int, ...]:
    """Every id of Zendesk that somebody has; the first one stands for them all."""
    return tuple(found for found in (engineer.zendesk_id, *engineer.other_zendesk_ids) if found is not None)
