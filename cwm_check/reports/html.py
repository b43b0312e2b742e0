"""The report as one page that needs nothing else: every function, its probes, and both runs of a finding side by side.

The page loads nothing and its policy allows only the style and the script that it holds, named by their hashes; all
text is escaped. Without a script all steps are shown with their locals; `page.js` steps through both runs at once.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import TextIO

from cwm_check.reports.html_finding import article
from cwm_check.reports.html_text import sentence, text, value
from cwm_check.reports.summary import accepted_by, counts, plural
from cwm_check.verdicts import Accepted, CheckResult, Tried, Verdict
from cwm_check.vocabulary import SkipReason

_KINDS = ("changed", "unchanged", "same", "skipped")
_CALLS = 40


def render(result: CheckResult, out: TextIO) -> None:
    """Write the report."""
    style, script = (_packaged(name) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    out.write(
        "<!doctype html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_headline(result)} - cwm-check</title>\n"
        f"<style>{style}</style>\n"
        "</head>\n"
        "<body>\n"
    )
    out.writelines(line + "\n" for line in _body(result))
    out.write(f"<script>{script}</script>\n</body>\n</html>\n")


def _packaged(name: str) -> str:
    return files("cwm_check.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode('ascii')}'"


def _headline(result: CheckResult) -> str:
    changed = counts(result)["changed"]
    functions = plural(len(result.verdicts), "function")
    if not changed:
        return f"No behaviour change found in {functions}"
    return f"{changed} of {functions} {'behaves' if changed == 1 else 'behave'} differently"


def _body(result: CheckResult) -> Iterator[str]:
    verdicts = sorted(result.verdicts, key=lambda v: (_KINDS.index(v.kind), v.path, v.line, v.qualname))
    yield '<a class="skip" href="#functions">Skip to the functions</a>'
    yield f'<header><p class="brand">cwm-check</p><h1>{_headline(result)}</h1>'
    yield f'<ul class="counts">{"".join(_count(kind, n) for kind, n in counts(result).items() if n)}</ul>'
    yield from (f'<p class="note">{text(note)}</p>' for note in result.notes)
    yield "</header>"
    yield '<div class="layout">'
    yield from _contents(verdicts)
    yield '<main id="functions">'
    for verdict in verdicts:
        if _is_told(verdict):
            yield from _function(result, verdict)
    yield from _accepted(result.accepted)
    yield from _others(result, verdicts)
    yield "</main></div>"
    yield _closing(result)


def _is_told(verdict: Verdict) -> bool:
    return verdict.kind in ("changed", "unchanged") or bool(verdict.findings)


def _count(kind: str, number: int) -> str:
    return f'<li class="{kind}"><b>{number}</b> {kind}</li>'


def _contents(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield '<nav aria-label="Functions"><ol>'
    for verdict in verdicts:
        if _is_told(verdict):
            name = f"<code>{text(verdict.qualname)}</code><small>{text(verdict.path)}:{verdict.line}</small>"
            yield f'<li class="{verdict.kind}"><a href="#{_anchor(verdict)}">{name}</a></li>'
    yield "</ol></nav>"


def _anchor(verdict: Verdict) -> str:
    return "f" + sha256(f"{verdict.path}\n{verdict.qualname}".encode(errors="surrogatepass")).hexdigest()[:12]


def _function(result: CheckResult, verdict: Verdict) -> Iterator[str]:
    anchor = _anchor(verdict)
    yield f'<section class="function {verdict.kind}" id="{anchor}" aria-labelledby="{anchor}-name">'
    badge = f'<span class="badge {verdict.kind}">{verdict.kind}</span>'
    yield f'<h2 id="{anchor}-name"><code>{text(verdict.qualname)}</code> {badge}</h2>'
    yield f'<p class="place"><code>{text(verdict.path)}:{verdict.line}</code>{_basis(verdict)}</p>'
    for finding in verdict.findings:
        yield from article(result, finding)
    yield from _tried(verdict.tried)
    yield "</section>"


def _basis(verdict: Verdict) -> str:
    said = []
    if verdict.probes:
        reached = "" if verdict.coverage is None else f", {verdict.coverage:.0%} of the changed lines reached"
        both = "" if verdict.reason == SkipReason.ADDED else " on both versions"
        said.append(f"{plural(verdict.probes, 'probe')} ran{both}{reached}")
    if verdict.kind == "unchanged":
        said.append(f"no difference ({verdict.evidence.value})")
    if verdict.because:
        said.append(f"changed outside: {', '.join(verdict.because)}")
    return "".join(f" <span>{text(part)}</span>" for part in said)


def _tried(tried: Sequence[Tried]) -> Iterator[str]:
    if not tried:
        return
    listed = sorted(tried, key=lambda one: not one.differs)[:_CALLS]
    differing = sum(one.differs for one in tried)
    rest = f"; the first {_CALLS} are listed" if len(tried) > _CALLS else ""
    yield f'<details class="probes"><summary>{plural(len(tried), "call")} tried, {differing} differ{rest}</summary>'
    yield '<div class="wide" tabindex="0" role="region" aria-label="Calls tried"><table>'
    yield f"<thead><tr>{_heads('Call', 'Before', 'After')}</tr></thead><tbody>"
    yield from map(_call, listed)
    yield "</tbody></table></div></details>"


def _heads(*names: str) -> str:
    return "".join(f'<th scope="col">{name}</th>' for name in names)


def _call(one: Tried) -> str:
    if not one.differs:
        return f'<tr><td>{value(one.call)}</td><td colspan="2">{value(one.after)} <small>same</small></td></tr>'
    hidden = "" if one.before != one.after else " <small>differs in its effects</small>"
    cells = f'<td class="before">{value(one.before)}</td><td class="after">{value(one.after)}{hidden}</td>'
    return f'<tr class="differs"><td>{value(one.call)}</td>{cells}</tr>'


def _accepted(accepted: Sequence[Accepted]) -> Iterator[str]:
    if not accepted:
        return
    yield '<section class="others" aria-labelledby="accepted"><h2 id="accepted">Changes that are meant</h2>'
    yield '<div class="wide" tabindex="0" role="region" aria-label="Accepted findings"><table><thead><tr>'
    yield _heads("Function", "What", "Why", "Said by")
    yield "</tr></thead><tbody>"
    for one in accepted:
        named = f"<td><code>{text(one.finding.qualname)}</code></td><td>{sentence(one.finding.message)}</td>"
        yield f"<tr>{named}<td>{text(one.reason)}</td><td>{text(accepted_by(one))}</td></tr>"
    yield "</tbody></table></div></section>"


def _others(result: CheckResult, verdicts: Sequence[Verdict]) -> Iterator[str]:
    rows = [_other(f"{v.path}:{v.line}", v.qualname, v.kind, v.reason) for v in verdicts if v.kind in _KINDS[2:]]
    rows += [_other(problem.path, "", "skipped", problem.reason) for problem in result.problems]
    if rows:
        yield '<section class="others" aria-labelledby="others"><h2 id="others">Proved the same, or not judged</h2>'
        yield '<div class="wide" tabindex="0" role="region" aria-label="Other functions"><table><thead><tr>'
        yield _heads("Function", "Where", "Verdict", "Why")
        yield "</tr></thead><tbody>"
        yield from rows
        yield "</tbody></table></div></section>"


def _other(place: str, qualname: str, kind: str, reason: str) -> str:
    why = "new" if reason == SkipReason.ADDED else text(reason)
    named = f"<td><code>{text(qualname)}</code></td><td><code>{text(place)}</code></td>"
    return f'<tr>{named}<td><span class="badge {kind}">{kind}</span></td><td>{why}</td></tr>'


def _closing(result: CheckResult) -> str:
    model = f" Unknown values: {text(result.model)}." if result.model else ""
    return (
        "<footer><p>Both versions ran, on the same inputs, in a sealed interpreter; nothing of the checked code ran on "
        f"this machine. “Unchanged” is a measurement on these probes, not a proof.{model}</p></footer>"
    )
