"""What a change of `config/` would have made of the last weeks: both settings over the same stored facts; prints nothing."""

from dataclasses import replace
from pathlib import Path

from reports.core.cases import overrides
from reports.core.preview import Preview, as_from_now_on, compared
from reports.core.results import WeekResults
from reports.core.weeks import Week
from reports.jobs import pipeline, stages
from reports.wiring.house import House


def preview(house: House, against: Path, week: Week) -> Preview:
    """The settings of the house held against those of another folder, over the weeks up to the latest published one.

    Weeks that were published are judged anew for this: the change itself leaves them as they are.
    """
    stages.refuse_empty_store(house)
    latest = stages.latest_published(house, week) or week
    return compared(_judged(replace(house, config=against), latest), _judged(house, latest))


def _judged(house: House, week: Week) -> WeekResults:
    plan, said = stages.plan_of(house, week), overrides(stages.said(house), house.plan.zone)
    return pipeline.judged(as_from_now_on(plan, house.today), house.engine, house.store, week, said)
