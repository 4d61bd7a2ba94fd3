-- 5 workers and 10,000 jobs of January 2025: the same bytes on every machine, so nothing here is random and nothing asks
-- for the time. Of each hundred, 84 were never claimed, 12 are done, 3 failed and will be tried again, and one is dead.
-- For another number of jobs:
--
--     PGOPTIONS='-c seed.jobs=1000000' psql … -f db/jobs/seed.sql

INSERT INTO workers (name)
SELECT name
FROM unnest(ARRAY['ada', 'edsger', 'grace', 'leslie', 'radia']) WITH ORDINALITY AS worker (name, position)
ORDER BY position;

INSERT INTO jobs (type, payload, priority, status, attempt, run_at, claimed_by, last_error, created_at, finished_at)
SELECT (ARRAY['image_resize', 'send_email', 'generate_report', 'process_payment', 'sync_inventory'])[kind],
       (ARRAY[
           jsonb_build_object('image', format('photos/%s.jpg', n), 'width', 320 + n % 5 * 320),
           jsonb_build_object('to', format('customer-%s@example.com', n % 997), 'template', 'receipt'),
           jsonb_build_object('month', format('2024-%s', to_char(1 + n % 12, 'FM00')), 'pages', 3 + n % 40),
           jsonb_build_object('order', 100000 + n, 'cents', 199 + n * 7919 % 50000),
           jsonb_build_object('sku', format('SKU-%s', n * 31 % 5000), 'warehouse', n % 7)
       ])[kind],
       -- Most are ordinary, few are urgent.
       (ARRAY[5, 5, 5, 4, 5, 7, 5, 2, 5, 9, 5, 3, 6, 5, 0, 5, 8, 1, 5])[1 + n % 19],
       status,
       CASE status WHEN 'done' THEN 1 + (n % 11 = 0)::int WHEN 'dead' THEN 5 ELSE CASE WHEN failed THEN 1 + n % 4 ELSE 0 END END,
       created_at,
       CASE WHEN status <> 'pending' OR failed THEN
           (ARRAY['ada', 'edsger', 'grace', 'leslie', 'radia'])[1 + n / 7 % 5]
       END,
       CASE WHEN status = 'dead' OR failed THEN
           (ARRAY['the image is broken', 'the mail server said no', 'out of memory', 'the bank did not answer',
                  'the warehouse is closed'])[kind]
       END,
       created_at,
       CASE WHEN status <> 'pending' THEN created_at + interval '1 second' * (2 + n % 600) END
FROM (SELECT coalesce(nullif(current_setting('seed.jobs', true), ''), '10000')::bigint AS total) AS setting,
     generate_series(1, total) AS n,
     LATERAL (SELECT 1 + n % 5 AS kind,
                     CASE WHEN n % 100 < 12 THEN 'done' WHEN n % 100 = 12 THEN 'dead' ELSE 'pending' END AS status,
                     n % 100 BETWEEN 13 AND 15 AS failed,
                     timestamptz '2025-01-01 00:00:00+00' + n * (interval '720 hours' / total) AS created_at) AS job
ORDER BY n;

-- The planner chooses by what it knows of the data; this tells it now instead of some time later.
ANALYZE workers, jobs;

-- Adding up one number per row gives the same sum in any order. The first 15 hexadecimal digits of MD5 fit a
-- bigint, and the time goes in as microseconds because its text depends on the client's time zone.
INSERT INTO seed_marker (version, workers, jobs, checksum)
SELECT 1, (SELECT count(*) FROM workers), count(*),
       sum(('x' || left(md5(concat_ws('|', id, type, payload, priority, status, attempt, claimed_by, last_error,
                                      (extract(epoch FROM created_at) * 1000000)::bigint,
                                      (extract(epoch FROM finished_at) * 1000000)::bigint)), 15))::bit(60)::bigint)
FROM jobs;
