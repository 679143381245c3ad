"""A quiet threaded HTTP/1.1 server on loopback with keep-alive, whose replies can be cut short; knows no application."""

import io
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from reports.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Sent on close, this makes the kernel reset the connection instead of ending it politely.
_LINGER_NOTHING = struct.pack("ii", 1, 0)


class Ending(Enum):
    """How a reply ends: as it should, with a reset before a byte is sent, or in the middle of its body."""

    WHOLE = "whole"
    RESET = "reset"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer; `status` is such as `200 OK`."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ending: Ending = Ending.WHOLE


Answerer = Callable[["WSGIEnvironment"], Reply]


def raw_path(target: str) -> str:
    """The path of a request with `%2F` left as it is, since GitLab's project paths depend on it; Latin-1 as WSGI wants."""
    path = target.partition("?")[0].replace("%2f", "%2F").replace("%2F", "%252F")
    raw = bytearray()
    rest = path.encode("latin-1")
    while b"%" in rest:
        before, _, rest = rest.partition(b"%")
        raw += before
        try:
            raw.append(int(rest[:2], 16))
            rest = rest[2:]
        except ValueError:
            raw += b"%"
    return (bytes(raw) + rest).decode("latin-1")


def _listening(port: int) -> socket.socket:
    """A socket on a loopback port, 0 for any free one; UsageError when it is taken."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        hint = "choose another port, or 0 for a free one"
        raise UsageError(f"port {port} on 127.0.0.1 cannot be used: {error.strerror}", hint) from None


class _Handler(WSGIRequestHandler):
    """Reads one request after the other from a connection and writes each reply in one piece."""

    server: "LoopbackServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(
            environ["wsgi.input"].read() if "wsgi.input_terminated" in environ else self.rfile.read(length)
        )
        environ["PATH_INFO"] = raw_path(self.path)
        reply = self.server.answer(environ)
        if reply.ending is Ending.RESET:
            self._reset()
        else:
            self._write(reply, environ["REQUEST_METHOD"])

    def _write(self, reply: Reply, method: str) -> None:
        code, _, reason = reply.status.partition(" ")
        tells_date = any(name.lower() == "date" for name, _ in reply.headers)
        (self.send_response_only if tells_date else self.send_response)(int(code), reason)
        for name, value in reply.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if int(code) != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        if reply.ending is Ending.TRUNCATED:
            self.send_header("Connection", "close")
        self.end_headers()
        sent = reply.body if reply.ending is Ending.WHOLE else reply.body[: len(reply.body) // 2]
        if method != "HEAD":
            self.wfile.write(sent)
        self.wfile.flush()

    def _reset(self) -> None:
        """Drop the connection with a TCP reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOTHING)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing is printed."""

    def version_string(self) -> str:
        return "sandbox"


class LoopbackServer(ThreadedWSGIServer):
    """Serves on 127.0.0.1; `stop` ends every connection and waits for the threads."""

    daemon_threads = True

    def __init__(self, answer: Answerer, port: int = 0) -> None:
        self.answer = answer
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._connections_lock = threading.Lock()
        with _listening(port) as listening:
            number = listening.getsockname()[1]
            super().__init__("127.0.0.1", number, lambda environ, start: [], _Handler, fd=listening.fileno())
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:43210`."""
        return f"http://127.0.0.1:{self.port}"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing is printed."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; a reset one is closed without a farewell."""
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        if linger == _LINGER_NOTHING:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection and its thread."""
        with self._connections_lock:
            self._connections[connection] = threading.current_thread()

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._connections_lock:
            self._connections.pop(connection, None)

    def start(self) -> None:
        """Begin to serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End every connection and free the port."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._connections_lock:
            open_now = dict(self._connections)
        for connection, thread in open_now.items():
            _hang_up(connection)
            thread.join(timeout=5)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
