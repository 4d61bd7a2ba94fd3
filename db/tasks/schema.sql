-- The Task API's data: who does what, sorted into categories. Start here; the service's `schema.rs` says the same in
-- Rust.
--
-- Run once in an empty database, by the role that owns it. No BEGIN and COMMIT here: whoever runs the file
-- decides. The lab sends it as one message, which PostgreSQL runs as one transaction; psql runs line by line.

-- Cuts texts into all their pieces of three letters, so that an index can find a word in the middle of a title.
-- An extension needs a superuser, unless it is a trusted one, as this is: then the owner of the database will do.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What people search for has this collation: in that of the database, which may be "C", É is not the capital of é.
CREATE TABLE users (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     text    COLLATE "und-x-icu" NOT NULL,
    email    text    NOT NULL UNIQUE,
    -- Argon2id, with its salt and its cost.
    password text    NOT NULL CHECK (password LIKE '$argon2id$%')
);

CREATE TABLE categories (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text    COLLATE "und-x-icu" NOT NULL
);

-- Whoever leaves does not take the work along: the tasks of a deleted user or category stay.
CREATE TABLE tasks (
    id          integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title       text        COLLATE "und-x-icu" NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text        COLLATE "und-x-icu" CHECK (char_length(description) <= 1000),
    status      text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in-progress', 'completed')),
    user_id     integer     REFERENCES users (id) ON DELETE SET NULL,
    category_id integer     REFERENCES categories (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- One index per filter, each in the order of the pages: the first page is the index's first entries, and counting
-- reads no table. They are read backwards for the newest first. Those of the two references also find the tasks
-- that lose theirs when a user or a category goes.
CREATE INDEX tasks_created_at_idx ON tasks (created_at, id);
CREATE INDEX tasks_status_idx ON tasks (status, created_at, id);
CREATE INDEX tasks_user_id_idx ON tasks (user_id, created_at, id);
CREATE INDEX tasks_category_id_idx ON tasks (category_id, created_at, id);

-- ILIKE '%word%' with three letters or more. A search of one or two letters reads the whole table.
CREATE INDEX tasks_search_idx ON tasks USING gin (title gin_trgm_ops, description gin_trgm_ops);

-- One row, written last by seed.sql: where it is, the data is whole. `checksum` is the same on every machine.
CREATE TABLE seed_marker (
    version    integer NOT NULL,
    users      bigint  NOT NULL,
    categories bigint  NOT NULL,
    tasks      bigint  NOT NULL,
    checksum   text    NOT NULL
);
