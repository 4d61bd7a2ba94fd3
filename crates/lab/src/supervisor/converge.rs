//! From what runs to what shall run.

use std::mem::take;

use super::{Running, Supervisor, targets};
use crate::{
    nginx,
    plan::{Desired, Service},
    project::read_json,
    state::{Build, Phase},
};

impl Supervisor {
    /// Makes `desired.json` so, or says in the state why not.
    pub(super) async fn converge_or_say_why_not(&mut self) {
        let path = self.scenario.dir().join("desired.json");
        // A wish that cannot be read changes nothing.
        let Some(desired) = read_json::<Desired>(&path) else {
            return eprintln!("{} cannot be read", path.display());
        };
        let result = self.converge(&desired).await;
        self.state.trouble = result.err().map(|error| format!("{error:#}"));
        if self.rebuild.is_none() {
            self.state.build = Build::Current;
        }
        self.state.settled = desired.generation;
        self.publish();
    }

    async fn converge(&mut self, desired: &Desired) -> anyhow::Result<()> {
        self.watch = desired.watch;
        self.state.variant = desired.variant.clone();
        targets::announce(&self.scenario, desired);
        if !desired.rolling || self.replace_one_by_one(&desired.services).await? {
            self.stop_unwanted(&desired.services).await?;
            self.start_wanted(&desired.services).await?;
        }
        Ok(())
    }

    async fn stop_unwanted(&mut self, wanted: &[Service]) -> anyhow::Result<()> {
        // Last started, first stopped.
        for position in (0..self.services.len()).rev() {
            let running = &mut self.services[position];
            let stays = running.is_wanted(wanted) || wanted.iter().any(|wanted| running.can_become(wanted));
            if !stays {
                // It stays in the list until it has stopped: this may be dropped on the way.
                running.stop().await?;
                self.services.remove(position);
            }
        }
        Ok(())
    }

    async fn start_wanted(&mut self, wanted: &[Service]) -> anyhow::Result<()> {
        let mut kept = take(&mut self.services);
        for wanted in wanted {
            let found = kept.iter().position(|running| running.service.name == wanted.name);
            let running = match found {
                Some(position) => kept.remove(position),
                None => Running::new(&self.scenario, wanted.clone()),
            };
            self.services.push(running);
        }
        for (position, wanted) in wanted.iter().enumerate() {
            self.services[position].forgive();
            // Now that the servers run which it is to know.
            self.services[position].become_wanted(&self.scenario, wanted).await?;
            self.start(position).await;
        }
        Ok(())
    }

    /// Replaces the programs behind nginx that changed: each is taken out of nginx's list, has its requests finished, is
    /// started anew and put back, while the others serve. `false` when one does not run: then the rest is left alone.
    async fn replace_one_by_one(&mut self, wanted: &[Service]) -> anyhow::Result<bool> {
        let Some(proxy) = self.services.iter().position(|running| running.service.nginx().is_some()) else {
            return Ok(true);
        };
        for position in 0..self.services.len() {
            let running = &self.services[position].service;
            let new = wanted.iter().find(|wanted| wanted.name == running.name && *wanted != running);
            let (Some(new), Some(address), Some(nginx)) = (
                new.filter(|new| new.program().is_some()),
                running.upstream(),
                self.services[proxy].service.nginx(),
            ) else {
                continue;
            };
            // Nobody would notice when it is not behind nginx; and when it is there alone, everybody will.
            let Ok(without) = nginx::without(&nginx.config, &address) else { continue };
            let with = nginx.config.clone();
            // They serve in its place, and one may have been killed a moment ago.
            if !self.all_run().await {
                return Ok(false);
            }
            let out = self.services[proxy].reload(&self.scenario, &without).await;
            if out.is_ok() {
                self.services[position].stop().await?;
                self.services[position] = Running::new(&self.scenario, new.clone());
                self.start(position).await;
            }
            // In any case: nobody else would ever put it back.
            self.services[proxy].reload(&self.scenario, &with).await.and(out)?;
        }
        Ok(self.all_run().await)
    }

    /// Starts what has ended, and says whether everything answers.
    async fn all_run(&mut self) -> bool {
        for position in 0..self.services.len() {
            let running = &mut self.services[position];
            if !running.answers().await {
                running.reap();
                running.set(Phase::Starting, "it did not answer");
                self.start(position).await;
            }
        }
        self.services.iter().all(|running| running.phase == Phase::Ready || running.service.looks_on())
    }
}
