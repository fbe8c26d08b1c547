"""Whether letters make a name or a text that somebody meant, or were hit by chance. Pure.

Letters of a language follow one another with very different frequency (Shannon, "A Mathematical
Theory of Communication", 1948, section 3): a chain of letters whose steps are all rare is nobody's
name. The use against keyboard mashing: https://github.com/rrenaud/Gibberish-Detector.
The table was counted over 67,000 first and last names of 56 locales (those of the Faker project,
each locale with the same weight). Held out by locale, 1 of 5,000 pairs of names is taken for
gibberish, and two of three random chains of letters are found.
"""

import unicodedata
from itertools import pairwise

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROWS = """
54435544464331657233446745
15951995258498299269388969
29572971293487296565488955
17951865268566299246366956
45544656454242558233546644
29892376278366298255399979
25762853297464289357275958
17962887278445299465376958
24343546654332456323557755
19662997385775199957287987
17892994265476299345374859
15642566266257379855358947
14572786287747259656396957
16432836255673378533476945
54545544454232559234335855
18782792295587249356498979
27885888388568488866047888
25542847165454278443467946
26482883274446357632366965
29692882266676299343477956
44333545353242657223665664
19782989197598399568599969
19882896286575399557298969
08882786288476358863385777
16542756384343379435357848
16542967175545286755366945"""
"""A row a letter, in it a digit for each letter that may follow: 0 is usual, 9 unheard of."""

_STEPS = {
    (first, second): int(digit)
    for first, row in zip(_LETTERS, _ROWS.split(), strict=True)
    for second, digit in zip(_LETTERS, row, strict=True)
}
_ONLY_LETTERS = {code: " " for code in range(128) if chr(code) not in _LETTERS}
_LEAST_STEPS = 6
_RARE = 5.1
"""The mean of the steps beyond which nobody meant it."""
_MOSTLY = 0.8
_LONGEST = 400
_SPELLED = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"}
)


def is_gibberish(text: str) -> bool:
    """Tell whether nobody meant this; never of short texts, nor of other scripts than Latin."""
    words = " ".join([word for word in text[:_LONGEST].split() if not _is_address(word)])
    if words.isascii():
        letters = words.lower().translate(_ONLY_LETTERS)
    else:
        letters = "".join(
            c if c.isalpha() else " " for c in _plain(words) if not unicodedata.combining(c)
        )
        every = letters.replace(" ", "")
        if sum(c in _LETTERS for c in every) < _MOSTLY * len(every):
            return False
    steps = [step for pair in pairwise(letters) if (step := _STEPS.get(pair)) is not None]
    return len(steps) >= _LEAST_STEPS and sum(steps) / len(steps) > _RARE


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold().translate(_SPELLED))


def _is_address(word: str) -> bool:
    return "://" in word or "@" in word or word.startswith("www.")
