"""A real S3-compatible server on this machine for tests, behind the sandbox's ways of breaking a connection.

Google's storage speaks the same language (its XML API); its clients differ in how they are let in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from reports.sandbox.faults import Faults
from reports.sandbox.server import reply_under
from reports.sandbox.web_server import LoopbackServer, Reply

_BUCKETS = count(1)
#: What Google's clients are let in with: the server looks at no signature, but wants one of Amazon's kind.
_SIGNED = "AWS4-HMAC-SHA256 Credential=key/20261116/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


@dataclass
class S3Server:
    """Where the server is, an empty bucket of its own, and what it was asked."""

    url: str
    bucket: str
    faults: Faults = field(default_factory=Faults)
    requests: list[str] = field(default_factory=list)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A running server; what it holds is kept in this process, so every server begins with a bucket of its own."""
    application = DomainDispatcherApplication(create_backend_app)
    served = S3Server("", f"reports{next(_BUCKETS)}")

    def answer(environ: dict[str, Any]) -> Reply:
        served.requests.append(f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}")
        if not environ.get("HTTP_AUTHORIZATION", "").startswith("AWS4"):
            environ["HTTP_AUTHORIZATION"] = _SIGNED
        fault = served.faults.strike("s3", environ["REQUEST_METHOD"], environ["REQUEST_URI"])
        return reply_under(fault, application, environ, lambda seconds: None)

    server = LoopbackServer(answer, 0)
    served.url = server.url
    server.start()
    try:
        requests.put(f"{served.url}/{served.bucket}", timeout=30).raise_for_status()
        served.requests.clear()
        yield served
    finally:
        server.stop()
