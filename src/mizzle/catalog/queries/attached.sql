-- The parts that partitions have of partitioned indexes: table, name of the index at the root, own name, and what PostgreSQL
-- calls them by itself depends on: the constraint that has the index, and the names of its columns.
WITH RECURSIVE up AS (
  SELECT h.inhrelid AS part, h.inhparent AS above
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
  WHERE c.relkind IN ('i', 'I')
  UNION ALL
  SELECT up.part, h.inhparent FROM up JOIN pg_inherits h ON h.inhrelid = up.above
)
SELECT i.indrelid, r.relname, c.relname, coalesce(x.contype::text, ''),
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = up.above ORDER BY a.attnum)
FROM up
JOIN pg_class r ON r.oid = up.above AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = up.above)
JOIN pg_class c ON c.oid = up.part
JOIN pg_index i ON i.indexrelid = up.part
LEFT JOIN pg_constraint x ON x.conindid = up.part AND x.contype IN ('p', 'u', 'x')
WHERE i.indrelid = ANY (%(tables)s::oid[])
ORDER BY i.indrelid, r.relname COLLATE "C"
