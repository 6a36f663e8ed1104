#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make tips.jsonl: labelled pairs of what a tip says and what a record says.

Everything here was written for this project: invented people, places and
plates. The same program gives the same file. Each line has left (the tip),
right (the record), judgement, lang and kind.
"""
import json, random

R = random.Random(20260714)

L = {
 "en": dict(
  people=[("Dave", "David", "Miller"), ("Kath", "Katherine", "Whitlow"), ("Mick", "Michael", "O'Dowd"), ("Bex", "Rebecca", "Harding"), ("Tommo", "Thomas", "Brearley"), ("Jonno", "Jonathan", "Pike"), ("Liz", "Elizabeth", "Marlow"), ("Ned", "Edward", "Catterall"), ("Gaz", "Gareth", "Probert"), ("Mags", "Margaret", "Sneddon"), ("Sully", "Sulaiman", "Iqbal"), ("Bob", "Robert", "Dunmore"), ("Nicky", "Nicholas", "Farrow"), ("Trish", "Patricia", "Lomax"), ("Charlie", "Charles", "Ekwueme")],
  epithets=["Big", "Little", "Old", "Fat", "Young"],
  street_names=["Razor", "Smiler", "Fingers", "Shadow", "Bones", "Duke", "Tank", "Specs"],
  ages=[("about {n}", 3), ("{n} or so", 3), ("in his {d}s", 9), ("early {d}s", 4), ("mid {d}s", 3), ("{n} years old", 1)],
  streets=["Mill Street", "Canal Road", "Priory Lane", "Station Road", "Bishopgate", "Orchard Avenue", "Ferry Lane", "Cobden Street"], towns=["Harnleigh", "Oxbridge Moor", "Saltwick", "Penhallow"],
  spots=["above the chip shop on {s}", "flat over the bakery, {s}", "behind the garage in {s}", "next to the chemist on {s}", "corner of {s}, by the church"], record="{n} {s}, {t}",
  cars=[("Golf", "Volkswagen Golf"), ("Beemer", "BMW 320d"), ("Astra", "Vauxhall Astra"), ("Transit", "Ford Transit"), ("Merc", "Mercedes Benz C220"), ("Fiesta", "Ford Fiesta"), ("Skoda", "Skoda Octavia"), ("Corsa", "Vauxhall Corsa")],
  colours=[("silver", "grey"), ("dark blue", "blue"), ("black", "black"), ("white", "white"), ("maroon", "red"), ("green", "green")],
  plates=["BD51 KXR", "LK07 WVF", "YT63 HNB", "FG18 ZPO", "MA72 CJU", "SN15 ERG", "WX66 TLD", "EO09 VSK"], part=["{a} something", "{a}***", "begins with {a}", "something {a}"], end=["ends in {b}", "...{b}"],
  drugs=[("charlie", "cocaine"), ("coke", "cocaine"), ("brown", "heroin"), ("skag", "heroin"), ("weed", "cannabis"), ("mandy", "MDMA"), ("crystal", "methamphetamine"), ("ket", "ketamine"), ("spice", "synthetic cannabinoids")]),
 "de": dict(
  people=[("Hannes", "Johannes", "Brandl"), ("Sepp", "Josef", "Obermoser"), ("Uli", "Ulrich", "Kettner"), ("Steffi", "Stefanie", "Wachsmuth"), ("Manni", "Manfred", "Schlüter"), ("Kalle", "Karl", "Piontek"), ("Moni", "Monika", "Haberland"), ("Rudi", "Rudolf", "Zwickl"), ("Gerd", "Gerhard", "Lindauer"), ("Toni", "Anton", "Reisacher"), ("Wolfi", "Wolfgang", "Merz"), ("Conny", "Cornelia", "Dreyer"), ("Michi", "Michael", "Aumüller"), ("Fritz", "Friedrich", "Holtkamp"), ("Lisa", "Elisabeth", "Vogt")],
  epithets=["der lange", "der dicke", "der alte", "der kleine"], street_names=["Narbe", "Doktor", "Schatten", "Riese", "Glatze", "Fuchs", "Zwerg", "Boxer"],
  ages=[("etwa {n}", 3), ("um die {n}", 3), ("ca. {n}", 3), ("Anfang {D}", 4), ("Mitte {D}", 3), ("{n} Jahre alt", 1)],
  streets=["Mühlgasse", "Hafenstraße", "Lindenallee", "Kanalstraße", "Brückenweg", "Gerberplatz", "Rosengasse", "Turmstraße"], towns=["Altenbrück", "Neuhafen", "Kirchmoos", "Steinfurt am See"],
  spots=["über dem Kiosk in der {s}", "Wohnung über der Bäckerei, {s}", "hinter der Tankstelle an der {s}", "neben der Apotheke {s}", "Ecke {s}, bei der Kirche"], record="{s} {n}, {t}",
  cars=[("Golf", "Volkswagen Golf"), ("BMW", "BMW 320d"), ("Benz", "Mercedes Benz C220"), ("Passat", "VW Passat"), ("Astra", "Opel Astra"), ("Sprinter", "Mercedes Sprinter"), ("Fabia", "Skoda Fabia"), ("Focus", "Ford Focus")],
  colours=[("silbern", "grau"), ("dunkelblau", "blau"), ("schwarz", "schwarz"), ("weiß", "weiß"), ("weinrot", "rot"), ("grün", "grün")],
  plates=["KM KX 4471", "HD PL 902", "NB WT 3380", "AL SR 715", "FF ZU 1294", "ROW HC 86", "GT EV 5517", "OS MN 239"], part=["{a} irgendwas", "{a}***", "fängt mit {a} an", "beginnt mit {a}"], end=["endet auf {b}", "...{b}"],
  drugs=[("Koks", "Kokain"), ("Schnee", "Kokain"), ("Gras", "Cannabis"), ("Shore", "Heroin"), ("Teile", "MDMA"), ("Speed", "Amphetamin"), ("Crystal", "Methamphetamin"), ("Keta", "Ketamin")]),
 "es": dict(
  people=[("Paco", "Francisco", "Belmonte"), ("Pepe", "José", "Carrizosa"), ("Nacho", "Ignacio", "Urrutia"), ("Lola", "Dolores", "Cervantes"), ("Quique", "Enrique", "Zamorano"), ("Chema", "José María", "Olivares"), ("Beto", "Alberto", "Quintanilla"), ("Lalo", "Eduardo", "Barrientos"), ("Manolo", "Manuel", "Escudero"), ("Tere", "Teresa", "Villalba"), ("Rafa", "Rafael", "Montesinos"), ("Memo", "Guillermo", "Arizmendi"), ("Santi", "Santiago", "Pedraza"), ("Concha", "Concepción", "Lizarraga"), ("Goyo", "Gregorio", "Becerra")],
  epithets=["el gordo", "el viejo", "el flaco", "el chico"], street_names=["Sombra", "Navaja", "Calvo", "Lobo", "Martillo", "Zurdo", "Rata", "Profe"],
  ages=[("unos {n}", 3), ("como {n} años", 3), ("alrededor de {n}", 3), ("{n} años", 1), ("entre {x} y {y}", 3)],
  streets=["Calle del Molino", "Avenida del Puerto", "Calle Olivar", "Plaza de la Fuente", "Calle Cantareros", "Paseo de la Ribera", "Calle Herrerías", "Calle Almendros"], towns=["Villarroya", "Puerto Hondo", "Santa Olaya", "Montecillo"],
  spots=["encima de la panadería en {s}", "piso sobre el bar de {s}", "detrás del taller en {s}", "al lado de la farmacia, {s}", "esquina con {s}, junto a la iglesia"], record="{s} {n}, {t}",
  cars=[("Golf", "Volkswagen Golf"), ("Ibiza", "SEAT Ibiza"), ("León", "SEAT León"), ("Megane", "Renault Megane"), ("Mercedes", "Mercedes Benz C220"), ("Berlingo", "Citroën Berlingo"), ("Corolla", "Toyota Corolla"), ("Focus", "Ford Focus")],
  colours=[("plateado", "gris"), ("azul oscuro", "azul"), ("negro", "negro"), ("blanco", "blanco"), ("rojo", "rojo"), ("verde", "verde")],
  plates=["4471 KXR", "9027 WVF", "3380 HNB", "7151 ZPT", "1294 CJL", "8650 RGM", "5517 TLD", "2396 VSK"], part=["{a} algo", "{a}***", "empieza por {a}", "comienza con {a}"], end=["termina en {b}", "...{b}"],
  drugs=[("coca", "cocaína"), ("farlopa", "cocaína"), ("caballo", "heroína"), ("hierba", "cannabis"), ("maría", "cannabis"), ("cristal", "metanfetamina"), ("keta", "ketamina"), ("pastillas", "MDMA")]),
 "ru": dict(
  people=[("Саня", "Александр", "Воронцов"), ("Лёха", "Алексей", "Берёзкин"), ("Вован", "Владимир", "Горчаков"), ("Катя", "Екатерина", "Малышева"), ("Димон", "Дмитрий", "Пестов"), ("Серёга", "Сергей", "Лукьянов"), ("Миша", "Михаил", "Зуев"), ("Костя", "Константин", "Рябов"), ("Наташа", "Наталья", "Орехова"), ("Женя", "Евгений", "Тимошин"), ("Толик", "Анатолий", "Хромов"), ("Вася", "Василий", "Кудрин"), ("Лена", "Елена", "Шубина"), ("Коля", "Николай", "Дёмин"), ("Паша", "Павел", "Ершов")],
  epithets=["большой", "старый", "толстый", "малой"], street_names=["Шрам", "Лысый", "Тень", "Боксёр", "Седой", "Хромой", "Косой", "Бугор"],
  ages=[("лет {n}", 3), ("около {n}", 3), ("примерно {n}", 3), ("{n} лет", 1), ("на вид {n}", 4)],
  streets=["улица Мельничная", "Портовая улица", "Садовый переулок", "улица Заречная", "проспект Кузнецов", "Ключевая улица", "Речная улица", "Липовая аллея"], towns=["Верхнеозёрск", "Камнегорск", "Новоречье", "Соленый Брод"],
  spots=["над магазином, {s}", "квартира над пекарней, {s}", "за гаражом на {s}", "рядом с аптекой, {s}", "угол {s}, у церкви"], record="{s}, д. {n}, {t}",
  cars=[("Гольф", "Volkswagen Golf"), ("бумер", "BMW 320"), ("Приора", "Лада Приора"), ("Мерс", "Mercedes Benz C220"), ("Камри", "Toyota Camry"), ("Газель", "ГАЗ Газель"), ("Солярис", "Hyundai Solaris"), ("Логан", "Renault Logan")],
  colours=[("серебристый", "серый"), ("тёмно-синий", "синий"), ("чёрный", "чёрный"), ("белый", "белый"), ("бордовый", "красный"), ("зелёный", "зелёный")],
  plates=["А447КХ77", "М902ВР50", "Т338НВ16", "С715РО23", "К129СУ61", "Е865РН74", "У551ТА96", "О239КС78"], part=["{a} что-то", "{a}***", "начинается на {a}"], end=["заканчивается на {b}", "...{b}"],
  drugs=[("кокс", "кокаин"), ("герыч", "героин"), ("травка", "каннабис"), ("план", "каннабис"), ("мефедрон", "мефедрон"), ("мяу", "мефедрон"), ("фен", "амфетамин"), ("спайс", "синтетические каннабиноиды")]),
 "ar": dict(
  people=[("حمادة", "محمد", "الشرقاوي"), ("خلودي", "خالد", "البيطار"), ("عبود", "عبد الله", "الحلواني"), ("هدى", "هدى", "السكري"), ("ميدو", "أحمد", "النجار"), ("علاوي", "علي", "الدباغ"), ("سعدون", "سعد", "الربيعي"), ("زيزو", "عبد العزيز", "المهدي"), ("نونو", "نوال", "القصاب"), ("جاسم", "جاسم", "الحداد"), ("حسونة", "حسن", "الطحان"), ("سوسو", "سعاد", "الخياط"), ("أبو كريم", "طارق", "الصباغ"), ("بودي", "عبد الرحمن", "الفخراني"), ("مصطفى", "مصطفى", "العطار")],
  epithets=["الكبير", "الصغير", "الحاج", "المعلم"], street_names=["الأعرج", "الشبح", "الدكتور", "النمر", "الأصلع", "الحوت", "القط", "الريس"],
  ages=[("حوالي {n}", 3), ("تقريبا {n}", 3), ("عمره {n}", 2), ("{n} سنة", 1), ("في ال{n} تقريبا", 4)],
  streets=["شارع الطاحونة", "شارع الميناء", "شارع الزيتون", "ميدان النافورة", "شارع النخيل", "شارع الجسر", "شارع البساتين", "شارع الحدادين"], towns=["الواحة", "برج النور", "عين الرمل", "مرسى الحجر"],
  spots=["فوق الدكان في {s}", "شقة فوق المخبز {s}", "خلف الكراج في {s}", "بجانب الصيدلية {s}", "زاوية {s} قرب المسجد"], record="{s} {n}، {t}",
  cars=[("كورولا", "Toyota Corolla"), ("كامري", "Toyota Camry"), ("مرسيدس", "Mercedes Benz C220"), ("النترا", "Hyundai Elantra"), ("لانسر", "Mitsubishi Lancer"), ("تاهو", "Chevrolet Tahoe"), ("هايلكس", "Toyota Hilux"), ("لوجان", "Renault Logan")],
  colours=[("فضي", "رمادي"), ("أزرق غامق", "أزرق"), ("أسود", "أسود"), ("أبيض", "أبيض"), ("أحمر", "أحمر"), ("أخضر", "أخضر")],
  plates=["44713 KX", "90275 WV", "33801 HN", "71516 ZP", "12947 CJ", "86502 RG", "55178 TL", "23964 VS"], part=["{a}***", "يبدأ ب {a}", "{a} وشيء"], end=["ينتهي ب {b}", "...{b}"],
  drugs=[("كوك", "كوكايين"), ("بودرة", "هيروين"), ("حشيش", "حشيش"), ("حبوب الكبتاغون", "كبتاغون"), ("كريستال", "ميثامفيتامين"), ("شبو", "ميثامفيتامين"), ("بانجو", "ماريجوانا"), ("كبتي", "كبتاغون")]),
}
DECADES_DE = {20: "zwanzig", 30: "dreißig", 40: "vierzig", 50: "fünfzig"}
YEAR = 2025


def age_text(lang, year):
    age = YEAR - year
    text, slack = R.choice(L[lang]["ages"])
    d = age // 10 * 10
    rest = age - d
    if "{d}" in text or "{D}" in text:
        low = text.startswith(("early", "Anfang"))
        mid = text.startswith(("mid", "Mitte"))
        if low and rest > 3 or mid and not 3 <= rest <= 7 or d not in DECADES_DE:
            return age_plain(lang, age)
    said = age + R.randint(-slack // 2, slack // 2) if slack < 9 else age
    said = round(said / 5) * 5 if slack == 3 and R.random() < 0.6 else said
    return text.format(n=said, d=d, D=DECADES_DE.get(d, d), x=said - 2, y=said + 3)


def age_plain(lang, age):
    plain = {"en": "about {n}", "de": "etwa {n}", "es": "unos {n}", "ru": "лет {n}", "ar": "حوالي {n}"}
    return plain[lang].format(n=age + R.randint(-1, 1))


def ent(schema, **props):
    return {"id": "", "schema": schema, "properties": {k: v if isinstance(v, list) else [v] for k, v in props.items() if v}}


out = []


def pair(lang, kind, left, right, same):
    n = len(out)
    left["id"], right["id"] = f"tip-{n}", f"rec-{n}"
    out.append({"left": left, "right": right, "judgement": "positive" if same else "negative", "lang": lang, "kind": kind})


def full(p):
    return f"{p[1]} {p[2]}"


def persons(lang, d):
    people = d["people"]
    for i, p in enumerate(people):
        year = R.randint(1966, 2003)
        birth = f"{year}-{R.randint(1,12):02d}-{R.randint(1,28):02d}"
        street, town = R.choice(d["streets"]), R.choice(d["towns"])
        record = lambda **kw: ent("Person", name=full(p), birthDate=birth, address=d["record"].format(s=street, n=R.randint(1, 90), t=town), **kw)
        other = people[(i + R.randint(1, len(people) - 1)) % len(people)]
        spot = R.choice(d["spots"]).format(s=street)
        far = [y for y in range(1955, 2006) if abs(y - year) > 13]
        # a short form with the family name, and an age
        pair(lang, "nickname and age", ent("Person", name=f"{p[0]} {p[2]}", ageText=age_text(lang, year), describedAt=str(YEAR)), record(), True)
        pair(lang, "nickname and age", ent("Person", name=f"{p[0]} {other[2]}", ageText=age_text(lang, year), describedAt=str(YEAR)), record(), False)
        pair(lang, "nickname and age", ent("Person", name=f"{p[0]} {p[2]}", ageText=age_text(lang, R.choice(far)), describedAt=str(YEAR)), record(), False)
        # a short form alone, with age and place
        pair(lang, "nickname, age and place", ent("Person", name=p[0], ageText=age_text(lang, year), describedAt=str(YEAR), address=spot), record(), True)
        elsewhere = R.choice([s for s in d["streets"] if s != street])
        pair(lang, "nickname, age and place", ent("Person", name=other[0], ageText=age_text(lang, year), describedAt=str(YEAR), address=spot), record(), False)
        pair(lang, "nickname, age and place", ent("Person", name=p[0], ageText=age_text(lang, R.choice(far)), describedAt=str(YEAR), address=R.choice(d["spots"]).format(s=elsewhere)), record(), False)
        # a street name that the record knows as an alias
        street_name = d["street_names"][i % len(d["street_names"])]
        wrong = d["street_names"][(i + 3) % len(d["street_names"])]
        pair(lang, "street name", ent("Person", nickname=street_name, address=spot, ageText=age_text(lang, year), describedAt=str(YEAR)), record(alias=street_name), True)
        pair(lang, "street name", ent("Person", nickname=wrong, address=spot if i % 2 else R.choice(d["spots"]).format(s=elsewhere), ageText=age_text(lang, R.choice(far)), describedAt=str(YEAR)), record(alias=street_name), False)
        e = d["epithets"][i % len(d["epithets"])]
        called = f"{e} {p[0]}" if lang in ("en", "ru") else f"{p[0]} {e}"
        pair(lang, "nickname and initial", ent("Person", name=f"{called} {p[2][0]}.", address=spot), record(), True)
        pair(lang, "nickname and initial", ent("Person", name=f"{called} {other[2][0]}.", address=R.choice(d["spots"]).format(s=elsewhere)), ent("Person", name=full(other), birthDate=birth, address=d["record"].format(s=street, n=7, t=town)), other[0] == p[0])


def misread(c):
    pairs = {"O": "0", "0": "O", "I": "1", "1": "I", "B": "8", "8": "B", "S": "5", "5": "S", "Z": "2", "2": "Z"}
    return pairs.get(c, c)


def vehicles(lang, d):
    for i in range(24):
        short, model = d["cars"][i % len(d["cars"])]
        said, colour = d["colours"][i % len(d["colours"])]
        plate = d["plates"][(i * 3 + i // 8) % len(d["plates"])]
        wrong = d["plates"][(i * 3 + i // 8 + 3) % len(d["plates"])]
        solid = plate.replace(" ", "")
        cut = max(3, len(solid) // 2)
        a, b = solid[:cut], solid[-3:]
        record = lambda pl=plate, mo=model, co=colour: ent("Vehicle", registrationNumber=pl, model=mo, color=co)
        partial = R.choice(d["part"]).format(a=a) if i % 3 else R.choice(d["end"]).format(b=b)
        other_short, other_model = d["cars"][(i + 3) % len(d["cars"])]
        other_said, other_colour = d["colours"][(i + 2) % len(d["colours"])]
        pair(lang, "part of a plate", ent("Vehicle", registrationNumber=partial, model=short, color=said), record(), True)
        pair(lang, "part of a plate", ent("Vehicle", registrationNumber=partial, model=short, color=said), record(pl=wrong), False)
        pair(lang, "part of a plate", ent("Vehicle", registrationNumber=partial, model=other_short, color=other_said), record(), False)
        k = R.randrange(len(solid))
        slip = "".join(misread(c) if j == k else c for j, c in enumerate(solid))
        pair(lang, "whole plate, misread", ent("Vehicle", registrationNumber=slip, color=said), record(), True)
        pair(lang, "whole plate, misread", ent("Vehicle", registrationNumber=wrong, color=said, model=short), record(), False)


def places(lang, d):
    for i in range(24):
        s, t = d["streets"][i % len(d["streets"])], d["towns"][i % len(d["towns"])]
        other, far = d["streets"][(i + 3) % len(d["streets"])], d["towns"][(i + 1) % len(d["towns"])]
        spot = d["spots"][i % len(d["spots"])]
        record = ent("Address", full=d["record"].format(s=s, n=R.randint(1, 80), t=t))
        pair(lang, "described place", ent("Address", full=spot.format(s=s) + ", " + t), record, True)
        pair(lang, "described place", ent("Address", full=spot.format(s=other) + ", " + t), dict(record), False)
        if i % 2:
            pair(lang, "described place", ent("Address", full=spot.format(s=s)), dict(record), True)
        else:
            pair(lang, "described place", ent("Address", full=spot.format(s=s) + ", " + far), dict(record), False)


def drugs(lang, d):
    for i, (slang, name) in enumerate(d["drugs"]):
        others = [n for _, n in d["drugs"] if n != name]
        pair(lang, "substance", ent("Substance", name=slang), ent("Substance", name=name), True)
        pair(lang, "substance", ent("Substance", name=slang), ent("Substance", name=R.choice(others)), False)


for lang, d in L.items():
    persons(lang, d)
    vehicles(lang, d)
    places(lang, d)
    drugs(lang, d)
with open("tips.jsonl", "w") as f:
    for p in out:
        f.write(json.dumps(p, ensure_ascii=False) + "\n")
