-- Range types, with the multirange type that each has.
SELECT n.nspname, t.typname,
       array_remove(ARRAY[
         'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
         CASE WHEN NOT o.opcdefault THEN 'SUBTYPE_OPCLASS = ' || quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END,
         CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> s.typcollation
              THEN 'COLLATION = ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
         'CANONICAL = ' || nullif(r.rngcanonical, 0)::regproc, 'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff, 0)::regproc,
         'MULTIRANGE_TYPE_NAME = ' || quote_ident(mn.nspname) || '.' || quote_ident(m.typname)
       ], NULL),
       obj_description(t.oid, 'pg_type'),
       ARRAY['pg_type'::regclass::oid, t.oid, 'pg_type'::regclass, m.oid]
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace opn ON opn.oid = o.opcnamespace
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_namespace mn ON mn.oid = m.typnamespace
LEFT JOIN pg_collation co ON co.oid = r.rngcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
  )
