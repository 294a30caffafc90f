-- Documents in another toolkit version than the one they were stored in: made once for each, then kept.

CREATE TABLE rendition (
    authority TEXT    NOT NULL,
    number    TEXT    NOT NULL,
    ordinal   INTEGER NOT NULL,
    toolkit   TEXT    NOT NULL,
    losses    TEXT    NOT NULL, -- JSON array
    stored_at TEXT    NOT NULL,
    digest    BLOB    NOT NULL,
    size      INTEGER NOT NULL, -- before compression
    content   BLOB    NOT NULL,
    PRIMARY KEY (authority, number, ordinal, toolkit),
    FOREIGN KEY (authority, number, ordinal) REFERENCES permit_version (authority, number, ordinal)
) STRICT;

CREATE TRIGGER rendition_stands BEFORE UPDATE ON rendition
BEGIN SELECT RAISE(ABORT, 'a rendition is never changed'); END;
