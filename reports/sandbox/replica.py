"""A copy of the small GitLab that lags some writes behind, as the database that lists are read from may do."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from reports.sandbox.gitlab_rest import gitlab_app
from reports.sandbox.gitlab_state import GitlabState


class Replica:
    """Answers reads as the state was `lag` writes ago."""

    def __init__(self, state: GitlabState, clock: Callable[[], datetime], lag: int) -> None:
        self._original = state
        self._past = deque([state.snapshot()], maxlen=lag + 1)
        self._copy = GitlabState(state.epoch, state.premium)
        self._copy.go_back(self._past[0])
        self.app = gitlab_app(self._copy, clock)

    def follow(self) -> None:
        """Go one write further; to be called after each write."""
        self._past.append(self._original.snapshot())
        self._copy.go_back(self._past[0])
