-- Columns of the tables given, in the order of the table.
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END), -- 0: it need not open the table
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> ty.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
       a.attidentity, a.attgenerated, said.description,
       CASE WHEN a.attinhcount = 0 THEN '' WHEN a.attislocal THEN 'also' ELSE 'only' END,
       CASE WHEN a.attstorage = ty.typstorage THEN ''
            ELSE (ARRAY['PLAIN', 'EXTERNAL', 'EXTENDED', 'MAIN'])[strpos('pexm', a.attstorage::text)] END,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE '' END, coalesce(a.attstattarget, -1)::int,
       -- Debian's 15 writes pg_attver
       CASE WHEN a.attoptions IS NULL THEN '{}' ELSE ARRAY(
         SELECT o FROM unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%%' ORDER BY o COLLATE "C"
       ) END,
       CASE WHEN nn.oid IS NOT NULL THEN
         'CONSTRAINT ' || quote_ident(nn.conname) || ' NOT NULL' || CASE WHEN nn.connoinherit THEN ' NO INHERIT' ELSE '' END
         || CASE WHEN nn.convalidated THEN '' ELSE ' NOT VALID' END ELSE '' END,
       sc.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       a.attnum, d.oid, sc.oid
FROM unnest(%(tables)s::oid[]) AS t (oid)
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type ty ON ty.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_description said
  ON said.classoid = 'pg_class'::regclass AND said.objoid = a.attrelid AND said.objsubid = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum]
  -- PostgreSQL itself names them TABLE_COLUMN_not_null, with a number where that is taken, and keeps that in a rename.
  AND ((nn.conname NOT LIKE '%%\_not\_null' AND nn.conname !~ '_not_null\d*$') OR nn.connoinherit OR NOT nn.convalidated)
LEFT JOIN pg_depend i ON a.attidentity <> '' AND i.refclassid = 'pg_class'::regclass AND i.refobjid = a.attrelid
  AND i.refobjsubid = a.attnum AND i.classid = 'pg_class'::regclass AND i.deptype = 'i'
LEFT JOIN pg_class sc ON sc.oid = i.objid AND sc.relkind = 'S'
LEFT JOIN pg_sequence s ON s.seqrelid = sc.oid
ORDER BY a.attrelid, a.attnum
