//! The tables of `db/orders/schema.sql`, in Diesel's words.

diesel::table! {
    products (id) {
        id -> BigInt,
        name -> Text,
        category -> Text,
        price_cents -> BigInt,
        stock -> Integer,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        product_id -> BigInt,
        quantity -> Integer,
        total_cents -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::joinable!(orders -> products (product_id));
diesel::allow_tables_to_appear_in_same_query!(orders, products);
