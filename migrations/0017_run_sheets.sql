CREATE TABLE "run_sheets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"owner_id" uuid NOT NULL,
	"title" text NOT NULL,
	"steps" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "run_steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"step_id" text NOT NULL,
	"name" text NOT NULL,
	"minutes" real NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "sheet_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sheet_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"title" text NOT NULL,
	"steps" jsonb NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "run_sheets" ADD CONSTRAINT "run_sheets_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_sheets" ADD CONSTRAINT "run_sheets_owner_id_people_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_steps" ADD CONSTRAINT "run_steps_run_id_sheet_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."sheet_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_steps" ADD CONSTRAINT "run_steps_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sheet_runs" ADD CONSTRAINT "sheet_runs_sheet_id_run_sheets_id_fk" FOREIGN KEY ("sheet_id") REFERENCES "public"."run_sheets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sheet_runs" ADD CONSTRAINT "sheet_runs_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sheet_runs" ADD CONSTRAINT "sheet_runs_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_sheets_room" ON "run_sheets" USING btree ("room_id","created_at");--> statement-breakpoint
CREATE INDEX "run_sheets_owner" ON "run_sheets" USING btree ("owner_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "run_steps_current" ON "run_steps" USING btree ("run_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "run_steps_session" ON "run_steps" USING btree ("session_id","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "sheet_runs_running" ON "sheet_runs" USING btree ("room_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sheet_runs_session" ON "sheet_runs" USING btree ("session_id","started_at");--> statement-breakpoint
ALTER TABLE "run_sheets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "run_sheets" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "run_sheets" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "sheet_runs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sheet_runs" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "sheet_runs" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "run_steps" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "run_steps" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "run_steps" USING (app_everything() OR space_path <@ ANY (app_paths()));
