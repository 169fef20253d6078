-- Every object of the schemas given that no other query here reads: (kind, names, class, oid). What is a property of a
-- table has class 0 and the table's OID.
WITH scope AS (
  SELECT n.oid, n.nspname::text AS name
  FROM pg_namespace n
  WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
    AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
    AND n.nspname <> ALL (%(exclude)s)
), found AS (
  SELECT 'base type' AS kind, ARRAY[s.name, t.typname::text] AS names, 'pg_type'::regclass::oid AS class, t.oid
  FROM pg_type t JOIN scope s ON s.oid = t.typnamespace
  WHERE t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  UNION ALL
  SELECT 'replica identity', ARRAY[s.name, c.relname::text], 0, c.oid
  FROM pg_class c JOIN scope s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'd'
  UNION ALL
  SELECT 'conversion', ARRAY[s.name, x.conname::text], 'pg_conversion'::regclass, x.oid
  FROM pg_conversion x JOIN scope s ON s.oid = x.connamespace
  UNION ALL
  SELECT 'operator class', ARRAY[s.name, x.opcname::text], 'pg_opclass'::regclass, x.oid
  FROM pg_opclass x JOIN scope s ON s.oid = x.opcnamespace
  UNION ALL
  SELECT 'operator family', ARRAY[s.name, x.opfname::text], 'pg_opfamily'::regclass, x.oid
  FROM pg_opfamily x JOIN scope s ON s.oid = x.opfnamespace
  UNION ALL
  SELECT 'text search parser', ARRAY[s.name, x.prsname::text], 'pg_ts_parser'::regclass, x.oid
  FROM pg_ts_parser x JOIN scope s ON s.oid = x.prsnamespace
  UNION ALL
  SELECT 'text search template', ARRAY[s.name, x.tmplname::text], 'pg_ts_template'::regclass, x.oid
  FROM pg_ts_template x JOIN scope s ON s.oid = x.tmplnamespace
  UNION ALL
  SELECT 'language', ARRAY[x.lanname::text], 'pg_language'::regclass, x.oid
  FROM pg_language x WHERE x.oid >= 16384 AND %(schemas)s::text[] IS NULL
  UNION ALL
  -- PostgreSQL itself names them TABLE_COLUMN_not_null, with a number where that is taken, and keeps that in a rename.
  SELECT 'not null constraint', ARRAY[s.name, c.relname::text, x.conname::text], 0, c.oid
  FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid JOIN scope s ON s.oid = c.relnamespace
  WHERE x.contype = 'n' AND c.relkind = 'r' AND (x.conname !~ '_not_null\d*$' OR x.connoinherit OR NOT x.convalidated)
  UNION ALL
  SELECT 'column storage', ARRAY[s.name, c.relname::text, a.attname::text], 0, c.oid
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN scope s ON s.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    AND (
      a.attstorage <> t.typstorage OR a.attcompression <> '' OR coalesce(a.attstattarget, -1) >= 0
      OR EXISTS (SELECT FROM unnest(a.attoptions) AS o (option) WHERE option NOT LIKE 'pg\_attver=%%') -- Debian's 15 has it
    )
  UNION ALL
  SELECT 'table storage', ARRAY[s.name, c.relname::text], 0, c.oid
  FROM pg_class c JOIN scope s ON s.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam
  WHERE c.relkind = 'r' AND (c.reltablespace <> 0 OR m.amname <> 'heap')
  UNION ALL
  SELECT 'index storage', ARRAY[s.name, c.relname::text], 0, i.indrelid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN scope s ON s.oid = c.relnamespace
  WHERE c.relkind = 'i' AND (c.reltablespace <> 0 OR EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND coalesce(a.attstattarget, -1) >= 0
  ))
  UNION ALL
  SELECT 'clustered index', ARRAY[s.name, c.relname::text], 0, i.indrelid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN scope s ON s.oid = c.relnamespace
  JOIN pg_class t ON t.oid = i.indrelid AND t.relkind = 'r'
  WHERE i.indisclustered
)
SELECT f.kind, f.names, f.class, f.oid
FROM found f
WHERE f.oid >= 16384 AND NOT EXISTS (
  SELECT FROM pg_depend d
  WHERE d.classid = CASE f.class WHEN 0 THEN 'pg_class'::regclass ELSE f.class END AND d.objid = f.oid
    AND d.deptype = 'e'
)
ORDER BY f.kind COLLATE "C", f.names
