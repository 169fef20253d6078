-- Sequences that a column of the tables given takes its values from, with the last value that was given out.
SELECT s.schemaname, s.sequencename, s.data_type::text, s.increment_by, s.min_value, s.max_value, s.cycle, s.last_value,
       d.refobjid, d.refobjsubid
FROM pg_sequences s
JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename
JOIN LATERAL (
  -- owned by the column (serial), behind it (identity), or named in its default
  SELECT d.refobjid, d.refobjsubid FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
    AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  UNION
  SELECT a.adrelid, a.adnum FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid
  WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
) d ON true
WHERE d.refobjid = ANY (%(tables)s)
ORDER BY s.schemaname COLLATE "C", s.sequencename COLLATE "C", d.refobjid, d.refobjsubid
