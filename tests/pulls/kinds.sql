SET check_function_bodies = off;
CREATE EXTENSION citext;
CREATE SCHEMA billing;
CREATE TYPE public.mood AS ENUM ('happy', 'so so', '+', '1st', 'class', '');
CREATE TYPE billing.state AS ENUM ('open', 'paid');
CREATE TYPE public.size AS ENUM ('S', 'M');
CREATE DOMAIN public.email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN public.sized AS public.size DEFAULT 'S';
CREATE TYPE public.point3 AS (x integer, y integer, z integer);
CREATE TYPE public.floats AS RANGE (subtype = double precision);
CREATE FUNCTION public.next_code() RETURNS text LANGUAGE sql AS $$ SELECT 'c' || count(*) FROM people $$;
CREATE FUNCTION public.touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated = now(); RETURN NEW; END $$;
CREATE SEQUENCE public.numbers START 100 INCREMENT 5;

CREATE TABLE people (
  id bigint GENERATED ALWAYS AS IDENTITY (START 10) PRIMARY KEY,
  name text NOT NULL,
  nick citext UNIQUE,
  email email NOT NULL,
  mood mood DEFAULT 'happy' NOT NULL,
  moods mood[] DEFAULT '{}' NOT NULL,
  size sized,
  fits size,
  "class" text, metadata jsonb, "2nd" integer, "A b" text, "int" integer, list text[], registry text, __private text, "a-b" text, a_b text,
  manager_id bigint REFERENCES people ON DELETE SET NULL,
  code text DEFAULT public.next_code(),
  number bigint DEFAULT nextval('numbers') NOT NULL,
  at timestamptz DEFAULT now() NOT NULL,
  local timestamp(3), day date, clock timetz, span interval day to second(3), long interval,
  price numeric(10,2) DEFAULT 1.5, flag boolean DEFAULT false NOT NULL, r real, d double precision,
  key uuid DEFAULT gen_random_uuid(), raw bytea, addr inet, net cidr, mac macaddr, bits bit(3), vbits bit varying(5),
  during tstzrange, many int4multirange, own floats, place point, spot point3, doc xml, ch "char", c character(3), cash money,
  words tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(name, ''))) STORED,
  twice integer GENERATED ALWAYS AS ("2nd" * 2) STORED,
  sorted text COLLATE "C", v varchar(20) COLLATE "C",
  text text DEFAULT 'a:b :c', date date, str varchar,
  CONSTRAINT people_name_check CHECK (name <> ':x'),
  CONSTRAINT odd CHECK (length(name) > 1 AND name !~ '^ :y'),
  CHECK (price > 0),
  EXCLUDE USING gist (during WITH &&),
  CONSTRAINT "never, twice" EXCLUDE USING gist (box(point(r, d), point(r, d)) WITH &&, during range_ops WITH -|-)
    WHERE (flag AND name <> ':x') DEFERRABLE INITIALLY DEFERRED,
  EXCLUDE USING btree (email text_pattern_ops WITH =),
  EXCLUDE USING btree (lower(name) WITH =, "2nd" WITH =) WITH (fillfactor = 70)
);
COMMENT ON TABLE people IS 'who; it''s "quoted"';
COMMENT ON COLUMN people.name IS 'full name';
COMMENT ON CONSTRAINT odd ON people IS 'why';
CREATE INDEX ON people (manager_id);
CREATE INDEX people_lower ON people USING btree (lower(name) DESC NULLS LAST, email text_pattern_ops) INCLUDE (day) WITH (fillfactor = 70) WHERE flag;
CREATE INDEX people_words ON people USING gin (words);
CREATE INDEX people_like ON people USING btree (name text_pattern_ops);
CREATE UNIQUE INDEX people_nulls ON people (day, r) NULLS NOT DISTINCT;
COMMENT ON INDEX people_words IS 'search';
CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touched();
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON people USING (name = CURRENT_USER);
ALTER TABLE people ALTER COLUMN name SET STORAGE EXTERNAL;
CREATE STATISTICS people_stats ON day, r FROM people;

CREATE TABLE tags (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE people_tags (person_id bigint REFERENCES people ON DELETE CASCADE, tag_id integer REFERENCES tags, PRIMARY KEY (person_id, tag_id));
CREATE TABLE friends (a_id bigint NOT NULL REFERENCES people, b_id bigint NOT NULL REFERENCES people, PRIMARY KEY (a_id, b_id));
CREATE TABLE messages (id integer PRIMARY KEY, sender_id bigint NOT NULL REFERENCES people, recipient_id bigint REFERENCES people DEFERRABLE INITIALLY DEFERRED, body text);
CREATE TABLE profiles (person_id bigint PRIMARY KEY REFERENCES people, bio text);
CREATE TABLE log (at timestamptz, line text);
CREATE UNLOGGED TABLE cache (k text PRIMARY KEY, v text, n serial) WITH (fillfactor = 50);
CREATE TABLE billing.invoices (
  tenant integer, no smallint, person_id bigint NOT NULL REFERENCES people ON UPDATE CASCADE, state billing.state DEFAULT 'open' NOT NULL, mood mood,
  CONSTRAINT invoices_key PRIMARY KEY (no, tenant), UNIQUE NULLS NOT DISTINCT (tenant, person_id));
CREATE TABLE billing.lines (id smallserial PRIMARY KEY, tenant integer, no smallint, of smallint,
  FOREIGN KEY (tenant, no) REFERENCES billing.invoices (tenant, no) MATCH FULL ON DELETE CASCADE,
  FOREIGN KEY (tenant, of) REFERENCES billing.invoices (tenant, no) ON DELETE SET NULL (of));
CREATE TABLE billing.people (id integer PRIMARY KEY, parent_id integer REFERENCES billing.people);
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE notes (id integer PRIMARY KEY, body text);
CREATE TABLE special_notes (extra text) INHERITS (notes);
CREATE TABLE nothing ();
CREATE TABLE "with.dot" (id integer PRIMARY KEY);
CREATE TABLE "import" (id integer PRIMARY KEY, dotted integer REFERENCES "with.dot");
CREATE TABLE "2fa" ("from" integer PRIMARY KEY, "a" integer, "b" integer, CONSTRAINT named_by_hand UNIQUE (a, b));
ALTER TABLE tags ADD CONSTRAINT later CHECK (name <> '') NOT VALID;
CREATE VIEW happy AS SELECT id, name FROM people WHERE mood = 'happy';
COMMENT ON VIEW happy IS 'those';
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM people;
CREATE RULE quiet AS ON INSERT TO log DO ALSO NOTHING;
CREATE TABLE folders (account integer, id integer, parent_id integer, PRIMARY KEY (account, id),
  FOREIGN KEY (account, parent_id) REFERENCES folders (account, id));
CREATE TABLE selfish (id integer PRIMARY KEY REFERENCES selfish);
CREATE TYPE hollow AS ENUM ();
CREATE TABLE looks (id integer NOT NULL, of integer, h hollow, hs hollow[]);
CREATE UNIQUE INDEX looks_id ON looks (id);
ALTER TABLE looks ADD FOREIGN KEY (of) REFERENCES looks (id);
-- an index over a row
CREATE FUNCTION named(p people) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT p.name $$;
CREATE INDEX people_named ON people (named(people));
