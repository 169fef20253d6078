-- Every relation with rows that is not PostgreSQL's own nor an extension's, with its columns, keys and references.
WITH relation AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.reltuples
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
), attribute AS (
  SELECT a.attrelid AS oid,
         json_agg(json_build_object(
           'name', a.attname, 'number', a.attnum,
           'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'oid', a.atttypid::bigint,
           'cast', pg_catalog.format_type(a.atttypid, NULL),
           'not_null', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
           'comment', pg_catalog.col_description(a.attrelid, a.attnum)) ORDER BY a.attnum) AS columns
  FROM relation r
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  GROUP BY a.attrelid
), index AS (
  SELECT i.indrelid AS oid,
         json_agg(json_build_object(
           'primary', i.indisprimary, 'unique', i.indisunique AND i.indimmediate,
           'keys', (i.indkey::int2[])[0:i.indnkeyatts - 1], 'partial', i.indpred IS NOT NULL,
           'ordered', m.amname = 'btree') ORDER BY i.indisprimary DESC, i.indexrelid) AS indexes
  FROM relation r
  JOIN pg_catalog.pg_index i ON i.indrelid = r.oid AND i.indisvalid
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = x.relam
  GROUP BY i.indrelid
), reference AS (
  SELECT f.conrelid AS oid,
         json_agg(json_build_object(
           'name', f.conname, 'keys', f.conkey, 'to', f.confrelid::bigint, 'to_keys', f.confkey)
           ORDER BY f.conname) AS refs
  FROM relation r
  JOIN pg_catalog.pg_constraint f ON f.conrelid = r.oid AND f.contype = 'f'
  GROUP BY f.conrelid
)
SELECT r.oid::bigint, r.nspname, r.relname, r.relkind, r.relispartition, r.reltuples,
       pg_catalog.obj_description(r.oid, 'pg_class'),
       coalesce(a.columns, '[]'), coalesce(i.indexes, '[]'), coalesce(f.refs, '[]')
FROM relation r
LEFT JOIN attribute a USING (oid)
LEFT JOIN index i USING (oid)
LEFT JOIN reference f USING (oid)
ORDER BY r.nspname, r.relname
