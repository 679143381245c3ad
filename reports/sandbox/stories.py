"""How fast each made-up engineer works week by week: levels, habits and the few people with a story; no activity itself."""

from dataclasses import dataclass, replace

from reports.core.people import Engineer
from reports.core.weeks import Week
from reports.sandbox.chance import chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a full week of somebody holds: new tickets for sure and by chance, chances of pairing, days between docs changes."""

    sure_tickets: float
    more_tickets: float
    pairing: tuple[float, ...]
    days_between_docs: float
    usual_sessions: int


#: The chance of 0, 1, 2, 3, 4 pairing sessions in a full week: at least two in 88 of 100, at least three of a senior.
USUAL_PAIRING = (0.03, 0.09, 0.48, 0.27, 0.13)
SENIOR_PAIRING = (0.02, 0.02, 0.09, 0.54, 0.33)
STEADY_PAIRING = (0.0, 0.0, 0.6, 0.3, 0.1)
NO_PAIRING = (1.0,)

TICKETS_BY_LEVEL = {"associate": (2.0, 2.8), "intermediate": (4.0, 3.3), "senior": (3.0, 3.2)}
#: Who had fewer sessions than usual in one week makes up for it in the next.
USUAL_SESSIONS = {"senior": 3}
DOCS_BY_LEVEL = {"associate": 9.0, "intermediate": 7.5, "senior": 7.5}

#: Misses agreed goals in the last four weeks, after steady ones.
SLOWED_DOWN = "kaziz"
SLOW_WEEKS = 4


def pace(engineer: Engineer, week: Week, last_week: Week, seed: int) -> Pace:
    """The pace of a person in a week."""
    sure, more = TICKETS_BY_LEVEL.get(engineer.level, (3.0, 3.5))
    habit = chance(seed, engineer.username, "habit")
    usual = Pace(
        sure_tickets=sure,
        more_tickets=more * habit.uniform(0.9, 1.15),
        pairing=SENIOR_PAIRING if engineer.level == "senior" else USUAL_PAIRING,
        days_between_docs=DOCS_BY_LEVEL.get(engineer.level, 8.0) * habit.uniform(0.85, 1.1),
        usual_sessions=USUAL_SESSIONS.get(engineer.level, 2),
    )
    if engineer.username != SLOWED_DOWN:
        return usual
    if week > last_week.plus(-SLOW_WEEKS):
        return replace(usual, sure_tickets=1.5, more_tickets=0.0, pairing=NO_PAIRING, usual_sessions=0)
    return replace(usual, sure_tickets=5.5, more_tickets=1.5, pairing=STEADY_PAIRING, days_between_docs=6.5)
