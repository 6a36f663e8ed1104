#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes internal/seal/words/da.txt and ar.txt.

Words come from Debian's dictionaries (packages wdanish, hunspell-da and
hunspell-ar); how common they are comes from the Python package wordfreq 3.1.1.
What must not be on a list is in da.reject and ar.reject beside this script:
a word a line, or a start of words with *.

A published list never changes, because a changed word is a lost receipt: the
script shows how the lists were made and prints what it would make today.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install wordfreq==3.1.1
    /tmp/venv/bin/python tools/wordlists/make.py da > /tmp/da.txt
"""

import argparse
import pathlib
import re
import sys
import unicodedata

import wordfreq

COUNT = 2048
PREFIX = 4
HERE = pathlib.Path(__file__).parent
LISTS = HERE.parent.parent / "internal" / "seal" / "words"

SPELLINGS = str.maketrans({
    "æ": "ae", "ø": "oe", "å": "aa", "é": "e",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ء": "",
})


def fold(word):
    """The form in which words are compared: the same as words.Fold in Go."""
    text = unicodedata.normalize("NFKC", word).lower().translate(SPELLINGS)
    return "".join(c for c in text if c.isalpha() and c != "ـ")


def stems(path, encoding="utf8"):
    with open(path, encoding=encoding) as lines:
        return {line.split("/")[0].split("\t")[0].strip() for line in lines}


def danish():
    """Danish base forms without æ, ø and å, so that any keyboard can type them."""
    lemmas = stems("/usr/share/hunspell/da_DK.dic")
    spelt = stems("/usr/share/dict/danish")
    english = {fold(w) for w in (LISTS / "en.txt").read_text().split()}

    def inflected(word):
        bases = []
        for ending in ("r", "er", "et", "en", "t", "te", "de", "ede", "s", "e", "ne", "erne"):
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                bases.append(word[: -len(ending)])
        for ending in ("ede", "te", "t", "er"):
            if word.endswith(ending):
                bases.append(word[: -len(ending)] + "e")
        return any(b in lemmas and frequency(b, "da") > 4e-6 for b in bases)

    for word in wordfreq.top_n_list("da", 10**6, wordlist="small"):
        if re.fullmatch("[a-z]{3,9}", word) and word in lemmas and word in spelt:
            if fold(word) not in english and not inflected(word):
                yield word


def frequency(word, language):
    return wordfreq.word_frequency(word, language, wordlist="small" if language == "da" else "large")


def arabic():
    """Arabic nouns and adjectives of three to six letters.

    Neither dictionary tells nouns from verbs, but only nouns and adjectives
    take the article: what is common with "al-" before it, and not only so, is one.
    """
    known = stems("/usr/share/hunspell/ar.dic")
    found = []
    for word in wordfreq.top_n_list("ar", 10**6, wordlist="large"):
        if not re.fullmatch("[ء-غف-ي]{3,6}", word) or word not in known:
            continue
        if word.startswith(("ال", "وال", "بال", "فال", "كال", "لل")):
            continue
        bare, defined = frequency(word, "ar"), frequency("ال" + word, "ar")
        if defined >= bare * 0.25 and bare >= defined * 0.05:
            found.append((-(bare * defined) ** 0.5, word))
    for _, word in sorted(found):
        yield word


def rejects(language):
    whole, starts = set(), []
    path = HERE / f"{language}.reject"
    for line in path.read_text(encoding="utf8").splitlines() if path.exists() else []:
        for word in line.split("#")[0].split():
            if word.endswith("*"):
                starts.append(word[:-1])
            else:
                whole.add(word)
    return lambda word: word in whole or word.startswith(tuple(starts))


def choose(language, candidates, count):
    rejected = rejects(language)
    taken, chosen, neighbours = set(), [], set()
    for word in candidates:
        folded = fold(word)
        start = folded[:PREFIX]
        if rejected(word) or start in taken or len(folded) < 3:
            continue
        # No two words are one typing error apart.
        cuts = {folded[:i] + "?" + folded[i + 1:] for i in range(len(folded))}
        cuts |= {folded[:i] + folded[i + 1:] + "-" for i in range(len(folded))} | {folded + "-"}
        if cuts & neighbours:
            continue
        neighbours |= cuts
        taken.add(start)
        chosen.append(word)
        if len(chosen) == count:
            break
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=["da", "ar"])
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--by-frequency", action="store_true", help="print the commonest first, to look at")
    args = parser.parse_args()
    chosen = choose(args.language, danish() if args.language == "da" else arabic(), args.count)
    if not args.by_frequency:
        chosen.sort(key=fold)
    sys.stdout.reconfigure(encoding="utf8")
    print("\n".join(chosen))
    if len(chosen) < args.count:
        sys.exit(f"only {len(chosen)} words")


if __name__ == "__main__":
    main()
