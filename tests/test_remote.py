"""The completions protocol against a real server on this machine: answers, slowness, failures, nonsense, secrets."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from servers import served
from step_oracle import effect_of
from test_neural_trial import BEFORE

from cwm_check.codecs.nano import ANSWER, FIRST_LOCAL, VOCABULARY
from cwm_check.codecs.nano_steps import Step, encode_effect
from cwm_check.commands.cli import main
from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.inference.engine import Request
from cwm_check.neural.remote import Remote, Server, server_of

STOP = (1, 7)


def count(prompt: tuple[int, ...], body: dict[str, Any]) -> list[int]:
    """Says its prompt backwards, then a stop."""
    return [*prompt[::-1], 7]


def remote(url: str, **options: Any) -> Remote:
    return Remote(Server(url, "m"), sleep=lambda _: None, **options)


@pytest.mark.parametrize("style", ["token_ids", "logprobs", "without the stop"])
def test_answers_are_those_of_an_engine(style: str) -> None:
    requests = [Request((10 + i, 20), 5 if i % 2 else 2) for i in range(70)]
    with served(count) as server:
        server.style = style
        made = remote(server.url).generate(requests, stop=STOP)
    for request, (one,) in zip(requests, made, strict=True):
        whole = (*request.prompt[::-1], 7)
        assert (one.tokens, one.ended) == (whole[: request.limit], request.limit == 5)
    assert len(made[0][0].log_probabilities) == 2
    assert [len(r["prompt"]) for r in server.requests] == [32, 3, 32, 3]
    assert {r["path"] for r in server.requests} == {"/v1/completions"}
    assert server.requests[0]["stop_token_ids"] == [1, 7]
    assert server.requests[0]["temperature"] == 0.0


def test_another_answer_is_drawn_with_a_seed() -> None:
    with served(lambda prompt, body: [9, 7] if body["temperature"] else [8, 7]) as server:
        ((first, second),) = remote(server.url).generate([Request((3,), 5, branches=2)], stop=STOP)
    assert (first.tokens, second.tokens) == ((8, 7), (9, 7))
    assert [r["seed"] for r in server.requests] == [1, 1]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(status: int) -> None:
    pauses: list[float] = []
    with served(count) as server:
        server.failures = [status, status]
        one = Remote(Server(server.url, "m"), sleep=pauses.append).generate([Request((3,), 5)], stop=STOP)
    assert one[0][0].tokens == (3, 7)
    assert pauses == [0.5, 1.0]


FAILURES: list[tuple[list[int | bytes], str, int]] = [
    ([503] * 9, "does not answer: status 503 (4 tries)", 4),
    ([401], "refuses the request: status 401", 1),
    ([404], "refuses the request: status 404", 1),
    ([302], "refuses the request: status 302", 1),
    ([b"<html>"], "does not speak the completions protocol (the reply is no JSON)", 1),
    ([b"{}"], "does not speak the completions protocol (KeyError: 'choices')", 1),
    (
        [b"[1]"],
        "does not speak the completions protocol (TypeError: list indices must be integers or slices, not str)",
        1,
    ),
    ([b'{"choices": []}'], "does not speak the completions protocol (ValueError: 0 answers to 1 prompts)", 1),
    (
        [b'{"choices": [{"token_ids": ["x"]}]}'],
        "does not speak the completions protocol (ValueError: token ids are no numbers)",
        1,
    ),
    *(
        (
            [b'{"choices": [{"token_ids": [%s]}]}' % token],
            "does not speak the completions protocol (ValueError: token ids are no numbers)",
            1,
        )
        for token in (b"-1", b"4294967296", b"true")
    ),
    *(
        (
            [b'{"choices": [{"token_ids": [7], "logprobs": {"token_logprobs": [%s]}}]}' % log],
            "does not speak the completions protocol (ValueError: probabilities are no numbers up to 1)",
            1,
        )
        for log in (b"0.5", b"NaN", b"Infinity")
    ),
    (
        [b'{"choices": [{"token_ids": [7], "logprobs": {"token_logprobs": [1%s]}}]}' % (b"0" * 400)],
        "does not speak the completions protocol (OverflowError: int too large to convert to float)",
        1,
    ),
    ([b"[" * 100_000], "does not speak the completions protocol (the reply is no JSON)", 1),
    (
        [b'{"choices": [{"logprobs": {"tokens": ["a"]}}]}'],
        "does not speak the completions protocol (ValueError: no token ids)",
        1,
    ),
]


@pytest.mark.parametrize(("failures", "message", "tries"), FAILURES, ids=[message for _, message, _ in FAILURES])
def test_what_stays_broken_is_one_line(failures: list[int | bytes], message: str, tries: int) -> None:
    with served(count) as server:
        server.failures = list(failures)
        with pytest.raises(AnalysisError) as error:
            remote(server.url, key="very-secret").generate([Request((3,), 5)], stop=STOP)
    assert str(error.value) == f"the world model server {server.url} {message}"
    assert len(server.requests) == tries


def test_a_slow_server_is_given_up() -> None:
    with served(count) as server:
        server.delay = 0.5
        with pytest.raises(AnalysisError) as error:
            remote(server.url, timeout=0.05).generate([Request((3,), 5)], stop=STOP)
    assert str(error.value) == f"the world model server {server.url} does not answer: timed out (4 tries)"


def dead() -> str:
    """The address of a server that is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_dead_server_is_given_up() -> None:
    url = dead()
    with pytest.raises(AnalysisError) as error:
        remote(url).generate([Request((3,), 5)], stop=STOP)
    assert str(error.value) == f"the world model server {url} does not answer: Connection refused (4 tries)"


def test_the_key_goes_into_the_header_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CWM_CHECK_API_KEY", "very-secret")
    with served(count) as server:
        Remote(Server(server.url, "m")).generate([Request((3,), 5)], stop=STOP)
    assert server.headers[0]["Authorization"] == "Bearer very-secret"
    assert "very-secret" not in json.dumps(server.requests)


@pytest.mark.parametrize(
    "text",
    [
        "openai:",
        "openai:http://x",
        "openai:#m",
        "openai:ftp://x#m",
        "openai:http://#m",
        "openai:http://x:port#m",
        "openai:x#m",
    ],
)
def test_a_wrong_address_is_refused(text: str) -> None:
    with pytest.raises(CwmCheckError, match=r"^--model wants openai:URL#NAME"):
        server_of(text)


@pytest.mark.parametrize("url", ["http://me:pass@x", "http://x?key=1"])
def test_secrets_in_the_address_are_refused_without_showing_them(url: str) -> None:
    with pytest.raises(CwmCheckError) as error:
        server_of(f"openai:{url}#m")
    assert str(error.value) == "--model must hold no user, password or query; a key is taken from CWM_CHECK_API_KEY"


def test_an_address_has_a_name_and_may_end_with_v1() -> None:
    assert server_of("openai:https://h:8000/v1/#facebook/cwm") == Server("https://h:8000/v1", "facebook/cwm")
    assert Server("https://h:8000/v1", "m").address == "https://h:8000"


# --- the whole command


def step_answer(prompt: tuple[int, ...], body: dict[str, Any]) -> list[int]:
    """A nano that is served, and always right."""
    assert prompt[-1] == ANSWER
    used = [token - FIRST_LOCAL for token in prompt if FIRST_LOCAL <= token < FIRST_LOCAL + 48]
    names = tuple(f"name{i}" for i in range(max(used, default=-1) + 1))
    step = Step(VOCABULARY[prompt[0]][1:-1], prompt, names)  # type: ignore[arg-type]
    said = encode_effect(step, effect_of(step))
    assert said is not None
    return said


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(BEFORE + "\ndef g(n: int):\n    total = n\n    return total\n")
    new.write_text(old.read_text().replace("x > 3", "x > 4").replace("total", "sum_"))
    return ["check", "--before", str(old), "--after", str(new), "--format", "json", "--simulate", "neural"]


def verdicts(out: str) -> dict[str, str]:
    return {function["qualname"]: function["verdict"] for function in json.loads(out)["functions"]}


def test_a_check_on_a_served_model(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with served(step_answer) as server:
        assert main([*files, "--model", f"openai:{server.url}#nano"]) == 0
    out, _ = capsys.readouterr()
    assert verdicts(out) == {"f": "changed", "g": "same"}
    assert json.loads(out)["tool"]["model"] == "nano"


@pytest.mark.parametrize("failure", ["dead", "garbage", "slow"])
def test_a_server_that_fails_costs_its_own_verdicts_only(
    failure: str, files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CWM_CHECK_API_KEY", "very-secret")
    monkeypatch.setattr("cwm_check.neural.remote._PAUSES", (0.0,))
    with served(step_answer) as server:
        server.failures = [b"nonsense"] if failure == "garbage" else []
        server.delay = 0.4 if failure == "slow" else 0.0
        monkeypatch.setenv("CWM_CHECK_MODEL_TIMEOUT", "0.05" if failure == "slow" else "5")
        url = dead() if failure == "dead" else server.url
        assert main([*files, "--model", f"openai:{url}#nano"]) == 3
    out, err = capsys.readouterr()
    assert verdicts(out) == {"f": "skipped", "g": "same"}
    assert f"the world model server {url} does" in err
    assert "very-secret" not in out + err
    assert "Traceback" not in err
