-- Views, with their columns as they are called and typed.
SELECT n.nspname, c.relname,
       ARRAY(
         SELECT ARRAY[
           a.attname::text,
           format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
                THEN ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END
         ]
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_collation co ON co.oid = a.attcollation
         LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attnum
       ),
       rtrim(pg_get_viewdef(c.oid), ';'),
       ARRAY(SELECT o FROM unnest(c.reloptions) AS o ORDER BY o COLLATE "C"),
       ARRAY(
         SELECT ARRAY[a.attname::text, pg_get_expr(d.adbin, d.adrelid)]
         FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
         WHERE d.adrelid = c.oid
         ORDER BY a.attnum
       ),
       obj_description(c.oid, 'pg_class'),
       ARRAY(
         SELECT ARRAY[a.attname::text, d.description]
         FROM pg_description d JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
         WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid > 0
         ORDER BY a.attnum
       ),
       ARRAY['pg_class'::regclass::oid, c.oid]
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v'
  AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%%'
  AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
