-- Indexes of the tables given that no constraint owns and that are no part of a partitioned one; `definition` is what stands behind the table's name.
SELECT i.indrelid, ic.relname,
       substr(
         pg_get_indexdef(i.indexrelid),
         length(
           'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || quote_ident(ic.relname)
           || ' ON ' || CASE ic.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END
           || quote_ident(n.nspname) || '.' || quote_ident(tc.relname) || ' '
         ) + 1
       ),
       i.indisunique, i.indkey::int2[],
       CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN ARRAY(
         SELECT d.refobjsubid
         FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
       ) ELSE '{}' END,
       i.indisvalid, said.description,
       -- what PostgreSQL calls its own columns: partitions have their parts of the index named by that
       CASE WHEN ic.relkind = 'I' THEN ARRAY(
         SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum
       ) ELSE '{}' END,
       CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
         SELECT coalesce(a.attstattarget, -1)::int FROM pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum
       ) ELSE '{}' END,
       i.indexrelid
FROM unnest(%(tables)s::oid[]) AS t (oid)
JOIN pg_index i ON i.indrelid = t.oid
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_class tc ON tc.oid = i.indrelid
LEFT JOIN pg_description said ON said.classoid = 'pg_class'::regclass AND said.objoid = i.indexrelid AND said.objsubid = 0
JOIN pg_namespace n ON n.oid = tc.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid) AND NOT EXISTS (
  SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
)
ORDER BY i.indrelid, ic.relname COLLATE "C"
