-- Triggers, without those that PostgreSQL made itself.
SELECT n.nspname, c.relname, g.tgname,
       substr(
         pg_get_triggerdef(g.oid),
         length(
           'CREATE ' || CASE WHEN g.tgconstraint <> 0 THEN 'CONSTRAINT ' ELSE '' END || 'TRIGGER ' || quote_ident(g.tgname)
         ) + 2
       ),
       g.tgconstraint <> 0,
       CASE g.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
       obj_description(g.oid, 'pg_trigger'),
       ARRAY['pg_trigger'::regclass::oid, g.oid]
       || CASE WHEN g.tgconstraint = 0 THEN '{}' ELSE ARRAY['pg_constraint'::regclass::oid, g.tgconstraint] END
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT g.tgisinternal
  AND g.tgparentid = 0
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.deptype = 'e'
      AND (d.classid, d.objid) IN (('pg_trigger'::regclass, g.oid), ('pg_class'::regclass, c.oid))
  )
