-- Constraints of the tables given; columns by their numbers. `more` are those that the index behind it uses beside the
-- keys: INCLUDE, expressions, a predicate. {name} is a column that only newer majors have (catalog/constraint.py).
SELECT c.conrelid, c.contype, c.conname,
       CASE WHEN c.contype <> 'f' THEN pg_get_constraintdef(c.oid) END,
       coalesce(c.conkey, '{}'),
       CASE WHEN i.indnatts > cardinality(c.conkey) OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN ARRAY(
         SELECT a.attnum
         FROM pg_attribute a
         WHERE a.attrelid = c.conrelid AND a.attnum > 0 AND a.attnum <> ALL (c.conkey)
           AND EXISTS (
             SELECT FROM pg_depend d
             WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.conrelid AND d.refobjsubid = a.attnum
               AND (d.classid, d.objid) IN (('pg_class'::regclass, c.conindid), ('pg_constraint'::regclass, c.oid))
           )
         ORDER BY a.attnum
       ) ELSE '{}' END AS more,
       said.description, coalesce(ic.reloptions, '{}'),
       fn.nspname, ft.relname, c.confrelid, coalesce(c.confkey, '{}'),
       -- the columns of a table that is not read
       CASE WHEN c.contype = 'f' AND known.oid IS NULL THEN ARRAY(
         SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, place)
         JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum
         ORDER BY k.place
       ) END,
       c.confupdtype, c.confdeltype, coalesce({confdelsetcols}, '{}'),
       c.confmatchtype, c.condeferrable, c.condeferred, c.convalidated, {conenforced}, {conperiod},
       c.oid, c.conindid
FROM unnest(%(tables)s::oid[]) AS t (oid)
JOIN pg_constraint c ON c.conrelid = t.oid
LEFT JOIN unnest(%(tables)s::oid[]) AS known (oid) ON known.oid = c.confrelid
LEFT JOIN pg_description said ON said.classoid = 'pg_constraint'::regclass AND said.objoid = c.oid AND said.objsubid = 0
LEFT JOIN pg_class ic ON ic.oid = c.conindid AND c.contype IN ('p', 'u', 'x')
LEFT JOIN pg_index i ON i.indexrelid = ic.oid
LEFT JOIN pg_class ft ON ft.oid = c.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = ft.relnamespace
WHERE c.contype IN ('p', 'u', 'c', 'x', 'f') AND c.conparentid = 0 AND (c.contype <> 'c' OR c.conislocal)
ORDER BY c.conrelid, c.conname COLLATE "C"
