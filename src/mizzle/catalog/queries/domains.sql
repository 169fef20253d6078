-- Domains, with their checks.
SELECT n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
       CASE WHEN t.typcollation <> b.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
       pg_get_expr(t.typdefaultbin, 0), t.typnotnull,
       ARRAY(
         SELECT ARRAY[c.conname::text, pg_get_constraintdef(c.oid)]
         FROM pg_constraint c
         WHERE c.contypid = t.oid AND c.contype = 'c'
         ORDER BY c.conname COLLATE "C"
       ),
       obj_description(t.oid, 'pg_type'),
       ARRAY(
         SELECT ARRAY[c.conname::text, obj_description(c.oid, 'pg_constraint')]
         FROM pg_constraint c
         WHERE c.contypid = t.oid AND c.contype = 'c' AND obj_description(c.oid, 'pg_constraint') IS NOT NULL
         ORDER BY c.conname COLLATE "C"
       ),
       ARRAY['pg_type'::regclass::oid, t.oid] || ARRAY(
         SELECT unnest(ARRAY['pg_constraint'::regclass::oid, c.oid]) FROM pg_constraint c WHERE c.contypid = t.oid
       )
FROM pg_type t
JOIN pg_type b ON b.oid = t.typbasetype
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE t.typtype = 'd'
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
  )
