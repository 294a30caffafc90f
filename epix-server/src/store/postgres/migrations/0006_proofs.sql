-- What the verdicts on signatures rested on, so that they can be repeated in ten years. A certificate or a revocation list is
-- kept once for an authority, however many documents rest on it.

CREATE TABLE evidence (
    authority TEXT COLLATE "C" NOT NULL REFERENCES authority (id),
    digest    BYTEA NOT NULL,
    size      BIGINT NOT NULL, -- before compression
    content   BYTEA NOT NULL,
    PRIMARY KEY (authority, digest)
);

ALTER TABLE evidence ALTER COLUMN content SET STORAGE EXTERNAL; -- packed already

CREATE TRIGGER evidence_stands BEFORE UPDATE ON evidence
FOR EACH ROW EXECUTE FUNCTION epix_stands('evidence is never changed');

CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence
FOR EACH ROW EXECUTE FUNCTION epix_stands('evidence is never deleted');

CREATE TABLE proof (
    authority TEXT COLLATE "C" NOT NULL,
    number    TEXT COLLATE "C" NOT NULL,
    ordinal   BIGINT NOT NULL,
    body      TEXT COLLATE "C" NOT NULL, -- JSON; names evidence by its digests
    PRIMARY KEY (authority, number, ordinal),
    FOREIGN KEY (authority, number, ordinal) REFERENCES permit_version (authority, number, ordinal)
);

CREATE TRIGGER proof_stands BEFORE UPDATE ON proof
FOR EACH ROW EXECUTE FUNCTION epix_stands('a proof is never changed');

CREATE TRIGGER proof_stays BEFORE DELETE ON proof
FOR EACH ROW EXECUTE FUNCTION epix_stands('a proof is never deleted');
