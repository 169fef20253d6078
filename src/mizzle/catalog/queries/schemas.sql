-- Schemas but PostgreSQL's own, public, and those that an extension made.
SELECT n.nspname, obj_description(n.oid, 'pg_namespace'), n.oid
FROM pg_namespace n
WHERE n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname NOT IN ('information_schema', 'public')
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'
  )
ORDER BY n.nspname COLLATE "C"
