"""What a job leaves beside its log, however it ended: a summary to read, and a JUnit report for GitLab's *Tests* tab.

It keeps what was printed, so it names nobody where the log names nobody, and leaves out what folds away there.
"""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from reports.commands.printing import PassingStream
from reports.errors import EXIT_PARTIAL

SUMMARY, JUNIT = "summary.md", "junit.xml"
_FOLDED = re.compile(r"\x1b\[0Ksection_start:.*?section_end:[^\n]*\n?", re.DOTALL)
_MISSING = "missing: "
_ENDS = {0: "done", EXIT_PARTIAL: "done, with some data missing"}


class _Both(PassingStream):
    """A text stream that also keeps what goes through it."""

    def __init__(self, stream: TextIO, kept: list[str]) -> None:
        super().__init__(stream)
        self._kept = kept

    def write(self, text: str) -> int:
        written = super().write(text)  # first: whoever tries it with bytes is refused
        self._kept.append(text)
        return written


@contextmanager
def kept_in(folder: str, command: str) -> Iterator[None]:
    """Keep what is printed, and how it ends, in the two files of a folder; nothing without a folder."""
    if not folder:
        yield
        return
    printed: list[str] = []
    before, started, code = (sys.stdout, sys.stderr), time.monotonic(), 1
    both = tuple(_Both(stream, printed) for stream in before)
    sys.stdout, sys.stderr = both
    try:
        yield
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
    finally:
        if (sys.stdout, sys.stderr) == both:  # else what keeps names out lies over them, and has to for a traceback too
            sys.stdout, sys.stderr = before
        _write(Path(folder), command, _FOLDED.sub("", "".join(printed)), code, time.monotonic() - started)


def _write(folder: Path, command: str, text: str, code: int, seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMMARY).write_text(summary(command, text, code), encoding="utf-8")
    (folder / JUNIT).write_bytes(junit(command, text, code, seconds))


def summary(command: str, text: str, code: int) -> str:
    """The command, how it ended, and what it said, as Markdown."""
    end = _ENDS.get(code, f"failed with exit code {code}")
    body = "".join(f"    {line}\n" for line in text.splitlines())
    return f"# support-reports {command}: {end}\n\n{body}"


def junit(command: str, text: str, code: int, seconds: float) -> bytes:
    """A case for the command, which fails with it, and a failed one for each thing that is missing."""
    missing = [line.removeprefix(_MISSING) for line in text.splitlines() if line.startswith(_MISSING)]
    has_failed = code not in _ENDS
    counts = {"tests": str(1 + len(missing)), "failures": str(has_failed + len(missing))}
    suite = ElementTree.Element("testsuite", {"name": "support-reports", **counts, "time": f"{seconds:.1f}"})
    case = ElementTree.SubElement(suite, "testcase", {"classname": "support-reports", "name": command, "time": f"{seconds:.1f}"})
    if has_failed:
        said = text.rpartition("error: ")[2] or text
        ElementTree.SubElement(case, "failure", {"message": f"exit code {code}"}).text = _printable(said)
    for what in missing:
        one = ElementTree.SubElement(suite, "testcase", {"classname": "missing", "name": _printable(what.partition(": ")[0])})
        ElementTree.SubElement(one, "failure", {"message": "missing"}).text = _printable(what)
    report: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return report


def _printable(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
