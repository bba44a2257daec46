"""A text of a finding in both languages, made where the facts are known.

    Both(f"测点 {tag} 没有单位", f"point {tag} has no unit")

The command line and logs say the English, screens the reader's. Within the English half another such text
can stand as it is: `f"{what} has no unit"`; the Chinese half names its own: `f"{what.subject}没有单位"`.
"""

from typing import NamedTuple

SIGN = "‖"
SEPARATOR = f" {SIGN} "
"""Between the two halves of a text that is kept as one plain string."""
_IN_PLACE_OF_SIGN = "|"


class Both(NamedTuple):
    """Chinese and English of one text, each complete."""

    chinese: str
    english: str

    def __str__(self) -> str:
        return self.english

    @property
    def subject(self) -> str:
        """The Chinese as the beginning of a sentence: a space parts Latin letters from what follows."""
        return f"{self.chinese} " if self.chinese[-1:].isascii() else self.chinese

    @property
    def stored(self) -> str:
        """Both halves in one plain string, `中文 ‖ English`, from which screens take the reader's."""
        chinese, english = (half.replace(SIGN, _IN_PLACE_OF_SIGN) for half in self)
        return chinese if chinese == english else f"{chinese}{SEPARATOR}{english}"


def halves(stored: str) -> Both:
    """The two halves of a text as `Both.stored` keeps it; one without the separator is both."""
    chinese, separator, english = stored.partition(SEPARATOR)
    return Both(chinese, english) if separator else Both(stored, stored)


Text = str | Both
"""A plain text is the same in both languages: names and numbers."""


def both(text: Text) -> Both:
    """A text in both languages, whatever it was."""
    return text if isinstance(text, Both) else Both(text, text)


def one_line(text: Text) -> Both:
    """Without line ends, which would break the one-line form of a finding."""
    return Both(*(" ".join(half.split()) for half in both(text)))
