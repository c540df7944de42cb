-- What the ledger in a file became by its third migration; from there on each
-- migration is written for both under one number. Text is ordered by its bytes,
-- as in the file. Times are Unix milliseconds, UTC; NULL is a time that has not
-- come. Amounts are in millionths.

-- +goose Up
CREATE TABLE jobs (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider        TEXT COLLATE "C" NOT NULL,
    path            TEXT COLLATE "C" NOT NULL,
    task            TEXT COLLATE "C" NOT NULL,
    model           TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    sandbox         INTEGER NOT NULL,
    prompt          TEXT COLLATE "C" NOT NULL,
    key             TEXT COLLATE "C" NOT NULL,
    external_id     TEXT COLLATE "C" NOT NULL,
    request         TEXT COLLATE "C",
    settings        TEXT COLLATE "C",
    seconds         INTEGER NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    word            TEXT COLLATE "C" NOT NULL,
    code            TEXT COLLATE "C" NOT NULL,
    message         TEXT COLLATE "C" NOT NULL,
    request_id      TEXT COLLATE "C" NOT NULL,
    cost            TEXT COLLATE "C",
    artifacts       TEXT COLLATE "C",
    -- How many artifacts of a succeeded job have no checked file.
    unsaved         INTEGER NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT,
    submitted_at    BIGINT,
    finished_at     BIGINT,
    create_deadline BIGINT,
    -- When the last create was intended; what the in-flight limit counts from.
    begun_at        BIGINT,
    batch           TEXT COLLATE "C" NOT NULL DEFAULT '',
    row             TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE INDEX jobs_newest ON jobs (created_at, id);
CREATE INDEX jobs_state ON jobs (state, created_at, id);
CREATE INDEX jobs_key ON jobs (key, created_at, id);
-- Not unique: a provider that gives one task id twice must not cost a row.
CREATE INDEX jobs_task ON jobs (task, provider, created_at);
CREATE INDEX jobs_in_flight ON jobs (sandbox, provider, state, begun_at);
CREATE INDEX jobs_unsaved ON jobs (created_at, id) WHERE unsaved > 0;
CREATE INDEX jobs_history ON jobs (provider, model, seconds, finished_at) WHERE state = 'succeeded';
CREATE INDEX jobs_row ON jobs (batch, row, created_at, id) WHERE batch <> '';
CREATE INDEX jobs_batch ON jobs (batch, created_at, id) WHERE batch <> '';
CREATE INDEX jobs_batch_state ON jobs (batch, state) WHERE batch <> '';

CREATE TABLE events (
    job     TEXT COLLATE "C" NOT NULL,
    seq     INTEGER NOT NULL,
    at      BIGINT NOT NULL,
    state   TEXT COLLATE "C" NOT NULL,
    word    TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (job, seq)
);

-- One row a provider, written in the transaction of the intent.
CREATE TABLE pace (
    provider   TEXT COLLATE "C" NOT NULL,
    sandbox    INTEGER NOT NULL,
    -- No create before this time: the provider asked for it.
    not_before BIGINT,
    -- When the last creates were intended, oldest first, as a JSON array.
    recent     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (provider, sandbox)
);

-- Images that stand where a provider can fetch them.
CREATE TABLE uploads (
    place      TEXT COLLATE "C" NOT NULL,
    sha256     TEXT COLLATE "C" NOT NULL,
    method     TEXT COLLATE "C" NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL,
    url        TEXT COLLATE "C" NOT NULL,
    -- NULL stands for ever.
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (place, sha256)
);

CREATE INDEX uploads_expiring ON uploads (expires_at);

-- One row for each job that was ever intended.
CREATE TABLE spend (
    job         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider    TEXT COLLATE "C" NOT NULL,
    sandbox     INTEGER NOT NULL,
    -- The expected price; no unit is an unknown one.
    unit        TEXT COLLATE "C" NOT NULL,
    amount      BIGINT NOT NULL,
    -- What the provider told.
    actual_unit TEXT COLLATE "C" NOT NULL,
    actual      BIGINT NOT NULL,
    -- reserved, settled or released.
    standing    TEXT COLLATE "C" NOT NULL,
    day         TEXT COLLATE "C" NOT NULL,
    batch       TEXT COLLATE "C" NOT NULL,
    command     TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL
);

-- The sums of spend, changed with it in one transaction.
CREATE TABLE totals (
    scope    TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    sandbox  INTEGER NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    unit     TEXT COLLATE "C" NOT NULL,
    reserved BIGINT NOT NULL,
    settled  BIGINT NOT NULL,
    jobs     BIGINT NOT NULL,
    PRIMARY KEY (scope, name, sandbox, provider, unit)
);

-- The last transaction that each writer committed. Who lost the connection in
-- a COMMIT learns here how it went. There is no such thing in a file.
CREATE TABLE signatures (
    writer TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    serial BIGINT NOT NULL,
    at     TIMESTAMPTZ NOT NULL
);
