-- Times are Unix milliseconds, UTC; NULL is a time that has not come.

-- +goose Up
CREATE TABLE jobs (
    id              TEXT    NOT NULL PRIMARY KEY,
    provider        TEXT    NOT NULL,
    path            TEXT    NOT NULL,
    task            TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    sandbox         INTEGER NOT NULL,
    prompt          TEXT    NOT NULL,
    key             TEXT    NOT NULL,
    external_id     TEXT    NOT NULL,
    request         TEXT,
    settings        TEXT,
    seconds         INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    word            TEXT    NOT NULL,
    code            TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    request_id      TEXT    NOT NULL,
    cost            TEXT,
    artifacts       TEXT,
    -- How many artifacts of a succeeded job have no checked file.
    unsaved         INTEGER NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT,
    submitted_at    BIGINT,
    finished_at     BIGINT,
    create_deadline BIGINT,
    -- When the last create was intended; what the in-flight limit counts from.
    begun_at        BIGINT
);

CREATE INDEX jobs_newest ON jobs (created_at, id);
CREATE INDEX jobs_state ON jobs (state, created_at, id);
CREATE INDEX jobs_key ON jobs (key, created_at, id);
-- Not unique: a provider that gives one task id twice must not cost a row.
CREATE INDEX jobs_task ON jobs (task, provider, created_at);
-- Not led by the provider: a list of its newest jobs would take it and sort.
CREATE INDEX jobs_in_flight ON jobs (sandbox, provider, state, begun_at);
CREATE INDEX jobs_unsaved ON jobs (created_at, id) WHERE unsaved > 0;
CREATE INDEX jobs_history ON jobs (provider, model, seconds, finished_at) WHERE state = 'succeeded';

CREATE TABLE events (
    job     TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    at      BIGINT  NOT NULL,
    state   TEXT    NOT NULL,
    word    TEXT    NOT NULL,
    message TEXT    NOT NULL,
    PRIMARY KEY (job, seq)
);

-- One row a provider, written in the transaction of the intent.
CREATE TABLE pace (
    provider   TEXT    NOT NULL,
    sandbox    INTEGER NOT NULL,
    -- No create before this time: the provider asked for it.
    not_before BIGINT,
    -- When the last creates were intended, oldest first, as a JSON array.
    recent     TEXT    NOT NULL,
    PRIMARY KEY (provider, sandbox)
);
