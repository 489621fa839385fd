//! The guide that is printed when the server has just started: where it is, and lines to paste.

use std::{
    io::{self, Write},
    path::Path,
};

const WALKTHROUGH: &str = include_str!("startup_guide.txt");

/// Prints the introduction to the standard output, as it is and not as log lines, so that its
/// commands can be copied.
pub(super) fn print(port: u16, data: Option<&Path>, is_stand_in: bool) {
    let mut out = io::stdout().lock();
    // Who has closed the output does not want to read it.
    let _ = out.write_all(text(port, data, is_stand_in).as_bytes()).and_then(|()| out.flush());
}

fn text(port: u16, data: Option<&Path>, is_stand_in: bool) -> String {
    let model = if is_stand_in {
        "the built-in stand-in: everyday sentences only. Set OPENAI_API_KEY for a real one"
    } else {
        "the one that is configured"
    };
    let data = data.map_or("in the database of DATABASE_URL".to_owned(), |path| path.display().to_string());
    WALKTHROUGH
        .replace("{url}", &format!("http://localhost:{port}"))
        .replace("{model}", model)
        .replace("{data}", &data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let text = text(7860, Some(Path::new("/data")), true);
        assert!(text.contains("http://localhost:7860") && text.contains("/data"));
        assert!(!text.contains("{url}") && !text.contains("{data}") && !text.contains("{model}"));
    }
}
