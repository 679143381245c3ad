"""One token reads, another writes: neither ever does the other's work."""

from reports.commands import console
from reports.jobs import stages
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.sandbox.server import GITLAB, LoggedRequest
from reports.sandbox.world_gitlab import READER, WRITER
from tests.integration.organisation import fresh_house


def asked(demo: Demo) -> list[LoggedRequest]:
    """What GitLab was asked since the log was reset."""
    return [request for request in demo.sandbox.requests if request.host == GITLAB]


def test_gathering__is_done_by_the_reading_token_alone_and_writing_by_the_other(demo: Demo) -> None:
    house = fresh_house(demo)

    stages.gather(house, demo.week, console.silent)

    assert {request.user for request in asked(demo)} == {READER}
    assert not any(request.is_write for request in asked(demo))

    demo.sandbox.reset_log()
    stages.weekly(fresh_house(demo), demo.week, console.silent)
    stages.listen(fresh_house(demo), demo.week, console.silent)
    stages.queue(fresh_house(demo), console.silent)

    assert {request.user for request in asked(demo) if request.is_write} == {WRITER}
    assert {request.user for request in asked(demo)} == {READER, WRITER}


def test_gathering__without_a_reading_token_is_done_by_the_other(demo: Demo) -> None:
    alone = {name: secret for name, secret in ENVIRONMENT.items() if name != "GITLAB_READ_TOKEN"}

    stages.gather(fresh_house(demo, alone), demo.week, console.silent)

    assert {request.user for request in asked(demo)} == {WRITER}


def test_gathering__needs_no_writing_token(demo: Demo) -> None:
    reading = {name: secret for name, secret in ENVIRONMENT.items() if name != "GITLAB_TOKEN"}

    gathered = stages.gather(fresh_house(demo, reading), demo.week, console.silent)

    assert gathered.failures == {}
    assert {request.user for request in asked(demo)} == {READER}
