"""What the CRM and the staff write: names, stages, figures, narratives and JSON, from a source of chance."""

from __future__ import annotations

import json
from random import Random

PAYLOADS = 4000
NULL = "\\N"
"""How COPY writes it."""

STAGES = ("New", "Contacted", "Qualified", "Application", "FDD sent", "Validation", "Discovery day", "Approved")
STATES = ("Texas", "Florida", "Ohio", "Georgia", "Arizona", "Nevada", "Utah", "Iowa", "Maine", "Oregon")
NAMES = ("Alex", "Sam", "Robin", "Kim", "Jordan", "Taylor", "Morgan", "Casey", "Riley", "Avery", "Quinn", "Drew")
SURNAMES = ("Miller", "Garcia", "Nguyen", "Smith", "Okafor", "Larsen", "Rossi", "Patel", "Kowalski", "Tanaka")
_WORDS = """the franchise team followed up with each candidate about territory financing and timing while leads from
search and portals rose against last week validation calls continue and two discovery days are set for next month
""".split()


def outcomes(random: Random) -> list[str]:
    """How runs ended: one in a hundred failed."""
    failed = "failed\tHTTP 503 from ClientTether\t0"
    return [failed if random.random() < 0.01 else f"success\t{NULL}\t{random.randrange(900)}" for _ in range(4093)]


def texts(random: Random) -> list[str]:
    """The four texts of a week, some 150 letters each."""
    return ["\t".join(" ".join(random.choices(_WORDS, k=random.randint(8, 40))) for _ in range(4)) for _ in range(1021)]


def _lead_figures(random: Random) -> list[str]:
    return [
        f"{random.randrange(400)}\t{random.randrange(9000)}\t{random.randrange(90000) / 100}\t"
        f"{random.randrange(40)}\t{random.randrange(12)}"
        for _ in range(997)
    ]


def _stage_figures(random: Random) -> list[str]:
    return [str(random.randrange(80)) for _ in range(997)]


def _hot_figures(random: Random) -> list[str]:
    """What follows a candidate's name, with the CRM's own record of some 300 bytes."""
    lines: list[str] = []
    for _ in range(997):
        state, stage, units, likely = (
            random.choice(STATES),
            random.choice(STAGES),
            random.randint(1, 5),
            random.randrange(100),
        )
        raw = {"contact": _contact(random), "territory": state, "units": units}
        fee = units * 49500
        lines.append(
            f"{state}\t{units}\t{units * likely / 100}\t{fee}\t{fee * likely / 100}\t{random.choice(NAMES)}\t{stage}\t"
            f"{likely}\t{json.dumps(raw)}"
        )
    return lines


FIGURES = {
    "lead_metrics": _lead_figures,
    "pipeline_stage_counts": _stage_figures,
    "hot_list_items": _hot_figures,
}


def _contact(random: Random) -> dict[str, object]:
    name, surname = random.choice(NAMES), random.choice(SURNAMES)
    return {
        "contactId": random.randrange(10**8),
        "firstName": name,
        "lastName": surname,
        "email": f"{name.lower()}.{surname.lower()}{random.randrange(10**4)}@example.com",
        "phone": f"+1 555 {random.randrange(10**7):07}",
        "state": random.choice(STATES),
        "salesCycle": random.choice(STAGES),
        "leadSource": random.choice(("Google", "Meta", "Bing", "Portal", "Broker", "Referral")),
        "lastActivity": f"2026-06-{random.randint(1, 28):02}T{random.randrange(24):02}:{random.randrange(60):02}:00Z",
    }


def payload(random: Random, length: int) -> str:
    """A page of the CRM's contacts, in about `length` bytes."""
    contacts = [_contact(random)]
    while len(text := json.dumps({"page": 1, "data": contacts})) < length:
        contacts.append(_contact(random))
    assert "\\" not in text, "COPY would read a backslash as its own"
    return text
