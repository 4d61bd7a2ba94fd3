-- A shop's data: what it sells, and what was ordered. Start here; the service's `schema.rs` says the same in Rust.
--
-- Run once in an empty database, by the role that owns it. No BEGIN and COMMIT here: whoever runs the file
-- decides. The lab sends it as one message, which PostgreSQL runs as one transaction; psql runs line by line.

CREATE TABLE products (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The collation "C" compares byte by byte: the same order on every machine, and the fastest one.
    name        text    COLLATE "C" NOT NULL,
    category    text    COLLATE "C" NOT NULL,
    -- Whole cents: a fraction in binary cannot hold 0.10 exactly. An order has up to 100 of a product, and the
    -- upper limit is the largest price of which 100 still fit a bigint. So no total can overflow.
    price_cents bigint  NOT NULL CHECK (price_cents BETWEEN 0 AND 92233720368547758),
    -- Two buyers of the last piece: whatever the code does, the second one fails here.
    stock       integer NOT NULL CHECK (stock >= 0),
    -- A rule, and an index: a category by name, page by page, reads what stands in it side by side.
    UNIQUE (category, name)
);

-- No index on product_id: no route asks for the orders of one product, and the report reads all of them.
CREATE TABLE orders (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint      NOT NULL REFERENCES products (id),
    quantity    integer     NOT NULL CHECK (quantity BETWEEN 1 AND 100),
    -- What was paid. The price of the product may change; this does not.
    total_cents bigint      NOT NULL CHECK (total_cents >= 0),
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- What was answered to the orders that came with an Idempotency-Key, for whoever sends the same order again. Nobody
-- does after a day; a shop that is to live would delete by `created_at`.
CREATE TABLE idempotency_keys (
    key          text        PRIMARY KEY,
    -- SHA-256 of the request's body: the same key with another body is a mistake of the caller's.
    request_hash bytea       NOT NULL,
    status       smallint    NOT NULL,
    location     text        NOT NULL,
    body         bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- One row, written last by seed.sql: where it is, the data is whole. `checksum` is the same on every machine.
CREATE TABLE seed_marker (
    version  integer NOT NULL,
    products bigint  NOT NULL,
    orders   bigint  NOT NULL,
    checksum text    NOT NULL
);
