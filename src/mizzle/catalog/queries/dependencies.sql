-- What objects that users made need of each other. The rule behind a view stands for the view, an array type for its
-- element, a row type for its relation. What a constraint or a default needs of its own table is left out, and that a
-- row type belongs to its relation. 16384 is FirstNormalObjectId (src/include/access/transam.h).
SELECT CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END,
       coalesce(r.ev_class, d.objid), d.objsubid,
       CASE WHEN coalesce(e.typrelid, t.typrelid, 0) <> 0 THEN 'pg_class'::regclass::oid ELSE d.refclassid END,
       coalesce(nullif(coalesce(e.typrelid, t.typrelid), 0), e.oid, d.refobjid), d.refobjsubid, d.deptype
FROM pg_depend d
LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a', 'i', 'e')
  AND d.refclassid <> 'pg_namespace'::regclass
  AND NOT (
    d.refclassid = 'pg_class'::regclass AND (
      (d.deptype = 'a' AND d.classid IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass))
      -- an index and the columns of its table, a sequence and what it is owned by
      OR (d.deptype = 'a' AND d.classid = 'pg_class'::regclass AND d.refobjsubid > 0)
      OR (d.deptype = 'i' AND d.classid IN ('pg_class'::regclass, 'pg_type'::regclass))
    )
  )
  -- the index of a constraint, the triggers of a foreign key, array types
  AND NOT (d.deptype = 'i' AND d.refclassid = 'pg_constraint'::regclass)
  AND NOT (d.deptype = 'i' AND d.classid = 'pg_type'::regclass AND d.refclassid = 'pg_type'::regclass)
