-- Materialized views, with their columns as they are called and typed; their indexes are read with those of tables.
SELECT n.nspname, c.relname,
       ARRAY(
         SELECT ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)]
         FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attnum
       ),
       rtrim(pg_get_viewdef(c.oid), ';'),
       ARRAY(SELECT o FROM unnest(c.reloptions) AS o ORDER BY o COLLATE "C"),
       CASE WHEN m.amname = 'heap' THEN '' ELSE m.amname END, coalesce(s.spcname, ''), c.relispopulated,
       coalesce((
         SELECT x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
         WHERE i.indrelid = c.oid AND i.indisclustered
       ), ''),
       obj_description(c.oid, 'pg_class'),
       ARRAY(
         SELECT ARRAY[a.attname::text, d.description]
         FROM pg_description d JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
         WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid > 0
         ORDER BY a.attnum
       ),
       ARRAY['pg_class'::regclass::oid, c.oid]
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
WHERE c.relkind = 'm'
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
