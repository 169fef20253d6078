"""Schemas with something of many kinds, for tests that want all of it at once."""

from __future__ import annotations

EVERYTHING = r"""
CREATE SCHEMA "Sales Dept";
COMMENT ON SCHEMA "Sales Dept" IS 'who sells';
CREATE EXTENSION btree_gist;
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'Happy %');
COMMENT ON TYPE mood IS 'how one feels';
CREATE SEQUENCE counter AS smallint INCREMENT BY 2 MINVALUE 0 MAXVALUE 100 START 10 CACHE 3 CYCLE;
COMMENT ON SEQUENCE counter IS 'counts';
CREATE TABLE person (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100) PRIMARY KEY,
    code varchar(20) COLLATE "C" NOT NULL CONSTRAINT code_known CHECK (code IN ('a', 'b') OR length(code) > 3),
    feels mood DEFAULT 'it''s ok',
    felt mood[] NOT NULL DEFAULT '{}',
    note text DEFAULT E'50% of \\ it''s :x\n',
    number smallint DEFAULT nextval('counter'),
    born date NOT NULL DEFAULT CURRENT_DATE,
    shout text GENERATED ALWAYS AS (upper(note)) STORED,
    UNIQUE NULLS NOT DISTINCT (code, born) INCLUDE (note),
    CONSTRAINT "no two" EXCLUDE USING gist (number WITH =, code WITH =) WHERE (number > 0)
) WITH (fillfactor=80, toast.autovacuum_enabled=off);
COMMENT ON TABLE person IS 'people';
COMMENT ON COLUMN person.note IS '-- step 1: what is said';
COMMENT ON CONSTRAINT code_known ON person IS 'two, or long';
CREATE INDEX person_code_idx ON person (lower(code) text_pattern_ops DESC, born) INCLUDE (feels) WHERE feels = 'sad';
COMMENT ON INDEX person_code_idx IS 'finds the sad';
CREATE TABLE "Sales Dept"."Order" (
    "Id" serial CONSTRAINT "Order pk" PRIMARY KEY,
    person bigint CONSTRAINT by REFERENCES person ON DELETE SET NULL (person) DEFERRABLE INITIALLY DEFERRED,
    "of" integer REFERENCES "Sales Dept"."Order" ON UPDATE CASCADE
);
ALTER TABLE "Sales Dept"."Order" ADD CONSTRAINT known FOREIGN KEY (person) REFERENCES person NOT VALID;
CREATE UNLOGGED TABLE cache ();
"""

MORE = r"""
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE span AS RANGE (subtype = integer);
CREATE TABLE t (id integer PRIMARY KEY, a text, p positive);
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT id FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT id FROM t;
CREATE FUNCTION f(integer, "my text" text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE pr() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE agg(integer) (SFUNC = int4pl, STYPE = integer);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE ru AS ON DELETE TO t DO INSTEAD NOTHING;
CREATE POLICY po ON t USING (true);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t REPLICA IDENTITY FULL;
ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER p SET (n_distinct = 5);
ALTER TABLE t CLUSTER ON t_pkey;
CREATE INDEX t_e ON t ((id + 1));
ALTER INDEX t_e ALTER COLUMN 1 SET STATISTICS 7;
CREATE STATISTICS st ON id, a FROM t;
CREATE TABLE parted (id integer) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted DEFAULT;
CREATE TABLE parent (id integer);
CREATE TABLE child () INHERITS (parent);
CREATE COLLATION coll FROM "C";
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
CREATE CAST (text AS pair) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple);
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple);
CREATE PUBLICATION pub FOR TABLE t;
CREATE FUNCTION etf() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION etf();
"""

UNMANAGED = r"""
CREATE TYPE kind AS (a integer, b text);
CREATE TABLE typed OF kind;
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR CLASS cls FOR TYPE integer USING hash AS OPERATOR 1 =;
CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
"""
