-- Casts, which belong to no schema.
SELECT format_type(x.castsource, NULL) || ' AS ' || format_type(x.casttarget, NULL),
       CASE x.castmethod WHEN 'i' THEN 'WITH INOUT' WHEN 'b' THEN 'WITHOUT FUNCTION' ELSE 'WITH FUNCTION ' || (
         SELECT quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')'
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE p.oid = x.castfunc
       ) END || CASE x.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END,
       obj_description(x.oid, 'pg_cast'),
       ARRAY['pg_cast'::regclass::oid, x.oid]
FROM pg_cast x
WHERE x.oid >= 16384
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = x.oid AND d.deptype IN ('e', 'i')
  )
