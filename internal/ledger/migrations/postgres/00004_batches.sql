-- Times are Unix milliseconds, UTC.

-- +goose Up
CREATE TABLE batches (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sandbox      INTEGER NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,
    output       TEXT COLLATE "C" NOT NULL,
    -- How many rows the last run was given.
    total        BIGINT  NOT NULL,
    -- What a worker needs to know to carry a row, as JSON.
    options      TEXT COLLATE "C",
    created_at   BIGINT  NOT NULL,
    begun_at     BIGINT  NOT NULL,
    -- When somebody told it to buy no more; NULL where nobody did.
    cancelled_at BIGINT
);

CREATE INDEX batches_newest ON batches (begun_at, id);
