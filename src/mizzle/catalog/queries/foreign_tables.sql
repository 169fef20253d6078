-- Foreign tables, but for partitions.
SELECT n.nspname, c.relname, s.srvname,
       ARRAY(
         SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                || CASE WHEN a.attfdwoptions IS NULL THEN '' ELSE ' OPTIONS (' || (
                     SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ' ORDER BY 1)
                     FROM pg_options_to_table(a.attfdwoptions) o
                   ) || ')' END
                || CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
                     THEN ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END
                || CASE WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ')'
                        || CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END
                     WHEN d.oid IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
         FROM pg_attribute a
         JOIN pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         LEFT JOIN pg_collation co ON co.oid = a.attcollation
         LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attnum
       ),
       ARRAY(
         SELECT 'CONSTRAINT ' || quote_ident(x.conname) || ' ' || pg_get_constraintdef(x.oid)
         FROM pg_constraint x WHERE x.conrelid = c.oid AND x.contype = 'c' ORDER BY x.conname COLLATE "C"
       ),
       ARRAY(SELECT ARRAY[o.option_name, o.option_value] FROM pg_options_to_table(f.ftoptions) o ORDER BY 1),
       obj_description(c.oid, 'pg_class'),
       ARRAY(
         SELECT ARRAY[a.attname::text, d.description]
         FROM pg_description d JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
         WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid > 0
         ORDER BY a.attnum
       ),
       ARRAY['pg_class'::regclass::oid, c.oid]
       || ARRAY(SELECT unnest(ARRAY['pg_attrdef'::regclass::oid, d.oid]) FROM pg_attrdef d WHERE d.adrelid = c.oid)
       || ARRAY(SELECT unnest(ARRAY['pg_constraint'::regclass::oid, x.oid]) FROM pg_constraint x WHERE x.conrelid = c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_foreign_table f ON f.ftrelid = c.oid
JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE c.relkind = 'f' AND NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
