"""A publishing process killed at each of its requests: the next run finishes what it began, and nothing is there twice."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reports.sandbox.faults import Fault, FaultKind, Faults
from reports.sandbox.server import LoggedRequest, RequestLog
from tests.integration.organisation import ROOT
from tests.publishing import everything, prepared, publish_straight


class Killing(Faults):
    """Kills a process when its n-th request has come in; the request is still carried out, or it is not."""

    def __init__(self, process: int, number: int, *, is_carried_out: bool) -> None:
        super().__init__()
        self.left = number
        self._process = process
        self._is_carried_out = is_carried_out

    def strike(self, host: str, method: str, target: str) -> Fault | None:
        self.left -= 1
        if self.left != 0:
            return None
        os.kill(self._process, signal.SIGKILL)
        return None if self._is_carried_out else Fault(kind=FaultKind.RESET_BEFORE, path="")


class WatchedLog(RequestLog):
    """A log that can be waited for: a request goes on when whoever sent it is dead."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = threading.Condition()

    def append(self, request: LoggedRequest) -> None:
        with self._grown:
            super().append(request)
            self._grown.notify_all()

    def wait_for(self, number: int) -> None:
        with self._grown:
            assert self._grown.wait_for(lambda: len(self) >= number, timeout=30)


class Children:
    """The processes that publish."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def begin(self, address: str) -> int:
        """A child that waits to be told to go on; its number."""
        self.tell(address)
        return self.said()

    def tell(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()

    def said(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def children() -> Iterator[Children]:
    command = [sys.executable, "-m", "tests.publishing_process"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Children(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("is_carried_out", [False, True], ids=["before the request is carried out", "after it"])
def test_a_run_killed_at_any_request__is_finished_by_the_next(is_carried_out: bool) -> None:
    with prepared() as (sandbox, time, before), children() as processes:
        publish_straight(sandbox, time)
        undisturbed, requests = everything(sandbox.gitlab), len(sandbox.requests)
        for number in range(1, requests + 1):
            sandbox.gitlab.go_back(before)
            sandbox.requests = log = WatchedLog()
            process = processes.begin(sandbox.gitlab_url)
            sandbox.faults = killing = Killing(process, number, is_carried_out=is_carried_out)
            processes.tell("go")

            assert (processes.said(), killing.left) == (-signal.SIGKILL, 0)
            log.wait_for(number)
            sandbox.faults = Faults()
            assert publish_straight(sandbox, time).failures == ()
            assert everything(sandbox.gitlab) == undisturbed, number
