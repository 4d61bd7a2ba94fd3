//! The table of contents of the API.

use actix_web::web::{ServiceConfig, post, resource};
use shared::server::get;

use crate::handlers;

/// Every route of the feed.
pub fn routes(app: &mut ServiceConfig) {
    app.service(resource("/posts").route(post().to(handlers::create)))
        .service(resource("/feed").route(get().to(handlers::feed)))
        .service(resource("/users/{id}/posts").route(get().to(handlers::posts_of_user)));
}
