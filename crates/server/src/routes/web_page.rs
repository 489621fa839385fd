//! Serves the web page. Where it was not built, serves a page that says what runs here and how to talk to it.
//! Neither needs the database.

pub(super) mod assets;

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType},
    mime,
    web::Data,
};

use crate::{
    VERSION,
    middleware::security_headers::{APP_POLICY, PAGE_POLICY},
    state::{AppState, ModelInfo},
};

const PAGE: &str = include_str!("web_page/index.html");
const DOCS: &str = include_str!("web_page/docs.html");
const STYLE: &str = include_str!("web_page/style.css");
const API: &str = include_str!("../../../../docs/API.md");

/// `GET /`: the platform's probe hits it, and people see it.
pub(super) async fn show_page(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    page(&request, &state)
}

/// The web page, which looks at its address by itself.
pub(super) fn page(request: &HttpRequest, state: &AppState) -> HttpResponse {
    if let Some(page) = assets::index(request) {
        return page;
    }
    html(bare_page(&state.model), PAGE_POLICY)
}

/// `GET /docs`: docs/API.md, rendered once, and below it every operation to try where the web page was built.
pub(super) async fn show_docs() -> HttpResponse {
    static DOCS_PAGE: LazyLock<(String, &str)> = LazyLock::new(|| match assets::docs() {
        Some(page) => (page.replace("{{api}}", &rendered(API)), APP_POLICY),
        None => (DOCS.replace("{{api}}", &rendered(API)), PAGE_POLICY),
    });
    let (page, policy) = &*DOCS_PAGE;
    html(page.as_str(), policy)
}

/// `GET /style.css`: what both pages look like.
pub(super) async fn show_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(mime::TEXT_CSS_UTF_8)
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}

/// The page of a server into which no web page was built.
fn bare_page(model: &ModelInfo) -> String {
    let model = if model.stand_in {
        "<p class=\"notice\"><strong>No real model is configured.</strong> The built-in stand-in answers: it \
         understands everyday sentences about todos and nothing else. Set <code>OPENAI_API_KEY</code> \
         to talk to a real one.</p>"
            .to_owned()
    } else {
        format!("<p>The model is <code>{}</code>.</p>", escape_html(&model.name))
    };
    PAGE.replace("{{version}}", VERSION).replace("{{model}}", &model)
}

fn html(page: impl Into<String>, policy: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(page.into())
}

fn rendered(markdown: &str) -> String {
    let mut page = String::with_capacity(markdown.len() * 2);
    let parser = pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES);
    pulldown_cmark::html::push_html(&mut page, parser);
    page
}

/// Text as it stands in a page.
pub(super) fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_text() {
        let page = bare_page(&ModelInfo::single("scripted <model>"));
        assert!(page.contains("scripted &lt;model&gt;") && page.contains(VERSION), "{page}");
        assert!(!page.contains("{{"), "{page}");
    }

    #[test]
    fn a_stand_in_is_announced() {
        let page = bare_page(&ModelInfo { stand_in: true, ..ModelInfo::single("stand-in") });
        assert!(page.contains("No real model is configured"), "{page}");
    }

    #[test]
    fn the_documentation_is_rendered() {
        let page = rendered(API);
        assert!(page.contains("<table>") && page.contains("/api/auth/register"), "{page}");
    }
}
