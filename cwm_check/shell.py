"""The debugger on a terminal, with the habits of `pdb`: commands are read, a `Walk` is moved, what is seen is printed.

Nothing is decided here: the rules are in `debugger`, `walk` and `stepping`. No line that is typed runs on this machine.
"""

from __future__ import annotations

import ast
import cmd
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from cwm_check.debugger import Debugger
from cwm_check.errors import CwmCheckError
from cwm_check.listing import ending, surety
from cwm_check.trace import Event, Evidence
from cwm_check.types import Prediction
from cwm_check.walk import Walk
from cwm_check.wording import printable, shorten

Reset = Callable[[str], tuple[Walk, str, tuple[str, ...]]]
"""A call, or nothing for the next one to try, in; a new walk, its call and what it assumes out."""
_WIDTH = 300
_AROUND = 5  # lines of a list, before and after
_ALIASES = {
    "s": "step", "n": "next", "o": "out", "r": "out", "return": "out", "unt": "until", "c": "continue",
    "cont": "continue", "b": "break", "cl": "clear", "p": "print", "w": "where", "bt": "where", "l": "list",
    "ll": "longlist", "q": "quit", "exit": "quit", "EOF": "quit", "h": "help", "?": "help", "bk": "back",
    "a": "locals", "run": "reset", "restart": "reset",
}  # fmt: skip
_ASSIGNMENT = re.compile(r"^\s*[A-Za-z_]\w*\s*(=(?!=)|[-+*/%&|^@]=|//=|\*\*=|<<=|>>=|:)")


class Shell(cmd.Cmd):
    """One session."""

    prompt = "(cwm) "
    identchars = cmd.Cmd.identchars + "?"

    def __init__(self, walk: Walk, paths: Sequence[str], call: str, assumptions: Sequence[str], reset: Reset) -> None:
        """Take the path of each version."""
        super().__init__()
        self.walk, self.paths, self.call, self.assumptions = walk, tuple(paths), call, tuple(assumptions)
        self._reset = reset
        self._displayed: dict[str, str] = {}
        self._listed: int | None = None

    # --- the loop

    def begin(self) -> None:
        """Print what the session is about and where it stands."""
        self._say(printable(f"{self.call}"))
        for text in self.assumptions:
            self._say(f"if {printable(shorten(text, _WIDTH))}")
        self._show()

    def precmd(self, line: str) -> str:
        """Return the line as a command: aliases in full, assignments as `set`."""
        text = line.strip()
        if text.startswith("!"):
            return f"set {text[1:]}"
        word, _, rest = text.partition(" ")
        if _ASSIGNMENT.match(text) and not text.startswith(("print ", "set ")):
            return f"set {text}"
        return f"{_ALIASES.get(word, word)} {rest}".strip()

    def onecmd(self, line: str) -> bool:
        """Carry out one command; a mistake is one line."""
        try:
            return bool(super().onecmd(line))
        except CwmCheckError as error:
            self._say(f"*** {error}")
            return False

    def emptyline(self) -> bool:
        """Repeat the last command, as `pdb` does."""
        return self.onecmd(self.lastcmd) if self.lastcmd and not self.lastcmd.startswith("set") else False

    def default(self, line: str) -> None:
        """Take anything else as an expression to print, or as a statement to carry out."""
        try:
            ast.parse(line, mode="eval")
        except (SyntaxError, ValueError):
            self.do_set(line)
        else:
            self.do_print(line)

    def _say(self, line: str) -> None:
        self.stdout.write(f"{line}\n")

    # --- moving

    def do_step(self, arg: str) -> None:
        """step (s): go to the next event, into functions that are called."""
        self._move("step")

    def do_next(self, arg: str) -> None:
        """next (n): go to the next line of this function, or to its return."""
        self._move("next")

    def do_out(self, arg: str) -> None:
        """out (o, return, r): go to the return of this function."""
        self._move("out")

    def do_until(self, arg: str) -> None:
        """until [LINE] (unt): go on until a line greater than this one, or at least LINE, or the return."""
        self._move("until", _number(arg) if arg else None)

    def do_continue(self, arg: str) -> None:
        """continue (c): go on until a breakpoint."""
        self._move("continue")

    def do_back(self, arg: str) -> None:
        """back [step|next|out|continue] (bk): the same, backwards; alone: one event."""
        command = _ALIASES.get(arg, arg) or "step"
        if command not in ("step", "next", "out", "continue"):
            raise CwmCheckError(f"back {arg}: step, next, out or continue")
        if not self.walk.move_back(command):
            self._say("at the beginning")
        self._show()

    def do_jump(self, arg: str) -> None:
        """jump FRAME: go to a frame by its number in `cwm-check trace`, forwards or backwards."""
        self.walk.jump(_number(arg))
        self._show()

    def do_diverge(self, arg: str) -> None:
        """diverge: go to where the two versions part."""
        if not self.walk.diverge():
            self._say("the versions do not part in this call")
        self._show()

    def _move(self, command: str, line: int | None = None) -> None:
        if self.walk.is_at_end:
            self._tell_end()
            return
        if not self.walk.move(command, line):
            self._show()
            self._tell_end()
        else:
            self._show()

    def _tell_end(self) -> None:
        for label, side in self._sides():
            told = ending(side.prediction.outcome)
            self._say(f"{label}{told}{_basis(side.prediction)}")
        self._say("the end; `back` goes back, `reset` begins again")

    # --- what is shown

    def _sides(self) -> Iterator[tuple[str, Debugger]]:
        labels = ("",) if len(self.walk.sides) == 1 else ("before  ", "after   ")
        return zip(labels, self.walk.sides, strict=True)

    def _place(self, side: Debugger, line: int) -> str:
        return f"{printable(self.paths[self.walk.sides.index(side)])}({line})"

    def _show(self) -> None:
        self._listed = None
        for (label, side), is_here in zip(self._sides(), self.walk.present, strict=True):
            frame = side.frame
            if not is_here:
                has_left = side.is_at_end and frame.event is Event.RETURN
                self._say(f"{label}{'has returned' if has_left else f'waits at line {frame.line}'}")
                continue
            if frame.event is not Event.LINE:
                self._say(f"{label}--{frame.event.capitalize()}--")
            value = "" if frame.value is None else f"->{printable(shorten(frame.value, _WIDTH))}"
            sure = "" if frame.evidence is Evidence.EXACT else f" ({surety(frame)})"
            name = side.path.owner(side.index).name
            self._say(f"{label}> {self._place(side, frame.line)}{name}(){value}{sure}")
            self._say(f"{' ' * len(label)}-> {printable(frame.source.strip())}")
        self._show_displayed()

    def _show_displayed(self) -> None:
        for expression, former in self._displayed.items():
            told = self._told(expression)
            if told != former:
                self._displayed[expression] = told
                self._say(f"display {expression}: {told}" + (f"  [before: {former}]" if former else ""))

    def _told(self, expression: str) -> str:
        """What an expression gives here, in one line: `3`, or `before 3, after 4` where they differ."""
        texts = [_value(side, expression) for _, side in self._sides()]
        return texts[0] if len(set(texts)) == 1 else f"before {texts[0]}, after {texts[1]}"

    def do_print(self, arg: str) -> None:
        """print [EXPR] (p): the value of an expression, which leaves no trace; alone: the locals."""
        if not arg:
            self.do_locals(arg)
            return
        self._say(self._told(arg))

    def do_locals(self, arg: str) -> None:
        """locals (a): the locals of this function."""
        for label, side in self._sides():
            for name, text in side.locals():
                self._say(f"{label}{name} = {printable(shorten(text, _WIDTH))}")

    def do_display(self, arg: str) -> None:
        """display [EXPR]: print an expression at each stop at which it has changed; alone: all of them."""
        if arg:
            self._displayed[arg] = self._told(arg)
        for expression in [arg] if arg else self._displayed:
            self._say(f"display {expression}: {self._displayed[expression]}")

    def do_undisplay(self, arg: str) -> None:
        """undisplay [EXPR]: do not print it any more; alone: none of them."""
        if arg and arg not in self._displayed:
            raise CwmCheckError(f"{arg} is not displayed")
        self._displayed = {e: t for e, t in self._displayed.items() if arg and e != arg}

    def do_where(self, arg: str) -> None:
        """where (w, bt): the functions that are running, the innermost last."""
        for label, side in self._sides():
            stack = side.stack()
            for name, frame in stack:
                mark = ">" if frame is stack[-1][1] else " "
                self._say(f"{label}{mark} {self._place(side, frame.line)}{name}()")
                self._say(f"{' ' * len(label)}-> {printable(frame.source.strip())}")

    def do_list(self, arg: str) -> None:
        """list [.|LINE[, LINE]] (l): the source around here, going on each time, or from LINE to LINE."""
        lines = self.walk.last.trace.context.splitlines()
        here = self.walk.last.frame.line
        if arg and arg != ".":
            first, _, last = arg.partition(",")
            low = _number(first) if last else max(1, _number(first) - _AROUND)
            high = _number(last) if last else low + 2 * _AROUND
            high = low + high if last and high < low else high
        else:
            low = self._listed + 1 if self._listed is not None and not arg else max(1, here - _AROUND)
            high = low + 2 * _AROUND
        if low > len(lines):
            raise CwmCheckError("the end of the file")
        self._list(lines, low, min(high, len(lines)))

    def do_longlist(self, arg: str) -> None:
        """longlist (ll): the whole source of this function."""
        side = self.walk.last
        first, last = side.span()
        self._list(side.trace.context.splitlines(), first, last)

    def _list(self, lines: Sequence[str], low: int, high: int) -> None:
        side = self.walk.last
        broken = {b.line for b in side.breakpoints}
        for number in range(low, high + 1):
            marks = ("B" if number in broken else " ") + ("->" if number == side.frame.line else "  ")
            self._say(f"{number:3} {marks} {printable(lines[number - 1].expandtabs())}".rstrip())
        self._listed = high

    # --- breakpoints and changes

    def do_break(self, arg: str) -> None:
        """break [LINE [if EXPR]] (b): stop at a line, where the expression holds; alone: list the breakpoints."""
        if not arg:
            for point in self.walk.last.breakpoints:
                self._say(f"{point.number}  line {point.line}" + (f" if {point.condition}" if point.condition else ""))
            return
        line, _, condition = (part.strip() for part in re.sub(r"[\s,]+if\s+", "\0", arg, count=1).partition("\0"))
        added = self.walk.add_breakpoint(_number(line), condition)
        self._say(f"breakpoint {added.number} at {printable(self.paths[-1])}:{added.line}")

    def do_clear(self, arg: str) -> None:
        """clear [NUMBER] (cl): remove a breakpoint; alone: all."""
        removed = self.walk.clear(_number(arg) if arg else None)
        if arg and not removed:
            raise CwmCheckError(f"there is no breakpoint {arg}")
        self._say(f"{removed} removed")

    def do_set(self, arg: str) -> None:
        """set STATEMENT (! STATEMENT, NAME = EXPR): carry it out in the sandbox, here, and go on from there."""
        if not arg:
            raise CwmCheckError("set what? for instance: set n = 3")
        self.walk.change(arg)
        self._show()

    def do_changes(self, arg: str) -> None:
        """changes: what was set, and at which frame."""
        for label, side in self._sides():
            for change in side.changes:
                self._say(f"{label}frame {change.frame}: {change.statement}")

    def do_reset(self, arg: str) -> None:
        """reset [CALL]: begin again without changes, with this call, or with other arguments that are made up."""
        points = self.walk.last.breakpoints
        self.walk, self.call, self.assumptions = self._reset(arg)
        for point in points:
            self.walk.add_breakpoint(point.line, point.condition)
        self.begin()

    def do_quit(self, arg: str) -> bool:
        """quit (q, exit): leave."""
        return True

    # --- help and completion

    def do_help(self, arg: str) -> None:
        """help [COMMAND] (h, ?): what the commands do."""
        found = getattr(self, f"do_{_ALIASES.get(arg, arg)}", None)
        if arg and found is None:
            raise CwmCheckError(f"there is no command {arg}")
        for name in [_ALIASES.get(arg, arg)] if arg else sorted(n.removeprefix("do_") for n in self.get_names()):
            method = getattr(self, f"do_{name}", None)
            if method is not None and (method.__doc__ or "").startswith(name):
                self._say(method.__doc__ or "")
        if not arg:
            self._say("anything else is an expression to print, or a statement to carry out")

    def completenames(self, text: str, *ignored: object) -> list[str]:
        """Return the commands, and the names of locals, that begin with `text`."""
        return [*super().completenames(text), *self._names(text)]

    def completedefault(self, text: str, *ignored: object) -> list[str]:
        """Return the names of locals that begin with `text`."""
        return self._names(text)

    def _names(self, text: str) -> list[str]:
        names = {name for _, side in self._sides() for name, _ in side.locals()}
        return sorted(name for name in names if name.startswith(text) and text)


def _value(side: Debugger, expression: str) -> str:
    seen = side.value(expression)
    return f"*** {printable(seen.text)}" if seen.failed else printable(shorten(seen.text, _WIDTH))


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise CwmCheckError(f"{text.strip() or 'nothing'} is no number")
    return int(text)


def _basis(prediction: Prediction) -> str:
    return "" if prediction.evidence is Evidence.EXACT else f" ({prediction.evidence})"


def run(shell: Shell, *, history: Path | None, stdout: TextIO) -> None:
    """Run a session until it is left; `history` keeps what was typed, between sessions."""
    shell.stdout = stdout
    shell.begin()
    with _history(history):
        while True:
            try:
                shell.cmdloop()
            except KeyboardInterrupt:
                stdout.write("\n")
            else:
                return


class _history:
    """What was typed, read from a file at the beginning and written at the end."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __enter__(self) -> None:
        if self._path is not None and self._path.exists():
            self._with_readline("read_history_file")

    def __exit__(self, *error: object) -> None:
        if self._path is not None:
            self._with_readline("write_history_file")

    def _with_readline(self, action: str) -> None:
        try:
            import readline

            assert self._path is not None
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            getattr(readline, action)(str(self._path))
        except (ImportError, OSError):  # no readline on this system, or a cache that cannot be written
            pass
