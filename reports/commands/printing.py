"""A stream of text that hands everything on to another one: what stands in the place of a terminal does a little more."""

import io
from typing import TextIO


class PassingStream(io.TextIOBase):
    """Hands on what is written, as it is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text."""
        return self._stream.write(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person watches."""
        return self._stream.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base class has a plain attribute
        """How the text becomes bytes."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What becomes of a character that has no bytes."""
        return self._stream.errors
