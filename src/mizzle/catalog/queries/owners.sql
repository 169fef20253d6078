-- Whose the objects are that are not of the migrator, nor without one of the role that reads; a sequence of a column
-- is its table's. Schema public is of pg_database_owner, or in 14 of the superuser that made the cluster.
WITH owned (class, oid, owner) AS (
  SELECT 'pg_class'::regclass::oid, c.oid, c.relowner
  FROM pg_class c
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid >= 16384 AND NOT (c.relkind = 'S' AND EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  ))
  UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner FROM pg_namespace
    WHERE nspowner <> 10 AND NOT (nspname = 'public' AND pg_get_userbyid(nspowner) = 'pg_database_owner')
  UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd', 'c', 'r')
  UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation WHERE oid >= 16384
  UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner FROM pg_operator WHERE oid >= 16384
  UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict WHERE oid >= 16384
  UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config WHERE oid >= 16384
  UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner FROM pg_statistic_ext
  UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication
  UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtowner FROM pg_event_trigger
  UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper
  UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server
)
SELECT o.class, o.oid, quote_ident(pg_get_userbyid(o.owner))
FROM owned o
WHERE pg_get_userbyid(o.owner) <> coalesce(nullif(%(migrator)s, '')::name, current_user)
