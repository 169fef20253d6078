-- What the types of columns are made of: a domain's base, an enum's labels, whether values can be ordered by btree.
WITH RECURSIVE used AS (
  SELECT t.oid FROM pg_catalog.pg_type t WHERE t.oid = ANY (%s)
  UNION
  SELECT t.typbasetype FROM used u JOIN pg_catalog.pg_type t USING (oid) WHERE t.typtype = 'd'
)
SELECT t.oid::bigint, t.typname, n.nspname, t.typtype, t.typcategory, t.typbasetype::bigint, t.typelem::bigint, t.typlen,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
       EXISTS (SELECT FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
               WHERE o.opcdefault AND o.opcintype = t.oid)
FROM used
JOIN pg_catalog.pg_type t USING (oid)
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
