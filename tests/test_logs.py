"""A message and its arguments are what the logger would write; what is not sure stays as it is."""

from __future__ import annotations

import pytest

from cwm_check.search.logs import rendered

CALLS = {
    "an unknown object": (["'took %s s'", "t"], ["'took <t> s'"]),
    "a text and its notation": (["'%s is %r'", "'a'", "'b'"], ["\"a is 'b'\""]),
    "an unknown object's notation": (["'%r'", "x.y"], ["'<x.y!r>'"]),
    "nothing": (["'%s'", "None"], ["'None'"]),
    "a number": (["'%s'", "1.50"], ["'1.5'"]),
    "a percent sign": (["'100%% of %s'", "n"], ["'100% of <n>'"]),
    "what the logger takes besides": (["'%s'", "x", "exc_info=True"], ["'<x>'", "exc_info=True"]),
    "no field": (["'done'", "exc_info=True"], ["'done'", "exc_info=True"]),
    "a percent sign without arguments": (["'100%'"], ["'100%'"]),
    "too few arguments": (["'%s %s'", "x"], ["'%s %s'", "x"]),
    "a keyword in the place of one": (["'%s'", "exc_info=True"], ["'%s'", "exc_info=True"]),
    "another format": (["'%d of %s'", "n", "x"], ["'%d of %s'", "n", "x"]),
    "a width": (["'%10s'", "x"], ["'%10s'", "x"]),
    "a dictionary's": (["'%(a)s'", "x"], ["'%(a)s'", "x"]),
    "an unknown message": (["message", "x"], ["message", "x"]),
    "nothing at all": ([], []),
}


@pytest.mark.parametrize(("arguments", "expected"), CALLS.values(), ids=CALLS)
def test_a_log_call_is_what_it_writes(arguments: list[str], expected: list[str]) -> None:
    assert rendered(arguments) == expected
