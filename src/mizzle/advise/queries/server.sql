-- What is to be known of the server and the database: for how long it has been counting, and its extensions.
SELECT current_setting('server_version_num')::int / 10000,
       extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time()))::float8,
       pg_is_in_recovery(), current_setting('block_size')::int,
       (SELECT jsonb_object_agg(e.extname, n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace)
FROM pg_stat_database d WHERE d.datname = current_database()
