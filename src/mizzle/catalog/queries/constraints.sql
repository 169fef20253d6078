-- Constraints of the tables given. What only newer majors have is looked up by name through jsonb. The columns are the
-- keys, and then what else the index behind it uses: INCLUDE, expressions, a predicate.
SELECT c.conrelid, c.contype, c.conname,
       CASE WHEN c.contype <> 'f' THEN pg_get_constraintdef(c.oid) END,
       ARRAY(
         SELECT a.attname::text
         FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, place)
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
         ORDER BY k.place
       ) || ARRAY(
         SELECT a.attname::text
         FROM pg_attribute a
         WHERE c.contype IN ('p', 'u', 'x') AND a.attrelid = c.conrelid AND a.attnum > 0 AND a.attnum <> ALL (c.conkey)
           AND EXISTS (
             SELECT FROM pg_depend d
             WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.conrelid AND d.refobjsubid = a.attnum
               AND (d.classid, d.objid) IN (('pg_class'::regclass, c.conindid), ('pg_constraint'::regclass, c.oid))
           )
         ORDER BY a.attnum
       ),
       obj_description(c.oid, 'pg_constraint'), coalesce(ic.reloptions, '{}'),
       fn.nspname, ft.relname,
       ARRAY(
         SELECT a.attname::text
         FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, place)
         JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum
         ORDER BY k.place
       ),
       c.confupdtype, c.confdeltype,
       ARRAY(
         SELECT a.attname::text
         FROM jsonb_array_elements_text(
           CASE WHEN c.contype = 'f' AND jsonb_typeof(to_jsonb(c) -> 'confdelsetcols') = 'array'
                THEN to_jsonb(c) -> 'confdelsetcols' ELSE '[]' END
         ) WITH ORDINALITY AS k (attnum, place)
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum::int
         ORDER BY k.place
       ),
       c.confmatchtype, c.condeferrable, c.condeferred, c.convalidated,
       CASE WHEN c.contype = 'f' THEN coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) ELSE true END,
       CASE WHEN c.contype = 'f' THEN coalesce((to_jsonb(c) ->> 'conperiod')::boolean, false) ELSE false END,
       c.oid, c.conindid
FROM unnest(%(tables)s::oid[]) AS t (oid)
JOIN pg_constraint c ON c.conrelid = t.oid
LEFT JOIN pg_class ic ON ic.oid = c.conindid AND c.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class ft ON ft.oid = c.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = ft.relnamespace
WHERE c.contype IN ('p', 'u', 'c', 'x', 'f') AND c.conparentid = 0
ORDER BY c.conrelid, c.conname COLLATE "C"
