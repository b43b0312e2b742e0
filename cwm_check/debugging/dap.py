"""The base of the Debug Adapter Protocol: messages as JSON behind a header with their length, numbered.

Byte streams in; requests out, and responses and events written. What a request means is in `adapter`.
https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from cwm_check.errors import CwmCheckError

LONGEST = 4 << 20  # bytes of one message


@dataclass(frozen=True, slots=True)
class Request:
    """What the editor asks for."""

    seq: int
    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Channel:
    """The two streams between the editor and us."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader, self._writer = reader, writer
        self._sent = 0

    def read(self) -> Request | None:
        """Return the next request, None at the end; other messages are passed over."""
        while (body := self._body()) is not None:
            try:
                said = json.loads(body)
                if said["type"] == "request":
                    arguments = said.get("arguments") or {}
                    if not isinstance(arguments, dict):
                        raise TypeError(arguments)
                    return Request(int(said["seq"]), str(said["command"]), arguments)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise CwmCheckError(f"--dap: not a message of the Debug Adapter Protocol: {error}") from error
        return None

    def _body(self) -> bytes | None:
        length = -1
        while (line := self._reader.readline()) not in (b"\r\n", b"\n"):
            if not line:
                return None
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit() and len(value) < 20:
                length = int(value)
        if not 0 <= length <= LONGEST:
            raise CwmCheckError("--dap: expected messages with a Content-Length, as editors send them")
        return self._reader.read(length)

    def respond(self, request: Request, body: Mapping[str, Any] | None = None) -> None:
        """Write what a request gives."""
        self._write({"type": "response", "success": True, **_answered(request), "body": dict(body or {})})

    def refuse(self, request: Request, message: str) -> None:
        """Write why a request gives nothing."""
        told = {"error": {"id": 1, "format": message.replace("{", "(").replace("}", ")"), "showUser": True}}
        self._write({"type": "response", "success": False, **_answered(request), "message": message, "body": told})

    def tell(self, event: str, body: Mapping[str, Any] | None = None) -> None:
        """Write an event."""
        self._write({"type": "event", "event": event, "body": dict(body or {})})

    def _write(self, message: Mapping[str, Any]) -> None:
        self._sent += 1
        data = json.dumps({"seq": self._sent, **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self._writer.flush()


def _answered(request: Request) -> dict[str, Any]:
    return {"request_seq": request.seq, "command": request.command}
