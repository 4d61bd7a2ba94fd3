//! A database that goes away and comes back: fast 503s meanwhile, and then everything is as before.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use testkit::{Answer, Postgres, Service, eventually};

use crate::{SCHEMA, SEED, STARTER, VARIANTS};

/// Every error must come this fast.
const FAST: Duration = Duration::from_millis(1_200);

/// After the database is back, everything must succeed again within this.
const RECOVERY: Duration = Duration::from_secs(5);

struct Sample {
    asked: Instant,
    took: Duration,
    answer: Answer,
}

/// Ends the load also when the test fails, which otherwise would wait for it for ever.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks one request after another, from `users` threads, until `stop`.
fn load(feed: &Service, users: usize, stop: &AtomicBool, answers: &AtomicUsize) -> Vec<Sample> {
    let user = || {
        let mut samples = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let answer = feed.get("/users/1/posts");
            samples.push(Sample { asked, took: asked.elapsed(), answer });
            answers.fetch_add(1, Ordering::Relaxed);
        }
        samples
    };
    thread::scope(|scope| {
        let users: Vec<_> = (0..users).map(|_| scope.spawn(user)).collect();
        users.into_iter().flat_map(|user| user.join().unwrap()).collect()
    })
}

#[test]
fn an_outage_of_the_database_is_a_fast_503_and_heals_by_itself() {
    let postgres = Postgres::start(&[]);
    postgres.template("seeded", &[SCHEMA, SEED]);
    for variant in VARIANTS {
        let database = postgres.database("seeded");
        let feed = Service::start(variant, &[("DATABASE_URL", &database.url())]);
        // The starter times out by itself when several ask at once.
        let users = if *variant == STARTER { 1 } else { 16 };
        let (stop, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
        let after_ten_per_user = || {
            let enough = answers.load(Ordering::Relaxed) + 10 * users;
            eventually(RECOVERY, "requests are answered", || answers.load(Ordering::Relaxed) >= enough);
        };
        let (samples, back) = thread::scope(|scope| {
            let load = scope.spawn(|| load(&feed, users, &stop, &answers));
            let stop_at_the_end = StopOnDrop(&stop);
            after_ten_per_user();
            postgres.crash();
            eventually(RECOVERY, "/readyz says no", || feed.get("/readyz").status == 503);
            assert_eq!(feed.get("/livez").status, 200);
            after_ten_per_user();
            postgres.restart();
            eventually(RECOVERY, "/readyz says yes", || feed.get("/readyz").status == 200);
            let back = Instant::now();
            after_ten_per_user();
            drop(stop_at_the_end);
            (load.join().unwrap(), back)
        });
        let failed = samples.iter().filter(|sample| sample.answer.status != 200);
        for Sample { asked, took, answer } in failed.clone() {
            assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer}");
            assert!(*took < FAST, "{took:?}: {answer}");
            assert!(*asked < back, "{answer}");
        }
        assert!(failed.count() > 0);
        assert!(samples.iter().filter(|sample| sample.asked > back).count() > 0);
    }
}

#[test]
fn a_service_starts_before_its_database() {
    for variant in VARIANTS {
        // Nothing listens there.
        let feed = Service::start(variant, &[("DATABASE_URL", "postgres://owner:secret@127.0.0.1:1/feed")]);
        assert_eq!(feed.get("/livez").status, 200);
        assert_eq!(feed.get("/readyz").status, 503);
        insta::allow_duplicates! {
            insta::assert_snapshot!(feed.get("/users/1/posts"), @r#"
            503
            content-type: application/problem+json
            retry-after: 1
            x-instance: feed

            {"type":"dependency-unavailable","title":"a dependency is unavailable","status":503,"detail":"the database cannot be reached"}
            "#);
        }
    }
}

#[test]
fn a_database_that_says_nothing_is_a_503_within_the_limit_too() {
    // It accepts connections, and that is all.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://owner:secret@{}/feed", silent.local_addr().unwrap());
    for variant in VARIANTS {
        let feed = Service::start(variant, &[("DATABASE_URL", &url)]);
        let asked = Instant::now();
        assert_eq!(feed.get("/users/1/posts").status, 503);
        assert!(asked.elapsed() < FAST, "{:?}", asked.elapsed());
    }
}
