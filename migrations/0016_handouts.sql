CREATE TABLE "handout_copies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"handout_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"document_id" uuid NOT NULL,
	"group_id" uuid,
	"person_id" uuid,
	"opened_at" timestamp (3) with time zone,
	"returned_at" timestamp (3) with time zone
);--> statement-breakpoint
CREATE TABLE "handouts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"document_id" uuid,
	"task_id" uuid,
	"file_id" uuid,
	"path" text,
	"work" boolean DEFAULT false NOT NULL,
	"group_id" uuid,
	"person_id" uuid,
	"places_id" uuid,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"collected_at" timestamp (3) with time zone
);--> statement-breakpoint
ALTER TABLE "handout_copies" ADD CONSTRAINT "handout_copies_handout_id_handouts_id_fk" FOREIGN KEY ("handout_id") REFERENCES "public"."handouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handout_copies" ADD CONSTRAINT "handout_copies_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handout_copies" ADD CONSTRAINT "handout_copies_group_id_rooms_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handout_copies" ADD CONSTRAINT "handout_copies_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_task_id_project_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."project_tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_group_id_rooms_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_places_id_group_sets_id_fk" FOREIGN KEY ("places_id") REFERENCES "public"."group_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handouts" ADD CONSTRAINT "handouts_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "handout_copies_handout" ON "handout_copies" USING btree ("handout_id");--> statement-breakpoint
CREATE INDEX "handout_copies_person" ON "handout_copies" USING btree ("person_id") WHERE person_id is not null;--> statement-breakpoint
CREATE INDEX "handouts_room" ON "handouts" USING btree ("room_id","created_at");--> statement-breakpoint
ALTER TABLE "handouts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "handouts" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "handouts" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "handout_copies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "handout_copies" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "handout_copies" USING (app_everything() OR space_path <@ ANY (app_paths()));