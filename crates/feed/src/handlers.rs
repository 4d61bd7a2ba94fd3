//! One function per route: take, check, one query, answer.

use std::time::Duration;

use actix_web::web::{Data, Json};
use shared::problem::Problem;
use tokio::time::sleep;

use crate::{db::Db, models::Feed, queries};

/// `GET /feed`: 200 with the newest posts as a [`Feed`].
pub async fn feed(db: Data<Db>) -> Result<Json<Feed>, Problem> {
    let mut conn = db.connection().await?;
    // Stands in for a slow query: half a second in which the connection is busy.
    sleep(Duration::from_millis(500)).await;
    let posts = queries::newest(&mut conn).await?;
    Ok(Json(Feed { posts }))
}
