-- Tables of every sort; `sort` is NULL for an ordinary table and names what is not managed otherwise.
SELECT n.nspname, c.relname, c.relpersistence = 'u',
       coalesce(c.reloptions, '{}')
       || CASE WHEN t.reloptions IS NULL THEN '{}' ELSE ARRAY(SELECT 'toast.' || o FROM unnest(t.reloptions) AS o) END,
       said.description,
       c.relrowsecurity, c.relforcerowsecurity,
       CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN coalesce((
         SELECT 'USING INDEX ' || quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
         WHERE i.indrelid = c.oid AND i.indisreplident
       ), 'NOTHING') ELSE '' END,
       coalesce(by.relname, ''),
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       coalesce(above.parents, '{}'),
       pg_get_expr(c.relpartbound, c.oid),
       CASE
         WHEN c.relkind = 'f' THEN 'foreign table'
         WHEN c.reloftype <> 0 THEN 'typed table'
       END AS sort,
       c.oid
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_description said ON said.classoid = 'pg_class'::regclass AND said.objoid = c.oid AND said.objsubid = 0
LEFT JOIN (
  SELECT i.indrelid, x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indisclustered
) by ON by.indrelid = c.oid
LEFT JOIN (
  SELECT i.inhrelid, array_agg(ARRAY[pn.nspname::text, pc.relname::text] ORDER BY i.inhseqno) AS parents
  FROM pg_inherits i JOIN pg_class pc ON pc.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
  GROUP BY i.inhrelid
) above ON above.inhrelid = c.oid
WHERE (c.relkind IN ('r', 'p') OR (c.relkind = 'f' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)))
  AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
