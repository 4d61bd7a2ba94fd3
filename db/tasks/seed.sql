-- 200 users, 12 categories and 100,000 tasks, created over the first 90 days of 2025: the same bytes on every machine, so
-- nothing here is random and nothing asks for the time. For another number of tasks:
--
--     PGOPTIONS='-c seed.tasks=1000000' psql … -f db/tasks/seed.sql

INSERT INTO categories (name)
SELECT name
FROM unnest(ARRAY[
    'Backend', 'Frontend', 'Databases', 'Operations', 'Security', 'Testing',
    'Design', 'Documentation', 'Hiring', 'Support', 'Finance', 'Research'
]) WITH ORDINALITY AS category (name, position)
ORDER BY position;

-- Their password is "correct horse battery staple". One hash for all of them, since a salt of its own for each would be
-- random.
INSERT INTO users (name, email, password)
SELECT format('%s %s', first, last), format('%s.%s@example.org', lower(first), lower(last)), 
       '$argon2id$v=19$m=7168,t=5,p=1$vxi+Za9FQEX/Yf36J/McVA$6UVu9RlN9UMUvq+S03HBKKfdKVS249MnZjlD41D7Rsg'
FROM unnest(ARRAY[
         'Ada', 'Alan', 'Barbara', 'Claude', 'Donald', 'Edsger', 'Frances', 'Grace', 'Hedy', 'Ivan',
         'Jean', 'Katherine', 'Leslie', 'Margaret', 'Niklaus', 'Radia', 'Sophie', 'Tony', 'Ursula', 'Vint'
     ]) WITH ORDINALITY AS a (first, i),
     unnest(ARRAY[
         'Allen', 'Backus', 'Codd', 'Dijkstra', 'Engelbart', 'Floyd', 'Goldberg', 'Hopper', 'Iverson', 'Knuth'
     ]) WITH ORDINALITY AS b (last, j)
ORDER BY i, j;

DO $$ BEGIN RAISE NOTICE 'seed: users and categories are there, tasks follow'; END $$;

-- Building the index afterwards takes a third of the time that keeping it up to date with each row does.
DROP INDEX tasks_search_idx;

-- Time is cut into as many slots as there are tasks. Task n takes slot (n * 7919) mod tasks: 7919 is prime, so
-- each slot is taken once, and tasks with neighbouring ids lie days apart: were `id` in the order of `created_at`,
-- a wrong sort would look right.
INSERT INTO tasks (title, description, status, user_id, category_id, created_at, updated_at)
SELECT format(
           '%s the %s %s',
           (ARRAY['Review', 'Fix', 'Measure', 'Rewrite', 'Document', 'Test', 'Deploy', 'Plan', 'Simplify', 'Remove', 'Explain'])[1 + n % 11],
           (ARRAY['slow', 'new', 'broken', 'shared', 'forgotten', 'nightly', 'public'])[1 + n % 7],
           (ARRAY['login page', 'search index', 'backup', 'invoice export', 'cache', 'load balancer', 'release notes',
                  'connection pool', 'password reset', 'dashboard', 'queue', 'onboarding guide', 'data model'])[1 + n % 13]
       ),
       -- One in ten has none. The reference is in no other: a search for it finds one task among any number.
       CASE WHEN n % 10 <> 0 THEN format(
           '%s %s Reference %s.',
           (ARRAY['A customer asked for it.', 'It was agreed on Monday.', 'Nobody knows why it is there.', 'The last try failed.',
                  'It blocks the next release.'])[1 + n % 5],
           (ARRAY['Ask the author first.', 'An hour should do.', 'Write down what you find.'])[1 + n % 3],
           left(md5(n::text), 12)
       ) END,
       (ARRAY['pending', 'in-progress', 'completed', 'completed'])[1 + n / 3 % 4],
       1 + (n * 31 + n / 200) % 200,
       -- One in eight has none.
       CASE WHEN n % 8 <> 0 THEN 1 + n * 5 / 7 % 12 END,
       created_at,
       created_at + interval '1 hour' * (n % 50)
FROM (SELECT coalesce(nullif(current_setting('seed.tasks', true), ''), '100000')::bigint AS total) AS setting,
     generate_series(1, total) AS n,
     LATERAL (SELECT timestamptz '2025-01-01 00:00:00+00' + (n * 7919 % total) * (interval '2160 hours' / total)) AS slot (created_at)
ORDER BY n;

DO $$ BEGIN RAISE NOTICE 'seed: tasks are there, the search index follows'; END $$;

CREATE INDEX tasks_search_idx ON tasks USING gin (title gin_trgm_ops, description gin_trgm_ops);

-- The planner chooses by what it knows of the data; this tells it now instead of some time later.
ANALYZE users, categories, tasks;

-- Adding up one number per row gives the same sum in any order. The first 15 hexadecimal digits of MD5 fit a
-- bigint, and times go in as microseconds because their text depends on the client's time zone.
INSERT INTO seed_marker (version, users, categories, tasks, checksum)
SELECT 1, (SELECT count(*) FROM users), (SELECT count(*) FROM categories), count(*),
       sum(('x' || left(md5(concat_ws(
           '|', tasks.id, title, coalesce(description, '-'), status, users.name, coalesce(categories.name, '-'),
           (extract(epoch FROM created_at) * 1000000)::bigint, (extract(epoch FROM updated_at) * 1000000)::bigint
       )), 15))::bit(60)::bigint)
FROM tasks
JOIN users ON users.id = user_id
LEFT JOIN categories ON categories.id = category_id;
