SELECT x.relname::text, pg_catalog.pg_get_indexdef(i.indexrelid), i.indisprimary, i.indisunique, i.indisvalid,
       pg_catalog.pg_relation_size(i.indexrelid), coalesce(s.idx_scan, 0), coalesce(s.idx_tup_read, 0),
       {last_idx_scan}, EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE i.indrelid = %s::pg_catalog.regclass
ORDER BY i.indisprimary DESC, x.relname
