"""Signs of spam: found, recorded, and stopped only where the policy says so."""

import random
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.event import Mode
from contracts.events.kinds import TouchKind
from contracts.facts import Facts
from ingest.domain.gibberish import is_gibberish
from ingest.domain.kinds.html_form import HtmlForm
from ingest.domain.known import known_of
from ingest.domain.naming import read_named
from ingest.domain.spam import SHOWN_AT, TOOK, is_spam, signs, took
from ingest.domain.spam_rule import Sign, SpamRule, Verdict
from ingest.domain.submission import Slot, Submission
from ingest.domain.touch import Door, Taken, record

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
RULE = {"honeypot": "website_url", "fastest": "2s"}
NAMES = (
    """
Maya Okafor|Krzysztof Brzęczyszczykiewicz|Wisława Szymborska|Zbigniew Brzeziński|Jan Štvrtecký
Petr Čtvrtníček|Zdeněk Hřib|Jiří Drnovšek|Srđan Krstić|Hrvoje Vrdoljak|Grzegorz Pstrąg
Wolfgang Hirschsprung|Annegret Kramp-Karrenbauer|Karl Schwarzschild|Jürgen Goldschmidt
Ngozi Adichie|Nkechi Nwankwo|Thandeka Mkhize|Mthunzi Mdlalose|Kwame Nkrumah|Njabulo Ndlovu
Nguyễn Văn Đức|Phạm Thị Phương|Trần Hưng Đạo|Huỳnh Tấn Phát|Xi Jinping|Zhang Xueliang
Ng Tze Yong|Qiu Xiaolong|Xu Zhiyong|Hwang Jung-eun|Park Geun-hye|Shinzō Abe|Tsuyoshi Kusanagi
Björk Guðmundsdóttir|Vigdís Finnbogadóttir|Þórbergur Þórðarson|Ólafur Ragnar Grímsson
Gyöngyi Szőke|Zsuzsanna Szentgyörgyi|László Krasznahorkai|Ødegård Martin|Søren Kierkegaard
Ljiljana Smajlović|Vjekoslav Kramer|Džemal Bijedić|Dragoljub Mićunović|Bojan Krkić
Sinéad Ní Mhaoldomhnaigh|Caoimhe Guilfoyle|Siobhán Ní Shúilleabháin|Llŷr Gwyn Lewis
Rhys Ifans|Dafydd Llywelyn|Gwyneth Powell|Phoebe Waller-Bridge|Benedict Cumberbatch
Matthew McConaughey|Zach Galifianakis|Arnold Schwarzenegger|Mike Krzyzewski|Pete Buttigieg
Saoirse Ronan|Djimon Hounsou|Chiwetel Ejiofor|Lupita Nyong'o|Daniel Kaluuya|Ncuti Gatwa
Muhammad ibn Abdullah|Abdulrahman Al-Qahtani|Khalid Al-Ghamdi|Fatima Az-Zahra|Youssef Msakni
Ayşe Öztürk|Recep Tayyip Erdoğan|Çağla Büyükakçay|Şükrü Saracoğlu|Gheorghe Hagi
Wojciech Szczęsny|Jakub Błaszczykowski|Agnieszka Radwańska|Andrzej Wróblewski|Mścisław Wrzos
Rabindranath Tagore|Sachin Tendulkar|Kalpana Chawla|Lakshmi Mittal|Venkatraman Ramakrishnan
Subrahmanyan Chandrasekhar|Thyagarajan Bhatt|Jyotirmoy Chattopadhyay|Pranab Mukherjee
Giannis Antetokounmpo|Alexis Tsipras|Mikis Theodorakis|Vlad Țepeș|Ștefan Odobleja
Henrikh Mkhitaryan|Tigran Petrosyan|Khvicha Kvaratskhelia|Mikheil Saakashvili|Nino Burjanadze
Dmitri Shostakovich|Vsevolod Meyerhold|Mstislav Rostropovich|Oleksandr Zinchenko|Yuliya Tymoshenko
Jean-Luc Mélenchon|Valérie Pécresse|Dieudonné M'bala|Yves Saint-Laurent|Ghislaine Arabian
João Guimarães|Conceição Evaristo|Gonçalo Ramos|Íñigo Errejón|Begoña Villacís|Xabier Etxebarria
Iñaki Urdangarin|Itziar Ituño|Joaquín Guzmán|Cuauhtémoc Blanco|Xóchitl Gálvez|Ixchel Ruiz
Arvīds Bērziņš|Žydrūnas Ilgauskas|Kristjan Järv|Toomas Ilves|Väinö Linna|Kyösti Kallio
Wubbo Ockels|Sjoerd Hoekstra|Godfried Bomans|Thijs Zonneveld|Wytze van der Woude|Dirk Kuijt
Siti Nurhaliza|Joko Widodo|Ferdinand Marcos|Tuanku Abdul Rahman|Somchai Wongsawat|Thaksin Shinawatra
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
SENTENCES = [
    "Hello, we would like a demo for our team of 40 people, thanks",
    "Wir hätten gern ein Angebot für 50 Arbeitsplätze in Würzburg.",
    "Prosimy o kontakt w sprawie oferty, dział sprzedaży w Szczecinie",
    "Kérem, küldjenek árajánlatot és hívjanak vissza délután",
    "Nous souhaitons une démonstration de votre produit la semaine prochaine",
    "Merhaba, ürününüz hakkında bilgi almak istiyoruz",
    "Pls call asap re pricing, thx",
    "お見積もりをお願いします",
    "Пожалуйста, перезвоните мне завтра",
    "SKU XK-2231-QZT, PO 99817, ETA tbd: pls quote",
]


def chosen(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - made-up texts, the same each time


def form(
    fields: dict[str, str], rule: SpamRule | None = None, now: datetime = NOW, *, test: bool = False
) -> Taken:
    source = HtmlForm.model_validate(
        {
            "kind": "html_form",
            "channel": "web",
            "origins": ["https://a.example"],
            "thank_you": ["https://a.example/t"],
            "spam": rule,
        }
    )
    told = read_named(fields.items())
    if test:
        told = Submission(told.kind, told.slots, told.fields, told.unknown, is_test=True)
    return record(told, Door("website", source, (), b"s" * 40, now))


def facts(fields: dict[str, str], rule: SpamRule | None = None) -> Facts:
    return form(fields, rule).event.body.facts


CLEAN = {"name": "Maya Okafor", "email": "maya@brightwell.example"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, ()),
        ({"website_url": "http://spam.example"}, ("honeypot",)),
        ({"website_url": ""}, ()),
        ({"email": "x@mailinator.com"}, ("disposable",)),
        ({"name": "xkjwqzpv hgfkjdsq"}, ("gibberish",)),
        ({"message": "asdkjhasd kjhasd kjh asdkjh asd"}, ("gibberish",)),
        ({TOOK: "1999"}, ("too_fast",)),
        ({TOOK: "2000"}, ()),
        ({SHOWN_AT: str(int(NOW.timestamp() * 1000) - 500)}, ("too_fast",)),
        ({SHOWN_AT: str(int(NOW.timestamp() * 1000) - 60_000)}, ()),
        # A clock that goes wrong, and nonsense, say nothing.
        ({SHOWN_AT: str(int(NOW.timestamp() * 1000) + 5_000)}, ()),
        ({SHOWN_AT: "yesterday", TOOK: "-1"}, ()),
        ({TOOK: "9" * 400}, ()),
        (
            {TOOK: "0", "website_url": "x", "name": "qzxjkvbq"},
            ("honeypot", "gibberish", "too_fast"),
        ),
    ],
)
def test_signs_stand_beside_the_touch_and_the_policy_stops_it(
    more: dict[str, str], found: tuple[str, ...]
) -> None:
    told = facts(CLEAN | more, SpamRule.model_validate(RULE))

    assert told.get("touch.spam_signs", ()) == found
    assert told["touch.is_spam"] is bool(found)


def test_without_a_rule_signs_are_recorded_and_nothing_is_stopped() -> None:
    told = facts(CLEAN | {"email": "x@mailinator.com", "website_url": "x", TOOK: "1"})

    assert told["touch.spam_signs"] == ("disposable",)
    assert told["touch.is_spam"] is False


def test_a_sign_may_have_a_verdict_of_its_own() -> None:
    lenient = SpamRule.model_validate({**RULE, "disposable": "route"})
    strict = SpamRule.model_validate({**RULE, "verdict": "route", "gibberish": Verdict.STORE})

    assert not is_spam((Sign.DISPOSABLE,), lenient)
    assert is_spam((Sign.DISPOSABLE, Sign.HONEYPOT), lenient)
    assert not is_spam((Sign.HONEYPOT, Sign.TOO_FAST), strict)
    assert is_spam((Sign.GIBBERISH,), strict)


def test_a_senders_test_is_never_spam() -> None:
    taken = form({"name": "qzxjkvbq", "email": "x@mailinator.com"}, SpamRule(), test=True)

    assert taken.event.mode is Mode.TEST
    assert taken.event.body.facts["touch.is_spam"] is False


def test_neither_the_policy_nor_the_time_a_form_took_changes_what_was_said() -> None:
    fields = CLEAN | {"email": "x@mailinator.com"}
    one = form(fields | {TOOK: "900"}, SpamRule.model_validate(RULE)).event.body
    other = form(fields | {TOOK: "9000", SHOWN_AT: "1"}).event.body

    assert one.facts["touch.is_spam"] is not other.facts["touch.is_spam"]
    assert one.content_hash == other.content_hash
    assert one.touch_id == other.touch_id


def test_the_fields_that_time_a_form_are_kept_nowhere_and_a_filled_trap_is() -> None:
    person = form(CLEAN | {TOOK: "900", SHOWN_AT: "1", "website_url": "http://x"}).person

    assert person.custom == {"website_url": "http://x"}


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_no_time_that_a_sender_tells_breaks_anything(shown: str, counted: str) -> None:
    told = Submission(TouchKind.FORM, {Slot.CITY: "x"}, {SHOWN_AT: shown, TOOK: counted})
    found = took(told, NOW)

    assert found is None or found >= timedelta(0)
    assert Sign.HONEYPOT not in signs(told, known_of(told, {}), SpamRule(), NOW)


def test_names_of_many_languages_and_scripts_are_not_gibberish() -> None:
    singles = [word for name in NAMES for word in name.split()]

    assert [name for name in [*NAMES, *singles] if is_gibberish(name)] == []
    assert [name for name in NAMES if is_gibberish(name.upper())] == []
    assert len(NAMES) > 140


@pytest.mark.parametrize(
    "text", [*SENTENCES, "", "Ng", "IBM", "李小龙", "Мария Петрова", "😀" * 20]
)
def test_what_people_write_is_not_gibberish(text: str) -> None:
    assert not is_gibberish(text)


def test_of_letters_hit_by_chance_at_least_half_are_found() -> None:
    chance, found = chosen(11), 0
    for _ in range(2_000):
        text = "".join(chance.choices(string.ascii_letters, k=chance.randint(8, 14)))
        found += is_gibberish(text)

    assert 0.5 < found / 2_000 < 0.9


def test_of_keys_hit_along_a_row_at_least_half_are_found() -> None:
    chance, found = chosen(12), 0
    for _ in range(2_000):
        row = chance.choice(["qwertyuiop", "asdfghjkl", "asdfghjkl", "zxcvbnm"])
        found += is_gibberish("".join(chance.choices(row, k=chance.randint(8, 14))))

    assert found / 2_000 > 0.5
