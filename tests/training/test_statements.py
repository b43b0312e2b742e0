"""Statements of real code with the values that they met."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from cwm_check.codecs.nano import GIVEN, decode_text
from cwm_check.training.statements import Met, examples, read, watch_all

SAMPLE = '''
"""
>>> pick([3, 4], 1)
8
>>> pick("ab", 0)
'aa'
"""

FACTOR = 2

class Thing: pass

def pick(items, place):
    thing = Thing()
    print(place + 1, id(place))
    found = items[place]
    if not found: return thing
    return found * FACTOR
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "picking_sample.py").write_text(SAMPLE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(Path(__file__).parents[2]))))
    watch_all(tmp_path, 20, ["picking_sample", "bisect", "textwrap"])
    return tmp_path


def test_statements_that_compute_something_of_literals_are_kept(folder: Path) -> None:
    """Not those that make an object, or that only look at a value."""
    assert list(read(folder)) == [
        Met("found = items[place]", {"items": "[3, 4]", "place": "1"}),
        Met("return found * FACTOR", {"found": "4", "FACTOR": "2"}),
        Met("found = items[place]", {"items": "'ab'", "place": "0"}),
        Met("return found * FACTOR", {"found": "'a'", "FACTOR": "2"}),
    ]


def test_nothing_is_kept_of_what_must_not_be_trained_on(folder: Path) -> None:
    assert not (folder / "bisect.jsonl").exists()
    assert not (folder / "textwrap.jsonl").exists()


def test_their_operations_are_examples() -> None:
    known = [Met("return found // FACTOR", {"found": "4", "FACTOR": "2"})]
    (made,) = islice(examples(Random(1), known), 1)
    assert decode_text(made.prompt[1 : made.prompt.index(GIVEN)]) == "4 // 2"
    assert decode_text(made.target[:-1]) == "2"


def test_no_statement_is_no_example() -> None:
    assert list(examples(Random(1), [])) == []
