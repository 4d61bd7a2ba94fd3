//! The tables of `db/tasks/schema.sql`, in Diesel's words.

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        email -> Text,
        password -> Text,
    }
}

diesel::table! {
    tasks (id) {
        id -> Integer,
        title -> Text,
        description -> Nullable<Text>,
        status -> Text,
        user_id -> Nullable<Integer>,
        category_id -> Nullable<Integer>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    categories (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::joinable!(tasks -> users (user_id));
diesel::joinable!(tasks -> categories (category_id));
diesel::allow_tables_to_appear_in_same_query!(tasks, users, categories);
