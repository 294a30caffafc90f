-- What partners are told of permits: one row for each event that is told, written with the event in one transaction, in the order
-- in which they happened to an authority; and how far each party has been told.

CREATE TABLE notice (
    authority TEXT COLLATE "C" NOT NULL,
    sequence  BIGINT NOT NULL, -- from 1, without gaps
    number    TEXT COLLATE "C" NOT NULL,
    event     BIGINT NOT NULL, -- its sequence in the history of the permit
    PRIMARY KEY (authority, sequence),
    FOREIGN KEY (authority, number, event) REFERENCES permit_event (authority, number, sequence)
);

CREATE TRIGGER notice_stands BEFORE UPDATE ON notice
FOR EACH ROW EXECUTE FUNCTION epix_stands('a notice is never changed');

CREATE TABLE notice_told (
    authority TEXT COLLATE "C" NOT NULL REFERENCES authority (id),
    party     TEXT COLLATE "C" NOT NULL,
    sequence  BIGINT NOT NULL, -- of the last notice that the party has taken
    PRIMARY KEY (authority, party)
);
