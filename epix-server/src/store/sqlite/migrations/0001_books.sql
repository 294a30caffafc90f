-- The books of every authority: permits with their documents and events, parties, refused documents, audit.
-- Times are RFC 3339 texts in UTC with microseconds; digests and fingerprints are 32 bytes; documents are zstd frames.
-- What is never changed says so in a trigger, so that not even a slip of ours can.

CREATE TABLE authority (
    id      TEXT NOT NULL PRIMARY KEY,
    country TEXT NOT NULL,
    name    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE permit (
    authority   TEXT    NOT NULL REFERENCES authority (id),
    number      TEXT    NOT NULL, -- normalised: the key
    written     TEXT    NOT NULL, -- as in box 1
    destination TEXT,             -- of the newest document
    token       BLOB,             -- keyed hash, never the token
    revision    INTEGER NOT NULL, -- number of events
    stored_at   TEXT    NOT NULL,
    PRIMARY KEY (authority, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE permit_version (
    authority      TEXT    NOT NULL,
    number         TEXT    NOT NULL,
    ordinal        INTEGER NOT NULL,
    toolkit        TEXT    NOT NULL,
    digest         BLOB    NOT NULL,
    size           INTEGER NOT NULL, -- before compression
    reason         TEXT    NOT NULL, -- JSON
    stored_at      TEXT    NOT NULL,
    attachments_of INTEGER NOT NULL, -- ordinal of the version whose attachments travel with it
    content        BLOB    NOT NULL, -- last, so that reading the rest does not touch it
    PRIMARY KEY (authority, number, ordinal),
    FOREIGN KEY (authority, number) REFERENCES permit (authority, number)
) STRICT;

CREATE TRIGGER permit_version_stands BEFORE UPDATE ON permit_version
BEGIN SELECT RAISE(ABORT, 'a version of a permit is never changed'); END;

CREATE TRIGGER permit_version_stays BEFORE DELETE ON permit_version
BEGIN SELECT RAISE(ABORT, 'a version of a permit is never deleted'); END;

CREATE TABLE attachment (
    authority TEXT    NOT NULL,
    number    TEXT    NOT NULL,
    ordinal   INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    digest    BLOB    NOT NULL,
    size      INTEGER NOT NULL,
    content   BLOB    NOT NULL,
    PRIMARY KEY (authority, number, ordinal, position),
    FOREIGN KEY (authority, number, ordinal) REFERENCES permit_version (authority, number, ordinal)
) STRICT;

CREATE TRIGGER attachment_stands BEFORE UPDATE ON attachment
BEGIN SELECT RAISE(ABORT, 'an attachment is never changed'); END;

CREATE TRIGGER attachment_stays BEFORE DELETE ON attachment
BEGIN SELECT RAISE(ABORT, 'an attachment is never deleted'); END;

CREATE TABLE permit_event (
    authority   TEXT    NOT NULL,
    number      TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    at          TEXT    NOT NULL,
    party       TEXT,
    fingerprint BLOB,
    body        TEXT    NOT NULL, -- JSON
    PRIMARY KEY (authority, number, sequence),
    FOREIGN KEY (authority, number) REFERENCES permit (authority, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER permit_event_stands BEFORE UPDATE ON permit_event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;

CREATE TRIGGER permit_event_stays BEFORE DELETE ON permit_event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

CREATE TABLE party (
    authority  TEXT    NOT NULL REFERENCES authority (id),
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    country    TEXT    NOT NULL,
    roles      TEXT    NOT NULL, -- JSON array
    operations TEXT,             -- JSON array; null means by role
    suspended  INTEGER NOT NULL CHECK (suspended IN (0, 1)),
    PRIMARY KEY (authority, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE party_certificate (
    fingerprint BLOB NOT NULL,
    authority   TEXT NOT NULL,
    party       TEXT NOT NULL,
    PRIMARY KEY (fingerprint, authority), -- under one party of an authority only
    FOREIGN KEY (authority, party) REFERENCES party (authority, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX party_certificate_of ON party_certificate (authority, party);

CREATE TABLE refused_document (
    sequence  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    authority TEXT    NOT NULL REFERENCES authority (id),
    at        TEXT    NOT NULL,
    report    TEXT    NOT NULL, -- JSON
    digest    BLOB    NOT NULL,
    size      INTEGER NOT NULL,
    content   BLOB    NOT NULL
) STRICT;

CREATE INDEX refused_document_of ON refused_document (authority, sequence, size);

CREATE TABLE audit_head (
    authority TEXT    NOT NULL REFERENCES authority (id),
    shard     INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (authority, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_line (
    authority TEXT    NOT NULL,
    shard     INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    previous  BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    body      TEXT    NOT NULL, -- canonical JSON, as hashed
    PRIMARY KEY (authority, shard, sequence),
    FOREIGN KEY (authority, shard) REFERENCES audit_head (authority, shard)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_line_stands BEFORE UPDATE ON audit_line
BEGIN SELECT RAISE(ABORT, 'an audit line is never changed'); END;

CREATE TRIGGER audit_line_stays BEFORE DELETE ON audit_line
BEGIN SELECT RAISE(ABORT, 'an audit line is never deleted'); END;
