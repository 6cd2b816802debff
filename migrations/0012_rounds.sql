CREATE TABLE "round_answers" (
	"round_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"role" text NOT NULL,
	"choice" jsonb NOT NULL,
	"answered_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "round_answers_round_id_person_id_pk" PRIMARY KEY("round_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "rounds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid,
	"space_path" "ltree" NOT NULL,
	"kind" text NOT NULL,
	"question" text DEFAULT '' NOT NULL,
	"options" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"correct" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"many" boolean DEFAULT false NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ends_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"dismissed_at" timestamp (3) with time zone,
	"winner_id" uuid
);
--> statement-breakpoint
ALTER TABLE "round_answers" ADD CONSTRAINT "round_answers_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "round_answers" ADD CONSTRAINT "round_answers_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_winner_id_people_id_fk" FOREIGN KEY ("winner_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "rounds_shown" ON "rounds" USING btree ("room_id") WHERE started_at is not null and dismissed_at is null;--> statement-breakpoint
CREATE INDEX "rounds_open" ON "rounds" USING btree ("ends_at") WHERE started_at is not null and closed_at is null;--> statement-breakpoint
CREATE INDEX "rounds_room" ON "rounds" USING btree ("room_id","created_at");--> statement-breakpoint
ALTER TABLE "rounds" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rounds" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "rounds" USING (app_everything() OR space_path <@ ANY (app_paths()));--> statement-breakpoint
ALTER TABLE "round_answers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "round_answers" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "round_answers" USING (app_everything() OR space_path <@ ANY (app_paths()));
