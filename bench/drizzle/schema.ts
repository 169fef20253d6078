// The portal's database (portal/portal/db/schema.py) as drizzle-orm writes it: what drizzle-kit is measured on.
import { date, index, integer, jsonb, numeric, pgEnum, pgTable, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";

export const tenantStatus = pgEnum("tenant_status", ["active", "inactive", "suspended"]);
export const userStatus = pgEnum("user_status", ["active", "inactive", "pending"]);
export const membershipRole = pgEnum("membership_role", ["agency_admin", "tenant_admin", "tenant_viewer"]);
export const reportWeekStatus = pgEnum("report_week_status", ["draft", "published"]);
export const syncStatus = pgEnum("sync_status", ["running", "success", "failed"]);

const id = () => uuid("id").primaryKey().defaultRandom();
const now = (name: string) => timestamp(name).notNull().defaultNow();
const count = (name: string) => integer(name).default(0);
const tenant = () => uuid("tenant_id").references(() => tenants.id, { onDelete: "cascade" });
const user = () => uuid("user_id").references(() => users.id, { onDelete: "cascade" });
const week = () => uuid("report_week_id").references(() => reportWeeks.id, { onDelete: "cascade" });

// Core

export const tenants = pgTable("tenants", {
  id: id(),
  name: varchar("name", { length: 255 }).notNull(),
  timezone: varchar("timezone", { length: 100 }).notNull().default("America/New_York"),
  status: tenantStatus("status").notNull().default("active"),
  clienttetherWebKey: text("clienttether_web_key"),
  createdAt: now("created_at"),
  updatedAt: now("updated_at"),
});

export const tenantBranding = pgTable("tenant_branding", {
  id: id(),
  tenantId: tenant().notNull(),
  mellonLogoUrl: text("mellon_logo_url"),
  tenantLogoUrl: text("tenant_logo_url"),
  primaryColor: varchar("primary_color", { length: 7 }).default("#1E40AF"),
  accentColor: varchar("accent_color", { length: 7 }).default("#3B82F6"),
  headerLayout: varchar("header_layout", { length: 50 }).default("default"),
  updatedAt: now("updated_at"),
});

export const users = pgTable("users", {
  id: id(),
  email: varchar("email", { length: 255 }).notNull().unique(),
  name: varchar("name", { length: 255 }),
  passwordHash: text("password_hash"),
  status: userStatus("status").notNull().default("pending"),
  inviteToken: text("invite_token"),
  inviteExpiresAt: timestamp("invite_expires_at"),
  createdAt: now("created_at"),
  updatedAt: now("updated_at"),
});

export const memberships = pgTable(
  "memberships",
  {
    id: id(),
    userId: user().notNull(),
    tenantId: tenant(),
    role: membershipRole("role").notNull(),
    createdAt: now("created_at"),
  },
  (table) => [
    index("memberships_user_id_idx").on(table.userId),
    index("memberships_tenant_id_idx").on(table.tenantId),
  ],
);

export const sessions = pgTable(
  "sessions",
  {
    id: id(),
    userId: user().notNull(),
    token: text("token").notNull().unique(),
    expiresAt: timestamp("expires_at").notNull(),
    createdAt: now("created_at"),
  },
  (table) => [index("sessions_user_id_idx").on(table.userId)],
);

// Weekly reporting

export const reportWeeks = pgTable(
  "report_weeks",
  {
    id: id(),
    tenantId: tenant().notNull(),
    weekEndingDate: date("week_ending_date").notNull(),
    periodStartAt: timestamp("period_start_at").notNull(),
    periodEndAt: timestamp("period_end_at").notNull(),
    status: reportWeekStatus("status").notNull().default("draft"),
    publishedAt: timestamp("published_at"),
    publishedBy: uuid("published_by").references(() => users.id),
    createdAt: now("created_at"),
    updatedAt: now("updated_at"),
  },
  (table) => [
    index("report_weeks_tenant_id_idx").on(table.tenantId),
    index("report_weeks_week_ending_date_idx").on(table.weekEndingDate),
  ],
);

export const reportWeekManual = pgTable("report_week_manual", {
  id: id(),
  reportWeekId: week().notNull(),
  narrativeRich: text("narrative_rich"),
  initiativesRich: text("initiatives_rich"),
  needsRich: text("needs_rich"),
  discoveryDaysRich: text("discovery_days_rich"),
  updatedAt: now("updated_at"),
});

export const reportExports = pgTable("report_exports", {
  id: id(),
  tenantId: tenant().notNull(),
  reportWeekId: week().notNull(),
  pdfUrl: text("pdf_url"),
  createdAt: now("created_at"),
});

export const leadMetrics = pgTable("lead_metrics", {
  id: id(),
  tenantId: tenant().notNull(),
  reportWeekId: week(),
  dimensionType: varchar("dimension_type", { length: 100 }).notNull(),
  dimensionValue: varchar("dimension_value", { length: 255 }).notNull(),
  clicks: count("clicks"),
  impressions: count("impressions"),
  cost: numeric("cost", { precision: 12, scale: 2 }).default("0"),
  leads: count("leads"),
  qualifiedLeads: count("qualified_leads"),
  createdAt: now("created_at"),
});

export const pipelineStageCounts = pgTable("pipeline_stage_counts", {
  id: id(),
  tenantId: tenant().notNull(),
  reportWeekId: week(),
  stage: varchar("stage", { length: 100 }).notNull(),
  count: count("count"),
  createdAt: now("created_at"),
});

export const hotListItems = pgTable("hot_list_items", {
  id: id(),
  tenantId: tenant().notNull(),
  reportWeekId: week(),
  candidateName: varchar("candidate_name", { length: 255 }).notNull(),
  market: varchar("market", { length: 255 }),
  units: count("units"),
  weightedUnits: numeric("weighted_units", { precision: 10, scale: 2 }).default("0"),
  iff: numeric("iff", { precision: 12, scale: 2 }).default("0"),
  weightedIff: numeric("weighted_iff", { precision: 12, scale: 2 }).default("0"),
  salesLead: varchar("sales_lead", { length: 255 }),
  stage: varchar("stage", { length: 100 }),
  likelyPct: count("likely_pct"),
  rawJson: jsonb("raw_json"),
  createdAt: now("created_at"),
});

// Sync and configuration

export const syncRuns = pgTable(
  "sync_runs",
  {
    id: id(),
    tenantId: tenant().notNull(),
    startedAt: now("started_at"),
    finishedAt: timestamp("finished_at"),
    status: syncStatus("status").notNull().default("running"),
    errorMessage: text("error_message"),
    recordsUpdated: count("records_updated"),
  },
  (table) => [index("sync_runs_tenant_id_idx").on(table.tenantId)],
);

export const ctRawSnapshots = pgTable(
  "ct_raw_snapshots",
  {
    id: id(),
    tenantId: tenant().notNull(),
    endpoint: varchar("endpoint", { length: 255 }).notNull(),
    fetchedAt: now("fetched_at"),
    payloadJson: jsonb("payload_json"),
  },
  (table) => [
    index("ct_raw_snapshots_tenant_id_idx").on(table.tenantId),
    index("ct_raw_snapshots_endpoint_idx").on(table.endpoint),
  ],
);

export const tenantFieldMappings = pgTable("tenant_field_mappings", {
  id: id(),
  tenantId: tenant().notNull(),
  leadSourceField: varchar("lead_source_field", { length: 255 }),
  qualifiedLeadLogic: jsonb("qualified_lead_logic"),
  pipelineStageMapping: jsonb("pipeline_stage_mapping"),
  customFieldMappings: jsonb("custom_field_mappings"),
  updatedAt: now("updated_at"),
});

export const auditLog = pgTable("audit_log", {
  id: id(),
  actorUserId: uuid("actor_user_id").references(() => users.id),
  tenantId: uuid("tenant_id").references(() => tenants.id, { onDelete: "set null" }),
  action: varchar("action", { length: 100 }).notNull(),
  metadataJson: jsonb("metadata_json"),
  createdAt: now("created_at"),
});
