#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write names.csv: given and family names of many cultures, 60 of each.

usage: make.py FOLDER-OF-FAKER   (Faker 40.54.0, MIT licence)
"""
import csv, importlib, random, sys

sys.path.insert(0, sys.argv[1])
LOCALES = {
    "en_GB": "British", "en_US": "American", "de_DE": "German", "fr_FR": "French", "it_IT": "Italian", "es_ES": "Spanish", "pt_BR": "Brazilian",
    "pl_PL": "Polish", "cs_CZ": "Czech", "hu_HU": "Hungarian", "ro_RO": "Romanian", "da_DK": "Danish", "fi_FI": "Finnish", "tr_TR": "Turkish",
    "ru_RU": "Russian", "uk_UA": "Ukrainian", "bg_BG": "Bulgarian", "el_GR": "Greek", "ka_GE": "Georgian", "hy_AM": "Armenian", "az_AZ": "Azerbaijani",
    "ar_SA": "Arabic", "fa_IR": "Persian", "he_IL": "Hebrew", "hi_IN": "Hindi", "bn_BD": "Bengali", "ta_IN": "Tamil", "en_IN": "Indian in Latin", "en_PK": "Pakistani in Latin",
    "zh_CN": "Chinese", "ja_JP": "Japanese", "ko_KR": "Korean", "th_TH": "Thai", "vi_VN": "Vietnamese", "id_ID": "Indonesian",
    "yo_NG": "Yoruba", "ha_NG": "Hausa", "zu_ZA": "Zulu", "sw": "Swahili", "tw_GH": "Akan",
}
rows = []
for locale, culture in LOCALES.items():
    p = importlib.import_module(f"faker.providers.person.{locale}").Provider
    r = random.Random(locale)

    def take(kinds):
        pool = set()
        for attr in dir(p):
            values = getattr(p, attr)
            if attr.startswith(kinds) and isinstance(values, (tuple, list, dict)) and "romanized" not in attr and "kana" not in attr and not attr.endswith("pairs"):
                pool |= {v.strip() for v in values if isinstance(v, str) and v.strip() and "(" not in v}
        pool = sorted(pool)
        return r.sample(pool, min(60, len(pool)))

    for kind, kinds in (("given", ("first_names",)), ("family", ("last_names",))):
        rows += [(culture, kind, n) for n in take(kinds)]
with open("names.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(("culture", "kind", "name"))
    w.writerows(rows)
