-- Chains of the audit may end, because a backup was restored, and may begin later than with their first line, because what was
-- older was purged.

ALTER TABLE audit_head ADD COLUMN closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)); -- 1: nothing is written to it any more

CREATE TABLE audit_start (
    authority TEXT    NOT NULL,
    shard     INTEGER NOT NULL,
    sequence  INTEGER NOT NULL, -- of the last line that was purged
    hash      BLOB    NOT NULL,
    PRIMARY KEY (authority, shard),
    FOREIGN KEY (authority, shard) REFERENCES audit_head (authority, shard)
) STRICT, WITHOUT ROWID;

DROP TRIGGER audit_line_stays;

CREATE TRIGGER audit_line_stays BEFORE DELETE ON audit_line
WHEN NOT EXISTS (
    SELECT 1 FROM audit_start AS start
    WHERE start.authority = OLD.authority AND start.shard = OLD.shard AND start.sequence >= OLD.sequence
)
BEGIN SELECT RAISE(ABORT, 'an audit line is deleted by a purge only'); END;
