//! The tables of `db/jobs/schema.sql`, in Diesel's words.

diesel::table! {
    workers (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        #[sql_name = "type"]
        kind -> Text,
        payload -> Jsonb,
        priority -> SmallInt,
        status -> Text,
        attempt -> Integer,
        max_attempts -> Integer,
        run_at -> Timestamptz,
        lease_until -> Nullable<Timestamptz>,
        lease_token -> Nullable<Text>,
        reported_at -> Nullable<Timestamptz>,
        claimed_by -> Nullable<Text>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}
