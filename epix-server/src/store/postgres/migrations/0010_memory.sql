-- A server may remember what the books said, and answer with it as long as it still holds: that is looked at with the line of the audit.

ALTER TABLE authority ADD COLUMN register BIGINT NOT NULL DEFAULT 0; -- how often its parties were replaced

-- Called where something that was remembered no longer holds; the code tells whoever wrote to look again.
CREATE FUNCTION epix_outdated() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what an answer rests on has changed' USING ERRCODE = 'EP002'; END
$$;
