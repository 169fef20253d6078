-- What ANALYZE has found of each column that this role may see, as pg_restore_attribute_stats() of PostgreSQL 18 takes it.
SELECT s.schemaname, s.tablename, s.attname, s.inherited, s.null_frac, s.avg_width, s.n_distinct,
       s.most_common_vals::text, s.most_common_freqs, s.histogram_bounds::text, s.correlation
FROM pg_stats s
JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename AND c.relkind IN ('r', 'm', 'p')
WHERE s.schemaname NOT LIKE 'pg\_%%' AND s.schemaname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR s.schemaname = ANY (%(schemas)s))
  AND s.schemaname <> ALL (%(exclude)s)
