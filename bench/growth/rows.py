"""The rows of a made-up portal, the same ones from the same seed, as the text that COPY reads.

Of `size` rows in each of the largest tables, the tenant LARGEST owns 15 %, the others share the rest by Zipf's law.
The tenant TYPICAL owns as many rows at every size. A tenant's rows lie apart from each other in the table, among those
of all others, as they do when every tenant is synced every hour.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from math import gcd
from random import Random

from bench.growth import crm

LARGEST, TYPICAL = 0, 1
PILOTS = (2, 3, 4, 5)
"""The tenants that use RARE, besides TYPICAL."""

ENDPOINTS = """contacts opportunities activities notes tasks campaigns stages users territories documents
calendar leads""".split()
RARE = "discovery-days"
RARE_ROWS = 200

LAST_WEEK = date(2026, 6, 28)
METRIC_WEEKS = 25
"""The figures of so many weeks are kept."""

SYNC_DAYS = 21
"""The sync runs and snapshots of so many days are kept."""

SESSION_USER = MEMBER = 4

_CHUNK = 5000
_FIRST_SYNC = datetime(2026, 6, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Table:
    """A table to fill: its name, the columns that are given, and its rows as chunks of text."""

    name: str
    columns: str
    count: int
    chunks: Callable[[], Iterator[str]]


class Population:
    """Who and what there is at one size; `size` is a multiple of 10,000."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.seed = seed
        self.tenants = size // 500
        self.users = size * 2 // 25
        self.memberships = size // 10
        self.sessions = size // 5
        self.entries = size // 5

    @cached_property
    def tenant_ids(self) -> list[str]:
        """The tenants' ids, in hexadecimal."""
        return _ids(self.random("tenants"), self.tenants)

    @cached_property
    def user_ids(self) -> list[str]:
        """The users' ids."""
        return _ids(self.random("users"), self.users)

    @cached_property
    def weeks(self) -> list[int]:
        """How many weeks each tenant has been reported to: one to five years, TYPICAL three."""
        counts = [52 + tenant * 2654435761 % 209 for tenant in range(self.tenants)]
        counts[LARGEST], counts[TYPICAL] = 260, 156
        return counts

    @cached_property
    def first_weeks(self) -> list[int]:
        """Where each tenant's weeks begin in `week_ids`, the newest first."""
        return [0, *accumulate(self.weeks)]

    @cached_property
    def week_ids(self) -> list[str]:
        """The ids of all weeks."""
        return _ids(self.random("report_weeks"), self.first_weeks[-1])

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All tables but the snapshots, the largest first."""
        return (
            Table("lead_metrics", _LEADS, self.size, self._lead_metrics),
            Table("sync_runs", _RUNS, self.size, self._sync_runs),
            Table("hot_list_items", _HOT, self.size // 2, self._hot_list_items),
            Table("pipeline_stage_counts", _PIPELINE, self.size // 2, self._pipeline_stage_counts),
            Table("report_week_manual", _MANUAL, self.first_weeks[-1], self._report_week_manual),
            Table("report_weeks", _WEEKS, self.first_weeks[-1], self._report_weeks),
            Table("sessions", "id, user_id, token, expires_at, created_at", self.sessions, self._sessions),
            Table("audit_log", _AUDIT, self.entries, self._audit_log),
            Table("report_exports", _EXPORTS, self.first_weeks[-1] * 3 // 5, self._report_exports),
            Table("memberships", "id, user_id, tenant_id, role, created_at", self.memberships, self._memberships),
            Table("users", "id, email, name, status, created_at", self.users, self._users),
            Table("tenants", "id, name, created_at", self.tenants, self._tenants),
            Table("tenant_branding", "id, tenant_id, primary_color", self.tenants, self._tenant_branding),
            Table("tenant_field_mappings", _MAPPINGS, self.tenants, self._tenant_field_mappings),
        )

    @cached_property
    def snapshots(self) -> Table:
        """The snapshots, each with the number of its payload among `payloads`."""
        return Table("ct_raw_snapshots", "id, tenant_id, endpoint, fetched_at, payload", self.size, self._snapshots)

    def random(self, purpose: str) -> Random:
        """Random numbers for one purpose, the same at every size."""
        return Random(f"{self.seed} {purpose}")  # noqa: S311 - to be repeated, not to be secret

    def payloads(self) -> list[str]:
        """Answers of the CRM: 1 to 5 KB, on average 2."""
        random = self.random("payloads")
        return [crm.payload(random, 1024 + int(4096 * random.random() ** 3)) for _ in range(crm.PAYLOADS)]

    def owners(self, rows: int, typical: int) -> array[int]:
        """The tenant of each of `rows` rows, those of a tenant side by side: `typical` are TYPICAL's."""
        largest = rows * 15 // 100
        others = self.tenants - 2
        bounds = _bounds([1 / (rank + 3) for rank in range(others)], rows - largest - typical)
        counts = [largest, typical, *(after - before for before, after in pairwise(bounds))]
        owners = array("I")
        for tenant, count in enumerate(counts):
            owners.extend(array("I", [tenant]) * count)
        return owners

    def _keyed(self, table: str, count: int) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of a first row, and the keys of that and those after it, till `count` are given."""
        random = self.random(f"keys of {table}")
        for first in range(0, count, _CHUNK):
            yield first, _ids(random, min(_CHUNK, count - first))

    # The CRM's tables: in order of time, the tenants in turns.

    def _sync_runs(self) -> Iterator[str]:
        size, tenants, owners = self.size, self.tenant_ids, self.owners(self.size, 24 * SYNC_DAYS)
        step, minutes, outcomes = _step(size), _minutes(), crm.outcomes(self.random("outcomes"))
        seconds = SYNC_DAYS * 86400
        for first, keys in self._keyed("sync_runs", size):
            lines: list[str] = []
            for n, key in enumerate(keys, first):
                minute, second = divmod(n * seconds // size, 60)
                lines.append(
                    f"{key}\t{tenants[owners[n * step % size]]}\t{minutes[minute]}:{second}\t"
                    f"{minutes[minute + 1]}:{n % 60}\t{outcomes[n % 4093]}\n"
                )
            yield "".join(lines)

    def _snapshots(self) -> Iterator[str]:
        size, tenants, owners = self.size, self.tenant_ids, self.owners(self.size, 24 * SYNC_DAYS)
        step, minutes, rare = _step(size), _minutes(), size // RARE_ROWS
        random = self.random("endpoints")
        endpoints = random.choices(ENDPOINTS, range(len(ENDPOINTS), 0, -1), k=4093)
        numbers = random.choices(range(crm.PAYLOADS), k=65521)
        seconds = SYNC_DAYS * 86400
        for first, keys in self._keyed("ct_raw_snapshots", size):
            lines: list[str] = []
            for n, key in enumerate(keys, first):
                minute, second = divmod(n * seconds // size, 60)
                owner, endpoint = owners[n * step % size], endpoints[n % 4093]
                if n % rare == 3:
                    owner, endpoint = owner if owner == TYPICAL else PILOTS[n // rare % 4], RARE
                lines.append(f"{key}\t{tenants[owner]}\t{endpoint}\t{minutes[minute]}:{second}\t{numbers[n % 65521]}\n")
            yield "".join(lines)

    # The weekly figures: in order of weeks, in a week the tenants in turns.

    def _figures(self, table: str, count: int, typical: int, pieces: Sequence[str]) -> Iterator[str]:
        """Yield rows of a table whose columns are id, tenant, week, when, and what `pieces` say, the nth by the nth."""
        tenants, weeks, first_weeks = self.tenant_ids, self.week_ids, self.first_weeks
        in_week = count // METRIC_WEEKS
        owners, step = self.owners(in_week, typical), _step(in_week)
        firsts = {tenant: at for at, tenant in reversed(list(enumerate(owners)))}
        figures = self.random(table).choices(crm.FIGURES[table](self.random(f"{table} figures")), k=4093)
        kinds = len(pieces)
        for first, keys in self._keyed(table, count):
            lines: list[str] = []
            for n, key in enumerate(keys, first):
                week, nth = divmod(n, in_week)
                at = nth * step % in_week
                owner = owners[at]
                ago = METRIC_WEEKS - 1 - week
                lines.append(
                    f"{key}\t{tenants[owner]}\t{weeks[first_weeks[owner] + ago]}\t{_SUNDAYS[ago]} 04:00\t"
                    f"{pieces[(at - firsts[owner]) % kinds]}\t{figures[n % 4093]}\n"
                )
            yield "".join(lines)

    def _lead_metrics(self) -> Iterator[str]:
        kinds = [f"source\t{name}" for name in ("Google", "Meta", "Bing", "Portal", "Broker", "Referral")]
        kinds += [f"state\t{name}" for name in crm.STATES]
        kinds += [f"campaign\tCampaign {n}" for n in range(1, 985)]
        return self._figures("lead_metrics", self.size, 20, kinds)

    def _pipeline_stage_counts(self) -> Iterator[str]:
        kinds = [*crm.STAGES, "Signed", "Lost", *(f"Region {n}: new" for n in range(1, 91))]
        return self._figures("pipeline_stage_counts", self.size // 2, 10, kinds)

    def _hot_list_items(self) -> Iterator[str]:
        kinds = [f"{name} {surname}" for surname in crm.SURNAMES for name in crm.NAMES]
        return self._figures("hot_list_items", self.size // 2, 10, kinds)

    # The weeks: in order of time.

    def _weeks(self, table: str) -> Iterator[tuple[int, list[tuple[str, int]]]]:
        """Yield how many weeks ago a week was, and a key and a tenant for each that it was reported to."""
        random, tenants = self.random(f"keys of {table}"), range(self.tenants)
        for ago in range(259, -1, -1):
            those = [tenant for tenant in tenants if self.weeks[tenant] > ago]
            yield ago, list(zip(_ids(random, len(those)), those, strict=True))

    def _report_weeks(self) -> Iterator[str]:
        tenants, weeks, firsts = self.tenant_ids, self.week_ids, self.first_weeks
        staff = [user for n, user in enumerate(self.user_ids) if _is_staff(n)]
        for ago, those in self._weeks("report_weeks"):
            day, begin = _SUNDAYS[ago], _SUNDAYS[ago + 1]
            state = f"published\t{day} 15:00\t" if ago else "draft\t\\N\t"
            yield "".join(
                f"{weeks[firsts[tenant] + ago]}\t{tenants[tenant]}\t{day}\t{begin} 00:00\t{day} 00:00\t"
                f"{state}{staff[tenant % len(staff)] if ago else crm.NULL}\t{begin} 01:00\n"
                for _, tenant in those
            )

    def _report_week_manual(self) -> Iterator[str]:
        weeks, firsts, texts = self.week_ids, self.first_weeks, crm.texts(self.random("narratives"))
        for ago, those in self._weeks("report_week_manual"):
            yield "".join(
                f"{key}\t{weeks[firsts[tenant] + ago]}\t{texts[(tenant * 7 + ago) % 1021]}\n" for key, tenant in those
            )

    def _report_exports(self) -> Iterator[str]:
        tenants, weeks, firsts = self.tenant_ids, self.week_ids, self.first_weeks
        for ago, those in self._weeks("report_exports"):
            yield "".join(
                f"{key}\t{tenants[tenant]}\t{weeks[firsts[tenant] + ago]}\thttps://files.example/{key}.pdf\t"
                f"{_SUNDAYS[ago]} 15:01\n"
                for key, tenant in those
                if (tenant + ago) % 5 < 3
            )

    # People.

    def _tenants(self) -> Iterator[str]:
        yield "".join(f"{key}\tTenant {n}\t2021-06-01\n" for n, key in enumerate(self.tenant_ids))

    def _tenant_branding(self) -> Iterator[str]:
        keys = _ids(self.random("keys of tenant_branding"), self.tenants)
        yield "".join(f"{key}\t{tenant}\t#336699\n" for key, tenant in zip(keys, self.tenant_ids, strict=True))

    def _tenant_field_mappings(self) -> Iterator[str]:
        keys = _ids(self.random("keys of tenant_field_mappings"), self.tenants)
        stages = json.dumps({stage: stage.upper() for stage in crm.STAGES})
        yield "".join(
            f"{key}\t{tenant}\tlead_source\t{stages}\n" for key, tenant in zip(keys, self.tenant_ids, strict=True)
        )

    def _users(self) -> Iterator[str]:
        for first in range(0, self.users, _CHUNK):
            yield "".join(
                f"{key}\tuser{n}@example.com\t{crm.NAMES[n % 12]} {crm.SURNAMES[n % 10]}\tactive\t2022-01-01\n"
                for n, key in enumerate(self.user_ids[first : first + _CHUNK], first)
            )

    def _memberships(self) -> Iterator[str]:
        count, users, tenants = self.memberships, self.user_ids, self.tenant_ids
        owners, step = self.owners(count, 20), _step(count)
        for first, keys in self._keyed("memberships", count):
            lines: list[str] = []
            for n, key in enumerate(keys, first):
                at = n * step % count
                user, owner = at * 4 // 5, owners[n * 7 * step % count]
                whose = f"{crm.NULL}\tagency_admin" if _is_staff(user) and owner != TYPICAL else f"{tenants[owner]}\t"
                role = "" if whose.startswith(crm.NULL) else "tenant_admin" if n % 5 == 0 else "tenant_viewer"
                lines.append(f"{key}\t{users[user]}\t{whose}{role}\t2024-03-01\n")
            yield "".join(lines)

    def _sessions(self) -> Iterator[str]:
        count, users, minutes = self.sessions, self.user_ids, _minutes()
        step = _step(count)
        for first, keys in self._keyed("sessions", count):
            yield "".join(
                f"{key}\t{users[n * step % count * 2 // 5]}\t{key[::-1]}\t2026-08-01\t"
                f"{minutes[n * SYNC_DAYS * 1440 // count]}:00\n"
                for n, key in enumerate(keys, first)
            )

    def _audit_log(self) -> Iterator[str]:
        count, users, tenants = self.entries, self.user_ids, self.tenant_ids
        owners, step, people = self.owners(count, 100), _step(count), self.users
        actions = ("week.published", "week.edited", "user.invited", "sync.started", "export.made")
        for first, keys in self._keyed("audit_log", count):
            yield "".join(
                f"{key}\t{users[n * 31 % people]}\t{tenants[owners[n * step % count]]}\t{actions[n % 5]}\t"
                f'{{"ip": "10.{n % 250}.{n % 240}.7", "agent": "Firefox"}}\t{_SUNDAYS[100 - n * 100 // count]}\n'
                for n, key in enumerate(keys, first)
            )


_RUNS = "id, tenant_id, started_at, finished_at, status, error_message, records_updated"
_LEADS = """id, tenant_id, report_week_id, created_at, dimension_type, dimension_value, clicks, impressions, cost,
leads, qualified_leads"""
_PIPELINE = "id, tenant_id, report_week_id, created_at, stage, count"
_HOT = """id, tenant_id, report_week_id, created_at, candidate_name, market, units, weighted_units, iff, weighted_iff,
sales_lead, stage, likely_pct, raw_json"""
_WEEKS = """id, tenant_id, week_ending_date, period_start_at, period_end_at, status, published_at, published_by,
created_at"""
_MANUAL = "id, report_week_id, narrative_rich, initiatives_rich, needs_rich, discovery_days_rich"
_EXPORTS = "id, tenant_id, report_week_id, pdf_url, created_at"
_AUDIT = "id, actor_user_id, tenant_id, action, metadata_json, created_at"
_MAPPINGS = "id, tenant_id, lead_source_field, pipeline_stage_mapping"
_SUNDAYS = [str(LAST_WEEK - timedelta(weeks=ago)) for ago in range(262)]
"""The day that a week ends, by how many weeks ago it was."""


def _ids(random: Random, count: int) -> list[str]:
    """The next ids: 32 hexadecimal digits each."""
    digits = random.randbytes(16 * count).hex()
    return [digits[at : at + 32] for at in range(0, 32 * count, 32)]


def _is_staff(user: int) -> bool:
    """Whether a user is of the agency: one in a hundred."""
    return user % 100 == 7


def _bounds(weights: Sequence[float], rows: int) -> list[int]:
    """Where each share of `rows` begins, by the weights, and the last ends."""
    total = sum(weights)
    return [0, *(round(rows * upto / total) for upto in accumulate(weights))]


def _step(count: int) -> int:
    """A stride that visits each of `count` places once, neighbours far apart: the golden section, coprime to it."""
    step = int(count * 0.6180339887)
    while gcd(step * 7, count) != 1:
        step += 1
    return step


def _minutes() -> list[str]:
    """Each minute of the days that are kept, and the next, without its seconds."""
    return [f"{_FIRST_SYNC + timedelta(minutes=n):%Y-%m-%d %H:%M}" for n in range(SYNC_DAYS * 1440 + 2)]
