//! The origins in `FRONTEND_URL` and `FRONTEND_PREVIEW_PATTERN`, as browsers write them.

use url::{Host, Url};

/// The origins whose pages may read our answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedOrigins {
    exact: Vec<String>,
    previews: Option<PreviewPattern>,
}

/// Preview deployments: one `*` inside one DNS label stands for `[a-z0-9-]+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewPattern {
    /// Everything before the `*`, scheme included.
    before: String,
    /// Everything after it.
    after: String,
}

impl AllowedOrigins {
    /// Makes the set of these origins and previews.
    pub fn new(exact: Vec<String>, previews: Option<PreviewPattern>) -> Self {
        Self { exact, previews }
    }

    /// Whether pages of `origin`, as a browser wrote it, may read our answers.
    pub fn admits(&self, origin: &str) -> bool {
        self.exact.iter().any(|known| known == origin)
            || self.previews.as_ref().is_some_and(|pattern| pattern.matches(origin))
    }

    /// The exact origins.
    pub fn exact(&self) -> &[String] {
        &self.exact
    }
}

/// Parses a comma-separated list of origins; a slash at the end of one is forgiven.
///
/// # Errors
/// When an entry is no origin. The message quotes nothing.
pub fn parse_list(list: &str) -> Result<Vec<String>, String> {
    // A shell and `.env` take them away; `docker --env-file` and a Space's settings do not.
    if list.contains(['\'', '"']) {
        return Err("must have no quotes in it: only origins such as https://my-app.vercel.app".to_owned());
    }
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let origins = entries.map(parse_origin).collect::<Result<Vec<_>, _>>()?;
    if origins.is_empty() { Err("must name at least one origin".to_owned()) } else { Ok(origins) }
}

fn parse_origin(entry: &str) -> Result<String, String> {
    let refuse = || {
        "must be a comma-separated list of origins such as https://my-app.vercel.app: scheme and host, \
         no path, no wildcard"
            .to_owned()
    };
    let url = Url::parse(entry).map_err(|_error| refuse())?;
    let has_host = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if has_host && is_bare && !entry.contains('*') {
        // What a browser sends: lower case, punycode, no default port, no slash.
        return Ok(url.origin().ascii_serialization());
    }
    Err(refuse())
}

impl PreviewPattern {
    /// Parses a pattern such as `https://my-app-*-my-team.vercel.app`.
    ///
    /// Text on both sides of the `*` is asked for: on a shared domain, everybody can register
    /// names that only begin like ours.
    ///
    /// # Errors
    /// When it cannot be understood, or would admit strangers.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let refuse = || {
            Err("must be an https origin with one * inside its first name, with text on both sides of \
                 it, such as https://my-app-*-my-team.vercel.app"
                .to_owned())
        };
        let raw = raw.strip_suffix('/').unwrap_or(raw).to_ascii_lowercase();
        let Some((before, after)) = raw.split_once('*') else { return refuse() };
        // With the * replaced by a letter it must be an origin, written as browsers write it.
        let example = format!("{before}x{after}");
        let is_origin = parse_origin(&example).is_ok_and(|origin| origin == example);
        let is_name = Url::parse(&example).is_ok_and(|url| matches!(url.host(), Some(Host::Domain(_))));
        let label_begins = before.strip_prefix("https://").is_some_and(is_part_of_label);
        let label_ends = after.split_once('.').is_some_and(|(end, rest)| {
            is_part_of_label(end) && rest.split('.').count() >= 2 && !after.contains('*')
        });
        if is_origin && is_name && label_begins && label_ends {
            return Ok(Self { before: before.to_owned(), after: after.to_owned() });
        }
        refuse()
    }

    /// Whether `origin` is that of a preview deployment.
    pub fn matches(&self, origin: &str) -> bool {
        let Some(rest) = origin.strip_prefix(&self.before) else { return false };
        let Some(middle) = rest.strip_suffix(&self.after) else { return false };
        is_part_of_label(middle)
    }
}

/// Not empty, and nothing but what may stand inside a DNS label: above all, no dot.
fn is_part_of_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
