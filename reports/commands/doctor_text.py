"""What `doctor` found as a person reads it, a line for each thing and the next step below it, and as JSON for a program."""

import json
from collections import Counter
from collections.abc import Sequence

from reports.core.health import Finding, Verdict, exit_code, worst
from reports.core.plain_text import for_terminal


def as_text(findings: Sequence[Finding]) -> str:
    """A table; nothing in it that a terminal would obey."""
    verdicts = max(len(finding.verdict) for finding in findings)
    subjects = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict:{verdicts}}  {finding.subject:{subjects}}  {finding.says}")
        if finding.step:
            lines.append(f"{'':{verdicts}}  {'':{subjects}}  -> {finding.step}")
    return for_terminal("\n".join([*lines, "", _summary(findings)]))


def _summary(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.verdict for finding in findings)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict] or verdict is not Verdict.UNSEEN)


def as_json(findings: Sequence[Finding]) -> str:
    """An object with the worst verdict, the exit code, and every finding."""
    rows = [
        {"subject": one.subject, "verdict": str(one.verdict), "says": for_terminal(one.says), "step": for_terminal(one.step)}
        for one in findings
    ]
    found = {"worst": str(worst(findings)), "exit_code": exit_code(findings), "findings": rows}
    return json.dumps(found, indent=2)
