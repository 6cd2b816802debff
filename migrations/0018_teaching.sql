CREATE TABLE "captions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"text" text NOT NULL
);--> statement-breakpoint
CREATE TABLE "session_notes" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"document_id" uuid,
	"captions" boolean DEFAULT false NOT NULL
);--> statement-breakpoint
CREATE TABLE "run_sheets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"owner_id" uuid NOT NULL,
	"title" text NOT NULL,
	"steps" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone
);--> statement-breakpoint
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
);--> statement-breakpoint
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
);--> statement-breakpoint
CREATE TABLE "slide_decks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"title" text NOT NULL,
	"file_id" uuid NOT NULL,
	"pdf_id" uuid,
	"state" text NOT NULL,
	"trouble" text,
	"pages" integer,
	"scripts" boolean DEFAULT false NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"worked_at" timestamp (3) with time zone,
	"tries" integer DEFAULT 0 NOT NULL,
	"archived_at" timestamp (3) with time zone
);--> statement-breakpoint
CREATE TABLE "slide_shows" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"space_path" "ltree" NOT NULL,
	"session_id" uuid NOT NULL,
	"deck_id" uuid NOT NULL,
	"page" integer,
	"together" boolean NOT NULL,
	"turn" integer NOT NULL
);--> statement-breakpoint
CREATE TABLE "slide_turns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"deck_id" uuid NOT NULL,
	"page" integer,
	"at" timestamp (3) with time zone NOT NULL
);--> statement-breakpoint
ALTER TABLE "files" ALTER COLUMN "document_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "room_id" uuid;--> statement-breakpoint
ALTER TABLE "captions" ADD CONSTRAINT "captions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "captions" ADD CONSTRAINT "captions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_notes" ADD CONSTRAINT "session_notes_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_notes" ADD CONSTRAINT "session_notes_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_notes" ADD CONSTRAINT "session_notes_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_sheets" ADD CONSTRAINT "run_sheets_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_sheets" ADD CONSTRAINT "run_sheets_owner_id_people_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_steps" ADD CONSTRAINT "run_steps_run_id_sheet_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."sheet_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_steps" ADD CONSTRAINT "run_steps_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sheet_runs" ADD CONSTRAINT "sheet_runs_sheet_id_run_sheets_id_fk" FOREIGN KEY ("sheet_id") REFERENCES "public"."run_sheets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sheet_runs" ADD CONSTRAINT "sheet_runs_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sheet_runs" ADD CONSTRAINT "sheet_runs_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_pdf_id_files_id_fk" FOREIGN KEY ("pdf_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_shows" ADD CONSTRAINT "slide_shows_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_shows" ADD CONSTRAINT "slide_shows_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_shows" ADD CONSTRAINT "slide_shows_deck_id_slide_decks_id_fk" FOREIGN KEY ("deck_id") REFERENCES "public"."slide_decks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_turns" ADD CONSTRAINT "slide_turns_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_turns" ADD CONSTRAINT "slide_turns_deck_id_slide_decks_id_fk" FOREIGN KEY ("deck_id") REFERENCES "public"."slide_decks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "captions_said" ON "captions" USING btree ("session_id","person_id","started_at");--> statement-breakpoint
CREATE INDEX "captions_session" ON "captions" USING btree ("session_id","started_at");--> statement-breakpoint
CREATE INDEX "run_sheets_room" ON "run_sheets" USING btree ("room_id","created_at");--> statement-breakpoint
CREATE INDEX "run_sheets_owner" ON "run_sheets" USING btree ("owner_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "run_steps_current" ON "run_steps" USING btree ("run_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "run_steps_session" ON "run_steps" USING btree ("session_id","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "sheet_runs_running" ON "sheet_runs" USING btree ("room_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sheet_runs_session" ON "sheet_runs" USING btree ("session_id","started_at");--> statement-breakpoint
CREATE INDEX "slide_decks_room" ON "slide_decks" USING btree ("room_id","created_at");--> statement-breakpoint
CREATE INDEX "slide_decks_state" ON "slide_decks" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "slide_turns_session" ON "slide_turns" USING btree ("session_id","at");--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "files_room" ON "files" USING btree ("room_id","at");--> statement-breakpoint
CREATE POLICY by_room ON "files" USING (EXISTS (SELECT 1 FROM rooms r WHERE r.id = room_id));--> statement-breakpoint
ALTER TABLE "slide_decks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "slide_decks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "slide_decks" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "slide_shows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "slide_shows" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "slide_shows" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "slide_turns" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "slide_turns" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "slide_turns" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "session_notes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "session_notes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "session_notes" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "captions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "captions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "captions" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "run_sheets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "run_sheets" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "run_sheets" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "sheet_runs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sheet_runs" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "sheet_runs" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "run_steps" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "run_steps" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "run_steps" USING (app_everything() OR space_path <@ ANY (app_paths()));