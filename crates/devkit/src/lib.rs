//! Development kit: a private Postgres and the stand-in model, with which todo-ai-chatbot runs with nothing
//! installed. Not in the production image.
//!
//! ```text
//! postgres::LocalPostgres::start(Options::for_person(None) | Options::temporary())
//!         -> Result<LocalPostgres, PostgresError>
//!     .url("todo")  .port()  .home()  .pid() -> Option<i32>  .is_reused()
//!     .stop(Shutdown::{Fast, Immediate})  .restart(Shutdown::…)            blocking; drop stops it
//!
//! model::StandIn::start(Options::for_person() | Options::for_tests()).await  everyday sentences
//! model::StandIn::scripted([reply, …]).await                                 nothing but the script
//!     .base_url() -> "http://127.0.0.1:PORT/v1"
//!     .on("words of the user", [reply, …])  .enqueue([reply, …])
//!     .requests() -> Vec<Value>  .received() -> Vec<Received>  .violations() -> Vec<String>
//!     .wait_for_requests(n, timeout).await -> bool  .release()  .assert_clean()  .assert_used_up()
//!
//! model::script: text("…")  call("add_task", json!({…}))  calls([("tool", json!({…})), …])
//!     status(429)  raw("data: …\n\n")  silence()
//!     .say .call .call_raw .finish .after .held .status .header .body .repeat .but_first(reply)
//!     .cut_after .reset_after .end_after .hang_after .hang .dribble(bytes, every)
//!     .without_usage .no_done .no_finish .index(Index::…) .ids(CallIds::…) .fragments(n) .split_names
//!     .sse()
//! In a user's message: #script [[{"tool":"add_task","input":{"title":"a"}}], {"say":"x","delay_ms":500}]
//! non_ephemeral_port::find() -> u16      for what is stopped and started again
//! As a process: cargo run -p devkit --bin stand-in-model -- \
//!         --port 8099 --seed 7 --hang 0.05 --error 0.05 --cut 0.05
//!     GET http://127.0.0.1:8099/stand-in -> {"requests": n, "violations": […]}
//! ```

pub mod model;
pub mod non_ephemeral_port;
pub mod postgres;
