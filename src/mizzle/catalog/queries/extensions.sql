-- Installed extensions; plpgsql is part of every database.
SELECT e.extname, n.nspname, e.extversion, e.oid
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
ORDER BY e.extname COLLATE "C"
