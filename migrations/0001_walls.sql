-- The second wall under the policy: the application connects as a role that owns nothing and
-- cannot bypass row-level security, and sees only rows of the spaces named for its transaction.
--   app.paths   the paths (comma-separated) whose rows may be seen and written
--   app.person  the person who acts
--   app.scope   '*' for the space's own work (listeners, jobs, sign-in), which names no person
GRANT USAGE ON SCHEMA public TO space_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO space_app;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO space_app;
--> statement-breakpoint
CREATE FUNCTION app_everything() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('app.scope', true), '') = '*' $$;
--> statement-breakpoint
CREATE FUNCTION app_paths() RETURNS ltree[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(string_to_array(nullif(current_setting('app.paths', true), ''), ','), '{}')::ltree[] $$;
--> statement-breakpoint
CREATE FUNCTION app_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.person', true), '')::uuid $$;
--> statement-breakpoint
-- Tables whose rows name their space themselves.
DO $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['memberships', 'rooms', 'sessions', 'visits', 'utterances', 'documents', 'statements', 'chat_rooms', 'chat_members'] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY by_path ON %I USING (app_everything() OR space_path <@ ANY (app_paths()))', name);
	END LOOP;
END $$;
--> statement-breakpoint
-- The spaces above one's own are seen by name; only those below are written.
ALTER TABLE spaces ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE spaces FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen ON spaces FOR SELECT USING (app_everything() OR path <@ ANY (app_paths()) OR path @> ANY (app_paths()));
--> statement-breakpoint
CREATE POLICY written ON spaces USING (app_everything() OR path <@ ANY (app_paths()));
--> statement-breakpoint
-- A person is seen where enrolled and where a member: a workshop joins schools.
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE people FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen ON people FOR SELECT USING (
	app_everything() OR home_path <@ ANY (app_paths()) OR id = app_person()
	OR EXISTS (SELECT 1 FROM memberships m WHERE m.person_id = people.id)
);
--> statement-breakpoint
CREATE POLICY written ON people USING (app_everything() OR home_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE guardianships ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE guardianships FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_child ON guardianships USING (
	app_everything() OR guardian_id = app_person() OR EXISTS (SELECT 1 FROM people p WHERE p.id = guardianships.child_id)
);
--> statement-breakpoint
-- Tables whose rows belong to a document are seen with it.
DO $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['document_updates', 'document_snapshots', 'document_clients', 'document_recorded', 'document_tokens'] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY by_document ON %I USING (app_everything() OR EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id))', name);
	END LOOP;
END $$;
--> statement-breakpoint
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen ON audit FOR SELECT USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
-- Anyone's act may be audited, also one that was refused because the place is foreign.
CREATE POLICY added ON audit FOR INSERT WITH CHECK (true);
--> statement-breakpoint
-- What is evidence is only ever added.
REVOKE UPDATE, DELETE ON audit, statements, document_updates FROM space_app;
--> statement-breakpoint
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '% rows are only ever added', TG_TABLE_NAME; END $$;
--> statement-breakpoint
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION only_added();
