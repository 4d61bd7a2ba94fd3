//! The table of contents of the API.

use actix_web::web::{ServiceConfig, delete, post, put, redirect, resource};
use shared::server::get;

use crate::{api_docs, category_handlers as categories, task_handlers as tasks, user_handlers as users};

/// Every route of the Task API.
pub fn routes(app: &mut ServiceConfig) {
    app.service(resource("/tasks").route(get().to(tasks::list)).route(post().to(tasks::create)))
        .service(
            resource("/tasks/{id}")
                .route(get().to(tasks::show))
                .route(put().to(tasks::update))
                .route(delete().to(tasks::delete)),
        )
        .service(resource("/users").route(get().to(users::list)).route(post().to(users::create)))
        .service(
            resource("/users/{id}")
                .route(get().to(users::show))
                .route(put().to(users::update))
                .route(delete().to(users::delete)),
        )
        .service(
            resource("/categories").route(get().to(categories::list)).route(post().to(categories::create)),
        )
        .service(
            resource("/categories/{id}")
                .route(get().to(categories::show))
                .route(put().to(categories::update))
                .route(delete().to(categories::delete)),
        )
        .service(redirect("/api-docs", "/api-docs/"))
        .service(resource("/api-docs/openapi.json").route(get().to(api_docs::document)))
        .service(resource("/api-docs/{file:.*}").route(get().to(api_docs::page)));
}
