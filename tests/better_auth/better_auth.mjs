// The real Better Auth on the portal's database, which DATABASE_URL names. Each command prints JSON.
//
//   node better_auth.mjs asks                     what its getMigrations asks for
//   node better_auth.mjs migrate GENERATE_ID      runs its own migration; GENERATE_ID is "uuid" or "false"
//   node better_auth.mjs sign-up EMAIL PASSWORD   signs a user up, then in
//
// Users and sessions live in the portal's tables, field names mapped to the snake_case columns.

import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";

const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });

const options = (generateId = "uuid") => ({
  baseURL: "http://localhost:3000",
  secret: "for tests of the portal's database only",
  database,
  emailAndPassword: { enabled: true },
  advanced: { database: { generateId } },
  telemetry: { enabled: false },
  user: {
    modelName: "users",
    fields: { emailVerified: "email_verified", createdAt: "created_at", updatedAt: "updated_at" },
  },
  session: {
    modelName: "sessions",
    fields: {
      userId: "user_id",
      expiresAt: "expires_at",
      createdAt: "created_at",
      updatedAt: "updated_at",
      ipAddress: "ip_address",
      userAgent: "user_agent",
    },
  },
});

const commands = {
  async asks() {
    const { toBeAdded, toBeCreated } = await getMigrations(options());
    return { toBeAdded, toBeCreated };
  },

  async migrate(generateId) {
    const { runMigrations } = await getMigrations(options(generateId === "false" ? false : generateId));
    await runMigrations();
    return { migrated: true };
  },

  async "sign-up"(email, password) {
    const { api } = betterAuth(options());
    const signedUp = await api.signUpEmail({ body: { name: "Ada", email, password } });
    const signedIn = await api.signInEmail({ body: { email, password } });
    return { signedUp, signedIn };
  },
};

const [command, ...args] = process.argv.slice(2);
console.log(JSON.stringify(await commands[command](...args)));
await database.end();
