//! The table of contents of the API.

use actix_web::web::{ServiceConfig, get};

use crate::handlers;

/// Every route of this service.
pub fn routes(app: &mut ServiceConfig) {
    app.route("/feed", get().to(handlers::feed));
}
