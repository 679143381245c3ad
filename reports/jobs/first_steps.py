"""From a GitLab group and the agents of Zendesk to a first `config/` on disk: reads both, matches them, writes; no printing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.core.proposal import Proposal, proposal
from reports.errors import ConfigError, UsageError
from reports.ports import Progress, ProgressListener
from reports.settings.first_config import FirstPlaces, first_config
from reports.settings.json_schema import schema_files
from reports.settings.nearest import did_you_mean
from reports.wiring.house import House

# Adapters are imported where they are used, as in wiring.
# ruff: noqa: PLC0415


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """Who was found, and the files that say so: text by path in the folder."""

    found: Proposal
    files: Mapping[str, str]

    def changed_in(self, folder: Path) -> Sequence[str]:
        """The files that lie in the folder already and say something else."""
        there = {name: folder / name for name in self.files if (folder / name).exists()}
        return sorted(name for name, path in there.items() if path.read_text("utf-8", "replace") != self.files[name])


def propose(house: House, places: FirstPlaces, managers: Collection[str], tell: ProgressListener) -> FirstSteps:
    """A first config from who is in the group; `managers` are usernames, without any whoever is Maintainer or Owner.

    Raises UsageError for missing secrets, for a manager who is not there, and when nobody is; SourceError when a server fails.
    """
    from reports.adapters.gitlab_members import group_accounts
    from reports.adapters.zendesk_agents import desk_agents

    house.require_to_read()
    tell(Progress(step="init", detail=f"members of {places.group}", fraction=0.0))
    accounts = group_accounts(house.reading_client(places.gitlab_url), places.group)
    _require(managers, [account.username for account in accounts], places.group)
    tell(Progress(step="init", detail="agents of Zendesk", fraction=0.5))
    agents = desk_agents(house.zendesk_at(places.zendesk_url))
    found = proposal(accounts, agents, managers)
    tell(Progress(step="init", detail=f"{len(accounts)} members, {len(agents)} agents", fraction=1.0))
    schemas = {f"schemas/{name}": text for name, text in schema_files().items()}
    return FirstSteps(found=found, files=first_config(found, places, house.clock.now().date()) | schemas)


def _require(managers: Collection[str], members: Sequence[str], group: str) -> None:
    known = {member.casefold() for member in members}
    for name in managers:
        if name.casefold() not in known:
            raise UsageError(f"--manager {name}: {group} has no member with that username", did_you_mean(name, members))


def write(files: Mapping[str, str], folder: Path) -> None:
    """Put the files into the folder, whatever lies there; ConfigError when that cannot be done."""
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(
            f"{error.filename or folder} cannot be written: {error.strerror}", "name another folder with --into"
        ) from error
