#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the tables of this folder that come from other projects.

usage: build.py SOURCES

SOURCES is a folder with these packages unpacked side by side (README.md here
says which versions and licences): rigour-*/rust/data, faker-*/faker,
nicknames-*/nicknames, names-*/names. The tables that we wrote ourselves
(particles.csv, stopwords.csv, diminutives.csv, surnames_han.csv,
romanise.csv, sounds.csv) are edited by hand and never touched here.
"""
import csv, glob, importlib, json, math, os, re, subprocess, sys, unicodedata
from collections import defaultdict

src = sys.argv[1]
one = lambda pattern: sorted(glob.glob(os.path.join(src, pattern)))[0]
RIGOUR = one("rigour-*/rust/data")


def write(name, header, rows):
    with open(name, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        w.writerows(sorted(set(rows)))


def clean(s):
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", s)).strip().lower()


def legal_forms():
    rows = []
    for spec in json.load(open(f"{RIGOUR}/names/org_types.json")):
        form = spec.get("compare") or spec.get("display") or spec["aliases"][0]
        names = set(spec["aliases"]) | {spec.get("display"), spec.get("compare")}
        for a in names:
            if a and clean(a):
                rows.append((clean(a), clean(form), (spec.get("generic") or "other").lower()))
    write("legal_forms.csv", ("phrase", "form", "class"), rows)


def symbols():
    s = json.load(open(f"{RIGOUR}/names/symbols.json"))
    rows = []
    for table in ("org_symbols", "org_domains"):
        for key, words in s[table].items():
            rows += [(clean(w), key.lower()) for w in words if clean(w)]
    write("org_words.csv", ("phrase", "key"), rows)
    stop = json.load(open(f"{RIGOUR}/names/stopwords.json"))
    titles = {clean(w) for w in stop["person_name_prefixes"]}
    for key in ("CFA", "CMA", "CPA", "CSA", "DDS", "DR", "DVM", "ESQ", "HAJI", "JR", "MD", "PHD", "PROF", "SHEIKH", "SR"):
        titles |= {clean(w) for w in s["person_symbols"][key]}
    write("titles.csv", ("phrase",), [(t,) for t in titles])


def numbers():
    rows = []
    for spec in json.load(open(f"{RIGOUR}/text/ordinals.json")):
        for form in spec["forms"]:
            form = clean(form).strip(".#()№:")
            word = re.sub(r"[^\w]", "", form)
            if form and (not re.search(r"[0-9]", unicodedata.normalize("NFKC", form))) and len(word) > 1 and not re.fullmatch(r"[ivxlc]+|no|n", form):
                rows.append((form, spec["number"]))
    write("numbers.csv", ("phrase", "value"), rows)


def places():
    rows = []
    for line in open(f"{RIGOUR}/territories/data.jsonl"):
        t = json.loads(line)
        if not t.get("is_country"):
            continue
        code = t["code"]
        for n in [t["name"], t.get("full_name"), t.get("alpha3")] + t.get("names_strong", []) + t.get("names_weak", []):
            if n and len(clean(n)) > 2:
                rows.append((clean(n), code))
    byphrase = defaultdict(set)
    for p, c in rows:
        byphrase[p].add(c)
    write("places.csv", ("phrase", "code"), [(p, min(c)) for p, c in byphrase.items() if len(c) == 1])


def nicknames():
    rows = []
    for r in csv.DictReader(open(one("nicknames-*/nicknames/names.csv"))):
        rows.append((clean(r["name1"]), clean(r["name2"])))
    for words in json.load(open(f"{RIGOUR}/names/symbols.json"))["person_nick"].values():
        ws = sorted({clean(w) for w in words}, key=len)
        rows += [(w, ws[0]) for w in ws[1:]]
    write("nicknames.csv", ("name", "nickname"), rows)


def person_words():
    """Which words are given and which family names, and how common they are.

    Frequency is a share in a million, the mean over the cultures that list
    the word; listed without a share counts as 1 / size of the list.
    """
    share = defaultdict(lambda: [0.0, 0.0])
    base = one("names-*/names")
    for file, kind in (("dist.female.first", 0), ("dist.male.first", 0), ("dist.all.last", 1)):
        for i, line in enumerate(open(f"{base}/{file}")):
            word, pct = line.split()[:2]
            if i < 20000:
                share[clean(word)][kind] = max(share[clean(word)][kind], float(pct) * 1e4)
    sys.path.insert(0, one("faker-*"))
    for path in sorted(glob.glob(one("faker-*") + "/faker/providers/person/*_*/")):
        locale = os.path.basename(path.rstrip("/"))
        p = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attr in dir(p):
            kind = 0 if attr.startswith("first") else 1 if attr.startswith(("last_name", "last_romanized", "last_kana")) else None
            values = getattr(p, attr)
            if kind is None or not isinstance(values, (tuple, list, dict)) or attr.endswith("_pairs"):
                continue
            items = values.items() if hasattr(values, "items") else [(v, 1.0) for v in values]
            total = sum(w for _, w in items) or 1.0
            for v, w in items:
                if isinstance(v, str) and clean(v):
                    for word in clean(v).split():
                        share[word][kind] = max(share[word][kind], 1e6 * w / total / 8)
    rows = [(w, round(math.log2(1 + g), 1), round(math.log2(1 + f), 1)) for w, (g, f) in share.items() if len(w) > 1]
    write("person_words.csv", ("word", "given", "family"), rows)


# Borne by men in one language and by women in another.
BOTH = set("""ali alexis andrea ashley carmen claude camille dominique gabriele daniele michele simone nicola luca sacha sasha saša misha
nikita ilya ilja jan jean jona joan kim kiran laurence lee lou maxime mika nima noa noah noor nour nur pascal pascale robin roberta rosario
ryan sam sami shannon stevie taylor toni tony vanja valery valerie vasya zhenya zenya dima guadalupe trinidad charlie alex jordan morgan""".split())


def genders():
    """Given names that men bear at least fifteen times as often as women, or the other way."""
    share = defaultdict(lambda: {"f": 0.0, "m": 0.0})
    base = one("names-*/names")
    for file, who in (("dist.female.first", "f"), ("dist.male.first", "m")):
        for line in open(f"{base}/{file}"):
            word, pct = line.split()[:2]
            share[clean(word)][who] += float(pct)
    for path in sorted(glob.glob(one("faker-*") + "/faker/providers/person/*_*/")):
        p = importlib.import_module("faker.providers.person." + os.path.basename(path.rstrip("/"))).Provider
        for attr in dir(p):
            who = "f" if attr.startswith("first") and "female" in attr else "m" if attr.startswith("first") and "male" in attr else None
            values = getattr(p, attr)
            if who is None or not isinstance(values, (tuple, list, dict)) or attr.endswith("_pairs"):
                continue
            items = dict.fromkeys(values, 1.0) if not hasattr(values, "items") else values
            total = sum(items.values()) or 1.0
            for v, w in items.items():
                if isinstance(v, str) and len(clean(v)) > 1 and " " not in clean(v):
                    share[clean(v)][who] += 10 * w / total
    rows = [(n, max(s, key=s.get)) for n, s in share.items() if max(s.values()) >= 15 * min(s.values()) and n not in BOTH]
    write("genders.csv", ("name", "gender"), rows)


def vocabulary():
    """Words of everyday English, with those of vocabulary_own.txt."""
    sys.path.insert(0, one("faker-*"))
    words = {w.lower() for w in importlib.import_module("faker.providers.lorem.en_US").Provider.word_list if len(w) > 3}
    own = {line.strip() for line in open("vocabulary_own.txt")} - {"word"}
    write("vocabulary.csv", ("word",), [(w,) for w in words | own])


def variants():
    """Groups of spellings of one name, one a line, without their item ids."""
    raw = "".join(
        ",".join(forms) + "\n"
        for line in open(f"{RIGOUR}/names/person_names.txt")
        if len(forms := [f.strip() for f in line.split("=>")[0].split(",")]) > 1
    )
    reduced = subprocess.run(["go", "run", "../internal/mkvariants"], input=raw.encode(), stdout=subprocess.PIPE, check=True)
    open("variants.txt.gz", "wb").write(reduced.stdout)


for step in (legal_forms, symbols, numbers, places, nicknames, person_words, genders, vocabulary, variants):
    step()
