-- 5,000 products in 10 categories and 500,000 orders, spread over 2025: the same bytes on every machine, so nothing
-- here is random and nothing asks for the time. For another number of orders:
--
--     PGOPTIONS='-c seed.orders=10000' psql … -f db/orders/seed.sql

-- 500 products per category. The number at the end makes each name the only one of its kind.
INSERT INTO products (name, category, price_cents, stock)
SELECT format(
           '%s %s %s, model %s',
           (ARRAY['Small', 'Large', 'Light', 'Sturdy', 'Folding', 'Classic', 'Modern'])[1 + n % 7],
           (ARRAY['blue', 'red', 'green', 'black', 'white', 'yellow', 'grey', 'orange', 'silver', 'purple', 'brown'])[1 + n % 11],
           things[1 + n % 10],
           n
       ),
       category,
       199 + n * 7919 % 49900,
       1000 + n * 31 % 9000
FROM generate_series(1, 5000) AS n
JOIN (VALUES
    (0, 'books',       ARRAY['atlas', 'cookbook', 'diary', 'dictionary', 'novel', 'notebook', 'sketchbook', 'songbook', 'storybook', 'textbook']),
    (1, 'clothing',    ARRAY['apron', 'belt', 'cap', 'coat', 'dress', 'glove', 'jacket', 'scarf', 'shirt', 'sock']),
    (2, 'electronics', ARRAY['adapter', 'battery', 'camera', 'charger', 'headset', 'keyboard', 'monitor', 'mouse', 'radio', 'speaker']),
    (3, 'garden',      ARRAY['bench', 'bucket', 'fence', 'hose', 'lantern', 'planter', 'rake', 'shovel', 'trellis', 'wheelbarrow']),
    (4, 'health',      ARRAY['bandage', 'brush', 'comb', 'cushion', 'heating pad', 'mirror', 'scale', 'soap dish', 'thermometer', 'towel']),
    (5, 'kitchen',     ARRAY['bowl', 'cup', 'grater', 'kettle', 'ladle', 'mug', 'pan', 'plate', 'pot', 'whisk']),
    (6, 'music',       ARRAY['banjo', 'cymbal', 'drum', 'flute', 'guitar', 'harmonica', 'metronome', 'tambourine', 'ukulele', 'violin']),
    (7, 'office',      ARRAY['binder', 'calculator', 'chair', 'desk', 'folder', 'lamp', 'ruler', 'shelf', 'stapler', 'whiteboard']),
    (8, 'sports',      ARRAY['ball', 'bat', 'helmet', 'kayak', 'net', 'paddle', 'racket', 'rope', 'skateboard', 'tent']),
    (9, 'toys',        ARRAY['blocks', 'doll', 'kite', 'marble run', 'puppet', 'puzzle', 'robot', 'spinning top', 'train', 'yo-yo'])
) AS shelf (position, category, things) ON position = (n - 1) / 500
ORDER BY n;

-- Half a million rows come in faster when nothing is looked up for each of them: what watches over the orders is taken
-- off, and put on again for all rows at once. Nobody else can see the table meanwhile.
ALTER TABLE orders DROP CONSTRAINT orders_product_id_fkey;
ALTER TABLE orders DROP CONSTRAINT orders_pkey;

-- In chunks, for the sake of the progress: a client is shown each NOTICE as it is raised. The year is cut into as many
-- slots as there are orders. Order n takes slot n, since they come in the order of their ids. 7919 is prime, so the
-- products take turns without a pattern that anybody would see.
DO $$
DECLARE
    total CONSTANT bigint := coalesce(nullif(current_setting('seed.orders', true), ''), '500000')::bigint;
    chunk CONSTANT bigint := 100000;
    done  bigint := 0;
BEGIN
    WHILE done < total LOOP
        INSERT INTO orders (product_id, quantity, total_cents, created_at)
        SELECT products.id, quantity, price_cents * quantity,
               timestamptz '2025-01-01 00:00:00+00' + n * (interval '8760 hours' / total)
        FROM generate_series(done, least(done + chunk, total) - 1) AS n
        CROSS JOIN LATERAL (SELECT 1 + n * 7919 % 5000 AS product, (1 + n % 5)::integer AS quantity) AS basket
        JOIN products ON products.id = product
        ORDER BY n;
        done := least(done + chunk, total);
        RAISE NOTICE 'orders: % of %', to_char(done, 'FM999,999,999'), to_char(total, 'FM999,999,999');
    END LOOP;
END
$$;

-- Room to sort half a million ids without writing them to the disk. LOCAL: until the end of this transaction.
SET LOCAL maintenance_work_mem = '64MB';
ALTER TABLE orders ADD PRIMARY KEY (id);
ALTER TABLE orders ADD FOREIGN KEY (product_id) REFERENCES products (id);

-- The planner chooses by what it knows of the data; this tells it now instead of some time later.
ANALYZE products, orders;

-- Adding up one number per row gives the same sum in any order. The first 15 hexadecimal digits of MD5 fit a
-- bigint, and the time goes in as microseconds because its text depends on the client's time zone.
INSERT INTO seed_marker (version, products, orders, checksum)
SELECT 1, (SELECT count(*) FROM products), count(*),
       sum(('x' || left(md5(concat_ws('|', orders.id, name, category, price_cents, stock, quantity, total_cents,
                                      (extract(epoch FROM created_at) * 1000000)::bigint)), 15))::bit(60)::bigint)
FROM orders
JOIN products ON products.id = product_id;
