//! Collects the log of a server while it runs.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Everything that a process wrote so far, to both of its outputs.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<String>>);

impl Log {
    /// Returns the text so far.
    pub fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until one of `words` is in it, and returns whether that came to be. A line may be read
    /// later than the answer that the process sent after it.
    pub async fn wait_for(&self, words: &[&str]) -> bool {
        for _ in 0..500 {
            let text = self.text();
            if words.iter().any(|words| text.contains(words)) {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    }

    /// Returns the rest of the first line that holds `words`.
    pub fn after(&self, words: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(words)?;
        let (line, _) = rest.split_once('\n')?;
        Some(line.to_owned())
    }

    /// Reads `source` on a thread of its own until its end.
    pub(crate) fn collect(&self, source: impl Read + Send + 'static) -> thread::JoinHandle<()> {
        let log = self.clone();
        thread::spawn(move || {
            let mut lines = BufReader::new(source);
            let mut line = Vec::new();
            while matches!(lines.read_until(b'\n', &mut line), Ok(1..)) {
                let text = String::from_utf8_lossy(&line);
                log.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
                line.clear();
            }
        })
    }
}
