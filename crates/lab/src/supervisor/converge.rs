//! From what runs to what shall run.

use std::mem::take;

use anyhow::Context;

use super::{Running, Supervisor, targets};
use crate::{
    nginx,
    plan::{Desired, Service},
    project::read_json,
    state::{Build, Phase},
};

impl Supervisor {
    /// A wish that cannot be read changes nothing.
    pub(super) async fn converge_or_say_why_not(&mut self) {
        if let Err(error) = self.converge().await {
            eprintln!("{error:#}");
        }
    }

    /// Makes `desired.json` so.
    pub(super) async fn converge(&mut self) -> anyhow::Result<()> {
        let path = self.scenario.dir().join("desired.json");
        let desired: Desired = read_json(&path).context("there is no desired.json")?;
        self.watch = desired.watch;
        self.state.variant = desired.variant;
        targets::announce(&self.scenario, &desired.services);
        let whole = !desired.rolling || self.replace_one_by_one(&desired.services).await?;
        if whole {
            self.stop_unwanted(&desired.services).await?;
            self.start_wanted(&desired.services).await?;
        }
        if self.rebuild.is_none() {
            self.state.build = Build::Current;
        }
        self.state.settled = desired.generation;
        self.publish();
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
            let (Some(new), Some(port), Some(nginx)) = (
                new.filter(|new| new.program().is_some()),
                running.port,
                self.services[proxy].service.nginx(),
            ) else {
                continue;
            };
            // Nobody would notice when it is not behind nginx; and when it is there alone, everybody will.
            let Ok(without) = nginx::without(&nginx.config, port.native) else { continue };
            let with = nginx.config.clone();
            // They serve in its place, and one may have been killed a moment ago.
            if !self.all_run().await {
                return Ok(false);
            }
            self.services[proxy].reload(&self.scenario, &without).await?;
            self.services[position].stop().await?;
            self.services[position] = Running::new(&self.scenario, new.clone());
            self.start(position).await;
            self.services[proxy].reload(&self.scenario, &with).await?;
        }
        Ok(self.all_run().await)
    }

    /// Starts what has ended, and says whether everything answers.
    async fn all_run(&mut self) -> bool {
        for position in 0..self.services.len() {
            if !self.services[position].answers().await {
                self.services[position].reap();
                self.start(position).await;
            }
        }
        self.services.iter().all(|running| running.phase == Phase::Ready)
    }
}
