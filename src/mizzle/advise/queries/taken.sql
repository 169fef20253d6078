-- By schema the names that no new index may have, since something has them: a table, an index, a view, a sequence, a type.
SELECT n.nspname, array_agg(c.relname::text)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
GROUP BY n.nspname
