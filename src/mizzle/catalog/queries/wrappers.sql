-- Foreign data wrappers that no extension brought.
SELECT w.fdwname,
       CASE WHEN w.fdwhandler = 0 THEN 'NO HANDLER' ELSE 'HANDLER ' || w.fdwhandler::regproc END
       || CASE WHEN w.fdwvalidator = 0 THEN ' NO VALIDATOR' ELSE ' VALIDATOR ' || w.fdwvalidator::regproc END,
       ARRAY(SELECT ARRAY[o.option_name, o.option_value] FROM pg_options_to_table(w.fdwoptions) o ORDER BY 1),
       obj_description(w.oid, 'pg_foreign_data_wrapper'), ARRAY['pg_foreign_data_wrapper'::regclass::oid, w.oid]
FROM pg_foreign_data_wrapper w
WHERE NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_foreign_data_wrapper'::regclass AND d.objid = w.oid AND d.deptype = 'e'
  )
