"""A real HTTP server on this machine that speaks the completions protocol, or fails in a way of its choice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[tuple[int, ...], dict[str, Any]], list[int]]
"""From a prompt and the whole request to the tokens of the answer, with the one that stops it."""


class Played:
    """What a server of a test does, and what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.failures: list[int | bytes] = []
        """Statuses or whole bodies to give before it begins to answer."""
        self.delay = 0.0
        self.style = "token_ids"
        self.url = ""


@contextmanager
def served(answer: Answer) -> Iterator[Played]:
    """Serve until the end of the block."""
    played = Played(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.requests.append(body | {"path": self.path})
            played.headers.append(dict(self.headers))
            time.sleep(played.delay)
            if played.failures:
                failure = played.failures.pop(0)
                self._send(*((failure, b"{}") if isinstance(failure, int) else (200, failure)))
                return
            choices = [_choice(i, played, tuple(p), body) for i, p in enumerate(body["prompt"])]
            self._send(200, json.dumps({"object": "text_completion", "choices": choices[::-1]}).encode())

        def _send(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status in (301, 302):
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # who asked has gone

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    played.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()


def _choice(index: int, played: Played, prompt: tuple[int, ...], body: dict[str, Any]) -> dict[str, Any]:
    tokens = played.answer(prompt, body)
    cut = len(tokens) > body["max_tokens"]
    tokens = tokens[: body["max_tokens"]]
    logs = {"tokens": [f"token_id:{token}" for token in tokens], "token_logprobs": [-0.1] * len(tokens)}
    choice = {"index": index, "finish_reason": "length" if cut else "stop", "logprobs": logs}
    if played.style == "token_ids":
        return choice | {"token_ids": tokens}
    if played.style == "without the stop" and not cut:
        logs["tokens"].pop()
        logs["token_logprobs"].pop()
        return choice | {"stop_reason": tokens[-1]}
    return choice
