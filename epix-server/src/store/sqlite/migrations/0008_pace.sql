-- What callers have left of their limits, where several servers hold them together. A file has one server, which counts in memory: nothing
-- is written here. The table is there because a store has the same tables wherever it is kept.

CREATE TABLE pace (
    caller     BLOB    NOT NULL, -- certificate or key
    allowance  INTEGER NOT NULL, -- 0: calls, 1: misses
    size       REAL    NOT NULL,
    refill     REAL    NOT NULL, -- in a second
    remaining  REAL    NOT NULL,
    at         REAL    NOT NULL, -- seconds since 1970
    alarmed_at REAL,
    PRIMARY KEY (caller, allowance)
) STRICT, WITHOUT ROWID;
