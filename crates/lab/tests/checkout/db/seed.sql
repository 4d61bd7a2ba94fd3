INSERT INTO things SELECT n, 'thing ' || n % 97 FROM generate_series(1, 5000) AS n;
SELECT pg_sleep(current_setting('seed.sleep_s')::float);
INSERT INTO seed_marker SELECT 1, count(*), md5(string_agg(things::text, ',' ORDER BY id)) FROM things;
