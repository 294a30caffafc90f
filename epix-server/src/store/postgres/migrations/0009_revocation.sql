-- The newest list of revoked certificates of each issuer that a server has read: what one server knows, all on the database know.

CREATE TABLE revocation_list (
    issuer    BYTEA NOT NULL PRIMARY KEY, -- its name (DER)
    issued_at TEXT COLLATE "C" NOT NULL,
    content   BYTEA NOT NULL -- the list as its issuer signed it (DER); verified by whoever takes it
);
