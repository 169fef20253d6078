-- What is to be known of the server and the database: since when it counts, and which extensions could help.
SELECT current_setting('server_version_num')::int / 10000,
       extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time()))::float8,
       pg_is_in_recovery(), current_setting('block_size')::int,
       (SELECT jsonb_object_agg(e.extname, n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace),
       ARRAY(SELECT name::text FROM pg_available_extensions ORDER BY 1),
       d.stats_reset IS NOT NULL
FROM pg_stat_database d WHERE d.datname = current_database()
