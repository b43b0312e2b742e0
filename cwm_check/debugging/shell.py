"""The debugger on a terminal, with the habits of `pdb`: commands are read, a `Walk` is moved, what is seen is printed.

Nothing is decided here: the rules are in `debugger`, `walk` and `stepping`. No line that is typed runs on this machine.
"""

from __future__ import annotations

import ast
import cmd
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from cwm_check.debugging import shell_view
from cwm_check.debugging.history import kept
from cwm_check.debugging.typed import ALIASES, command_of, number_in, point_in, range_in
from cwm_check.debugging.walk import Walk
from cwm_check.errors import CwmCheckError
from cwm_check.wording import printable, shorten

Reset = Callable[[str], tuple[Walk, str, tuple[str, ...]]]
"""A call, or nothing for the next one to try, in; a new walk, its call and what it assumes out."""


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
            self._say(f"if {printable(shorten(text, shell_view.WIDTH))}")
        self._show()

    def precmd(self, line: str) -> str:
        """Return the line as a command: aliases in full, assignments as `set`."""
        return command_of(line)

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

    def _say(self, *lines: str) -> None:
        self.stdout.writelines(f"{line}\n" for line in lines)

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
        self._move("until", number_in(arg) if arg else None)

    def do_continue(self, arg: str) -> None:
        """continue (c): go on until a breakpoint."""
        self._move("continue")

    def do_back(self, arg: str) -> None:
        """back [step|next|out|continue] (bk): the same, backwards; alone: one event."""
        command = ALIASES.get(arg, arg) or "step"
        if command not in ("step", "next", "out", "continue"):
            raise CwmCheckError(f"back {arg}: step, next, out or continue")
        if not self.walk.move_back(command):
            self._say("at the beginning")
        self._show()

    def do_jump(self, arg: str) -> None:
        """jump FRAME: go to a frame by its number in `cwm-check trace`, forwards or backwards."""
        self.walk.jump(number_in(arg))
        self._show()

    def do_diverge(self, arg: str) -> None:
        """diverge: go to where the two runs part."""
        if not self.walk.diverge():
            self._say("they do not part in this call")
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
        self._say(*shell_view.endings(self.walk), "the end; `back` goes back, `reset` begins again")

    # --- what is shown

    def _show(self) -> None:
        self._listed = None
        self._say(*shell_view.places(self.walk, self.paths))
        self._show_displayed()

    def _show_displayed(self) -> None:
        for expression, former in self._displayed.items():
            told = shell_view.told(self.walk, expression)
            if told != former:
                self._displayed[expression] = told
                self._say(f"display {expression}: {told}" + (f"  [before: {former}]" if former else ""))

    def do_print(self, arg: str) -> None:
        """print [EXPR] (p): the value of an expression, which leaves no trace; alone: the locals."""
        if not arg:
            self.do_locals(arg)
            return
        self._say(shell_view.told(self.walk, arg))

    def do_locals(self, arg: str) -> None:
        """locals (a): the locals of this function."""
        self._say(*shell_view.known(self.walk))

    def do_display(self, arg: str) -> None:
        """display [EXPR]: print an expression at each stop at which it has changed; alone: all of them."""
        if arg:
            self._displayed[arg] = shell_view.told(self.walk, arg)
        for expression in [arg] if arg else self._displayed:
            self._say(f"display {expression}: {self._displayed[expression]}")

    def do_undisplay(self, arg: str) -> None:
        """undisplay [EXPR]: do not print it any more; alone: none of them."""
        if arg and arg not in self._displayed:
            raise CwmCheckError(f"{arg} is not displayed")
        self._displayed = {e: t for e, t in self._displayed.items() if arg and e != arg}

    def do_where(self, arg: str) -> None:
        """where (w, bt): the functions that are running, the innermost last."""
        self._say(*shell_view.stacks(self.walk, self.paths))

    def do_list(self, arg: str) -> None:
        """list [.|LINE[, LINE]] (l): the source around here, going on each time, or from LINE to LINE."""
        low, high = range_in(arg, self.walk.last.frame.line, self._listed)
        if low > self.walk.last.trace.context.count("\n") + 1:
            raise CwmCheckError("the end of the file")
        self._list(low, high)

    def do_longlist(self, arg: str) -> None:
        """longlist (ll): the whole source of this function."""
        self._list(*self.walk.last.span())

    def _list(self, low: int, high: int) -> None:
        self._say(*shell_view.source(self.walk.last, low, high))
        self._listed = high

    # --- breakpoints and changes

    def do_break(self, arg: str) -> None:
        """break [LINE [if EXPR]] (b): stop at a line, where the expression holds; alone: list the breakpoints."""
        if not arg:
            for point in self.walk.last.breakpoints:
                self._say(f"{point.number}  line {point.line}" + (f" if {point.condition}" if point.condition else ""))
            return
        added = self.walk.add_breakpoint(*point_in(arg))
        self._say(f"breakpoint {added.number} at {printable(self.paths[-1])}:{added.line}")

    def do_clear(self, arg: str) -> None:
        """clear [NUMBER] (cl): remove a breakpoint; alone: all."""
        removed = self.walk.clear(number_in(arg) if arg else None)
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
        for label, side in shell_view.sides(self.walk):
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
        found = getattr(self, f"do_{ALIASES.get(arg, arg)}", None)
        if arg and found is None:
            raise CwmCheckError(f"there is no command {arg}")
        for name in [ALIASES.get(arg, arg)] if arg else sorted(n.removeprefix("do_") for n in self.get_names()):
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
        names = {name for side in self.walk.sides for name, _ in side.locals()}
        return sorted(name for name in names if name.startswith(text) and text)


def run(shell: Shell, *, history: Path | None, stdout: TextIO) -> None:
    """Run a session until it is left; `history` keeps what was typed, between sessions."""
    shell.stdout = stdout
    shell.begin()
    with kept(history):
        while True:
            try:
                shell.cmdloop()
            except KeyboardInterrupt:
                stdout.write("\n")
            else:
                return
