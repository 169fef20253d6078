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
  SELECT 'table storage', ARRAY[s.name, c.relname::text], 0, c.oid
  FROM pg_class c JOIN scope s ON s.oid = c.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
  WHERE c.relkind IN ('r', 'p') AND (c.reltablespace <> 0 OR m.amname <> 'heap')
  UNION ALL
  SELECT 'index storage', ARRAY[s.name, c.relname::text], 0, i.indrelid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN scope s ON s.oid = c.relnamespace
  WHERE c.reltablespace <> 0
)
SELECT f.kind, f.names, f.class, f.oid
FROM found f
WHERE f.oid >= 16384 AND NOT EXISTS (
  SELECT FROM pg_depend d
  WHERE d.classid = CASE f.class WHEN 0 THEN 'pg_class'::regclass ELSE f.class END AND d.objid = f.oid
    AND d.deptype = 'e'
)
ORDER BY f.kind COLLATE "C", f.names
