"""What templates may say with values: numbers, dates and statuses as words, links, charts; no judgement of its own.

Each filter that gives `Safe` is one of the few places that may, so each builds it from figures, own words or harmless text.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from reports.core.judgement import Status
from reports.core.model import Period
from reports.core.view import GoalView, WeekCell
from reports.core.weeks import Week
from reports.render import charts
from reports.render.capacity_words import available, clouds, days, days_sum, on_call, scaling, uncounted
from reports.render.command_words import command, iso_day, mention, plan_goals
from reports.render.figures import (
    NO_DATA,
    amount,
    brief,
    exact,
    measured,
    number,
    rests_on,
    target_words,
    unit_words,
    week_figures,
)
from reports.render.links import LinkRules, link
from reports.render.markdown import NOTHING, SENTENCE_LIMIT, MakeHarmless, Safe, harmless, summary
from reports.render.selections import SELECTIONS

#: So many of a long list are named, for whoever only has to know that there are some.
SOME = 3

Filters = Mapping[str, Callable[..., object]]

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATUS_WORDS = {
    Status.MET: Safe("met"),
    Status.NOT_MET: Safe("not met"),
    Status.WITHIN_NOISE: Safe("within noise"),
    Status.NOT_ASSESSED: Safe("not assessed"),
    Status.NO_DATA: NO_DATA,
}
_BASELINE_WORDS = {
    Status.MET: Safe("at or above"),
    Status.NOT_MET: Safe("below"),
    Status.WITHIN_NOISE: Safe("within noise"),
    Status.NOT_ASSESSED: Safe("not compared"),
    Status.NO_DATA: NO_DATA,
}
_PERIOD_WORDS = {
    Period.WEEK: Safe("per week"),
    Period.ROLLING_30_DAYS: Safe("in 30 days"),
    Period.MONTH: Safe("per month"),
    Period.QUARTER: Safe("per quarter"),
}

# --- numbers ----------------------------------------------------------------------------------------


def counted(value: float, one: str, many: str) -> Safe:
    """A number with its noun: `1 person`, `2 people`."""
    shown = number(value)
    return Safe(f"{shown} {harmless(one if shown == '1' else many)}")


def time_in_months(value: float) -> Safe:
    """A number of months as people say it, rounded down: `14 months`, from two years on `4 years`."""
    return counted(value // 12, "year", "years") if value >= 24 else counted(value // 1, "month", "months")


# --- dates ------------------------------------------------------------------------------------------


def day(value: date | datetime, zone: str = "UTC") -> Safe:
    """A date such as `Mon 9 Nov`; an instant is read in the zone first."""
    local = value.astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value
    return Safe(f"{_WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}")


def moment(value: datetime, zone: str) -> Safe:
    """An instant such as `Mon 9 Nov 08:05` in the zone."""
    local = value.astimezone(ZoneInfo(zone))
    return Safe(f"{day(local.date())} {local:%H:%M}")


def span(value: tuple[date, date]) -> Safe:
    """First and last day: `Mon 9 – Sun 15 Nov`, or with both months."""
    first, last = value
    is_one_month = (first.year, first.month) == (last.year, last.month)
    begin = f"{_WEEKDAYS[first.weekday()]} {first.day}" if is_one_month else day(first)
    return Safe(f"{begin} – {day(last)}")


def week_name(value: Week) -> Safe:
    """A week's id such as `2026-W46`."""
    return Safe(str(value))


def week_short(value: Week) -> Safe:
    """A week's number such as `W46`."""
    return Safe(f"W{value.number:02d}")


# --- words ------------------------------------------------------------------------------------------


def status_word(value: Status) -> Safe:
    """A status in plain words."""
    return _STATUS_WORDS[value]


def baseline_word(value: Status) -> Safe:
    """Where a value lies beside the baseline, in plain words."""
    return _BASELINE_WORDS[value]


def period_word(value: Period) -> Safe:
    """Over what a goal is counted."""
    return _PERIOD_WORDS[value]


def week_cell(value: WeekCell | None) -> Safe:
    """A cell of the table of weeks: counted / target, and the status where it needs a word."""
    if value is None:
        return NOTHING
    if value.status is Status.NO_DATA or value.measurement.is_missing:
        return NO_DATA
    if value.status is Status.NOT_ASSESSED:
        return Safe(f"{brief(value.measurement)} / –")
    word = "" if value.status is Status.MET else f", {status_word(value.status)}"
    return Safe(f"{week_figures(value)}{word}")


def basis(goal: GoalView) -> Safe:
    """What a verdict rests on, in one line: what the days make of the target, or how many cases and what chance makes of them."""
    return scaling(goal) if goal.measure.kind.adds_up else rests_on(goal.measurement, goal.measure)


def asked(goal: GoalView) -> Safe:
    """What a goal asks for in the days it had; a dash when it asks for nothing."""
    return target_words(goal.goal, goal.target, goal.measure.kind) if goal.asks else NOTHING


def listed(words: Sequence[Safe]) -> Safe:
    """A list as people say it: `a, b and c`."""
    if any(not isinstance(word, Safe) for word in words):
        raise TypeError("`listed` takes texts that are safe already; use `names` for others")
    head, last = words[:-1], words[-1:]
    return Safe(" and ".join(filter(None, (", ".join(head), "".join(last)))))


# --- charts -------------------------------------------------------------------------------------------


def sparkline(values: charts.Values) -> Safe:
    """A trend as small blocks."""
    return Safe(charts.sparkline(values))


def goal_mermaid(goal: GoalView) -> Safe:
    """A goal's trend as Mermaid; empty when there is nothing to draw."""
    return Safe(charts.mermaid(charts.goal_chart(goal)))


def picture(goal: GoalView, folder: str) -> Safe:
    """A goal's trend as a picture beside the rendered file; empty when there is nothing to draw."""
    if not charts.goal_chart(goal).has_values:
        return Safe()
    return Safe(f"![Trend of {harmless(goal.measure.title)}]({quote(folder)}/{quote(goal.measure.name)}.svg)")


# --- the catalogue --------------------------------------------------------------------------------------


def catalogue(links_to: LinkRules, make_harmless: MakeHarmless) -> Filters:
    """Every filter a template may use; there are no others."""

    def linked(text: str, url: str) -> Safe:
        return link(text, url, links_to, make_harmless)

    def sentence(text: str) -> Safe:
        return make_harmless(text, SENTENCE_LIMIT)

    def names(texts: Iterable[str]) -> Safe:
        return listed([make_harmless(text) for text in texts])

    def some_names(texts: Sequence[str]) -> Safe:
        rest = len(texts) - SOME
        more = [make_harmless(f"{rest} more")] if rest > 1 else []
        return listed([*(make_harmless(text) for text in (texts[:SOME] if more else texts)), *more])

    def links(items: Iterable[Any]) -> Safe:
        return listed([linked(item.text, item.url) for item in items])

    def cells(items: Iterable[str]) -> Safe:
        return Safe(", ".join(make_harmless(item) for item in items)) or NOTHING

    own = (
        number,
        counted,
        days,
        time_in_months,
        day,
        moment,
        span,
        week_name,
        week_short,
        status_word,
        baseline_word,
        period_word,
        amount,
        measured,
        rests_on,
        unit_words,
        target_words,
        week_cell,
        basis,
        asked,
        exact,
        available,
        days_sum,
        on_call,
        uncounted,
        clouds,
        command,
        mention,
        plan_goals,
        iso_day,
    )
    drawings = (sparkline, goal_mermaid, picture, summary)
    plain = {
        function.__name__: function for function in (*own, *SELECTIONS, *drawings, sentence, names, some_names, links, cells)
    }
    return {**plain, "link": linked, "length": len}
