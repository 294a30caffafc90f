-- Chains of the audit may end, because a backup was restored, and may begin later than with their first line, because what was
-- older was purged.

ALTER TABLE audit_head ADD COLUMN closed BIGINT NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)); -- 1: nothing is written to it any more

-- A process that has not heard of it must not go on with a chain; the code tells it to look again.
CREATE FUNCTION epix_chain_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a closed chain is not written to' USING ERRCODE = 'EP001'; END
$$;

CREATE TRIGGER audit_head_closed BEFORE UPDATE ON audit_head
FOR EACH ROW WHEN (OLD.closed = 1) EXECUTE FUNCTION epix_chain_is_closed();

CREATE TABLE audit_start (
    authority TEXT COLLATE "C" NOT NULL,
    shard     BIGINT NOT NULL,
    sequence  BIGINT NOT NULL, -- of the last line that was purged
    hash      BYTEA NOT NULL,
    PRIMARY KEY (authority, shard),
    FOREIGN KEY (authority, shard) REFERENCES audit_head (authority, shard)
);

DROP TRIGGER audit_line_stays ON audit_line;

CREATE FUNCTION epix_line_is_purged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM audit_start AS start
        WHERE start.authority = OLD.authority AND start.shard = OLD.shard AND start.sequence >= OLD.sequence
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an audit line is deleted by a purge only';
END
$$;

CREATE TRIGGER audit_line_stays BEFORE DELETE ON audit_line
FOR EACH ROW EXECUTE FUNCTION epix_line_is_purged();
