-- Rows for the portal, the same each time: a few tenants that own most of them, as in life.
CREATE FUNCTION pg_temp.u(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT md5(kind || n)::uuid $$;
CREATE FUNCTION pg_temp.owner(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT pg_temp.u('tenant', CASE WHEN n % 10 < 5 THEN 1 WHEN n % 10 < 8 THEN 2 ELSE 3 + n % 6 END) $$;

INSERT INTO public.tenants (id, name, timezone, status, clienttether_web_key, created_at, updated_at)
SELECT pg_temp.u('tenant', n), name, CASE n % 3 WHEN 0 THEN 'Europe/Paris' ELSE 'America/New_York' END,
       (enum_range(NULL::public.tenant_status))[1 + n / 7], CASE WHEN n % 2 = 0 THEN 'ct-' || n END,
       timestamp '2025-01-06 08:00' + n * interval '9 days', timestamp '2026-02-01 08:00' + n * interval '1 hour'
FROM unnest(ARRAY['Harbor Coffee', 'Juniper & Sage', 'O''Neill Fitness', 'Blue Door Realty', 'Kinderwald',
                  'North Star Pilates', 'Café Zürich', 'Two Rivers Rowing']) WITH ORDINALITY AS t (name, n);

INSERT INTO public.users (id, email, name, password_hash, status, created_at, updated_at)
SELECT pg_temp.u('user', n), 'person' || n || '@example.com',
       CASE WHEN n % 7 = 0 THEN NULL WHEN n % 7 = 1 THEN '' ELSE 'Person ' || n END, md5('secret' || n),
       (enum_range(NULL::public.user_status))[1 + n % 3],
       timestamp '2025-03-01' + n * interval '5 hours', timestamp '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 240) n;

INSERT INTO public.memberships (id, user_id, tenant_id, role, created_at)
SELECT pg_temp.u('member', n), pg_temp.u('user', n), CASE WHEN n > 4 THEN pg_temp.owner(n) END,
       CASE WHEN n <= 4 THEN 'agency_admin' WHEN n % 9 = 0 THEN 'tenant_admin' ELSE 'tenant_viewer' END::public.membership_role,
       timestamp '2025-03-01' + n * interval '5 hours'
FROM generate_series(1, 240) n;

INSERT INTO public.sessions (id, user_id, token, expires_at, created_at)
SELECT pg_temp.u('session', n), pg_temp.u('user', 1 + n % 240), md5('token' || n),
       timestamp '2026-03-01' + n * interval '1 minute', timestamp '2026-02-01' + n * interval '1 minute'
FROM generate_series(1, 900) n;

INSERT INTO public.report_weeks (id, tenant_id, week_ending_date, period_start_at, period_end_at, status, published_at,
                                 published_by, created_at, updated_at)
SELECT pg_temp.u('week', n), pg_temp.u('tenant', 1 + n % 8), date '2025-01-05' + (n / 8)::int * 7,
       timestamp '2024-12-30' + n / 8 * interval '7 days', timestamp '2025-01-05 23:59:59' + n / 8 * interval '7 days',
       CASE WHEN n < 420 THEN 'published' ELSE 'draft' END::public.report_week_status,
       CASE WHEN n < 420 THEN timestamp '2025-01-06 09:30' + n / 8 * interval '7 days' END,
       CASE WHEN n < 420 THEN pg_temp.u('user', 1 + n % 4) END,
       timestamp '2025-01-05' + n / 8 * interval '7 days', timestamp '2025-01-06' + n / 8 * interval '7 days'
FROM generate_series(0, 447) n;

INSERT INTO public.report_week_manual (id, report_week_id, narrative_rich, initiatives_rich, updated_at)
SELECT pg_temp.u('manual', n), pg_temp.u('week', n), repeat('Leads rose after the new landing page went live. ', 1 + n % 20),
       CASE WHEN n % 3 = 0 THEN '<p>Open house in <b>spring</b></p>' END, timestamp '2025-02-01' + n * interval '1 day'
FROM generate_series(0, 300) n;

INSERT INTO public.sync_runs (id, tenant_id, started_at, finished_at, status, error_message, records_updated)
SELECT pg_temp.u('sync', n), pg_temp.owner(n), timestamp '2026-01-01' + n * interval '20 minutes',
       CASE WHEN n % 50 <> 0 THEN timestamp '2026-01-01 00:01' + n * interval '20 minutes' END,
       CASE WHEN n % 50 = 0 THEN 'running' WHEN n % 23 = 0 THEN 'failed' ELSE 'success' END::public.sync_status,
       CASE WHEN n % 23 = 0 THEN 'HTTP 503 from ClientTether' END, (n * 37) % 900
FROM generate_series(1, 4000) n;

INSERT INTO public.ct_raw_snapshots (id, tenant_id, endpoint, fetched_at, payload_json)
SELECT pg_temp.u('snap', n), pg_temp.owner(n), (ARRAY['/clients', '/leads', '/pipeline'])[1 + n % 3],
       timestamp '2026-01-01' + n * interval '1 hour',
       jsonb_build_object('page', n, 'next', NULL, 'ok', true, 'items',
         (SELECT jsonb_agg(jsonb_build_object('id', i, 'name', 'Client ' || i, 'tags', '["hot","new"]'::jsonb, 'spent', i * 1.25))
          FROM generate_series(1, 1 + n % 12) i))
FROM generate_series(1, 2500) n;

INSERT INTO public.lead_metrics (id, tenant_id, report_week_id, dimension_type, dimension_value, clicks, impressions, cost,
                                 leads, qualified_leads, created_at)
SELECT pg_temp.u('metric', n), pg_temp.u('tenant', 1 + (n / 10 % 448) % 8), pg_temp.u('week', n / 10 % 448),
       (ARRAY['channel', 'market', 'campaign'])[1 + n % 3], 'value ' || n % 40, n % 300, n % 9000, (n % 5000) / 7.0,
       n % 30, n % 9, timestamp '2025-01-06' + n * interval '30 minutes'
FROM generate_series(1, 6000) n;

INSERT INTO public.hot_list_items (id, tenant_id, report_week_id, candidate_name, market, units, weighted_units, iff, weighted_iff,
                                   sales_lead, stage, likely_pct, raw_json, created_at)
SELECT pg_temp.u('hot', n), pg_temp.u('tenant', 1 + (n % 448) % 8), pg_temp.u('week', n % 448), 'Candidate ' || n,
       (ARRAY['Boston', 'Denver', NULL, ''])[1 + n % 4], n % 4, (n % 400) / 100.0, n * 12.5, n * 6.25, 'Lead ' || n % 9,
       (ARRAY['intro', 'review', 'signed'])[1 + n % 3], n % 101, jsonb_build_object('score', n % 10), timestamp '2025-05-01' + n * interval '1 hour'
FROM generate_series(1, 1500) n;

INSERT INTO public.pipeline_stage_counts (id, tenant_id, report_week_id, stage, count, created_at)
SELECT pg_temp.u('stage', n), pg_temp.u('tenant', 1 + (n % 448) % 8), pg_temp.u('week', n % 448),
       (ARRAY['new', 'contacted', 'qualified', 'signed'])[1 + n % 4], n % 60, timestamp '2025-05-01' + n * interval '1 hour'
FROM generate_series(1, 1800) n;

INSERT INTO public.report_exports (id, tenant_id, report_week_id, pdf_url, created_at)
SELECT pg_temp.u('export', n), pg_temp.u('tenant', 1 + n % 8), pg_temp.u('week', n), 'https://files.example.com/' || n || '.pdf',
       timestamp '2025-02-01' + n * interval '1 day'
FROM generate_series(0, 200) n;

INSERT INTO public.tenant_branding (id, tenant_id, primary_color) SELECT pg_temp.u('brand', n), pg_temp.u('tenant', n), '#1E40AF'
FROM generate_series(1, 8) n;

INSERT INTO public.tenant_field_mappings (id, tenant_id, lead_source_field, qualified_lead_logic)
SELECT pg_temp.u('mapping', n), pg_temp.u('tenant', n), 'source', '{"all": [{"field": "stage", "in": ["review", "signed"]}]}'
FROM generate_series(1, 8) n;

INSERT INTO public.audit_log (id, actor_user_id, tenant_id, action, metadata_json, created_at)
SELECT pg_temp.u('audit', n), CASE WHEN n % 11 <> 0 THEN pg_temp.u('user', 1 + n % 240) END, CASE WHEN n % 13 <> 0 THEN pg_temp.owner(n) END,
       (ARRAY['login', 'report.publish', 'export.create', 'user.invite'])[1 + n % 4], jsonb_build_object('ip', '10.0.0.' || n % 250),
       timestamp '2026-01-01' + n * interval '3 minutes'
FROM generate_series(1, 3000) n;

ANALYZE;
