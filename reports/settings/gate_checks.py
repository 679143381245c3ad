"""Whether gates hold back what they are meant to: an entity for everybody once one is named, and one gate for one thing."""

from collections.abc import Iterator

from reports.settings.documents import Document
from reports.settings.problems import Problem, error
from reports.settings.schema import RulesFile
from reports.settings.team_schema import TeamFile
from reports.settings.yaml_nodes import place_at


def gate_problems(rules: Document[RulesFile], team: Document[TeamFile]) -> Iterator[Problem]:
    """People whom no gate of an entity could find, and gates that ask for two agreements on the same thing."""
    if rules.content is None or rules.sound is None:
        return
    yield from _twins(rules)
    if team.content is None or team.sound is None or not any(gate.entity for gate in rules.content.gates or ()):
        return
    for index, person in enumerate(team.content.people):
        if person.entity is None:
            message = f"{person.username} has no entity, so the gates of rules.yml would pass them by"
            hint = "gates name legal entities: say for everybody who employs them"
            yield error(team.file, place_at(team.sound, ("people", index)), "no-entity", message, hint)


def _twins(rules: Document[RulesFile]) -> Iterator[Problem]:
    if rules.content is None or rules.sound is None:
        return
    lines: dict[tuple[str | None, ...], int] = {}
    for index, gate in enumerate(rules.content.gates or ()):
        about = (gate.entity, gate.team, gate.person, gate.measure)
        place = place_at(rules.sound, ("gates", index))
        if about in lines:
            hint = f"the first is on line {lines[about]}; one gate has one agreement, so lengthen that one"
            yield error(rules.file, place, "gate-twice", "two gates are about the same, and both would have to be open", hint)
        lines.setdefault(about, place.line)
