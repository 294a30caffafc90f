-- The newest list of revoked certificates of each issuer that a server has read. A file has one server, which reads its own lists: nothing is
-- written here. The table is there because a store has the same tables wherever it is kept.

CREATE TABLE revocation_list (
    issuer    BLOB NOT NULL PRIMARY KEY, -- its name (DER)
    issued_at TEXT NOT NULL,
    content   BLOB NOT NULL -- the list as its issuer signed it (DER); verified by whoever takes it
) STRICT, WITHOUT ROWID;
