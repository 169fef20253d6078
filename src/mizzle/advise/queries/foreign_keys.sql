-- Foreign keys of the tables given, without those that partitions have from their parents.
SELECT c.conrelid, c.conname, c.conkey, c.confrelid, c.confkey, rn.nspname, r.relname,
       c.confdeltype::text, c.confupdtype::text
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.confrelid
JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid = ANY (%(tables)s)
ORDER BY c.conrelid, c.conname COLLATE "C"
