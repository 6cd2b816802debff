CREATE TABLE "captions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session_notes" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"document_id" uuid,
	"captions" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "captions" ADD CONSTRAINT "captions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "captions" ADD CONSTRAINT "captions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_notes" ADD CONSTRAINT "session_notes_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_notes" ADD CONSTRAINT "session_notes_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_notes" ADD CONSTRAINT "session_notes_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "captions_said" ON "captions" USING btree ("session_id","person_id","started_at");--> statement-breakpoint
CREATE INDEX "captions_session" ON "captions" USING btree ("session_id","started_at");--> statement-breakpoint
ALTER TABLE "session_notes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "session_notes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "session_notes" USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE "captions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "captions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "captions" USING (app_everything() OR space_path <@ ANY (app_paths()));
