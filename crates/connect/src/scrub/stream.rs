//! The scrubber over a body that arrives in pieces. The result is the same as over the whole, wherever it is
//! split, and only bytes that may be the beginning of a needle are held back, so that event streams flow.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::{MARKER, Scrubber};

/// Scrubs one body. Feed it with [`push`](Self::push), and end it with [`finish`](Self::finish).
#[derive(Debug)]
pub struct StreamScrubber {
    scrubber: Arc<Scrubber>,
    /// Bytes that may be the beginning of a needle.
    pub(super) held: BytesMut,
    /// How many of the held bytes belong to a match whose marker is already out.
    covered: usize,
}

impl StreamScrubber {
    /// A scrubber for one body.
    #[must_use]
    pub fn new(scrubber: Arc<Scrubber>) -> Self {
        Self { scrubber, held: BytesMut::new(), covered: 0 }
    }

    /// Takes a piece and gives back what can be passed on, possibly nothing. A clean piece is not copied.
    pub fn push(&mut self, piece: Bytes) -> Bytes {
        if self.held.is_empty() {
            let cut = self.scrubber.unfinished_from(&piece);
            return self.emit(piece, cut);
        }
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(&piece);
        let cut = self.scrubber.unfinished_from(&text);
        self.emit(text.freeze(), cut)
    }

    /// The rest of the body.
    pub fn finish(&mut self) -> Bytes {
        let text = std::mem::take(&mut self.held).freeze();
        let end = text.len();
        self.emit(text, end)
    }

    /// Passes on the text before `cut`, and holds the rest. No match that begins before `cut` is unfinished.
    fn emit(&mut self, text: Bytes, cut: usize) -> Bytes {
        let places = self.scrubber.redactions(&text);
        // The marker of the covered bytes is out; matches that overlap them belong to it.
        let continuing = places.iter().take_while(|place| place.start < self.covered).count();
        let mut written = places[..continuing].last().map_or(self.covered, |last| last.end.max(self.covered));
        let places = &places[continuing..];
        if places.is_empty() && written == 0 {
            self.held.extend_from_slice(&text[cut..]);
            return text.slice(..cut);
        }
        let mut out = BytesMut::with_capacity(cut + MARKER.len());
        for place in places.iter().take_while(|place| place.start < cut) {
            out.extend_from_slice(&text[written..place.start]);
            out.extend_from_slice(MARKER.as_bytes());
            written = place.end;
        }
        if written < cut {
            out.extend_from_slice(&text[written..cut]);
        }
        self.covered = written.saturating_sub(cut);
        self.held.extend_from_slice(&text[cut..]);
        out.freeze()
    }
}
