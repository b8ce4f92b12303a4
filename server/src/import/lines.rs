//! The records of a CSV file with the lines at which they begin, read piece by piece.

use super::{RowError, whole};
use std::io::{self, Chain, Cursor, Read};

/// As much of the beginning is looked at for the encoding and the delimiter.
const BEGINNING: u64 = 64 * 1024;
/// Bytes that were counted are dropped when there are so many.
const MOST_KEPT: usize = 256 * 1024;

/// A source whose newest bytes can be looked at once more: the CSV reader's own line and position are from before it skips the line
/// end and blank lines in front of a record, so lines are counted here.
struct KeptBytes<R> {
    source: R,
    bytes: Vec<u8>,
    /// Where in the source `bytes` begin.
    from: u64,
}

impl<R: Read> Read for KeptBytes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.bytes.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

impl<R> KeptBytes<R> {
    /// The bytes that were read from `position` on.
    fn after(&self, position: u64) -> &[u8] {
        let begin = usize::try_from(position.saturating_sub(self.from)).unwrap_or(usize::MAX);
        self.bytes.get(begin..).unwrap_or_default()
    }

    fn drop_before(&mut self, position: u64) {
        if self.bytes.len() > MOST_KEPT {
            self.bytes = self.after(position).to_vec();
            self.from = position;
        }
    }
}

/// The records that are not blank, each with the line at which it begins, from 1.
pub(super) struct Records<R> {
    reader: csv::Reader<KeptBytes<Chain<Cursor<Vec<u8>>, R>>>,
    line: u64,
    /// Up to where line ends were counted.
    counted: u64,
    /// True after an error of the source.
    is_broken: bool,
}

impl<R: Read> Records<R> {
    pub(super) fn new(mut source: R) -> Result<Self, RowError> {
        let mut beginning = Vec::new();
        source
            .by_ref()
            .take(BEGINNING)
            .read_to_end(&mut beginning)
            .map_err(|error| unreadable(1, &error))?;
        if beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]) {
            return Err(whole(1, "the file is UTF-16; save it as CSV UTF-8"));
        }
        if beginning.starts_with(b"\xef\xbb\xbf") {
            beginning.drain(..3);
        }
        let first_line = beginning
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let count = |delimiter| first_line.split(|byte| *byte == delimiter).count();
        let delimiter = if count(b';') > count(b',') {
            b';'
        } else {
            b','
        };
        let source = KeptBytes {
            source: Cursor::new(beginning).chain(source),
            bytes: Vec::new(),
            from: 0,
        };
        Ok(Self {
            reader: csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                .flexible(true)
                .from_reader(source),
            line: 1,
            counted: 0,
            is_broken: false,
        })
    }

    /// The line at which the record begins that was read from `above`.
    fn line_of(&mut self, above: u64) -> u64 {
        let kept = self.reader.get_ref();
        let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let skipped = kept.after(above).iter().take_while(ends).count() as u64;
        let begin = above + skipped;
        let passed = usize::try_from(begin - self.counted).unwrap_or(usize::MAX);
        let passed = kept.after(self.counted).iter().take(passed);
        self.line += passed.filter(|byte| **byte == b'\n').count() as u64;
        self.counted = begin;
        self.reader.get_mut().drop_before(begin);
        self.line
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<(u64, csv::ByteRecord), RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = csv::ByteRecord::new();
        while !self.is_broken {
            match self.reader.read_byte_record(&mut record) {
                Ok(false) => return None,
                Ok(true) => {}
                Err(error) => {
                    self.is_broken = true;
                    return Some(Err(unreadable(self.line, &error)));
                }
            }
            let above = record.position().map_or(0, csv::Position::byte);
            let line = self.line_of(above);
            if record.iter().any(|field| !field.trim_ascii().is_empty()) {
                return Some(Ok((line, record)));
            }
        }
        None
    }
}

fn unreadable(line: u64, error: &dyn std::fmt::Display) -> RowError {
    whole(
        line,
        format!("the file cannot be read any further: {error}"),
    )
}
