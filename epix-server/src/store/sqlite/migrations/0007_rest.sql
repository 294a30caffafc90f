-- What REST needs: what a permit is found by, the keys of the authority's own systems, and answers that are given again.

-- What a list says of a permit and the terms it is found by (JSON); null until it was entered.
ALTER TABLE permit ADD COLUMN entry TEXT;

CREATE INDEX permit_without_entry ON permit (authority, number) WHERE entry IS NULL;

CREATE TABLE permit_term (
    authority TEXT NOT NULL,
    term      TEXT NOT NULL,
    number    TEXT NOT NULL, -- last, so that all permits with a term lie in the order of their numbers
    PRIMARY KEY (authority, term, number),
    FOREIGN KEY (authority, number) REFERENCES permit (authority, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    id         TEXT NOT NULL PRIMARY KEY,
    authority  TEXT NOT NULL REFERENCES authority (id),
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL, -- JSON array
    hash       BLOB NOT NULL, -- keyed hash, never the key
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_answer (
    authority TEXT NOT NULL REFERENCES authority (id),
    caller    TEXT NOT NULL, -- a key, or a party
    key       TEXT NOT NULL, -- the caller's own
    request   BLOB NOT NULL, -- digest
    begun_at  TEXT NOT NULL,
    answer    TEXT,          -- JSON; null while the work is under way
    PRIMARY KEY (authority, caller, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_answer_age ON kept_answer (authority, begun_at);
