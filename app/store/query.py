"""The filter language: `state:offline group:"Store 12"/* os:<11 -tag:kiosk (till OR desk)` to masks over the fleet.

Invariant: `parse` gives a Query or raises QueryError; nothing else comes out of it, whatever is typed.

Bare words must all be found, each in a name, serial, IMEI or MAC, or at the beginning of an id. `field:value` asks one
field; a list `a,b` fits either; `-` or NOT excludes; OR and parentheses as usual; quotation marks keep spaces; `*`
stands for anything, and a pattern with it must fit the whole text.
"""

from dataclasses import dataclass

from app.store.columns import Mask
from app.store.complete import Suggestion, complete
from app.store.fields import FIELDS, Field, QueryError, field_of, read
from app.store.fleet import Fleet
from app.store.nodes import All, Everything, Gone, Node, Not, Some, Word
from app.store.patterns import Mode, looks_like_mac, pattern_of
from app.store.terms import Sign, Term, cut

_DEEPEST = 40


@dataclass(frozen=True)
class Query:
    """A filter that was understood."""

    text: str
    root: Node
    asks_gone: bool

    def mask(self, fleet: Fleet, rows: int | None = None) -> Mask:
        """One entry for each of the first `rows` rows of the fleet, by default for all. Not to be changed."""
        return self.root.mask(fleet, fleet.rows if rows is None else rows)


def parse(text: str, *, now: float) -> Query:
    """The query behind a text; an empty one fits everything. `now` (epoch seconds) is what ages count from."""
    parser = _Parser(text, now)
    root = parser.whole()
    return Query(text, root, parser.asks_gone)


class _Parser:
    """Recursive descent: any := all (OR all)*, all := one+, one := NOT one | ( any ) | term."""

    def __init__(self, text: str, now: float) -> None:
        self.terms = cut(text)
        self.place = 0
        self.end = len(text)
        self.now = now
        self.asks_gone = False

    def whole(self) -> Node:
        if not self.terms:
            return Everything()
        root = self.any(0)
        if self.place < len(self.terms):
            raise QueryError(self.terms[self.place].start, "This bracket closes nothing.", "Remove it, or open one.")
        return root

    def next(self) -> Term | None:
        return self.terms[self.place] if self.place < len(self.terms) else None

    def any(self, depth: int) -> Node:
        parts = [self.all(depth)]
        while (term := self.next()) is not None and term.sign is Sign.OR:
            self.place += 1
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def all(self, depth: int) -> Node:
        parts = [self.one(depth)]
        while (term := self.next()) is not None and term.sign not in {Sign.OR, Sign.CLOSE}:
            if term.sign is Sign.AND:
                self.place += 1
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Node:
        negated = False
        while (term := self.next()) is not None and term.sign is Sign.NOT:
            negated = not negated
            self.place += 1
        if term is None or term.sign in {Sign.OR, Sign.AND, Sign.CLOSE}:
            position = term.start if term is not None else self.end
            raise QueryError(
                position, "Something is missing here:", "a word, a field such as state:online, or a bracket."
            )
        self.place += 1
        node = self.bracket(term, depth) if term.sign is Sign.OPEN else self.term(term)
        return Not(node) if negated else node

    def bracket(self, opening: Term, depth: int) -> Node:
        if depth >= _DEEPEST:
            raise QueryError(opening.start, "This is nested too deeply.", f"At most {_DEEPEST} brackets in brackets.")
        node = self.any(depth + 1)
        if self.next() is None:
            raise QueryError(opening.start, "This bracket is not closed.", "Add a closing one.")
        self.place += 1
        return node

    def term(self, term: Term) -> Node:
        colon = term.shape.find(":")
        # A MAC address may be typed as it is printed, with its colons.
        if colon < 0 or looks_like_mac(term.shape):
            return Word(pattern_of(term.text, term.stars(), Mode.CONTAINS))
        if colon == 0:
            raise QueryError(term.start, "A field's name is missing before the colon.", "For example state:online.")
        field = field_of(term.part(0, colon))
        parts = [read(field, value, self.now) for value in term.part(colon + 1, len(term.text)).split(",")]
        self.asks_gone = self.asks_gone or any(isinstance(part, Gone) and part.gone for part in parts)
        return parts[0] if len(parts) == 1 else Some(tuple(parts))


__all__ = ["FIELDS", "Field", "Query", "QueryError", "Suggestion", "complete", "parse"]
