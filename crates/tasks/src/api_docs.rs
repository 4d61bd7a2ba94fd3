//! The API in words for programs (OpenAPI) and for people (Swagger UI), made of the annotations of its handlers.

use std::sync::{Arc, LazyLock};

use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use shared::problem::Problem;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, ContentBuilder, Ref, RefOr, ResponseBuilder,
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, Type},
    },
};
use utoipa_swagger_ui::Config;

use crate::{category_handlers, task_handlers, user_handlers};

/// The document at `/api-docs/openapi.json`.
#[derive(OpenApi)]
#[openapi(
    info(title = "Task API", description = "Tasks, who does them, and what they are sorted into."),
    paths(
        task_handlers::list, task_handlers::show, task_handlers::create, task_handlers::update, task_handlers::delete,
        user_handlers::list, user_handlers::show, user_handlers::create, user_handlers::update, user_handlers::delete,
        category_handlers::list, category_handlers::show, category_handlers::create, category_handlers::update,
        category_handlers::delete,
    ),
    modifiers(&InCommon)
)]
struct ApiDocs;

static DOCUMENT: LazyLock<openapi::OpenApi> = LazyLock::new(ApiDocs::openapi);

/// `GET /api-docs/openapi.json`: the document.
pub async fn document() -> Json<&'static openapi::OpenApi> {
    Json(&DOCUMENT)
}

/// `GET /api-docs/{file}`: the files of Swagger UI, which are part of this program.
///
/// By hand, because the crate's own way brings actix-web's macros along, which nothing else needs: all services would
/// take longer to build.
pub async fn page(file: Path<String>) -> Result<HttpResponse, Problem> {
    let config = Arc::new(Config::from("/api-docs/openapi.json"));
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(file)) => {
            Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned()))
        }
        Ok(None) => Err(Problem::not_found(format!("no such path: /api-docs/{file}"))),
        Err(error) => {
            tracing::error!("Swagger UI has no {file}: {error}");
            Err(Problem::internal("its cause is in the log"))
        }
    }
}

/// What holds for all of the API and is said once.
struct InCommon;

impl Modify for InCommon {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let Some(components) = &mut api.components else { return };
        components.schemas.insert("Problem".to_owned(), problem());
        for (name, schema) in &mut components.schemas {
            if let (true, RefOr::T(Schema::Object(input))) = (name.ends_with("Input"), schema) {
                input.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
        for path in api.paths.paths.values_mut() {
            let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.delete];
            for operation in operations.into_iter().flatten() {
                let responses = &mut operation.responses.responses;
                let other = ResponseBuilder::new().description("Refused, or not possible now.").build();
                responses.insert("default".to_owned(), other.into());
                for (status, response) in responses {
                    if let (true, RefOr::T(response)) = (is_problem(status), response) {
                        let content =
                            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                        response.content.insert("application/problem+json".to_owned(), content.into());
                    }
                }
            }
        }
    }
}

fn is_problem(status: &str) -> bool {
    status.starts_with('4') || status == "default"
}

/// As `shared::problem::Problem` writes it.
fn problem() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let failure = ObjectBuilder::new()
        .property("path", text().description(Some("The field; empty for the input as a whole.")))
        .required("path")
        .property("message", text())
        .required("message");
    ObjectBuilder::new()
        .description(Some("What went wrong (RFC 9457)."))
        .property("type", text())
        .required("type")
        .property("title", text())
        .required("title")
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .required("status")
        .property("detail", text())
        .required("detail")
        .property("message", text().description(Some("The same text as `detail`.")))
        .required("message")
        .property("errors", ArrayBuilder::new().items(failure))
        .into()
}
