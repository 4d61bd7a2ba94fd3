//! Answers of servers under load: the same however they are cut.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use loadgen::read_response;

/// Gives at most so many bytes at once.
struct Pieces<'a>(usize, &'a [u8]);

impl Read for Pieces<'_> {
    fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> {
        let most = self.0.min(space.len());
        self.1.read(&mut space[..most])
    }
}

fuzz_target!(|bytes: &[u8]| {
    for head_only in [false, true] {
        let whole = read_response(bytes, head_only).ok();
        for length in [1, 7, 1_000] {
            let in_pieces = read_response(Pieces(length, bytes), head_only).ok();
            // Bytes after the answer show only when they come together with its end.
            if let (Some(whole), Some(in_pieces)) = (&whole, in_pieces) {
                assert_eq!(*whole, in_pieces);
            }
        }
    }
});
