ALTER TABLE "chat_rooms" ADD COLUMN "read_to" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
-- Chats that are there already are read once from their beginning.
UPDATE "chat_rooms" SET "read_to" = "created_at";
