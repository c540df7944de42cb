-- +goose Up
-- How many jobs of a batch are in each state is counted in the index alone.
CREATE INDEX jobs_batch_state ON jobs (batch, state) WHERE batch <> '';
