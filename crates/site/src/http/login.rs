//! Authentication: only a browser that has the checkout's token sees the page. Every user of this machine can reach the
//! port, and can send any header.
//!
//! The address that the lab prints contains the token. The page answers it with a cookie, and from then on the browser
//! sends that. Source: RFC 6265bis, "The SameSite Attribute".

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, ContentType},
    },
    middleware::Next,
    web::Data,
};
use maud::{DOCTYPE, html};
use sha2::{Digest, Sha256};

use crate::{Site, failure::Failure, http::address};

/// For the supervisor, which asks whether the page runs, and for Prometheus, which shows every local user these numbers.
const OPEN: [&str; 2] = ["/livez", "/metrics"];

const REFUSAL: &str =
    "this page needs its token: run `cargo lab open`, or copy the address that `cargo lab status` prints";

/// Lets a request through, logs a browser in, or answers 403.
pub async fn around<B: MessageBody>(
    site: Data<Site>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if OPEN.contains(&request.path()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let cookie = site.scenario.page_cookie();
    let answer = match site.scenario.page_token() {
        Err(error) => Failure::from(error).error_response(),
        Ok(token) => {
            let asks = Asks::of(&request, &cookie);
            match asks.tokens.iter().any(|given| is_same(given, &token)) {
                false => HttpResponse::Forbidden().insert_header(ContentType::plaintext()).body(REFUSAL),
                true if asks.to_log_in => logged_in(&asks.clean_address, &cookie, &token),
                true => return Ok(next.call(request).await?.map_into_left_body()),
            }
        }
    };
    Ok(request.into_response(answer).map_into_right_body())
}

/// What a request says about itself.
struct Asks {
    /// Those in its address and in its cookies.
    tokens: Vec<String>,
    /// Whether its address has a token, as the one that the lab prints.
    to_log_in: bool,
    /// Its address without the token.
    clean_address: String,
}

impl Asks {
    fn of(request: &ServiceRequest, cookie: &str) -> Self {
        let (with_token, others): (Vec<_>, Vec<_>) =
            request.query_string().split('&').partition(|pair| pair.starts_with("token="));
        let cookies = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
        let in_cookies =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let in_cookies = in_cookies.filter(|(name, _)| *name == cookie).map(|(_, token)| token);
        let in_address = with_token.iter().filter_map(|pair| pair.strip_prefix("token="));
        let query = others.join("&");
        let question_mark = if query.is_empty() { "" } else { "?" };
        Self {
            tokens: in_address.chain(in_cookies).map(str::to_owned).collect(),
            to_log_in: request.method() == Method::GET && !with_token.is_empty(),
            clean_address: format!("{}{question_mark}{query}", address::own(request.path())),
        }
    }
}

/// Compares hashes: the time that it takes says nothing about the token.
fn is_same(given: &str, token: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(token)
}

/// Gives the browser its cookie, and sends it to the address without the token.
///
/// The page sends it, and not a redirect (303): after a click on a link elsewhere, a browser sends no strict cookie with
/// a redirected request.
fn logged_in(address: &str, cookie: &str, token: &str) -> HttpResponse {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content={ "0; url=" (address) };
                title { "The lab's page" }
            }
            body { a href=(address) { "To the lab's page" } }
        }
    };
    HttpResponse::Ok()
        .insert_header((header::SET_COOKIE, format!("{cookie}={token}; HttpOnly; SameSite=Strict; Path=/")))
        // The address of this answer is a secret.
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(ContentType::html())
        .body(page.into_string())
}
