//! What the official image of nginx has, and what stands in for it on this machine.

use anyhow::bail;
use regex_lite::{Captures, Regex};

/// `text` with logs and caches where this machine lets nginx write them. In the image the two logs are links to its output;
/// a relative path is in the directory of our nginx.
///
/// # Errors
/// Never: the pattern is sound.
pub fn folders(text: &str) -> anyhow::Result<String> {
    let text = text.replace("/var/log/nginx/access.log", "/dev/stdout");
    let text = text.replace("/var/log/nginx/error.log", "/dev/stderr");
    Ok(Regex::new(r"/var/(?:log|cache)/nginx/")?.replace_all(&text, "").into_owned())
}

/// The `access_log` of all blocks that have none of their own, unless the learner names it: that of the image. Where the
/// learner names none at all, it is off: it costs as much as a small answer.
///
/// # Errors
/// Never: the patterns are sound.
pub fn access_log(text: &str) -> anyhow::Result<&'static str> {
    let directive = Regex::new(r"\baccess_log\s")?;
    Ok(match (directive.is_match(text), directive.is_match(&directly_in_http(text)?)) {
        (_, true) => "",
        (true, false) => " access_log /dev/stdout;",
        (false, false) => " access_log off;",
    })
}

/// What stands in the block `http` of `text` itself, and in no block within it.
fn directly_in_http(text: &str) -> anyhow::Result<String> {
    let quoted = Regex::new(r#""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"#)?;
    let text = quoted.replace_all(text, "");
    let Some(http) = Regex::new(r"\bhttp\s*\{")?.find(&text) else { return Ok(String::new()) };
    let mut depth = 0;
    let is_direct = |c: &char| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    };
    Ok(text[http.end()..].chars().filter(is_direct).collect())
}

/// `line` with its `include` as in the image. Debian has the same files in the same folder, and what the image has in
/// `conf.d` listens on a port of its own.
///
/// # Errors
/// When the image has no such file.
pub fn include(line: &str) -> anyhow::Result<String> {
    let directive = Regex::new(r#"(^|[;{}\s])include\s+["']?(?:/etc/nginx/)?([^;"']+?)["']?\s*;"#)?;
    let mut missing = None;
    let included = directive.replace_all(line, |found: &Captures| match &found[2] {
        "conf.d/*.conf" => found[1].to_owned(),
        file @ ("mime.types" | "fastcgi_params" | "scgi_params" | "uwsgi_params") => {
            format!("{}include /etc/nginx/{file};", &found[1])
        }
        file => {
            missing = Some(file.to_owned());
            String::new()
        }
    });
    match missing {
        Some(file) => {
            bail!("`include {file}`: the nginx image has no such file; write its lines here instead")
        }
        None => Ok(included.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_without_an_access_log_of_their_own_have_that_of_the_image() {
        for (http, expected) in [
            ("server { listen 80; }", " access_log off;"),
            ("server { location /x { access_log off; } }", " access_log /dev/stdout;"),
            ("server { access_log /dev/stdout; }", " access_log /dev/stdout;"),
            ("access_log off; server { access_log /dev/stdout; }", ""),
            ("log_format x '}{ '; access_log /dev/stdout x;", ""),
        ] {
            assert_eq!(access_log(&format!("events {{}}\nhttp {{ {http} }}")).unwrap(), expected, "{http}");
        }
    }

    #[test]
    fn an_include_is_a_file_of_the_image_or_an_error() {
        for (line, expected) in [
            ("http { include mime.types;", "http { include /etc/nginx/mime.types;"),
            ("include /etc/nginx/fastcgi_params;", "include /etc/nginx/fastcgi_params;"),
            ("  include /etc/nginx/conf.d/*.conf;", "  "),
            ("server_name include;", "server_name include;"),
        ] {
            assert_eq!(include(line).unwrap(), expected);
        }
        let error = include("include \"snippets/ssl.conf\";").unwrap_err().to_string();
        assert!(
            error.starts_with("`include snippets/ssl.conf`: the nginx image has no such file"),
            "{error}"
        );
    }
}
