//! The cache of `GET /tasks`, with one instance: where the starter is as good as the solution.

use std::{thread, time::Duration};

use testkit::{Answer, Service, eventually};

use crate::{Api, VARIANTS, each_variant, lesson_database};

fn x_cache(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{answer}");
    answer.header("x-cache").unwrap()
}

fn get_known(api: &Api, path: &str, etag: &str) -> Answer {
    api.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\nIf-None-Match: {etag}\r\n\r\n"))
}

#[test]
fn the_second_who_asks_gets_a_copy_of_what_the_first_got() {
    each_variant(|api| {
        let first = api.get("/tasks?status=pending&sort=asc");
        // The same in other words.
        let second = api.get("/tasks?sort=ASC&limit=10&status=pending&page=1");
        assert_eq!((x_cache(&first), x_cache(&second)), ("miss", "hit"));
        assert_eq!(first.body, second.body);
        assert_eq!(x_cache(&api.get("/tasks?status=pending")), "miss");
        let counts = ["hit", "miss", "bypass"]
            .map(|result| api.metric(&format!("cache_requests_total{{result=\"{result}\"}}")));
        assert_eq!(counts, [1.0, 2.0, 0.0]);
    });
}

#[test]
fn what_is_searched_for_is_not_taken_for_another_parameter() {
    each_variant(|api| {
        let one = api.get("/tasks?search=cache%26userId%3D7").json();
        let other = api.get("/tasks?search=cache&userId=7").json();
        assert_eq!(one["total"], 0);
        assert_ne!(other["total"], 0);
    });
}

#[test]
fn every_write_makes_the_copies_out_of_date() {
    each_variant(|api| {
        let writes: [(&str, &dyn Fn() -> Answer); 9] = [
            ("create a task", &|| api.post("/tasks", r#"{"title": "x", "userId": 1}"#)),
            ("update a task", &|| api.put("/tasks/1", r#"{"title": "y"}"#)),
            ("delete a task", &|| api.delete("/tasks/1")),
            ("create a user", &|| {
                api.post("/users", r#"{"name": "x", "email": "x@example.org", "password": "123456"}"#)
            }),
            ("update a user", &|| api.put("/users/1", r#"{"name": "y"}"#)),
            ("delete a user", &|| api.delete("/users/1")),
            ("create a category", &|| api.post("/categories", r#"{"name": "x"}"#)),
            ("update a category", &|| api.put("/categories/1", r#"{"name": "y"}"#)),
            ("delete a category", &|| api.delete("/categories/1")),
        ];
        for (what, write) in writes {
            api.get("/tasks");
            assert_eq!(x_cache(&api.get("/tasks")), "hit", "before: {what}");
            let answer = write();
            assert!(answer.status < 300, "{what}: {answer}");
            assert_eq!(x_cache(&api.get("/tasks")), "miss", "after: {what}");
        }
        // What was refused changed nothing.
        api.post("/tasks", r#"{"title": "x", "userId": 999}"#);
        api.delete("/tasks/1");
        assert_eq!(x_cache(&api.get("/tasks")), "hit");
    });
}

#[test]
fn who_has_the_page_already_gets_a_304() {
    each_variant(|api| {
        let first = api.get("/tasks");
        let etag = first.header("etag").unwrap();
        assert!(etag.starts_with('"') && etag.len() == 34, "{etag}");
        for known in [etag.to_owned(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
            let answer = get_known(api, "/tasks", &known);
            assert_eq!(
                (answer.status, answer.header("etag"), answer.body.len()),
                (304, Some(etag), 0),
                "{known}"
            );
            assert_eq!(answer.header("x-cache"), Some("hit"));
        }
        for unknown in ["\"other\"", "", "nonsense", &etag.replace('"', "")] {
            assert_eq!(get_known(api, "/tasks", unknown).status, 200, "{unknown}");
        }
        // Another page has another name, and this one has again the one it had when it is as it was.
        assert_ne!(api.get("/tasks?page=2").header("etag"), Some(etag));
        api.post("/tasks", r#"{"title": "x", "userId": 1}"#);
        assert_eq!(get_known(api, "/tasks", etag).status, 200);
        api.delete("/tasks/1001");
        assert_eq!(get_known(api, "/tasks", etag).status, 304);
    });
}

#[test]
fn head_is_get_without_the_body() {
    each_variant(|api| {
        let head = api.send("HEAD /tasks HTTP/1.1\r\nHost: test\r\n\r\n");
        let length = head.header("content-length").unwrap().to_owned();
        assert_eq!((head.status, length), (200, api.get("/tasks").body.len().to_string()));
    });
}

#[test]
fn of_500_who_miss_at_the_same_time_one_asks_the_database() {
    for variant in VARIANTS {
        let api = Api::on(variant, lesson_database());
        let asked = |service: &Service| service.metric("db_query_duration_seconds_count");
        api.get("/users?limit=1");
        let before = asked(&api);
        let answers = thread::scope(|scope| {
            let requests: Vec<_> =
                (0..500).map(|_| scope.spawn(|| api.get("/tasks?status=completed"))).collect();
            requests.into_iter().map(|request| request.join().unwrap()).collect::<Vec<_>>()
        });
        let other = answers.iter().find(|answer| answer.status != 200 || answer.body != answers[0].body);
        assert!(other.is_none(), "{variant}: {}", other.unwrap());
        assert_eq!(answers.iter().filter(|answer| x_cache(answer) == "miss").count(), 1);
        assert_eq!(asked(&api) - before, 1.0);
    }
}

#[test]
fn a_write_whose_client_has_left_makes_copies_out_of_date_too() {
    each_variant(|api| {
        let path = "/tasks?search=after%20the%20client%20left";
        assert_eq!(api.get(path).json()["total"], 0);
        // Another's lock: the service waits for it when its client goes away.
        let body = r#"{"title": "after the client left"}"#;
        let request = format!(
            "PUT /tasks/1 HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let row = api.database.hold("SELECT id FROM tasks WHERE id = 1 FOR UPDATE");
        let mut stream = std::net::TcpStream::connect(api.address).unwrap();
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let waiting =
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        eventually(Duration::from_secs(2), "the service waits", || !api.database.sql(waiting).is_empty());
        drop(stream);
        drop(row);
        // Long before the copy would be too old.
        eventually(Duration::from_secs(2), "the change is seen", || api.get(path).json()["total"] == 1);
    });
}
