-- What is granted on what roles will make: a row for each privilege, one without where all that is usual was taken away.
SELECT coalesce(n.nspname, ''),
       CASE WHEN pg_get_userbyid(d.defaclrole) = coalesce(nullif(%(migrator)s, '')::name, current_user) THEN '' ELSE quote_ident(pg_get_userbyid(d.defaclrole)) END,
       CASE d.defaclobjtype
         WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE 'schemas'
       END,
       CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
       g.privilege_type, '', CASE WHEN g.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
LEFT JOIN LATERAL aclexplode(d.defaclacl) g ON g.grantee <> d.defaclrole
WHERE d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
  AND (%(schemas)s::text[] IS NULL OR n.nspname IS NULL OR n.nspname = ANY (%(schemas)s))
  AND coalesce(n.nspname, '') <> ALL (%(exclude)s)
