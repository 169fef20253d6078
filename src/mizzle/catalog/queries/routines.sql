-- Functions and procedures.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, n.nspname, p.proname, oidvectortypes(p.proargtypes),
       pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), p.pronargdefaults::int,
       rtrim(substr(
         pg_get_functiondef(p.oid),
         length(
           'CREATE OR REPLACE ' || CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END
           || quote_ident(n.nspname) || '.' || quote_ident(p.proname)
         ) + 1
       ), E'\n'),
       p.prosqlbody IS NOT NULL OR p.pronargdefaults > 0, obj_description(p.oid, 'pg_proc'),
       ARRAY['pg_proc'::regclass::oid, p.oid]
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384
  AND p.prokind IN ('f', 'p', 'w')
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i')
  )
