"""The tokens of the nano model: any text in, token ids out, and back without loss; and the questions of the sandbox.

Whole tokens for keywords, builtins, methods, operators and frequent pieces of names; one token for each digit and for
each character inside a string; `<v0>` for the first local of a step or a trace, `<L7>` for a line. Pure Python.
Steps are in `nano_steps`, whole traces in `nano_traces`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cwm_check.codecs import nano_vocabulary as words
from cwm_check.codecs import spans
from cwm_check.simulations import Question

_CHARACTERS = (*map(chr, range(32, 127)), "\n", "\t")
_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
_POINTERS = tuple(f"<v{i}>" for i in range(words.LOCAL_POINTERS)) + tuple(f"<L{i}>" for i in range(words.LINE_POINTERS))
_WORDS = " ".join((words.KEYWORDS, words.BUILTINS, words.EXCEPTIONS, words.METHODS, words.NAME_PIECES)).split()

VOCABULARY: Final[tuple[str, ...]] = tuple(
    dict.fromkeys((*words.SPECIALS.split(), *_POINTERS, *_BYTES, *_CHARACTERS, *words.SYMBOLS, *_WORDS, *spans.MARKS))
)
"""Text of each token id; specials, pointers and bytes are in angle brackets, marks of `spans` are what they are."""
TOKEN: Final[Mapping[str, int]] = {text: token for token, text in enumerate(VOCABULARY)}

PAD, END, GIVEN, ANSWER, RAISE, CUT = (TOKEN[f"<{name}>"] for name in ("pad", "end", "given", "answer", "raise", "cut"))
FIRST_LOCAL, FIRST_LINE, _FIRST_BYTE = TOKEN["<v0>"], TOKEN["<L0>"], TOKEN["<0x00>"]
FIRST_TEXT: Final = _FIRST_BYTE
"""Token ids from here on are text; smaller ones are specials and pointers."""

TYPES: Final = ("NoneType", "bool", "int", "float", "str", "bytes", "list", "tuple", "dict", "set")
_TARGET_TOKENS, _ARGUMENT_TOKENS = 32, 24
"""Tokens kept of a question: the last of its target (the nearest names say most), the first of its arguments."""

_LEXEME = re.compile(
    r"""(?P<string>[bBrRfFuU]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))|(?P<name>[A-Za-z_]\w*)|(?P<other>.)""",
    re.S,
)
_HOLE = re.compile(r"\{([^{}]*)\}")


def _longest_first(texts: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted((text for text in texts if len(text) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) + "|.", re.S)


_PIECE = _longest_first([*_WORDS, "__"])
_SYMBOL = _longest_first(symbol for symbol in words.SYMBOLS if "'" not in symbol)


def encode_text(text: str, slots: Mapping[str, int] | None = None) -> list[int]:
    """Return the tokens of code or of a `repr`; names in `slots` become pointers to locals."""
    pieces: list[str] = []
    position = 0
    while position < len(text):
        found = _LEXEME.match(text, position)
        assert found is not None  # any character is a lexeme
        lexeme = found.group()
        if found.lastgroup == "string":
            pieces += _string_pieces(lexeme, slots or {})
        elif found.lastgroup == "name":
            is_local = slots and lexeme in slots and text[position - 1 : position] != "."
            pieces += [f"<v{slots[lexeme]}>"] if slots and is_local else _PIECE.findall(lexeme)
        else:
            symbol = _SYMBOL.match(text, position)
            assert symbol is not None
            lexeme = symbol.group()
            pieces.append(lexeme)
        position += len(lexeme)
    return [token for piece in _merge_quotes(pieces) for token in _tokens_of(piece)]


def _string_pieces(literal: str, slots: Mapping[str, int]) -> list[str]:
    """Single characters; the names in the holes of an f-string are code."""
    if not slots or "f" not in literal[: literal.index(literal[-1])].lower():
        return list(literal)
    pieces: list[str] = []
    last = 0
    for hole in _HOLE.finditer(literal):
        pieces += literal[last : hole.start(1)]
        pieces += [VOCABULARY[token] for token in encode_text(hole.group(1), slots)]
        last = hole.end(1)
    return pieces + list(literal[last:])


def _merge_quotes(pieces: Sequence[str]) -> list[str]:
    """`'` and `, ` and `'` become one token: a separator of two characters stands between strings, never inside one."""
    merged: list[str] = []
    for piece in pieces:
        if merged and piece in (", ", ": ") and merged[-1] == "'":
            merged[-1] = "'" + piece
        elif merged and piece == "'" and merged[-1] in ("', ", "': ", ", "):
            merged[-1] += "'"
        else:
            merged.append(piece)
    return [part for piece in merged for part in ((piece,) if piece in TOKEN else _unmerged(piece))]


def _unmerged(piece: str) -> Sequence[str]:
    return ("'", ", ") if piece == "', " else (piece,)


def _tokens_of(piece: str) -> list[int]:
    if piece in TOKEN:
        return [TOKEN[piece]]
    return [_FIRST_BYTE + byte for byte in piece.encode("utf-8", "surrogatepass")]


def decode_text(tokens: Iterable[int], names: Sequence[str] = ()) -> str:
    """Return the text of `tokens`; pointers to locals become `names`, other specials their own spelling."""
    out = bytearray()
    for token in tokens:
        if _FIRST_BYTE <= token < _FIRST_BYTE + 256:
            out.append(token - _FIRST_BYTE)
        elif FIRST_LOCAL <= token < FIRST_LOCAL + len(names):
            out += names[token - FIRST_LOCAL].encode("utf-8", "surrogatepass")
        else:
            out += VOCABULARY[token].encode()
    return out.decode("utf-8", "replace") if _is_broken(out) else out.decode("utf-8", "surrogatepass")


def _is_broken(data: bytearray) -> bool:
    """A model may write half a character."""
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return True
    return False


def encode_question(question: Question) -> list[int]:
    """Return the prompt for `question`; the model continues with the type and the value of the answer.

    A `value` question whose one argument names a type ends with that type: the model continues with the value.
    """
    operation = "<ask-call>" if question.operation == "call" else f"<{question.operation}>"
    target, rest = _question_text(question)
    tokens, arguments = encode_text(target), encode_text(rest)
    if len(tokens) > _TARGET_TOKENS:
        tokens = [CUT, *tokens[-_TARGET_TOKENS:]]
    if len(arguments) > _ARGUMENT_TOKENS:
        arguments = [*arguments[:_ARGUMENT_TOKENS], CUT]
    kind = known_type(question)
    return [TOKEN[operation], *tokens, *arguments, ANSWER, *([TOKEN[f"<{kind}>"]] if kind else [])]


def known_type(question: Question) -> str | None:
    """Return the type that a `value` question names, if the model knows it."""
    is_typed = question.operation == "value" and len(question.arguments) == 1
    return question.arguments[0] if is_typed and question.arguments[0] in TYPES else None


def _question_text(question: Question) -> tuple[str, str]:
    """One spelling for each question, whatever expression asked it: target and rest."""
    target, arguments = question.target, ", ".join(question.arguments)
    match question.operation:
        case "call" | "isinstance":
            return target, f"({arguments})"
        case "getattr":
            return f"{target}.{arguments.strip(chr(39) + chr(34))}", ""
        case "getitem":
            return target, f"[{arguments}]"
        case "compare":
            return question.expression, ""
        case _:
            return target, ""


def encode_answer(value: str | None) -> list[int]:
    """Return what the model should say: the type, the `repr` if it is a literal, the end; None: an unknown object."""
    kind = type_of_literal(value)
    if kind is None or value is None:
        return [TOKEN["<object>"], END]
    return [TOKEN[f"<{kind}>"], *encode_text(value), END]


def decode_answer(tokens: Sequence[int], kind: str | None = None) -> str | None:
    """Return the literal that the model said, or None for an unknown object or for what is no literal of its type.

    `kind` is the type that the prompt ended with (`known_type`), if it did.
    """
    said = list(tokens[: tokens.index(END)]) if END in tokens else list(tokens)
    if kind is None:
        kind, said = VOCABULARY[said[0]][1:-1] if said else "", said[1:]
    value = decode_text(said)
    return value if kind in TYPES and type_of_literal(value) == kind else None


def type_of_literal(value: str | None) -> str | None:
    """Return the name of the type of a Python literal, or None if it is none or of no type in `TYPES`."""
    if value is None:
        return None
    if value == "set()":
        return "set"
    try:
        kind = type(ast.literal_eval(value)).__name__
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return kind if kind in TYPES else None
