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
);
--> statement-breakpoint
CREATE TABLE "slide_shows" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"space_path" "ltree" NOT NULL,
	"session_id" uuid NOT NULL,
	"deck_id" uuid NOT NULL,
	"page" integer,
	"together" boolean NOT NULL,
	"turn" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slide_turns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"deck_id" uuid NOT NULL,
	"page" integer,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "files" ALTER COLUMN "document_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "room_id" uuid;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_pdf_id_files_id_fk" FOREIGN KEY ("pdf_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_decks" ADD CONSTRAINT "slide_decks_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_shows" ADD CONSTRAINT "slide_shows_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_shows" ADD CONSTRAINT "slide_shows_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_shows" ADD CONSTRAINT "slide_shows_deck_id_slide_decks_id_fk" FOREIGN KEY ("deck_id") REFERENCES "public"."slide_decks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_turns" ADD CONSTRAINT "slide_turns_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_turns" ADD CONSTRAINT "slide_turns_deck_id_slide_decks_id_fk" FOREIGN KEY ("deck_id") REFERENCES "public"."slide_decks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "slide_decks_room" ON "slide_decks" USING btree ("room_id","created_at");--> statement-breakpoint
CREATE INDEX "slide_decks_state" ON "slide_decks" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "slide_turns_session" ON "slide_turns" USING btree ("session_id","at");--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "files_room" ON "files" USING btree ("room_id","at");--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_of_one" CHECK (num_nonnulls(document_id, room_id) = 1);--> statement-breakpoint
CREATE POLICY by_room ON "files" USING (EXISTS (SELECT 1 FROM rooms r WHERE r.id = room_id));--> statement-breakpoint
ALTER TABLE "slide_decks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "slide_decks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "slide_decks" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "slide_shows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "slide_shows" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "slide_shows" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "slide_turns" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "slide_turns" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "slide_turns" USING (app_everything() OR space_path <@ ANY (app_paths()));
