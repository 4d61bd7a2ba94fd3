-- 50 users and 10,000 posts, spread over the first 90 days of 2025: the same bytes on every machine, so nothing here is random
-- and nothing asks for the time. For another number of posts:
--
--     PGOPTIONS='-c seed.posts=1000000' psql … -f db/feed/seed.sql

INSERT INTO users (username)
SELECT name
FROM unnest(ARRAY[
    'ada', 'alan', 'alonzo', 'anita', 'annie', 'barbara', 'betty', 'bjarne', 'brendan', 'brian',
    'carol', 'claude', 'cynthia', 'dennis', 'donald', 'dorothy', 'edgar', 'edsger', 'evelyn', 'frances',
    'fred', 'george', 'gerald', 'grace', 'guido', 'hedy', 'ida', 'ivan', 'jean', 'john',
    'kathleen', 'ken', 'konrad', 'larry', 'leslie', 'linus', 'lynn', 'margaret', 'mary', 'niklaus',
    'noam', 'radia', 'richard', 'robin', 'shafi', 'sophie', 'susan', 'tim', 'tony', 'whitfield'
]) WITH ORDINALITY AS person (name, position)
ORDER BY position;

-- Time is cut into as many slots as there are posts. Post n takes slot (n * 7919) mod posts: 7919 is prime, so
-- each slot is taken once, and posts with neighbouring ids lie days apart. That matters: were `id` in the order
-- of `created_at`, the index on `id` would seem to help the feed.
INSERT INTO posts (user_id, content, created_at)
SELECT 1 + (n * 31 + n / 50) % 50,
       format(
           '%s %s %s, and %s. %s',
           (ARRAY['Today', 'Yesterday', 'This morning', 'Last night', 'Just now', 'At lunch', 'On the train'])[1 + n % 7],
           (ARRAY['I read about', 'we argued about', 'somebody asked me about', 'I finally understood', 'I gave a talk on',
                  'I wrote my first program with', 'I broke production with', 'I dreamed of', 'a friend explained',
                  'I changed my mind about', 'we paired on'])[1 + n % 11],
           (ARRAY['connection pools', 'B-trees', 'back-pressure', 'idempotency', 'cache stampedes', 'load balancing',
                  'write-ahead logs', 'queueing theory', 'consistent hashing', 'leader election', 'tail latency',
                  'vector clocks', 'rate limits'])[1 + n % 13],
           (ARRAY['the coffee went cold', 'nothing caught fire', 'it took all day', 'I would do it again',
                  'the tests are green', 'nobody noticed', 'I have questions', 'my cat was not impressed',
                  'the graph went up and to the right', 'it was simpler than I thought', 'we drew it on a napkin',
                  'I wish I had known earlier', 'the meeting was cancelled', 'it fits on one page',
                  'I learned something', 'tomorrow we measure', 'the pager stayed quiet'])[1 + n % 17],
           'Note number ' || n || '.'
       ),
       timestamptz '2025-01-01 00:00:00+00' + (n * 7919 % total) * (interval '2160 hours' / total)
FROM (SELECT coalesce(nullif(current_setting('seed.posts', true), ''), '10000')::bigint AS total) AS setting,
     generate_series(1, total) AS n
ORDER BY n;

-- The planner chooses by what it knows of the data; this tells it now instead of some time later.
ANALYZE users, posts;

-- Adding up one number per row gives the same sum in any order. The first 15 hexadecimal digits of MD5 fit a
-- bigint, and the time goes in as microseconds because its text depends on the client's time zone.
INSERT INTO seed_marker (version, users, posts, checksum)
SELECT 1, (SELECT count(*) FROM users), count(*),
       sum(('x' || left(md5(concat_ws('|', posts.id, username, content, (extract(epoch FROM created_at) * 1000000)::bigint)), 15))::bit(60)::bigint)
FROM posts
JOIN users ON users.id = user_id;
