//! A Chromium without a window, spoken to through a pipe. No driver and no port: two file descriptors, and JSON that ends
//! with a zero byte.
//!
//! Source: Chromium's `--remote-debugging-pipe`, and the Chrome DevTools Protocol.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::require::missing;

use crate::{checkout::within, page::Page};

pub struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// Of the one open page; `None` while it opens.
    session: Option<String>,
    sent: u64,
    /// What went wrong in the page: exceptions, and what a policy refused.
    pub complaints: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// `None`, after a message or a failure, if there is no browser and none can be installed.
    pub fn start() -> Option<Self> {
        let Some(program) = program() else {
            missing("chromium", "install it with: sudo apt-get install --yes chromium");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // A shell moves the pipe to where Chromium looks for it: it reads 3 and writes 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                // It sends requests to the page only.
                "--disable-background-networking",
                "--no-first-run",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // It is killed, and does not clean up the files that it has written elsewhere.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut browser =
            Self { process, to, from, session: None, sent: 0, complaints: Vec::new(), _profile: profile };
        let page = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let session =
            browser.call("Target.attachToTarget", json!({ "targetId": page["targetId"], "flatten": true }));
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = Vec::new();
            self.from.read_until(0, &mut answer).unwrap();
            assert_eq!(answer.pop(), Some(0), "Chromium ended");
            let mut answer: Value = serde_json::from_slice(&answer).unwrap();
            match answer["method"].as_str() {
                Some("Runtime.exceptionThrown") => self.complaints.push(answer["params"].to_string()),
                Some("Log.entryAdded") if answer["params"]["entry"]["source"] != "network" => {
                    self.complaints.push(answer["params"].to_string());
                }
                _ => {}
            }
            if answer["id"] == self.sent {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    /// What an expression comes to in the page.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// Opens `url`, and returns when its script has run.
    pub fn open(&mut self, url: &str) {
        self.navigate(url);
        let loaded = format!("document.readyState === 'complete' && location.href.startsWith({url:?})");
        self.within(10, &loaded);
    }

    /// Goes to `url`, and does not wait for what it shows.
    pub fn navigate(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
    }

    /// Opens the address that the lab prints, and returns when the page has sent the browser to its own.
    pub fn log_in(&mut self, page: &Page) {
        self.navigate(&page.login_url);
        self.within(10, &format!("document.readyState === 'complete' && location.href === {:?}", page.url));
    }

    /// Waits until an expression is true.
    pub fn within(&mut self, seconds: u64, expression: &str) {
        within(Duration::from_secs(seconds), expression, || {
            self.eval(&format!("Boolean({expression})")) == true
        });
    }

    /// Waits until the page shows `text` within what `selector` names.
    pub fn shows(&mut self, seconds: u64, selector: &str, text: &str) {
        self.within(seconds, &format!("document.querySelector({selector:?})?.innerText.includes({text:?})"));
    }

    /// Clicks what is there, as a person does.
    pub fn click(&mut self, selector: &str) {
        self.within(5, &format!("document.querySelector({selector:?})"));
        self.eval(&format!("document.querySelector({selector:?}).click()"));
    }

    /// Presses a key, as a person without a mouse does.
    pub fn press(&mut self, key: &str, code: u32, text: &str) {
        for (kind, text) in [("keyDown", text), ("keyUp", "")] {
            let key =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", key);
        }
    }

    /// What a screen reader is told: role and name of each element that is not ignored.
    pub fn tree(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().into_iter().flatten().filter(|node| node["ignored"] != true);
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        nodes.map(|node| (text(&node["role"]), text(&node["name"]))).collect()
    }

    /// A window of this size, in light or dark.
    pub fn look(&mut self, width: u32, height: u32, is_dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", features);
    }

    /// Without JavaScript, or with it, from the next page on.
    pub fn scripts(&mut self, are_on: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !are_on }));
    }

    /// Saves a screenshot in the folder that `SCREENSHOTS` names, if it is set.
    pub fn picture(&mut self, name: &str) {
        let Some(folder) = env::var_os("SCREENSHOTS") else { return };
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        fs::create_dir_all(&folder).unwrap();
        fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Chromium, installed first where this is Debian and we may.
fn program() -> Option<PathBuf> {
    let find = || {
        let path = env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name))).find(|file| file.is_file())
    };
    find().or_else(|| {
        let install = "[ \"$(id -u)\" = 0 ] && apt-get update && apt-get install --yes --no-install-recommends chromium";
        Command::new("sh").args(["-c", install]).output().ok()?;
        find()
    })
}
