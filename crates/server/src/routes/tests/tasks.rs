//! Tasks and conversations, one request after the other.

use super::*;

#[actix_web::test]
async fn a_task_lives_its_life() {
    let fixture = Fixture::ready().await;
    let ann = fixture.person();
    let body = json!({"title": " Buy milk ", "description": "two", "id": 99, "completed": true});
    let response = ask(&fixture, &ann, Method::POST, "/tasks", body).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers().get(LOCATION).unwrap(), ann.path("/tasks/1").as_str());
    let task = json_of(response).await;
    assert_eq!(
        (&task["id"], &task["title"], &task["completed"]),
        (&json!(1), &json!("Buy milk"), &json!(false))
    );
    for (method, body, member, expected) in [
        (Method::PUT, json!({"completed": true}), "completed", json!(true)),
        (Method::PATCH, json!({"title": "Milk", "unknown": 1}), "title", json!("Milk")),
        (Method::PATCH, json!({"description": null}), "description", Value::Null),
        (Method::GET, Value::Null, "completed", json!(true)),
    ] {
        let response = ask(&fixture, &ann, method, "/tasks/1", body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(json_of(response).await[member], expected);
    }
    for body in [
        json!({}),
        json!({"title": null}),
        json!({"completed": null}),
        json!({"title": " "}),
        json!({"x": 1}),
    ] {
        let response = ask(&fixture, &ann, Method::PATCH, "/tasks/1", body.clone()).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert_eq!(
        ask(&fixture, &ann, Method::DELETE, "/tasks/1", Value::Null).await.status(),
        StatusCode::NO_CONTENT
    );
    for id in ["1", "42", "-1", "+1", "1e3", "0x10", "abc", "99999999999999999999"] {
        let response = ask(&fixture, &ann, Method::GET, &format!("/tasks/{id}"), Value::Null).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{id}");
        assert_eq!(json_of(response).await["detail"], "There is no such task.", "{id}");
    }
}

#[actix_web::test]
async fn a_list_comes_in_pages_that_are_linked() {
    let fixture = Fixture::ready().await;
    let ann = fixture.person();
    for title in ["one", "two", "three"] {
        ask(&fixture, &ann, Method::POST, "/tasks", json!({"title": title})).await;
    }
    let first = ask(&fixture, &ann, Method::GET, "/tasks?limit=2&status=pending", Value::Null).await;
    let next = format!("<{}?limit=2&status=pending&before=2>; rel=\"next\"", ann.path("/tasks"));
    assert_eq!(first.headers().get(LINK).unwrap(), next.as_str());
    assert_eq!(json_of(first).await.as_array().unwrap().len(), 2);
    let last = ask(&fixture, &ann, Method::GET, "/tasks?limit=2&status=pending&before=2", Value::Null).await;
    assert!(last.headers().get(LINK).is_none());
    assert_eq!(json_of(last).await[0]["title"], "one");
    for query in ["limit=0", "limit=501", "limit=x", "status=done", "before=x", "search=%00"] {
        let response = ask(&fixture, &ann, Method::GET, &format!("/tasks?{query}"), Value::Null).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[actix_web::test]
async fn a_key_adds_a_task_once() {
    let fixture = Fixture::ready().await;
    let ann = fixture.person();
    let add = |key: &'static str, title: &'static str| {
        TestRequest::post()
            .uri(&ann.path("/tasks"))
            .insert_header(("Authorization", format!("Bearer {}", ann.token)))
            .insert_header(("Idempotency-Key", key))
            .set_json(json!({"title": title}))
    };
    let first = call(&fixture, add("k1", "milk")).await;
    assert!(first.headers().get("idempotency-replayed").is_none());
    let first = json_of(first).await;
    let again = call(&fixture, add("k1", " milk ")).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.headers().get("idempotency-replayed").unwrap(), "true");
    assert_eq!(json_of(again).await, first);
    let other = call(&fixture, add("k1", "bread")).await;
    assert_eq!(json_of(other).await["code"], "idempotency_key_reused");
    let bad = call(&fixture, add("two words", "milk")).await;
    assert_eq!(json_of(bad).await["errors"][0]["field"], "Idempotency-Key");
}

#[actix_web::test]
async fn a_conversation_that_is_not_there_is_not_found() {
    let fixture = Fixture::ready().await;
    let ann = fixture.person();
    let title = json!({"title": "Shopping"});
    for id in [Uuid::from_u128(7).to_string(), "7".to_owned()] {
        let path = format!("/conversations/{id}");
        for (method, body) in
            [(Method::GET, Value::Null), (Method::PATCH, title.clone()), (Method::DELETE, Value::Null)]
        {
            let response = ask(&fixture, &ann, method, &path, body).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert_eq!(json_of(response).await["code"], "conversation_not_found");
        }
    }
    let list = json_of(ask(&fixture, &ann, Method::GET, "/conversations?limit=5", Value::Null).await).await;
    assert_eq!(list, json!({"conversations": [], "total": 0, "limit": 5, "offset": 0}));
}
