"""Hand-made records for the tests of findings and reports: a plain run, a hostile one, an empty one."""

from __future__ import annotations

from dataclasses import replace

from cwm_check.changes import FileProblem
from cwm_check.findings import findings_for, removal_finding
from cwm_check.pairs import ChangedFunction, Fact, FunctionSource, Parameter
from cwm_check.simulations import Argument, Comparison, Difference, Outcome, Prediction, Probe, Simulation
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.verdicts import Accepted, CheckResult, Finding, Tried, Verdict
from cwm_check.vocabulary import ParameterKind, SkipReason

HOSTILE = "\x1b[31m::error::x\n<script>alert(1)</script> | `tick` ``two`` %0A \u202e [a](1) ]]> & \"q\" 'r' \udc80"
HOSTILE_PATH = "pkg/::error file=x,line=1::\n<b>|`a\x1b[0m, 100%.py"

BEFORE_MODULE = '''"""Prices."""


def total(items, discount=5):
    """Sum up."""
    value = sum(items)
    return value - discount
'''
AFTER_MODULE = '''"""Prices."""


def total(items, discount=6):
    """Sum up."""
    value = sum(items)
    return max(0, value - discount)
'''


def parameters(text: str) -> tuple[Parameter, ...]:
    """Return parameters from a short form such as `self, a, b=1, *, key`."""
    found: list[Parameter] = []
    kind = ParameterKind.POSITIONAL_OR_KEYWORD
    for part in text.split(", ") if text else ():
        name, _, default = part.partition("=")
        if name == "*":
            kind = ParameterKind.KEYWORD_ONLY
        elif name == "/":
            found = [replace(parameter, kind=ParameterKind.POSITIONAL_ONLY) for parameter in found]
        elif name.startswith("*"):
            star = ParameterKind.VAR_KEYWORD if name.startswith("**") else ParameterKind.VAR_POSITIONAL
            found.append(Parameter(name.lstrip("*"), star))
            kind = ParameterKind.KEYWORD_ONLY
        else:
            found.append(Parameter(name, kind, default or None))
    return tuple(found)


def source(
    qualname: str = "total",
    signature: str = "items, discount=5",
    text: str = "",
    *,
    is_async: bool = False,
    is_generator: bool = False,
) -> FunctionSource:
    """Return a version of a function on lines 4 to 7."""
    method = "." in qualname
    return FunctionSource(
        qualname=qualname,
        source=text,
        first_line=4,
        def_line=4,
        last_line=7,
        binding="method" if method else "function",
        owner=qualname.rpartition(".")[0] or None,
        parameters=parameters(signature),
        is_async=is_async,
        is_generator=is_generator,
    )


def function(
    before: FunctionSource | None = None, after: FunctionSource | None = None, path: str = "shop/prices.py"
) -> ChangedFunction:
    """Return a changed function; by default `total`, with a new default and a new result."""
    after = after or source(signature="items, discount=6")
    return ChangedFunction(
        path=path,
        before_path=path,
        qualname=after.qualname,
        before=before or source(),
        after=after,
        before_module=BEFORE_MODULE,
        after_module=AFTER_MODULE,
        changed_before=(4, 7),
        changed_after=(4, 7),
    )


def trace(module: str, result: str, discount: str = "6") -> Trace:
    """Return the trace of `total([1], 6)` in one of the modules above."""
    lines = module.splitlines()
    given = (("items", "[1]"), ("discount", discount))
    return Trace(
        context=module,
        frames=(
            Frame(Event.CALL, 4, lines[3], given),
            Frame(Event.LINE, 6, lines[5], given),
            Frame(Event.LINE, 7, lines[6], (*given, ("value", "1"))),
            Frame(Event.RETURN, 7, lines[6], value=result),
        ),
    )


def comparison(
    *differences: Difference,
    call: str = "total(items=[1], discount=6)",
    evidence: Evidence = Evidence.EXACT,
    confidence: float = 1.0,
    assumptions: tuple[str, ...] = (),
    after_line: int | None = 7,
    unknown: int = 0,
) -> Comparison:
    """Return a comparison with these differences."""
    probe = Probe(tuple(Argument(f"p{i}", None) for i in range(unknown)), "boundary")
    before, after = (
        Prediction(
            Outcome("returned", value), frozenset({6, 7}), assumptions, evidence, confidence, trace(module, value)
        )
        for module, value in ((BEFORE_MODULE, "-5"), (AFTER_MODULE, "0"))
    )
    simulation = Simulation(call, probe, before, after, assumptions)
    return Comparison(simulation, differences, evidence, confidence, 7, after_line)


RETURN = Difference("return", "", "-5", "0")
DEFAULT_FACT = Fact("CWM106", "discount", "5", "6", 4)


def printing(path: str = "shop/prices.py") -> tuple[Finding, ...]:
    """Return the finding of a function that prints something else."""
    printed = comparison(Difference("print", "", "''", "'x\\n'"))
    return findings_for(function(path=path), [], [printed], [4, 7], threshold=0.5)


TRIED = (
    Tried("total([])", "-5", "0", differs=True),
    Tried("total([7], 2)", "5", "5", differs=False),
    Tried("total([1])", "None", "None", differs=True),
)


def plain() -> CheckResult:
    """Return a run with every verdict and several kinds of evidence."""
    path = "shop/prices.py"
    changed = findings_for(function(), [DEFAULT_FACT], [comparison(RETURN)], [4, 7], threshold=0.5)
    predicted = comparison(
        Difference("new-exception", "KeyError", "None", "KeyError('id')"),
        call="fetch(session)",
        evidence=Evidence.PREDICTED,
        confidence=0.8125,
        assumptions=("session.get('x').ok is False", "len(session) == 0"),
        after_line=None,
    )
    fetch = function(source("fetch", "session"), source("fetch", "session"), "shop/web.py")
    gone = removal_finding("shop/web.py", source("old"), Fact("CWM114", "old", "old", None, 4))
    return CheckResult(
        verdicts=(
            Verdict(
                path, "total", "changed", Evidence.EXACT, 1.0, 4, findings=changed, probes=24, coverage=1.0, tried=TRIED
            ),
            Verdict(path, "Cart.add", "same", Evidence.STATIC, 1.0, 10, reason="renamed locals"),
            Verdict(
                path, "Cart.sum", "unchanged", Evidence.CONDITIONAL, 0.9, 20, probes=7, coverage=0.5, because=("RATE",)
            ),
            Verdict(path, "load", "skipped", Evidence.STATIC, 0.0, 30, reason=SkipReason.NOT_REACHED),
            Verdict(
                "shop/web.py",
                "fetch",
                "changed",
                Evidence.PREDICTED,
                0.8125,
                4,
                findings=findings_for(fetch, [], [predicted], [], threshold=0.5),
                probes=3,
                coverage=1.0,
            ),
            Verdict("shop/web.py", "old", "changed", Evidence.STATIC, 1.0, 4, findings=(gone,)),
        ),
        problems=(FileProblem("shop/broken.py", SkipReason.SYNTAX),),
        sources=((path, AFTER_MODULE), ("shop/web.py", AFTER_MODULE)),
        added_lines=((path, (4, 7)), ("shop/web.py", ())),
        accepted=(Accepted(printing()[0], "comment", "the shop wants it", "shop/prices.py:4"),),
        model="nano",
        notes=("ONNX Runtime is not installed: unknown steps are assumed, not predicted.",),
    )


def hostile() -> CheckResult:
    """Return a run in which every text that foreign code controls tries to break out of its report."""
    changed = function(path=HOSTILE_PATH)
    found = findings_for(
        changed,
        [Fact("CWM112", "total", HOSTILE, None, 4)],
        [
            comparison(
                Difference("return", "", HOSTILE, HOSTILE[::-1]),
                Difference("print", "", HOSTILE, "x" * 5000),
                call=f"total({HOSTILE!r})",
                evidence=Evidence.ASSUMED,
                confidence=0.6,
                assumptions=(HOSTILE,),
            )
        ],
        [4, 7],
        threshold=0.5,
    )
    frame = Frame(Event.LINE, 7, f"    x = '{HOSTILE}'", (("items", HOSTILE), ("</td>", "x" * 5000)))
    spoiled = Trace(HOSTILE, (frame, Frame(Event.EXCEPTION, 7, frame.source, value=HOSTILE)), complete=False)
    found = tuple(replace(f, before_trace=spoiled, after_trace=spoiled) for f in found)
    tried = (Tried(HOSTILE, HOSTILE, HOSTILE[::-1], differs=True),)
    verdict = Verdict(
        HOSTILE_PATH, "total", "changed", Evidence.ASSUMED, 0.6, 4, findings=found, because=(HOSTILE,), tried=tried
    )
    return CheckResult(
        verdicts=(verdict, Verdict(HOSTILE_PATH, "Ünï.cöde", "skipped", Evidence.STATIC, 0.0, 9, reason=HOSTILE)),
        problems=(FileProblem(HOSTILE_PATH, SkipReason.BINARY),),
        sources=((HOSTILE_PATH, AFTER_MODULE.replace("max(0", f"max({HOSTILE.splitlines()[0]!r}")),),
        added_lines=((HOSTILE_PATH, (4, 7)),),
        model=HOSTILE,
        notes=(HOSTILE,),
        accepted=tuple(Accepted(found, "commit", HOSTILE, HOSTILE) for found in printing(HOSTILE_PATH)),
    )


def crowded(count: int = 25) -> CheckResult:
    """Return a run with `count` findings in as many functions."""
    found = findings_for(function(), [], [comparison(RETURN)], [4, 7], threshold=0.5)
    verdicts = (
        Verdict(
            f"shop/m{i:02}.py",
            "total",
            "changed",
            Evidence.EXACT,
            1.0,
            4,
            findings=tuple(replace(f, path=f"shop/m{i:02}.py", fingerprint=f"{i:032x}") for f in found),
        )
        for i in range(count)
    )
    return CheckResult(tuple(verdicts), sources=tuple((f"shop/m{i:02}.py", AFTER_MODULE) for i in range(count)))


EMPTY = CheckResult(())
EXAMPLES = {"plain": plain, "hostile": hostile, "crowded": crowded, "empty": lambda: EMPTY}
