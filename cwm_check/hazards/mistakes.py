"""Which run of new code shows a mistake: one run of one call in, the rule that it breaks out, or nothing.

An exception that the code raises on purpose, or that its callers have to expect, is none: what the arguments are to
blame for (a key, a format, a type) says nothing of the code. What is left are failures that no call should meet, and
failures at the edges of the types that the function itself declares. Nothing is run here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from cwm_check.hazards.promises import Promises
from cwm_check.hazards.repeats import drifting, repeated
from cwm_check.literals import literal, parse_expression
from cwm_check.pairs import FunctionSource
from cwm_check.probing.samples import annotated_values
from cwm_check.probing.usage import type_of
from cwm_check.simulations import Prediction, Probe
from cwm_check.syntax import own_parameters
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.vocabulary import ParameterKind

CRASH, ENDLESS = "CWM201", "CWM202"
PROVED, EXACT, SLOW, UNSURE = 1.0, 0.9, 0.4, 0.6
"""Confidence in what is computed and proved, only computed, not waited for, and resting on answers."""
STEPS = "does not end within the limit of steps"
DEEP = "calls itself without end"
_REAL = ("call site", "doctest")
_ARITY = re.compile(
    r"(?:\w+\.)*(\w+)\(\) (?:missing \d+ required|takes |got an unexpected keyword|got multiple values)"
)
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_LACKING = re.compile(r"(?:'(\w+)' object|type object '(\w+)') has no attribute '(\w+)'")
_CHANGED = re.compile(
    r"(dictionary|set|deque) .*(changed|mutated).* during iteration|generator raised StopIteration", re.I
)
_EMPTY = re.compile(r"(max|min)\(\) (iterable argument is empty|arg is an empty sequence)|reduce\(\) of empty iterable")
_ENVIRONMENT = re.compile(r"module '|No module|cannot import")
_PLAIN = frozenset(
    "KeyError IndexError TypeError ValueError ZeroDivisionError UnicodeDecodeError UnicodeEncodeError".split()
)
_SCALARS = frozenset("int float str bytes bool complex".split())


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a function, with its trace."""

    prediction: Prediction
    probe: Probe
    function: FunctionSource
    promises: Promises

    @property
    def is_exact(self) -> bool:
        return self.prediction.evidence is Evidence.EXACT


def is_suspect(prediction: Prediction) -> bool:
    """Whether the end of a run is worth a trace: it failed, but not at a `raise`, or it did not end."""
    outcome = prediction.outcome
    return (outcome.kind == "raised" and not outcome.explicit) or _endless(prediction) is not None


def _endless(prediction: Prediction) -> str | None:
    outcome = prediction.outcome
    if outcome.kind != "unfinished" or prediction.evidence is not Evidence.EXACT:
        return None
    if outcome.value == "limit: steps":
        return STEPS
    return DEEP if outcome.value in ("limit: stack", "unsure: RecursionError") else None


def rule_of(run: Run) -> str | None:
    """Return the rule that a traced run breaks; None if callers must expect that, or nobody would call it so."""
    outcome = run.prediction.outcome
    if _endless(run.prediction) is not None:
        return None if run.promises.is_endless else ENDLESS
    if outcome.kind != "raised" or outcome.explicit or origin(run) is None or run.promises.states(outcome.value):
        return None
    if run.promises.is_protocol(outcome.value):
        return None
    return CRASH if _is_always_wrong(run) or (run.is_exact and _is_edge(run)) else None


def ending(run: Run) -> tuple[str, float]:
    """Return how the run ends, in words, and how sure it is that it is a mistake: `IndexError('pop from ...')`, 0.9."""
    outcome, endless = run.prediction.outcome, _endless(run.prediction)
    if endless is None:
        told = f"{outcome.value}({outcome.message!r})" if outcome.message else outcome.value
        return told, EXACT if run.is_exact else UNSURE
    trace = run.prediction.trace
    if endless != STEPS or trace is None:
        return endless, EXACT if endless == DEEP else SLOW
    if (again := repeated(trace)) is not None:
        return f"never ends: line {again[0]} begins again with {', '.join(f'{n} = {v}' for n, v in again[1])}", PROVED
    if (away := drifting(trace)) is not None:
        return "never ends: line {} moves {} away from its end, by {} each time".format(*away), EXACT
    return endless, SLOW


# --- failures that no call should meet


def _is_always_wrong(run: Run) -> bool:
    outcome, promises = run.prediction.outcome, run.promises
    match outcome.value:
        case "UnboundLocalError":
            return True
        case "NameError":
            found = _UNDEFINED.match(outcome.message)
            return found is not None and promises.never_binds(found[1])
        case "RuntimeError":
            return run.is_exact and _CHANGED.match(outcome.message) is not None
        case "TypeError":
            found = _ARITY.match(outcome.message)
            return run.is_exact and found is not None and promises.defines(found[1])
        case "AttributeError":
            lacking = _LACKING.match(outcome.message)
            return lacking is not None and promises.never_has(lacking[1] or lacking[2], lacking[3])
    return False


# --- failures at the edges of what the function declares


def _is_edge(run: Run) -> bool:
    outcome = run.prediction.outcome
    if not run.probe.arguments and _is_made_without_arguments(run):
        return outcome.value in _PLAIN or (outcome.value == "AttributeError" and _is_of_none(run))
    if run.promises.is_private or not fits(run.probe, run.function, run.promises.module):
        return False
    match outcome.value:
        case "ZeroDivisionError":
            return not _divides_by_float_parameter(run)
        case "IndexError":
            return _is_end_of_sequence(run)
        case "StopIteration":
            return True
        case "ValueError" | "TypeError" if _EMPTY.match(outcome.message):
            return True
        case "TypeError" | "AttributeError":
            return _is_of_none(run)
    return False


def _is_made_without_arguments(run: Run) -> bool:
    """Whether nothing that a caller gives can be to blame."""
    is_alone = run.function.binding in ("function", "staticmethod") and not run.function.parameters
    return is_alone and not _ENVIRONMENT.search(run.prediction.outcome.message)


def fits(probe: Probe, function: FunctionSource, module: str) -> bool:
    """Whether all values of a probe are what the function declares to take, or what people gave it."""
    return probe.origin in _REAL or all(_fits(function, module, a.name, a.value) for a in probe.arguments)


def _fits(function: FunctionSource, module: str, name: str, value: str | None) -> bool:
    if value is None:
        return True
    parameter = next((p for p in own_parameters(function) if p.name == name), None)
    if parameter is None or parameter.kind in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD):
        return False
    if parameter.default is not None and value == literal(parameter.default):
        return True
    declared = [*annotated_values(parameter.annotation, (module,)), *_empty(parameter.annotation)]
    return value in declared or (_type(value) in _SCALARS and _type(value) in {_type(v) for v in declared})


def _empty(annotation: str | None) -> list[str]:
    """The empty container that an annotation allows, whatever the items are: `list[Token]` -> `[]`."""
    tree = parse_expression(annotation) if annotation else None
    is_open = isinstance(tree, ast.Subscript) and (_leaf(tree.value).lower() != "tuple" or "..." in (annotation or ""))
    if not isinstance(tree, ast.Subscript) or not is_open:
        return []
    return [v for v in annotated_values(ast.unparse(tree.value), ()) if v in ("[]", "()", "{}", "set()")]


def _type(value: str) -> str:
    try:
        return type_of(value)
    except (ValueError, SyntaxError, TypeError):
        return ""


def _is_of_none(run: Run) -> bool:
    """Whether a None that came up inside is used as something else."""
    given = [a.value for a in run.probe.arguments]
    line = run.promises.text_of(origin(run))
    return (
        "NoneType" in run.prediction.outcome.message and "None" not in given and not re.search(r"\b(self|cls)\b", line)
    )


def _is_end_of_sequence(run: Run) -> bool:
    """Whether the first or the last of nothing is asked for: other indices are the caller's, and so is a shape."""
    tree = run.promises.statement_at(origin(run))
    if tree is None:
        return False
    taken = [n for n in ast.walk(tree) if isinstance(n, ast.Subscript)]
    if not taken:
        pops = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _leaf(n.func) in ("pop", "popleft")]
        return bool(pops) or "choose from an empty" in run.prediction.outcome.message
    indices = {ast.unparse(n.slice) for n in taken}
    is_at_end = bool({"0", "-1"} & indices) and all(not i.isdigit() or i == "0" for i in indices)
    names = [ast.unparse(n.value) for n in taken]
    is_fixed = _is_shape(tree) or any(run.promises.is_record(name) or _is_matrix(run, name) for name in names)
    return is_at_end and not is_fixed


def _is_matrix(run: Run, name: str) -> bool:
    annotation = next((p.annotation or "" for p in own_parameters(run.function) if p.name == name), "")
    return re.match(r"(\w+\.)?(list|sequence)\[(\w+\.)?(list|sequence)\b", annotation, re.I) is not None


def _is_shape(tree: ast.AST) -> bool:
    """Whether the size of the first row is asked for: of a matrix, which has one."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _leaf(n.func) == "len"]
    return any(isinstance(a, ast.Subscript) and ast.unparse(a.slice) == "0" for c in calls for a in c.args)


def _divides_by_float_parameter(run: Run) -> bool:
    tree = run.promises.statement_at(origin(run))
    divisors = [n.right for n in ast.walk(tree) if isinstance(n, ast.BinOp)] if tree else []
    floats = {p.name for p in own_parameters(run.function) if "int" not in (p.annotation or "")}
    return any(isinstance(d, ast.Name) and d.id in floats for d in divisors)


def _leaf(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


# --- where


def origin(run: Run) -> int | None:
    """Return the line at which what ends the run was raised; None if the call itself failed."""
    return origin_in(run.prediction.trace)


def origin_in(trace: Trace | None) -> int | None:
    """Return the line of the first of the exception frames with which a trace ends."""
    frames = trace.frames if trace else ()
    last = next((f for f in reversed(frames) if f.event is Event.EXCEPTION), None)
    if last is None:
        return None
    found = last
    for frame in reversed(frames):
        if frame.event is Event.EXCEPTION and frame.value == last.value:
            found = frame
        elif frame.event is Event.CALL:
            break
    return found.line


def line_in(function: FunctionSource, trace: Trace | None) -> int | None:
    """Return the line of the function itself through which the end of a run came."""
    frames = trace.frames if trace else ()
    inside = [f for f in frames if function.def_line < f.line <= function.last_line and _shows(f)]
    raised = [f for f in inside if f.event is Event.EXCEPTION]
    found = raised or inside
    return found[-1].line if found else None


def _shows(frame: Frame) -> bool:
    return frame.event in (Event.EXCEPTION, Event.LINE)
