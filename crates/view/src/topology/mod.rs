//! The running system as a diagram: which part calls which, with request rates and outages.
//!
//! Everything is read off the plan: what an nginx passes on to, and whose address stands in whose environment. So the
//! diagram follows the learner's compose file, and no lesson is named here.

mod calls;
mod draw;
mod layout;
mod rates;
mod node_text;
mod description;

use compose::service_spec::{Kind, Service};
use project::{spec_file::Spec, status::Status};

use crate::topology::calls::calls;

use crate::topology::node_text::{into_nginx, into_server, of_service, to_database, to_redis};
pub use crate::topology::rates::{Rates, ServerRates, question};

/// The system at one moment.
#[derive(Debug)]
pub struct Topology {
    /// A caller or a service.
    pub boxes: Vec<Node>,
    /// Who asks whom.
    pub arrows: Vec<Arrow>,
}

/// One box.
#[derive(Debug)]
pub struct Node {
    /// As in the compose file.
    pub name: String,
    /// Where it listens on 127.0.0.1.
    pub port: Option<u16>,
    /// Where it stands.
    pub column: Column,
    /// How it is.
    pub health: Health,
    /// The same in words: `ready`, `was killed 3 s ago`, …
    pub state: String,
    /// What else there is to know of it: the CPU that it uses, the connections that it has.
    pub notes: Vec<String>,
    /// The problem, in a sentence; `None` without one.
    pub trouble: Option<String>,
    /// The requests of all its callers; `None` if the arrows show them.
    pub input: Option<Flow>,
}

/// From left to right, in the direction of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Callers only: the users.
    Callers,
    /// nginx.
    Balancers,
    /// Programs that answer.
    Servers,
    /// PostgreSQL and Redis.
    Stores,
    /// They look on, and no request goes through them.
    Apart,
}

/// How a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Answers.
    Good,
    /// Answers again, since it was killed or crashed a moment ago.
    Back,
    /// On its way.
    Waiting,
    /// Was killed, crashed, or does not answer.
    Bad,
    /// Not started.
    Off,
    /// Users whose requests fail.
    Failing,
}

/// `from` asks `to`; both are places in [`Topology::boxes`].
#[derive(Debug)]
pub struct Arrow {
    /// Who asks.
    pub from: usize,
    /// The called service.
    pub to: usize,
    /// The request rate; `None` if the called box shows it ([`Node::input`]).
    pub flow: Option<Flow>,
}

/// What passes along an arrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// How much: `640 queries/s`.
    pub much: String,
    /// How well: `10 of 10 in use`, `31 errors/s`.
    pub well: String,
    /// How heavy it is to be drawn.
    pub weight: Weight,
}

/// How much an arrow carries, relative to its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// Nothing.
    #[default]
    Idle,
    /// Something.
    Busy,
    /// Overloaded: it fails, or its target is at its limit.
    Overloaded,
    /// No request can pass: the called service is down.
    Broken,
}

/// The users of a running load test.
const USERS: &str = "Users";

impl Topology {
    /// The system that `spec` describes, as `state` (`None` while nothing runs) and `rates` have it. Users call `entry`.
    pub fn of(spec: &Spec, state: Option<&Status>, entry: &Service, rates: &Rates) -> Self {
        let services = &spec.services;
        let calls = calls(services);
        let is_asked = |place: usize| {
            services[place].name == entry.name
                || calls.iter().any(|(from, to)| *to == place && services[*from].nginx().is_some())
        };
        let column = |place: usize| match services[place].kind {
            Kind::Nginx(_) => Column::Balancers,
            Kind::Postgres(_) | Kind::Redis(_) => Column::Stores,
            Kind::Prometheus(_) | Kind::Page(_) => Column::Apart,
            Kind::Program(_) => {
                let asks_servers = calls.iter().any(|(from, to)| {
                    *from == place && !matches!(services[*to].kind, Kind::Postgres(_) | Kind::Redis(_))
                });
                if asks_servers && !is_asked(place) { Column::Callers } else { Column::Servers }
            }
        };
        let databases = services.iter().filter(|service| matches!(service.kind, Kind::Postgres(_))).count();
        let rates = &Rates { connections: rates.connections.filter(|_| databases == 1), ..rates.clone() };
        let none = ServerRates::default();
        let of = |service: &Service| rates.servers.get(&service.name).unwrap_or(&none);
        let servers_of = |place: usize| {
            let places = calls.iter().filter(move |(from, _)| *from == place);
            places.map(|(_, to)| &services[*to])
        };
        let answers_users = |place: usize| {
            let is_nginx = services[place].nginx().is_some();
            let servers = servers_of(place).filter(move |_| is_nginx);
            into_nginx(servers.chain(services.get(place).filter(|_| !is_nginx)).map(of))
        };
        let users = services.iter().position(|service| service.name == entry.name);
        let errors = users.map(answers_users).filter(|_| rates.load.is_some()).map(|flow| flow.well);
        let errors = errors.filter(|errors| !errors.is_empty());
        let mut boxes = vec![Node {
            name: USERS.to_owned(),
            port: None,
            column: Column::Callers,
            health: if errors.is_some() { Health::Failing } else { Health::Good },
            state: rates.load.clone().unwrap_or_else(|| "no load test".to_owned()),
            notes: errors.into_iter().collect(),
            trouble: None,
            input: None,
        }];
        for (place, service) in services.iter().enumerate() {
            let told = state.and_then(|state| state.service(&service.name));
            let mut node = of_service(service, column(place), told, rates);
            node.input = match node.column {
                Column::Servers => Some(into_server(service, of(service))),
                Column::Balancers => Some(into_nginx(servers_of(place).map(of))),
                Column::Callers | Column::Stores | Column::Apart => None,
            };
            boxes.push(node);
        }
        // Users stand first, so that every other place is one further.
        let mut arrows: Vec<_> =
            users.map(|to| Arrow { from: 0, to: to + 1, flow: None }).into_iter().collect();
        for &(from, to) in &calls {
            let flow = match services[to].kind {
                Kind::Postgres(_) => Some(to_database(of(&services[from]))),
                Kind::Redis(_) => Some(to_redis(of(&services[from]))),
                _ => None,
            };
            arrows.push(Arrow { from: from + 1, to: to + 1, flow });
        }
        Self { boxes, arrows }
    }

    /// How heavy `arrow` is.
    fn weight(&self, arrow: &Arrow) -> Weight {
        let flow = arrow.flow.as_ref().or(self.boxes[arrow.to].input.as_ref());
        match flow {
            Some(flow) if self.can_pass(arrow) => flow.weight,
            _ if self.ends(arrow).any(|end| end.health == Health::Bad) => Weight::Broken,
            _ => Weight::Idle,
        }
    }

    /// Whether both ends of `arrow` are there.
    fn can_pass(&self, arrow: &Arrow) -> bool {
        self.ends(arrow).all(|end| end.health.is_there())
    }

    fn ends(&self, arrow: &Arrow) -> impl Iterator<Item = &Node> {
        [arrow.to, arrow.from].map(|place| &self.boxes[place]).into_iter()
    }

    /// The boxes of `column`, by their places.
    fn places(&self, column: Column) -> impl Iterator<Item = usize> {
        let places = self.boxes.iter().enumerate().filter(move |(_, node)| node.column == column);
        places.map(|(place, _)| place)
    }

    /// How far down the box that it comes from `arrow` begins, 0 to 1: those to the stores each have a text of their own.
    fn port(&self, arrow: &Arrow) -> f64 {
        let own = self.arrows.iter().filter(|other| other.from == arrow.from && other.flow.is_some());
        let own: Vec<_> = own.map(|other| other.to).collect();
        match own.iter().position(|to| *to == arrow.to) {
            Some(place) => (place as f64 + 0.5) / own.len() as f64,
            None => 0.5,
        }
    }
}

impl Health {
    /// Whether it can be asked.
    fn is_there(self) -> bool {
        matches!(self, Self::Good | Self::Back | Self::Failing)
    }
}

#[cfg(test)]
mod tests;
