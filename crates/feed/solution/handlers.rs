//! `GET /feed`: take a connection, one query, answer.

use actix_web::web::{Data, Json};
use shared::problem::Problem;

use crate::{db::Db, models::Feed, queries};

/// `GET /feed`: 200 with the newest posts of everybody as a [`Feed`].
pub async fn feed(db: Data<Db>) -> Result<Json<Feed>, Problem> {
    let mut conn = db.connection().await?;
    let posts = queries::newest(&mut conn).await?;
    Ok(Json(Feed { posts }))
}
