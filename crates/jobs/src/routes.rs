//! The table of contents of the API.

use actix_web::web::{Data, ServiceConfig, patch, post, resource};
use shared::server::get;

use crate::{config::Lease, handlers};

/// Every route of the jobs. A claim holds for `lease`.
pub fn routes(app: &mut ServiceConfig, lease: Lease) {
    app.app_data(Data::new(lease))
        .service(resource("/jobs").route(post().to(handlers::submit)))
        // POST, because it changes things: a GET may be sent twice by whatever stands between.
        .service(resource("/jobs/claim").route(post().to(handlers::claim)))
        // Before /jobs/{id}, which would take it for an id.
        .service(resource("/jobs/stats").route(get().to(handlers::stats)))
        .service(resource("/jobs/{id}").route(get().to(handlers::show)).route(patch().to(handlers::report)))
        .service(resource("/workers").route(get().to(handlers::workers)));
}
