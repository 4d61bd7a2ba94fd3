//! `GET /feed`: take a connection, one query, answer.

use std::time::Duration;

use actix_web::web::{Data, Json};
use shared::problem::Problem;
use tokio::time::sleep;

use crate::{db::Db, models::Feed, queries};

/// `GET /feed`: 200 with the newest posts of everybody as a [`Feed`].
pub async fn feed(db: Data<Db>) -> Result<Json<Feed>, Problem> {
    let mut conn = db.connection().await?;
    // Simulates a slow query: the connection is busy for this long.
    sleep(Duration::from_millis(500)).await;
    let posts = queries::newest(&mut conn).await?;
    Ok(Json(Feed { posts }))
}
