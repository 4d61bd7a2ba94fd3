//! Saved runs: read and shown, or refused; what is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observe::saved_runs::SavedRun;
use view::{load_remarks, report};

fuzz_target!(|json: &[u8]| {
    let Ok(run) = serde_json::from_slice::<SavedRun>(json) else { return };
    _ = report::of_run("title", &run);
    _ = load_remarks::of(&run.run.plan, &run.run.summary());
    _ = (run.crowded(), run.length(), run.unlike(&run), run.doubt(std::slice::from_ref(&run)));
    let text = serde_json::to_string(&run).expect("it writes");
    let again: SavedRun = serde_json::from_str(&text).expect("it reads what it wrote");
    assert_eq!(serde_json::to_string(&again).expect("it writes"), text);
});
