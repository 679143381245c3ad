"""What a person sees while commands run: progress bars on a terminal, plain lines in a pipeline; nothing personal in either."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from reports.ports import Progress, ProgressListener

#: Seconds between two lines about the same part, and before anybody dares to say how long something still takes.
PAUSE = 10.0


@contextmanager
def progress() -> Iterator[ProgressListener]:
    """A listener that shows progress on standard error in the way that fits it."""
    if sys.stderr.isatty():
        with _bars() as listener:
            yield listener
    elif os.environ.get("GITLAB_CI"):
        with _folded("what goes on", sys.stderr.write, time.time):
            yield Lines(sys.stderr.write, time.monotonic)
    else:
        yield Lines(sys.stderr.write, time.monotonic)


@contextmanager
def _folded(title: str, write: Callable[[str], object], now: Callable[[], float]) -> Iterator[None]:
    """Lines that GitLab folds away in a job's log until somebody opens them; a failure stays outside."""
    name = title.replace(" ", "_")
    write(f"\x1b[0Ksection_start:{now():.0f}:{name}[collapsed=true]\r\x1b[0K{title}\n")
    try:
        yield
    finally:
        write(f"\x1b[0Ksection_end:{now():.0f}:{name}\r\x1b[0K\n")


def silent(progress: Progress) -> None:
    """A listener that shows nothing."""


class TimeLeft:
    """How long each part of a step still takes, judged by the time it took so far; `now` gives seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._begun: dict[tuple[str, str], tuple[float, float]] = {}

    def words(self, progress: Progress) -> str:
        """Such as `about 12 min left`; empty as long as nobody can tell."""
        if progress.fraction is None:
            return ""
        started, first = self._begun.setdefault((progress.step, progress.part), (self._now(), progress.fraction))
        gone, done = self._now() - started, progress.fraction - first
        if gone < PAUSE or done <= 0 or progress.fraction >= 1:
            return ""
        left = gone * (1 - progress.fraction) / done
        return f"about {left / 3600:.1f} h left" if left >= 5400 else f"about {max(1, round(left / 60))} min left"


class Lines:
    """Plain lines: of a step without parts one when it begins and at every tenth of the way at which there is something to say;
    of a part one every ten seconds and one when it has ended; of waiting one every ten seconds for each host.
    """

    def __init__(self, write: Callable[[str], object], now: Callable[[], float]) -> None:
        self._write = write
        self._now = now
        self._left = TimeLeft(now)
        self._shown: set[tuple[str, int]] = set()
        self._said: tuple[str, str] | None = None
        self._last: dict[tuple[str, str], float] = {}
        self._ended: set[tuple[str, str]] = set()
        self._lock = Lock()

    def __call__(self, progress: Progress) -> None:
        """Print the line if it is time to; threads may come at once."""
        with self._lock:
            left = self._left.words(progress)
            if self._is_due(progress):
                far = "     " if progress.fraction is None else f"{progress.fraction:4.0%} "
                words = "  ".join(word for word in (progress.part, progress.detail, left) if word)
                self._write(f"{progress.step}: {far} {words}\n")

    def _is_due(self, progress: Progress) -> bool:
        return self._is_news_of_a_part(progress) if progress.part else self._is_a_tenth_further(progress)

    def _is_news_of_a_part(self, progress: Progress) -> bool:
        part, now = (progress.step, progress.part), self._now()
        if progress.fraction == 1:
            is_news = part not in self._ended
            self._ended.add(part)
            return is_news
        # The first pause is news at once, the beginning of a stream is not.
        last = self._last.setdefault(part, now if progress.fraction is not None else now - PAUSE)
        if now - last < PAUSE:
            return False
        self._last[part] = now
        return True

    def _is_a_tenth_further(self, progress: Progress) -> bool:
        if progress.fraction is None:
            return False
        tenth, said = int(progress.fraction * 10), (progress.step, progress.detail)
        if (progress.step, tenth) in self._shown or said == self._said:
            return False
        self._shown.add((progress.step, tenth))
        self._said = said
        return True


@contextmanager
def _bars() -> Iterator[ProgressListener]:
    """A bar for each step, and for each of its parts while that goes on."""
    from rich.console import Console  # noqa: PLC0415  (slow to import, and only for people who watch)
    from rich.progress import BarColumn, TaskID, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[left]}", markup=False))
    left, lock = TimeLeft(time.monotonic), Lock()
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[tuple[str, str], TaskID] = {}

        def show(progress: Progress) -> None:
            with lock:
                key = (progress.step, progress.part)
                if key not in tasks:
                    tasks[key] = bars.add_task("", total=1.0, left="")
                words = f"{progress.step:8} {progress.part:24} {progress.detail[:60]}" if progress.part else progress.detail[:60]
                shown = words if progress.part else f"{progress.step:8} {words}"
                bars.update(tasks[key], description=shown, completed=progress.fraction, left=left.words(progress))
                if progress.part and progress.fraction == 1:
                    bars.remove_task(tasks.pop(key))

        yield show
