CREATE INDEX IF NOT EXISTS things_name_idx ON things (name);
