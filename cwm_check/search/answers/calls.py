"""Answers about calls: what they give, whether they raise; what is awaited; context managers."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping

from cwm_check.search.answers.items import got
from cwm_check.search.answers.raising import exception, raises
from cwm_check.search.answers.spellings import spelled
from cwm_check.search.answers.values import bind
from cwm_check.search.logs import rendered
from cwm_check.search.plausible import LOGS, READS
from cwm_check.search.world import Asked, Tree, World, literal, text_of
from cwm_check.simulations import UNREAD

LONGEST = 2000  # characters of a call; what is longer keeps its beginning and a hash
ENTERED = frozenset("open fdopen urlopen NamedTemporaryFile TemporaryFile ZipFile Session Popen socket closing".split())
"""What makes objects that a `with` statement gives as they are; of others nobody knows."""


def on_call(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """What a call gives; the same call gives the same object, unless it reads or its result is thrown away."""
    if name.endswith(".replace") and [a.get("k") for a in args] == ["str", "str"]:  # a date or a path takes others
        bind(world, name.removesuffix(".replace"), "str")
    owner, _, leaf = name.rpartition(".")
    if leaf in ("startswith", "endswith") and (beginnings := _several(args)):
        return literal(any(world.decides(f"{name}({text!r})") for text in beginnings))
    keywords = question.get("kw") or {}
    if leaf == "get" and len(args) in (1, 2) and not keywords and (item := got(world, owner, args)) is not None:
        return item
    is_log = leaf in LOGS and "log" in owner.lower()
    name = f"{owner}.warning" if is_log and leaf == "warn" else name
    text = _text(*spelled(name, args, keywords), is_log=is_log)
    side = world.side
    if is_log:
        if side.begun:
            side.logged.append(text)
        return literal(None)
    side.expressions[text] = None
    result = text
    if question.get("discarded") or leaf in READS:
        side.counts[text] += 1
        result = text if side.counts[text] == 1 else f"{text}#{side.counts[text]}"
        if side.begun and question.get("discarded"):
            side.calls.append(UNREAD + text if question.get("discarded") == "unread" else text)
    if raised := raises(world, result, None):
        return exception(world, result, raised, f"<{text}>")
    return world.unknown(result)


def _several(args: list[Tree]) -> tuple[str, ...]:
    """The texts of `x.startswith(("a", "b"))`, which asks for each of them."""
    if len(args) != 1 or args[0].get("k") != "tuple":
        return ()
    try:
        texts = ast.literal_eval(str(args[0].get("x")))
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # more than texts, or a forged message
        return ()
    return texts if isinstance(texts, tuple) and all(isinstance(text, str) for text in texts) else ()


def _text(name: str, args: list[Tree], keywords: Mapping[str, Tree], *, is_log: bool) -> str:
    parts = [text_of(a) for a in args] + [f"{k}={text_of(v)}" for k, v in sorted(keywords.items())]
    text = f"{name}({', '.join(rendered(parts) if is_log else parts)})"
    if len(text) <= LONGEST:
        return text
    return f"{text[:200]}...#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]})"


def on_await(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """What an awaited object gives; each time it is something else."""
    side = world.side
    side.counts[f"await {name}"] += 1
    count = side.counts[f"await {name}"]
    if side.begun:
        side.calls.append(f"await {name}")
    expression = f"(await {name})" + (f"#{count}" if count > 1 else "")
    if raised := raises(world, expression, None):
        return exception(world, expression, raised, f"<{expression}>")
    return world.unknown(expression)


def on_enter(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """What a `with` statement gives."""
    callee, opening, _ = name.partition("(")
    if opening and callee.rpartition(".")[2] in ENTERED:
        return world.unknown(name)
    return world.unknown(f"{name}.__enter__()")


def on_exit(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The end of a `with` statement: it keeps no exception back."""
    if world.side.begun:
        world.side.calls.append(f"{name}.__exit__()")
    return literal(None)


def on_block(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The end of a `with` block, whose context manager waits at the line that is told."""
    raised = raises(world, name, None)
    return literal(None) if raised is None else exception(world, name, raised, "of the block")
