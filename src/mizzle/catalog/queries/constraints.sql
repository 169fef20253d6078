-- Constraints of the tables given. What only newer majors have is looked up by name through jsonb. The columns are the
-- keys, and then what else the index behind it uses: INCLUDE, expressions, a predicate.
WITH named AS MATERIALIZED (
  SELECT a.attrelid, array_agg(a.attname::text ORDER BY a.attnum) AS names -- what was dropped keeps its place
  FROM pg_attribute a
  WHERE a.attnum > 0 AND a.attrelid IN (
    SELECT unnest(ARRAY[c.conrelid, c.confrelid]) FROM pg_constraint c WHERE c.conrelid = ANY (%(tables)s::oid[])
  )
  GROUP BY a.attrelid
)
SELECT c.conrelid, c.contype, c.conname,
       CASE WHEN c.contype <> 'f' THEN pg_get_constraintdef(c.oid) END,
       ARRAY(SELECT own.names[k.attnum] FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, place)
             WHERE k.attnum > 0 -- 0 stands for an expression
             ORDER BY k.place)
       || CASE WHEN i.indnatts > cardinality(c.conkey) OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN ARRAY(
         SELECT a.attname::text
         FROM pg_attribute a
         WHERE a.attrelid = c.conrelid AND a.attnum > 0 AND a.attnum <> ALL (c.conkey)
           AND EXISTS (
             SELECT FROM pg_depend d
             WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.conrelid AND d.refobjsubid = a.attnum
               AND (d.classid, d.objid) IN (('pg_class'::regclass, c.conindid), ('pg_constraint'::regclass, c.oid))
           )
         ORDER BY a.attnum
       ) ELSE '{}' END,
       said.description, coalesce(ic.reloptions, '{}'),
       fn.nspname, ft.relname,
       ARRAY(
         SELECT other.names[k.attnum] FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, place) ORDER BY k.place
       ),
       c.confupdtype, c.confdeltype,
       ARRAY(
         SELECT own.names[k.attnum::int]
         FROM jsonb_array_elements_text(
           CASE WHEN jsonb_typeof(newer.j -> 'confdelsetcols') = 'array' THEN newer.j -> 'confdelsetcols' ELSE '[]' END
         ) WITH ORDINALITY AS k (attnum, place)
         ORDER BY k.place
       ),
       c.confmatchtype, c.condeferrable, c.condeferred, c.convalidated,
       coalesce((newer.j ->> 'conenforced')::boolean, true), coalesce((newer.j ->> 'conperiod')::boolean, false),
       c.oid, c.conindid
FROM unnest(%(tables)s::oid[]) AS t (oid)
JOIN pg_constraint c ON c.conrelid = t.oid
LEFT JOIN named own ON own.attrelid = c.conrelid
LEFT JOIN named other ON other.attrelid = c.confrelid
LEFT JOIN LATERAL (SELECT to_jsonb(c) AS j WHERE c.contype = 'f' OFFSET 0) newer ON true
LEFT JOIN pg_description said ON said.classoid = 'pg_constraint'::regclass AND said.objoid = c.oid AND said.objsubid = 0
LEFT JOIN pg_class ic ON ic.oid = c.conindid AND c.contype IN ('p', 'u', 'x')
LEFT JOIN pg_index i ON i.indexrelid = ic.oid
LEFT JOIN pg_class ft ON ft.oid = c.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = ft.relnamespace
WHERE c.contype IN ('p', 'u', 'c', 'x', 'f') AND c.conparentid = 0 AND (c.contype <> 'c' OR c.conislocal)
ORDER BY c.conrelid, c.conname COLLATE "C"
