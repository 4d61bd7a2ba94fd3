CREATE TABLE things (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE seed_marker (version int, things bigint, checksum text);
