-- What others than its owner may do with each object: a row for each privilege, one without for an object that has none.
WITH held AS (
  SELECT 'pg_class'::regclass::oid AS class, c.oid, c.relowner AS owner, '' AS part, c.relacl AS acl
  FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relacl IS NOT NULL AND c.oid >= 16384
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, c.relowner, a.attname::text, a.attacl
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND a.attrelid >= 16384
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, n.nspowner, '', n.nspacl
  FROM pg_namespace n WHERE n.nspacl IS NOT NULL
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, p.proowner, '', p.proacl
  FROM pg_proc p WHERE p.proacl IS NOT NULL AND p.oid >= 16384
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typowner, '', t.typacl
  FROM pg_type t WHERE t.typacl IS NOT NULL AND t.oid >= 16384
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, w.fdwowner, '', w.fdwacl
  FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_server'::regclass, s.oid, s.srvowner, '', s.srvacl
  FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL
)
SELECT h.class, h.oid,
       CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
       g.privilege_type, h.part, CASE WHEN g.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END
FROM held h
LEFT JOIN LATERAL aclexplode(h.acl) g ON g.grantee <> h.owner
