"""What a person sees while commands run: a progress bar on a terminal, plain lines in a pipeline; nothing personal in either."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from reports.ports import Progress, ProgressListener


@contextmanager
def progress() -> Iterator[ProgressListener]:
    """A listener that shows progress on standard error in the way that fits it."""
    if sys.stderr.isatty():
        with _bar() as listener:
            yield listener
    else:
        yield _Lines()


def silent(progress: Progress) -> None:
    """A listener that shows nothing."""


class _Lines:
    """One line when a step begins, and at every tenth of the way at which there is something else to say."""

    def __init__(self) -> None:
        self._shown: set[tuple[str, int]] = set()
        self._said: tuple[str, str] | None = None

    def __call__(self, progress: Progress) -> None:
        """Print the line unless this tenth of the step was shown."""
        if progress.fraction is None:
            return
        tenth = int(progress.fraction * 10)
        said = (progress.step, progress.detail)
        if (progress.step, tenth) not in self._shown and said != self._said:
            self._shown.add((progress.step, tenth))
            self._said = said
            sys.stderr.write(f"{progress.step}: {progress.fraction:4.0%}  {progress.detail}\n")


@contextmanager
def _bar() -> Iterator[ProgressListener]:
    from rich.console import Console  # noqa: PLC0415  (slow to import, and only for people who watch)
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, object] = {}

        def show(progress: Progress) -> None:
            if progress.step not in tasks:
                tasks[progress.step] = bar.add_task(progress.step, total=1.0)
            shown = f"{progress.step:8} {progress.detail[:60]}"
            bar.update(tasks[progress.step], description=shown, completed=progress.fraction)  # type: ignore[arg-type]

        yield show
