//! Which configurations are taken, which are refused, and that no message shows a value.

use super::*;

const GOOD: [(&str, &str); 5] = [
    ("APP_ENV", "production"),
    ("DATABASE_URL", "postgresql://neondb_owner:canary-word@ep-x.neon.tech/neondb?sslmode=require"),
    ("OPENAI_API_KEY", "sk-canary-abc123"),
    ("JWT_SECRET_KEY", "c4a4a7f0canary5be2d98375a6b0c4d2e8f17395"),
    ("FRONTEND_URL", "https://my-app.vercel.app/"),
];

/// What comes of the good variables with these on top; an empty value takes one away.
fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut all: std::collections::BTreeMap<&str, &str> = GOOD.into_iter().collect();
    all.extend(changes.iter().copied());
    let pairs = all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::from_raw(&RawConfig::from_variables(pairs)?)
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let config = read(&[]).unwrap();
    assert_eq!(config.environment, Environment::Production);
    assert_eq!((config.host.to_string().as_str(), config.port), ("0.0.0.0", 7860));
    assert_eq!(config.model.base_url, "https://api.openai.com/v1".parse().unwrap());
    assert_eq!(config.model.name, "gpt-4o-mini");
    assert_eq!(config.jwt_algorithm, Algorithm::HS256);
    assert_eq!(config.jwt_lifetime, Duration::from_secs(900));
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.trusted_proxy_hops, 0);
    assert_eq!(config.origins.exact(), ["https://my-app.vercel.app"]);
}

const EXAMPLE: &str = include_str!("../../../../.env.example");
const README: &str = include_str!("../../../../README.md");
const API: &str = include_str!("../../../../docs/API.md");

/// The variables whose values in `.env.example` are what a production has without them.
const SHOWN_BY_DEFAULT: [&str; 20] = [
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "OPENAI_TOOL_MODE",
    "TURNS_AT_ONCE",
    "TURNS_PER_5_MINUTES",
    "DAILY_TOKEN_BUDGET",
    "CHANGES_PER_MINUTE",
    "MAX_TASKS",
    "MAX_CONVERSATIONS",
    "CHANGES_KEPT",
    "MAX_STORED_MIB",
    "JWT_ALGORITHM",
    "JWT_EXPIRE_MINUTES",
    "PORT",
    "HOST",
    "DATABASE_POOL_SIZE",
    "REGISTRATIONS_PER_MINUTE",
    "MAX_CONNECTIONS",
    "OAUTH_LOOPBACK_CLIENTS",
    "TRUSTED_PROXY_HOPS",
];

#[test]
fn the_defaults_are_those_of_the_example() {
    let by_default = format!("{:?}", read(&[]).unwrap());
    for name in SHOWN_BY_DEFAULT {
        let shown =
            EXAMPLE.lines().find_map(|line| line.strip_prefix('#')?.strip_prefix(name)?.strip_prefix('='));
        let shown = shown.unwrap_or_else(|| panic!("the example does not show {name}"));
        assert_eq!(format!("{:?}", read(&[(name, shown)]).unwrap()), by_default, "{name}={shown}");
    }
}

#[test]
fn the_documents_tell_the_limits_of_an_account() {
    let Config { limits, registrations_a_minute, max_connections, .. } = read(&[]).unwrap();
    let with_commas = |number: i64| match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    };
    let Limits { turns_at_once, turns_in_window, tokens_a_day, changes_a_minute, .. } = limits;
    assert_eq!(tokens_a_day, 0, "no bound");
    let tasks = with_commas(limits.tasks);
    let (conversations, kept) = (with_commas(limits.conversations), with_commas(limits.changes_kept));
    let stored = limits.stored_bytes / MIB;
    let of_account = format!(
        "{turns_at_once}, {turns_in_window}, no bound, {changes_a_minute}, {tasks}, {conversations}, {kept}, {stored} MiB"
    );
    let connections = with_commas(max_connections.try_into().unwrap());
    for (name, told) in [
        ("TURNS_AT_ONCE", of_account),
        ("REGISTRATIONS_PER_MINUTE", format!("{registrations_a_minute} from one address")),
        ("MAX_CONNECTIONS", format!("{connections} at once")),
    ] {
        let row = README.lines().find(|line| line.starts_with(&format!("| `{name}`"))).unwrap();
        assert!(row.contains(&told), "{told}: {row}");
    }
    assert_eq!(registrations_a_minute, 10);
    for told in [
        "so is an address that makes more than ten accounts in a minute".to_owned(),
        format!("the newest {kept} of them (`CHANGES_KEPT`)"),
    ] {
        assert!(API.contains(&told), "{told}");
    }
}

#[test]
fn everything_that_is_missing_in_production_is_named_at_once() {
    let nothing = GOOD.map(|(name, value)| (name, if name == "APP_ENV" { value } else { "" }));
    let ConfigError(problems) = read(&nothing).unwrap_err();
    let named: Vec<_> = problems.iter().map(|problem| problem.variable).collect();
    assert_eq!(named, ["DATABASE_URL", "OPENAI_API_KEY", "JWT_SECRET_KEY", "FRONTEND_URL"]);
}

#[test]
fn a_misspelt_environment_is_no_way_around() {
    let nothing = GOOD.map(|(name, _)| (name, if name == "APP_ENV" { "Production" } else { "" }));
    assert_eq!(read(&nothing).unwrap_err().0.len(), 5);
}

#[test]
fn every_bad_value_is_named_in_a_line_of_its_own_and_never_shown() {
    let bad = [
        ("APP_ENV", "canary"),
        ("DATABASE_POOL_SIZE", "0"),
        ("MAX_CONNECTIONS", "0"),
        ("HOST", "canary.local"),
        ("PORT", "70000canary"),
        ("DATABASE_URL", "mysql://u:canary@h/db"),
        ("OPENAI_API_KEY", "sk canary"),
        ("OPENAI_BASE_URL", "http://canary.example.com/v1"),
        ("JWT_SECRET_KEY", "canary"),
        ("JWT_ALGORITHM", "canary"),
        ("JWT_EXPIRE_MINUTES", "-15canary"),
        ("FRONTEND_URL", "canary"),
        ("FRONTEND_PREVIEW_PATTERN", "https://*canary"),
        ("LOG_FORMAT", "canary"),
        ("RUST_LOG", "canary=canary=canary"),
        ("TRUSTED_PROXY_HOPS", "canary"),
        ("SMTP_URL", "https://canary.example.com"),
        ("MAIL_FROM", "canary"),
        ("PUBLIC_URL", "http://canary.example.com"),
        ("GOOGLE_URL", "http://canary.example.com"),
        ("GITHUB_REDIRECT_URI", "https://example.com/#canary"),
    ];
    let error = read(&bad).unwrap_err();
    let text = error.to_string();
    assert!(!text.contains("canary"), "{text}");
    let mut named: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let mut expected = bad.map(|(name, _)| name);
    named.sort_unstable();
    expected.sort_unstable();
    assert_eq!(named, expected);
}

#[test]
fn what_is_pasted_wrong_is_told_with_what_to_do() {
    for (name, value, words) in [
        ("FRONTEND_URL", "\"https://canary.example.com\"", "must have no quotes"),
        ("FRONTEND_URL", "'https://canary.example.com'", "must have no quotes"),
        ("DATABASE_URL", "psql 'postgresql://u:canary@h/db'", "has no quotes and no psql around it"),
        ("DATABASE_URL", "postgresql://u:canary@h/db?sslmode=canary", "sslmode"),
    ] {
        let text = read(&[(name, value)]).unwrap_err().to_string();
        assert!(text.starts_with(name) && text.contains(words) && !text.contains("canary"), "{text}");
    }
}

#[test]
fn production_warns_of_a_database_on_the_way_to_which_others_can_listen() {
    let warnings = |changes: &[(&str, &str)]| read(changes).unwrap().database.unwrap().warnings().to_vec();
    let plain = ("DATABASE_URL", "postgresql://u:canary@db.example.com/db");
    let told: Vec<String> = warnings(&[plain]);
    assert!(told.len() == 1 && told[0].contains("sslmode=require"), "{told:?}");
    assert_eq!(warnings(&[plain, ("APP_ENV", "development")]), [""; 0]);
    for url in [
        "postgres://u:p@db.example.com/db?sslmode=require",
        "postgres://u:p@127.0.0.1/db",
        "postgres://u:p@db/db",
        "postgres://u:p@[::1]/db",
        "postgres://u:p@10.0.0.7/db?sslmode=disable",
    ] {
        assert_eq!(warnings(&[("DATABASE_URL", url)]), [""; 0], "{url}");
    }
}

#[test]
fn placeholders_and_weak_secrets_are_refused() {
    for secret in [
        "short",
        "your-secret-key-change-in-production-please",
        "your-super-secret-jwt-key-of-32-characters",
        "CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME",
        "a-string-secret-at-least-256-bits-long",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "abababababababababababababababababababab",
        "this-is-31-bytes-long-secret-1x",
    ] {
        let ConfigError(problems) = read(&[("JWT_SECRET_KEY", secret)]).unwrap_err();
        assert_eq!(problems.len(), 1, "{secret}");
        assert_eq!(problems[0].variable, "JWT_SECRET_KEY");
    }
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", read(&[]).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
    let shown = format!("{:?}", RawConfig::from_variables(GOOD.map(|(n, v)| (n.to_owned(), v.to_owned()))));
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_mail_server_needs_a_sender_and_a_page_that_links_lead_to() {
    let server = ("SMTP_URL", "smtps://user:canary@mail.example.com");
    let ConfigError(problems) = read(&[server]).unwrap_err();
    let named: Vec<_> = problems.iter().map(|problem| problem.variable).collect();
    assert_eq!(named, ["PUBLIC_URL", "MAIL_FROM"]);
    let sender = ("MAIL_FROM", "Todos <todos@example.com>");
    let in_a_space = read(&[server, sender, ("SPACE_HOST", "ann-todos.hf.space")]).unwrap();
    assert_eq!(in_a_space.public_url.unwrap().as_str(), "https://ann-todos.hf.space");
    let elsewhere = read(&[server, sender, ("PUBLIC_URL", "https://todos.example.com")]).unwrap();
    assert!(elsewhere.mail.is_some() && !format!("{:?}", elsewhere.mail).contains("canary"));
    assert!(read(&[sender]).unwrap().mail.is_none());
}

#[test]
fn a_provider_needs_an_id_a_secret_and_a_page_to_come_back_to() {
    let (id, secret) = (("GOOGLE_CLIENT_ID", "an-id"), ("GOOGLE_CLIENT_SECRET", "canary-secret"));
    let named = |changes: &[(&str, &str)]| {
        let ConfigError(problems) = read(changes).unwrap_err();
        problems.iter().map(|problem| problem.variable).collect::<Vec<_>>()
    };
    assert_eq!(named(&[secret]), ["GOOGLE_CLIENT_ID", "GOOGLE_REDIRECT_URI"]);
    assert_eq!(named(&[id, ("PUBLIC_URL", "https://todos.example.com")]), ["GOOGLE_CLIENT_SECRET"]);
    assert_eq!(named(&[id, secret]), ["GOOGLE_REDIRECT_URI"]);
    let config = read(&[id, secret, ("SPACE_HOST", "ann-todos.hf.space")]).unwrap();
    assert_eq!(config.providers[0].redirect_url.as_str(), "https://ann-todos.hf.space/");
    assert!(!format!("{config:?}").contains("canary"));
    let page = ("GOOGLE_REDIRECT_URI", "https://my-app.vercel.app/auth/callback/google");
    assert_eq!(read(&[id, secret, page]).unwrap().providers[0].redirect_url.as_str(), page.1);
    assert!(read(&[]).unwrap().providers.is_empty());
}

#[cfg(feature = "devkit")]
#[test]
fn development_needs_nothing_and_says_nothing_about_it() {
    let config = Config::from_raw(&RawConfig::from_variables([]).unwrap()).unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert!(config.database.is_none() && config.jwt_secret.is_none() && config.model.api_key.is_none());
    assert_eq!(config.origins.exact(), ["http://localhost:3000", "http://localhost:5173"]);
}

#[test]
fn blank_values_and_copied_spaces_do_no_harm() {
    let config = read(&[("PORT", " 8080\n"), ("JWT_ALGORITHM", "  ")]).unwrap();
    assert_eq!((config.port, config.jwt_algorithm), (8080, Algorithm::HS256));
}

#[test]
fn every_algorithm_of_the_contract_is_taken_and_no_other() {
    for name in ["HS256", "HS384", "HS512"] {
        assert!(read(&[("JWT_ALGORITHM", name)]).is_ok(), "{name}");
    }
    for name in ["none", "RS256", "hs256"] {
        assert!(read(&[("JWT_ALGORITHM", name)]).is_err(), "{name}");
    }
}

#[test]
fn programs_ask_under_the_names_of_this_machine_the_space_and_the_configuration() {
    let hosts = |variables: &[(&str, &str)]| read(variables).unwrap().mcp_hosts;
    assert!(hosts(&[]).admits("localhost:7860") && !hosts(&[]).admits("todo.example.com"));
    let both = hosts(&[("SPACE_HOST", "ann-todo.hf.space"), ("MCP_ALLOWED_HOSTS", "todo.example.com")]);
    assert!(both.admits("ann-todo.hf.space") && both.admits("todo.example.com") && both.admits("localhost"));
    let own = hosts(&[("PUBLIC_URL", "https://Todos.example.com/")]);
    assert!(own.admits("todos.example.com") && !own.admits("ann-todo.hf.space"));
    let ConfigError(problems) = read(&[("MCP_ALLOWED_HOSTS", "https://todo.example.com")]).unwrap_err();
    assert_eq!(problems[0].variable, "MCP_ALLOWED_HOSTS");
}

#[test]
fn programs_know_this_server_by_the_address_that_is_set_or_by_the_one_they_ask() {
    let fixed = |variables: &[(&str, &str)]| read(variables).unwrap().fixed_address;
    assert_eq!(fixed(&[]), None);
    assert_eq!(
        fixed(&[("APP_ENV", "development")]),
        None,
        "what is known of the page in development is not what everybody asks for"
    );
    let space = ("SPACE_HOST", "ann-todo.hf.space");
    assert_eq!(fixed(&[space]).unwrap().as_str(), "https://ann-todo.hf.space");
    assert_eq!(
        fixed(&[space, ("PUBLIC_URL", "https://todo.example.com")]).unwrap().as_str(),
        "https://todo.example.com"
    );
}

#[test]
fn documents_of_programs_may_be_on_this_machine_in_development_or_when_it_is_said() {
    let network = |variables: &[(&str, &str)]| read(variables).unwrap().oauth_client_network;
    assert_eq!(network(&[("APP_ENV", "development")]), AllowedNetwork::PublicAndLoopback);
    assert_eq!(
        network(&[("APP_ENV", "development"), ("OAUTH_LOOPBACK_CLIENTS", "false")]),
        AllowedNetwork::Public
    );
    assert_eq!(network(&[]), AllowedNetwork::Public);
    assert_eq!(network(&[("OAUTH_LOOPBACK_CLIENTS", "true")]), AllowedNetwork::PublicAndLoopback);
    let ConfigError(problems) = read(&[("OAUTH_LOOPBACK_CLIENTS", "yes please")]).unwrap_err();
    assert_eq!(problems[0].variable, "OAUTH_LOOPBACK_CLIENTS");
}
