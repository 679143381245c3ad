"""What the command line has for the people a report is about: who could read it, names kept out of logs, export and erasure."""

import os
import sys
from typing import TYPE_CHECKING

from reports.errors import AudienceError

if TYPE_CHECKING:
    from reports.pipeline import PublicationPlan
    from reports.wiring import House

# ruff: noqa: PLC0415


def keep_names_out(house: "House") -> None:
    """In a pipeline, print no name of anybody in the team from here on: many can read its log."""
    from reports.discretion import Discreet

    if os.environ.get("CI"):
        sys.stdout = Discreet(sys.stdout, lambda: house.names)
        sys.stderr = Discreet(sys.stderr, lambda: house.names)


def refuse(planned: "PublicationPlan") -> None:
    """Raise AudienceError when something of a plan must not be written: who could read it, why, and what to change."""
    from reports.core.publication import report_of

    if planned.violations:
        reasons = dict.fromkeys(f"\n  {report_of(v.key)} in {v.project}: {v.reason}" for v in planned.violations)
        remedies = dict.fromkeys(v.remedy for v in planned.violations if v.remedy)
        unnamed = "; `support-reports plan` in a clone names everybody, a pipeline's log nobody" if os.environ.get("CI") else ""
        raise AudienceError(
            f"refused, because somebody could read what is not for them:{''.join(reasons)}",
            f"{'; '.join(remedies)}; then run again, nothing else was held back{unnamed}",
        )
