-- What REST needs: what a permit is found by, the keys of the authority's own systems, and answers that are given again.

-- What a list says of a permit and the terms it is found by (JSON); null until it was entered.
ALTER TABLE permit ADD COLUMN entry TEXT COLLATE "C";

CREATE INDEX permit_without_entry ON permit (authority, number) WHERE entry IS NULL;

CREATE TABLE permit_term (
    authority TEXT COLLATE "C" NOT NULL,
    term      TEXT COLLATE "C" NOT NULL,
    number    TEXT COLLATE "C" NOT NULL, -- last, so that all permits with a term lie in the order of their numbers
    PRIMARY KEY (authority, term, number),
    FOREIGN KEY (authority, number) REFERENCES permit (authority, number)
);

CREATE TABLE api_key (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    authority  TEXT COLLATE "C" NOT NULL REFERENCES authority (id),
    name       TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL, -- JSON array
    hash       BYTEA NOT NULL, -- keyed hash, never the key
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C",
    revoked_at TEXT COLLATE "C"
);

CREATE TABLE kept_answer (
    authority TEXT COLLATE "C" NOT NULL REFERENCES authority (id),
    caller    TEXT COLLATE "C" NOT NULL, -- a key, or a party
    key       TEXT COLLATE "C" NOT NULL, -- the caller's own
    request   BYTEA NOT NULL, -- digest
    begun_at  TEXT COLLATE "C" NOT NULL,
    answer    TEXT COLLATE "C", -- JSON; null while the work is under way
    PRIMARY KEY (authority, caller, key)
);

CREATE INDEX kept_answer_age ON kept_answer (authority, begun_at);
