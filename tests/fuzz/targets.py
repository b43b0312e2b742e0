"""The targets: each takes generated input and holds only if the part under test answers as it promises.

A part may refuse its input with its own error, never with another one, and never run away. A failure here becomes a row
in the tests of that part and a line in docs/robustness.md.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from cwm_check.accepted.baseline import entries_from, rendered
from cwm_check.accepted.comments import comments_in
from cwm_check.accepted.intent import declarations_in, intent_of
from cwm_check.changes import FileChange
from cwm_check.check import check
from cwm_check.codecs import cwm, cwm_reader, nano, nano_traces
from cwm_check.codecs.nano_steps import Effect, decode_effect
from cwm_check.config import Config, load, selects_function
from cwm_check.equivalence import prove_same
from cwm_check.errors import CwmCheckError
from cwm_check.extraction.functions import pair_functions
from cwm_check.extraction.slices import slice_module
from cwm_check.facts import find_facts
from cwm_check.git import ChangeSet
from cwm_check.kinds import KINDS
from cwm_check.layout import same_text
from cwm_check.literals import parse_expression
from cwm_check.neural.predicted.state import Unfinished, stepwise
from cwm_check.neural.remote import Remote, Server
from cwm_check.pairs import ChangedFunction
from cwm_check.probing.calls import CONSTRUCTORS, bind
from cwm_check.probing.probes import constants, synthesize
from cwm_check.probing.written import written_calls
from cwm_check.records import from_plain, to_json
from cwm_check.sandbox import messages
from cwm_check.search.answers.questions import ANSWERS, answer
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.choices import Restart, Side, TooManyQuestions
from cwm_check.search.explore import Budget
from cwm_check.search.world import World
from cwm_check.simulations import Argument, Comparison, Difference, Hazard, Outcome, Prediction, Probe, Simulation
from cwm_check.sources.patches import applied, parse_patch, undone
from cwm_check.sources.texts import decode, file_change
from cwm_check.sources.trees import Tree
from cwm_check.store import problems, read_model
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.trial import Trial
from cwm_check.verdicts import Tried
from cwm_check.vocabulary import SkipReason
from tests.fuzz.material import altered, edited, json_values, lines_of, versions

Target = Callable[[], None]


def _changed(before: str, after: str) -> tuple[ChangedFunction, ...]:
    lines = [tuple(range(1, text.count("\n") + 2)) for text in (after, before)]
    return pair_functions(FileChange("pkg/m.py", "pkg/m.py", before, after, *lines)).changed


# --- the diff

PATCH = """\
diff --git a/m.py b/m.py
index 83db48f..bf2691d 100644
--- a/m.py
+++ b/m.py
@@ -1,3 +1,3 @@
 a
-b
+c
 d
@@ -0,0 +1 @@
@@ -1 +0,0 @@
\\ No newline at end of file
rename from m.py
rename to "n\\303\\251.py"
similarity index 90%
new file mode 100644
deleted file mode 120000
Binary files a/m.py and b/m.py differ
GIT binary patch
--- /dev/null
+++ "b/a\\tb.py"\t2020-01-01
diff --cc m.py
@@@ -1,1 -1,1 +1,1 @@@
"""


@given(st.one_of(lines_of(PATCH), edited(PATCH)))
def patches(text: str) -> None:
    with suppress(CwmCheckError):
        for patch in parse_patch(text):
            data = b"a\nb\nd\n"
            forward = applied(patch.hunks or (), data)
            if forward is not None:
                assert applied(undone(patch.hunks or ()), forward) in (data, None, data.removesuffix(b"\n"))


# --- the source


@given(versions())
def functions(pair: tuple[str, str]) -> None:
    before, after = pair
    same_text(before, after)
    found = pair_functions(FileChange("pkg/m.py", "pkg/m.py", before, after, (1, 2), (1, 2)))
    for function in found.changed:
        for side, module in ((function.before, before), (function.after, after)):
            assert 1 <= side.first_line <= side.def_line <= side.last_line <= module.count("\n") + 2
    assert len({f.qualname for f in found.changed}) == len(found.changed)


@given(versions())
def equivalence(pair: tuple[str, str]) -> None:
    for function in _changed(*pair)[:3]:
        prove_same(function)
    for function in _changed(pair[1], pair[1] + "\n\n# a comment\n"):
        raise AssertionError(f"a comment changed {function.qualname}")


@given(versions())
def probes(pair: tuple[str, str]) -> None:
    for function in _changed(*pair)[:3]:
        find_facts(function)
        constants(function)
        for probe in synthesize(function, (), 24):
            for argument in probe.arguments:
                assert argument.value is None or parse_expression(argument.value) is not None, argument
        module = slice_module(function.after_module, function.qualname)
        ast.parse(module)


TESTS = """\
import datetime as dt
from decimal import Decimal as D
N = 3
CASES = [(1, {"a": N}), (-N ** 2, [*range(2)])]
@pytest.mark.parametrize("a, b", CASES)
@mark.parametrize(("c",), [(1,), param(2, id="x")])
def test_it(a, b, c):
    a, (b, *c) = CASES[0]
    for n, m in CASES:
        assert f(n, *CASES, **{"k": dt.timedelta(seconds=n)}) == f(a, b, k=D("1.5"))
class Test(TestCase):
    @parameterized.expand([(1, 2), "ab"])
    async def test(self, x, y):
        N += f(float("inf"), x=x, y=(y,))
        with raises(f(...)): await f(~N, not N, N if N else -N, x[0], f"{N}", f(1))
"""
MADE_OF = CONSTRUCTORS | {"datetime", "Decimal", "Fraction"}


@given(st.one_of(lines_of(TESTS), edited(TESTS), versions().map(lambda pair: pair[1])))
def written(text: str) -> None:
    names = {"f", *re.findall(r"(\w+)\(", text)[:20]}
    for name, call in written_calls(text, names):
        tree = parse_expression(call)
        assert isinstance(tree, ast.Call), call
        assert ast.unparse(tree.func) == name in names
        parts = [node for part in (*tree.args, *tree.keywords) for node in ast.walk(part)]
        assert {node.id for node in parts if isinstance(node, ast.Name)} <= MADE_OF, call
        bind(call, ())


@given(st.binary(max_size=200) | versions().map(lambda pair: pair[1].encode("utf-8", "surrogatepass")))
def files(data: bytes) -> None:
    file_change("m.py", "m.py", decode(data), decode(data[:-1]))


# --- what the guest says


def _question() -> st.SearchStrategy[dict[str, object]]:
    operations = sorted(ANSWERS)
    names = st.sampled_from(
        ("x", "x.startswith", "x.replace", "f(x)", "x.y", "type(x)", "x['a']", "a[0][1]", "", "open('a').read()")
    )
    literals = st.sampled_from(
        (
            *("'a'", "1", "None", "[1]", "-1.5", "inf", "'\\ud800'", "b'x'", "{1: 2}", "", "f(1)", "1e999", "'"),
            *("9" * 5000, "[" * 150 + "]" * 150, "-" * 3000 + "1", "(" * 9000, "\0", "'\\x00'", "x" * 3000),
        )
    )
    trees = st.one_of(
        names.map(lambda name: {"u": name}),
        literals.map(lambda text: {"r": text}),
        names.map(lambda name: {"x": name, "k": "type"}),
        st.builds(lambda text, kind: {"x": text, "k": kind}, literals, st.sampled_from(("slice", "tuple", "str"))),
        json_values.filter(lambda value: isinstance(value, dict)),
    )
    return st.fixed_dictionaries(
        {"op": st.sampled_from((*operations, "source", "nonsense"))},
        optional={
            "u": names | trees,
            "args": st.lists(trees, max_size=3),
            "kw": st.dictionaries(names, trees, max_size=2),
            "lines": st.lists(st.integers(-5, 10**12), max_size=3),
            "operator": st.sampled_from(("<", ">", "==", "is", "+", "")),
            "kind": names,
            "name": names,
            "method": st.booleans(),
            "discarded": st.booleans(),
            "known": st.booleans(),
            "begun": st.booleans() | json_values,
        },
    )


@given(st.lists(st.one_of(_question(), json_values), max_size=8), st.text(max_size=20))
def protocol(said: list[object], text: str) -> None:
    world = World(TypedDefaults(), ("'a'", "1"))
    world.begin_side(Side("before", {3: ("KeyError",)}, {}))
    for raw in (*map(json.dumps, said), text):
        for read in (messages.frames, messages.result):
            with suppress(messages.Garbled):
                read(raw)
        try:
            question = messages.question(raw)
        except messages.Garbled:
            continue
        with suppress(Restart, TooManyQuestions):
            assert isinstance(answer(world, question), dict)
        json.dumps(world.bound)


# --- codecs

_names = st.sampled_from(("a", "b", "items", "self"))
_values = st.one_of(st.text(max_size=10).map(repr), st.integers().map(repr), st.just("<object>"), st.text(max_size=6))
_frames = st.builds(
    Frame,
    st.sampled_from(Event),
    st.integers(1, 3),
    st.just(""),
    st.dictionaries(_names, _values, max_size=3).map(lambda table: tuple(sorted(table.items()))),
    st.none() | _values,
    st.integers(0, 2),
)


_CODE = "def f(a):\n    b = [a]\n    return b\n"
_RUN = Trace(
    _CODE,
    (
        Frame(Event.CALL, 1, "def f(a):", (("a", "'x'"),)),
        Frame(Event.LINE, 2, "    b = [a]", (("a", "'x'"),)),
        Frame(Event.LINE, 3, "    return b", (("a", "'x'"), ("b", "['x']"))),
        Frame(Event.RETURN, 3, "    return b", (("a", "'x'"), ("b", "['x']")), "['x']"),
    ),
)
_token = st.integers(0, len(nano.VOCABULARY) - 1)


@given(st.lists(_token, max_size=40) | altered(nano_traces.render(_RUN), _token), st.sampled_from((None, *nano.TYPES)))
def codec_tokens(tokens: list[int], kind: str | None) -> None:
    for read in (nano.decode_text, partial(nano.decode_answer, kind=kind)):
        with suppress(ValueError):
            read(tokens)
    with suppress(ValueError):
        assert isinstance(nano_traces.parse(tokens), Trace)


@given(st.text(max_size=60))
def codec_texts(text: str) -> None:
    assert nano.decode_text(nano.encode_text(text)) == text


@given(st.lists(_frames, min_size=1, max_size=6), st.sampled_from(("def f(a):\n    b = a\n    return b\n", "x\n")))
def codec_traces(frames: list[Frame], context: str) -> None:
    trace = Trace(context, tuple(frames))
    with suppress(cwm_reader.MalformedError):
        cwm_reader.parse(cwm.render(trace))


_STATEMENTS = """return s[1:-1]; return s[::n]; xs[0] += n; d[s][n] *= 2; return sum(xs); xs.sort(); xs[n:] = [*s, n]
return dict(zip(s, xs)); return set(xs); x, *y = xs; return s.join(map(str, xs)); return f'{n:>4}' + s; del d[s]
return sorted(d.items(), key=lambda p: p[1]); return [c * 2 for c in s if c in d]; return n ** 2 - n; return dict(d)
return max(filter(None, xs), default=n); return {c: n for c in reversed(s)}; assert s.find(s) < n
return {**d, 'k': n}"""
_TEXTS = """'abcd' '' "it's" 'é\\n' [1,2,3] [] [[1],[1]] (1,) {'a':1} {'ab':[]} {3,1} {'b','a'} set() 7 -12 0.5 -0.0 nan
None <object> 'open [1,2 {1:} b'x' deque([1]) dict_keys([1]) {1:2}={} Ellipsis""".split()
_texts = st.sampled_from([*_TEXTS, "9" * 5000, "[" * 500])
_said = st.one_of(
    st.lists(_token, max_size=12).map(lambda tokens: [*tokens, nano.END]),
    _texts.map(lambda text: [*nano.encode_text(text), nano.END]),
    _texts.map(lambda text: [nano.FIRST_LOCAL, *nano.encode_text(text), nano.END]),
)


@given(
    st.sampled_from([one.strip() for line in _STATEMENTS.splitlines() for one in line.split(";")]),
    st.fixed_dictionaries({name: _texts for name in ("s", "xs", "d", "n")}),
    st.lists(_said, max_size=8),
)
def steps(statement: str, values: dict[str, str], answers: list[list[int]]) -> None:
    """A model that says anything: what it says is an effect or none, and the statement ends or goes on."""
    asking = stepwise(ast.parse(statement).body[0], values)
    whole: object = None
    with suppress(Unfinished):
        try:
            step = next(asking)
            for answer in answers:
                effect = decode_effect(step, answer)
                step = asking.send(effect) if effect is not None else step
        except StopIteration as end:
            whole = end.value
    assert whole is None or isinstance(whole, Effect)


# --- files of users

SETTINGS = "\n".join(
    ["[tool.cwm-check]", *(f"{name.replace('_', '-')} = " for name in KINDS), "[[a]]", "x = 1979-01-01"]
)
_FLAGS, _LISTS = ("true", "false"), ("[]", "['a']", "['[', '**/', 'm.py']", "['*.*', '\\']")
_NUMBERS = ("0", "1", "0.5", "64", "1e400", "1e9", "1" + "0" * 400, "10" * 9)
_RIGHT = {
    **dict.fromkeys(("include", "exclude", "include_functions", "exclude_functions"), _LISTS),
    **dict.fromkeys(("fail_on_skip", "no_cache", "new_code"), _FLAGS),
    **dict.fromkeys(("probes", "time_budget", "threshold", "jobs"), _NUMBERS),
    "disable": ("[]", "['CWM001']"),
    "levels": ("{}", "{ CWM001 = 'error' }"),
    "exceptions": ("'type'", "'any'"),
    "simulate": ("'hybrid'", "'both'"),
    "model": ("'x'", "'assumed'"),
    "fail_on": ("'error'", "'never'"),
    "expect": ("'none'", "'any'"),
    "baseline": ("'x'", "'../x'"),
}
_toml = st.sampled_from((*_FLAGS, *_LISTS, *_NUMBERS, "-1", "nan", "''", "{ a = 'error' }", "[1]"))
_setting = st.sampled_from(sorted(KINDS)).flatmap(
    lambda name: st.tuples(
        st.just(name), st.integers(0, 9).flatmap(lambda n: st.sampled_from(_RIGHT[name]) if n else _toml)
    )
)
_settings = st.lists(_setting, max_size=6, unique_by=lambda item: item[0]).map(
    lambda items: "\n".join(["[tool.cwm-check]", *(f"{name.replace('_', '-')} = {value}" for name, value in items)])
)
ADDED = FileChange("pkg/m.py", "pkg/m.py", "", "def f(x, y=1): return x\n", (1,))
(FUNCTION,) = _changed("def f(x, y=1): return x\n", "def f(x, y=1): return y\n")


@given(
    _settings | lines_of(SETTINGS),
    st.just({})
    | st.dictionaries(
        st.sampled_from([f"CWM_CHECK_{name.upper()}" for name in KINDS]), st.text(max_size=8), max_size=3
    ),
)
def settings(text: str, environ: dict[str, str]) -> None:
    with suppress(CwmCheckError):
        config = load(text, environ, {}).config
        assert not check(ChangeSet((ADDED,), Tree(), Tree()), replace(config, new_code=False)).broken
        selects_function(config, "C.f")
        synthesize(FUNCTION, (), config.probes)


ACCEPTED = '{"path": "m.py", "function": "f", "rule": "CWM001", "id": "b3", "reason": "meant", "change": "x"}\n{}\n[]\n'


_member = st.text(max_size=6) | json_values
_entries = st.fixed_dictionaries({name: st.text(max_size=6) for name in ("path", "function", "rule", "id", "reason")})
_sarif = st.fixed_dictionaries(
    {
        "locations": st.lists(
            st.fixed_dictionaries(
                {
                    "physicalLocation": st.fixed_dictionaries(
                        {"artifactLocation": st.fixed_dictionaries({"uri": _member})}
                    ),
                    "logicalLocations": st.lists(st.fixed_dictionaries({"fullyQualifiedName": _member}), max_size=2),
                }
            ),
            max_size=2,
        ),
        "ruleId": _member,
        "partialFingerprints": st.fixed_dictionaries({"cwmBehaviour/v1": _member}),
    }
)
_known = st.one_of(
    _entries,
    st.fixed_dictionaries({"version": st.just(1), "findings": st.lists(_entries | json_values, max_size=3)}),
    st.fixed_dictionaries({"runs": st.lists(st.fixed_dictionaries({"results": st.lists(_sarif) | _member}) | _member)}),
)


@given(st.one_of(lines_of(ACCEPTED), edited(ACCEPTED), json_values.map(json.dumps), _known.map(json.dumps)))
def baseline(text: str) -> None:
    with suppress(CwmCheckError):
        file = rendered(entries_from(text, "accepted.jsonl"))
        assert rendered(entries_from(file.encode().decode(), "again")) == file


MESSAGE = (
    "refactor!: x\n\nbody\n\nBehaviour-Change: f: meant\nCwm-Accept: CWM001 f because\n# cwm-check: accept CWM001 x\n"
)


@given(st.one_of(lines_of(MESSAGE), edited(MESSAGE), versions().map(lambda pair: pair[1])))
def words(text: str) -> None:
    intent_of(text)
    declarations_in(text, "HEAD")
    comments_in(text)


_PREDICTION = Prediction(
    *(Outcome("raised", "KeyError", "'id'", ("1",), (("x", "[]"),)), frozenset({1}), ("x.id",), Evidence.ASSUMED, 0.5),
    Trace("def f(x): ...", (Frame(Event.CALL, 1, "def f(x): ...", (("x", "1"),)),)),
)
_SIMULATION = Simulation("f(x)", Probe((Argument("x", None),), "unknown"), _PREDICTION, _PREDICTION, ("x is 1",))
_COMPARED = Comparison(_SIMULATION, (Difference("return", "", "1", "2"),), Evidence.ASSUMED, 0.5, cause=3)
TRIAL = Trial(
    (_COMPARED,),
    1,
    0.5,
    SkipReason.LIMIT,
    Evidence.ASSUMED,
    (Tried("f(1)", "1", "2", True),),
    ((_SIMULATION.probe, {"x is None": "True"}, {}),),
    True,
    (Hazard("CWM201", "f()", "KeyError()", 1, 1, Evidence.EXACT, 1.0),),
)
NUMBERS = st.sampled_from((10**400, -(10**400), 1 << 63, float("nan"), float("inf"), -1, 0.5, True))


@given(json_values | altered(json.loads(to_json(TRIAL)), NUMBERS | json_values))
def cached_results(value: object) -> None:
    with suppress(ValueError):
        trial = from_plain(Trial, json.loads(json.dumps(value)))
        assert from_plain(Trial, json.loads(to_json(trial))) == trial


MANIFEST = {
    **dict.fromkeys(("name", "codec", "licence", "source", "precision", "notice"), "x"),
    "slope": 1.5,
    "files": [
        {"name": "model.onnx", "size": 1, "sha256": ""},
        {"name": "nano_tokenizer.json", "size": 1, "sha256": ""},
    ],
}


@given(st.one_of(json_values, altered(MANIFEST, NUMBERS | json_values)))
def manifests(value: object) -> None:
    with TemporaryDirectory() as folder, suppress(CwmCheckError):
        (Path(folder) / "manifest.json").write_text(json.dumps(value), encoding="utf-8")
        model = read_model(Path(folder))
        assert list(problems(model))
        assert model.graph.parent == Path(folder)
        assert len(model.version) == 12
        assert model.manifest.slope * 0.5 + model.size < 1 << 60


REPLY = {
    "choices": [
        {
            "index": 0,
            "token_ids": [3, 7],
            "finish_reason": "stop",
            "stop_reason": 7,
            "logprobs": {"tokens": ["token_id:3", "token_id:7"], "token_logprobs": [-0.5, None]},
        }
    ]
}


@given(altered(REPLY, NUMBERS | json_values) | json_values)
def replies(value: object) -> None:
    remote = Remote(Server("http://127.0.0.1:9", "m"), key="")
    with suppress(CwmCheckError):
        (generation,) = remote.read(value, 1, (7,))
        assert 0 <= math.exp(sum(generation.log_probabilities)) <= 1
        assert all(0 <= token < 1 << 32 for token in generation.tokens)


# --- all together, in the sandbox


@given(versions())
def whole(pair: tuple[str, str]) -> None:
    before, after = pair
    count = after.count("\n") + 2
    change = FileChange("pkg/m.py", "pkg/m.py", before, after, tuple(range(1, count)), (1,))
    trees = Tree(texts={"pkg/m.py": before}), Tree(texts={"pkg/m.py": after})
    result = check(ChangeSet((change,), *trees), _quick())
    found = pair_functions(change)
    expected = {f.qualname for f in (*found.changed, *found.added, *found.removed)}
    if not same_text(before, after):
        assert {v.qualname for v in result.verdicts} == expected
    assert all(v.kind != "skipped" or v.reason for v in result.verdicts)


@cache
def _quick() -> Config:
    assert Budget().pairs
    return Config(probes=2, time_budget=10.0, jobs=1, no_cache=True)


FAST: dict[str, Target] = {
    target.__name__: target  # type: ignore[attr-defined]
    for target in (
        *(patches, functions, equivalence, probes, files, protocol, codec_tokens, codec_texts, codec_traces, steps),
        *(settings, baseline, words, cached_results, manifests, replies, written),
    )
}
SLOW: dict[str, Target] = {"whole": whole}
