//! The tables of `db/feed/schema.sql`, in Diesel's words.

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        user_id -> BigInt,
        content -> Text,
        created_at -> Timestamptz,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(posts, users);
