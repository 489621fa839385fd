use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

fn bridge(address: &str) -> StdioBridge {
    StdioBridge::new(address.parse().unwrap(), &"tdo_pat_canary".to_owned().into()).unwrap()
}

/// A server that gives each connection the next of these answers, and where it is.
async fn server(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = String::new();
            // A request ends with the line that was forwarded, which is an object.
            while !request.ends_with('}') {
                let mut piece = [0; 4096];
                let read = connection.read(&mut piece).await.unwrap();
                request.push_str(std::str::from_utf8(&piece[..read]).unwrap());
            }
            connection.write_all(answer.as_bytes()).await.unwrap();
            requests.push(request);
        }
        requests
    });
    (address, served)
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

async fn forwarded(bridge: &mut StdioBridge, input: &str) -> Vec<Value> {
    let mut output = Vec::new();
    bridge.run(input.as_bytes(), &mut output).await.unwrap();
    String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_address_is_a_server_s_and_nobody_reads_the_token_on_the_way() {
    let url = |text: &str| text.parse::<ServerAddress>().map(|address| address.0.to_string());
    for (text, mcp) in [
        ("https://todo.example.com", "https://todo.example.com/mcp"),
        ("https://todo.example.com/", "https://todo.example.com/mcp"),
        ("https://todo.example.com/mcp", "https://todo.example.com/mcp"),
        ("https://example.com/todo#top", "https://example.com/todo/mcp"),
        ("http://localhost:7860", "http://localhost:7860/mcp"),
    ] {
        assert_eq!(url(text).unwrap(), mcp);
    }
    for text in
        ["", "todo.example.com", "ftp://todo.example.com", "https://me:pw@example.com", "https://a.b/?c=d"]
    {
        assert!(matches!(url(text), Err(StdioBridgeError::Address)), "{text}");
    }
    for text in ["http://todo.example.com", "http://192.168.1.5:7860"] {
        assert!(matches!(url(text), Err(StdioBridgeError::NotEncrypted)), "{text}");
    }
}

#[tokio::test]
async fn the_revision_that_was_agreed_on_goes_with_what_follows() {
    let hello = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25"}}"#;
    let spread = "{\n  \"jsonrpc\": \"2.0\",\n  \"id\": 2, \"result\": {}\n}";
    let (address, served) = server(vec![
        answer("200 OK", "application/json", hello),
        answer("202 Accepted", "text/plain", ""),
        answer("200 OK", "application/json; charset=utf-8", spread),
    ])
    .await;
    let input = concat!(
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#,
        "\n\n",
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        "\n",
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
    );
    let answers = forwarded(&mut bridge(&address), input).await;
    assert_eq!(answers, [hello, spread].map(|text| serde_json::from_str::<Value>(text).unwrap()));
    let requests = served.await.unwrap();
    assert!(requests.iter().all(|request| request.contains("authorization: Bearer tdo_pat_canary")));
    assert!(!requests[0].contains("mcp-protocol-version"), "{}", requests[0]);
    assert!(requests[1..].iter().all(|request| request.contains("mcp-protocol-version: 2025-11-25")));
}

#[tokio::test]
async fn a_request_of_the_newest_revision_speaks_for_itself() {
    let (address, served) = server(vec![answer("200 OK", "application/json", "{}"); 2]).await;
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;
    let call =
        |name: &str| format!(r#"{{"id":1,"method":"tools/call","params":{{"name":"{name}",{meta}}}}}"#);
    forwarded(&mut bridge(&address), &format!("{}\n{}\n", call("add_task"), call("töne"))).await;
    let requests = served.await.unwrap();
    for header in ["mcp-protocol-version: 2026-07-28", "mcp-method: tools/call", "mcp-name: add_task"] {
        assert!(requests[0].contains(header), "{header}: {}", requests[0]);
    }
    assert!(requests[1].contains("mcp-name: =?base64?dMO2bmU=?="), "{}", requests[1]);
}

#[tokio::test]
async fn who_waits_for_an_answer_is_told_in_words_why_there_is_none() {
    let problem = r#"{"detail":"Please sign in again.","code":"invalid_token"}"#;
    let request = r#"{"jsonrpc":"2.0","id":"a","method":"tools/list"}"#;
    let (address, _served) = server(vec![
        answer("401 Unauthorized", "application/problem+json", problem),
        answer("200 OK", "text/html", "<p>Hello"),
    ])
    .await;
    let answers = forwarded(&mut bridge(&address), &format!("{request}\n{request}\nno JSON\n")).await;
    assert_eq!(answers[0]["id"], "a");
    let data = json!({"status": 401, "code": "invalid_token"});
    assert_eq!(answers[0]["error"], json!({"code": -32000, "message": TOKEN_REFUSED, "data": data}));
    assert_eq!(answers[1]["error"]["message"], "There is no todo server there: it answered 200.");
    assert_eq!(answers[2]["error"]["code"], -32700);

    let notification = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let input = format!("{notification}\n{request}\n");
    let answers = forwarded(&mut bridge("http://127.0.0.1:1"), &input).await;
    assert_eq!(answers.len(), 1, "who does not wait is told nothing");
    let message = answers[0]["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("The todo server cannot be reached: "), "{message}");
    assert!(!message.contains("canary"), "{message}");
}
