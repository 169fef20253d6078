-- undoes migration 20261122221935_initial
-- data that was written since cannot be brought back by running the migration again:
--   drops table public.audit_log with all its rows
--   drops table public.ct_raw_snapshots with all its rows
--   drops table public.hot_list_items with all its rows
--   drops table public.lead_metrics with all its rows
--   drops table public.memberships with all its rows
--   drops table public.pipeline_stage_counts with all its rows
--   drops table public.report_exports with all its rows
--   drops table public.report_week_manual with all its rows
--   drops table public.report_weeks with all its rows
--   drops table public.sessions with all its rows
--   drops table public.sync_runs with all its rows
--   drops table public.tenant_branding with all its rows
--   drops table public.tenant_field_mappings with all its rows
--   drops table public.tenants with all its rows
--   drops table public.users with all its rows

-- step 1: transaction
-- locks: ACCESS EXCLUSIVE on public.audit_log, public.users, public.tenants, public.ct_raw_snapshots, public.hot_list_items, public.report_weeks and 9 more
-- hazard: DELETES_DATA: drops table public.audit_log with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.audit_log: code that uses it fails
-- hazard: DELETES_DATA: drops table public.ct_raw_snapshots with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.ct_raw_snapshots: code that uses it fails
-- hazard: DELETES_DATA: drops table public.hot_list_items with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.hot_list_items: code that uses it fails
-- hazard: DELETES_DATA: drops table public.lead_metrics with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.lead_metrics: code that uses it fails
-- hazard: DELETES_DATA: drops table public.memberships with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.memberships: code that uses it fails
-- hazard: DELETES_DATA: drops table public.pipeline_stage_counts with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.pipeline_stage_counts: code that uses it fails
-- hazard: DELETES_DATA: drops table public.report_exports with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.report_exports: code that uses it fails
-- hazard: DELETES_DATA: drops table public.report_week_manual with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.report_week_manual: code that uses it fails
-- hazard: DELETES_DATA: drops table public.report_weeks with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.report_weeks: code that uses it fails
-- hazard: DELETES_DATA: drops table public.sessions with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.sessions: code that uses it fails
-- hazard: DELETES_DATA: drops table public.sync_runs with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.sync_runs: code that uses it fails
-- hazard: DELETES_DATA: drops table public.tenant_branding with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.tenant_branding: code that uses it fails
-- hazard: DELETES_DATA: drops table public.tenant_field_mappings with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.tenant_field_mappings: code that uses it fails
-- hazard: DELETES_DATA: drops table public.tenants with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.tenants: code that uses it fails
-- hazard: DELETES_DATA: drops table public.users with all its rows
-- hazard: BREAKS_OLD_CODE: drops table public.users: code that uses it fails
DROP TABLE public.audit_log;

DROP TABLE public.ct_raw_snapshots;

DROP TABLE public.hot_list_items;

DROP TABLE public.lead_metrics;

DROP TABLE public.memberships;

DROP TABLE public.pipeline_stage_counts;

DROP TABLE public.report_exports;

DROP TABLE public.report_week_manual;

DROP TABLE public.report_weeks;

DROP TABLE public.sessions;

DROP TABLE public.sync_runs;

DROP TABLE public.tenant_branding;

DROP TABLE public.tenant_field_mappings;

DROP TABLE public.tenants;

DROP TABLE public.users;

DROP TYPE public.membership_role;

DROP TYPE public.report_week_status;

DROP TYPE public.sync_status;

DROP TYPE public.tenant_status;

DROP TYPE public.user_status;
