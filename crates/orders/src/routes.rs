//! The table of contents of the API.

use actix_web::web::{ServiceConfig, post, resource};
use shared::server::get;

use crate::handlers;

/// Every route of the shop.
pub fn routes(app: &mut ServiceConfig) {
    app.service(resource("/products").route(get().to(handlers::catalogue)))
        .service(resource("/products/{id}").route(get().to(handlers::product)))
        .service(resource("/orders").route(post().to(handlers::create)))
        .service(resource("/orders/{id}").route(get().to(handlers::order)))
        .service(resource("/report").route(get().to(handlers::report)));
}
