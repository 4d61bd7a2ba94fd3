-- A queue of jobs in a table: people submit them, workers claim and finish them. Start here; the service's `schema.rs`
-- says the same in Rust.
--
-- Run once in an empty database, by the role that owns it. No BEGIN and COMMIT here: whoever runs the file
-- decides. The lab sends it as one message, which PostgreSQL runs as one transaction; psql runs line by line.

CREATE TABLE workers (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text   NOT NULL UNIQUE
);

CREATE TABLE jobs (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type         text        NOT NULL CHECK (type IN ('image_resize', 'send_email', 'generate_report',
                                                      'process_payment', 'sync_inventory')),
    payload      jsonb       NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    -- 9 goes first.
    priority     smallint    NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
    status       text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'done', 'dead')),
    -- Times it was claimed. Who claims a job may crash, so this counts up when work begins and not when it fails.
    attempt      integer     NOT NULL DEFAULT 0,
    max_attempts integer     NOT NULL DEFAULT 5,
    -- Not before this: a job that failed rests.
    run_at       timestamptz NOT NULL DEFAULT now(),
    -- A claim is a lease: its token is the worker's proof until this moment, and then the job is anybody's again.
    lease_until  timestamptz,
    lease_token  text,
    -- When the worker last extended this lease; NULL if it has not reported yet. Then perhaps the answer to its claim
    -- got lost.
    reported_at  timestamptz,
    -- No reference to workers: each claim would lock its worker's row, and all claims of one worker would meet there.
    -- The claim itself looks whether there is such a worker.
    claimed_by   text,
    last_error   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    CHECK (attempt <= max_attempts),
    CHECK ((status = 'running') = (lease_until IS NOT NULL)),
    CHECK ((status = 'running') = (lease_token IS NOT NULL)),
    CHECK ((status IN ('done', 'dead')) = (finished_at IS NOT NULL))
);

-- What may be claimed and since when: pending jobs from run_at, running ones from the end of their lease. Done and
-- dead ones, soon most of the table, are not in it.
CREATE INDEX jobs_claim_idx ON jobs (priority, coalesce(lease_until, run_at)) WHERE status IN ('pending', 'running');

-- The answers to submits that came with an Idempotency-Key, written together with their job. Submitting is the one
-- thing that takes such keys; where there are more, the route belongs into the primary key.
CREATE TABLE idempotency_keys (
    key          text        PRIMARY KEY,
    request_hash bytea       NOT NULL,
    status       smallint    NOT NULL,
    location     text        NOT NULL,
    body         bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- One row, written last by seed.sql: where it is, the data is whole. `checksum` is the same on every machine.
CREATE TABLE seed_marker (
    version  integer NOT NULL,
    workers  bigint  NOT NULL,
    jobs     bigint  NOT NULL,
    checksum text    NOT NULL
);
