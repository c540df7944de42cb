-- Amounts are in millionths. Times are Unix milliseconds, UTC.

-- +goose Up
ALTER TABLE jobs ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN row TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_row ON jobs (batch, row, created_at, id) WHERE batch <> '';
CREATE INDEX jobs_batch ON jobs (batch, created_at, id) WHERE batch <> '';

-- Images that stand where a provider can fetch them.
CREATE TABLE uploads (
    place      TEXT   NOT NULL,
    sha256     TEXT   NOT NULL,
    method     TEXT   NOT NULL,
    object_key TEXT   NOT NULL,
    url        TEXT   NOT NULL,
    -- NULL stands for ever.
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (place, sha256)
);

CREATE INDEX uploads_expiring ON uploads (expires_at);

-- One row for each job that was ever intended.
CREATE TABLE spend (
    job         TEXT    NOT NULL PRIMARY KEY,
    provider    TEXT    NOT NULL,
    sandbox     INTEGER NOT NULL,
    -- The expected price; no unit is an unknown one.
    unit        TEXT    NOT NULL,
    amount      BIGINT  NOT NULL,
    -- What the provider told.
    actual_unit TEXT    NOT NULL,
    actual      BIGINT  NOT NULL,
    -- reserved, settled or released.
    standing    TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    batch       TEXT    NOT NULL,
    command     TEXT    NOT NULL,
    at          BIGINT  NOT NULL
);

-- The sums of spend, changed with it in one transaction.
CREATE TABLE totals (
    scope    TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    sandbox  INTEGER NOT NULL,
    provider TEXT    NOT NULL,
    unit     TEXT    NOT NULL,
    reserved BIGINT  NOT NULL,
    settled  BIGINT  NOT NULL,
    jobs     BIGINT  NOT NULL,
    PRIMARY KEY (scope, name, sandbox, provider, unit)
);
