SELECT c.conname::text,
       CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key'
                      WHEN 'x' THEN 'exclusion' WHEN 'n' THEN 'not null' ELSE c.contype::text END,
       pg_catalog.pg_get_constraintdef(c.oid), c.convalidated, pg_catalog.obj_description(c.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint c
WHERE c.conrelid = %s::pg_catalog.regclass AND c.contype <> 'n'
ORDER BY pg_catalog.array_position('{p,u,x,c,f}'::pg_catalog."char"[], c.contype), c.conname
