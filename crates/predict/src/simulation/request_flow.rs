//! How one request moves from stage to stage.

use super::{
    model::Arrivals,
    simulator::{Event, Simulator, Stage},
};

impl Simulator<'_> {
    /// Moves `request` to the next stage, because it has just finished one.
    pub fn advance(&mut self, request: usize) {
        let demand = self.model.demand;
        let server = self.requests[request].server;
        match self.requests[request].stage {
            Stage::Outside => {
                self.requests[request].began = self.now;
                self.requests[request].stage = Stage::Sending;
                if self.generator.queue.enter(request) {
                    self.compute(request);
                }
            }
            Stage::Sending => {
                self.turn = (self.turn + 1) % self.model.servers;
                self.requests[request].server = self.turn;
                self.requests[request].stage = Stage::Asking;
                let next = self.generator.queue.leave(|_| true);
                if self.servers[self.turn].queue.enter(request) {
                    self.compute(request);
                }
                next.into_iter().for_each(|next| self.compute(next));
            }
            Stage::Asking => {
                let next = self.servers[server].queue.leave(|_| true);
                if self.random.f64() < demand.to_database {
                    self.ask_for_connection(request);
                } else {
                    self.answer(request);
                }
                next.into_iter().for_each(|next| self.compute(next));
            }
            Stage::Waiting(_) | Stage::Querying => {
                self.requests[request].stage = Stage::Holding;
                let until = self.now + demand.database_wait_s + demand.held_s;
                self.at(until, Event::Request(request));
            }
            Stage::Holding => {
                self.statistics.change_lent(self.now, -1);
                let requests = &self.requests;
                let still = |who: usize| matches!(requests[who].stage, Stage::Waiting(_));
                let next = self.pools[server].as_mut().and_then(|pool| pool.leave(still));
                self.answer(request);
                next.into_iter().for_each(|next| self.query(next));
            }
            Stage::Answering => {
                let next = self.servers[server].queue.leave(|_| true);
                self.statistics.latencies.push(self.now - self.requests[request].began);
                self.end(request);
                next.into_iter().for_each(|next| self.compute(next));
            }
        }
    }

    fn ask_for_connection(&mut self, request: usize) {
        let asked = &mut self.requests[request];
        asked.asked = self.now;
        asked.waits = asked.waits.wrapping_add(1);
        asked.stage = Stage::Waiting(asked.waits);
        let wait = asked.waits;
        match &mut self.pools[asked.server] {
            // The database had no connection for this server, so that the request fails at once.
            None => self.fail(request),
            Some(pool) => {
                if pool.enter(request) {
                    self.query(request);
                } else if let Some(patience_s) = self.model.patience_s {
                    self.at(self.now + patience_s, Event::Patience(request, wait));
                }
            }
        }
    }

    fn query(&mut self, request: usize) {
        self.note_wait(request);
        self.statistics.change_lent(self.now, 1);
        self.requests[request].stage = Stage::Querying;
        let work_s = self.exponential(self.model.demand.database_s);
        self.machine.begin(self.now, work_s, request);
    }

    fn answer(&mut self, request: usize) {
        self.requests[request].stage = Stage::Answering;
        if self.servers[self.requests[request].server].queue.enter(request) {
            self.compute(request);
        }
    }

    /// A thread begins to work on `request`.
    fn compute(&mut self, request: usize) {
        let demand = self.model.demand;
        let (mean_s, server) = match self.requests[request].stage {
            Stage::Sending => (demand.generator_s, None),
            _ => (demand.server_s / 2.0, Some(self.requests[request].server)),
        };
        let work_s = self.exponential(mean_s);
        let thread = server.map_or(&mut self.generator, |server| &mut self.servers[server]);
        thread.used_s += work_s;
        match &mut thread.capped {
            Some(capped) => {
                let done = capped.finish(self.now, work_s);
                self.at(done, Event::Request(request));
            }
            None => self.machine.begin(self.now, work_s, request),
        }
    }

    /// `request` fails, because it got no connection.
    pub fn fail(&mut self, request: usize) {
        self.statistics.failed += 1;
        self.end(request);
    }

    fn end(&mut self, request: usize) {
        self.requests[request].stage = Stage::Outside;
        match self.model.arrivals {
            Arrivals::Users(_, think_s) => {
                let pause_s = self.exponential(think_s);
                self.at(self.now + pause_s, Event::Request(request));
            }
            Arrivals::Even(_) | Arrivals::Random(_) => self.idle.push(request),
        }
    }

    /// Counts the wait of `request` for a connection, which has just ended.
    pub fn note_wait(&mut self, request: usize) {
        self.statistics.waits += 1;
        self.statistics.waited_s += self.now - self.requests[request].asked;
    }
}
