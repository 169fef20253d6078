"""Random schemas for hypothesis: small, and from few names, so that two of them have much in common and much not.

A schema is a value that renders to SQL which PostgreSQL 18 accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mizzle.names import ident, idents, literal
from random_objects import COMMENTS, DOMAINS, PAIRS, RandomObject, objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TABLES = ("t", "My table", "order")
_COLUMNS = ("id", "a", "B b", "lower", "select", "no%:x")
_INDEXES = ("i", "I 2", "unique", "j", "no%")
_LABELS = ("low", "Mid", "it's", "\\")
_WORDS = COMMENTS
_WHOLE = ("smallint", "integer", "bigint", "serial")
_DEFAULTS = {
    "smallint": ("0", "1 + 1"),
    "integer": ("0", "-7", "(2 * 3) + 1", "nextval('s')"),
    "serial": ("",),
    "bigint": ("0", "CASE WHEN 1 BETWEEN 0 AND 2 THEN 1 ELSE 2 END"),
    "numeric(9,2)": ("0", "1.50"),
    "boolean": ("true", "'x'::varchar IN ('x', 'y')"),
    "text": ("''", "'it''s %s :x \\'", "upper('a') || 'b'", "CURRENT_USER"),
    "varchar(9)": ("'x'", "'%'"),
    'text COLLATE "C"': ("'c'",),
    "timestamptz": ("now()", "'2020-01-01 00:00:00+05'"),
    "jsonb": ("'{}'", "'{\"a\": 1}'"),
    "integer[]": ("'{}'", "ARRAY[1, 2]"),
    "mood": ("'low'", "'Mid'"),
    "mood[]": ("'{low}'",),
    "d": ("NULL",),
    "d[]": ("'{}'",),
    "pair": ("NULL",),
}


@dataclass(frozen=True)
class RandomColumn:
    """`computed` is the column that a generated one is made from, `identity` the mode and options of an identity."""

    name: str
    type: str
    default: str = ""
    nullable: bool = True
    identity: str = ""
    computed: str = ""
    virtual: bool = False
    comment: str = ""

    @property
    def stored(self) -> str:
        """The type of its values."""
        return "integer" if self.type == "serial" else self.type

    def sql(self) -> str:
        if self.computed:
            kind = "VIRTUAL" if self.virtual else "STORED"
            return f"{ident(self.name)} boolean GENERATED ALWAYS AS ({ident(self.computed)} IS NULL) {kind}"
        rest = f" GENERATED {self.identity}" if self.identity else ""
        rest += f" DEFAULT ({self.default})" if self.default else ""
        return f"{ident(self.name)} {self.type}{rest}{'' if self.nullable else ' NOT NULL'}"


@dataclass(frozen=True)
class RandomPart:
    """A key, a check, an exclusion constraint or an index: its `form`, with places for its columns."""

    form: str
    columns: tuple[str, ...]
    name: str = ""
    comment: str = ""

    def sql(self, table: str) -> Iterator[str]:
        columns, first, name = idents(self.columns), ident(self.columns[0]), ident(self.name)
        body = self.form.format(columns=columns, first=first, table=ident(table), name=name)
        index = body.startswith("CREATE")
        yield body if index else f"ALTER TABLE {ident(table)} ADD {f'CONSTRAINT {name} ' if self.name else ''}{body}"
        if self.name and self.comment:
            what = f"INDEX {name}" if index else f"CONSTRAINT {name} ON {ident(table)}"
            yield f"COMMENT ON {what} IS {literal(self.comment)}"


@dataclass(frozen=True)
class RandomTable:
    """`key` is the type of the primary key column `id`, empty where there is none; `refers` its foreign keys."""

    name: str
    columns: tuple[RandomColumn, ...]
    parts: tuple[RandomPart, ...] = ()
    refers: tuple[tuple[str, str, str], ...] = ()
    unlogged: bool = False
    comment: str = ""

    @property
    def key(self) -> str:
        """The type of a primary key of one column `id`."""
        alone = any(part.form.startswith("PRIMARY") and part.columns == ("id",) for part in self.parts)
        return next(column.stored for column in self.columns if column.name == "id") if alone else ""

    def sql(self) -> Iterator[str]:
        columns = ", ".join(column.sql() for column in self.columns)
        yield f"CREATE {'UNLOGGED ' if self.unlogged else ''}TABLE {ident(self.name)} ({columns})"
        for part in self.parts:
            yield from part.sql(self.name)
        if self.comment:
            yield f"COMMENT ON TABLE {ident(self.name)} IS {literal(self.comment)}"
        for column in self.columns:
            if column.comment:
                yield f"COMMENT ON COLUMN {ident(self.name)}.{ident(column.name)} IS {literal(column.comment)}"


@dataclass(frozen=True)
class RandomAccess:
    """What a role of every server may do, or owns: of one of the tables and its columns, where there is one."""

    form: str
    role: str
    table: str = ""
    column: str = ""

    def sql(self) -> str:
        """Return the statement."""
        return self.form.format(role=self.role, table=ident(self.table), column=ident(self.column))


@dataclass(frozen=True)
class RandomSchema:
    """`labels` are those of the enum type `mood`, `counter` the options of the sequence `s`.

    `domain` is what the domain `d` says, `pair` are the attributes of the composite type `pair`.
    """

    labels: tuple[str, ...]
    counter: str
    tables: tuple[RandomTable, ...]
    domain: str = "integer"
    pair: str = "a integer"
    objects: tuple[RandomObject, ...] = ()
    access: tuple[RandomAccess, ...] = ()

    def sql(self) -> str:
        """Return the statements that make it, in an order that works."""
        return ";\n".join(self._statements())

    def _statements(self) -> Iterator[str]:
        yield f"CREATE TYPE mood AS ENUM ({', '.join(map(literal, self.labels))})"
        yield f"CREATE DOMAIN d AS {self.domain}"
        yield f"CREATE TYPE pair AS ({self.pair})"
        yield f"CREATE SEQUENCE s{self.counter}"
        yield "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        for table in self.tables:
            yield from table.sql()
        for table in self.tables:
            for column, to, action in table.refers:
                if any(target.name == to and _may_refer(table, column, target) for target in self.tables):
                    key = f"FOREIGN KEY ({ident(column)}) REFERENCES {ident(to)} (id){action}"
                    yield f"ALTER TABLE {ident(table.name)} ADD {key}"
        there = {table.name: tuple(column.name for column in table.columns) for table in self.tables}
        stored = {t.name: tuple(column.name for column in t.columns if not column.virtual) for t in self.tables}
        for thing in self.objects:
            made = tuple(thing.sql(stored if thing.kind == "statistics" else there))
            yield from made
            if made and thing.kind in {"view", "materialized view"}:
                there[thing.name] = ()
        for each in self.access:
            if not each.table or (each.table in stored and each.column in {"", *there[each.table]}):
                yield each.sql()

    def with_column_renamed(self, table: str, old: str, new: str) -> RandomSchema:
        """Return the schema with a column called otherwise, wherever it is named."""

        def swap(name: str) -> str:
            return new if name == old else name

        def changed(each: RandomTable) -> RandomTable:
            if each.name != table:
                return each
            return replace(
                each,
                columns=tuple(replace(c, name=swap(c.name), computed=swap(c.computed)) for c in each.columns),
                parts=tuple(replace(p, columns=tuple(map(swap, p.columns))) for p in each.parts),
                refers=tuple((swap(column), to, action) for column, to, action in each.refers),
            )

        things = tuple(each.with_column(table, old, new) for each in self.objects)
        access = (replace(each, column=swap(each.column)) if each.table == table else each for each in self.access)
        return replace(self, tables=tuple(map(changed, self.tables)), objects=things, access=tuple(access))

    def with_table_renamed(self, old: str, new: str) -> RandomSchema:
        """Return the schema with a table called otherwise, wherever it is named."""

        def swap(name: str) -> str:
            return new if name == old else name

        tables = (
            replace(
                each,
                name=swap(each.name),
                refers=tuple((column, swap(to), action) for column, to, action in each.refers),
            )
            for each in self.tables
        )
        things = tuple(each.with_table(old, new) for each in self.objects)
        access = tuple(replace(each, table=swap(each.table)) for each in self.access)
        return replace(self, tables=tuple(tables), objects=things, access=access)


def _may_refer(table: RandomTable, column: str, target: RandomTable) -> bool:
    types = {each.name: each.stored for each in table.columns if not each.computed}
    return target.key == types.get(column) and (table.unlogged or not target.unlogged)


@st.composite
def _columns(draw: st.DrawFn) -> tuple[RandomColumn, ...]:
    names = draw(st.lists(st.sampled_from(_COLUMNS), min_size=1, max_size=5, unique=True))
    made: list[RandomColumn] = []
    for name in names:
        type_ = draw(st.sampled_from(("integer", "serial", "bigint") if name == "id" else tuple(_DEFAULTS)))
        plain = [each for each in made if not each.computed]
        column = RandomColumn(name, type_, comment=draw(st.sampled_from(_WORDS)))
        match draw(st.integers(0, 7)):
            case 0 if type_ in _WHOLE and type_ != "serial":
                column = replace(column, identity=draw(_identities()), nullable=False)
            case 1 if plain and name != "id":
                source = draw(st.sampled_from(plain))
                virtual = draw(st.booleans()) and source.type.removesuffix("[]") not in {"mood", "d", "pair"}
                column = replace(column, computed=source.name, virtual=virtual)
            case 2 | 3 | 4 if type_ != "serial":
                column = replace(column, default=draw(st.sampled_from(_DEFAULTS[type_])), nullable=draw(st.booleans()))
            case _:
                column = replace(column, nullable=type_ != "serial" and draw(st.booleans()))
        made.append(column)
    return tuple(draw(st.permutations(made)))


def _identities() -> st.SearchStrategy[str]:
    modes = ("ALWAYS AS IDENTITY", "BY DEFAULT AS IDENTITY")
    options = ("", " (START 5 CACHE 7)", " (INCREMENT -2 MINVALUE -99)", " (MAXVALUE 1000 CYCLE)")
    return st.tuples(st.sampled_from(modes), st.sampled_from(options)).map("".join)


def _forms(columns: Mapping[str, RandomColumn]) -> dict[str, list[str]]:
    """Return the parts that a table may have, each with the columns that it may begin with."""
    plain = [name for name, column in columns.items() if not column.computed]
    whole = [name for name in plain if columns[name].type in _WHOLE]
    texts = [name for name in plain if columns[name].type in {"text", "varchar(9)"}]
    every = [name for name, column in columns.items() if not column.virtual]
    return {
        "UNIQUE ({columns})": every,
        "UNIQUE ({columns}) DEFERRABLE": every,
        "CHECK ({first} IS NOT NULL)": list(columns),
        "CHECK ({first} BETWEEN 0 AND 9 OR {first} > 99)": whole,
        "CHECK ({first} IN ('a', 'b') OR lower({first}) = '%')": texts,
        "EXCLUDE ({first} WITH =)": whole,
        "EXCLUDE ({first} WITH =) WHERE ({first} <> 7)": whole,
        "CREATE INDEX {name} ON {table} ({columns})": every,
        "CREATE INDEX {name} ON {table} ({first} DESC) WHERE {first} IS NOT NULL": every,
        "CREATE UNIQUE INDEX {name} ON {table} ({columns})": every,
        "CREATE INDEX {name} ON {table} (lower({first}), {columns}) WHERE {first} IN ('a', 'b')": texts,
        "CREATE INDEX {name} ON {table} (({first} + 1)) INCLUDE ({columns})": whole,
    }


@st.composite
def _table(draw: st.DrawFn, name: str, free: list[str]) -> RandomTable:
    """Return a table; the names that it takes for its parts are no longer `free`."""
    columns = draw(_columns())
    by_name = {column.name: column for column in columns}
    forms = {form: firsts for form, firsts in _forms(by_name).items() if firsts}
    parts: list[RandomPart] = []
    if "id" in by_name and draw(st.integers(0, 3)):
        parts.append(RandomPart("PRIMARY KEY ({columns})", ("id",)))
    for form in draw(st.lists(st.sampled_from(sorted(forms)), max_size=4)):
        own = free.pop(draw(st.integers(0, len(free) - 1))) if free and draw(st.booleans()) else ""
        if form.startswith("CREATE") and not own:
            continue
        first = draw(st.sampled_from(forms[form]))
        more = draw(st.sampled_from([name for name in sorted(by_name) if not by_name[name].virtual]))
        parts.append(RandomPart(form, tuple(dict.fromkeys((first, more))), own, draw(st.sampled_from(_WORDS))))
    whole = [name for name in sorted(by_name) if by_name[name].type in _WHOLE and not by_name[name].computed]
    refer = st.tuples(
        st.sampled_from(whole or sorted(by_name)),
        st.sampled_from(_TABLES),
        st.sampled_from(("", " ON DELETE CASCADE", " ON UPDATE SET NULL DEFERRABLE", " NOT VALID")),
    )
    refers = tuple(draw(st.lists(refer, max_size=2, unique_by=lambda each: each[0])))
    return RandomTable(name, columns, tuple(parts), refers, draw(st.booleans()), draw(st.sampled_from(_WORDS)))


@st.composite
def schemas(draw: st.DrawFn) -> RandomSchema:
    """Return any schema."""
    labels = draw(st.lists(st.sampled_from(_LABELS), max_size=2, unique=True))
    counter = draw(st.sampled_from(("", " INCREMENT 2", " AS smallint MINVALUE -5 CYCLE", " START 7 CACHE 3")))
    names = draw(st.lists(st.sampled_from(_TABLES), max_size=3, unique=True))
    free: list[str] = [*_INDEXES]
    tables = tuple(draw(_table(name, free)) for name in names)
    both = (*dict.fromkeys((*labels, "low", "Mid")),)
    made = draw(objects({table.name: tuple(column.name for column in table.columns) for table in tables}))
    domain, pair = draw(st.sampled_from(DOMAINS)), draw(st.sampled_from(PAIRS))
    access = draw(_access(tables))
    return RandomSchema(tuple(draw(st.permutations(both))), counter, tables, domain, pair, made, access)


_ROLES = ("PUBLIC", "pg_monitor")
_OWNER = ("pg_read_all_data",)  # what an owner has of columns is not compared, and pg_dump says it
_ACCESS = (
    "GRANT USAGE ON TYPE mood TO {role}",
    "GRANT ALL ON SEQUENCE s TO {role}",
    "REVOKE USAGE ON TYPE d, pair FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION touch() FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
)
_ON_TABLES = (
    "GRANT SELECT ON {table} TO {role}",
    "GRANT ALL ON {table} TO {role}",
    "GRANT SELECT ({column}), UPDATE ({column}) ON {table} TO {role}",
)
_OPTION = "GRANT DELETE ON {table} TO {role} WITH GRANT OPTION"
_OWNERS = (
    "ALTER TABLE {table} OWNER TO {role}",
    "ALTER TYPE mood OWNER TO {role}",
    "ALTER FUNCTION touch() OWNER TO {role}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {role} GRANT USAGE ON SEQUENCES TO PUBLIC",
)


@st.composite
def _access(draw: st.DrawFn, tables: Sequence[RandomTable]) -> tuple[RandomAccess, ...]:
    forms = st.sampled_from((*_ACCESS, *_OWNERS, *_ON_TABLES, _OPTION))
    made: list[RandomAccess] = []
    for form in draw(st.lists(forms, max_size=4, unique=True)):
        role = draw(st.sampled_from(_OWNER if form in _OWNERS else _ROLES[1:] if form == _OPTION else _ROLES))
        if "{table}" not in form:
            made.append(RandomAccess(form, role))
        elif tables:
            table = draw(st.sampled_from(tables))
            column = draw(st.sampled_from(table.columns)).name if "{column}" in form else ""
            made.append(RandomAccess(form, role, table.name, column))
    return tuple(made)


@st.composite
def edits(draw: st.DrawFn) -> tuple[RandomSchema, RandomSchema]:
    """Return two schemas: of the tables that both have, some are the same."""
    old, new = draw(schemas()), draw(schemas())
    kept = {table.name: table for table in old.tables if draw(st.booleans())}
    used = {part.name for table in kept.values() for part in table.parts}
    tables = tuple(
        kept.get(table.name) or replace(table, parts=tuple(p for p in table.parts if not p.name or p.name not in used))
        for table in new.tables
    )
    held = {thing.key: thing for thing in old.objects if draw(st.booleans())}
    things = (*held.values(), *(thing for thing in new.objects if thing.key not in held))
    return old, replace(new, tables=tables, objects=tuple(sorted(things, key=lambda each: each.name == "over")))


@st.composite
def renames(draw: st.DrawFn) -> tuple[RandomSchema, RandomSchema, dict[str, str]]:
    """Return a schema, the same with tables and columns called otherwise, and the answers that say so."""
    old = new = draw(schemas().filter(lambda schema: bool(schema.tables)))
    answers: dict[str, str] = {}
    for table in old.tables:
        for column in table.columns:
            if column.name != "id" and draw(st.booleans()):
                to = draw(st.sampled_from(("upper", "New name", "from", "z")))
                if all(each.name != to for t in new.tables if t.name == table.name for each in t.columns):
                    new = new.with_column_renamed(table.name, column.name, to)
                    answers[f"public.{ident(table.name)}.{ident(column.name)}"] = ident(to)
    for table in old.tables:
        to = draw(st.sampled_from((*_TABLES, "Table 2", "where", table.name)))
        if all(each.name != to for each in (*old.tables, *new.tables)):
            new = new.with_table_renamed(table.name, to)
            answers[f"public.{ident(table.name)}"] = ident(to)
    return old, new, answers
