"""Which function before is which function after: two outlines come in, pairs of definitions go out.

Equal qualified names match first, then the members of renamed classes, then moved or renamed functions whose bodies are
equal or nearly so. Short functions are too much alike to be recognised under another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from cwm_check.extraction.codelines import normal_form
from cwm_check.extraction.definitions import Definition, Outline

Pair = tuple[Definition, Definition]

_SAME_NAME, _OTHER_NAME = 0.6, 0.8
"""Least similarity of the tokens of a function that moved, and of one that got another name."""
_FEWEST_TOKENS = 16
_FEWEST_TOKENS_OF_A_COPY = 10
_MOST_CANDIDATES = 10_000
_SAME_CLASS = 0.5


def matched(before: Outline, after: Outline) -> list[Pair]:
    """Return the pairs of definitions that are two versions of one function, in the order of the file after."""
    pairs = [_best_variants(before, after, name) for name in before.definitions if name in after.definitions]
    pairs += _of_renamed_classes(before, after)
    pairs += _moved(before, after, pairs)
    return sorted(pairs, key=lambda pair: pair[1].first_line)


def same_text(before: Outline, after: Outline, pair: Pair) -> bool:
    """Tell whether the two versions of a function differ in layout, comments and place only."""
    return normal_form(before.code_of(pair[0])) == normal_form(after.code_of(pair[1]))


def _best_variants(before: Outline, after: Outline, name: str) -> Pair:
    """Return the likely definitions of a name; if those are equal, the likeliest ones that differ."""
    variants = before.definitions[name], after.definitions[name]
    likely = variants[0][-1], variants[1][-1]
    if max(map(len, variants)) > 1 and same_text(before, after, likely):
        texts = [
            [normal_form(side.code_of(d)) for d in found] for side, found in zip((before, after), variants, strict=True)
        ]
        only_before = [d for d, text in zip(variants[0], texts[0], strict=True) if text not in texts[1]]
        only_after = [d for d, text in zip(variants[1], texts[1], strict=True) if text not in texts[0]]
        if only_before and only_after:
            return only_before[-1], only_after[-1]
    return likely


def _of_renamed_classes(before: Outline, after: Outline) -> Iterator[Pair]:
    taken: set[str] = set()
    for name in (n for n in before.classes if n not in after.classes):
        candidates = [c for c in after.classes if c not in before.classes and c not in taken]
        scored = [(_alike_classes(before, name, after, candidate), candidate) for candidate in candidates]
        score, other = max(scored, default=(0.0, ""))
        if score >= _SAME_CLASS:
            taken.add(other)
            yield from _members(before, name, after, other)


def _members(before: Outline, name: str, after: Outline, other: str) -> Iterator[Pair]:
    for qualname, found in before.definitions.items():
        renamed = other + qualname.removeprefix(name)
        if qualname.startswith(f"{name}.") and qualname not in after.definitions and renamed in after.definitions:
            yield found[-1], after.definitions[renamed][-1]


def _alike_classes(before: Outline, name: str, after: Outline, other: str) -> float:
    """Return the share of methods that two classes have in common; one with another text counts half."""
    pairs = list(_members(before, name, after, other))
    count = max(sum(q.startswith(f"{c}.") for q in side.definitions) for side, c in ((before, name), (after, other)))
    equal = sum(same_text(before, after, pair) for pair in pairs)
    return (equal + len(pairs)) / (2 * count) if count else 0.0


def _moved(before: Outline, after: Outline, pairs: Iterable[Pair]) -> Iterator[Pair]:
    paired = {d.node for pair in pairs for d in pair}
    lost = [found[-1] for name, found in before.definitions.items() if name not in after.definitions]
    new = [found[-1] for name, found in after.definitions.items() if name not in before.definitions]
    sides = [[d for d in side if d.node not in paired] for side in (lost, new)]
    for b, a in _by_similarity(before, after, *sides):
        if b.node not in paired and a.node not in paired:
            paired |= {b.node, a.node}
            yield b, a


def _by_similarity(before: Outline, after: Outline, lost: list[Definition], new: list[Definition]) -> list[Pair]:
    words = {d.node: _words(side, d) for side, found in ((before, lost), (after, new)) for d in found}
    only_copies = len(lost) * len(new) > _MOST_CANDIDATES
    scored: list[tuple[float, int, int, Pair]] = []
    for b in lost:
        for a in new:
            score = _similarity(
                words[b.node], words[a.node], same_name=b.node.name == a.node.name, only_copies=only_copies
            )
            if score:
                scored.append((-score, b.first_line, a.first_line, (b, a)))
    return [pair for *_, pair in sorted(scored, key=lambda item: item[:3])]


def _words(module: Outline, definition: Definition) -> list[str]:
    """Return the tokens of a function without its name."""
    words = [word for line in module.code_of(definition) for word in line.tokens]
    return words[: words.index("def") + 1] + words[words.index("def") + 2 :]


def _similarity(before: list[str], after: list[str], *, same_name: bool, only_copies: bool) -> float:
    """Return how alike two functions are, 0 if not enough; a copy that kept its name counts most."""
    fewest = min(len(before), len(after))
    if before == after:
        return 1.0 + same_name if same_name or fewest >= _FEWEST_TOKENS_OF_A_COPY else 0.0
    least = _SAME_NAME if same_name else _OTHER_NAME
    if only_copies or fewest < _FEWEST_TOKENS:
        return 0.0
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= least else 0.0
