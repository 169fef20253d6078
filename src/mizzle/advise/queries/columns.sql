-- Columns of the tables given, with what ANALYZE has found of them: the average width in bytes, the share of NULLs, and
-- the number of different values, negative where it is a share of the rows.
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
       CASE WHEN t.typtype = 'd' THEN b.typname ELSE t.typname END::text,
       a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> '',
       s.avg_width, s.null_frac::float8, s.n_distinct::float8,
       EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
               WHERE m.amname = 'btree' AND o.opcdefault AND (
                 o.opcintype = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
                 OR (t.typname IN ('varchar') AND o.opcintype = 'text'::regtype)
                 OR (t.typtype = 'e' AND o.opcintype = 'anyenum'::regtype)
                 OR (t.typcategory = 'A' AND o.opcintype = 'anyarray'::regtype))),
       a.attcollation, a.attinhcount > 0,
       EXISTS (SELECT FROM pg_partitioned_table p WHERE p.partrelid = a.attrelid AND a.attnum = ANY (p.partattrs))
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN LATERAL (
  SELECT s.avg_width, s.null_frac, s.n_distinct FROM pg_stats s
  WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
  ORDER BY s.inherited DESC LIMIT 1
) s ON true
WHERE a.attrelid = ANY (%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
