use super::*;

fn calls(text: &str) -> Option<Vec<(String, String)>> {
    Some(parse(text)?.into_iter().map(|call| (call.name, call.arguments)).collect())
}

#[test]
fn calls_are_read_however_they_are_written() {
    let one = Some(vec![("add_task".to_owned(), r#"{"title":"One"}"#.to_owned())]);
    for text in [
        r#"{"name": "add_task", "arguments": {"title": "One"}}"#,
        r#"{"tool": "functions.add_task", "parameters": {"title": "One"}}"#,
        r#"{"name": "add_task", "arguments": "{\"title\":\"One\"}"}"#,
        r#"{"type": "function", "function": {"name": "add_task", "arguments": {"title": "One"}}}"#,
        r#"{"tool_calls": [{"name": "add_task", "arguments": {"title": "One"}}]}"#,
        r#"[{"name": "add_task", "args": {"title": "One"}}]"#,
        r#"[TOOL_CALLS] [{"name": "add_task", "arguments": {"title": "One"}}]"#,
        r#"{"add_task": {"title": "One"}}"#,
        "<tool_call>\n{\"name\": \"add_task\", \"arguments\": {\"title\": \"One\"}}\n",
        "```json\n{\"name\": \"add_task\", \"arguments\": {\"title\": \"One\"}}\n```",
    ] {
        assert_eq!(calls(text), one, "{text}");
    }
    let llama = r#"<function=add_task>{"title":"One"}</function>"#;
    assert_eq!(calls(llama), one);
    let two = r#"<tool_call>{"name":"add_task","arguments":{}}</tool_call><tool_call>{"name":"list_tasks"}</tool_call>"#;
    assert_eq!(calls(two).unwrap().len(), 2);
}

#[test]
fn parameters_in_marks_of_their_own_are_read_as_what_the_tool_takes() {
    let called = |name: &str, arguments: &str| (name.to_owned(), arguments.to_owned());
    let function = "<function=add_task>\n<parameter=title>\n2024 <b> \"x\"\nand\n</parameter>\n\
                    <parameter=tags>\n[\"a\"]\n</parameter>\n<parameter=parent>3</parameter>\n</function>";
    let add = called("add_task", r#"{"parent":3,"tags":["a"],"title":"2024 <b> \"x\"\nand"}"#);
    for text in [
        function.to_owned(),
        format!("<tool_call>\n{function}\n</tool_call>"),
        // As Qwen3-Coder writes them when it forgets one mark.
        format!("{function}\n</tool_call>"),
        format!("<tool_call>\n{function}"),
    ] {
        assert_eq!(calls(&text), Some(vec![add.clone()]), "{text}");
    }
    let three = format!(
        "<tool_call>\n{function}\n</tool_call>\n<tool_call>\n<function=update_task>\n<parameter=task_id>\n7\n\
         </parameter>\n<parameter=due>\nnull\n</parameter>\n<parameter=title>null</parameter></function>\n\
         <function=list_tasks>\n</function>\n</tool_call>"
    );
    let update = called("update_task", r#"{"due":null,"task_id":7,"title":"null"}"#);
    assert_eq!(calls(&three), Some(vec![add, update, called("list_tasks", "")]));
    // One that breaks off is none that can be made.
    for half in ["<function=add_task>\n<parameter=title>\nMi", "<tool_call><function=add_task><parameter"] {
        let [(name, arguments)] = calls(half).unwrap().try_into().unwrap();
        assert!(name == "add_task" && serde_json::from_str::<Value>(&arguments).is_err(), "{half}");
    }
}

#[test]
fn names_before_their_arguments_are_read() {
    let one = r#"[TOOL_CALLS]add_task[ARGS]{"title": "[TOOL_CALLS]"}"#;
    let called = ("add_task".to_owned(), r#"{"title": "[TOOL_CALLS]"}"#.to_owned());
    for text in [
        one,
        r#"[TOOL_CALLS] add_task [ARGS] {"title": "[TOOL_CALLS]"}"#,
        r#"[TOOL_CALLS]add_task[CALL_ID]a1B2c3D4e[ARGS]{"title": "[TOOL_CALLS]"}"#,
        r#"[TOOL_CALLS]add_task{"title": "[TOOL_CALLS]"}"#,
    ] {
        assert_eq!(calls(text), Some(vec![called.clone()]), "{text}");
    }
    let two = format!("{one}[TOOL_CALLS]list_tasks[ARGS]{{}}");
    assert_eq!(calls(&two), Some(vec![called, ("list_tasks".to_owned(), "{}".to_owned())]));
    let half = r#"[TOOL_CALLS]add_task[ARGS]{"title": "On"#;
    assert_eq!(calls(half), Some(vec![("add_task".to_owned(), half.to_owned())]));
    assert_eq!(calls("[TOOL_CALLS] is a mark"), None);
    for list in [
        "[TOOL_CALLS]delete_task[ARGS]\n2. {\"task_id\": 1}",
        "<｜tool▁call▁begin｜>delete_task<｜tool▁sep｜>\n2. {\"task_id\": 1}",
        "<|tool_call_begin|>delete_task<|tool_call_argument_begin|>\n{\"task_id\": 1}",
    ] {
        assert!(
            calls(list).is_none_or(|calls| calls.iter().all(|(_, arguments)| arguments == list)),
            "{list}"
        );
    }
    for (unreadable, name) in
        [("[TOOL_CALLS]", ""), ("[TOOL_CALLS]nothing[ARGS]{}", ""), ("[TOOL_CALLS] add_task", "add_task")]
    {
        assert_eq!(calls(unreadable), Some(vec![(name.to_owned(), unreadable.to_owned())]), "{unreadable}");
    }
}

#[test]
fn what_names_no_tool_of_ours_or_says_something_else_is_words() {
    for text in [
        "",
        "{}",
        r#"{"name": "Ann", "arguments": {}}"#,
        r#"{"title": "One"}"#,
        r#"{"name": "add_task", "arguments": {}} is how I call it"#,
        "I call add_task with \"arguments\"",
        "[]",
        "```\nadd_task\n```",
    ] {
        let read = calls(text);
        assert!(read.is_none() || text.contains("is how"), "{text}: {read:?}");
    }
}

#[test]
fn a_call_that_breaks_off_is_not_shown() {
    let text = r#"{"name": "add_task", "arguments": {"title": "On"#;
    assert_eq!(calls(text), Some(vec![("add_task".to_owned(), text.to_owned())]));
}

#[test]
fn the_words_of_other_chat_templates_are_read() {
    let one = ("add_task".to_owned(), r#"{"title": "One"}"#.to_owned());
    let all = ("list_tasks".to_owned(), "{}".to_owned());
    let two = Some(vec![one.clone(), all.clone()]);
    for text in [
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add_task\n```json\n{\"title\": \"One\"}\n```\
         <｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>list_tasks\n```json\n{}\n```\
         <｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add_task<｜tool▁sep｜>{\"title\": \"One\"}<｜tool▁call▁end｜>\
         <｜tool▁call▁begin｜>list_tasks<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.add_task:0<|tool_call_argument_begin|>\
         {\"title\": \"One\"}<|tool_call_end|><|tool_call_begin|>functions.list_tasks:1\
         <|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>",
    ] {
        assert_eq!(calls(text), two, "{text}");
    }
    let llama = r#"<|python_tag|>{"name": "add_task", "parameters": {"title":"One"}}; {"name": "list_tasks", "parameters": {}}<|eom_id|>"#;
    assert_eq!(calls(llama).unwrap().len(), 2);
    let glm = "<tool_call>update_task\n<arg_key>task_id</arg_key>\n<arg_value>7</arg_value>\n<arg_key>title</arg_key>\n\
               <arg_value>8</arg_value>\n</tool_call>\n<tool_call>list_tasks\n</tool_call>";
    let update = ("update_task".to_owned(), r#"{"task_id":7,"title":"8"}"#.to_owned());
    assert_eq!(calls(glm), Some(vec![update, all]));
}

#[test]
fn words_after_calls_do_not_spoil_them_and_a_broken_call_after_them_is_one() {
    let call = r#"<tool_call>{"name": "add_task", "arguments": {"title": "</tool_call>"}}</tool_call>"#;
    assert_eq!(calls(&format!("{call}\nDone!")).unwrap().len(), 1);
    assert_eq!(calls(&format!("{call}\n<tool_call>{{\"name\": \"add")).unwrap().len(), 2);
    assert_eq!(read_after_words("<|python_tag|>half {"), None);
}

#[test]
fn what_a_text_contains_is_found_wherever_it_stands() {
    let text = "Milk\n<tool_call>{\"name\": \"list_tasks\", \"arguments\": {}}</tool_call> x <|python_tag|>{\"name\": \
                \"add_task\", \"parameters\": {}}";
    let names: Vec<_> = find_all(text).into_iter().map(|call| call.name).collect();
    assert_eq!(names, ["list_tasks", "add_task"]);
    assert!(find_all("Milk").is_empty());
}
