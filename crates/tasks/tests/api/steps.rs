//! What can be done with the API, for the comparison with its model.

use std::collections::BTreeMap;

use proptest::{
    collection::vec,
    option::of,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::{Index, select},
};
use serde_json::{Value, json};
use testkit::Answer;

use crate::Api;

/// Whom or what a step is about: one of those there are, or, now and then, none.
pub type Pick = (Index, bool);

#[derive(Clone, Debug)]
pub enum Step {
    CreateUser(String),
    RenameUser(Pick, String),
    DeleteUser(Pick),
    CreateCategory(String),
    RenameCategory(Pick, String),
    DeleteCategory(Pick),
    CreateTask {
        title: String,
        description: Option<String>,
        status: Option<&'static str>,
        user: Pick,
        category: Option<Pick>,
    },
    ChangeTask {
        task: Pick,
        title: Option<String>,
        status: Option<&'static str>,
        user: Option<Pick>,
        category: Option<Option<Pick>>,
    },
    DeleteTask(Pick),
    ShowTask(Pick),
    List {
        search: Option<String>,
        status: Option<&'static str>,
        user: Option<Pick>,
        category: Option<Pick>,
        ascending: bool,
        page: usize,
        limit: usize,
    },
}

const STATUSES: [&str; 3] = ["pending", "in-progress", "completed"];

fn text() -> impl Strategy<Value = String> {
    vec(select(vec!["a", "B", "é", "É", "%", "_", "\\", " ", "'", "&"]), 1..6)
        .prop_map(|parts| parts.concat())
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<Index>(), proptest::bool::weighted(0.9))
}

pub fn step() -> impl Strategy<Value = Step> {
    let status = || of(select(STATUSES.to_vec()));
    prop_oneof![
        1 => text().prop_map(Step::CreateUser),
        1 => (pick(), text()).prop_map(|(user, name)| Step::RenameUser(user, name)),
        1 => pick().prop_map(Step::DeleteUser),
        1 => text().prop_map(Step::CreateCategory),
        1 => (pick(), text()).prop_map(|(category, name)| Step::RenameCategory(category, name)),
        1 => pick().prop_map(Step::DeleteCategory),
        6 => (text(), of(text()), status(), pick(), of(pick())).prop_map(|(title, description, status, user, category)| {
            Step::CreateTask { title, description, status, user, category }
        }),
        4 => (pick(), of(text()), status(), of(pick()), of(of(pick()))).prop_map(|(task, title, status, user, category)| {
            Step::ChangeTask { task, title, status, user, category }
        }),
        1 => pick().prop_map(Step::DeleteTask),
        1 => pick().prop_map(Step::ShowTask),
        8 => (of(text()), status(), of(pick()), of(pick()), any::<bool>(), 1..4_usize, prop_oneof![Just(2_usize), Just(100)])
            .prop_map(|(search, status, user, category, ascending, page, limit)| {
                Step::List { search, status, user, category, ascending, page, limit }
            }),
    ]
}

/// The id of what is picked among `things`, or one that nothing has.
pub fn id_of<T>(things: &BTreeMap<i64, T>, (index, is_one_of_them): Pick) -> i64 {
    let ids: Vec<_> = things.keys().copied().collect();
    if is_one_of_them && !ids.is_empty() { *index.get(&ids) } else { 1_000_000 }
}

/// The body of an answer that has this status.
#[track_caller]
pub fn expect(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer}");
    answer.json()
}

/// Gives a user or a category another name, in the API and among the `things` of the model.
pub fn rename(api: &Api, kind: &str, things: &mut BTreeMap<i64, String>, pick: Pick, name: &str) {
    let id = id_of(things, pick);
    let answer = api.put(&format!("/{kind}/{id}"), &json!({ "name": name }).to_string());
    match things.get_mut(&id) {
        Some(thing) => {
            assert_eq!(expect(&answer, 200)["data"]["name"], name);
            *thing = name.to_owned();
        }
        None => drop(expect(&answer, 404)),
    }
}

/// Deletes what is picked, in the API and among the `things` of the model; returns its id.
pub fn delete<T>(api: &Api, kind: &str, things: &mut BTreeMap<i64, T>, pick: Pick) -> i64 {
    let id = id_of(things, pick);
    let answer = api.delete(&format!("/{kind}/{id}"));
    expect(&answer, if things.remove(&id).is_some() { 200 } else { 404 });
    id
}
