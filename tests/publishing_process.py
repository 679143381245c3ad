"""A process that publishes in children of its own, one for each address it is given, so that tests can kill them.

It says the number of each child, which begins when it is told to, and then how it ended.
"""

import os
import sys

from reports.adapters.http_session import PacedSession
from tests.publishing import publish


def main() -> None:
    while address := os.read(0, 1000).decode().strip():
        child = os.fork()
        if child == 0:
            os.read(0, 10)
            with PacedSession() as session:
                came = publish(address, session)
            os._exit(1 if came.failures else 0)
        say(child)
        say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
