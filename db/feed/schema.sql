-- The feed's data: people, and what they post. Start here; the service's `schema.rs` says the same in Rust.
--
-- Run once in an empty database, by the role that owns it. No BEGIN and COMMIT here: whoever runs the file
-- decides. The lab sends it as one message, which PostgreSQL runs as one transaction; psql runs line by line.

CREATE TABLE users (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text   NOT NULL UNIQUE
);

CREATE TABLE posts (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint      NOT NULL REFERENCES users (id),
    -- char_length counts characters (Unicode code points), not bytes: 280 emoji fit.
    content    text        NOT NULL CHECK (char_length(content) BETWEEN 1 AND 280),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A primary key and a unique column bring their index along; a reference to another table does not.
-- Without this one, "the posts of one user" would read the posts of all.
CREATE INDEX posts_user_id_idx ON posts (user_id);

-- One row, written last by seed.sql: where it is, the data is whole. `checksum` is the same on every machine.
CREATE TABLE seed_marker (
    version  integer NOT NULL,
    users    bigint  NOT NULL,
    posts    bigint  NOT NULL,
    checksum text    NOT NULL
);
