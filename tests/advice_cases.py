"""Schemas, and what is to be said of each: findings as `code subject`, all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A schema; `found` is all that is to be found, `does` a statement that must be advised."""

    name: str
    ddl: str
    found: tuple[str, ...] = ()
    does: str = ""


_PARENT = "CREATE TABLE p (id int PRIMARY KEY); "
_TENANTS = "CREATE TABLE tenants (id uuid PRIMARY KEY); "


def _tenant_tables(columns: str, *, more: str = "") -> str:
    """Three tables of tenants, the second and third without fault."""
    sound = "tenant_id uuid NOT NULL REFERENCES tenants"
    tables = [f"CREATE TABLE a (id uuid PRIMARY KEY, {columns})"]
    tables += [f"CREATE TABLE {each} (id uuid PRIMARY KEY, {sound})" for each in "bc"]
    for each in "abc":
        tables.append(f"CREATE INDEX ON {each} (tenant_id)")
        tables.append(f"ALTER TABLE {each} ENABLE ROW LEVEL SECURITY")
    return _TENANTS + "; ".join(tables) + more


CASES = (
    Case("nothing wrong", _PARENT + "CREATE TABLE c (p int REFERENCES p); CREATE INDEX ON c (p)"),
    Case(
        "a foreign key without an index",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p)",
        ("foreign-key-without-index public.c.k",),
        "CREATE INDEX c_p_idx ON public.c (p)",
    ),
    Case("served by a wider index", _PARENT + "CREATE TABLE c (p int REFERENCES p, n int); CREATE INDEX ON c (p, n)"),
    Case("served by a hash index", _PARENT + "CREATE TABLE c (p int REFERENCES p); CREATE INDEX ON c USING hash (p)"),
    Case("served by a constraint", _PARENT + "CREATE TABLE c (p int REFERENCES p, n int, PRIMARY KEY (p, n))"),
    Case(
        "served where it is not NULL",
        _PARENT + "CREATE TABLE c (p int REFERENCES p); CREATE INDEX ON c (p) WHERE p IS NOT NULL",
    ),
    Case(
        "not served by an index of some rows",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p, n int); CREATE INDEX ON c (p) WHERE n IS NOT NULL",
        ("foreign-key-without-index public.c.k",),
        "CREATE INDEX c_p_idx1 ON public.c (p)",
    ),
    Case(
        "not served by an index that has it second",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p, n int); CREATE INDEX ON c (n, p)",
        ("foreign-key-without-index public.c.k",),
    ),
    Case(
        "not served by BRIN",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p); CREATE INDEX ON c USING brin (p)",
        ("foreign-key-without-index public.c.k",),
    ),
    Case(
        "not served by an expression",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p); CREATE INDEX ON c ((p + 1))",
        ("foreign-key-without-index public.c.k",),
    ),
    Case(
        "two columns in the other order",
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); "
        "CREATE TABLE c (a int, b int, FOREIGN KEY (a, b) REFERENCES p); CREATE INDEX ON c (b, a)",
    ),
    Case(
        "one index for two foreign keys",
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b), UNIQUE (b)); CREATE TABLE q (a int PRIMARY KEY); "
        "CREATE TABLE c (a int CONSTRAINT one REFERENCES q, b int, CONSTRAINT two FOREIGN KEY (a, b) REFERENCES p)",
        ("foreign-key-without-index public.c.one", "foreign-key-without-index public.c.two"),
        "CREATE INDEX c_a_b_idx ON public.c (a, b)",
    ),
    Case(
        "named as the others are",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p, n int); CREATE INDEX ix_c_n ON c (n)",
        ("foreign-key-without-index public.c.k",),
        "CREATE INDEX ix_c_p ON public.c (p)",
    ),
    Case(
        "names that must be quoted",
        'CREATE SCHEMA "S s"; CREATE TABLE "S s"."T" (id int PRIMARY KEY); '
        'CREATE TABLE "S s"."select" ("from" int CONSTRAINT "K" REFERENCES "S s"."T")',
        ('foreign-key-without-index "S s"."select"."K"',),
        'CREATE INDEX select_from_idx ON "S s"."select" ("from")',
    ),
    Case(
        "a name that a view has",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p); CREATE VIEW c_p_idx AS SELECT 1",
        ("foreign-key-without-index public.c.k",),
        "CREATE INDEX c_p_idx1 ON public.c (p)",
    ),
    Case(
        "two tables whose indexes would have one name",
        _PARENT + "CREATE TABLE a (b_p int CONSTRAINT k REFERENCES p); "
        "CREATE TABLE a_b (p int CONSTRAINT k REFERENCES p)",
        ("foreign-key-without-index public.a.k", "foreign-key-without-index public.a_b.k"),
        "CREATE INDEX a_b_p_idx1 ON public.a_b (p)",
    ),
    Case(
        "a partitioned table is one table",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p, n int) PARTITION BY RANGE (n); "
        "CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (0) TO (9); CREATE TABLE c2 PARTITION OF c DEFAULT",
        ("foreign-key-without-index public.c.k",),
    ),
    Case(
        "each partition has an index of its own",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p, n int) PARTITION BY RANGE (n); "
        "CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (0) TO (9); CREATE TABLE c2 (n int, p int); "
        "ALTER TABLE c ATTACH PARTITION c2 DEFAULT; CREATE INDEX ON c1 (p); CREATE INDEX ON c2 (p)",
    ),
    Case(
        "one partition has none",
        _PARENT + "CREATE TABLE c (p int CONSTRAINT k REFERENCES p, n int) PARTITION BY RANGE (n); "
        "CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (0) TO (9); CREATE TABLE c2 PARTITION OF c DEFAULT; "
        "CREATE INDEX ON c1 (p)",
        ("foreign-key-without-index public.c.k",),
    ),
    Case(
        "not served by another collation",
        "CREATE TABLE p (id text PRIMARY KEY); CREATE TABLE c (p text CONSTRAINT k REFERENCES p); "
        'CREATE INDEX ON c (p COLLATE "POSIX")',
        ("foreign-key-without-index public.c.k",),
    ),
    Case(
        "served by another operator class",
        "CREATE TABLE p (id text PRIMARY KEY); CREATE TABLE c (p text REFERENCES p); "
        "CREATE INDEX ON c (p text_pattern_ops)",
    ),
    Case(
        "WITHOUT OVERLAPS serves",
        "CREATE EXTENSION btree_gist; CREATE TABLE f (id int PRIMARY KEY); "
        "CREATE TABLE p (id int REFERENCES f, at daterange, PRIMARY KEY (id, at WITHOUT OVERLAPS)); "
        "CREATE TABLE c (p int, at daterange, FOREIGN KEY (p, PERIOD at) REFERENCES p (id, PERIOD at)); "
        "CREATE INDEX ON c (p)",
    ),
    Case(
        "an index twice",
        "CREATE TABLE t (a int, b int); CREATE INDEX one ON t (a, b); CREATE INDEX two ON t (a, b)",
        ("duplicate-index public.two",),
        "DROP INDEX public.two",
    ),
    Case(
        "beside a primary key",
        "CREATE TABLE t (a int PRIMARY KEY); CREATE INDEX i ON t (a)",
        ("duplicate-index public.i",),
        "DROP INDEX public.i",
    ),
    Case(
        "backward is the same",
        "CREATE TABLE t (a int, b int); CREATE INDEX one ON t (a, b DESC); CREATE INDEX two ON t (a DESC, b)",
        ("duplicate-index public.two",),
    ),
    Case("another order", "CREATE TABLE t (a int, b int); CREATE INDEX ON t (a, b); CREATE INDEX ON t (a, b DESC)"),
    Case("other rows", "CREATE TABLE t (a int); CREATE INDEX ON t (a); CREATE INDEX ON t (a) WHERE a > 0"),
    Case("another method", "CREATE TABLE t (a int); CREATE INDEX ON t (a); CREATE INDEX ON t USING hash (a)"),
    Case(
        "another operator class",
        "CREATE TABLE t (a text); CREATE INDEX ON t (a); CREATE INDEX ON t (a text_pattern_ops)",
    ),
    Case("another collation", 'CREATE TABLE t (a text); CREATE INDEX ON t (a); CREATE INDEX ON t (a COLLATE "C")'),
    Case(
        "unique is needed",
        "CREATE TABLE t (a int); CREATE UNIQUE INDEX u ON t (a); CREATE INDEX i ON t (a)",
        ("duplicate-index public.i",),
    ),
    Case(
        "a unique constraint twice",
        "CREATE TABLE t (a int CONSTRAINT one UNIQUE, CONSTRAINT two UNIQUE (a) DEFERRABLE)",
        ("duplicate-index public.two",),
        "ALTER TABLE public.t DROP CONSTRAINT two",
    ),
    Case(
        "what is checked at once stays",
        "CREATE TABLE t (a int, CONSTRAINT one UNIQUE (a) DEFERRABLE, CONSTRAINT two UNIQUE (a))",
        ("duplicate-index public.one",),
        "ALTER TABLE public.t DROP CONSTRAINT one",
    ),
    Case(
        "a deferrable key does not do what a unique index does",
        "CREATE TABLE t (a int PRIMARY KEY DEFERRABLE); CREATE UNIQUE INDEX ON t (a)",
    ),
    Case(
        "other parameters of another method",
        "CREATE EXTENSION pg_trgm; CREATE TABLE t (a text, n int); CREATE INDEX ON t USING gist (a gist_trgm_ops); "
        "CREATE INDEX ON t USING gist (a gist_trgm_ops(siglen=256)); CREATE INDEX ON t USING brin (n); "
        "CREATE INDEX ON t USING brin (n) WITH (pages_per_range=8)",
    ),
    Case(
        "the same twice of another method",
        "CREATE TABLE t (a int[]); CREATE INDEX one ON t USING gin (a); CREATE INDEX two ON t USING gin (a)",
        ("duplicate-index public.two",),
    ),
    Case(
        "the one that is referred to stays",
        "CREATE TABLE t (a int CONSTRAINT one UNIQUE); CREATE TABLE c (a int REFERENCES t (a)); CREATE INDEX ON c (a); "
        "ALTER TABLE t ADD CONSTRAINT two UNIQUE (a)",
        ("duplicate-index public.two",),
    ),
    Case(
        "the beginning of another",
        "CREATE TABLE t (a int, b int); CREATE INDEX one ON t (a); CREATE INDEX two ON t (a, b)",
        ("overlapping-index public.one",),
        "DROP INDEX public.one",
    ),
    Case("a unique beginning", "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX ON t (a); CREATE INDEX ON t (a, b)"),
    Case(
        "what is included counts",
        "CREATE TABLE t (a int, b int, c int); CREATE INDEX ON t (a) INCLUDE (c); CREATE INDEX ON t (a, b)",
    ),
    Case(
        "replication goes by it",
        "CREATE TABLE t (a int NOT NULL, b int); CREATE UNIQUE INDEX u ON t (a); CREATE UNIQUE INDEX v ON t (a); "
        "ALTER TABLE t REPLICA IDENTITY USING INDEX v",
        ("duplicate-index public.u",),
    ),
    Case(
        "a uuid as text",
        "CREATE TABLE t (id varchar(36) PRIMARY KEY); CREATE TABLE c (id text PRIMARY KEY REFERENCES t)",
        ("wide-key public.t.id",),
    ),
    Case(
        "a uuid that the server makes, as text",
        "CREATE TABLE t (id text DEFAULT gen_random_uuid()::text PRIMARY KEY)",
        ("wide-key public.t.id",),
    ),
    Case("a number as numeric", "CREATE TABLE t (id numeric(20,0) PRIMARY KEY)", ("wide-key public.t.id",)),
    Case("a number of more digits than bigint has", "CREATE TABLE t (id numeric(78,0) PRIMARY KEY)"),
    Case("a code is no wide key", "CREATE TABLE countries (code varchar(2) PRIMARY KEY, rate numeric(5,2))"),
    Case(
        "a moment without a zone",
        'CREATE TABLE t (at timestamp, "By" timestamp(3), later timestamptz, day date)',
        ("timestamp-without-time-zone public.t",),
        "ALTER TABLE public.t ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC', "
        'ALTER COLUMN "By" TYPE timestamptz USING "By" AT TIME ZONE \'UTC\'',
    ),
    Case(
        "a moment that a table inherits",
        "CREATE TABLE t (at timestamp); CREATE TABLE u (n int) INHERITS (t)",
        ("timestamp-without-time-zone public.t",),
    ),
    Case(
        "a moment that a table is partitioned by",
        "CREATE TABLE t (at timestamp, made timestamp) PARTITION BY RANGE (at)",
        ("timestamp-without-time-zone public.t",),
        "ALTER TABLE public.t ALTER COLUMN made TYPE timestamptz USING made AT TIME ZONE 'UTC'",
    ),
    Case(
        "local on purpose",
        "CREATE TABLE t (starts timestamp, time_zone text); CREATE TABLE u (starts_local timestamp)",
    ),
    Case(
        "now() is never local",
        "CREATE TABLE t (made timestamp DEFAULT now(), time_zone text)",
        ("timestamp-without-time-zone public.t",),
    ),
    Case("sound tables of tenants", _tenant_tables("tenant_id uuid NOT NULL REFERENCES tenants")),
    Case(
        "a tenant column that may be NULL",
        _tenant_tables("tenant_id uuid REFERENCES tenants"),
        ("nullable-tenant-column public.a.tenant_id",),
        "ALTER TABLE public.a ALTER COLUMN tenant_id SET NOT NULL",
    ),
    Case("it is to become NULL", _tenant_tables("tenant_id uuid REFERENCES tenants ON DELETE SET NULL")),
    Case(
        "a tenant column without a foreign key, behind another",
        _tenant_tables(
            "tenant_id uuid NOT NULL REFERENCES tenants",
            more="; CREATE TABLE d (id uuid PRIMARY KEY, n int, tenant_id uuid NOT NULL); "
            "CREATE INDEX ON d (n, tenant_id); ALTER TABLE d ENABLE ROW LEVEL SECURITY",
        ),
        ("tenant-column-without-index public.d.tenant_id",),
        "CREATE INDEX d_tenant_id_idx ON public.d (tenant_id)",
    ),
    Case(
        "ids that are counted up",
        _tenant_tables("n bigint GENERATED ALWAYS AS IDENTITY, tenant_id uuid NOT NULL REFERENCES tenants").replace(
            "a (id uuid PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY", "a (id bigserial PRIMARY KEY"
        ),
        ("guessable-key public.a.id",),
    ),
    Case(
        "rows that every session may see",
        _tenant_tables("tenant_id uuid NOT NULL REFERENCES tenants", more="; ALTER TABLE b DISABLE ROW LEVEL SECURITY"),
        ("without-row-security public.b",),
        "ALTER TABLE public.b ENABLE ROW LEVEL SECURITY",
    ),
    Case(
        "two tables make no schema of tenants",
        _TENANTS + "CREATE TABLE a (id serial PRIMARY KEY, tenant_id uuid REFERENCES tenants); "
        "CREATE INDEX ON a (tenant_id)",
    ),
)
