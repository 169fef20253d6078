-- The queries of those kinds of which there may be objects: most databases have few kinds.
SELECT array_remove(ARRAY[
  CASE WHEN EXISTS (SELECT FROM pg_class WHERE relkind = 'v' AND oid >= 16384) THEN 'views.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_proc WHERE oid >= 16384) THEN 'routines.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_aggregate WHERE aggfnoid >= 16384) THEN 'aggregates.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal) THEN 'triggers.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_policy) THEN 'policies.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_event_trigger) THEN 'event_triggers.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_class WHERE relkind = 'm' AND oid >= 16384) THEN 'materialized_views.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_rewrite WHERE rulename <> '_RETURN' AND oid >= 16384) THEN 'rules.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_statistic_ext) THEN 'statistics.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_publication) THEN 'publications.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_type WHERE typtype = 'd' AND oid >= 16384) THEN 'domains.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_class WHERE relkind = 'c' AND oid >= 16384) THEN 'composites.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_range WHERE rngtypid >= 16384) THEN 'range_types.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_cast WHERE oid >= 16384) THEN 'casts.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_operator WHERE oid >= 16384) THEN 'operators.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_collation WHERE oid >= 16384) THEN 'collations.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384) THEN 'dictionaries.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384) THEN 'configurations.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_foreign_data_wrapper) THEN 'wrappers.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_foreign_server) THEN 'servers.sql' END,
  CASE WHEN EXISTS (SELECT FROM pg_foreign_table) THEN 'foreign_tables.sql' END
], NULL)
