-- Indexes of the tables given. `columns` are numbers of columns, 0 for an expression; keys come first, then what is INCLUDEd.
SELECT i.indexrelid, i.indrelid, x.relname, m.amname::text, i.indisunique, i.indisvalid AND i.indisready,
       k.contype::text, coalesce(h.inhparent, 0), i.indisreplident OR i.indisclustered,
       i.indnkeyatts, i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[],
       ARRAY(SELECT coalesce(pg_get_indexdef(i.indexrelid, n, false), '') FROM generate_series(1, i.indnatts) n),
       pg_get_expr(i.indpred, i.indrelid), coalesce(pg_get_indexdef(i.indexrelid), ''),
       coalesce(pg_relation_size(i.indexrelid), 0), x.relpages, x.reltuples::float8, coalesce(s.idx_scan, 0),
       EXISTS (SELECT FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f'),
       coalesce((SELECT o.option_value::int FROM pg_options_to_table(x.reloptions) o WHERE o.option_name = 'fillfactor'), 90),
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false), -- PostgreSQL 15 and newer
       i.indimmediate
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE i.indrelid = ANY (%(tables)s)
ORDER BY i.indrelid, x.relname COLLATE "C"
