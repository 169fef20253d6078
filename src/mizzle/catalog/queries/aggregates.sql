-- Aggregates, with the options that CREATE AGGREGATE takes. What an option is by default, it does not say.
SELECT n.nspname, p.proname, oidvectortypes(p.proargtypes), coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'),
       format_type(p.prorettype, NULL),
       array_remove(ARRAY[
         'SFUNC = ' || a.aggtransfn::regproc, 'STYPE = ' || format_type(a.aggtranstype, NULL),
         'SSPACE = ' || nullif(a.aggtransspace, 0), 'FINALFUNC = ' || nullif(a.aggfinalfn, 0)::regproc,
         CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
         CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END::"char"
              THEN 'FINALFUNC_MODIFY = ' || modes.words[strpos('rsw', a.aggfinalmodify::text)] END,
         'COMBINEFUNC = ' || nullif(a.aggcombinefn, 0)::regproc, 'SERIALFUNC = ' || nullif(a.aggserialfn, 0)::regproc,
         'DESERIALFUNC = ' || nullif(a.aggdeserialfn, 0)::regproc, 'INITCOND = ' || quote_literal(a.agginitval),
         'MSFUNC = ' || nullif(a.aggmtransfn, 0)::regproc, 'MINVFUNC = ' || nullif(a.aggminvtransfn, 0)::regproc,
         'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL), 'MSSPACE = ' || nullif(a.aggmtransspace, 0),
         'MFINALFUNC = ' || nullif(a.aggmfinalfn, 0)::regproc, CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
         CASE WHEN a.aggmfinalfn <> 0 AND a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END::"char"
              THEN 'MFINALFUNC_MODIFY = ' || modes.words[strpos('rsw', a.aggmfinalmodify::text)] END,
         'MINITCOND = ' || quote_literal(a.aggminitval),
         'SORTOP = OPERATOR(' || quote_ident(sn.nspname) || '.' || so.oprname || ')',
         CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
         CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END
       ], NULL),
       obj_description(p.oid, 'pg_proc'), ARRAY['pg_proc'::regclass::oid, p.oid]
FROM pg_proc p
JOIN pg_aggregate a ON a.aggfnoid = p.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN (VALUES (ARRAY['READ_ONLY', 'SHAREABLE', 'READ_WRITE'])) AS modes (words)
LEFT JOIN pg_operator so ON so.oid = a.aggsortop
LEFT JOIN pg_namespace sn ON sn.oid = so.oprnamespace
WHERE p.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  )
