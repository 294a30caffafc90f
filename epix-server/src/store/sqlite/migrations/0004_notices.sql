-- What partners are told of permits: one row for each event that is told, written with the event in one transaction, in the order
-- in which they happened to an authority; and how far each party has been told.

CREATE TABLE notice (
    authority TEXT    NOT NULL,
    sequence  INTEGER NOT NULL, -- from 1, without gaps
    number    TEXT    NOT NULL,
    event     INTEGER NOT NULL, -- its sequence in the history of the permit
    PRIMARY KEY (authority, sequence),
    FOREIGN KEY (authority, number, event) REFERENCES permit_event (authority, number, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER notice_stands BEFORE UPDATE ON notice
BEGIN SELECT RAISE(ABORT, 'a notice is never changed'); END;

CREATE TABLE notice_told (
    authority TEXT    NOT NULL REFERENCES authority (id),
    party     TEXT    NOT NULL,
    sequence  INTEGER NOT NULL, -- of the last notice that the party has taken
    PRIMARY KEY (authority, party)
) STRICT, WITHOUT ROWID;
