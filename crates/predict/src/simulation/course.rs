//! The course of one request, from one stage to the next.

use super::{
    model::Arrivals,
    world::{Event, Stage, World},
};

impl World<'_> {
    /// What comes after what `request` has just ended.
    pub fn go_on(&mut self, request: usize) {
        let demand = self.model.demand;
        let server = self.requests[request].server;
        match self.requests[request].stage {
            Stage::Outside => {
                self.requests[request].began = self.now;
                self.requests[request].stage = Stage::Sending;
                if self.generator.line.enter(request) {
                    self.compute(request);
                }
            }
            Stage::Sending => {
                self.turn = (self.turn + 1) % self.model.servers;
                self.requests[request].server = self.turn;
                self.requests[request].stage = Stage::Asking;
                let next = self.generator.line.leave(|_| true);
                if self.servers[self.turn].line.enter(request) {
                    self.compute(request);
                }
                next.into_iter().for_each(|next| self.compute(next));
            }
            Stage::Asking => {
                let next = self.servers[server].line.leave(|_| true);
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
                self.counted.lend(self.now, -1);
                let requests = &self.requests;
                let still = |who: usize| matches!(requests[who].stage, Stage::Waiting(_));
                let next = self.pools[server].as_mut().and_then(|pool| pool.leave(still));
                self.answer(request);
                next.into_iter().for_each(|next| self.query(next));
            }
            Stage::Answering => {
                let next = self.servers[server].line.leave(|_| true);
                self.counted.latencies.push(self.now - self.requests[request].began);
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
            // The database refuses it at once.
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
        self.counted.lend(self.now, 1);
        self.requests[request].stage = Stage::Querying;
        let work_s = self.exponential(self.model.demand.database_s);
        self.machine.begin(self.now, work_s, request);
    }

    fn answer(&mut self, request: usize) {
        self.requests[request].stage = Stage::Answering;
        if self.servers[self.requests[request].server].line.enter(request) {
            self.compute(request);
        }
    }

    /// `request` has its turn with the thread that it stands before.
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

    /// `request` gets no connection.
    pub fn fail(&mut self, request: usize) {
        self.counted.failed += 1;
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

    /// `request` waits no longer.
    pub fn note_wait(&mut self, request: usize) {
        self.counted.waits += 1;
        self.counted.waited_s += self.now - self.requests[request].asked;
    }
}
