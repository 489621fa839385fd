//! The pages, and the headers that tell browsers what not to do.

use tests::TestApp;

#[tokio::test]
async fn the_page_says_what_runs_here() {
    let app = TestApp::start().await;
    let page = app.get("/").await;
    page.expect(200);
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert!(page.text.contains("<title>Todo "), "{}", page.text);
    let head = app.call("HEAD", "/").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn the_documentation_of_the_api_is_served() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await;
    page.expect(200);
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    for path in ["/api/auth/register", "/api/{user_id}/chat", "/api/{user_id}/tasks"] {
        assert!(page.text.contains(path), "{path} is not documented");
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let is_page = |path: &str| ["/", "/docs", "/style.css"].contains(&path);
    for path in ["/", "/docs", "/style.css", "/health", "/ready", "/api/info", "/api/auth/me", "/nowhere"] {
        let answer = alice.call("GET", path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(answer.header("strict-transport-security").is_some(), "{path}");
        assert_eq!(answer.header("server"), None, "{path}");
        assert_eq!(answer.header("x-powered-by"), None, "{path}");
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors"), "{path}: {policy}");
        if !is_page(path) && path != "/nowhere" {
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
    let own = alice.tasks().await;
    assert_eq!(own.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn health_and_readiness_take_head_and_no_body() {
    let app = TestApp::start().await;
    for path in ["/health", "/ready"] {
        let head = app.call("HEAD", path).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(app.get(path).await.expect(200)["status"], "ok");
    }
}
