//! The lab's page, reached as a user reaches it: with the address that the lab prints.

use std::net::SocketAddr;

use serde_json::Value;
use testkit::{Answer, exchange};

pub struct Page {
    /// Without the token, as `http://127.0.0.1:3010/`.
    pub url: String,
    /// With it.
    pub login_url: String,
}

impl Page {
    /// The one in what `lab up` or `lab status` prints as JSON.
    pub fn of(report: &Value) -> Self {
        let services = report["services"].as_array().unwrap();
        let page = services.iter().find(|service| service["name"] == "dashboard").unwrap();
        let text = |key: &str| page[key].as_str().unwrap().to_owned();
        Self { url: format!("{}/", text("url")), login_url: text("login_url") }
    }

    pub fn token(&self) -> &str {
        self.login_url.strip_prefix(&self.url).unwrap().strip_prefix("?token=").unwrap()
    }

    /// The cookie that it gives a browser, as `name=value`.
    pub fn cookie(&self) -> String {
        let answer = self.ask("GET", &format!("/?token={}", self.token()), &[], "");
        let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("{answer}"));
        cookie.split_once(';').unwrap().0.to_owned()
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}");
        let request = format!(
            "{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(host.parse::<SocketAddr>().unwrap(), request.as_bytes()).unwrap()
    }
}
