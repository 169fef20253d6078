-- Extended statistics. Where there is no target, PostgreSQL 17 and newer have NULL, the older ones -1.
SELECT n.nspname, x.stxname, ARRAY[tn.nspname::text, c.relname::text],
       substr(
         pg_get_statisticsobjdef(x.oid),
         length('CREATE STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(x.stxname)) + 2
       ),
       coalesce(x.stxstattarget, -1)::int, obj_description(x.oid, 'pg_statistic_ext'),
       ARRAY['pg_statistic_ext'::regclass::oid, x.oid]
FROM pg_statistic_ext x
JOIN pg_namespace n ON n.oid = x.stxnamespace
JOIN pg_class c ON c.oid = x.stxrelid
JOIN pg_namespace tn ON tn.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.deptype = 'e'
      AND (d.classid, d.objid) IN (('pg_statistic_ext'::regclass, x.oid), ('pg_class'::regclass, c.oid))
  )
