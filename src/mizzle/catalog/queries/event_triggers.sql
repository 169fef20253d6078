-- Event triggers, which belong to no schema.
SELECT e.evtname, e.evtevent, coalesce(e.evttags, '{}'), e.evtfoid::regproc::text,
       CASE e.evtenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
       obj_description(e.oid, 'pg_event_trigger'),
       ARRAY['pg_event_trigger'::regclass::oid, e.oid]
FROM pg_event_trigger e
WHERE NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e'
  )
