"""What counts of squawk's rules, each decided: 2.70.0 has these 78, the first 51 of them on by default."""

from __future__ import annotations

from typing import Literal

import msgspec

from mizzle.lint.findings import Code
from mizzle.planning.steps import HazardCode


class Rule(msgspec.Struct, frozen=True):
    """How a rule of squawk counts, and why.

    `counts`: `server`: where the server shows one of `codes` for the statement, and then as that; `locked`: where the
    server shows a lock that stops readers or writers of a table that was there, as a warning; `always`: as a warning;
    `off`: never. By stating `hazard` a step says that it knows.
    """

    counts: Literal["server", "locked", "always", "off"]
    why: str
    codes: tuple[Code, ...] = ()
    hazard: HazardCode | None = None


_TASTE = "a matter of taste, and of the models: `mizzle advise` has what is more than that"
_REVIEW = "who sees or does what is for a review, not for a linter"
_MEANT = "instant, and meant"
_AGAIN = "what is made in the same migration, or there again at its end, a view too, is missed by nobody"

RULES = {
    "adding-field-with-default": Rule(
        "server", "a constant or stable default writes nothing anew, a VIRTUAL column neither", (Code.BLOCKING_REWRITE,)
    ),
    "adding-foreign-key-constraint": Rule(
        "server", "one that is NOT VALID or NOT ENFORCED reads nothing, nor does a new table's", (Code.BLOCKING_SCAN,)
    ),
    "adding-not-nullable-field": Rule(
        "server", "a valid CHECK proves it without a look at the rows", (Code.BLOCKING_SCAN,)
    ),
    "adding-required-field": Rule(
        "locked", "the scratch tables are empty, so the server does not fail there", hazard=HazardCode.DATA_DEPENDENT
    ),
    "adding-serial-primary-key-field": Rule(
        "server",
        "a key USING INDEX builds nothing",
        (
            Code.BLOCKING_REWRITE,
            Code.BLOCKING_SCAN,
            Code.BLOCKING_BUILD,
        ),
    ),
    "ban-alter-domain-with-add-constraint": Rule(
        "server", "a domain that no table uses, or NOT VALID, is read nowhere", (Code.BLOCKING_SCAN,)
    ),
    "ban-alter-identity": Rule("off", "instant, and old code inserts as before"),
    "ban-char-field": Rule("off", _TASTE),
    "ban-concurrent-index-creation-in-transaction": Rule("off", "the server refuses it, and so does the replay"),
    "ban-create-domain-with-constraint": Rule("off", _TASTE),
    "ban-drop-column": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-constraint": Rule("off", "instant, and what old code writes is allowed as before"),
    "ban-drop-database": Rule("off", "the server refuses it in a transaction, and the runner is in that database"),
    "ban-drop-default": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-domain": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-extension": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-function": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-generated-expression": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-not-null": Rule("off", "what old code writes is allowed as before"),
    "ban-drop-schema": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-sequence": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-table": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-type": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-drop-view": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-duplicate-column-assignments": Rule("off", "the server refuses it, and so does the replay"),
    "ban-set-schema": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "ban-truncate-cascade": Rule(
        "server", "without CASCADE it deletes all rows, too; those of a new table nobody misses", (Code.TABLE_EMPTIED,)
    ),
    "ban-uncommitted-transaction": Rule("off", "the replay refuses it: a step runs in the runner's transaction"),
    "changing-column-type": Rule(
        "server",
        "from varchar to text, to a longer varchar and the like only the catalog is changed",
        (
            Code.BLOCKING_REWRITE,
            Code.BLOCKING_SCAN,
            Code.BLOCKING_BUILD,
        ),
    ),
    "constraint-missing-not-valid": Rule(
        "server",
        "only the server knows whether it reads the rows",
        (
            Code.BLOCKING_SCAN,
            Code.BLOCKING_BUILD,
        ),
    ),
    "disallowed-unique-constraint": Rule("server", "a new table's takes no time", (Code.BLOCKING_BUILD,)),
    "identifier-too-long": Rule("always", "PostgreSQL cuts it off, and says no more than a notice"),
    "prefer-bigint-over-int": Rule("off", _TASTE),
    "prefer-bigint-over-smallint": Rule("off", _TASTE),
    "prefer-identity": Rule("off", _TASTE),
    "prefer-repack": Rule("off", "for PostgreSQL 19, which is no target; the rewrite is told of"),
    "prefer-robust-stmts": Rule("off", "the history knows what was done: a migration goes on where it stopped"),
    "prefer-text-field": Rule("off", _TASTE),
    "prefer-timestamp-tz": Rule("off", _TASTE),
    "renaming-column": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "renaming-object": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "renaming-table": Rule("server", _AGAIN, (Code.BREAKS_OLD_CODE,)),
    "require-concurrent-index-creation": Rule(
        "server", "a new table's takes no time, and one on a materialized view stops no write", (Code.BLOCKING_BUILD,)
    ),
    "require-concurrent-index-deletion": Rule(
        "locked",
        "instant, but it waits for a lock that stops everybody; not on a new table",
        hazard=HazardCode.INDEX_DROPPED,
    ),
    "require-concurrent-partition-detach": Rule(
        "locked", "instant, but it waits for a lock that stops everybody; not on a new table"
    ),
    "require-concurrent-reindex": Rule("server", "a new table's takes no time", (Code.BLOCKING_BUILD,)),
    "require-enum-value-ordering": Rule("off", _TASTE),
    "require-lock-timeout": Rule("off", "the runner sets it for each step"),
    "require-statement-timeout": Rule("off", "the runner sets it for each step"),
    "transaction-nesting": Rule("off", "the replay refuses it: a step runs in the runner's transaction"),
    "unused-ignore": Rule("off", "our own codes may be ignored, which squawk does not know"),
    "require-table-schema": Rule(
        "off", "the search path is empty while a migration runs: the server refuses a name without a schema"
    ),
    "require-timeout-settings": Rule("off", "the runner sets them for each step"),
    "ban-add-column": Rule("off", "instant; what is not is told of"),
    "ban-add-composite-attribute": Rule("off", "instant; what is not is told of"),
    "ban-add-enum-value": Rule("off", "takes no lock on a table"),
    "ban-alter-database-options": Rule("off", "touches no table"),
    "ban-alter-extension": Rule("off", "an update of an extension is meant"),
    "ban-alter-function-options": Rule("off", _MEANT),
    "ban-alter-generated-expression": Rule("off", "where it writes the table anew the server says so"),
    "ban-alter-policy-condition": Rule("off", _REVIEW),
    "ban-alter-policy-roles": Rule("off", _REVIEW),
    "ban-alter-role-options": Rule("off", "touches no table"),
    "ban-alter-row-level-security": Rule("off", _REVIEW),
    "ban-alter-sequence-values": Rule("off", _MEANT),
    "ban-alter-system-options": Rule("off", "the server refuses it in a transaction"),
    "ban-alter-view-options": Rule("off", _MEANT),
    "ban-create-policy": Rule("off", _REVIEW),
    "ban-detach-inheritance": Rule("off", _MEANT),
    "ban-disable-trigger": Rule("off", _MEANT),
    "ban-drop-index": Rule("off", "require-concurrent-index-deletion says what is dangerous in it"),
    "ban-drop-policy": Rule("off", _REVIEW),
    "ban-drop-trigger": Rule("off", _MEANT),
    "ban-new-write-restriction": Rule(
        "off", "a check that is added is meant; where it reads the rows the server says so"
    ),
    "ban-replace-view-function": Rule("off", "replaced in one moment; a column or a function that goes is told of"),
    "ban-replica-identity": Rule("off", _MEANT),
    "ban-revoke": Rule("off", _REVIEW),
    "ban-set-default": Rule("off", "instant, also for rows to come"),
}
