//! The table of contents of the API.

use actix_web::web::{ServiceConfig, post, resource};
use shared::server::get;

use crate::{handlers, post_handlers as posts};

/// Every route of the feed.
pub fn routes(app: &mut ServiceConfig) {
    app.service(resource("/feed").route(get().to(handlers::feed)))
        .service(resource("/posts").route(post().to(posts::create)))
        .service(resource("/users/{id}/posts").route(get().to(posts::of_user)));
}
