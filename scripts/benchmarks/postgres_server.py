"""A PostgreSQL of its own in a temporary folder, set up for two cores and stopped at the end; it knows nothing of tickets."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Where Debian and Ubuntu put the server, beside what is on the PATH.
_PLACES = "/usr/lib/postgresql"
_NAME = "bench"

#: What one would set for a bench of two cores: memory, parallel plans, and nothing that waits for a disk. `jit` took longer.
_SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "512MB",
    "work_mem": "256MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "2",
    "max_parallel_maintenance_workers": "2",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its programs, and the folder of its socket."""

    programs: Path
    folder: Path

    def run(self, script: str, words: Mapping[str, str] | None = None, rows: Path | None = None) -> str:
        """What a script of psql answers; `words` are its variables, `rows` a file that a `COPY … FROM STDIN` reads.

        Raises CalledProcessError when a statement fails.
        """
        command = [str(self.programs / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--set", "ON_ERROR_STOP=1"]
        command += ["--host", str(self.folder), "--username", _NAME, "--dbname", "postgres"]
        command += [part for name, value in (words or {}).items() for part in ("--set", f"{name}={value}")]
        if rows is None:
            return _answer([*command, "--file", "-"], script.encode())
        return _answer([*command, "--command", script], rows.read_bytes())


def programs() -> Path | None:
    """The folder of the newest PostgreSQL here that has its server; None where there is none."""
    found = shutil.which("initdb")
    debian = sorted(Path(_PLACES).glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    places = [Path(found).resolve()] if found else debian[-1:]
    return places[0].parent if places else None


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """A new and empty server, whose socket only its own user can reach."""
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as name:
        folder, user = Path(name), _server_user()
        if user is not None:
            os.chown(folder, user, -1)
        data = folder / "data"
        ways = ["--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync"]
        _as(user, folder, [str(programs / "initdb"), "-D", str(data), "--username", _NAME, *ways])
        settings = _SETTINGS | {"unix_socket_directories": f"'{folder}'"}
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
        _as(user, folder, [*control, "-l", str(folder / "log"), "start"])
        try:
            yield Server(programs, folder)
        finally:
            _as(user, folder, [*control, "-m", "immediate", "stop"])


def _server_user() -> int | None:
    """Somebody without rights, where we are root, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one.pw_uid for one in pwd.getpwall()}
    return known.get("postgres", known.get("nobody"))


def _answer(command: list[str], given: bytes) -> str:
    return subprocess.run(command, input=given, check=True, stdout=subprocess.PIPE).stdout.decode()


def _as(user: int | None, folder: Path, command: list[str]) -> None:
    subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
