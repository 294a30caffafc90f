-- Documents in another toolkit version than the one they were stored in: made once for each, then kept.

CREATE TABLE rendition (
    authority TEXT COLLATE "C" NOT NULL,
    number    TEXT COLLATE "C" NOT NULL,
    ordinal   BIGINT NOT NULL,
    toolkit   TEXT COLLATE "C" NOT NULL,
    losses    TEXT COLLATE "C" NOT NULL, -- JSON array
    stored_at TEXT COLLATE "C" NOT NULL,
    digest    BYTEA NOT NULL,
    size      BIGINT NOT NULL, -- before compression
    content   BYTEA NOT NULL,
    PRIMARY KEY (authority, number, ordinal, toolkit),
    FOREIGN KEY (authority, number, ordinal) REFERENCES permit_version (authority, number, ordinal)
);

CREATE TRIGGER rendition_stands BEFORE UPDATE ON rendition
FOR EACH ROW EXECUTE FUNCTION epix_stands('a rendition is never changed');

ALTER TABLE rendition ALTER COLUMN content SET STORAGE EXTERNAL; -- packed already
