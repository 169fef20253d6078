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
  CASE WHEN EXISTS (SELECT FROM pg_publication) THEN 'publications.sql' END
], NULL)
