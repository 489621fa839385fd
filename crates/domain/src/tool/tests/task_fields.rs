//! Days, priorities, tags, repeats, and several tasks at once.

use super::*;

#[test]
fn a_day_is_the_person_s_own_and_is_said_back_in_words() {
    let due = |arguments: Value| match decoded("add_task", arguments).unwrap() {
        TodoCommand::Change(TodoChange::Add(new)) => new.due.unwrap(),
        other => panic!("{other:?}"),
    };
    for (text, meant) in [
        ("2026-12-24", "2026-12-24"),
        ("2026-12-24T09:00", "2026-12-24T09:00"),
        ("tomorrow", "2026-11-28"),
        ("friday at 9am", "2026-12-04T09:00"),
    ] {
        assert_eq!(due(json!({"title": "Milk", "due": text})).to_text(), meant, "{text}");
    }
    let told = |text: &str, zone: &str| {
        let due = Due::parse(text, TimeZone::parse(zone).unwrap()).unwrap();
        let task = Todo { due: Some(due), ..todo(3, "Milk", "") };
        let result = to_json(&TodoOutcome::Changed(Effect::Added(task)), now().local);
        let task = &result["task"];
        (task["due"].clone(), task["when"].clone(), task["overdue"].clone())
    };
    let late = json!(true);
    assert_eq!(
        told("2026-11-27T09:00", "Europe/Berlin"),
        (json!("2026-11-27T09:00"), json!("Friday, 27 November, 9:00"), late.clone())
    );
    assert_eq!(told("2026-11-26", "Europe/Berlin").2, late);
    assert_eq!(
        told("2027-01-01", "Europe/Berlin"),
        (json!("2027-01-01"), json!("Friday, 1 January 2027"), Value::Null)
    );
    assert_eq!(
        told("2026-11-27T09:00", "America/New_York").1,
        "Friday, 27 November, 9:00 (America/New_York)"
    );
}

#[test]
fn a_due_day_is_changed_and_cleared() {
    let patched = |due: Value| match decoded("update_task", json!({"task_id": 3, "due": due})).unwrap() {
        TodoCommand::Change(TodoChange::Update(_, patch)) => patch.due.unwrap().map(Due::to_text),
        other => panic!("{other:?}"),
    };
    assert_eq!(patched(json!("tomorrow 9:30")), Some("2026-11-28T09:30".to_owned()));
    assert_eq!(patched(Value::Null), None);
}

#[test]
fn a_day_alone_keeps_the_time_of_day() {
    let at = now().local.now;
    let tokyo = TimeZone::parse("Asia/Tokyo").unwrap();
    let task = Todo { due: Some(Due::parse("2026-11-27T09:00", tokyo).unwrap()), ..todo(3, "Rent", "") };
    let moved = |due: &str, task: &Todo| {
        let decoded = decoded("update_task", json!({"task_id": 3, "due": due})).unwrap();
        let TodoCommand::Change(TodoChange::Update(_, patch)) = decoded else { panic!("an update") };
        let due = patch.resolve(task, at).unwrap().columns.due.unwrap().unwrap();
        // What does not depend on the task says the same without it.
        if let Some(columns) = patch.columns() {
            assert_eq!(columns.due, Some(Some(due)));
        }
        (due.to_text(), due.zone)
    };
    for (said, text, zone) in [
        ("monday", "2026-11-30T09:00", tokyo),
        ("2026-11-30", "2026-11-30T09:00", tokyo),
        ("monday at 8", "2026-11-30T08:00", now().local.zone),
        ("monday all day", "2026-11-30", now().local.zone),
        ("2026-11-30, without a time", "2026-11-30", now().local.zone),
    ] {
        assert_eq!(moved(said, &task), (text.to_owned(), zone), "{said}");
    }
    let undated = Todo { due: None, ..task };
    assert_eq!(moved("monday", &undated), ("2026-11-30".to_owned(), now().local.zone));
}

#[test]
fn a_time_alone_keeps_the_day() {
    // In Berlin it is Friday, 27 November, 10:00.
    let at = now().local.now;
    let task = |due: Option<&str>| Todo {
        due: due.map(|due| Due::parse(due, now().local.zone).unwrap()),
        ..todo(3, "Dentist", "")
    };
    let moved = |said: &str, task: &Todo| {
        let decoded = decoded("update_task", json!({"task_id": 3, "due": said})).unwrap();
        let TodoCommand::Change(TodoChange::Update(_, patch)) = decoded else { panic!("an update") };
        let due = patch.resolve(task, at).unwrap().columns.due.unwrap().unwrap();
        if let Some(columns) = patch.columns() {
            assert_eq!(columns.due, Some(Some(due)), "what does not depend on the task");
        }
        due.to_text()
    };
    for (due, said, text) in [
        (Some("2026-12-04T09:00"), "3pm", "2026-12-04T15:00"),
        (Some("2026-12-04T09:00"), "at 8", "2026-12-04T08:00"),
        (Some("2026-12-04"), "in the evening", "2026-12-04T18:00"),
        (Some("2026-12-04T09:00"), "midnight", "2026-12-05T00:00"),
        (Some("2026-12-04T09:00"), "today at 3pm", "2026-11-27T15:00"),
        (Some("2026-12-04T09:00"), "tonight", "2026-11-27T20:00"),
        (Some("2026-12-04T09:00"), "in 2 hours", "2026-11-27T12:00"),
        (Some("2026-11-27T09:00"), "3pm", "2026-11-27T15:00"),
        // Its day is over, or that time of it: the next such time is meant.
        (Some("2026-11-20T09:00"), "3pm", "2026-11-27T15:00"),
        (Some("2026-11-27T09:00"), "at 8", "2026-11-28T08:00"),
        (None, "3pm", "2026-11-27T15:00"),
        (None, "at 8", "2026-11-28T08:00"),
    ] {
        assert_eq!(moved(said, &task(due)), text, "{due:?} {said}");
    }
}

#[test]
fn a_look_at_days_is_a_look_at_open_tasks_in_their_order() {
    let day = |text: &str| Some(text.parse().unwrap());
    for (text, range) in [
        ("today", DueRange::Today),
        ("This Week", DueRange::Week(WeekStart::Monday)),
        ("overdue", DueRange::Overdue),
        ("none", DueRange::Undated),
        ("tomorrow", DueRange::Tomorrow),
        ("saturday", DueRange::Between { from: day("2026-11-28"), to: day("2026-11-28") }),
        ("2026-12-01..2026-12-31", DueRange::Between { from: day("2026-12-01"), to: day("2026-12-31") }),
        ("..2026-12-31", DueRange::Between { from: None, to: day("2026-12-31") }),
    ] {
        let TodoCommand::List(filter) = decoded("list_tasks", json!({"due": text})).unwrap() else {
            panic!("{text} is a look");
        };
        assert_eq!(filter.due, Some((range, now().local)), "{text}");
        assert_eq!((filter.status, filter.order), (StatusFilter::Pending, TodoOrder::Due), "{text}");
    }
    let done = decoded("list_tasks", json!({"status": "completed", "done_since": "2026-11-23"})).unwrap();
    let TodoCommand::List(filter) = done else { panic!("it is a look") };
    assert_eq!(filter.completed_since, Some("2026-11-22T23:00:00Z".parse().unwrap()), "Monday in Berlin");
    assert_eq!((filter.status, filter.order), (StatusFilter::Completed, TodoOrder::Newest));
}

#[test]
fn one_call_changes_many_tasks() {
    let numbers = |arguments: Value| match decoded("delete_task", arguments).unwrap() {
        TodoCommand::ChangeMany(numbers, TaskChange::Delete) => {
            numbers.iter().map(|n| n.0).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(numbers(json!({"task_id": [3, "#4", 3, "task 5"]})), [3, 4, 5]);
    assert_eq!(numbers(json!({"task_ids": [1, 2]})), [1, 2]);
    let one = decoded("delete_task", json!({"task_id": [3]})).unwrap();
    assert_eq!(one, TodoCommand::Change(TodoChange::Delete(TaskNumber(3), None)));
    let many: Vec<i64> = (1..=51).collect();
    for (refused, hint) in [(json!([]), "must name"), (json!(many), "50 tasks"), (json!([1, "x"]), "numbers")]
    {
        let error = decoded("delete_task", json!({"task_id": refused})).unwrap_err().error;
        assert!(error.contains(hint), "{error}");
    }
    let outcomes = vec![
        (TaskNumber(3), Ok(Effect::Deleted(todo(3, "Milk", "two")))),
        (TaskNumber(9), Err(TodoError::NoSuchTask(TaskNumber(9)))),
    ];
    let result = to_json(&TodoOutcome::ChangedMany(outcomes), now().local);
    let expected = json!({"success": true, "results": [
        {"task_id": 3, "success": true, "task": {"id": 3, "title": "Milk", "completed": false, "version": 1}},
        {"task_id": 9, "success": false, "error": "There is no task 9.", "code": "NOT_FOUND"},
    ]});
    assert_eq!(result, expected);
    let call = ExecutedCall { id: "c".into(), tool: "delete_task".into(), input: Map::new(), result };
    let effects: Vec<_> = effects_of(&call).into_iter().map(|effect| (effect.kind, effect.number)).collect();
    assert_eq!(effects, [(EffectKind::Deleted, 3)]);
}

#[test]
fn lists_and_nothing_are_understood_as_texts() {
    for text in [json!("[3, 4]"), json!("3, 4"), json!("#3,task 4"), json!("['3', '4']"), json!([3, "4"])] {
        let both = decoded("delete_task", json!({ "task_id": text })).unwrap();
        assert_eq!(
            both,
            TodoCommand::ChangeMany(vec![TaskNumber(3), TaskNumber(4)], TaskChange::Delete),
            "{text}"
        );
    }
    let one = decoded("delete_task", json!({"task_id": "[3]"})).unwrap();
    assert_eq!(one, TodoCommand::Change(TodoChange::Delete(TaskNumber(3), None)));
    for title in ["Milk, eggs", "[urgent] 3, 4", "3, eggs", "[", "1,000"] {
        let titled = decoded("delete_task", json!({ "task_id": title })).unwrap();
        assert!(matches!(titled, TodoCommand::ChangeTitled(..)), "{titled:?}");
    }

    let added = |arguments: Value| match decoded("add_task", arguments).unwrap() {
        TodoCommand::Change(TodoChange::Add(new)) => new,
        other => panic!("{other:?}"),
    };
    for tags in ["[\"home\", \"shop\"]", "['home', 'shop']", "[home, shop]", "home, shop"] {
        assert_eq!(added(json!({"title": "a", "tags": tags})).tags.as_slice(), ["home", "shop"], "{tags}");
    }
    let without =
        added(json!({"title": "a", "description": "null", "due": "NULL", "tags": "null", "repeat": "null"}));
    assert_eq!(without, added(json!({"title": "a"})));

    let patched = |arguments: Value| match decoded("update_task", arguments).unwrap() {
        TodoCommand::Change(TodoChange::Update(_, patch)) => patch,
        other => panic!("{other:?}"),
    };
    let cleared = patched(json!({"task_id": 3, "description": "null", "due": "null", "parent": "null"}));
    assert_eq!(cleared, patched(json!({"task_id": 3, "description": null, "due": null, "parent": null})));
    let every_member = json!({"task_id": 3, "title": "Buy oat milk", "description": "null", "due": "null", "repeat": "NULL",
                              "parent": "null"});
    assert_eq!(patched(every_member), patched(json!({"task_id": 3, "title": "Buy oat milk"})));
    let clears = json!({"task_id": 3, "title": "Buy oat milk", "due": null, "repeat": "null"});
    assert_eq!(patched(clears), patched(json!({"task_id": 3, "title": "Buy oat milk", "due": null})));
    let left_out = json!({"task_id": 3, "due": "null", "title": "", "skip": false, "tags": []});
    assert_eq!(patched(left_out).due, Some(None));
    for (completed, meant) in [(json!(1), true), (json!("1"), true), (json!(0), false), (json!(null), true)] {
        let given = decoded("complete_task", json!({"task_id": 3, "completed": completed})).unwrap();
        assert_eq!(given, decoded("complete_task", json!({"task_id": 3, "completed": meant})).unwrap());
    }
    assert!(decoded("complete_task", json!({"task_id": 3, "completed": 7})).is_err());
}

#[test]
fn a_task_has_a_priority_tags_and_comes_back() {
    let add = json!({
        "title": "Stand-up", "due": "9:15", "repeat": "every weekday", "priority": "urgent",
        "tags": ["#Work", "work", "team"]
    });
    let TodoCommand::Change(TodoChange::Add(new)) = decoded("add_task", add).unwrap() else {
        panic!("an addition")
    };
    // It is Friday, 10:00: tomorrow at 9:15 is a Saturday.
    assert_eq!(new.due.unwrap().to_text(), "2026-11-30T09:15");
    assert_eq!(new.repeat.unwrap().to_text(), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
    assert_eq!(
        (new.priority, new.tags.as_slice()),
        (Priority::High, &["Work".to_owned(), "team".to_owned()][..])
    );
    let add = json!({"title": "Rent", "repeat": "every month on the 1st", "tags": "home, money"});
    let TodoCommand::Change(TodoChange::Add(new)) = decoded("add_task", add).unwrap() else {
        panic!("an addition")
    };
    assert_eq!((new.due.unwrap().to_text().as_str(), new.tags.keys().len()), ("2026-12-01", 2));
    let task = Todo { repeat: new.repeat, due: new.due, tags: new.tags, ..todo(3, "Rent", "") };
    let shown = to_json(&TodoOutcome::Changed(Effect::Added(task.clone())), now().local);
    assert_eq!(shown["task"]["repeat"], "every month on the 1st");
    assert_eq!(shown["task"]["tags"], json!(["home", "money"]));
    let repeated =
        to_json(&TodoOutcome::Changed(Effect::Repeated { before: task.clone(), after: task }), now().local);
    assert_eq!(repeated["next"], "Tuesday, 1 December");
    for (arguments, hint) in [
        (json!({"title": "a", "repeat": "every full moon"}), "every"),
        (json!({"title": "a", "priority": "enormous"}), "high"),
        (json!({"title": "a", "tags": ["x".repeat(41)]}), "40"),
    ] {
        let error = decoded("add_task", arguments).unwrap_err().error;
        assert!(error.contains(hint), "{error}");
    }
}

#[test]
fn a_repeating_task_moves_on_when_it_is_done_or_passed_over() {
    let at = now().local.now;
    let due = |text: &str| Some(Due::parse(text, now().local.zone).unwrap());
    let weekly = Repeat::parse("every friday", due("2026-11-27").unwrap().date).unwrap();
    let task = Todo { due: due("2026-11-27"), repeat: Some(weekly), ..todo(3, "Bins", "") };
    let resolved = |patch: &TodoPatch, task: &Todo| {
        let resolved = patch.resolve(task, at).unwrap();
        let mut after = task.clone();
        resolved.columns.apply(&mut after, at);
        (after.due.map(Due::to_text), after.completed, resolved.completes_one_occurrence)
    };
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let next = Some("2026-12-04".to_owned());
    assert_eq!(resolved(&done, &task), (next.clone(), false, true));
    let skip = TodoPatch { skip: true, ..TodoPatch::default() };
    assert_eq!(resolved(&skip, &task), (next, false, false));
    let last = TodoPatch { repeat: Some(None), ..done.clone() };
    assert!(resolved(&last, &task).1, "it does not come back any more");
    let undated = TodoPatch { due: Some(None), ..TodoPatch::default() };
    assert_eq!(
        undated.resolve(&task, at).unwrap().columns.repeat,
        Some(None),
        "what has no date does not repeat"
    );
    let once = todo(4, "Once", "");
    assert_eq!(skip.resolve(&once, at), Err(TodoError::NotRepeating(TaskNumber(4))));
    let wanted = RequestedRepeat::parse("monthly", now().local).unwrap();
    let monthly = TodoPatch { repeat: Some(Some(wanted)), ..TodoPatch::default() };
    let on_the_fifth = Todo { due: due("2026-12-05T08:00"), ..once.clone() };
    let columns = monthly.resolve(&on_the_fifth, at).unwrap().columns;
    assert_eq!(columns.repeat.unwrap().unwrap().to_text(), "FREQ=MONTHLY;BYMONTHDAY=5", "as its date says");
    assert_eq!(columns.due.unwrap().unwrap().to_text(), "2026-12-05T08:00");
    let columns = monthly.resolve(&once, at).unwrap().columns;
    assert_eq!(columns.due.unwrap().unwrap().to_text(), "2026-11-27", "from today on");
    let friday = RequestedRepeat::parse("every friday", now().local).unwrap();
    let patch = TodoPatch { repeat: Some(Some(friday)), ..TodoPatch::default() };
    for (had, first) in [
        ("2026-11-16", "2026-11-27"),
        ("2026-11-20", "2026-11-20"),
        ("2026-11-26T08:00", "2026-11-27T08:00"),
        ("2026-11-30", "2026-12-04"),
    ] {
        let task = Todo { due: due(had), ..once.clone() };
        let columns = patch.resolve(&task, at).unwrap().columns;
        assert_eq!(columns.due.unwrap().unwrap().to_text(), first, "not in the past, from {had}");
        let stated = TodoPatch { due: Some(due(had)), ..patch.clone() };
        let columns = stated.resolve(&once, at).unwrap().columns;
        assert!(columns.due.unwrap().unwrap().date >= task.due.unwrap().date, "from the day that was given");
    }
    let tags = TodoPatch { add_tags: Tags::parse(vec!["b".into()]).unwrap(), ..TodoPatch::default() };
    let full = Todo { tags: Tags::parse((0..10).map(|n| format!("t{n}")).collect()).unwrap(), ..once };
    assert!(matches!(tags.resolve(&full, at), Err(TodoError::Invalid(_))));
}

#[test]
fn days_of_changes_are_the_person_s_own() {
    let time = PersonalTime {
        local: LocalNow {
            zone: crate::time_zone::TimeZone::parse("Asia/Tokyo").unwrap(),
            // Saturday in UTC, Sunday in Tokyo.
            now: "2026-11-28T20:00:00Z".parse().unwrap(),
        },
        week_start: crate::time_zone::WeekStart::Sunday,
    };
    let days = |arguments: Value| {
        let Value::Object(arguments) = arguments else { panic!("they are an object") };
        match decode("list_changes", arguments, time) {
            Ok(TodoCommand::Changes(filter)) => {
                [filter.from, filter.until].map(|at| at.map(|at| at.to_rfc3339()).unwrap_or_default())
            }
            other => panic!("{other:?}"),
        }
    };
    let sunday = "2026-11-28T15:00:00+00:00";
    assert_eq!(days(json!({"since": "today"})), [sunday, ""]);
    assert_eq!(days(json!({"since": "this week"})), [sunday, ""], "a week that begins on Sunday");
    assert_eq!(
        days(json!({"since": "yesterday", "until": "yesterday"})),
        ["2026-11-27T15:00:00+00:00", sunday]
    );
    assert_eq!(days(json!({})), ["", ""]);
}
