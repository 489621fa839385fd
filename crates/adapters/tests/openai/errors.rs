//! Error responses of providers, and what of them is passed on.

use std::time::Duration;

use adapters::openai::{ConnectionFault, ModelFault};
use devkit::model::{
    StandIn,
    script::{raw, status, text},
};
use domain::{
    message::{MessageBody, ToolCall},
    ports::ToolChoice,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::test_client::{KEY, LONG_TIMEOUTS, answered, ask, hello, model};

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = StandIn::scripted([text("Give me your key.")]).await.unwrap();
    for code in [301, 302, 303, 307, 308] {
        let target = format!("{}/chat/completions", elsewhere.base_url());
        let (attempt, requests) = answered([status(code).header("location", target).body("")]).await;
        assert_eq!((attempt.failure(), requests), ("misconfigured", 1), "{code}");
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_key_that_is_repeated_to_us_stays_with_us() {
    let said = format!("Incorrect API key provided: {KEY}. \u{1b}[31m{}", "You can find yours. ".repeat(100));
    let error = json!({"error": {"message": said, "code": "whatever"}}).to_string();
    let stream = format!("data: {error}\n\n");
    for (reply, expected) in [
        (status(401).body(error.clone()), "misconfigured"),
        (status(401).body(said.clone()), "misconfigured"),
        (status(200).body(error), "bad reply"),
        (raw(stream), "bad reply"),
    ] {
        let (attempt, _) = answered([reply]).await;
        assert_eq!(attempt.failure(), expected);
        let shown = attempt.reply.unwrap_err().to_string();
        assert!(shown.contains("Incorrect API key provided: …") && !shown.contains('\u{1b}'), "{shown}");
    }
}

#[tokio::test]
async fn errors_with_status_200_are_told_apart() {
    let error = |code: u16| json!({"error": {"message": "m", "code": code}}).to_string();
    for (code, expected) in [(429, "busy"), (502, "unavailable"), (402, "misconfigured")] {
        let (attempt, requests) = answered([status(200).body(error(code))]).await;
        assert_eq!((attempt.failure(), requests), (expected, 1), "{code}");
        let outcome = r#"data: {"choices":[{"delta":{"content":"Hel"}}]}"#;
        let (attempt, _) = answered([raw(format!("{outcome}\n\ndata: {}\n\n", error(code)))]).await;
        assert_eq!((attempt.failure(), attempt.words.as_str()), (expected, "Hel"), "{code}");
    }
}

/// Serves one answer that never ends and returns how much of it was taken.
async fn flood(listener: TcpListener, head: &'static str, piece: Vec<u8>) -> usize {
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.read_exact(&mut [0; 16]).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut written = 0;
    while written < 100 << 20 && stream.write_all(&piece).await.is_ok() {
        written += piece.len();
    }
    written
}

#[tokio::test]
async fn of_a_hundred_megabytes_one_is_read() {
    let event = format!("data: {}\n\n", json!({"choices": [{"delta": {"content": "x".repeat(60_000)}}]}));
    let cases = [
        ("HTTP/1.1 200 OK\r\n\r\n", event.into_bytes(), "bad reply"),
        ("HTTP/1.1 200 OK\r\n\r\n{", vec![b' '; 60_000], "bad reply"),
        ("HTTP/1.1 200 OK\r\n\r\n", vec![b':'; 60_000], "bad reply"),
        ("HTTP/1.1 401 Unauthorized\r\n\r\n", vec![b'x'; 60_000], "misconfigured"),
    ];
    for (head, piece, expected) in cases {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let flooding = tokio::spawn(flood(listener, head, piece));
        let attempt = hello(&model(&base_url, LONG_TIMEOUTS), Duration::from_secs(60)).await;
        assert_eq!(attempt.failure(), expected);
        // The piece that is one too many was heard.
        assert!(attempt.words.len() <= (1 << 20) + 60_000);
        let written = flooding.await.unwrap();
        assert!(written < 50 << 20, "{written}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_configuration_is_refused_without_showing_it() {
    use adapters::openai::{OpenAiConfig, OpenAiConfigError, OpenAiModel, Timeouts};
    let new = |base_url: &str, name: &str, key: &str| {
        let base_url = base_url.parse()?;
        let timeouts = Timeouts::default();
        OpenAiModel::new(OpenAiConfig {
            base_url,
            model: name.into(),
            api_key: key.into(),
            timeouts,
            context_tokens: None,
            tool_mode: Default::default(),
        })
    };
    let good = "https://api.openai.com/v1";
    assert!(new(good, "gpt-4o-mini", KEY).is_ok());
    assert!(new("http://localhost:11434/v1", "llama", "").is_ok());
    assert!(matches!(new("http://api.openai.com/v1", "m", KEY), Err(OpenAiConfigError::NotHttps)));
    assert!(matches!(new("https://a:b@api.openai.com", "m", KEY), Err(OpenAiConfigError::Credentials)));
    assert!(matches!(new(good, " ", KEY), Err(OpenAiConfigError::NoModel)));
    let refused = new(good, "m", "sk-canary\n").unwrap_err();
    assert!(matches!(refused, OpenAiConfigError::Key));
    assert!(!format!("{refused} {refused:?}").contains("canary"));
}

#[tokio::test]
async fn an_error_that_repeats_what_was_sent_is_not_passed_on_with_it() {
    let arguments = json!({"title": "Käse für Zenobia"}).as_object().unwrap().clone();
    let call =
        ToolCall { id: "c1".into(), name: "add_task".into(), arguments, provider_data: Default::default() };
    let messages = [
        MessageBody::User("Remember hunter2 and 4711, it is for HIV".into()),
        MessageBody::Assistant { text: String::new(), calls: vec![call] },
        MessageBody::Tool { call_id: "c1".into(), content: "{\"success\":true}".into() },
    ];
    let sent = "Be brief. Remember hunter2 and 4711, it is for HIV: Käse für Zenobia";
    let escaped = "hunt\\u0065r2 K\\u00e4se f&uuml;r Zenobia";
    let told =
        |text: &str| json!({"error": {"message": text, "code": text, "type": "hunter2", "param": "Zenobia"}});
    let stream = |error: &Value| raw(format!("data: {error}\n\n"));
    let stand_in = StandIn::scripted([]).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    let bodies = [sent, escaped].map(|text| [told(text), json!({"error": {"sent": text}}), json!(text)]);
    for body in bodies.as_flattened() {
        let failed = status(400).body(body.to_string()).header("x-request-id", "hunter2-Zenobia-4711");
        let page = status(503).body(format!("<p>{body}</p>")).header("retry-after-ms", "1");
        for reply in [failed, page, status(200).body(body.to_string()), stream(body)] {
            stand_in.on("Remember", [reply.clone(), reply.clone(), reply]);
            let attempt = ask(&model, &messages, ToolChoice::Auto, Duration::from_secs(60)).await;
            let error = attempt.reply.unwrap_err();
            let shown = format!("{error} {error:?}");
            for private in ["hunt", "4711", "HIV", "brief", "se f", "enob", "r2", "u00"] {
                assert!(!shown.contains(private), "{private}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_configuration_is_found_without_an_answer() {
    let stand_in = StandIn::scripted([]).await.unwrap();
    let url = stand_in.base_url();
    assert_eq!(model(&url, LONG_TIMEOUTS).check().await, Ok(()));
    let twice = model(&format!("{url}/v1"), LONG_TIMEOUTS);
    assert_eq!(twice.check().await, Err(ModelFault::NoApi(404)));
}

#[tokio::test]
async fn why_a_server_is_not_reached_is_told_in_a_few_words() {
    let fault = async |url: &str| model(url, LONG_TIMEOUTS).check().await.unwrap_err();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await.unwrap();
            // One who speaks TLS hangs up on this.
            let _ = connection.write_all(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let at = |scheme: &str| format!("{scheme}://{place}/v1");
    assert_eq!(fault(&at("http")).await, ModelFault::Unreachable(ConnectionFault::Status(503)));
    assert_eq!(fault(&at("https")).await, ModelFault::Unreachable(ConnectionFault::NoTls));
    served.abort();
    let _ = served.await;
    assert_eq!(fault(&at("https")).await, ModelFault::Unreachable(ConnectionFault::Refused));
    let unknown = fault("https://nobody-has-this-name.internal/v1").await;
    assert_eq!(unknown, ModelFault::Unreachable(ConnectionFault::UnknownHost));
    assert!(unknown.to_string().ends_with("cannot be reached yet: no host of this name is found"));
}

#[tokio::test]
async fn the_size_of_a_context_is_asked_of_servers_that_tell_it() {
    use domain::ports::LanguageModel as _;
    let size = async |path: &str, told: serde_json::Value| {
        let stand_in = StandIn::scripted([]).await.unwrap();
        stand_in.answer_at(path, told);
        let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
        model.check().await.unwrap();
        model.history_tokens()
    };
    let unknown = size("/other", serde_json::json!({})).await;
    let of_llama = size("/props", serde_json::json!({"default_generation_settings": {"n_ctx": 2_048}})).await;
    let of_ollama =
        size("/api/show", serde_json::json!({"model_info": {}, "parameters": "num_ctx 8192"})).await;
    assert!(of_llama < of_ollama && of_ollama < unknown, "{of_llama} {of_ollama} {unknown}");
}
