-- Publications. Lists of columns, conditions and schemas came with PostgreSQL 15: they are looked up so that 14 has none.
-- 6106 and 6237 are pg_publication_rel and pg_publication_namespace, whose rows pg_depend ties to what they publish.
SELECT p.pubname, p.puballtables, coalesce(rel.tables, '{}'), coalesce(rel.relations, '{}'),
       ARRAY(
         SELECT n.nspname::text
         FROM pg_depend d
         JOIN pg_depend o ON o.classid = 6237 AND o.objid = d.objid AND o.refclassid = 'pg_namespace'::regclass
         JOIN pg_namespace n ON n.oid = o.refobjid
         WHERE d.classid = 6237 AND d.refclassid = 'pg_publication'::regclass AND d.refobjid = p.oid
         ORDER BY n.nspname COLLATE "C"
       ),
       array_remove(ARRAY[
         CASE WHEN NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate) THEN 'publish=' || array_to_string(
           array_remove(ARRAY[
             CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
             CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END
           ], NULL), ', '
         ) END,
         CASE WHEN p.pubviaroot THEN 'publish_via_partition_root=true' END,
         CASE WHEN to_jsonb(p) ->> 'pubgencols' = 's' THEN 'publish_generated_columns=stored' END
       ], NULL),
       obj_description(p.oid, 'pg_publication'),
       ARRAY['pg_publication'::regclass::oid, p.oid] || coalesce(rel.ids, '{}') || ARRAY(
         SELECT unnest(ARRAY[6237::oid, d.objid])
         FROM pg_depend d
         WHERE d.classid = 6237 AND d.refclassid = 'pg_publication'::regclass AND d.refobjid = p.oid
       )
FROM pg_publication p
LEFT JOIN LATERAL (
  SELECT array_agg(
           named.name
           || coalesce(' (' || (
             SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
             FROM pg_attribute a
             WHERE a.attrelid = r.prrelid
               AND a.attnum::text = ANY (string_to_array(trim(to_jsonb(r) ->> 'prattrs', '[]'), ' ')
                 || string_to_array(replace(trim(to_jsonb(r) ->> 'prattrs', '[]'), ' ', ''), ','))
           ) || ')', '')
           || coalesce(' WHERE ' || (
             SELECT to_jsonb(v) ->> 'rowfilter' FROM pg_publication_tables v
             WHERE v.pubname = p.pubname AND v.schemaname = n.nspname AND v.tablename = c.relname
           ), '')
           ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
         ) AS tables,
         array_agg(named.name ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C") AS relations,
         (SELECT array_agg(x ORDER BY place, part) FROM (
           SELECT 6106::oid AS x, q.oid AS place, 0 AS part FROM pg_publication_rel q WHERE q.prpubid = p.oid
           UNION ALL SELECT q.oid, q.oid, 1 FROM pg_publication_rel q WHERE q.prpubid = p.oid
         ) AS pairs) AS ids
  FROM pg_publication_rel r
  JOIN pg_class c ON c.oid = r.prrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name) named
  WHERE r.prpubid = p.oid
) rel ON true
WHERE NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_publication'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  )
