"""The part of a module that a function can need: the text of a module and a name come in, a shorter text goes out.

Only whole top-level statements are taken out, and blank lines take their place, so line numbers stay those of the file.
What binds a needed name stays, and what may change the object behind one: calls, stores, blocks, registrations. When in
doubt a statement stays; a module that works on its own namespace, or does not parse, stays whole.
"""

from __future__ import annotations

from cwm_check.extraction.effects import ModuleIndex, module_index


def slice_module(source: str, qualname: str) -> str:
    """Return `source` with the top-level statements blanked that the function `qualname` cannot need."""
    index = module_index(source)
    if index is None:
        return source
    kept = {
        line
        for number in _needed(index, qualname)
        for line in range(index.statements[number].first_line, index.statements[number].last_line + 1)
    }
    return "\n".join(text if number in kept else "" for number, text in enumerate(index.lines, start=1))


def _needed(index: ModuleIndex, qualname: str) -> set[int]:
    """Return the numbers of the statements that a function needs: all of them if it is not found."""
    everything = set(range(len(index.statements)))
    todo = list(index.by_name.get(qualname.partition(".")[0], ()))
    if not todo:
        return everything
    needed: set[int] = set()
    todo += index.always
    while todo:
        number = todo.pop()
        if number not in needed:
            needed.add(number)
            facts = index.statements[number].facts
            if facts.reads_all:
                return everything
            todo += [n for name in facts.reads for n in index.by_name.get(name, ())]
            todo += [n for text in facts.texts for n in index.by_text.get(text, ())]
    return needed
