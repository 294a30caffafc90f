-- What callers have left of their limits, where several servers hold them together. It is not logged: it is worth an hour at most, and a
-- database that crashed begins with an empty one.

CREATE UNLOGGED TABLE pace (
    caller     BYTEA            NOT NULL, -- certificate or key
    allowance  BIGINT           NOT NULL, -- 0: calls, 1: misses
    size       DOUBLE PRECISION NOT NULL,
    refill     DOUBLE PRECISION NOT NULL, -- in a second
    remaining  DOUBLE PRECISION NOT NULL,
    at         DOUBLE PRECISION NOT NULL, -- seconds since 1970, by the clock of the database
    alarmed_at DOUBLE PRECISION,
    PRIMARY KEY (caller, allowance)
) WITH (fillfactor = 50); -- rows are changed in their place all the time
