-- migration 20261122221935_initial
-- creates 5 types, 15 tables, 20 foreign keys, 8 indexes
-- hazards: none

-- step 1: transaction
CREATE TYPE public.membership_role AS ENUM ('agency_admin', 'tenant_admin', 'tenant_viewer');

CREATE TYPE public.report_week_status AS ENUM ('draft', 'published');

CREATE TYPE public.sync_status AS ENUM ('running', 'success', 'failed');

CREATE TYPE public.tenant_status AS ENUM ('active', 'inactive', 'suspended');

CREATE TYPE public.user_status AS ENUM ('active', 'inactive', 'pending');

CREATE TABLE public.tenants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name character varying(255) NOT NULL,
    timezone character varying(100) DEFAULT 'America/New_York'::character varying NOT NULL,
    status public.tenant_status DEFAULT 'active'::public.tenant_status NOT NULL,
    clienttether_web_key text,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_pkey PRIMARY KEY (id)
);

CREATE TABLE public.ct_raw_snapshots (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    endpoint character varying(255) NOT NULL,
    fetched_at timestamp without time zone DEFAULT now() NOT NULL,
    payload_json jsonb,
    CONSTRAINT ct_raw_snapshots_pkey PRIMARY KEY (id)
);

CREATE TABLE public.sync_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    started_at timestamp without time zone DEFAULT now() NOT NULL,
    finished_at timestamp without time zone,
    status public.sync_status DEFAULT 'running'::public.sync_status NOT NULL,
    error_message text,
    records_updated integer DEFAULT 0,
    CONSTRAINT sync_runs_pkey PRIMARY KEY (id)
);

CREATE TABLE public.tenant_branding (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    mellon_logo_url text,
    tenant_logo_url text,
    primary_color character varying(7) DEFAULT '#1E40AF'::character varying,
    accent_color character varying(7) DEFAULT '#3B82F6'::character varying,
    header_layout character varying(50) DEFAULT 'default'::character varying,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenant_branding_pkey PRIMARY KEY (id)
);

CREATE TABLE public.tenant_field_mappings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    lead_source_field character varying(255),
    qualified_lead_logic jsonb,
    pipeline_stage_mapping jsonb,
    custom_field_mappings jsonb,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenant_field_mappings_pkey PRIMARY KEY (id)
);

CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email character varying(255) NOT NULL,
    name character varying(255),
    password_hash text,
    status public.user_status DEFAULT 'pending'::public.user_status NOT NULL,
    invite_token text,
    invite_expires_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_unique UNIQUE (email)
);

CREATE TABLE public.audit_log (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    actor_user_id uuid,
    tenant_id uuid,
    action character varying(100) NOT NULL,
    metadata_json jsonb,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);

CREATE TABLE public.memberships (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    tenant_id uuid,
    role public.membership_role NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (id)
);

CREATE TABLE public.report_weeks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    week_ending_date date NOT NULL,
    period_start_at timestamp without time zone NOT NULL,
    period_end_at timestamp without time zone NOT NULL,
    status public.report_week_status DEFAULT 'draft'::public.report_week_status NOT NULL,
    published_at timestamp without time zone,
    published_by uuid,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT report_weeks_pkey PRIMARY KEY (id)
);

CREATE TABLE public.hot_list_items (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    report_week_id uuid,
    candidate_name character varying(255) NOT NULL,
    market character varying(255),
    units integer DEFAULT 0,
    weighted_units numeric(10,2) DEFAULT '0'::numeric,
    iff numeric(12,2) DEFAULT '0'::numeric,
    weighted_iff numeric(12,2) DEFAULT '0'::numeric,
    sales_lead character varying(255),
    stage character varying(100),
    likely_pct integer DEFAULT 0,
    raw_json jsonb,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT hot_list_items_pkey PRIMARY KEY (id)
);

CREATE TABLE public.lead_metrics (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    report_week_id uuid,
    dimension_type character varying(100) NOT NULL,
    dimension_value character varying(255) NOT NULL,
    clicks integer DEFAULT 0,
    impressions integer DEFAULT 0,
    cost numeric(12,2) DEFAULT '0'::numeric,
    leads integer DEFAULT 0,
    qualified_leads integer DEFAULT 0,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT lead_metrics_pkey PRIMARY KEY (id)
);

CREATE TABLE public.pipeline_stage_counts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    report_week_id uuid,
    stage character varying(100) NOT NULL,
    count integer DEFAULT 0,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT pipeline_stage_counts_pkey PRIMARY KEY (id)
);

CREATE TABLE public.report_exports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    report_week_id uuid NOT NULL,
    pdf_url text,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT report_exports_pkey PRIMARY KEY (id)
);

CREATE TABLE public.report_week_manual (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    report_week_id uuid NOT NULL,
    narrative_rich text,
    initiatives_rich text,
    needs_rich text,
    discovery_days_rich text,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT report_week_manual_pkey PRIMARY KEY (id)
);

CREATE TABLE public.sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token text NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_token_unique UNIQUE (token)
);

CREATE INDEX ct_raw_snapshots_endpoint_idx ON public.ct_raw_snapshots USING btree (endpoint);

CREATE INDEX ct_raw_snapshots_tenant_id_idx ON public.ct_raw_snapshots USING btree (tenant_id);

CREATE INDEX memberships_tenant_id_idx ON public.memberships USING btree (tenant_id);

CREATE INDEX memberships_user_id_idx ON public.memberships USING btree (user_id);

CREATE INDEX report_weeks_tenant_id_idx ON public.report_weeks USING btree (tenant_id);

CREATE INDEX report_weeks_week_ending_date_idx ON public.report_weeks USING btree (week_ending_date);

CREATE INDEX sessions_user_id_idx ON public.sessions USING btree (user_id);

CREATE INDEX sync_runs_tenant_id_idx ON public.sync_runs USING btree (tenant_id);

ALTER TABLE public.audit_log ADD CONSTRAINT audit_log_actor_user_id_users_id_fk FOREIGN KEY (actor_user_id) REFERENCES public.users (id);

ALTER TABLE public.audit_log ADD CONSTRAINT audit_log_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE SET NULL;

ALTER TABLE public.ct_raw_snapshots ADD CONSTRAINT ct_raw_snapshots_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.hot_list_items ADD CONSTRAINT hot_list_items_report_week_id_report_weeks_id_fk FOREIGN KEY (report_week_id) REFERENCES public.report_weeks (id) ON DELETE CASCADE;

ALTER TABLE public.hot_list_items ADD CONSTRAINT hot_list_items_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.lead_metrics ADD CONSTRAINT lead_metrics_report_week_id_report_weeks_id_fk FOREIGN KEY (report_week_id) REFERENCES public.report_weeks (id) ON DELETE CASCADE;

ALTER TABLE public.lead_metrics ADD CONSTRAINT lead_metrics_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.memberships ADD CONSTRAINT memberships_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.memberships ADD CONSTRAINT memberships_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;

ALTER TABLE public.pipeline_stage_counts ADD CONSTRAINT pipeline_stage_counts_report_week_id_report_weeks_id_fk FOREIGN KEY (report_week_id) REFERENCES public.report_weeks (id) ON DELETE CASCADE;

ALTER TABLE public.pipeline_stage_counts ADD CONSTRAINT pipeline_stage_counts_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.report_exports ADD CONSTRAINT report_exports_report_week_id_report_weeks_id_fk FOREIGN KEY (report_week_id) REFERENCES public.report_weeks (id) ON DELETE CASCADE;

ALTER TABLE public.report_exports ADD CONSTRAINT report_exports_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.report_week_manual ADD CONSTRAINT report_week_manual_report_week_id_report_weeks_id_fk FOREIGN KEY (report_week_id) REFERENCES public.report_weeks (id) ON DELETE CASCADE;

ALTER TABLE public.report_weeks ADD CONSTRAINT report_weeks_published_by_users_id_fk FOREIGN KEY (published_by) REFERENCES public.users (id);

ALTER TABLE public.report_weeks ADD CONSTRAINT report_weeks_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.sessions ADD CONSTRAINT sessions_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;

ALTER TABLE public.sync_runs ADD CONSTRAINT sync_runs_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.tenant_branding ADD CONSTRAINT tenant_branding_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;

ALTER TABLE public.tenant_field_mappings ADD CONSTRAINT tenant_field_mappings_tenant_id_tenants_id_fk FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE;
