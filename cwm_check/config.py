"""The settings of one run, and where each came from.

Layers, each over the one before: defaults, `[tool.cwm-check]` of the repository's `pyproject.toml`, the environment
(`CWM_CHECK_PROBES=8`), flags. In: texts and mappings. Out: one frozen `Config` and the origin of every value.
Unknown keys and wrong values are refused with their place. Reads no file and no environment itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Literal

from cwm_check.errors import CwmCheckError
from cwm_check.kinds import KINDS, nearest
from cwm_check.rules import RULES
from cwm_check.vocabulary import ExceptionEquality, Level

PREFIX = "CWM_CHECK_"
_OTHERS = frozenset({"API_KEY", "CACHE", "DEBUG", "MODEL_TIMEOUT", "TOKENIZER"})
"""Variables that are no settings of a check."""


@dataclass(frozen=True, slots=True)
class Config:
    """What users can set; a key of `pyproject.toml` is the field with dashes."""

    include: tuple[str, ...] = ()
    """Globs of the paths to check; empty: every path."""
    exclude: tuple[str, ...] = ()
    include_functions: tuple[str, ...] = ()
    """Globs of the qualified names to check; empty: every function."""
    exclude_functions: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    """Rules that are off."""
    levels: tuple[tuple[str, Level], ...] = ()
    """Levels that replace those of the rules."""
    exceptions: ExceptionEquality = "type+message"
    """What of an exception is compared; `any`: only that there is one."""
    simulate: Literal["hybrid", "neural", "both"] = "hybrid"
    """Who runs both versions: the sandbox, the world model alone, or one after the other."""
    model: str = "nano"
    """The world model that predicts whole runs: a name, a folder, or `openai:URL#NAME`."""
    probes: int = 24
    """Calls to make up for each function, at most; as many again are tried that stand in the repository."""
    time_budget: float = 60.0
    """Seconds for all functions together; what is left then is skipped."""
    threshold: float = 0.5
    """Confidence below which a finding is not shown."""
    fail_on: Literal["error", "warning", "note", "never"] = "error"
    """The lowest level that blocks."""
    expect: Literal["any", "none", "some"] = "any"
    """What the author says of the behaviour: it stays (`none`), or it changes (`some`)."""
    baseline: str = "cwm-accepted.jsonl"
    """File of the findings that are known: what `cwm-check accept` writes, or a former JSON or SARIF report."""
    fail_on_skip: bool = False
    """A function that could not be judged blocks."""
    jobs: int = 0
    """Processes that try functions; 0: as many as there are cores."""
    no_cache: bool = False
    """Results of earlier checks are neither used nor kept."""
    new_code: bool = False
    """Mistakes of added and edited functions are looked for, too, whatever they were before."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one run, and for each field where its value came from."""

    config: Config
    origins: tuple[tuple[str, str], ...]


def load(
    pyproject: str | None,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
    *,
    file: str = "pyproject.toml",
    defaults: Config = Config(),
) -> Settings:
    """Return the settings of a run.

    `flags` has only those that were given, by field name; `file` is the name of the text in messages.
    """
    values: dict[str, Any] = {}
    origins = {field.name: "default" for field in fields(Config)}
    for layer in (_from_file(pyproject, file), _from_environment(environ), _from_flags(flags)):
        for name, value, origin in layer:
            values[name], origins[name] = value, origin
    return Settings(replace(defaults, **values), tuple(origins.items()))


def section_of(pyproject: str | None, file: str = "pyproject.toml") -> Mapping[str, object]:
    """Return the table `[tool.cwm-check]` of a `pyproject.toml`, empty if there is none."""
    try:
        table: object = tomllib.loads(pyproject or "")
        for key in ("tool", "cwm-check"):
            table = table.get(key, {}) if isinstance(table, dict) else {}
    except tomllib.TOMLDecodeError as error:
        raise CwmCheckError(f"{file}: not valid TOML: {error}") from error
    if not isinstance(table, dict):
        raise CwmCheckError(f"{file}: tool.cwm-check must be a table")
    return table


def selects_path(config: Config, path: str) -> bool:
    """Return whether the file at `path` is to be checked."""
    return _selected(path, config.include, config.exclude)


def selects_function(config: Config, qualname: str) -> bool:
    """Return whether the function is to be checked."""
    return _selected(qualname, config.include_functions, config.exclude_functions)


def level_of(config: Config, rule: str) -> Level | None:
    """Return the level at which the findings of `rule` are shown; None if the rule is off."""
    return None if rule in config.disable else dict(config.levels).get(rule, RULES[rule].level)


def _selected(name: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    return (not include or _matches(name, include)) and not _matches(name, exclude)


def _matches(name: str, globs: Iterable[str]) -> bool:
    # `*` also crosses slashes and dots; `tests` and `tests/` take what is below; `**/x.py` takes `x.py` at the root.
    shapes = [shape for glob in globs for stem in [glob.removesuffix("/")] for shape in (stem, f"{stem}/*")]
    return any(fnmatchcase(place, shape) for shape in shapes for place in (name, f"/{name}"))


# --- layers: each yields field, value, origin


_Layer = Iterator[tuple[str, Any, str]]


def _from_file(pyproject: str | None, file: str) -> _Layer:
    keys = {name.replace("_", "-"): name for name in KINDS}
    for key, value in section_of(pyproject, file).items():
        place = f"{file}: tool.cwm-check.{key}"
        if key not in keys:
            raise CwmCheckError(f"{place} is no setting{nearest(key, keys)}")
        if key == "model" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", str(value)):
            # A repository must not choose where its source is sent, nor which file is loaded.
            raise CwmCheckError(f"{place} must be the name of a model; a folder or a server is for --model")
        yield keys[key], _read(keys[key], value, place), file


def _from_environment(environ: Mapping[str, str]) -> _Layer:
    known = {name.upper() for name in KINDS} | _OTHERS
    for stem in sorted(variable.removeprefix(PREFIX) for variable in environ if variable.startswith(PREFIX)):
        # What is like none may be for other tools that use this one.
        if stem not in known and (near := get_close_matches(stem, sorted(known), n=1, cutoff=0.75)):
            raise CwmCheckError(f"{PREFIX}{stem} is no setting; did you mean {PREFIX}{near[0]}?")
    for name, kind in KINDS.items():
        variable = PREFIX + name.upper()
        if variable in environ:
            yield name, _read(name, kind.parse(environ[variable]), variable), variable


def _from_flags(flags: Mapping[str, object]) -> _Layer:
    for name, value in flags.items():
        flag = "--" + name.replace("_", "-")
        yield name, _read(name, value, flag), flag


def _read(name: str, value: object, place: str) -> object:
    try:
        return KINDS[name].read(value)
    except ValueError as error:
        raise CwmCheckError(f"{place} must be {error}") from None
