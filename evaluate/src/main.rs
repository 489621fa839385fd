//! `make evaluate`: measures the model that `OPENAI_BASE_URL` names, through the server at `BASE_URL`.
//!
//! `EVALUATE_FAMILIES` (names with commas) plays only those; `EVALUATE_PRICES` (`0.15,0.60`, dollars for
//! a million tokens in and out) adds what it cost; `EVALUATE_JSON` names a file for programs.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program for people")]

use std::{env, error::Error};

use evaluate::{
    grader::Grade,
    report::{Prices, Report},
    run::play,
    scenario::families,
};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let base = env::var("BASE_URL")
        .map_err(|_missing| "BASE_URL says where the server is; `make evaluate` sets it")?;
    let info: Value = reqwest::get(format!("{base}/api/info")).await?.json().await?;
    let wanted = env::var("EVALUATE_FAMILIES").unwrap_or_default();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.split(',').any(|wanted| wanted.trim() == name);
    let prices = env::var("EVALUATE_PRICES").ok().map(|text| prices(&text)).transpose()?;
    let mut played = Vec::new();
    for family in families()?.iter().filter(|family| is_wanted(family.name)) {
        println!("{}", family.name);
        let tell = |one: &evaluate::run::Played| {
            let mark = if one.grade == Grade::Passed { "yes".to_owned() } else { format!("{:?}", one.grade) };
            println!("  {mark:20} {:5.1} s  {}", one.took.as_secs_f64(), one.says.join(" / "));
        };
        played.push((family.name, play(&base, family, tell).await?));
    }
    let model = info["model"]["name"].as_str().unwrap_or("unknown");
    let report = Report::of(model, &played, prices);
    println!("\n{}", report.markdown());
    if let Ok(path) = env::var("EVALUATE_JSON") {
        std::fs::write(&path, serde_json::to_vec_pretty(&report)?)?;
        println!("The same as JSON, with what went wrong: {path}");
    }
    Ok(())
}

fn prices(text: &str) -> Result<Prices, String> {
    let wants = || "EVALUATE_PRICES must be two numbers, such as 0.15,0.60".to_owned();
    let (prompt, completion) = text.split_once(',').ok_or_else(wants)?;
    let number = |text: &str| text.trim().parse().map_err(|_wrong| wants());
    Ok(Prices { prompt: number(prompt)?, completion: number(completion)? })
}
