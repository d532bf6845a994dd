"""The filter's text cut into terms, each character with its place in the text.

Invariant: `cut` is total; a quotation mark that is not closed yet reaches to the end, because people are still typing.
"""

from dataclasses import dataclass
from enum import Enum

# Stands in `shape` for a character that was quoted and so has no meaning but itself.
_QUOTED = "\0"


class Sign(Enum):
    TERM = "term"
    OPEN = "("
    CLOSE = ")"
    NOT = "NOT"
    AND = "AND"
    OR = "OR"


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of the text. `shape` equals `text` with quoted characters blanked; `at` are places in the whole text."""

    sign: Sign
    text: str
    shape: str
    at: tuple[int, ...]
    start: int
    end: int

    def part(self, begin: int, stop: int) -> "Term":
        """The characters begin..stop as a term of their own."""
        # From behind the character before, so that an opening quotation mark belongs to the part.
        start = self.at[begin - 1] + 1 if begin else self.start
        end = self.at[stop] if stop < len(self.at) else self.end
        return Term(self.sign, self.text[begin:stop], self.shape[begin:stop], self.at[begin:stop], start, end)

    def split(self, separator: str) -> list["Term"]:
        """The parts between unquoted separators."""
        parts, begin = [], 0
        while (stop := self.shape.find(separator, begin)) >= 0:
            parts.append(self.part(begin, stop))
            begin = stop + len(separator)
        return [*parts, self.part(begin, len(self.text))]

    def stars(self) -> list[int]:
        """The places of wildcards within `text`."""
        return [n for n, c in enumerate(self.shape) if c == "*"]


def cut(text: str) -> list[Term]:
    """All terms of a text, in order."""
    terms: list[Term] = []
    n = 0
    while n < len(text):
        char = text[n]
        if char.isspace() or char == "\0":
            n += 1
        elif char in "()":
            terms.append(_sign(Sign.OPEN if char == "(" else Sign.CLOSE, n, 1, text))
            n += 1
        elif char == "-":
            terms.append(_sign(Sign.NOT, n, 1, text))
            n += 1
        else:
            term = _term(text, n)
            if term.shape in {"NOT", "AND", "OR"}:
                term = _sign(Sign(term.shape), n, len(term.shape), text)
            terms.append(term)
            n = term.end
    return terms


def _sign(sign: Sign, start: int, length: int, text: str) -> Term:
    piece = text[start : start + length]
    return Term(sign, piece, piece, tuple(range(start, start + length)), start, start + length)


def _term(text: str, start: int) -> Term:
    chars: list[str] = []
    shape: list[str] = []
    at: list[int] = []
    quoted = False
    n = start
    while n < len(text):
        char = text[n]
        if char == '"':
            # A doubled mark inside quotation marks is the mark itself.
            if quoted and text[n + 1 : n + 2] == '"':
                chars.append(char)
                shape.append(_QUOTED)
                at.append(n)
                n += 1
            else:
                quoted = not quoted
        elif not quoted and (char.isspace() or char in "()\0"):
            break
        elif char != "\0":
            chars.append(char)
            shape.append(_QUOTED if quoted else char)
            at.append(n)
        n += 1
    return Term(Sign.TERM, "".join(chars), "".join(shape), tuple(at), start, n)
