"""What goals and baselines ask of a measure that it cannot give, such as a share above 100 or the mean of medians."""

from collections.abc import Collection, Iterator, Mapping

from reports.core.model import Aggregation, GoalKind, Measure
from reports.settings.documents import Document
from reports.settings.entry_checks import number_at, terms_in, word_at
from reports.settings.problems import Problem, error
from reports.settings.schema import GoalsFile, RulesFile
from reports.settings.words import texts_at
from reports.settings.yaml_nodes import Node, Path, key_place_at, place_at

HIGHEST_SHARE = 100


def measure_problems(goals: Document[GoalsFile], rules: Document[RulesFile], measures: Collection[Measure]) -> Iterator[Problem]:
    """Goals and baselines that do not fit their measure; measures nobody knows are reported elsewhere."""
    known = {measure.name: measure for measure in measures}
    if goals.whole is not None:
        for path in terms_in(goals.whole):
            if path[-1] in known:
                yield from _term_problems(goals.file, goals.whole, path, known[str(path[-1])])
    if rules.whole is not None:
        yield from _baseline_problems(rules.file, rules.whole, known)


def _term_problems(file: str, tree: Node, path: Path, measure: Measure) -> Iterator[Problem]:
    if not measure.is_of_people:
        message = f"{measure.name} is counted of teams, regions and the organisation, so it is nobody's goal"
        yield error(file, key_place_at(tree, path), "goal-of-nobody", message, "leave it out: teams' reports show it")
        return
    kind = word_at(tree, (*path, "kind")) or GoalKind.AT_LEAST
    if measure.direction == "less" and kind == GoalKind.AT_LEAST:
        message = f"of {measure.name} less is better, so it cannot be something to reach"
        yield error(file, key_place_at(tree, path), "goal-turned-round", message, "add `kind: at most`")
    for key in ("target", "upper"):
        number = number_at(tree, (*path, key))
        if measure.kind is Aggregation.RATIO and number is not None and number > HIGHEST_SHARE:
            message = f"{measure.name} is a share in percent, which {number:g} cannot be"
            yield error(file, place_at(tree, (*path, key)), "share-above-100", message, "write a number from 0 to 100")


def _baseline_problems(file: str, tree: Node, known: Mapping[str, Measure]) -> Iterator[Problem]:
    for path, name in texts_at(tree, "rule_sets", "*", "baseline_measures", "*"):
        if name in known and not known[name].is_of_people:
            message = f"{name} is counted of teams, regions and the organisation, and a baseline is a mean over people"
            yield error(file, place_at(tree, path), "baseline-measure", message, "leave it out here")
        elif name in known and not known[name].kind.adds_up:
            message = f"{name} is a {known[name].kind}, and a baseline is a mean of numbers that add up"
            hint = "leave it out here; agree on it as a goal, or show it as `kind: informational`"
            yield error(file, place_at(tree, path), "baseline-measure", message, hint)
