-- Foreign servers.
SELECT s.srvname, w.fdwname, s.srvtype, s.srvversion,
       ARRAY(SELECT ARRAY[o.option_name, o.option_value] FROM pg_options_to_table(s.srvoptions) o ORDER BY 1),
       obj_description(s.oid, 'pg_foreign_server'), ARRAY['pg_foreign_server'::regclass::oid, s.oid]
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_foreign_server'::regclass AND d.objid = s.oid AND d.deptype = 'e'
  )
