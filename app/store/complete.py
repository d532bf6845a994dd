"""Completion of the filter: fields by name, values by how many devices have them.

Invariant: putting `text` in place of start..end of what was typed gives a filter that can be read, or a field that
waits for its value.
"""

from dataclasses import dataclass

from app.store.fields import BY_NAME, CONDITIONS, FIELDS, Field, Kind
from app.store.fleet import Fleet
from app.store.patterns import fold, looks_like_mac
from app.store.terms import Sign, Term, cut

_MOST = 30
_MEANINGFUL = frozenset(' \t\n"(),:*')


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` may replace start..end of the filter; `note` is a title or a number of devices."""

    text: str
    start: int
    end: int
    note: str


def complete(text: str, cursor: int, fleet: Fleet) -> list[Suggestion]:
    """What could stand at the cursor, best first; at most 30."""
    term = next((t for t in cut(text) if t.sign is Sign.TERM and t.start <= cursor <= t.end), None)
    if term is None:
        return _fields("", cursor, cursor)
    colon = term.shape.find(":")
    if colon < 0 or cursor <= term.at[colon] or looks_like_mac(term.shape):
        end = term.end if colon < 0 else term.at[colon] + 1
        return _fields(term.text if colon < 0 else term.text[:colon], term.start, end)
    field = BY_NAME.get(term.text[:colon].lower())
    if field is None:
        return []
    values = term.part(colon + 1, len(term.text)).split(",")
    value = next((v for v in reversed(values) if v.start <= cursor), values[0])
    return _values(field, value, fleet)


def _fields(typed: str, start: int, end: int) -> list[Suggestion]:
    wanted = typed.lower()
    names = dict.fromkeys(field.name for name, field in BY_NAME.items() if name.startswith(wanted))
    inside = (f.name for f in FIELDS.values() if len(wanted) > 1 and wanted in f.title.lower())
    return [Suggestion(f"{name}:", start, end, FIELDS[name].title) for name in dict.fromkeys((*names, *inside))][:_MOST]


def _values(field: Field, value: Term, fleet: Fleet) -> list[Suggestion]:
    match field.kind:
        case Kind.STATE:
            counts = fleet.counts("condition")
            offers = [(name, f"{counts.get(name, 0):,}") for name in CONDITIONS]
        case Kind.IS:
            counts = fleet.counts("condition")
            gone = fleet.rows - fleet.live_count
            offers = [("gone", f"{gone:,}"), ("live", f"{fleet.live_count:,}")]
            offers += [(name, f"{counts.get(name, 0):,}") for name in CONDITIONS]
        case Kind.FLAG:
            counts = fleet.counts(field.columns[0])
            names = (("yes", "yes"), ("no", "no"), ("unknown", ""))
            offers = [(name, f"{counts.get(key, 0):,}") for name, key in names]
        case Kind.HAS:
            offers = [(f.name, f.title) for f in FIELDS.values() if f.columns]
        case Kind.NUMBER | Kind.TIME:
            offers = [(example, field.title) for example in field.examples]
        case Kind.GROUP:
            sums = fleet.group_counts()
            offers = []
            for group_id, group in fleet.groups.by_id.items():
                direct, deep = sums[group_id]
                offers.append((quoted(group.name), f"{direct:,}"))
                if fleet.groups.children(group_id):
                    offers.append((f"{quoted(group.name)}/*", f"{deep:,}"))
        case Kind.TEXT | Kind.WORD | Kind.VERSION:
            offers = []
            for column in field.columns:
                if not fleet.is_text(column):
                    counts = fleet.counts(column)
                    offers += [(quoted(name), f"{number:,}") for name, number in counts.items() if name]
    typed = fold(value.text)
    fitting = [(text, note) for text, note in offers if typed in fold(text.replace('"', ""))]
    fitting.sort(key=lambda offer: not fold(offer[0].replace('"', "")).startswith(typed))
    return [Suggestion(text, value.start, value.end, note) for text, note in dict(fitting).items()][:_MOST]


def quoted(text: str) -> str:
    """A value as it must be typed."""
    if not text or any(c in _MEANINGFUL for c in text) or text[0] in "<>=-" or ".." in text:
        return '"' + text.replace('"', '""') + '"'
    return text
