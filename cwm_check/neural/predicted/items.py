"""Items of a predicted run: what a loop meets, what unpacking binds, what a comprehension makes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from cwm_check.codecs.value_texts import items_of, value_of
from cwm_check.neural.predicted.memory import Cell, Scope
from cwm_check.neural.predicted.names import is_known, needs_walk, values_for, within
from cwm_check.neural.predicted.state import Activation, Raised, Run, Unfinished, Work
from cwm_check.neural.predicted.truths import truth


def items(run: Run, node: ast.expr, here: Activation) -> Work[Iterable[Cell]]:
    """Return what a loop over `node` meets; a list may grow meanwhile."""
    is_walked = not isinstance(node, ast.Call) if run.takes_apart else run.decides and is_known(node)
    if is_walked or needs_walk(run, node, here):
        cell = yield from run.evaluate(run, node, here)
        known = items_of(cell.text) if cell.is_plain else None
        if known is not None:
            return _live(cell) if cell.text.startswith("[") else map(Cell, known)
        if not cell.is_plain:
            raise Unfinished("what the loop meets is not known")
        node, here = within(here, cell)
    loop = ast.For(ast.Name("_", ast.Store(), lineno=here.line, col_offset=0), node, [ast.Pass()], [])
    effect = yield from run.ask(ast.copy_location(loop, node), (yield from values_for(run, node, here)))
    if effect.raised is not None:
        raise Raised(effect.raised)
    found = items_of(effect.value or "")
    if found is None:
        raise Unfinished(f"the model gives no items for `{ast.unparse(node)[:60]}`")
    return map(Cell, found)


def _live(cell: Cell) -> Iterator[Cell]:
    """The items of a list as the loop reaches them; what is done to one is done to the list."""
    place = 0
    while (texts := items_of(cell.text)) is not None and place < len(texts):
        item = Cell(texts[place])
        yield item
        now = list(items_of(cell.text) or ())
        if item.text != texts[place] and place < len(now) and now[place] == texts[place]:
            now[place] = item.text
            cell.text = f"[{', '.join(now)}]"
        place += 1


def unpack(run: Run, target: ast.expr, cell: Cell, here: Activation) -> Work[None]:
    """Bind a name, or the names of a tuple to the items of a value."""
    if isinstance(target, ast.Name):
        here.scope.bind(target.id, cell)
        return
    if not isinstance(target, ast.Tuple | ast.List):
        raise Unfinished(f"an assignment to `{ast.unparse(target)[:60]}` is not predicted")
    parts = items_of(cell.text) if cell.is_plain else None
    if parts is None:
        raise Raised("TypeError") if value_of(cell.text) else Unfinished("what is unpacked is not known")
    stars = [i for i, element in enumerate(target.elts) if isinstance(element, ast.Starred)]
    if (not stars and len(parts) != len(target.elts)) or (stars and len(parts) < len(target.elts) - 1):
        raise Raised("ValueError")
    for element, item in zip(target.elts, _spread(parts, stars, len(target.elts)), strict=True):
        yield from unpack(run, element.value if isinstance(element, ast.Starred) else element, item, here)


def _spread(parts: Sequence[str], stars: Sequence[int], count: int) -> list[Cell]:
    if not stars:
        return [Cell(text) for text in parts]
    star, after = stars[0], count - stars[0] - 1
    middle = parts[star : len(parts) - after]
    texts = [*parts[:star], f"[{', '.join(middle)}]", *parts[len(parts) - after :]]
    return [Cell(text) for text in texts]


def comprehension(
    run: Run, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, here: Activation
) -> Work[Cell]:
    """A comprehension that calls known functions: a loop here, an element at a time."""
    made: list[str] = []
    inner = Activation(Scope({}, here.scope), here.depth, here.yielded, here.line)
    yield from _clauses(run, node, 0, inner, made)
    if isinstance(node, ast.DictComp):
        made = [f"{key}: {value}" for key, value in dict(zip(made[::2], made[1::2], strict=True)).items()]
    if isinstance(node, ast.SetComp):
        made = list(dict.fromkeys(made))
    open_, close = "[]" if isinstance(node, ast.ListComp | ast.GeneratorExp) else "{}"
    return Cell("set()" if isinstance(node, ast.SetComp) and not made else f"{open_}{', '.join(made)}{close}")


def _clauses(
    run: Run,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    depth: int,
    here: Activation,
    made: list[str],
) -> Work[None]:
    if depth == len(node.generators):
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            made.append((yield from run.evaluate(run, part, here)).text)
        return
    clause = node.generators[depth]
    for item in (yield from items(run, clause.iter, here)):
        yield from unpack(run, clause.target, item, here)
        holds = True
        for test in clause.ifs:
            holds = holds and (yield from truth(run, test, here))
        if holds:
            yield from _clauses(run, node, depth + 1, here, made)
