"""Finds quick actions in a text as GitLab does and takes them out; carries none of them out."""

import re
from dataclasses import dataclass

from reports.sandbox.glfm import open_lines


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Other spellings of a command.
_ALIASES = {
    "labels": "label",
    "remove_label": "unlabel",
    "remove_assignee": "unassign",
    "make_confidential": "confidential",
    "react": "award",
    "remove_estimate": "estimate",
    "spent": "spend",
    "spend_time": "spend",
    "estimate_time": "estimate",
    "thumbsup": "award",
}
#: Commands that GitLab knows and this sandbox takes out of the text without doing anything.
_INERT = _words(
    "add_child add_contacts add_email award blocked_by blocks board_move clear_health_status clear_weight clone copy_metadata"
    " create_merge_request done duplicate epic estimate health_status invite_email iteration link lock milestone move page"
    " parent promote promote_to promote_to_incident publish relate remove_child remove_contacts remove_email remove_epic"
    " remove_iteration remove_milestone remove_parent remove_time_spent remove_zoom set_parent severity spend"
    " submit_review subscribe tag target_branch timeline todo type unblock unlink unlock unsubscribe weight zoom"
)
#: Commands that the sandbox carries out.
_ACTIVE = _words("close reopen label unlabel relabel assign unassign reassign due remove_due_date title confidential")
#: Commands that stay in the text: `/cc @user` only mentions.
_KEPT = frozenset({"cc"})
_SUBSTITUTES = {"shrug": "¯\\＿(ツ)＿/¯", "tableflip": "(╯°□°)╯︵ ┻━┻"}
_COMMAND = re.compile(r"^/(?P<name>[a-z_]+)(?: (?P<argument>[^\n]*))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """A quick action by its canonical name, with what follows it on the line."""

    name: str
    argument: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """A text without its quick actions, and these in order."""

    text: str
    commands: tuple[Command, ...]


def extract(text: str) -> Extraction:
    """Take the quick actions out of a text; carriage returns and trailing white space go too, as in GitLab."""
    normal = text.replace("\r", "")
    if "/" not in normal:
        return Extraction(normal.rstrip(), ())
    opened = open_lines(normal)
    kept: list[str] = []
    commands: list[Command] = []
    for number, line in enumerate(normal.split("\n"), start=1):
        command = _command(line) if number in opened else None
        if command is None or command.name in _KEPT:
            kept.append(line)
        elif command.name in _SUBSTITUTES:
            kept.append(f"{command.argument} {_SUBSTITUTES[command.name]}".strip())
        else:
            commands.append(command)
    return Extraction("\n".join(kept).rstrip(), tuple(commands))


def _command(line: str) -> Command | None:
    found = _COMMAND.match(line.rstrip())
    if found is None:
        return None
    name = _ALIASES.get(found["name"].lower(), found["name"].lower())
    if name not in _ACTIVE | _INERT | _KEPT | _SUBSTITUTES.keys():
        return None
    return Command(name, (found["argument"] or "").strip())


def label_names(argument: str) -> tuple[str, ...]:
    """The label names of `~bug ~"two words" a::b`."""
    return tuple(quoted or plain for quoted, plain in re.findall(r'~?"([^"]+)"|~?([^\s"]+)', argument))


def user_names(argument: str) -> tuple[str, ...]:
    """The usernames of `@a, @b and c`."""
    return tuple(word.lstrip("@") for word in re.split(r"[\s,]+", argument) if word and word != "and")
