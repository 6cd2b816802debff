CREATE TABLE "recording_consents" (
	"recording_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"given" boolean NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "recording_consents_recording_id_person_id_pk" PRIMARY KEY("recording_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "recording_films" (
	"recording_id" uuid PRIMARY KEY NOT NULL,
	"space_path" "ltree" NOT NULL,
	"state" text NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"of" integer DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"reason" text,
	"requested_by" uuid NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recording_keeping" (
	"space_id" uuid PRIMARY KEY NOT NULL,
	"space_path" "ltree" NOT NULL,
	"days" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recording_marks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"recording_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"at" integer NOT NULL,
	"until" integer,
	"text" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recording_tracks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"recording_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"duration" integer DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "recordings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"title" text NOT NULL,
	"audience" text DEFAULT 'members' NOT NULL,
	"started_by" uuid NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"ready_at" timestamp (3) with time zone,
	"tended_at" timestamp (3) with time zone,
	"trouble" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "recording_consents" ADD CONSTRAINT "recording_consents_recording_id_recordings_id_fk" FOREIGN KEY ("recording_id") REFERENCES "public"."recordings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_consents" ADD CONSTRAINT "recording_consents_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_films" ADD CONSTRAINT "recording_films_recording_id_recordings_id_fk" FOREIGN KEY ("recording_id") REFERENCES "public"."recordings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_films" ADD CONSTRAINT "recording_films_requested_by_people_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_keeping" ADD CONSTRAINT "recording_keeping_space_id_spaces_id_fk" FOREIGN KEY ("space_id") REFERENCES "public"."spaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_marks" ADD CONSTRAINT "recording_marks_recording_id_recordings_id_fk" FOREIGN KEY ("recording_id") REFERENCES "public"."recordings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_marks" ADD CONSTRAINT "recording_marks_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_tracks" ADD CONSTRAINT "recording_tracks_recording_id_recordings_id_fk" FOREIGN KEY ("recording_id") REFERENCES "public"."recordings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_tracks" ADD CONSTRAINT "recording_tracks_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_started_by_people_id_fk" FOREIGN KEY ("started_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "recording_films_waiting" ON "recording_films" USING btree ("state","requested_at");--> statement-breakpoint
CREATE INDEX "recording_marks_recording" ON "recording_marks" USING btree ("recording_id","at");--> statement-breakpoint
CREATE INDEX "recording_tracks_recording" ON "recording_tracks" USING btree ("recording_id","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "recordings_going" ON "recordings" USING btree ("room_id") WHERE stopped_at is null;--> statement-breakpoint
CREATE INDEX "recordings_unready" ON "recordings" USING btree ("stopped_at") WHERE ready_at is null;--> statement-breakpoint
CREATE INDEX "recordings_room" ON "recordings" USING btree ("room_id","started_at");--> statement-breakpoint
CREATE INDEX "recordings_expiring" ON "recordings" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "recordings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recordings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "recordings" USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE "recording_consents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recording_consents" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "recording_consents" USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE "recording_tracks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recording_tracks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "recording_tracks" USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE "recording_marks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recording_marks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "recording_marks" USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE "recording_films" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recording_films" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "recording_films" USING (app_everything() OR space_path <@ ANY (app_paths()));
--> statement-breakpoint
ALTER TABLE "recording_keeping" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recording_keeping" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "recording_keeping" USING (app_everything() OR space_path <@ ANY (app_paths()));
