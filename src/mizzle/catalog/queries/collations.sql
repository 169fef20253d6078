-- Collations. The column with an ICU locale was new in 15, and was called otherwise from 17 on; before 15 it was collcollate.
SELECT n.nspname, c.collname,
       array_remove(ARRAY[
         'PROVIDER = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
         CASE WHEN c.collprovider = 'c' AND j.row ->> 'collcollate' <> j.row ->> 'collctype'
              THEN 'LC_COLLATE = ' || quote_literal(j.row ->> 'collcollate') END,
         CASE WHEN c.collprovider = 'c' AND j.row ->> 'collcollate' <> j.row ->> 'collctype'
              THEN 'LC_CTYPE = ' || quote_literal(j.row ->> 'collctype')
              ELSE 'LOCALE = ' || quote_literal(
                coalesce(j.row ->> 'colllocale', j.row ->> 'colliculocale', j.row ->> 'collcollate')
              ) END,
         'RULES = ' || quote_literal(j.row ->> 'collicurules'),
         CASE WHEN NOT c.collisdeterministic THEN 'DETERMINISTIC = false' END
       ], NULL),
       obj_description(c.oid, 'pg_collation'),
       ARRAY['pg_collation'::regclass::oid, c.oid]
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT to_jsonb(c) AS row) j
WHERE n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_collation'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
