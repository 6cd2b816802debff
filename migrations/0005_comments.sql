CREATE TABLE "comment_replies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"thread_id" uuid NOT NULL,
	"document_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"role" text NOT NULL,
	"text" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"edited_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "comment_threads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"document_id" uuid NOT NULL,
	"from_position" text NOT NULL,
	"to_position" text NOT NULL,
	"quote" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	"resolved_by" uuid
);
--> statement-breakpoint
ALTER TABLE "comment_replies" ADD CONSTRAINT "comment_replies_thread_id_comment_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."comment_threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comment_replies" ADD CONSTRAINT "comment_replies_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comment_replies" ADD CONSTRAINT "comment_replies_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comment_threads" ADD CONSTRAINT "comment_threads_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comment_threads" ADD CONSTRAINT "comment_threads_resolved_by_people_id_fk" FOREIGN KEY ("resolved_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "comment_replies_thread" ON "comment_replies" USING btree ("thread_id","id");--> statement-breakpoint
CREATE INDEX "comment_threads_document" ON "comment_threads" USING btree ("document_id","id");--> statement-breakpoint
ALTER TABLE "comment_threads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "comment_threads" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_document ON "comment_threads" USING (app_everything() OR EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id));--> statement-breakpoint
ALTER TABLE "comment_replies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "comment_replies" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY by_document ON "comment_replies" USING (app_everything() OR EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id));
