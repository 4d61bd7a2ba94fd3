//! HTTP/1.1 as a client that counts: requests from templates, answers read as they come.

pub mod template;
pub mod request;
pub mod head;
pub mod answer;
pub mod fetch;
pub mod client;
