from __future__ import annotations

from dataclasses import fields

import pytest

from cwm_check.config import Config, level_of, load, selects_function, selects_path
from cwm_check.errors import CwmCheckError
from cwm_check.kinds import KINDS
from cwm_check.vocabulary import Level

FULL = """
[tool.cwm-check]
include = ["src"]
exclude = ["*_pb2.py"]
include-functions = ["*"]
exclude-functions = ["*.__repr__"]
disable = ["CWM012"]
levels = { CWM001 = "error", CWM106 = "note" }
exceptions = "type"
simulate = "both"
model = "large-2.1"
probes = 8
time-budget = 2
threshold = 0.75
fail-on = "warning"
expect = "none"
baseline = "known.jsonl"
fail-on-skip = true
jobs = 3
no-cache = true
new-code = true
"""


def test_every_field_has_a_kind() -> None:
    assert [field.name for field in fields(Config)] == list(KINDS)


def test_the_defaults_are_the_fields_defaults() -> None:
    settings = load(None, {}, {})
    assert settings.config == Config()
    assert set(dict(settings.origins).values()) == {"default"}


def test_a_file_can_set_every_field() -> None:
    settings = load(FULL, {}, {})
    assert settings.config == Config(
        include=("src",),
        exclude=("*_pb2.py",),
        include_functions=("*",),
        exclude_functions=("*.__repr__",),
        disable=("CWM012",),
        levels=(("CWM001", Level.ERROR), ("CWM106", Level.NOTE)),
        exceptions="type",
        simulate="both",
        model="large-2.1",
        probes=8,
        time_budget=2.0,
        threshold=0.75,
        fail_on="warning",
        expect="none",
        baseline="known.jsonl",
        fail_on_skip=True,
        jobs=3,
        no_cache=True,
        new_code=True,
    )
    assert set(dict(settings.origins).values()) == {"pyproject.toml"}


def test_the_environment_can_set_every_field() -> None:
    environ = {
        "CWM_CHECK_INCLUDE": "src, lib",
        "CWM_CHECK_EXCLUDE": "",
        "CWM_CHECK_INCLUDE_FUNCTIONS": "main",
        "CWM_CHECK_EXCLUDE_FUNCTIONS": "Draft.*",
        "CWM_CHECK_DISABLE": "CWM011,CWM012",
        "CWM_CHECK_LEVELS": "CWM001=error, CWM106=note",
        "CWM_CHECK_EXCEPTIONS": "any",
        "CWM_CHECK_SIMULATE": "neural",
        "CWM_CHECK_MODEL": "openai:http://localhost:8000#cwm",
        "CWM_CHECK_PROBES": "3",
        "CWM_CHECK_TIME_BUDGET": "1.5",
        "CWM_CHECK_THRESHOLD": "1",
        "CWM_CHECK_FAIL_ON": "never",
        "CWM_CHECK_EXPECT": "some",
        "CWM_CHECK_BASELINE": "known.sarif",
        "CWM_CHECK_FAIL_ON_SKIP": "true",
        "CWM_CHECK_JOBS": "3",
        "CWM_CHECK_NO_CACHE": "1",
        "CWM_CHECK_NEW_CODE": "true",
    }
    settings = load(None, environ, {})
    assert settings.config == Config(
        include=("src", "lib"),
        include_functions=("main",),
        exclude_functions=("Draft.*",),
        disable=("CWM011", "CWM012"),
        levels=(("CWM001", Level.ERROR), ("CWM106", Level.NOTE)),
        exceptions="any",
        simulate="neural",
        model="openai:http://localhost:8000#cwm",
        probes=3,
        time_budget=1.5,
        threshold=1.0,
        fail_on="never",
        expect="some",
        baseline="known.sarif",
        fail_on_skip=True,
        jobs=3,
        no_cache=True,
        new_code=True,
    )
    assert sorted(dict(settings.origins).values()) == sorted(environ)


def test_a_flag_wins_over_the_environment_and_that_over_the_file() -> None:
    environ = {"CWM_CHECK_PROBES": "2", "CWM_CHECK_THRESHOLD": "0.2"}
    settings = load(FULL, environ, {"probes": 1})
    assert (settings.config.probes, settings.config.threshold, settings.config.time_budget) == (1, 0.2, 2.0)
    origins = dict(settings.origins)
    assert [origins[name] for name in ("probes", "threshold", "time_budget")] == [
        "--probes",
        "CWM_CHECK_THRESHOLD",
        "pyproject.toml",
    ]


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("CWM_CHECK_FAILON", "CWM_CHECK_FAIL_ON"),
        ("CWM_CHECK_MODLE", "CWM_CHECK_MODEL"),
        ("CWM_CHECK_APIKEY", "CWM_CHECK_API_KEY"),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_told(variable: str, meant: str) -> None:
    with pytest.raises(CwmCheckError) as told:
        load(None, {variable: "x"}, {})
    assert str(told.value) == f"{variable} is no setting; did you mean {meant}?"


@pytest.mark.parametrize("variable", ["CWM_CHECK_BROWSER", "CWM_CHECK_CACHE", "CWM_CHECK_", "MY_CWM_CHECK_FAILON"])
def test_other_variables_are_no_matter(variable: str) -> None:
    assert load(None, {variable: "x"}, {}).config == Config()


def test_a_command_may_bring_its_own_defaults() -> None:
    assert load(None, {}, {}, defaults=Config(time_budget=5)).config == Config(time_budget=5)
    assert load(FULL, {}, {}, defaults=Config(time_budget=5)).config.time_budget == 2


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("fail_on = 'note'", "tool.cwm-check.fail_on is no setting; did you mean fail-on?"),
        ("zzz = 1", "tool.cwm-check.zzz is no setting"),
        ("fail-on = 'fatal'", "tool.cwm-check.fail-on must be one of error, warning, note, never, not 'fatal'"),
        ("probes = 'many'", "tool.cwm-check.probes must be a whole number from 1 to 10000, not 'many'"),
        ("probes = 0", "tool.cwm-check.probes must be a whole number from 1 to 10000, not 0"),
        ("probes = true", "tool.cwm-check.probes must be a whole number from 1 to 10000, not True"),
        ("time-budget = -1", "tool.cwm-check.time-budget must be a number of seconds up to 1000000, not -1"),
        ("time-budget = inf", "tool.cwm-check.time-budget must be a number of seconds up to 1000000, not inf"),
        ("probes = 10001", "tool.cwm-check.probes must be a whole number from 1 to 10000, not 10001"),
        (
            f"time-budget = 1{'0' * 400}",
            f"tool.cwm-check.time-budget must be a number of seconds up to 1000000, not 1{'0' * 400}",
        ),
        ("time-budget = nan", "tool.cwm-check.time-budget must be a number of seconds up to 1000000, not nan"),
        ("threshold = 50", "tool.cwm-check.threshold must be a number from 0 to 1, not 50"),
        ("exclude = 'tests'", "tool.cwm-check.exclude must be a list of texts, not 'tests'"),
        ("exclude = [1]", "tool.cwm-check.exclude must be a list of texts, not [1]"),
        (
            "disable = ['CWM01']",
            "tool.cwm-check.disable must be made of known rules, not 'CWM01'; did you mean CWM201?",
        ),
        (
            "levels = { CWM001 = 'fatal' }",
            "tool.cwm-check.levels must be a table with the levels error, warning, note, not 'fatal'",
        ),
        ("levels = 'error'", "tool.cwm-check.levels must be a table of rules and levels, not 'error'"),
        ("jobs = 65", "tool.cwm-check.jobs must be a whole number from 0 to 64, not 65"),
        ("jobs = -1", "tool.cwm-check.jobs must be a whole number from 0 to 64, not -1"),
        ("fail-on-skip = 1", "tool.cwm-check.fail-on-skip must be true or false, not 1"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(line: str, complaint: str) -> None:
    with pytest.raises(CwmCheckError) as caught:
        load(f"[tool.cwm-check]\n{line}\n", {}, {})
    assert str(caught.value) == f"pyproject.toml: {complaint}"


@pytest.mark.parametrize(
    ("variable", "text", "complaint"),
    [
        ("CWM_CHECK_PROBES", "many", "must be a whole number from 1 to 10000, not 'many'"),
        ("CWM_CHECK_TIME_BUDGET", "soon", "must be a number of seconds up to 1000000, not 'soon'"),
        ("CWM_CHECK_FAIL_ON_SKIP", "perhaps", "must be true or false, not 'perhaps'"),
        ("CWM_CHECK_LEVELS", "CWM001", "must be a table with the levels error, warning, note, not ''"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(variable: str, text: str, complaint: str) -> None:
    with pytest.raises(CwmCheckError) as caught:
        load(None, {variable: text}, {})
    assert str(caught.value) == f"{variable} {complaint}"


def test_broken_toml_names_the_file() -> None:
    with pytest.raises(CwmCheckError, match=r"^base:pyproject.toml: not valid TOML: "):
        load("[tool", {}, {}, file="base:pyproject.toml")


@pytest.mark.parametrize("text", [None, "", "[project]\nname = 'x'\n", "[tool.ruff]\n", "tool = 1\n"])
def test_a_file_without_the_section_sets_nothing(text: str | None) -> None:
    assert load(text, {}, {}).config == Config()


def test_the_section_must_be_a_table() -> None:
    with pytest.raises(CwmCheckError, match=r"^pyproject.toml: tool.cwm-check must be a table$"):
        load("[tool]\ncwm-check = 3\n", {}, {})


@pytest.mark.parametrize(
    ("include", "exclude", "path", "expected"),
    [
        pytest.param((), (), "a.py", True, id="everything by default"),
        pytest.param(("src",), (), "src/a/b.py", True, id="a folder takes what is below"),
        pytest.param(("src/",), (), "src/a.py", True, id="a folder with a slash"),
        pytest.param(("src",), (), "srcs/a.py", False, id="a folder is no prefix"),
        pytest.param(("src",), (), "lib/src/a.py", False, id="from the root"),
        pytest.param(("**/src",), (), "lib/src/a.py", True, id="anywhere"),
        pytest.param(("**/a.py",), (), "a.py", True, id="anywhere means the root too"),
        pytest.param(("*.py",), (), "deep/down/a.py", True, id="a star crosses slashes"),
        pytest.param((), ("tests",), "tests/test_a.py", False, id="excluded"),
        pytest.param((), ("tests",), "src/tests.py", True, id="excluded folder, another file"),
        pytest.param(("src",), ("src/gen",), "src/gen/a.py", False, id="exclude wins"),
        pytest.param((), ("A.py",), "a.py", True, id="case counts"),
    ],
)
def test_paths_are_selected(include: tuple[str, ...], exclude: tuple[str, ...], path: str, expected: bool) -> None:
    assert selects_path(Config(include=include, exclude=exclude), path) == expected


@pytest.mark.parametrize(
    ("qualname", "expected"),
    [("Account.total", True), ("Account.__repr__", False), ("main", False)],
)
def test_functions_are_selected(qualname: str, expected: bool) -> None:
    config = Config(include_functions=("Account.*",), exclude_functions=("*.__repr__",))
    assert selects_function(config, qualname) == expected


def test_a_rule_has_its_own_level_unless_it_is_set_or_off() -> None:
    config = Config(disable=("CWM002",), levels=(("CWM001", Level.ERROR),))
    levels = [level_of(config, rule) for rule in ("CWM001", "CWM002", "CWM003")]
    assert levels == [Level.ERROR, None, Level.WARNING]


@pytest.mark.parametrize("model", ["openai:http://x#m", "./evil", "/tmp/m", "..", "a b", "C:m"])
def test_a_repository_chooses_no_server_and_no_file(model: str) -> None:
    with pytest.raises(CwmCheckError) as error:
        load(f"[tool.cwm-check]\nmodel = {model!r}\n", {}, {})
    place = "pyproject.toml: tool.cwm-check.model"
    assert str(error.value) == f"{place} must be the name of a model; a folder or a server is for --model"
