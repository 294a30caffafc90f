-- What the verdicts on signatures rested on, so that they can be repeated in ten years. A certificate or a revocation list is
-- kept once for an authority, however many documents rest on it.

CREATE TABLE evidence (
    authority TEXT    NOT NULL REFERENCES authority (id),
    digest    BLOB    NOT NULL,
    size      INTEGER NOT NULL, -- before compression
    content   BLOB    NOT NULL,
    PRIMARY KEY (authority, digest)
) STRICT;

CREATE TRIGGER evidence_stands BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is never changed'); END;

CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is never deleted'); END;

CREATE TABLE proof (
    authority TEXT    NOT NULL,
    number    TEXT    NOT NULL,
    ordinal   INTEGER NOT NULL,
    body      TEXT    NOT NULL, -- JSON; names evidence by its digests
    PRIMARY KEY (authority, number, ordinal),
    FOREIGN KEY (authority, number, ordinal) REFERENCES permit_version (authority, number, ordinal)
) STRICT;

CREATE TRIGGER proof_stands BEFORE UPDATE ON proof
BEGIN SELECT RAISE(ABORT, 'a proof is never changed'); END;

CREATE TRIGGER proof_stays BEFORE DELETE ON proof
BEGIN SELECT RAISE(ABORT, 'a proof is never deleted'); END;
