CREATE TABLE "participants" (
	"room_id" uuid NOT NULL,
	"space_path" "ltree" NOT NULL,
	"person_id" uuid NOT NULL,
	"role" text NOT NULL,
	"admission" text NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"on_stage" boolean DEFAULT false NOT NULL,
	"denied" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"hand_at" timestamp (3) with time zone,
	"need" text,
	CONSTRAINT "participants_room_id_person_id_pk" PRIMARY KEY("room_id","person_id")
);
--> statement-breakpoint
ALTER TABLE "rooms" ADD COLUMN "rules" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "participants" ADD CONSTRAINT "participants_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."rooms"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participants" ADD CONSTRAINT "participants_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "participants_person" ON "participants" USING btree ("person_id");--> statement-breakpoint
ALTER TABLE "participants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "participants" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_path ON "participants" USING (app_everything() OR space_path <@ ANY (app_paths()));
