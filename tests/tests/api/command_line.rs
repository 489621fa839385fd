//! The command line: `check`, `migrate`, `--help`, `--version`, and usage errors.

use std::{net::TcpListener, time::Duration};

use devkit::model::{Options, StandIn};
use tests::{
    Ended, Environment, JWT_SECRET, Kind, LocalProvider, MODEL_KEY, ProviderBehaviour, SMTP_PASSWORD,
    SmtpSink, TestApp, TestDatabase,
};

/// Where the page is.
const PAGE: &str = "https://todos.example.com";

/// Everything that a schema holds, which nobody who only looks may add to.
const OBJECTS: &str = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace";

async fn model() -> StandIn {
    StandIn::start(Options::for_tests()).await.unwrap()
}

/// Runs `check`, which must tell no secret, and returns its exit code and lines.
async fn check(environment: &Environment) -> (Option<i32>, Vec<String>) {
    let ended = environment.run_with(&["check"]).await;
    assert_no_secret(&ended);
    (ended.code, ended.log.lines().map(str::to_owned).collect())
}

fn assert_no_secret(ended: &Ended) {
    for secret in [JWT_SECRET, MODEL_KEY, SMTP_PASSWORD, "canary-password", "canary-of-the-client-secret"] {
        assert!(!ended.log.contains(secret), "{}", ended.log);
    }
}

fn said(lines: &[String], beginning: &str, words: &str) -> bool {
    lines.iter().any(|line| line.starts_with(beginning) && line.contains(words))
}

#[tokio::test]
async fn a_good_deployment_is_three_good_lines() {
    let (database, model) = (TestDatabase::create().await, model().await);
    let (code, lines) = check(&TestApp::production(&database.url(), &model.base_url())).await;
    assert_eq!((code, lines.len()), (Some(0), 3), "{lines:#?}");
    assert!(said(&lines, "good  configuration", "for production"), "{lines:#?}");
    assert!(said(&lines, "good  database", "migrations are applied"), "{lines:#?}");
    assert!(said(&lines, "good  model", "the API answers and has gpt-4o-mini"), "{lines:#?}");
    model.assert_clean();
}

/// No machine of a test speaks another language: the function that is asked for it is one of the database's.
#[tokio::test]
async fn a_database_with_messages_in_another_language_is_warned_of() {
    let (database, model) = (TestDatabase::create().await, model().await);
    let name = database.query("SELECT current_database()").await.concat().concat();
    let german = format!(
        "CREATE FUNCTION public.current_setting(name text, missing_ok boolean) RETURNS text LANGUAGE sql
             RETURN CASE name WHEN 'lc_messages' THEN 'de_DE.UTF-8'
                              ELSE pg_catalog.current_setting(name, missing_ok) END;
         ALTER DATABASE {name} SET search_path = public, pg_catalog"
    );
    let environment = TestApp::production(&database.url(), &model.base_url());
    let warning = r#"in another language than English (lc_messages is "de_DE.UTF-8")"#;
    for is_german in [false, true] {
        if is_german {
            database.query(&german).await;
        }
        let (code, lines) = check(&environment).await;
        assert_eq!(code, Some(0), "{lines:#?}");
        assert_eq!(said(&lines, "good  database", warning), is_german, "{lines:#?}");
        let server = environment.start().await;
        server.wait_ready().await;
        let log = server.log().text().replace('\\', "");
        assert_eq!(log.contains(warning), is_german, "{log}");
        assert_eq!(log.contains("ALTER DATABASE"), is_german, "{log}");
    }
}

#[tokio::test]
async fn mail_and_providers_have_a_line_each_where_they_are_configured() {
    let (database, model) = (TestDatabase::create().await, model().await);
    let sink = SmtpSink::start().await;
    let (google, github) =
        (LocalProvider::start(Kind::Google).await, LocalProvider::start(Kind::GitHub).await);
    let configured = |smtp_url: &str| {
        let known = [("SMTP_URL", smtp_url), ("MAIL_FROM", "todos@example.com"), ("PUBLIC_URL", PAGE)];
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let all = known.into_iter().chain(google.variables()).chain(github.variables());
        let environment = TestApp::production(&database.url(), &model.base_url());
        all.fold(environment, |environment, (name, value)| environment.with(&name, &value))
    };
    let place = sink.url().trim_start_matches("smtp://").trim_end_matches("?tls=none").to_owned();
    let (code, lines) = check(&configured(sink.url())).await;
    assert_eq!((code, lines.len()), (Some(0), 6), "{lines:#?}");
    assert!(said(&lines, "good  mail", &format!("{place} answers; whether it takes mail")), "{lines:#?}");
    for name in ["google", "github"] {
        assert!(
            said(&lines, &format!("good  {name}"), &format!("people come back to {PAGE}/")),
            "{lines:#?}"
        );
    }
    let (code, lines) = check(&configured(&sink.url_with_password(SMTP_PASSWORD))).await;
    assert_eq!(code, Some(0), "{lines:#?}");
    assert!(said(&lines, "good  mail", "answers and takes the user and password"), "{lines:#?}");
    let (code, lines) = check(&configured(&sink.url_with_password("canary-password"))).await;
    assert_eq!(code, Some(1), "{lines:#?}");
    let refused =
        "the mail server answered with the code 535. What to do: look whether the user and password";
    assert!(said(&lines, "BAD   mail", refused), "{lines:#?}");
    assert_eq!(sink.received().len(), 0, "no mail is sent");

    google.set_mood(ProviderBehaviour::Down);
    github.set_mood(ProviderBehaviour::Confused);
    let (code, lines) = check(&configured("smtp://127.0.0.1:1?tls=none")).await;
    assert_eq!((code, lines.len()), (Some(1), 6), "{lines:#?}");
    assert!(said(&lines, "BAD   mail", "127.0.0.1:1: the mail server cannot be used"), "{lines:#?}");
    assert!(said(&lines, "BAD   google", "look whether GOOGLE_URL is its address"), "{lines:#?}");
    assert!(said(&lines, "BAD   github", "answered with the status 200 to who has no token"), "{lines:#?}");
    assert!(said(&lines, "good  model", ""), "{lines:#?}");
    let half = configured(sink.url()).with("GOOGLE_CLIENT_SECRET", "").with("MAIL_FROM", "nobody");
    let (code, lines) = check(&half).await;
    assert_eq!(code, Some(78), "{lines:#?}");
    assert!(said(&lines, "BAD   configuration", "MAIL_FROM must be"), "{lines:#?}");
    assert!(said(&lines, "BAD   configuration", "GOOGLE_CLIENT_SECRET"), "{lines:#?}");
}

#[tokio::test]
async fn a_mail_server_and_a_provider_that_say_nothing_are_not_waited_for() {
    let (database, model) = (TestDatabase::create().await, model().await);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = silent.local_addr().unwrap();
    let environment = TestApp::production(&database.url(), &model.base_url())
        .with("SMTP_URL", format!("smtp://{place}?tls=none"))
        .with("MAIL_FROM", "todos@example.com")
        .with("PUBLIC_URL", PAGE)
        .with("GITHUB_CLIENT_ID", "an-id")
        .with("GITHUB_CLIENT_SECRET", "canary-password")
        .with("GITHUB_URL", format!("http://{place}"));
    let ended = environment.run_with(&["check"]).await;
    assert_no_secret(&ended);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    let lines: Vec<_> = ended.log.lines().map(str::to_owned).collect();
    assert_eq!((ended.code, lines.len()), (Some(1), 5), "{lines:#?}");
    assert!(said(&lines, "BAD   mail", "it took too long"), "{lines:#?}");
    assert!(said(&lines, "BAD   github", "it took too long"), "{lines:#?}");
}

#[tokio::test]
async fn a_database_without_a_schema_is_left_alone_by_check_and_repaired_by_migrate() {
    let (database, model) = (TestDatabase::empty().await, model().await);
    let environment = TestApp::production(&database.url(), &model.base_url());
    let (code, lines) = check(&environment).await;
    assert_eq!(code, Some(1), "{lines:#?}");
    assert!(
        said(&lines, "BAD   database", "migrations are missing: `todo-ai-chatbot migrate`"),
        "{lines:#?}"
    );
    assert_eq!(database.query(OBJECTS).await, Vec::<Vec<String>>::new());
    let reset = environment.run_with(&["reset-password", "test@example.com"]).await;
    assert_no_secret(&reset);
    assert!(reset.log.contains("`todo-ai-chatbot migrate` makes them"), "{}", reset.log);

    let migrated = environment.run_with(&["migrate"]).await;
    assert_no_secret(&migrated);
    assert_eq!(migrated.code, Some(0), "{}", migrated.log);
    let applied = database.query("SELECT count(*) FROM __diesel_schema_migrations").await;
    assert_eq!(migrated.log.trim_end(), format!("{} migrations were applied.", applied[0][0]));
    let (code, lines) = check(&environment).await;
    assert_eq!(code, Some(0), "{lines:#?}");
    let again = environment.run_with(&["migrate"]).await;
    assert_eq!((again.code, again.log.as_str()), (Some(0), "No migration was missing.\n"));
}

#[tokio::test]
async fn a_schema_of_a_much_newer_version_is_named_and_left_alone() {
    let (database, model) = (TestDatabase::create().await, model().await);
    let newer =
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000'), ('29990101000001')";
    database.query(newer).await;
    let environment = TestApp::production(&database.url(), &model.base_url());
    let (code, lines) = check(&environment).await;
    assert_eq!(code, Some(1), "{lines:#?}");
    assert!(said(&lines, "BAD   database", "a much newer version of this server"), "{lines:#?}");
    let migrated = environment.run_with(&["migrate"]).await;
    assert_eq!(migrated.code, Some(1), "{}", migrated.log);
    assert!(migrated.log.contains("a much newer version of this server"), "{}", migrated.log);
}

#[tokio::test]
async fn a_database_that_refuses_the_password_is_said_to() {
    let (database, model) = (TestDatabase::create().await, model().await);
    let mut url = url::Url::parse(&database.url()).unwrap();
    url.set_password(Some("canary-password")).unwrap();
    let environment = TestApp::production(url.as_str(), &model.base_url());
    let (code, lines) = check(&environment).await;
    assert_eq!(code, Some(1), "{lines:#?}");
    let advice = "copy the connection string into DATABASE_URL again";
    assert!(said(&lines, "BAD   database", advice), "{lines:#?}");
    assert!(said(&lines, "good  model", ""), "{lines:#?}");
    let migrated = environment.run_with(&["migrate"]).await;
    assert_no_secret(&migrated);
    assert_eq!(migrated.code, Some(1), "{}", migrated.log);
    assert!(migrated.log.contains(advice), "{}", migrated.log);
}

#[tokio::test]
async fn a_key_that_is_refused_is_told_from_a_database_that_is_good() {
    let (database, model) = (TestDatabase::create().await, model().await);
    model.refuse_keys();
    let (code, lines) = check(&TestApp::production(&database.url(), &model.base_url())).await;
    assert_eq!(code, Some(1), "{lines:#?}");
    assert!(said(&lines, "good  database", ""), "{lines:#?}");
    assert!(said(&lines, "BAD   model", "refuses the key in OPENAI_API_KEY (status 401)"), "{lines:#?}");
}

#[tokio::test]
async fn who_takes_connections_and_says_nothing_is_not_waited_for() {
    // The system takes connections for it; nobody reads them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = silent.local_addr().unwrap();
    let database = format!("postgres://todo:canary-password@{place}/todo");
    let environment = TestApp::production(&database, &format!("http://{place}/v1"));
    let ended = environment.run_with(&["check"]).await;
    assert_no_secret(&ended);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    let lines: Vec<_> = ended.log.lines().map(str::to_owned).collect();
    assert_eq!((ended.code, lines.len()), (Some(1), 3), "{lines:#?}");
    assert!(said(&lines, "BAD   database", "host and port in DATABASE_URL"), "{lines:#?}");
    assert!(said(&lines, "BAD   model", "OPENAI_BASE_URL cannot be reached"), "{lines:#?}");
}

#[tokio::test]
async fn nobody_at_either_address_is_named_with_what_to_do() {
    let environment =
        TestApp::production("postgres://todo:canary-password@127.0.0.1:1/todo", "http://127.0.0.1:1/v1");
    let (code, lines) = check(&environment).await;
    assert_eq!(code, Some(1), "{lines:#?}");
    assert!(said(&lines, "BAD   database", "127.0.0.1:1/todo: the database is unavailable"), "{lines:#?}");
    assert!(!said(&lines, "BAD   database", "a new object"), "{lines:#?}");
    assert!(said(&lines, "BAD   model", "What to do: look whether the address is right"), "{lines:#?}");
}

#[tokio::test]
async fn a_bad_configuration_is_named_by_its_variables_and_nothing_else_is_looked_at() {
    let environment = TestApp::production("mysql://todo:canary-password@host/todo", "http://127.0.0.1:1/v1")
        .with("PORT", "canary-password");
    let (code, lines) = check(&environment).await;
    assert_eq!((code, lines.len()), (Some(78), 4), "{lines:#?}");
    assert!(said(&lines, "BAD   configuration", "DATABASE_URL cannot be used"), "{lines:#?}");
    assert!(said(&lines, "BAD   configuration", "PORT must be"), "{lines:#?}");
    assert!(said(&lines, "-     database", "not looked at"), "{lines:#?}");
    let migrated = environment.run_with(&["migrate"]).await;
    assert_no_secret(&migrated);
    assert_eq!(migrated.code, Some(78), "{}", migrated.log);
}

#[tokio::test]
async fn help_and_version_need_no_configuration() {
    let nothing = Environment::empty().with("APP_ENV", "production");
    let help = nothing.run_with(&["--help"]).await;
    assert_eq!(help.code, Some(0), "{}", help.log);
    assert!(help.log.contains("check ") && help.log.contains("migrate "), "{}", help.log);
    let version = nothing.run_with(&["--version"]).await;
    assert_eq!(version.code, Some(0));
    assert_eq!(version.log, format!("todo-ai-chatbot {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn what_is_no_command_is_refused_in_a_sentence_that_repeats_no_secret() {
    for (arguments, words) in [
        (&["chek"][..], "There is no such command: chek;"),
        (&["postgres://todo:canary-password@host/todo"], "There is no such command;"),
        (&["--port=7860"], "There is no such option: --port;"),
        (&["check", "migrate"], "One command at a time"),
    ] {
        let ended = Environment::empty().run_with(arguments).await;
        assert_no_secret(&ended);
        assert_eq!((ended.code, ended.log.lines().count()), (Some(64), 1), "{}", ended.log);
        assert!(ended.log.contains(words) && ended.log.contains("--help"), "{}", ended.log);
    }
}

#[tokio::test]
async fn passing_messages_on_needs_a_token_and_nothing_of_the_server_s() {
    let ended = Environment::empty().run_with(&["mcp"]).await;
    assert_eq!(ended.code, Some(78), "{}", ended.log);
    assert!(ended.log.contains("TODO_TOKEN is missing"), "{}", ended.log);
    let environment = Environment::empty().with("TODO_TOKEN", "tdo_pat_canary");
    let unsafe_address = environment.clone().with("TODO_SERVER", "http://todo.example.com");
    let ended = unsafe_address.run_with(&["mcp"]).await;
    assert_eq!(ended.code, Some(78), "{}", ended.log);
    assert!(ended.log.contains("TODO_SERVER must begin with https://"), "{}", ended.log);
    assert!(!ended.log.contains("canary"), "{}", ended.log);
    // Nobody says anything: it ends, and says nothing either.
    let ended = environment.run_with(&["mcp"]).await;
    assert_eq!((ended.code, ended.log.as_str()), (Some(0), ""));
}
