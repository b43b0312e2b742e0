"""A world model on a server that speaks the OpenAI completions protocol, as vLLM does: prompts of token ids in and out.

Stands where an `Engine` stands. What fails for a moment is tried again, with growing pauses; what stays broken is one
error with the address, without what was sent, and without the key (`CWM_CHECK_API_KEY`).
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.inference.engine import Generation, Request

PREFIX = "openai:"
_MOST_PROMPTS = 32  # of one request
_PAUSES = (0.5, 1.0, 2.0)  # seconds between the tries
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_WARMTH, _SEED = 0.8, 1  # of another answer, where the likeliest was malformed
_LARGEST = 64 << 20  # bytes of a reply
_TOKENS = 1 << 32  # more than any vocabulary has
_ROUNDING = 1e-3  # by which the logarithm of a probability may be above 0


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model is served, and under which name."""

    url: str
    name: str

    @property
    def address(self) -> str:
        """The server as messages name it: without user, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"


def server_of(text: str) -> Server:
    """Return the server that `openai:URL#NAME` means."""
    url, mark, name = text.removeprefix(PREFIX).rpartition("#")
    try:
        parts = urlsplit(url)
        is_good = mark and name and parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        is_good = False
    if not is_good:
        raise CwmCheckError("--model wants openai:URL#NAME, as openai:http://localhost:8000#facebook/cwm")
    if parts.username or parts.password or parts.query:
        raise CwmCheckError("--model must hold no user, password or query; a key is taken from CWM_CHECK_API_KEY")
    return Server(url.rstrip("/"), name)


class Remote:
    """A served model."""

    def __init__(
        self,
        server: Server,
        *,
        key: str | None = None,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = server.name
        self.note = ""
        self._server = server
        self._key = os.environ.get("CWM_CHECK_API_KEY") if key is None else key
        self._timeout = timeout
        self._sleep = sleep

    def generate(self, requests: Sequence[Request], *, stop: Collection[int]) -> tuple[tuple[Generation, ...], ...]:
        """Return the continuations of each request; those after the first are drawn, with a fixed seed.

        What a row may say cannot be narrowed here: who asks must look at the answer.
        """
        made: dict[int, tuple[Generation, ...]] = {}
        for rows in _batches(requests):
            first = requests[rows[0]]
            told = self._complete([requests[i].prompt for i in rows], first.limit, sorted(stop), 0.0)
            again = (
                self._complete([requests[i].prompt for i in rows], first.limit, sorted(stop), _WARMTH)
                if first.branches > 1
                else []
            )
            for place, row in enumerate(rows):
                made[row] = (told[place], again[place]) if again else (told[place],)
        return tuple(made[i] for i in range(len(requests)))

    def _complete(
        self, prompts: Sequence[tuple[int, ...]], limit: int, stop: Sequence[int], temperature: float
    ) -> list[Generation]:
        reply = self._post(
            {
                "model": self._server.name,
                "prompt": [list(prompt) for prompt in prompts],
                "max_tokens": limit,
                "temperature": temperature,
                "seed": _SEED,
                "logprobs": 0,
                "stop_token_ids": list(stop),
                "ignore_eos": False,
                "skip_special_tokens": False,
                "return_token_ids": True,
                "return_tokens_as_token_ids": True,
            }
        )
        return self.read(reply, len(prompts), stop)

    def read(self, reply: Any, count: int, stop: Sequence[int]) -> list[Generation]:
        """Return the answers to `count` prompts that a reply holds; an error where it holds anything else."""
        try:
            choices = sorted(reply["choices"], key=lambda choice: choice.get("index", 0))
            if len(choices) != count:
                raise ValueError(f"{len(choices)} answers to {count} prompts")
            return [_generation(choice, stop) for choice in choices]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise self._error(
                f"does not speak the completions protocol ({type(error).__name__}: {error})"[:200]
            ) from None

    def _post(self, body: dict[str, Any]) -> Any:
        """Send a request until it is answered or the tries are used up."""
        problem = ""
        for pause in (*_PAUSES, None):
            try:
                return self._once(body)
            except _PassingError as error:
                problem = str(error)
            if pause is not None:
                self._sleep(pause)
        raise self._error(f"does not answer: {problem} ({len(_PAUSES) + 1} tries)")

    def _once(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        url = f"{self._server.url.removesuffix('/v1')}/v1/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        try:
            with _OPENER.open(request, timeout=self._timeout) as reply:
                text = reply.read(_LARGEST + 1)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _PASSING:
                raise _PassingError(f"status {error.code}") from None
            raise self._error(f"refuses the request: status {error.code}") from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            raise _PassingError(_cause(error)) from None
        if len(text) > _LARGEST:
            raise self._error("gives a reply without end")
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise self._error("does not speak the completions protocol (the reply is no JSON)") from None

    def _error(self, what: str) -> AnalysisError:
        return AnalysisError(f"the world model server {self._server.address} {what}")


class _PassingError(Exception):
    """A failure that may pass."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key and the source go to the server that was named, and nowhere else."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def _cause(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "timed out"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)[:100]


def _batches(requests: Sequence[Request]) -> Iterator[list[int]]:
    """Requests of one limit and as many answers, some at a time."""

    def kind(i: int) -> tuple[int, bool]:
        return requests[i].limit, requests[i].branches > 1

    for _, same in groupby(sorted(range(len(requests)), key=kind), key=kind):
        rows = list(same)
        yield from (rows[at : at + _MOST_PROMPTS] for at in range(0, len(rows), _MOST_PROMPTS))


def _generation(choice: dict[str, Any], stop: Sequence[int]) -> Generation:
    """One answer; the token that stopped it is its last, whether or not the server shows it."""
    told = choice.get("logprobs") or {}
    tokens = choice.get("token_ids")
    if tokens is None:
        tokens = [_token(text) for text in told["tokens"]]
    if not all(type(token) is int and 0 <= token < _TOKENS for token in tokens):
        raise ValueError("token ids are no numbers")
    logs = [float(log) if log is not None else 0.0 for log in told.get("token_logprobs") or [0.0] * len(tokens)]
    if not all(log <= _ROUNDING for log in logs):
        raise ValueError("probabilities are no numbers up to 1")
    ended = choice.get("finish_reason") == "stop"
    reason = choice.get("stop_reason")
    if ended and (not tokens or tokens[-1] not in stop):
        if isinstance(reason, int) and reason in stop:
            tokens = [*tokens, reason]
        elif len(stop) == 1:
            tokens = [*tokens, stop[0]]
        else:
            raise ValueError("it does not say what stopped the answer")
    return Generation(tuple(tokens), tuple(min(log, 0.0) for log in logs), ended)


def _token(text: str) -> int:
    mark, _, number = text.rpartition(":")
    if mark != "token_id":
        raise ValueError("no token ids")
    return int(number)
